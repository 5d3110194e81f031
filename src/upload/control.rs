//! What people ask of a running upload.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Pause, go on, stop, try now: from any thread, at any time. The upload that runs is woken.
#[derive(Debug, Default)]
pub struct Control {
    paused: AtomicBool,
    /// Told when an upload is paused, or goes on.
    changed: Notify,
    hurry: Notify,
    stop: CancellationToken,
}

impl Control {
    /// Sends nothing new until [`Self::go_on`]; what is under way is still answered.
    pub fn pause(&self) {
        self.set_paused(true);
    }

    /// Ends a pause.
    pub fn go_on(&self) {
        self.set_paused(false);
    }

    /// Whether somebody paused it.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed) && !self.is_stopping()
    }

    /// Ends the upload once all requests under way are answered, however long that takes.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether somebody asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Tries again now instead of waiting longer.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// Waits until somebody pauses it, or has it go on.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until somebody does not want to wait.
    pub(super) async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// Waits until somebody asks to stop.
    pub(super) async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
        self.changed.notify_one();
    }
}
