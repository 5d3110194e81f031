//! A compact, sorted set of row numbers.

use std::{ops::Range, sync::Arc};

/// How many ranges a leaf holds: few enough to be copied in a microsecond or two, so many that even large sets have
/// few leaves.
const LEAF: usize = if cfg!(test) { 4 } else { 2048 };

/// Of two sets, one has so many times fewer leaves when its ranges are quicker looked up than walked to.
const MUCH_FEWER: usize = if cfg!(test) { 2 } else { 16 };

/// A set of rows, kept as sorted, disjoint, non-touching ranges: a column that is wrong everywhere costs one range.
/// Clones share the leaves; a change of one copies the leaves it touches.
#[derive(Clone, Debug, Default)]
pub struct RowSet {
    /// None of them is empty.
    leaves: Vec<Arc<Leaf>>,
    len: u64,
}

/// Some ranges, and how many rows they have.
#[derive(Clone, Debug, Default)]
struct Leaf {
    ranges: Vec<Range<u32>>,
    rows: u64,
}

/// A place among the ranges: the leaf, and the range in it. After the last range it is the leaf after the last one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    leaf: usize,
    at: usize,
}

impl RowSet {
    /// How many rows there are.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a row; cheapest when rows come in ascending order. Returns whether it was new.
    pub fn insert(&mut self, row: u32) -> bool {
        // What is there already must not cost a copy of a leaf.
        if self.last().is_some_and(|last| row < last.start) && self.contains(row) {
            return false;
        }
        let before = self.len;
        self.insert_range(row..row + 1);
        self.len > before
    }

    /// Takes a row out. Returns whether it was there.
    pub fn remove(&mut self, row: u32) -> bool {
        let before = self.len;
        self.remove_range(&(row..row + 1));
        self.len < before
    }

    /// Whether the row is in the set.
    pub fn contains(&self, row: u32) -> bool {
        self.get(self.position(|range| range.end <= row))
            .is_some_and(|range| range.contains(&row))
    }

    /// The first row at or after `row`.
    pub(crate) fn at_or_after(&self, row: u32) -> Option<u32> {
        self.get(self.position(|range| range.end <= row))
            .map(|range| range.start.max(row))
    }

    /// The last row before `row`.
    pub fn before(&self, row: u32) -> Option<u32> {
        let range = self.previous(self.position(|range| range.start < row))?;
        Some(range.end.min(row) - 1)
    }

    /// The row that so many others come before.
    pub fn nth(&self, mut place: u64) -> Option<u32> {
        let leaf = self.leaves.iter().find(|leaf| {
            let is_in = place < leaf.rows;
            if !is_in {
                place -= leaf.rows;
            }
            is_in
        });
        for range in &leaf?.ranges {
            let len = count(range);
            if place < len {
                return u32::try_from(u64::from(range.start) + place).ok();
            }
            place -= len;
        }
        None
    }

    /// How many rows come before this one.
    pub(crate) fn rank(&self, row: u32) -> u64 {
        let Position { leaf, at } = self.position(|range| range.end <= row);
        let before: u64 = self.leaves.iter().take(leaf).map(|leaf| leaf.rows).sum();
        let Some(leaf) = self.leaves.get(leaf) else {
            return before;
        };
        let within: u64 = leaf.ranges.iter().take(at).map(count).sum();
        let part = leaf.ranges.get(at).map_or(0, |range| row.saturating_sub(range.start));
        before + within + u64::from(part)
    }

