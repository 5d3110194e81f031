//! Where every record of a file starts, and which part of its bytes is the record.

use std::ops::Range;

use super::{Format, csv, grammar, json};

/// Where the records are: 8 bytes each, and 4 more when line numbers do not simply count up.
#[derive(Debug, Default)]
pub(super) struct Index {
    offsets: Vec<u64>,
    /// Where the last record ends.
    end: u64,
    first_line: u64,
    /// The records' lines, only once they are not `first_line + row`.
    lines: Option<Vec<u32>>,
}

/// A record found in a block.
#[derive(Debug)]
pub(super) struct Found {
    /// In the block, with its line break or comma.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The file line it starts on, from 1.
    pub(super) line: u64,
    /// Why the splitter gave it up.
    pub(super) broken: Option<String>,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.offsets.len()
    }

    pub(super) fn offset(&self, row: usize) -> u64 {
        self.offsets.get(row).copied().unwrap_or(self.end)
    }

    pub(super) fn line(&self, row: usize) -> u64 {
        match &self.lines {
            Some(lines) => lines.get(row).copied().map_or(0, u64::from),
            None => self.first_line + row as u64,
        }
    }

    /// How many of the rows in `rows` to read at once so that about `bytes` are read; at least one.
    pub(super) fn fit(&self, rows: &Range<usize>, bytes: u64) -> usize {
        let limit = self.offset(rows.start) + bytes;
        let offsets = self.offsets.get(rows.clone()).unwrap_or_default();
        match offsets.partition_point(|&offset| offset <= limit) {
            // All start within the limit; the last may end behind it, which does no harm.
            all if all == offsets.len() => all,
            fitting => fitting - 1,
        }
        .max(1)
    }

    pub(super) fn push(&mut self, offset: u64, end: u64, line: u64) {
        let row = self.offsets.len();
        if row == 0 {
            self.first_line = line;
        }
        let short = |line: u64| u32::try_from(line).unwrap_or(u32::MAX);
        match &mut self.lines {
            Some(lines) => lines.push(short(line)),
            None if line == self.first_line + row as u64 => {}
            None => {
                let regular = (0..row as u64).map(|row| short(self.first_line + row));
                self.lines = Some(regular.chain([short(line)]).collect());
            }
        }
        self.offsets.push(offset);
        self.end = end;
    }
}

/// The part of a record that stands at `range` without what separates it from the next.
pub(super) fn trim(buffer: &[u8], range: Range<usize>, format: Format) -> Range<usize> {
    let record = buffer.get(range.clone()).unwrap_or_default();
    let (lead, len) = match format {
        Format::Csv(csv) => (0, csv::trim(record, csv).len()),
        Format::JsonLines => (space_before(record), record.trim_ascii().len()),
        Format::JsonArray | Format::JsonData => (space_before(record), json::trim(record).len()),
    };
    range.start + lead..range.start + lead + len
}

/// Where a record of a list ends, whatever follows it.
pub(super) fn end_in_list(record: &[u8]) -> usize {
    grammar::value(record, 0, 0).unwrap_or(record.len())
}

fn space_before(record: &[u8]) -> usize {
    record.len() - record.trim_ascii_start().len()
}
