//! What a file is, judged by its first bytes: never by its name.

use memchr::{memchr, memchr_iter};

use super::{
    Csv, Dialect, Format, OpenOptions,
    columns::Columns,
    csv::{self, CsvSplitter},
    walk::{Unwalkable, Walker},
};

/// How many bytes are looked at.
pub(super) const HEAD: usize = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";
/// The rarer in prose, the earlier: the first of equally good ones is taken.
const DELIMITERS: [u8; 4] = [b'\t', b'|', b';', b','];

/// First bytes of files that are not text, with what they are and what to do.
const MAGICS: [(&[u8], &str); 6] = [
    (b"BZh", "it is compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "it is compressed with xz; unpack it first"),
    (b"%PDF", "it is a PDF document; export the table as CSV or JSON lines"),
    (b"\x89PNG", "it is an image; choose a CSV or JSON file"),
    (b"\xff\xd8\xff", "it is an image; choose a CSV or JSON file"),
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
    pub(super) dialect: Dialect,
    /// Where the records, or the header row, begin.
    pub(super) start: u64,
    /// The file line that is on, from 1.
    pub(super) line: u64,
}

/// Judges the first [`HEAD`] bytes; `whole` when they are all there is. Fails with the reason for people.
pub(super) fn sniff(head: &[u8], whole: bool, options: &OpenOptions) -> Result<Sniffed, String> {
    refuse_binary(head)?;
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let body = text.trim_ascii_start();
    if body.is_empty() {
        return Err("it is empty; choose a file with records".to_owned());
    }
    let json_at = head.len() - body.len();
    match (options.delimiter, body.first()) {
        (None, Some(b'[')) => Ok(at(head, json_at + 1, Format::JsonArray)),
        (None, Some(b'{')) => sniff_objects(head, json_at, whole),
        (delimiter, _) => sniff_csv(head, head.len() - text.len(), whole, delimiter),
    }
}

fn at(head: &[u8], start: usize, format: Format) -> Sniffed {
    let line = 1 + memchr_iter(b'\n', head.get(..start).unwrap_or_default()).count() as u64;
    Sniffed {
        dialect: Dialect::plain(format),
        start: start as u64,
        line,
    }
}

fn refuse_binary(head: &[u8]) -> Result<(), String> {
    if let Some((_, reason)) = MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err((*reason).to_owned());
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err("it is a tar archive; unpack it first".to_owned());
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err("it is UTF-16 text; save it as UTF-8".to_owned());
    }
    match memchr(0, head) {
        Some(at) if at < 4 => Err("it looks like UTF-16 text or a binary file; save it as UTF-8 text".to_owned()),
        Some(_) => Err(UNKNOWN.to_owned()),
        None => Ok(()),
    }
}

/// `{` starts an API body, JSON lines, or a lone object.
fn sniff_objects(head: &[u8], start: usize, whole: bool) -> Result<Sniffed, String> {
    let (mut walker, none) = (Walker::new(true), Columns::default());
    let mut lines = head[start..].split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut is_object = |line: &[u8]| {
        let mut walk = |line| walker.walk(line, &mut &none, &mut Vec::new());
        line.starts_with(b"{") && std::str::from_utf8(line).is_ok_and(|line| walk(line) != Err(Unwalkable::NotAnObject))
    };
    let mut filled = lines.clone().filter(|line| !line.is_empty());
    let are_records =
        filled.next().is_some_and(&mut is_object) && filled.next().is_some_and(|line| line.starts_with(b"{"));
    if !are_records && let Some(list) = data_list(&head[start..]) {
        return Ok(at(head, start + list, Format::JsonData));
    }
    // One line longer than the head cannot be judged, and is taken for what it most likely is.
    let one_line = !whole && memchr(b'\n', &head[start..]).is_none();
    if one_line || lines.any(is_object) {
        return Ok(at(head, start, Format::JsonLines));
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

fn sniff_csv(head: &[u8], start: usize, whole: bool, delimiter: Option<u8>) -> Result<Sniffed, String> {
    let text = &head[start..];
    if memchr(b'\n', text).is_none() && memchr(b'\r', text).is_some() {
        return Err("its lines end with lone carriage returns; save it with ordinary line ends".to_owned());
    }
    // Excel's hint: a first line `sep=;`.
    let hint = text
        .get(..5)
        .filter(|hint| hint.starts_with(b"sep="))
        .and_then(|hint| hint.last().copied());
    if let Some(hint) = hint
        && let Some(end) = memchr(b'\n', text).filter(|&end| end <= 6)
    {
        let delimiter = delimiter.unwrap_or(hint);
        return Ok(at(head, start + end + 1, Format::Csv(Csv::usual(delimiter))));
    }
    let candidates = delimiter.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<(u8, Fit)> = None;
    for delimiter in candidates {
        let dialect = Fit::of(text, whole, delimiter);
        if best.as_ref().is_none_or(|(_, best)| dialect.fits_better(best)) {
            best = Some((delimiter, dialect));
        }
    }
    // One column says nothing about what would stand between two.
    let best = best.map(|(found, dialect)| {
        (
            if dialect.columns > 1 {
                found
            } else {
                delimiter.unwrap_or(b',')
            },
            dialect,
        )
    });
    let Some((delimiter, dialect)) = best else {
        return Err("it holds no records".to_owned());
    };
    if dialect.not_utf8 * 2 > dialect.records {
        return Err("it is not UTF-8 text; save it as UTF-8".to_owned());
    }
    Ok(at(head, start, Format::Csv(Csv::usual(delimiter))))
}

/// How well a delimiter explains the first records.
struct Fit {
    columns: usize,
    records: usize,
    matching: usize,
    not_utf8: usize,
}

impl Fit {
    fn of(text: &[u8], whole: bool, delimiter: u8) -> Self {
        let mut found = Vec::new();
        let csv = Csv::usual(delimiter);
        CsvSplitter { csv, line: 1 }.split(text, whole, &mut found);
        let records = || found.iter().map(|found| csv::trim(&text[found.start..found.end], csv));
        let columns = records().next().map_or(1, |header| csv::count_cells(header, csv));
        Self {
            columns,
            records: found.len(),
            matching: records()
                .filter(|record| csv::count_cells(record, csv) == columns)
                .count(),
            not_utf8: records().filter(|record| std::str::from_utf8(record).is_err()).count(),
        }
    }

    fn fits_better(&self, other: &Self) -> bool {
        let several = |fit: &Self| fit.columns > 1;
        if several(self) != several(other) {
            return several(self);
        }
        // Shares compared by cross-multiplication; both counts are of at most a megabyte's records.
        let (ours, theirs) = (self.matching * other.records, other.matching * self.records);
        ours > theirs || (ours == theirs && self.columns > other.columns)
    }
}
