//! Where things are kept.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::SettingsError;

/// The variable that moves everything under one directory: for tests, and to try things without a trace.
const HOME: &str = "TATAMI_HOME";

/// The directories Tatami keeps things in. They need not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Settings.
    pub config: PathBuf,
    /// The local server's data, ledgers of uploads.
    pub data: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// Whether they were moved, so that the system's keychain is not to be used either.
    pub(crate) isolated: bool,
}

impl Paths {
    /// The system's directories for this user, or everything under `TATAMI_HOME` when that is set.
    pub fn find() -> Result<Self, SettingsError> {
        if let Some(home) = std::env::var_os(HOME).filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        let user = ProjectDirs::from("", "", "tatami").ok_or(SettingsError::NoHome)?;
        Ok(Self {
            config: user.config_dir().to_owned(),
            data: user.data_dir().to_owned(),
            cache: user.cache_dir().to_owned(),
            isolated: false,
        })
    }

    /// Everything under one directory.
    pub fn under(root: &Path) -> Self {
        let [config, data, cache] = ["config", "data", "cache"].map(|name| root.join(name));
        Self {
            config,
            data,
            cache,
            isolated: true,
        }
    }

    /// Where the local environment stores its records.
    pub fn local_server(&self) -> PathBuf {
        self.data.join("local")
    }

    /// Where it is noted which stores this user's own servers have opened.
    pub(super) fn own_stores(&self) -> PathBuf {
        self.data.join("stores")
    }

    /// Where recipes are kept.
    pub(super) fn recipes(&self) -> PathBuf {
        self.data.join("recipes")
    }

    /// Where the open files are kept for the next start.
    pub(crate) fn kept(&self) -> PathBuf {
        self.data.join("session")
    }

    /// The audit log, with its head and its lock beside it.
    pub(crate) fn audit_log(&self) -> PathBuf {
        self.data.join("audit.jsonl")
    }

    /// Where text is spooled that was unpacked or converted.
    pub fn spool(&self) -> PathBuf {
        self.cache.join("spool")
    }

    /// The list of environments.
    pub(super) fn environments(&self) -> PathBuf {
        self.config.join("environments.json")
    }

    /// The preferences.
    pub(super) fn preferences(&self) -> PathBuf {
        self.config.join("preferences.json")
    }
}
