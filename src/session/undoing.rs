//! The undo of an upload: what it would do, how far it is, how it ended.

use std::sync::Arc;

use super::{Dialog, Place, Session, Steer, UploadRun};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    message::{Command, RevertOrder, UploadCommand, WorkError},
    upload::{PastUpload, Report, UploadId, revert::RevertPreview},
};

/// An undo that is being considered, runs, or has ended.
#[derive(Debug)]
pub struct Undoing {
    /// The upload that is undone.
    pub upload: UploadId,
    /// The uploaded file's name.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The progress of looking records up, which cancels it too.
    pub looking: Arc<Progress>,
    /// What it would do, or why that is not known; `None` while that is looked up.
    pub preview: Option<Result<RevertPreview, WorkError>>,
    /// The run, once it was begun.
    pub run: Option<UploadRun>,
}

impl Undoing {
    fn of(session: &Session, past: &PastUpload, undone: UploadId) -> Self {
        let plan = &past.upload.plan;
        let name = plan.path.file_name().unwrap_or(plan.path.as_os_str());
        Self {
            upload: undone,
            name: name.to_string_lossy().into_owned(),
            environment: session.proper_name(&plan.environment).to_owned(),
            looking: Arc::new(Progress::default()),
            preview: None,
            run: None,
        }
    }
}

impl Session {
    /// Whether an undo runs.
    pub(crate) fn is_undoing(&self) -> bool {
        let run = self.undo.as_ref().and_then(|undo| undo.run.as_ref());
        run.is_some_and(|run| run.report.is_none())
    }

    /// Why an upload cannot be undone just now; `None`: it can.
    pub(crate) fn hindrance_of_undo(&self, past: &PastUpload) -> Option<String> {
        if past.snapshot_bytes.is_none() {
            Some("Nothing is kept of what it replaced".to_owned())
        } else if past.is_running {
            Some("It is running".to_owned())
        } else if self.is_undoing() {
            Some("Another undo is running".to_owned())
        } else {
            self.hindrance_of_change(&past.upload)
        }
    }

    /// Why an upload cannot be undone just now, by its number; `None`: it can.
    pub(crate) fn hindrance_of_undoing(&self, id: UploadId) -> Option<String> {
        match self.past(id) {
            Some(past) => self.hindrance_of_undo(past),
            None => Some(format!("Upload {id} is not in the record of uploads any more")),
        }
    }

    /// The latest upload to the chosen environment, undone or not, which no undo is itself.
    pub(crate) fn last_upload(&self) -> Option<&PastUpload> {
        let uploads = self.uploads.as_ref().ok()?.iter();
        let mut here = uploads.filter(|past| self.chosen().is_named(&past.upload.plan.environment));
        here.find(|past| past.upload.plan.reverts.is_none())
    }

    pub(super) fn past(&self, id: UploadId) -> Option<&PastUpload> {
        let mut uploads = self.uploads.as_ref().ok()?.iter();
        uploads.find(|past| past.upload.id == id)
    }

    pub(super) fn ask_undo(&mut self, id: UploadId) -> Vec<Command> {
        if let Some(hindrance) = self.hindrance_of_undoing(id) {
            self.notify(true, hindrance);
            return Vec::new();
        }
        let Some(undo) = self.past(id).map(|past| Undoing::of(self, past, id)) else {
            return Vec::new();
        };
        let progress = Arc::clone(&undo.looking);
        self.undo = Some(undo);
        self.dialog = Some(Dialog::Undo(id));
        vec![Command::Upload(UploadCommand::PreviewUndo { upload: id, progress })]
    }

    pub(super) fn begin_undo(&mut self, over_changes: bool) -> Vec<Command> {
        self.dialog = None;
        let Some(upload) = self
            .undo
            .as_ref()
            .filter(|undo| undo.run.is_none())
            .map(|undo| undo.upload)
        else {
            return Vec::new();
        };
        if let Some(hindrance) = self.hindrance_of_undoing(upload) {
            self.notify(true, hindrance);
            return Vec::new();
        }
        let preview = self.undo.as_ref().and_then(|undo| undo.preview.as_ref()?.as_ref().ok());
        let rows = preview.map_or(0, RevertPreview::records);
        self.run_undo(RevertOrder::Begin { upload, over_changes }, rows)
    }

