//! How a file is to be read, while somebody thinks about it: the options being chosen, and the first rows as they would be
//! read with them. The file itself is read anew only when the options are applied.

use std::sync::Arc;

use super::{Dialog, Refusal, Session};
use crate::{
    domain::{ids::DocumentId, progress::Progress},
    frame::OpenOptions,
    message::{Command, Generation, TableCommand, WorkError},
    ops::import::ImportPreview,
};

/// What somebody does about how a file is read.
#[derive(Clone, Debug)]
pub enum ImportAction {
    /// Show the options of a file.
    Ask(DocumentId),
    /// Choose others, without reading the file anew yet.
    Choose(OpenOptions),
    /// Read the file anew with those chosen.
    Apply,
}

/// Options that are being chosen.
#[derive(Debug)]
pub struct ImportDraft {
    /// Of this file.
    pub document: DocumentId,
    /// As they are chosen.
    pub options: OpenOptions,
    /// The first rows as they were read last, or why they cannot be; `None` before anything is known.
    pub preview: Option<Result<ImportPreview, WorkError>>,
    /// The preview that is being made. The next one waits for its end.
    running: Option<RunningPreview>,
}

#[derive(Debug)]
struct RunningPreview {
    search: Generation,
    options: OpenOptions,
    progress: Arc<Progress>,
}

impl ImportDraft {
    /// Whether the preview is not yet that of the options chosen.
    pub const fn is_previewing(&self) -> bool {
        self.running.is_some()
    }
}

impl Drop for ImportDraft {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.progress.cancel();
        }
    }
}

impl Session {
    /// Why the options of a file cannot be chosen now.
    pub(crate) fn why_no_import(&self, doc: DocumentId) -> Option<Refusal> {
        let Some(document) = self.find(doc) else {
            return Some(Refusal::Closed);
        };
        let frame = document.view().map(|view| &view.frame);
        let is_fixed = frame.is_some_and(|frame| frame.origin().is_table() && frame.origin().sheets().is_none());
        if document.is_uploading() {
            Some(Refusal::Uploading)
        } else {
            is_fixed.then_some(Refusal::NoImportOptions)
        }
    }

    pub(super) fn act_on_import(&mut self, action: ImportAction) -> Vec<Command> {
        match action {
            ImportAction::Ask(doc) => self.ask_import(doc),
            ImportAction::Choose(options) => {
                if let Some(draft) = &mut self.import {
                    draft.options = options;
                }
                self.preview_import().into_iter().collect()
            }
            ImportAction::Apply => self.apply_import(),
        }
    }

    fn ask_import(&mut self, doc: DocumentId) -> Vec<Command> {
        if let Some(refusal) = self.why_no_import(doc) {
            self.notify(false, refusal.to_string());
            return Vec::new();
        }
        let Some(options) = self.find(doc).map(|document| document.options.clone()) else {
            return Vec::new();
        };
        self.import = Some(ImportDraft {
            document: doc,
            options,
            preview: None,
            running: None,
        });
        self.dialog = Some(Dialog::Import(doc));
        self.preview_import().into_iter().collect()
    }

    /// Has the first rows read with the options chosen, unless that is under way.
    fn preview_import(&mut self) -> Option<Command> {
        let search = self.next_generation();
        let doc = self.import.as_ref()?.document;
        let (path, request) = self
            .find(doc)
            .map(|document| (document.path.clone(), document.request()))?;
        let draft = self.import.as_mut().filter(|draft| draft.running.is_none())?;
        let (options, progress) = (draft.options.clone(), Arc::<Progress>::default());
        draft.running = Some(RunningPreview {
            search,
            options: options.clone(),
            progress: Arc::clone(&progress),
        });
        let command = TableCommand::PreviewImport {
            path,
            options,
            search,
            progress,
        };
        Some(Command::Table(request, command))
    }

    /// Takes in a preview. Where others were chosen meanwhile, the next one is made.
    pub(super) fn import_previewed(
        &mut self,
        search: Generation,
        preview: Result<ImportPreview, WorkError>,
    ) -> Vec<Command> {
        let Some(draft) = &mut self.import else {
            return Vec::new();
        };
        let Some(running) = draft.running.take_if(|running| running.search == search) else {
            return Vec::new();
        };
        if running.options == draft.options {
            draft.preview = Some(preview);
            return Vec::new();
        }
        self.preview_import().into_iter().collect()
    }

