//! The rows of a checked file on their way to the server.

use std::sync::Arc;

use super::{input::Input, text};
use crate::{
    api::Client,
    domain::progress::Progress,
    frame::Edits,
    upload::{self, Limits, Report, RetryPolicy, TableRecords, UploadEvent, UploadJob},
};

/// Uploads the good rows of a file.
pub(super) async fn send(
    client: &Client,
    input: &Input,
    limits: Limits,
    dry_run: bool,
    progress: &Progress,
    on_event: &mut (dyn FnMut(UploadEvent) + Send),
) -> Report {
    let records = TableRecords::new(Arc::clone(&input.frame), Edits::default(), &input.checked);
    let job = UploadJob {
        dataset: input.dataset(),
        rows: records.rows(),
        dry_run,
    };
    upload::run(
        client,
        job,
        records,
        &RetryPolicy::default(),
        limits,
        progress,
        on_event,
    )
    .await
}

/// The first Ctrl+C asks the upload to stop after the request that is under way; the second ends the program.
pub(super) fn stop_on_ctrl_c(progress: Arc<Progress>) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        progress.cancel();
        text::remark("Stopping after the request that is under way; Ctrl+C again stops at once");
        if tokio::signal::ctrl_c().await.is_ok() {
            #[expect(clippy::exit, reason = "someone insists")]
            std::process::exit(130);
        }
    });
}
