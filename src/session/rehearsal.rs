//! What is made to go wrong in the local server. It starts with nothing, so that nothing has to be asked for until
//! somebody looks.

use super::{Dialog, Session};
use crate::{
    domain::faults::Faults,
    message::{Command, StoredCommand, WorkError},
};

impl Session {
    /// Whether the chosen environment is the server inside Tatami, which can be made to fail.
    pub(crate) fn can_rehearse(&self) -> bool {
        self.chosen().base_url.is_empty()
    }

    /// Whether the chosen environment is made to fail.
    pub(crate) fn is_rehearsing(&self) -> bool {
        self.can_rehearse() && self.rehearsal.value().is_some_and(|faults| !faults.are_off())
    }

    pub(super) fn ask_rehearsal(&mut self) -> Vec<Command> {
        if !self.can_rehearse() {
            return Vec::new();
        }
        self.dialog = Some(Dialog::Rehearse);
        self.rehearsal.ask();
        vec![self.ask(StoredCommand::Rehearse(None))]
    }

    pub(super) fn rehearse(&mut self, faults: Faults) -> Vec<Command> {
        if !self.can_rehearse() {
            return Vec::new();
        }
        self.dialog = None;
        vec![self.ask(StoredCommand::Rehearse(Some(faults)))]
    }

    /// Takes what the local server says of its faults.
    pub(super) fn on_rehearsal(&mut self, faults: Result<Faults, WorkError>) {
        if let Err(reason) = &faults {
            self.notify(true, format!("The local server cannot be made to fail: {reason}"));
        }
        self.rehearsal.answer(faults);
    }
}
