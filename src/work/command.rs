//! What the session asks the background to do. A closed set, so that every trigger of work is visible here.

use std::{path::PathBuf, sync::Arc};

use super::watch::UploadWatch;
use crate::{
    api::ApiKey,
    check::Checked,
    domain::{
        cell::OwnedCell, dataset::Dataset, faults::Faults, issue::Cause, mapping::Mapping, progress::Progress,
        recipe::Recipe, rows::RowSet, rules::Levels, transform::Transform,
    },
    frame::{Edits, Frame, OpenOptions},
    settings::Environment,
    upload::{Control, Limits, Manner, Report, UploadId},
};

/// An opened file in the app; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(pub u32);

/// Which request an answer belongs to: answers to older ones are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Generation(pub u64);

/// A table as it stands: what a worker needs to read it.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file.
    pub frame: Arc<Frame>,
    /// What was changed in it.
    pub edits: Arc<Edits>,
}

/// An upload that is to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoOrder {
    /// From the beginning.
    Begin {
        /// The upload.
        upload: UploadId,
        /// Whether records are put back as well that somebody has changed since.
        over_changes: bool,
    },
    /// An undo that ended early goes on.
    GoOn(UploadId),
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

/// One piece of work.
#[derive(Debug)]
pub enum Command {
    /// Open a file, show its first rows, index it, and check it.
    Open {
        /// The document it becomes.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The file.
        path: PathBuf,
        /// How to read it.
        options: OpenOptions,
        /// The data set, when a person chose it.
        dataset: Option<Dataset>,
        /// How much the rules weigh.
        levels: Levels,
        /// Counts bytes, then rows.
        progress: Arc<Progress>,
    },
    /// Write the samples into a folder and open them.
    UnpackSamples,
    /// Check a table as a mapping interprets it.
    Check {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// The mapping.
        mapping: Mapping,
        /// How much the rules weigh.
        levels: Levels,
        /// Counts rows.
        progress: Arc<Progress>,
    },
    /// Try transforms on all rows.
    Prove {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// The mapping.
        mapping: Mapping,
        /// Columns and their transforms.
        wanted: Vec<(usize, Transform)>,
        /// Cancels.
        progress: Arc<Progress>,
    },
    /// Keep a recipe for files with the same columns.
    SaveRecipe(Box<Recipe>),
    /// Forget the recipe for files with these columns.
    ForgetRecipe(Vec<String>),
    /// Write a recipe to a file.
    ExportRecipe(Box<Recipe>, Arc<Frame>, PathBuf),
    /// Read a recipe from a file, to be applied to a document.
    ReadRecipe(DocId, PathBuf),
    /// Check edited rows again.
    Recheck {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// What was found before.
        checked: Arc<Checked>,
        /// The edited rows.
        rows: RowSet,
    },
    /// Work out the repairs of every row that has a cause.
    Repair {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// What was found.
        checked: Arc<Checked>,
        /// The cause to repair.
        cause: Cause,
    },
    /// Sort the rows by a column.
    Sort {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// The column.
        column: u32,
        /// Largest first.
        descending: bool,
    },
    /// Write the table to another file in its own format and dialect, with the changes.
    SaveCopy {
        /// The table.
        table: Table,
        /// Where to.
        path: PathBuf,
    },
    /// Write the rows that have problems, with their reasons, to a CSV file.
    Export {
        /// The document.
        doc: DocId,
        /// The table.
        table: Table,
        /// What was found.
        checked: Arc<Checked>,
        /// Where to.
        path: PathBuf,
    },
    /// Hold a table against what is stored, without changing anything.
    Preview {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// What was found.
        checked: Arc<Checked>,
        /// The environment's name.
        environment: String,
        /// Counts rows; cancels.
        progress: Arc<Progress>,
    },
    /// Hold one row against what is stored.
    Compare {
        /// The document.
        doc: DocId,
        /// The table.
        table: Table,
        /// What was found.
        checked: Arc<Checked>,
        /// The row.
        row: u32,
        /// The environment's name.
        environment: String,
    },
    /// Upload the rows without errors.
    Upload {
        /// The document.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The table.
        table: Table,
        /// How its file was read.
        options: OpenOptions,
        /// Which column is which field.
        mapping: Mapping,
        /// What was found.
        checked: Arc<Checked>,
        /// Where to: an environment's name.
        environment: String,
        /// How large requests may be.
        limits: Limits,
        /// What is done about what is stored.
        manner: Manner,
        /// Whether the server shall only check.
        dry_run: bool,
        /// Cancels.
        progress: Arc<Progress>,
        /// Pauses, and stops without giving up what is under way.
        control: Arc<Control>,
        /// Where its state is shown.
        watch: Arc<UploadWatch>,
    },
    /// Open the file of an unfinished upload, and send the rest of it.
    Resume {
        /// The document it becomes.
        doc: DocId,
        /// Of this request.
        generation: Generation,
        /// The upload.
        upload: UploadId,
        /// Cancels.
        progress: Arc<Progress>,
        /// Pauses, and stops without giving up what is under way.
        control: Arc<Control>,
        /// Where its state is shown.
        watch: Arc<UploadWatch>,
    },
    /// Look what undoing an upload would do.
    PreviewUndo {
        /// The upload.
        upload: UploadId,
        /// Counts records; cancels.
        progress: Arc<Progress>,
    },
    /// Undo an upload.
    Undo {
        /// What is to be done.
        order: UndoOrder,
        /// Cancels.
        progress: Arc<Progress>,
        /// Pauses, and stops without giving up what is under way.
        control: Arc<Control>,
        /// Where its state is shown.
        watch: Arc<UploadWatch>,
    },
    /// Forget what was there before an upload.
    DiscardSnapshot(UploadId),
    /// Write what remains of an upload that has just ended.
    Report {
        /// The upload.
        ended: Box<EndedUpload>,
        /// Where to.
        path: PathBuf,
        /// What.
        what: Remains,
    },
    /// Write what remains of an upload of before, whose file must be the same as then.
    ReportPast {
        /// The upload.
        upload: UploadId,
        /// Where to.
        path: PathBuf,
        /// What.
        what: Remains,
    },
    /// List all uploads.
    ListUploads,
    /// Do not offer to go on with an upload any more.
    SetAside(UploadId),
    /// Look up what is stored: ids, or interactions' first page.
    List {
        /// The environment's name.
        environment: String,
        /// The data set.
        dataset: Dataset,
    },
    /// Read one record.
    Get {
        /// The environment's name.
        environment: String,
        /// The data set.
        dataset: Dataset,
        /// The id.
        id: String,
    },
    /// Read the next page of interactions.
    ListInteractions {
        /// The environment's name.
        environment: String,
        /// Where the page before ended; `None`: the first page.
        after: Option<i64>,
    },
    /// Delete records by id; of interactions, those of the users named.
    Delete {
        /// The environment's name.
        environment: String,
        /// The data set.
        dataset: Dataset,
        /// The ids.
        ids: Vec<String>,
    },
    /// Delete everything of the data sets, and count again.
    Wipe {
        /// The environment's name.
        environment: String,
        /// Counts records; cancels.
        progress: Arc<Progress>,
    },
    /// Count what is stored in an environment.
    Count {
        /// The environment's name.
        environment: String,
    },
    /// Ask the local server what it is made to do wrong, or make it do other things wrong.
    Rehearse {
        /// The environment's name.
        environment: String,
        /// What is to go wrong from now on; `None` only asks.
        faults: Option<Faults>,
    },
    /// Remember how much the rules weigh.
    SaveLevels(Levels),
    /// Remember an environment and its key.
    SaveEnvironment {
        /// The environment.
        environment: Environment,
        /// Its key; `None` keeps the one it has.
        key: Option<ApiKey>,
    },
    /// Forget an environment and its key.
    RemoveEnvironment {
        /// Its name.
        name: String,
    },
}

/// One changed cell: what it is to become, and what the change was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellChange {
    /// The row.
    pub row: u32,
    /// The column.
    pub column: u32,
    /// The new content; `None` restores the file's.
    pub cell: Option<OwnedCell>,
}
