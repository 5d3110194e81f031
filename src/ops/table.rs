//! A checked table, as use cases take it.

use std::sync::Arc;

use crate::{
    check::Checked,
    frame::{Edits, Frame},
    upload::TableRecords,
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
}
