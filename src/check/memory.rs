//! Values that were found to be fine a moment ago. Most columns have few different ones (brands, states, categories),
//! which are then judged once; of a column that has many, nothing is kept.

use crate::domain::{bytes, cell::Cell};

/// Longer values are not kept.
const LONGEST: usize = 55;

/// How many values of a column are kept.
const SLOTS: usize = 64;

/// Of a table with more columns nothing is kept: it would be megabytes that no cache holds, for the few rows that are
/// looked at in one go.
const MOST_COLUMNS: usize = 1024;

/// After so many cells it is looked whether keeping values is worth it.
const TRIAL: u32 = 96;

/// The values that are fine, by column.
#[derive(Debug, Default)]
pub(super) struct Memory {
    columns: Vec<Values>,
}

#[derive(Debug, Default)]
struct Values {
    slots: Vec<Slot>,
    asked: u32,
    known: u32,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The value's length, plus [`JSON`] when it is JSON; 0 when there is none.
    kind: u8,
    bytes: [u8; LONGEST],
}

const JSON: u8 = 128;

impl Memory {
    pub(super) fn new(columns: usize) -> Self {
        let kept = if columns > MOST_COLUMNS { 0 } else { columns };
        Self {
            columns: (0..kept).map(|_| Values::default()).collect(),
        }
    }

    /// Whether the same cell was found to be fine before.
    #[inline]
    pub(super) fn knows(&mut self, column: usize, cell: Cell<'_>) -> bool {
        let Some(values) = self.columns.get_mut(column) else {
            return false;
        };
        if values.is_given_up() {
            return false;
        }
        let Some((kind, bytes)) = key(cell) else {
            return false;
        };
        values.asked = values.asked.saturating_add(1);
        let is_known = values
            .slots
            .get(slot(bytes))
            .is_some_and(|slot| slot.kind == kind && bytes::begins_with(&slot.bytes, bytes));
        values.known += u32::from(is_known);
        is_known
    }

    /// Keeps a cell that is fine.
    pub(super) fn learn(&mut self, column: usize, cell: Cell<'_>) {
        if let Some(values) = self.columns.get_mut(column)
            && !values.is_given_up()
            && let Some((kind, bytes)) = key(cell)
        {
            if values.slots.is_empty() {
                values.slots = vec![
                    Slot {
                        kind: 0,
                        bytes: [0; LONGEST],
                    };
                    SLOTS
                ];
            }
            if let Some(slot) = values.slots.get_mut(slot(bytes))
                && let Some(room) = slot.bytes.get_mut(..bytes.len())
            {
                room.copy_from_slice(bytes);
                slot.kind = kind;
            }
        }
    }
}

impl Values {
    const fn is_given_up(&self) -> bool {
        self.asked >= TRIAL && self.known * 2 < self.asked
    }
}

fn key(cell: Cell<'_>) -> Option<(u8, &[u8])> {
    let (json, text) = match cell {
        Cell::Missing => return None,
        Cell::Text(text) => (0, text),
        Cell::Json(text) => (JSON, text),
    };
    let len = u8::try_from(text.len()).ok().filter(|len| (1..=55).contains(len))?;
    Some((len | json, text.as_bytes()))
}

/// Where a value is kept: told by its length, its beginning and its end, which is quick and good enough.
#[inline]
fn slot(value: &[u8]) -> usize {
    let mixed = bytes::spread(bytes::ends(value) ^ value.len() as u64);
    (mixed >> 58) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_cell_is_known() {
        let mut memory = Memory::new(2);
        let long = "x".repeat(LONGEST + 1);
        memory.learn(0, Cell::Text("IN_STOCK"));
        memory.learn(0, Cell::Text(&long));
        for (column, cell, expect) in [
            (0, Cell::Text("IN_STOCK"), true),
            (0, Cell::Json("IN_STOCK"), false),
            (0, Cell::Text("IN_STOCk"), false),
            (0, Cell::Text("IN_STOC"), false),
            (0, Cell::Text(""), false),
            (0, Cell::Missing, false),
            (0, Cell::Text(&long), false),
            (1, Cell::Text("IN_STOCK"), false),
            (9, Cell::Text("IN_STOCK"), false),
        ] {
            assert_eq!(memory.knows(column, cell), expect, "{column} {cell:?}");
        }
    }

    #[test]
    fn columns_of_many_values_are_given_up() {
        let mut memory = Memory::new(1);
        for number in 0..TRIAL {
            memory.knows(0, Cell::Text(&number.to_string()));
        }
        memory.learn(0, Cell::Text("1"));
        assert!(!memory.knows(0, Cell::Text("1")));
    }
}
