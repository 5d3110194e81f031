//! Uploads: begun, gone on with, listed.

use std::sync::Arc;

use super::{
    Command, DocId, EndedUpload, Event, Generation, Reporter, Table, UploadWatch, environments::Connections, preview,
    stored,
};
use crate::{
    api::Client,
    check::{Checked, Suggested},
    domain::{mapping::Mapping, number::grouped, progress::Progress, rules::Levels},
    frame::{Edits, OpenOptions},
    ops::reopen::{ReopenError, reopen},
    settings::{Environment, Paths},
    upload::{
        self, Account, Control, Fingerprint, Ledger, LedgerError, Limits, Manner, Plan, Recipe, Setup, TableRecords,
        Upload, UploadId, UploadJob,
    },
};

/// Whose upload it is, and how it is watched and steered.
struct Run {
    doc: DocId,
    generation: Generation,
    progress: Arc<Progress>,
    control: Arc<Control>,
    watch: Arc<UploadWatch>,
}

pub(super) async fn perform(command: Command, connections: &Connections, reporter: &Reporter) {
    match command {
        Command::Upload {
            doc,
            generation,
            table,
            options,
            mapping,
            checked,
            environment,
            limits,
            manner,
            dry_run,
            progress,
            control,
            watch,
        } => {
            let run = Run {
                doc,
                generation,
                progress,
                control,
                watch,
            };
            let begun = async {
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
                Ok((client, account))
            };
            match begun.await {
                Ok((client, account)) => {
                    let how = How {
                        limits,
                        manner,
                        dry_run,
                    };
                    send(&client, &environment, account, how, table, checked, &run, reporter).await;
                    stored::count(connections, reporter, environment).await;
                }
                Err(reason) => fail(&run, reason, reporter).await,
            }
        }
        Command::Resume {
            doc,
            generation,
            upload,
            progress,
            control,
            watch,
        } => {
            let run = Run {
                doc,
                generation,
                progress,
                control,
                watch,
            };
            if let Err(reason) = resume(upload, &run, connections, reporter).await {
                fail(&run, reason, reporter).await;
            }
        }
        Command::SetAside(id) => {
            let aside = ledger(connections).and_then(|ledger| ledger.set_aside(id));
            if let Err(error) = aside {
                reporter.report(Event::Problem(error.to_string())).await;
            }
        }
        Command::DiscardSnapshot(id) => {
            let discarded = ledger(connections).and_then(|ledger| ledger.discard_snapshot(id));
            if let Err(error) = discarded {
                reporter.report(Event::Problem(error.to_string())).await;
            }
        }
        command => return preview::perform(command, connections, reporter).await,
    }
    list(connections, reporter).await;
}

/// Reports all uploads.
pub(super) async fn list(connections: &Connections, reporter: &Reporter) {
    let uploads = ledger(connections).and_then(|ledger| ledger.past());
    let uploads = uploads.map_err(|error| error.to_string());
    reporter.report(Event::Uploads(uploads)).await;
}

pub(super) fn ledger(connections: &Connections) -> Result<Ledger, LedgerError> {
    Ledger::open(&connections.paths().data)
}

async fn fail(run: &Run, reason: String, reporter: &Reporter) {
    let Run { doc, generation, .. } = *run;
    reporter
        .report(Event::Failed {
            doc,
            generation,
            reason,
        })
        .await;
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
        run.watch.note(event);
        reporter.wake();
    };
    let report = upload::run(client, setup, records, &run.progress, &run.control, &mut note).await;
    let Run { doc, generation, .. } = *run;
    let ended = Box::new(EndedUpload {
        table,
        checked,
        report,
        environment: format!("{environment} ({})", client.endpoint().base_url()),
    });
    reporter.report(Event::Uploaded { doc, generation, ended }).await;
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
    let (opened, paths, progress) = (upload.clone(), connections.paths().clone(), Arc::clone(&run.progress));
    let opened = tokio::task::spawn_blocking(move || open(&opened, &paths, &progress));
    let (table, suggested, checked) = opened
        .await
        .map_err(|_| "Opening the file failed unexpectedly; open it again".to_owned())??;
    let account = ledger(connections).and_then(|ledger| ledger.resume(id)).map_err(said)?;
    let Run { doc, generation, .. } = *run;
    let refused = account.refused().to_vec();
    for event in [
        Event::Opened {
            doc,
            generation,
            frame: Arc::clone(&table.frame),
            suggested,
        },
        Event::Restored {
            doc,
            generation,
            edits: Arc::clone(&table.edits),
            refused,
        },
        Event::Checked {
            doc,
            generation,
            checked: Arc::clone(&checked),
        },
    ] {
        reporter.report(event).await;
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
    stored::count(connections, reporter, environment).await;
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
