//! A file that has been read whole: what was found in it, which of its rows are shown, and what the service said.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{ColumnFilters, Comparison, Find, GoTo, Refusal, Sorting, TableView, statistics::Statistics};
use crate::{
    check::Checked,
    domain::{
        cell::OwnedCell,
        issue::{Cause, IssueSet},
        message,
        rows::RowSet,
        rules::Rule,
    },
    frame::{Edits, Shown},
    message::kept::{Cells, KeptView, Step},
    ops::typed::typed,
};

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those with a problem.
    Problems,
    /// Those with this problem.
    Cause(Cause),
    /// Those that the service refused.
    Refused,
}

/// How far the check of all rows is.
#[derive(Clone, Debug)]
pub enum Check {
    /// It runs.
    Running,
    /// What was found; brought up to date after every change.
    Ended(Arc<Checked>),
    /// It was stopped, or failed: why.
    Failed(String),
}

/// An opened file.
#[derive(Debug)]
pub struct OpenDocument {
    /// Its rows and columns.
    pub view: TableView,
    /// How far the check of all rows is.
    pub check: Check,
    /// Which rows are shown.
    pub filter: Filter,
    /// Which of those are shown, by their values.
    pub filters: ColumnFilters,
    /// By which columns they are sorted.
    pub sorting: Sorting,
    /// What the service said about rows it refused, by row.
    pub refused: BTreeMap<u32, Vec<String>>,
    /// What an upload would do, while somebody thinks about it.
    pub comparison: Option<Comparison>,
    /// Whether the file is no longer the one that was opened.
    pub(crate) changed_on_disk: bool,
    /// What was last looked for in it.
    pub find: Option<Find>,
    /// Where somebody wants to go, until they are there.
    pub go_to: Option<GoTo>,
    /// What is known of its columns' values.
    pub(crate) statistics: Statistics,
    /// Whether changes of an earlier run are laid over it.
    pub(super) is_laid_over: bool,
    /// How it was shown in an earlier run, until it is shown so again.
    pub(super) view_due: Option<KeptView>,
    /// Where the cursor goes once the rows are sorted.
    pub(super) cursor_due: Option<(u32, u32)>,
    /// Changed rows that wait to be checked again.
    unchecked: RowSet,
    /// Rows that are being checked again.
    rechecking: RowSet,
    /// Rows refused meanwhile, of which the check under way does not know.
    unmarked: Vec<u32>,
}

impl OpenDocument {
    /// A table whose check runs.
    pub(super) fn new(view: TableView) -> Self {
        Self {
            view,
            check: Check::Running,
            filter: Filter::All,
            filters: ColumnFilters::default(),
            sorting: Sorting::default(),
            refused: BTreeMap::new(),
            comparison: None,
            changed_on_disk: false,
            find: None,
            go_to: None,
            statistics: Statistics::default(),
            is_laid_over: false,
            view_due: None,
            cursor_due: None,
            unchecked: RowSet::default(),
            rechecking: RowSet::default(),
            unmarked: Vec::new(),
        }
    }

    /// What was found in it.
    ///
    /// # Errors
    /// Says why that is not known.
    pub const fn checked(&self) -> Result<&Arc<Checked>, Refusal> {
        match &self.check {
            Check::Ended(checked) => Ok(checked),
            Check::Running => Err(Refusal::Checking),
            Check::Failed(_) => Err(Refusal::Failed),
        }
    }

    /// Whether changed rows are still being checked.
    pub(crate) fn is_rechecking(&self) -> bool {
        !self.rechecking.is_empty() || !self.unchecked.is_empty()
    }

    /// Rows that would be left out of an upload.
    pub fn rows_with_errors(&self) -> u64 {
        self.checked().map_or(0, |checked| checked.rows_with_errors().len())
    }

    /// Rows that would be sent.
    pub fn sendable_rows(&self) -> u64 {
        let all = self.view.rows();
        all - self.rows_with_errors().min(all)
    }

    /// Lays other changes over the file, which differ in these rows from those before, and returns what takes the step
    /// back. `cursors` are where the person goes when it is taken back, and when it is made again.
    pub(super) fn change(&mut self, edits: Arc<Edits>, rows: RowSet, cursors: [(u32, u32); 2]) -> Cells {
        let before = std::mem::replace(&mut self.view.edits, edits);
        self.forget_found();
        self.filters.table_changed();
        self.unchecked.insert_all(&rows);
        self.refused.retain(|row, _| !rows.contains(*row));
        self.view.revision += 1;
        Cells {
            edits: before,
            rows,
            cursors,
        }
    }

