//! What exactly is wrong with one row, worked out from the row when someone looks.

use super::Checked;
use crate::domain::{
    cell::Cell,
    issue::{Cause, Severity},
    message,
    rules::Broken,
    validate::Violation,
};

/// One problem of one row, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Rule, column, and what the value seems to be.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// Dotted path in the record, down to the element of a list; empty for the record itself.
    pub path: String,
    /// The value as it stands in the table; empty when there is none.
    pub value: String,
    /// What is wrong, what is expected, what to do, in one sentence.
    pub sentence: String,
    /// The API's own line, for the record at the given place of a request; `None` for what the API does not check.
    pub api_line: Option<String>,
}

impl Checked {
    /// All problems of a row: `cells` are the row's cells, `reason` why it could not be read, `place_of` says
    /// where another row stands, and `index` is the record's place in the request for the API's line.
    pub fn explain(
        &self,
        row: u32,
        cells: &[Cell<'_>],
        reason: Option<&str>,
        place_of: &dyn Fn(u32) -> String,
        index: usize,
    ) -> Vec<Problem> {
        self.explain_causes(self.issues.of_row(row), row, cells, reason, place_of, index)
    }

    /// [`Self::explain`] of some of the row's causes.
    pub(crate) fn explain_causes<'c>(
        &self,
        causes: impl IntoIterator<Item = &'c Cause>,
        row: u32,
        cells: &[Cell<'_>],
        reason: Option<&str>,
        place_of: &dyn Fn(u32) -> String,
        index: usize,
    ) -> Vec<Problem> {
        self.plan().see(cells, |seen| {
            self.explain_seen(causes, row, (cells, seen), reason, place_of, index)
        })
    }

    /// `cells` are those of the table, and those of the record.
    fn explain_seen<'c>(
        &self,
        causes: impl IntoIterator<Item = &'c Cause>,
        row: u32,
        (cells, seen): (&[Cell<'_>], &[Cell<'_>]),
        reason: Option<&str>,
        place_of: &dyn Fn(u32) -> String,
        index: usize,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for cause in causes {
            let column = cause.column.map(|column| column as usize);
            let cell = column.and_then(|column| cells.get(column)).copied().unwrap_or_default();
            let value = cell.shown();
            let broken = Broken {
                rule: cause.rule,
                column,
                hint: cause.hint,
                row,
                value: &value,
                cells: seen,
                width: self.judge.width(),
                reason,
                plan: self.plan(),
                required: &self.judge.required,
                identities: &self.identities,
                settled: column
                    .and_then(|column| self.settled.get(column))
                    .copied()
                    .unwrap_or_default(),
                place_of,
            };
            problems.extend(broken.explain().into_iter().map(|explanation| Problem {
                cause: *cause,
                severity: self.issues.severity(cause),
                value: value.clone().into_owned(),
                sentence: explanation.sentence,
                api_line: explanation.fault.map(|fault| {
                    let path = explanation.path.clone();
                    message::render(self.plan().dataset, index, &Violation { path, fault })
                }),
                path: explanation.path,
            }));
        }
        problems.sort_by_key(|problem| (problem.severity, problem.cause.column));
        problems
    }
}
