//! Looking for a text in the rows shown, and going to a line or an id. The background looks; what it finds are rows, and
//! the cell within a row is worked out when somebody goes there.

use std::sync::Arc;

use thiserror::Error;

use super::{OpenDocument, Replace, TableView, search::Search};
use crate::{
    domain::{cell::OwnedCell, cell_query::CellQuery, escapes::safe, number::grouped, record::Plan, rows::RowSet},
    message::{Generation, TableCommand, WorkError},
};

/// A text that is looked for.
#[derive(Debug)]
pub struct Find {
    /// The text, and where it is looked for.
    pub query: CellQuery,
    /// How far the search is.
    pub state: FindState,
    /// Whether the last step went past the end, or the beginning, of the rows.
    pub wrapped: Option<Wrapped>,
    /// Whether nobody has gone to a cell that has it: then the cursor's own counts as the next.
    pub(super) is_new: bool,
    /// What takes its place, while that is wanted.
    pub replace: Option<Replace>,
}

/// How far a search is.
#[derive(Debug)]
pub enum FindState {
    /// The table is not as it was, or the search was stopped: the next step searches again.
    Stale,
    /// It runs.
    Running {
        /// The search.
        search: Search,
        /// Where to go as soon as it ends: forward, or back.
        then: Option<bool>,
    },
    /// The display rows that have the text.
    Found(RowSet),
    /// It failed: why.
    Failed(String),
}

/// Where a step went on when there was nothing more before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// From the first row.
    ToTop,
    /// From the last row.
    ToEnd,
}

/// Where somebody wants to go.
#[derive(Debug)]
pub enum GoTo {
    /// It is being looked for.
    Searching(Search, NoSuchRow),
    /// There is no such row.
    Missing(NoSuchRow),
    /// It is not known: why.
    Failed(String),
}

/// What there is no row of.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoSuchRow {
    /// Not on that line, and none with such an id where there are ids.
    #[error("No record is at {unit} {}{}", grouped(*number), or_id(id.as_deref(), *number))]
    Number {
        /// What the number counts.
        unit: &'static str,
        /// The number.
        number: u64,
        /// The field that could have been meant.
        id: Option<String>,
    },
    /// None has such an id.
    #[error("No record has the {field} {id}")]
    Id {
        /// The field of the ids.
        field: String,
        /// What was looked for.
        id: String,
    },
    /// Such records have no ids.
    #[error("Interactions have no id of their own; type the number of a {unit}")]
    NoIds {
        /// What numbers count.
        unit: &'static str,
    },
    /// No column has them.
    #[error("No column is sent as {field}; type the number of a {unit}")]
    NoColumn {
        /// The field of the ids.
        field: &'static str,
        /// What numbers count.
        unit: &'static str,
    },
}

fn or_id(field: Option<&str>, number: u64) -> String {
    field.map_or_else(String::new, |field| format!(", and none has the {field} {number}"))
}

impl Find {
    /// The display rows that have the text, once they are known.
    pub fn places(&self) -> Option<&RowSet> {
        match &self.state {
            FindState::Found(places) => Some(places),
            FindState::Stale | FindState::Running { .. } | FindState::Failed(_) => None,
        }
    }
}

impl OpenDocument {
    /// Which of the rows found the cursor is in, from 1.
    pub fn found_number(&self) -> Option<u64> {
        let places = self.find.as_ref()?.places()?;
        let place = u32::try_from(self.view.display_row(self.view.cursor.0)?).ok()?;
        places.contains(place).then(|| places.rank(place) + 1)
    }

    /// Looks for a text, or for none any more.
    pub(super) fn start_find(&mut self, query: Option<CellQuery>, name: Generation) -> Option<TableCommand> {
        self.find = None;
        self.find = Some(Find {
            query: query?,
            state: FindState::Stale,
            wrapped: None,
            is_new: true,
            replace: None,
        });
        self.search(name, None)
    }

    /// Has the background look for the text.
    fn search(&mut self, name: Generation, then: Option<bool>) -> Option<TableCommand> {
        let plan = self.plan();
        let find = self.find.as_mut()?;
        let search = Search::new(name);
        let command = TableCommand::Find {
            table: self.view.table(),
            plan,
            shown: self.view.shown.clone(),
            query: find.query.clone(),
            search: name,
            progress: Arc::clone(&search.progress),
        };
        find.state = FindState::Running { search, then };
        Some(command)
    }

