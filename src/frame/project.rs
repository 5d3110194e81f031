//! What a column holds: exactly that column is projected out of the file, and polars tells its values apart.

use std::{
    cmp::Reverse,
    ops::{ControlFlow, Range},
};

use polars::prelude::{ChunkUnique as _, PlSmallStr, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;

use super::{Edits, Frame, FrameError, sort::number};
use crate::domain::{cell::Cell, progress::Progress};

/// Rows projected at a time by one thread.
const PIECE: u32 = 16_384;

/// How many frequent values a summary names.
const TOP: usize = 5;

/// What a column holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSummary {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them have no value, or a JSON `null`.
    pub missing: u64,
    /// How many different values there are, as people see them: `1` and `1.0` are two.
    pub distinct: u64,
    /// The five most frequent values with their counts, most frequent first, then by value.
    pub top: Vec<(String, u64)>,
    /// The smallest and the largest number as they are written, when every value is a number. They are compared as
    /// floats; of equal ones it is the first.
    pub range: Option<(String, String)>,
}

/// Counts what a column holds. Progress counts rows.
pub(crate) fn summary(
    frame: &Frame,
    edits: &Edits,
    column: u32,
    progress: &Progress,
) -> Result<ColumnSummary, FrameError> {
    let texts = project(frame, edits, column, progress)?;
    // Values are numbered in the order in which they come.
    let (ids, numbered) = texts.unique_id()?;
    let mut counts = vec![(Reverse(0), ""); ids as usize];
    for (text, id) in texts.iter().zip(numbered) {
        if let (Some(text), Some((count, value))) = (text, counts.get_mut(id as usize)) {
            count.0 += 1;
            *value = text;
        }
    }
    // Having no value has a number as well.
    counts.retain(|(count, _)| count.0 > 0);
    let distinct = counts.len() as u64;
    let range = range(counts.iter().map(|(_, value)| *value));
    if counts.len() > TOP {
        counts.select_nth_unstable(TOP);
        counts.truncate(TOP);
    }
    counts.sort_unstable();
    Ok(ColumnSummary {
        rows: texts.len() as u64,
        missing: texts.null_count() as u64,
        distinct,
        top: counts
            .into_iter()
            .map(|(Reverse(count), value)| (value.to_owned(), count))
            .collect(),
        range,
    })
}

/// The texts of a column as people see them; null where there is no value.
fn project(frame: &Frame, edits: &Edits, column: u32, progress: &Progress) -> Result<StringChunked, FrameError> {
    let starts: Vec<u32> = (0..frame.len()).step_by(PIECE as usize).collect();
    let pieces = starts
        .into_par_iter()
        .map(|start| {
            let rows = start..start.saturating_add(PIECE).min(frame.len());
            project_rows(frame, edits, column, rows, progress)
        })
        .collect::<Result<Vec<_>, _>>()?;
    // The pieces stay as they are: to make one of them would need room for two.
    let pieces = pieces.iter().flat_map(|piece| piece.downcast_iter().cloned());
    Ok(StringChunked::from_chunk_iter(PlSmallStr::EMPTY, pieces))
}

fn project_rows(
    frame: &Frame,
    edits: &Edits,
    column: u32,
    rows: Range<u32>,
    progress: &Progress,
) -> Result<StringChunked, FrameError> {
    if progress.is_cancelled() {
        return Err(FrameError::Cancelled);
    }
    let mut texts = StringChunkedBuilder::new(PlSmallStr::EMPTY, rows.len());
    progress.add(rows.len() as u64);
    frame.scan(rows, edits, &mut |_, cells| {
        match cells.get(column as usize).copied().unwrap_or_default() {
            Cell::Missing | Cell::Json("null") => texts.append_null(),
            cell => texts.append_value(cell.shown()),
        }
        ControlFlow::Continue(())
    })?;
    Ok(texts.finish())
}

/// The smallest and the largest of numbers; `None` when there are none, or something else among them.
fn range<'a>(values: impl Iterator<Item = &'a str>) -> Option<(String, String)> {
    let mut range = None;
    for value in values {
        let own = (number(value)?, value.trim());
        let (least, most) = range.get_or_insert((own, own));
        if own.0 < least.0 {
            *least = own;
        }
        if own.0 > most.0 {
            *most = own;
        }
    }
    range.map(|((_, least), (_, most))| (least.to_owned(), most.to_owned()))
}
