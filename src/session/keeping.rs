//! What is open is kept for the next start, and what was open is laid over its files again.

use std::{sync::Arc, time::Duration};

use super::{Content, Document, Filter, KeepAction, OpenDocument, Place, Session, undo::History};
use crate::{
    domain::{
        ids::DocumentId,
        issue::IssueSet,
        mapping::{Mapping, Reason},
        rows::RowSet,
    },
    frame::{Edits, OpenOptions, SortBy},
    message::{
        Command, KeepCommand, KeepEvent, TableCommand,
        kept::{
            FoundDocument, FoundSession, Kept, KeptDocument, KeptFilter, KeptId, KeptView, LeftOver, NumberedStep,
            Step, StepList, Unfit,
        },
    },
    upload::Retention,
};

/// How long a change may wait until it is kept.
const PACE: Duration = Duration::from_secs(2);
/// How long it may wait once something could not be kept.
const PACE_OF_FAILURE: Duration = Duration::from_mins(1);

/// What is kept of the open files, and what was found at the start.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    state: KeepState,
    /// What was kept last.
    kept: Vec<KeepMark>,
    is_saving: bool,
    has_failed: bool,
    saves: u64,
    /// The files whose changes were laid over them again, until that is put away.
    pub(crate) restored: Vec<Restored>,
    /// Changes that do not fit their files any more.
    pub(crate) left_over: Vec<LeftOver>,
    pub(crate) hides_left_over: bool,
    /// How long those are kept.
    pub(crate) retention: Retention,
}

/// Whether anything is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum KeepState {
    /// It is not known yet what was open when the program ended last.
    #[default]
    Unknown,
    On,
    /// There is no place for it.
    Off,
}

/// A file that has its changes back.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) doc: DocumentId,
    pub(crate) cells: u64,
    /// What was laid over it when it was opened first.
    base: Arc<Edits>,
}

/// What tells whether something is as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum KeepMark {
    Document {
        doc: DocumentId,
        /// Where table and edits stand in memory.
        table: [usize; 2],
        changes: u64,
        view: KeptView,
    },
    Found(KeptId),
}

impl Session {
    /// Whether changes outlive the window.
    pub fn keeps(&self) -> bool {
        self.keeping.state == KeepState::On && !self.keeping.has_failed
    }

    /// Whether the changes of a document are there again at the next start: not those of a file that is another by now.
    pub(crate) fn keeps_changes_of(&self, document: &Document) -> bool {
        self.keeps() && !document.open().is_ok_and(|open| open.changed_on_disk)
    }

    /// Whether what was restored can be discarded: not while files are being opened, as that could not be undone.
    pub(crate) fn can_discard_restored(&self) -> bool {
        let restored = self.keeping.restored.iter();
        let mut documents = restored.filter_map(|restored| self.find(restored.doc));
        documents.all(|document| document.found.is_none())
    }

    /// How long to wait until what is new is kept; `None`: there is nothing new.
    pub fn due_save(&self) -> Option<Duration> {
        let Keeping {
            state,
            kept,
            is_saving,
            has_failed,
            ..
        } = &self.keeping;
        let is_due = *state == KeepState::On && !is_saving && self.keep_marks() != *kept;
        is_due.then_some(if *has_failed { PACE_OF_FAILURE } else { PACE })
    }

    /// Has everything kept that is open.
    pub fn save(&mut self) -> Option<Command> {
        if self.keeping.state != KeepState::On {
            return None;
        }
        let marks = self.keep_marks();
        // What is under way may come too late, or never end.
        let known = if self.keeping.is_saving {
            Vec::new()
        } else {
            std::mem::take(&mut self.keeping.kept)
        };
        let all = marks.iter().filter_map(|mark| match mark {
            KeepMark::Found(id) => Some(Kept::Found(*id)),
            KeepMark::Document { doc, .. } if known.contains(mark) => Some(Kept::Same(*doc)),
            KeepMark::Document { doc, view, .. } => {
                let kept = self.find(*doc)?.to_kept(view.clone())?;
                Some(Kept::Document(Box::new(kept)))
            }
        });
        let all = all.collect();
        let keeping = &mut self.keeping;
        keeping.kept = marks;
        keeping.is_saving = true;
        keeping.saves += 1;
        Some(Command::Keep(KeepCommand::Save {
            turn: keeping.saves,
            all,
        }))
    }

