//! What the columns of a table hold.

use crate::{
    domain::{progress::Progress, record::Part},
    frame::{self, ColumnStatistics, ColumnSummary, Edits, Frame, FrameError},
};

/// What every column holds, in their order. As many are read at once as fit the memory; progress counts the rows of all.
///
/// # Errors
/// When the rows can no longer be read, or the work was cancelled.
pub fn summarize(frame: &Frame, edits: &Edits, progress: &Progress) -> Result<Vec<ColumnSummary>, FrameError> {
    frame::summaries(frame, edits, progress)
}

/// Statistics of one column as it is sent, from all rows or as many as fit the memory. Progress counts rows.
///
/// # Errors
/// When the rows can no longer be read, or the work was cancelled.
pub(crate) fn column(
    frame: &Frame,
    edits: &Edits,
    column: u32,
    part: Option<&Part>,
    progress: &Progress,
) -> Result<ColumnStatistics, FrameError> {
    frame::column_statistics(frame, edits, column as usize, part, progress)
}

/// Statistics of columns as they are sent, from a sample of the rows.
///
/// # Errors
/// When the rows can no longer be read, or the work was cancelled.
pub(crate) fn sample(
    frame: &Frame,
    edits: &Edits,
    columns: &[u32],
    parts: &[Option<Part>],
    progress: &Progress,
) -> Result<Vec<ColumnStatistics>, FrameError> {
    let columns: Vec<usize> = columns.iter().map(|column| *column as usize).collect();
    frame::sampled_statistics(frame, edits, &columns, parts, progress)
}
