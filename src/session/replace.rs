//! Replacing the text that is looked for: counted first, then cell by cell or in all rows shown. What changes is the text
//! of the file, as if it was typed.

use std::sync::Arc;

use super::{Document, FindState, OpenDocument, Refusal, Session, jobs::JobKind, search::Search};
use crate::{
    domain::{
        cell::{Cell, OwnedCell},
        cell_query::{CellQuery, CellReplacement, CellText, Replacement},
        ids::DocumentId,
        number::grouped,
    },
    frame::{Edits, Shown},
    message::{Command, Generation, TableCommand, WorkError},
    ops::replace::{ReplaceCount, TextReplaced},
};

/// What a person wants with what takes the place of the text looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplaceAction {
    /// Count what replacing it by this text would do.
    Count(String),
    /// Replace it in the cell at the cursor, if that has it, and go to the next one that does.
    One(String),
    /// Replace it in all rows shown, as one step that can be undone.
    All(String),
    /// Count, or replace, no further.
    Stop,
}

/// What takes the place of the text looked for.
#[derive(Debug)]
pub struct Replace {
    /// The text; an empty one takes it away.
    pub with: String,
    /// How far it is.
    pub state: ReplaceState,
}

/// How far replacing a text is.
#[derive(Debug)]
pub enum ReplaceState {
    /// The table is not as it was when it was counted.
    Stale,
    /// It is being counted.
    Counting(Search),
    /// Counting was stopped.
    Stopped,
    /// What it would do.
    Counted(ReplaceCount),
    /// It is being done.
    Replacing {
        /// The work.
        search: Search,
        /// The changes that it is added to.
        before: Arc<Edits>,
        /// The rows that were shown when a person asked for it: no others change.
        shown: Shown,
    },
    /// It failed: why.
    Failed(String),
}

impl Replace {
    /// What was counted is no longer so. What is being replaced is worked out again once it is there.
    pub(super) fn table_changed(&mut self) {
        if !matches!(self.state, ReplaceState::Replacing { .. }) {
            self.state = ReplaceState::Stale;
        }
    }
}

impl OpenDocument {
    /// What counts or replaces, while it does.
    pub(super) fn replacing(&self) -> Option<(&Search, JobKind)> {
        match &self.find.as_ref()?.replace.as_ref()?.state {
            ReplaceState::Counting(search) => Some((search, JobKind::Finding)),
            ReplaceState::Replacing { search, .. } => Some((search, JobKind::Replacing)),
            ReplaceState::Stale | ReplaceState::Stopped | ReplaceState::Counted(_) | ReplaceState::Failed(_) => None,
        }
    }

    /// The text looked for, with what takes its place in the file.
    fn replacement(&self, with: &str) -> Option<Replacement> {
        let query = self.find.as_ref()?.query.clone();
        Some(Replacement {
            query: CellQuery {
                within: CellText::Written,
                ..query
            },
            with: with.to_owned(),
        })
    }

    fn count_replace(&mut self, with: String, name: Generation) -> Option<TableCommand> {
        let replacement = self.replacement(&with)?;
        let search = Search::new(name);
        let command = TableCommand::CountReplace {
            table: self.view.table(),
            plan: self.plan(),
            shown: self.view.shown.clone(),
            replacement,
            search: name,
            progress: Arc::clone(&search.progress),
        };
        let state = ReplaceState::Counting(search);
        self.find.as_mut()?.replace = Some(Replace { with, state });
        Some(command)
    }

    /// What replacing would do is counted; other counts than the one under way are of before.
    pub(super) fn counted_replace(&mut self, name: Generation, count: Result<ReplaceCount, WorkError>) {
        let replace = self.find.as_mut().and_then(|find| find.replace.as_mut());
        let is_meant =
            |replace: &&mut Replace| matches!(&replace.state, ReplaceState::Counting(search) if search.name == name);
        if let Some(replace) = replace.filter(is_meant) {
            replace.state = match count {
                Ok(count) => ReplaceState::Counted(count),
                Err(error) => ReplaceState::Failed(error.reason),
            };
        }
    }

