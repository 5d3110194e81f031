//! The app's state and how it changes: actions of a person and events of the background come in, commands for the
//! background come out. No egui, no threads, no disk.

#![deny(clippy::wildcard_enum_match_arm)]

mod action;
mod document;
mod events;
#[cfg(test)]
mod failure_test;
mod fill;
mod filters;
mod find;
pub(crate) mod fix;
mod guard;
mod import;
mod jobs;
mod keeping;
mod key;
mod levels;
mod mapping;
#[cfg(test)]
mod model_test;
mod open;
mod preview;
mod question;
mod records;
mod reduce;
mod refusal;
mod rehearsal;
mod repair;
mod replace;
mod run;
mod search;
#[cfg(test)]
mod sequence_test;
mod settings;
mod sorting;
mod statistics;
mod stored;
mod undo;
mod undoing;
mod uploads;
mod view;

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use crate::{
    domain::{dataset::Dataset, faults::Faults, ids::DocumentId, rules::Levels},
    message::{Command, Generation, WorkError},
    settings::Environment,
    upload::{BatchLimits, PastUpload, UnreadableUpload, UploadId},
};

pub use action::{Action, KeepAction, MappingAction, SettingsAction, Steer, StoredAction, TableAction, UploadAction};
pub use document::{Content, Document, Head, Phase};
pub use filters::{ColumnFilters, FilterAction, ValuesState};
pub use find::{Find, FindState, GoTo, Wrapped};
pub use fix::{Fix, FixKind};
use guard::Unlocked;
pub use import::{ImportAction, ImportDraft};
pub(crate) use jobs::{JobKind, RunningJob};
pub use open::{Check, Filter, OpenDocument};
pub use preview::Comparison;
pub use question::Choice;
pub(crate) use refusal::DeleteRefusal;
pub use refusal::Refusal;
pub(crate) use replace::cells_and_rows;
pub use replace::{Replace, ReplaceAction, ReplaceState};
pub(crate) use run::UploadRun;
pub use sorting::Sorting;
pub(crate) use statistics::ColumnState;
pub(crate) use stored::{Remote, StoredSet};
pub use stored::{Stored, Wipe};
pub(crate) use undoing::Undoing;
pub use view::TableView;

/// What fills the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing opened of this data set yet.
    Empty(Dataset),
    /// An opened file.
    Document(DocumentId),
    /// What is stored in the environment.
    Stored(Dataset),
    /// All uploads of this machine.
    Uploads,
}

/// A question, or a form, in front of everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// What an upload would do.
    Upload(DocumentId),
    /// Whether to delete the selected records.
    Delete(Dataset),
    /// Whether to delete everything.
    Wipe,
    /// Whether to work with an environment that customers see.
    Switch(String),
    /// An environment; `None`: a new one.
    Environment(Option<String>),
    /// Whether to undo an upload.
    Undo(UploadId),
    /// Whether to forget what an upload replaced.
    Discard(UploadId),
    /// Whether to close a document with changes.
    Close(DocumentId),
    /// The faults of the local server.
    Rehearse,
    /// The shortcuts.
    Shortcuts,
    /// The level of every rule.
    Rules,
    /// How a file is read.
    Import(DocumentId),
}

/// A message, until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it when it is dismissed.
    pub id: u64,
    /// Whether something went wrong.
    pub(crate) is_problem: bool,
    /// One or two sentences.
    pub text: String,
    /// The change of a document that it tells of, by its number there.
    change: Option<(DocumentId, u64)>,
}

/// The app's state.
#[derive(Debug)]
pub struct Session {
    /// The opened files, in the order they were opened.
    pub documents: Vec<Document>,
    /// What fills the window.
    pub place: Place,
    /// The environments, the local one first.
    pub environments: Vec<Environment>,
    /// The name of the chosen environment.
    pub environment: String,
    /// The local server's address, once it listens.
    pub local_address: Option<String>,
    /// What is stored in the chosen environment.
    pub stored: Stored,
    /// The faults of the local server, once they were asked for.
    pub(crate) rehearsal: Remote<Faults>,
    /// The dialog shown.
    pub dialog: Option<Dialog>,
    /// Messages for people.
    pub notices: Vec<Notice>,
    /// Files opened lately.
    pub recent: Vec<PathBuf>,
    /// Recipes read or written lately.
    pub recent_recipes: Vec<PathBuf>,
    /// How large requests may be, by data set.
    pub limits: [BatchLimits; 3],
    /// The level of every rule.
    pub levels: Levels,
    /// All uploads, the latest first; or why they are not known.
    pub uploads: Result<Vec<PastUpload>, WorkError>,
    /// Uploads that are known of and cannot be read.
    pub unreadable_uploads: Vec<UnreadableUpload>,
    /// What is wrong with the record of uploads, as far as the start has found.
    pub ledger_damage: Option<WorkError>,
    /// What was last told of uploads that cannot be read.
    told_of_uploads: Option<String>,
    /// How a file is to be read, while somebody thinks about it.
    pub import: Option<ImportDraft>,
    /// An undo that is thought of, runs, or has ended.
    pub undo: Option<Undoing>,
    /// The unfinished uploads to offer going on with: those of before, as long as they are unfinished.
    pub offered: Vec<UploadId>,
    /// Whether uploads were offered already.
    pub(super) has_offered: bool,
    /// What is kept of the open files for the next start.
    pub(crate) keeping: keeping::Keeping,
    /// Whether another start of the program has come to this window, until it has shown itself.
    wants_attention: bool,
    /// The guarded environment that was unlocked.
    unlocked: Option<Unlocked>,
    /// How much time has passed since the window was opened.
    now: Duration,
    /// The environments whose keys were answered 401 since they were entered.
    rejected_keys: BTreeSet<String>,
    /// The environment that is being kept with another key or address, or removed.
    renewed: Option<String>,
    next_doc: u32,
    next_notice: u64,
    generation: Generation,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            documents: Vec::new(),
            place: Place::Empty(Dataset::Products),
            environments: vec![Environment::local()],
            environment: Environment::local().name,
            local_address: None,
            stored: Stored::default(),
            rehearsal: Remote::default(),
            dialog: None,
            notices: Vec::new(),
            recent: Vec::new(),
            recent_recipes: Vec::new(),
            limits: Dataset::ALL.map(BatchLimits::recommended),
            levels: Levels::default(),
            uploads: Ok(Vec::new()),
            unreadable_uploads: Vec::new(),
            ledger_damage: None,
            told_of_uploads: None,
            import: None,
            undo: None,
            offered: Vec::new(),
            has_offered: false,
            keeping: keeping::Keeping::default(),
            wants_attention: false,
            unlocked: None,
            now: Duration::ZERO,
            rejected_keys: BTreeSet::new(),
            renewed: None,
            next_doc: 0,
            next_notice: 0,
            generation: Generation::default(),
        }
    }
}

