//! Which stores this user's own servers have opened: what is stored there is known to be nobody else's.

use std::path::PathBuf;

use super::{Paths, SettingsError, create_private_file, create_private_folder};

/// Notes that servers of this user have opened these stores: a file each, so that several servers may note at once.
///
/// # Errors
/// When it cannot be noted.
pub(crate) fn note<'a>(paths: &Paths, stores: impl IntoIterator<Item = &'a str>) -> Result<(), SettingsError> {
    for store in stores {
        let Some(path) = file(paths, store) else { continue };
        let written = create_private_folder(&paths.own_stores()).and_then(|()| create_private_file(&path));
        written.map_err(|source| SettingsError::Write { path, source })?;
    }
    Ok(())
}

/// Whether a server of this user has opened the store.
pub(crate) fn includes(paths: &Paths, store: &str) -> bool {
    file(paths, store).is_some_and(|file| file.exists())
}

/// `None` for what cannot be the id of a store: it comes from servers, and is not to lead anywhere else.
fn file(paths: &Paths, store: &str) -> Option<PathBuf> {
    let is_id = !store.is_empty() && store.len() <= 64 && store.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| paths.own_stores().join(store))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stores_that_were_opened_are_ones_own() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let paths = Paths::under(folder.path());
        assert!(!includes(&paths, "abc"));
        note(&paths, ["abc", "../x", ""])?;
        assert!(includes(&paths, "abc"));
        for other in ["ABD", "", ".", "..", "../stores/abc", "abc/", "../x"] {
            assert!(!includes(&paths, other), "{other}");
        }
        Ok(())
    }
}
