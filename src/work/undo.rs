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
    ops::{history, revert},
    upload::{UploadId, revert::RevertPreview},
};

pub(super) async fn perform(
    order: RevertOrder,
    handles: &RunHandles,
    environments: &Connections,
    reporter: &Reporter,
) -> WorkResult {
    let paths = environments.paths();
    let (RevertOrder::Begin { upload: id, .. } | RevertOrder::GoOn(id)) = order;
    let connection = environments.connect_again(&history::upload(paths, id)?)?;
    let prepared = match order {
        RevertOrder::Begin { upload, over_changes } => revert::begin(&connection, paths, upload, over_changes).await?,
        RevertOrder::GoOn(id) => revert::go_on(&connection, paths, id).await?,
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
