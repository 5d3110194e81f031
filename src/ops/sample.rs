//! The sample files that come with the app.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    sample::SHIPPED,
    settings::{AtomicFile, create_private_folder},
};

/// Writes the samples into a folder, where they can be opened; those that are there already are left alone. Answers their
/// paths.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn unpack(folder: &Path) -> io::Result<Vec<PathBuf>> {
    create_private_folder(folder)?;
    let mut paths = Vec::new();
    for shipped in SHIPPED {
        let path = folder.join(shipped.name);
        let mut bytes = Vec::new();
        shipped.write(&mut bytes)?;
        if fs::read(&path).ok().as_ref() != Some(&bytes) {
            let mut file = AtomicFile::create(&path)?;
            file.write_all(&bytes)?;
            file.finish()?;
        }
        paths.push(path);
    }
    Ok(paths)
}
