//! Files that commands write: none takes the place of another unless that is said.

use std::path::Path;

use super::failure::Failure;
use crate::settings::{AtomicFile, Existing, WriteError};

/// What may be replaced by a file that is written.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Replace a file that is there already; one that is read never is
    #[arg(long)]
    force: bool,
}

impl OutputArgs {
    /// What becomes of a file that is there already.
    pub(super) const fn existing(self) -> Existing {
        if self.force { Existing::Replace } else { Existing::Keep }
    }

    /// Refuses a file that is there already, or that `is_read` knows as one that records come from: before anything is
    /// done.
    pub(super) fn ensure_free(self, path: &Path, is_read: impl FnOnce(&Path) -> bool) -> Result<(), Failure> {
        AtomicFile::check(path, self.existing(), is_read).map_err(|error| match error {
            exists @ WriteError::Exists { .. } => {
                Failure::said(format!("{exists}; give another name, or --force to replace it"))
            }
            other @ (WriteError::Opened { .. } | WriteError::Io { .. }) => other.into(),
        })
    }
}
