//! All states of a document's changes in the order they came about: from what was laid over the file at first, over every
//! step that can be taken back, to the last one that can be made again.

use std::sync::Arc;

use super::record::{CellChanges, DamagedRecord, NewRecord, OldCell, content};
use crate::{
    domain::{
        mapping::Mapping,
        recipe::{ReadOptions, Recipe},
        rows::RowSet,
        rules::Levels,
    },
    frame::Edits,
    message::kept::{Cells, KeptDocument, NumberedStep, Step, StepList},
};

/// A step, between the states before and after it.
pub(super) struct TimelineStep<'a> {
    pub(super) number: u64,
    cells: Option<(&'a Edits, &'a Edits, &'a RowSet)>,
    /// Where the cursor goes when it is taken back, and when it is made again.
    cursors: [(u32, u32); 2],
    /// The mapping after it.
    mapping: Option<&'a Mapping>,
}

/// The states of a document.
pub(super) struct Timeline<'a> {
    pub(super) base: &'a Arc<Edits>,
    base_mapping: &'a Mapping,
    pub(super) steps: Vec<TimelineStep<'a>>,
    columns: &'a [String],
}

impl<'a> Timeline<'a> {
    pub(super) fn of(document: &'a KeptDocument) -> Self {
        let mut steps = Vec::with_capacity(document.undo.len() + document.redo.len());
        let (mut edits, mut mapping) = (&document.edits, &document.mapping);
        for NumberedStep { number, step } in document.undo.iter().rev().map(|step| &**step) {
            let (cells, before) = parts(step);
            steps.push(TimelineStep {
                number: *number,
                cells: cells.map(|cells| (&*cells.edits, &**edits, &cells.rows)),
                cursors: cells.map(|cells| cells.cursors).unwrap_or_default(),
                mapping: before.map(|_| mapping),
            });
            edits = cells.map_or(edits, |cells| &cells.edits);
            mapping = before.unwrap_or(mapping);
        }
        steps.reverse();
        let (base, base_mapping) = (edits, mapping);
        edits = &document.edits;
        for NumberedStep { number, step } in document.redo.iter().rev().map(|step| &**step) {
            let (cells, after) = parts(step);
            let cursors = cells.map(|cells| cells.cursors).unwrap_or_default();
            steps.push(TimelineStep {
                number: *number,
                cells: cells.map(|cells| (&**edits, &*cells.edits, &cells.rows)),
                cursors: [cursors[1], cursors[0]],
                mapping: after,
            });
            edits = cells.map_or(edits, |cells| &cells.edits);
        }
        Self {
            base,
            base_mapping,
            steps,
            columns: document.frame.columns(),
        }
    }

    pub(super) fn base(&self) -> NewRecord<'a> {
        NewRecord::Base {
            cells: CellChanges::All(self.base),
            mapping: recipe(self.base_mapping, self.columns),
        }
    }

    pub(super) fn record(&self, step: &TimelineStep<'a>) -> NewRecord<'a> {
        NewRecord::Step {
            cells: step
                .cells
                .map(|(before, after, rows)| CellChanges::Between(before, after, rows)),
            cursors: step.cursors,
            mapping: step.mapping.map(|mapping| recipe(mapping, self.columns)),
        }
    }
}

fn parts(step: &Step) -> (Option<&Cells>, Option<&Mapping>) {
    match step {
        Step::Cells(cells) => (Some(cells), None),
        Step::Mapping(mapping) => (None, Some(mapping)),
        Step::Both(cells, mapping) => (Some(cells), Some(mapping)),
    }
}

fn recipe(mapping: &Mapping, columns: &[String]) -> Recipe {
    Recipe {
        name: String::new(),
        saved: String::new(),
        read: ReadOptions::default(),
        columns: columns.to_vec(),
        mapping: mapping.clone(),
        levels: Levels::default(),
    }
}

/// A step that was read.
pub(super) struct OldStep {
    pub(super) cells: Option<Vec<OldCell>>,
    pub(super) cursors: [(u32, u32); 2],
    pub(super) mapping: Option<Recipe>,
}

/// The states of a document as they were read.
pub(super) struct OldTimeline {
    pub(super) base: Arc<Edits>,
    pub(super) base_mapping: Mapping,
    pub(super) steps: Vec<OldStep>,
    /// How many of the steps were made.
    pub(super) made: usize,
}

/// Where a document stands on its timeline.
pub(super) struct LastState {
    pub(super) edits: Arc<Edits>,
    pub(super) mapping: Mapping,
    pub(super) undo: StepList,
    pub(super) redo: StepList,
}

impl OldTimeline {
    /// Goes through all states, and comes back to the one that the person left.
    pub(super) fn stand(self) -> Result<LastState, DamagedRecord> {
        let Self {
            mut base,
            base_mapping: mut mapping,
            steps,
            made,
        } = self;
        let mut standing = None;
        let (mut undo, mut redo) = (StepList::new(), StepList::new());
        for (at, step) in steps.into_iter().enumerate() {
            if at == made {
                standing = Some((Arc::clone(&base), mapping.clone()));
            }
            let OldStep {
                cells,
                cursors: [back, again],
                mapping: mapping_after,
            } = step;
            let is_made = at < made;
            let cells = match cells {
                None => None,
                Some(changes) => {
                    let (after, rows) = changed(&base, &changes)?;
                    let before = std::mem::replace(&mut base, Arc::new(after));
                    Some(Cells {
                        edits: if is_made { before } else { Arc::clone(&base) },
                        rows,
                        cursors: if is_made { [back, again] } else { [again, back] },
                    })
                }
            };
            let other = mapping_after.map(|recipe| {
                let before = std::mem::replace(&mut mapping, recipe.mapping);
                Box::new(if is_made { before } else { mapping.clone() })
            });
            let step = match (cells, other) {
                (Some(cells), Some(mapping)) => Step::Both(cells, mapping),
                (Some(cells), None) => Step::Cells(cells),
                (None, Some(mapping)) => Step::Mapping(mapping),
                (None, None) => return Err(DamagedRecord),
            };
            let steps = if is_made { &mut undo } else { &mut redo };
            steps.push(Arc::new(NumberedStep {
                number: at as u64,
                step,
            }));
        }
        redo.reverse();
        let (edits, mapping) = standing.unwrap_or((base, mapping));
        Ok(LastState {
            edits,
            mapping,
            undo,
            redo,
        })
    }
}

/// What cells become, and the rows they are in.
pub(super) fn changed(before: &Edits, changes: &[OldCell]) -> Result<(Edits, RowSet), DamagedRecord> {
    let mut after = before.clone();
    let mut rows = RowSet::default();
    for (row, column, written) in changes {
        after.set(*row, *column, content(written)?);
        rows.insert(*row);
    }
    Ok((after, rows))
}
