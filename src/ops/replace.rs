//! Replacing a text by another in the cells of the rows shown: first counted, then done.

use std::ops::{ControlFlow, Range};

use rayon::iter::ParallelIterator as _;

use super::{
    chunks::{go_on, par_chunks},
    typed::typed,
};
use crate::{
    check::Checked,
    domain::{
        cell::{Cell, OwnedCell},
        cell_query::{CellReplacement, Replacement},
        progress::Progress,
        record::Plan,
        rows::RowSet,
    },
    frame::{Edits, Frame, FrameError, Shown},
};

/// How many cells are shown as they would become.
const EXAMPLES: usize = 3;
/// How much of a cell is shown then, in characters, and how much of that is before what changes.
const EXCERPT: usize = 60;
const LEAD: usize = 12;

/// What a replacement would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplaceCount {
    /// How many cells would change.
    pub cells: u64,
    /// In how many rows.
    pub rows: u64,
    /// In how many of these cells people see another text than the one that changes, as it is rewritten when it is sent.
    pub seen_otherwise: u64,
    /// How many cells have the text only in what will be sent, and stay as they are.
    pub only_as_sent: u64,
    /// The first of the cells that would change.
    pub examples: Vec<ReplaceExample>,
}

/// A cell as it is and as it would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaceExample {
    /// Its row in the file.
    pub row: u32,
    /// Its column.
    pub column: u32,
    /// The part of it that changes, with some of what is around.
    pub before: String,
    /// The same afterwards.
    pub after: String,
}

/// What a table becomes by a replacement.
#[derive(Clone, Debug)]
pub struct TextReplaced {
    /// What is changed in it, with what was replaced.
    pub(crate) edits: Edits,
    /// The rows in which something was.
    pub(crate) rows: RowSet,
    /// How many cells.
    pub(crate) cells: u64,
}

/// What is looked through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplaceIn<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) edits: &'a Edits,
    /// How values are rewritten when they are sent.
    pub(crate) plan: &'a Plan,
    /// The rows to look at.
    pub(crate) shown: &'a Shown,
}

impl ReplaceCount {
    /// Counts a row.
    pub(crate) fn add(&mut self, plan: &Plan, replacement: &Replacement, row: u32, cells: &[Cell<'_>]) {
        let before = self.cells;
        for (column, cell) in (0..).zip(cells) {
            match replacement.of(plan, column, *cell) {
                None => {}
                Some(CellReplacement::OnlyAsSent) => self.only_as_sent += 1,
                Some(CellReplacement::Changes {
                    text,
                    is_seen_otherwise,
                }) => {
                    self.cells += 1;
                    self.seen_otherwise += u64::from(is_seen_otherwise);
                    if self.examples.len() < EXAMPLES {
                        let (before, after) = excerpts(&cell.shown(), &text);
                        self.examples.push(ReplaceExample {
                            row,
                            column,
                            before,
                            after,
                        });
                    }
                }
            }
        }
        self.rows += u64::from(self.cells > before);
    }

    /// Counts other rows as well.
    fn append(&mut self, other: Self) {
        self.cells += other.cells;
        self.rows += other.rows;
        self.seen_otherwise += other.seen_otherwise;
        self.only_as_sent += other.only_as_sent;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
    }

    /// A row has changed: what was counted of it before is counted as it is now.
    pub(crate) fn renew(&mut self, before: &Self, now: &Self) {
        let other = |all: u64, before: u64, now: u64| all.saturating_sub(before) + now;
        self.cells = other(self.cells, before.cells, now.cells);
        self.rows = other(self.rows, before.rows, now.rows);
        self.seen_otherwise = other(self.seen_otherwise, before.seen_otherwise, now.seen_otherwise);
        self.only_as_sent = other(self.only_as_sent, before.only_as_sent, now.only_as_sent);
        let is_of = |example: &ReplaceExample| before.examples.iter().any(|of| of.row == example.row);
        self.examples.retain(|example| !is_of(example));
        self.examples.extend(now.examples.iter().cloned());
        self.examples.sort_by_key(|example| (example.row, example.column));
        self.examples.truncate(EXAMPLES);
    }
}

/// What a replacement would do to the rows shown. Progress counts rows.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn count(
    place: ReplaceIn<'_>,
    replacement: &Replacement,
    progress: &Progress,
) -> Result<ReplaceCount, FrameError> {
    let counted = place.walk(progress, |count: &mut ReplaceCount, row, cells| {
        count.add(place.plan, replacement, row, cells);
    })?;
    Ok(counted.into_iter().fold(ReplaceCount::default(), |mut all, count| {
        all.append(count);
        all
    }))
}

