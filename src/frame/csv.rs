//! Delimited text: where records end, and where cells do.
//!
//! A quote opens a cell only at the cell's start; elsewhere it is a character like any other (`5" disc`), as in the
//! `csv` crate. A quote that is never closed would swallow the rest of the file; it costs its line only.

use memchr::{memchr, memchr_iter, memchr2};

use super::{
    index::Found,
    reader::{Span, Spans},
};

const QUOTE: u8 = b'"';

/// A quoted cell longer than this is taken for one whose quote was never closed.
const MAX_QUOTED: usize = 16 << 20;

/// Finds the records of delimited text, block by block.
#[derive(Debug)]
pub(super) struct CsvSplitter {
    pub(super) delimiter: u8,
    /// The file line the next byte stands on, from 1.
    pub(super) line: u64,
}

enum End {
    /// The record ends before `next`; it holds `breaks` line breaks of its own.
    At { next: usize, breaks: u64 },
    /// The buffer ends first.
    Beyond,
    /// The quote at `open` is not closed.
    Unclosed { open: usize },
}

impl CsvSplitter {
    /// Finds the complete records in `buffer`, which starts where a record does. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<Found>) -> usize {
        let mut start = 0;
        loop {
            match blank_line(buffer.get(start..).unwrap_or_default()) {
                0 => {}
                blank => {
                    start += blank;
                    self.line += 1;
                    continue;
                }
            }
            if start >= buffer.len() || (!last && &buffer[start..] == b"\r") {
                return start;
            }
            let (next, breaks, broken) = match record_end(buffer, start, self.delimiter, last) {
                End::Beyond => return start,
                End::At { next, breaks } => (next, breaks, None),
                End::Unclosed { open } => {
                    let Some(next) = line_end(buffer, open, last) else {
                        return start;
                    };
                    let before = memchr_iter(b'\n', &buffer[start..open]).count() as u64;
                    let reason = format!("The quote opened on line {} is not closed", self.line + before);
                    (next, before, Some(reason))
                }
            };
            found.push(Found {
                start,
                end: next,
                line: self.line,
                broken,
            });
            self.line += breaks + 1;
            start = next;
        }
    }
}

/// The length of the blank line that `rest` starts with, or 0.
fn blank_line(rest: &[u8]) -> usize {
    match rest {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

fn line_end(buffer: &[u8], from: usize, last: bool) -> Option<usize> {
    match memchr(b'\n', &buffer[from..]) {
        Some(at) => Some(from + at + 1),
        None => last.then_some(buffer.len()),
    }
}

fn record_end(buffer: &[u8], start: usize, delimiter: u8, last: bool) -> End {
    let mut at = start;
    let mut breaks = 0;
    while let Some(step) = memchr2(b'\n', QUOTE, &buffer[at..]) {
        let hit = at + step;
        at = hit + 1;
        if buffer[hit] == b'\n' {
            return End::At { next: at, breaks };
        }
        if hit != start && buffer[hit - 1] != delimiter {
            continue; // a quote within a cell
        }
        let Some(close) = closing_quote(buffer, hit) else {
            return if last || buffer.len() - hit > MAX_QUOTED {
                End::Unclosed { open: hit }
            } else {
                End::Beyond
            };
        };
        let inner_breaks = memchr_iter(b'\n', &buffer[hit..close]).count() as u64;
        match buffer.get(close + 1) {
            None if !last => return End::Beyond,
            // The next cell's opening quote was taken for this one's closing quote.
            Some(&after) if inner_breaks > 0 && after != delimiter && after != b'\n' && after != b'\r' => {
                return End::Unclosed { open: hit };
            }
            _ => {}
        }
        breaks += inner_breaks;
        at = close + 1;
    }
    if last {
        End::At {
            next: buffer.len(),
            breaks,
        }
    } else {
        End::Beyond
    }
}

/// Where the cell opened at `open` is closed: the first quote that is not one of two.
fn closing_quote(text: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let close = at + memchr(QUOTE, text.get(at..)?)?;
        if text.get(close + 1) != Some(&QUOTE) {
            return Some(close);
        }
        at = close + 2;
    }
}

/// A record without its line break.
pub(super) fn trim(record: &[u8]) -> &[u8] {
    let mut record = record;
    while let [rest @ .., b'\n'] = record {
        record = rest.strip_suffix(b"\r").unwrap_or(rest);
    }
    record
}

/// How many cells a record has.
pub(super) fn count_cells(record: &[u8], delimiter: u8) -> usize {
    survey(record, delimiter).0
}

/// How many cells a record has, and the first, from 1, in which text follows the closing quote (`"5" disc`): it was
/// hardly meant so, and one of its quotes would be lost.
pub(super) fn survey(record: &[u8], delimiter: u8) -> (usize, Option<usize>) {
    if memchr(QUOTE, record).is_none() {
        return (memchr_iter(delimiter, record).count() + 1, None);
    }
    let (mut count, mut odd) = (0, None);
    each_cell(record, delimiter, |cell| {
        count += 1;
        if let RawCell::Escaped { close, end, .. } = cell
            && record
                .get(close + 1..end)
                .is_some_and(|after| !after.trim_ascii().is_empty())
        {
            odd = odd.or(Some(count));
        }
    });
    (count, odd)
}

/// Finds the cells of a record. Cells with doubled quotes are unescaped into the scratch text, others stay in place.
pub(super) fn split_cells(record: &str, delimiter: u8, spans: &mut Spans) {
    let bytes = record.as_bytes();
    if memchr(QUOTE, bytes).is_none() {
        let mut start = 0;
        for end in memchr_iter(delimiter, bytes) {
            spans.push(Span::of_record(start, end));
            start = end + 1;
        }
        spans.push(Span::of_record(start, bytes.len()));
        return;
    }
    each_cell(bytes, delimiter, |cell| match cell {
        RawCell::Plain { start, end } => spans.push(Span::of_record(start, end)),
        RawCell::Escaped { start, close, end } => {
            let inner = record.get(start..close).unwrap_or_default();
            let after = record.get(close + 1..end).unwrap_or_default();
            spans.push_scratch(|scratch| {
                // Every quote within is one of two.
                for (at, part) in inner.split("\"\"").enumerate() {
                    if at > 0 {
                        scratch.push('"');
                    }
                    scratch.push_str(part);
                }
                scratch.push_str(after);
            });
        }
    });
}

enum RawCell {
    /// The cell's text as it stands.
    Plain { start: usize, end: usize },
    /// Text between quotes, with doubled quotes, and perhaps more text after the closing quote.
    Escaped { start: usize, close: usize, end: usize },
}

fn each_cell(record: &[u8], delimiter: u8, mut visit: impl FnMut(RawCell)) {
    let mut start = 0;
    loop {
        let quoted = record.get(start) == Some(&QUOTE);
        let close = if quoted {
            closing_quote(record, start).unwrap_or(record.len())
        } else {
            start
        };
        let from = if quoted { (close + 1).min(record.len()) } else { start };
        let end = memchr(delimiter, &record[from..]).map_or(record.len(), |step| from + step);
        visit(match quoted {
            false => RawCell::Plain { start, end },
            true if end == from && memchr(QUOTE, &record[start + 1..close]).is_none() => RawCell::Plain {
                start: start + 1,
                end: close,
            },
            true => RawCell::Escaped {
                start: start + 1,
                close,
                end,
            },
        });
        if end >= record.len() {
            return;
        }
        start = end + 1;
    }
}
