//! One hash a row, in chunks that clones share.

use std::{ops::Range, sync::Arc};

/// Rows of a chunk: few enough to be copied in a few microseconds, so many that even large tables have few chunks.
const CHUNK: usize = if cfg!(test) { 4 } else { 4096 };

/// One hash a row. A change of a clone copies the chunk that the row is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    full: Vec<Arc<Vec<u64>>>,
    /// The rows after the full chunks, fewer than one has.
    rest: Vec<u64>,
}

impl Hashes {
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.rest.len()
    }

    /// Adds the hash of the next row.
    pub(super) fn push(&mut self, hash: u64) {
        self.rest.push(hash);
        if self.rest.len() == CHUNK {
            self.full.push(Arc::new(std::mem::take(&mut self.rest)));
        }
    }

    /// Adds the hashes of the rows that follow.
    pub(super) fn append(&mut self, later: Self) {
        for chunk in later.full {
            if self.rest.is_empty() {
                self.full.push(chunk);
            } else {
                self.extend(&chunk);
            }
        }
        self.extend(&later.rest);
    }

    fn extend(&mut self, mut hashes: &[u64]) {
        while !hashes.is_empty() {
            let (fit, more) = hashes.split_at(hashes.len().min(CHUNK - self.rest.len()));
            self.rest.reserve_exact(CHUNK - self.rest.len());
            self.rest.extend_from_slice(fit);
            if self.rest.len() == CHUNK {
                self.full.push(Arc::new(std::mem::take(&mut self.rest)));
            }
            hashes = more;
        }
    }

    /// All of them, in row order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let full = self.full.iter().flat_map(|chunk| chunk.iter());
        full.chain(&self.rest).copied()
    }

    #[inline]
    pub(super) fn get(&self, row: u32) -> Option<u64> {
        let row = row as usize;
        let chunk = self.full.get(row / CHUNK).map_or(&self.rest, |chunk| chunk);
        chunk.get(row % CHUNK).copied().filter(|_| row < self.len())
    }

    /// Changes the hash of a row that there is.
    pub(super) fn set(&mut self, row: u32, hash: u64) {
        self.fill(row..row + 1, hash);
    }

    /// Gives the rows of a range the same hash, as far as there are such.
    pub(super) fn fill(&mut self, rows: Range<u32>, hash: u64) {
        let end = self.len().min(rows.end as usize);
        let mut at = rows.start as usize;
        while at < end {
            let (chunk, from) = (at / CHUNK, at % CHUNK);
            let to = CHUNK.min(from + end - at);
            let hashes = self.full.get_mut(chunk).map_or(&mut self.rest, Arc::make_mut);
            hashes.get_mut(from..to).unwrap_or_default().fill(hash);
            at += to - from;
        }
    }

    /// How many chunks are those of another one's too, and how many there are.
    #[cfg(test)]
    pub(super) fn shared_with(&self, other: &Self) -> (usize, usize) {
        let pairs = self.full.iter().zip(&other.full);
        (pairs.filter(|(a, b)| Arc::ptr_eq(a, b)).count(), self.full.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever pieces they come in, hashes are kept, changed and walked as a plain list's are.
        #[test]
        fn chunks_are_a_list(
            pieces in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..20), 0..6),
            changes in prop::collection::vec((0_u32..70, 0_u32..9, any::<u64>()), 0..8),
        ) {
            let mut hashes = Hashes::default();
            for piece in &pieces {
                let mut later = Hashes::default();
                for hash in piece {
                    later.push(*hash);
                }
                hashes.append(later);
            }
            let mut plain = pieces.concat();
            let before = (hashes.clone(), plain.clone());
            for (start, len, hash) in changes {
                hashes.fill(start..start + len, hash);
                plain.iter_mut().skip(start as usize).take(len as usize).for_each(|old| *old = hash);
            }
            prop_assert_eq!(hashes.iter().collect::<Vec<_>>(), plain.clone());
            prop_assert_eq!(hashes.len(), plain.len());
            for row in 0..75 {
                prop_assert_eq!(hashes.get(row), plain.get(row as usize).copied());
            }
            prop_assert_eq!(before.0.iter().collect::<Vec<_>>(), before.1);
        }
    }
}
