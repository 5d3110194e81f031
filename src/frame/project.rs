//! What columns hold: as many as fit the memory are projected out of the file at once, and polars tells their values apart.

use std::{
    cmp::Reverse,
    iter,
    ops::{ControlFlow, Range},
};

use polars::prelude::{ChunkUnique as _, PlSmallStr, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{Edits, Frame, FrameError};
use crate::domain::{cell::Cell, number, progress::Progress};

/// Rows projected at a time by one thread.
const PIECE: u32 = 16_384;

/// Bytes that the values of columns may take which are read together.
const ROOM: u64 = 64 << 20;

/// Bytes of a value beside its text.
const VALUE: u64 = 16;

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

/// Counts what every column holds, in their order. Progress counts the rows of all.
pub(crate) fn summaries(frame: &Frame, edits: &Edits, progress: &Progress) -> Result<Vec<ColumnSummary>, FrameError> {
    let (width, rows) = (frame.columns.len(), u64::from(frame.len()));
    progress.restart(rows * width as u64);
    let of_column = (rows * VALUE + frame.source.size() / width.max(1) as u64).max(1);
    let at_once = usize::try_from(ROOM / of_column).unwrap_or(usize::MAX).max(1);
    let mut all = Vec::with_capacity(width);
    for start in (0..width).step_by(at_once) {
        let columns: Vec<usize> = (start..start.saturating_add(at_once).min(width)).collect();
        for texts in project(frame, edits, &columns, iter::once(0..frame.len()), None, progress)? {
            all.push(summary(&texts)?);
        }
    }
    Ok(all)
}

/// What a column of these texts holds.
fn summary(texts: &StringChunked) -> Result<ColumnSummary, FrameError> {
    let mut counts = counts(texts)?;
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

/// The different values of a column, each with how often it is there. Unordered.
pub(super) fn counts(texts: &StringChunked) -> Result<Vec<(Reverse<u64>, &str)>, FrameError> {
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
    Ok(counts)
}

/// The texts of some columns as people see them, in some stretches of the table; null where there is no value. Longer
/// texts than `most` bytes are cut; see [`cut`].
pub(super) fn project(
    frame: &Frame,
    edits: &Edits,
    columns: &[usize],
    stretches: impl IntoIterator<Item = Range<u32>>,
    most: Option<usize>,
    progress: &Progress,
) -> Result<Vec<StringChunked>, FrameError> {
    let pieces = |stretch: Range<u32>| {
        let starts = stretch.clone().step_by(PIECE as usize);
        starts.map(move |start| start..start.saturating_add(PIECE).min(stretch.end))
    };
    let pieces: Vec<Range<u32>> = stretches.into_iter().flat_map(pieces).collect();
    let pieces = pieces
        .into_par_iter()
        .map(|rows| project_rows(frame, edits, columns, rows, most, progress))
        .collect::<Result<Vec<_>, _>>()?;
    let column = |at: usize| {
        // The pieces stay as they are: to make one of them would need room for two.
        let pieces = pieces.iter().filter_map(|columns| columns.get(at));
        let pieces = pieces.flat_map(|piece| piece.downcast_iter().cloned());
        StringChunked::from_chunk_iter(PlSmallStr::EMPTY, pieces)
    };
    Ok((0..columns.len()).map(column).collect())
}

fn project_rows(
    frame: &Frame,
    edits: &Edits,
    columns: &[usize],
    rows: Range<u32>,
    most: Option<usize>,
    progress: &Progress,
) -> Result<Vec<StringChunked>, FrameError> {
    if progress.is_cancelled() {
        return Err(FrameError::Cancelled);
    }
    let builder = |_: &usize| StringChunkedBuilder::new(PlSmallStr::EMPTY, rows.len());
    let mut builders: Vec<StringChunkedBuilder> = columns.iter().map(builder).collect();
    progress.add(rows.len() as u64 * columns.len() as u64);
    frame.scan(rows, edits, &mut |_, cells| {
        for (texts, column) in builders.iter_mut().zip(columns) {
            match cells.get(*column).copied().unwrap_or_default() {
                Cell::Missing | Cell::Json("null") => texts.append_null(),
                cell => {
                    let text = cell.shown();
                    match most.filter(|most| text.len() > *most) {
                        Some(most) => texts.append_value(cut(&text, most)),
                        None => texts.append_value(text),
                    }
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(builders.into_iter().map(StringChunkedBuilder::finish).collect())
}

/// The sign after which a text that was cut is told from others that begin alike.
const CUT: char = '\u{1a}';

/// The beginning of a text, and what tells it from other texts that begin alike: as many long texts as a column has do
/// not fit the memory.
fn cut(text: &str, most: usize) -> String {
    let start = &text[..text.floor_char_boundary(most)];
    format!("{start}…{CUT}{:016x}", xxh3_64(text.as_bytes()))
}

/// A text as it may be shown: of one that was cut, the beginning.
pub(super) fn shown(text: &str) -> &str {
    let tail = text.len().checked_sub(17).and_then(|at| text.get(at..));
    match tail.filter(|tail| tail.starts_with(CUT)) {
        Some(_) => &text[..text.len() - 17],
        None => text,
    }
}

/// The smallest and the largest of numbers; `None` when there are none, or something else among them.
fn range<'a>(values: impl Iterator<Item = &'a str>) -> Option<(String, String)> {
    let mut range = None;
    for value in values {
        let own = (number::parsed(value)?, value.trim());
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
