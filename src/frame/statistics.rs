//! Statistics of columns, for people to look at: of a sample of the rows for the strips under the headers, which shall
//! be there at once, and of all rows for one column that somebody asks about.

use std::{cmp::Reverse, collections::HashMap, iter, ops::Range};

use polars::prelude::StringChunked;

use super::{
    Edits, Frame, FrameError,
    project::{counts, project, shown},
};
use crate::domain::{
    cell::Cell,
    distribution::{Distribution, Scale},
    number,
    progress::Progress,
    record::Part,
    value,
};

/// Rows looked at for the strips.
const SAMPLE: u32 = 100_000;
/// Stretches of a sample all over the file.
const STRETCHES: u32 = 50;
/// Bytes of a text that are kept.
const KEPT: usize = 120;
/// Bytes that the texts of a column may take; of a column that takes more, so many rows are looked at as fit.
const ROOM: u64 = 192 << 20;
/// Bytes of a value beside its text.
const VALUE: u64 = 24;
/// How many frequent values are named.
const TOP: usize = 15;

/// What the values of a column look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueKind {
    /// `12.50`
    Number,
    /// `true`, `no`
    Boolean,
    /// `2026-05-30`, `2026-05-30T10:00:00Z`
    Date,
    /// `["a", "b"]`, `{"a": 1}`
    Json,
    /// Anything else.
    Text,
}

/// What a column holds, as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnStatistics {
    /// How many rows were looked at.
    pub rows: u64,
    /// How many of these have no value.
    pub missing: u64,
    /// How many different values these have.
    pub distinct: u64,
    /// The most frequent values with their counts, most frequent first, then by value; long ones are cut.
    pub top: Vec<(String, u64)>,
    /// How many values look like what, the most frequent kind first.
    pub kinds: Vec<(ValueKind, u64)>,
    /// The characters of the shortest and of the longest value; `None` without values, and where values were cut.
    pub lengths: Option<(u64, u64)>,
    /// How the values are spread, when all are numbers, or all are dates.
    pub distribution: Option<Distribution>,
}

/// The statistics of columns, from a sample of the rows; `parts` says what becomes of them. Progress counts
/// the cells looked at.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub fn sampled_statistics(
    frame: &Frame,
    edits: &Edits,
    columns: &[usize],
    parts: &[Option<Part>],
    progress: &Progress,
) -> Result<Vec<ColumnStatistics>, FrameError> {
    let texts = project(frame, edits, columns, spread(frame.len(), SAMPLE), Some(KEPT), progress)?;
    let parts = parts.iter().map(Option::as_ref).chain(iter::repeat(None));
    texts.iter().zip(parts).map(|(texts, part)| of(texts, part)).collect()
}

/// The statistics of one column, from all rows or as many as fit the memory. Progress counts the rows.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub fn column_statistics(
    frame: &Frame,
    edits: &Edits,
    column: usize,
    part: Option<&Part>,
    progress: &Progress,
) -> Result<ColumnStatistics, FrameError> {
    let columns = [column];
    let look = |most: u32| {
        let texts = project(frame, edits, &columns, spread(frame.len(), most), Some(KEPT), progress)?;
        Ok::<_, FrameError>(texts.into_iter().next().unwrap_or_default())
    };
    progress.restart(u64::from(frame.len()));
    let sample = look(SAMPLE)?;
    if sample.len() as u64 == u64::from(frame.len()) {
        return of(&sample, part);
    }
    let bytes: u64 = sample.iter().flatten().map(|text| text.len() as u64).sum();
    let of_row = VALUE + bytes / (sample.len() as u64).max(1);
    drop(sample);
    let most = u32::try_from(ROOM / of_row).unwrap_or(u32::MAX);
    progress.restart(u64::from(frame.len().min(most)));
    of(&look(most)?, part)
}

