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

/// Repairs all rows with certain causes; rows whose repair would not fit are left out. A cell that has several of them is
/// repaired for the first.
///
/// # Errors
/// When the rows can no longer be read.
pub(crate) fn repair(table: TableRef<'_>, causes: &[Cause]) -> Result<Repaired, FrameError> {
    let mut repaired = Repaired {
        edits: table.edits.clone(),
        rows: RowSet::default(),
    };
    for (at, cause) in causes.iter().enumerate() {
        let is_repaired = |row: u32| {
            let earlier = causes.iter().take(at);
            let mut of_column = earlier.filter(|earlier| earlier.column == cause.column);
            of_column.any(|earlier| {
                table
                    .checked
                    .issues
                    .rows(earlier)
                    .is_some_and(|rows| rows.contains(row))
            })
        };
        repair_cause(table, *cause, &is_repaired, &mut repaired)?;
    }
    Ok(repaired)
}

fn repair_cause(
    table: TableRef<'_>,
    cause: Cause,
    is_repaired: &dyn Fn(u32) -> bool,
    into: &mut Repaired,
) -> Result<(), FrameError> {
    let checked = table.checked;
    if let (Some(wrong), Some(hint), Some(column)) = (checked.issues.rows(&cause), cause.hint, cause.column)
        && let Some(part) = checked.plan().part(column as usize)
    {
        for range in wrong.ranges() {
            table.frame.scan(range, table.edits, &mut |row, cells| {
                let cell = cells.get(column as usize).copied().unwrap_or_default();
                if !is_repaired(row)
                    && let Some(repaired) = hint.repair(part, cell)
                {
                    into.edits.set(row, column, Some(repaired));
                    into.rows.insert(row);
                }
                ControlFlow::Continue(())
            })?;
        }
    }
    Ok(())
}
