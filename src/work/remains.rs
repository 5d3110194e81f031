//! Writing what remains of an upload for people.

use std::path::Path;

use super::{environments::Connections, uploads};
use crate::{
    domain::progress::Progress,
    frame::FrameError,
    message::{EndedUpload, Event, Remains},
    settings::AtomicFile,
    upload::{Aftermath, Report, ReportForm, UploadId},
};

/// Writes it, and returns what is told then.
pub(super) fn save(ended: &EndedUpload, path: &Path, what: Remains) -> Result<Event, String> {
    write(ended, path, what)?;
    Ok(Event::Told(match what {
        Remains::Report => format!("The report is written to {}", path.display()),
        Remains::Rows => format!("The rows that are not stored are written to {}", path.display()),
    }))
}

/// An upload of before, its file read as then.
pub(super) fn past(id: UploadId, connections: &Connections) -> Result<EndedUpload, String> {
    let said = |error: crate::upload::LedgerError| error.to_string();
    let ledger = uploads::ledger(connections).map_err(said)?;
    let upload = ledger.upload(id).map_err(said)?;
    let state = ledger.state(id).map_err(said)?;
    let refused = ledger.refused(id).map_err(said)?;
    let (table, _, checked) = uploads::open(&upload, connections.paths(), &Progress::default())?;
    Ok(EndedUpload {
        table,
        checked,
        report: Report::past(&upload, &state, refused),
        environment: format!("{} ({})", upload.plan.environment, upload.plan.address),
    })
}

fn write(ended: &EndedUpload, path: &Path, what: Remains) -> Result<(), String> {
    let EndedUpload {
        table,
        checked,
        report,
        environment,
    } = ended;
    let after = Aftermath::new((&table.frame, &table.edits, checked), report, environment);
    let form = ReportForm::of(path);
    let written = AtomicFile::write(
        path,
        |path| table.frame.comes_from(path),
        |out| match what {
            Remains::Report => after.write_report(form, out),
            Remains::Rows => after.write_errors(form, out),
        },
    );
    written.map_err(|error: FrameError| error.to_string())
}
