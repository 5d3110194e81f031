//! The environments a person works with, their keys, and the connections to them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Connection,
    audit::{AuditAction, AuditError, BegunChange, ChangeCounts, ChangeResult, NewChange},
    connect::ConnectError,
};
use crate::{
    api::ApiKey,
    settings::{Environment, EnvironmentKind, Environments, KeyMismatch, KeyStorage, Paths, Secrets, SettingsError},
};

/// All environments, with connections that are made on first use and shared from then on.
#[derive(Debug)]
pub struct Registry {
    paths: Paths,
    secrets: Secrets,
    environments: Mutex<Environments>,
    /// The server inside Tatami, once it listens.
    local: Mutex<Option<Connection>>,
    connections: Mutex<ConnectionCache>,
}

/// The connections that were made.
#[derive(Debug, Default)]
struct ConnectionCache {
    /// How often environments were changed.
    generation: u64,
    made: HashMap<String, Connection>,
}

/// Why what is set up was not changed, or not logged.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// It cannot be, or cannot be kept.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The audit log could not be told.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// There is one of that name.
    #[error("{0} is set up already; nothing was changed")]
    Exists(String),
}

/// The environments after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// All of them, the local one first.
    pub environments: Vec<Environment>,
    /// Something to say about the key, such as where it is kept.
    pub notice: Option<String>,
    /// The change was made, and the audit log could not be told: why.
    pub unlogged: Option<String>,
    /// The environment is forgotten, and its key is still in the keychain.
    pub keeps_key: bool,
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
        let generation = lock(&self.connections).generation;
        let environments = lock(&self.environments).clone();
        let Some(environment) = environments.find(name) else {
            let known = environments.list().iter().map(|environment| environment.name.clone());
            return Err(ConnectError::UnknownEnvironment {
                name: name.to_owned(),
                known: known.collect(),
            });
        };
        if environment.base_url.is_empty() {
            return lock(&self.local).clone().ok_or(ConnectError::LocalNotRunning);
        }
        let name = environment.name.clone();
        if let Some(connection) = lock(&self.connections).made.get(&name) {
            return Ok(connection.clone());
        }
        let Some(key) = self.secrets.get(&name) else {
            return Err(ConnectError::NoKey { name });
        };
        let connection = Connection::to((&environments, environment), &environment.base_url, key, false)?;
        let mut connections = lock(&self.connections);
        // The keychain may have asked somebody meanwhile: another guard or key holds by now.
        if connections.generation != generation {
            drop(connections);
            return self.connect(&name);
        }
        connections.made.insert(name, connection.clone());
        Ok(connection)
    }

    /// Adds or changes an environment; without a key it keeps the one it has. A key that an environment is not known by
    /// becomes the one it is used with when the environment's name was typed, `confirmed`; what its former keys are known by
    /// stays, as uploads were sent with them.
    ///
    /// # Errors
    /// When its name or address cannot be used, the key is another environment's or was not confirmed, or the list cannot
    /// be kept, or the change logged.
    pub fn save(
        &self,
        environment: Environment,
        key: Option<ApiKey>,
        confirmed: Option<&str>,
    ) -> Result<Changed, EnvironmentError> {
        self.put((environment, false), key, confirmed)
    }

    fn put(
        &self,
        (environment, is_new): (Environment, bool),
        key: Option<ApiKey>,
        confirmed: Option<&str>,
    ) -> Result<Changed, EnvironmentError> {
        let name = environment.name.trim().to_owned();
        let (environments, begun) = Environments::change(&self.paths, |environments| {
            if is_new {
                ensure_free(environments, &name)?;
            }
            let before = environments.find(&name).cloned();
            environments.put(environment)?;
            if let Some(key) = &key {
                take_key(environments, &name, key, confirmed)?;
            }
            let after = environments.find(&name);
            after.map_or_else(
                || Ok(Vec::new()),
                |after| log_change(&self.paths, before.as_ref(), after),
            )
        })?;
        let logged = end_all(begun, ChangeResult::Done);
        let kept = key.map(|key| self.secrets.store(&name, key));
        let notice = match kept {
            Some(KeyStorage::Session { reason }) => Some(reason),
            Some(KeyStorage::Keychain) | None => None,
        };
        Ok(self.changed(environments, &name, (notice, logged)))
    }

    /// Refuses an environment that could not be added.
    ///
    /// # Errors
    /// When its name or address cannot be used, or there is one of that name.
    pub(crate) fn ensure_new(&self, environment: &Environment) -> Result<(), EnvironmentError> {
        let mut environments = lock(&self.environments).clone();
        ensure_free(&environments, &environment.name)?;
        Ok(environments.put(environment.clone())?)
    }

    /// Adds an environment of which there is none of its name.
    ///
    /// # Errors
    /// As [`Self::save`], and when there is one.
    pub(crate) fn add(&self, environment: Environment, key: Option<ApiKey>) -> Result<Changed, EnvironmentError> {
        self.put((environment, true), key, None)
    }

    /// Forgets an environment and its key. When the keychain does not remove the key, the environment is forgotten all the
    /// same, and the log says that the change has failed.
    ///
    /// # Errors
    /// When the list cannot be kept, or the change logged.
    pub(crate) fn remove(&self, name: &str) -> Result<Changed, EnvironmentError> {
        let (environments, begun) = Environments::change(&self.paths, |environments| {
            let removed = environments.find(name).cloned();
            if !environments.remove(name) {
                return Ok(Vec::new());
            }
            let begun = removed.map(|removed| of(&removed, AuditAction::RemoveEnvironment).begin(&self.paths));
            Ok::<_, EnvironmentError>(begun.transpose()?.into_iter().collect())
        })?;
        let notice = self.secrets.delete(name).err().map(|error| error.to_string());
        let keeps_key = notice.is_some();
        let logged = end_all(begun, result_of_removal(keeps_key));
        let changed = self.changed(environments, name, (notice, logged));
        Ok(Changed { keeps_key, ..changed })
    }

    /// Takes in a change of an environment, of which no connection from before may be used any more.
    fn changed(
        &self,
        environments: Environments,
        name: &str,
        (notice, logged): (Option<String>, Result<(), AuditError>),
    ) -> Changed {
        let list = environments.list().to_vec();
        *lock(&self.environments) = environments;
        let mut connections = lock(&self.connections);
        connections.generation += 1;
        connections.made.remove(name);
        Changed {
            environments: list,
            notice,
            unlogged: logged.err().map(|error| error.to_string()),
            keeps_key: false,
        }
    }
}

