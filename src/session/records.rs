//! What a person wants done with the stored records, and what becomes of it.

use std::sync::Arc;

use super::{DeleteRefusal, Dialog, Place, Remote, Session, StoredAction, Wipe};
use crate::{
    domain::{dataset::Dataset, number::grouped, progress::Progress},
    message::{Command, StoredCommand, StoredEvent, WorkError},
    ops::guard::Consent,
    settings::EnvironmentKind,
};

impl Session {
    pub(super) fn act_on_stored(&mut self, action: StoredAction) -> Vec<Command> {
        match action {
            StoredAction::Refresh => {
                self.stored.set_mut(self.dataset()).ids = Remote::Idle;
                self.ask_stored_anyway()
            }
            StoredAction::ShowRecord(dataset, id) => {
                let set = self.stored.set_mut(dataset);
                set.record = Some((id.clone(), Remote::Pending(None)));
                vec![self.ask(StoredCommand::Get(dataset, id))]
            }
            StoredAction::ShowPage(dataset, page) => {
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
            StoredAction::Find(dataset, text) => {
                self.stored.set_mut(dataset).find(text);
                Vec::new()
            }
            StoredAction::Select(dataset, ids, selected) => {
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
            StoredAction::AskDelete(dataset) => {
                if self.refuse_deletion().is_ok() && !self.stored.set(dataset).selected.is_empty() {
                    self.dialog = Some(Dialog::Delete(dataset));
                }
                Vec::new()
            }
            StoredAction::Delete(dataset) => {
                self.dialog = None;
                if self.refuse_deletion().is_err() {
                    return Vec::new();
                }
                let set = self.stored.set_mut(dataset);
                set.deleting = true;
                let ids = std::mem::take(&mut set.selected).into_iter().collect();
                let consent = self.consent(&self.environment);
                vec![self.ask(StoredCommand::Delete { dataset, ids, consent })]
            }
            StoredAction::AskWipe => {
                if self.refuse_deletion().is_err() {
                    return Vec::new();
                }
                self.dialog = Some(Dialog::Wipe);
                vec![self.ask(StoredCommand::Count)]
            }
            StoredAction::Wipe { typed } => self.wipe(&typed),
            StoredAction::CancelWipe => {
                if let Some(wipe) = &self.stored.wipe {
                    wipe.progress.cancel();
                }
                Vec::new()
            }
            StoredAction::DismissWipe => {
                if self.stored.wipe.as_ref().is_some_and(|wipe| wipe.outcome.is_some()) {
                    self.stored.wipe = None;
                }
                Vec::new()
            }
            StoredAction::Unlock => {
                self.unlock();
                Vec::new()
            }
            StoredAction::Lock => {
                self.lock();
                Vec::new()
            }
            StoredAction::AskRehearsal => self.ask_rehearsal(),
            StoredAction::Rehearse(faults) => self.rehearse(faults),
        }
    }

    /// Why records of the chosen environment may not be deleted now; `None`: they may.
    pub(crate) fn hindrance_of_deletion(&self) -> Option<DeleteRefusal> {
        let chosen = self.chosen();
        let running = self.stored.wipe.as_ref().filter(|wipe| wipe.outcome.is_none());
        if chosen.kind == EnvironmentKind::Playground {
            Some(DeleteRefusal::Playground)
        } else if let Some(reason) = self.key_refusal() {
            Some(DeleteRefusal::KeyRejected { reason })
        } else if self.is_locked() {
            Some(DeleteRefusal::Locked {
                environment: chosen.name,
            })
        } else {
            running.map(|wipe| DeleteRefusal::Wiping {
                environment: wipe.environment.clone(),
            })
        }
    }

    /// Says why records may not be deleted now, when they may not.
    fn refuse_deletion(&mut self) -> Result<(), DeleteRefusal> {
        let Some(refusal) = self.hindrance_of_deletion() else {
            return Ok(());
        };
        self.notify(true, refusal.to_string());
        Err(refusal)
    }

    /// A command for the chosen environment.
    pub(super) fn ask(&self, command: StoredCommand) -> Command {
        Command::Stored(self.environment.clone(), command)
    }

    /// Asks for what is stored and not known yet; not with a key that was rejected.
    pub(super) fn ask_stored(&mut self) -> Vec<Command> {
        if self.key_refusal().is_some() {
            return Vec::new();
        }
        self.ask_stored_anyway()
    }

    fn ask_stored_anyway(&mut self) -> Vec<Command> {
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
        if typed.trim() != self.environment {
            let environment = self.environment.clone();
            self.notify(true, DeleteRefusal::Unconfirmed { environment }.to_string());
            return Vec::new();
        }
        if self.refuse_deletion().is_err() {
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
        let consent = Consent::named(&self.environment);
        vec![self.ask(StoredCommand::Wipe { consent, progress })]
    }

    /// Takes in what is stored. What is said of another environment than the chosen one was asked for before.
    pub(super) fn on_stored(&mut self, environment: &str, event: StoredEvent) -> Vec<Command> {
        self.note_stored_answer(environment, &event);
        let is_chosen = environment == self.environment;
        match event {
            StoredEvent::Listed(dataset, ids) => {
                if is_chosen {
                    self.stored.set_mut(dataset).list(ids);
                }
            }
            StoredEvent::ListedSent { dataset, ids, caveat } => {
                if is_chosen {
                    let set = self.stored.set_mut(dataset);
                    set.list(Ok(ids));
                    set.caveat = Some(caveat);
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

    fn interactions_read(&mut self, page: Result<(Vec<String>, Option<i64>), WorkError>, first: bool) {
        let set = self.stored.set_mut(Dataset::Interactions);
        let before = set.interactions.take().filter(|_| !first);
        set.next = page.as_ref().ok().and_then(|(_, next)| *next);
        set.interactions.answer(page.map(|(records, _)| {
            let mut all = before.unwrap_or_default();
            all.extend(records);
            all
        }));
    }

    fn deleted(
        &mut self,
        environment: &str,
        dataset: Dataset,
        outcome: Result<Option<u64>, WorkError>,
    ) -> Vec<Command> {
        // Another environment may delete records of its own meanwhile.
        if environment == self.environment {
            let set = self.stored.set_mut(dataset);
            set.deleting = false;
            set.record = None;
        }
        if outcome.is_ok() {
            self.forget_results(environment, Some(dataset));
        }
        match outcome {
            Ok(Some(count)) => {
                let text = format!("{} {} deleted from {environment}", grouped(count), dataset.noun(count));
                self.notify(false, text);
            }
            Ok(None) => {
                let noun = dataset.noun(0);
                let text = format!("{environment} was asked to delete {noun}; how many are gone cannot be known");
                self.notify(true, text);
            }
            Err(error) => self.notify(true, error.reason),
        }
        self.ask_stored()
    }

    fn wiped(&mut self, environment: &str, outcome: Vec<(Dataset, Result<u64, WorkError>)>) -> Vec<Command> {
        let has_deleted = outcome.iter().any(|(_, deleted)| match deleted {
            Ok(count) => *count > 0,
            // Of what the server has no list, some may be deleted.
            Err(error) => error.is_unsupported(),
        });
        if let Some(wipe) = self.stored.wipe.as_mut().filter(|wipe| wipe.environment == environment) {
            wipe.outcome = Some(outcome);
        }
        for document in &mut self.documents {
            document.uploaded.take_if(|(place, _)| place == environment);
        }
        if has_deleted {
            self.forget_results(environment, None);
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

    fn counted(&mut self, counts: Vec<(Dataset, Result<Option<u64>, WorkError>)>) {
        let ended = |wipe: &&mut Wipe| wipe.outcome.is_some() && wipe.after.is_none();
        let chosen = &self.environment;
        if let Some(wipe) = self
            .stored
            .wipe
            .as_mut()
            .filter(ended)
            .filter(|wipe| wipe.environment == *chosen)
        {
            let known = |count: &Result<Option<u64>, WorkError>| count.as_ref().ok().copied().flatten();
            wipe.after = Some(counts.iter().map(|(dataset, count)| (*dataset, known(count))).collect());
        }
        for (dataset, count) in counts {
            self.stored.set_mut(dataset).count.answer(count);
        }
    }
}
