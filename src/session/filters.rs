//! Filters on columns: those in force, and those whose rows the background looks for. Every one keeps the rows that it
//! lets through, so that taking one away needs no look at the file. They are taken once, as the filter by problem is: a
//! row that is changed stays where it is until somebody filters again.

use std::sync::Arc;

use super::{Filter, OpenDocument, Refusal, search::Search};
use crate::{
    domain::{
        cell::Cell,
        filter::{ColumnFilter, FilterCondition, RangeOrder, ValueTest},
        number,
        record::Plan,
        rows::RowSet,
        sampled::Sampled,
        value::Form,
    },
    message::{Generation, TableCommand, WorkError},
    ops::filter::ColumnValues,
};

/// What a person wants with filters on columns.
#[derive(Clone, Debug)]
pub enum FilterAction {
    /// Show only rows that a filter lets through; it takes the place of the one on the same column.
    Set(ColumnFilter),
    /// Take the filter on a column away.
    Remove(u32),
    /// Take all filters away, also the one by problem.
    Clear,
    /// Filter again, after rows have changed.
    Again,
    /// Look for no rows any more; what was shown before stays.
    Stop,
    /// Count the values of a column, to choose from.
    ListValues(u32),
    /// Count no further.
    StopListing,
}

/// The filters on columns.
#[derive(Debug, Default)]
pub struct ColumnFilters {
    /// Those in force, in the order they were set in; one a column.
    applied: Vec<AppliedFilter>,
    /// Those whose rows are being looked for.
    scan: Option<FilterScan>,
    /// Why the rows of the last ones are not known.
    failure: Option<String>,
    /// Whether rows have changed since the filters were taken.
    is_stale: bool,
    /// The values of the column that was last asked for.
    values: Option<ListedValues>,
}

#[derive(Debug)]
struct AppliedFilter {
    filter: ColumnFilter,
    /// The rows that it lets through.
    rows: RowSet,
}

#[derive(Debug)]
struct FilterScan {
    search: Search,
    wanted: Vec<ColumnFilter>,
    /// Whether they are in force already, as the rows were before.
    is_again: bool,
}

/// The values of a column.
#[derive(Debug)]
struct ListedValues {
    /// The column.
    pub column: u32,
    /// How far they are counted.
    pub state: ValuesState,
}

/// How far the values of a column are counted.
#[derive(Debug)]
pub enum ValuesState {
    /// They are being counted.
    Counting(Search),
    /// They are counted.
    Known(ColumnValues),
    /// They could not be: why.
    Failed(String),
}

impl ColumnFilters {
    /// All filters, in force or soon to be, in the order they were set in.
    pub fn all(&self) -> impl Iterator<Item = &ColumnFilter> {
        let wanted = self.wanted();
        let applied = self.applied.iter().map(|applied| &applied.filter);
        let is_new = |filter: &&ColumnFilter| self.applied_to(filter.column).is_none();
        applied
            .map(|filter| {
                let newer = wanted.iter().find(|wanted| wanted.column == filter.column);
                newer.unwrap_or(filter)
            })
            .chain(wanted.iter().filter(is_new))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.scan.is_none()
    }

    /// The filter on a column.
    pub fn on(&self, column: u32) -> Option<&ColumnFilter> {
        self.all().find(|filter| filter.column == column)
    }

    /// The search for rows, while it runs.
    pub(crate) fn search(&self) -> Option<&Search> {
        self.scan.as_ref().map(|scan| &scan.search)
    }

    /// The search for a column's values, while it runs.
    pub(crate) fn counting(&self) -> Option<&Search> {
        match &self.values.as_ref()?.state {
            ValuesState::Counting(search) => Some(search),
            ValuesState::Known(_) | ValuesState::Failed(_) => None,
        }
    }

    /// Why the rows of the last filters are not known.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether rows have changed since the filters were taken.
    pub const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The values of a column, where they were asked for.
    pub fn values(&self, column: u32) -> Option<&ValuesState> {
        let listed = self.values.as_ref().filter(|listed| listed.column == column)?;
        Some(&listed.state)
    }

    fn wanted(&self) -> &[ColumnFilter] {
        self.scan
            .as_ref()
            .map(|scan| scan.wanted.as_slice())
            .unwrap_or_default()
    }

