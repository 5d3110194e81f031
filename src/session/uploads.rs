//! Uploads that run, and those of before.

use std::sync::Arc;

use super::{Dialog, Document, Place, Refusal, Session, UploadAction, UploadRun};
use crate::{
    domain::ids::DocumentId,
    frame::Edits,
    message::{Command, EndedUpload, NewUpload, Request, UploadCommand, UploadEvent, WorkError},
    ops::guard::Consent,
    upload::{BatchLimits, Upload, UploadId, UploadList, WriteOptions},
};

impl Session {
    pub(super) fn act_on_uploads(&mut self, action: UploadAction) -> Vec<Command> {
        match action {
            UploadAction::Ask(doc) => return self.ask_upload(doc),
            UploadAction::Compare(doc, row) => return self.compare(doc, row),
            UploadAction::Start {
                doc,
                write_options,
                dry_run,
            } => return self.upload(doc, write_options, dry_run),
            UploadAction::Steer(doc, steer) => {
                if let Some(run) = self.find(doc).and_then(|document| document.upload.as_ref()) {
                    run.steer(steer);
                }
            }
            UploadAction::Dismiss(doc) => {
                return self.on_document(doc, |document| {
                    if document.is_uploading() {
                        return Err(Refusal::Uploading);
                    }
                    document.upload = None;
                    Ok(())
                });
            }
            UploadAction::SaveReport(doc, what, path) => {
                let run = self.find(doc).and_then(|document| document.upload.as_ref());
                let ended = run.and_then(|run| Some(Box::new(run.ended.clone()?)));
                let command = ended.map(|ended| UploadCommand::Report { ended, path, what });
                return command.map(Command::Upload).into_iter().collect();
            }
            UploadAction::Resume(id) => return self.resume(id),
            UploadAction::SetAside(id) => {
                self.offered.retain(|offered| *offered != id);
                return vec![Command::Upload(UploadCommand::SetAside(id))];
            }
            UploadAction::DismissOffer => self.offered.clear(),
            UploadAction::SavePastReport(upload, what, path) => {
                return vec![Command::Upload(UploadCommand::ReportPast { upload, path, what })];
            }
            UploadAction::AskUndo(id) => return self.ask_undo(id),
            UploadAction::Undo { over_changes } => return self.begin_undo(over_changes),
            UploadAction::SteerUndo(steer) => self.steer_undo(steer),
            UploadAction::DismissUndo => {
                if !self.is_undoing() {
                    self.undo = None;
                }
            }
            UploadAction::AskDiscard(id) => self.dialog = Some(Dialog::Discard(id)),
            UploadAction::Repair => return vec![Command::Upload(UploadCommand::Repair)],
            UploadAction::Discard(id) => {
                self.dialog = None;
                return vec![Command::Upload(UploadCommand::DiscardSnapshot(id))];
            }
        }
        Vec::new()
    }

    pub(super) fn on_upload(&mut self, event: UploadEvent) -> Vec<Command> {
        self.note_upload_answer(&event);
        match event {
            UploadEvent::Previewed(request, outcome) => self.previewed(request, outcome),
            UploadEvent::Compared { request, row, outcome } => self.compared(request.document, row, outcome),
            UploadEvent::Ended(request, ended) => return self.upload_ended(request, *ended),
            UploadEvent::Failed(request, error) => self.upload_failed(request, error.reason),
            UploadEvent::UndoPreviewed(upload, outcome) => self.undo_previewed(upload, outcome),
            UploadEvent::Undone(outcome) => return self.undone(outcome),
            UploadEvent::Listed(uploads) => self.list_uploads(uploads),
            UploadEvent::Examined(outcome) => {
                self.ledger_damage = outcome.err();
                if let Some(error) = &self.ledger_damage {
                    self.notify(true, error.to_string());
                }
            }
            UploadEvent::Repaired(repair) => {
                self.ledger_damage = None;
                self.notify(false, repair.to_string());
            }
        }
        Vec::new()
    }