    /// A search has ended; others than the one under way are of before.
    pub(super) fn found(&mut self, name: Generation, places: Result<RowSet, WorkError>) {
        let Some(find) = &mut self.find else { return };
        let FindState::Running { search, then } = &find.state else {
            return;
        };
        if search.name != name {
            return;
        }
        let then = *then;
        find.state = match places {
            Ok(places) => FindState::Found(places),
            Err(error) => FindState::Failed(error.reason),
        };
        if let Some(forward) = then {
            self.go_to_found(forward);
        }
    }

    /// What was found, or is being looked for, is no longer what the table has.
    pub(super) fn forget_found(&mut self) {
        if let Some(find) = &mut self.find {
            find.state = FindState::Stale;
            find.wrapped = None;
            if let Some(replace) = &mut find.replace {
                replace.table_changed();
            }
        }
    }

    /// The search goes no further; what it has found already stays.
    pub(super) fn stop_find(&mut self) {
        if let Some(find) = self.find.as_mut().filter(|find| find.places().is_none()) {
            find.state = FindState::Stale;
        }
    }

    /// Goes to the next cell that has the text, or the previous one; as soon as the search has ended, if need be.
    pub(super) fn find_step(&mut self, forward: bool, name: Generation) -> Option<TableCommand> {
        match &mut self.find.as_mut()?.state {
            FindState::Found(_) => {
                self.go_to_found(forward);
                None
            }
            FindState::Running { then, .. } => {
                *then = Some(forward);
                None
            }
            FindState::Stale | FindState::Failed(_) => self.search(name, Some(forward)),
        }
    }

    fn go_to_found(&mut self, forward: bool) {
        let plan = self.plan();
        let Some(find) = &mut self.find else { return };
        let FindState::Found(places) = &find.state else { return };
        let is_new = std::mem::take(&mut find.is_new);
        let (row, column) = self.view.cursor;
        let here = self.view.display_row(row).and_then(|place| u32::try_from(place).ok());
        let beside = here.filter(|place| places.contains(*place)).and_then(|_| {
            let columns = columns_with(&self.view, &plan, &find.query, row);
            if forward {
                columns
                    .into_iter()
                    .find(|other| *other > column || is_new && *other == column)
            } else {
                columns
                    .into_iter()
                    .rev()
                    .find(|other| *other < column || is_new && *other == column)
            }
        });
        if let Some(column) = beside {
            find.wrapped = None;
            self.view.go_to(row, column);
            return;
        }
        let near = match (here, forward) {
            (Some(here), true) => here.checked_add(1).and_then(|next| places.at_or_after(next)),
            (Some(here), false) => places.before(here),
            (None, true) => places.at_or_after(0),
            (None, false) => places.before(u32::MAX),
        };
        let (far, wrapped) = if forward {
            (places.at_or_after(0), Wrapped::ToTop)
        } else {
            (places.before(u32::MAX), Wrapped::ToEnd)
        };
        find.wrapped = (near.is_none() && far.is_some()).then_some(wrapped);
        let place = near.or(far).map(u64::from);
        let Some(row) = place.and_then(|place| self.view.file_row(place)) else {
            return;
        };
        let columns = columns_with(&self.view, &plan, &find.query, row);
        let there = if forward { columns.first() } else { columns.last() };
        self.view.go_to(row, there.copied().unwrap_or(column));
    }

    /// Looks for the row that a person wants to go to: on a line, or with an id.
    pub(super) fn start_go_to(&mut self, text: &str, name: Generation) -> Option<TableCommand> {
        self.go_to = None;
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let unit = self.view.frame.unit().0;
        let number: Option<u64> = text.replace(',', "").parse().ok();
        let field = self.view.mapping.dataset.id_field();
        let ids = field.and_then(|field| Some((field, self.view.mapping.column_of(field)?)));
        let id_column = ids.and_then(|(_, column)| u32::try_from(column).ok());
        let missing = match (number, field, id_column) {
            (Some(number), _, _) => NoSuchRow::Number {
                unit,
                number,
                id: ids.map(|(field, _)| field.to_owned()),
            },
            (None, Some(field), Some(_)) => NoSuchRow::Id {
                field: field.to_owned(),
                id: safe(text).into_owned(),
            },
            (None, Some(field), None) => NoSuchRow::NoColumn { field, unit },
            (None, None, _) => NoSuchRow::NoIds { unit },
        };
        if matches!(missing, NoSuchRow::NoColumn { .. } | NoSuchRow::NoIds { .. }) {
            self.go_to = Some(GoTo::Missing(missing));
            return None;
        }
        let search = Search::new(name);
        let command = TableCommand::FindRow {
            table: self.view.table(),
            text: number.map_or_else(|| text.to_owned(), |number| number.to_string()),
            id_column,
            search: name,
            progress: Arc::clone(&search.progress),
        };
        self.go_to = Some(GoTo::Searching(search, missing));
        Some(command)
    }

