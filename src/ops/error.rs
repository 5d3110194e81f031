//! Why a use case failed.

use super::{audit::AuditError, guard::GuardError};
use crate::{
    api::ApiError,
    frame::FrameError,
    settings::WriteError,
    upload::{LedgerError, Stopped, UploadId, revert::RevertError},
};

/// Why a use case failed. What a person can do about it, where they can, is for the window and the command line to add.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server, or the way to it.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The record of uploads.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The upload cannot be taken back.
    #[error(transparent)]
    Revert(#[from] RevertError),
    /// The file.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Why looking at what is stored ended early.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A stored record is no JSON object.
    #[error("a record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    /// The address is the same, the records behind it are not.
    #[error(
        "the server at {address} is not the one upload {id} went to: it keeps other records; serve those again, or start a \
         new upload"
    )]
    OtherStore {
        /// The upload.
        id: UploadId,
        /// The address of both.
        address: String,
    },
    /// What is known of the rows of an upload is wrong on another server.
    #[error("upload {id} went to {environment} ({address}), not to {here}; talk to that server, or start a new upload")]
    OtherServer {
        /// The upload.
        id: UploadId,
        /// Where it went: the environment's name.
        environment: String,
        /// Where it went: the address.
        address: String,
        /// The address that is connected to.
        here: String,
    },
    /// The address is the same, the environment behind it is not: the key says so.
    #[error(
        "upload {id} went to {environment} with another key than that of {here}; on one server, the key is the \
         environment"
    )]
    OtherKey {
        /// The upload.
        id: UploadId,
        /// Where it went: the environment's name.
        environment: String,
        /// The environment that is connected to, for people.
        here: String,
    },
    /// A change is guarded.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A file that a person named cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A change is not in the audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Nothing of an upload is open.
    #[error("upload {id} is finished ({sum}){}", if *is_revert { "" } else { "; to send the file again, upload it anew" })]
    Finished {
        /// The upload.
        id: UploadId,
        /// Its rows by state, in words.
        sum: String,
        /// Whether it takes another upload back.
        is_revert: bool,
    },
    /// There is no upload to go on with.
    #[error("no upload is unfinished; tatami uploads lists them all")]
    NothingUnfinished,
    /// It stored no rows of a file.
    #[error("upload {id} is the undo of upload {of}, and stored no rows of a file")]
    IsRevert {
        /// The upload.
        id: UploadId,
        /// What it took back.
        of: UploadId,
    },
    /// It takes no other upload back.
    #[error("upload {0} is no undo")]
    NoRevert(UploadId),
    /// What it stored is there no more.
    #[error("upload {id} was undone by {by}, so that what it stored is there no more")]
    Reverted {
        /// The upload.
        id: UploadId,
        /// The upload that took it back.
        by: UploadId,
    },
}
