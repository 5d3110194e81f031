//! What mends a cause: reading or sending its column in another way, or changing the cells that have it.

use super::{Document, TableView};
use crate::{
    check::Checked,
    domain::{
        cell::{Cell, OwnedCell},
        issue::Cause,
        mapping::{Offer, OfferKind, offer_for},
        proposal::{Proof, Proposal},
        record::Part,
        rules::{Evidence, Hint},
        transform::Transform,
    },
};

/// Rows with a cause that are looked at.
const ROWS: u64 = 3;
/// Cells that are looked at for all causes of a table at once: of a table with many columns, fewer causes are.
const MOST_CELLS: usize = 200_000;
/// Causes that are looked at at once.
const MOST_CAUSES: usize = 60;

/// What mends a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is done.
    pub kind: FixKind,
    /// Values of rows that have the cause, as they are and as they become; few, each once.
    pub examples: Vec<(String, String)>,
}

/// What is done to mend a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// The column is read or sent in another way; the recipe keeps that for the next such file.
    Column(Offer),
    /// The column's values can be read in two ways, and only a person knows which one is meant.
    Readings(usize, [(Transform, Proof); 2]),
    /// The cells that have the cause are changed, each by its own value.
    Cells(Hint),
}

impl Fix {
    /// Whether nobody could want it otherwise: it leaves no choice and loses no value.
    pub fn is_safe(&self) -> bool {
        match &self.kind {
            FixKind::Column(offer) => offer.is_clear(),
            FixKind::Readings(..) => false,
            FixKind::Cells(hint) => !hint.empties(),
        }
    }
}

/// How a column's values are to be read, as far as all of them tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnReading {
    /// In one way.
    One(Transform, Proof),
    /// In one of two ways.
    Two([(Transform, Proof); 2]),
}

impl TableView {
    /// What a proposal comes to once its rivals have been told from it by all rows.
    pub(crate) fn reading(&self, column: usize, proposal: &Proposal) -> ColumnReading {
        let exact = |transform: &Transform, proof: &Proof| {
            let exact = self.proof(column, transform);
            (transform.clone(), exact.unwrap_or(proof).clone())
        };
        let one = exact(&proposal.transform, &proposal.proof);
        let Some((other, proof)) = &proposal.alternative else {
            return ColumnReading::One(one.0, one.1);
        };
        let other = exact(other, proof);
        let are_exact = one.1.is_exact && other.1.is_exact;
        if !are_exact || one.1.fits == other.1.fits {
            return ColumnReading::Two([one, other]);
        }
        let (transform, proof) = if other.1.fits > one.1.fits { other } else { one };
        ColumnReading::One(transform, proof)
    }

    /// What mends causes, for as many of them as can be looked at without delay.
    pub fn fixes(&self, checked: &Checked, causes: impl IntoIterator<Item = Cause>) -> Vec<(Cause, Fix)> {
        let cells = self.frame.columns().len().max(1) * usize::try_from(ROWS).unwrap_or(1);
        let most = (MOST_CELLS / cells).clamp(1, MOST_CAUSES);
        let fix = |cause: Cause| Some((cause, self.fix(checked, &cause)?));
        causes.into_iter().take(most).filter_map(fix).collect()
    }

    /// What mends a cause; `None`: only a person can, value by value.
    pub(super) fn fix(&self, checked: &Checked, cause: &Cause) -> Option<Fix> {
        let rows = self.rows_with(checked, cause);
        let column = self.column_fix(checked, cause, &rows);
        if column.as_ref().is_some_and(Fix::is_safe) {
            return column;
        }
        // What leaves a choice about the column may leave none about these cells.
        let cells = cells_fix(checked, cause, &rows);
        if cells.as_ref().is_some_and(Fix::is_safe) {
            cells
        } else {
            column.or(cells)
        }
    }

    /// The cells of some rows that have a cause.
    fn rows_with(&self, checked: &Checked, cause: &Cause) -> Vec<Vec<OwnedCell>> {
        let Some(rows) = checked.issues.rows(cause) else {
            return Vec::new();
        };
        // Spread, as neighbours are often alike.
        let places = (0..ROWS.min(rows.len())).filter_map(|at| rows.nth(at * rows.len() / ROWS.min(rows.len())));
        let read = |row: u32| self.frame.read(row..row + 1, &self.edits).ok()?.into_iter().next();
        places.filter_map(read).collect()
    }