/// About so many rows of all, evenly spread; all, when there are no more.
fn spread(all: u32, most: u32) -> Vec<Range<u32>> {
    if all <= most {
        return iter::once(0..all).collect();
    }
    let length = (most / STRETCHES).max(1);
    let gap = all / STRETCHES;
    (0..STRETCHES)
        .map(|stretch| stretch * gap..stretch * gap + length.min(gap))
        .collect()
}

fn of(texts: &StringChunked, part: Option<&Part>) -> Result<ColumnStatistics, FrameError> {
    let rows = texts.len() as u64;
    let mut is_cut = false;
    let mut values: Vec<(String, u64)> = Vec::new();
    let mut rewritten: HashMap<String, u64> = HashMap::new();
    for (count, text) in counts(texts)? {
        let whole = shown(text);
        is_cut |= whole.len() < text.len();
        // A transform is tried on what is whole.
        let replacement = part
            .filter(|_| whole.len() == text.len())
            .and_then(|part| part.replacement(Cell::Text(text)));
        match replacement {
            Some(sent) => *rewritten.entry(sent.into_owned()).or_default() += count.0,
            None => values.push((whole.to_owned(), count.0)),
        }
    }
    if !rewritten.is_empty() {
        for (text, count) in values.drain(..) {
            *rewritten.entry(text).or_default() += count;
        }
        values.extend(rewritten);
    }
    values.retain(|(text, _)| !text.is_empty());
    let present: u64 = values.iter().map(|(_, count)| count).sum();
    let distribution = distribution(&values);
    Ok(ColumnStatistics {
        rows,
        missing: rows - present,
        distinct: values.len() as u64,
        kinds: kinds(&values),
        lengths: lengths(&values).filter(|_| !is_cut),
        distribution,
        top: top(values),
    })
}

fn top(mut values: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let by_count = |one: &(String, u64), other: &(String, u64)| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0));
    if values.len() > TOP {
        values.select_nth_unstable_by(TOP, by_count);
        values.truncate(TOP);
    }
    values.sort_unstable_by(by_count);
    values
}

fn lengths(values: &[(String, u64)]) -> Option<(u64, u64)> {
    let lengths = values.iter().map(|(text, _)| text.chars().count() as u64);
    lengths.clone().min().zip(lengths.max())
}

fn kinds(values: &[(String, u64)]) -> Vec<(ValueKind, u64)> {
    let mut counts: HashMap<ValueKind, u64> = HashMap::new();
    for (text, count) in values {
        *counts.entry(kind(text)).or_default() += count;
    }
    let mut kinds: Vec<(ValueKind, u64)> = counts.into_iter().collect();
    kinds.sort_unstable_by_key(|(kind, count)| (Reverse(*count), *kind));
    kinds
}

fn kind(text: &str) -> ValueKind {
    let trimmed = text.trim();
    if number::parsed(text).is_some() {
        ValueKind::Number
    } else if value::boolean(text).is_some() {
        ValueKind::Boolean
    } else if trimmed.starts_with(['[', '{']) && trimmed.ends_with([']', '}']) {
        ValueKind::Json
    } else if seconds(trimmed).is_some() {
        ValueKind::Date
    } else {
        ValueKind::Text
    }
}

fn distribution(values: &[(String, u64)]) -> Option<Distribution> {
    let all = |of: fn(&str) -> Option<f64>| -> Option<Vec<(f64, u64)>> {
        values
            .iter()
            .map(|(text, count)| Some((of(text.trim())?, *count)))
            .collect()
    };
    match all(number::parsed) {
        Some(numbers) => Distribution::of(Scale::Number, numbers),
        None => Distribution::of(Scale::Time, all(seconds)?),
    }
}

