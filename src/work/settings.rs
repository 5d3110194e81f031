//! Work on what this machine keeps: environments, levels of rules, recipes, samples.

use std::path::Path;

use super::{Reporter, environments::Connections, task::WorkResult};
use crate::{
    domain::rules::Levels,
    message::{Event, SettingsCommand, SettingsEvent},
    ops::{environments::Changed, sample},
    settings::{Existing, Paths, Preferences, SettingsError, recipes},
};

pub(super) fn perform(command: SettingsCommand, environments: &Connections, reporter: &Reporter) -> WorkResult {
    let (paths, registry) = (environments.paths(), environments.registry());
    let event = match command {
        SettingsCommand::SaveEnvironment {
            environment,
            key,
            confirmed,
        } => changed(registry.save(environment, key, confirmed.as_deref())?),
        SettingsCommand::RemoveEnvironment(name) => changed(registry.remove(&name)?),
        SettingsCommand::SaveLevels(levels) => return Ok(save_levels(paths, levels)?),
        SettingsCommand::SaveRecipe(recipe) => {
            recipes::save(paths, &recipe)?;
            return Ok(());
        }
        SettingsCommand::ForgetRecipe(columns) => {
            recipes::forget(paths, &columns)?;
            return Ok(());
        }
        SettingsCommand::ExportRecipe(recipe, frame, path) => {
            recipes::write(&path, Existing::Replace, &recipe, |path| frame.comes_from(path))?;
            remember_recipe(paths, &path);
            SettingsEvent::RecipeWritten(path)
        }
        SettingsCommand::ReadRecipe(document, path) => {
            let recipe = Box::new(recipes::read(&path)?);
            remember_recipe(paths, &path);
            SettingsEvent::RecipeRead { document, recipe, path }
        }
        SettingsCommand::UnpackSamples => SettingsEvent::SamplesReady(sample::unpack(&paths.cache.join("samples"))?),
    };
    reporter.report_blocking(Event::Settings(event));
    Ok(())
}

/// Keeps how much the rules weigh.
fn save_levels(paths: &Paths, levels: Levels) -> Result<(), SettingsError> {
    Preferences::change(paths, |preferences| preferences.levels = levels)
}

/// Puts a file on top of the list of recent ones.
pub(super) fn remember_file(paths: &Paths, path: &Path) {
    // A list of recent files is a comfort, not worth a message when it cannot be kept.
    Preferences::change(paths, |preferences| preferences.opened(path)).ok();
}

/// Puts a recipe on top of the list of recent ones.
fn remember_recipe(paths: &Paths, path: &Path) {
    Preferences::change(paths, |preferences| preferences.used_recipe(path)).ok();
}

fn changed(changed: Changed) -> SettingsEvent {
    let Changed {
        environments,
        notice,
        unlogged,
        // The notice says so.
        keeps_key: _,
    } = changed;
    // The one is about the key, the other about this very change.
    let notice = match (notice, unlogged) {
        (Some(notice), Some(unlogged)) => Some(format!("{notice}. {unlogged}")),
        (notice, unlogged) => notice.or(unlogged),
    };
    SettingsEvent::Environments { environments, notice }
}
