//! What the background reports to the session.

use std::{path::PathBuf, sync::Arc};

use super::{Compared, EndedUpload, Generation, Request, WorkError, kept::FoundSession};
use crate::{
    check::{Checked, Suggested},
    domain::{
        dataset::Dataset, faults::Faults, ids::DocumentId, issue::Cause, mapping::Offer, proposal::Proof,
        recipe::Recipe, rows::RowSet, rules::Levels, transform::Transform,
    },
    frame::{ColumnStatistics, Edits, Frame, Order},
    ops::{
        filter::ColumnValues,
        import::ImportPreview,
        replace::{ReplaceCount, TextReplaced},
    },
    settings::Environment,
    upload::{BatchLimits, LedgerRepair, Preview, Report, UploadId, UploadList, revert::RevertPreview},
};

/// A report of the background.
#[derive(Debug)]
pub enum Event {
    /// A document's file was read; the request is the one that is answered.
    Table(Request, TableEvent),
    /// Something about an upload.
    Upload(UploadEvent),
    /// Something about what is stored in the environment of that name.
    Stored(String, StoredEvent),
    /// Something about what this machine keeps.
    Settings(SettingsEvent),
    /// Something about what is kept for the next start.
    Keep(KeepEvent),
    /// Another start of the program was given these files, and leaves them to this one.
    HandedOver(Vec<PathBuf>),
    /// A message for people.
    Told(String),
    /// A failure that no request waits for.
    Problem(String),
}

/// What was found in a document's file.
#[derive(Debug)]
pub enum TableEvent {
    /// The first rows can be shown; the rest follows.
    Head {
        /// The first rows.
        frame: Arc<Frame>,
        /// What its columns are taken for.
        suggested: Suggested,
    },
    /// More rows can be shown, with the columns of the first ones; the rest follows.
    Grown(Arc<Frame>),
    /// The file is open.
    Opened {
        frame: Arc<Frame>,
        /// What its columns are taken for.
        suggested: Suggested,
    },
    /// What is laid over a file from the start: what a person had changed before its upload ended early, with what the
    /// server had refused; or values that were guarded against spreadsheets, as they were before.
    Restored {
        edits: Arc<Edits>,
        /// The rows with the server's words.
        refused: Vec<(u32, Vec<String>)>,
    },
    /// All rows have been checked.
    Checked(Arc<Checked>),
    /// The file cannot be opened or checked, or can no longer be read: why, for people.
    Failed(String),
    /// Opening the file would take more than is taken unasked: what, for people.
    TooLarge(String),
    /// There is no such file.
    Missing,
    /// Edited rows have been checked again: what holds now.
    Rechecked(Arc<Checked>),
    /// Transforms have been tried on all rows: column, transform, and what it does.
    Proven(Vec<(usize, Transform, Proof)>),
    /// The repairs of some causes are worked out.
    Repaired {
        causes: Vec<Cause>,
        /// What is done about columns in the same step.
        offers: Vec<Offer>,
        /// What was changed before.
        before: Arc<Edits>,
        /// The same with the repairs.
        edits: Arc<Edits>,
        /// The rows that are repaired.
        rows: RowSet,
    },
    /// The rows are sorted.
    Sorted {
        search: Generation,
        /// File rows in display order, or why that is not known.
        order: Result<Order, WorkError>,
    },
    /// The search for the rows of filters has ended.
    Filtered {
        search: Generation,
        /// The rows of each filter, or why they are not known.
        rows: Result<Vec<RowSet>, WorkError>,
    },
    /// The values of a column are counted.
    CountedValues {
        search: Generation,
        /// The values, or why they are not known.
        values: Result<ColumnValues, WorkError>,
    },
    /// A search has ended.
    Found {
        search: Generation,
        /// The display rows that have the text, or why they are not known.
        places: Result<RowSet, WorkError>,
    },
    /// What replacing a text would do is counted.
    CountedReplace {
        search: Generation,
        /// The count, or why it is not known.
        count: Result<ReplaceCount, WorkError>,
    },
    /// A text is replaced.
    Replaced {
        search: Generation,
        /// What the changes are with it, or why nothing was replaced.
        replaced: Result<TextReplaced, WorkError>,
    },
    /// The search for a row has ended.
    FoundRow {
        search: Generation,
        /// The row, if there is one, or why that is not known.
        row: Result<Option<u32>, WorkError>,
    },
    /// The first rows were read with other options.
    ImportPreviewed {
        search: Generation,
        /// The rows, or why they cannot be read so.
        preview: Result<ImportPreview, WorkError>,
    },
    /// Statistics of columns have been worked out.
    Statistics {
        search: Generation,
        /// One a column, or why they are not known.
        found: Result<Vec<ColumnStatistics>, WorkError>,
    },
    /// A copy has been written there.
    Copied(PathBuf),
    /// A copy could not be written: why, for people.
    NotCopied(String),
    /// The rows with problems have been written.
    Exported { path: PathBuf, rows: u64 },
    /// The file of this table is no longer the one that was opened.
    FileChanged(Arc<Frame>),
}

