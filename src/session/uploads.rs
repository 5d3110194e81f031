//! Uploads that run, and those of before.

use std::sync::Arc;

use super::{Action, Document, Phase, Place, Session, Steer, UploadRun};
use crate::{
    domain::progress::Progress,
    frame::Edits,
    upload::{Control, Upload, UploadId},
    work::{Command, DocId, Generation, UploadWatch},
};

impl Session {
    pub(super) fn act_on_uploads(&mut self, action: &Action) -> Vec<Command> {
        match action {
            Action::Steer(doc, steer) => self.steer(*doc, *steer),
            Action::Resume(id) => return self.resume(*id),
            Action::SetAside(id) => {
                self.offered = None;
                return vec![Command::SetAside(*id)];
            }
            Action::DismissOffer => self.offered = None,
            _ => {}
        }
        Vec::new()
    }

    fn steer(&self, doc: DocId, steer: Steer) {
        let Some(run) = self.find(doc).and_then(|document| document.upload.as_ref()) else {
            return;
        };
        match steer {
            Steer::Pause => run.control.pause(),
            Steer::GoOn => run.control.go_on(),
            Steer::Stop => run.control.stop(),
            Steer::Hurry => run.control.hurry(),
        }
    }

    /// Opens the file of an unfinished upload again, and sends the rest of it.
    fn resume(&mut self, id: UploadId) -> Vec<Command> {
        self.offered = None;
        let known = self.uploads.as_ref().ok().and_then(|uploads| {
            let mut uploads = uploads.iter();
            uploads
                .find(|(_, upload)| upload.id == id)
                .map(|(_, upload)| upload.plan.clone())
        });
        let Some(plan) = known else {
            return Vec::new();
        };
        // The same file need not stand there twice, unless it was changed since.
        let edits = plan.recipe.edits();
        let is_of = |document: &Document| {
            let report = document.upload.as_ref().and_then(|run| run.report.as_ref());
            report.is_some_and(|report| report.id == Some(id)) && *document.edits == edits
        };
        self.documents.retain(|document| !is_of(document));
        let doc = DocId(self.next_doc);
        self.next_doc += 1;
        let generation = self.next_generation();
        let mut document = Document::new(doc, plan.path);
        document.generation = generation;
        document.dataset = plan.dataset;
        document.dataset_chosen = true;
        document.options = plan.recipe.options();
        let run = UploadRun {
            environment: plan.environment,
            dataset: plan.dataset,
            generation,
            progress: Arc::new(Progress::default()),
            control: Arc::new(Control::default()),
            watch: Arc::new(UploadWatch::new(plan.rows)),
            report: None,
        };
        let command = Command::Resume {
            doc,
            generation,
            upload: id,
            progress: Arc::clone(&run.progress),
            control: Arc::clone(&run.control),
            watch: Arc::clone(&run.watch),
        };
        document.upload = Some(run);
        self.documents.push(document);
        self.place = Place::Document(doc);
        vec![command]
    }

    /// All uploads are known; the first time an unfinished one is offered.
    pub(super) fn list_uploads(&mut self, uploads: Result<Vec<(bool, Upload)>, String>) {
        let unfinished = |(running, upload): &&(bool, Upload)| upload.is_unfinished() && !running;
        let first = uploads
            .as_ref()
            .ok()
            .and_then(|uploads| uploads.iter().find(unfinished));
        let first = first.map(|(_, upload)| upload.id);
        if !self.has_offered {
            self.offered = first;
        } else if self.offered != first {
            self.offered = None;
        }
        self.has_offered = true;
        self.uploads = uploads;
    }

    /// The offered upload.
    pub fn offer(&self) -> Option<&Upload> {
        let id = self.offered?;
        let mut uploads = self.uploads.as_ref().ok()?.iter();
        uploads.find(|(_, upload)| upload.id == id).map(|(_, upload)| upload)
    }

    /// What is laid over a file from the start.
    pub(super) fn restore(
        &mut self,
        doc: DocId,
        generation: Generation,
        edits: Arc<Edits>,
        refused: Vec<(u32, Vec<String>)>,
    ) {
        let is_untouched = |document: &&mut Document| document.generation == generation && document.edits.is_empty();
        if let Some(document) = self.find_mut(doc).filter(is_untouched) {
            document.edits = edits;
            document.refused = refused.into_iter().collect();
            document.phase = Phase::Checking;
            document.revision += 1;
        }
    }
}