    fn column_fix(&self, checked: &Checked, cause: &Cause, rows: &[Vec<OwnedCell>]) -> Option<Fix> {
        let about = cause.rule.about();
        if about.evidence == Evidence::MissingField && cause.column.is_none() {
            return self.missing_field(checked.required_field(cause)?, rows);
        }
        if cause.hint.is_some_and(|hint| !hint.may_be_read_otherwise()) {
            return None;
        }
        let column = cause.column? as usize;
        let proposal = self.offers.iter().find_map(|offer| match &offer.kind {
            OfferKind::Transform(proposal) if offer.column == column => Some(proposal),
            OfferKind::Transform(_) | OfferKind::Field { .. } | OfferKind::Constant { .. } => None,
        })?;
        let tried = |transform: &Transform| {
            let part = self.mapping.part_with(column, Some(transform.clone()))?;
            let proof = tried(
                &part,
                rows.iter().filter_map(|row| row.get(column)).map(OwnedCell::as_cell),
            );
            ((about.is_mended_by)(transform) && proof.changes > 0 && proof.fits > 0).then_some(proof)
        };
        let (kind, proof) = match self.reading(column, proposal) {
            ColumnReading::One(transform, proof) => {
                let seen = tried(&transform)?;
                let proposal = Proposal {
                    transform,
                    proof,
                    alternative: None,
                    ..(**proposal).clone()
                };
                let kind = OfferKind::Transform(Box::new(proposal));
                (FixKind::Column(Offer { column, kind }), seen)
            }
            ColumnReading::Two(readings) => {
                let seen = tried(&readings[0].0)?;
                (FixKind::Readings(column, readings), seen)
            }
        };
        let examples = proof.examples;
        Some(Fix { kind, examples })
    }

    /// A column, or a value of all records, for a field that they need.
    fn missing_field(&self, field: &str, rows: &[Vec<OwnedCell>]) -> Option<Fix> {
        let offer = offer_for((self.mapping.dataset, field), &self.offers, &self.samples, None)?;
        let becomes = |row: &Vec<OwnedCell>| match &offer.kind {
            OfferKind::Constant { value, .. } => Some((String::new(), (*value).to_owned())),
            OfferKind::Field { .. } | OfferKind::Transform(_) => {
                let text = row.get(offer.column)?.as_cell().shown().into_owned();
                Some((String::new(), text))
            }
        };
        let mut examples: Vec<_> = rows.iter().filter_map(becomes).collect();
        examples.dedup();
        Some(Fix {
            kind: FixKind::Column(offer),
            examples,
        })
    }
}

/// What a transform does to some cells.
fn tried<'a>(part: &Part, cells: impl Iterator<Item = Cell<'a>>) -> Proof {
    let mut proof = Proof::default();
    for cell in cells {
        proof.note(part, cell, 1);
    }
    proof
}

fn cells_fix(checked: &Checked, cause: &Cause, rows: &[Vec<OwnedCell>]) -> Option<Fix> {
    let (hint, column) = (cause.hint?, cause.column? as usize);
    let part = checked.plan().part(column)?;
    let repaired = |row: &Vec<OwnedCell>| {
        let cell = row.get(column)?.as_cell();
        let repaired = hint.repair(part, cell)?;
        let after = match repaired.as_cell() {
            Cell::Missing => "no value".to_owned(),
            cell @ (Cell::Text(_) | Cell::Json(_)) => cell.shown().into_owned(),
        };
        Some((cell.shown().into_owned(), after))
    };
    let mut examples: Vec<_> = rows.iter().filter_map(repaired).collect();
    examples.dedup();
    (!examples.is_empty()).then_some(Fix {
        kind: FixKind::Cells(hint),
        examples,
    })
}

/// Everything that is safe to do about the problems of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SafeFixes {
    /// What is done about columns.
    pub(super) offers: Vec<Offer>,
    /// The causes whose cells are changed.
    pub(super) causes: Vec<Cause>,
}

impl Document {
    /// Everything that is safe to do about its problems.
    pub(super) fn safe_fixes(&self) -> SafeFixes {
        let mut safe = SafeFixes::default();
        let (Some(view), Some(checked)) = (self.view(), self.checked()) else {
            return safe;
        };
        for (cause, fix) in view.fixes(checked, checked.issues.by_weight()) {
            match fix {
                fix if !fix.is_safe() => {}
                Fix {
                    kind: FixKind::Column(offer),
                    ..
                } => {
                    if !safe.offers.contains(&offer) {
                        safe.offers.push(offer);
                    }
                }
                Fix {
                    kind: FixKind::Cells(_),
                    ..
                } => safe.causes.push(cause),
                Fix {
                    kind: FixKind::Readings(..),
                    ..
                } => {}
            }
        }
        // What a column's cells hold is judged anew once it is read otherwise.
        let is_changed = |cause: &Cause| {
            let is_of = |offer: &Offer| cause.column.is_some_and(|column| column as usize == offer.column);
            safe.offers.iter().any(is_of)
        };
        safe.causes.retain(|cause| !is_changed(cause));
        safe
    }
}
