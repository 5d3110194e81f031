//! Which rows have the same id, or one that differs only in capital letters or leading zeros. An id is kept in 64 bits: a
//! hash of its small letters without the zeros before a number in the upper ones, and of the id as it is written in the
//! lower ones, so that ids alike stand together when they are sorted. Among ten million rows two different ids share all
//! bits with a chance of 3 in a million, and the upper ones with one of 1 in 100; then one warning is wrong.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, OnceLock},
};

use rayon::{iter::ParallelIterator as _, slice::ParallelSlice as _};
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::{cell::Cell, rows::RowSet};

/// The hash of a row without an id, or one that is left out.
const NONE: u64 = 0;
/// Ids up to this length are looked at without allocating.
const SHORT: usize = 64;
/// How many bits tell ids apart that are alike.
const CASE_BITS: u32 = 12;

/// Rows compared at a time: so few that they stay near the core.
const SHARE: usize = 8192;

/// A map by what is a hash already.
type ByHash = HashMap<u64, u32, BuildHasherDefault<Itself>>;

/// The hash of a hash.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        // The map relies on the highest bits, which the ids of a share have in common.
        self.0 = hash.rotate_left(40);
    }
}

/// The identity of an id cell. A JSON text and the same flat text are the same id.
pub(super) fn of(cell: Cell<'_>) -> u64 {
    if cell.is_missing() {
        return NONE;
    }
    let id = cell.shown();
    let is_small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    let case = (1 << CASE_BITS) - 1;
    let hash = if let Some(number) = without_zeros(&id) {
        (xxh3_64(number.as_bytes()) & !case) | (xxh3_64(id.as_bytes()) & case)
    } else if id.as_bytes().iter().all(is_small) {
        // What has no capital letters is its own likeness.
        xxh3_64(id.as_bytes()) & !case
    } else if let Some(room) = [0; SHORT].get_mut(..id.len()).filter(|_| id.is_ascii()) {
        room.copy_from_slice(id.as_bytes());
        room.make_ascii_lowercase();
        (xxh3_64(room) & !case) | (xxh3_64(id.as_bytes()) & case)
    } else {
        let small = id.to_lowercase();
        let written = if small == id { 0 } else { xxh3_64(id.as_bytes()) & case };
        (xxh3_64(small.as_bytes()) & !case) | written
    };
    hash.max(1)
}

/// The number that an id is with zeros before it, as spreadsheets lose them.
fn without_zeros(id: &str) -> Option<&str> {
    let number = id.strip_prefix('0')?.trim_start_matches('0');
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// What ids that are alike have in common.
const fn likeness(hash: u64) -> u64 {
    hash >> CASE_BITS
}

/// The ids of all rows; empty when the data set has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities {
    hashes: Vec<u64>,
    /// Likenesses whose rows must be compared again.
    touched: Vec<u64>,
    /// Two rows of every likeness whose ids differ, worked out when someone asks.
    pairs: OnceLock<Arc<Pairs>>,
}

/// Two ids that are alike but not the same, with their rows, by likeness.
type Pairs = HashMap<u64, [(u64, u32); 2]>;

impl Identities {
    pub(super) const fn new(hashes: Vec<u64>) -> Self {
        Self {
            hashes,
            touched: Vec::new(),
            pairs: OnceLock::new(),
        }
    }

