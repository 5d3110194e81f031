//! Rows in an order of their own.

use std::{iter, sync::Arc};

/// Rows in an order of their own, and where each of them stands in it: 8 bytes a row. Clones share both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    rows: Arc<[u32]>,
    places: Arc<[u32]>,
}

impl Order {
    /// All rows of a table, each once. Takes time that grows with them.
    pub fn new(rows: Arc<[u32]>) -> Self {
        let mut places: Arc<[u32]> = iter::repeat_n(0, rows.len()).collect();
        let slots = Arc::make_mut(&mut places);
        for (place, row) in (0..).zip(&*rows) {
            if let Some(slot) = slots.get_mut(*row as usize) {
                *slot = place;
            }
        }
        Self { rows, places }
    }

    /// The rows.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Where a row stands among them.
    pub fn place(&self, row: u32) -> Option<u32> {
        self.places.get(row as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_is_found_where_it_stands(rows in Just((0_u32..50).collect::<Vec<_>>()).prop_shuffle()) {
            let order = Order::new(rows.as_slice().into());
            for row in 0..52 {
                let place = rows.iter().position(|other| *other == row);
                prop_assert_eq!(order.place(row).map(|place| place as usize), place);
            }
        }
    }
}
