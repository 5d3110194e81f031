//! What a column holds, as far as some of its rows tell: the ground of suggestions.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::cell::{Cell, OwnedCell};

/// Different values kept of a column.
const MOST_VALUES: usize = 300;
/// Bytes kept of a column.
const MOST_BYTES: usize = 64 * 1024;

/// The different values of a column among some rows, each with how often it occurs, in the order they come.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    /// The values' texts, one after another: a table may have very many columns, and allocates little for each.
    text: String,
    values: Vec<SampledValue>,
    /// The values' hashes, by which they are found: so few are looked through faster than a table is looked up.
    hashes: Vec<u64>,
    bytes: usize,
    rows: u64,
    missing: u64,
}

#[derive(Clone, Debug)]
struct SampledValue {
    /// Where its text is.
    text: Range<usize>,
    is_json: bool,
    count: u64,
}

impl Sampled {
    /// Takes note of a cell. What is beyond the room there is, is counted as a row only.
    pub fn note(&mut self, cell: Cell<'_>) {
        self.rows += 1;
        let (text, is_json) = match cell {
            Cell::Missing => {
                self.missing += 1;
                return;
            }
            Cell::Text(text) => (text, false),
            Cell::Json(text) => (text, true),
        };
        let hash = xxh3_64(text.as_bytes());
        let mut alike = (0..).zip(&self.hashes).filter(|(_, known)| **known == hash);
        let found = alike.find(|(at, _)| self.values.get(*at).is_some_and(|value| self.cell(value) == cell));
        let found = found.map(|(at, _)| at);
        if let Some(known) = found.and_then(|at| self.values.get_mut(at)) {
            known.count += 1;
            return;
        }
        let bytes = self.bytes + cell.shown().len();
        if self.values.len() < MOST_VALUES && bytes <= MOST_BYTES {
            self.bytes = bytes;
            let start = self.text.len();
            self.text.push_str(text);
            self.values.push(SampledValue {
                text: start..self.text.len(),
                is_json,
                count: 1,
            });
            self.hashes.push(hash);
        }
    }

    fn cell(&self, value: &SampledValue) -> Cell<'_> {
        let text = self.text.get(value.text.clone()).unwrap_or_default();
        if value.is_json {
            Cell::Json(text)
        } else {
            Cell::Text(text)
        }
    }

    /// The samples of all columns of a table.
    pub fn of_rows<'a>(width: usize, rows: impl IntoIterator<Item = &'a [OwnedCell]>) -> Vec<Self> {
        let mut samples = vec![Self::default(); width];
        for row in rows {
            for (sample, cell) in samples.iter_mut().zip(row) {
                sample.note(cell.as_cell());
            }
        }
        samples
    }

    /// The different values, with how often each occurs.
    pub fn values(&self) -> impl Iterator<Item = (Cell<'_>, u64)> {
        self.values.iter().map(|value| (self.cell(value), value.count))
    }

    /// How many different values are kept.
    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// How many of the cells have one of the kept values.
    pub fn filled(&self) -> u64 {
        self.values.iter().map(|value| value.count).sum()
    }

    /// Whether every row has a value, and none has another's.
    pub(crate) fn is_unique(&self) -> bool {
        self.missing == 0 && self.values.iter().all(|value| value.count == 1)
    }

    /// How many cells have a value for which `is_such` holds.
    pub fn count(&self, mut is_such: impl FnMut(Cell<'_>) -> bool) -> u64 {
        let such = self.values().filter(|(cell, _)| is_such(*cell));
        such.map(|(_, count)| count).sum()
    }
}
