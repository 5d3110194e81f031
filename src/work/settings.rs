//! Work on what this machine keeps: environments, levels of rules, recipes, samples.

use std::path::{Path, PathBuf};

use super::{Reporter, environments::Connections, task::Outcome};
use crate::{
    frame::FrameError,
    message::{Event, SettingsCommand, SettingsEvent},
    sample,
    settings::recipes,
};

pub(super) fn perform(command: SettingsCommand, connections: &Connections, reporter: &Reporter) -> Outcome {
    let event = match command {
        SettingsCommand::SaveEnvironment { environment, key } => connections.save(environment, key)?,
        SettingsCommand::RemoveEnvironment(name) => connections.remove(&name)?,
        SettingsCommand::SaveLevels(levels) => return Ok(connections.save_levels(levels)?),
        SettingsCommand::SaveRecipe(recipe) => {
            recipes::save(connections.paths(), &recipe)?;
            return Ok(());
        }
        SettingsCommand::ForgetRecipe(columns) => {
            recipes::forget(connections.paths(), &columns)?;
            return Ok(());
        }
        SettingsCommand::ExportRecipe(recipe, frame, path) => {
            recipes::write(&path, &recipe, |path| frame.comes_from(path))?;
            SettingsEvent::RecipeWritten(path)
        }
        SettingsCommand::ReadRecipe(document, path) => {
            SettingsEvent::RecipeRead(document, Box::new(recipes::read(&path)?))
        }
        SettingsCommand::UnpackSamples => {
            SettingsEvent::SamplesReady(unpack_samples(&connections.paths().cache.join("samples"))?)
        }
    };
    reporter.report_blocking(Event::Settings(event));
    Ok(())
}

/// Writes the samples that come with the app where they can be opened; unchanged ones are left alone.
fn unpack_samples(folder: &Path) -> Result<Vec<PathBuf>, FrameError> {
    let failed = |source| FrameError::Io {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut paths = Vec::new();
    for shipped in sample::SHIPPED {
        let path = folder.join(shipped.name);
        let mut bytes = Vec::new();
        shipped.write(&mut bytes).map_err(failed)?;
        if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
            std::fs::write(&path, bytes).map_err(failed)?;
        }
        paths.push(path);
    }
    Ok(paths)
}
