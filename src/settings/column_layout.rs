//! How a person has laid out the columns of files with a certain header.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// How many layouts are remembered.
const MOST: usize = 60;
/// Tables with more columns are laid out anew each time.
const MOST_COLUMNS: usize = 2000;

/// The order of a table's columns, which are hidden or pinned, and how wide they are. Columns are counted from 0, as in
/// the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// The columns that were put elsewhere with all others, in the order shown; those not named follow as in the file.
    order: Vec<u32>,
    hidden: Vec<u32>,
    /// How many of the first columns shown stay in sight; `None`: as usual.
    pinned: Option<u32>,
    /// Widths in points.
    widths: BTreeMap<u32, u16>,
}

impl ColumnLayout {
    /// The columns shown of so many, in order.
    pub fn shown(&self, columns: u32) -> Vec<u32> {
        let mut is_placed = vec![false; columns as usize];
        let mut shown = Vec::with_capacity(columns as usize);
        for column in self.order.iter().copied().chain(0..columns) {
            let Some(placed) = is_placed.get_mut(column as usize) else {
                continue;
            };
            if !std::mem::replace(placed, true) && !self.hidden.contains(&column) {
                shown.push(column);
            }
        }
        shown
    }

    /// The columns hidden of so many, in file order.
    pub fn hidden(&self, columns: u32) -> Vec<u32> {
        let mut hidden: Vec<u32> = self.hidden.iter().copied().filter(|column| *column < columns).collect();
        hidden.sort_unstable();
        hidden
    }

    /// Hides a column, unless it is the last one shown.
    pub fn hide(&mut self, column: u32, columns: u32) {
        let shown = self.shown(columns);
        let Some(place) = shown
            .iter()
            .position(|other| *other == column)
            .filter(|_| shown.len() > 1)
        else {
            return;
        };
        self.keep_order(columns);
        self.hidden.push(column);
        if let Some(pinned) = &mut self.pinned
            && (place as u64) < u64::from(*pinned)
        {
            *pinned -= 1;
        }
    }

    /// Shows a column again, where it was.
    pub fn show(&mut self, column: u32) {
        self.hidden.retain(|other| *other != column);
    }

    /// Shows all columns again.
    pub fn show_all(&mut self) {
        self.hidden.clear();
    }

    /// Puts the column at a place in the order shown in front of the one at another place; behind all, where there is
    /// none. What is put among pinned columns is pinned, and what is taken from them is not any more.
    pub fn move_column(&mut self, from: usize, to: usize, columns: u32, pinned: usize) {
        let mut shown = self.shown(columns);
        if from >= shown.len() || to > shown.len() {
            return;
        }
        let column = shown.remove(from);
        let place = if to > from { to - 1 } else { to };
        shown.insert(place, column);
        let was_pinned = from < pinned;
        let is_pinned = to < pinned;
        let pinned = match (was_pinned, is_pinned) {
            (true, false) => pinned - 1,
            (false, true) => pinned + 1,
            (true, true) | (false, false) => pinned,
        };
        self.pinned = u32::try_from(pinned).ok();
        shown.extend(self.hidden(columns));
        self.order = shown;
    }

    /// How many of the first columns shown stay in sight; `None`: nobody has said so.
    pub fn pinned(&self) -> Option<usize> {
        self.pinned.map(|pinned| pinned as usize)
    }

    /// Keeps so many of the first columns shown in sight.
    pub fn pin(&mut self, count: usize) {
        self.pinned = u32::try_from(count).ok();
    }

    /// The widths that were chosen, in points.
    pub fn widths(&self) -> impl Iterator<Item = (u32, f32)> {
        self.widths.iter().map(|(column, width)| (*column, f32::from(*width)))
    }

    /// Keeps the width of a column, in points.
    pub fn set_width(&mut self, column: u32, width: u16) {
        self.widths.insert(column, width);
    }

    /// Hidden columns have a place in the order too, to be shown there again.
    fn keep_order(&mut self, columns: u32) {
        if self.order.is_empty() && self.hidden.is_empty() {
            return;
        }
        let mut order = self.order.clone();
        order.extend((0..columns).filter(|column| !self.order.contains(column)));
        self.order = order;
    }
}

/// The layouts of all headers, the one changed last first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnLayouts(Vec<(String, ColumnLayout)>);

