//! Every intent of a person, whether it comes from a menu, a shortcut, a click or a drop.

use std::{ops::Range, path::PathBuf};

use super::{Filter, FilterAction, ImportAction, Place, ReplaceAction};
use crate::{
    domain::{
        cell_query::CellQuery,
        dataset::Dataset,
        faults::Faults,
        ids::DocumentId,
        issue::Cause,
        key::ApiKey,
        mapping::{CustomType, Offer},
        rules::{Level, Rule},
        transform::Transform,
    },
    frame::{OpenOptions, SortBy},
    message::ReportKind,
    settings::Environment,
    upload::{UploadId, WriteOptions},
};

/// What a person wants.
#[derive(Clone, Debug)]
pub enum Action {
    /// Open files.
    Open(Vec<PathBuf>),
    /// Open the sample files.
    OpenSamples,
    /// Go somewhere.
    Show(Place),
    /// Show the list of shortcuts.
    ShowShortcuts,
    /// Close the dialog.
    CloseDialog,
    /// Put a notice away, by its number.
    DismissNotice(u64),
    /// Something with a document's table.
    Table(DocumentId, TableAction),
    /// Something with a document's columns.
    Mapping(DocumentId, MappingAction),
    /// Something with how a document's file is read.
    Import(ImportAction),
    /// Something with uploads.
    Upload(UploadAction),
    /// Something with what is stored in the chosen environment.
    Stored(StoredAction),
    /// Something with what was open at the last end of the program.
    Kept(KeepAction),
    /// Something with what this machine keeps.
    Settings(SettingsAction),
}

/// What a person wants with a document's table.
#[derive(Clone, Debug)]
pub enum TableAction {
    /// Close the document; asks first when cells were changed.
    Close,
    /// Close the document without asking.
    CloseAnyway,
    /// Read the file in another way: delimiter, encoding, sheet, …
    SetOptions(OpenOptions),
    /// Try again to read or check the file, with the changes that were made.
    OpenAgain,
    /// Change cells: file row, column, new text. An empty text empties the cell.
    Edit(Vec<(u32, u32, String)>),
    /// Mend a cause in all rows in the best way there is, as one step that can be undone.
    Repair(Cause),
    /// Mend every cause that leaves no choice and loses no value, as one step that can be undone.
    RepairAll,
    /// Take back the last change.
    Undo,
    /// Make the last change that was taken back again.
    Redo,
    /// Work out statistics of these columns from a sample of the rows, as far as they are not known.
    SampleStatistics(Vec<u32>),
    /// Work out the statistics of a column.
    ColumnStatistics(u32),
    /// Show only rows with problems, or all.
    Filter(Filter),
    /// Something with the filters on columns.
    FilterColumns(FilterAction),
    /// Sort by columns, equal rows of the first by the next; by none restores the file's order.
    Sort(Vec<SortBy>),
    /// Sort no further.
    StopSort,
    /// Move the cursor: file row, column.
    MoveCursor(u32, u32),
    /// Move the cursor and bring it into view.
    JumpTo(u32, u32),
    /// Go to the next row with a problem.
    NextProblem,
    /// Go to the previous row with a problem.
    PreviousProblem,
    /// Go to the first row with a cause.
    JumpToCause(Cause),
    /// Look for a text in the rows shown; `None`: for none any more.
    Find(Option<CellQuery>),
    /// Go to the next cell that has the text looked for.
    FindNext,
    /// Go to the previous cell that has the text looked for.
    FindPrevious,
    /// Look no further.
    StopFind,
    /// Something with what takes the place of the text looked for.
    Replace(ReplaceAction),
    /// Put what the first of these rows as shown has in these columns into all of them.
    FillDown {
        /// Rows as shown.
        rows: Range<u64>,
        /// Columns of the file.
        columns: Vec<u32>,
    },
    /// Go to the row on a line, or with an id.
    GoTo(String),
    /// Stay here after all.
    StopGoTo,
    /// Write the table to another file as it is, with the changes.
    SaveCopy(PathBuf),
    /// Write the table to another file as it is, with the changes, and close the document once that is done.
    SaveCopyAndClose(PathBuf),
    /// Write the rows with problems to a file.
    ExportProblems(PathBuf),
    /// Stop an upload, or opening and checking.
    Cancel,
}

/// What a person wants with what was open at the last end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepAction {
    /// Put away what is said of restored changes.
    DismissRestored,
    /// Take all restored changes back.
    DiscardRestored,
    /// Put away what is said of changes that do not fit their files any more, until the next start.
    HideLeftOver,
    /// Forget changes that do not fit their files any more.
    ForgetLeftOver,
}

