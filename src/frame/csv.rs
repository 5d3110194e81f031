//! Delimited text: where records end, and where cells do.
//!
//! A quote opens a cell only at the cell's start; elsewhere it is a character like any other (`5" disc`), as in the
//! `csv` crate. A quote that is never closed would swallow the rest of the file; it costs its line only.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::{
    dialect::{Csv, LineBreak},
    index::FoundRecord,
    reader::{Span, Spans},
};
use crate::domain::{bytes, cell::Cell};

/// A quoted cell longer than this is taken for one whose quote was never closed.
const MAX_QUOTED: usize = 16 << 20;

/// Finds the records of delimited text, block by block.
#[derive(Debug)]
pub(super) struct CsvSplitter {
    pub(super) csv: Csv,
    /// The file line the next byte stands on, from 1.
    pub(super) line: u64,
    /// Blank lines so far.
    pub(super) blank: u64,
}

enum CellEnd {
    /// The record ends before `next`; it holds `breaks` line breaks of its own.
    At { next: usize, breaks: u64 },
    /// The buffer ends first.
    Beyond,
    /// The quote at `open` is not closed.
    Unclosed { open: usize },
}

impl CsvSplitter {
    pub(super) const fn new(csv: Csv, line: u64) -> Self {
        Self { csv, line, blank: 0 }
    }

    /// Finds the complete records in `buffer`, which starts where a record does. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<FoundRecord>) -> usize {
        let csv = self.csv;
        let mut start = 0;
        loop {
            if start >= buffer.len() || (!last && &buffer[start..] == b"\r") {
                return start;
            }
            match csv.blank_line(&buffer[start..]) {
                0 => {}
                blank => {
                    start += blank;
                    self.line += 1;
                    self.blank += 1;
                    continue;
                }
            }
            let (next, breaks, broken) = match record_end(buffer, start, csv, last) {
                CellEnd::Beyond => return start,
                CellEnd::At { next, breaks } => (next, breaks, None),
                CellEnd::Unclosed { open } => {
                    let Some(next) = csv.line_end(buffer, open, last) else {
                        return start;
                    };
                    let before = csv.breaks(&buffer[start..open]);
                    let reason = format!("The quote opened on line {} is not closed", self.line + before);
                    (next, before, Some(reason))
                }
            };
            found.push(FoundRecord {
                start,
                end: next,
                line: self.line,
                lines: breaks + 1,
                broken,
            });
            self.line += breaks + 1;
            start = next;
        }
    }
}

