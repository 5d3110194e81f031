//! A compact, sorted set of row numbers.

use std::ops::Range;

/// A set of rows, kept as sorted, disjoint, non-touching ranges: a column that is wrong everywhere costs one range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    ranges: Vec<Range<u32>>,
    len: u64,
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
        // The common case: rows arrive in file order.
        if let Some(last) = self.ranges.last_mut() {
            if last.end == row {
                last.end += 1;
                self.len += 1;
                return true;
            }
            if last.contains(&row) {
                return false;
            }
        }
        let at = self.ranges.partition_point(|range| range.end < row);
        match self.ranges.get_mut(at) {
            Some(range) if range.contains(&row) => return false,
            Some(range) if range.end == row => {
                range.end += 1;
                let end = range.end;
                if self.ranges.get(at + 1).is_some_and(|next| next.start == end) {
                    let next = self.ranges.remove(at + 1);
                    self.ranges[at].end = next.end;
                }
            }
            Some(range) if range.start == row + 1 => range.start = row,
            _ => self.ranges.insert(at, row..row + 1),
        }
        self.len += 1;
        true
    }

    /// Takes a row out. Returns whether it was there.
    pub fn remove(&mut self, row: u32) -> bool {
        let at = self.ranges.partition_point(|range| range.end <= row);
        let Some(range) = self.ranges.get_mut(at).filter(|range| range.contains(&row)) else {
            return false;
        };
        let (start, end) = (range.start, range.end);
        match (start == row, end == row + 1) {
            (true, true) => {
                self.ranges.remove(at);
            }
            (true, false) => range.start += 1,
            (false, true) => range.end -= 1,
            (false, false) => {
                range.end = row;
                self.ranges.insert(at + 1, row + 1..end);
            }
        }
        self.len -= 1;
        true
    }

    /// Whether the row is in the set.
    pub fn contains(&self, row: u32) -> bool {
        let at = self.ranges.partition_point(|range| range.end <= row);
        self.ranges.get(at).is_some_and(|range| range.contains(&row))
    }

    /// The first row at or after `row`.
    pub fn at_or_after(&self, row: u32) -> Option<u32> {
        let at = self.ranges.partition_point(|range| range.end <= row);
        self.ranges.get(at).map(|range| range.start.max(row))
    }

    /// The last row before `row`.
    pub fn before(&self, row: u32) -> Option<u32> {
        let at = self.ranges.partition_point(|range| range.start < row);
        let range = self.ranges.get(at.checked_sub(1)?)?;
        Some(range.end.min(row) - 1)
    }

    /// All rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(Clone::clone)
    }

    /// The rows of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut ranges: Vec<_> = self.ranges.iter().chain(&other.ranges).cloned().collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<u32>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        let len = merged.iter().map(|range| u64::from(range.end - range.start)).sum();
        Self { ranges: merged, len }
    }

    /// Appends a set whose rows all come after this one's.
    pub fn append(&mut self, later: Self) {
        let mut ranges = later.ranges.into_iter();
        if let (Some(last), Some(first)) = (self.ranges.last_mut(), ranges.as_slice().first())
            && last.end == first.start
        {
            last.end = first.end;
            ranges.next();
        }
        self.ranges.extend(ranges);
        self.len += later.len;
    }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut set = Self::default();
        for row in rows {
            set.insert(row);
        }
        set
    }
}
