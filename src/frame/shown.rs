//! Which rows of a table are shown, and in which order.

use std::{iter, ops::Range, sync::Arc};

use super::Order;
use crate::domain::rows::RowSet;

/// So many rows are looked at one by one for a problem; where there is none so long, problems are few.
const FEW: usize = 4096;

/// The rows shown, by display row.
#[derive(Clone, Debug, Default)]
pub enum Shown {
    /// All, as they stand in the file.
    #[default]
    All,
    /// Some, as they stand in the file.
    Some(RowSet),
    /// All, sorted.
    Sorted(Order),
    /// Some, sorted.
    SomeSorted {
        /// The order of all.
        order: Order,
        /// Those shown.
        rows: Arc<[u32]>,
    },
}

impl Shown {
    /// The rows of a filter, in an order.
    pub(crate) fn new(rows: Option<RowSet>, order: Option<&Order>) -> Self {
        match (rows, order.cloned()) {
            (None, None) => Self::All,
            (Some(rows), None) => Self::Some(rows),
            (None, Some(order)) => Self::Sorted(order),
            (Some(rows), Some(order)) => {
                let rows = in_order(&rows, &order);
                Self::SomeSorted { order, rows }
            }
        }
    }

    /// How many rows are shown of a table of so many.
    pub(crate) fn count(&self, all: u32) -> u64 {
        match self {
            Self::All => u64::from(all),
            Self::Some(rows) => rows.len(),
            Self::Sorted(order) => order.rows().len() as u64,
            Self::SomeSorted { rows, .. } => rows.len() as u64,
        }
    }

    /// The file row at a display row.
    pub(crate) fn file_row(&self, display: u64) -> Option<u32> {
        match self {
            Self::All => u32::try_from(display).ok(),
            Self::Some(rows) => rows.nth(display),
            Self::Sorted(order) => order.rows().get(usize::try_from(display).ok()?).copied(),
            Self::SomeSorted { rows, .. } => rows.get(usize::try_from(display).ok()?).copied(),
        }
    }

    /// The display row of a file row, when it is shown.
    pub(crate) fn display_row(&self, row: u32) -> Option<u64> {
        match self {
            Self::All => Some(u64::from(row)),
            Self::Some(rows) => rows.contains(row).then(|| rows.rank(row)),
            Self::Sorted(order) => order.place(row).map(u64::from),
            Self::SomeSorted { order, rows } => {
                // They stand as the order has them.
                let at = rows.binary_search_by_key(&order.place(row)?, |shown| order.place(*shown).unwrap_or(u32::MAX));
                at.ok().map(|at| at as u64)
            }
        }
    }

    /// Which rows of a stretch of the file are shown.
    pub(crate) fn within(&self, stretch: Range<u32>) -> RowSet {
        let stretch = RowSet::of_ranges(iter::once(stretch));
        match self {
            Self::All | Self::Sorted(_) => stretch,
            Self::Some(rows) => stretch.intersection(rows),
            Self::SomeSorted { .. } => stretch.iter().filter(|row| self.display_row(*row).is_some()).collect(),
        }
    }

    /// The display rows of file rows that are shown. Takes time that grows with all that are.
    pub(crate) fn places(&self, rows: &RowSet) -> RowSet {
        match self {
            Self::All => rows.clone(),
            Self::Some(shown) => {
                let mut rows = rows.iter().peekable();
                let places = (0..).zip(shown.iter());
                places
                    .filter(|(_, row)| rows.next_if_eq(row).is_some())
                    .map(|(place, _)| place)
                    .collect()
            }
            Self::Sorted(_) | Self::SomeSorted { .. } => {
                let mut places: Vec<u32> = rows
                    .iter()
                    .filter_map(|row| u32::try_from(self.display_row(row)?).ok())
                    .collect();
                places.sort_unstable();
                places.into_iter().collect()
            }
        }
    }

    /// The row nearest to another one, after or before it, that is among these.
    pub(crate) fn neighbour(&self, row: u32, among: &RowSet, forward: bool) -> Option<u32> {
        match self {
            Self::All => step(among, row, forward),
            Self::Some(rows) => {
                let mut row = step(among, row, forward)?;
                while !rows.contains(row) {
                    row = step(rows, row, forward)?;
                    if !among.contains(row) {
                        row = step(among, row, forward)?;
                    }
                }
                Some(row)
            }
            Self::Sorted(order) => self.neighbour_sorted(order.rows(), row, among, forward),
            Self::SomeSorted { rows, .. } => self.neighbour_sorted(rows, row, among, forward),
        }
    }

