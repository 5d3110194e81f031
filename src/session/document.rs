//! A file in the app: what is known of it from the start, and how far it is open.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Check, Comparison, Filter, OpenDocument, Refusal, TableView, UploadRun, undo::Undone};
use crate::{
    check::{Checked, Suggested},
    domain::{
        dataset::Dataset, escapes::safe, ids::DocumentId, issue::Severity, mapping::Mapping, progress::Progress,
        recipe::Recipe, rules::Levels,
    },
    frame::{Edits, Frame, OpenOptions},
    message::{
        Command, Generation, Request, TableCommand,
        kept::{FoundDocument, KeptId, Step},
    },
    upload::UploadId,
};

/// What a document waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase<'a> {
    /// The file is being read; the first rows may be there.
    Opening,
    /// The rows are being checked.
    Checking,
    /// Nothing: all is read and checked.
    Ready,
    /// Reading or checking was stopped, or failed: why.
    Failed(&'a str),
}

impl Phase<'_> {
    /// Whether the file is being read or checked.
    pub const fn is_busy(self) -> bool {
        match self {
            Self::Opening | Self::Checking => true,
            Self::Ready | Self::Failed(_) => false,
        }
    }
}

/// A file.
#[derive(Debug)]
pub struct Document {
    /// Its number in this session.
    pub id: DocumentId,
    /// Where the file is.
    pub path: PathBuf,
    /// How the file is read.
    pub options: OpenOptions,
    /// The data set its records belong to.
    pub dataset: Dataset,
    /// Whether a person chose the data set.
    pub(crate) dataset_chosen: bool,
    /// The generation of its newest request; answers to older ones are dropped.
    pub generation: Generation,
    /// The progress of reading or checking.
    pub progress: Arc<Progress>,
    /// The last upload; a file may be opened for one that goes on.
    pub upload: Option<UploadRun>,
    /// The environment that it was last uploaded to and under which name, as long as that has not been taken back.
    pub(crate) uploaded: Option<(String, Option<UploadId>)>,
    /// The copy that it is closed after, and what was changed when that was wanted.
    closing_copy: Option<(PathBuf, Arc<Edits>)>,
    /// How far it is open.
    pub content: Content,
    /// What was changed in it when the program ended last, until it is laid over the file.
    pub(super) found: Option<Box<FoundDocument>>,
    /// What it was found as at the start.
    pub(super) kept_as: Option<KeptId>,
}

/// How far a file is open.
#[derive(Debug)]
pub enum Content {
    /// It is being read.
    Opening {
        /// Its first rows, as soon as they are there.
        head: Option<Box<Head>>,
    },
    /// It has been read whole.
    Open(Box<OpenDocument>),
    /// Reading was stopped, or failed.
    Failed {
        /// Why.
        reason: String,
        /// Whether it was not begun as the file is large: a person may want it all the same.
        is_too_large: bool,
        /// Its first rows, when they were there.
        head: Option<Box<Head>>,
    },
}

/// The first rows of a file.
#[derive(Debug)]
pub struct Head {
    /// The rows.
    pub view: TableView,
    /// Whether the mapping was changed; then it is that of the whole file too.
    pub(super) mapping_chosen: bool,
}

impl Document {
    pub(super) fn new(id: DocumentId, path: PathBuf) -> Self {
        Self {
            id,
            path,
            options: OpenOptions::default(),
            dataset: Dataset::Products,
            dataset_chosen: false,
            generation: Generation::default(),
            progress: Arc::default(),
            upload: None,
            uploaded: None,
            closing_copy: None,
            content: Content::Opening { head: None },
            found: None,
            kept_as: None,
        }
    }

    /// The file's name, as it may be shown.
    pub fn name(&self) -> String {
        safe(&self.file_name()).into_owned()
    }

