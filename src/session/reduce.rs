//! What a person wants, done: the state changes at once, slow work becomes commands.

use std::{path::PathBuf, sync::Arc};

use super::{
    Action, Dialog, Document, Filter, Phase, Place, Session,
    undo::{Cells, Step},
};
use crate::{
    domain::{ids::DocumentId, progress::Progress, rows::RowSet},
    frame::OpenOptions,
    message::{CellChange, Command, SettingsCommand, Table, TableCommand, UploadCommand},
};

impl Session {
    /// Does what a person wants.
    pub fn act(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Open(paths) => paths.into_iter().map(|path| self.open(path)).collect(),
            Action::OpenSamples => vec![Command::Settings(SettingsCommand::UnpackSamples)],
            Action::Close(doc) => self.close(doc),
            Action::CloseAnyway(doc) => {
                self.dialog = None;
                self.remove(doc);
                Vec::new()
            }
            Action::Show(place) => self.show(place),
            Action::SetDataset(doc, dataset) => self.set_dataset(doc, dataset),
            Action::SetOptions(doc, options) => self.set_options(doc, options),
            Action::Map {
                doc,
                column,
                path,
                custom_type,
            } => self.map(doc, column, path.as_deref(), custom_type),
            action @ (Action::Transform { .. }
            | Action::SetConstant { .. }
            | Action::Accept(..)
            | Action::AcceptAll(_)
            | Action::StartAfresh(_)
            | Action::ImportRecipe(..)
            | Action::ExportRecipe(..)) => self.act_on_mapping(action),
            Action::Edit { doc, cells } => {
                let Some(document) = self.find(doc) else {
                    return Vec::new();
                };
                let change = |(row, column, text): (u32, u32, String)| CellChange {
                    row,
                    column,
                    cell: Some(document.typed(column, text)),
                };
                let changes = cells.into_iter().map(change).collect();
                self.edit(doc, changes)
            }
            Action::Repair(doc, cause) => self.with_table(doc, |document, table| {
                let checked = Arc::clone(document.checked.as_ref()?);
                Some(TableCommand::Repair { table, checked, cause })
            }),
            Action::Undo(doc) => self.undo(doc, true),
            Action::Redo(doc) => self.undo(doc, false),
            Action::Filter(doc, filter) => self.on_document(doc, |document| {
                document.filter = filter;
                document.refresh_shown();
                if document.display_row(document.cursor.0).is_none()
                    && let Some(first) = document.file_row(0)
                {
                    document.cursor.0 = first;
                }
                document.reveal = document
                    .display_row(document.cursor.0)
                    .map(|row| (row, document.cursor.1));
            }),
            Action::Sort(doc, None) => self.on_document(doc, |document| {
                document.sorted = None;
                document.order = None;
                document.refresh_shown();
                document.reveal = document
                    .display_row(document.cursor.0)
                    .map(|row| (row, document.cursor.1));
            }),
            Action::Sort(doc, Some((column, descending))) => self.with_table(doc, |document, table| {
                (!document.is_partial).then_some(TableCommand::Sort {
                    table,
                    column,
                    descending,
                })
            }),
            Action::MoveCursor(doc, row, column) => self.on_document(doc, |document| document.cursor = (row, column)),
            Action::JumpTo(doc, row, column) => self.jump(doc, Some((row, column))),
            Action::NextProblem(doc) => {
                let place = self.find(doc).and_then(|document| document.neighbour_problem(true));
                self.jump(doc, place)
            }
            Action::PreviousProblem(doc) => {
                let place = self.find(doc).and_then(|document| document.neighbour_problem(false));
                self.jump(doc, place)
            }
            Action::JumpToCause(doc, cause) => {
                let rows = self
                    .find(doc)
                    .and_then(|d| d.checked.as_ref())
                    .and_then(|c| c.issues.rows(&cause));
                let row = rows.and_then(|rows| rows.at_or_after(0));
                self.jump(doc, row.map(|row| (row, cause.column.unwrap_or(0))))
            }
            Action::SaveCopy(doc, path) => self.with_table(doc, |document, table| {
                (!document.is_partial).then_some(TableCommand::SaveCopy { table, path })
            }),
            Action::ExportProblems(doc, path) => self.with_table(doc, |document, table| {
                let checked = Arc::clone(document.checked.as_ref()?);
                Some(TableCommand::Export { table, checked, path })
            }),
            Action::AskUpload(_) | Action::Compare(..) => self.act_on_preview(&action),
            Action::Upload { doc, manner, dry_run } => self.upload(doc, manner, dry_run),
            Action::Cancel(doc) => {
                let generation = self.next_generation();
                self.on_document(doc, |document| {
                    if let Some(upload) = &document.upload {
                        upload.handles.progress.cancel();
                    }
                    if document.phase.is_busy() {
                        // What still arrives of the stopped work must not be taken for the whole.
                        document.generation = generation;
                        document.progress.cancel();
                        document.phase = Phase::Failed("Stopped before the whole file was checked".to_owned());
                    }
                })
            }
            Action::DismissUpload(doc) => self.on_document(doc, |document| {
                if !document.is_uploading() {
                    document.upload = None;
                }
            }),
            Action::Steer(..)
            | Action::Resume(_)
            | Action::SetAside(_)
            | Action::DismissOffer
            | Action::SaveRemains(..)
            | Action::SavePastRemains(..) => self.act_on_uploads(action),
            Action::AskUndo(_)
            | Action::UndoUpload { .. }
            | Action::SteerUndo(_)
            | Action::DismissUndo
            | Action::AskDiscard(_)
            | Action::Discard(_) => self.act_on_undo(&action),
            action @ (Action::ShowRules | Action::SetLevel(..) | Action::ResetLevels) => self.act_on_rules(&action),
            action @ (Action::AskRehearsal | Action::Rehearse(_)) => self.act_on_rehearsal(action),
            other => self.act_on_stored(other),
        }
    }

    fn open(&mut self, path: PathBuf) -> Command {
        let doc = DocumentId(self.next_doc);
        self.next_doc += 1;
        let generation = self.next_generation();
        let mut document = Document::new(doc, path.clone());
        document.generation = generation;
        let command = TableCommand::Open {
            path,
            options: document.options.clone(),
            dataset: None,
            levels: self.levels,
            progress: Arc::clone(&document.progress),
        };
        let command = Command::Table(document.request(), command);
        self.documents.push(document);
        self.place = Place::Document(doc);
        command
    }

    fn close(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(document) = self.find(doc) else {
            return Vec::new();
        };
        if document.is_changed() || document.is_uploading() {
            self.dialog = Some(Dialog::Close(doc));
        } else {
            self.remove(doc);
        }
        Vec::new()
    }

    fn remove(&mut self, doc: DocumentId) {
        let Some(at) = self.documents.iter().position(|document| document.id == doc) else {
            return;
        };
        let document = self.documents.remove(at);
        document.progress.cancel();
        if let Some(upload) = &document.upload {
            upload.handles.progress.cancel();
        }
        if self.place == Place::Document(doc) {
            let near = self.documents.get(at).or_else(|| self.documents.last());
            self.place = near.map_or(Place::Empty(document.dataset), |document| Place::Document(document.id));
        }
    }

    fn show(&mut self, place: Place) -> Vec<Command> {
        self.place = match place {
            // The newest file of the data set, if there is one.
            Place::Empty(dataset) => {
                let newest = self.documents.iter().rev().find(|document| document.dataset == dataset);
                newest.map_or(place, |document| Place::Document(document.id))
            }
            Place::Document(_) | Place::Stored(_) | Place::Uploads => place,
        };
        match self.place {
            Place::Stored(_) => self.ask_stored(),
            Place::Uploads => vec![Command::Upload(UploadCommand::List)],
            Place::Empty(_) | Place::Document(_) => Vec::new(),
        }
    }

    fn set_options(&mut self, doc: DocumentId, options: OpenOptions) -> Vec<Command> {
        let generation = self.next_generation();
        let levels = self.levels;
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        document.progress.cancel();
        let mut fresh = Document::new(doc, document.path.clone());
        fresh.options = options;
        fresh.generation = generation;
        fresh.dataset = document.dataset;
        fresh.dataset_chosen = document.dataset_chosen;
        *document = fresh;
        let command = TableCommand::Open {
            path: document.path.clone(),
            options: document.options.clone(),
            dataset: document.dataset_chosen.then_some(document.dataset),
            levels,
            progress: Arc::clone(&document.progress),
        };
        vec![Command::Table(document.request(), command)]
    }

    pub(super) fn check_again(&mut self, doc: DocumentId) -> Vec<Command> {
        let generation = self.next_generation();
        let levels = self.levels;
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        let (Some(table), Some(mapping)) = (document.table(), document.mapping.clone()) else {
            return Vec::new();
        };
        document.dataset = mapping.dataset;
        document.refresh_offers();
        if document.is_partial {
            // The rest of the file is still to come, and will be checked as it is mapped then.
            document.mapping_chosen = true;
            return Vec::new();
        }
        document.progress.cancel();
        document.progress = Arc::new(Progress::default());
        document.generation = generation;
        document.phase = Phase::Checking;
        document.checked = None;
        document.unchecked = RowSet::default();
        document.rechecking = RowSet::default();
        document.filter = Filter::All;
        document.refresh_shown();
        let command = TableCommand::Check {
            table,
            mapping,
            levels,
            progress: Arc::clone(&document.progress),
        };
        vec![Command::Table(document.request(), command)]
    }

    /// Changes cells, as a step that can be undone, and checks their rows again.
    pub(super) fn edit(&mut self, doc: DocumentId, changes: Vec<CellChange>) -> Vec<Command> {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
            return Vec::new();
        };
        let cursors = [last, first].map(|change| (change.row, change.column));
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        if document.is_partial || document.is_uploading() {
            let why = "Cells can be changed once the file is open and no upload runs";
            self.notify(false, why);
            return Vec::new();
        }
        let before = Arc::clone(&document.edits);
        let mut rows = RowSet::default();
        let edits = Arc::make_mut(&mut document.edits);
        for CellChange { row, column, cell } in changes {
            edits.set(row, column, cell);
            rows.insert(row);
        }
        let edits = Arc::clone(&document.edits);
        document.change(edits, &rows);
        document.history.push(Step::Cells(Cells {
            edits: before,
            rows,
            cursors,
        }));
        self.recheck(doc)
    }

    fn undo(&mut self, doc: DocumentId, is_undo: bool) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        if document.is_uploading() {
            return Vec::new();
        }
        let step = if is_undo {
            document.history.take_undo()
        } else {
            document.history.take_redo()
        };
        let (inverse, is_cells) = match step {
            None => return Vec::new(),
            Some(Step::Cells(Cells {
                edits,
                rows,
                cursors: [cursor, other],
            })) => {
                document.cursor = cursor;
                document.reveal = document.display_row(cursor.0).map(|row| (row, cursor.1));
                let before = Arc::clone(&document.edits);
                document.change(edits, &rows);
                let inverse = Cells {
                    edits: before,
                    rows,
                    cursors: [other, cursor],
                };
                (Step::Cells(inverse), true)
            }
            Some(Step::Mapping(mapping)) => {
                let dataset = mapping.dataset;
                let Some(before) = document.mapping.replace(*mapping) else {
                    return Vec::new();
                };
                if before.dataset != dataset {
                    document.ask_again();
                }
                (Step::Mapping(Box::new(before)), false)
            }
        };
        if is_undo {
            document.history.undone(inverse);
        } else {
            document.history.redone(inverse);
        }
        if is_cells {
            self.recheck(doc)
        } else {
            let mut commands = self.check_again(doc);
            commands.extend(self.save_recipe(doc));
            commands
        }
    }

    /// Has the edited rows checked again; while that runs, more rows wait for their turn.
    pub(super) fn recheck(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        let (Some(table), Some(checked)) = (document.table(), document.checked.clone()) else {
            // The check under way does not know the edit: it must start again.
            return self.check_again(doc);
        };
        if !document.rechecking.is_empty() || document.unchecked.is_empty() {
            return Vec::new();
        }
        document.rechecking = std::mem::take(&mut document.unchecked);
        let rows = document.rechecking.clone();
        let command = TableCommand::Recheck { table, checked, rows };
        vec![Command::Table(document.request(), command)]
    }

    fn jump(&mut self, doc: DocumentId, place: Option<(u32, u32)>) -> Vec<Command> {
        self.on_document(doc, |document| {
            let Some((row, column)) = place else { return };
            if document.display_row(row).is_none() {
                document.filter = Filter::All;
                document.refresh_shown();
            }
            document.cursor = (row, column);
            document.reveal = document.display_row(row).map(|row| (row, column));
        })
    }

    fn on_document(&mut self, doc: DocumentId, change: impl FnOnce(&mut Document)) -> Vec<Command> {
        if let Some(document) = self.find_mut(doc) {
            change(document);
        }
        Vec::new()
    }

    fn with_table(
        &mut self,
        doc: DocumentId,
        command: impl FnOnce(&Document, Table) -> Option<TableCommand>,
    ) -> Vec<Command> {
        let Some(document) = self.find(doc) else {
            return Vec::new();
        };
        let Some(table) = document.table() else {
            return Vec::new();
        };
        let command = command(document, table);
        command
            .map(|command| Command::Table(document.request(), command))
            .into_iter()
            .collect()
    }
}
