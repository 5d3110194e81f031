//! An upload or an undo, running or ended.

use std::sync::Arc;

use super::Steer;
use crate::{
    domain::dataset::Dataset,
    message::{EndedUpload, Generation, RunHandles, UploadWatch},
    upload::Report,
};

/// An upload or a revert of a document, while it runs and after.
#[derive(Debug)]
pub struct UploadRun {
    /// The name of the environment it goes to.
    pub environment: String,
    /// The data set.
    pub dataset: Dataset,
    /// Whether the server only checks.
    pub dry_run: bool,
    /// Which one it is.
    pub generation: Generation,
    /// How it is watched and steered while it runs.
    pub handles: RunHandles,
    /// How it ended; `None` while it runs.
    pub report: Option<Report>,
    /// The file as it was uploaded, once it has ended.
    pub ended: Option<EndedUpload>,
}

impl UploadRun {
    /// One of so many rows that has just begun.
    pub(super) fn new(environment: String, dataset: Dataset, generation: Generation, rows: u64) -> Self {
        Self {
            environment,
            dataset,
            dry_run: false,
            generation,
            handles: RunHandles {
                progress: Arc::default(),
                control: Arc::default(),
                watch: Arc::new(UploadWatch::new(rows)),
            },
            report: None,
            ended: None,
        }
    }

    pub(super) fn steer(&self, steer: Steer) {
        let RunHandles { progress, control, .. } = &self.handles;
        match steer {
            Steer::Pause => control.pause(),
            Steer::GoOn => control.go_on(),
            Steer::Stop => control.stop(),
            Steer::Hurry => control.hurry(),
            Steer::GiveUp => progress.cancel(),
        }
    }
}
