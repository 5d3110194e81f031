//! The environments of a configuration file, which `tatami serve --config` serves side by side.
//!
//! ```json
//! {
//!   "environments": [
//!     {"name": "Development", "kind": "development", "data": "development"},
//!     {"name": "Playground", "kind": "playground", "data": "playground",
//!      "keys": {"secret": "…", "publishable": "…"},
//!      "limits": {"body_bytes": 1048576, "requests_per_second": 10, "store_bytes": 1073741824},
//!      "faults": {"seed": 7, "task_delay_ms": 2000, "probability": {"too-many": 0.1}}}
//!   ]
//! }
//! ```
//!
//! Paths are relative to the file. Keys that the file does not give are kept with the records, and made the first time.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Config, DEFAULT_MAX_BODY, Keys, KeysError, auth};
use crate::{
    domain::faults::{Faults, FaultsError},
    settings::{EnvironmentKind, NamedFile},
};

/// A larger file is no configuration.
const MOST_BYTES: u64 = 1 << 20;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file says something that is not known.
    #[error("{path} cannot be used: {source}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The list of environments is empty.
    #[error("{0} has no environments; add one to its list")]
    Empty(PathBuf),
    /// Two environments cannot be told apart.
    #[error("{path} has two environments with the {what} {value:?}; give each its own")]
    Twice {
        /// The file.
        path: PathBuf,
        /// What they have in common.
        what: &'static str,
        /// Its value.
        value: String,
    },
    /// A key is empty.
    #[error("{path} gives {environment} an empty key; leave \"keys\" away to have keys made")]
    EmptyKey {
        /// The file.
        path: PathBuf,
        /// The environment.
        environment: String,
    },
    /// A fault is unknown, or its setting is out of range.
    #[error("{path}: {source}")]
    Faults {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FaultsError,
    },
    /// The keys cannot be read or made.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    environments: Vec<EnvironmentEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentEntry {
    name: String,
    #[serde(default = "development")]
    kind: EnvironmentKind,
    data: PathBuf,
    keys: Option<Keys>,
    #[serde(default)]
    limits: ServerLimits,
    #[serde(default)]
    faults: Faults,
}

const fn development() -> EnvironmentKind {
    EnvironmentKind::Development
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServerLimits {
    body_bytes: Option<usize>,
    requests_per_second: Option<u32>,
    store_bytes: Option<u64>,
}

/// The environments of a file. Keys that it does not give are made and kept.
pub(crate) fn read(path: &Path) -> Result<Vec<Config>, ConfigError> {
    let text = NamedFile::text(path, MOST_BYTES).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    let document: ConfigFile = serde_json::from_str(&text).map_err(|source| ConfigError::Form {
        path: path.to_owned(),
        source,
    })?;
    if document.environments.is_empty() {
        return Err(ConfigError::Empty(path.to_owned()));
    }
    if document.environments.iter().any(|entry| entry.keys.is_some()) {
        not_exposed(path)?;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut configs: Vec<Config> = Vec::with_capacity(document.environments.len());
    for entry in document.environments {
        let config = environment(path, folder, entry)?;
        let twice = |what, value: String| ConfigError::Twice {
            path: path.to_owned(),
            what,
            value,
        };
        if configs.iter().any(|other| other.name == config.name) {
            return Err(twice("name", config.name));
        }
        if let Some(other) = configs.iter().find(|other| other.data_dir == config.data_dir) {
            let shared = other.data_dir.as_ref().map(|dir| dir.display().to_string());
            return Err(twice("folder", shared.unwrap_or_default()));
        }
        configs.push(config);
    }
    Ok(configs)
}

fn environment(path: &Path, folder: &Path, entry: EnvironmentEntry) -> Result<Config, ConfigError> {
    entry.faults.check().map_err(|source| ConfigError::Faults {
        path: path.to_owned(),
        source,
    })?;
    let data = folder.join(&entry.data);
    let keys = match entry.keys {
        Some(keys) if keys.secret.is_empty() || keys.publishable.is_empty() => {
            return Err(ConfigError::EmptyKey {
                path: path.to_owned(),
                environment: entry.name,
            });
        }
        Some(keys) => keys,
        None => Keys::load_or_create(&data)?,
    };
    Ok(Config {
        name: entry.name,
        read_only: entry.kind == EnvironmentKind::Playground,
        max_body: entry.limits.body_bytes.unwrap_or(DEFAULT_MAX_BODY),
        max_store: entry.limits.store_bytes,
        requests_per_second: entry.limits.requests_per_second,
        faults: entry.faults,
        ..Config::kept(data, keys)
    })
}

/// Refuses a file with keys that others can read.
fn not_exposed(path: &Path) -> Result<(), ConfigError> {
    let is_exposed = auth::is_exposed(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    if is_exposed {
        return Err(KeysError::Exposed(path.to_owned()).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_cannot_be_served_is_said() {
        fn check(text: &str, open_to_all: bool, expect: &str) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("serve.json");
            fs::write(&path, text).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = if open_to_all { 0o644 } else { 0o600 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let said = match read(&path) {
                Ok(configs) => format!("{} served", configs.len()),
                Err(error) => error.to_string().replace(&folder.path().display().to_string(), "DIR"),
            };
            assert_eq!(said, expect);
        }
        check(
            r#"{"environments": [{"name": "A", "data": "a"}, {"name": "B", "data": "b", "kind": "playground"}]}"#,
            true,
            "2 served",
        );
        check(
            r#"{"environments": []}"#,
            false,
            "DIR/serve.json has no environments; add one to its list",
        );
        check(
            r#"{"environments": [{"name": "A", "data": "a"}, {"name": "A", "data": "b"}]}"#,
            false,
            r#"DIR/serve.json has two environments with the name "A"; give each its own"#,
        );
        check(
            r#"{"environments": [{"name": "A", "data": "a"}, {"name": "B", "data": "a"}]}"#,
            false,
            r#"DIR/serve.json has two environments with the folder "DIR/a"; give each its own"#,
        );
        check(
            r#"{"environments": [{"name": "A", "data": "a", "key": "x"}]}"#,
            false,
            "DIR/serve.json cannot be used: unknown field `key`, expected one of `name`, `kind`, `data`, `keys`, \
             `limits`, `faults` at line 1 column 50",
        );
        check(
            r#"{"environments": [{"name": "A", "data": "a", "faults": {"probability": {"too-many": 2}}}]}"#,
            false,
            "DIR/serve.json: the probability of too-many is 2; it must be a number from 0 to 1",
        );
        let keys = r#"{"environments": [{"name": "A", "data": "a", "keys": {"secret": "s", "publishable": "p"}}]}"#;
        check(keys, false, "1 served");
        #[cfg(unix)]
        check(
            keys,
            true,
            "DIR/serve.json holds keys, and others on this machine can read it. Keep it to yourself: chmod 600 \
             DIR/serve.json. If somebody may have seen the keys, replace them",
        );
        check(
            r#"{"environments": [{"name": "A", "data": "a", "keys": {"secret": "", "publishable": "p"}}]}"#,
            false,
            "DIR/serve.json gives A an empty key; leave \"keys\" away to have keys made",
        );
    }
}
