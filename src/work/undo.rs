//! Taking uploads back: looking what it would do, and doing it.

use super::{
    Reporter,
    environments::Environments,
    task::{AnyError, Outcome},
    uploads,
};
use crate::{
    domain::progress::Progress,
    message::{Event, RunHandles, UndoOrder, UploadEvent},
    ops::{history, revert},
    upload::{UploadId, undo::UndoPreview},
};

pub(super) async fn perform(
    order: UndoOrder,
    handles: &RunHandles,
    environments: &Environments,
    reporter: &Reporter,
) -> Outcome {
    let paths = environments.paths();
    let (UndoOrder::Begin { upload: id, .. } | UndoOrder::GoOn(id)) = order;
    let connection = environments.connect_again(&history::upload(paths, id)?)?;
    let prepared = match order {
        UndoOrder::Begin { upload, over_changes } => revert::begin(&connection, paths, upload, over_changes).await?,
        UndoOrder::GoOn(id) => revert::go_on(&connection, paths, id).await?,
    };
    let report = uploads::send(prepared, handles, reporter).await;
    let undone = UploadEvent::Undone(Ok(Box::new(report)));
    reporter.report(Event::Upload(undone)).await;
    Ok(())
}

pub(super) async fn preview(
    id: UploadId,
    environments: &Environments,
    progress: &Progress,
) -> Result<UndoPreview, AnyError> {
    let paths = environments.paths();
    let connection = environments.connect_again(&history::upload(paths, id)?)?;
    Ok(revert::preview(&connection, paths, id, progress).await?)
}
