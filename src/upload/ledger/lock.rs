//! Who works on the ledger: the right to go on with an upload, which one process has, and the right to use the file, which
//! all have that read or write it but nobody while it is rebuilt.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{LedgerError, UploadId};
use crate::settings::{FileLock, create_private_file, create_private_folder};

/// The lock of the file itself, beside those of its uploads.
const USE: &str = "use";
/// How long to wait for whoever reads a list or writes a line.
const PATIENCE: Duration = Duration::from_secs(3);

/// The exclusive right to go on with an upload.
pub(super) fn of_upload(folder: &Path, id: UploadId) -> Result<FileLock, LedgerError> {
    let (path, file) = open(folder, &id.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock::of(file)),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Running(id)),
        Err(TryLockError::Error(source)) => Err(LedgerError::Folder { path, source }),
    }
}

/// The right to use the ledger, which others may have as well.
pub(super) fn shared(folder: &Path) -> Result<FileLock, LedgerError> {
    patiently(folder, File::try_lock_shared)?.ok_or(LedgerError::Rebuilding)
}

/// The right to put another ledger in its place; `None` while somebody uses it.
pub(super) fn exclusive(folder: &Path) -> Result<Option<FileLock>, LedgerError> {
    patiently(folder, File::try_lock)
}

/// Whether nobody uses the ledger at this moment.
pub(super) fn is_idle(folder: &Path) -> Result<bool, LedgerError> {
    let (_, file) = open(folder, USE)?;
    Ok(file.try_lock().map(|()| FileLock::of(file)).is_ok())
}

/// The highest number of an upload that ever was locked, 0 if there was none.
pub(super) fn highest(folder: &Path) -> i64 {
    let names = fs::read_dir(folder_of(folder)).into_iter().flatten().flatten();
    let numbers = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.max().unwrap_or(0)
}

fn patiently(folder: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<Option<FileLock>, LedgerError> {
    let (path, file) = open(folder, USE)?;
    let begun = Instant::now();
    loop {
        match lock(&file) {
            Ok(()) => return Ok(Some(FileLock::of(file))),
            Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::Error(source)) => return Err(LedgerError::Folder { path, source }),
        }
    }
}

fn open(folder: &Path, name: &str) -> Result<(PathBuf, File), LedgerError> {
    let path = folder_of(folder);
    let failed = |source: io::Error| LedgerError::Folder {
        path: path.clone(),
        source,
    };
    create_private_folder(&path).map_err(failed)?;
    let file = create_private_file(&path.join(name)).map_err(failed)?;
    Ok((path, file))
}

fn folder_of(folder: &Path) -> PathBuf {
    folder.join("uploads.lock")
}
