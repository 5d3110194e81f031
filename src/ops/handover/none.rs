//! Where there are no sockets of one user's own.

use std::{convert::Infallible, path::PathBuf};

use crate::settings::Paths;

/// There is none.
#[derive(Debug)]
pub struct NoReception(Infallible);

impl NoReception {
    /// Nobody can take its place.
    pub const fn take(_: &Paths) -> Option<Self> {
        None
    }

    pub(super) const fn offer(_: &Paths, _: &[PathBuf]) -> bool {
        false
    }

    /// Never answers.
    pub async fn next(&self) -> Option<Vec<PathBuf>> {
        match self.0 {}
    }
}
