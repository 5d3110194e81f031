//! What a person wants, done: the state changes at once, slow work becomes commands.

use std::{path::PathBuf, sync::Arc};

use super::{Action, Dialog, Document, OpenDocument, Place, Refusal, Session, TableAction, undo::Undone};
use crate::{
    domain::{ids::DocumentId, number::grouped},
    frame::OpenOptions,
    message::{Command, SettingsCommand, TableCommand, UploadCommand},
};

/// Changing so many cells at once is told, with a way back.
pub(super) const MANY_CELLS: usize = 10;

impl Session {
    /// Does what a person wants.
    pub fn act(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Open(paths) => paths.into_iter().map(|path| self.open(path)).collect(),
            Action::OpenSamples => vec![Command::Settings(SettingsCommand::UnpackSamples)],
            Action::Show(place) => self.show(place),
            Action::ShowShortcuts => {
                self.dialog = Some(Dialog::Shortcuts);
                Vec::new()
            }
            Action::CloseDialog => {
                self.stop_comparing();
                self.import = None;
                if self.undo.as_ref().is_some_and(|undo| undo.run.is_none()) {
                    self.undo = None;
                }
                self.dialog = None;
                Vec::new()
            }
            Action::DismissNotice(id) => {
                self.notices.retain(|notice| notice.id != id);
                Vec::new()
            }
            Action::Table(doc, action) => self.act_on_table(doc, action),
            Action::Mapping(doc, action) => self.act_on_mapping(doc, action),
            Action::Import(action) => self.act_on_import(action),
            Action::Upload(action) => self.act_on_uploads(action),
            Action::Stored(action) => self.act_on_stored(action),
            Action::Kept(action) => self.act_on_kept(action),
            Action::Settings(action) => self.act_on_settings(action),
        }
    }

    fn act_on_table(&mut self, doc: DocumentId, action: TableAction) -> Vec<Command> {
        match action {
            TableAction::Close => self.close(doc),
            TableAction::CloseAnyway => {
                self.dialog = None;
                self.remove(doc);
                Vec::new()
            }
            TableAction::SetOptions(options) => self.set_options(doc, options),
            TableAction::OpenAgain => self.open_again(doc),
            TableAction::Edit(cells) => {
                if cells.is_empty() {
                    return Vec::new();
                }
                let count = cells.len();
                if count < MANY_CELLS {
                    return self.change(doc, |open| open.edit(cells));
                }
                self.telling(doc, |session| {
                    let commands = session.change(doc, |open| open.edit(cells));
                    (commands, format!("Changed {} cells", grouped(count as u64)))
                })
            }
            TableAction::Repair(cause) => self.repair(doc, &cause),
            TableAction::RepairAll => self.repair_all(doc),
            TableAction::Undo => self.undo(doc, true),
            TableAction::Redo => self.undo(doc, false),
            TableAction::Filter(filter) => self.with_open(doc, |open| {
                open.filter(filter);
                Ok(None)
            }),
            TableAction::SampleStatistics(columns) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.start_sample(columns, search)))
            }
            TableAction::ColumnStatistics(column) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.start_column(column, search)))
            }
            TableAction::FilterColumns(action) => {
                let search = self.next_generation();
                self.with_open(doc, |open| open.act_on_filters(action, search))
            }
            TableAction::Sort(by) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.sort(by, search)))
            }
            TableAction::StopSort => self.with_open(doc, |open| {
                open.stop_sort();
                Ok(None)
            }),
            TableAction::MoveCursor(row, column) => self.on_document(doc, |document| {
                document.view_mut()?.cursor = (row, column);
                Ok(())
            }),
            TableAction::JumpTo(row, column) => self.on_document(doc, |document| {
                match document.open_mut() {
                    Ok(open) => open.jump(row, column),
                    Err(_) => document.view_mut()?.go_to(row, column),
                }
                Ok(())
            }),
            TableAction::NextProblem => self.with_open(doc, |open| {
                let (row, column) = open.neighbour_problem(true)?;
                open.jump(row, column);
                Ok(None)
            }),
            TableAction::PreviousProblem => self.with_open(doc, |open| {
                let (row, column) = open.neighbour_problem(false)?;
                open.jump(row, column);
                Ok(None)
            }),
            TableAction::JumpToCause(cause) => self.with_open(doc, |open| {
                let row = open.first_with(&cause).ok_or(Refusal::NoProblem)?;
                open.jump(row, cause.column.unwrap_or(0));
                Ok(None)
            }),
            TableAction::Find(query) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.start_find(query, search)))
            }
            TableAction::FindNext => self.find_step(doc, true),
            TableAction::FindPrevious => self.find_step(doc, false),
            TableAction::StopFind => self.with_open(doc, |open| {
                open.stop_find();
                Ok(None)
            }),
            TableAction::Replace(action) => self.act_on_replacing(doc, action),
            TableAction::FillDown { rows, columns } => self.fill_down(doc, rows, &columns),
            TableAction::GoTo(text) => {
                let search = self.next_generation();
                self.with_open(doc, |open| Ok(open.start_go_to(&text, search)))
            }
            TableAction::StopGoTo => self.with_open(doc, |open| {
                open.go_to = None;
                Ok(None)
            }),
            TableAction::SaveCopy(path) => self.save_copy(doc, path, false),
            TableAction::SaveCopyAndClose(path) => self.save_copy(doc, path, true),
            TableAction::ExportProblems(path) => self.with_open(doc, |open| {
                Ok(Some(TableCommand::Export {
                    table: open.view.table(),
                    checked: Arc::clone(open.checked()?),
                    path,
                }))
            }),
            TableAction::Cancel => {
                let generation = self.next_generation();
                self.on_document(doc, |document| {
                    document.cancel(generation);
                    Ok(())
                })
            }
        }
    }

    pub(super) fn find_step(&mut self, doc: DocumentId, forward: bool) -> Vec<Command> {
        let search = self.next_generation();
        self.with_open(doc, |open| Ok(open.find_step(forward, search)))
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

    fn save_copy(&mut self, doc: DocumentId, path: PathBuf, then_close: bool) -> Vec<Command> {
        if let Some(document) = self.find_mut(doc) {
            document.close_after_copy(then_close.then(|| path.clone()));
        }
        self.with_open(doc, |open| {
            let table = open.view.table();
            Ok(Some(TableCommand::SaveCopy { table, path }))
        })
    }

    pub(super) fn remove(&mut self, doc: DocumentId) {
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

    pub(super) fn set_options(&mut self, doc: DocumentId, options: OpenOptions) -> Vec<Command> {
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
        fresh.found = document.found.take();
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

    /// Tries again to read or check a file, without losing what was changed in it.
    fn open_again(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(document) = self.find(doc) else {
            return Vec::new();
        };
        // What has been read whole, and is still there, is only checked again.
        let is_read = document.open().is_ok_and(|open| !open.changed_on_disk);
        let is_in_use = document.open().is_ok() && (document.is_changed() || document.is_uploading());
        if is_read || is_in_use {
            return self.check_again(doc);
        }
        let options = document.options.clone();
        self.set_options(doc, options)
    }

    pub(super) fn check_again(&mut self, doc: DocumentId) -> Vec<Command> {
        let generation = self.next_generation();
        let levels = self.levels;
        let document = self.find_mut(doc);
        let command = document.and_then(|document| document.check_again(generation, levels));
        command.into_iter().collect()
    }

    /// Changes cells, unless they cannot be changed now, and checks their rows again.
    pub(super) fn change(&mut self, doc: DocumentId, change: impl FnOnce(&mut OpenDocument)) -> Vec<Command> {
        let changed = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            if document.is_uploading() {
                return Err(Refusal::Fixed);
            }
            let open = document.open_mut().map_err(|_| Refusal::Fixed)?;
            change(open);
            Ok(())
        });
        match self.told(changed) {
            Some(()) => self.recheck(doc),
            None => Vec::new(),
        }
    }

    fn undo(&mut self, doc: DocumentId, is_undo: bool) -> Vec<Command> {
        let document = self.find_mut(doc).ok_or(Refusal::Closed);
        let undone = document.and_then(|document| document.undo(is_undo));
        match self.told(undone) {
            None => Vec::new(),
            Some(Undone::Cells) => self.recheck(doc),
            Some(Undone::Mapping) => {
                let mut commands = self.check_again(doc);
                commands.extend(self.save_recipe(doc));
                commands
            }
        }
    }

    /// Has the edited rows checked again; while that runs, more rows wait for their turn.
    pub(super) fn recheck(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(open) = self.open_mut(doc) else {
            return Vec::new();
        };
        if open.checked().is_err() {
            // The check under way does not know the edit: it must start again.
            return self.check_again(doc);
        }
        self.with_open(doc, |open| {
            let started = open.start_recheck();
            Ok(started.map(|(checked, rows)| TableCommand::Recheck {
                table: open.view.table(),
                checked,
                rows,
            }))
        })
    }

    /// Does something with a document, or tells why not.
    pub(super) fn on_document(
        &mut self,
        doc: DocumentId,
        change: impl FnOnce(&mut Document) -> Result<(), Refusal>,
    ) -> Vec<Command> {
        let done = self.find_mut(doc).ok_or(Refusal::Closed).and_then(change);
        self.told(done);
        Vec::new()
    }

    /// Does something with an open file, or tells why not.
    pub(super) fn with_open(
        &mut self,
        doc: DocumentId,
        act: impl FnOnce(&mut OpenDocument) -> Result<Option<TableCommand>, Refusal>,
    ) -> Vec<Command> {
        let done = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            let command = act(document.open_mut()?)?;
            Ok(command.map(|command| Command::Table(document.request(), command)))
        });
        self.told(done).flatten().into_iter().collect()
    }
}