impl Csv {
    /// The length of the blank line that `rest` starts with, or 0.
    fn blank_line(self, rest: &[u8]) -> usize {
        match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r', ..] if self.line_break == LineBreak::Cr => 1,
            _ => 0,
        }
    }

    /// Where the next line after `from` begins; `None` when the buffer ends before that is known.
    pub(super) fn line_end(self, buffer: &[u8], from: usize, last: bool) -> Option<usize> {
        let rest = &buffer[from..];
        let at = match self.line_break {
            LineBreak::Cr => memchr2(b'\n', b'\r', rest),
            LineBreak::Lf | LineBreak::CrLf => memchr(b'\n', rest),
        };
        let Some(at) = at else {
            return last.then_some(buffer.len());
        };
        match rest.get(at..) {
            Some([b'\r']) if !last => None,
            Some([b'\r', b'\n', ..]) => Some(from + at + 2),
            _ => Some(from + at + 1),
        }
    }

    /// How many line breaks there are.
    fn breaks(self, bytes: &[u8]) -> u64 {
        let feeds = memchr_iter(b'\n', bytes).count();
        let returns = match self.line_break {
            LineBreak::Cr => memchr_iter(b'\r', bytes)
                .filter(|at| bytes.get(at + 1) != Some(&b'\n'))
                .count(),
            LineBreak::Lf | LineBreak::CrLf => 0,
        };
        (feeds + returns) as u64
    }

    /// The text between two cells.
    pub(super) fn separator(self) -> String {
        char::from(self.delimiter).to_string().repeat(self.step())
    }

    /// The bytes of a separator.
    const fn step(self) -> usize {
        if self.doubled { 2 } else { 1 }
    }

    /// Where the next separator begins.
    fn next_separator(self, bytes: &[u8]) -> Option<usize> {
        if !self.doubled {
            return memchr(self.delimiter, bytes);
        }
        let is_one = |at: &usize| bytes.get(at + 1) == Some(&self.delimiter);
        memchr_iter(self.delimiter, bytes).find(is_one)
    }

    /// Whether a cell of the record at `start` begins at `at`.
    fn begins_cell(self, buffer: &[u8], start: usize, at: usize) -> bool {
        let before = buffer.get(start..at).unwrap_or_default();
        let before = if self.spaced {
            without_spaces(before, &[]).0
        } else {
            before
        };
        let is_delimiter = |back: usize| {
            let at = before.len().checked_sub(back);
            at.and_then(|at| before.get(at)) == Some(&self.delimiter)
        };
        before.is_empty() || (is_delimiter(1) && (!self.doubled || is_delimiter(2)))
    }

    /// Whether a cell's content may end before `after`.
    fn ends_cell(self, after: u8) -> bool {
        after == self.delimiter || after == b'\n' || after == b'\r' || (self.spaced && after == b' ')
    }

    /// Whether cells are separated by one byte, with nothing around it.
    const fn is_plain(self) -> bool {
        !self.doubled && !self.spaced
    }

    /// The quote, when the record has one.
    fn quote_in(self, record: &[u8]) -> Option<u8> {
        self.quote.filter(|quote| memchr(*quote, record).is_some())
    }
}

/// The bytes before a place without trailing spaces, and those after it without leading ones.
pub(super) fn without_spaces<'b>(before: &'b [u8], after: &'b [u8]) -> (&'b [u8], &'b [u8]) {
    let end = before.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    let start = after.iter().position(|byte| *byte != b' ').unwrap_or(after.len());
    (
        before.get(..end).unwrap_or_default(),
        after.get(start..).unwrap_or_default(),
    )
}

fn record_end(buffer: &[u8], start: usize, csv: Csv, last: bool) -> CellEnd {
    // Without quotes there is nothing but line breaks to look for.
    let quote = csv.quote.unwrap_or(b'\n');
    let ends_at_return = csv.line_break == LineBreak::Cr;
    let next_special = |bytes: &[u8]| {
        if ends_at_return {
            memchr3(b'\n', b'\r', quote, bytes)
        } else {
            memchr2(b'\n', quote, bytes)
        }
    };
    let mut at = start;
    let mut breaks = 0;
    while let Some(step) = next_special(&buffer[at..]) {
        let hit = at + step;
        at = hit + 1;
        if buffer[hit] != quote || quote == b'\n' {
            return match csv.line_end(buffer, hit, last) {
                Some(next) => CellEnd::At { next, breaks },
                None => CellEnd::Beyond,
            };
        }
        if hit != start && !(csv.is_plain() && buffer[hit - 1] == csv.delimiter) && !csv.begins_cell(buffer, start, hit)
        {
            continue; // a quote within a cell
        }
        let closing = if ends_at_return {
            closing_quote(buffer, hit, quote).map(|close| (close, csv.breaks(&buffer[hit..close])))
        } else {
            closing_quote_and_breaks(buffer, hit, quote)
        };
        let Some((close, inner_breaks)) = closing else {
            return if last || buffer.len() - hit > MAX_QUOTED {
                CellEnd::Unclosed { open: hit }
            } else {
                CellEnd::Beyond
            };
        };
        match buffer.get(close + 1) {
            None if !last => return CellEnd::Beyond,
            // What looked like the closing quote was the opening one of the next cell.
            Some(&after) if inner_breaks > 0 && !csv.ends_cell(after) => {
                return CellEnd::Unclosed { open: hit };
            }
            _ => {}
        }
        breaks += inner_breaks;
        at = close + 1;
    }
    if last {
        CellEnd::At {
            next: buffer.len(),
            breaks,
        }
    } else {
        CellEnd::Beyond
    }
}