    fn applied_to(&self, column: u32) -> Option<&AppliedFilter> {
        self.applied.iter().find(|applied| applied.filter.column == column)
    }

    fn apply(&mut self, filter: ColumnFilter, rows: RowSet) {
        let known = self
            .applied
            .iter_mut()
            .find(|known| known.filter.column == filter.column);
        let applied = AppliedFilter { filter, rows };
        match known {
            Some(known) => *known = applied,
            None => self.applied.push(applied),
        }
    }

    /// Of some rows, or of all, those that the filters in force let through; `None`: all.
    pub(super) fn narrow(&self, rows: Option<RowSet>) -> Option<RowSet> {
        self.applied.iter().fold(rows, |rows, applied| match rows {
            Some(rows) => Some(rows.intersection(&applied.rows)),
            None => Some(applied.rows.clone()),
        })
    }

    /// Takes away what hides a row.
    pub(super) fn let_through(&mut self, row: u32) {
        self.applied.retain(|applied| applied.rows.contains(row));
    }

    /// Rows are no longer what they were.
    pub(super) fn table_changed(&mut self) {
        self.is_stale |= !self.is_empty();
        self.values = None;
    }

    /// Stops the search under way, and returns the filters that it was for, but for one on this column.
    fn take_wanted(&mut self, besides: u32) -> Vec<ColumnFilter> {
        let Some(scan) = self.scan.take() else {
            return Vec::new();
        };
        self.is_stale |= scan.is_again;
        let wanted = scan.wanted.into_iter();
        wanted.filter(|filter| filter.column != besides).collect()
    }
}

impl OpenDocument {
    /// Does what a person wants with filters; `name` is the next search's.
    pub(super) fn act_on_filters(
        &mut self,
        action: FilterAction,
        name: Generation,
    ) -> Result<Option<TableCommand>, Refusal> {
        match action {
            FilterAction::Set(filter) => self.set_filter(filter, name),
            FilterAction::Remove(column) => {
                let wanted = self.filters.take_wanted(column);
                self.filters.applied.retain(|applied| applied.filter.column != column);
                self.show_filtered();
                Ok(self.look_for(wanted, false, name))
            }
            FilterAction::Clear => {
                self.filters = ColumnFilters::default();
                self.filter(Filter::All);
                Ok(None)
            }
            FilterAction::Again => self.filter_again(name),
            FilterAction::Stop => {
                self.filters.take_wanted(u32::MAX);
                Ok(None)
            }
            FilterAction::ListValues(column) => Ok(self.list_values(column, name)),
            FilterAction::StopListing => {
                let values = &mut self.filters.values;
                values.take_if(|listed| matches!(listed.state, ValuesState::Counting(_)));
                Ok(None)
            }
        }
    }

    fn set_filter(&mut self, filter: ColumnFilter, name: Generation) -> Result<Option<TableCommand>, Refusal> {
        let problems = match filter.condition {
            FilterCondition::Problem => Some(self.checked()?.issues.rows_of_column(filter.column)),
            FilterCondition::Value(_) => None,
        };
        let mut wanted = self.filters.take_wanted(filter.column);
        if let Some(rows) = problems {
            self.filters.apply(filter, rows);
            self.show_filtered();
        } else {
            wanted.push(filter);
        }
        Ok(self.look_for(wanted, false, name))
    }

    fn filter_again(&mut self, name: Generation) -> Result<Option<TableCommand>, Refusal> {
        let checked = Arc::clone(self.checked()?);
        for applied in &mut self.filters.applied {
            if applied.filter.condition == FilterCondition::Problem {
                applied.rows = checked.issues.rows_of_column(applied.filter.column);
            }
        }
        let by_value = |filter: &&ColumnFilter| matches!(filter.condition, FilterCondition::Value(_));
        let wanted = self.filters.all().filter(by_value).cloned().collect();
        self.filters.is_stale = false;
        self.show_filtered();
        Ok(self.look_for(wanted, true, name))
    }

