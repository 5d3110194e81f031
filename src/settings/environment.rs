//! The environments a person works with.

use serde::{Deserialize, Serialize};

use super::{Paths, SettingsError, file};
use crate::{
    api::{ApiError, ApiKey, Endpoint},
    domain::key::KeyFingerprint,
};

/// What an environment is for, and with it how careful to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvironmentKind {
    /// The server that runs inside Tatami.
    Local,
    /// The service's tutorial with sample data; it takes no uploads.
    Playground,
    /// Staging and tests.
    Development,
    /// What customers see.
    Production,
}

impl EnvironmentKind {
    /// All kinds, the safest first.
    pub const ALL: [Self; 4] = [Self::Local, Self::Playground, Self::Development, Self::Production];

    /// The kind as a heading: `Development`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Local => "Local",
            Self::Playground => "Playground",
            Self::Development => "Development",
            Self::Production => "Production",
        }
    }
}

/// A place to upload to. Its key is in [`super::Secrets`], under the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The name people gave it.
    pub name: String,
    /// What it is for.
    pub kind: EnvironmentKind,
    /// The address of its server; empty for the local one, which listens on a port of its own at every start.
    pub base_url: String,
    /// What its keys are known by, the latest first: on a server with several environments, the key alone says which one
    /// is meant. Empty when no key of it was ever given here.
    #[serde(default)]
    pub keys: Vec<KeyFingerprint>,
    /// Whether somebody said that key and records may cross a network unencrypted to this address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allows_http: bool,
}

impl Environment {
    /// Whether its key is known to be its own.
    pub(crate) fn has_key(&self, key: &ApiKey) -> bool {
        self.keys.iter().any(|known| known.is_of(key))
    }

    /// Whether changes to what it stores must be unlocked first: where customers see them, and where no key is known to be
    /// its own.
    pub(crate) fn is_guarded(&self) -> bool {
        match self.kind {
            EnvironmentKind::Local => false,
            EnvironmentKind::Production => true,
            EnvironmentKind::Playground | EnvironmentKind::Development => self.keys.is_empty(),
        }
    }

    /// Whether its server is at an address, however that is written.
    pub(crate) fn has_address(&self, base_url: &str) -> bool {
        let proper = |base_url: &str| {
            Endpoint::new(base_url, ApiKey::default())
                .map_or_else(|_| base_url.to_owned(), |endpoint| endpoint.base_url())
        };
        proper(&self.base_url) == proper(base_url)
    }

    /// Whether this is what somebody calls it: capital letters do not matter.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        same_name(&self.name, name)
    }

    /// The server inside Tatami.
    pub fn local() -> Self {
        Self {
            name: "Local".to_owned(),
            kind: EnvironmentKind::Local,
            base_url: String::new(),
            keys: Vec::new(),
            allows_http: false,
        }
    }
}

/// Why a key is not taken for an environment's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// It is known to be another's.
    #[error("the key {key} is {owner}'s, not {name}'s")]
    OfAnother {
        /// Its first and last characters.
        key: String,
        /// The environment that it is of.
        owner: String,
        /// The environment that is meant.
        name: String,
    },
    /// The environment is known by others, and nobody has said that this is one of its own.
    #[error("{name} is known by another key than {key}")]
    New {
        /// The environment.
        name: String,
        /// The first and last characters of the key.
        key: String,
    },
}

/// What a key is known by, with a salt of its own.
///
/// # Errors
/// When the system has no random numbers.
pub(crate) fn fingerprint(key: &ApiKey) -> Result<KeyFingerprint, SettingsError> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt).map_err(SettingsError::Random)?;
    Ok(KeyFingerprint::new(key, salt))
}

/// Whether an address can be used, before it is kept: `Ok(true)` when the key would cross a network unencrypted.
///
/// # Errors
/// When it cannot.
pub(crate) fn check_address(base_url: &str) -> Result<bool, ApiError> {
    Ok(Endpoint::new(base_url, ApiKey::default())?.is_cleartext())
}

