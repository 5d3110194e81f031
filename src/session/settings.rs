//! What this machine keeps, taken into the state.

use super::{Action, Place, Session};
use crate::message::{Command, SettingsEvent};

impl Session {
    pub(super) fn on_settings(&mut self, event: SettingsEvent) -> Vec<Command> {
        match event {
            SettingsEvent::Started {
                environments,
                recent,
                levels,
                limits,
            } => {
                self.limits = limits;
                self.environments = environments;
                self.recent = recent;
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
                self.environments = environments;
                if let Some(notice) = notice {
                    self.notify(false, notice);
                }
                Vec::new()
            }
            SettingsEvent::RecipeRead(document, recipe) => self.recipe_read(document, &recipe),
            SettingsEvent::RecipeWritten(path) => {
                self.notify(false, format!("The recipe is written to {}", path.display()));
                Vec::new()
            }
        }
    }
}