    /// Has the background look for the rows of filters.
    fn look_for(&mut self, wanted: Vec<ColumnFilter>, is_again: bool, name: Generation) -> Option<TableCommand> {
        self.filters.scan = None;
        self.filters.failure = None;
        let test = |filter: &ColumnFilter| match &filter.condition {
            FilterCondition::Value(test) => Some((filter.column, test.clone())),
            FilterCondition::Problem => None,
        };
        let tests: Vec<(u32, ValueTest)> = wanted.iter().filter_map(test).collect();
        if tests.is_empty() {
            return None;
        }
        let search = Search::new(name);
        let progress = Arc::clone(&search.progress);
        self.filters.scan = Some(FilterScan {
            search,
            wanted,
            is_again,
        });
        Some(TableCommand::Filter {
            table: self.view.table(),
            plan: self.plan(),
            wanted: tests,
            search: name,
            progress,
        })
    }

    /// A search for the rows of filters has ended; others than the one under way are of before.
    pub(super) fn filtered(&mut self, name: Generation, rows: Result<Vec<RowSet>, WorkError>) {
        let Some(scan) = self.filters.scan.take_if(|scan| scan.search.name == name) else {
            return;
        };
        match rows {
            Ok(rows) => {
                for (filter, rows) in scan.wanted.into_iter().zip(rows) {
                    self.filters.apply(filter, rows);
                }
                self.show_filtered();
            }
            Err(error) => {
                self.filters.is_stale |= scan.is_again;
                self.filters.failure = Some(error.reason);
            }
        }
    }

    /// Has the values of a column counted, unless they are known or being counted.
    fn list_values(&mut self, column: u32, name: Generation) -> Option<TableCommand> {
        if let Some(ValuesState::Known(_) | ValuesState::Counting(_)) = self.filters.values(column) {
            return None;
        }
        let search = Search::new(name);
        let progress = Arc::clone(&search.progress);
        self.filters.values = Some(ListedValues {
            column,
            state: ValuesState::Counting(search),
        });
        Some(TableCommand::CountValues {
            table: self.view.table(),
            plan: self.plan(),
            column,
            search: name,
            progress,
        })
    }

    /// The values of a column are counted.
    pub(super) fn counted_values(&mut self, name: Generation, values: Result<ColumnValues, WorkError>) {
        let Some(listed) = &mut self.filters.values else { return };
        if !matches!(&listed.state, ValuesState::Counting(search) if search.name == name) {
            return;
        }
        listed.state = match values {
            Ok(values) => ValuesState::Known(values),
            Err(error) => ValuesState::Failed(error.reason),
        };
    }

    /// How rows become records.
    pub(super) fn plan(&self) -> Arc<Plan> {
        match self.checked() {
            Ok(checked) => checked.shared_plan(),
            Err(_) => Arc::new(self.view.mapping.plan(&[])),
        }
    }

    /// Whether the values of some columns are sent as other texts than the file's.
    pub(crate) fn rewrites(&self) -> bool {
        let targets = &self.view.mapping.targets;
        targets.iter().any(|target| target.transform.is_some())
    }

