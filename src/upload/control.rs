//! What people ask of a running upload.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Pause, go on, stop, try now: from any thread, at any time.
#[derive(Debug, Default)]
pub struct Control {
    paused: AtomicBool,
    stopping: AtomicBool,
    hurry: AtomicBool,
    changed: Notify,
}

impl Control {
    /// Sends nothing new until [`Self::go_on`]; what is under way is still answered.
    pub fn pause(&self) {
        self.set(&self.paused, true);
    }

    /// Ends a pause.
    pub fn go_on(&self) {
        self.set(&self.paused, false);
    }

    /// Whether somebody paused it.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed) && !self.is_stopping()
    }

    /// Ends the upload once all requests under way are answered, however long that takes.
    pub fn stop(&self) {
        self.set(&self.stopping, true);
    }

    /// Whether somebody asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Tries again now instead of waiting longer.
    pub fn hurry(&self) {
        self.set(&self.hurry, true);
    }

    pub(super) fn take_hurry(&self) -> bool {
        self.hurry.swap(false, Ordering::Relaxed)
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn set(&self, what: &AtomicBool, to: bool) {
        what.store(to, Ordering::Relaxed);
        self.changed.notify_one();
    }
}
