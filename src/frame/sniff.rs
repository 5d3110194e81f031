//! What a text is, judged by what is in it: never by its name.

use memchr::{memchr, memchr_iter};

use super::{Format, OpenOptions, furniture::Furniture, guess, refusal::NotATable, samples::FileSample, shape};

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

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sniffed {
    pub(super) format: Format,
    /// Where the records, or the header row, begin.
    pub(super) start: u64,
    /// The file line that is on, from 1.
    pub(super) line: u64,
    /// The keys of the objects around a list of records, the outermost first.
    pub(super) list: Vec<String>,
    /// Whether JSON stands one record after another, in no list.
    pub(super) is_bare: bool,
    /// Lines among the rows that are none.
    pub(super) furniture: Vec<Furniture>,
    /// Whether there is none: every line is a row.
    pub(super) takes_every_line: bool,
    /// What was decided beside the obvious, in sentences for people.
    pub(super) notes: Vec<String>,
}

impl Sniffed {
    /// Of text that is known to be JSON lines.
    pub(super) const fn json_lines() -> Self {
        Self::of(Format::JsonLines, 0, 1)
    }

    const fn of(format: Format, start: u64, line: u64) -> Self {
        Self {
            format,
            start,
            line,
            list: Vec::new(),
            is_bare: false,
            furniture: Vec::new(),
            takes_every_line: false,
            notes: Vec::new(),
        }
    }

    /// The result for a text whose records begin at `start`.
    pub(super) fn at(head: &[u8], start: usize, format: Format) -> Self {
        let line = 1 + memchr_iter(b'\n', head.get(..start).unwrap_or_default()).count() as u64;
        Self::of(format, start as u64, line)
    }

    /// How many objects stand around the list of records.
    pub(super) const fn depth(&self) -> usize {
        self.list.len()
    }
}

/// Judges samples of a text in UTF-8.
pub(super) fn sniff(samples: &[FileSample], options: &OpenOptions) -> Result<Sniffed, NotATable> {
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
        return Err(NotATable::Empty);
    }
    refuse_markup(body)?;
    let json_at = head.len() - body.len();
    match (options.delimiter, body.first()) {
        (None, Some(b'[')) if shape::is_array(head, json_at) => Ok(shape::arrays(head, json_at, options.header)),
        (None, Some(b'{')) => shape::objects(head, json_at, options.records.as_deref()),
        (None, _) if whole && is_scalar(body) => Err(NotATable::SingleValue),
        _ => {
            let found = guess::guess(samples, head.len() - text.len(), options)?;
            Ok(Sniffed {
                furniture: found.furniture,
                takes_every_line: options.every_line,
                ..Sniffed::of(Format::Csv(found.csv), found.begin.at as u64, found.begin.line)
            })
        }
    }
}

/// Whether a text is one JSON value that can hold no record.
fn is_scalar(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    memchr(b'\n', text).is_none() && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// Refuses what is known to be something else.
pub(super) fn refuse_known(head: &[u8]) -> Result<(), NotATable> {
    if head.get(257..262) == Some(b"ustar") {
        return Err(NotATable::SomethingElse("it is a tar archive; unpack it first"));
    }
    match MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, reason)) => Err(NotATable::SomethingElse(reason)),
        None => Ok(()),
    }
}

/// Refuses what is no text. Text has tabs, line breaks and, from old systems, separators; now and then a stray zero,
/// and zeros that fill up its end. `is_utf8`: whether that much is known to speak for text.
pub(super) fn refuse_binary(head: &[u8], is_utf8: bool) -> Result<(), NotATable> {
    let filled = head.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = head.get(..filled).unwrap_or_default();
    let is_control = |byte: &&u8| matches!(byte, 0 | 2..=8 | 0x0e..=0x1a | 0x7f);
    let controls = text.iter().filter(is_control).count();
    let most = if is_utf8 { 10 } else { 50 };
    if controls * most > text.len() || (text.is_empty() && !head.is_empty()) {
        return Err(NotATable::Binary);
    }
    Ok(())
}

/// Refuses text that is no table.
fn refuse_markup(text: &[u8]) -> Result<(), NotATable> {
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
    };
    if begins(b"<!doctype html") || begins(b"<html") {
        return Err(NotATable::SomethingElse(
            "it is a web page; export the table as CSV or JSON lines",
        ));
    }
    Ok(())
}