    /// Goes on with an undo that ended early.
    pub(super) fn resume_undo(&mut self, id: UploadId) -> Vec<Command> {
        let Some(past) = self.past(id).filter(|_| !self.is_undoing()) else {
            return Vec::new();
        };
        let (undone, rows) = (past.upload.plan.reverts.unwrap_or(id), past.upload.plan.rows);
        let undo = Undoing::of(self, past, undone);
        self.undo = Some(undo);
        self.run_undo(RevertOrder::GoOn(id), rows)
    }

    fn run_undo(&mut self, order: RevertOrder, rows: u64) -> Vec<Command> {
        let generation = self.next_generation();
        let dataset = match order {
            RevertOrder::Begin { upload, .. } | RevertOrder::GoOn(upload) => self.past(upload),
        };
        let dataset = dataset.map(|past| past.upload.plan.dataset);
        let (Some(undo), Some(dataset)) = (&mut self.undo, dataset) else {
            return Vec::new();
        };
        let run = UploadRun::new(undo.environment.clone(), dataset, generation, rows);
        let handles = run.handles.clone();
        let environment = undo.environment.clone();
        undo.run = Some(run);
        self.place = Place::Uploads;
        let consent = self.consent(&environment);
        vec![Command::Upload(UploadCommand::Undo {
            order,
            consent,
            handles,
        })]
    }

    pub(super) fn steer_undo(&self, steer: Steer) {
        if let Some(run) = self.undo.as_ref().and_then(|undo| undo.run.as_ref()) {
            run.steer(steer);
        }
    }

    /// It is known what an undo would do.
    pub(super) fn undo_previewed(&mut self, id: UploadId, outcome: Result<RevertPreview, WorkError>) {
        if let Some(undo) = self
            .undo
            .as_mut()
            .filter(|undo| undo.upload == id && undo.run.is_none())
        {
            undo.preview = Some(outcome);
        }
    }

    /// What was said of uploads is true no more where records were deleted: of a data set, or of all.
    pub(super) fn forget_results(&mut self, environment: &str, deleted: Option<Dataset>) {
        let is_gone = |run: &UploadRun| {
            run.report.is_some()
                && !run.dry_run
                && run.environment == environment
                && deleted.is_none_or(|dataset| dataset == run.dataset)
        };
        for document in &mut self.documents {
            document.upload.take_if(|run| is_gone(run));
        }
    }

    /// What was said of a wipe is true no more where records were stored since.
    pub(super) fn forget_wipe(&mut self, environment: &str) {
        let wipe = &mut self.stored.wipe;
        wipe.take_if(|wipe| wipe.outcome.is_some() && wipe.environment == environment);
    }

    /// What was said of the upload that is undone is true no more.
    fn forget_undone(&mut self) {
        let undone = self.undo.as_ref().map(|undo| undo.upload);
        for document in &mut self.documents {
            let report = document.upload.as_ref().and_then(|run| run.report.as_ref());
            if report.is_some_and(|report| report.id.is_some() && report.id == undone) {
                document.upload = None;
            }
            document.uploaded.take_if(|(_, id)| id.is_some() && *id == undone);
        }
    }

    /// An undo has ended.
    pub(super) fn undone(&mut self, outcome: Result<Box<Report>, WorkError>) -> Vec<Command> {
        match outcome {
            Ok(report) => {
                self.forget_undone();
                if let Some(environment) = self.undo.as_ref().map(|undo| undo.environment.clone()) {
                    self.forget_wipe(&environment);
                }
                if let Some(run) = self.undo.as_mut().and_then(|undo| undo.run.as_mut()) {
                    run.report = Some(*report);
                }
            }
            Err(error) => {
                self.undo = None;
                self.notify(true, error.reason);
            }
        }
        self.ask_stored()
    }
}
