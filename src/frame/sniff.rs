//! What a text is, judged by what is in it: never by its name.

use memchr::{memchr, memchr_iter};

use super::{
    Format, OpenOptions,
    columns::Columns,
    guess,
    samples::Sample,
    walk::{Unwalkable, Walker},
};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// First bytes of files that are not text, with what they are and what to do.
const MAGICS: &[(&[u8], &str)] = &[
    (b"BZh", "it is compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "it is compressed with xz; unpack it first"),
    (b"%PDF", "it is a PDF document; export the table as CSV or JSON lines"),
    (b"\x89PNG", "it is an image; choose a CSV or JSON file"),
    (b"\xff\xd8\xff", "it is an image; choose a CSV or JSON file"),
    (b"GIF8", "it is an image; choose a CSV or JSON file"),
    (b"\x7fELF", "it is a program; choose a CSV or JSON file"),
    (b"MZ\x90\0", "it is a program; choose a CSV or JSON file"),
    (b"{\\rtf", "it is a text document; save the table as CSV"),
    (b"SQLite format 3", "it is an SQLite database; export the table as CSV"),
];

/// What was tried.
const UNKNOWN: &str = "it is neither text (CSV, JSON) nor a workbook, Parquet, Arrow, gzip, zstd or ZIP; choose another \
                       file, or export the table as CSV";

/// Keys that a record has beside a list named data, and an API body has not.
const RECORD_KEYS: [&[u8]; 4] = [
    b"\"product_id\"",
    b"\"user_id\"",
    b"\"anonymous_id\"",
    b"\"product_ids\"",
];

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sniffed {
    pub(super) format: Format,
    /// Where the records, or the header row, begin.
    pub(super) start: u64,
    /// The file line that is on, from 1.
    pub(super) line: u64,
}

impl Sniffed {
    /// Of text that is known to be JSON lines.
    pub(super) const fn json_lines() -> Self {
        Self {
            format: Format::JsonLines,
            start: 0,
            line: 1,
        }
    }
}

/// Judges samples of a text in UTF-8. Fails with the reason for people.
pub(super) fn sniff(samples: &[Sample], options: &OpenOptions) -> Result<Sniffed, String> {
    let (head, whole) = samples
        .first()
        .map_or((&[][..], true), |sample| (sample.bytes.as_slice(), sample.is_last));
    // Who names the encoding says that it is text.
    if options.encoding.is_none() {
        let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
        refuse_binary(head, is_utf8)?;
    }
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let body = text.trim_ascii_start();
    if body.is_empty() {
        return Err("it is empty; choose a file with records".to_owned());
    }
    refuse_markup(body)?;
    let json_at = head.len() - body.len();
    match (options.delimiter, body.first()) {
        (None, Some(b'[')) => Ok(at(head, json_at + 1, Format::JsonArray)),
        (None, Some(b'{')) => sniff_objects(head, json_at, whole),
        (None, _) if whole && is_scalar(body) => Err("it holds a single JSON value, not a list of records".to_owned()),
        _ => {
            let (csv, begin) = guess::guess(samples, head.len() - text.len(), options)?;
            Ok(Sniffed {
                format: Format::Csv(csv),
                start: begin.at as u64,
                line: begin.line,
            })
        }
    }
}

/// Whether a text is one JSON value that can hold no record.
fn is_scalar(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    memchr(b'\n', text).is_none() && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

fn at(head: &[u8], start: usize, format: Format) -> Sniffed {
    let line = 1 + memchr_iter(b'\n', head.get(..start).unwrap_or_default()).count() as u64;
    Sniffed {
        format,
        start: start as u64,
        line,
    }
}

/// Refuses what is known to be something else.
pub(super) fn refuse_known(head: &[u8]) -> Result<(), String> {
    if head.get(257..262) == Some(b"ustar") {
        return Err("it is a tar archive; unpack it first".to_owned());
    }
    match MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, reason)) => Err((*reason).to_owned()),
        None => Ok(()),
    }
}

