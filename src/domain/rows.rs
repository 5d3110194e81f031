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

    /// The row that so many others come before.
    pub fn nth(&self, mut place: u64) -> Option<u32> {
        for range in &self.ranges {
            let len = u64::from(range.end - range.start);
            if place < len {
                return u32::try_from(u64::from(range.start) + place).ok();
            }
            place -= len;
        }
        None
    }

    /// All rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(Clone::clone)
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
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<u32>> + '_ {
        self.ranges.iter().cloned()
    }

    /// Adds many rows at once.
    pub fn insert_all(&mut self, rows: &Self) {
        for range in rows.ranges() {
            self.insert_range(range);
        }
    }

    /// Takes many rows out at once.
    pub fn remove_all(&mut self, rows: &Self) {
        for range in rows.ranges() {
            self.remove_range(&range);
        }
    }

    /// Adds the rows of a range.
    pub fn insert_range(&mut self, rows: Range<u32>) {
        if rows.is_empty() {
            return;
        }
        let from = self.ranges.partition_point(|range| range.end < rows.start);
        let to = self.ranges.partition_point(|range| range.start <= rows.end).max(from);
        let touched = self.ranges.get(from..to).unwrap_or_default();
        let start = touched.first().map_or(rows.start, |first| first.start.min(rows.start));
        let end = touched.last().map_or(rows.end, |last| last.end.max(rows.end));
        let had: u64 = touched.iter().map(|range| u64::from(range.end - range.start)).sum();
        self.len = self.len - had + u64::from(end - start);
        self.ranges.splice(from..to, std::iter::once(start..end));
    }

    /// Takes the rows of a range out.
    pub fn remove_range(&mut self, rows: &Range<u32>) {
        if rows.is_empty() {
            return;
        }
        let from = self.ranges.partition_point(|range| range.end <= rows.start);
        let to = self.ranges.partition_point(|range| range.start < rows.end).max(from);
        let touched = self.ranges.get(from..to).unwrap_or_default();
        let had: u64 = touched.iter().map(|range| u64::from(range.end - range.start)).sum();
        let before = touched.first().map(|first| first.start..rows.start.max(first.start));
        let after = touched.last().map(|last| rows.end.min(last.end)..last.end);
        let kept: Vec<_> = [before, after]
            .into_iter()
            .flatten()
            .filter(|range| !range.is_empty())
            .collect();
        let left: u64 = kept.iter().map(|range| u64::from(range.end - range.start)).sum();
        self.len = self.len - had + left;
        self.ranges.splice(from..to, kept);
    }

    /// The rows that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (few, many) = if self.ranges.len() <= other.ranges.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut both = Self::default();
        for rows in few.ranges() {
            let from = many.ranges.partition_point(|range| range.end <= rows.start);
            for range in many.ranges.iter().skip(from).take_while(|range| range.start < rows.end) {
                both.insert_range(range.start.max(rows.start)..range.end.min(rows.end));
            }
        }
        both
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
    }
}
