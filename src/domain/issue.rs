//! What can be wrong with a row, stored so that ten million problems are no burden: a set of rows for every cause.
//! What exactly is wrong with one cell is worked out again from the cell when someone looks
//! (see [`crate::check`]); it need not be kept.

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use super::{
    rows::RowSet,
    rules::{Hint, Levels, Rule},
};

pub use super::rules::Severity;

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

/// All problems of a table: for every cause the rows that have it. Clones share what is not changed.
#[derive(Clone, Debug, Default)]
pub struct IssueSet {
    causes: BTreeMap<Cause, RowSet>,
    levels: Levels,
    /// Kept up to date by changes of single rows, so that an edit need not unite the rows of all causes.
    totals: OnceLock<Totals>,
}

/// The rows that have problems.
#[derive(Clone, Debug, Default)]
struct Totals {
    all: RowSet,
    /// The rows by severity, in the order of [`Severity::ALL`].
    by_severity: [RowSet; 3],
}

impl PartialEq for IssueSet {
    fn eq(&self, other: &Self) -> bool {
        (&self.causes, &self.levels) == (&other.causes, &other.levels)
    }
}

impl Eq for IssueSet {}

impl IssueSet {
    /// An empty set whose rules weigh as a person has chosen.
    pub fn weighed(levels: Levels) -> Self {
        Self {
            levels,
            ..Self::default()
        }
    }

    /// The level of every rule.
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// The severity of a cause, at the levels that a person chose.
    pub fn severity(&self, cause: &Cause) -> Severity {
        self.levels.severity(cause.rule)
    }

    /// Notes that a row has a problem; cheapest in ascending row order.
    pub fn insert(&mut self, cause: Cause, row: u32) {
        self.causes.entry(cause).or_default().insert(row);
        if let Some(totals) = self.totals.get_mut() {
            totals.all.insert(row);
            totals.by_severity[self.levels.severity(cause.rule) as usize].insert(row);
        }
    }

    /// Adds the problems of a later stretch of rows.
    pub fn append(&mut self, later: Self) {
        self.totals.take();
        for (cause, rows) in later.causes {
            self.causes.entry(cause).or_default().append(rows);
        }
    }

    /// Sets or, with an empty set, forgets the rows of a cause.
    pub fn set(&mut self, cause: Cause, rows: RowSet) {
        self.totals.take();
        if rows.is_empty() {
            self.causes.remove(&cause);
        } else {
            self.causes.insert(cause, rows);
        }
    }

    /// Forgets the causes for which `which` holds.
    pub fn forget(&mut self, which: impl Fn(&Cause) -> bool) {
        let mut is_touched = [false; 3];
        let levels = self.levels;
        self.causes.retain(|cause, _| {
            let goes = which(cause);
            is_touched[levels.severity(cause.rule) as usize] |= goes;
            !goes
        });
        if let Some(mut totals) = self.totals.take() {
            // Of many rows at once it is quicker to unite what is left than to look at each.
            for severity in Severity::ALL {
                if is_touched[severity as usize] {
                    totals.by_severity[severity as usize] = self.unite(severity);
                }
            }
            if is_touched.contains(&true) {
                totals.all = RowSet::union_all(&totals.by_severity);
            }
            self.totals = totals.into();
        }
    }

    /// Forgets the problems of one row for which `which` holds.
    pub(crate) fn clear_row(&mut self, row: u32, which: impl Fn(&Cause) -> bool) {
        self.causes.retain(|cause, rows| {
            if which(cause) {
                rows.remove(row);
            }
            !rows.is_empty()
        });
        self.total_row(row);
    }

    /// Brings the totals, if there are any, up to date with a row that has fewer problems.
    fn total_row(&mut self, row: u32) {
        let Some(mut totals) = self.totals.take() else {
            return;
        };
        for severity in Severity::ALL {
            if !self.of_row(row).any(|cause| self.severity(cause) == severity) {
                totals.by_severity[severity as usize].remove(row);
            }
        }
        if self.of_row(row).next().is_none() {
            totals.all.remove(row);
        }
        self.totals = totals.into();
    }

