//! Whether what an upload stored is there: which of its records are read back.

use std::{ops::ControlFlow, sync::Arc};

use super::TableRef;
use crate::{
    api::Client,
    domain::{progress::Progress, record::Plan, rows::RowSet},
    frame::{Edits, Frame, FrameError},
    upload::{self, Account, Control, ReadBack, Report, RowState, Unread, UploadUpdate},
};

/// The records of a table that are read back once its upload has ended.
#[derive(Debug)]
pub(super) struct ReadBackSample {
    size: usize,
    frame: Arc<Frame>,
    edits: Edits,
    plan: Plan,
    /// Rows that are not asked for: those that were stored before it went on, which others may have deleted since; and
    /// those whose ids later rows have too.
    others: RowSet,
}

impl ReadBackSample {
    /// So many of the records that are stored from now on.
    pub(super) fn of(table: TableRef<'_>, size: usize, account: &Account) -> Self {
        let superseded = table.checked.superseded();
        let before = account.state().rows().rows(RowState::Stored);
        Self {
            size,
            frame: Arc::clone(table.frame),
            edits: table.edits.clone(),
            plan: table.checked.plan().clone(),
            others: before.map_or_else(|| superseded.clone(), |before| before.union(&superseded)),
        }
    }

    /// Reads them back; `None` when there are none.
    pub(super) async fn read(
        self,
        client: &Client,
        report: &Report,
        stop: (&Progress, &Control),
        on_event: &mut (dyn FnMut(UploadUpdate) + Send),
    ) -> Option<ReadBack> {
        let mut rows = report.states.rows(RowState::Stored).cloned().unwrap_or_default();
        rows.remove_all(&self.others);
        let stored = rows.len();
        if stored == 0 {
            return None;
        }
        let dataset = self.plan.dataset;
        let rows = spread(&rows, self.size as u64);
        let none = |why| Some(ReadBack::none(stored, rows.len() as u64, why));
        let Some(column) = dataset.id_field().and_then(|field| self.plan.column_of(field)) else {
            return none(Unread::Interactions);
        };
        match self.ids(&rows, column) {
            Ok(ids) => Some(upload::read_back(client, dataset, (ids, stored), stop, on_event).await),
            Err(error) => none(Unread::File(Arc::new(error))),
        }
    }

    /// The ids of rows.
    fn ids(&self, rows: &[u32], column: usize) -> Result<Vec<String>, FrameError> {
        let mut ids = Vec::new();
        for &row in rows {
            self.frame.scan(row..row + 1, &self.edits, &mut |_, cells| {
                ids.extend(self.plan.text(column, cells));
                ControlFlow::Continue(())
            })?;
        }
        Ok(ids)
    }
}

/// The first of the rows, the last, and others evenly between, at most so many.
fn spread(rows: &RowSet, size: u64) -> Vec<u32> {
    let size = size.min(rows.len());
    let gaps = size.saturating_sub(1).max(1);
    let place = |number: u64| number * (rows.len() - 1) / gaps;
    (0..size).filter_map(|number| rows.nth(place(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_the_rows() {
        let rows = RowSet::of_ranges([0..10, 1000..1091]);
        assert_eq!(spread(&rows, 5), [0, 1015, 1040, 1065, 1090]);
        assert_eq!(spread(&rows, 1), [0]);
        assert_eq!(spread(&rows, 2), [0, 1090]);
        assert_eq!(spread(&(3..6).collect(), 5), [3, 4, 5]);
        assert_eq!(spread(&RowSet::of_row(7), 5), [7]);
        assert_eq!(spread(&RowSet::default(), 5), Vec::<u32>::new());
    }
}