/// What became of uploads.
#[derive(Debug)]
pub enum UploadEvent {
    /// A table was held against what is stored: what an upload would do, or why that is not known.
    Previewed(Request, Result<Arc<Preview>, WorkError>),
    /// A row was held against what is stored.
    Compared {
        request: Request,
        row: u32,
        /// What is stored and what would be sent, or why that is not known.
        outcome: Result<Compared, WorkError>,
    },
    /// An upload has ended: how, and of what.
    Ended(Request, Box<EndedUpload>),
    /// An upload could not begin, or was given up: why.
    Failed(Request, WorkError),
    /// It is known what undoing an upload would do, or why not.
    UndoPreviewed(UploadId, Result<RevertPreview, WorkError>),
    /// An undo has ended, or could not begin.
    Undone(Result<Box<Report>, WorkError>),
    /// All uploads, the latest first; or why they are not known.
    Listed(Result<UploadList, WorkError>),
    /// The whole record of uploads was looked through: what is wrong with it.
    Examined(Result<(), WorkError>),
    /// The record of uploads was repaired: what became of it.
    Repaired(LedgerRepair),
}

/// What is stored in an environment, or was done to it.
#[derive(Debug)]
pub enum StoredEvent {
    /// The ids of a data set, or why they are not known.
    Listed(Dataset, Result<Vec<String>, WorkError>),
    /// The server has no list: the ids that this machine sent.
    ListedSent {
        dataset: Dataset,
        ids: Vec<String>,
        /// What cannot be known of them, for people.
        caveat: String,
    },
    /// One record.
    Got {
        dataset: Dataset,
        id: String,
        /// Its JSON text, `None` when there is none, or why it is not known.
        record: Result<Option<String>, WorkError>,
    },
    /// A page of interactions.
    Interactions {
        /// Their JSON texts, with where the next page begins; or why they are not known.
        page: Result<(Vec<String>, Option<i64>), WorkError>,
        /// Whether it is the first page.
        first: bool,
    },
    /// Records have been deleted: how many, `None` when the server does not say; or why not.
    Deleted(Dataset, Result<Option<u64>, WorkError>),
    /// A wipe has ended: for every data set the number deleted, or why not all; that nobody can know what is left counts
    /// as not supported.
    Wiped(Vec<(Dataset, Result<u64, WorkError>)>),
    /// For every data set how many records are stored; `None` when the server cannot tell; or why it is not known.
    Counted(Vec<(Dataset, Result<Option<u64>, WorkError>)>),
    /// What is made to go wrong in the local server, or why that is not known.
    Rehearsing(Result<Faults, WorkError>),
}

/// What is kept for the next start.
#[derive(Debug)]
pub enum KeepEvent {
    /// What was open when the program ended last.
    Found(Box<FoundSession>),
    /// All is kept that was to be.
    Saved,
    /// Something is not kept: why, for people.
    Failed(WorkError),
}

/// What this machine keeps, and what was done to it.
#[derive(Debug)]
pub enum SettingsEvent {
    /// The app has started, and the settings are read.
    Started {
        /// The environments, the local one first.
        environments: Vec<Environment>,
        /// Files opened lately, the latest first.
        recent: Vec<PathBuf>,
        /// Recipes read or written lately, the latest first.
        recent_recipes: Vec<PathBuf>,
        levels: Levels,
        /// How large requests may be, by data set.
        limits: [BatchLimits; 3],
    },
    /// The local server listens at an address.
    LocalReady(String),
    /// The environments have changed.
    Environments {
        environments: Vec<Environment>,
        /// Something to say about it, such as where the key is kept.
        notice: Option<String>,
    },
    /// A recipe has been read, to be applied to a document.
    RecipeRead {
        document: DocumentId,
        recipe: Box<Recipe>,
        /// Its file.
        path: PathBuf,
    },
    /// A recipe has been written there.
    RecipeWritten(PathBuf),
    /// The samples are there.
    SamplesReady(Vec<PathBuf>),
}
