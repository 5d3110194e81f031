//! Changed cells, laid over a file that is itself never touched.

use std::collections::BTreeMap;

use crate::domain::cell::OwnedCell;

/// Changed cells by row and column. Cloning is cheap enough to hand a snapshot to a worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    cells: BTreeMap<(u32, u32), OwnedCell>,
}

impl Edits {
    /// The changed content of a cell, or `None` when it is as in the file.
    pub fn get(&self, row: u32, column: u32) -> Option<&OwnedCell> {
        self.cells.get(&(row, column))
    }

    /// Changes a cell, or with `None` restores the file's content. Returns what the change was before.
    pub fn set(&mut self, row: u32, column: u32, cell: Option<OwnedCell>) -> Option<OwnedCell> {
        match cell {
            Some(cell) => self.cells.insert((row, column), cell),
            None => self.cells.remove(&(row, column)),
        }
    }

    /// The changed cells of a row, by column.
    pub fn of_row(&self, row: u32) -> impl Iterator<Item = (u32, &OwnedCell)> {
        self.cells
            .range((row, 0)..=(row, u32::MAX))
            .map(|(&(_, column), cell)| (column, cell))
    }

    /// The changed rows, ascending, each once.
    pub fn rows(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.cells.keys().map(|&(row, _)| row).collect();
        rows.dedup();
        rows
    }

    /// How many cells are changed.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}
