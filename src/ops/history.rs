//! The uploads of this machine.

use jiff::Timestamp;

use super::restore;
use crate::{
    settings::{Paths, Preferences, SettingsError},
    upload::{self, Ledger, LedgerError, LedgerRepair, PastUpload, Retention, Upload, UploadId, UploadList},
};

/// All uploads, the latest first. What they replaced and is no longer to be kept goes on the way.
pub fn list(paths: &Paths) -> Result<UploadList, LedgerError> {
    let ledger = Ledger::open(&paths.data)?;
    let retention = retention(paths);
    restore::expire_left(paths, retention);
    let mut list = ledger.list(retention)?;
    // What cannot be deleted now is the next time, and is no reason to list nothing.
    ledger.age_out(&mut list, Timestamp::now()).ok();
    Ok(list)
}

/// Looks through the whole record of uploads.
///
/// # Errors
/// When it is damaged.
pub(crate) fn check(paths: &Paths) -> Result<(), LedgerError> {
    Ledger::open(&paths.data)?.check()
}

/// How long it is kept what uploads replaced: always, where it cannot be read what a person chose.
fn retention(paths: &Paths) -> Retention {
    Preferences::load(paths).map_or(Retention(None), |preferences| preferences.retention)
}

/// Keeps what uploads replaced for so long from now on.
///
/// # Errors
/// When the preferences cannot be read or kept.
pub(crate) fn keep_for(paths: &Paths, retention: Retention) -> Result<(), SettingsError> {
    Preferences::change(paths, |preferences| preferences.retention = retention)
}

/// Rebuilds the record of uploads, unless nothing is wrong with it.
///
/// # Errors
/// When it is in use, is of a newer version, or nothing can be written there.
pub fn repair(paths: &Paths) -> Result<LedgerRepair, LedgerError> {
    upload::repair(&paths.data)
}

/// One upload.
pub fn upload(paths: &Paths, id: UploadId) -> Result<Upload, LedgerError> {
    Ledger::open(&paths.data)?.upload(id)
}

/// One upload, with how it stands at this moment.
pub(crate) fn show(paths: &Paths, id: UploadId) -> Result<PastUpload, LedgerError> {
    Ledger::open(&paths.data)?.past_upload(id, retention(paths))
}

/// The rows that the server refused with its lines, in the order of the answers.
pub(crate) fn refused(paths: &Paths, id: UploadId) -> Result<Vec<(u32, Vec<String>)>, LedgerError> {
    Ledger::open(&paths.data)?.refused(id)
}

/// Has nobody asked to go on with an upload any more.
pub(crate) fn set_aside(paths: &Paths, id: UploadId) -> Result<(), LedgerError> {
    Ledger::open(&paths.data)?.set_aside(id)
}

/// Forgets what an upload replaced: it can then not be taken back.
pub(crate) fn discard_snapshot(paths: &Paths, id: UploadId) -> Result<(), LedgerError> {
    Ledger::open(&paths.data)?.discard_snapshot(id)
}
