//! An opened file in the app: the table, what was changed, what was found, and where the person is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use super::{Choice, Comparison, UploadRun, question, shown::Shown, undo::History};
use crate::{
    check::{Checked, Suggested},
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        ids::DocumentId,
        issue::{Cause, Severity},
        mapping::{CustomType, Mapping, Offer, OfferKind},
        progress::Progress,
        proposal::Proof,
        recipe::{Applied, Recipe},
        recognition::{Recognition, recognise},
        rows::RowSet,
        rules::Rule,
        sampled::Sampled,
        transform::Transform,
    },
    frame::{Edits, Frame, OpenOptions, Order},
    message::{Generation, Request, Table},
};

/// What a document is busy with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The file is being read; the first rows may be there.
    Opening,
    /// The rows are being checked.
    Checking,
    /// Nothing.
    Ready,
    /// Reading was stopped, or failed: why.
    Failed(String),
}

impl Phase {
    /// Whether the file is being read or checked.
    pub const fn is_busy(&self) -> bool {
        match self {
            Self::Opening | Self::Checking => true,
            Self::Ready | Self::Failed(_) => false,
        }
    }
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those with a problem.
    Problems,
    /// Those with this problem.
    Cause(Cause),
    /// Those that the service refused.
    Refused,
}

/// An opened file.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
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
    pub dataset_chosen: bool,
    /// What the records may be, while neither a person nor the table has decided it; nothing is sent before.
    pub question: Option<Vec<Choice>>,
    /// The table; only its first rows while [`Phase::Opening`].
    pub frame: Option<Arc<Frame>>,
    /// What was changed.
    pub edits: Arc<Edits>,
    /// Which column becomes which field.
    pub mapping: Option<Mapping>,
    /// Some values of its columns, in column order.
    pub samples: Arc<Vec<Sampled>>,
    /// What could be done with its columns.
    pub offers: Vec<Offer>,
    /// What transforms do to all rows, as far as they were tried: column, transform, proof.
    pub proofs: Vec<(usize, Transform, Proof)>,
    /// The recipe it was mapped by when it was opened, until that is taken back.
    pub recipe: Option<Applied>,
    /// What was found; `None` before the first check ends.
    pub checked: Option<Arc<Checked>>,
    /// What it is busy with.
    pub phase: Phase,
    /// How far that is.
    pub progress: Arc<Progress>,
    /// Of the newest request.
    pub generation: Generation,
    /// Which rows are shown.
    pub filter: Filter,
    /// By which column the rows are sorted, and whether largest first.
    pub sorted: Option<(u32, bool)>,
    /// Where the person is: file row and column.
    pub cursor: (u32, u32),
    /// A cell to bring into view: display row and column; taken by the grid.
    pub reveal: Option<(u64, u32)>,
    /// What the service said about rows it refused, by row.
    pub refused: BTreeMap<u32, Vec<String>>,
    /// What an upload would do, while somebody thinks about it.
    pub comparison: Option<Comparison>,
    /// The last upload.
    pub upload: Option<UploadRun>,
    /// Whether the file is no longer the one that was opened.
    pub changed_on_disk: bool,
    /// Counts every change of what the table shows, for caches.
    pub revision: u64,
    pub(super) history: History,
    pub(super) order: Option<Order>,
    shown: Shown,
    pub(super) unchecked: RowSet,
    /// Rows that are being checked again.
    pub(super) rechecking: RowSet,
    /// Rows refused meanwhile, of which the check under way does not know.
    pub(super) unmarked: Vec<u32>,
    /// Whether only the first rows are there yet.
    pub is_partial: bool,
    /// Whether the mapping was changed while only the first rows were there.
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
            question: None,
            frame: None,
            edits: Arc::default(),
            mapping: None,
            samples: Arc::default(),
            offers: Vec::new(),
            proofs: Vec::new(),
            recipe: None,
            checked: None,
            phase: Phase::Opening,
            progress: Arc::default(),
            generation: Generation::default(),
            filter: Filter::All,
            sorted: None,
            cursor: (0, 0),
            reveal: None,
            refused: BTreeMap::new(),
            comparison: None,
            upload: None,
            changed_on_disk: false,
            revision: 0,
            history: History::default(),
            order: None,
            shown: Shown::All,
            unchecked: RowSet::default(),
            rechecking: RowSet::default(),
            unmarked: Vec::new(),
            is_partial: true,
            mapping_chosen: false,
        }
    }

    /// The file's name.
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or(self.path.as_os_str())
            .to_string_lossy()
            .into_owned()
    }

    /// Takes in what the columns are taken for.
    pub(super) fn understand(&mut self, suggested: Suggested) {
        self.dataset = suggested.mapping.dataset;
        self.samples = Arc::new(suggested.samples);
        self.ask(suggested.recognition.as_ref());
        self.mapping = Some(suggested.mapping);
        self.recipe = suggested.recipe;
        self.refresh_offers();
    }

    /// Asks what the records are, when a recognition has left that open and nobody has chosen.
    pub(super) fn ask(&mut self, recognition: Option<&Recognition>) {
        let open = recognition.filter(|recognition| !recognition.is_decided && !self.dataset_chosen);
        self.question = open.zip(self.frame.as_ref()).map(|(recognition, frame)| {
            question::choices(recognition, frame.columns(), &self.samples, frame.format().is_json())
        });
    }

    /// The choice of a data set was taken back: asks what the records are, unless the table says it.
    pub(super) fn ask_again(&mut self) {
        self.dataset_chosen = false;
        let recognition = self
            .frame
            .as_ref()
            .map(|frame| recognise(frame.columns(), &self.samples));
        self.ask(recognition.as_ref());
    }

    /// Works out anew what could be done with the columns.
    pub(super) fn refresh_offers(&mut self) {
        self.proofs.clear();
        self.offers = match (&self.frame, &self.mapping) {
            (Some(frame), Some(mapping)) => mapping.offers(frame.columns(), &self.samples),
            _ => Vec::new(),
        };
    }

    /// The columns and transforms whose proof over all rows is still to be had.
    pub(super) fn unproven(&self) -> Vec<(usize, Transform)> {
        let mut wanted = Vec::new();
        for offer in &self.offers {
            if let OfferKind::Transform(proposal) = &offer.kind {
                wanted.push((offer.column, proposal.transform.clone()));
                let other = proposal.alternative.as_ref();
                wanted.extend(other.map(|(transform, _)| (offer.column, transform.clone())));
            }
        }
        let targets = self.mapping.iter().flat_map(|mapping| &mapping.targets).enumerate();
        wanted.extend(targets.filter_map(|(column, target)| Some((column, target.transform.clone()?))));
        wanted.retain(|(column, transform)| self.proof(*column, transform).is_none());
        wanted
    }

    /// What a transform does to all rows of a column, once it is known.
    pub fn proof(&self, column: usize, transform: &Transform) -> Option<&Proof> {
        let proven = self
            .proofs
            .iter()
            .find(|(at, known, _)| *at == column && known == transform);
        proven.map(|(.., proof)| proof)
    }

    /// The mapping as a recipe for such files.
    pub fn to_recipe(&self) -> Option<Recipe> {
        Some(Recipe {
            name: self.name(),
            saved: String::new(),
            read: self.options.to_recipe(),
            columns: self.frame.as_ref()?.columns().to_vec(),
            mapping: self.mapping.clone()?,
        })
    }

    /// The head of its newest request.
    pub(super) const fn request(&self) -> Request {
        Request {
            document: self.id,
            generation: self.generation,
        }
    }

    /// The table as it stands, for a worker.
    pub fn table(&self) -> Option<Table> {
        Some(Table {
            frame: Arc::clone(self.frame.as_ref()?),
            edits: Arc::clone(&self.edits),
        })
    }

    /// How many rows are shown.
    pub fn shown_rows(&self) -> u64 {
        self.shown.count(self.rows())
    }

    /// The file row at a display row.
    pub fn file_row(&self, display: u64) -> Option<u32> {
        self.shown.file_row(display).filter(|row| *row < self.rows())
    }

    /// The display row of a file row, when it is shown.
    pub fn display_row(&self, row: u32) -> Option<u64> {
        self.shown.display_row(row)
    }

    fn rows(&self) -> u32 {
        self.frame.as_ref().map_or(0, |frame| frame.len())
    }

    /// Whether cells were changed.
    pub fn is_changed(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Whether something can be taken back, and made again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (self.history.can_undo(), self.history.can_redo())
    }

    /// Whether an upload is running.
    pub fn is_uploading(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| upload.report.is_none())
    }

    /// Whether changed rows are still being checked.
    pub fn is_rechecking(&self) -> bool {
        !self.rechecking.is_empty() || !self.unchecked.is_empty()
    }

    /// A typed text as the content of a cell. In a JSON file, where a value's type is its own, what is typed into a
    /// key without a type of its own is taken as JSON when it reads as such: a number stays a number.
    pub(super) fn typed(&self, column: u32, text: String) -> OwnedCell {
        if text.is_empty() {
            return OwnedCell::Missing;
        }
        let is_json_file = self.frame.as_ref().is_some_and(|frame| frame.format().is_json());
        let part = self
            .checked
            .as_ref()
            .and_then(|checked| checked.plan().part(column as usize));
        let is_typed = part.is_none_or(|part| part.node.is_some());
        let custom = self
            .checked
            .as_ref()
            .and_then(|checked| checked.custom_type(column as usize));
        let is_text = custom == Some(CustomType::Text) && !text.starts_with(['{', '[']);
        let is_json = is_json_file
            && !is_typed
            && !is_text
            && serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| !value.is_string());
        if is_json {
            OwnedCell::Json(text.into())
        } else {
            OwnedCell::Text(text.into())
        }
    }

    /// How many problems of a severity there are; 0 before the check.
    pub fn count(&self, severity: Severity) -> u64 {
        self.checked
            .as_ref()
            .map_or(0, |checked| checked.issues.count(severity))
    }

    /// Rows that would be left out of an upload.
    pub fn rows_with_errors(&self) -> u64 {
        self.checked
            .as_ref()
            .map_or(0, |checked| checked.rows_with_errors().len())
    }

    /// Rows that would be sent.
    pub fn sendable_rows(&self) -> u64 {
        let all = u64::from(self.rows());
        all - self.rows_with_errors().min(all)
    }

    /// The rows that have a problem of any severity.
    pub fn problem_rows(&self) -> RowSet {
        let checked = self.checked.as_ref();
        checked.map(|checked| checked.issues.all_rows()).unwrap_or_default()
    }

    /// The rows that the service refused.
    fn refused_rows(&self) -> RowSet {
        let checked = self.checked.as_ref();
        checked
            .map(|checked| checked.issues.rows_of(Rule::Refused))
            .unwrap_or_default()
    }

    /// Works out anew which rows are shown. A filter is taken once, so that a row that is repaired while the filter
    /// is on does not vanish under the cursor.
    pub(super) fn refresh_shown(&mut self) {
        let rows = match self.filter {
            Filter::All => None,
            Filter::Problems => Some(self.problem_rows()),
            Filter::Refused => Some(self.refused_rows()),
            Filter::Cause(cause) => Some(
                self.checked
                    .as_ref()
                    .and_then(|checked| checked.issues.rows(&cause).cloned())
                    .unwrap_or_default(),
            ),
        };
        self.shown = Shown::new(rows, self.order.as_ref());
        self.revision += 1;
    }

    /// The next place with a problem after the cursor, in the order shown; `forward` or back.
    pub(super) fn neighbour_problem(&self, forward: bool) -> Option<(u32, u32)> {
        let checked = self.checked.as_ref()?;
        let (row, column) = self.cursor;
        let columns = |row: u32| -> BTreeSet<u32> {
            checked
                .issues
                .of_row(row)
                .map(|cause| cause.column.unwrap_or(0))
                .collect()
        };
        let here = columns(row);
        let beside = if forward {
            here.range(column.saturating_add(1)..).next()
        } else {
            here.range(..column).next_back()
        };
        if let Some(column) = beside {
            return Some((row, *column));
        }
        let row = self.shown.neighbour(row, &checked.issues.all_rows(), forward)?;
        let there = columns(row);
        let column = if forward { there.first() } else { there.last() };
        Some((row, column.copied().unwrap_or(0)))
    }

    /// Lays other changes over the file, which differ in these rows from those before.
    pub(super) fn change(&mut self, edits: Arc<Edits>, rows: &RowSet) {
        self.edits = edits;
        self.unchecked.insert_all(rows);
        for range in rows.ranges() {
            let told: Vec<u32> = self.refused.range(range).map(|(row, _)| *row).collect();
            for row in told {
                self.refused.remove(&row);
            }
        }
        self.revision += 1;
    }
}
