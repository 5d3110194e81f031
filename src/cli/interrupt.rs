//! Ctrl+C.

use std::sync::Arc;

use super::text;
use crate::domain::progress::Progress;

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
