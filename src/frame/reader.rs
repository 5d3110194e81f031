//! Rows read where they stand, in big chunks, edits laid over them.

use std::ops::{ControlFlow, Range};

use super::{
    Edits, Format, Frame, FrameError, csv,
    index::{self},
    json,
};
use crate::domain::cell::Cell;

/// Bytes read at a time.
const CHUNK: u64 = 1 << 20;

/// Where a cell's text is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Span {
    #[default]
    Missing,
    /// In the record.
    Record { start: usize, end: usize },
    /// In the scratch text.
    Scratch { start: usize, end: usize },
}

impl Span {
    /// An empty cell is a missing one.
    pub(super) const fn of_record(start: usize, end: usize) -> Self {
        if start < end {
            Self::Record { start, end }
        } else {
            Self::Missing
        }
    }
}

/// The cells of one record, as places in it or in text unescaped from it. Reused from record to record.
#[derive(Debug, Default)]
pub(super) struct Spans {
    spans: Vec<Span>,
    scratch: String,
}

impl Spans {
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.scratch.clear();
    }

    pub(super) fn push(&mut self, span: Span) {
        self.spans.push(span);
    }

    /// Adds a cell whose text `write` appends to the scratch text.
    pub(super) fn push_scratch(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.scratch.len();
        write(&mut self.scratch);
        let end = self.scratch.len();
        self.spans.push(if start < end {
            Span::Scratch { start, end }
        } else {
            Span::Missing
        });
    }

    fn set(&mut self, column: u32, span: Span) {
        if let Some(slot) = self.spans.get_mut(column as usize) {
            *slot = span;
        }
    }

    fn resize(&mut self, columns: usize) {
        self.spans.resize(columns, Span::Missing);
    }

    /// The cells' texts, an empty one for a missing cell.
    pub(super) fn texts<'a>(&'a self, record: &'a str) -> impl Iterator<Item = &'a str> {
        self.spans
            .iter()
            .map(|&span| self.text(span, record).unwrap_or_default())
    }

    fn text<'a>(&'a self, span: Span, record: &'a str) -> Option<&'a str> {
        match span {
            Span::Missing => None,
            Span::Record { start, end } => record.get(start..end),
            Span::Scratch { start, end } => self.scratch.get(start..end),
        }
    }
}

/// Hands rows one after another to `visit`; see [`Frame::scan`].
pub(super) fn scan(
    frame: &Frame,
    rows: Range<u32>,
    edits: &Edits,
    visit: &mut dyn FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
) -> Result<(), FrameError> {
    frame.source.check()?;
    let total = frame.index.len();
    let mut rows = (rows.start as usize).min(total)..(rows.end as usize).min(total);
    let first_defect = frame
        .defects
        .partition_point(|defect| (defect.row as usize) < rows.start);
    let mut defects = frame.defects.iter().skip(first_defect).peekable();
    let mut buffer = Vec::new();
    let mut row = RowReader::new(frame);
    let mut cells: Vec<Cell<'static>> = Vec::with_capacity(frame.columns.len());
    while !rows.is_empty() {
        let chunk = rows.start..rows.start + frame.index.fit(&rows, CHUNK);
        let base = frame.index.offset(chunk.start);
        let len = usize::try_from(frame.index.offset(chunk.end) - base).unwrap_or(usize::MAX);
        frame.source.read(base, len, &mut buffer)?;
        rows.start = chunk.end;
        for at in chunk {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            let broken = defects.next_if(|defect| defect.row == number).is_some();
            let record = (!broken).then(|| {
                let start = usize::try_from(frame.index.offset(at) - base).unwrap_or(usize::MAX);
                let end = usize::try_from(frame.index.offset(at + 1) - base).unwrap_or(usize::MAX);
                index::trim(buffer.get(start..end).unwrap_or_default(), frame.format())
            });
            let text = record
                .and_then(|record| std::str::from_utf8(record).ok())
                .unwrap_or_default();
            row.split(text);
            let mut filled = recycle(cells);
            row.fill(text, &mut filled);
            if !edits.is_empty() {
                for (column, cell) in edits.of_row(number) {
                    if let Some(slot) = filled.get_mut(column as usize) {
                        *slot = cell.as_cell();
                    }
                }
            }
            let flow = visit(number, &filled);
            cells = recycle(filled);
            if flow.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The same allocation, for cells of another lifetime: collecting in place keeps it.
fn recycle<'b>(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'b>> {
    cells.clear();
    cells.into_iter().map(|_| Cell::Missing).collect()
}

struct RowReader<'f> {
    frame: &'f Frame,
    spans: Spans,
    path: String,
}

impl<'f> RowReader<'f> {
    fn new(frame: &'f Frame) -> Self {
        Self {
            frame,
            spans: Spans::default(),
            path: String::new(),
        }
    }

    /// Finds the cells of a record; of an empty one, which stands for one that cannot be read, none.
    fn split(&mut self, record: &str) {
        let columns = &self.frame.columns;
        self.spans.clear();
        match self.frame.format() {
            _ if record.is_empty() => {}
            Format::Csv(csv) => csv::split_cells(record, csv, &mut self.spans),
            _ => {
                self.spans.resize(columns.len());
                let (spans, mut guess) = (&mut self.spans, 0);
                let base = record.as_ptr() as usize;
                // A record that cannot be walked was found to be a defect when the file was opened.
                json::walk(record, &mut self.path, &mut |name, raw| {
                    if let Some(column) = columns.find_near(name, &mut guess) {
                        let start = (raw.as_ptr() as usize).wrapping_sub(base);
                        spans.set(
                            column,
                            Span::Record {
                                start,
                                end: start.wrapping_add(raw.len()),
                            },
                        );
                    }
                })
                .ok();
            }
        }
        self.spans.resize(columns.len());
    }

    fn fill<'a>(&'a self, record: &'a str, cells: &mut Vec<Cell<'a>>) {
        let csv = !self.frame.format().is_json();
        cells.extend(
            self.spans
                .spans
                .iter()
                .map(|&span| match self.spans.text(span, record) {
                    None => Cell::Missing,
                    Some(text) if csv => Cell::Text(text),
                    Some(text) => Cell::Json(text),
                }),
        );
    }
}
