//! How a row that breaks a rule is explained to a person: one sentence with what is wrong, the value, and what to do.

use super::{Hint, Identities, Required, Rule, SettledTypes};
use crate::domain::{
    cell::Cell,
    record::{Part, Plan},
    validate::Fault,
};

/// A row that breaks a rule, with all that its explanation may name.
pub struct Broken<'a> {
    /// The rule.
    pub rule: Rule,
    /// The column; none: the whole row.
    pub column: Option<usize>,
    /// What the value seems to be.
    pub hint: Option<Hint>,
    /// The row, counted from 0.
    pub row: u32,
    /// The value as it stands in the table; empty when there is none.
    pub value: &'a str,
    /// The cells of the record: those of the table as transforms rewrite them, then the constants.
    pub cells: &'a [Cell<'a>],
    /// How many columns the table has.
    pub width: usize,
    /// Why the record could not be read.
    pub reason: Option<&'a str>,
    /// How rows become records.
    pub plan: &'a Plan,
    /// What records must have.
    pub required: &'a Required,
    /// The ids of all rows.
    pub(crate) identities: &'a Identities,
    /// What was found about the types in the column.
    pub settled: SettledTypes,
    /// Says where another row stands.
    pub(crate) place_of: &'a dyn Fn(u32) -> String,
}

/// What is wrong at one place of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Dotted path in the record, down to the element of a list; empty for the record itself.
    pub path: String,
    /// What is wrong, what is expected, what to do.
    pub sentence: String,
    /// What the API would refuse; `None` for what it does not check.
    pub fault: Option<Fault>,
}

impl Broken<'_> {
    /// All that is wrong with the row by the rule.
    pub fn explain(&self) -> Vec<Explanation> {
        (self.rule.about().explain)(self)
    }

    /// What the column becomes.
    pub(super) fn part(&self) -> Option<&Part> {
        self.plan.part(self.column?)
    }

    /// The dotted path of the column.
    pub(super) fn path(&self) -> &str {
        self.part().map_or("", |part| &part.path)
    }

    /// The record's cell in the column.
    pub(super) fn cell(&self) -> Cell<'_> {
        let cell = self.column.and_then(|column| self.cells.get(column));
        cell.copied().unwrap_or_default()
    }

    /// The record's cell at a path.
    pub(super) fn cell_at(&self, path: &str) -> Cell<'_> {
        let cell = self.plan.column_of(path).and_then(|column| self.cells.get(column));
        cell.copied().unwrap_or_default()
    }

    /// One sentence about the column, of what the API does not check.
    pub(super) fn sentence(&self, sentence: impl Into<String>) -> Vec<Explanation> {
        vec![Explanation {
            path: self.path().to_owned(),
            sentence: sentence.into(),
            fault: None,
        }]
    }

    /// One sentence about the column, of what the API refuses.
    pub(super) fn refused(&self, sentence: String, fault: Fault) -> Vec<Explanation> {
        vec![Explanation {
            path: self.path().to_owned(),
            sentence,
            fault: Some(fault),
        }]
    }
}

/// What the rule or the hint says of the value, and what it advises.
pub(super) fn by_value(broken: &Broken<'_>) -> Vec<Explanation> {
    let about = broken.rule.about();
    let advice = broken.hint.map_or(about.advice, Hint::advice);
    let says = broken.hint.and_then(Hint::says).unwrap_or(about.says);
    broken.sentence(format!(
        "{} “{}” {says}: {advice}",
        broken.path(),
        shorten(broken.value)
    ))
}

/// A value short enough for a sentence.
pub(super) fn shorten(value: &str) -> String {
    const MOST: usize = 60;
    if value.chars().count() <= MOST {
        return value.to_owned();
    }
    let start: String = value.chars().take(MOST).collect();
    format!("{start}…")
}
