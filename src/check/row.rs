//! The judge of one row: its cells' kernels, and the rules that look at several fields.

use jiff::civil::Date;

use super::{kernel::Kernel, memory::Memory};
use crate::domain::{
    cell::Cell,
    hint::Hint,
    record::{Part, Place, Plan},
    rules::{CellTest, Levels, OtherTypes, Rule, count_items, is_blank},
};

/// The columns' judges, and the columns that rules across fields look at.
#[derive(Debug)]
pub(super) struct RowJudge {
    columns: Vec<Option<Column>>,
    /// Fields every record needs, with their column when there is one.
    required: Vec<Option<usize>>,
    /// The column of the id.
    pub(super) id: Option<usize>,
    /// Of interactions: the columns of `user_id` and `anonymous_id`.
    people: Option<[Option<usize>; 2]>,
    /// Of interactions: the column of the type.
    kind: Option<usize>,
    action: Option<usize>,
    /// Of interactions with a type: the columns that only some types have.
    other_types: Option<OtherTypes>,
    amounts: Option<Amounts>,
    /// Whether fields that the API does not know are reported.
    reports_unknown: bool,
}

/// What a cell of one column is held to.
#[derive(Debug)]
struct Column {
    kernel: Kernel,
    place: Place,
    /// Rules beyond the schema.
    tests: Vec<CellTest>,
}

/// Columns that must have as many items as each other.
#[derive(Debug)]
struct Amounts {
    quantities: usize,
    products: Option<usize>,
    groups: Option<usize>,
}

impl RowJudge {
    /// `today` is the day on which the rows are looked at.
    pub(super) fn new(plan: &Plan, columns: usize, levels: &Levels, today: Date) -> Self {
        let id_field = plan.dataset.id_field();
        let kind = plan.column_of("type").filter(|_| id_field.is_none());
        // Constants come after the columns; nobody is advised about what was chosen for all rows.
        let parts = || plan.parts().filter(|(column, _)| *column < columns);
        let amounts = || {
            Some(Amounts {
                quantities: plan.column_of("quantities").filter(|column| *column < columns)?,
                products: plan.column_of("product_ids"),
                groups: plan.column_of("product_group_ids"),
            })
        };
        let column = |part: &Part| Column {
            kernel: Kernel::new(part),
            place: part.place,
            tests: CellTest::of(part, levels, today),
        };
        Self {
            columns: (0..columns).map(|at| plan.part(at).map(column)).collect(),
            required: plan
                .schema
                .record
                .required
                .iter()
                .map(|name| plan.column_of(name))
                .collect(),
            id: id_field.and_then(|name| plan.column_of(name)),
            people: (id_field.is_none() && levels.is_on(Rule::Nobody))
                .then(|| [plan.column_of("user_id"), plan.column_of("anonymous_id")]),
            kind,
            action: plan.column_of("custom_action_name"),
            other_types: (kind.is_some() && levels.is_on(Rule::OtherType))
                .then(|| OtherTypes::new(plan.schema, parts().map(|(column, part)| (column, part.path.as_str())))),
            amounts: (id_field.is_none() && levels.is_on(Rule::Quantities))
                .then(amounts)
                .flatten(),
            reports_unknown: levels.is_on(Rule::UnknownField),
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn kernel(&self, column: usize) -> Option<&Kernel> {
        self.columns.get(column)?.as_ref().map(|column| &column.kernel)
    }

    /// The columns whose values' types are gathered.
    pub(super) fn is_custom(&self, column: usize) -> bool {
        let column = self.columns.get(column).and_then(Option::as_ref);
        column.is_some_and(|column| matches!(column.place, Place::Custom | Place::Free))
    }

    /// Reports everything that the row alone can tell: rule, column, and what the value seems to be. `memory` is of
    /// this judge's columns, or empty.
    pub(super) fn judge(
        &self,
        cells: &[Cell<'_>],
        memory: &mut Memory,
        report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>),
    ) {
        let is_missing = |column: Option<usize>| {
            column
                .and_then(|column| cells.get(column))
                .is_none_or(|cell| cell.is_missing())
        };
        for &column in self.required.iter().filter(|column| is_missing(**column)) {
            report(Rule::Required, column.filter(|column| *column < self.width()), None);
        }
        for (at, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            let Some(column) = column.as_ref().filter(|_| !cell.is_missing()) else {
                continue;
            };
            if memory.knows(at, *cell) {
                continue;
            }
            let mut is_fine = true;
            if let Some((rule, hint)) = column.kernel.judge(*cell) {
                is_fine = false;
                report(rule, Some(at), hint);
            }
            if column.place == Place::Unknown && self.reports_unknown {
                is_fine = false;
                report(Rule::UnknownField, Some(at), None);
            }
            // What the API takes, but people probably did not mean.
            for test in &column.tests {
                if let Some(hint) = test.find(*cell) {
                    is_fine = false;
                    report(test.rule, Some(at), Some(hint));
                }
            }
            if is_fine {
                memory.learn(at, *cell);
            }
        }
        if self.people.is_some_and(|people| people.into_iter().all(is_missing)) {
            report(Rule::Nobody, None, None);
        }
        let is_custom = |column: usize| cells.get(column).is_some_and(|cell| cell.shown() == "custom");
        if self.kind.is_some_and(is_custom) && is_missing(self.action) {
            report(Rule::ActionName, self.action, None);
        }
        self.advise(cells, report);
    }

    /// Reports what the API takes, but people probably did not mean, where several cells must be looked at.
    fn advise(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>)) {
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        if let (Some(other_types), Some(kind)) = (&self.other_types, self.kind) {
            other_types.find(cell(kind), cells, &mut |column| {
                report(Rule::OtherType, Some(column), None);
            });
        }
        if let Some(amounts) = &self.amounts
            && amounts.differ(&cell)
        {
            report(Rule::Quantities, Some(amounts.quantities), None);
        }
    }
}

impl Amounts {
    /// Whether there are quantities, but not one for every product, or for every group where there are no products.
    fn differ<'a>(&self, cell: &impl Fn(usize) -> Cell<'a>) -> bool {
        let quantities = cell(self.quantities);
        if is_blank(quantities) {
            return false;
        }
        let count = |column: Option<usize>| count_items(column.map(cell).unwrap_or_default());
        let (Some(quantities), Some(products)) = (count_items(quantities), count(self.products)) else {
            // What is no list is an error already.
            return false;
        };
        quantities != products && (products > 0 || count(self.groups) != Some(quantities))
    }
}