/// Refuses the name of an environment that is there.
fn ensure_free(environments: &Environments, name: &str) -> Result<(), EnvironmentError> {
    let there = environments
        .find(name)
        .filter(|there| there.kind != EnvironmentKind::Local);
    there.map_or(Ok(()), |there| Err(EnvironmentError::Exists(there.name.clone())))
}

/// Takes a key for one of an environment's own from now on, as somebody named both.
///
/// # Errors
/// When it is another environment's, there is none of that name, or that cannot be kept or logged.
pub fn adopt(paths: &Paths, name: &str, key: &ApiKey) -> Result<Environment, EnvironmentError> {
    let (_, (adopted, begun)) = Environments::change(paths, |environments| {
        let before = environments.find(name).cloned();
        let adopted = environments.adopt(name, key)?.clone();
        let begun = log_change(paths, before.as_ref(), &adopted)?;
        Ok::<_, EnvironmentError>((adopted, begun))
    })?;
    end_all(begun, ChangeResult::Done)?;
    Ok(adopted)
}

/// Lets key and records cross a network unencrypted to an environment, as somebody said so of it.
///
/// # Errors
/// When there is none of that name, or that cannot be kept or logged.
pub(crate) fn allow_http(paths: &Paths, name: &str) -> Result<(), EnvironmentError> {
    let (_, begun) = Environments::change(paths, |environments| {
        let before = environments.find(name).cloned();
        environments.allow_http(name)?;
        let after = environments.find(name);
        after.map_or_else(|| Ok(Vec::new()), |after| log_change(paths, before.as_ref(), after))
    })?;
    Ok(end_all(begun, ChangeResult::Done)?)
}

