//! Where the records come from.

use super::{Record, SkipReason};

/// What a source has for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceItem {
    /// A record to send.
    Record(Record),
    /// A row to leave out.
    Skip {
        /// The row.
        row: u32,
        /// Why.
        reason: SkipReason,
    },
}

/// Yields all rows of a table in order, building records as they are asked for, so that memory does not grow with
/// the file. It runs on a thread that may block. Any iterator of such items is one.
pub trait RecordSource: Send + 'static {
    /// The next row; `None` at the end; an error (for people) when the file cannot be read any further.
    fn next(&mut self) -> Option<Result<SourceItem, String>>;
}

impl<I: Iterator<Item = Result<SourceItem, String>> + Send + 'static> RecordSource for I {
    fn next(&mut self) -> Option<Result<SourceItem, String>> {
        Iterator::next(self)
    }
}
