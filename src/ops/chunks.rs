//! The stretches of a table that threads look through one at a time.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator};

use crate::{
    domain::progress::Progress,
    frame::{Frame, FrameError},
};

/// Rows that one thread reads at a time.
pub(super) const CHUNK_ROWS: u32 = 16 * 1024;

/// All rows of a table, in stretches, in their order.
pub(super) fn chunks(frame: &Frame) -> impl Iterator<Item = Range<u32>> + use<> {
    let all = frame.len();
    (0..all.div_ceil(CHUNK_ROWS)).map(move |chunk| chunk_of(chunk, all))
}

/// The same, for several threads.
pub(super) fn par_chunks(frame: &Frame) -> impl ParallelIterator<Item = Range<u32>> + use<> {
    let all = frame.len();
    (0..all.div_ceil(CHUNK_ROWS))
        .into_par_iter()
        .map(move |chunk| chunk_of(chunk, all))
}

fn chunk_of(chunk: u32, all: u32) -> Range<u32> {
    chunk * CHUNK_ROWS..all.min((chunk + 1).saturating_mul(CHUNK_ROWS))
}

/// Stops where that was asked for.
pub(super) fn go_on(progress: &Progress) -> Result<(), FrameError> {
    if progress.is_cancelled() {
        return Err(FrameError::Cancelled);
    }
    Ok(())
}
