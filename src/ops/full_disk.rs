//! What helps when the disk is full that what became of uploads is written to.

use std::{
    error::Error,
    io::{self, ErrorKind},
    iter,
};

use rusqlite::ErrorCode;

use super::audit::LogFault;
use crate::settings::Paths;

/// With less than this free, a database that cannot write has no room to, whatever it says.
const LITTLE: u64 = 1 << 20;

/// What helps, in a sentence; `None` when the failure has another cause than a full disk.
pub fn advice(error: &(dyn Error + 'static), paths: &Paths) -> Option<String> {
    let has_room = || fs4::available_space(&paths.data).is_ok_and(|free| free >= LITTLE);
    let is_full = |error: &rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => !has_room(),
        _ => false,
    };
    let mut causes = iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
    let is_full_log = |error: &io::Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let is_cause = |error| of_database(error).is_some_and(is_full) || of_log(error).is_some_and(is_full_log);
    causes.any(is_cause).then(|| {
        format!(
            "The disk with {} is full. Tatami keeps there what became of uploads and what they replaced: make room on that \
             disk, forget what old uploads replaced (tatami uploads NUMBER --discard), or move the folder to a larger disk \
             and leave a link in its place. An upload goes on where it was",
            paths.data.display()
        )
    })
}

/// What the system said of the audit log, where it did.
fn of_log<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    match error.downcast_ref()? {
        LogFault::Io { source, .. } => Some(source),
        LogFault::Busy(_) | LogFault::Newer(_) | LogFault::Foreign(_) => None,
    }
}

/// The database's own words, where they are an error's or within it.
fn of_database<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rusqlite::Error> {
    let within = error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
    error
        .downcast_ref()
        .or_else(|| within?.downcast_ref::<rusqlite::Error>())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::ffi;

    use super::*;
    use crate::{
        ops::{self, audit::AuditError},
        upload::{LedgerError, UploadId},
    };

    fn database(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures_wherever_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        std::fs::create_dir_all(&paths.data).unwrap();
        let of_snapshot = |code| LedgerError::Snapshot {
            path: "7.sqlite".into(),
            source: database(code).into(),
        };
        let of_folder = |code| LedgerError::Folder {
            path: "uploads.sqlite".into(),
            source: io::Error::other(database(code)),
        };
        let said = |error: LedgerError| advice(&ops::Error::from(error), &paths);
        let full = said(LedgerError::Database(database(ffi::SQLITE_FULL))).unwrap();
        insta::assert_snapshot!(full.replace(&folder.path().display().to_string(), "…"), @"The disk with …/data is full. Tatami keeps there what became of uploads and what they replaced: make room on that disk, forget what old uploads replaced (tatami uploads NUMBER --discard), or move the folder to a larger disk and leave a link in its place. An upload goes on where it was");
        assert_eq!(said(of_snapshot(ffi::SQLITE_FULL)).as_ref(), Some(&full));
        assert_eq!(said(of_folder(ffi::SQLITE_FULL)).as_ref(), Some(&full));
        let of_audit = |kind: ErrorKind| {
            let fault = LogFault::Io {
                path: "audit.jsonl".into(),
                source: kind.into(),
            };
            advice(&ops::Error::from(AuditError::Begin(fault)), &paths)
        };
        assert_eq!(of_audit(ErrorKind::StorageFull).as_ref(), Some(&full));
        assert_eq!(of_audit(ErrorKind::PermissionDenied), None);
        // There is room here, so that these have other causes.
        assert_eq!(said(of_snapshot(ffi::SQLITE_BUSY)), None);
        assert_eq!(said(LedgerError::Database(database(ffi::SQLITE_IOERR))), None);
        assert_eq!(said(LedgerError::Unknown(UploadId(3))), None);
        // Where there is none, nothing can be made.
        let nowhere = Paths::under(Path::new("/nowhere"));
        assert!(advice(&LedgerError::Database(database(ffi::SQLITE_CANTOPEN)), &nowhere).is_some());
    }
}
