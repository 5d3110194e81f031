//! What the columns of a table hold.

use crate::{
    domain::progress::Progress,
    frame::{self, ColumnSummary, Edits, Frame, FrameError},
};

/// What every column holds, in their order. One is read after another, so that one at a time is in memory; progress
/// counts the rows of all.
///
/// # Errors
/// When the rows can no longer be read, or the work was cancelled.
pub fn summarize(frame: &Frame, edits: &Edits, progress: &Progress) -> Result<Vec<ColumnSummary>, FrameError> {
    let columns = 0..u32::try_from(frame.columns().len()).unwrap_or(u32::MAX);
    progress.restart(u64::from(frame.len()) * u64::from(columns.end));
    columns
        .map(|column| frame::summary(frame, edits, column, progress))
        .collect()
}