    /// The file's name as it is.
    pub(crate) fn file_name(&self) -> Cow<'_, str> {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy()
    }

    pub(super) const fn request(&self) -> Request {
        Request {
            document: self.id,
            generation: self.generation,
        }
    }

    /// What it is busy with.
    pub fn phase(&self) -> Phase<'_> {
        match &self.content {
            Content::Opening { .. } => Phase::Opening,
            Content::Failed { reason, .. } => Phase::Failed(reason),
            Content::Open(open) => match &open.check {
                Check::Running => Phase::Checking,
                Check::Ended(_) => Phase::Ready,
                Check::Failed(reason) => Phase::Failed(reason),
            },
        }
    }

    /// The options that open it all the same, where it is not open only as it is large; what that takes is the reason
    /// of [`Phase::Failed`].
    pub fn options_anyway(&self) -> Option<OpenOptions> {
        let is_too_large = matches!(&self.content, Content::Failed { is_too_large: true, .. });
        is_too_large.then(|| OpenOptions {
            allow_unpacked: Some(u64::MAX),
            ..self.options.clone()
        })
    }

    /// The rows that are there: all, or the first ones.
    pub fn view(&self) -> Option<&TableView> {
        match &self.content {
            Content::Opening { head } | Content::Failed { head, .. } => Some(&head.as_ref()?.view),
            Content::Open(open) => Some(&open.view),
        }
    }

    pub(super) fn view_mut(&mut self) -> Result<&mut TableView, Refusal> {
        let (head, refusal) = match &mut self.content {
            Content::Open(open) => return Ok(&mut open.view),
            Content::Opening { head } => (head, Refusal::Opening),
            Content::Failed { head, .. } => (head, Refusal::Failed),
        };
        head.as_mut().map(|head| &mut head.view).ok_or(refusal)
    }

    /// The file, once it has been read whole.
    ///
    /// # Errors
    /// Says why it is not.
    pub fn open(&self) -> Result<&OpenDocument, Refusal> {
        match &self.content {
            Content::Opening { .. } => Err(Refusal::Opening),
            Content::Failed { .. } => Err(Refusal::Failed),
            Content::Open(open) => Ok(open),
        }
    }

    pub(super) fn open_mut(&mut self) -> Result<&mut OpenDocument, Refusal> {
        match &mut self.content {
            Content::Opening { .. } => Err(Refusal::Opening),
            Content::Failed { .. } => Err(Refusal::Failed),
            Content::Open(open) => Ok(open),
        }
    }

    /// The result of checking it, once there is one.
    pub fn checked(&self) -> Option<&Arc<Checked>> {
        self.open().ok()?.checked().ok()
    }

    /// Which rows are shown.
    pub fn filter(&self) -> Filter {
        self.open().map_or(Filter::All, |open| open.filter)
    }

    /// What an upload would do, while somebody thinks about it.
    pub fn comparison(&self) -> Option<&Comparison> {
        self.open().ok()?.comparison.as_ref()
    }

    /// The options with which all is recognised again, of the same sheet and archived file.
    pub(crate) fn recognised_options(&self) -> OpenOptions {
        OpenOptions {
            sheet: self.options.sheet.clone(),
            member: self.options.member.clone(),
            spool: self.options.spool.clone(),
            ..OpenOptions::default()
        }
    }

    /// How many problems of a severity are found.
    pub fn count(&self, severity: Severity) -> u64 {
        self.checked().map_or(0, |checked| checked.issues.count(severity))
    }

    /// Whether cells were changed.
    pub fn is_changed(&self) -> bool {
        self.changed_cells() > 0
    }

    /// How many cells were changed.
    pub(crate) fn changed_cells(&self) -> u64 {
        match &self.found {
            Some(found) => found.changed_cells(),
            None => self.view().map_or(0, |view| view.edits.len() as u64),
        }
    }

    /// Closes it once it is copied there; `None`: not any more.
    pub(super) fn close_after_copy(&mut self, path: Option<PathBuf>) {
        let edits = self.view().map(|view| Arc::clone(&view.edits));
        self.closing_copy = path.zip(edits);
    }

    /// Whether it is closed once a copy is written.
    pub(crate) const fn closes_after_copy(&self) -> bool {
        self.closing_copy.is_some()
    }

    /// Whether it is closed now that this copy is there; what was changed since is not in it.
    pub(super) fn is_closed_by_copy(&mut self, path: &Path) -> bool {
        let copied = self.closing_copy.take_if(|(to, _)| to == path);
        let edits = self.view().map(|view| &view.edits);
        copied.is_some_and(|(_, copied)| edits.is_some_and(|edits| Arc::ptr_eq(edits, &copied)))
    }

    /// Whether something can be taken back, and made again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        self.view().map_or((false, false), TableView::can_undo_redo)
    }

    /// Whether an upload is running.
    pub(crate) fn is_uploading(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| upload.report.is_none())
    }

    /// Why it cannot be uploaded now, if it cannot.
    pub(crate) fn why_no_upload(&self) -> Option<Refusal> {
        let open = match self.open() {
            Ok(open) => open,
            Err(refusal) => return Some(refusal),
        };
        if let Err(refusal) = open.checked() {
            return Some(refusal);
        }
        if self.is_uploading() {
            return Some(Refusal::Uploading);
        }
        open.view.question.is_some().then_some(Refusal::Question)
    }

    /// The first rows are there.
    pub(super) fn show_head(&mut self, frame: Arc<Frame>, suggested: Suggested) {
        let mut view = TableView::new(frame, suggested, self.dataset_chosen);
        let mapping_chosen = self.impose_dataset(&mut view);
        let head = Head { view, mapping_chosen };
        self.content = Content::Opening {
            head: Some(Box::new(head)),
        };
    }

    /// Takes over the data set that the columns speak for, unless a person has chosen another one meanwhile: then they
    /// are mapped to that. Says whether they are.
    fn impose_dataset(&mut self, view: &mut TableView) -> bool {
        let is_other = self.dataset_chosen && view.mapping.dataset != self.dataset;
        if is_other {
            view.mapping = view.suggest(self.dataset);
            view.refresh_offers();
        }
        self.dataset = view.mapping.dataset;
        is_other
    }

    /// More of the first rows are there.
    pub(super) fn grow(&mut self, frame: Arc<Frame>) {
        if let Content::Opening { head: Some(head) } = &mut self.content {
            head.view.grow(frame);
        }
    }

    /// The whole file is there. What was chosen while only its first rows were stays chosen; says whether the mapping
    /// was.
    pub(super) fn show_whole(&mut self, frame: Arc<Frame>, suggested: Suggested) -> bool {
        let mut view = TableView::new(frame, suggested, self.dataset_chosen);
        let before = std::mem::replace(&mut self.content, Content::Opening { head: None });
        let head = match before {
            Content::Opening { head } | Content::Failed { head, .. } => head.map(|head| *head),
            Content::Open(_) => None,
        };
        if let Some(head) = &head {
            view.follow(&head.view);
        }
        let is_chosen = match head.filter(|head| head.mapping_chosen) {
            Some(head) => {
                view.map_as(&head.view);
                self.dataset = view.mapping.dataset;
                true
            }
            None => self.impose_dataset(&mut view),
        };
        self.content = Content::Open(Box::new(OpenDocument::new(view)));
        is_chosen
    }

    /// The choice of a data set was taken back: asks what the records are, unless the table says it.
    pub(super) fn ask_again(&mut self) {
        self.dataset_chosen = false;
        if let Ok(view) = self.view_mut() {
            let recognition = view.recognise();
            view.ask(Some(&recognition));
        }
    }

    /// The mapping as a recipe for such files.
    pub(super) fn to_recipe(&self) -> Result<Recipe, Refusal> {
        let view = &self.open()?.view;
        Ok(Recipe {
            name: self.file_name().into_owned(),
            saved: String::new(),
            read: self.options.to_recipe(),
            columns: view.frame.columns().to_vec(),
            mapping: view.mapping.clone(),
            // Those of the settings are a person's, not the file's.
            levels: Levels::default(),
        })
    }

    /// Takes the last change back, or makes the last one that was taken back again. Says what it was.
    pub(super) fn undo(&mut self, is_undo: bool) -> Result<Undone, Refusal> {
        if self.is_uploading() {
            return Err(Refusal::Uploading);
        }
        let history = &mut self.view_mut()?.history;
        let step = if is_undo {
            history.take_undo().ok_or(Refusal::NothingToUndo)?
        } else {
            history.take_redo().ok_or(Refusal::NothingToRedo)?
        };
        let (undone, inverse) = match step {
            Step::Cells(cells) => (Undone::Cells, Step::Cells(self.open_mut()?.restore(cells))),
            Step::Mapping(mapping) => (Undone::Mapping, Step::Mapping(self.restore_mapping(*mapping)?)),
            Step::Both(cells, mapping) => {
                let cells = self.open_mut()?.restore(cells);
                (Undone::Mapping, Step::Both(cells, self.restore_mapping(*mapping)?))
            }
        };
        let history = &mut self.view_mut()?.history;
        if is_undo {
            history.undone(inverse);
        } else {
            history.redone(inverse);
        }
        Ok(undone)
    }

    /// Takes a mapping back, and returns the one it replaces.
    fn restore_mapping(&mut self, mapping: Mapping) -> Result<Box<Mapping>, Refusal> {
        let view = self.view_mut()?;
        let before = Box::new(std::mem::replace(&mut view.mapping, mapping));
        if before.dataset != view.mapping.dataset {
            self.ask_again();
        }
        Ok(before)
    }

    /// Stops reading and checking, and an upload. What still arrives of the stopped work must not be taken for the
    /// whole, hence the generation.
    pub(super) fn cancel(&mut self, generation: Generation) {
        if let Some(upload) = &self.upload {
            upload.handles.progress.cancel();
        }
        if self.phase().is_busy() {
            self.generation = generation;
            self.progress.cancel();
            self.fail("Stopped before the whole file was checked".to_owned());
        }
    }

    /// Has all rows checked anew, as they are mapped now.
    pub(super) fn check_again(&mut self, generation: Generation, levels: Levels) -> Option<Command> {
        let view = self.view_mut().ok()?;
        view.refresh_offers();
        self.dataset = view.mapping.dataset;
        let open = match &mut self.content {
            Content::Open(open) => open,
            Content::Opening { head } | Content::Failed { head, .. } => {
                // The rest of the file is still to come, and will be checked as it is mapped then.
                head.as_mut()?.mapping_chosen = true;
                return None;
            }
        };
        self.progress.cancel();
        self.progress = Arc::default();
        self.generation = generation;
        open.start_check();
        let command = TableCommand::Check {
            table: open.view.table(),
            mapping: open.view.mapping.clone(),
            levels,
            progress: Arc::clone(&self.progress),
        };
        Some(Command::Table(self.request(), command))
    }

    /// Reading or checking, whichever is under way, ends without an outcome.
    pub(super) fn fail(&mut self, reason: String) {
        let before = std::mem::replace(&mut self.content, Content::Opening { head: None });
        self.content = match before {
            Content::Opening { head } => Content::Failed {
                reason,
                is_too_large: false,
                head,
            },
            Content::Open(mut open) => {
                if matches!(open.check, Check::Running) {
                    open.check = Check::Failed(reason);
                }
                Content::Open(open)
            }
            failed @ Content::Failed { .. } => failed,
        };
    }

    /// The file is not read before a person has said that it may take so much.
    pub(super) fn ask_whether_to_open(&mut self, excess: String) {
        self.fail(excess);
        if let Content::Failed { is_too_large, .. } = &mut self.content {
            *is_too_large = true;
        }
    }
}