    /// Says whether a row has a problem.
    pub(crate) fn set_row(&mut self, cause: Cause, row: u32, has: bool) {
        let had = self.rows(&cause).is_some_and(|rows| rows.contains(row));
        match (had, has) {
            (false, true) => self.insert(cause, row),
            (true, false) => self.clear_row(row, |other| *other == cause),
            (true, true) | (false, false) => {}
        }
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

    /// The rows that have a cause; `None` when no row does.
    pub fn rows(&self, cause: &Cause) -> Option<&RowSet> {
        self.causes.get(cause)
    }

    /// The causes, the worst and then the most frequent first.
    pub fn by_weight(&self) -> Vec<Cause> {
        let mut causes: Vec<(Severity, u64, Cause)> = self
            .causes
            .iter()
            .map(|(cause, rows)| (self.severity(cause), rows.len(), *cause))
            .collect();
        causes.sort_by_key(|(severity, rows, _)| (*severity, std::cmp::Reverse(*rows)));
        causes.into_iter().map(|(_, _, cause)| cause).collect()
    }

    /// The causes that concern a row.
    pub fn of_row(&self, row: u32) -> impl Iterator<Item = &Cause> {
        self.causes
            .iter()
            .filter(move |(_, rows)| rows.contains(row))
            .map(|(cause, _)| cause)
    }

    /// The causes that concern each row of a stretch: of many rows, or of many causes, this is quicker than looking at
    /// every cause for each row.
    pub(crate) fn of_rows(&self, stretch: Range<u32>) -> BTreeMap<u32, Vec<&Cause>> {
        let mut by_row: BTreeMap<u32, Vec<&Cause>> = BTreeMap::new();
        for (cause, rows) in &self.causes {
            let mut next = rows.at_or_after(stretch.start);
            while let Some(row) = next.filter(|row| *row < stretch.end) {
                by_row.entry(row).or_default().push(cause);
                next = rows.at_or_after(row + 1);
            }
        }
        by_row
    }

    /// How many causes there are.
    pub(crate) fn len(&self) -> usize {
        self.causes.len()
    }

    /// How many problems there are of a severity (a row with two counts twice).
    pub fn count(&self, severity: Severity) -> u64 {
        self.causes
            .iter()
            .filter(|(cause, _)| self.severity(cause) == severity)
            .map(|(_, rows)| rows.len())
            .sum()
    }

    /// Gets [`Self::all_rows`] and [`Self::rows_with`] ready: from now on they cost nothing, and changes of single rows
    /// keep them so.
    pub fn total(&mut self) {
        self.totals.get_or_init(|| {
            let by_severity = Severity::ALL.map(|severity| self.unite(severity));
            let all = RowSet::union_all(&by_severity);
            Totals { all, by_severity }
        });
    }

    /// The rows that have at least one problem.
    pub(crate) fn all_rows(&self) -> RowSet {
        let totals = self.totals.get().map(|totals| totals.all.clone());
        totals.unwrap_or_else(|| RowSet::union_all(self.causes.values()))
    }

    /// The rows that have at least one problem of the severity.
    pub fn rows_with(&self, severity: Severity) -> RowSet {
        let totals = self.totals.get();
        let known = totals.map(|totals| totals.by_severity[severity as usize].clone());
        known.unwrap_or_else(|| self.unite(severity))
    }

    fn unite(&self, severity: Severity) -> RowSet {
        let matching = self.causes.iter().filter(|(cause, _)| self.severity(cause) == severity);
        RowSet::union_all(matching.map(|(_, rows)| rows))
    }

    /// The rows in which a rule was broken.
    pub(crate) fn rows_of(&self, rule: Rule) -> RowSet {
        let of_rule = self.causes.iter().filter(|(cause, _)| cause.rule == rule);
        RowSet::union_all(of_rule.map(|(_, rows)| rows))
    }

    /// The rows that have a problem in a column.
    pub(crate) fn rows_of_column(&self, column: u32) -> RowSet {
        let of_column = self.causes.iter().filter(|(cause, _)| cause.column == Some(column));
        RowSet::union_all(of_column.map(|(_, rows)| rows))
    }

    /// Whether there is no problem.
    pub fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cause() -> impl Strategy<Value = Cause> {
        let rules = vec![
            Rule::Required,
            Rule::Type,
            Rule::RepeatedId,
            Rule::OuterSpaces,
            Rule::Untitled,
        ];
        (prop::sample::select(rules), 0_u32..3).prop_map(|(rule, column)| Cause {
            rule,
            column: Some(column),
            hint: None,
        })
    }

    proptest! {
        /// A stretch of rows has the causes that each of its rows has.
        #[test]
        fn causes_of_a_stretch_are_those_of_its_rows(
            problems in prop::collection::vec((cause(), 0_u32..30), 0..60),
            (start, end) in (0_u32..30, 0_u32..40),
        ) {
            let mut issues = IssueSet::default();
            for (cause, row) in problems {
                issues.insert(cause, row);
            }
            let mut by_row = issues.of_rows(start..end);
            for row in start..end {
                let causes: Vec<&Cause> = issues.of_row(row).collect();
                prop_assert_eq!(by_row.remove(&row).unwrap_or_default(), causes);
            }
            prop_assert!(by_row.is_empty());
        }

        /// Totals that changes have kept up to date are those of uniting all causes.
        #[test]
        fn totals_follow_changes(
            before in prop::collection::vec((cause(), 0_u32..30), 0..30),
            changes in prop::collection::vec((any::<bool>(), cause(), 0_u32..30), 0..30),
        ) {
            let mut issues = IssueSet::default();
            for (cause, row) in before {
                issues.insert(cause, row);
            }
            issues.total();
            for (nth, (adds, cause, row)) in changes.into_iter().enumerate() {
                if nth % 8 == 7 {
                    issues.forget(|other| *other == cause);
                } else if adds {
                    issues.insert(cause, row);
                } else {
                    issues.clear_row(row, |other| other.rule == cause.rule);
                }
            }
            prop_assert!(issues.totals.get().is_some());
            prop_assert_eq!(issues.all_rows(), RowSet::union_all(issues.causes.values()));
            for severity in Severity::ALL {
                prop_assert_eq!(issues.rows_with(severity), issues.unite(severity));
            }
        }
    }
}
