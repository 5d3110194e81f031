//! The files that commands write.

use std::{fs, path::PathBuf};

use super::failure::Failure;

/// What may happen to files that are there already.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Replace a file that is there already
    #[arg(long)]
    force: bool,
}

impl OutputArgs {
    /// Refuses to replace a file that is there, unless that is wanted. Pipes and devices are written to.
    ///
    /// # Errors
    /// When one of the files is there.
    pub(super) fn keep<'a>(self, files: impl IntoIterator<Item = &'a PathBuf>) -> Result<(), Failure> {
        let is_there = |file: &&PathBuf| fs::metadata(file).is_ok_and(|there| there.is_file());
        match files.into_iter().find(is_there).filter(|_| !self.force) {
            None => Ok(()),
            Some(file) => Err(Failure::said(format!(
                "{} is there already and is kept; give another name, or --force to replace it",
                file.display()
            ))),
        }
    }
}
