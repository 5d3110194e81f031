//! What a column holds, answered by polars: exactly that column is projected out of the file.

use std::{
    cmp::Reverse,
    collections::HashMap,
    ops::{ControlFlow, Range},
};

use polars::prelude::{Float64Chunked, NewChunkedArray, PlSmallStr, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::{Edits, Frame, FrameError};
use crate::domain::{cell::Cell, progress::Progress};

/// Rows projected at a time by one thread.
const PIECE: u32 = 16_384;

/// How many frequent values a summary names.
const TOP: usize = 10;

/// What a column holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnSummary {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them have no value, or a JSON `null`.
    pub missing: u64,
    /// How many different values there are.
    pub distinct: u64,
    /// The ten most frequent values with their counts, most frequent first, then by value.
    pub top: Vec<(String, u64)>,
    /// The smallest and the largest number, when every value is a number.
    pub range: Option<(f64, f64)>,
}

/// Counts what a column holds. Progress counts rows.
pub fn summary(frame: &Frame, edits: &Edits, column: u32, progress: &Progress) -> Result<ColumnSummary, FrameError> {
    let texts = project(frame, edits, column, progress)?;
    let mut summary = ColumnSummary {
        rows: texts.len() as u64,
        missing: texts.null_count() as u64,
        ..ColumnSummary::default()
    };
    summary.range = numbers(&texts).and_then(|numbers| {
        numbers
            .iter()
            .flatten()
            .fold(None, |range: Option<(f64, f64)>, number| {
                let (least, most) = range.unwrap_or((number, number));
                Some((least.min(number), most.max(number)))
            })
    });
    let mut counts: HashMap<&str, u64, Xxh3DefaultBuilder> = HashMap::default();
    for text in texts.iter().flatten() {
        *counts.entry(text).or_default() += 1;
    }
    summary.distinct = counts.len() as u64;
    let mut counts: Vec<(Reverse<u64>, &str)> = counts
        .into_iter()
        .map(|(value, count)| (Reverse(count), value))
        .collect();
    if counts.len() > TOP {
        counts.select_nth_unstable(TOP);
        counts.truncate(TOP);
    }
    counts.sort_unstable();
    summary.top = counts
        .into_iter()
        .map(|(Reverse(count), value)| (value.to_owned(), count))
        .collect();
    Ok(summary)
}

/// The texts of a column as people see them; null where there is no value.
fn project(frame: &Frame, edits: &Edits, column: u32, progress: &Progress) -> Result<StringChunked, FrameError> {
    progress.restart(u64::from(frame.len()));
    let starts: Vec<u32> = (0..frame.len()).step_by(PIECE as usize).collect();
    let pieces = starts
        .into_par_iter()
        .map(|start| {
            let rows = start..start.saturating_add(PIECE).min(frame.len());
            project_rows(frame, edits, column, rows, progress)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut texts = StringChunked::from_iter_values(PlSmallStr::EMPTY, std::iter::empty::<&str>());
    for piece in &pieces {
        // Fails only beyond 2^32 rows, which no frame has.
        texts.append(piece).ok();
    }
    Ok(texts.rechunk().into_owned())
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

/// The column as numbers, when every value is one.
fn numbers(texts: &StringChunked) -> Option<Float64Chunked> {
    let numbers: Option<Vec<Option<f64>>> = texts
        .iter()
        .map(|text| match text {
            None => Some(None),
            Some(text) => number(text).map(Some),
        })
        .collect();
    let numbers = numbers.filter(|numbers| numbers.iter().any(Option::is_some))?;
    Some(Float64Chunked::from_slice_options(PlSmallStr::EMPTY, &numbers))
}

/// A finite number as people write it in files; not `inf` or `nan`, which Rust would take as well.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
