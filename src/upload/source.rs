//! Where the records come from.

use super::{LedgerError, SkipReason, UploadRecord};
use crate::frame::FrameError;

/// What a source has for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceItem {
    /// A record to send.
    Record(UploadRecord),
    /// A row to leave out.
    Skip {
        /// The row.
        row: u32,
        /// Why.
        reason: SkipReason,
    },
}

/// Why a source ends before its last row.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read any further.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What an upload replaced cannot be read any further.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A record that an upload replaced is no JSON object.
    #[error("what was kept of {id} is damaged: {source}")]
    Damaged {
        /// Its id.
        id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The thread that reads ended without a word.
    #[error("Reading the file failed unexpectedly; open it again")]
    Panicked,
}

/// Yields all rows of a table in order, building records as they are asked for, so that memory does not grow with
/// the file. It runs on a thread that may block. Any iterator of such items is one.
pub trait RecordSource: Send + 'static {
    /// The next row; `None` at the end. After an error there is no other row.
    fn next(&mut self) -> Option<Result<SourceItem, SourceError>>;
}

impl<I: Iterator<Item = Result<SourceItem, SourceError>> + Send + 'static> RecordSource for I {
    fn next(&mut self) -> Option<Result<SourceItem, SourceError>> {
        Iterator::next(self)
    }
}
