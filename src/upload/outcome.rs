//! The state of every row of an upload.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{number::grouped, rows::RowSet};

/// Why a row is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// The check found errors in it.
    HasErrors,
    /// The record cannot be read.
    Unreadable,
    /// The same record is stored already.
    Unchanged,
    /// Of a revert: somebody has changed the record since.
    ChangedSince,
    /// What is stored under its id is needed, and no address can carry the id.
    Unaddressable,
}

impl SkipReason {
    /// Every reason, in the order of the tally.
    pub const ALL: [Self; 5] = [
        Self::HasErrors,
        Self::Unreadable,
        Self::Unchanged,
        Self::ChangedSince,
        Self::Unaddressable,
    ];
}

/// The state of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// It was not sent (yet).
    Waiting,
    /// It is under way, without an answer.
    Sent,
    /// The server confirmed it.
    Stored,
    /// The server refused it.
    Rejected,
    /// It was left out.
    Skipped(SkipReason),
    /// It was sent, and its outcome is unknown.
    Unknown,
}

impl RowState {
    /// The states whose rows are kept; all others wait.
    const KEPT: [Self; 9] = [
        Self::Stored,
        Self::Sent,
        Self::Rejected,
        Self::Skipped(SkipReason::HasErrors),
        Self::Skipped(SkipReason::Unreadable),
        Self::Skipped(SkipReason::Unchanged),
        Self::Skipped(SkipReason::ChangedSince),
        Self::Skipped(SkipReason::Unaddressable),
        Self::Unknown,
    ];
}

/// The states of all rows, as sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowStates {
    all: u64,
    sent: RowSet,
    stored: RowSet,
    rejected: RowSet,
    with_errors: RowSet,
    unreadable: RowSet,
    unchanged: RowSet,
    changed_since: RowSet,
    unaddressable: RowSet,
    unknown: RowSet,
}

impl RowStates {
    /// All rows wait.
    pub fn new(all: u64) -> Self {
        Self { all, ..Self::default() }
    }

    /// The rows in a state; waiting rows are all that are in no other.
    pub const fn rows(&self, state: RowState) -> Option<&RowSet> {
        match state {
            RowState::Waiting => None,
            RowState::Sent => Some(&self.sent),
            RowState::Stored => Some(&self.stored),
            RowState::Rejected => Some(&self.rejected),
            RowState::Skipped(SkipReason::HasErrors) => Some(&self.with_errors),
            RowState::Skipped(SkipReason::Unreadable) => Some(&self.unreadable),
            RowState::Skipped(SkipReason::Unchanged) => Some(&self.unchanged),
            RowState::Skipped(SkipReason::ChangedSince) => Some(&self.changed_since),
            RowState::Skipped(SkipReason::Unaddressable) => Some(&self.unaddressable),
            RowState::Unknown => Some(&self.unknown),
        }
    }

    /// The state of one row.
    pub fn state(&self, row: u32) -> RowState {
        let known = RowState::KEPT.into_iter().zip(self.sets());
        let mut states = known.filter(|(_, rows)| rows.contains(row));
        states.next().map_or(RowState::Waiting, |(state, _)| state)
    }

    /// Moves rows to a state, whatever they were in.
    pub(crate) fn move_all(&mut self, rows: &RowSet, state: RowState) {
        for (kept, set) in RowState::KEPT.into_iter().zip(self.sets_mut()) {
            if kept == state {
                set.insert_all(rows);
            } else if !set.is_empty() {
                set.remove_all(rows);
            }
        }
    }

    /// In the order of [`RowState::KEPT`].
    const fn sets(&self) -> [&RowSet; 9] {
        [
            &self.stored,
            &self.sent,
            &self.rejected,
            &self.with_errors,
            &self.unreadable,
            &self.unchanged,
            &self.changed_since,
            &self.unaddressable,
            &self.unknown,
        ]
    }

    const fn sets_mut(&mut self) -> [&mut RowSet; 9] {
        [
            &mut self.stored,
            &mut self.sent,
            &mut self.rejected,
            &mut self.with_errors,
            &mut self.unreadable,
            &mut self.unchanged,
            &mut self.changed_since,
            &mut self.unaddressable,
            &mut self.unknown,
        ]
    }

