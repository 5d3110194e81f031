//! What helps when the disk is full that what became of uploads is written to.

use std::{error::Error, iter};

use rusqlite::ErrorCode;

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
    causes.any(|error| of_database(error).is_some_and(is_full)).then(|| {
        format!(
            "The disk with {} is full. Tatami keeps there what became of uploads and what they replaced: make room on that \
             disk, forget what old uploads replaced (tatami uploads NUMBER --discard), or move the folder to a larger disk \
             and leave a link in its place. An upload goes on where it was",
            paths.data.display()
        )
    })
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
    use std::{io, path::Path};

    use rusqlite::ffi;

    use super::*;
    use crate::{
        ops,
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
        // There is room here, so that these have other causes.
        assert_eq!(said(of_snapshot(ffi::SQLITE_BUSY)), None);
        assert_eq!(said(LedgerError::Database(database(ffi::SQLITE_IOERR))), None);
        assert_eq!(said(LedgerError::Unknown(UploadId(3))), None);
        // Where there is none, nothing can be made.
        let nowhere = Paths::under(Path::new("/nowhere"));
        assert!(advice(&LedgerError::Database(database(ffi::SQLITE_CANTOPEN)), &nowhere).is_some());
    }
}
