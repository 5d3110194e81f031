//! Taking an upload back: what it replaced is put back, and what was new is deleted.

use super::{
    Connection, Error,
    guard::Permit,
    upload::{Prepared, change_of},
};
use crate::{
    domain::progress::Progress,
    settings::Paths,
    upload::{
        Ledger, Lookup, RetryPolicy, UploadId,
        revert::{self, RevertPreview, RevertRecords},
    },
};

/// Looks what taking an upload back would do; nothing is changed on the server. What became of tasks that were open when
/// the upload ended is written down on the way. Progress counts records, and cancels.
///
/// # Errors
/// When nothing is kept of what was there, or the server is not the one it went to.
pub async fn preview(
    connection: &Connection,
    paths: &Paths,
    id: UploadId,
    progress: &Progress,
) -> Result<RevertPreview, Error> {
    let (upload, state) = {
        let ledger = Ledger::open(&paths.data)?;
        let upload = ledger.upload(id)?;
        revert::snapshot(&ledger, &upload)?;
        let state = ledger.state(id)?;
        (upload, state)
    };
    connection.ensure_running().await?;
    connection.ensure_target_of(&upload).await?;
    let lookup = Lookup::new(connection.client().clone(), upload.plan.dataset, RetryPolicy::default());
    let tasks = revert::tasks(&lookup, &state, progress).await;
    let tally = Ledger::open(&paths.data)?.settle(id, &tasks)?.tally();
    let snapshot = revert::snapshot(&Ledger::open(&paths.data)?, &upload)?;
    let unconfirmed = tally.unknown + tally.sent;
    Ok(revert::preview_revert(&lookup, snapshot, unconfirmed, progress).await?)
}

/// Begins to take an upload back; with `over_changes`, records as well that somebody has changed since. Nobody is asked to
/// go on with the upload any more.
///
/// # Errors
/// When nothing is kept of what was there, the server is not the one it went to, or it cannot be logged.
pub async fn begin(
    permit: &Permit,
    paths: &Paths,
    id: UploadId,
    over_changes: bool,
) -> Result<Prepared<RevertRecords>, Error> {
    let reverted = Ledger::open(&paths.data)?.upload(id)?;
    let connection = permit.connection();
    connection.ensure_target_of(&reverted).await?;
    permit.ensure_covers(&reverted)?;
    let ledger = Ledger::open(&paths.data)?;
    let snapshot = revert::snapshot(&ledger, &reverted)?;
    let plan = revert::plan(&reverted, &snapshot, connection.key(), over_changes)?;
    // First, so that nothing is set aside or listed that may not be done.
    let change = change_of(connection, (plan.dataset, plan.rows), None, Some(id)).begin(paths)?;
    ledger.set_aside(id)?;
    let account = ledger.begin(&plan)?;
    let setup = revert::setup(&plan, account);
    Ok(Prepared::new(connection.clone(), setup, RevertRecords::new(snapshot)).logged(change))
}

/// Goes on with taking an upload back, where that was stopped or killed; `id` is its own number.
///
/// # Errors
/// When it takes nothing back, another process is at it, the server is not the one it went to, or it cannot be logged.
pub(crate) async fn go_on(permit: &Permit, paths: &Paths, id: UploadId) -> Result<Prepared<RevertRecords>, Error> {
    let upload = Ledger::open(&paths.data)?.upload(id)?;
    let of = upload.plan.reverts.ok_or(Error::NoRevert(id))?;
    let connection = permit.connection();
    connection.ensure_target_of(&upload).await?;
    permit.ensure_covers(&upload)?;
    let ledger = Ledger::open(&paths.data)?;
    let snapshot = revert::snapshot(&ledger, &ledger.upload(of)?)?;
    let account = ledger.resume(id)?;
    let rows = (upload.plan.dataset, upload.tally.open());
    let change = change_of(connection, rows, Some(id), Some(of)).begin(paths)?;
    let setup = revert::setup(&upload.plan, account);
    Ok(Prepared::new(connection.clone(), setup, RevertRecords::new(snapshot)).logged(change))
}
