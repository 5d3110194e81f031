//! Filling cells with what stands above them, as it is: what was a number or a text there is one here.

use std::ops::Range;

use super::{OpenDocument, Session, reduce::MANY_CELLS};
use crate::{
    domain::{cell::OwnedCell, ids::DocumentId, number::grouped},
    message::Command,
};

impl OpenDocument {
    /// The cells that are filled from the first of these rows as shown; of a single row, from the one above. None where
    /// there is no row above, or it can no longer be read, which others tell.
    fn filled(&self, rows: Range<u64>, columns: &[u32]) -> Vec<(u32, u32, OwnedCell)> {
        let below = if rows.end - rows.start == 1 {
            rows
        } else {
            rows.start + 1..rows.end
        };
        let source = below.start.checked_sub(1).and_then(|row| self.view.file_row(row));
        let Some(source) = source else { return Vec::new() };
        let read = self.view.frame.read(source..source + 1, &self.view.edits);
        let Some(cells) = read.unwrap_or_default().into_iter().next() else {
            return Vec::new();
        };
        let rows = below.filter_map(|row| self.view.file_row(row));
        let filled = rows.flat_map(|row| {
            let cell = |column: &u32| cells.get(*column as usize).cloned().unwrap_or_default();
            columns.iter().map(move |column| (row, *column, cell(column)))
        });
        filled.collect()
    }
}

impl Session {
    /// Puts what the first of these rows as shown has in some columns into all of them.
    pub(super) fn fill_down(&mut self, doc: DocumentId, rows: Range<u64>, columns: &[u32]) -> Vec<Command> {
        let filled = self
            .open_mut(doc)
            .map(|open| open.filled(rows, columns))
            .unwrap_or_default();
        let (Some(first), Some(last)) = (filled.first(), filled.last()) else {
            return Vec::new();
        };
        let cursors = [last, first].map(|(row, column, _)| (*row, *column));
        let count = filled.len();
        let put = |session: &mut Self| session.change(doc, |open| open.put_cells(filled, cursors));
        if count < MANY_CELLS {
            return put(self);
        }
        self.telling(doc, |session| {
            (put(session), format!("Filled {} cells", grouped(count as u64)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::{Edits, SortBy},
        session::{
            TableAction,
            sequence_test::{act, opened},
        },
    };

    fn edits(session: &Session, doc: DocumentId) -> &Edits {
        &session.find(doc).unwrap().open().unwrap().view.edits
    }

    #[test]
    fn a_range_is_filled_from_its_first_row_and_a_cell_from_the_one_above() {
        let (mut session, doc) = opened();
        let fill = |rows, columns: &[u32]| TableAction::FillDown {
            rows,
            columns: columns.to_vec(),
        };
        act(&mut session, doc, fill(1..4, &[1, 2]));
        let text = |text: &str| Some(OwnedCell::Text(text.into()));
        for row in [2, 3] {
            assert_eq!(edits(&session, doc).get(row, 1).cloned(), text("Mat"));
            assert_eq!(edits(&session, doc).get(row, 2).cloned(), text("7,50"));
        }
        assert_eq!(edits(&session, doc).len(), 4);
        act(&mut session, doc, TableAction::Undo);
        assert!(edits(&session, doc).is_empty(), "one step");

        // As the rows are shown, and what is empty above is empty below.
        let by = SortBy {
            column: 1,
            descending: false,
        };
        act(&mut session, doc, TableAction::Sort(vec![by]));
        act(&mut session, doc, fill(2..3, &[0]));
        assert_eq!(
            edits(&session, doc).get(0, 0),
            Some(&OwnedCell::Missing),
            "Lamp stands under Cup"
        );
        act(&mut session, doc, TableAction::Undo);
        act(&mut session, doc, fill(0..1, &[0]));
        assert!(edits(&session, doc).is_empty(), "nothing is above the first row");
    }
}
