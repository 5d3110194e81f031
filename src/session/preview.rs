//! What an upload would do to what is stored, as far as it is known.

use std::sync::Arc;

use super::{Action, Dialog, Document, Phase, Remote, Session};
use crate::{
    domain::{ids::DocumentId, progress::Progress},
    message::{Command, Compared, Generation, Request, UploadCommand},
    settings::EnvironmentKind,
    upload::Preview,
};

/// A table held against what is stored in an environment.
#[derive(Debug)]
pub struct Comparison {
    /// The environment.
    pub environment: String,
    /// Of this request.
    pub generation: Generation,
    /// Counts rows; cancels.
    pub progress: Arc<Progress>,
    /// What was found; `None` while it runs.
    pub outcome: Option<Result<Arc<Preview>, String>>,
    /// The row that is looked at, and what is stored of it.
    pub shown: Option<(u32, Remote<Compared>)>,
}

impl Comparison {
    /// What was found.
    pub fn preview(&self) -> Option<&Preview> {
        self.outcome.as_ref()?.as_ref().ok().map(AsRef::as_ref)
    }
}

impl Session {
    pub(super) fn act_on_preview(&mut self, action: &Action) -> Vec<Command> {
        match action {
            Action::AskUpload(doc) => self.ask_upload(*doc),
            Action::Compare(doc, row) => self.compare(*doc, *row),
            _ => Vec::new(),
        }
    }

    /// Shows the question before an upload, and looks meanwhile what it would do.
    fn ask_upload(&mut self, doc: DocumentId) -> Vec<Command> {
        let generation = self.next_generation();
        let (environment, kind) = (self.environment.clone(), self.chosen().kind);
        let is_ready = |document: &&mut Document| document.phase == Phase::Ready && !document.is_uploading();
        let Some(document) = self.find_mut(doc).filter(is_ready) else {
            return Vec::new();
        };
        if document.question.is_some() {
            self.notify(true, "Say first what these records are".to_owned());
            return Vec::new();
        }
        document.comparison = None;
        let looks = document.dataset.id_field().is_some()
            && kind != EnvironmentKind::Playground
            && document.sendable_rows() > 0;
        let table = document.table().zip(document.checked.clone()).filter(|_| looks);
        let command = table.map(|(table, checked)| {
            let progress = Arc::new(Progress::default());
            document.comparison = Some(Comparison {
                environment: environment.clone(),
                generation,
                progress: Arc::clone(&progress),
                outcome: None,
                shown: None,
            });
            UploadCommand::Preview {
                request: Request {
                    document: doc,
                    generation,
                },
                table,
                checked,
                environment,
                progress,
            }
        });
        self.dialog = Some(Dialog::Upload(doc));
        command.map(Command::Upload).into_iter().collect()
    }

    fn compare(&mut self, doc: DocumentId, row: u32) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        let (Some(table), Some(checked), Some(comparison)) =
            (document.table(), document.checked.clone(), &mut document.comparison)
        else {
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
    pub(super) fn previewed(&mut self, request: Request, outcome: Result<Arc<Preview>, String>) {
        let document = self.find_mut(request.document);
        if let Some(comparison) = document.and_then(|document| document.comparison.as_mut())
            && comparison.generation == request.generation
        {
            comparison.outcome = Some(outcome);
        }
    }

    /// A row was.
    pub(super) fn compared(&mut self, doc: DocumentId, row: u32, outcome: Result<Compared, String>) {
        if let Some(comparison) = self.find_mut(doc).and_then(|document| document.comparison.as_mut())
            && let Some((shown, compared)) = &mut comparison.shown
            && *shown == row
        {
            compared.answer(outcome);
        }
    }

    /// Nobody looks at the question any more.
    pub(super) fn stop_comparing(&mut self) {
        for comparison in self
            .documents
            .iter()
            .filter_map(|document| document.comparison.as_ref())
        {
            comparison.progress.cancel();
        }
        if let Some(undo) = &self.undo {
            undo.looking.cancel();
        }
    }
}
