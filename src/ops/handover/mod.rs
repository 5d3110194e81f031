//! Hand over: a second start of the program leaves its files to the window that is open already, over a socket in a
//! folder that only this user may look into. Where there are no such sockets, every start opens a window.

#[cfg(not(unix))]
mod none;
#[cfg(unix)]
mod socket;

use std::path::PathBuf;

#[cfg(not(unix))]
pub use none::NoReception as Reception;
#[cfg(unix)]
pub use socket::Reception;

use crate::settings::Paths;

/// What becomes of a start of the program.
#[derive(Debug)]
pub enum StartOutcome {
    /// A window is open, and has taken the files.
    HandedOver,
    /// This one opens a window, which takes the files of later starts if it can.
    Own(Option<Reception>),
}

/// Leaves files to a window that is open, unless this start wants one of its own.
pub fn start(paths: &Paths, files: &[PathBuf], wants_own: bool) -> StartOutcome {
    if let Some(first) = Reception::take(paths) {
        return StartOutcome::Own(Some(first));
    }
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let files: Vec<PathBuf> = files.iter().map(absolute).collect();
    if !wants_own && Reception::offer(paths, &files) {
        StartOutcome::HandedOver
    } else {
        StartOutcome::Own(None)
    }
}
