//! What is known of the columns' values: of a sample of the rows for all that were in sight, and of all rows for one.

use std::{collections::BTreeMap, sync::Arc};

use super::{OpenDocument, TableView, search::Search};
use crate::{
    domain::{mapping::Target, record::Part},
    frame::{ColumnStatistics, Edits},
    message::{Generation, TableCommand, WorkError},
};

/// What statistics of a column hold for: they change with the cells and with what becomes of them.
#[derive(Clone, Debug)]
struct Basis {
    edits: Arc<Edits>,
    target: Option<Target>,
}

impl Basis {
    fn of(view: &TableView, column: u32) -> Self {
        Self {
            edits: Arc::clone(&view.edits),
            target: view.mapping.targets.get(column as usize).cloned(),
        }
    }

    fn holds(&self, view: &TableView, column: u32) -> bool {
        Arc::ptr_eq(&self.edits, &view.edits) && self.target.as_ref() == view.mapping.targets.get(column as usize)
    }
}

/// How far the statistics of a column are.
#[derive(Debug)]
pub(crate) enum ColumnState {
    /// They are being worked out.
    Running(Search),
    /// They are there.
    Known(Arc<ColumnStatistics>),
    /// They are not known: why.
    Failed(String),
}

/// What is known of the columns of a table.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    /// By column; nothing where a sample could not be read.
    samples: BTreeMap<u32, (Basis, Option<Arc<ColumnStatistics>>)>,
    /// The sample under way, and of which columns.
    sampling: Option<(Search, Vec<(u32, Basis)>)>,
    /// The column that somebody asks about.
    column: Option<(u32, Basis, ColumnState)>,
}

impl OpenDocument {
    /// What a sample of the rows tells of a column. After a change it is what was true before, until a new one is there.
    pub(crate) fn sampled(&self, column: u32) -> Option<&Arc<ColumnStatistics>> {
        self.statistics.samples.get(&column)?.1.as_ref()
    }

    /// Those of some columns that have no sample which holds; none while one is being taken.
    pub(crate) fn unsampled(&self, columns: impl Iterator<Item = u32>) -> Vec<u32> {
        if self.statistics.sampling.is_some() {
            return Vec::new();
        }
        let is_known = |column: &u32| {
            let sample = self.statistics.samples.get(column);
            sample.is_some_and(|(basis, _)| basis.holds(&self.view, *column))
        };
        columns.filter(|column| !is_known(column)).collect()
    }

    /// Has a sample taken of those columns that have none which holds.
    pub(super) fn start_sample(&mut self, columns: Vec<u32>, name: Generation) -> Option<TableCommand> {
        let columns = self.unsampled(columns.into_iter());
        if columns.is_empty() {
            return None;
        }
        let search = Search::new(name);
        let command = self.statistics_command(columns.clone(), false, &search);
        let bases = columns
            .into_iter()
            .map(|column| (column, Basis::of(&self.view, column)));
        self.statistics.sampling = Some((search, bases.collect()));
        Some(command)
    }

    /// How far the statistics of a column are; `None` when they are to be asked for.
    pub(crate) fn column_state(&self, column: u32) -> Option<&ColumnState> {
        let (of, basis, state) = self.statistics.column.as_ref()?;
        (*of == column && basis.holds(&self.view, column)).then_some(state)
    }

    /// Has the statistics of a column worked out; those of another one are given up.
    pub(super) fn start_column(&mut self, column: u32, name: Generation) -> Option<TableCommand> {
        if self.column_state(column).is_some() || column as usize >= self.view.frame.columns().len() {
            return None;
        }
        let search = Search::new(name);
        let command = self.statistics_command(vec![column], true, &search);
        let basis = Basis::of(&self.view, column);
        self.statistics.column = Some((column, basis, ColumnState::Running(search)));
        Some(command)
    }

    fn statistics_command(&self, columns: Vec<u32>, is_whole: bool, search: &Search) -> TableCommand {
        let plan = self.checked().ok().map(|checked| checked.plan());
        let part = |column: u32| -> Option<Part> { plan?.part(column as usize).cloned() };
        TableCommand::Statistics {
            table: self.view.table(),
            parts: columns.iter().copied().map(part).collect(),
            columns,
            is_whole,
            search: search.name,
            progress: Arc::clone(&search.progress),
        }
    }

