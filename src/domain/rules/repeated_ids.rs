//! Which rows have the same id, or one that differs only in capital letters or leading zeros. An id is kept in 64 bits: a
//! hash of its small letters without the zeros before a number in the upper ones, and of the id as it is written in the
//! lower ones, so that ids alike stand together when they are sorted. Among ten million rows two different ids share all
//! bits with a chance of 3 in a million, and the upper ones with one of 1 in 100; then one warning is wrong.

use std::{collections::HashSet, sync::Arc};

use rayon::iter::{IntoParallelRefMutIterator as _, ParallelIterator as _};
use xxhash_rust::xxh3::xxh3_64;

use super::{Broken, Evidence, Explanation, Family, Levels, Rule, RuleDef, explain::shorten, hashes::Hashes};
use crate::domain::{cell::Cell, dataset::Dataset, record::Plan, rows::RowSet};

/// Several records have the same id.
pub(super) const REPEATED_ID: RuleDef = RuleDef {
    name: "repeated-id",
    title: "Id appears again further down",
    says: "appears again further down",
    text: "A record replaces an earlier one with the same id whole, so only the last of them remains.",
    advice: "remove the earlier record, or give each its own id",
    evidence: Evidence::Sentence,
    compares_ids: true,
    explain: name_replacement,
    ..RuleDef::of(Family::Ids)
};

fn name_replacement(broken: &Broken<'_>) -> Vec<Explanation> {
    let replacement = broken.identities.replacement_of(broken.row);
    let by = replacement.map_or_else(
        || "further down".to_owned(),
        |last| format!("in {}", (broken.place_of)(last)),
    );
    let (path, value) = (broken.path(), shorten(broken.value));
    broken.sentence(format!(
        "{path} “{value}” appears again {by}; that record will replace this one"
    ))
}

/// The id differs from another one only in capital and small letters, or in leading zeros.
pub(super) const ALIKE_IDS: RuleDef = RuleDef {
    name: "alike-ids",
    title: "Ids that differ only in capital letters or leading zeros",
    says: "differs from another id only in capital letters or leading zeros",
    text: "For the API, shirt-1 and SHIRT-1 are two records, and so are 0663713001 and the 663713001 that a spreadsheet \
           makes of it. Mostly they are one, written by two systems, and what people do with the one is not counted for \
           the other.",
    advice: "write the id the same way everywhere",
    compares_ids: true,
    explain: name_other,
    ..RuleDef::of(Family::Ids)
};

fn name_other(broken: &Broken<'_>) -> Vec<Explanation> {
    let value = broken.value;
    let (other, line) = broken.identities.alike_of(broken.row).map_or_else(
        || ("another id".to_owned(), String::new()),
        |other| ("the id".to_owned(), format!(" in {}", (broken.place_of)(other))),
    );
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let only = if is_number { "leading zeros" } else { "capital letters" };
    broken.sentence(format!(
        "{} “{}” differs from {other}{line} only in {only}; write it the same way everywhere",
        broken.path(),
        shorten(value)
    ))
}

/// A parent that is none of the records.
pub(super) const UNKNOWN_PARENT: RuleDef = RuleDef {
    name: "unknown-parent",
    title: "Parents that are not among the records",
    says: "is no record's id, as all parents in this file",
    text: "parent_id is the product_id of another product. Where not one of a file's parents is among its ids, the \
           column mostly holds something else, such as the numbers that a database gives its rows, and joins nothing.",
    advice: "give the product_id of the parent, or leave the column out",
    compares_ids: true,
    ..RuleDef::of(Family::Ids)
};

/// Of fewer different parents nothing is said: their records may be stored already.
const FEWEST_PARENTS: usize = 2;

/// The columns of a table that hold ids which are compared across rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdColumns {
    /// The column of the records' own ids.
    pub id: Option<usize>,
    /// The column of the parents' ids of products, when unknown parents are reported.
    parent: Option<usize>,
}

