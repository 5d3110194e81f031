//! Where every record of a file starts, and which part of its bytes is the record.

use std::{ops::Range, sync::Arc};

use super::{Format, csv, json_list};
use crate::domain::json;

/// Records in one chunk of the index.
const CHUNK: usize = 1 << 16;

/// Where the records are: 8 bytes each, and 4 more when line numbers do not simply count up.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Chunks that are full; shared with the indexes of the same file when less of it was read.
    full: Vec<Arc<Chunk>>,
    last: Chunk,
    /// Where the last record ends.
    end: u64,
    /// The stretches between records that are not records, in order.
    gaps: Vec<Range<u64>>,
}

/// Some records in a row.
#[derive(Clone, Debug, Default)]
struct Chunk {
    offsets: Vec<u64>,
    first_line: u64,
    /// The records' lines, only once they are not `first_line` and so on.
    lines: Option<Vec<u32>>,
}

/// A record found in a block.
#[derive(Debug)]
pub(super) struct FoundRecord {
    /// In the block, with its line break or comma.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The file line it starts on, from 1.
    pub(super) line: u64,
    /// How many lines it takes, where that is counted: of delimited text.
    pub(super) lines: u64,
    /// Why the splitter gave it up.
    pub(super) broken: Option<String>,
}

impl Chunk {
    fn push(&mut self, offset: u64, line: u64) {
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
    }

    fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len);
        if let Some(lines) = &mut self.lines {
            lines.truncate(len);
        }
    }
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.offsets.len()
    }

    fn chunk(&self, row: usize) -> &Chunk {
        self.full.get(row / CHUNK).map_or(&self.last, AsRef::as_ref)
    }

    pub(super) fn offset(&self, row: usize) -> u64 {
        let offsets = &self.chunk(row).offsets;
        let known = (row < self.len()).then(|| offsets.get(row % CHUNK).copied());
        known.flatten().unwrap_or(self.end)
    }

    /// Where a record ends, with what separates it from the next.
    pub(super) fn end(&self, row: usize) -> u64 {
        let (start, next) = (self.offset(row), self.offset(row + 1));
        if self.gaps.is_empty() {
            return next;
        }
        let gap = self.gaps.partition_point(|gap| gap.start <= start);
        self.gaps.get(gap).map_or(next, |gap| gap.start.min(next))
    }

    /// Notes that no record stands there; behind all gaps so far.
    pub(super) fn leave_out(&mut self, range: Range<u64>) {
        match self.gaps.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.gaps.push(range),
        }
    }

    pub(super) fn line(&self, row: usize) -> u64 {
        let chunk = self.chunk(row);
        match &chunk.lines {
            Some(lines) => lines.get(row % CHUNK).copied().map_or(0, u64::from),
            None => chunk.first_line + (row % CHUNK) as u64,
        }
    }

    /// How many of the rows in `rows` to read at once so that about `bytes` are read; at least one.
    pub(super) fn fit(&self, rows: &Range<usize>, bytes: u64) -> usize {
        let limit = self.offset(rows.start) + bytes;
        let (mut fitting, mut beyond) = (0, rows.len() + 1);
        // The last one may end beyond the limit.
        while beyond - fitting > 1 {
            let middle = fitting + (beyond - fitting) / 2;
            if self.offset(rows.start + middle - 1) <= limit {
                fitting = middle;
            } else {
                beyond = middle;
            }
        }
        if fitting == rows.len() {
            fitting
        } else {
            fitting.saturating_sub(1)
        }
        .max(1)
    }

    pub(super) fn push(&mut self, offset: u64, end: u64, line: u64) {
        if self.last.offsets.len() == CHUNK {
            let full = std::mem::take(&mut self.last);
            self.full.push(Arc::new(full));
        }
        self.last.push(offset, line);
        self.end = end;
    }

    /// The index of the first records alone; cheap, as it shares what it can.
    pub(super) fn first(&self, records: usize) -> Self {
        if records >= self.len() {
            return self.clone();
        }
        let mut last = self.chunk(records).clone();
        last.truncate(records % CHUNK);
        Self {
            full: self.full.get(..records / CHUNK).unwrap_or_default().to_vec(),
            last,
            end: records.checked_sub(1).map_or(self.offset(0), |last| self.end(last)),
            gaps: self.gaps.clone(),
        }
    }
}

/// The part of a record that stands at `range` without what separates it from the next.
pub(super) fn trim(buffer: &[u8], range: Range<usize>, format: Format) -> Range<usize> {
    let record = buffer.get(range.clone()).unwrap_or_default();
    let (lead, len) = match format {
        Format::Csv(csv) => (0, csv::trim(record, csv).len()),
        // Nearly all lines are an object and a line feed.
        Format::JsonLines if matches!(record, [b'{', .., b'}', b'\n']) => (0, record.len() - 1),
        Format::JsonLines => (space_before(record), record.trim_ascii().len()),
        Format::JsonArray | Format::JsonData | Format::JsonObjects | Format::JsonRows { .. } => {
            (space_before(record), json_list::trim(record).len())
        }
    };
    range.start + lead..range.start + lead + len
}

/// Where a record of a list ends, whatever follows it.
pub(super) fn end_in_list(record: &[u8]) -> usize {
    json::value(record, 0, 0).unwrap_or(record.len())
}

fn space_before(record: &[u8]) -> usize {
    record.len() - record.trim_ascii_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_records_are_found_where_all_are() {
        let mut index = Index::default();
        let rows = 2 * CHUNK + 5;
        // From the middle on, records are two lines long.
        let line = |row: usize| (row + row.saturating_sub(CHUNK + 7)) as u64 + 2;
        for row in 0..rows {
            index.push(10 * row as u64, 10 * row as u64 + 10, line(row));
        }
        for records in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, rows, rows + 1] {
            let first = index.first(records);
            assert_eq!(first.len(), records.min(rows));
            for row in (0..first.len()).step_by(997).chain(first.len().checked_sub(1)) {
                assert_eq!(
                    (first.offset(row), first.line(row)),
                    (10 * row as u64, line(row)),
                    "{row}"
                );
            }
            assert_eq!(first.offset(first.len()), 10 * first.len() as u64);
        }
        for (rows, bytes, expect) in [
            (0..5, 1000, 5),
            (0..5, 25, 2),
            (0..5, 0, 1),
            (CHUNK - 2..CHUNK + 9, 45, 4),
        ] {
            assert_eq!(index.fit(&rows, bytes), expect, "{rows:?} {bytes}");
        }
    }
}
