//! Changes of a document that can be taken back. A change after an undo discards what could have been redone.

use std::sync::Arc;

use crate::message::kept::{NumberedStep, Step, StepList};

/// What was taken back, or made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    Cells,
    Mapping,
}

/// The changes made and taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    undo: StepList,
    redo: StepList,
    /// The number of the next new step.
    next: u64,
    /// The number of the step that is being taken back or made again.
    moving: u64,
    /// Counts the changes, also those that take back or make again.
    last: u64,
}

impl History {
    /// The changes that were made and taken back before the program ended.
    pub(super) fn of(undo: StepList, redo: StepList) -> Self {
        let numbers = undo.iter().chain(&redo).map(|step| step.number);
        Self {
            next: numbers.max().map_or(0, |last| last + 1),
            undo,
            redo,
            moving: 0,
            last: 0,
        }
    }

    /// Notes a new change.
    pub(super) fn push(&mut self, inverse: Step) {
        self.moving = self.next;
        self.next += 1;
        self.redone(inverse);
        self.redo.clear();
    }

    /// Takes the last change; what it is replaced by goes to [`Self::undone`].
    pub(super) fn take_undo(&mut self) -> Option<Step> {
        let taken = self.undo.pop();
        self.taken(taken)
    }

    /// Notes how to make the change again that was just taken back.
    pub(super) fn undone(&mut self, inverse: Step) {
        let inverse = self.moved(inverse);
        self.redo.push(inverse);
    }

    /// Takes the last change that was taken back.
    pub(super) fn take_redo(&mut self) -> Option<Step> {
        let taken = self.redo.pop();
        self.taken(taken)
    }

    /// Notes how to take back the change that was just made again.
    pub(super) fn redone(&mut self, inverse: Step) {
        let inverse = self.moved(inverse);
        self.undo.push(inverse);
    }

    /// The number of the last change.
    pub(super) const fn last_change(&self) -> u64 {
        self.last
    }

    fn taken(&mut self, step: Option<Arc<NumberedStep>>) -> Option<Step> {
        let NumberedStep { number, step } = Arc::unwrap_or_clone(step?);
        self.moving = number;
        Some(step)
    }

    fn moved(&mut self, step: Step) -> Arc<NumberedStep> {
        self.last += 1;
        let number = self.moving;
        Arc::new(NumberedStep { number, step })
    }

    /// The steps that can be taken back and made again, to be kept.
    pub(super) fn steps(&self) -> [&StepList; 2] {
        [&self.undo, &self.redo]
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
