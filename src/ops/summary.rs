//! What the columns of a table hold.

use crate::{
    domain::progress::Progress,
    frame::{self, ColumnSummary, Edits, Frame, FrameError},
};

/// What every column holds, in their order. As many are read at once as fit the memory; progress counts the rows of all.
///
/// # Errors
/// When the rows can no longer be read, or the work was cancelled.
pub fn summarize(frame: &Frame, edits: &Edits, progress: &Progress) -> Result<Vec<ColumnSummary>, FrameError> {
    frame::summaries(frame, edits, progress)
}
