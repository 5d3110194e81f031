//! The rules that look at a whole row, picked for a table once and then asked about every row: see
//! [`RowTests`](super::RowTests).

use super::Hint;
use crate::domain::{
    cell::Cell,
    dataset::Dataset,
    record::{Plan, SchemaPlace},
};

/// A rule's test of a whole row.
pub(super) trait RowTest: Sized {
    /// The test of a table's rows; `None` when the rule does not look at them.
    fn of(record: &RecordContext<'_>) -> Option<Self>;

    /// Reports where a row breaks the rule: the column (none: the whole row), and what its value seems to be.
    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>));
}

/// A table, as rules choose which columns they look at.
#[derive(Debug)]
pub(super) struct RecordContext<'a> {
    pub(super) plan: &'a Plan,
    /// How many columns the table has; constants come after them.
    pub(super) width: usize,
}

impl RecordContext<'_> {
    /// Whether the rows are interactions.
    pub(super) fn has_interactions(&self) -> bool {
        self.plan.dataset == Dataset::Interactions
    }

    /// The table's column of a product's field.
    pub(super) fn column_of_products(&self, path: &str) -> Option<usize> {
        let column = self.plan.column_of(path)?;
        (self.plan.dataset == Dataset::Products && column < self.width).then_some(column)
    }
}

/// Whether a row has no value in a column, or there is no such column.
pub(super) fn is_missing(cells: &[Cell<'_>], column: Option<usize>) -> bool {
    let cell = column.and_then(|column| cells.get(column));
    cell.is_none_or(|cell| cell.is_missing())
}

/// The table's columns whose paths lie at one place of the schema, where none should.
#[derive(Debug)]
pub(super) struct StrayColumns(Vec<usize>);

impl StrayColumns {
    /// `None` when there are none.
    pub(super) fn at(place: SchemaPlace, record: &RecordContext<'_>) -> Option<Self> {
        let parts = record.plan.parts();
        let at = parts.filter(|(column, part)| part.place == place && *column < record.width);
        let columns: Vec<usize> = at.map(|(column, _)| column).collect();
        (!columns.is_empty()).then_some(Self(columns))
    }

    /// Reports those that have a value.
    pub(super) fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        let columns = self.0.iter().map(|column| Some(*column));
        for column in columns.filter(|column| !is_missing(cells, *column)) {
            report(column, None);
        }
    }
}
