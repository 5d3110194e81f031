//! What is told of an upload while it runs, and how it ended.

use std::{sync::Arc, time::Duration};

use super::{LedgerError, ReadBack, RowStates, SettledRows, SourceError, State, Upload, UploadId, UploadTally};
use crate::{
    api::ApiError,
    domain::{dataset::Dataset, number::grouped},
};

/// What happens during an upload.
#[derive(Clone, Debug, PartialEq)]
pub enum UploadUpdate {
    /// Rows have changed their state.
    Progress {
        /// The rows by state.
        tally: UploadTally,
        /// Bytes of bodies that were answered.
        bytes: u64,
        /// Requests that were answered.
        requests: u64,
    },
    /// The server refused a row.
    Rejected {
        /// The row.
        row: u32,
        /// What the server says, word for word; the number in a line is the record's place in its request.
        lines: Vec<String>,
    },
    /// A request failed and is tried again after a pause.
    Waiting {
        /// The pause.
        pause: Duration,
        /// Why, for people.
        reason: String,
        /// The try that failed, from 1.
        attempt: u32,
        /// How many there are at most.
        of: u32,
    },
    /// Somebody did not want to wait.
    Resumed,
    /// The server is taking longer than a second over requests that it has taken.
    Pending {
        /// How many it has taken, and not processed; 0 once it has caught up.
        requests: u64,
    },
}

/// What is said of requests that the server has taken and not processed.
pub(crate) fn pending(requests: u64) -> String {
    let noun = if requests == 1 { "request" } else { "requests" };
    format!(
        "Waiting for the server: {} {noun} taken, not yet processed",
        grouped(requests)
    )
}

/// Why an upload ended before its last row.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stopped {
    /// Someone asked to.
    #[error("Cancelled")]
    Cancelled,
    /// The server cannot be reached, or refuses more than single records.
    #[error("{0}")]
    Api(#[from] ApiError),
    /// What is stored cannot be looked up, so that nothing takes its place unseen.
    #[error("What is stored there cannot be looked up. {0}")]
    Unreadable(ApiError),
    /// The records cannot be read any further.
    #[error(transparent)]
    Source(Arc<SourceError>),
    /// Why an upload of before ended early, in its own words.
    #[error("{0}")]
    Before(String),
    /// What happens cannot be written down any more.
    #[error(transparent)]
    Ledger(Arc<LedgerError>),
    /// It reached its end, and the audit log could not be told.
    #[error("{0}")]
    Unlogged(String),
    /// A request ended without a word, which is a defect of this program.
    #[error("Sending failed unexpectedly; resume the upload")]
    SendingPanicked,
    /// A comparison did.
    #[error("Comparing failed unexpectedly; try again")]
    ComparingPanicked,
}

impl From<SourceError> for Stopped {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

impl From<LedgerError> for Stopped {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}

impl Stopped {
    /// Whether the server did not accept the key, or not for this.
    pub(crate) const fn is_about_key(&self) -> bool {
        matches!(self, Self::Api(ApiError::Unauthorized | ApiError::Forbidden))
    }

    /// Whether the server does not know the key.
    pub(crate) const fn is_key_rejected(&self) -> bool {
        matches!(
            self,
            Self::Api(ApiError::Unauthorized) | Self::Unreadable(ApiError::Unauthorized)
        )
    }

    /// Whether somebody wanted it so.
    pub const fn is_wanted(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

/// How an upload ended.
#[derive(Clone, Debug)]
pub struct Report {
    /// Under which it is written down, if it is.
    pub id: Option<UploadId>,
    /// The rows by state.
    pub tally: UploadTally,
    /// The state of every row.
    pub states: RowStates,
    /// How rows were settled that had been sent without an answer.
    pub settled: SettledRows,
    /// The rows that the server refused with its lines, in the order of the answers.
    pub rejected: Vec<(u32, Vec<String>)>,
    /// How long it took.
    pub duration: Duration,
    /// Bytes of bodies that were answered.
    pub bytes: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// How many of the stored rows were replaced by later ones with the same ids.
    pub superseded: u64,
    /// How many ids those have.
    pub repeated_ids: u64,
    /// What reading some of what it stored back showed; `None` when that was not wanted, or there was nothing.
    pub read_back: Option<ReadBack>,
    /// Why it ended early, or is not logged; `None` when all is well.
    pub stopped: Option<Stopped>,
}

impl Report {
    /// Whether every row is stored, and what was read back is there.
    pub fn is_whole(&self) -> bool {
        self.tally.is_whole() && self.read_back.as_ref().is_none_or(ReadBack::is_good)
    }

    /// How many records the stored rows are: a later row replaces an earlier one with the same id.
    pub fn records(&self) -> u64 {
        self.tally.stored.saturating_sub(self.superseded)
    }

    /// Why fewer records are stored than rows were sent, where ids came more than once.
    pub fn fewer_records(&self, dataset: Dataset) -> Option<String> {
        if self.superseded == 0 {
            return None;
        }
        let (tally, records) = (&self.tally, self.records());
        let counted = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            many_of_them => Some(format!("{} {many}", grouped(many_of_them))),
        };
        let times = if self.superseded == self.repeated_ids {
            "twice"
        } else {
            "more than once"
        };
        let reasons = [
            counted(tally.rejected, "row was rejected", "rows were rejected"),
            counted(tally.unknown, "row is not confirmed", "rows are not confirmed"),
            counted(self.repeated_ids, "id", "ids").map(|ids| format!("{ids} came {times}")),
        ];
        let reasons: Vec<String> = reasons.into_iter().flatten().collect();
        let sent = tally.stored + tally.rejected + tally.unknown;
        Some(format!(
            "{} {} sent, {} {} {}: {}",
            grouped(sent),
            if sent == 1 { "row" } else { "rows" },
            grouped(records),
            dataset.noun(records),
            if self.dry_run { "would be stored" } else { "stored" },
            reasons.join(", ")
        ))
    }

    /// What the ledger says of an upload of before; how long it took and what it sent is no longer known.
    pub fn past(upload: &Upload, state: &State, rejected: Vec<(u32, Vec<String>)>) -> Self {
        Self {
            id: Some(upload.id),
            tally: state.tally(),
            states: state.rows().clone(),
            settled: state.settled(),
            rejected,
            duration: Duration::ZERO,
            bytes: 0,
            requests: 0,
            dry_run: false,
            superseded: 0,
            repeated_ids: 0,
            read_back: None,
            stopped: upload.stopped.clone().map(Stopped::Before),
        }
    }
}