    fn upload_ended(&mut self, request: Request, ended: EndedUpload) -> Vec<Command> {
        self.read_watches();
        let mut stored_in = None;
        if let Some(document) = self.find_mut(request.document)
            && let Some(run) = document
                .upload
                .as_mut()
                .filter(|run| run.generation == request.generation)
        {
            let tally = &ended.report.tally;
            if !run.dry_run && tally.stored + tally.unchanged > 0 {
                document.uploaded = Some((run.environment.clone(), ended.report.id));
            }
            stored_in = (!run.dry_run && tally.stored > 0).then(|| run.environment.clone());
            run.report = Some(ended.report.clone());
            run.ended = Some(ended);
        }
        if let Some(environment) = stored_in {
            self.forget_wipe(&environment);
        }
        self.ask_stored()
    }

    /// An upload could not begin, or was given up. A file that was opened for it may never have been read whole.
    fn upload_failed(&mut self, request: Request, reason: String) {
        let is_of = |document: &&mut Document| {
            let run = document.upload.as_ref();
            run.is_some_and(|run| run.generation == request.generation)
        };
        let Some(document) = self.find_mut(request.document).filter(is_of) else {
            return;
        };
        document.upload = None;
        if document.generation == request.generation && document.phase().is_busy() {
            document.fail(reason);
        } else {
            self.notify(true, reason);
        }
    }