/// Where the cell opened at `open` is closed: the first quote that is not one of two.
fn closing_quote(text: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let close = at + memchr(quote, text.get(at..)?)?;
        if text.get(close + 1) != Some(&quote) {
            return Some(close);
        }
        at = close + 2;
    }
}

/// The same with the number of line feeds on the way, in one pass.
fn closing_quote_and_breaks(text: &[u8], open: usize, quote: u8) -> Option<(usize, u64)> {
    let mut at = open + 1;
    let mut breaks = 0;
    loop {
        let hit = at + memchr2(quote, b'\n', text.get(at..)?)?;
        at = hit + 1;
        if text.get(hit) == Some(&b'\n') {
            breaks += 1;
        } else if text.get(at) == Some(&quote) {
            at += 1;
        } else {
            return Some((hit, breaks));
        }
    }
}

/// A record without its line break.
pub(super) fn trim(record: &[u8], csv: Csv) -> &[u8] {
    let mut record = record;
    if csv.line_break == LineBreak::Cr {
        while let [rest @ .., b'\n' | b'\r'] = record {
            record = rest;
        }
        return record;
    }
    while let [rest @ .., b'\n'] = record {
        record = rest.strip_suffix(b"\r").unwrap_or(rest);
    }
    record
}

/// How many cells a record has.
pub(super) fn count_cells(record: &[u8], csv: Csv) -> usize {
    survey(record, csv).0
}

/// How many cells a record has, and the first, from 1, in which text follows the closing quote (`"5" disc`): it was
/// hardly meant so, and one of its quotes would be lost.
pub(super) fn survey(record: &[u8], csv: Csv) -> (usize, Option<usize>) {
    let quote = csv.quote_in(record);
    if quote.is_none() && csv.is_plain() {
        return (memchr_iter(csv.delimiter, record).count() + 1, None);
    }
    let (mut count, mut odd) = (0, None);
    each_cell(record, csv, quote, |cell| {
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

/// How many cells of a record begin with spaces and a quote.
pub(super) fn spaced_quotes(record: &[u8], csv: Csv, quote: u8) -> usize {
    let mut count = 0;
    each_cell(record, csv, Some(quote), |cell| {
        if let RawCell::Plain { start, end } = cell
            && let [b' ', rest @ ..] = record.get(start..end).unwrap_or_default()
        {
            count += usize::from(without_spaces(&[], rest).1.first() == Some(&quote));
        }
    });
    count
}

/// Finds the cells of a record in which every quoted cell is quoted from end to end and holds no quote, as nearly all
/// are. Returns whether it is one; if not, `cells` are of no use.
#[inline]
pub(super) fn plain_cells<'r>(record: &'r str, csv: Csv, cells: &mut Vec<Cell<'r>>) -> bool {
    let text = record.as_bytes();
    if !csv.is_plain() {
        return false;
    }
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let is_quoted = csv.quote.is_some_and(|quote| rest.first() == Some(&quote));
        let (start, end, next) = if is_quoted {
            let Some(step) = csv
                .quote
                .and_then(|quote| memchr(quote, rest.get(1..).unwrap_or_default()))
            else {
                return false;
            };
            let close = at + 1 + step;
            if text.get(close + 1).is_some_and(|after| *after != csv.delimiter) {
                return false;
            }
            (at + 1, close, close + 2)
        } else {
            let end = bytes::find(csv.delimiter, rest).map_or(text.len(), |step| at + step);
            (at, end, end + 1)
        };
        let Some(cell) = record.get(start..end) else {
            return false;
        };
        cells.push(if cell.is_empty() {
            Cell::Missing
        } else {
            Cell::Text(cell)
        });
        if next > text.len() {
            return true;
        }
        at = next;
    }
}

/// Finds the cells of a record. Cells with doubled quotes are unescaped into the scratch text, others stay in place.
pub(super) fn split_cells(record: &str, csv: Csv, spans: &mut Spans) {
    let bytes = record.as_bytes();
    let quote = csv.quote_in(bytes);
    let quote_char = char::from(quote.unwrap_or_default());
    each_cell(bytes, csv, quote, |cell| match cell {
        RawCell::Plain { start, end } => spans.push(Span::of_record(start, end)),
        RawCell::Escaped { start, close, end } => {
            let inner = record.get(start..close).unwrap_or_default();
            let after = record.get(close + 1..end).unwrap_or_default();
            spans.push_scratch(|scratch| {
                // Quotes inside are doubled, so that every second part is empty.
                for (at, part) in inner.split(quote_char).step_by(2).enumerate() {
                    if at > 0 {
                        scratch.push(quote_char);
                    }
                    scratch.push_str(part);
                }
                scratch.push_str(after);
            });
        }
    });
}

/// Where each cell stands in a record, quotes included.
pub(super) fn places(record: &[u8], csv: Csv) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut start = 0;
    loop {
        let open = start + csv.space_before(record, start);
        let quote = csv.quote.filter(|quote| record.get(open) == Some(quote));
        let closed = quote.map(|quote| closing_quote(record, open, quote).map_or(record.len(), |close| close + 1));
        let from = closed.unwrap_or(start);
        let end = csv
            .next_separator(record.get(from..).unwrap_or_default())
            .map_or(record.len(), |step| from + step);
        places.push(csv.content(record, start..end));
        if end >= record.len() {
            return places;
        }
        start = end + csv.step();
    }
}