/// Replaces a text in the rows shown; what it becomes is taken as if it was typed. Progress counts rows.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn replace(
    place: ReplaceIn<'_>,
    checked: Option<&Checked>,
    replacement: &Replacement,
    progress: &Progress,
) -> Result<TextReplaced, FrameError> {
    let changed = place.walk(progress, |changed: &mut Vec<(u32, u32, OwnedCell)>, row, cells| {
        for (column, cell) in (0..).zip(cells) {
            if let Some(CellReplacement::Changes { text, .. }) = replacement.of(place.plan, column, *cell) {
                changed.push((row, column, typed(place.frame, checked, column, text)));
            }
        }
    })?;
    let mut replaced = TextReplaced {
        edits: place.edits.clone(),
        rows: RowSet::default(),
        cells: 0,
    };
    for (row, column, cell) in changed.into_iter().flatten() {
        go_on(progress)?;
        replaced.edits.set(row, column, Some(cell));
        replaced.rows.insert(row);
        replaced.cells += 1;
    }
    Ok(replaced)
}

impl ReplaceIn<'_> {
    /// Looks at the rows shown, several stretches at a time, and returns what was seen in each, in their order.
    fn walk<T: Default + Send>(
        self,
        progress: &Progress,
        see: impl Fn(&mut T, u32, &[Cell<'_>]) + Sync,
    ) -> Result<Vec<T>, FrameError> {
        progress.restart(u64::from(self.frame.len()));
        par_chunks(self.frame)
            .map(|chunk| {
                let mut seen = T::default();
                for rows in self.shown.within(chunk.clone()).ranges() {
                    self.see(rows, progress, &mut |row, cells| see(&mut seen, row, cells))?;
                }
                progress.add(chunk.len() as u64);
                Ok(seen)
            })
            .collect()
    }

    fn see(
        self,
        rows: Range<u32>,
        progress: &Progress,
        see: &mut dyn FnMut(u32, &[Cell<'_>]),
    ) -> Result<(), FrameError> {
        go_on(progress)?;
        self.frame.scan(rows, self.edits, &mut |row, cells| {
            see(row, cells);
            ControlFlow::Continue(())
        })
    }
}

/// The part of a text that changes, with some of what is around, before and after.
fn excerpts(before: &str, after: &str) -> (String, String) {
    let letters = before.char_indices().zip(after.chars());
    let same = letters.take_while(|((_, one), other)| one == other).last();
    let same = same.map_or(0, |((at, letter), _)| at + letter.len_utf8());
    let lead = before.get(..same).unwrap_or_default();
    let is_short = [before, after].iter().all(|text| text.chars().nth(EXCERPT).is_none());
    let start = lead.char_indices().rev().nth(LEAD).filter(|_| !is_short);
    let start = start.map_or(0, |(at, _)| at);
    let cut = |text: &str| {
        let mut letters = text.get(start..).unwrap_or_default().chars();
        let mut excerpt: String = letters.by_ref().take(EXCERPT).collect();
        if start > 0 {
            excerpt.insert(0, '…');
        }
        if letters.next().is_some() {
            excerpt.push('…');
        }
        excerpt
    };
    (cut(before), cut(after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{
            cell_query::{CellQuery, CellText},
            dataset::Dataset,
            mapping::Mapping,
            text_query::{MatchOptions, TextQuery},
        },
        frame::OpenOptions,
    };

    fn replacement(text: &str, with: &str, column: Option<u32>, options: MatchOptions) -> Replacement {
        Replacement {
            query: CellQuery {
                text: TextQuery::with(text, options).unwrap(),
                column,
                within: CellText::Written,
            },
            with: with.to_owned(),
        }
    }

    fn opened(text: String) -> (Frame, Plan) {
        let frame = Frame::from_text("table.csv", text, &OpenOptions::default()).unwrap();
        let plan = Mapping::suggest(Dataset::Products, frame.columns(), false).plan(&[]);
        (frame, plan)
    }

    proptest! {
        /// Whatever is changed and filtered, what is counted is what changes, and that is what a plain table's cells
        /// become.
        #[test]
        fn replaces_what_it_counts_in_the_rows_shown(
            cells in prop::collection::vec(("x[ab]{0,3}", "[abAc]{1,3}"), 1..30),
            edit in ("[abc]{1,3}", 0_usize..30),
            filter in prop::option::of(prop::collection::btree_set(0_u32..30, 0..20)),
            column in prop::option::of(0_u32..2),
            (wanted, with) in ("[abA]{1,2}", "[ab]{0,2}"),
            options in (any::<bool>(), any::<bool>()).prop_map(|(case, whole)| MatchOptions { case, whole }),
        ) {
            let lines: Vec<String> = cells.iter().map(|(one, other)| format!("{one},{other}")).collect();
            let (frame, plan) = opened(format!("one,other\n{}\n", lines.join("\n")));
            let mut plain: Vec<[String; 2]> = cells.iter().map(|(one, other)| [one.clone(), other.clone()]).collect();
            let mut edits = Edits::default();
            let at = edit.1 % plain.len();
            edits.set(u32::try_from(at).unwrap(), 1, Some(OwnedCell::Text(edit.0.as_str().into())));
            plain[at][1].clone_from(&edit.0);
            let rows = filter.as_ref().map(|rows| rows.iter().copied().filter(|row| *row < frame.len()).collect());
            let shown = Shown::new(rows, None);
            let place = ReplaceIn { frame: &frame, edits: &edits, plan: &plan, shown: &shown };
            let wanted = replacement(&wanted, &with, column, options);
            let progress = Progress::default();
            let counted = count(place, &wanted, &progress).unwrap();
            let replaced = replace(place, None, &wanted, &progress).unwrap();
            prop_assert_eq!((counted.cells, counted.rows), (replaced.cells, replaced.rows.len()));
            prop_assert_eq!(counted.examples.len() as u64, counted.cells.min(3));
            for (row, cells) in (0..).zip(&mut plain) {
                let is_shown = filter.as_ref().is_none_or(|rows| rows.contains(&row));
                for (at, cell) in (0..).zip(cells.iter_mut()) {
                    if is_shown && column.is_none_or(|only| only == at)
                        && let Some(text) = wanted.query.text.replaced(cell, &with)
                    {
                        *cell = text;
                    }
                }
            }
            let read = frame.read(0..frame.len(), &replaced.edits).unwrap();
            let read = read.iter().map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect::<Vec<_>>());
            prop_assert_eq!(read.collect::<Vec<_>>(), plain.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_sent_otherwise_is_counted_apart() {
        let frame = Frame::from_text(
            "t.csv",
            "sale_price;title\n1,5;a\n1.5;b\n2;1,5\n",
            &OpenOptions::default(),
        )
        .unwrap();
        let mut mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
        mapping.targets[0].transform = Some("decimal-comma".parse().unwrap());
        let plan = mapping.plan(&[]);
        let (edits, shown) = (Edits::default(), Shown::default());
        let place = ReplaceIn {
            frame: &frame,
            edits: &edits,
            plan: &plan,
            shown: &shown,
        };
        let counted = |text: &str| {
            let wanted = replacement(text, "3", None, MatchOptions::default());
            let count = count(place, &wanted, &Progress::default()).unwrap();
            (count.cells, count.rows, count.seen_otherwise, count.only_as_sent)
        };
        assert_eq!(counted("1,5"), (2, 2, 1, 0));
        assert_eq!(counted("."), (1, 1, 0, 1), "what is 1,5 in the file stays");
        let progress = Progress::default();
        progress.cancel();
        let wanted = replacement("1", "2", None, MatchOptions::default());
        assert!(matches!(
            replace(place, None, &wanted, &progress),
            Err(FrameError::Cancelled)
        ));
    }

    #[test]
    fn examples_show_what_changes_in_long_texts() {
        let long = format!("{}lamp{}", "é".repeat(500), "x".repeat(500));
        let (before, after) = excerpts(&long, &long.replace("lamp", "mat"));
        assert!(before.starts_with("…é") && before.contains("élampx") && before.ends_with("x…"));
        assert!(after.contains("ématx") && after.chars().count() < 70);
        assert_eq!(excerpts("lamp", ""), ("lamp".to_owned(), String::new()));
    }
}
