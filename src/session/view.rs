//! The rows of a file that are read, all or the first ones: the fields of their columns, and where the cursor is.

use std::{collections::HashMap, sync::Arc};

use super::{Choice, question, undo::History};
use crate::{
    check::Suggested,
    domain::{
        dataset::Dataset,
        mapping::{Mapping, Offer, OfferKind},
        proposal::Proof,
        recipe::Applied,
        recognition::{Recognition, recognise},
        sampled::Sampled,
        transform::Transform,
    },
    frame::{Edits, Frame, Shown},
    message::Table,
};

/// Rows and columns, and where the cursor is.
#[derive(Debug)]
pub struct TableView {
    /// The rows.
    pub frame: Arc<Frame>,
    /// The cells that a person changed.
    pub edits: Arc<Edits>,
    /// Which column becomes which field.
    pub mapping: Mapping,
    /// Some values of the columns, in column order.
    pub samples: Vec<Sampled>,
    /// What could be done with the columns.
    pub offers: Vec<Offer>,
    /// What transforms do to all rows, as far as they were tried, by column.
    proofs: HashMap<usize, Vec<(Transform, Proof)>>,
    /// The recipe it was mapped by when it was opened, until that is taken back.
    pub recipe: Option<Applied>,
    /// What the records may be, while neither a person nor the table has decided it; nothing is sent before.
    pub question: Option<Vec<Choice>>,
    /// The cursor: file row and column.
    pub cursor: (u32, u32),
    /// A cell to bring into view: display row and column; taken by the grid.
    pub reveal: Option<(u64, u32)>,
    /// Counts every change of what the table shows, for caches.
    pub(crate) revision: u64,
    pub(super) history: History,
    pub(super) shown: Shown,
}

impl TableView {
    /// All rows of a table; what the records are is asked for, unless it was chosen.
    pub(super) fn new(frame: Arc<Frame>, suggested: Suggested, is_chosen: bool) -> Self {
        let Suggested {
            mapping,
            samples,
            recipe,
            recognition,
        } = suggested;
        let mut view = Self {
            frame,
            edits: Arc::default(),
            mapping,
            samples,
            offers: Vec::new(),
            proofs: HashMap::new(),
            recipe,
            question: None,
            cursor: (0, 0),
            reveal: None,
            revision: 1,
            history: History::default(),
            shown: Shown::default(),
        };
        view.ask(recognition.as_ref().filter(|_| !is_chosen));
        view.refresh_offers();
        view
    }

    /// Keeps the cursor where it was in the first rows of the same file.
    pub(super) const fn follow(&mut self, head: &Self) {
        self.cursor = head.cursor;
        self.reveal = head.reveal;
        self.revision = head.revision + 1;
    }

    /// Maps the columns as they were mapped in the first rows; by themselves, where there were others.
    pub(super) fn map_as(&mut self, head: &Self) {
        self.mapping = if head.frame.columns() == self.frame.columns() {
            head.mapping.clone()
        } else {
            self.suggest(head.mapping.dataset)
        };
        self.refresh_offers();
    }

    /// More of the first rows are there.
    pub(super) fn grow(&mut self, frame: Arc<Frame>) {
        self.frame = frame;
        self.revision += 1;
    }

    /// The mapping that names and values suggest.
    pub(super) fn suggest(&self, dataset: Dataset) -> Mapping {
        let is_json = self.frame.format().is_json();
        Mapping::suggest_from(dataset, self.frame.columns(), is_json, &self.samples)
    }

    /// Asks what the records are, when a recognition has left that open.
    pub(super) fn ask(&mut self, recognition: Option<&Recognition>) {
        let open = recognition.filter(|recognition| !recognition.is_decided);
        let (frame, samples) = (&self.frame, &self.samples);
        self.question =
            open.map(|recognition| question::choices(recognition, frame.columns(), samples, frame.format().is_json()));
    }

    /// Recognises the data set by names and values.
    pub(super) fn recognise(&self) -> Recognition {
        recognise(self.frame.columns(), &self.samples)
    }

    /// Works out the offers again.
    pub(super) fn refresh_offers(&mut self) {
        self.proofs.clear();
        self.offers = self.mapping.offers(self.frame.columns(), &self.samples);
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
        let targets = self.mapping.targets.iter().enumerate();
        wanted.extend(targets.filter_map(|(column, target)| Some((column, target.transform.clone()?))));
        wanted.retain(|(column, transform)| self.proof(*column, transform).is_none());
        wanted
    }

    /// What a transform does to all rows of a column, once it is known.
    pub fn proof(&self, column: usize, transform: &Transform) -> Option<&Proof> {
        let mut proven = self.proofs.get(&column)?.iter();
        proven.find(|(known, _)| known == transform).map(|(_, proof)| proof)
    }

    /// Takes note of what transforms do to all rows.
    pub(super) fn proven(&mut self, proofs: Vec<(usize, Transform, Proof)>) {
        for (column, transform, proof) in proofs {
            self.proofs.entry(column).or_default().push((transform, proof));
        }
        self.revision += 1;
    }

    /// The table as it stands, for a worker.
    pub fn table(&self) -> Table {
        Table {
            frame: Arc::clone(&self.frame),
            edits: Arc::clone(&self.edits),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        u64::from(self.frame.len())
    }

    /// How many rows are shown.
    pub fn shown_rows(&self) -> u64 {
        self.shown.count(self.frame.len())
    }

    /// The file row at a display row.
    pub fn file_row(&self, display: u64) -> Option<u32> {
        self.shown.file_row(display).filter(|row| *row < self.frame.len())
    }

    /// The display row of a file row, when it is shown.
    pub(crate) fn display_row(&self, row: u32) -> Option<u64> {
        self.shown.display_row(row)
    }

    /// Whether something can be taken back, and made again.
    pub(super) const fn can_undo_redo(&self) -> (bool, bool) {
        (self.history.can_undo(), self.history.can_redo())
    }

    /// The number of the last change, which names it.
    pub(super) const fn last_change(&self) -> u64 {
        self.history.last_change()
    }

    /// How many changes can be taken back.
    pub(crate) const fn undo_depth(&self) -> usize {
        self.history.depth()
    }

    /// Moves the cursor and, when its row is shown, brings it into view.
    pub(super) fn go_to(&mut self, row: u32, column: u32) {
        self.cursor = (row, column);
        self.reveal = self.display_row(row).map(|row| (row, column));
    }
}