    /// Statistics have been worked out.
    pub(super) fn end_statistics(&mut self, name: Generation, found: Result<Vec<ColumnStatistics>, WorkError>) {
        let statistics = &mut self.statistics;
        if let Some((_, bases)) = statistics.sampling.take_if(|(search, _)| search.name == name) {
            let found = found.unwrap_or_default().into_iter().map(Arc::new);
            let mut found = found.map(Some).chain(std::iter::repeat(None));
            for (column, basis) in bases {
                statistics.samples.insert(column, (basis, found.next().flatten()));
            }
            return;
        }
        if let Some((_, _, state)) = &mut statistics.column
            && matches!(state, ColumnState::Running(search) if search.name == name)
        {
            *state = match found.map(|found| found.into_iter().next()) {
                Ok(Some(found)) => ColumnState::Known(Arc::new(found)),
                Ok(None) => ColumnState::Failed("There is no such column".to_owned()),
                Err(error) => ColumnState::Failed(error.reason),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{dataset::Dataset, ids::DocumentId},
        message::{Command, Event, TableEvent},
        ops::summary,
        session::{Action, MappingAction, Session, TableAction, sequence_test::opened},
    };

    fn asked(session: &mut Session, doc: DocumentId, action: TableAction) -> Option<Command> {
        session.act(Action::Table(doc, action)).pop()
    }

    fn answer(session: &mut Session, command: Option<Command>) {
        let Some(Command::Table(request, command)) = command else {
            panic!("{command:?}")
        };
        let TableCommand::Statistics {
            table,
            columns,
            parts,
            is_whole,
            search,
            progress,
        } = command
        else {
            panic!("{command:?}")
        };
        let found = if is_whole {
            let part = parts[0].as_ref();
            vec![summary::column(&table.frame, &table.edits, columns[0], part, &progress).unwrap()]
        } else {
            summary::sample(&table.frame, &table.edits, &columns, &parts, &progress).unwrap()
        };
        session.on(Event::Table(
            request,
            TableEvent::Statistics {
                search,
                found: Ok(found),
            },
        ));
    }

    fn open(session: &Session, doc: DocumentId) -> &OpenDocument {
        session.find(doc).unwrap().open().unwrap()
    }

    #[test]
    fn a_sample_is_taken_once_and_again_after_a_change() {
        let (mut session, doc) = opened();
        let ask = |session: &mut Session| asked(session, doc, TableAction::SampleStatistics(vec![0, 1]));
        assert_eq!(open(&session, doc).unsampled(0..2), [0, 1]);
        let first = ask(&mut session);
        assert!(open(&session, doc).unsampled(0..2).is_empty(), "it is under way");
        assert!(ask(&mut session).is_none());
        answer(&mut session, first);
        assert!(open(&session, doc).sampled(0).is_some() && open(&session, doc).sampled(2).is_none());
        assert!(ask(&mut session).is_none(), "it is known");
        session.act(Action::Table(doc, TableAction::Edit(vec![(0, 1, "Other".to_owned())])));
        assert_eq!(open(&session, doc).unsampled(0..2), [0, 1]);
        assert!(
            open(&session, doc).sampled(1).is_some(),
            "what was true before is shown"
        );
        let again = ask(&mut session);
        answer(&mut session, again);
        let top = &open(&session, doc).sampled(1).unwrap().top;
        assert!(top.iter().any(|(text, _)| text == "Other"), "{top:?}");
    }

    #[test]
    fn only_the_column_last_asked_about_counts() {
        let (mut session, doc) = opened();
        let other = asked(&mut session, doc, TableAction::ColumnStatistics(0));
        let wanted = asked(&mut session, doc, TableAction::ColumnStatistics(1));
        let Some(Command::Table(_, TableCommand::Statistics { progress, .. })) = &other else {
            panic!("{other:?}")
        };
        assert!(progress.is_cancelled());
        answer(&mut session, wanted);
        assert!(matches!(
            open(&session, doc).column_state(1),
            Some(ColumnState::Known(_))
        ));
        assert!(open(&session, doc).column_state(0).is_none());
        session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Users)));
        assert!(asked(&mut session, doc, TableAction::ColumnStatistics(99)).is_none());
    }

    #[test]
    fn what_fails_is_said_and_not_asked_for_over_and_over() {
        let (mut session, doc) = opened();
        for (action, is_sample) in [
            (TableAction::SampleStatistics(vec![0]), true),
            (TableAction::ColumnStatistics(0), false),
        ] {
            let command = asked(&mut session, doc, action);
            let Some(Command::Table(request, TableCommand::Statistics { search, .. })) = command else {
                panic!("{command:?}")
            };
            let found = Err("it broke".into());
            session.on(Event::Table(request, TableEvent::Statistics { search, found }));
            let open = open(&session, doc);
            if is_sample {
                assert!(open.sampled(0).is_none() && open.unsampled(0..1).is_empty());
            } else {
                let state = open.column_state(0);
                assert!(matches!(state, Some(ColumnState::Failed(reason)) if reason == "it broke"));
            }
        }
    }
}