/// A change of an environment for the audit log.
fn of(environment: &Environment, action: AuditAction) -> NewChange {
    let Environment {
        name, base_url, kind, ..
    } = environment;
    let key = environment.keys.first().filter(|_| action == AuditAction::AddKey);
    NewChange::of_settings((name, base_url), key, action, Some(kind.title()))
}

/// Writes into the audit log what is about to be kept of an environment that was different before.
fn log_change(
    paths: &Paths,
    before: Option<&Environment>,
    after: &Environment,
) -> Result<Vec<BegunChange>, EnvironmentError> {
    let mut actions = Vec::new();
    let is_new_key = before.map_or(!after.keys.is_empty(), |before| before.keys != after.keys);
    let gains_http = after.allows_http && before.is_none_or(|before| !before.allows_http);
    match before {
        None => actions.push(AuditAction::AddEnvironment),
        Some(before) => {
            let same = |one: &Environment| (one.name.clone(), one.kind, one.base_url.clone());
            let loses_http = before.allows_http && !after.allows_http;
            if same(before) != same(after) || loses_http {
                actions.push(AuditAction::ChangeEnvironment);
            }
        }
    }
    actions.extend(is_new_key.then_some(AuditAction::AddKey));
    actions.extend(gains_http.then_some(AuditAction::AllowHttp));
    let begun = actions.into_iter().map(|action| of(after, action).begin(paths));
    Ok(begun.collect::<Result<_, _>>()?)
}

/// How an environment's removal has ended, which is of its key too.
const fn result_of_removal(keeps_key: bool) -> ChangeResult {
    if keeps_key {
        ChangeResult::Failed
    } else {
        ChangeResult::Done
    }
}

/// Writes down how changes have ended.
fn end_all(begun: Vec<BegunChange>, result: ChangeResult) -> Result<(), AuditError> {
    let end = |change: BegunChange| change.end(result, ChangeCounts::default());
    begun.into_iter().try_for_each(end)
}

/// Takes a key for an environment's own, when it is the first, known already, or the environment's name was given.
///
/// # Errors
/// When it is another environment's, or the name was not given.
fn take_key(
    environments: &mut Environments,
    name: &str,
    key: &ApiKey,
    confirmed: Option<&str>,
) -> Result<(), SettingsError> {
    environments.ensure_not_of_another(name, key)?;
    let is_new = |environment: &Environment| !environment.keys.is_empty() && !environment.has_key(key);
    let is_confirmed = confirmed.is_some_and(|confirmed| confirmed.trim() == name);
    if !is_confirmed && environments.find(name).is_some_and(is_new) {
        let (name, key) = (name.to_owned(), key.masked());
        return Err(KeyMismatch::New { name, key }.into());
    }
    environments.adopt(name, key)?;
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the keychain holds for one environment may be another's key, as nobody could tell before keys were known.
    #[test]
    fn a_kept_key_of_another_environment_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (registry, _) = Registry::open(Paths::under(folder.path()));
        let environment = |name: &str| Environment {
            name: name.to_owned(),
            kind: EnvironmentKind::Development,
            base_url: "https://api.example.com".to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        let key = ApiKey::new("key-of-this-test");
        registry.save(environment("New"), Some(key.clone()), None)?;
        registry.save(environment("Old"), None, None)?;
        registry.secrets.store("Old", key);
        let refused = registry.connect("Old");
        assert!(
            matches!(&refused, Err(ConnectError::Key(KeyMismatch::OfAnother { owner, .. })) if owner == "New"),
            "{refused:?}"
        );
        assert!(registry.connect("New").is_ok());
        Ok(())
    }
}
