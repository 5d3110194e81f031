//! What an upload would do to what is stored, as far as it is known.

use std::sync::Arc;

use super::{Dialog, Document, Refusal, Remote, Session};
use crate::{
    domain::{ids::DocumentId, progress::Progress},
    message::{Command, Compared, Generation, Request, UploadCommand, WorkError},
    settings::EnvironmentKind,
    upload::Preview,
};

/// A table held against what is stored in an environment.
#[derive(Debug)]
pub struct Comparison {
    /// The environment.
    pub environment: String,
    /// The request that it belongs to.
    pub generation: Generation,
    /// Counts rows; cancels.
    pub progress: Arc<Progress>,
    /// What was found; `None` while it runs.
    pub outcome: Option<Result<Arc<Preview>, WorkError>>,
    /// The row that is looked at, and what is stored of it.
    pub shown: Option<(u32, Remote<Compared>)>,
}

impl Comparison {
    /// What was found.
    pub fn preview(&self) -> Option<&Preview> {
        self.outcome.as_ref()?.as_ref().ok().map(AsRef::as_ref)
    }
}

impl Document {
    /// Looks, before it is uploaded, what that would do, where records are stored by their ids.
    fn ask_upload(
        &mut self,
        generation: Generation,
        environment: &str,
        looks_there: bool,
    ) -> Result<Option<UploadCommand>, Refusal> {
        if let Some(refusal) = self.why_no_upload() {
            return Err(refusal);
        }
        let request = Request {
            document: self.id,
            generation,
        };
        let has_ids = self.dataset.id_field().is_some();
        let open = self.open_mut()?;
        open.comparison = None;
        if !looks_there || !has_ids || open.sendable_rows() == 0 {
            return Ok(None);
        }
        let checked = Arc::clone(open.checked()?);
        let progress = Arc::new(Progress::default());
        open.comparison = Some(Comparison {
            environment: environment.to_owned(),
            generation,
            progress: Arc::clone(&progress),
            outcome: None,
            shown: None,
        });
        Ok(Some(UploadCommand::Preview {
            request,
            table: open.view.table(),
            checked,
            environment: environment.to_owned(),
            progress,
        }))
    }
}

impl Session {
    /// Shows the question before an upload, and looks meanwhile what it would do.
    pub(super) fn ask_upload(&mut self, doc: DocumentId) -> Vec<Command> {
        if let Some(reason) = self.key_refusal() {
            self.notify(true, reason);
            return Vec::new();
        }
        let generation = self.next_generation();
        let (environment, kind) = (self.environment.clone(), self.chosen().kind);
        let looks_there = kind != EnvironmentKind::Playground;
        let document = self.find_mut(doc).ok_or(Refusal::Closed);
        let asked = document.and_then(|document| document.ask_upload(generation, &environment, looks_there));
        let Some(command) = self.begun(asked) else {
            return Vec::new();
        };
        self.dialog = Some(Dialog::Upload(doc));
        command.map(Command::Upload).into_iter().collect()
    }

    pub(super) fn compare(&mut self, doc: DocumentId, row: u32) -> Vec<Command> {
        let Some(open) = self.open_mut(doc) else {
            return Vec::new();
        };
        let (Ok(checked), table) = (open.checked().cloned(), open.view.table()) else {
            return Vec::new();
        };
        // Nobody looks at the question any more.
        let Some(comparison) = &mut open.comparison else {
            return Vec::new();
        };
        comparison.shown = Some((row, Remote::Pending(None)));
        let request = Request {
            document: doc,
            generation: comparison.generation,
        };
        vec![Command::Upload(UploadCommand::Compare {
            request,
            table,
            checked,
            row,
            environment: comparison.environment.clone(),
        })]
    }

    /// A table was held against what is stored.
    pub(super) fn previewed(&mut self, request: Request, outcome: Result<Arc<Preview>, WorkError>) {
        let open = self.open_mut(request.document);
        if let Some(comparison) = open.and_then(|open| open.comparison.as_mut())
            && comparison.generation == request.generation
        {
            comparison.outcome = Some(outcome);
        }
    }

    /// A row was.
    pub(super) fn compared(&mut self, doc: DocumentId, row: u32, outcome: Result<Compared, WorkError>) {
        if let Some(comparison) = self.open_mut(doc).and_then(|open| open.comparison.as_mut())
            && let Some((shown, compared)) = &mut comparison.shown
            && *shown == row
        {
            compared.answer(outcome);
        }
    }

    /// Forgets the question when its dialog is closed.
    pub(super) fn stop_comparing(&mut self) {
        let open = self.documents.iter().filter_map(|document| document.open().ok());
        for comparison in open.filter_map(|open| open.comparison.as_ref()) {
            comparison.progress.cancel();
        }
        if let Some(undo) = &self.undo {
            undo.looking.cancel();
        }
    }
}
