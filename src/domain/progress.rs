//! How far a long piece of work is, and whether it should stop: shared between the worker and whoever watches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A counter towards a total, and a request to stop. Units are the work's own (bytes, rows).
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Sets how much there is to do; 0 means unknown.
    pub fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Adds to what is done.
    pub fn add(&self, amount: u64) {
        self.done.fetch_add(amount, Ordering::Relaxed);
    }

    /// Starts counting from nothing again, for the next step of the same work.
    pub fn restart(&self, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.set_total(total);
    }

    /// What is done so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// The total, or 0 when it is unknown.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The part that is done, 0 to 1; `None` while the total is unknown.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.total();
        #[expect(clippy::cast_precision_loss, reason = "a progress bar needs no more digits")]
        (total > 0).then(|| (self.done() as f32 / total as f32).min(1.0))
    }

    /// Asks the work to stop at its next opportunity.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
