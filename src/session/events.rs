//! What the background reports, taken into the state. Answers to older requests are dropped.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Action, Content, Document, OpenDocument, Place, Session, fix::SafeFixes};
use crate::{
    check::{Checked, Suggested},
    domain::{ids::DocumentId, number::grouped},
    frame::Frame,
    message::{Command, Event, Request, TableEvent, kept::Unfit},
    settings::put_on_top,
};

impl Session {
    /// Takes in what happened.
    pub fn on(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Table(request, event) => self.on_table(request, event),
            Event::Upload(event) => self.on_upload(event),
            Event::Stored(environment, event) => self.on_stored(&environment, event),
            Event::Settings(event) => self.on_settings(event),
            Event::Keep(event) => self.on_keep(event),
            Event::HandedOver(paths) => self.receive(paths),
            Event::Told(text) => {
                self.notify(false, text);
                Vec::new()
            }
            Event::Problem(text) => {
                self.notify(true, text);
                Vec::new()
            }
        }
    }

    /// Shows the files that another start of the program was given; those that are open are not opened again.
    fn receive(&mut self, paths: Vec<PathBuf>) -> Vec<Command> {
        self.wants_attention = true;
        let mut commands = Vec::new();
        for path in paths {
            let mut open = self.documents.iter().filter(|document| document.path == path);
            match open.next().map(|document| document.id) {
                Some(doc) => self.place = Place::Document(doc),
                None => commands.extend(self.act(Action::Open(vec![path]))),
            }
        }
        commands
    }

    fn on_table(&mut self, request: Request, event: TableEvent) -> Vec<Command> {
        let doc = request.document;
        match event {
            TableEvent::Head { frame, suggested } => {
                if let Some(document) = self.current(request) {
                    document.show_head(frame, suggested);
                }
            }
            TableEvent::Grown(frame) => {
                if let Some(document) = self.current(request) {
                    document.grow(frame);
                }
            }
            TableEvent::Opened { frame, suggested } => return self.opened(request, frame, suggested),
            TableEvent::Restored { edits, refused } => self.restore(request, edits, refused),
            TableEvent::Checked(checked) => return self.checked(request, checked),
            TableEvent::Failed(reason) => return self.failed(request, reason),
            TableEvent::TooLarge(excess) => {
                if let Some(document) = self.current(request) {
                    document.ask_whether_to_open(excess);
                }
            }
            TableEvent::Missing => self.missing(request),
            TableEvent::Rechecked(checked) => return self.rechecked(request, checked),
            TableEvent::Proven(proofs) => {
                if let Some(open) = self.current_open(request) {
                    open.view.proven(proofs);
                }
            }
            TableEvent::Repaired {
                causes,
                offers,
                before,
                edits,
                rows,
            } => {
                if self.current(request).is_some() {
                    return self.repaired(doc, SafeFixes { offers, causes }, &before, edits, rows);
                }
            }
            // A search names itself, whatever was requested since.
            TableEvent::Sorted { search, order } => {
                let outcome = self.open_mut(doc).map(|open| open.sorted(search, order));
                if let Some(Err(error)) = outcome {
                    self.notify(true, error.reason);
                }
            }
            TableEvent::Filtered { search, rows } => {
                if let Some(open) = self.open_mut(doc) {
                    open.filtered(search, rows);
                }
            }
            TableEvent::CountedValues { search, values } => {
                if let Some(open) = self.open_mut(doc) {
                    open.counted_values(search, values);
                }
            }
            TableEvent::Found { search, places } => {
                if let Some(open) = self.open_mut(doc) {
                    open.found(search, places);
                }
            }
            TableEvent::CountedReplace { search, count } => {
                if let Some(open) = self.open_mut(doc) {
                    open.counted_replace(search, count);
                }
            }
            TableEvent::Replaced { search, replaced } => return self.replaced(doc, search, replaced),
            TableEvent::FoundRow { search, row } => {
                if let Some(open) = self.open_mut(doc) {
                    open.found_row(search, row);
                }
            }
            TableEvent::ImportPreviewed { search, preview } => return self.import_previewed(search, preview),
            TableEvent::Statistics { search, found } => {
                if let Some(open) = self.open_mut(doc) {
                    open.end_statistics(search, found);
                }
            }
            TableEvent::Copied(path) => self.copied(doc, &path),
            TableEvent::NotCopied(reason) => {
                if let Some(document) = self.find_mut(doc) {
                    document.close_after_copy(None);
                }
                self.notify(true, reason);
            }
            TableEvent::Exported { path, rows } => {
                let rows = if rows == 1 {
                    "1 row".to_owned()
                } else {
                    format!("{} rows", grouped(rows))
                };
                self.notify(false, format!("{rows} with problems written to {}", path.display()));
            }
            TableEvent::FileChanged(frame) => {
                // The event concerns the file, whatever was requested since it was opened.
                if let Some(open) = self.open_mut(doc).filter(|open| Arc::ptr_eq(&open.view.frame, &frame)) {
                    open.changed_on_disk = true;
                }
            }
        }
        Vec::new()
    }

    /// The file is not there: nothing of it is left to show.
    fn missing(&mut self, request: Request) {
        let document = self.current(request);
        if let Some((path, found)) = document.map(|document| (document.path.clone(), document.found.take())) {
            if let Some(found) = found {
                self.leave_over(request.document, &found, Unfit::Missing);
            }
            self.remove(request.document);
            let path = path.display();
            self.notify(
                true,
                format!("There is no file {path}; it may have been moved, renamed or deleted"),
            );
        }
    }

    /// A copy is there: the document closes if that was wanted, and nothing was changed since.
    fn copied(&mut self, doc: DocumentId, path: &Path) {
        let closes = self
            .find_mut(doc)
            .is_some_and(|document| document.is_closed_by_copy(path));
        if closes {
            self.remove(doc);
        }
        self.notify(false, format!("The copy is written to {}", path.display()));
    }

    /// Takes in what running uploads say; to be called once a frame.
    pub fn read_watches(&mut self) {
        for Document { upload, content, .. } in &mut self.documents {
            let running = upload.as_ref().filter(|upload| upload.report.is_none());
            // Before the table is there the watch is left unread.
            let (Some(upload), Content::Open(open)) = (running, content) else {
                continue;
            };
            let refused = upload.handles.watch.read().refused;
            if !refused.is_empty() {
                open.refuse(refused);
            }
        }
    }

    /// The whole file is there.
    fn opened(&mut self, request: Request, frame: Arc<Frame>, suggested: Suggested) -> Vec<Command> {
        let document = self.current(request);
        let path = document.as_ref().map(|document| document.path.clone());
        let is_chosen = document.is_some_and(|document| document.show_whole(frame, suggested));
        if let Some(path) = path {
            put_on_top(&mut self.recent, &path);
        }
        if is_chosen {
            let mut commands = self.check_again(request.document);
            commands.extend(self.lay_over(request.document));
            commands
        } else {
            self.lay_over(request.document)
        }
    }

    fn checked(&mut self, request: Request, checked: Arc<Checked>) -> Vec<Command> {
        if let Some(open) = self.current_open(request) {
            open.end_check(checked);
        }
        let mut commands = self.recheck_if_needed(request.document);
        commands.extend(self.prove(request.document));
        commands.extend(self.show_as_before(request.document));
        commands
    }

    fn rechecked(&mut self, request: Request, checked: Arc<Checked>) -> Vec<Command> {
        if let Some(open) = self.current_open(request) {
            open.end_recheck(checked);
        }
        let mut commands = self.recheck_if_needed(request.document);
        commands.extend(self.show_as_before(request.document));
        commands
    }

    /// The document, unless something else was asked for it since.
    pub(super) fn current(&mut self, request: Request) -> Option<&mut Document> {
        self.find_mut(request.document)
            .filter(|document| document.generation == request.generation)
    }

    fn current_open(&mut self, request: Request) -> Option<&mut OpenDocument> {
        self.current(request)?.open_mut().ok()
    }

    fn recheck_if_needed(&mut self, doc: DocumentId) -> Vec<Command> {
        let waits = self.find(doc).is_some_and(|document| document.checked().is_some());
        if waits { self.recheck(doc) } else { Vec::new() }
    }

    /// The table cannot be read or checked. Rows that could not be checked again are not left waiting: the whole table
    /// is checked, and that either ends well or says why not.
    fn failed(&mut self, request: Request, reason: String) -> Vec<Command> {
        let Some(document) = self.current(request) else {
            return Vec::new();
        };
        if document.phase().is_busy() {
            document.fail(reason);
            Vec::new()
        } else {
            self.check_again(request.document)
        }
    }
}
