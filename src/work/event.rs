//! What the background reports to the session.

use std::{path::PathBuf, sync::Arc};

use super::command::{CellChange, DocId, Generation};
use crate::{
    check::{Checked, Suggested},
    domain::{
        dataset::Dataset,
        faults::Faults,
        issue::Cause,
        recipe::Recipe,
        rules::Levels,
        transform::{Proof, Transform},
    },
    frame::{Edits, Frame},
    settings::Environment,
    upload::{Limits, Report, Upload},
};

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
        rows: Vec<u32>,
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
        order: Arc<[u32]>,
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
    /// An upload has ended.
    Uploaded {
        /// The document.
        doc: DocId,
        /// Of the request.
        generation: Generation,
        /// How.
        report: Box<Report>,
    },
    /// All uploads, the latest first, with whether a process is at it; or why they are not known.
    Uploads(Result<Vec<(bool, Upload)>, String>),
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