    /// Changes cells to what a person typed, as a step that can be undone.
    pub(super) fn edit(&mut self, cells: Vec<(u32, u32, String)>) {
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
            return;
        };
        let cursors = [last, first].map(|(row, column, _)| (*row, *column));
        let checked = self.checked().ok();
        let frame = &self.view.frame;
        let typed = |(row, column, text)| (row, column, typed(frame, checked.map(Arc::as_ref), column, text));
        let cells = cells.into_iter().map(typed).collect();
        self.put_cells(cells, cursors);
    }

    /// Changes cells, as a step that can be undone.
    pub(super) fn put_cells(&mut self, cells: Vec<(u32, u32, OwnedCell)>, cursors: [(u32, u32); 2]) {
        let mut edits = Edits::clone(&self.view.edits);
        let mut rows = RowSet::default();
        for (row, column, cell) in cells {
            edits.set(row, column, Some(cell));
            rows.insert(row);
        }
        self.put(Arc::new(edits), rows, cursors);
    }

    /// Lays other changes over the file, as a step that can be undone.
    pub(super) fn put(&mut self, edits: Arc<Edits>, rows: RowSet, cursors: [(u32, u32); 2]) {
        let before = self.change(edits, rows, cursors);
        self.view.history.push(Step::Cells(before));
    }

    /// Takes a step back, and returns what makes it again.
    pub(super) fn restore(&mut self, cells: Cells) -> Cells {
        let Cells {
            edits,
            rows,
            cursors: [cursor, other],
        } = cells;
        self.view.go_to(cursor.0, cursor.1);
        self.change(edits, rows, [other, cursor])
    }

    /// Lays what an upload went on with over the file from the start.
    pub(super) fn restore_all(&mut self, edits: Arc<Edits>, refused: Vec<(u32, Vec<String>)>) {
        self.view.edits = edits;
        self.forget_found();
        self.view.revision += 1;
        self.refused = refused.into_iter().collect();
        self.check = Check::Running;
    }

    /// Has rows checked again once all are checked.
    pub(super) fn check_later(&mut self, rows: &RowSet) {
        self.unchecked.insert_all(rows);
    }

    /// Everything is to be checked anew. Which rows are shown stays: those that a change has mended do not vanish.
    pub(super) fn start_check(&mut self) {
        self.check = Check::Running;
        // What is sent may be another text than before.
        self.forget_found();
        self.filters.table_changed();
        self.unchecked = RowSet::default();
        self.rechecking = RowSet::default();
        self.view.revision += 1;
    }

    /// All rows are checked.
    pub(super) fn end_check(&mut self, checked: Arc<Checked>) {
        self.check = Check::Ended(checked);
        let refused: Vec<u32> = self.refused.keys().copied().collect();
        self.mark_refused(&refused);
        self.view.revision += 1;
    }

    /// The changed rows, when there are some to be checked again and none are being.
    pub(super) fn start_recheck(&mut self) -> Option<(Arc<Checked>, RowSet)> {
        let checked = Arc::clone(self.checked().ok()?);
        if !self.rechecking.is_empty() || self.unchecked.is_empty() {
            return None;
        }
        self.rechecking = std::mem::take(&mut self.unchecked);
        Some((checked, self.rechecking.clone()))
    }

    /// Changed rows are checked again.
    pub(super) fn end_recheck(&mut self, checked: Arc<Checked>) {
        self.check = Check::Ended(checked);
        self.rechecking = RowSet::default();
        // What was refused before is marked already.
        let missed = std::mem::take(&mut self.unmarked);
        self.mark_refused(&missed);
        self.view.revision += 1;
    }

    /// The service has refused rows.
    pub(super) fn refuse(&mut self, refused: Vec<(u32, Vec<String>)>) {
        let rows: Vec<u32> = refused.iter().map(|(row, _)| *row).collect();
        self.refused.extend(refused);
        self.mark_refused(&rows);
        if !self.rechecking.is_empty() {
            self.unmarked.extend(&rows);
        }
        self.view.revision += 1;
    }

    /// Marks the rows that the service refused, on the column it named.
    fn mark_refused(&mut self, rows: &[u32]) {
        let Check::Ended(checked) = &mut self.check else { return };
        if rows.is_empty() {
            return;
        }
        let marked = Arc::make_mut(checked);
        for (row, lines) in rows.iter().filter_map(|row| self.refused.get_key_value(row)) {
            for line in lines {
                let path = message::parse(line).map(|line| line.path).unwrap_or_default();
                let column = marked.column_of(&path);
                marked.refuse(*row, column);
            }
        }
    }

    /// Forgets what the service refused: it may be taken now, or elsewhere.
    pub(super) fn forget_refused(&mut self) {
        self.refused.clear();
        if let Check::Ended(checked) = &mut self.check {
            let checked = Arc::make_mut(checked);
            checked.issues.forget(|cause| cause.rule == Rule::Refused);
        }
        self.view.revision += 1;
    }

    /// Works out anew which rows are shown. A filter is taken once, so that a row that is repaired while the filter
    /// is on does not vanish under the cursor.
    pub(super) fn refresh_shown(&mut self) {
        let rows = self.filters.narrow(self.rows_by_problem());
        self.view.shown = Shown::new(rows, self.sorting.order());
        self.forget_found();
        self.view.revision += 1;
    }

    /// The rows that the filter by problem lets through; `None`: all.
    fn rows_by_problem(&self) -> Option<RowSet> {
        let issues = self.checked().ok().map(|checked| &checked.issues);
        let rows = match self.filter {
            Filter::All => return None,
            Filter::Problems => issues.map(IssueSet::all_rows),
            Filter::Refused => issues.map(|issues| issues.rows_of(Rule::Refused)),
            Filter::Cause(cause) => issues.and_then(|issues| issues.rows(&cause).cloned()),
        };
        Some(rows.unwrap_or_default())
    }

    /// The first row with a problem, of those shown if there is one.
    pub(super) fn first_with(&self, cause: &Cause) -> Option<u32> {
        let rows = self.checked().ok()?.issues.rows(cause)?;
        let shown = self.filters.narrow(Some(rows.clone()));
        let first = |rows: &RowSet| rows.at_or_after(0);
        shown.as_ref().and_then(first).or_else(|| first(rows))
    }

    /// Shows only rows with a problem, or all; the cursor goes to one of them.
    pub(super) fn filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.show_filtered();
    }

    /// Shows the rows that all filters let through; the cursor goes to one of them.
    pub(super) fn show_filtered(&mut self) {
        self.refresh_shown();
        let (row, column) = self.view.cursor;
        let is_shown = self.view.display_row(row).is_some();
        let first = self.view.file_row(0).filter(|_| !is_shown);
        self.view.go_to(first.unwrap_or(row), column);
    }

    /// Moves the cursor and brings it into view, also when its row was not shown.
    pub(super) fn jump(&mut self, row: u32, column: u32) {
        if self.view.display_row(row).is_none() {
            if self.rows_by_problem().is_some_and(|rows| !rows.contains(row)) {
                self.filter = Filter::All;
            }
            self.filters.let_through(row);
            self.refresh_shown();
        }
        self.view.go_to(row, column);
    }

    /// The next place with a problem after the cursor, in the order shown; `forward` or back.
    pub(super) fn neighbour_problem(&self, forward: bool) -> Result<(u32, u32), Refusal> {
        let issues = &self.checked()?.issues;
        let (row, column) = self.view.cursor;
        let columns = |row: u32| -> BTreeSet<u32> {
            let causes = issues.of_row(row);
            causes.map(|cause| cause.column.unwrap_or(0)).collect()
        };
        let here = columns(row);
        let beside = if forward {
            here.range(column.saturating_add(1)..).next()
        } else {
            here.range(..column).next_back()
        };
        if let Some(column) = beside {
            return Ok((row, *column));
        }
        let row = self.view.shown.neighbour(row, &issues.all_rows(), forward);
        let row = row.ok_or(Refusal::NoProblem)?;
        let there = columns(row);
        let column = if forward { there.first() } else { there.last() };
        Ok((row, column.copied().unwrap_or(0)))
    }
}
