//! Which rows have the same id. Ids are kept as 64-bit hashes, 8 bytes a row: among ten million rows two different
//! ids share one with a chance of 3 in a million, and then one warning is wrong.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, OnceLock},
};

use rayon::slice::ParallelSliceMut as _;

use crate::domain::{cell::Cell, rows::RowSet};

/// The hash of a row without an id.
const NONE: u64 = 0;

/// The identity of an id cell. A JSON text and the same flat text are the same id.
pub(super) fn of(cell: Cell<'_>) -> u64 {
    if cell.is_missing() {
        return NONE;
    }
    let mut hasher = DefaultHasher::new();
    cell.shown().hash(&mut hasher);
    hasher.finish().max(1)
}

/// The ids of all rows; empty when the data set has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities {
    hashes: Vec<u64>,
    /// Ids whose rows must be compared again.
    touched: Vec<u64>,
    /// The last row of every id, worked out when someone asks.
    last: OnceLock<Arc<HashMap<u64, u32>>>,
}

impl Identities {
    pub(super) const fn new(hashes: Vec<u64>) -> Self {
        Self {
            hashes,
            touched: Vec::new(),
            last: OnceLock::new(),
        }
    }

    /// The rows whose id appears again further down: they will be replaced.
    pub(super) fn replaced(&self) -> RowSet {
        let known = self.hashes.iter().copied().zip(0..).filter(|(hash, _)| *hash != NONE);
        let mut pairs: Vec<(u64, u32)> = known.collect();
        pairs.par_sort_unstable();
        let same = pairs.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        let mut rows: Vec<u32> = same.map(|pair| pair[0].1).collect();
        rows.sort_unstable();
        rows.into_iter().collect()
    }

    /// The last row with the same id as `row`, when that is another one.
    pub(super) fn replacement_of(&self, row: u32) -> Option<u32> {
        let hash = self.hashes.get(row as usize).filter(|hash| **hash != NONE)?;
        let last = self
            .last
            .get_or_init(|| Arc::new(self.hashes.iter().copied().zip(0..).collect()));
        last.get(hash).copied().filter(|last| *last != row)
    }

    /// Changes the id of a row; [`Self::settle`] must follow.
    pub(super) fn set(&mut self, row: u32, hash: u64) {
        if let Some(old) = self.hashes.get_mut(row as usize)
            && *old != hash
        {
            self.touched.extend([*old, hash]);
            *old = hash;
            self.last = OnceLock::new();
        }
    }

    /// Brings the set of replaced rows up to date after changes: one walk over the hashes, however many changed.
    pub(super) fn settle(&mut self, replaced: &mut RowSet) {
        self.touched.sort_unstable();
        self.touched.dedup();
        if self.touched.is_empty() {
            return;
        }
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); self.touched.len()];
        for (row, hash) in (0..).zip(&self.hashes) {
            if let Ok(at) = self.touched.binary_search(hash) {
                rows_of[at].push(row);
            }
        }
        for (hash, rows) in self.touched.drain(..).zip(rows_of) {
            let last = rows.len().saturating_sub(1);
            for (nth, row) in rows.into_iter().enumerate() {
                if hash == NONE || nth == last {
                    replaced.remove(row);
                } else {
                    replaced.insert(row);
                }
            }
        }
    }
}