    /// How many rows there are in every state.
    pub fn tally(&self) -> UploadTally {
        let mut tally = UploadTally {
            all: self.all,
            waiting: 0,
            sent: self.sent.len(),
            stored: self.stored.len(),
            rejected: self.rejected.len(),
            with_errors: self.with_errors.len(),
            unreadable: self.unreadable.len(),
            unchanged: self.unchanged.len(),
            changed_since: self.changed_since.len(),
            unaddressable: self.unaddressable.len(),
            unknown: self.unknown.len(),
        };
        let settled = tally.sum();
        // A source that yields more rows than announced must not make the sum wrong.
        tally.all = tally.all.max(settled);
        tally.waiting = tally.all - settled;
        tally
    }
}

/// How many rows are in every state; the parts always add up to `all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTally {
    /// All rows of the table.
    pub all: u64,
    /// Not sent (yet).
    pub waiting: u64,
    /// Under way.
    pub sent: u64,
    /// Confirmed by the server (of a dry run: found good).
    pub stored: u64,
    /// Refused by the server.
    pub rejected: u64,
    /// Left out because the check found errors.
    pub with_errors: u64,
    /// Left out because they cannot be read.
    pub unreadable: u64,
    /// Left out because the same records are stored already.
    pub unchanged: u64,
    /// Left out of a revert because somebody has changed the records since.
    pub changed_since: u64,
    /// Left out because what is stored under their ids cannot be asked for.
    pub(crate) unaddressable: u64,
    /// Sent, but never confirmed.
    pub unknown: u64,
}

impl UploadTally {
    /// Whether every row is stored, or was before.
    pub const fn is_whole(&self) -> bool {
        self.stored + self.unchanged == self.all
    }

    /// Rows that were left out for any reason.
    pub const fn skipped(&self) -> u64 {
        self.with_errors + self.unreadable + self.unchanged + self.changed_since + self.unaddressable
    }

    /// Rows that did not leave this machine: left out, or not reached when the upload ended.
    pub const fn not_sent(&self) -> u64 {
        self.waiting + self.skipped()
    }

    /// Rows that still need something: not sent yet, under way, or sent without an answer.
    pub const fn open(&self) -> u64 {
        self.waiting + self.sent + self.unknown
    }

    /// What became of a revert: `312 undone + 4 as before + 12 changed since = 328`; the last parts only when there
    /// is something to say.
    pub fn of_revert(&self) -> String {
        let mut parts = vec![
            format!("{} undone", grouped(self.stored)),
            format!("{} as before", grouped(self.unchanged)),
        ];
        let mut part = |count: u64, name: &str| {
            if count > 0 {
                parts.push(format!("{} {name}", grouped(count)));
            }
        };
        part(self.changed_since, "changed since");
        part(self.rejected, "refused");
        part(
            self.waiting + self.with_errors + self.unreadable + self.unaddressable,
            "not undone",
        );
        part(self.unknown + self.sent, "not confirmed");
        format!("{} = {}", parts.join(" + "), grouped(self.all))
    }

    /// The sum of the parts.
    pub const fn sum(&self) -> u64 {
        self.waiting + self.sent + self.stored + self.rejected + self.skipped() + self.unknown
    }
}

impl fmt::Display for UploadTally {
    /// `9,996 stored + 3 rejected + 1 not sent = 10,000`; rows that were stored before, and unconfirmed ones, only when
    /// there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not_sent = self.not_sent() - self.unchanged;
        let [stored, rejected, not_sent] = [self.stored, self.rejected, not_sent].map(grouped);
        write!(f, "{stored} stored")?;
        if self.unchanged > 0 {
            write!(f, " + {} stored before", grouped(self.unchanged))?;
        }
        write!(f, " + {rejected} rejected + {not_sent} not sent")?;
        let open = self.unknown + self.sent;
        if open > 0 {
            write!(f, " + {} not confirmed", grouped(open))?;
        }
        write!(f, " = {}", grouped(self.all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_move_from_state_to_state() {
        let mut states = RowStates::new(5);
        for (row, state) in [
            (0, RowState::Sent),
            (1, RowState::Sent),
            (0, RowState::Stored),
            (1, RowState::Waiting),
            (2, RowState::Skipped(SkipReason::HasErrors)),
            (3, RowState::Rejected),
        ] {
            states.move_all(&RowSet::of_row(row), state);
        }
        assert_eq!(states.state(0), RowState::Stored);
        assert_eq!(states.state(1), RowState::Waiting);
        assert_eq!(states.state(2), RowState::Skipped(SkipReason::HasErrors));
        let tally = states.tally();
        assert_eq!((tally.sum(), tally.waiting, tally.not_sent()), (5, 2, 3));
        assert_eq!(tally.to_string(), "1 stored + 1 rejected + 3 not sent = 5");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
