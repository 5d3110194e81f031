//! What can be wrong with a row, stored so that ten million problems are no burden: a set of rows for every cause.
//! What exactly is wrong with one cell is worked out again from the cell when someone looks
//! ([`crate::check::explain_row`]); it need not be kept.

use std::collections::BTreeMap;

use super::{
    hint::Hint,
    rows::RowSet,
    rules::{Levels, Rule},
};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The API would refuse the record.
    Error,
    /// The API would take the record, but probably not as it was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning`, `information`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "information",
        }
    }
}

/// Why rows are wrong: the rule, the column it concerns (none: the whole row), and what the value looks like instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The rule that is broken.
    pub rule: Rule,
    /// The column of the table, counted from 0.
    pub column: Option<u32>,
    /// What the value seems to be, when that is recognised: the way to a repair.
    pub hint: Option<Hint>,
}

/// All problems of a table: for every cause the rows that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueSet {
    causes: BTreeMap<Cause, RowSet>,
    levels: Levels,
}

impl IssueSet {
    /// An empty set whose rules weigh as a person has chosen.
    pub fn weighed(levels: Levels) -> Self {
        Self {
            causes: BTreeMap::new(),
            levels,
        }
    }

    /// How much the rules weigh.
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// How bad a cause is.
    pub fn severity(&self, cause: &Cause) -> Severity {
        self.levels.severity(cause.rule)
    }

    /// Notes that a row has a problem; cheapest in ascending row order.
    pub fn insert(&mut self, cause: Cause, row: u32) {
        self.causes.entry(cause).or_default().insert(row);
    }

    /// Adds the problems of a later stretch of rows.
    pub fn append(&mut self, later: Self) {
        for (cause, rows) in later.causes {
            self.causes.entry(cause).or_default().append(rows);
        }
    }

    /// Sets or, with an empty set, forgets the rows of a cause.
    pub fn set(&mut self, cause: Cause, rows: RowSet) {
        if rows.is_empty() {
            self.causes.remove(&cause);
        } else {
            self.causes.insert(cause, rows);
        }
    }

    /// Forgets the causes for which `which` holds.
    pub fn forget(&mut self, which: impl Fn(&Cause) -> bool) {
        self.causes.retain(|cause, _| !which(cause));
    }

    /// Forgets the problems of one row for which `which` holds.
    pub fn clear_row(&mut self, row: u32, which: impl Fn(&Cause) -> bool) {
        self.causes.retain(|cause, rows| {
            if which(cause) {
                rows.remove(row);
            }
            !rows.is_empty()
        });
    }

    /// Every cause with its rows: errors first, then by rule and column.
    pub fn causes(&self) -> impl Iterator<Item = (&Cause, &RowSet)> {
        let by_severity = |severity| {
            self.causes
                .iter()
                .filter(move |(cause, _)| self.severity(cause) == severity)
        };
        by_severity(Severity::Error)
            .chain(by_severity(Severity::Warning))
            .chain(by_severity(Severity::Info))
    }

    /// The rows of one cause.
    pub fn rows(&self, cause: &Cause) -> Option<&RowSet> {
        self.causes.get(cause)
    }

    /// The causes that concern a row.
    pub fn of_row(&self, row: u32) -> impl Iterator<Item = &Cause> {
        self.causes
            .iter()
            .filter(move |(_, rows)| rows.contains(row))
            .map(|(cause, _)| cause)
    }

    /// The worst severity in a row.
    pub fn row_severity(&self, row: u32) -> Option<Severity> {
        self.of_row(row).map(|cause| self.severity(cause)).min()
    }

    /// How many problems there are of a severity (a row with two counts twice).
    pub fn count(&self, severity: Severity) -> u64 {
        self.causes
            .iter()
            .filter(|(cause, _)| self.severity(cause) == severity)
            .map(|(_, rows)| rows.len())
            .sum()
    }

    /// The rows that have at least one problem of the severity.
    pub fn rows_with(&self, severity: Severity) -> RowSet {
        let matching = self.causes.iter().filter(|(cause, _)| self.severity(cause) == severity);
        matching.fold(RowSet::default(), |all, (_, rows)| all.union(rows))
    }

    /// The rows in which a rule was broken.
    pub fn rows_of(&self, rule: Rule) -> RowSet {
        let of_rule = self.causes.iter().filter(|(cause, _)| cause.rule == rule);
        of_rule.fold(RowSet::default(), |all, (_, rows)| all.union(rows))
    }

    /// Whether nothing is wrong at all.
    pub fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }
}
