//! The environments a person works with, their keys, and the connections to them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Connection, connect::ConnectError};
use crate::{
    api::ApiKey,
    settings::{Environment, Environments, KeyStorage, Paths, Secrets, SettingsError},
};

/// All environments, with connections that are made on first use and shared from then on.
#[derive(Debug)]
pub struct Registry {
    paths: Paths,
    secrets: Secrets,
    environments: Mutex<Environments>,
    /// The server inside Tatami, once it listens.
    local: Mutex<Option<Connection>>,
    connections: Mutex<HashMap<String, Connection>>,
}

/// The environments after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// All of them, the local one first.
    pub environments: Vec<Environment>,
    /// Something to say about the key, such as where it is kept.
    pub notice: Option<String>,
}

impl Registry {
    /// Reads what is set up. What cannot be read is answered beside it; then there is the local environment alone.
    pub fn open(paths: Paths) -> (Self, Option<SettingsError>) {
        let (environments, problem) = match Environments::load(&paths) {
            Ok(environments) => (environments, None),
            Err(error) => (Environments::default(), Some(error)),
        };
        let registry = Self {
            secrets: Secrets::open(&paths),
            paths,
            environments: Mutex::new(environments),
            local: Mutex::default(),
            connections: Mutex::default(),
        };
        (registry, problem)
    }

    /// Where things are kept.
    pub(crate) const fn paths(&self) -> &Paths {
        &self.paths
    }

    /// All environments, the local one first.
    pub(crate) fn list(&self) -> Vec<Environment> {
        lock(&self.environments).list().to_vec()
    }

    /// Takes in the server inside Tatami.
    pub(crate) fn set_local(&self, connection: Connection) {
        *lock(&self.local) = Some(connection);
    }

    /// The connection to an environment.
    ///
    /// # Errors
    /// When there is none of that name, its key is not known, or its address cannot be used.
    pub fn connect(&self, name: &str) -> Result<Connection, ConnectError> {
        let environment = lock(&self.environments).find(name).cloned();
        let Some(environment) = environment else {
            let known = self.list().into_iter().map(|environment| environment.name);
            return Err(ConnectError::UnknownEnvironment {
                name: name.to_owned(),
                known: known.collect(),
            });
        };
        if environment.base_url.is_empty() {
            return lock(&self.local).clone().ok_or(ConnectError::LocalNotRunning);
        }
        let name = environment.name;
        if let Some(connection) = lock(&self.connections).get(&name) {
            return Ok(connection.clone());
        }
        let Some(key) = self.secrets.get(&name) else {
            return Err(ConnectError::NoKey { name });
        };
        let connection = Connection::new(&name, &environment.base_url, key)?;
        lock(&self.connections).insert(name, connection.clone());
        Ok(connection)
    }

    /// Adds or changes an environment; without a key it keeps the one it has.
    ///
    /// # Errors
    /// When its name or address cannot be used, or the list cannot be kept.
    pub fn save(&self, environment: Environment, key: Option<ApiKey>) -> Result<Changed, SettingsError> {
        let mut environments = lock(&self.environments);
        let name = environment.name.trim().to_owned();
        lock(&self.connections).remove(&name);
        environments.put(environment)?;
        let kept = key.map(|key| self.secrets.store(&name, key));
        environments.save(&self.paths)?;
        Ok(Changed {
            environments: environments.list().to_vec(),
            notice: match kept {
                Some(KeyStorage::Session { reason }) => Some(reason),
                Some(KeyStorage::Keychain) | None => None,
            },
        })
    }

    /// Forgets an environment and its key.
    ///
    /// # Errors
    /// When the list cannot be kept.
    pub(crate) fn remove(&self, name: &str) -> Result<Changed, SettingsError> {
        let mut environments = lock(&self.environments);
        environments.remove(name);
        lock(&self.connections).remove(name);
        let notice = self.secrets.delete(name).err().map(|error| error.to_string());
        environments.save(&self.paths)?;
        Ok(Changed {
            environments: environments.list().to_vec(),
            notice,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