impl ColumnLayouts {
    /// The layout of files with these columns.
    pub fn of(&self, columns: &[String]) -> ColumnLayout {
        let key = key(columns);
        let found = self.0.iter().find(|(other, _)| *other == key);
        found.map(|(_, layout)| layout.clone()).unwrap_or_default()
    }

    /// Remembers a layout; one that is as usual needs no room.
    pub fn set(&mut self, columns: &[String], layout: &ColumnLayout) {
        let key = key(columns);
        self.0.retain(|(other, _)| *other != key);
        if *layout != ColumnLayout::default() && columns.len() <= MOST_COLUMNS {
            self.0.insert(0, (key, layout.clone()));
            self.0.truncate(MOST);
        }
    }
}

/// Names a header without saying what is in it.
fn key(columns: &[String]) -> String {
    let mut bytes = Vec::new();
    for column in columns {
        bytes.extend(column.as_bytes());
        bytes.push(0);
    }
    format!("{:032x}", xxh3_128(&bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Hide(u32),
        Show(u32),
        Move(usize, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u32..8).prop_map(Step::Hide),
            (0_u32..8).prop_map(Step::Show),
            (0_usize..8, 0_usize..9).prop_map(|(from, to)| Step::Move(from, to)),
        ]
    }

    proptest! {
        /// Whatever is moved, hidden and shown, every column is there once, and others keep their order.
        #[test]
        fn every_column_is_shown_or_hidden_once(steps in prop::collection::vec(step(), 0..30)) {
            let mut layout = ColumnLayout::default();
            for step in steps {
                let before = layout.shown(6);
                let moved = match step {
                    Step::Hide(column) => {
                        layout.hide(column, 6);
                        column
                    }
                    Step::Show(column) => {
                        layout.show(column);
                        column
                    }
                    Step::Move(from, to) => {
                        layout.move_column(from, to, 6, 1);
                        before.get(from).copied().unwrap_or(9)
                    }
                };
                let (shown, hidden) = (layout.shown(6), layout.hidden(6));
                let mut all = [shown.clone(), hidden].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..6).collect::<Vec<_>>());
                prop_assert!(!shown.is_empty());
                let others = |columns: &[u32]| columns.iter().copied().filter(|column| *column != moved).collect::<Vec<_>>();
                prop_assert_eq!(others(&shown), others(&before));
            }
        }
    }

    #[test]
    fn a_column_that_is_hidden_comes_back_where_it_was() {
        let mut layout = ColumnLayout::default();
        layout.move_column(3, 0, 4, 0);
        assert_eq!(layout.shown(4), [3, 0, 1, 2]);
        layout.hide(0, 4);
        assert_eq!((layout.shown(4), layout.hidden(4)), (vec![3, 1, 2], vec![0]));
        layout.show(0);
        assert_eq!(layout.shown(4), [3, 0, 1, 2]);
        assert_eq!(
            layout.shown(5),
            [3, 0, 1, 2, 4],
            "a column that has come since is the last"
        );
    }

    #[test]
    fn what_is_put_among_pinned_columns_is_pinned() {
        let mut layout = ColumnLayout::default();
        layout.move_column(2, 0, 4, 1);
        assert_eq!((layout.shown(4), layout.pinned()), (vec![2, 0, 1, 3], Some(2)));
        layout.move_column(0, 4, 4, 2);
        assert_eq!((layout.shown(4), layout.pinned()), (vec![0, 1, 3, 2], Some(1)));
        layout.hide(0, 4);
        assert_eq!(layout.pinned(), Some(0));
    }

    #[test]
    fn layouts_are_remembered_by_header() {
        let header = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (one, other) = (header(&["a", "b"]), header(&["ab", ""]));
        let mut layouts = ColumnLayouts::default();
        let mut layout = ColumnLayout::default();
        layout.hide(1, 2);
        layouts.set(&one, &layout);
        assert_eq!(layouts.of(&one), layout);
        assert_eq!(layouts.of(&other), ColumnLayout::default());
        layouts.set(&one, &ColumnLayout::default());
        assert_eq!(layouts, ColumnLayouts::default());
        for number in 0..MOST + 5 {
            layouts.set(&header(&[&number.to_string(), "b"]), &layout);
        }
        assert_eq!(layouts.0.len(), MOST);
    }
}
