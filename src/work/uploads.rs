//! Uploads: begin, resume, undo, list, report.

use std::{path::Path, sync::Arc};

use super::{
    Reporter,
    environments::Connections,
    task::{AnyError, WorkResult},
    undo,
};
use crate::{
    check::{Checked, Suggested},
    domain::{number::grouped, progress::Progress},
    message::{EndedUpload, Event, NewUpload, Request, RunHandles, Table, TableEvent, UploadCommand, UploadEvent},
    ops::{
        compare,
        guard::{ChangeKind, Consent},
        history,
        reopen::{ReopenError, reopen},
        report::{self, ReportKind},
        resume,
        upload::{self, Prepared},
    },
    settings::{Existing, Paths, Preferences},
    upload::{Pace, RecordSource, Report, Upload, UploadId},
};

pub(super) async fn perform(command: UploadCommand, environments: &Connections, reporter: &Reporter) -> WorkResult {
    let paths = environments.paths();
    let event = match command {
        UploadCommand::Preview {
            request,
            table,
            checked,
            environment,
            progress,
        } => {
            let connection = environments.connect(&environment)?;
            let preview = compare::preview(&connection, table.as_ref(&checked), &progress).await;
            if progress.is_cancelled() {
                return Ok(());
            }
            Event::Upload(UploadEvent::Previewed(request, Ok(Arc::new(preview?))))
        }
        UploadCommand::Compare {
            request,
            table,
            checked,
            row,
            environment,
        } => {
            let connection = environments.connect(&environment)?;
            let compared = compare::row(&connection, table.as_ref(&checked), row).await?;
            Event::Upload(UploadEvent::Compared {
                request,
                row,
                outcome: Ok(compared),
            })
        }
        UploadCommand::Start {
            request,
            upload,
            handles,
        } => start(*upload, request, &handles, environments, reporter).await?,
        UploadCommand::Resume {
            request,
            upload,
            consent,
            handles,
        } => resume((upload, &consent), request, &handles, environments, reporter).await?,
        UploadCommand::PreviewUndo { upload, progress } => {
            let preview = undo::preview(upload, environments, &progress).await?;
            Event::Upload(UploadEvent::UndoPreviewed(upload, Ok(preview)))
        }
        UploadCommand::Undo {
            order,
            consent,
            handles,
        } => {
            return undo::perform(order, &consent, &handles, environments, reporter).await;
        }
        UploadCommand::DiscardSnapshot(id) => {
            history::discard_snapshot(paths, id)?;
            return Ok(());
        }
        UploadCommand::SetAside(id) => {
            history::set_aside(paths, id)?;
            return Ok(());
        }
        UploadCommand::Report { ended, path, what } => save(&ended, &path, what)?,
        UploadCommand::ReportPast { upload, path, what } => save(&past(upload, environments)?, &path, what)?,
        UploadCommand::Check => {
            history::check(paths)?;
            Event::Upload(UploadEvent::Examined(Ok(())))
        }
        UploadCommand::Repair => Event::Upload(UploadEvent::Repaired(history::repair(paths)?)),
        UploadCommand::List => Event::Upload(UploadEvent::Listed(Ok(history::list(paths)?))),
    };
    reporter.report(event).await;
    Ok(())
}

async fn start(
    upload: NewUpload,
    request: Request,
    handles: &RunHandles,
    environments: &Connections,
    reporter: &Reporter,
) -> Result<Event, AnyError> {
    let NewUpload {
        table,
        options: reading,
        mapping,
        checked,
        environment,
        consent,
        limits,
        write_options,
        dry_run,
    } = upload;
    let connection = environments.connect(&environment)?;
    let (paths, reading) = (environments.paths(), (&reading, &mapping));
    let options = upload::Options {
        limits,
        write_options,
        pace: Pace::default(),
        stored_before: Arc::default(),
        read_back: sample(paths),
    };
    let prepared = if dry_run {
        upload::dry_run(&connection, table.as_ref(&checked), &options)
    } else {
        let permit = connection.allow(ChangeKind::Store, &consent)?;
        upload::prepare(&permit, paths, table.as_ref(&checked), reading, &options).await?
    };
    let environment = connection.to_string();
    let report = send(prepared, handles, reporter).await;
    Ok(ended(request, table, checked, report, environment))
}

