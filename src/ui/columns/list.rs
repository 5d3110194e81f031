//! Which columns the page lists, and in which order: those with problems first. The order stays while the page is open, so
//! that nothing moves under the pointer when a problem is mended.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
};

use crate::{
    domain::{dataset::Dataset, mapping::OfferKind},
    frame::Frame,
    session::TableView,
};

/// Which columns are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ColumnSubset {
    /// Every one.
    #[default]
    All,
    /// Those with errors or warnings.
    WithProblems,
    /// Those that are left out.
    NotSent,
    /// Those about which something is suggested.
    Suggested,
}

impl ColumnSubset {
    pub(super) const ALL: [Self; 4] = [Self::All, Self::WithProblems, Self::NotSent, Self::Suggested];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::WithProblems => "With problems",
            Self::NotSent => "Not sent",
            Self::Suggested => "Suggested",
        }
    }
}

/// What decides whether a column is listed, and where.
pub(super) struct ListedColumns<'a> {
    pub(super) view: &'a TableView,
    /// Errors and warnings of every column; `None` before they are known.
    pub(super) counts: Option<&'a [(u64, u64)]>,
}

impl ListedColumns<'_> {
    fn problems(&self, at: usize) -> (u64, u64) {
        let counts = self.counts.and_then(|counts| counts.get(at));
        counts.copied().unwrap_or_default()
    }

    /// The columns of a subset.
    pub(super) fn subset(&self, subset: ColumnSubset) -> Vec<usize> {
        let targets = self.view.mapping.targets.iter().enumerate();
        match subset {
            ColumnSubset::All => targets.map(|(at, _)| at).collect(),
            ColumnSubset::WithProblems => {
                let all = targets.map(|(at, _)| at);
                all.filter(|at| self.problems(*at) != (0, 0)).collect()
            }
            ColumnSubset::NotSent => {
                let unsent = targets.filter(|(_, target)| target.path.is_none());
                unsent.map(|(at, _)| at).collect()
            }
            ColumnSubset::Suggested => {
                let offers = self.view.offers.iter();
                let of_columns = offers.filter(|offer| !matches!(offer.kind, OfferKind::Constant { .. }));
                let columns: BTreeSet<usize> = of_columns.map(|offer| offer.column).collect();
                columns.into_iter().collect()
            }
        }
    }

    /// Whether the column's name or its field holds the text, which is in lower case.
    fn is_called(&self, at: usize, text: &str) -> bool {
        let holds = |name: &String| name.to_lowercase().contains(text);
        let path = self
            .view
            .mapping
            .targets
            .get(at)
            .and_then(|target| target.path.as_ref());
        self.view.frame.columns().get(at).is_some_and(holds) || path.is_some_and(holds)
    }
}

/// What the list was made of.
#[derive(Clone, Debug)]
struct ListKey {
    frame: Weak<Frame>,
    dataset: Dataset,
    search: String,
    subset: ColumnSubset,
    /// Problems were known by then.
    is_checked: bool,
}

/// The columns listed, which of them are opened, and where the keyboard goes.
#[derive(Debug, Default)]
pub(super) struct ColumnList {
    /// The text that columns are filtered by.
    pub(super) search: String,
    pub(super) subset: ColumnSubset,
    lines: Vec<usize>,
    made_of: Option<ListKey>,
    expanded: BTreeSet<usize>,
    /// The column whose line is to have the keyboard, and to be in sight.
    wanted: Option<usize>,
    /// The column whose line has the keyboard: it is drawn out of sight too, or would lose it.
    pub(super) focused: Option<usize>,
}

impl ColumnList {
    /// Lists the columns anew when others are asked for, or when there are others.
    pub(super) fn refresh(&mut self, columns: &ListedColumns<'_>) {
        let key = ListKey {
            frame: Arc::downgrade(&columns.view.frame),
            dataset: columns.view.mapping.dataset,
            search: self.search.trim().to_lowercase(),
            subset: self.subset,
            is_checked: columns.counts.is_some(),
        };
        let is_same = self.made_of.as_ref().is_some_and(|made_of| {
            Weak::ptr_eq(&made_of.frame, &key.frame)
                && made_of.dataset == key.dataset
                && made_of.search == key.search
                && made_of.subset == key.subset
                && (made_of.is_checked || !key.is_checked)
        });
        if is_same {
            return;
        }
        let mut lines = columns.subset(key.subset);
        lines.retain(|at| columns.is_called(*at, &key.search));
        lines.sort_by_key(|at| match columns.problems(*at) {
            (0, 0) => 2,
            (0, _) => 1,
            _ => 0,
        });
        if self.made_of.is_none() {
            self.wanted = self.wanted.or_else(|| lines.first().copied());
        }
        self.lines = lines;
        self.made_of = Some(key);
    }

    /// The columns in their order.
    pub(super) fn lines(&self) -> &[usize] {
        &self.lines
    }

    pub(super) fn is_expanded(&self, column: usize) -> bool {
        self.expanded.contains(&column)
    }

