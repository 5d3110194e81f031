//! What remains of an upload for people: its report, and the rows that were not stored.

use std::path::Path;

use super::TableRef;
use crate::{
    frame::FrameError,
    settings::{AtomicFile, Existing, Paths},
    upload::{Ledger, LedgerError, Report, ReportForm, ReportWriter, Upload},
};

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// What became of the upload: a page, JSON, or a list of the rows that are not stored.
    Report,
    /// The rows that are not stored, as they stand in the file, with what is wrong with them.
    Rows,
}

/// How an upload of before ended; how long it took and what it sent is no longer known.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) fn past(paths: &Paths, upload: &Upload) -> Result<Report, LedgerError> {
    let ledger = Ledger::open(&paths.data)?;
    let (state, refused) = (ledger.state(upload.id)?, ledger.refused(upload.id)?);
    Ok(Report::past(upload, &state, refused))
}

/// Writes what remains of an upload of a table, in the form that the name of the file asks for; `environment` is where it
/// went, name and address. Answers how many rows are not stored.
///
/// # Errors
/// When the records can no longer be read, or come from that very file, or it cannot be written.
pub(crate) fn save(
    table: TableRef<'_>,
    (report, environment): (&Report, &str),
    what: ReportKind,
    (path, existing): (&Path, Existing),
) -> Result<u64, FrameError> {
    let after = ReportWriter::new((table.frame, table.edits, table.checked), report, environment);
    let form = ReportForm::of(path);
    AtomicFile::write(
        path,
        existing,
        |path| table.frame.comes_from(path),
        |out| match what {
            ReportKind::Report => after.write_report(form, out),
            ReportKind::Rows => after.write_errors(form, out),
        },
    )?;
    Ok(after.rows().len())
}
