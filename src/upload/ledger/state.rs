//! The state machine of an upload: ledger entries, and what they mean for the rows.

use std::collections::BTreeMap;

use crate::{
    domain::rows::RowSet,
    upload::{RowState, RowStates, SkipReason, UploadTally},
};

/// How the server confirmed that records are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// By its answer to the request.
    Answer,
    /// By the outcome of the task that its answer named.
    Task,
    /// By handing the record out, equal to what was sent.
    ReadBack,
}

/// One step of an upload, as it is written down before it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerEntry {
    /// Rows are left out.
    Skip {
        /// The rows.
        rows: RowSet,
        /// Why they are left out.
        reason: SkipReason,
    },
    /// A request with these rows is about to be sent.
    Send {
        /// The rows.
        rows: RowSet,
    },
    /// The server took a request; what becomes of it a task will tell.
    Accept {
        /// The rows of the request.
        rows: RowSet,
        /// The task's id.
        task: String,
    },
    /// The server said that nothing of a request is stored; its rows wait again.
    Return {
        /// The rows.
        rows: RowSet,
    },
    /// A request was sent, and its outcome is unknown.
    Lose {
        /// The rows.
        rows: RowSet,
    },
    /// The server confirmed that rows are stored.
    Store {
        /// The rows.
        rows: RowSet,
        /// How it confirmed them.
        confirmation: Confirmation,
        /// What the records were, in row order: see [`crate::upload::UploadRecord::digest`]. Empty when it is not
        /// known.
        digests: Vec<u64>,
    },
    /// The server refused a row.
    Refuse {
        /// The row.
        row: u32,
        /// The server's lines.
        lines: Vec<String>,
    },
    /// An upload that ended early or was killed is resumed: its open requests get no answer any more.
    Resume,
}

/// The state of an upload's rows. Entries are the only way to change it: the same entries give the same state, after a
/// crash as well. Whatever the entries are, every row is in exactly one state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    rows: RowStates,
    doubtful: RowSet,
    tasks: BTreeMap<String, RowSet>,
    settled: SettledRows,
}

/// How rows of unknown outcome were settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettledRows {
    /// By sending them again.
    pub(crate) resent: u64,
    /// By a task's status.
    pub(crate) by_task: u64,
    /// By reading them back.
    pub(crate) read_back: u64,
}

impl State {
    /// All rows wait.
    pub fn new(rows: u64) -> Self {
        Self {
            rows: RowStates::new(rows),
            ..Self::default()
        }
    }

    /// The rows by state.
    pub const fn rows(&self) -> &RowStates {
        &self.rows
    }

    /// How many rows are in every state.
    pub fn tally(&self) -> UploadTally {
        self.rows.tally()
    }

    /// Rows that may be stored without a confirmation.
    pub(crate) const fn doubtful(&self) -> &RowSet {
        &self.doubtful
    }

    /// Tasks of the server whose outcome is not known, with the rows of their requests.
    pub const fn tasks(&self) -> &BTreeMap<String, RowSet> {
        &self.tasks
    }

    /// How open rows were settled so far.
    pub const fn settled(&self) -> SettledRows {
        self.settled
    }

    /// Rows that need nothing more: stored, refused or left out.
    pub fn done(&self) -> RowSet {
        let skipped = SkipReason::ALL.map(RowState::Skipped);
        let states = [RowState::Stored, RowState::Rejected].into_iter().chain(skipped);
        let sets = states.filter_map(|state| self.rows.rows(state));
        sets.fold(RowSet::default(), |all, rows| all.union(rows))
    }

    /// All others.
    pub(super) fn open(&self) -> RowSet {
        let all = u32::try_from(self.tally().all).unwrap_or(u32::MAX);
        let mut open = RowSet::of_ranges(std::iter::once(0..all));
        open.remove_all(&self.done());
        open
    }

    /// Applies an entry.
    pub fn apply(&mut self, entry: &LedgerEntry) {
        match entry {
            LedgerEntry::Skip { rows, reason } => self.move_rows(rows, RowState::Skipped(*reason)),
            LedgerEntry::Send { rows } => {
                self.forget_tasks(rows);
                self.move_rows(rows, RowState::Sent);
            }
            LedgerEntry::Accept { rows, task } => {
                self.tasks.entry(task.clone()).or_default().insert_all(rows);
            }
            LedgerEntry::Return { rows } => {
                self.forget_tasks(rows);
                let open = rows.intersection(&self.doubtful);
                self.rows.move_all(rows, RowState::Waiting);
                self.rows.move_all(&open, RowState::Unknown);
            }
            LedgerEntry::Lose { rows } => {
                self.doubtful.insert_all(rows);
                self.rows.move_all(rows, RowState::Unknown);
            }
            LedgerEntry::Store { rows, confirmation, .. } => {
                // Rows that are not under way were when the upload last ended: nobody waited for their task.
                let unknown = self
                    .rows
                    .rows(RowState::Unknown)
                    .map_or(0, |unknown| rows.intersection(unknown).len());
                match confirmation {
                    Confirmation::ReadBack => self.settled.read_back += rows.len(),
                    Confirmation::Task if unknown > 0 => self.settled.by_task += unknown,
                    Confirmation::Answer | Confirmation::Task => {
                        self.settled.resent += rows.intersection(&self.doubtful).len();
                    }
                }
                self.forget_tasks(rows);
                self.move_rows(rows, RowState::Stored);
            }
            LedgerEntry::Refuse { row, .. } => {
                let rows = RowSet::of_row(*row);
                self.forget_tasks(&rows);
                self.move_rows(&rows, RowState::Rejected);
            }
            LedgerEntry::Resume => {
                let mut lost = self.rows.rows(RowState::Sent).cloned().unwrap_or_default();
                self.rows.move_all(&lost, RowState::Unknown);
                // A task can still tell the outcome of these.
                self.tasks.values().for_each(|rows| lost.remove_all(rows));
                self.doubtful.insert_all(&lost);
            }
        }
    }

    /// Moves rows to a state, in which their outcome is settled unless they are only being sent again.
    fn move_rows(&mut self, rows: &RowSet, state: RowState) {
        if state != RowState::Sent {
            self.doubtful.remove_all(rows);
        }
        self.rows.move_all(rows, state);
    }

    fn forget_tasks(&mut self, rows: &RowSet) {
        self.tasks.retain(|_, of_task| {
            of_task.remove_all(rows);
            !of_task.is_empty()
        });
    }
}