/// All environments; the local one is always the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environments {
    list: Vec<Environment>,
}

#[derive(Serialize, Deserialize)]
struct EnvironmentsFile {
    environments: Vec<Environment>,
}

impl Default for Environments {
    fn default() -> Self {
        Self {
            list: vec![Environment::local()],
        }
    }
}

impl Environments {
    /// Reads the list; without a file there is the local environment alone.
    pub fn load(paths: &Paths) -> Result<Self, SettingsError> {
        let document = file::read::<EnvironmentsFile>(&paths.environments())?;
        let others = document.map_or_else(Vec::new, |document| document.environments);
        let mut environments = Self::default();
        environments.list.extend(
            others
                .into_iter()
                .filter(|environment| environment.kind != EnvironmentKind::Local),
        );
        Ok(environments)
    }

    /// Changes the list as it is kept at this moment, and keeps it; no other process changes it meanwhile.
    ///
    /// # Errors
    /// When it cannot be read or kept, or the change is refused; then nothing is changed.
    pub(crate) fn change<T, E: From<SettingsError>>(
        paths: &Paths,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        let _lock = file::lock(&paths.environments())?;
        let mut environments = Self::load(paths)?;
        let outcome = change(&mut environments)?;
        environments.save(paths)?;
        Ok((environments, outcome))
    }

    /// Keeps the list.
    pub fn save(&self, paths: &Paths) -> Result<(), SettingsError> {
        let environments = self
            .list
            .iter()
            .filter(|environment| environment.kind != EnvironmentKind::Local);
        file::write(
            &paths.environments(),
            &EnvironmentsFile {
                environments: environments.cloned().collect(),
            },
        )
    }

    /// The environments, the local one first, then in the order they were added.
    pub fn list(&self) -> &[Environment] {
        &self.list
    }

    /// The environment of a name, whatever its case.
    pub fn find(&self, name: &str) -> Option<&Environment> {
        self.list.iter().find(|environment| same_name(&environment.name, name))
    }

    /// The environment that a key is known to be of.
    pub(crate) fn of_key(&self, key: &ApiKey) -> Option<&Environment> {
        self.list.iter().find(|environment| environment.has_key(key))
    }

    /// The environments at an address.
    pub(crate) fn at<'a>(&'a self, base_url: &'a str) -> impl Iterator<Item = &'a Environment> {
        self.list
            .iter()
            .filter(move |environment| !environment.base_url.is_empty() && environment.base_url == base_url)
    }

    /// Takes a key for one of an environment's own from now on.
    ///
    /// # Errors
    /// When it is known to be another's, or there is no such environment.
    pub(crate) fn adopt(&mut self, name: &str, key: &ApiKey) -> Result<&Environment, SettingsError> {
        self.ensure_not_of_another(name, key)?;
        let found = self.list.iter_mut().find(|environment| environment.is_named(name));
        let environment = found.ok_or_else(|| SettingsError::NoEnvironment(name.to_owned()))?;
        if !environment.has_key(key) {
            environment.keys.insert(0, fingerprint(key)?);
        }
        Ok(environment)
    }

    /// Lets key and records cross a network unencrypted to an environment's address.
    ///
    /// # Errors
    /// When there is no such environment.
    pub(crate) fn allow_http(&mut self, name: &str) -> Result<(), SettingsError> {
        let found = self.list.iter_mut().find(|environment| environment.is_named(name));
        let environment = found.ok_or_else(|| SettingsError::NoEnvironment(name.to_owned()))?;
        environment.allows_http = true;
        Ok(())
    }

