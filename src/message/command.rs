//! What the session asks the background to do.

use std::{path::PathBuf, sync::Arc};

use super::{EndedUpload, Generation, ReportKind, Request, Table, UploadWatch, kept::Kept};
use crate::{
    check::Checked,
    domain::{
        cell_query::{CellQuery, Replacement},
        dataset::Dataset,
        faults::Faults,
        filter::ValueTest,
        ids::DocumentId,
        issue::Cause,
        key::ApiKey,
        mapping::{Mapping, Offer},
        progress::Progress,
        recipe::Recipe,
        record::{Part, Plan},
        rows::RowSet,
        rules::Levels,
        transform::Transform,
    },
    frame::{Frame, OpenOptions, Shown, SortBy},
    ops::guard::Consent,
    settings::Environment,
    upload::{BatchLimits, Control, UploadId, WriteOptions},
};

/// Work for the background.
#[derive(Debug)]
pub enum Command {
    /// Read a file: on a thread that may block.
    Table(Request, TableCommand),
    /// Send a file, or see what sending would do or has done: the network and the ledger.
    Upload(UploadCommand),
    /// Read or delete what is stored in the environment of that name: the network, and the ledger where the server has no
    /// list.
    Stored(String, StoredCommand),
    /// What this machine keeps: environments, levels of rules, recipes, samples.
    Settings(SettingsCommand),
    /// What is open is kept for the next start.
    Keep(KeepCommand),
}

