//! The order of the rows: the columns that they are sorted by, and those that the background sorts them by.

use std::sync::Arc;

use super::{OpenDocument, search::Search};
use crate::{
    frame::{Order, SortBy},
    message::{Generation, TableCommand, WorkError},
};

/// By which columns the rows are sorted.
#[derive(Debug, Default)]
pub struct Sorting {
    sorted: Option<SortedRows>,
    /// What the rows are being sorted by.
    run: Option<SortWork>,
}

#[derive(Debug)]
struct SortedRows {
    by: Vec<SortBy>,
    order: Order,
}

#[derive(Debug)]
struct SortWork {
    by: Vec<SortBy>,
    search: Search,
}

impl Sorting {
    /// The columns that the rows are sorted by, the first one first; none: they stand as in the file.
    pub fn by(&self) -> &[SortBy] {
        self.sorted
            .as_ref()
            .map(|sorted| sorted.by.as_slice())
            .unwrap_or_default()
    }

    /// The columns that the rows are being sorted by, and how far that is.
    pub(crate) fn work(&self) -> Option<(&[SortBy], &Search)> {
        let work = self.run.as_ref()?;
        Some((&work.by, &work.search))
    }

    pub(super) fn order(&self) -> Option<&Order> {
        self.sorted.as_ref().map(|sorted| &sorted.order)
    }
}

impl OpenDocument {
    /// Has the rows sorted by columns, or by none shows them as they stand in the file.
    pub(super) fn sort(&mut self, by: Vec<SortBy>, name: Generation) -> Option<TableCommand> {
        self.sorting.run = None;
        if by.is_empty() {
            self.unsort();
            return None;
        }
        let search = Search::new(name);
        let command = TableCommand::Sort {
            table: self.view.table(),
            plan: self.plan(),
            by: by.clone(),
            search: name,
            progress: Arc::clone(&search.progress),
        };
        self.sorting.run = Some(SortWork { by, search });
        Some(command)
    }

    /// Sorts no further; the rows stay in the order that they have.
    pub(super) fn stop_sort(&mut self) {
        self.sorting.run = None;
    }

    /// The rows are sorted, or could not be; the order of others than those under way was wanted before. The person sees
    /// its beginning, and the cursor goes along. Says why not.
    pub(super) fn sorted(&mut self, name: Generation, order: Result<Order, WorkError>) -> Result<(), WorkError> {
        let Some(work) = self.sorting.run.take_if(|work| work.search.name == name) else {
            return Ok(());
        };
        let order = order?;
        self.sorting.sorted = Some(SortedRows { by: work.by, order });
        self.refresh_shown();
        if let Some((row, column)) = self.cursor_due.take() {
            self.view.go_to(row, column);
            return Ok(());
        }
        let (row, column) = self.view.cursor;
        self.view.cursor.0 = self.view.file_row(0).unwrap_or(row);
        self.view.reveal = Some((0, column));
        Ok(())
    }

    fn unsort(&mut self) {
        self.sorting.sorted = None;
        self.refresh_shown();
        let (row, column) = self.view.cursor;
        self.view.go_to(row, column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::ids::DocumentId,
        message::{Command, Event, TableEvent},
        session::{
            Action, Session, TableAction,
            sequence_test::{act, answer, opened},
        },
    };

    fn by(column: u32, descending: bool) -> SortBy {
        SortBy { column, descending }
    }

    fn open(session: &Session, doc: DocumentId) -> &OpenDocument {
        session.find(doc).unwrap().open().unwrap()
    }

    fn shown(session: &Session, doc: DocumentId) -> Vec<u32> {
        let view = &open(session, doc).view;
        (0..view.shown_rows())
            .filter_map(|place| view.file_row(place))
            .collect()
    }

    fn ask(session: &mut Session, doc: DocumentId, by: Vec<SortBy>) -> Command {
        let mut commands = session.act(Action::Table(doc, TableAction::Sort(by)));
        commands.pop().unwrap()
    }

    #[test]
    fn rows_are_sorted_by_one_column_then_by_another() {
        let (mut session, doc) = opened();
        act(&mut session, doc, TableAction::Sort(vec![by(1, false)]));
        assert_eq!(shown(&session, doc), [2, 3, 0, 4, 1]);
        act(&mut session, doc, TableAction::Sort(vec![by(1, false), by(2, true)]));
        assert_eq!(shown(&session, doc), [2, 3, 4, 0, 1]);
        assert_eq!(open(&session, doc).sorting.by(), [by(1, false), by(2, true)]);
        act(&mut session, doc, TableAction::Sort(Vec::new()));
        assert_eq!(shown(&session, doc), [0, 1, 2, 3, 4]);
        assert!(open(&session, doc).sorting.by().is_empty());
    }

    #[test]
    fn only_the_newest_order_counts_and_others_are_stopped() {
        let (mut session, doc) = opened();
        let first = ask(&mut session, doc, vec![by(0, true)]);
        let second = ask(&mut session, doc, vec![by(1, true)]);
        let Command::Table(request, TableCommand::Sort { search, progress, .. }) = first else {
            panic!("{first:?}")
        };
        assert!(progress.is_cancelled());
        let order = Ok(Order::new([4, 3, 2, 1, 0].into()));
        session.on(Event::Table(request, TableEvent::Sorted { search, order }));
        assert_eq!(shown(&session, doc), [0, 1, 2, 3, 4]);
        session.on(answer(second));
        assert_eq!(shown(&session, doc)[0], 1);
        let stopped = ask(&mut session, doc, vec![by(0, false)]);
        act(&mut session, doc, TableAction::StopSort);
        let Command::Table(_, TableCommand::Sort { progress, .. }) = &stopped else {
            panic!("{stopped:?}")
        };
        assert!(progress.is_cancelled());
        assert_eq!(
            open(&session, doc).sorting.by(),
            [by(1, true)],
            "the rows stay as they are"
        );
    }

    #[test]
    fn an_order_that_fails_is_told() {
        let (mut session, doc) = opened();
        let Command::Table(request, TableCommand::Sort { search, .. }) = ask(&mut session, doc, vec![by(0, true)])
        else {
            panic!()
        };
        let order = Err("it broke".into());
        session.on(Event::Table(request, TableEvent::Sorted { search, order }));
        assert!(session.notices.iter().any(|notice| notice.text == "it broke"));
        assert!(open(&session, doc).sorting.work().is_none());
    }
}
