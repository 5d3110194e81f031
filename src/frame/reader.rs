//! Rows read where they stand, in big chunks, edits laid over them.

use std::ops::{ControlFlow, Range};

use super::{
    Edits, Format, Frame, FrameError, csv, index, json_list,
    unreadable::Unreadable,
    walk::{ColumnNames, Unwalkable, Walker},
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

    fn cells<'a>(&'a self, record: &'a str) -> impl Iterator<Item = Cell<'a>> {
        self.spans
            .iter()
            .map(|&span| self.text(span, record).map_or(Cell::Missing, Cell::Text))
    }
}

/// Finds the cells of one record after another.
#[derive(Debug)]
pub(super) struct RowReader<N> {
    format: Format,
    pub(super) names: N,
    spans: Spans,
    walker: Walker,
}

impl<N: ColumnNames> RowReader<N> {
    pub(super) fn new(format: Format, names: N) -> Self {
        Self {
            format,
            names,
            spans: Spans::default(),
            walker: Walker::new(format == Format::JsonLines),
        }
    }

    /// Hands the cells of a record, without what separates it from the next, to `visit`. Of delimited text they are as
    /// many as they are; of JSON as many as the columns. `cells` is scratch.
    ///
    /// # Errors
    /// When the record cannot be read. Then `visit` is not called.
    #[inline]
    pub(super) fn read<'b, R>(
        &mut self,
        record: &'b str,
        cells: &mut Vec<Cell<'b>>,
        visit: impl FnOnce(&[Cell<'_>]) -> R,
    ) -> Result<R, Unreadable> {
        cells.clear();
        match self.format {
            Format::Csv(csv) => {
                if csv::plain_cells(record, csv, cells) {
                    return Ok(visit(cells));
                }
                let (_, odd) = csv::survey(record.as_bytes(), csv);
                if let Some(cell) = odd {
                    return Err(Unreadable::TextAfterQuote(cell));
                }
                self.spans.clear();
                csv::split_cells(record, csv, &mut self.spans);
                let cells: Vec<Cell<'_>> = self.spans.cells(record).collect();
                Ok(visit(&cells))
            }
            Format::JsonRows { .. } => match json_list::items(record, cells) {
                Some(()) => Ok(visit(cells)),
                None => Err(Unreadable::Json(json_list::row_reason(record.as_bytes()))),
            },
            Format::JsonLines | Format::JsonArray | Format::JsonData | Format::JsonObjects => {
                match self.walker.walk(record, &mut self.names, cells) {
                    Ok(()) => Ok(visit(cells)),
                    Err(Unwalkable::NotAnObject) => Err(Unreadable::Json(json_list::reason(record.as_bytes()))),
                    Err(Unwalkable::Repeated(path)) => Err(Unreadable::RepeatedKey(path)),
                }
            }
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
    let missing = vec![Cell::Missing; frame.columns.len()];
    let mut reader = RowReader::new(frame.format(), &frame.columns);
    let mut buffer = Vec::new();
    while !rows.is_empty() {
        let chunk = rows.start..rows.start + frame.index.fit(&rows, CHUNK);
        let base = frame.index.offset(chunk.start);
        let len = usize::try_from(frame.index.offset(chunk.end) - base).unwrap_or(usize::MAX);
        frame.source.read(base, len, &mut buffer)?;
        rows.start = chunk.end;
        // Once for all of it, unless a record there is no text.
        let text = simdutf8::basic::from_utf8(&buffer).ok();
        let mut cells = Vec::with_capacity(frame.columns.len());
        for at in chunk {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            let mut show = |cells: &[Cell<'_>]| {
                if edits.is_empty() {
                    visit(number, cells)
                } else {
                    visit(number, &edited(number, cells, edits))
                }
            };
            let is_broken = defects.next_if(|defect| defect.row == number).is_some();
            let record = (!is_broken).then(|| {
                let start = usize::try_from(frame.index.offset(at) - base).unwrap_or(usize::MAX);
                let end = usize::try_from(frame.index.end(at) - base).unwrap_or(usize::MAX);
                let record = index::trim(&buffer, start..end, frame.format());
                match text {
                    Some(text) => text.get(record),
                    None => std::str::from_utf8(buffer.get(record)?).ok(),
                }
            });
            // What cannot be read was found to be a defect when the file was opened.
            let flow = match record
                .flatten()
                .map(|record| reader.read(record, &mut cells, &mut show))
            {
                Some(Ok(flow)) => flow,
                Some(Err(_)) | None => show(&missing),
            };
            if flow.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn edited<'a>(row: u32, cells: &[Cell<'a>], edits: &'a Edits) -> Vec<Cell<'a>> {
    let mut cells = cells.to_vec();
    for (column, cell) in edits.of_row(row) {
        if let Some(slot) = cells.get_mut(column as usize) {
            *slot = cell.as_cell();
        }
    }
    cells
}