    fn neighbour_sorted(&self, rows: &[u32], row: u32, among: &RowSet, forward: bool) -> Option<u32> {
        let at = self.display_row(row)?;
        let here = usize::try_from(at).ok()?;
        let is_among = |row: &&u32| among.contains(**row);
        let (near, is_end) = if forward {
            let rest = rows.get(here + 1..)?;
            (rest.iter().take(FEW).find(is_among), rest.len() <= FEW)
        } else {
            let rest = rows.get(..here)?;
            (rest.iter().rev().take(FEW).find(is_among), rest.len() <= FEW)
        };
        if near.is_some() || is_end {
            return near.copied();
        }
        let far = among.iter().filter_map(|row| self.display_row(row));
        let far = if forward {
            far.filter(|place| *place > at).min()
        } else {
            far.filter(|place| *place < at).max()
        };
        self.file_row(far?)
    }
}

/// Rows as they are sorted. Their places are marked and then walked over, which is quicker than sorting them.
fn in_order(rows: &RowSet, order: &Order) -> Arc<[u32]> {
    let mut marks = vec![0_u64; order.rows().len().div_ceil(64)];
    for place in rows.iter().filter_map(|row| order.place(row)) {
        if let Some(mark) = marks.get_mut(place as usize / 64) {
            *mark |= 1 << (place % 64);
        }
    }
    let mut sorted = Vec::with_capacity(usize::try_from(rows.len()).unwrap_or_default());
    for (word, mut bits) in marks.into_iter().enumerate() {
        while bits != 0 {
            let place = word * 64 + bits.trailing_zeros() as usize;
            sorted.extend(order.rows().get(place));
            bits &= bits - 1;
        }
    }
    sorted.into()
}

fn step(rows: &RowSet, row: u32, forward: bool) -> Option<u32> {
    if forward {
        rows.at_or_after(row.checked_add(1)?)
    } else {
        rows.before(row)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const ALL: u32 = 40;

    fn set() -> impl Strategy<Value = BTreeSet<u32>> {
        prop::collection::btree_set(0..ALL, 0..30)
    }

    proptest! {
        /// However rows are filtered and sorted, all answers are those of walking over the rows shown.
        #[test]
        fn answers_are_those_of_a_walk(
            filter in prop::option::of(set()),
            order in prop::option::of(Just((0..ALL).collect::<Vec<_>>()).prop_shuffle()),
            among in set(),
        ) {
            let rows = filter.as_ref().map(|rows| rows.iter().copied().collect());
            let sorted = order.clone().map(|order| Order::new(order.into()));
            let shown = Shown::new(rows, sorted.as_ref());
            let walked: Vec<u32> = order.unwrap_or_else(|| (0..ALL).collect());
            let is_shown = |row: &u32| filter.as_ref().is_none_or(|rows| rows.contains(row));
            let walked: Vec<u32> = walked.into_iter().filter(is_shown).collect();
            prop_assert_eq!(shown.count(ALL), walked.len() as u64);
            let among_set: RowSet = among.iter().copied().collect();
            for (at, row) in walked.iter().enumerate() {
                prop_assert_eq!(shown.file_row(at as u64), Some(*row));
                let after = walked[at + 1..].iter().find(|row| among.contains(row)).copied();
                prop_assert_eq!(shown.neighbour(*row, &among_set, true), after);
                let before = walked[..at].iter().rev().find(|row| among.contains(row)).copied();
                prop_assert_eq!(shown.neighbour(*row, &among_set, false), before);
            }
            let walked_among = (0..).zip(&walked).filter(|(_, row)| among.contains(row));
            let shown_among = among_set.iter().filter(|row| walked.contains(row)).collect();
            prop_assert_eq!(shown.places(&shown_among), walked_among.map(|(place, _)| place).collect());
            let within = (10..30).filter(|row| walked.contains(row)).collect();
            prop_assert_eq!(shown.within(10..30), within);
            for row in 0..ALL {
                let place = walked.iter().position(|other| *other == row);
                prop_assert_eq!(shown.display_row(row), place.map(|place| place as u64));
            }
        }
    }

    #[test]
    fn a_problem_far_away_is_found_in_both_directions() {
        let many = u32::try_from(3 * FEW).unwrap();
        let backwards = Shown::Sorted(Order::new((0..many).rev().collect()));
        let among = [1, many - 2].into_iter().collect();
        assert_eq!(backwards.neighbour(many - 3, &among, true), Some(1));
        assert_eq!(backwards.neighbour(0, &among, false), Some(1));
        assert_eq!(backwards.neighbour(1, &among, false), Some(many - 2));
        assert_eq!(backwards.neighbour(1, &among, true), None);
    }
}
