//! Repairing every row that has the same problem.

use std::ops::ControlFlow;

use super::TableRef;
use crate::{
    domain::{issue::Cause, rows::RowSet},
    frame::{Edits, FrameError},
};

/// What a table becomes by a repair.
#[derive(Clone, Debug)]
pub(crate) struct Repaired {
    /// What is changed in it, with the repairs.
    pub(crate) edits: Edits,
    /// The rows that are repaired.
    pub(crate) rows: RowSet,
}

/// Repairs all rows with a cause; rows whose repair would not fit are left out.
///
/// # Errors
/// When the rows can no longer be read.
pub(crate) fn repair(table: TableRef<'_>, cause: Cause) -> Result<Repaired, FrameError> {
    let checked = table.checked;
    let mut edits = table.edits.clone();
    let mut rows = RowSet::default();
    if let (Some(wrong), Some(hint), Some(column)) = (checked.issues.rows(&cause), cause.hint, cause.column)
        && let Some(part) = checked.plan().part(column as usize)
    {
        for range in wrong.ranges() {
            table.frame.scan(range, table.edits, &mut |row, cells| {
                let cell = cells.get(column as usize).copied().unwrap_or_default();
                if let Some(repaired) = hint.repair(part, cell) {
                    edits.set(row, column, Some(repaired));
                    rows.insert(row);
                }
                ControlFlow::Continue(())
            })?;
        }
    }
    Ok(Repaired { edits, rows })
}
