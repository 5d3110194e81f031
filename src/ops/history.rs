//! The uploads of this machine.

use crate::{
    settings::Paths,
    upload::{Ledger, LedgerError, PastUpload, Upload, UploadId},
};

/// All uploads, the latest first.
pub(crate) fn list(paths: &Paths) -> Result<Vec<PastUpload>, LedgerError> {
    Ledger::open(&paths.data)?.past()
}

/// One upload.
pub fn upload(paths: &Paths, id: UploadId) -> Result<Upload, LedgerError> {
    Ledger::open(&paths.data)?.upload(id)
}

/// One upload, with how it stands at this moment.
pub(crate) fn show(paths: &Paths, id: UploadId) -> Result<PastUpload, LedgerError> {
    Ledger::open(&paths.data)?.past_upload(id)
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