    /// The rows whose id appears again further down, so that they will be replaced; and those whose id is like another
    /// one.
    pub(super) fn settle_all(&self) -> (RowSet, RowSet) {
        // Rows are dealt out by their hash, those of a share in row order, so that ids alike meet in one share.
        let bits = (self.hashes.len() / SHARE + 1).next_power_of_two().ilog2().max(1);
        let share = |hash: u64| usize::try_from(hash >> (64 - bits)).unwrap_or_default();
        let mut ends = vec![0_usize; 1 << bits];
        for &hash in &self.hashes {
            ends[share(hash)] += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut dealt = vec![0_u32; self.hashes.len()];
        for (row, &hash) in (0..).zip(&self.hashes) {
            let end = &mut ends[share(hash)];
            dealt[*end] = row;
            *end += 1;
        }
        let mut bounds = ends;
        bounds.insert(0, 0);
        let shares = bounds.par_windows(2).map_init(ByHash::default, |seen, bounds| {
            self.settle_share(dealt.get(bounds[0]..bounds[1]).unwrap_or_default(), seen)
        });
        let (repeated, alike): (Vec<Vec<u32>>, Vec<Vec<u32>>) = shares.unzip();
        let set = |rows: Vec<Vec<u32>>| -> RowSet {
            let mut rows = rows.concat();
            rows.sort_unstable();
            rows.into_iter().collect()
        };
        (set(repeated), set(alike))
    }

    /// The same for some rows that have all of the ids alike; `seen` is scratch.
    fn settle_share(&self, rows: &[u32], seen: &mut ByHash) -> (Vec<u32>, Vec<u32>) {
        let hash_of = |row: u32| self.hashes.get(row as usize).copied().filter(|hash| *hash != NONE);
        seen.clear();
        // Most ids are alone, which is soon found out; few are worth sorting.
        let mut shared: Vec<u64> = rows
            .iter()
            .filter_map(|row| hash_of(*row).map(likeness))
            .filter(|likeness| seen.insert(*likeness, 0).is_some())
            .collect();
        let (mut repeated, mut alike) = (Vec::new(), Vec::new());
        if shared.is_empty() {
            return (repeated, alike);
        }
        shared.sort_unstable();
        let mut pairs: Vec<(u64, u32)> = rows
            .iter()
            .filter_map(|row| Some((hash_of(*row)?, *row)))
            .filter(|(hash, _)| shared.binary_search(&likeness(*hash)).is_ok())
            .collect();
        pairs.sort_unstable();
        for group in pairs.chunk_by(|a, b| likeness(a.0) == likeness(b.0)) {
            compare(group, &mut |row| repeated.push(row), &mut |row| alike.push(row));
        }
        (repeated, alike)
    }

    /// The last row with the same id as `row`, when that is another one.
    pub(super) fn replacement_of(&self, row: u32) -> Option<u32> {
        let hash = self.hashes.get(row as usize).filter(|hash| **hash != NONE)?;
        let last = self.hashes.iter().rposition(|other| other == hash)?;
        u32::try_from(last).ok().filter(|last| *last != row)
    }

    /// A row whose id is like that of `row`, but not the same; `alike` are all rows that have such.
    pub(super) fn alike_of(&self, row: u32, alike: &RowSet) -> Option<u32> {
        let hash = *self.hashes.get(row as usize)?;
        let pairs = self.pairs.get_or_init(|| {
            let mut pairs = Pairs::new();
            for row in alike.iter() {
                let hash = self.hashes.get(row as usize).copied().unwrap_or(NONE);
                let pair = pairs.entry(likeness(hash)).or_insert([(hash, row); 2]);
                if pair[0].0 == pair[1].0 {
                    pair[1] = (hash, row);
                }
            }
            Arc::new(pairs)
        });
        let pair = pairs.get(&likeness(hash))?;
        pair.iter().find(|(other, _)| *other != hash).map(|(_, row)| *row)
    }

    /// Whether a row has this id.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.hashes.contains(&hash)
    }

    /// Whether a row has one of these ids.
    pub(super) fn has_any(&self, ids: &HashSet<u64>) -> bool {
        !ids.is_empty() && self.hashes.iter().any(|hash| ids.contains(hash))
    }

    /// Takes rows for such without an id.
    pub(super) fn forget(&mut self, rows: &RowSet) {
        for range in rows.ranges() {
            let end = self.hashes.len().min(range.end as usize);
            self.hashes
                .get_mut(range.start as usize..end)
                .unwrap_or_default()
                .fill(NONE);
        }
    }

    /// Changes the id of a row; [`Self::settle`] must follow.
    pub(super) fn set(&mut self, row: u32, hash: u64) {
        if let Some(old) = self.hashes.get_mut(row as usize)
            && *old != hash
        {
            self.touched.extend([likeness(*old), likeness(hash)]);
            *old = hash;
            self.pairs = OnceLock::new();
        }
    }

    /// Brings the sets of [`Self::settle_all`] up to date after changes: one walk over the hashes, however many
    /// changed.
    pub(super) fn settle(&mut self, repeated: &mut RowSet, alike: &mut RowSet) {
        self.touched.sort_unstable();
        self.touched.dedup();
        if self.touched.is_empty() {
            return;
        }
        let mut groups: Vec<Vec<(u64, u32)>> = vec![Vec::new(); self.touched.len()];
        for (row, hash) in (0..).zip(&self.hashes) {
            if let Ok(at) = self.touched.binary_search(&likeness(*hash)) {
                groups[at].push((*hash, row));
            }
        }
        self.touched.clear();
        for mut group in groups {
            for (_, row) in &group {
                repeated.remove(*row);
                alike.remove(*row);
            }
            group.retain(|(hash, _)| *hash != NONE);
            group.sort_unstable();
            compare(
                &group,
                &mut |row| {
                    repeated.insert(row);
                },
                &mut |row| {
                    alike.insert(row);
                },
            );
        }
    }
}

/// Compares rows whose ids are alike, sorted by hash and row.
fn compare(group: &[(u64, u32)], repeated: &mut dyn FnMut(u32), alike: &mut dyn FnMut(u32)) {
    let is_mixed = group.first().map(|(hash, _)| hash) != group.last().map(|(hash, _)| hash);
    for same in group.chunk_by(|a, b| a.0 == b.0) {
        for (nth, (_, row)) in same.iter().enumerate() {
            if nth + 1 < same.len() {
                repeated(*row);
            }
            if is_mixed {
                alike(*row);
            }
        }
    }
}
