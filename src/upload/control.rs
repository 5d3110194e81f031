//! Steers a running upload.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Requests to pause, go on, stop or retry now, from any thread; each wakes the running upload.
#[derive(Debug, Default)]
pub struct Control {
    paused: AtomicBool,
    /// Notified when the upload is paused, or goes on.
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

    /// Whether it is paused.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed) && !self.is_stopping()
    }

    /// Ends the upload once all requests under way are answered, however long that takes.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether it was asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Tries again now instead of waiting longer.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// Waits until it is paused, or goes on.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until [`Self::hurry`].
    pub(super) async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// Waits until [`Self::stop`].
    pub(super) async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
        self.changed.notify_one();
    }
}