/// What a person wants with a document's columns.
#[derive(Clone, Debug)]
pub enum MappingAction {
    /// Read the records as another data set.
    SetDataset(Dataset),
    /// Send a column to another field, or with `None` leave it out.
    Map {
        /// The column.
        column: usize,
        /// Dotted path in the record.
        path: Option<String>,
        /// The type of a custom attribute.
        custom_type: Option<CustomType>,
    },
    /// Rewrite the values of a column, or with `None` leave them as they are.
    Transform {
        /// The column.
        column: usize,
        /// How.
        transform: Option<Transform>,
    },
    /// Give a field without a column the same value in every record, or with `None` no value.
    SetConstant {
        /// Dotted path in the record.
        path: String,
        /// The value.
        value: Option<String>,
    },
    /// Do what is offered for a column.
    Accept(Offer),
    /// Do everything that is offered and needs no choice.
    AcceptAll,
    /// Match the columns by themselves again, and forget the recipe.
    StartAfresh,
    /// Map the document by a recipe's file.
    ImportRecipe(PathBuf),
    /// Write the mapping as a recipe's file.
    ExportRecipe(PathBuf),
}

/// What a person wants with uploads.
#[derive(Clone, Debug)]
pub enum UploadAction {
    /// Show what an upload would do.
    Ask(DocumentId),
    /// Hold a row of the document against what is stored.
    Compare(DocumentId, u32),
    /// Upload.
    Start {
        /// The document.
        doc: DocumentId,
        /// What is done about what is stored.
        write_options: WriteOptions,
        /// Whether the server shall only check.
        dry_run: bool,
    },
    /// Steer a running upload.
    Steer(DocumentId, Steer),
    /// Put the result of an upload away.
    Dismiss(DocumentId),
    /// Write what remains of a document's last upload to a file.
    SaveReport(DocumentId, ReportKind, PathBuf),
    /// Go on with an unfinished upload.
    Resume(UploadId),
    /// Do not offer to go on with an upload any more.
    SetAside(UploadId),
    /// Put the offer to go on with an upload away, until the next start.
    DismissOffer,
    /// Write what remains of an upload of before to a file.
    SavePastReport(UploadId, ReportKind, PathBuf),
    /// Show what undoing an upload would do.
    AskUndo(UploadId),
    /// Undo the upload that was asked for.
    Undo {
        /// Whether records are put back as well that somebody has changed since.
        over_changes: bool,
    },
    /// Steer a running undo.
    SteerUndo(Steer),
    /// Put the result of an undo away.
    DismissUndo,
    /// Ask before forgetting what an upload replaced.
    AskDiscard(UploadId),
    /// Forget what an upload replaced.
    Discard(UploadId),
    /// Rebuild the record of uploads.
    Repair,
}

/// What to do with a running upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steer {
    /// Send nothing new for now.
    Pause,
    /// End the pause.
    GoOn,
    /// Send nothing new any more, and wait for the answers that are due.
    Stop,
    /// Try again now instead of waiting.
    Hurry,
    /// Stop without waiting for the answers that are due.
    GiveUp,
}

/// What a person wants with what is stored in the chosen environment.
#[derive(Clone, Debug)]
pub enum StoredAction {
    /// Look again at what is stored.
    Refresh,
    /// Show one stored record.
    ShowRecord(Dataset, String),
    /// Turn to a page of stored records, from 0.
    ShowPage(Dataset, usize),
    /// Narrow the stored ids to those that contain a text.
    Find(Dataset, String),
    /// Select or unselect stored ids.
    Select(Dataset, Vec<String>, bool),
    /// Ask before deleting the selected records.
    AskDelete(Dataset),
    /// Delete the selected records.
    Delete(Dataset),
    /// Ask before deleting everything in the environment.
    AskWipe,
    /// Delete everything in the environment; the typed name must be the environment's.
    Wipe {
        /// What the person typed.
        typed: String,
    },
    /// Stop a wipe.
    CancelWipe,
    /// Put the result of a wipe away.
    DismissWipe,
    /// Allow changes to what a guarded environment stores, for a while.
    Unlock,
    /// Allow them no longer; what runs goes on.
    Lock,
    /// Show what is made to go wrong in the local server.
    AskRehearsal,
    /// Make other things go wrong in the local server.
    Rehearse(Faults),
}

/// What a person wants with what this machine keeps.
#[derive(Clone, Debug)]
pub enum SettingsAction {
    /// Work with another environment; asks first where customers see it.
    ChooseEnvironment(String),
    /// Work with another environment without asking.
    SwitchEnvironment(String),
    /// Show the form for an environment; `None`: a new one.
    AskEnvironment(Option<String>),
    /// Keep an environment.
    SaveEnvironment {
        /// The environment.
        environment: Environment,
        /// Its key; `None` keeps the one it has.
        key: Option<ApiKey>,
        /// The environment's name, where it was typed: then a key that it is not known by yet is its own.
        confirmed: Option<String>,
    },
    /// Forget an environment.
    RemoveEnvironment(String),
    /// Show how much the rules weigh.
    ShowRules,
    /// Weigh a rule differently.
    SetLevel(Rule, Level),
    /// Weigh all rules as usual.
    ResetLevels,
}
