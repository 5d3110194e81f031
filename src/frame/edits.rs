//! Changed cells, laid over a file that is itself never touched.

use std::{collections::BTreeMap, sync::Arc};

use crate::domain::cell::OwnedCell;

/// Rows of a block: few enough to be copied in a moment, so many that the blocks of a table that is changed everywhere
/// are few.
const BLOCK: u32 = 256;

/// The changed cells of a block, by row and column.
type Block = BTreeMap<(u32, u32), OwnedCell>;

/// Changed cells by row and column. Clones share what is not changed: a snapshot for a worker, or for the history, costs
/// little, and a change after it copies the block that the row is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// None of them is empty.
    blocks: BTreeMap<u32, Arc<Block>>,
    len: usize,
}

impl Edits {
    /// The changed content of a cell, or `None` when it is as in the file.
    pub fn get(&self, row: u32, column: u32) -> Option<&OwnedCell> {
        self.blocks.get(&(row / BLOCK))?.get(&(row, column))
    }

    /// Changes a cell, or with `None` restores the file's content. Returns what the change was before.
    pub fn set(&mut self, row: u32, column: u32, cell: Option<OwnedCell>) -> Option<OwnedCell> {
        let number = row / BLOCK;
        let Some(cell) = cell else {
            self.get(row, column)?;
            let block = Arc::make_mut(self.blocks.get_mut(&number)?);
            let before = block.remove(&(row, column));
            if block.is_empty() {
                self.blocks.remove(&number);
            }
            self.len -= 1;
            return before;
        };
        let block = Arc::make_mut(self.blocks.entry(number).or_default());
        let before = block.insert((row, column), cell);
        self.len += usize::from(before.is_none());
        before
    }

    /// The changed cells of a row, by column.
    pub fn of_row(&self, row: u32) -> impl Iterator<Item = (u32, &OwnedCell)> {
        let block = self.blocks.get(&(row / BLOCK)).into_iter();
        let cells = block.flat_map(move |block| block.range((row, 0)..=(row, u32::MAX)));
        cells.map(|(&(_, column), cell)| (column, cell))
    }

    /// The changed rows, ascending, each once.
    pub fn rows(&self) -> Vec<u32> {
        let cells = self.blocks.values().flat_map(|block| block.keys());
        let mut rows: Vec<u32> = cells.map(|&(row, _)| row).collect();
        rows.dedup();
        rows
    }

    /// How many cells are changed.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is changed.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row() -> impl Strategy<Value = u32> {
        prop_oneof![0_u32..4, BLOCK - 2..BLOCK + 2, 9 * BLOCK..9 * BLOCK + 3]
    }

    proptest! {
        /// Whatever is changed and restored, the blocks hold what one map would; a snapshot from before keeps its own.
        #[test]
        fn blocks_are_one_map(changes in prop::collection::vec((row(), 0_u32..3, prop::option::of("[a-c]")), 0..40)) {
            let (mut edits, mut plain) = (Edits::default(), Block::new());
            for (row, column, text) in changes {
                let (snapshot, before) = (edits.clone(), plain.clone());
                let cell = text.map(|text| OwnedCell::Text(text.into()));
                let old = edits.set(row, column, cell.clone());
                let expected = match cell {
                    Some(cell) => plain.insert((row, column), cell),
                    None => plain.remove(&(row, column)),
                };
                prop_assert_eq!(old, expected);
                for (edits, plain) in [(&edits, &plain), (&snapshot, &before)] {
                    let mut rows: Vec<u32> = plain.keys().map(|(row, _)| *row).collect();
                    rows.dedup();
                    let all = rows.iter().flat_map(|row| edits.of_row(*row).map(|(column, cell)| ((*row, column), cell.clone())));
                    prop_assert_eq!(&all.collect::<Block>(), plain);
                    prop_assert_eq!((edits.rows(), edits.len(), edits.is_empty()), (rows, plain.len(), plain.is_empty()));
                }
            }
        }

        #[test]
        fn a_change_copies_only_its_block(rows in prop::collection::btree_set(0..20 * BLOCK, 1..40), row in 0..20 * BLOCK) {
            let mut before = Edits::default();
            for row in rows {
                before.set(row, 0, Some(OwnedCell::Missing));
            }
            let mut after = before.clone();
            after.set(row, 0, Some(OwnedCell::Missing));
            for (number, block) in &before.blocks {
                let is_shared = after.blocks.get(number).is_some_and(|other| Arc::ptr_eq(block, other));
                prop_assert_eq!(is_shared, *number != row / BLOCK);
            }
        }
    }
}