impl IdColumns {
    /// The id columns of a table with so many columns.
    pub(crate) fn of(plan: &Plan, width: usize, levels: &Levels) -> Self {
        let has_parents = plan.dataset == Dataset::Products && levels.is_on(Rule::UnknownParent);
        let parent = plan
            .column_of("parent_id")
            .filter(|column| has_parents && *column < width);
        Self {
            id: plan.dataset.id_field().and_then(|name| plan.column_of(name)),
            parent,
        }
    }

    /// The row's id; `None` when rows have none.
    pub(crate) fn identity(&self, cells: &[Cell<'_>]) -> Option<u64> {
        Some(identity(cells.get(self.id?).copied().unwrap_or_default()))
    }

    /// The row's parent, with its column; `None` when it has none.
    fn parent(&self, cells: &[Cell<'_>]) -> Option<(usize, u64)> {
        let cell = cells.get(self.parent?).filter(|cell| !cell.is_missing())?;
        Some((self.parent?, identity(*cell)))
    }
}

/// The ids that rows have, gathered row by row.
#[derive(Debug, Default)]
pub(crate) struct IdFacts {
    ids: Hashes,
    parents: HashSet<u64>,
}

impl IdFacts {
    /// Notes a row, and reports its parent, for as long as no record is known to be one.
    pub(crate) fn note(&mut self, columns: &IdColumns, cells: &[Cell<'_>], report: &mut impl FnMut(Rule, usize)) {
        if let Some(id) = columns.identity(cells) {
            self.ids.push(id);
        }
        if let Some((column, parent)) = columns.parent(cells) {
            self.parents.insert(parent);
            report(Rule::UnknownParent, column);
        }
    }

    /// Adds those of later rows.
    pub(crate) fn append(&mut self, later: Self) {
        self.ids.append(later.ids);
        self.parents.extend(later.parents);
    }

    /// The ids, with what was reported of parents but does not hold, now that all rows are known.
    pub(crate) fn settle(self, left_out: &RowSet) -> (Identities, Option<Rule>) {
        let mut identities = Identities::new(self.ids);
        // A row that is left out replaces none, and none replaces it.
        identities.forget(left_out);
        let are_known = self.parents.len() < FEWEST_PARENTS || identities.has_any(&self.parents);
        (identities, are_known.then_some(Rule::UnknownParent))
    }
}

/// The hash of a row without an id, or one that is left out.
const NONE: u64 = 0;
/// Ids up to this length are looked at without allocating.
const SHORT: usize = 64;
/// How many bits tell ids apart that are alike.
const CASE_BITS: u32 = 12;
/// These bits.
const CASE: u64 = (1 << CASE_BITS) - 1;

/// Rows of a share, about: few enough to be copied in a microsecond or two.
const SHARE: usize = if cfg!(test) { 4 } else { 4096 };

/// The identity of an id cell. A JSON text and the same flat text are the same id.
fn identity(cell: Cell<'_>) -> u64 {
    if cell.is_missing() {
        return NONE;
    }
    let id = cell.shown();
    let is_small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    let hash = if let Some(number) = without_zeros(&id) {
        (xxh3_64(number.as_bytes()) & !CASE) | (xxh3_64(id.as_bytes()) & CASE)
    } else if id.as_bytes().iter().all(is_small) {
        // What has no capital letters is its own likeness.
        xxh3_64(id.as_bytes()) & !CASE
    } else if let Some(room) = [0; SHORT].get_mut(..id.len()).filter(|_| id.is_ascii()) {
        room.copy_from_slice(id.as_bytes());
        room.make_ascii_lowercase();
        (xxh3_64(room) & !CASE) | (xxh3_64(id.as_bytes()) & CASE)
    } else {
        let small = id.to_lowercase();
        let written = if small == id { 0 } else { xxh3_64(id.as_bytes()) & CASE };
        (xxh3_64(small.as_bytes()) & !CASE) | written
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

/// The ids of all rows; empty when the data set has none. Clones share what is not changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities {
    hashes: Hashes,
    /// The rows that have an id, dealt out by the upper bits of its hash, those of a share sorted by hash and row: ids
    /// alike stand together.
    shares: Vec<Arc<Vec<u32>>>,
    repeated: RowSet,
    /// Rows whose id was changed.
    changed: Vec<u32>,
    /// Likenesses whose rows must be compared again.
    touched: Vec<u64>,
}

impl Identities {
    /// The rule about rows that a later one replaces.
    pub(crate) const REPEATED: Rule = Rule::RepeatedId;
    /// The rule about rows whose id is like another one.
    pub(crate) const ALIKE: Rule = Rule::AlikeIds;

    fn new(hashes: Hashes) -> Self {
        Self {
            hashes,
            ..Self::default()
        }
    }

    /// Deals the rows out, after which they can be looked for. Returns the rows whose id appears again further down, so
    /// that they will be replaced; and those whose id is like another one.
    pub(crate) fn index(&mut self) -> (RowSet, RowSet) {
        let bits = (self.hashes.len() / SHARE + 1).next_power_of_two().ilog2().max(1);
        let mut counts = vec![0; 1 << bits];
        let ids = || self.hashes.iter().zip(0..).filter(|(hash, _)| *hash != NONE);
        for (hash, _) in ids() {
            counts[share(hash, bits)] += 1;
        }
        let mut shares: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
        for (hash, row) in ids() {
            shares[share(hash, bits)].push(row);
        }
        let sorted = shares
            .par_iter_mut()
            .map_init(Vec::new, |pairs, rows| self.sort(rows, pairs));
        let (repeated, alike): (Vec<Vec<u32>>, Vec<Vec<u32>>) = sorted.unzip();
        self.shares = shares.into_iter().map(Arc::new).collect();
        self.repeated = set_of(repeated.concat());
        (self.repeated.clone(), set_of(alike.concat()))
    }

    /// Sorts the rows of a share, and compares those that are alike; `pairs` is scratch.
    fn sort(&self, rows: &mut [u32], pairs: &mut Vec<(u64, u32)>) -> (Vec<u32>, Vec<u32>) {
        pairs.clear();
        pairs.extend(rows.iter().map(|row| (self.hash(*row), *row)));
        pairs.sort_unstable();
        let (mut repeated, mut alike) = (Vec::new(), Vec::new());
        for group in pairs.chunk_by(|a, b| likeness(a.0) == likeness(b.0)) {
            compare(group, &mut |row| repeated.push(row), &mut |row| alike.push(row));
        }
        for (row, (_, sorted)) in rows.iter_mut().zip(&*pairs) {
            *row = *sorted;
        }
        (repeated, alike)
    }

    /// The rows whose id appears again further down.
    pub(crate) const fn repeated(&self) -> &RowSet {
        &self.repeated
    }

    /// How many of these rows are replaced by later ones, and how many ids those have.
    pub(crate) fn replaced_among(&self, rows: &RowSet) -> (u64, u64) {
        let replaced = rows.intersection(&self.repeated);
        let mut ids: Vec<u64> = replaced.iter().map(|row| self.hash(row)).collect();
        ids.sort_unstable();
        ids.dedup();
        (replaced.len(), ids.len() as u64)
    }

    /// The last row with the same id as `row`, when that is another one.
    fn replacement_of(&self, row: u32) -> Option<u32> {
        let hash = self.hash(row);
        let last = self.rows_between(hash, hash).last()?;
        Some(*last).filter(|last| *last != row)
    }

    /// The first row whose id is like that of `row`, but not the same.
    fn alike_of(&self, row: u32) -> Option<u32> {
        let hash = self.hash(row);
        let mut rows = self.alike(likeness(hash));
        let mut first = None;
        while let Some(next) = rows.first() {
            let other = self.hash(*next);
            if other != hash {
                first = first.into_iter().chain([*next]).min();
            }
            // There may be many rows with this id, and few ids that are alike.
            let count = rows.partition_point(|row| self.hash(*row) == other);
            rows = rows.get(count..).unwrap_or_default();
        }
        first
    }

    /// What may have been reported of a row's parent, but does not hold: it has none, or one that is a record.
    pub(crate) fn refuted(&self, columns: &IdColumns, cells: &[Cell<'_>]) -> Option<Rule> {
        let parent = columns.parent(cells);
        let is_known = parent.is_none_or(|(_, parent)| self.has(parent));
        is_known.then_some(Rule::UnknownParent)
    }

    /// Whether a row has this id.
    fn has(&self, hash: u64) -> bool {
        !self.rows_between(hash, hash).is_empty()
    }

    /// Whether a row has one of these ids.
    fn has_any(&self, ids: &HashSet<u64>) -> bool {
        !ids.is_empty() && self.hashes.iter().any(|hash| ids.contains(&hash))
    }

    /// Takes rows for such without an id, before they are dealt out.
    fn forget(&mut self, rows: &RowSet) {
        for range in rows.ranges() {
            self.hashes.fill(range, NONE);
        }
    }

    /// Changes the id of a row, `None` for one that is left out; [`Self::settle`] must follow.
    pub(crate) fn set(&mut self, row: u32, id: Option<u64>) {
        let hash = id.unwrap_or(NONE);
        let old = self.hash(row);
        if old == hash || row as usize >= self.hashes.len() {
            return;
        }
        if let Some((share, Ok(at))) = self.place_of(row) {
            Arc::make_mut(&mut self.shares[share]).remove(at);
        }
        self.hashes.set(row, hash);
        if let Some((share, Err(at))) = self.place_of(row) {
            Arc::make_mut(&mut self.shares[share]).insert(at, row);
        }
        self.changed.push(row);
        self.touched.extend([likeness(old), likeness(hash)]);
    }

    /// Tells, of every row that changes may concern, whether it is in the sets that [`Self::index`] returned.
    pub(crate) fn settle(&mut self, tell: &mut impl FnMut(u32, [bool; 2])) {
        let changed = std::mem::take(&mut self.changed).into_iter();
        let without_id = changed.filter(|row| self.hash(*row) == NONE);
        let mut told: Vec<(u32, [bool; 2])> = without_id.map(|row| (row, [false; 2])).collect();
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        for likeness in touched {
            let rows = self.alike(likeness);
            let ends = rows.first().zip(rows.last());
            let is_mixed = ends.is_some_and(|(first, last)| self.hash(*first) != self.hash(*last));
            for (at, row) in rows.iter().enumerate() {
                let next = rows.get(at + 1);
                let is_repeated = next.is_some_and(|next| self.hash(*next) == self.hash(*row));
                told.push((*row, [is_repeated, is_mixed]));
            }
        }
        for (row, is_of) in told {
            if is_of[0] {
                self.repeated.insert(row);
            } else {
                self.repeated.remove(row);
            }
            tell(row, is_of);
        }
    }

    fn hash(&self, row: u32) -> u64 {
        self.hashes.get(row).unwrap_or(NONE)
    }

    /// The rows whose ids have this likeness, sorted by hash and row.
    fn alike(&self, likeness: u64) -> &[u32] {
        let first = likeness << CASE_BITS;
        self.rows_between(first, first | CASE)
    }

    /// The rows whose hashes are between two that are alike, sorted by hash and row.
    fn rows_between(&self, first: u64, last: u64) -> &[u32] {
        let Some(share) = self.share_of(first).and_then(|share| self.shares.get(share)) else {
            return &[];
        };
        let from = share.partition_point(|row| self.hash(*row) < first);
        let rows = share.get(from..).unwrap_or_default();
        let count = rows.partition_point(|row| self.hash(*row) <= last);
        rows.get(..count).unwrap_or_default()
    }

    /// In which share a row with an id stands, and where, or where it belongs.
    fn place_of(&self, row: u32) -> Option<(usize, Result<usize, usize>)> {
        let hash = self.hash(row);
        let share = self.share_of(hash).filter(|_| hash != NONE)?;
        let rows = self.shares.get(share)?;
        let at = rows.binary_search_by_key(&(hash, row), |row| (self.hash(*row), *row));
        Some((share, at))
    }

    /// The share of a hash, once there are shares.
    fn share_of(&self, hash: u64) -> Option<usize> {
        let bits = self.shares.len().checked_ilog2()?;
        Some(share(hash, bits))
    }
}

/// The share of a hash, of as many as so many bits tell apart; at least one bit.
fn share(hash: u64, bits: u32) -> usize {
    usize::try_from(hash >> (u64::BITS - bits)).unwrap_or_default()
}

fn set_of(mut rows: Vec<u32>) -> RowSet {
    rows.sort_unstable();
    rows.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A few ids, some of them alike, and rows without one.
    fn hash() -> impl Strategy<Value = u64> {
        let ids = ["", "a", "A", "b", "B", "7", "07", "007", "c", "d", "e"];
        prop::sample::select(ids.to_vec())
            .prop_map(|id| identity(if id.is_empty() { Cell::Missing } else { Cell::Text(id) }))
    }

    fn identities(ids: &[u64]) -> Identities {
        let mut hashes = Hashes::default();
        for hash in ids {
            hashes.push(*hash);
        }
        Identities::new(hashes)
    }

    /// What [`Identities::index`] should return, row against row.
    fn compared(ids: &[u64]) -> (RowSet, RowSet) {
        let rows = || (0..).zip(ids).filter(|(_, hash)| **hash != NONE);
        let those = |is: &dyn Fn(u32, u64, u32, u64) -> bool| {
            let has = |(row, hash): &(u32, &u64)| rows().any(|(other, hash2)| is(*row, **hash, other, *hash2));
            rows().filter(has).map(|(row, _)| row).collect()
        };
        (
            those(&|row, hash, other, hash2| row < other && hash == hash2),
            those(&|_, hash, _, hash2| hash != hash2 && likeness(hash) == likeness(hash2)),
        )
    }

    proptest! {
        /// After any changes, all answers are those that comparing every row with every other one gives; a clone from
        /// before keeps its own.
        #[test]
        fn answers_are_those_of_comparing_all_rows(
            mut ids in prop::collection::vec(hash(), 0..60),
            changes in prop::collection::vec((0_u32..60, hash(), any::<bool>()), 0..30),
        ) {
            let mut identities = identities(&ids);
            let (mut repeated, mut alike) = identities.index();
            prop_assert_eq!((&repeated, &alike), (&compared(&ids).0, &compared(&ids).1));
            let (before, of_before) = (identities.clone(), ids.clone());
            let mut tell = |row, is_of: [bool; 2]| {
                for (set, is_of) in [&mut repeated, &mut alike].into_iter().zip(is_of) {
                    if is_of { set.insert(row) } else { set.remove(row) };
                }
            };
            for (row, hash, settles) in changes {
                identities.set(row, Some(hash));
                if let Some(old) = ids.get_mut(row as usize) { *old = hash }
                if settles { identities.settle(&mut tell) }
            }
            identities.settle(&mut tell);
            for (identities, ids) in [(&identities, &ids), (&before, &of_before)] {
                prop_assert_eq!(identities.repeated(), &compared(ids).0);
                for (row, &hash) in (0..).zip(ids) {
                    let others = || (0..).zip(ids).filter(|(_, other)| hash != NONE && **other != NONE);
                    let last = others().filter(|(_, other)| **other == hash).map(|(row, _)| row).last();
                    prop_assert_eq!(identities.replacement_of(row), last.filter(|last| *last != row));
                    let mut like = others().filter(|(_, other)| **other != hash && likeness(**other) == likeness(hash));
                    prop_assert_eq!(identities.alike_of(row), like.next().map(|(row, _)| row));
                    prop_assert_eq!(identities.has(hash), hash != NONE);
                }
            }
            prop_assert_eq!((repeated, alike), compared(&ids));
        }
    }

    #[test]
    fn a_change_copies_the_chunk_and_the_shares_it_is_in() {
        let ids: Vec<u64> = (0..1000).map(|id: u32| identity(Cell::Text(&id.to_string()))).collect();
        let mut before = identities(&ids);
        before.index();
        let mut after = before.clone();
        after.set(500, Some(identity(Cell::Text("another"))));
        let (shared, chunks) = after.hashes.shared_with(&before.hashes);
        assert_eq!(shared + 1, chunks);
        let pairs = before.shares.iter().zip(&after.shares);
        let kept = pairs.filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert!(kept + 2 >= before.shares.len(), "{kept} of {}", before.shares.len());
        assert!(before.shares.len() > 100);
    }
}
