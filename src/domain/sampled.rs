//! What a column holds, as far as some of its rows tell: the ground of suggestions.

use std::collections::{HashMap, hash_map::Entry};

use xxhash_rust::xxh3::xxh3_64;

use super::cell::{Cell, OwnedCell};

/// Different values kept of a column.
const MOST_VALUES: usize = 300;
/// Bytes kept of a column.
const MOST_BYTES: usize = 64 * 1024;

/// The different values of a column among some rows, each with how often it occurs, in the order they come.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    values: Vec<(OwnedCell, u64)>,
    /// Where each value is, by its hash; one that is taken by another value counts on.
    places: HashMap<u64, usize>,
    bytes: usize,
    rows: u64,
    missing: u64,
}

impl Sampled {
    /// Takes note of a cell. What is beyond the room there is, is counted as a row only.
    pub fn note(&mut self, cell: Cell<'_>) {
        self.rows += 1;
        if cell.is_missing() {
            self.missing += 1;
            return;
        }
        let mut hash = match cell {
            Cell::Missing => 0,
            Cell::Text(text) | Cell::Json(text) => xxh3_64(text.as_bytes()),
        };
        let place = loop {
            match self.places.entry(hash) {
                Entry::Vacant(place) => break place,
                Entry::Occupied(place) => match self.values.get_mut(*place.get()) {
                    Some((known, count)) if known.as_cell() == cell => {
                        *count += 1;
                        return;
                    }
                    _ => hash = hash.wrapping_add(1),
                },
            }
        };
        let bytes = self.bytes + cell.shown().len();
        if self.values.len() < MOST_VALUES && bytes <= MOST_BYTES {
            self.bytes = bytes;
            place.insert(self.values.len());
            self.values.push((cell.to_owned_cell(), 1));
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
        self.values.iter().map(|(value, count)| (value.as_cell(), *count))
    }

    /// How many different values are kept.
    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// How many of the cells have one of the kept values.
    pub fn filled(&self) -> u64 {
        self.values.iter().map(|(_, count)| count).sum()
    }

    /// Whether every row has a value, and none has another's.
    pub(crate) fn is_unique(&self) -> bool {
        self.missing == 0 && self.values.iter().all(|(_, count)| *count == 1)
    }

    /// How many cells have a value for which `is_such` holds.
    pub fn count(&self, mut is_such: impl FnMut(Cell<'_>) -> bool) -> u64 {
        let such = self.values().filter(|(cell, _)| is_such(*cell));
        such.map(|(_, count)| count).sum()
    }
}
