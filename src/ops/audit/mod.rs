//! The audit log: every change made to any environment from this machine, for window and command line alike.
//!
//! A change has two entries: one is on the disk before anything is done, the other says what it came to. When the first
//! cannot be written, the change is not made; when the second cannot, that is said, and the list shows a change without
//! an end, as it does after a crash. So nothing is changed unlogged.
//!
//! Each entry holds the hash of the line before, and a file beside the log, its head, the hash of the last; the head is
//! written with the first line, before any entry. So [`verify()`] finds lines that were changed, removed, inserted or cut
//! off, and a head that is gone from a log with entries. It cannot find:
//!
//! - what was done by whoever wrote both files anew, from the first changed line on, or removed both, which everybody can
//!   do who can write to the folder: against that helps a head kept elsewhere;
//! - whether the last entry was changed or added by something else, where the head is of the one before, as a crash
//!   between both leaves it: that is said. With more entries behind the head the log is not whole.
//!
//! There are no ids of records, no values and no keys in the log.

mod entry;
mod list;
mod log;
mod verify;

use std::{fmt::Write as _, io, path::PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

pub use self::{
    entry::{
        AuditAction, AuditEntry, ChangeCounts, ChangePhase, ChangeResult, ChangeScope, LogDefect, LogHead, NoLogHead,
        UnknownAction,
    },
    list::{AuditFilter, AuditList, LoggedChange, list},
    verify::{LogBreak, LogVerdict, verify},
};
use super::Connection;
use crate::{domain::key::KeyFingerprint, settings::Paths, upload::UploadId};

/// Why the log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes to it, and does not end.
    #[error("another program holds {0}")]
    Busy(PathBuf),
    /// A later version wrote it.
    #[error("{0} was written by a newer version of Tatami; use that one")]
    Newer(PathBuf),
    /// It is something else.
    #[error("{0} is no audit log; move it elsewhere")]
    Foreign(PathBuf),
}

/// Why a change is not in the audit log, or only half.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The change was not made, as it would not have been logged.
    #[error("nothing was changed, as the audit log cannot be written ({0})")]
    Begin(#[source] LogFault),
    /// The change was made.
    #[error("the change was made, but how it ended could not be written to the audit log ({0})")]
    End(#[source] LogFault),
    /// Nothing is to be changed.
    #[error("the audit log cannot be read ({0})")]
    Read(#[source] LogFault),
}

/// A change that is about to be made.
#[derive(Clone, Debug)]
pub(super) struct NewChange {
    environment: String,
    address: String,
    key: Option<KeyFingerprint>,
    action: AuditAction,
    scope: ChangeScope,
}

impl NewChange {
    /// A change of what is stored.
    pub(super) fn of_records(connection: &Connection, action: AuditAction, scope: ChangeScope) -> Self {
        Self {
            environment: connection.name().to_owned(),
            address: connection.address(),
            key: Some(connection.key().clone()),
            action,
            scope,
        }
    }

    /// A change of what is set up.
    pub(super) fn of_settings(
        (environment, address): (&str, &str),
        key: Option<&KeyFingerprint>,
        action: AuditAction,
        kind: Option<&str>,
    ) -> Self {
        Self {
            environment: environment.to_owned(),
            address: address.to_owned(),
            key: key.cloned(),
            action,
            scope: ChangeScope {
                kind: kind.map(str::to_owned),
                ..ChangeScope::default()
            },
        }
    }

    /// Writes down that the change is about to be made.
    ///
    /// # Errors
    /// When that is not on the disk: then it must not be made.
    pub(super) fn begin(self, paths: &Paths) -> Result<BegunChange, AuditError> {
        let phase = ChangePhase::Begun(self.scope.clone());
        let of = self.append(paths, phase).map_err(AuditError::Begin)?;
        Ok(BegunChange {
            paths: paths.clone(),
            change: self,
            of,
            upload: None,
            is_open: true,
        })
    }

    fn append(&self, paths: &Paths, phase: ChangePhase) -> Result<u64, LogFault> {
        log::append(paths, |number, previous, defect| AuditEntry {
            number,
            at: format!("{:.3}", Timestamp::now()),
            user: user(),
            environment: self.environment.clone(),
            address: self.address.clone(),
            key: self.key.clone(),
            action: self.action,
            phase,
            defect,
            previous,
        })
    }
}

/// A change that is written down, and may be made now. Dropped before its end, it has failed; after a crash the log has no
/// end of it.
#[derive(Debug)]
#[must_use]
pub(super) struct BegunChange {
    paths: Paths,
    change: NewChange,
    of: u64,
    upload: Option<i64>,
    is_open: bool,
}

impl BegunChange {
    /// Writes down how it ended.
    ///
    /// # Errors
    /// When that is not on the disk.
    pub(super) fn end(mut self, result: ChangeResult, counts: ChangeCounts) -> Result<(), AuditError> {
        self.close(result, counts).map_err(AuditError::End)
    }

    /// The number that the upload was given.
    pub(super) fn numbered(mut self, upload: Option<UploadId>) -> Self {
        self.upload = upload.map(|upload| upload.0);
        self
    }

    fn close(&mut self, result: ChangeResult, counts: ChangeCounts) -> Result<(), LogFault> {
        self.is_open = false;
        let phase = ChangePhase::Ended {
            of: self.of,
            result,
            upload: self.upload,
            counts,
        };
        self.change.append(&self.paths, phase).map(|_| ())
    }
}

impl Drop for BegunChange {
    fn drop(&mut self) {
        if self.is_open {
            // Why it failed is told elsewhere; without this entry the log has no end of it, which is as true.
            self.close(ChangeResult::Failed, ChangeCounts::default()).ok();
        }
    }
}

/// Who is at work, as the system's variables say: nobody checks them.
fn user() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let mut set = names.into_iter().filter_map(|name| std::env::var(name).ok());
    set.find(|name| !name.is_empty()).unwrap_or_default()
}

/// SHA-256 in hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing into memory cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
