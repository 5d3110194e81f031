//! What a person wants done with the stored records, and with environments.

use std::sync::Arc;

use super::{Action, Dialog, Place, Remote, Session, Wipe, stored::Stored};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    work::Command,
};

impl Session {
    pub(super) fn act_on_stored(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Refresh => {
                self.stored.set_mut(self.dataset()).ids = Remote::Idle;
                self.ask_stored()
            }
            Action::ShowRecord(dataset, id) => {
                let set = self.stored.set_mut(dataset);
                set.record = Some((id.clone(), Remote::Pending(None)));
                vec![Command::Get {
                    environment: self.environment.clone(),
                    dataset,
                    id,
                }]
            }
            Action::ShowPage(dataset, page) => {
                let set = self.stored.set_mut(dataset);
                set.page = page.min(set.pages() - 1);
                let is_idle = !matches!(set.interactions, Remote::Pending(_));
                let more = (dataset == Dataset::Interactions && is_idle)
                    .then_some(set.next)
                    .flatten();
                let after = more.map(|after| {
                    set.interactions.ask();
                    Command::ListInteractions {
                        environment: self.environment.clone(),
                        after: Some(after),
                    }
                });
                after.into_iter().collect()
            }
            Action::Find(dataset, text) => {
                self.stored.set_mut(dataset).find(text);
                Vec::new()
            }
            Action::Select(dataset, ids, selected) => {
                let set = self.stored.set_mut(dataset);
                for id in ids {
                    if selected {
                        set.selected.insert(id);
                    } else {
                        set.selected.remove(&id);
                    }
                }
                Vec::new()
            }
            Action::AskDelete(dataset) => {
                if self.may_delete() && !self.stored.set(dataset).selected.is_empty() {
                    self.dialog = Some(Dialog::Delete(dataset));
                }
                Vec::new()
            }
            Action::Delete(dataset) => {
                self.dialog = None;
                if !self.may_delete() {
                    return Vec::new();
                }
                let set = self.stored.set_mut(dataset);
                set.deleting = true;
                let ids = std::mem::take(&mut set.selected).into_iter().collect();
                vec![Command::Delete {
                    environment: self.environment.clone(),
                    dataset,
                    ids,
                }]
            }
            Action::AskWipe => {
                if self.may_delete() {
                    self.dialog = Some(Dialog::Wipe);
                    return vec![Command::Count {
                        environment: self.environment.clone(),
                    }];
                }
                Vec::new()
            }
            Action::Wipe { typed } => self.wipe(&typed),
            Action::CancelWipe => {
                if let Some(wipe) = &self.stored.wipe {
                    wipe.progress.cancel();
                }
                Vec::new()
            }
            Action::DismissWipe => {
                if self.stored.wipe.as_ref().is_some_and(|wipe| wipe.outcome.is_some()) {
                    self.stored.wipe = None;
                }
                Vec::new()
            }
            Action::ChooseEnvironment(name) => {
                if self.environments.iter().any(|environment| environment.name == name) && name != self.environment {
                    self.environment = name;
                    // A wipe that runs can still be seen and stopped.
                    let running = self.stored.wipe.take().filter(|wipe| wipe.outcome.is_none());
                    self.stored = Stored::default();
                    self.stored.wipe = running;
                    return self.ask_stored();
                }
                Vec::new()
            }
            Action::AskEnvironment(name) => {
                self.dialog = Some(Dialog::Environment(name));
                Vec::new()
            }
            Action::SaveEnvironment(environment, key) => {
                self.dialog = None;
                vec![Command::SaveEnvironment { environment, key }]
            }
            Action::RemoveEnvironment(name) => {
                self.dialog = None;
                let back_to_local = self.environment == name;
                let mut commands = vec![Command::RemoveEnvironment { name }];
                if back_to_local {
                    let local = self
                        .environments
                        .first()
                        .map(|local| local.name.clone())
                        .unwrap_or_default();
                    commands.extend(self.act(Action::ChooseEnvironment(local)));
                }
                commands
            }
            Action::Unlock => {
                self.unlocked = Some(self.environment.clone());
                Vec::new()
            }
            Action::ShowShortcuts => {
                self.dialog = Some(Dialog::Shortcuts);
                Vec::new()
            }
            Action::CloseDialog => {
                self.stop_comparing();
                if self.undo.as_ref().is_some_and(|undo| undo.run.is_none()) {
                    self.undo = None;
                }
                self.dialog = None;
                Vec::new()
            }
            Action::DismissNotice(id) => {
                self.notices.retain(|notice| notice.id != id);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Asks for what is stored and not known yet.
    pub(super) fn ask_stored(&mut self) -> Vec<Command> {
        if self.local_address.is_none() && self.chosen().base_url.is_empty() {
            return Vec::new();
        }
        let environment = self.environment.clone();
        let mut commands = vec![Command::Count {
            environment: environment.clone(),
        }];
        for dataset in Dataset::ALL {
            self.stored.set_mut(dataset).count.ask();
        }
        if let Place::Stored(dataset) = self.place {
            let set = self.stored.set_mut(dataset);
            if dataset == Dataset::Interactions {
                set.interactions = Remote::Pending(None);
                commands.push(Command::ListInteractions {
                    environment,
                    after: None,
                });
            } else {
                set.ids.ask();
                commands.push(Command::List { environment, dataset });
            }
        }
        commands
    }

    fn wipe(&mut self, typed: &str) -> Vec<Command> {
        if typed.trim() != self.environment || !self.may_delete() {
            return Vec::new();
        }
        self.dialog = None;
        let before = Dataset::ALL.map(|dataset| (dataset, self.stored.set(dataset).count.value().copied().flatten()));
        let progress = Arc::new(Progress::default());
        let environment = self.environment.clone();
        self.stored.wipe = Some(Wipe {
            environment: environment.clone(),
            before: before.to_vec(),
            outcome: None,
            after: None,
            progress: Arc::clone(&progress),
        });
        vec![Command::Wipe { environment, progress }]
    }
}
