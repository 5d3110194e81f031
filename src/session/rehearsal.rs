//! What is made to go wrong in the local server. It starts with nothing, so that nothing has to be asked for until
//! somebody looks.

use super::{Action, Dialog, Session};
use crate::{
    domain::faults::Faults,
    message::{Command, StoredCommand},
};

impl Session {
    /// Whether the chosen environment is the server inside Tatami, which can be made to fail.
    pub fn can_rehearse(&self) -> bool {
        self.chosen().base_url.is_empty()
    }

    /// Whether the chosen environment is made to fail.
    pub fn is_rehearsing(&self) -> bool {
        self.can_rehearse() && self.rehearsal.value().is_some_and(|faults| !faults.are_off())
    }

    /// Does what a person wants with the faults.
    pub(super) fn act_on_rehearsal(&mut self, action: Action) -> Vec<Command> {
        if !self.can_rehearse() {
            return Vec::new();
        }
        let faults = if let Action::Rehearse(faults) = action {
            self.dialog = None;
            Some(faults)
        } else {
            self.dialog = Some(Dialog::Rehearse);
            self.rehearsal.ask();
            None
        };
        vec![self.ask(StoredCommand::Rehearse(faults))]
    }

    /// Takes what the local server says of its faults.
    pub(super) fn on_rehearsal(&mut self, faults: Result<Faults, String>) {
        if let Err(reason) = &faults {
            self.notify(true, format!("The local server cannot be made to fail: {reason}"));
        }
        self.rehearsal.answer(faults);
    }
}