impl Csv {
    /// How many spaces a cell begins with that are no part of it.
    fn space_before(self, record: &[u8], start: usize) -> usize {
        if !self.spaced {
            return 0;
        }
        let cell = record.get(start..).unwrap_or_default();
        cell.iter().take_while(|byte| **byte == b' ').count()
    }

    /// A cell without the spaces that belong to the delimiters.
    fn content(self, record: &[u8], cell: Range<usize>) -> Range<usize> {
        if !self.spaced {
            return cell;
        }
        let text = record.get(cell.clone()).unwrap_or_default();
        let start = cell.start + (text.len() - text.trim_ascii_start().len());
        start..start + text.trim_ascii().len()
    }
}

enum RawCell {
    /// The cell's text needs no unescaping.
    Plain { start: usize, end: usize },
    /// Text between quotes, with doubled quotes, and perhaps more text after the closing quote.
    Escaped { start: usize, close: usize, end: usize },
}

fn each_cell(record: &[u8], csv: Csv, quote: Option<u8>, mut visit: impl FnMut(RawCell)) {
    let mut start = 0;
    loop {
        let open = start + csv.space_before(record, start);
        let quote = quote.filter(|quote| record.get(open) == Some(quote));
        let close = quote.map_or(start, |quote| {
            closing_quote(record, open, quote).unwrap_or(record.len())
        });
        let from = if quote.is_some() {
            (close + 1).min(record.len())
        } else {
            start
        };
        let end = csv
            .next_separator(&record[from..])
            .map_or(record.len(), |step| from + step);
        let content = csv.content(record, start..end);
        visit(match quote {
            None => RawCell::Plain {
                start: content.start,
                end: content.end,
            },
            Some(quote) if content.end <= from && memchr(quote, &record[open + 1..close]).is_none() => RawCell::Plain {
                start: open + 1,
                end: close,
            },
            Some(_) => RawCell::Escaped {
                start: open + 1,
                close,
                end: content.end,
            },
        });
        if end >= record.len() {
            return;
        }
        start = end + csv.step();
    }
}
