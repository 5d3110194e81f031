//! What a person does with a document's columns, and the recipe that comes of it.

use std::sync::Arc;

use super::{Action, Document, Session, undo::Step};
use crate::{
    domain::{
        dataset::Dataset,
        ids::DocumentId,
        mapping::{CustomType, Mapping, MappingError},
        recipe::{Applied, Recipe},
        recognition::recognise,
    },
    message::{Command, SettingsCommand, TableCommand},
};

impl Session {
    pub(super) fn act_on_mapping(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::Transform { doc, column, transform } => self.remap(doc, |mapping, _, _| {
                mapping.transform(column, transform);
                Ok(())
            }),
            Action::SetConstant { doc, path, value } => {
                self.remap(doc, |mapping, _, _| mapping.set_constant(&path, value.as_deref()))
            }
            Action::Accept(doc, offer) => self.remap(doc, |mapping, columns, _| {
                offer.accept(mapping, columns);
                Ok(())
            }),
            Action::AcceptAll(doc) => self.accept_all(doc),
            Action::StartAfresh(doc) => self.start_afresh(doc),
            Action::ImportRecipe(doc, path) => vec![Command::Settings(SettingsCommand::ReadRecipe(doc, path))],
            Action::ExportRecipe(doc, path) => {
                let command = self.find(doc).and_then(|document| {
                    let frame = Arc::clone(document.frame.as_ref()?);
                    let recipe = Box::new(document.to_recipe()?);
                    Some(SettingsCommand::ExportRecipe(recipe, frame, path))
                });
                command.map(Command::Settings).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Accepts everything that is likely and needs no choice, and says what.
    fn accept_all(&mut self, doc: DocumentId) -> Vec<Command> {
        let mut said = Vec::new();
        let commands = self.remap(doc, |mapping, columns, document| {
            let accepted = mapping.accept_all(columns, &document.samples);
            said = accepted
                .iter()
                .map(|offer| offer.sentence(columns, &document.samples))
                .collect();
            Ok(())
        });
        if !said.is_empty() {
            self.notify(false, format!("Accepted, and can be undone:\n{}", said.join("\n")));
        }
        commands
    }

    pub(super) fn set_dataset(&mut self, doc: DocumentId, dataset: Dataset) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        document.dataset = dataset;
        document.dataset_chosen = true;
        document.question = None;
        let Some(frame) = &document.frame else {
            return Vec::new();
        };
        let is_json = frame.format().is_json();
        let mapping = Mapping::suggest_from(dataset, frame.columns(), is_json, &document.samples);
        self.change_mapping(doc, mapping)
    }

    pub(super) fn map(
        &mut self,
        doc: DocumentId,
        column: usize,
        path: Option<&str>,
        custom: Option<CustomType>,
    ) -> Vec<Command> {
        self.remap(doc, |mapping, columns, _| mapping.choose(columns, column, path, custom))
    }

    /// Changes a document's mapping, unless the change is refused or changes nothing.
    fn remap(
        &mut self,
        doc: DocumentId,
        change: impl FnOnce(&mut Mapping, &[String], &Document) -> Result<(), MappingError>,
    ) -> Vec<Command> {
        let Some(document) = self.find(doc) else {
            return Vec::new();
        };
        let (Some(frame), Some(mapping)) = (&document.frame, &document.mapping) else {
            return Vec::new();
        };
        let mut changed = mapping.clone();
        match change(&mut changed, frame.columns(), document) {
            Err(error) => {
                self.notify(true, error.to_string());
                Vec::new()
            }
            Ok(()) if changed == *mapping => Vec::new(),
            Ok(()) => self.change_mapping(doc, changed),
        }
    }

    /// Uses another mapping, as a step that can be undone, keeps it as the recipe for such files, and checks again.
    fn change_mapping(&mut self, doc: DocumentId, mapping: Mapping) -> Vec<Command> {
        let mut commands = self.replace_mapping(doc, mapping);
        commands.extend(self.save_recipe(doc));
        commands
    }

    fn replace_mapping(&mut self, doc: DocumentId, mapping: Mapping) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        if let Some(before) = document.mapping.replace(mapping) {
            document.history.push(Step::Mapping(Box::new(before)));
        }
        self.check_again(doc)
    }

    /// Keeps the mapping for the next file with such columns. Those of a file that is still being read may be few.
    pub(super) fn save_recipe(&self, doc: DocumentId) -> Option<Command> {
        let is_settled = |document: &&Document| !document.is_partial && document.question.is_none();
        let document = self.find(doc).filter(is_settled)?;
        let recipe = Box::new(document.to_recipe()?);
        Some(Command::Settings(SettingsCommand::SaveRecipe(recipe)))
    }

    /// Matches the columns by themselves; the recipe for such files is forgotten, until something is changed.
    fn start_afresh(&mut self, doc: DocumentId) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        let Some(frame) = document.frame.clone() else {
            return Vec::new();
        };
        let dataset = if document.dataset_chosen {
            document.dataset
        } else {
            let recognition = recognise(frame.columns(), &document.samples);
            document.ask(Some(&recognition));
            recognition.best()
        };
        let is_json = frame.format().is_json();
        let mapping = Mapping::suggest_from(dataset, frame.columns(), is_json, &document.samples);
        let columns = frame.columns().to_vec();
        document.recipe = None;
        let mut commands = self.replace_mapping(doc, mapping);
        commands.push(Command::Settings(SettingsCommand::ForgetRecipe(columns)));
        commands
    }

    /// Maps a document by a recipe that a person chose.
    pub(super) fn recipe_read(&mut self, doc: DocumentId, recipe: &Recipe) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        let (Some(frame), Some(mapping)) = (&document.frame, &document.mapping) else {
            return Vec::new();
        };
        let (mapping, differences) = recipe.apply(frame.columns(), mapping);
        document.dataset_chosen = true;
        document.question = None;
        document.recipe = Some(Applied {
            name: recipe.name.clone(),
            saved: recipe.saved.clone(),
            differences,
        });
        self.change_mapping(doc, mapping)
    }

    /// Has the transforms that are offered, and those that are used, tried on all rows.
    pub(super) fn prove(&self, doc: DocumentId) -> Option<Command> {
        let document = self.find(doc)?;
        let wanted = document.unproven();
        if wanted.is_empty() || document.is_partial {
            return None;
        }
        let command = TableCommand::Prove {
            table: document.table()?,
            mapping: document.mapping.clone()?,
            wanted,
            progress: Arc::clone(&document.progress),
        };
        Some(Command::Table(document.request(), command))
    }
}