    fn start_replace(&mut self, with: String, shown: Shown, name: Generation) -> Option<TableCommand> {
        let replacement = self.replacement(&with)?;
        let search = Search::new(name);
        let table = self.view.table();
        let before = Arc::clone(&table.edits);
        let command = TableCommand::Replace {
            table,
            plan: self.plan(),
            checked: self.checked().ok().map(Arc::clone),
            shown: shown.clone(),
            replacement,
            search: name,
            progress: Arc::clone(&search.progress),
        };
        let state = ReplaceState::Replacing { search, before, shown };
        self.find.as_mut()?.replace = Some(Replace { with, state });
        Some(command)
    }

    /// Replacing has ended: with which text, in which rows, and whether cells were changed meanwhile. `None`: it is not the
    /// one under way.
    fn end_replace(&mut self, name: Generation) -> Option<(String, Shown, bool)> {
        let replace = self.find.as_mut()?.replace.as_mut()?;
        let ReplaceState::Replacing { search, before, shown } = &replace.state else {
            return None;
        };
        if search.name != name {
            return None;
        }
        let is_stale = !Arc::ptr_eq(before, &self.view.edits);
        let shown = shown.clone();
        replace.state = ReplaceState::Stale;
        Some((replace.with.clone(), shown, is_stale))
    }

    fn stop_replace(&mut self) {
        let replace = self.find.as_mut().and_then(|find| find.replace.as_mut());
        if let Some(replace) = replace {
            match replace.state {
                ReplaceState::Counting(_) => replace.state = ReplaceState::Stopped,
                ReplaceState::Replacing { .. } => replace.state = ReplaceState::Stale,
                ReplaceState::Stale | ReplaceState::Stopped | ReplaceState::Counted(_) | ReplaceState::Failed(_) => {}
            }
        }
    }

    /// What the cell at the cursor becomes; `None` when it does not have the text, or is not shown.
    fn replaced_at_cursor(&self, with: &str) -> Option<String> {
        let (row, column) = self.view.cursor;
        self.view.display_row(row)?;
        let cells = self.row(row);
        let cell = cells.get(column as usize)?.as_cell();
        match self.replacement(with)?.of(&self.plan(), column, cell)? {
            CellReplacement::Changes { text, .. } => Some(text),
            CellReplacement::OnlyAsSent => None,
        }
    }

    /// Changes the cell at the cursor. What was found and counted in other rows stays known: they have not changed.
    fn replace_at_cursor(&mut self, with: &str, text: String) {
        let (row, column) = self.view.cursor;
        let Some(replacement) = self.replacement(with) else {
            return;
        };
        let plan = self.plan();
        let counted = |cells: &[OwnedCell]| {
            let cells: Vec<Cell<'_>> = cells.iter().map(OwnedCell::as_cell).collect();
            let mut count = ReplaceCount::default();
            count.add(&plan, &replacement, row, &cells);
            let has = (0..)
                .zip(&cells)
                .any(|(column, cell)| replacement.query.is_in(&plan, column, *cell));
            (count, has)
        };
        let (before, _) = counted(&self.row(row));
        let known = self.find.as_mut().map(|find| {
            find.is_new = false;
            let found = std::mem::replace(&mut find.state, FindState::Stale);
            let replace = find.replace.as_mut();
            (
                found,
                replace.map(|replace| std::mem::replace(&mut replace.state, ReplaceState::Stale)),
            )
        });
        self.edit(vec![(row, column, text)]);
        let (now, has) = counted(&self.row(row));
        let place = self.view.display_row(row).and_then(|place| u32::try_from(place).ok());
        let (Some(find), Some((found, state))) = (&mut self.find, known) else {
            return;
        };
        if let FindState::Found(mut places) = found {
            if let Some(place) = place.filter(|_| !has) {
                places.remove(place);
            }
            find.state = FindState::Found(places);
        }
        if let (Some(replace), Some(ReplaceState::Counted(mut count))) = (&mut find.replace, state)
            && replace.with == with
        {
            count.renew(&before, &now);
            // Others than the examples there were are to be shown.
            if !count.examples.is_empty() || count.cells == 0 {
                replace.state = ReplaceState::Counted(count);
            }
        }
    }

    /// The cells of a row; none where it can no longer be read, which others tell.
    fn row(&self, row: u32) -> Vec<OwnedCell> {
        let read = self.view.frame.read(row..row + 1, &self.view.edits);
        read.unwrap_or_default().into_iter().next().unwrap_or_default()
    }
}

