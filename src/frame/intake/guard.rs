//! Calls of libraries that panic on broken files: the file is refused then, and no panic message reaches the terminal.

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
/// How many conversions run, on any thread: the panic hook is shared by all, and a library may start threads.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// The result of the work; `None` when it panicked.
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
