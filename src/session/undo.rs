//! Changes of a document that can be taken back. A change after an undo discards what could have been redone.

use std::sync::Arc;

use crate::{
    domain::{mapping::Mapping, rows::RowSet},
    frame::Edits,
};

/// One change, as what restores the state before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Cells as they were.
    Cells(Cells),
    /// The mapping as it was.
    Mapping(Box<Mapping>),
    /// Both, changed together.
    Both(Cells, Box<Mapping>),
}

/// The changes of a table before a step that changed cells; what it has in common with those after it is shared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cells {
    pub(super) edits: Arc<Edits>,
    /// The rows with changed cells.
    pub(super) rows: RowSet,
    /// Row and column of the cell that the cursor goes to when the step is taken back, and when it is made again.
    pub(super) cursors: [(u32, u32); 2],
}

/// What was taken back, or made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    Cells,
    Mapping,
}

/// The changes made and taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// Counts the changes, also those that take back or make again.
    last: u64,
}

impl History {
    /// Notes a new change.
    pub(super) fn push(&mut self, inverse: Step) {
        self.undo.push(inverse);
        self.redo.clear();
        self.last += 1;
    }

    /// Takes the last change; what it is replaced by goes to [`Self::undone`].
    pub(super) fn take_undo(&mut self) -> Option<Step> {
        self.undo.pop()
    }

    /// Notes how to make the change again that was just taken back.
    pub(super) fn undone(&mut self, inverse: Step) {
        self.redo.push(inverse);
        self.last += 1;
    }

    /// Takes the last change that was taken back.
    pub(super) fn take_redo(&mut self) -> Option<Step> {
        self.redo.pop()
    }

    /// Notes how to take back the change that was just made again.
    pub(super) fn redone(&mut self, inverse: Step) {
        self.undo.push(inverse);
        self.last += 1;
    }

    /// The number of the last change.
    pub(super) const fn last_change(&self) -> u64 {
        self.last
    }

    /// How many changes can be taken back.
    pub(super) const fn depth(&self) -> usize {
        self.undo.len()
    }

    pub(super) const fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(super) const fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }
}