    pub(super) fn toggle(&mut self, column: usize) {
        if !self.expanded.remove(&column) {
            self.expanded.insert(column);
        }
    }

    /// Opens the line of a column, whatever was filtered, and has it in sight.
    pub(super) fn reveal(&mut self, column: usize) {
        self.show_all();
        self.expanded.insert(column);
        self.wanted = Some(column);
    }

    /// Lists all columns.
    pub(super) fn show_all(&mut self) {
        self.search.clear();
        self.subset = ColumnSubset::All;
    }

    /// The line so many below a column's, or above, as far as there are lines, is to have the keyboard.
    pub(super) fn step(&mut self, column: usize, by: isize) {
        let Some(line) = self.lines.iter().position(|at| *at == column) else {
            return;
        };
        let last = self.lines.len().saturating_sub(1);
        self.wanted = self.lines.get(line.saturating_add_signed(by).min(last)).copied();
    }

    /// The column whose line is to have the keyboard, once.
    pub(super) fn take_wanted(&mut self) -> Option<usize> {
        self.wanted.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check,
        frame::{Edits, OpenOptions},
        message::{Command, Event, TableCommand, TableEvent},
        session::{Action, Session},
    };

    fn opened(csv: &str) -> Session {
        let mut session = Session::default();
        let commands = session.act(Action::Open(vec!["catalog.csv".into()]));
        let Some(&Command::Table(request, TableCommand::Open { .. })) = commands.first() else {
            panic!("{commands:?}");
        };
        let frame = Arc::new(Frame::from_text("catalog.csv", csv, &OpenOptions::default()).unwrap());
        let suggested = check::suggest(&frame, &Edits::default(), Some(Dataset::Products)).unwrap();
        session.on(Event::Table(request, TableEvent::Opened { frame, suggested }));
        session
    }

    fn lines(list: &mut ColumnList, view: &TableView, counts: Option<&[(u64, u64)]>) -> Vec<usize> {
        list.refresh(&ListedColumns { view, counts });
        list.lines().to_vec()
    }

    const CSV: &str = "product_id,title,password,own\nA1,Lamp,qW3rty-81,1\nA2,Mat,hUnter-22,2\n";

    #[test]
    fn columns_with_problems_come_first_and_stay_when_mended() {
        let session = opened(CSV);
        let view = session.document().unwrap().view().unwrap();
        let mut list = ColumnList::default();
        assert_eq!(lines(&mut list, view, None), [0, 1, 2, 3]);
        let counts = [(0, 0), (0, 4), (0, 0), (1, 0)];
        assert_eq!(lines(&mut list, view, Some(&counts)), [3, 1, 0, 2]);
        assert_eq!(lines(&mut list, view, Some(&[(0, 0); 4])), [3, 1, 0, 2], "mended");
        assert_eq!(lines(&mut list, view, None), [3, 1, 0, 2], "checked again");
        list.subset = ColumnSubset::WithProblems;
        assert_eq!(lines(&mut list, view, Some(&counts)), [3, 1]);
    }

    #[test]
    fn columns_are_found_by_their_name_and_by_their_field() {
        let session = opened("sku,Name of it,pages\n1,Lamp,12\n2,Mat,30\n");
        let view = session.document().unwrap().view().unwrap();
        let mut list = ColumnList::default();
        for (search, found) in [
            ("PAGE", &[2][..]),
            ("product_id", &[0]),
            (" ", &[0, 1, 2]),
            ("nothing", &[]),
        ] {
            search.clone_into(&mut list.search);
            assert_eq!(lines(&mut list, view, None), found, "{search}");
        }
    }

    #[test]
    fn columns_left_out_are_listed_alone() {
        let session = opened(CSV);
        let view = session.document().unwrap().view().unwrap();
        let mut list = ColumnList {
            subset: ColumnSubset::NotSent,
            ..ColumnList::default()
        };
        assert_eq!(lines(&mut list, view, None), [2], "a password");
        // Somebody goes to a column that is not listed.
        list.reveal(0);
        assert_eq!(lines(&mut list, view, None), [0, 1, 2, 3]);
        assert_eq!((list.is_expanded(0), list.take_wanted()), (true, Some(0)));
        assert_eq!(list.take_wanted(), None);
    }

    #[test]
    fn the_keyboard_goes_from_line_to_line_and_stays_at_the_ends() {
        let session = opened(CSV);
        let view = session.document().unwrap().view().unwrap();
        let mut list = ColumnList::default();
        let counts = [(0, 0), (0, 0), (0, 0), (1, 0)];
        assert_eq!(lines(&mut list, view, Some(&counts)), [3, 0, 1, 2]);
        assert_eq!(list.take_wanted(), Some(3), "the first line has it at first");
        for (from, by, to) in [(3, 1, 0), (0, -1, 3), (3, -1, 3), (1, 10, 2), (2, -10, 3)] {
            list.step(from, by);
            assert_eq!(list.take_wanted(), Some(to), "{from} {by}");
        }
    }
}
