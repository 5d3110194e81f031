//! Which environments are locked, and what somebody has said to change what they store.

use super::Session;
use crate::{
    ops::guard::Consent,
    settings::{Environment, EnvironmentKind},
    upload::Upload,
};

impl Session {
    /// Whether changes to what the chosen environment stores must be unlocked first.
    pub(crate) fn is_locked(&self) -> bool {
        let chosen = self.environments.iter().find(|known| known.name == self.environment);
        // A playground takes no changes anyway.
        let is_locked = |chosen: &Environment| {
            chosen.kind != EnvironmentKind::Playground
                && chosen.is_guarded()
                && self.unlocked.as_deref() != Some(chosen.name.as_str())
        };
        chosen.is_some_and(is_locked)
    }

    /// Whether records of the chosen environment may be deleted: guarded ones must be unlocked first, and a
    /// playground's cannot be.
    pub fn may_delete(&self) -> bool {
        self.chosen().kind != EnvironmentKind::Playground && !self.is_locked()
    }

    /// What was said to change what an environment stores: that it is unlocked.
    pub(super) fn consent(&self, environment: &str) -> Consent {
        let unlocked = self.unlocked.as_deref().filter(|unlocked| *unlocked == environment);
        unlocked.map_or_else(Consent::default, Consent::named)
    }

    /// Why nothing may be changed where an upload of before went; `None`: it may.
    pub(super) fn hindrance_of_change(&self, upload: &Upload) -> Option<String> {
        let environment = self.proper_name(&upload.plan.environment);
        if environment != self.environment {
            Some(format!("It went to {environment}; choose that environment first"))
        } else if self.is_locked() {
            Some(format!("{environment} is locked; unlock it under Stored first"))
        } else if upload.plan.is_unrecorded() {
            Some(format!(
                "It was written down without its key, so that it is not certain where it went; in a terminal, give \
                 --confirm {environment} to tatami undo, or --production to tatami upload --resume"
            ))
        } else {
            None
        }
    }
}
