//! The one pass over a file: where every record starts, what the columns are, and which records are broken.

use std::{borrow::Cow, ops::Range};

use rayon::prelude::*;

use super::{
    Csv, Defect, Format, FrameError,
    columns::Columns,
    csv::{self, CsvSplitter},
    json::{self, ArraySplitter, Body, LineSplitter, Unwalkable},
    sniff::Sniffed,
    source::Source,
};
use crate::domain::progress::Progress;

/// Bytes read at a time.
const BLOCK: usize = 4 << 20;

/// Records judged at a time by one thread.
const PIECE: usize = 512;

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

/// What the pass found.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) index: Index,
    pub(super) columns: Columns,
    pub(super) defects: Vec<Defect>,
}

/// How much of the file to take in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) bytes: u64,
    pub(super) records: usize,
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

    fn push(&mut self, offset: u64, end: u64, line: u64) {
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

enum Splitter {
    Csv(CsvSplitter),
    Lines(LineSplitter),
    Array(ArraySplitter),
}

impl Splitter {
    fn new(sniffed: &Sniffed) -> Self {
        let line = sniffed.line;
        match sniffed.dialect.format {
            Format::Csv(csv) => Self::Csv(CsvSplitter { csv, line }),
            Format::JsonLines => Self::Lines(LineSplitter { line }),
            Format::JsonArray => Self::Array(ArraySplitter {
                line,
                body: None,
                closed: false,
            }),
            Format::JsonData => Self::Array(ArraySplitter {
                line,
                body: Some(Body::new()),
                closed: false,
            }),
        }
    }

    fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<Found>) -> usize {
        match self {
            Self::Csv(csv) => csv.split(buffer, last, found),
            Self::Lines(lines) => lines.split(buffer, last, found),
            Self::Array(array) => array.split(buffer, last, found),
        }
    }
}

/// Goes over the file, or its first part, once. Progress counts bytes.
pub(super) fn build(
    source: &Source,
    sniffed: &Sniffed,
    extent: Extent,
    progress: &Progress,
) -> Result<Built, FrameError> {
    let mut built = Built {
        index: Index::default(),
        columns: Columns::default(),
        defects: Vec::new(),
    };
    let mut splitter = Splitter::new(sniffed);
    let format = sniffed.dialect.format;
    let mut needs_columns = !format.is_json();
    let mut buffer = Vec::with_capacity(BLOCK.min(usize::try_from(extent.bytes).unwrap_or(BLOCK)) + 1024);
    let mut found = Vec::new();
    // The file offsets of the buffer's start and of what is still to be read.
    let (mut base, mut next) = (sniffed.start, sniffed.start);
    let stop = extent.bytes.min(source.size());
    progress.add(base.min(stop));
    loop {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let len = usize::try_from(stop.saturating_sub(next)).unwrap_or(BLOCK).min(BLOCK);
        source.append(next, len, &mut buffer)?;
        next += len as u64;
        let last = next >= source.size();
        found.clear();
        let consumed = splitter.split(&buffer, last, &mut found);
        if let Format::Csv(csv) = format
            && needs_columns
            && let Some(first) = found.first()
        {
            if csv.header {
                built.columns = headers(first, &buffer, csv, source)?;
                found.remove(0);
            } else {
                let record = csv::trim(&buffer[first.start..first.end], csv);
                let names = std::iter::repeat_n(String::new(), csv::count_cells(record, csv));
                built.columns = Columns::from_headers(names);
            }
            needs_columns = false;
        }
        let room = extent.records.saturating_sub(built.index.len());
        let taken = found.len().min(room);
        found.truncate(taken);
        take_in(&mut found, &buffer, base, format, &mut built);
        if u32::try_from(built.index.len()).is_err() {
            return Err(FrameError::Unsupported {
                path: source.path().to_owned(),
                reason: "it has more than 4,294,967,295 records; split it".to_owned(),
            });
        }
        progress.add(len as u64);
        if next >= stop || taken == room {
            break;
        }
        buffer.drain(..consumed);
        base += consumed as u64;
    }
    source.check()?;
    Ok(built)
}

fn headers(header: &Found, buffer: &[u8], csv: Csv, source: &Source) -> Result<Columns, FrameError> {
    let refused = |reason: String| FrameError::Unsupported {
        path: source.path().to_owned(),
        reason,
    };
    if let Some(reason) = &header.broken {
        return Err(refused(format!(
            "its header row cannot be read: {reason}; correct it there"
        )));
    }
    let record = csv::trim(&buffer[header.start..header.end], csv);
    let record = std::str::from_utf8(record)
        .map_err(|_| refused("its header row is not UTF-8 text; save the file as UTF-8".to_owned()))?;
    let mut spans = super::reader::Spans::default();
    csv::split_cells(record, csv, &mut spans);
    Ok(Columns::from_headers(spans.texts(record).map(str::to_owned)))
}