/// Refuses what is no text. Text has tabs, line breaks and, from old systems, separators; now and then a stray zero,
/// and zeros that fill up its end. `is_utf8`: whether that much is known to speak for text.
pub(super) fn refuse_binary(head: &[u8], is_utf8: bool) -> Result<(), String> {
    let filled = head.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = head.get(..filled).unwrap_or_default();
    let is_control = |byte: &&u8| matches!(byte, 0 | 2..=8 | 0x0e..=0x1a | 0x7f);
    let controls = text.iter().filter(is_control).count();
    let most = if is_utf8 { 10 } else { 50 };
    if controls * most > text.len() || (text.is_empty() && !head.is_empty()) {
        return Err(UNKNOWN.to_owned());
    }
    Ok(())
}

/// Refuses text that is no table.
fn refuse_markup(text: &[u8]) -> Result<(), String> {
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
    };
    if begins(b"<!doctype html") || begins(b"<html") {
        return Err("it is a web page; export the table as CSV or JSON lines".to_owned());
    }
    Ok(())
}

/// `{` starts an API body, JSON lines, or a lone object.
fn sniff_objects(head: &[u8], start: usize, whole: bool) -> Result<Sniffed, String> {
    let (mut walker, none) = (Walker::new(true), Columns::default());
    let mut lines = head[start..].split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut is_object = |line: &[u8]| {
        let mut walk = |line| walker.walk(line, &mut &none, &mut Vec::new());
        line.starts_with(b"{") && std::str::from_utf8(line).is_ok_and(|line| walk(line) != Err(Unwalkable::NotAnObject))
    };
    let filled_lines = lines.clone().filter(|line| !line.is_empty());
    let mut filled = filled_lines.clone();
    let are_records =
        filled.next().is_some_and(&mut is_object) && filled.next().is_some_and(|line| line.starts_with(b"{"));
    if !are_records && let Some(list) = data_list(&head[start..]) {
        return Ok(at(head, start + list, Format::JsonData));
    }
    // One line longer than the head cannot be judged, and is taken for what it most likely is.
    let one_line = !whole && memchr(b'\n', &head[start..]).is_none();
    let begin_objects = || {
        let mut lines = filled_lines.clone();
        let first = lines.next().unwrap_or_default();
        (first.ends_with(b"}") || first.ends_with(b"},")) && lines.next().is_some_and(|line| line.starts_with(b"{"))
    };
    if one_line || lines.any(is_object) || begin_objects() {
        return Ok(at(head, start, Format::JsonLines));
    }
    if memchr(b'\n', head).is_none() && memchr(b'\r', head).is_some() {
        return Err(
            "its lines end with lone carriage returns, which JSON lines cannot; save it with ordinary line ends"
                .to_owned(),
        );
    }
    Err(
        "it holds one JSON object over several lines, not a list; write the records as an array, [ … ], or one \
         object a line"
            .to_owned(),
    )
}

/// Where the list begins in `{"message": …, "data": [`, behind its bracket. A record may have such a list, too: then
/// there is none.
fn data_list(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut list = None;
    let mut is_body = true;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                // Cut off by the end of the head.
                let Some(end) = string_end(text, at) else { break };
                let after = skip_space(text, end);
                if depth == 1 && text.get(after) == Some(&b':') {
                    match text.get(at..end).unwrap_or_default() {
                        b"\"data\"" if list.is_none() => {
                            let value = skip_space(text, after + 1);
                            if text.get(value) != Some(&b'[') {
                                return None;
                            }
                            list = Some(value + 1);
                        }
                        key => is_body &= !RECORD_KEYS.contains(&key),
                    }
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    list.filter(|_| is_body)
}

fn string_end(text: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn skip_space(text: &[u8], from: usize) -> usize {
    from + text
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}
