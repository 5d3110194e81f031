//! How much the rules weigh: a choice that holds for all files, and is kept.

use super::{Document, Refusal, Session};
use crate::{
    domain::{
        ids::DocumentId,
        rules::{Level, Levels, Rule},
    },
    message::{Command, SettingsCommand},
};

impl Session {
    pub(super) fn set_level(&mut self, rule: Rule, level: Level) -> Vec<Command> {
        let mut levels = self.levels;
        // The rules the API enforces have no switch to press.
        levels.set(rule, level).ok();
        self.choose_levels(levels)
    }

    pub(super) fn choose_levels(&mut self, levels: Levels) -> Vec<Command> {
        if levels == self.levels {
            return Vec::new();
        }
        if self.documents.iter().any(Document::is_uploading) {
            self.told::<()>(Err(Refusal::Weighed));
            return Vec::new();
        }
        let mut commands = vec![Command::Settings(SettingsCommand::SaveLevels(levels))];
        commands.extend(self.weigh(levels));
        commands
    }

    /// Has all files checked by other levels.
    pub(super) fn weigh(&mut self, levels: Levels) -> Vec<Command> {
        if levels == self.levels {
            return Vec::new();
        }
        self.levels = levels;
        let docs: Vec<DocumentId> = self.documents.iter().map(|document| document.id).collect();
        docs.into_iter().flat_map(|doc| self.check_again(doc)).collect()
    }
}
