//! Work of libraries that read other formats, and are less careful with broken files than we are: what they panic on
//! is refused, without a word on the terminal.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Why a file is refused that a library cannot handle.
pub(super) const BROKEN: &str =
    "it is damaged in a way that cannot be handled; get the file again, or export it as CSV";

static HOOKED: Once = Once::new();
/// How many conversions are at work, on any thread: they have threads of their own.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// What the work comes to; `None` when it panicked.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    HOOKED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if AT_WORK.load(Ordering::Relaxed) == 0 {
                before(info);
            }
        }));
    });
    AT_WORK.fetch_add(1, Ordering::Relaxed);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    AT_WORK.fetch_sub(1, Ordering::Relaxed);
    outcome.ok()
}
