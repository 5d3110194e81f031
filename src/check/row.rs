//! The judge of one row: its cells' kernels, and the rules that look at several fields.

use super::kernel::Kernel;
use crate::domain::{
    cell::Cell,
    hint::Hint,
    record::{Place, Plan},
    rules::Rule,
};

/// The columns' judges, and the columns that rules across fields look at.
#[derive(Debug)]
pub(super) struct RowJudge {
    columns: Vec<Option<(Kernel, Place)>>,
    /// Fields every record needs, with their column when there is one.
    required: Vec<Option<usize>>,
    /// The column of the id.
    pub(super) id: Option<usize>,
    /// Of interactions: the columns of `user_id` and `anonymous_id`.
    people: Option<[Option<usize>; 2]>,
    /// Of interactions: the column of the type.
    kind: Option<usize>,
    action: Option<usize>,
}

impl RowJudge {
    pub(super) fn new(plan: &Plan, columns: usize) -> Self {
        let id_field = plan.dataset.id_field();
        let kernel = |column| plan.part(column).map(|part| (Kernel::new(part), part.place));
        Self {
            columns: (0..columns).map(kernel).collect(),
            required: plan
                .schema
                .record
                .required
                .iter()
                .map(|name| plan.column_of(name))
                .collect(),
            id: id_field.and_then(|name| plan.column_of(name)),
            people: id_field
                .is_none()
                .then(|| [plan.column_of("user_id"), plan.column_of("anonymous_id")]),
            kind: plan.column_of("type").filter(|_| id_field.is_none()),
            action: plan.column_of("custom_action_name"),
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn kernel(&self, column: usize) -> Option<&Kernel> {
        self.columns.get(column)?.as_ref().map(|(kernel, _)| kernel)
    }

    /// The columns whose values' types are gathered.
    pub(super) fn is_custom(&self, column: usize) -> bool {
        matches!(self.columns.get(column), Some(Some((_, Place::Custom | Place::Free))))
    }

    /// Reports everything that the row alone can tell: rule, column, and what the value seems to be.
    pub(super) fn judge(&self, cells: &[Cell<'_>], report: &mut dyn FnMut(Rule, Option<usize>, Option<Hint>)) {
        let is_missing = |column: Option<usize>| {
            column
                .and_then(|column| cells.get(column))
                .is_none_or(|cell| cell.is_missing())
        };
        for &column in self.required.iter().filter(|column| is_missing(**column)) {
            report(Rule::Required, column.filter(|column| *column < self.width()), None);
        }
        for (column, (cell, judge)) in cells.iter().zip(&self.columns).enumerate() {
            let Some((kernel, place)) = judge else { continue };
            if let Some((rule, hint)) = kernel.judge(*cell) {
                report(rule, Some(column), hint);
            }
            if *place == Place::Unknown && !cell.is_missing() {
                report(Rule::UnknownField, Some(column), None);
            }
        }
        if self.people.is_some_and(|people| people.into_iter().all(is_missing)) {
            report(Rule::Nobody, None, None);
        }
        let is_custom = |column: usize| cells.get(column).is_some_and(|cell| cell.shown() == "custom");
        if self.kind.is_some_and(is_custom) && is_missing(self.action) {
            report(Rule::ActionName, self.action, None);
        }
    }
}