    fn keep_marks(&self) -> Vec<KeepMark> {
        let documents = self.documents.iter().enumerate();
        let documents = documents.filter_map(|(place, document)| {
            if let Some(found) = &document.found {
                return Some(KeepMark::Found(found.id));
            }
            let open = document.open().ok()?;
            let view = &open.view;
            Some(KeepMark::Document {
                doc: document.id,
                table: [Arc::as_ptr(&view.frame).addr(), Arc::as_ptr(&view.edits).addr()],
                changes: view.last_change(),
                view: KeptView {
                    place,
                    shown: self.place == Place::Document(document.id),
                    dataset: document.dataset_chosen.then(|| document.dataset.name().to_owned()),
                    ..open.kept_view()
                },
            })
        });
        let left_over = self.keeping.left_over.iter();
        documents
            .chain(left_over.map(|left_over| KeepMark::Found(left_over.id)))
            .collect()
    }

    pub(super) fn on_keep(&mut self, event: KeepEvent) -> Vec<Command> {
        match event {
            KeepEvent::Found(found) => return self.found(*found),
            KeepEvent::Saved => (self.keeping.is_saving, self.keeping.has_failed) = (false, false),
            KeepEvent::Failed(error) => {
                if self.keeping.state == KeepState::Unknown {
                    self.keeping.state = KeepState::Off;
                }
                if !self.keeping.has_failed {
                    self.notify(true, error.to_string());
                }
                (self.keeping.is_saving, self.keeping.has_failed) = (false, true);
                self.keeping.kept.clear();
            }
        }
        Vec::new()
    }

    /// Opens what was open when the program ended last, before what was opened meanwhile.
    fn found(&mut self, found: FoundSession) -> Vec<Command> {
        self.keeping.state = KeepState::On;
        let FoundSession {
            documents,
            changed,
            left_over,
            retention,
            missing,
            problems,
        } = found;
        for problem in problems {
            self.notify(true, problem);
        }
        for path in missing {
            let path = path.display();
            self.notify(true, format!("{path} was open last time, and is not there any more"));
        }
        self.keeping.left_over = left_over;
        self.keeping.retention = retention;
        let mut commands = Vec::new();
        let mut shown = None;
        let mut at = 0;
        for found in documents {
            let mut document = self.new_document(found.path.clone(), found.options.clone());
            let doc = document.id;
            if let Some(dataset) = found.view.dataset.as_ref().and_then(|name| name.parse().ok()) {
                document.dataset = dataset;
                document.dataset_chosen = true;
            }
            let cells = found.changed_cells();
            if cells > 0 {
                let base = Arc::clone(&found.base);
                self.keeping.restored.push(Restored { doc, cells, base });
            }
            if found.view.shown {
                shown = Some(doc);
            }
            document.found = Some(Box::new(found));
            commands.push(self.open_command(&document));
            self.documents.insert(at, document);
            at += 1;
            self.stand_in(at, doc);
        }
        for (path, options) in changed {
            if self.documents.iter().all(|document| document.path != path) {
                let document = self.new_document(path, options);
                commands.push(self.open_command(&document));
                self.documents.insert(at, document);
                at += 1;
            }
        }
        if matches!(self.place, Place::Empty(_)) {
            let last = self.documents.last().map(|document| document.id);
            self.place = shown.or(last).map_or(self.place, Place::Document);
        }
        commands
    }

    /// Lets a document stand for the same file that was opened meanwhile, among those from `from` on.
    fn stand_in(&mut self, from: usize, doc: DocumentId) {
        let Some(path) = self.find(doc).map(|document| document.path.clone()) else {
            return;
        };
        let mut later = self.documents.iter().skip(from);
        let same = later.find(|other| other.path == path && !other.is_changed() && other.upload.is_none());
        if let Some(same) = same.map(|same| same.id) {
            let was_shown = self.place == Place::Document(same);
            self.remove(same);
            if was_shown {
                self.place = Place::Document(doc);
            }
        }
    }

    fn new_document(&mut self, path: std::path::PathBuf, options: OpenOptions) -> Document {
        let doc = DocumentId(self.next_doc);
        self.next_doc += 1;
        let mut document = Document::new(doc, path);
        document.options = options;
        document.generation = self.next_generation();
        document
    }

