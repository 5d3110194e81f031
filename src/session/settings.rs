//! What a person wants with what this machine keeps, and what becomes of it.

use super::{Action, Dialog, Place, Session, SettingsAction, Stored};
use crate::{
    domain::{key::ApiKey, rules::Levels},
    message::{Command, SettingsCommand, SettingsEvent},
    settings::{Environment, put_on_top},
};

impl Session {
    pub(super) fn act_on_settings(&mut self, action: SettingsAction) -> Vec<Command> {
        match action {
            SettingsAction::ChooseEnvironment(name) => {
                if name != self.environment && self.is_guarded(&name) {
                    self.dialog = Some(Dialog::Switch(name));
                    return Vec::new();
                }
                self.switch_environment(name)
            }
            SettingsAction::SwitchEnvironment(name) => {
                self.dialog = None;
                self.switch_environment(name)
            }
            SettingsAction::AskEnvironment(name) => {
                self.dialog = Some(Dialog::Environment(name));
                Vec::new()
            }
            SettingsAction::SaveEnvironment {
                environment,
                key,
                confirmed,
            } => self.save_environment(environment, key, confirmed),
            SettingsAction::RemoveEnvironment(name) => self.remove_environment(name),
            SettingsAction::ShowRules => {
                self.dialog = Some(Dialog::Rules);
                Vec::new()
            }
            SettingsAction::SetLevel(rule, level) => self.set_level(rule, level),
            SettingsAction::ResetLevels => self.choose_levels(Levels::default()),
        }
    }

    fn switch_environment(&mut self, name: String) -> Vec<Command> {
        let is_known = self.environments.iter().any(|environment| environment.name == name);
        if !is_known || name == self.environment {
            return Vec::new();
        }
        self.environment = name;
        // A wipe that runs can still be seen and stopped.
        let running = self.stored.wipe.take().filter(|wipe| wipe.outcome.is_none());
        self.stored = Stored::default();
        self.stored.wipe = running;
        self.ask_stored()
    }

    fn save_environment(
        &mut self,
        environment: Environment,
        key: Option<ApiKey>,
        confirmed: Option<String>,
    ) -> Vec<Command> {
        self.dialog = None;
        if let Some(hindrance) = self.hindrance_of_saving(&environment) {
            self.notify(true, hindrance);
            return Vec::new();
        }
        let name = self.proper_name(&environment.name).to_owned();
        let known = self.environments.iter().find(|known| known.is_named(&name));
        let has_turned = known.is_some_and(|known| known.kind != environment.kind);
        let is_renewed = key.is_some() || known.is_some_and(|known| !known.has_address(&environment.base_url));
        if is_renewed || has_turned {
            self.lock_named(&name);
        }
        self.renewed = is_renewed.then_some(name);
        vec![Command::Settings(SettingsCommand::SaveEnvironment {
            environment,
            key,
            confirmed,
        })]
    }

    fn remove_environment(&mut self, name: String) -> Vec<Command> {
        self.dialog = None;
        self.lock_named(&name);
        self.renewed = Some(name.clone());
        let is_chosen = self.environment == name;
        let mut commands = vec![Command::Settings(SettingsCommand::RemoveEnvironment(name))];
        if is_chosen {
            let local = self.environments.first().map(|local| local.name.clone());
            commands.extend(self.switch_environment(local.unwrap_or_default()));
        }
        commands
    }

    pub(super) fn on_settings(&mut self, event: SettingsEvent) -> Vec<Command> {
        match event {
            SettingsEvent::Started {
                environments,
                recent,
                recent_recipes,
                levels,
                limits,
            } => {
                self.limits = limits;
                self.environments = environments;
                self.recent = recent;
                self.recent_recipes = recent_recipes;
                // Files given on the command line may be open already.
                self.weigh(levels)
            }
            SettingsEvent::LocalReady(address) => {
                self.local_address = Some(address);
                self.ask_stored()
            }
            SettingsEvent::SamplesReady(paths) => {
                let first = self.documents.len();
                let commands = self.act(Action::Open(paths));
                if let Some(document) = self.documents.get(first) {
                    self.place = Place::Document(document.id);
                }
                commands
            }
            SettingsEvent::Environments { environments, notice } => {
                self.lock_changed(&environments);
                self.environments = environments;
                if let Some(notice) = notice {
                    self.notify(true, notice);
                }
                let Some(renewed) = self.renewed.take() else {
                    return Vec::new();
                };
                self.forget_rejection(&renewed);
                // What the key before did not open may be open now.
                if renewed == self.environment {
                    self.ask_stored()
                } else {
                    Vec::new()
                }
            }
            SettingsEvent::RecipeRead { document, recipe, path } => {
                put_on_top(&mut self.recent_recipes, &path);
                self.recipe_read(document, &recipe)
            }
            SettingsEvent::RecipeWritten(path) => {
                put_on_top(&mut self.recent_recipes, &path);
                self.notify(false, format!("The recipe is written to {}", path.display()));
                Vec::new()
            }
        }
    }
}