/// A record's bytes without what separates it from the next.
pub(super) fn trim(record: &[u8], format: Format) -> &[u8] {
    match format {
        Format::Csv(csv) => csv::trim(record, csv),
        Format::JsonLines => record.trim_ascii(),
        Format::JsonArray | Format::JsonData => json::trim(record),
    }
}

/// Judges the records of a block on all cores, and adds them.
fn take_in(records: &mut [Found], buffer: &[u8], base: u64, format: Format, built: &mut Built) {
    let known = &built.columns;
    let new: Vec<Columns> = records
        .par_chunks_mut(PIECE)
        .map(|piece| match format {
            Format::Csv(csv) => judge_csv(piece, buffer, csv, known.len()),
            _ => judge_json(piece, buffer, format, known),
        })
        .collect();
    for columns in &new {
        for name in columns.names() {
            built.columns.add(name);
        }
    }
    for found in records {
        let offset = base + found.start as u64;
        if let Some(reason) = found.broken.take() {
            let row = u32::try_from(built.index.len()).unwrap_or(u32::MAX);
            built.defects.push(Defect {
                row,
                line: found.line,
                offset,
                reason,
            });
        }
        built.index.push(offset, base + found.end as u64, found.line);
    }
}

fn judge_csv(piece: &mut [Found], buffer: &[u8], csv: Csv, columns: usize) -> Columns {
    for found in piece.iter_mut().filter(|found| found.broken.is_none()) {
        let record = csv::trim(&buffer[found.start..found.end], csv);
        let (cells, odd) = csv::survey(record, csv);
        found.broken = match (not_utf8(record), odd) {
            (Some(reason), _) => Some(reason),
            (None, Some(cell)) => Some(format!(
                "Text follows the closing quote of cell {cell}; a quote within a quoted cell is written twice"
            )),
            (None, None) if cells == columns => None,
            (None, None) => Some(format!("{} where the header has {columns}", count(cells, "cell"))),
        };
    }
    Columns::default()
}

fn judge_json(piece: &mut [Found], buffer: &[u8], format: Format, known: &Columns) -> Columns {
    let mut new = Columns::default();
    let mut path = String::new();
    // For every column the last record, counted from 1, that had it; first the known ones, then the new ones.
    let (mut last, mut last_new) = (vec![0; known.len()], Vec::new());
    let mut number = 0;
    for found in piece.iter_mut().filter(|found| found.broken.is_none()) {
        let record = trim(&buffer[found.start..found.end], format);
        let Ok(text) = std::str::from_utf8(record) else {
            found.broken = not_utf8(record);
            continue;
        };
        let before = new.len();
        let mut guess = 0;
        number += 1;
        let mut repeated = None;
        let walked = json::walk(text, &mut path, &mut |name, _| {
            let slot = if let Some(column) = known.find_near(name, &mut guess) {
                last.get_mut(column as usize)
            } else {
                new.add(name);
                last_new.resize(new.len(), 0);
                new.find(name).and_then(|column| last_new.get_mut(column as usize))
            };
            if slot.is_some_and(|slot| std::mem::replace(slot, number) == number) {
                repeated.get_or_insert_with(|| name.to_owned());
            }
        });
        let twice = |name: String| format!("The key {name} occurs twice");
        found.broken = match walked {
            Err(Unwalkable::NotAnObject) => Some(json::reason(record)),
            Err(Unwalkable::Repeated(name)) => Some(twice(name)),
            Ok(()) => repeated.map(twice).or_else(|| json::refusal(record)),
        };
        if found.broken.is_some() {
            new.truncate(before);
            last_new.truncate(before);
        }
    }
    new
}

fn not_utf8(record: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(record).err()?;
    let at = error.valid_up_to();
    let byte = record.get(at).copied().unwrap_or_default();
    Some(format!(
        "Not UTF-8 text: byte {} of the record is {byte:#04x}; save the file as UTF-8",
        at + 1
    ))
}

fn count(number: usize, noun: &str) -> Cow<'static, str> {
    if number == 1 {
        format!("1 {noun}").into()
    } else {
        format!("{number} {noun}s").into()
    }
}