    /// How the values of a column are compared: as numbers where its field, or more than half of the values that were
    /// sampled, are numbers.
    pub(crate) fn range_order(&self, column: u32) -> RangeOrder {
        let plan = self.plan();
        let column = column as usize;
        let is_number_field = plan.part(column).is_some_and(|part| part.form == Form::Number);
        let is_number = |cell: Cell<'_>| number::parsed(&plan.shown(column, cell)).is_some();
        let sample = self.view.samples.get(column).into_iter();
        let (mut all, mut numbers) = (0, 0);
        for (cell, count) in sample.flat_map(Sampled::values) {
            all += count;
            numbers += if is_number(cell) { count } else { 0 };
        }
        if is_number_field || numbers * 2 > all {
            RangeOrder::Numbers
        } else {
            RangeOrder::Texts
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{filter::ValueRange, ids::DocumentId, text_query::TextQuery},
        message::{Command, Event, TableEvent},
        ops::filter::DistinctCount,
        session::{
            Action, Session, TableAction,
            sequence_test::{act, answer, opened},
        },
    };

    const TITLE: u32 = 1;
    const PRICE: u32 = 2;

    fn contains(text: &str) -> FilterAction {
        set(TITLE, ValueTest::Contains(TextQuery::new(text).unwrap()))
    }

    fn set(column: u32, test: ValueTest) -> FilterAction {
        let condition = FilterCondition::Value(test);
        FilterAction::Set(ColumnFilter { column, condition })
    }

    fn do_it(session: &mut Session, doc: DocumentId, action: FilterAction) {
        act(session, doc, TableAction::FilterColumns(action));
    }

    /// What the background is asked for.
    fn ask(session: &mut Session, doc: DocumentId, action: FilterAction) -> Command {
        let mut commands = session.act(Action::Table(doc, TableAction::FilterColumns(action)));
        commands.pop().unwrap()
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

    fn progress(command: &Command) -> &crate::domain::progress::Progress {
        let Command::Table(_, TableCommand::Filter { progress, .. } | TableCommand::CountValues { progress, .. }) =
            command
        else {
            panic!("{command:?}")
        };
        progress
    }

    /// The answer to a search that was stopped too late.
    fn late(command: &Command) -> Event {
        let Command::Table(request, TableCommand::Filter { search, wanted, .. }) = command else {
            panic!("{command:?}")
        };
        let rows = vec![RowSet::of_row(2); wanted.len()];
        let event = TableEvent::Filtered {
            search: *search,
            rows: Ok(rows),
        };
        Event::Table(*request, event)
    }

    #[test]
    fn filters_on_several_columns_and_by_problem_are_combined() {
        let (mut session, doc) = opened();
        do_it(&mut session, doc, contains("A"));
        assert_eq!(shown(&session, doc), [0, 1, 4]);
        assert_eq!(open(&session, doc).range_order(PRICE), RangeOrder::Numbers);
        assert_eq!(open(&session, doc).range_order(TITLE), RangeOrder::Texts);
        let range = ValueRange::new("12.6", "", RangeOrder::Numbers).unwrap();
        do_it(&mut session, doc, set(PRICE, ValueTest::Within(range)));
        assert_eq!(shown(&session, doc), [4]);
        do_it(&mut session, doc, FilterAction::Remove(PRICE));
        assert_eq!(shown(&session, doc), [0, 1, 4]);
        act(&mut session, doc, TableAction::Filter(Filter::Problems));
        // The first row's id appears again in the last one, which replaces it.
        assert_eq!(shown(&session, doc), [0, 1]);
        let problem = ColumnFilter {
            column: PRICE,
            condition: FilterCondition::Problem,
        };
        do_it(&mut session, doc, FilterAction::Set(problem));
        assert_eq!(shown(&session, doc), [1]);
        // Another filter on the same column takes the place of this one.
        do_it(&mut session, doc, contains("bowl"));
        assert_eq!(shown(&session, doc), [2]);
        assert_eq!(open(&session, doc).filters.all().count(), 2);
        do_it(&mut session, doc, FilterAction::Clear);
        assert_eq!(shown(&session, doc), [0, 1, 2, 3, 4]);
        assert!(open(&session, doc).filters.is_empty());
        assert_eq!(open(&session, doc).filter, Filter::All);
    }

    #[test]
    fn the_cursor_stays_with_its_row_as_long_as_that_is_shown() {
        let (mut session, doc) = opened();
        act(&mut session, doc, TableAction::MoveCursor(4, 2));
        do_it(&mut session, doc, contains("lamp"));
        assert_eq!(open(&session, doc).view.cursor, (4, 2));
        do_it(&mut session, doc, contains("mat"));
        assert_eq!(open(&session, doc).view.cursor, (1, 2));
        // What hides a row that somebody goes to is taken away, and nothing else.
        do_it(&mut session, doc, set(PRICE, ValueTest::NotEmpty));
        act(&mut session, doc, TableAction::JumpTo(3, 0));
        assert_eq!(shown(&session, doc), [0, 1, 2, 3, 4]);
        let left: Vec<u32> = open(&session, doc).filters.all().map(|filter| filter.column).collect();
        assert_eq!(left, [PRICE]);
    }

    #[test]
    fn a_changed_row_stays_until_somebody_filters_again() {
        let (mut session, doc) = opened();
        do_it(&mut session, doc, contains("lamp"));
        assert!(!open(&session, doc).filters.is_stale());
        act(&mut session, doc, TableAction::Edit(vec![(0, TITLE, "Rug".to_owned())]));
        assert_eq!(shown(&session, doc), [0, 4]);
        assert!(open(&session, doc).filters.is_stale());
        let stopped = ask(&mut session, doc, FilterAction::Again);
        assert!(!open(&session, doc).filters.is_stale());
        do_it(&mut session, doc, FilterAction::Stop);
        assert!(progress(&stopped).is_cancelled());
        assert!(open(&session, doc).filters.is_stale(), "nothing was filtered");
        do_it(&mut session, doc, FilterAction::Again);
        assert_eq!(shown(&session, doc), [4]);
        assert!(!open(&session, doc).filters.is_stale());
        act(&mut session, doc, TableAction::Undo);
        assert!(open(&session, doc).filters.is_stale());
        do_it(&mut session, doc, FilterAction::Again);
        assert_eq!(shown(&session, doc), [0, 4]);
    }

    #[test]
    fn a_filter_that_is_set_while_another_is_looked_for_is_looked_for_with_it() {
        let (mut session, doc) = opened();
        let first = ask(&mut session, doc, contains("lamp"));
        assert_eq!(
            shown(&session, doc).len(),
            5,
            "what is shown stays until the rows are known"
        );
        assert_eq!(open(&session, doc).filters.all().count(), 1);
        let both = ask(&mut session, doc, set(PRICE, ValueTest::Equals("13".to_owned())));
        assert!(progress(&first).is_cancelled());
        session.on(late(&first));
        assert_eq!(shown(&session, doc).len(), 5, "that was of before");
        session.on(answer(both));
        assert_eq!(shown(&session, doc), [4]);
        let stopped = ask(&mut session, doc, contains("mat"));
        do_it(&mut session, doc, FilterAction::Stop);
        session.on(late(&stopped));
        assert_eq!(shown(&session, doc), [4]);
        let rest = ask(&mut session, doc, contains("mat"));
        do_it(&mut session, doc, FilterAction::Remove(TITLE));
        session.on(late(&rest));
        assert_eq!(shown(&session, doc), [4]);
        assert!(open(&session, doc).filters.on(TITLE).is_none());
    }

    #[test]
    fn a_filter_that_fails_says_why() {
        let (mut session, doc) = opened();
        let Command::Table(request, TableCommand::Filter { search, .. }) = ask(&mut session, doc, contains("lamp"))
        else {
            panic!()
        };
        let rows = Err("it broke".into());
        session.on(Event::Table(request, TableEvent::Filtered { search, rows }));
        assert_eq!(open(&session, doc).filters.failure(), Some("it broke"));
        assert_eq!(shown(&session, doc).len(), 5);
        do_it(&mut session, doc, contains("lamp"));
        assert_eq!(open(&session, doc).filters.failure(), None);
        assert_eq!(shown(&session, doc), [0, 4]);
    }

    #[test]
    fn values_are_counted_once_until_the_table_changes() {
        let (mut session, doc) = opened();
        do_it(&mut session, doc, FilterAction::ListValues(TITLE));
        let known = |session: &Session| match open(session, doc).filters.values(TITLE) {
            Some(ValuesState::Known(values)) => values.clone(),
            other => panic!("{other:?}"),
        };
        let values = known(&session);
        assert_eq!(values.values[0], ("Lamp".to_owned(), 2));
        assert_eq!(values.distinct, DistinctCount::Exactly(4));
        let again = TableAction::FilterColumns(FilterAction::ListValues(TITLE));
        assert!(session.act(Action::Table(doc, again)).is_empty());
        act(&mut session, doc, TableAction::Edit(vec![(0, TITLE, "Mat".to_owned())]));
        assert!(open(&session, doc).filters.values(TITLE).is_none());
        let stopped = ask(&mut session, doc, FilterAction::ListValues(TITLE));
        do_it(&mut session, doc, FilterAction::StopListing);
        assert!(progress(&stopped).is_cancelled());
        do_it(&mut session, doc, FilterAction::ListValues(TITLE));
        do_it(&mut session, doc, FilterAction::StopListing);
        assert_eq!(known(&session).values[0], ("Mat".to_owned(), 2));
    }
}
