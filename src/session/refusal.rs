//! Why something cannot be done with a document, or with what is stored.

use thiserror::Error;

/// Why something cannot be done with a document now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is not among the opened files any more.
    #[error("This file is no longer open")]
    Closed,
    /// It is not read whole yet.
    #[error("The file is still being read")]
    Opening,
    /// Reading or checking it failed, or was stopped.
    #[error("The file could not be read")]
    Failed,
    /// Its rows are not checked yet.
    #[error("The rows are still being checked")]
    Checking,
    /// Rows that were changed are not checked again yet.
    #[error("The rows just changed are still being checked; upload again in a moment")]
    Rechecking,
    /// An upload of it runs.
    #[error("An upload of this file is running")]
    Uploading,
    /// Its cells cannot be changed now.
    #[error("Cells can be changed once the file is open and no upload runs")]
    Fixed,
    /// The data set of its records is still open.
    #[error("Say first what these records are, above the table")]
    Question,
    /// Nothing was changed.
    #[error("There is nothing to undo")]
    NothingToUndo,
    /// Nothing was taken back.
    #[error("There is nothing to redo")]
    NothingToRedo,
    /// An upload runs, which goes by the rules as they are.
    #[error("Rules can be weighed differently once no upload runs")]
    Weighed,
    /// There is only one way to read it.
    #[error("This kind of file can be read in one way only")]
    NoImportOptions,
    /// No row has such a problem.
    #[error("There is no further problem")]
    NoProblem,
}

/// Why records of the chosen environment cannot be deleted now.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum DeleteRefusal {
    /// The service does not let anybody.
    #[error("A playground's records cannot be deleted")]
    Playground,
    /// The server does not know the key.
    #[error("{reason}")]
    KeyRejected { reason: String },
    /// It is guarded.
    #[error("{environment} is locked; unlock it in the menu Environment")]
    Locked { environment: String },
    /// A wipe runs, of this or another environment.
    #[error("Everything in {environment} is being deleted already")]
    Wiping { environment: String },
    /// What was typed is not the environment's name.
    #[error("Nothing is deleted before {environment} is typed as it is written")]
    Unconfirmed { environment: String },
}