/// The moment that a text says, in seconds since 1970; in UTC where it names no zone.
#[expect(clippy::cast_precision_loss, reason = "years have few seconds")]
fn seconds(text: &str) -> Option<f64> {
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let moment: jiff::civil::DateTime = text.parse().ok()?;
        Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(moment.as_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            dataset::Dataset,
            transform::{Decimal, Transform},
        },
        frame::OpenOptions,
    };

    fn open(text: &str) -> Frame {
        Frame::from_text("table.csv", text, &OpenOptions::default()).unwrap()
    }

    fn whole(frame: &Frame, column: usize, part: Option<&Part>) -> ColumnStatistics {
        column_statistics(frame, &Edits::default(), column, part, &Progress::default()).unwrap()
    }

    fn named(values: &[(&str, u64)]) -> Vec<(String, u64)> {
        values
            .iter()
            .map(|(text, count)| ((*text).to_owned(), *count))
            .collect()
    }

    #[test]
    fn numbers_dates_and_texts_are_told_apart() {
        let frame = open("n,d,t\n1,2026-05-30,red\n2.5,2026-05-31T12:00:00Z,blue\n,,red\n10,2026-06-01,[]\n");
        let [numbers, dates, texts] = [0, 1, 2].map(|column| whole(&frame, column, None));
        assert_eq!((numbers.rows, numbers.missing, numbers.distinct), (4, 1, 3));
        let spread = numbers.distribution.unwrap();
        assert_eq!((spread.scale, spread.least, spread.most), (Scale::Number, 1.0, 10.0));
        assert_eq!(numbers.kinds, [(ValueKind::Number, 3)]);
        let spread = dates.distribution.unwrap();
        assert_eq!(
            (spread.scale, spread.most - spread.least),
            (Scale::Time, 2.0 * 86_400.0)
        );
        assert_eq!(texts.top, named(&[("red", 2), ("[]", 1), ("blue", 1)]));
        assert_eq!(texts.kinds, [(ValueKind::Text, 3), (ValueKind::Json, 1)]);
        assert_eq!((texts.lengths, texts.distribution), (Some((2, 4)), None));
    }

    #[test]
    fn values_are_counted_as_they_are_sent() {
        let frame = open("price\n\"1,50\"\n\"1,5\"\n\"2,00\"\nfree\n");
        let transform = Transform::Number(Decimal::Comma);
        let part = Part::of(Dataset::Products, "original_price", None, Some(transform));
        let found = whole(&frame, 0, Some(&part));
        assert_eq!(found.rows, 4);
        assert_eq!(found.kinds, [(ValueKind::Number, 3), (ValueKind::Text, 1)]);
    }

    #[test]
    fn long_texts_are_told_apart_after_they_are_cut() {
        let long = "x".repeat(KEPT);
        let frame = open(&format!("t\n{long}one\n{long}two\n{long}one\nshort\n"));
        let found = whole(&frame, 0, None);
        assert_eq!((found.distinct, found.lengths), (3, None));
        assert_eq!(found.top[0], (format!("{long}…"), 2));
    }

    #[test]
    fn a_sample_is_spread_over_all_rows() {
        assert!(spread(7, 10).into_iter().eq(iter::once(0..7)));
        let stretches = spread(1_000_000, 100_000);
        assert_eq!(stretches.iter().map(ExactSizeIterator::len).sum::<usize>(), 100_000);
        assert_eq!((stretches[0].start, stretches[49].start), (0, 980_000));
        let rows: Vec<String> = (0..SAMPLE + 100).map(|row| row.to_string()).collect();
        let frame = open(&format!("n\n{}\n", rows.join("\n")));
        let sample = sampled_statistics(&frame, &Edits::default(), &[0], &[], &Progress::default()).unwrap();
        assert_eq!(
            (sample[0].rows, sample[0].distinct),
            (u64::from(SAMPLE), u64::from(SAMPLE))
        );
        assert_eq!(whole(&frame, 0, None).rows, u64::from(SAMPLE) + 100);
        let stopped = Progress::default();
        stopped.cancel();
        let found = sampled_statistics(&frame, &Edits::default(), &[0], &[], &stopped);
        assert!(matches!(found, Err(FrameError::Cancelled)));
    }
}