    /// All rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges().flatten()
    }

    /// One row.
    pub fn of_row(row: u32) -> Self {
        std::iter::once(row).collect()
    }

    /// The rows of ranges.
    pub fn of_ranges(ranges: impl IntoIterator<Item = Range<u32>>) -> Self {
        let mut set = Self::default();
        for range in ranges {
            set.insert_range(range);
        }
        set
    }

    /// The rows as ranges, ascending, disjoint, with gaps between them.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<u32>> + '_ {
        self.leaves.iter().flat_map(|leaf| leaf.ranges.iter().cloned())
    }

    /// Adds many rows at once.
    pub(crate) fn insert_all(&mut self, rows: &Self) {
        for range in rows.ranges() {
            self.insert_range(range);
        }
    }

    /// Takes many rows out at once.
    pub(crate) fn remove_all(&mut self, rows: &Self) {
        for range in rows.ranges() {
            self.remove_range(&range);
        }
    }

    /// Adds the rows of a range.
    pub(crate) fn insert_range(&mut self, rows: Range<u32>) {
        if rows.is_empty() {
            return;
        }
        match self.last() {
            Some(last) if rows.start < last.start => self.insert_between(rows),
            Some(last) if rows.start <= last.end => {
                let end = last.end;
                if end < rows.end {
                    self.extend_last(rows.end);
                }
            }
            _ => self.push(rows),
        }
    }

    fn insert_between(&mut self, rows: Range<u32>) {
        let from = self.position(|range| range.end < rows.start);
        let to = self.position(|range| range.start <= rows.end).max(from);
        let touched = |range: Option<&Range<u32>>| range.filter(|_| from < to).cloned();
        let start = touched(self.get(from)).map_or(rows.start, |first| first.start.min(rows.start));
        let end = touched(self.previous(to)).map_or(rows.end, |last| last.end.max(rows.end));
        self.splice(from, to, Some(start..end));
    }

    /// Takes the rows of a range out.
    pub(crate) fn remove_range(&mut self, rows: &Range<u32>) {
        let from = self.position(|range| range.end <= rows.start);
        let to = self.position(|range| range.start < rows.end).max(from);
        if rows.is_empty() || from == to {
            return;
        }
        let before = self.get(from).map(|first| first.start..rows.start.max(first.start));
        let after = self.previous(to).map(|last| rows.end.min(last.end)..last.end);
        let kept = [before, after].into_iter().flatten().filter(|range| !range.is_empty());
        let kept: Vec<_> = kept.collect();
        self.splice(from, to, kept);
    }

    /// The rows that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (few, many) = if self.leaves.len() <= other.leaves.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut both = Self::default();
        if few.leaves.len() * MUCH_FEWER > many.leaves.len() {
            // Of sets of about the same size, walking through both is quicker than looking ranges up.
            let (mut left, mut right) = (few.ranges(), many.ranges());
            let mut pair = left.next().zip(right.next());
            while let Some((one, other)) = pair {
                both.insert_range(one.start.max(other.start)..one.end.min(other.end));
                pair = if one.end < other.end {
                    left.next().map(|next| (next, other))
                } else {
                    right.next().map(|next| (one, next))
                };
            }
            return both;
        }
        for rows in few.ranges() {
            let from = many.position(|range| range.end <= rows.start);
            for range in many.ranges_from(from).take_while(|range| range.start < rows.end) {
                both.insert_range(range.start.max(rows.start)..range.end.min(rows.end));
            }
        }
        both
    }

    /// The rows of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::union_all([self, other])
    }

    /// The rows of all of these sets.
    pub(crate) fn union_all<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sets = sets.into_iter().filter(|set| !set.is_empty());
        let Some(first) = sets.next() else {
            return Self::default();
        };
        let Some(second) = sets.next() else {
            return first.clone();
        };
        let mut ranges: Vec<Range<u32>> = first.ranges().chain(second.ranges()).collect();
        ranges.extend(sets.flat_map(Self::ranges));
        // Stable, which makes use of the order that the sets bring along.
        ranges.sort_by_key(|range| range.start);
        Self::of_ranges(ranges)
    }

    /// Appends a set whose rows all come after this one's.
    pub fn append(&mut self, mut later: Self) {
        let first = later.get(Position { leaf: 0, at: 0 }).cloned();
        if let (Some(last), Some(first)) = (self.last(), first)
            && last.end == first.start
        {
            // The ranges that meet become one.
            later.remove_range(&first);
            self.insert_range(first);
        }
        self.len += later.len;
        for leaf in later.leaves {
            match self.leaves.last_mut() {
                Some(last) if last.ranges.len() + leaf.ranges.len() <= LEAF => {
                    let last = Arc::make_mut(last);
                    last.ranges.extend_from_slice(&leaf.ranges);
                    last.rows += leaf.rows;
                }
                _ => self.leaves.push(leaf),
            }
        }
    }

    /// The first range for which `is_before` does not hold; it holds for those before that one.
    fn position(&self, is_before: impl Fn(&Range<u32>) -> bool) -> Position {
        let is_leaf_before = |leaf: &Arc<Leaf>| leaf.ranges.last().is_some_and(&is_before);
        let leaf = self.leaves.partition_point(is_leaf_before);
        let at = self
            .leaves
            .get(leaf)
            .map_or(0, |leaf| leaf.ranges.partition_point(is_before));
        Position { leaf, at }
    }

    fn get(&self, position: Position) -> Option<&Range<u32>> {
        self.leaves.get(position.leaf)?.ranges.get(position.at)
    }

    /// The range before a position.
    fn previous(&self, Position { leaf, at }: Position) -> Option<&Range<u32>> {
        match at.checked_sub(1) {
            Some(before) => self.leaves.get(leaf)?.ranges.get(before),
            None => self.leaves.get(leaf.checked_sub(1)?)?.ranges.last(),
        }
    }

    fn ranges_from(&self, Position { leaf, at }: Position) -> impl Iterator<Item = &Range<u32>> {
        let first = self.leaves.get(leaf).and_then(|first| first.ranges.get(at..));
        let rest = self.leaves.get(leaf + 1..).unwrap_or_default();
        let rest = rest.iter().flat_map(|leaf| &leaf.ranges);
        first.unwrap_or_default().iter().chain(rest)
    }

    fn last(&self) -> Option<&Range<u32>> {
        self.leaves.last()?.ranges.last()
    }

    /// Lets the last range, which there is, end later.
    fn extend_last(&mut self, end: u32) {
        let Some(leaf) = self.leaves.last_mut() else { return };
        let leaf = Arc::make_mut(leaf);
        let Some(last) = leaf.ranges.last_mut() else { return };
        let added = u64::from(end - last.end);
        last.end = end;
        leaf.rows += added;
        self.len += added;
    }

    /// Adds a range after the last one.
    fn push(&mut self, range: Range<u32>) {
        let rows = count(&range);
        self.len += rows;
        match self.leaves.last_mut() {
            Some(leaf) if leaf.ranges.len() < LEAF => {
                let leaf = Arc::make_mut(leaf);
                leaf.ranges.push(range);
                leaf.rows += rows;
            }
            _ => self.leaves.push(Arc::new(Leaf {
                ranges: vec![range],
                rows,
            })),
        }
    }

    /// Puts ranges in the place of those from one position to another. There is a range at `from`.
    fn splice(&mut self, from: Position, to: Position, with: impl IntoIterator<Item = Range<u32>>) {
        let mut taken = 0;
        if from.leaf < to.leaf {
            if let Some(last) = self.leaves.get_mut(to.leaf).filter(|_| to.at > 0) {
                taken += Arc::make_mut(last).replace(0, to.at, []).0;
            }
            let between = self.leaves.drain(from.leaf + 1..to.leaf);
            taken += between.map(|leaf| leaf.rows).sum::<u64>();
        }
        let Some(leaf) = self.leaves.get_mut(from.leaf) else {
            return;
        };
        let leaf = Arc::make_mut(leaf);
        let end = if from.leaf == to.leaf { to.at } else { leaf.ranges.len() };
        let (fewer, more) = leaf.replace(from.at, end, with);
        self.len = self.len + more - fewer - taken;
        if leaf.ranges.is_empty() {
            self.leaves.remove(from.leaf);
        } else if leaf.ranges.len() > LEAF {
            let ranges = leaf.ranges.split_off(leaf.ranges.len() / 2);
            let rows = ranges.iter().map(count).sum();
            leaf.rows -= rows;
            self.leaves.insert(from.leaf + 1, Arc::new(Leaf { ranges, rows }));
        }
    }
}

