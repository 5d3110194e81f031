//! Undoing uploads: looking what it would do, and doing it.

use super::{Reporter, environments::Connections, uploads};
use crate::{
    api::Client,
    domain::progress::Progress,
    message::{RunHandles, UndoOrder},
    upload::{
        self, Account, Ledger, LedgerError, Lookup, Plan, Report, RetryPolicy, Upload, UploadId,
        undo::{self, UndoError, UndoPreview, UndoRecords},
    },
};

pub(super) async fn perform(
    order: UndoOrder,
    handles: &RunHandles,
    connections: &Connections,
    reporter: &Reporter,
) -> Result<Box<Report>, String> {
    same_store(order, connections).await?;
    let begun = begin(order, connections)?;
    Ok(Box::new(begun.send(handles, reporter).await))
}

pub(super) async fn preview(
    id: UploadId,
    connections: &Connections,
    progress: &Progress,
) -> Result<UndoPreview, String> {
    let found = || {
        let ledger = uploads::ledger(connections)?;
        let upload = ledger.upload(id)?;
        undo::kept(&ledger, &upload)?;
        let state = ledger.state(id)?;
        Ok::<_, UndoError>((upload, state))
    };
    let (upload, state) = found().map_err(|error| error.to_string())?;
    let client = uploads::client_of(&upload, connections)?;
    uploads::same_store(&upload, &client).await?;
    let lookup = Lookup::new(client, upload.plan.dataset, RetryPolicy::default());
    let tasks = undo::tasks(&lookup, &state, progress).await;
    let settled = || {
        let ledger = uploads::ledger(connections)?;
        let tally = uploads::ledger(connections)?.settle(id, &tasks)?.tally();
        Ok::<_, UndoError>((undo::kept(&ledger, &upload)?, tally.unknown + tally.sent))
    };
    let (snapshot, unconfirmed) = settled().map_err(|error| error.to_string())?;
    let preview = undo::preview_undo(&lookup, snapshot, unconfirmed, progress).await;
    preview.map_err(|stopped| stopped.to_string())
}

/// Fails when the local server keeps other records than those that are to be put back.
async fn same_store(order: UndoOrder, connections: &Connections) -> Result<(), String> {
    let (UndoOrder::Begin { upload: id, .. } | UndoOrder::GoOn(id)) = order;
    let upload = uploads::ledger(connections).and_then(|ledger| ledger.upload(id));
    let upload = upload.map_err(|error| error.to_string())?;
    let client = uploads::client_of(&upload, connections)?;
    uploads::same_store(&upload, &client).await
}

/// An undo that is written down and can be sent.
struct Begun {
    client: Client,
    plan: Plan,
    account: Account,
    records: UndoRecords,
}

fn begin(order: UndoOrder, connections: &Connections) -> Result<Begun, String> {
    let said = |error: LedgerError| error.to_string();
    let ledger = uploads::ledger(connections).map_err(said)?;
    let kept = |ledger: &Ledger, upload: &Upload| undo::kept(ledger, upload).map_err(|error| error.to_string());
    let (plan, undone, going_on) = match order {
        UndoOrder::Begin { upload, over_changes } => {
            let undone = ledger.upload(upload).map_err(said)?;
            let plan = undo::plan(&undone, &kept(&ledger, &undone)?, over_changes).map_err(said)?;
            (plan, undone, None)
        }
        UndoOrder::GoOn(id) => {
            let plan = ledger.upload(id).map_err(said)?.plan;
            let of = plan.undoes.ok_or_else(|| format!("upload {id} is no undo"))?;
            (plan, ledger.upload(of).map_err(said)?, Some(id))
        }
    };
    let client = uploads::client_of(&undone, connections)?;
    let records = UndoRecords::new(kept(&ledger, &undone)?);
    let account = match going_on {
        Some(id) => ledger.resume(id),
        // Nobody is to go on with what is undone.
        None => ledger.set_aside(undone.id).and_then(|()| ledger.begin(&plan)),
    };
    Ok(Begun {
        client,
        account: account.map_err(said)?,
        plan,
        records,
    })
}

impl Begun {
    async fn send(self, handles: &RunHandles, reporter: &Reporter) -> Report {
        let RunHandles {
            progress,
            control,
            watch,
        } = handles;
        let setup = undo::setup(&self.plan, self.account);
        let mut note = |event| {
            watch.note(event);
            reporter.wake();
        };
        upload::run(&self.client, setup, self.records, progress, control, &mut note).await
    }
}
