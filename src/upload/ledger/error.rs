//! Why the ledger cannot be read or written, and what helps.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use super::{UploadId, snapshot::SnapshotError};

/// What helps where the file itself is damaged or gone.
pub(super) const REMEDY: &str = "tatami uploads --repair rebuilds what can be rebuilt, and keeps the damaged file";

/// Why the ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Its folder, or a file in it, cannot be made or used.
    #[error("the record of uploads in {path} cannot be used: {source}{}", Advice(source))]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A later version wrote the file.
    #[error("the record of uploads in {0} was written by a newer version of Tatami; use that one")]
    Newer(PathBuf),
    /// There is no such file, or nothing in it, although uploads were written down.
    #[error("the record of uploads, {0}, is gone or empty, although there were uploads; {REMEDY}")]
    Lost(PathBuf),
    /// The file is damaged.
    #[error("the record of uploads is damaged ({0}); {REMEDY}")]
    Corrupt(String),
    /// Another process puts a new file in its place.
    #[error("the record of uploads is just being repaired; try again in a moment")]
    Rebuilding,
    /// It cannot be rebuilt while somebody uses it.
    #[error(
        "the record of uploads is in use by an upload that runs, or by another window; repair it when that has ended"
    )]
    InUse,
    /// The database fails.
    #[error("the record of uploads cannot be read or written: {0}")]
    Database(#[source] rusqlite::Error),
    /// An entry cannot be read.
    #[error("the record of upload {0} is damaged; {REMEDY}")]
    Damaged(UploadId),
    /// What an upload replaced cannot be read or written.
    #[error(
        "the copy of what was there before the upload, {path}, cannot be used: {source}; tatami uploads NUMBER --discard does without it"
    )]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SnapshotError,
    },
    /// There is no such upload.
    #[error("there is no upload {0}; tatami uploads lists them")]
    Unknown(UploadId),
    /// Another process runs it.
    #[error("upload {0} is running in another window or terminal; wait until it ends, or stop it there")]
    Running(UploadId),
    /// Going on would put back in part what a revert took away.
    #[error("upload {id} was undone by {by}; upload the file anew")]
    Reverted {
        /// The upload.
        id: UploadId,
        /// The upload that undid it.
        by: UploadId,
    },
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Corrupt(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

impl LedgerError {
    /// What the system says of the ledger's folder or a file in it.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Folder {
            path: path.to_owned(),
            source,
        }
    }

    /// Why a file cannot be opened or made, of which the database names none.
    pub(super) fn opening(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        move |error| {
            let kind = match error.sqlite_error_code() {
                Some(ErrorCode::ReadOnly) => io::ErrorKind::PermissionDenied,
                Some(ErrorCode::CannotOpen) => io::ErrorKind::Other,
                _ => return error.into(),
            };
            Self::at(path)(io::Error::new(kind, error))
        }
    }

    /// Why the row of an upload cannot be read.
    pub(super) fn of_row(id: UploadId, error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged(id),
            error => error.into(),
        }
    }

    /// Whether what is written in the file is wrong, as opposed to the way to it.
    pub(super) const fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::Damaged(_))
    }
}

/// What helps against what the system says.
struct Advice<'a>(&'a io::Error);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                f.write_str("; let yourself read and write it, or set TATAMI_HOME to a folder where you may")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => f.write_str("; free some space"),
            io::ErrorKind::IsADirectory | io::ErrorKind::Other => write!(f, "; {REMEDY}"),
            _ => Ok(()),
        }
    }
}
