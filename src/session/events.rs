//! What the background reports, taken into the state. Answers to older requests are dropped.

use std::sync::Arc;

use super::{Document, Phase, Session, undo::History};
use crate::{
    check::{Checked, Suggested},
    domain::{ids::DocumentId, mapping::Mapping, message, rows::RowSet},
    frame::Frame,
    message::{Command, Event, Request, TableEvent},
};

impl Session {
    /// Takes in what happened.
    pub fn on(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Table(request, event) => self.on_table(request, event),
            Event::Upload(event) => self.on_upload(event),
            Event::Stored(environment, event) => self.on_stored(&environment, event),
            Event::Settings(event) => self.on_settings(event),
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

    fn on_table(&mut self, request: Request, event: TableEvent) -> Vec<Command> {
        let doc = request.document;
        match event {
            TableEvent::Head { frame, suggested } => {
                if let Some(document) = self.current(request) {
                    document.frame = Some(frame);
                    document.understand(suggested);
                    document.refresh_shown();
                }
            }
            TableEvent::Grown(frame) => {
                if let Some(document) = self.current(request).filter(|document| document.is_partial) {
                    document.frame = Some(frame);
                    document.refresh_shown();
                }
            }
            TableEvent::Opened { frame, suggested } => return self.opened(request, frame, suggested),
            TableEvent::Restored { edits, refused } => self.restore(request, edits, refused),
            TableEvent::Checked(checked) => return self.checked(request, checked),
            TableEvent::Failed(reason) => return self.failed(request, reason),
            TableEvent::Rechecked(checked) => return self.rechecked(request, checked),
            TableEvent::Proven(proofs) => {
                if let Some(document) = self.current(request) {
                    document.proofs.extend(proofs);
                }
            }
            TableEvent::Repaired { changes, .. } => {
                if self.current(request).is_some() {
                    if changes.is_empty() {
                        self.notify(false, "None of these values can be repaired without guessing");
                    }
                    return self.edit(doc, changes);
                }
            }
            TableEvent::Sorted {
                column,
                descending,
                order,
            } => {
                if let Some(document) = self.current(request) {
                    document.sorted = Some((column, descending));
                    document.order = Some(order);
                    document.refresh_shown();
                    // The person sees the beginning of the new order, and the cursor goes along.
                    document.cursor.0 = document.file_row(0).unwrap_or(document.cursor.0);
                    document.reveal = Some((0, document.cursor.1));
                }
            }
            TableEvent::Copied(path) => self.notify(false, format!("The copy is written to {}", path.display())),
            TableEvent::Exported { path, rows } => {
                let rows = if rows == 1 {
                    "1 row".to_owned()
                } else {
                    format!("{rows} rows")
                };
                self.notify(false, format!("{rows} with problems written to {}", path.display()));
            }
            TableEvent::FileChanged(frame) => {
                // It is about the table, whatever was asked for since it was opened.
                if let Some(document) = self.find_mut(doc)
                    && document.frame.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &frame))
                {
                    document.changed_on_disk = true;
                }
            }
        }
        Vec::new()
    }

    /// Takes in what running uploads say; to be called once a frame.
    pub fn read_watches(&mut self) {
        for document in &mut self.documents {
            let Some(upload) = document.upload.as_ref().filter(|upload| upload.report.is_none()) else {
                continue;
            };
            let refused = upload.handles.watch.read().refused;
            if refused.is_empty() {
                continue;
            }
            let rows: Vec<u32> = refused.iter().map(|(row, _)| *row).collect();
            document.refused.extend(refused);
            mark_refused(document, &rows);
            if !document.rechecking.is_empty() {
                document.unmarked.extend(&rows);
            }
            document.revision += 1;
        }
    }

    /// The whole file is there. What was chosen while only its first rows were stays chosen.
    fn opened(&mut self, request: Request, frame: Arc<Frame>, suggested: Suggested) -> Vec<Command> {
        let Some(document) = self.current(request) else {
            return Vec::new();
        };
        let same_columns = document
            .frame
            .as_ref()
            .is_some_and(|head| head.columns() == frame.columns());
        let chosen = document.mapping.take().filter(|_| document.mapping_chosen);
        let (columns, is_json) = (frame.columns().to_vec(), frame.format().is_json());
        document.frame = Some(frame);
        document.understand(suggested);
        if let Some(chosen) = &chosen {
            let mapping = if same_columns {
                chosen.clone()
            } else {
                Mapping::suggest_from(chosen.dataset, &columns, is_json, &document.samples)
            };
            document.dataset = mapping.dataset;
            document.mapping = Some(mapping);
            document.refresh_offers();
        }
        document.is_partial = false;
        document.history = History::default();
        document.phase = Phase::Checking;
        document.order = None;
        document.sorted = None;
        document.refresh_shown();
        if chosen.is_some() {
            self.check_again(request.document)
        } else {
            Vec::new()
        }
    }

    fn checked(&mut self, request: Request, checked: Arc<Checked>) -> Vec<Command> {
        if let Some(document) = self.current(request) {
            document.checked = Some(checked);
            document.phase = Phase::Ready;
            let refused: Vec<u32> = document.refused.keys().copied().collect();
            mark_refused(document, &refused);
            document.refresh_shown();
        }
        let mut commands = self.recheck_if_needed(request.document);
        commands.extend(self.prove(request.document));
        commands
    }

    fn rechecked(&mut self, request: Request, checked: Arc<Checked>) -> Vec<Command> {
        if let Some(document) = self.current(request) {
            document.checked = Some(checked);
            document.rechecking = RowSet::default();
            // What was refused before is marked already.
            let missed: Vec<u32> = std::mem::take(&mut document.unmarked);
            mark_refused(document, &missed);
            document.revision += 1;
        }
        self.recheck_if_needed(request.document)
    }

    /// The document, unless something else was asked for it since.
    pub(super) fn current(&mut self, request: Request) -> Option<&mut Document> {
        self.find_mut(request.document)
            .filter(|document| document.generation == request.generation)
    }

    fn recheck_if_needed(&mut self, doc: DocumentId) -> Vec<Command> {
        let waits = self
            .find(doc)
            .is_some_and(|document| !document.unchecked.is_empty() && document.checked.is_some());
        if waits { self.recheck(doc) } else { Vec::new() }
    }

    /// The table cannot be read or checked. Rows that could not be checked again are not left waiting: the whole table
    /// is checked, and that either ends well or says why not.
    fn failed(&mut self, request: Request, reason: String) -> Vec<Command> {
        let Some(document) = self.current(request) else {
            return Vec::new();
        };
        if document.phase.is_busy() {
            document.phase = Phase::Failed(reason);
            Vec::new()
        } else {
            self.check_again(request.document)
        }
    }
}

/// Marks the rows that the service refused, on the column it named.
fn mark_refused(document: &mut Document, rows: &[u32]) {
    if rows.is_empty() {
        return;
    }
    let Some(mut checked) = document.checked.take() else {
        return;
    };
    let marked = Arc::make_mut(&mut checked);
    for (row, lines) in rows.iter().filter_map(|row| document.refused.get_key_value(row)) {
        for line in lines {
            let path = message::parse(line).map(|line| line.path).unwrap_or_default();
            let column = marked.column_of(&path);
            marked.refuse(*row, column);
        }
    }
    document.checked = Some(checked);
}
