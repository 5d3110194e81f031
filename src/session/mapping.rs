//! What a person does with a document's columns, and the recipe that comes of it.

use std::sync::Arc;

use super::{Document, MappingAction, Refusal, Session};
use crate::{
    domain::{
        dataset::Dataset,
        ids::DocumentId,
        mapping::{Mapping, MappingError},
        recipe::Recipe,
        sampled::Sampled,
    },
    message::{Command, SettingsCommand, TableCommand, kept::Step},
};

impl Session {
    pub(super) fn act_on_mapping(&mut self, doc: DocumentId, action: MappingAction) -> Vec<Command> {
        match action {
            MappingAction::SetDataset(dataset) => self.set_dataset(doc, dataset),
            MappingAction::Map {
                column,
                path,
                custom_type,
            } => self.remap(doc, |mapping, columns, _| {
                mapping.choose(columns, column, path.as_deref(), custom_type)
            }),
            MappingAction::Transform { column, transform } => self.remap(doc, |mapping, _, _| {
                mapping.transform(column, transform);
                Ok(())
            }),
            MappingAction::SetConstant { path, value } => {
                self.remap(doc, |mapping, _, _| mapping.set_constant(&path, value.as_deref()))
            }
            MappingAction::Accept(offer) => self.remap(doc, |mapping, columns, _| {
                offer.accept(mapping, columns);
                Ok(())
            }),
            MappingAction::AcceptAll => self.accept_all(doc),
            MappingAction::StartAfresh => self.start_afresh(doc),
            MappingAction::ImportRecipe(path) => vec![Command::Settings(SettingsCommand::ReadRecipe(doc, path))],
            MappingAction::ExportRecipe(path) => {
                let recipe = self.find(doc).ok_or(Refusal::Closed).and_then(|document| {
                    let frame = Arc::clone(&document.open()?.view.frame);
                    Ok((Box::new(document.to_recipe()?), frame))
                });
                let command = |(recipe, frame)| SettingsCommand::ExportRecipe(recipe, frame, path);
                self.told(recipe)
                    .map(command)
                    .map(Command::Settings)
                    .into_iter()
                    .collect()
            }
        }
    }

    /// Accepts everything that is likely and needs no choice, and says what.
    fn accept_all(&mut self, doc: DocumentId) -> Vec<Command> {
        self.telling(doc, |session| {
            let mut said = Vec::new();
            let commands = session.remap(doc, |mapping, columns, samples| {
                let accepted = mapping.accept_all(columns, samples);
                said = accepted.iter().map(|offer| offer.sentence(columns, samples)).collect();
                Ok(())
            });
            (commands, format!("Accepted, and can be undone:\n{}", said.join("\n")))
        })
    }

    fn set_dataset(&mut self, doc: DocumentId, dataset: Dataset) -> Vec<Command> {
        let Some(document) = self.find_mut(doc) else {
            return Vec::new();
        };
        document.dataset = dataset;
        document.dataset_chosen = true;
        let Ok(view) = document.view_mut() else {
            // It is read as that from the start.
            return Vec::new();
        };
        view.question = None;
        let mapping = view.suggest(dataset);
        self.change_mapping(doc, mapping)
    }

    /// Changes a document's mapping, unless the change is refused or changes nothing.
    pub(super) fn remap(
        &mut self,
        doc: DocumentId,
        change: impl FnOnce(&mut Mapping, &[String], &[Sampled]) -> Result<(), MappingError>,
    ) -> Vec<Command> {
        let view = self.find_mut(doc).ok_or(Refusal::Closed).and_then(Document::view_mut);
        let changed = view.map(|view| {
            let mut changed = view.mapping.clone();
            let outcome = change(&mut changed, view.frame.columns(), &view.samples);
            outcome.map(|()| (changed != view.mapping).then_some(changed))
        });
        match self.told(changed) {
            Some(Err(error)) => {
                self.notify(true, error.to_string());
                Vec::new()
            }
            Some(Ok(Some(mapping))) => self.change_mapping(doc, mapping),
            Some(Ok(None)) | None => Vec::new(),
        }
    }

    /// Uses another mapping, as a step that can be undone, keeps it as the recipe for such files, and checks again.
    fn change_mapping(&mut self, doc: DocumentId, mapping: Mapping) -> Vec<Command> {
        let mut commands = self.replace_mapping(doc, mapping);
        commands.extend(self.save_recipe(doc));
        commands
    }

    fn replace_mapping(&mut self, doc: DocumentId, mapping: Mapping) -> Vec<Command> {
        let replaced = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            let view = document.view_mut()?;
            let before = std::mem::replace(&mut view.mapping, mapping);
            view.history.push(Step::Mapping(Box::new(before)));
            Ok(())
        });
        match self.told(replaced) {
            Some(()) => self.check_again(doc),
            None => Vec::new(),
        }
    }

    /// Keeps the mapping for the next file with such columns. Those of a file that is still being read may be few.
    pub(super) fn save_recipe(&self, doc: DocumentId) -> Option<Command> {
        let document = self.find(doc)?;
        let is_asked = document.open().ok()?.view.question.is_some();
        let recipe = document.to_recipe().ok().filter(|_| !is_asked)?;
        Some(Command::Settings(SettingsCommand::SaveRecipe(Box::new(recipe))))
    }

    /// Matches the columns by themselves; the recipe for such files is forgotten, until something is changed.
    fn start_afresh(&mut self, doc: DocumentId) -> Vec<Command> {
        let afresh = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            let chosen = document.dataset_chosen.then_some(document.dataset);
            let view = document.view_mut()?;
            let dataset = chosen.unwrap_or_else(|| {
                let recognition = view.recognise();
                view.ask(Some(&recognition));
                recognition.best()
            });
            view.recipe = None;
            Ok((view.suggest(dataset), view.frame.columns().to_vec()))
        });
        let Some((mapping, columns)) = self.told(afresh) else {
            return Vec::new();
        };
        let mut commands = self.replace_mapping(doc, mapping);
        commands.push(Command::Settings(SettingsCommand::ForgetRecipe(columns)));
        commands
    }

    /// Maps a document by a recipe that a person chose.
    pub(super) fn recipe_read(&mut self, doc: DocumentId, recipe: &Recipe) -> Vec<Command> {
        let applied = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            let view = document.view_mut()?;
            let (mapping, differences) = recipe.apply(view.frame.columns(), &view.mapping);
            view.question = None;
            view.recipe = Some(recipe.applied(differences));
            document.dataset_chosen = true;
            Ok(mapping)
        });
        let Some(mapping) = self.told(applied) else {
            return Vec::new();
        };
        self.change_mapping(doc, mapping)
    }

    /// Has the transforms that are offered, and those that are used, tried on all rows.
    pub(super) fn prove(&self, doc: DocumentId) -> Option<Command> {
        let document = self.find(doc)?;
        let view = &document.open().ok()?.view;
        let wanted = view.unproven();
        if wanted.is_empty() {
            return None;
        }
        let command = TableCommand::Prove {
            table: view.table(),
            mapping: view.mapping.clone(),
            wanted,
            progress: Arc::clone(&document.progress),
        };
        Some(Command::Table(document.request(), command))
    }
}
