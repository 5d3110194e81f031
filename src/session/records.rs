//! What a person wants done with the stored records, and with environments.

use std::sync::Arc;

use super::{Action, Dialog, Place, Remote, Session, Wipe, stored::Stored};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    message::{Command, SettingsCommand, StoredCommand, StoredEvent},
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
                vec![self.ask(StoredCommand::Get(dataset, id))]
            }
            Action::ShowPage(dataset, page) => {
                let set = self.stored.set_mut(dataset);
                set.page = page.min(set.pages() - 1);
                let is_idle = !matches!(set.interactions, Remote::Pending(_));
                let more = (dataset == Dataset::Interactions && is_idle)
                    .then_some(set.next)
                    .flatten();
                if more.is_none() {
                    return Vec::new();
                }
                set.interactions.ask();
                vec![self.ask(StoredCommand::ListInteractions { after: more })]
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
                vec![self.ask(StoredCommand::Delete(dataset, ids))]
            }
            Action::AskWipe => {
                if self.may_delete() {
                    self.dialog = Some(Dialog::Wipe);
                    return vec![self.ask(StoredCommand::Count)];
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
                vec![Command::Settings(SettingsCommand::SaveEnvironment { environment, key })]
            }
            Action::RemoveEnvironment(name) => {
                self.dialog = None;
                let back_to_local = self.environment == name;
                let mut commands = vec![Command::Settings(SettingsCommand::RemoveEnvironment(name))];
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

    /// A command for the chosen environment.
    pub(super) fn ask(&self, command: StoredCommand) -> Command {
        Command::Stored(self.environment.clone(), command)
    }

    /// Asks for what is stored and not known yet.
    pub(super) fn ask_stored(&mut self) -> Vec<Command> {
        if self.local_address.is_none() && self.chosen().base_url.is_empty() {
            return Vec::new();
        }
        let mut commands = vec![self.ask(StoredCommand::Count)];
        for dataset in Dataset::ALL {
            self.stored.set_mut(dataset).count.ask();
        }
        if let Place::Stored(dataset) = self.place {
            let set = self.stored.set_mut(dataset);
            if dataset == Dataset::Interactions {
                set.interactions = Remote::Pending(None);
                commands.push(self.ask(StoredCommand::ListInteractions { after: None }));
            } else {
                set.ids.ask();
                commands.push(self.ask(StoredCommand::List(dataset)));
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
        self.stored.wipe = Some(Wipe {
            environment: self.environment.clone(),
            before: before.to_vec(),
            outcome: None,
            after: None,
            progress: Arc::clone(&progress),
        });
        vec![self.ask(StoredCommand::Wipe { progress })]
    }

    /// Takes in what is stored. What is said of another environment than the chosen one was asked for before.
    pub(super) fn on_stored(&mut self, environment: &str, event: StoredEvent) -> Vec<Command> {
        let is_chosen = environment == self.environment;
        match event {
            StoredEvent::Listed(dataset, ids) => {
                if is_chosen {
                    self.stored.set_mut(dataset).list(ids);
                }
            }
            StoredEvent::Got { dataset, id, record } => {
                if let Some((shown, value)) = &mut self.stored.set_mut(dataset).record
                    && is_chosen
                    && *shown == id
                {
                    value.answer(record);
                }
            }
            StoredEvent::Interactions { page, first } => {
                if is_chosen {
                    self.interactions_read(page, first);
                }
            }
            StoredEvent::Deleted(dataset, outcome) => return self.deleted(environment, dataset, outcome),
            StoredEvent::Wiped(outcome) => return self.wiped(environment, outcome),
            StoredEvent::Counted(counts) => {
                if is_chosen {
                    self.counted(counts);
                }
            }
            StoredEvent::Rehearsing(faults) => self.on_rehearsal(faults),
        }
        Vec::new()
    }

    fn interactions_read(&mut self, page: Result<(Vec<String>, Option<i64>), String>, first: bool) {
        let set = self.stored.set_mut(Dataset::Interactions);
        let before = set.interactions.take().filter(|_| !first);
        set.next = page.as_ref().ok().and_then(|(_, next)| *next);
        set.interactions.answer(page.map(|(records, _)| {
            let mut all = before.unwrap_or_default();
            all.extend(records);
            all
        }));
    }

    fn deleted(&mut self, environment: &str, dataset: Dataset, outcome: Result<u64, String>) -> Vec<Command> {
        let set = self.stored.set_mut(dataset);
        set.deleting = false;
        set.record = None;
        match outcome {
            Ok(count) => {
                let text = format!("{count} {} deleted from {environment}", dataset.noun(count));
                self.notify(false, text);
            }
            Err(reason) => self.notify(true, reason),
        }
        self.ask_stored()
    }

    fn wiped(&mut self, environment: &str, outcome: Vec<(Dataset, Result<u64, String>)>) -> Vec<Command> {
        if let Some(wipe) = self.stored.wipe.as_mut().filter(|wipe| wipe.environment == environment) {
            wipe.outcome = Some(outcome);
        }
        if environment == self.environment {
            for dataset in Dataset::ALL {
                let set = self.stored.set_mut(dataset);
                set.selected.clear();
                set.record = None;
            }
        }
        self.ask_stored()
    }

    fn counted(&mut self, counts: Vec<(Dataset, Result<Option<u64>, String>)>) {
        let ended = |wipe: &&mut Wipe| wipe.outcome.is_some() && wipe.after.is_none();
        let chosen = &self.environment;
        if let Some(wipe) = self
            .stored
            .wipe
            .as_mut()
            .filter(ended)
            .filter(|wipe| wipe.environment == *chosen)
        {
            let known = |count: &Result<Option<u64>, String>| count.as_ref().ok().copied().flatten();
            wipe.after = Some(counts.iter().map(|(dataset, count)| (*dataset, known(count))).collect());
        }
        for (dataset, count) in counts {
            self.stored.set_mut(dataset).count.answer(count);
        }
    }
}