    /// Uploads the rows of a document.
    fn upload(&mut self, doc: DocumentId, write_options: WriteOptions, dry_run: bool) -> Vec<Command> {
        self.stop_comparing();
        self.dialog = None;
        let environment = self.environment.clone();
        if let Some(reason) = self.key_refusal() {
            self.notify(true, reason);
            return Vec::new();
        }
        if !dry_run && self.is_locked() {
            self.notify(true, format!("{environment} is locked; unlock it first"));
            return Vec::new();
        }
        let consent = self.consent(&environment);
        let generation = self.next_generation();
        let limits = self.limits;
        let started = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            let upload = document.start_upload((environment, consent), write_options, dry_run, limits)?;
            let rows = u64::from(upload.table.frame.len());
            let run = UploadRun {
                dry_run,
                ..UploadRun::new(upload.environment.clone(), document.dataset, generation, rows)
            };
            let handles = run.handles.clone();
            document.upload = Some(run);
            Ok((upload, handles))
        });
        let Some((upload, handles)) = self.begun(started) else {
            return Vec::new();
        };
        let request = Request {
            document: doc,
            generation,
        };
        let upload = Box::new(upload);
        vec![Command::Upload(UploadCommand::Start {
            request,
            upload,
            handles,
        })]
    }

    /// Opens the file of an unfinished upload again, and sends the rest of it.
    fn resume(&mut self, id: UploadId) -> Vec<Command> {
        let Some(upload) = self.past(id).map(|past| past.upload.clone()) else {
            self.notify(true, format!("Upload {id} is not in the record of uploads any more"));
            return Vec::new();
        };
        // What cannot go on now is still offered.
        if let Some(hindrance) = self.hindrance_of_change(&upload) {
            self.notify(true, hindrance);
            return Vec::new();
        }
        self.offered.retain(|offered| *offered != id);
        if upload.plan.reverts.is_some() {
            return self.resume_undo(id);
        }
        let plan = upload.plan;
        // The same file need not stand there twice, unless it was changed since.
        let edits = plan.recipe.edits();
        let is_of = |document: &Document| {
            // Its rows as they are shown so far are without what was changed before.
            if document.found.as_ref().is_some_and(|found| found.changed_cells() > 0) {
                return false;
            }
            // After a crash it is open again without an upload.
            let is_of = match &document.upload {
                Some(run) => run.report.as_ref().is_some_and(|report| report.id == Some(id)),
                None => document.path == plan.path,
            };
            is_of && document.view().is_some_and(|view| *view.edits == edits)
        };
        self.documents.retain(|document| !is_of(document));
        let doc = DocumentId(self.next_doc);
        self.next_doc += 1;
        let generation = self.next_generation();
        let mut document = Document::new(doc, plan.path);
        document.generation = generation;
        document.dataset = plan.dataset;
        document.dataset_chosen = true;
        document.options = plan.recipe.options();
        let run = UploadRun::new(plan.environment, plan.dataset, generation, plan.rows);
        let command = UploadCommand::Resume {
            request: document.request(),
            upload: id,
            consent: self.consent(&self.environment),
            handles: run.handles.clone(),
        };
        document.upload = Some(run);
        self.documents.push(document);
        self.place = Place::Document(doc);
        vec![Command::Upload(command)]
    }

    /// All uploads are known; the first time the unfinished ones are offered.
    fn list_uploads(&mut self, list: Result<UploadList, WorkError>) {
        let (uploads, unreadable) = match list {
            Ok(UploadList { uploads, unreadable }) => (Ok(uploads), unreadable),
            Err(error) => (Err(error), Vec::new()),
        };
        let told = uploads.as_ref().err().map(ToString::to_string);
        let told = told.or_else(|| Some(unreadable.first()?.to_string()));
        if told != self.told_of_uploads {
            if let Some(told) = &told {
                self.notify(true, told.clone());
            }
            self.told_of_uploads = told;
        }
        self.unreadable_uploads = unreadable;
        if let Ok(uploads) = &uploads {
            let unfinished = uploads
                .iter()
                .filter(|past| past.upload.is_unfinished() && !past.is_running);
            let unfinished: Vec<UploadId> = unfinished.map(|past| past.upload.id).collect();
            if self.has_offered {
                self.offered.retain(|offered| unfinished.contains(offered));
            } else {
                self.offered = unfinished;
            }
            self.has_offered = true;
        }
        self.uploads = uploads;
    }

    /// The offered uploads, but for those whose outcome is shown with what can be done about it.
    pub fn offers(&self) -> impl Iterator<Item = &Upload> {
        let is_shown = |id: UploadId| {
            let runs = self.documents.iter().filter_map(|document| document.upload.as_ref());
            let mut reports = runs.filter_map(|run| run.report.as_ref());
            reports.any(|report| report.id == Some(id))
        };
        let offered = self.offered.iter().filter(move |id| !is_shown(**id));
        offered.filter_map(|id| Some(&self.past(*id)?.upload))
    }

    /// What is laid over a file from the start.
    pub(super) fn restore(&mut self, request: Request, edits: Arc<Edits>, refused: Vec<(u32, Vec<String>)>) {
        let open = self.current(request).and_then(|document| document.open_mut().ok());
        if let Some(open) = open.filter(|open| open.view.edits.is_empty() && !open.is_laid_over) {
            open.restore_all(edits, refused);
        }
    }
}

impl Document {
    /// What is uploaded of it. What another upload was refused is forgotten.
    fn start_upload(
        &mut self,
        (environment, consent): (String, Consent),
        write_options: WriteOptions,
        dry_run: bool,
        limits: [BatchLimits; 3],
    ) -> Result<NewUpload, Refusal> {
        if let Some(refusal) = self.why_no_upload() {
            return Err(refusal);
        }
        let (options, limits) = (self.options.clone(), limits[self.dataset as usize]);
        let open = self.open_mut()?;
        if open.is_rechecking() {
            return Err(Refusal::Rechecking);
        }
        open.forget_refused();
        open.comparison = None;
        Ok(NewUpload {
            table: open.view.table(),
            options,
            mapping: open.view.mapping.clone(),
            checked: Arc::clone(open.checked()?),
            environment,
            consent,
            limits,
            write_options,
            dry_run,
        })
    }
}
