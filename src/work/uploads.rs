//! Uploads: begun, gone on with, listed.

use std::sync::Arc;

use super::{Reporter, environments::Connections, preview, remains, task::Outcome, undo};
use crate::{
    api::Client,
    check::{Checked, Suggested},
    domain::{mapping::Mapping, number::grouped, progress::Progress, rules::Levels},
    frame::{Edits, OpenOptions},
    message::{EndedUpload, Event, NewUpload, Request, RunHandles, Table, TableEvent, UploadCommand, UploadEvent},
    ops::reopen::{ReopenError, reopen},
    settings::{Environment, Paths},
    upload::{
        self, Account, Fingerprint, Ledger, LedgerError, Limits, Manner, Plan, Recipe, Setup, TableRecords, Upload,
        UploadId, UploadJob,
    },
};

/// Whose upload it is, and how it is watched and steered.
struct Run {
    request: Request,
    handles: RunHandles,
}

pub(super) async fn perform(command: UploadCommand, connections: &Connections, reporter: &Reporter) -> Outcome {
    let event = match command {
        UploadCommand::Preview {
            request,
            table,
            checked,
            environment,
            progress,
        } => {
            let outcome = preview::table(&environment, table, &checked, &progress, connections).await;
            if progress.is_cancelled() {
                return Ok(());
            }
            Event::Upload(UploadEvent::Previewed(request, outcome))
        }
        UploadCommand::Compare {
            request,
            table,
            checked,
            row,
            environment,
        } => Event::Upload(UploadEvent::Compared {
            request,
            row,
            outcome: preview::row(&environment, &table, &checked, row, connections).await,
        }),
        UploadCommand::Start {
            request,
            upload,
            handles,
        } => {
            start(*upload, &Run { request, handles }, connections, reporter).await?;
            return Ok(());
        }
        UploadCommand::Resume {
            request,
            upload,
            handles,
        } => {
            resume(upload, &Run { request, handles }, connections, reporter).await?;
            return Ok(());
        }
        UploadCommand::PreviewUndo { upload, progress } => {
            let outcome = undo::preview(upload, connections, &progress).await;
            Event::Upload(UploadEvent::UndoPreviewed(upload, outcome))
        }
        UploadCommand::Undo { order, handles } => {
            let outcome = undo::perform(order, &handles, connections, reporter).await;
            Event::Upload(UploadEvent::Undone(outcome))
        }
        UploadCommand::DiscardSnapshot(id) => {
            ledger(connections)?.discard_snapshot(id)?;
            return Ok(());
        }
        UploadCommand::SetAside(id) => {
            ledger(connections)?.set_aside(id)?;
            return Ok(());
        }
        UploadCommand::Report { ended, path, what } => remains::save(&ended, &path, what)?,
        UploadCommand::ReportPast { upload, path, what } => {
            remains::save(&remains::past(upload, connections)?, &path, what)?
        }
        UploadCommand::List => {
            let uploads = ledger(connections)?.past()?;
            Event::Upload(UploadEvent::Listed(Ok(uploads)))
        }
    };
    reporter.report(event).await;
    Ok(())
}

async fn start(upload: NewUpload, run: &Run, connections: &Connections, reporter: &Reporter) -> Result<(), String> {
    let NewUpload {
        table,
        options,
        mapping,
        checked,
        environment,
        limits,
        manner,
        dry_run,
    } = upload;
    let client = connections.client(&environment)?;
    let store = client.store_id().await.map_err(|error| error.to_string())?;
    let account = if dry_run {
        Account::unwritten(u64::from(table.frame.len()))
    } else {
        let recipe = (&options, &mapping, checked.issues.levels());
        let begun = begin(
            connections,
            (&client, store),
            &environment,
            (limits, manner),
            &table,
            recipe,
        );
        begun.map_err(|error| error.to_string())?
    };
    let how = How {
        limits,
        manner,
        dry_run,
    };
    send(&client, &environment, account, how, table, checked, run, reporter).await;
    Ok(())
}

pub(super) fn ledger(connections: &Connections) -> Result<Ledger, LedgerError> {
    Ledger::open(&connections.paths().data)
}

/// Begins an upload in the ledger.
fn begin(
    connections: &Connections,
    (client, store): (&Client, Option<String>),
    environment: &str,
    (limits, manner): (Limits, Manner),
    table: &Table,
    (options, mapping, levels): (&OpenOptions, &Mapping, &Levels),
) -> Result<Account, LedgerError> {
    let path = table.frame.path();
    let plan = Plan {
        path: std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        fingerprint: Fingerprint::of(path).unwrap_or_default(),
        recipe: Recipe::new(options, mapping, levels, &table.edits),
        dataset: mapping.dataset,
        rows: u64::from(table.frame.len()),
        limits,
        environment: environment.to_owned(),
        address: client.endpoint().base_url(),
        manner,
        undoes: None,
        store,
    };
    ledger(connections)?.begin(&plan)
}

