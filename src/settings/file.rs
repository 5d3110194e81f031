//! Reading and replacing a settings file.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{AtomicFile, KeyMismatch, WriteError, create_private_file, create_private_folder};
use crate::{api::ApiError, domain::recipe::RecipeError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The version of all settings files. A file of a later version is not touched.
const VERSION: u32 = 1;

/// Why settings cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is no home directory to keep them in.
    #[error("There is no home directory to keep settings in; set TATAMI_HOME to a directory")]
    NoHome,
    /// The file cannot be read.
    #[error("The settings cannot be read: {source}; they are in {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("The settings cannot be saved: {source}; they belong in {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what we wrote.
    #[error("The settings are damaged ({reason}); repair or remove {path}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A later version wrote the file.
    #[error("The settings were written by a newer version of Tatami; use that one, or remove {path}")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// A file is no recipe that can be used.
    #[error("{path} cannot be used: {error}")]
    Recipe {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: RecipeError,
    },
    /// The system has no random numbers.
    #[error("the system has no random numbers: {0}")]
    Random(#[source] getrandom::Error),
    /// A key is not taken for an environment's own.
    #[error("{0}; nothing was changed")]
    Key(#[from] KeyMismatch),
    /// There is no such environment.
    #[error("there is no environment named {0}")]
    NoEnvironment(String),
    /// A file that a person named cannot be written.
    #[error(transparent)]
    File(#[from] WriteError),
    /// An environment has no name.
    #[error("An environment needs a name")]
    Unnamed,
    /// An environment would take the local one's place.
    #[error("The local environment is there already; choose another name")]
    Local,
    /// An environment cannot have such an address.
    #[error(transparent)]
    Address(ApiError),
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    version: u32,
    #[serde(flatten)]
    content: &'a T,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A lock on a file, released when it is dropped, and by the system when the process ends.
#[derive(Debug)]
pub(crate) struct FileLock(fs::File);

impl FileLock {
    /// The lock on a file that is locked.
    pub(crate) const fn of(locked: fs::File) -> Self {
        Self(locked)
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a program that is just being started has it open too, until it runs.
        self.0.unlock().ok();
    }
}

/// Keeps other processes and threads from changing a settings file until the answer is dropped.
///
/// # Errors
/// When nothing can be written there.
pub(super) fn lock(path: &Path) -> Result<FileLock, SettingsError> {
    let path = path.with_extension("lock");
    let locked = || {
        if let Some(folder) = path.parent() {
            create_private_folder(folder)?;
        }
        let file = create_private_file(&path)?;
        file.lock()?;
        Ok(FileLock(file))
    };
    locked().map_err(|source| SettingsError::Write {
        path: path.clone(),
        source,
    })
}

/// Takes what the file stands for, until the answer is dropped; `None`: another process has it.
///
/// # Errors
/// When nothing can be written there.
pub(crate) fn try_lock(path: &Path) -> io::Result<Option<FileLock>> {
    create_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let file = create_private_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(FileLock(file))),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Reads a file; `None` when there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, SettingsError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(SettingsError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    let damaged = |error: serde_json::Error| SettingsError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let Version { version } = serde_json::from_slice(&text).map_err(damaged)?;
    if version > VERSION {
        return Err(SettingsError::Newer { path: path.to_owned() });
    }
    serde_json::from_slice(&text).map(Some).map_err(damaged)
}

/// Replaces a file whole: the new content is complete on disk before it takes the old one's place.
pub(super) fn write<T: Serialize>(path: &Path, content: &T) -> Result<(), SettingsError> {
    replace(path, content).map_err(|source| SettingsError::Write {
        path: path.to_owned(),
        source,
    })
}

fn replace<T: Serialize>(path: &Path, content: &T) -> io::Result<()> {
    create_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut text = serde_json::to_vec_pretty(&Versioned {
        version: VERSION,
        content,
    })?;
    text.push(b'\n');
    let mut file = AtomicFile::create_private(path)?;
    file.write_all(&text)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Versioned {
        number: u8,
    }

    #[test]
    fn files_come_back_and_newer_ones_are_left_alone() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("deep/settings.json");
        assert_eq!(read::<Versioned>(&path)?, None);
        write(&path, &Versioned { number: 7 })?;
        assert_eq!(fs::read_to_string(&path)?, "{\n  \"version\": 1,\n  \"number\": 7\n}\n");
        assert_eq!(read(&path)?, Some(Versioned { number: 7 }));
        fs::write(&path, r#"{"version":2}"#)?;
        assert!(matches!(read::<Versioned>(&path), Err(SettingsError::Newer { .. })));
        fs::write(&path, r#"{"version":1}"#)?;
        assert!(matches!(read::<Versioned>(&path), Err(SettingsError::Damaged { .. })));
        Ok(())
    }
}
