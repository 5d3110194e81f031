//! The judge of one row: its cells by their columns, and the rules that look at several of them.

use jiff::civil::Date;

use super::memory::Memory;
use crate::domain::{
    cell::Cell,
    record::{Part, Plan, SchemaPlace},
    rules::{CellTests, Hint, IdColumns, Kernel, Levels, Required, RowTests, Rule, plain},
};

/// The columns' judges, and the rules across columns.
#[derive(Debug)]
pub(super) struct RowJudge {
    columns: Vec<Option<ColumnJudge>>,
    /// The columns whose ids are compared across rows.
    pub(super) ids: IdColumns,
    pub(super) required: Required,
    tests: RowTests,
}

/// What a cell of one column is held to.
#[derive(Debug)]
struct ColumnJudge {
    kernel: Kernel,
    place: SchemaPlace,
    /// Rules beyond the schema.
    tests: CellTests,
}

impl RowJudge {
    /// `today` is the day on which the rows are looked at.
    pub(super) fn new(plan: &Plan, columns: usize, levels: &Levels, today: Date) -> Self {
        let column = |part: &Part| ColumnJudge {
            kernel: Kernel::new(part),
            place: part.place,
            tests: CellTests::of(plan.dataset, part, levels, today),
        };
        Self {
            columns: (0..columns).map(|at| plan.part(at).map(column)).collect(),
            ids: IdColumns::of(plan, columns, levels),
            required: Required::of(plan, columns),
            tests: RowTests::of(plan, columns, levels),
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.columns.len()
    }

    /// Takes a rule out that turned out not to hold for this table.
    pub(super) fn forget(&mut self, rule: Rule) {
        self.tests.forget(rule);
    }

    /// The columns whose values' types are gathered.
    pub(super) fn is_custom(&self, column: usize) -> bool {
        let column = self.columns.get(column).and_then(Option::as_ref);
        column.is_some_and(|column| matches!(column.place, SchemaPlace::Custom | SchemaPlace::Free))
    }

    /// Reports everything that the row alone can tell: rule, column, and what the value seems to be. `memory` is of
    /// this judge's columns, or empty.
    pub(super) fn judge(
        &self,
        cells: &[Cell<'_>],
        memory: &mut Memory,
        report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>),
    ) {
        for missing in self.required.missing(cells) {
            report(Required::RULE, missing.column, None);
        }
        for (at, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            if cell.is_missing() {
                continue;
            }
            let Some(column) = column else { continue };
            if memory.knows(at, *cell) {
                continue;
            }
            let mut is_fine = true;
            let text = plain(*cell);
            if let Some((rule, hint)) = column.kernel.judge(*cell, text) {
                is_fine = false;
                report(rule, Some(at), hint);
            }
            // What the API takes, but people probably did not mean.
            column.tests.find(*cell, text, |rule, hint| {
                is_fine = false;
                report(rule, Some(at), Some(hint));
            });
            if is_fine {
                memory.learn(at, *cell);
            }
        }
        self.tests.find(cells, report);
    }
}
