//! Reads the rows again that may be the same interaction.

use std::ops::ControlFlow;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::{CHUNK_ROWS, Edits, EventKey, Frame, FrameError, Plan, RowSet};
use crate::domain::rules::candidates;

/// Rows are read one by one while they are fewer than this.
const FEW: usize = 4096;

/// The rows that are the same as one further up. `bits` are those of all rows, without `left_out`, which are not sent.
pub(super) fn repeated(
    key: &EventKey,
    mut bits: Vec<u32>,
    left_out: &RowSet,
    plan: &Plan,
    (frame, edits): (&Frame, &Edits),
) -> Result<RowSet, FrameError> {
    let candidates = candidates(&mut bits, left_out);
    drop(bits);
    let wholes = hashes(key, &candidates, plan, frame, edits)?;
    Ok(key.repeated(wholes, frame.len()))
}

/// The hashes of rows, each with its row.
fn hashes(
    key: &EventKey,
    rows: &[u32],
    plan: &Plan,
    frame: &Frame,
    edits: &Edits,
) -> Result<Vec<(u64, u32)>, FrameError> {
    // Rows that stand close together are read in one go.
    let most_apart = if rows.len() < FEW { 1 } else { CHUNK_ROWS };
    let stretches: Vec<&[u32]> = rows.chunk_by(|a, b| b - a < most_apart).collect();
    let read = stretches.into_par_iter().map(|stretch| {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            return Ok(Vec::new());
        };
        let mut wanted = stretch.iter().peekable();
        let mut hashes = Vec::with_capacity(stretch.len());
        frame.scan(*first..last + 1, edits, &mut |row, cells| {
            if wanted.next_if_eq(&&row).is_some() {
                hashes.push((plan.see(cells, |cells| key.whole(cells)), row));
            }
            ControlFlow::Continue(())
        })?;
        Ok(hashes)
    });
    let read: Vec<Vec<(u64, u32)>> = read.collect::<Result<_, FrameError>>()?;
    Ok(read.concat())
}