impl Leaf {
    /// Puts ranges in the place of others, and returns how many rows the old and the new ones have.
    fn replace(&mut self, from: usize, to: usize, with: impl IntoIterator<Item = Range<u32>>) -> (u64, u64) {
        let mut more = 0;
        let with = with.into_iter().inspect(|range| more += count(range));
        let fewer = self.ranges.splice(from..to, with).map(|range| count(&range)).sum();
        self.rows = self.rows + more - fewer;
        (fewer, more)
    }
}

/// How many rows a range has.
fn count(range: &Range<u32>) -> u64 {
    u64::from(range.end - range.start)
}

/// Sets are equal when their rows are, whatever leaves these stand in.
impl PartialEq for RowSet {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.ranges().eq(other.ranges())
    }
}

impl Eq for RowSet {}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut set = Self::default();
        for row in rows {
            set.insert(row);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn range() -> impl Strategy<Value = Range<u32>> {
        (0_u32..60, 0_u32..12).prop_map(|(start, len)| start..start + len)
    }

    proptest! {
        /// Whatever is added and taken out, the set is what a set of single rows would be, in as few ranges as possible.
        #[test]
        fn ranges_are_a_set(steps in prop::collection::vec((any::<bool>(), range()), 0..40), other in range()) {
            let (mut set, mut plain) = (RowSet::default(), BTreeSet::new());
            for (adds, rows) in steps {
                if adds {
                    set.insert_range(rows.clone());
                    plain.extend(rows);
                } else {
                    set.remove_range(&rows);
                    plain.retain(|row| !rows.contains(row));
                }
                prop_assert_eq!(set.iter().collect::<Vec<_>>(), plain.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.len(), plain.len() as u64);
                prop_assert_eq!(&set, &plain.iter().copied().collect::<RowSet>());
            }
            let at = plain.len() as u64 / 2;
            prop_assert_eq!(set.nth(at), plain.iter().nth(plain.len() / 2).copied());
            let both: RowSet = plain.iter().copied().filter(|row| other.contains(row)).collect();
            prop_assert_eq!(set.intersection(&RowSet::of_ranges(std::iter::once(other))), both);
        }

        /// Sets of many leaves are put together, cut, walked and looked into as sets of single rows are.
        #[test]
        fn leaves_are_one_set(
            rows in prop::collection::btree_set(0_u32..120, 0..80),
            others in prop::collection::btree_set(0_u32..120, 0..80),
            row in 0_u32..130,
        ) {
            let set = |rows: &BTreeSet<u32>| rows.iter().copied().collect::<RowSet>();
            let (mut one, other) = (set(&rows), set(&others));
            prop_assert_eq!(one.union(&other), set(&(&rows | &others)));
            prop_assert_eq!(one.intersection(&other), set(&(&rows & &others)));
            prop_assert_eq!(one.contains(row), rows.contains(&row));
            prop_assert_eq!(one.at_or_after(row), rows.range(row..).next().copied());
            prop_assert_eq!(one.before(row), rows.range(..row).next_back().copied());
            prop_assert_eq!(one.rank(row), rows.range(..row).count() as u64);
            let nth = |place| one.nth(place as u64);
            prop_assert_eq!((0..=rows.len()).map_while(nth).collect::<Vec<_>>(), rows.iter().copied().collect::<Vec<_>>());
            let (mut all, mut none) = (one.clone(), one.clone());
            all.insert_all(&other);
            none.remove_all(&other);
            prop_assert_eq!(all, set(&(&rows | &others)));
            prop_assert_eq!(none, set(&(&rows - &others)));
            prop_assert_eq!(&one, &set(&rows), "a clone was changed, not the set");
            one.append(others.iter().map(|other| other + 120).collect());
            let whole: BTreeSet<u32> = rows.iter().copied().chain(others.iter().map(|other| other + 120)).collect();
            prop_assert_eq!(one.ranges().collect::<Vec<_>>(), set(&whole).ranges().collect::<Vec<_>>());
            prop_assert_eq!(one.len(), whole.len() as u64);
        }

        /// A change of a clone copies the leaf it is in, and at most the one beside it.
        #[test]
        fn clones_share_what_is_not_changed(rows in prop::collection::vec(0_u32..900, 200..400), row in 0_u32..900, adds: bool) {
            let set: RowSet = rows.into_iter().collect();
            let mut changed = set.clone();
            if adds { changed.insert(row) } else { changed.remove(row) };
            let is_kept = |leaf: &&Arc<Leaf>| set.leaves.iter().any(|old| Arc::ptr_eq(old, leaf));
            let kept = changed.leaves.iter().filter(is_kept).count();
            prop_assert!(kept + 2 >= changed.leaves.len(), "{kept} of {} are kept", changed.leaves.len());
        }
    }
}
