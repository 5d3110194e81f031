//! The text that a sheet becomes: a line a row, cells by column.

use super::layout::{Area, Merge};
use crate::frame::{FrameError, spool::Spool, write::write_record};

/// Joins cells to rows of equal length.
pub(super) struct SheetWriter<'s> {
    area: Area,
    spool: &'s mut Spool,
    /// The row whose cells are coming.
    row: u32,
    cells: Vec<String>,
    /// How many of them have come.
    filled: usize,
    line: Vec<u8>,
    /// Where each row begins.
    rows: Vec<u64>,
    merges: Merges,
}

/// A sheet that was written.
pub(super) struct WrittenSheet {
    /// Where each row begins.
    pub(super) rows: Vec<u64>,
    /// The merged cells that gave their value to other rows.
    pub(super) filled: Vec<Merge>,
}

/// The merged cells of a sheet, as its rows come.
#[derive(Default)]
struct Merges {
    /// Those in rows still to come, the next one last.
    below: Vec<Merge>,
    /// Those that may reach into the current row.
    open: Vec<OpenSheet>,
    /// Those that gave their value to other rows.
    filled: Vec<Merge>,
}

/// Merged cells whose first row has been written.
struct OpenSheet {
    merge: Merge,
    value: String,
    is_used: bool,
}

impl Merges {
    fn of(merges: &[Merge]) -> Self {
        let mut below = merges.to_vec();
        below.sort_unstable();
        below.reverse();
        Self {
            below,
            ..Self::default()
        }
    }

    /// Completes a row's cells; those of a row without a value of its own stay empty.
    fn fill(&mut self, row: u32, first_column: u32, cells: &mut [String]) {
        let at = |merge: Merge| merge.column.checked_sub(first_column).map(|column| column as usize);
        self.open.retain(|open| open.merge.last_row >= row);
        for open in &mut self.open {
            if let Some(cell) = at(open.merge).and_then(|at| cells.get_mut(at))
                && cell.is_empty()
            {
                cell.push_str(&open.value);
                if !open.is_used {
                    open.is_used = true;
                    self.filled.push(open.merge);
                }
            }
        }
        while let Some(merge) = self.below.pop_if(|merge| merge.first_row <= row) {
            let value = at(merge).and_then(|at| cells.get(at));
            let value = value.filter(|value| merge.first_row == row && !value.is_empty());
            self.open.extend(value.map(|value| OpenSheet {
                merge,
                value: value.clone(),
                is_used: false,
            }));
        }
    }
}

impl<'s> SheetWriter<'s> {
    pub(super) fn new(area: Area, merges: &[Merge], spool: &'s mut Spool) -> Self {
        let width = (area.last_column - area.first_column) as usize + 1;
        Self {
            area,
            spool,
            row: 0,
            cells: vec![String::new(); width],
            filled: 0,
            line: Vec::new(),
            rows: Vec::new(),
            merges: Merges::of(merges),
        }
    }

    pub(super) fn cell(&mut self, row: u32, column: u32, text: &str) -> Result<(), FrameError> {
        if row != self.row {
            self.end_row()?;
            // A blank row is a blank line, so that lines and rows have the same numbers.
            for _ in self.row + 1..row {
                self.row += 1;
                self.end_row()?;
            }
            self.row = row;
        }
        let at = column.checked_sub(self.area.first_column);
        if let Some(cell) = at.and_then(|at| self.cells.get_mut(at as usize)) {
            cell.clear();
            cell.push_str(text);
            self.filled += 1;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), FrameError> {
        self.rows.push(self.spool.len());
        if self.filled == 0 {
            return self.spool.write(b"\n");
        }
        self.merges.fill(self.row, self.area.first_column, &mut self.cells);
        self.line.clear();
        // Writing to memory cannot fail.
        write_record(&mut self.line, self.cells.iter().map(String::as_str)).ok();
        self.cells.iter_mut().for_each(String::clear);
        self.filled = 0;
        self.spool.write(&self.line)
    }

    pub(super) fn finish(mut self) -> Result<WrittenSheet, FrameError> {
        self.end_row()?;
        Ok(WrittenSheet {
            rows: self.rows,
            filled: self.merges.filled,
        })
    }
}
