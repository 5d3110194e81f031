//! The environments a person works with.

use serde::{Deserialize, Serialize};

use super::{Paths, SettingsError, file};
use crate::api::{ApiError, ApiKey, Endpoint};

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

    /// Whether deleting must be unlocked first.
    pub(crate) const fn is_guarded(self) -> bool {
        matches!(self, Self::Production)
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
}

impl Environment {
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
        }
    }
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

    /// Adds an environment, or replaces the one of the same name.
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
            Some(other) => *other = environment,
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
}