/// How many records are read back at the end. That preferences cannot be read was told when they were first.
fn sample(paths: &Paths) -> usize {
    Preferences::load(paths).unwrap_or_default().read_back()
}

/// Sends what is open, and shows how that goes.
pub(super) async fn send<R: RecordSource>(prepared: Prepared<R>, handles: &RunHandles, reporter: &Reporter) -> Report {
    let RunHandles {
        progress,
        control,
        watch,
    } = handles;
    let mut note = |event| {
        watch.note(event);
        reporter.wake();
    };
    prepared.send(progress, control, &mut note).await
}

fn ended(request: Request, table: Table, checked: Arc<Checked>, report: Report, environment: String) -> Event {
    let ended = EndedUpload {
        table,
        checked,
        report,
        environment,
    };
    Event::Upload(UploadEvent::Ended(request, Box::new(ended)))
}

/// Goes on with an upload: its file is read, matched and changed as then, shown, and the rest of it sent.
async fn resume(
    (id, consent): (UploadId, &Consent),
    request: Request,
    handles: &RunHandles,
    environments: &Connections,
    reporter: &Reporter,
) -> Result<Event, AnyError> {
    let paths = environments.paths();
    let upload = history::upload(paths, id)?;
    let connection = environments.connect_again(&upload)?;
    let permit = connection.allow(ChangeKind::Store, consent)?;
    connection.ensure_target_of(&upload).await?;
    let (table, suggested, checked) = open(&upload, paths, &handles.progress)?;
    let options = (Pace::default(), sample(paths));
    let prepared = resume::prepare(&permit, paths, &upload, table.as_ref(&checked), options).await?;
    for event in [
        TableEvent::Opened {
            frame: Arc::clone(&table.frame),
            suggested,
        },
        TableEvent::Restored {
            edits: Arc::clone(&table.edits),
            refused: prepared.refused().to_vec(),
        },
        TableEvent::Checked(Arc::clone(&checked)),
    ] {
        reporter.report(Event::Table(request, event)).await;
    }
    let environment = connection.to_string();
    let report = send(prepared, handles, reporter).await;
    Ok(ended(request, table, checked, report, environment))
}

/// Writes what remains of an upload, and returns what is told then.
fn save(ended: &EndedUpload, path: &Path, what: ReportKind) -> Result<Event, AnyError> {
    let EndedUpload {
        table,
        checked,
        report,
        environment,
    } = ended;
    report::save(
        table.as_ref(checked),
        (report, environment),
        what,
        (path, Existing::Replace),
    )?;
    Ok(Event::Told(match what {
        ReportKind::Report => format!("The report is written to {}", path.display()),
        ReportKind::Rows => format!("The rows that are not stored are written to {}", path.display()),
    }))
}

/// An upload of before, its file read as then.
fn past(id: UploadId, environments: &Connections) -> Result<EndedUpload, AnyError> {
    let paths = environments.paths();
    let upload = history::upload(paths, id)?;
    let (table, _, checked) = open(&upload, paths, &Progress::default())?;
    Ok(EndedUpload {
        table,
        checked,
        report: report::past(paths, &upload)?,
        environment: format!("{} ({})", upload.plan.environment, upload.plan.address),
    })
}

/// The file of an upload as it was then, or why it is not.
fn open(upload: &Upload, paths: &Paths, progress: &Progress) -> Result<(Table, Suggested, Arc<Checked>), AnyError> {
    let opened = reopen(upload, Some(paths.spool()), progress).map_err(|error| match error {
        ReopenError::Gone => format!(
            "The rows of upload {} came through a pipe or from several files, and cannot be had again as they were; \
             upload them anew",
            upload.id
        ),
        ReopenError::Unreadable { path, source } => {
            format!(
                "{} cannot be read ({source}); put the file back, then resume",
                path.display()
            )
        }
        ReopenError::Changed { path } => format!(
            "{} has changed since upload {} began, so its rows are not the ones that are still open ({} of {}). Put \
             the old file back and resume, or open the file as it is now and upload it",
            path.display(),
            upload.id,
            grouped(upload.tally.open()),
            grouped(upload.tally.all)
        ),
        ReopenError::Frame(error) => error.to_string(),
    })?;
    let table = Table {
        frame: opened.frame,
        edits: Arc::new(opened.edits),
    };
    Ok((table, opened.suggested, Arc::new(opened.checked)))
}