    /// Refuses a key that is known to be another environment's than the one of that name.
    pub(crate) fn ensure_not_of_another(&self, name: &str, key: &ApiKey) -> Result<(), KeyMismatch> {
        match self.of_key(key) {
            Some(owner) if !owner.is_named(name) => Err(KeyMismatch::OfAnother {
                key: key.masked(),
                owner: owner.name.clone(),
                name: name.to_owned(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Adds an environment, or replaces the one of the same name; what its keys are known by stays.
    pub fn put(&mut self, mut environment: Environment) -> Result<(), SettingsError> {
        environment.name = environment.name.trim().into();
        if environment.name.is_empty() {
            return Err(SettingsError::Unnamed);
        }
        if environment.kind == EnvironmentKind::Local || same_name(&environment.name, "Local") {
            return Err(SettingsError::Local);
        }
        let endpoint = Endpoint::new(&environment.base_url, ApiKey::default());
        environment.base_url = endpoint.map_err(SettingsError::Address)?.base_url();
        match self
            .list
            .iter_mut()
            .find(|other| same_name(&other.name, &environment.name))
        {
            Some(other) => {
                environment.keys = std::mem::take(&mut other.keys);
                *other = environment;
            }
            None => self.list.push(environment),
        }
        Ok(())
    }

    /// Takes an environment out; the local one stays. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.list.len();
        let stays = |environment: &Environment| {
            environment.kind == EnvironmentKind::Local || !same_name(&environment.name, name)
        };
        self.list.retain(stays);
        self.list.len() < before
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_kept() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let paths = Paths::under(directory.path());
        let mut environments = Environments::load(&paths)?;
        assert_eq!(environments.list(), [Environment::local()]);
        let shop = |base_url: &str| Environment {
            name: " Shop ".to_owned(),
            kind: EnvironmentKind::Development,
            base_url: base_url.to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        environments.put(shop("api.askmiso.com/v1"))?;
        environments.put(shop("https://api.askmiso.com/v1/"))?;
        assert!(environments.put(Environment::local()).is_err());
        environments.save(&paths)?;
        let loaded = Environments::load(&paths)?;
        assert_eq!(loaded, environments);
        assert_eq!(loaded.list().len(), 2);
        assert_eq!(
            loaded.find("shop").map(|shop| shop.base_url.as_str()),
            Some("https://api.askmiso.com")
        );
        assert!(environments.remove("SHOP") && !environments.remove("local"));
        Ok(())
    }

    #[test]
    fn a_key_is_of_one_environment_and_an_environment_may_have_several() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let paths = Paths::under(directory.path());
        let mut environments = Environments::default();
        let environment = |name: &str| Environment {
            name: name.to_owned(),
            kind: EnvironmentKind::Development,
            base_url: "https://api.askmiso.com".to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        environments.put(environment("Dev"))?;
        environments.put(environment("Stage"))?;
        let (old, new, other) = (ApiKey::new("key-one"), ApiKey::new("key-two"), ApiKey::new("key-three"));
        assert!(environments.find("dev").is_some_and(Environment::is_guarded));
        environments.adopt("dev", &old)?;
        environments.adopt("Dev", &new)?;
        environments.adopt("Dev", &new)?;
        environments.adopt("Stage", &other)?;
        let refused = environments.adopt("Stage", &old).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|reason| reason.contains("Dev") && reason.contains("Stage")));
        assert!(environments.adopt("None", &ApiKey::new("key-four")).is_err());
        // Setting it up anew forgets no key.
        environments.put(environment("dev"))?;
        environments.save(&paths)?;
        let loaded = Environments::load(&paths)?;
        let owner = |key: &ApiKey| loaded.of_key(key).map(|owner| owner.name.as_str());
        assert_eq!(
            [owner(&old), owner(&new), owner(&other)],
            [Some("dev"), Some("dev"), Some("Stage")]
        );
        assert_eq!(owner(&ApiKey::new("key-four")), None);
        assert!(
            loaded
                .find("Dev")
                .is_some_and(|dev| dev.keys.len() == 2 && !dev.is_guarded())
        );
        assert_eq!(loaded.at("https://api.askmiso.com").count(), 2);
        Ok(())
    }
}
