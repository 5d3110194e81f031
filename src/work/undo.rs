//! Taking uploads back: looking what it would do, and doing it.

use super::{
    Reporter,
    environments::Connections,
    task::{AnyError, WorkResult},
    uploads,
};
use crate::{
    domain::progress::Progress,
    message::{Event, RevertOrder, RunHandles, UploadEvent},
    ops::{
        guard::{ChangeKind, Consent},
        history, revert,
    },
    upload::{UploadId, revert::RevertPreview},
};

pub(super) async fn perform(
    order: RevertOrder,
    consent: &Consent,
    handles: &RunHandles,
    environments: &Connections,
    reporter: &Reporter,
) -> WorkResult {
    let paths = environments.paths();
    let (RevertOrder::Begin { upload: id, .. } | RevertOrder::GoOn(id)) = order;
    let connection = environments.connect_again(&history::upload(paths, id)?)?;
    let change = match order {
        RevertOrder::Begin { .. } => ChangeKind::Delete,
        RevertOrder::GoOn(_) => ChangeKind::Store,
    };
    let permit = connection.allow(change, consent)?;
    let prepared = match order {
        RevertOrder::Begin { upload, over_changes } => revert::begin(&permit, paths, upload, over_changes).await?,
        RevertOrder::GoOn(id) => revert::go_on(&permit, paths, id).await?,
    };
    let report = uploads::send(prepared, handles, reporter).await;
    let undone = UploadEvent::Undone(Ok(Box::new(report)));
    reporter.report(Event::Upload(undone)).await;
    Ok(())
}

pub(super) async fn preview(
    id: UploadId,
    environments: &Connections,
    progress: &Progress,
) -> Result<RevertPreview, AnyError> {
    let paths = environments.paths();
    let connection = environments.connect_again(&history::upload(paths, id)?)?;
    Ok(revert::preview(&connection, paths, id, progress).await?)
}