/// How an upload is made.
#[derive(Clone, Copy)]
struct How {
    limits: Limits,
    manner: Manner,
    dry_run: bool,
}

#[expect(clippy::too_many_arguments, reason = "each is needed, and none belongs to another")]
async fn send(
    client: &Client,
    environment: &str,
    account: Account,
    How {
        limits,
        manner,
        dry_run,
    }: How,
    table: Table,
    checked: Arc<Checked>,
    run: &Run,
    reporter: &Reporter,
) {
    let job = UploadJob {
        dataset: checked.plan().dataset,
        rows: u64::from(table.frame.len()),
        dry_run,
    };
    let setup = Setup {
        limits,
        manner,
        file: Some(table.frame.path().to_owned()),
        ..Setup::new(job, account)
    };
    let records = TableRecords::new(Arc::clone(&table.frame), Edits::clone(&table.edits), &checked);
    let records = records.without(setup.account.state().done());
    let mut note = |event| {
        run.handles.watch.note(event);
        reporter.wake();
    };
    let RunHandles { progress, control, .. } = &run.handles;
    let report = upload::run(client, setup, records, progress, control, &mut note).await;
    let ended = Box::new(EndedUpload {
        table,
        checked,
        report,
        environment: format!("{environment} ({})", client.endpoint().base_url()),
    });
    reporter
        .report(Event::Upload(UploadEvent::Ended(run.request, ended)))
        .await;
}

/// The connection an upload was made by, unless its environment has moved since.
pub(super) fn client_of(upload: &Upload, connections: &Connections) -> Result<Client, String> {
    let (id, plan) = (upload.id, &upload.plan);
    let client = connections.client(&plan.environment).map_err(|reason| {
        format!("{reason}; in a terminal, tatami upload --resume and tatami undo reach other servers, with --url")
    })?;
    let (environment, address) = (&plan.environment, &plan.address);
    // The local server listens elsewhere every time.
    if client.endpoint().base_url() != *address && !Environment::local().is_named(environment) {
        return Err(format!(
            "{environment} had the address {address} when upload {id} began; give it that address again, or start a new \
             upload"
        ));
    }
    Ok(client)
}

/// Fails when the local server keeps other records than those an upload went to.
pub(super) async fn same_store(upload: &Upload, client: &Client) -> Result<(), String> {
    let now = client.store_id().await.map_err(|error| error.to_string())?;
    if upload.plan.store.is_none() || upload.plan.store == now {
        return Ok(());
    }
    Err(format!(
        "The server keeps other records than when upload {} began, so that what is known of its rows is wrong there; start \
         a new upload",
        upload.id
    ))
}

/// Goes on with an upload: its file is read, matched and changed as then, shown, and the rest of it sent.
async fn resume(id: UploadId, run: &Run, connections: &Connections, reporter: &Reporter) -> Result<(), String> {
    let said = |error: LedgerError| error.to_string();
    let upload = ledger(connections).and_then(|ledger| ledger.upload(id)).map_err(said)?;
    let client = client_of(&upload, connections)?;
    same_store(&upload, &client).await?;
    let progress = Arc::clone(&run.handles.progress);
    let (opened, paths) = (upload.clone(), connections.paths().clone());
    let opened = tokio::task::spawn_blocking(move || open(&opened, &paths, &progress));
    let (table, suggested, checked) = opened
        .await
        .map_err(|_| "Opening the file failed unexpectedly; open it again".to_owned())??;
    let account = ledger(connections).and_then(|ledger| ledger.resume(id)).map_err(said)?;
    let refused = account.refused().to_vec();
    for event in [
        TableEvent::Opened {
            frame: Arc::clone(&table.frame),
            suggested,
        },
        TableEvent::Restored {
            edits: Arc::clone(&table.edits),
            refused,
        },
        TableEvent::Checked(Arc::clone(&checked)),
    ] {
        reporter.report(Event::Table(run.request, event)).await;
    }
    let Plan {
        environment,
        limits,
        manner,
        ..
    } = upload.plan;
    let how = How {
        limits,
        manner,
        dry_run: false,
    };
    send(&client, &environment, account, how, table, checked, run, reporter).await;
    Ok(())
}

/// The file of an upload as it was then, or why it is not.
pub(super) fn open(
    upload: &Upload,
    paths: &Paths,
    progress: &Progress,
) -> Result<(Table, Suggested, Arc<Checked>), String> {
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
