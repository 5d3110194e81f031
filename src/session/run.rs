//! An upload or an undo, running or ended.

use std::sync::Arc;

use super::Steer;
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    upload::{Control, Report},
    work::{EndedUpload, Generation, UploadWatch},
};

/// See the module.
#[derive(Debug)]
pub struct UploadRun {
    /// Where to.
    pub environment: String,
    /// The data set.
    pub dataset: Dataset,
    /// Whether the server only checks.
    pub dry_run: bool,
    /// Which one it is.
    pub generation: Generation,
    /// Cancels.
    pub progress: Arc<Progress>,
    /// Pauses, and stops without giving up what is under way.
    pub control: Arc<Control>,
    /// Its state while it runs.
    pub watch: Arc<UploadWatch>,
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
            progress: Arc::default(),
            control: Arc::default(),
            watch: Arc::new(UploadWatch::new(rows)),
            report: None,
            ended: None,
        }
    }

    /// What the background watches and is watched by.
    pub(super) fn handles(&self) -> (Arc<Progress>, Arc<Control>, Arc<UploadWatch>) {
        (
            Arc::clone(&self.progress),
            Arc::clone(&self.control),
            Arc::clone(&self.watch),
        )
    }

    pub(super) fn steer(&self, steer: Steer) {
        match steer {
            Steer::Pause => self.control.pause(),
            Steer::GoOn => self.control.go_on(),
            Steer::Stop => self.control.stop(),
            Steer::Hurry => self.control.hurry(),
            Steer::GiveUp => self.progress.cancel(),
        }
    }
}
