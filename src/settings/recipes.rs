//! Recipes that were saved by themselves, one file for every set of columns.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{AtomicFile, Existing, NamedFile, Paths, SettingsError, WriteError, create_private_folder};
use crate::domain::recipe::Recipe;

/// A larger file is no recipe.
const MOST_BYTES: u64 = 64 << 20;

/// The recipe for files with these columns, whatever their order; `None` when there is none.
///
/// # Errors
/// When there is one that cannot be read.
pub(crate) fn find(paths: &Paths, columns: &[String]) -> Result<Option<Recipe>, SettingsError> {
    let path = place(paths, columns);
    if path.exists() { read(&path).map(Some) } else { Ok(None) }
}

/// Keeps a recipe for files with its columns, in place of the one before.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn save(paths: &Paths, recipe: &Recipe) -> Result<PathBuf, SettingsError> {
    let path = place(paths, &recipe.columns);
    let mut recipe = recipe.clone();
    recipe.saved = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let replace = || {
        create_private_folder(&paths.recipes())?;
        let mut file = AtomicFile::create_private(&path)?;
        file.write_all(recipe.to_json().as_bytes())?;
        file.finish()
    };
    match replace() {
        Ok(()) => Ok(path),
        Err(source) => Err(SettingsError::Write { path, source }),
    }
}

/// Forgets the recipe for files with these columns. Answers whether there was one.
///
/// # Errors
/// When it cannot be removed.
pub(crate) fn forget(paths: &Paths, columns: &[String]) -> Result<bool, SettingsError> {
    let path = place(paths, columns);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(SettingsError::Write { path, source }),
    }
}

/// All recipes with their files, by name. Files that are no recipes are left out.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn list(paths: &Paths) -> Result<Vec<(PathBuf, Recipe)>, SettingsError> {
    let folder = paths.recipes();
    let failed = |source| SettingsError::Read {
        path: folder.clone(),
        source,
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut recipes = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if let Ok(recipe) = read(&path) {
            recipes.push((path, recipe));
        }
    }
    recipes.sort_by(|one, other| one.1.name.cmp(&other.1.name).then_with(|| one.0.cmp(&other.0)));
    Ok(recipes)
}

/// Reads a recipe from any file.
///
/// # Errors
/// When the file cannot be read or is no recipe.
pub(crate) fn read(path: &Path) -> Result<Recipe, SettingsError> {
    let text = NamedFile::text(path, MOST_BYTES).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    Recipe::from_json(&text).map_err(|error| SettingsError::Recipe {
        path: path.to_owned(),
        error,
    })
}

/// Writes a recipe to a file that a person named, whole or not at all. `is_opened` says whether records are read from a
/// file.
///
/// # Errors
/// When the file is an opened one, there already and to be kept, or cannot be written.
pub(crate) fn write(
    path: &Path,
    existing: Existing,
    recipe: &Recipe,
    is_opened: impl FnOnce(&Path) -> bool,
) -> Result<(), SettingsError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(WriteError::at(path))?;
    }
    AtomicFile::write(path, existing, is_opened, |out| {
        let written = out.write_all(recipe.to_json().as_bytes());
        Ok(written.map_err(WriteError::at(path))?)
    })
}

fn place(paths: &Paths, columns: &[String]) -> PathBuf {
    paths.recipes().join(format!("{}.json", Recipe::fingerprint(columns)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{dataset::Dataset, mapping::Mapping, recipe::ReadOptions, rules::Levels};

    #[test]
    fn recipes_are_found_by_their_columns_and_forgotten() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let paths = Paths::under(folder.path());
        let columns = ["sku".to_owned(), "price".to_owned()];
        let turned = ["price".to_owned(), "sku".to_owned()];
        assert_eq!(find(&paths, &columns)?, None);
        assert!(list(&paths)?.is_empty());
        let recipe = Recipe {
            name: "catalog.csv".to_owned(),
            saved: String::new(),
            read: ReadOptions::default(),
            mapping: Mapping::suggest(Dataset::Products, &columns, false),
            columns: columns.to_vec(),
            levels: Levels::default(),
        };
        let path = save(&paths, &recipe)?;
        let found = find(&paths, &turned)?.ok_or("it is not found")?;
        assert!(!found.saved.is_empty());
        assert_eq!((&found.name, &found.columns), (&recipe.name, &recipe.columns));
        assert_eq!(list(&paths)?, [(path.clone(), found)]);
        fs::write(&path, "{}")?;
        let refused = find(&paths, &columns).map(|_| ()).map_err(|error| error.to_string());
        assert!(refused.is_err_and(|error| error.contains("no recipe") && error.contains("recipes")));
        assert!(forget(&paths, &turned)? && !forget(&paths, &turned)?);
        Ok(())
    }
}