    /// The search for a row has ended: goes there, or says that there is none.
    pub(super) fn found_row(&mut self, name: Generation, row: Result<Option<u32>, WorkError>) {
        let missing = match &self.go_to {
            Some(GoTo::Searching(search, missing)) if search.name == name => missing.clone(),
            Some(_) | None => return,
        };
        self.go_to = match row {
            Ok(Some(row)) => {
                self.jump(row, self.view.cursor.1);
                None
            }
            Ok(None) => Some(GoTo::Missing(missing)),
            Err(error) => Some(GoTo::Failed(error.reason)),
        };
    }
}

/// The columns of a row whose cells have a text; none where the row can no longer be read, which others tell.
fn columns_with(view: &TableView, plan: &Plan, query: &CellQuery, row: u32) -> Vec<u32> {
    let read = view.frame.read(row..row + 1, &view.edits).unwrap_or_default();
    let cells = read.first().into_iter().flatten();
    let has = |(column, cell): &(u32, &OwnedCell)| query.is_in(plan, *column, cell.as_cell());
    (0..).zip(cells).filter(has).map(|(column, _)| column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::ids::DocumentId,
        message::{Command, Event, TableEvent},
        session::{
            Action, Filter, Session, TableAction,
            sequence_test::{act, answer, look, opened},
        },
    };

    fn open(session: &Session, doc: DocumentId) -> &OpenDocument {
        session.find(doc).unwrap().open().unwrap()
    }

    fn find(session: &Session, doc: DocumentId) -> &Find {
        open(session, doc).find.as_ref().unwrap()
    }

    /// How many rows were found.
    fn count(session: &Session, doc: DocumentId) -> u64 {
        find(session, doc).places().unwrap().len()
    }

    /// Goes on, and says where that is: cursor, number among the rows found, and whether the end was passed.
    fn step(session: &mut Session, doc: DocumentId, action: TableAction) -> ((u32, u32), u64, bool) {
        act(session, doc, action);
        let open = open(session, doc);
        let wrapped = find(session, doc).wrapped.is_some();
        (open.view.cursor, open.found_number().unwrap(), wrapped)
    }

    #[test]
    fn steps_go_from_cell_to_cell_and_round_the_ends() {
        let (mut session, doc) = opened();
        act(&mut session, doc, look("AM"));
        assert_eq!(count(&session, doc), 2);
        assert_eq!(open(&session, doc).view.cursor, (0, 0), "typing goes nowhere");
        act(&mut session, doc, look("a"));
        assert_eq!(count(&session, doc), 3);
        let next = |session: &mut Session| step(session, doc, TableAction::FindNext);
        assert_eq!(next(&mut session), ((0, 0), 1, false), "the cursor's own cell has it");
        assert_eq!(next(&mut session), ((0, 1), 1, false));
        assert_eq!(next(&mut session), ((1, 1), 2, false));
        assert_eq!(next(&mut session), ((4, 0), 3, false));
        assert_eq!(next(&mut session), ((4, 1), 3, false));
        assert_eq!(next(&mut session), ((0, 0), 1, true));
        let previous = |session: &mut Session| step(session, doc, TableAction::FindPrevious);
        assert_eq!(previous(&mut session), ((4, 1), 3, true));
        assert_eq!(previous(&mut session), ((4, 0), 3, false));
        // From where a person is, not from where the last step was.
        act(&mut session, doc, TableAction::MoveCursor(2, 2));
        assert_eq!(open(&session, doc).found_number(), None);
        assert_eq!(previous(&mut session), ((1, 1), 2, false));
    }

    #[test]
    fn a_change_of_what_is_shown_is_searched_again_at_the_next_step() {
        let (mut session, doc) = opened();
        act(&mut session, doc, look("lamp"));
        assert_eq!(step(&mut session, doc, TableAction::FindNext), ((0, 1), 1, false));
        act(&mut session, doc, TableAction::Edit(vec![(0, 1, "Mat".to_owned())]));
        assert!(matches!(find(&session, doc).state, FindState::Stale));
        assert_eq!(step(&mut session, doc, TableAction::FindNext), ((4, 1), 1, false));
        assert_eq!(count(&session, doc), 1);
        act(&mut session, doc, TableAction::Undo);
        act(&mut session, doc, TableAction::Filter(Filter::Problems));
        let shown = &open(&session, doc).view;
        let walked = (0..shown.shown_rows()).filter_map(|place| shown.file_row(place));
        let expected = walked.filter(|row| [0, 4].contains(row)).count() as u64;
        act(&mut session, doc, TableAction::FindNext);
        assert_eq!(count(&session, doc), expected);
    }

    #[test]
    fn only_the_newest_search_counts_and_others_are_stopped() {
        let (mut session, doc) = opened();
        let ask = |session: &mut Session, action| session.act(Action::Table(doc, action)).pop().unwrap();
        let older = ask(&mut session, look("lamp"));
        let newer = ask(&mut session, look("mat"));
        let Command::Table(_, TableCommand::Find { progress, .. }) = &older else {
            panic!("{older:?}")
        };
        assert!(progress.is_cancelled());
        // Somebody was quick.
        assert!(session.act(Action::Table(doc, TableAction::FindNext)).is_empty());
        let Command::Table(request, TableCommand::Find { search, .. }) = older else {
            panic!()
        };
        let places = Ok(RowSet::of_row(0));
        session.on(Event::Table(request, TableEvent::Found { search, places }));
        assert!(find(&session, doc).places().is_none());
        session.on(answer(newer));
        assert_eq!(
            open(&session, doc).view.cursor,
            (1, 1),
            "the step was made when the search had ended"
        );

        let stopped = ask(&mut session, look("bowl"));
        session.act(Action::Table(doc, TableAction::StopFind));
        session.on(Event::Table(
            request,
            TableEvent::Found {
                search,
                places: Ok(RowSet::of_row(0)),
            },
        ));
        assert!(matches!(find(&session, doc).state, FindState::Stale));
        let Command::Table(_, TableCommand::Find { progress, .. }) = &stopped else {
            panic!("{stopped:?}")
        };
        assert!(progress.is_cancelled());
        act(&mut session, doc, TableAction::Find(None));
        assert!(open(&session, doc).find.is_none());
    }

    #[test]
    fn a_search_that_fails_says_why_and_can_be_tried_again() {
        let (mut session, doc) = opened();
        let command = session.act(Action::Table(doc, look("lamp"))).pop();
        let Some(Command::Table(request, TableCommand::Find { search, .. })) = command else {
            panic!("{command:?}")
        };
        let places = Err("it broke".into());
        session.on(Event::Table(request, TableEvent::Found { search, places }));
        assert!(matches!(&find(&session, doc).state, FindState::Failed(reason) if reason == "it broke"));
        assert_eq!(step(&mut session, doc, TableAction::FindNext), ((0, 1), 1, false));
    }

    fn said(session: &Session, doc: DocumentId) -> String {
        match &open(session, doc).go_to {
            Some(GoTo::Missing(missing)) => missing.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_person_goes_to_a_line_or_an_id_or_is_told_that_there_is_none() {
        let (mut session, doc) = opened();
        let go = |session: &mut Session, text: &str| {
            act(session, doc, TableAction::GoTo(text.to_owned()));
            open(session, doc).view.cursor
        };
        assert_eq!(go(&mut session, " 4 "), (2, 0));
        assert!(open(&session, doc).go_to.is_none());
        assert_eq!(go(&mut session, "B"), (1, 0));
        assert_eq!(go(&mut session, "Z"), (1, 0));
        assert_eq!(said(&session, doc), "No record has the product_id Z");
        assert_eq!(go(&mut session, "1,200"), (1, 0));
        assert_eq!(
            said(&session, doc),
            "No record is at line 1,200, and none has the product_id 1200"
        );
        act(&mut session, doc, TableAction::StopGoTo);
        assert!(open(&session, doc).go_to.is_none());
        // A row that is not shown is shown again.
        act(&mut session, doc, TableAction::Filter(Filter::Refused));
        assert_eq!(go(&mut session, "2").0, 0);
        assert_eq!(open(&session, doc).filter, Filter::All);
    }
}