    fn open_command(&self, document: &Document) -> Command {
        let command = TableCommand::Open {
            path: document.path.clone(),
            options: document.options.clone(),
            dataset: document.dataset_chosen.then_some(document.dataset),
            levels: self.levels,
            progress: Arc::clone(&document.progress),
        };
        Command::Table(document.request(), command)
    }

    /// Lays the changes of before over a file that has just been read whole.
    pub(super) fn lay_over(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(found) = self.find_mut(doc).and_then(|document| document.found.take()) else {
            return Vec::new();
        };
        if let Err(why) = self.find(doc).map_or(Ok(()), |document| document.fits(&found)) {
            self.leave_over(doc, &found, why);
            return Vec::new();
        }
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        document.kept_as = Some(found.id);
        let Ok(open) = document.open_mut() else {
            return Vec::new();
        };
        let is_mapped_otherwise = open.lay_over(*found);
        document.dataset = document.view().map_or(document.dataset, |view| view.mapping.dataset);
        if is_mapped_otherwise {
            self.check_again(doc)
        } else {
            Vec::new()
        }
    }

    /// Keeps changes that cannot be laid over their file.
    pub(super) fn leave_over(&mut self, doc: DocumentId, found: &FoundDocument, why: Unfit) {
        self.keeping.restored.retain(|restored| restored.doc != doc);
        let cells = found.changed_cells();
        if cells > 0 {
            self.keeping.left_over.push(LeftOver {
                id: found.id,
                path: found.path.clone(),
                cells,
                why,
            });
        }
    }

    /// Shows a document as it was shown before, once it is known which of its rows have problems.
    pub(super) fn show_as_before(&mut self, doc: DocumentId) -> Vec<Command> {
        let is_known = |open: &&mut OpenDocument| open.checked().is_ok() && !open.is_rechecking();
        let Some(open) = self.open_mut(doc).filter(is_known) else {
            return Vec::new();
        };
        let Some(view) = open.view_due.take() else {
            return Vec::new();
        };
        if let Ok(checked) = open.checked() {
            let filter = of_kept(&view.filter, &checked.issues);
            if filter != Filter::All && open.filter == Filter::All {
                open.filter(filter);
            }
        }
        let (row, column) = open.view.cursor;
        open.view.go_to(row, column);
        let keys = view.sort.into_iter().chain(view.then);
        let by: Vec<SortBy> = keys.map(|(column, descending)| SortBy { column, descending }).collect();
        if by.is_empty() || !open.sorting.by().is_empty() {
            return Vec::new();
        }
        open.cursor_due = Some(open.view.cursor);
        let search = self.next_generation();
        self.with_open(doc, |open| Ok(open.sort(by, search)))
    }

    pub(super) fn act_on_kept(&mut self, action: KeepAction) -> Vec<Command> {
        match action {
            KeepAction::DismissRestored => self.keeping.restored.clear(),
            KeepAction::DiscardRestored => {
                if !self.can_discard_restored() {
                    return Vec::new();
                }
                let restored = std::mem::take(&mut self.keeping.restored);
                return restored
                    .into_iter()
                    .flat_map(|restored| self.discard(&restored))
                    .collect();
            }
            KeepAction::HideLeftOver => self.keeping.hides_left_over = true,
            KeepAction::ForgetLeftOver => self.keeping.left_over.clear(),
        }
        Vec::new()
    }

    /// Takes all changes of a document back, as a step that can be undone.
    fn discard(&mut self, restored: &Restored) -> Vec<Command> {
        let Some(document) = self.find_mut(restored.doc) else {
            return Vec::new();
        };
        if !document.is_changed() {
            return Vec::new();
        }
        let base = Arc::clone(&restored.base);
        self.change(restored.doc, |open| {
            let rows = [&*open.view.edits, &*base].map(|edits| edits.rows().into_iter().collect::<RowSet>());
            let cursor = open.view.cursor;
            open.put(base, rows[0].union(&rows[1]), [cursor; 2]);
        })
    }
}

impl Document {
    /// Whether changes belong to its rows: the file is the one that was looked at, and read as it was.
    fn fits(&self, found: &FoundDocument) -> Result<(), Unfit> {
        let frame = &self.open().map_err(|_| Unfit::Changed)?.view.frame;
        if found.stamp != Some(frame.stamp()) {
            return Err(Unfit::Changed);
        }
        // How much it may unpack to has no say in what is read.
        if self.options.to_recipe() != found.options.to_recipe() {
            return Err(Unfit::ReadOtherwise);
        }
        if frame.len() == found.rows && frame.columns() == found.columns.as_slice() {
            Ok(())
        } else {
            Err(Unfit::Changed)
        }
    }