/// Work on a document's file.
#[derive(Debug)]
pub enum TableCommand {
    /// Open a file, show its first rows, index it, and check it.
    Open {
        path: PathBuf,
        options: OpenOptions,
        /// The data set, when a person chose it.
        dataset: Option<Dataset>,
        levels: Levels,
        /// Counts bytes, then rows.
        progress: Arc<Progress>,
    },
    /// Read the first rows of a file with other options.
    PreviewImport {
        path: PathBuf,
        options: OpenOptions,
        /// Names the preview.
        search: Generation,
        /// Cancels.
        progress: Arc<Progress>,
    },
    /// Check a table as a mapping interprets it.
    Check {
        table: Table,
        mapping: Mapping,
        levels: Levels,
        /// Counts rows.
        progress: Arc<Progress>,
    },
    /// Try transforms on all rows.
    Prove {
        table: Table,
        mapping: Mapping,
        /// Columns and their transforms.
        wanted: Vec<(usize, Transform)>,
        progress: Arc<Progress>,
    },
    /// Check edited rows again.
    Recheck {
        table: Table,
        checked: Arc<Checked>,
        rows: RowSet,
    },
    /// Work out the repairs of every row that has one of some causes.
    Repair {
        table: Table,
        checked: Arc<Checked>,
        /// The causes to repair.
        causes: Vec<Cause>,
        /// What is done about columns in the same step.
        offers: Vec<Offer>,
    },
    /// Sort the rows by columns.
    Sort {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        by: Vec<SortBy>,
        /// Names the search for the order.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Look for the rows whose values are as wanted.
    Filter {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        /// Columns, and what is wanted of their values.
        wanted: Vec<(u32, ValueTest)>,
        /// Names the search.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Count the values of a column.
    CountValues {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        column: u32,
        /// Names the search.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Look for a text in the cells of the rows that are shown.
    Find {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        shown: Shown,
        query: CellQuery,
        /// Names the search.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Count what replacing a text in the rows that are shown would do.
    CountReplace {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        shown: Shown,
        replacement: Replacement,
        /// Names the search.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Replace a text in the rows that are shown.
    Replace {
        table: Table,
        /// How values are rewritten.
        plan: Arc<Plan>,
        /// What is known of the columns, once all rows are checked.
        checked: Option<Arc<Checked>>,
        shown: Shown,
        replacement: Replacement,
        /// Names the work.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Look for the row on a line or with an id.
    FindRow {
        table: Table,
        /// The number of a line, or an id.
        text: String,
        /// The column with the ids.
        id_column: Option<u32>,
        /// Names the search.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Work out statistics of columns.
    Statistics {
        table: Table,
        columns: Vec<u32>,
        /// What the columns become.
        parts: Vec<Option<Part>>,
        /// Whether all rows are looked at, of one column, or a sample.
        is_whole: bool,
        /// Names the work.
        search: Generation,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Write the table to another file in its own format and dialect, with the changes.
    SaveCopy { table: Table, path: PathBuf },
    /// Write the rows that have problems, with their reasons, to a CSV file.
    Export {
        table: Table,
        checked: Arc<Checked>,
        path: PathBuf,
    },
}

/// How an upload or an undo is watched and steered while it runs.
#[derive(Clone, Debug)]
pub struct RunHandles {
    pub progress: Arc<Progress>,
    /// Pauses, and stops without giving up what is under way.
    pub control: Arc<Control>,
    /// Where its state is shown.
    pub watch: Arc<UploadWatch>,
}

/// An upload that is to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevertOrder {
    /// From the beginning.
    Begin {
        upload: UploadId,
        /// Whether records are put back as well that somebody has changed since.
        over_changes: bool,
    },
    /// An undo that ended early goes on.
    GoOn(UploadId),
}

/// An upload that is to begin.
#[derive(Debug)]
pub struct NewUpload {
    pub table: Table,
    /// How its file was read.
    pub options: OpenOptions,
    pub mapping: Mapping,
    pub checked: Arc<Checked>,
    /// The name of the environment to upload to.
    pub environment: String,
    /// What was said to change what it stores.
    pub consent: Consent,
    /// How large requests may be.
    pub limits: BatchLimits,
    /// What is done about stored records with the same ids.
    pub write_options: WriteOptions,
    /// Whether the server shall only check.
    pub dry_run: bool,
}

/// Work on uploads.
#[derive(Debug)]
pub enum UploadCommand {
    /// Hold a table against what is stored, without changing anything.
    Preview {
        request: Request,
        table: Table,
        checked: Arc<Checked>,
        environment: String,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Hold one row against what is stored.
    Compare {
        request: Request,
        table: Table,
        checked: Arc<Checked>,
        row: u32,
        environment: String,
    },
    /// Upload the rows without errors.
    Start {
        request: Request,
        /// What, how, and where to.
        upload: Box<NewUpload>,
        handles: RunHandles,
    },
    /// Open the file of an unfinished upload, and send the rest of it.
    Resume {
        /// The document it becomes.
        request: Request,
        upload: UploadId,
        consent: Consent,
        handles: RunHandles,
    },
    /// Look what undoing an upload would do.
    PreviewUndo {
        upload: UploadId,
        /// Counts records; cancels.
        progress: Arc<Progress>,
    },
    /// Undo an upload.
    Undo {
        order: RevertOrder,
        consent: Consent,
        handles: RunHandles,
    },
    /// Forget what was there before an upload.
    DiscardSnapshot(UploadId),
    /// Write what remains of an upload that has just ended.
    Report {
        ended: Box<EndedUpload>,
        path: PathBuf,
        what: ReportKind,
    },
    /// Write what remains of an upload of before, whose file must be the same as then.
    ReportPast {
        upload: UploadId,
        path: PathBuf,
        what: ReportKind,
    },
    /// List all uploads.
    List,
    /// Look through the whole record of uploads.
    Check,
    /// Rebuild the record of uploads.
    Repair,
    /// Do not offer to go on with an upload any more.
    SetAside(UploadId),
}

/// Work on what is stored in an environment.
#[derive(Debug)]
pub enum StoredCommand {
    /// List the ids of a data set other than interactions.
    List(Dataset),
    /// Read one record, by its id.
    Get(Dataset, String),
    /// Read a page of interactions.
    ListInteractions {
        /// Where the page before ended; `None`: the first page.
        after: Option<i64>,
    },
    /// Delete records by id; of interactions, those of the users named.
    Delete {
        dataset: Dataset,
        ids: Vec<String>,
        consent: Consent,
    },
    /// Delete everything of all data sets.
    Wipe {
        consent: Consent,
        /// Counts records; cancels.
        progress: Arc<Progress>,
    },
    /// Count the records of every data set.
    Count,
    /// Ask the local server what it is made to do wrong, or make it do other things wrong: `None` only asks.
    Rehearse(Option<Faults>),
}

/// Work on what is kept for the next start.
#[derive(Debug)]
pub enum KeepCommand {
    /// Keep all of this, and nothing else.
    Save {
        /// Counts; one that comes after a later one is left out.
        turn: u64,
        all: Vec<Kept>,
    },
}

/// Work on what this machine keeps.
#[derive(Debug)]
pub enum SettingsCommand {
    /// Remember an environment and its key.
    SaveEnvironment {
        environment: Environment,
        /// Its key; `None` keeps the one it has.
        key: Option<ApiKey>,
        /// The environment's name, where it was typed: then a key that it is not known by yet is its own.
        confirmed: Option<String>,
    },
    /// Forget the environment of that name and its key.
    RemoveEnvironment(String),
    /// Remember how much the rules weigh.
    SaveLevels(Levels),
    /// Keep a recipe for files with the same columns.
    SaveRecipe(Box<Recipe>),
    /// Forget the recipe for files with these columns.
    ForgetRecipe(Vec<String>),
    /// Write a recipe to a file, but not over that of the table it is for.
    ExportRecipe(Box<Recipe>, Arc<Frame>, PathBuf),
    /// Read a recipe from a file, to be applied to a document.
    ReadRecipe(DocumentId, PathBuf),
    /// Write the samples into a folder, so that they can be opened.
    UnpackSamples,
}
