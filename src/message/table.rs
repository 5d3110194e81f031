//! Tables, rows and cells as they cross between session and background: heavy data as `Arc`.

use std::sync::Arc;

use crate::{
    check::Checked,
    frame::{Edits, Frame},
    upload::Report,
};

/// A table as it stands: what a worker needs to read it.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file.
    pub frame: Arc<Frame>,
    /// What was changed in it.
    pub edits: Arc<Edits>,
}

/// A record as it is stored, and as it would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its id.
    pub id: String,
    /// The stored JSON text; `None`: nothing is stored.
    pub stored: Option<String>,
    /// The JSON text that would be sent.
    pub new: String,
}

/// What remains of an upload for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// What became of it: a page, JSON, or a list of the rows that are not stored.
    Report,
    /// The rows that are not stored, as they stand in the file, with what is wrong with them.
    Rows,
}

/// An upload that has ended, with the file as it was then.
#[derive(Clone, Debug)]
pub struct EndedUpload {
    /// The file.
    pub table: Table,
    /// What was found in it.
    pub checked: Arc<Checked>,
    /// How it ended.
    pub report: Report,
    /// Where it went: name and address.
    pub environment: String,
}
