//! What the background reports to the session.

use std::{path::PathBuf, sync::Arc};

use super::command::{CellChange, DocId, EndedUpload, Generation};
use crate::{
    check::{Checked, Suggested},
    domain::{
        dataset::Dataset, faults::Faults, issue::Cause, proposal::Proof, recipe::Recipe, rows::RowSet, rules::Levels,
        transform::Transform,
    },
    frame::{Edits, Frame, Order},
    settings::Environment,
    upload::{Limits, PastUpload, Preview, Report, UploadId, undo::UndoPreview},
};

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

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// The app has started: the environments, and recently opened files.
    Started {
        /// The environments, the local one first.
        environments: Vec<Environment>,
        /// Files opened lately, the latest first.
        recent: Vec<PathBuf>,
        /// How much the rules weigh.
        levels: Levels,
        /// How large requests may be, by data set.
        limits: [Limits; 3],
    },
    /// The local server listens.
    LocalReady {
        /// Its address.
        address: String,
    },
    /// The first rows of a file can be shown; the rest follows.
    Head {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The first rows.
        frame: Arc<Frame>,
        /// What its columns are taken for.
        suggested: Suggested,
    },
    /// The file of an opened table is no longer the one that was opened.
    FileChanged {
        /// The document.
        doc: DocId,
        /// The table.
        frame: Arc<Frame>,
    },
    /// More rows of a file can be shown; the rest follows.
    Grown {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The rows so far, with the columns of the first ones.
        frame: Arc<Frame>,
    },
    /// A file is open.
    Opened {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The file.
        frame: Arc<Frame>,
        /// What its columns are taken for.
        suggested: Suggested,
    },
    /// Transforms have been tried on all rows.
    Proven {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// Column, transform, and what it does.
        proofs: Vec<(usize, Transform, Proof)>,
    },
    /// A recipe has been read, to be applied.
    RecipeRead {
        /// The document.
        doc: DocId,
        /// The recipe.
        recipe: Box<Recipe>,
    },
    /// A recipe has been written.
    RecipeWritten(PathBuf),
    /// A file cannot be opened, or can no longer be read.
    Failed {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// Why, for people.
        reason: String,
    },
    /// The samples are there.
    SamplesReady(Vec<PathBuf>),
    /// A table has been checked.
    Checked {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// What was found.
        checked: Arc<Checked>,
    },
    /// Edited rows have been checked again.
    Rechecked {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// What holds now.
        checked: Arc<Checked>,
        /// The rows.
        rows: RowSet,
    },
    /// The repairs of a cause are worked out.
    Repaired {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The cause.
        cause: Cause,
        /// What changes.
        changes: Vec<CellChange>,
    },
    /// The rows in their new order.
    Sorted {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The column.
        column: u32,
        /// Largest first.
        descending: bool,
        /// File rows in display order.
        order: Order,
    },
    /// A copy has been written.
    Copied(PathBuf),
    /// The rows with problems have been written.
    Exported {
        /// Where.
        path: PathBuf,
        /// How many.
        rows: u64,
    },
    /// A table was held against what is stored.
    Previewed {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// What an upload would do, or why that is not known.
        outcome: Result<Arc<Preview>, String>,
    },
    /// A row was held against what is stored.
    Compared {
        /// The document.
        doc: DocId,
        /// The row.
        row: u32,
        /// What is stored and what would be sent, or why that is not known.
        outcome: Result<Compared, String>,
    },
    /// An upload has ended.
    Uploaded {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// How, and of what.
        ended: Box<EndedUpload>,
    },
    /// It is known what undoing an upload would do, or why not.
    UndoPreviewed(UploadId, Result<UndoPreview, String>),
    /// An undo has ended, or could not begin.
    Undone(Result<Box<Report>, String>),
    /// All uploads, the latest first; or why they are not known.
    Uploads(Result<Vec<PastUpload>, String>),
    /// What is laid over a file from the start: what a person had changed before its upload ended early, with what the
    /// server had refused; or values that were guarded against spreadsheets, as they were before.
    Restored {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// The changes.
        edits: Arc<Edits>,
        /// The rows with the server's words.
        refused: Vec<(u32, Vec<String>)>,
    },
    /// What is stored in a data set.
    Listed {
        /// The environment.
        environment: String,
        /// The data set.
        dataset: Dataset,
        /// The ids, or why they are not known.
        ids: Result<Vec<String>, String>,
    },
    /// One record.
    Got {
        /// The environment.
        environment: String,
        /// The data set.
        dataset: Dataset,
        /// Its id.
        id: String,
        /// Its JSON text, `None` when there is none, or why it is not known.
        record: Result<Option<String>, String>,
    },
    /// A page of interactions.
    Interactions {
        /// The environment.
        environment: String,
        /// Their JSON texts, with where the next page begins; or why they are not known.
        page: Result<(Vec<String>, Option<i64>), String>,
        /// Whether it is the first page.
        first: bool,
    },
    /// Records have been deleted.
    Deleted {
        /// The environment.
        environment: String,
        /// The data set.
        dataset: Dataset,
        /// How many, or why not.
        outcome: Result<u64, String>,
    },
    /// A wipe has ended.
    Wiped {
        /// The environment.
        environment: String,
        /// What happened: for every data set the number deleted, or why not.
        outcome: Vec<(Dataset, Result<u64, String>)>,
    },
    /// How many records are stored.
    Counted {
        /// The environment.
        environment: String,
        /// For every data set the number; `None` when the server cannot tell; or why it is not known.
        counts: Vec<(Dataset, Result<Option<u64>, String>)>,
    },
    /// What is made to go wrong in the local server, or why that is not known.
    Rehearsing(Result<Faults, String>),
    /// The environments have changed.
    Environments {
        /// All of them.
        environments: Vec<Environment>,
        /// Something to say about it, such as where the key is kept.
        notice: Option<String>,
    },
    /// Something that is good to know.
    Told(String),
    /// Something failed that belongs to no document.
    Problem(String),
}