impl Session {
    pub(super) fn act_on_replacing(&mut self, doc: DocumentId, action: ReplaceAction) -> Vec<Command> {
        match action {
            ReplaceAction::Count(with) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.count_replace(with, search)))
            }
            ReplaceAction::One(with) => self.replace_one(doc, &with),
            ReplaceAction::All(with) => {
                let shown = self.find(doc).and_then(Document::view).map(|view| view.shown.clone());
                self.replace_all(doc, with, shown.unwrap_or_default())
            }
            ReplaceAction::Stop => self.with_open(doc, |open| {
                open.stop_replace();
                Ok(None)
            }),
        }
    }

    fn replace_one(&mut self, doc: DocumentId, with: &str) -> Vec<Command> {
        let text = self.open_mut(doc).and_then(|open| open.replaced_at_cursor(with));
        let mut commands = match text {
            Some(text) => self.change(doc, |open| open.replace_at_cursor(with, text)),
            None => Vec::new(),
        };
        commands.extend(self.find_step(doc, true));
        commands
    }

    fn replace_all(&mut self, doc: DocumentId, with: String, shown: Shown) -> Vec<Command> {
        let search = self.next_generation();
        let started = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            if document.is_uploading() {
                return Err(Refusal::Fixed);
            }
            let command = document.open_mut()?.start_replace(with, shown, search);
            Ok(command.map(|command| Command::Table(document.request(), command)))
        });
        self.told(started).flatten().into_iter().collect()
    }

    /// A text is replaced in all rows that were shown.
    pub(super) fn replaced(
        &mut self,
        doc: DocumentId,
        name: Generation,
        replaced: Result<TextReplaced, WorkError>,
    ) -> Vec<Command> {
        let Some((with, shown, is_stale)) = self.open_mut(doc).and_then(|open| open.end_replace(name)) else {
            return Vec::new();
        };
        match replaced {
            Err(error) => {
                self.notify(true, error.reason);
                Vec::new()
            }
            // What was changed meanwhile is looked at as well, in the same rows, whichever are shown by now.
            Ok(_) if is_stale => self.replace_all(doc, with, shown),
            Ok(TextReplaced { rows, .. }) if rows.is_empty() => {
                self.notify(false, "No cell has that text any more");
                Vec::new()
            }
            Ok(TextReplaced { edits, rows, cells }) => self.telling(doc, |session| {
                let words = format!("Replaced in {}", cells_and_rows(cells, rows.len()));
                let put = |open: &mut OpenDocument| {
                    let cursor = open.view.cursor;
                    open.put(Arc::new(edits), rows, [cursor, cursor]);
                };
                (session.change(doc, put), words)
            }),
        }
    }
}

