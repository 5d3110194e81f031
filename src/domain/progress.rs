//! The progress of long work, and the request to stop it: shared between the worker and its observers.

use std::{
    future::poll_fn,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// A counter towards a total, and a request to stop. Units are the work's own (bytes, rows).
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
    /// The wakers of those that wait in [`Self::cancelled`], once each.
    waiting: Mutex<Vec<Waker>>,
}

impl Progress {
    /// Sets how much there is to do; 0 means unknown.
    pub(crate) fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Adds to what is done.
    pub fn add(&self, amount: u64) {
        self.done.fetch_add(amount, Ordering::Relaxed);
    }

    /// Starts counting from 0 again, for the next step of the same work.
    pub fn restart(&self, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.set_total(total);
    }

    /// How many units are done.
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
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Whether the work was asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Waits until the work is asked to stop.
    pub async fn cancelled(&self) {
        poll_fn(|context| self.poll_cancelled(context)).await;
    }

    fn poll_cancelled(&self, context: &Context<'_>) -> Poll<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Checked under the lock, so that a cancellation in between finds the waker.
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::{Arc, atomic::AtomicUsize},
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn whoever_waits_for_a_cancel_is_woken_once() {
        let progress = Progress::default();
        let [first, second] = [(); 2].map(|()| Arc::new(Woken::default()));
        let (mut waiting, mut waiting_too) = (pin!(progress.cancelled()), pin!(progress.cancelled()));
        let wakers = [&first, &second].map(|woken| Waker::from(Arc::clone(woken)));
        let [mut context, mut other] = wakers.each_ref().map(Context::from_waker);
        for _ in 0..3 {
            assert!(waiting.as_mut().poll(&mut context).is_pending());
            assert!(waiting_too.as_mut().poll(&mut other).is_pending());
        }
        assert_eq!(progress.waiting.lock().unwrap().len(), 2);
        progress.cancel();
        assert_eq!([first, second].map(|woken| woken.0.load(Ordering::Relaxed)), [1, 1]);
        assert!(waiting.poll(&mut context).is_ready());
        assert!(waiting_too.poll(&mut other).is_ready());
        assert!(pin!(progress.cancelled()).poll(&mut context).is_ready());
    }
}