    /// What is kept of it, once it is open.
    fn to_kept(&self, view: KeptView) -> Option<KeptDocument> {
        let Content::Open(open) = &self.content else {
            return None;
        };
        let [undo, redo] = open.view.history.steps().map(Clone::clone);
        Some(KeptDocument {
            doc: self.id,
            found: self.kept_as,
            path: self.path.clone(),
            options: self.options.clone(),
            frame: Arc::clone(&open.view.frame),
            edits: Arc::clone(&open.view.edits),
            mapping: open.view.mapping.clone(),
            undo,
            redo,
            view,
        })
    }
}

impl OpenDocument {
    fn kept_view(&self) -> KeptView {
        let mut keys = self.sorting.by().iter().map(|by| (by.column, by.descending));
        KeptView {
            cursor: self.view.cursor,
            filter: to_kept(self.filter),
            sort: keys.next(),
            then: keys.collect(),
            ..KeptView::default()
        }
    }

    /// Takes the changes of before over. Says whether the columns are mapped otherwise than they were suggested.
    fn lay_over(&mut self, found: FoundDocument) -> bool {
        let FoundDocument {
            edits,
            mapping,
            undo,
            redo,
            view: kept,
            ..
        } = found;
        let view = &mut self.view;
        let suggested = view.mapping.clone();
        let [undo, redo] = [undo, redo].map(|steps| with_reasons(steps, &suggested));
        view.mapping = reasoned(mapping, &suggested);
        view.history = History::of(undo, redo);
        view.edits = edits;
        view.revision += 1;
        let is_mapped_otherwise = view.mapping != suggested;
        let rows = view.edits.rows().into_iter().collect();
        let (row, column) = kept.cursor;
        if view.cursor == (0, 0) && row < view.frame.len() && (column as usize) < view.frame.columns().len() {
            view.go_to(row, column);
        }
        self.is_laid_over = true;
        self.view_due = Some(kept);
        self.check_later(&rows);
        is_mapped_otherwise
    }
}

/// Why columns go where they go: as it was suggested, or because a person chose it.
fn reasoned(mut mapping: Mapping, suggested: &Mapping) -> Mapping {
    for (at, target) in mapping.targets.iter_mut().enumerate() {
        target.reason = Reason::Chosen;
        if let Some(other) = suggested.targets.get(at) {
            target.reason = other.reason;
            if target != other {
                target.reason = Reason::Chosen;
            }
        }
    }
    mapping
}

fn with_reasons(steps: StepList, suggested: &Mapping) -> StepList {
    let reasoned = |mapping: Box<Mapping>| Box::new(reasoned(*mapping, suggested));
    let step = |step: Arc<NumberedStep>| match &step.step {
        Step::Cells(_) => step,
        Step::Mapping(_) | Step::Both(..) => {
            let NumberedStep { number, step } = Arc::unwrap_or_clone(step);
            let step = match step {
                Step::Cells(cells) => Step::Cells(cells),
                Step::Mapping(mapping) => Step::Mapping(reasoned(mapping)),
                Step::Both(cells, mapping) => Step::Both(cells, reasoned(mapping)),
            };
            Arc::new(NumberedStep { number, step })
        }
    };
    steps.into_iter().map(step).collect()
}

fn to_kept(filter: Filter) -> KeptFilter {
    match filter {
        // What a server refused is forgotten with the upload.
        Filter::All | Filter::Refused => KeptFilter::All,
        Filter::Problems => KeptFilter::Problems,
        Filter::Cause(cause) => KeptFilter::Cause {
            rule: cause.rule.name().to_owned(),
            column: cause.column,
            hint: cause.hint.map(|hint| format!("{hint:?}")),
        },
    }
}

fn of_kept(kept: &KeptFilter, issues: &IssueSet) -> Filter {
    match kept {
        KeptFilter::All => Filter::All,
        KeptFilter::Problems => Filter::Problems,
        kept @ KeptFilter::Cause { .. } => {
            let mut filters = issues.causes().map(|(cause, _)| Filter::Cause(*cause));
            filters.find(|filter| to_kept(*filter) == *kept).unwrap_or_default()
        }
    }
}
