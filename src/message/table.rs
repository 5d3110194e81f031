//! Tables, rows and cells as they cross between session and background: heavy data as `Arc`.

use std::sync::Arc;

use crate::{
    check::Checked,
    frame::{Edits, Frame},
    ops::TableRef,
    upload::Report,
};

/// A table as it stands: what a worker needs to read it.
#[derive(Clone, Debug)]
pub struct Table {
    pub frame: Arc<Frame>,
    /// The cells that a person changed.
    pub edits: Arc<Edits>,
}

impl Table {
    /// The table with what was found in it.
    pub fn as_ref<'a>(&'a self, checked: &'a Checked) -> TableRef<'a> {
        TableRef {
            frame: &self.frame,
            edits: &self.edits,
            checked,
        }
    }
}

/// An upload that has ended, with the file as it was then.
#[derive(Clone, Debug)]
pub struct EndedUpload {
    pub table: Table,
    /// What was found in it.
    pub checked: Arc<Checked>,
    pub report: Report,
    /// Where it went: name and address.
    pub environment: String,
}