    fn apply_import(&mut self) -> Vec<Command> {
        let Some((doc, options)) = self
            .import
            .as_ref()
            .map(|draft| (draft.document, draft.options.clone()))
        else {
            return Vec::new();
        };
        self.import = None;
        self.dialog = None;
        match self.why_no_import(doc) {
            Some(refusal) => {
                self.notify(false, refusal.to_string());
                Vec::new()
            }
            None => self.set_options(doc, options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::Frame,
        message::{Event, TableEvent},
        session::{
            Action, TableAction,
            sequence_test::{CATALOG, opened},
        },
    };

    fn skipping(skip: u32) -> OpenOptions {
        OpenOptions {
            skip: Some(skip),
            ..OpenOptions::default()
        }
    }

    /// What a preview is made of: its options, and what names it.
    fn previewing(commands: &[Command]) -> (OpenOptions, Generation) {
        let [Command::Table(_, TableCommand::PreviewImport { options, search, .. })] = commands else {
            panic!("{commands:?}");
        };
        (options.clone(), *search)
    }

    fn preview() -> ImportPreview {
        let frame = Frame::from_text("catalog.csv", CATALOG, &OpenOptions::default()).unwrap();
        ImportPreview {
            dialect: *frame.dialect(),
            is_sheet: false,
            above: Vec::new(),
            columns: frame.columns().to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn asked() -> (Session, DocumentId, Generation) {
        let (mut session, doc) = opened();
        let commands = session.act(Action::Import(ImportAction::Ask(doc)));
        let (_, search) = previewing(&commands);
        (session, doc, search)
    }

    fn answered(session: &mut Session, doc: DocumentId, search: Generation) -> Vec<Command> {
        let request = session.find(doc).unwrap().request();
        let preview = Ok(preview());
        session.on(Event::Table(request, TableEvent::ImportPreviewed { search, preview }))
    }

    #[test]
    fn one_preview_runs_at_a_time_and_the_latest_options_are_shown() {
        let (mut session, doc, first) = asked();
        for skip in [1, 2, 3] {
            let commands = session.act(Action::Import(ImportAction::Choose(skipping(skip))));
            assert!(commands.is_empty(), "the first one is not ended");
        }
        let commands = answered(&mut session, doc, first);
        let (options, second) = previewing(&commands);
        assert_eq!(options, skipping(3), "those in between are left out");
        let draft = session.import.as_ref().unwrap();
        assert!(draft.preview.is_none() && draft.is_previewing(), "others were chosen");
        // An answer that nobody waits for any more changes nothing.
        assert!(answered(&mut session, doc, first).is_empty());
        assert!(answered(&mut session, doc, second).is_empty());
        let draft = session.import.as_ref().unwrap();
        assert!(matches!(draft.preview, Some(Ok(_))) && !draft.is_previewing());
    }

    #[test]
    fn the_file_is_read_anew_only_when_options_are_applied() {
        let (mut session, doc, _) = asked();
        session.act(Action::Import(ImportAction::Choose(skipping(1))));
        assert_eq!(session.find(doc).unwrap().options, OpenOptions::default());
        let commands = session.act(Action::Import(ImportAction::Apply));
        let [Command::Table(_, TableCommand::Open { options, .. })] = commands.as_slice() else {
            panic!("{commands:?}");
        };
        assert_eq!(*options, skipping(1));
        assert!(session.dialog.is_none() && session.import.is_none());
    }

    #[test]
    fn cancelling_leaves_the_file_as_it_is() {
        let (mut session, doc, search) = asked();
        session.act(Action::Import(ImportAction::Choose(skipping(1))));
        assert!(session.act(Action::CloseDialog).is_empty());
        assert!(session.import.is_none());
        assert!(answered(&mut session, doc, search).is_empty());
        assert!(session.act(Action::Import(ImportAction::Apply)).is_empty());
        assert!(session.find(doc).unwrap().open().is_ok());
    }

    #[test]
    fn a_preview_that_fails_says_why_and_others_can_be_chosen() {
        let (mut session, doc, search) = asked();
        let request = session.find(doc).unwrap().request();
        let preview = Err(WorkError::from("no text"));
        session.on(Event::Table(request, TableEvent::ImportPreviewed { search, preview }));
        let draft = session.import.as_ref().unwrap();
        assert!(matches!(&draft.preview, Some(Err(error)) if error.reason == "no text"));
        previewing(&session.act(Action::Import(ImportAction::Choose(skipping(1)))));
    }

    #[test]
    fn a_closed_file_has_none() {
        let (mut session, doc, _) = asked();
        session.act(Action::Table(doc, TableAction::CloseAnyway));
        assert_eq!(session.why_no_import(doc), Some(Refusal::Closed));
        assert!(session.act(Action::Import(ImportAction::Ask(doc))).is_empty());
    }
}
