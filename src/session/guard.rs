//! Which environments are locked, and what somebody has said to change what they store.

use std::time::Duration;

use super::Session;
use crate::{
    ops::guard::Consent,
    settings::{Environment, EnvironmentKind},
    upload::Upload,
};

/// How long changes to what a guarded environment stores stay unlocked.
const UNLOCKED: Duration = Duration::from_mins(15);

/// An environment that was unlocked.
#[derive(Clone, Debug)]
pub(super) struct Unlocked {
    environment: String,
    /// Until when, counted from when the window was opened.
    until: Duration,
}

impl Session {
    /// Tells how much time has passed since it was last told; to be called once a frame. What was unlocked is locked again
    /// when its time is up; what runs goes on.
    pub fn pass_time(&mut self, passed: Duration) {
        self.now += passed;
        let now = self.now;
        self.unlocked.take_if(|unlocked| unlocked.until <= now);
    }

    /// Allows changes to what the chosen environment stores, for a while.
    pub(super) fn unlock(&mut self) {
        self.unlocked = Some(Unlocked {
            environment: self.environment.clone(),
            until: self.now + UNLOCKED,
        });
    }

    /// Locks again what was unlocked.
    pub(super) fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Locks an environment again that is about to be another one, or gone.
    pub(super) fn lock_named(&mut self, name: &str) {
        self.unlocked.take_if(|unlocked| unlocked.environment == name);
    }

    /// Locks again what was unlocked, where it is another environment than it was.
    pub(super) fn lock_changed(&mut self, environments: &[Environment]) {
        let named = |list: &[Environment], name: &str| list.iter().find(|known| known.name == name).cloned();
        let before = &self.environments;
        self.unlocked.take_if(|unlocked| {
            let name = &unlocked.environment;
            named(before, name) != named(environments, name)
        });
    }

    /// Whether an environment, saved like this, would be less guarded than it is, or be somewhere else.
    pub(crate) fn weakens_guard(&self, saved: &Environment) -> bool {
        let mut known = self.environments.iter();
        known.find(|known| known.is_named(&saved.name)).is_some_and(|known| {
            let is_lowered = known.kind == EnvironmentKind::Production && saved.kind != EnvironmentKind::Production;
            self.is_guarded(&known.name) && (is_lowered || !known.has_address(&saved.base_url))
        })
    }

    /// Why an environment cannot be saved like this now; `None`: it can.
    pub(crate) fn hindrance_of_saving(&self, saved: &Environment) -> Option<String> {
        let name = self.proper_name(&saved.name);
        if !self.weakens_guard(saved) || self.is_unlocked(name) {
            return None;
        }
        let choose = if name == self.environment { "" } else { "choose it and " };
        Some(format!(
            "{name} is locked; {choose}unlock it in the menu Environment before you change its kind or address"
        ))
    }

    /// How long changes to the chosen environment stay unlocked; `None`: it is locked, or need not be unlocked.
    pub fn unlocked_for(&self) -> Option<Duration> {
        let unlocked = self.unlocked.as_ref();
        let unlocked = unlocked.filter(|unlocked| unlocked.environment == self.environment && self.is_production());
        Some(unlocked?.until.saturating_sub(self.now))
    }

    /// Whether customers see what the chosen environment stores, or may: then it is guarded.
    pub fn is_production(&self) -> bool {
        self.is_guarded(&self.environment)
    }

    /// Whether an environment is guarded; a playground takes no changes anyway.
    pub(super) fn is_guarded(&self, name: &str) -> bool {
        let known = self.environments.iter().find(|known| known.name == name);
        known.is_some_and(|known| known.kind != EnvironmentKind::Playground && known.is_guarded())
    }

    fn is_unlocked(&self, name: &str) -> bool {
        self.unlocked
            .as_ref()
            .is_some_and(|unlocked| unlocked.environment == name)
    }

    /// Whether changes to what the chosen environment stores must be unlocked first.
    pub(crate) fn is_locked(&self) -> bool {
        self.is_production() && !self.is_unlocked(&self.environment)
    }

    /// Whether records of the chosen environment may be deleted: guarded ones must be unlocked first, and a
    /// playground's cannot be.
    pub fn may_delete(&self) -> bool {
        self.chosen().kind != EnvironmentKind::Playground && !self.is_locked()
    }

    /// What was said to change what an environment stores: that it is unlocked.
    pub(super) fn consent(&self, environment: &str) -> Consent {
        if self.is_unlocked(environment) {
            Consent::named(environment)
        } else {
            Consent::default()
        }
    }

    /// Why nothing may be changed where an upload of before went; `None`: it may.
    pub(super) fn hindrance_of_change(&self, upload: &Upload) -> Option<String> {
        let environment = self.proper_name(&upload.plan.environment);
        if environment != self.environment {
            Some(format!("It went to {environment}; choose that environment first"))
        } else if let Some(reason) = self.key_refusal() {
            Some(reason)
        } else if self.is_locked() {
            Some(format!(
                "{environment} is locked; unlock it in the menu Environment first"
            ))
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