impl Session {
    /// The document shown.
    pub fn document(&self) -> Option<&Document> {
        match self.place {
            Place::Document(doc) => self.find(doc),
            Place::Empty(_) | Place::Stored(_) | Place::Uploads => None,
        }
    }

    /// A document by its number.
    pub fn find(&self, doc: DocumentId) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == doc)
    }

    pub(crate) fn find_mut(&mut self, doc: DocumentId) -> Option<&mut Document> {
        self.documents.iter_mut().find(|document| document.id == doc)
    }

    /// A document that is open.
    pub(super) fn open_mut(&mut self, doc: DocumentId) -> Option<&mut OpenDocument> {
        self.find_mut(doc)?.open_mut().ok()
    }

    /// The data set the person is looking at.
    pub fn dataset(&self) -> Dataset {
        match self.place {
            Place::Empty(dataset) | Place::Stored(dataset) => dataset,
            Place::Document(doc) => self.find(doc).map_or(Dataset::Products, |document| document.dataset),
            Place::Uploads => Dataset::Products,
        }
    }

    /// The chosen environment.
    pub fn chosen(&self) -> Environment {
        let chosen = self
            .environments
            .iter()
            .find(|environment| environment.name == self.environment);
        chosen.cloned().unwrap_or_else(Environment::local)
    }

    /// How an environment writes its name; as it is given when there is none of that name.
    pub(crate) fn proper_name<'a>(&'a self, name: &'a str) -> &'a str {
        let known = self.environments.iter().find(|environment| environment.is_named(name));
        known.map_or(name, |environment| &environment.name)
    }

    /// Whether something runs that closing the window would end.
    pub fn is_busy(&self) -> bool {
        self.documents.iter().any(Document::is_uploading)
            || self.is_undoing()
            || self.stored.wipe.as_ref().is_some_and(|wipe| wipe.outcome.is_none())
    }

    /// Whether there are changes that closing the window would lose.
    pub fn is_changed(&self) -> bool {
        self.documents.iter().any(Document::is_changed)
    }

    /// The cell to bring into view; handed out once.
    pub fn take_reveal(&mut self, doc: DocumentId) -> Option<(u64, u32)> {
        self.find_mut(doc)?.view_mut().ok()?.reveal.take()
    }

    /// Whether the window is to come forward; told once.
    pub(crate) fn take_attention(&mut self) -> bool {
        std::mem::take(&mut self.wants_attention)
    }

    fn next_generation(&mut self) -> Generation {
        self.generation.0 += 1;
        self.generation
    }

    /// What was done; a refusal is told.
    pub(super) fn told<T>(&mut self, outcome: Result<T, Refusal>) -> Option<T> {
        outcome
            .inspect_err(|refusal| self.notify(false, refusal.to_string()))
            .ok()
    }

    /// An upload that was begun; that it was not stays until it is read.
    fn begun<T>(&mut self, outcome: Result<T, Refusal>) -> Option<T> {
        outcome
            .inspect_err(|refusal| self.notify(true, refusal.to_string()))
            .ok()
    }

    /// Tells something; what was told before in the same words is told anew.
    pub(crate) fn notify(&mut self, is_problem: bool, text: impl Into<String>) {
        let text = text.into();
        self.notices.retain(|notice| notice.text != text);
        self.next_notice += 1;
        self.notices.push(Notice {
            id: self.next_notice,
            is_problem,
            text,
            change: None,
        });
    }

    /// Does something, and tells in its words of the change of a document that comes of it, if one does. It can be taken
    /// back there as long as it is the last.
    pub(super) fn telling(
        &mut self,
        doc: DocumentId,
        change: impl FnOnce(&mut Self) -> (Vec<Command>, String),
    ) -> Vec<Command> {
        let last = |session: &Self| session.find(doc).and_then(Document::view).map(TableView::last_change);
        let before = last(self);
        let (commands, text) = change(self);
        if let Some(change) = last(self).filter(|change| before != Some(*change)) {
            self.notify(false, text);
            if let Some(notice) = self.notices.last_mut() {
                notice.change = Some((doc, change));
            }
        }
        commands
    }

    /// The document whose last change a message tells of, when that can be taken back.
    pub(crate) fn takes_back(&self, notice: &Notice) -> Option<DocumentId> {
        let (doc, change) = notice.change?;
        let document = self.find(doc)?;
        let is_last = document.view()?.last_change() == change && document.can_undo_redo().0;
        (is_last && !document.is_uploading()).then_some(doc)
    }
}