/// A number of cells and the rows that they are in: `12 cells in 11 rows`.
pub(crate) fn cells_and_rows(cells: u64, rows: u64) -> String {
    let count = |number: u64, noun: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{} {noun}{plural}", grouped(number))
    };
    format!("{} in {}", count(cells, "cell"), count(rows, "row"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::text_query::{MatchOptions, TextQuery},
        session::{
            Action, Filter, TableAction,
            sequence_test::{act, answer, opened},
        },
    };

    fn find(session: &mut Session, doc: DocumentId, text: &str, column: Option<u32>) {
        let query = CellQuery {
            text: TextQuery::with(text, MatchOptions::default()).unwrap(),
            column,
            within: CellText::Written,
        };
        act(session, doc, TableAction::Find(Some(query)));
    }

    fn replace(session: &mut Session, doc: DocumentId, action: ReplaceAction) {
        act(session, doc, TableAction::Replace(action));
    }

    fn open(session: &Session, doc: DocumentId) -> &OpenDocument {
        session.find(doc).unwrap().open().unwrap()
    }

    fn counted(session: &Session, doc: DocumentId) -> Option<(u64, u64)> {
        let replace = open(session, doc).find.as_ref()?.replace.as_ref()?;
        let ReplaceState::Counted(count) = &replace.state else {
            return None;
        };
        Some((count.cells, count.rows))
    }

    fn column(session: &Session, doc: DocumentId, column: usize) -> Vec<String> {
        let view = &open(session, doc).view;
        let rows = view.frame.read(0..view.frame.len(), &view.edits).unwrap();
        rows.iter()
            .map(|row| row[column].as_cell().shown().into_owned())
            .collect()
    }

    #[test]
    fn all_is_replaced_as_one_step_and_only_in_the_rows_shown() {
        let (mut session, doc) = opened();
        find(&mut session, doc, "a", Some(1));
        replace(&mut session, doc, ReplaceAction::Count("o".into()));
        assert_eq!(counted(&session, doc), Some((3, 3)));
        replace(&mut session, doc, ReplaceAction::All("o".into()));
        assert_eq!(column(&session, doc, 1), ["Lomp", "Mot", "Bowl", "Cup", "Lomp"]);
        assert_eq!(column(&session, doc, 0)[0], "A", "another column");
        assert!(
            session
                .notices
                .iter()
                .any(|notice| notice.text == "Replaced in 3 cells in 3 rows")
        );
        act(&mut session, doc, TableAction::Undo);
        assert_eq!(column(&session, doc, 1), ["Lamp", "Mat", "Bowl", "Cup", "Lamp"]);
        assert!(!session.find(doc).unwrap().is_changed());

        act(&mut session, doc, TableAction::Filter(Filter::Problems));
        let shown: Vec<u32> = (0..5)
            .filter(|row| open(&session, doc).view.display_row(*row).is_some())
            .collect();
        replace(&mut session, doc, ReplaceAction::All("o".into()));
        let changed = column(&session, doc, 1);
        for row in 0..5_u32 {
            let has_changed = changed[row as usize].contains('o') && row != 2;
            assert_eq!(has_changed, shown.contains(&row) && [0, 1, 4].contains(&row), "{row}");
        }
    }

    #[test]
    fn one_is_replaced_after_the_other() {
        let (mut session, doc) = opened();
        find(&mut session, doc, "a", Some(1));
        replace(&mut session, doc, ReplaceAction::Count("aa".into()));
        let one = |session: &mut Session| {
            replace(session, doc, ReplaceAction::One("aa".into()));
            (open(session, doc).view.cursor, counted(session, doc))
        };
        assert_eq!(
            one(&mut session),
            ((0, 1), Some((3, 3))),
            "the cursor's cell does not have it: it goes there"
        );
        assert_eq!(
            one(&mut session),
            ((1, 1), Some((3, 3))),
            "what was put there has it as well"
        );
        assert_eq!(one(&mut session), ((4, 1), Some((3, 3))));
        assert_eq!(column(&session, doc, 1)[..2], ["Laamp", "Maat"]);
        replace(&mut session, doc, ReplaceAction::Count(String::new()));
        replace(&mut session, doc, ReplaceAction::One(String::new()));
        assert_eq!(counted(&session, doc), Some((2, 2)));
        assert_eq!(open(&session, doc).find.as_ref().unwrap().places().unwrap().len(), 2);
        act(&mut session, doc, TableAction::Undo);
        assert_eq!(column(&session, doc, 1)[4], "Lamp");
        assert_eq!(counted(&session, doc), None, "it is counted again");
    }

    #[test]
    fn what_is_changed_meanwhile_is_not_lost_and_what_is_stopped_changes_nothing() {
        let (mut session, doc) = opened();
        find(&mut session, doc, "lamp", None);
        let all = |session: &mut Session| {
            let all = TableAction::Replace(ReplaceAction::All("Mat".into()));
            session.act(Action::Table(doc, all)).pop().unwrap()
        };
        let first = all(&mut session);
        act(&mut session, doc, TableAction::Edit(vec![(3, 1, "Lamp".to_owned())]));
        let again = session.on(answer(first)).pop().unwrap();
        session.on(answer(again));
        assert_eq!(column(&session, doc, 1), ["Mat", "Mat", "Bowl", "Mat", "Mat"]);

        find(&mut session, doc, "mat", None);
        let command = all(&mut session);
        replace(&mut session, doc, ReplaceAction::Stop);
        let Command::Table(_, TableCommand::Replace { progress, .. }) = &command else {
            panic!("{command:?}")
        };
        assert!(progress.is_cancelled());
        assert!(open(&session, doc).replacing().is_none());
    }
}
