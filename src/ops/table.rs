//! A checked table, as use cases take it.

use std::{ops::ControlFlow, sync::Arc};

use super::Error;
use crate::{
    check::Checked,
    frame::{Edits, Frame},
    upload::{RecordSource as _, SourceError, SourceItem, Stopped, TableRecords},
};

/// A checked table, as it is compared and sent.
#[derive(Clone, Copy, Debug)]
pub struct TableRef<'a> {
    /// The file.
    pub frame: &'a Arc<Frame>,
    /// The cells that a person changed.
    pub edits: &'a Edits,
    /// What was found in it.
    pub checked: &'a Checked,
}

impl TableRef<'_> {
    /// Its rows as records.
    pub(super) fn records(&self) -> TableRecords {
        TableRecords::new(Arc::clone(self.frame), self.edits.clone(), self.checked)
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> u64 {
        u64::from(self.frame.len())
    }

    /// Passes every row that would be sent to `see`, with its id and its record as JSON; how many there are.
    pub(super) fn each_record(&self, see: &mut dyn FnMut(u32, &str, &str) -> Result<(), Error>) -> Result<u64, Error> {
        let mut records = self.records();
        let mut sent = 0;
        while let Some(item) = records.next() {
            let item = item.map_err(|error| match error {
                SourceError::Frame(error) => Error::Frame(error),
                other @ (SourceError::Ledger(_) | SourceError::Damaged { .. } | SourceError::Panicked) => {
                    Stopped::from(other).into()
                }
            })?;
            if let SourceItem::Record(record) = item
                && let Some(id) = &record.id
            {
                see(record.row, id, &record.text())?;
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// The id of a row, and its record as JSON.
    pub(super) fn record_at(&self, row: u32) -> Result<(String, String), Error> {
        let plan = self.checked.plan();
        let column = plan.dataset.id_field().and_then(|id| plan.column_of(id));
        let (mut id, mut json) = (String::new(), Vec::new());
        self.frame.scan(row..row + 1, self.edits, &mut |_, cells| {
            id = column.and_then(|column| plan.text(column, cells)).unwrap_or_default();
            plan.write(cells, &mut json);
            ControlFlow::Break(())
        })?;
        Ok((id, String::from_utf8_lossy(&json).into_owned()))
    }
}
