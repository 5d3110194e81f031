//! The rows of a checked file on their way to the server.

use std::sync::Arc;

use super::{input::Input, text};
use crate::{
    api::Client,
    domain::progress::Progress,
    upload::{self, Account, Control, Report, Setup, TableRecords, UploadEvent, UploadJob},
};

/// How the good rows of a file are uploaded, as the API recommends it.
pub(super) fn setup(input: &Input, dry_run: bool, account: Account) -> Setup {
    let job = UploadJob {
        dataset: input.dataset(),
        rows: u64::from(input.frame.len()),
        dry_run,
    };
    Setup::new(job, account)
}

/// The good rows of a file.
pub(super) fn records(input: &Input) -> TableRecords {
    TableRecords::new(Arc::clone(&input.frame), input.edits.clone(), &input.checked)
}

/// Uploads records, but for those that are settled already.
pub(super) async fn send(
    client: &Client,
    setup: Setup,
    records: TableRecords,
    progress: &Progress,
    on_event: &mut (dyn FnMut(UploadEvent) + Send),
) -> Report {
    let records = records.without(setup.account.state().done());
    upload::run(client, setup, records, progress, &Control::default(), on_event).await
}

/// The first Ctrl+C asks the upload to stop after the requests that are under way; the second ends the program.
pub(super) fn stop_on_ctrl_c(progress: Arc<Progress>) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        progress.cancel();
        text::remark("Stopping after the requests that are under way; Ctrl+C again stops at once");
        if tokio::signal::ctrl_c().await.is_ok() {
            #[expect(clippy::exit, reason = "someone insists")]
            std::process::exit(130);
        }
    });
}
