//! Finding an environment and its key, and connecting to it.

use std::{sync::Arc, time::Duration};

use crate::{
    api::{ApiError, ApiKey, Client, ClientOptions, Endpoint},
    domain::key::KeyFingerprint,
    server::{Keys, KeysError},
    settings::{
        self, Environment, EnvironmentKind, Environments, KeyMismatch, Paths, Secrets, SettingsError, own_stores,
    },
    upload::{Upload, UploadPlan},
};

use super::{Error, guard::Guard};

/// Where `tatami serve` listens unless it is told otherwise.
pub(crate) const LOCAL_ADDRESS: &str = "http://127.0.0.1:8700";
/// The name of every environment on this machine.
pub(crate) const LOCAL_NAME: &str = "local";

/// An environment that can be talked to. Cloning is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Connection {
    /// What the environment is called, and what is to be typed before it is wiped.
    name: String,
    /// The environment's name, as uploads write it down.
    recorded_name: String,
    client: Client,
    guard: Guard,
    /// What its key is known by.
    key: KeyFingerprint,
    /// What the environment's keys are known by.
    keys: Arc<[KeyFingerprint]>,
}

impl Connection {
    /// Prepares connections to a server that this program runs, so that nothing guards what is stored there; nothing is
    /// sent yet.
    ///
    /// # Errors
    /// When the address or the key cannot be used.
    pub fn new(name: &str, address: &str, key: ApiKey) -> Result<Self, ConnectError> {
        let print = settings::fingerprint(&key)?;
        Self::guarded((name, address), key, print, Guard::Open, &[])
    }

    /// Prepares connections to an environment that was set up.
    ///
    /// # Errors
    /// When the key is known not to be its own, nobody has said that it may cross a network unencrypted, or the address or
    /// the key cannot be used.
    pub(super) fn to(
        (environments, environment): (&Environments, &Environment),
        address: &str,
        key: ApiKey,
        allows_http: bool,
    ) -> Result<Self, ConnectError> {
        let Environment { name, kind, keys, .. } = environment;
        let endpoint = Endpoint::new(address, ApiKey::default())?;
        let is_its_address = endpoint.base_url() == environment.base_url;
        if !(allows_http || environment.allows_http && is_its_address) {
            ensure_encrypted(&endpoint, is_its_address.then_some(name))?;
        }
        environments.ensure_not_of_another(name, &key)?;
        let print = match keys.iter().find(|print| print.is_of(&key)) {
            Some(own) => own.clone(),
            None if keys.is_empty() => settings::fingerprint(&key)?,
            None => {
                let (name, key) = (name.clone(), key.masked());
                return Err(KeyMismatch::New { name, key }.into());
            }
        };
        let guard = if *kind == EnvironmentKind::Production {
            Guard::Production
        } else if environment.is_guarded() {
            Guard::Unidentified
        } else {
            Guard::Open
        };
        Self::guarded((name, address), key, print, guard, keys)
    }

    fn guarded(
        (name, address): (&str, &str),
        key: ApiKey,
        print: KeyFingerprint,
        guard: Guard,
        keys: &[KeyFingerprint],
    ) -> Result<Self, ConnectError> {
        Ok(Self {
            name: name.to_owned(),
            recorded_name: name.to_owned(),
            client: Client::new(Endpoint::new(address, key)?, ClientOptions::default())?,
            guard,
            key: print,
            keys: keys.into(),
        })
    }

    /// The environment's name: what must be typed before it is wiped.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The environment's name, as uploads write it down.
    pub(super) fn recorded_name(&self) -> &str {
        &self.recorded_name
    }

    /// Why it is guarded, if it is.
    pub const fn guard(&self) -> Guard {
        self.guard
    }

    /// What the key is known by.
    pub(super) const fn key(&self) -> &KeyFingerprint {
        &self.key
    }

    /// The environment for people who must be sure of it: `Shop (https://api.askmiso.com, key 039c…7e17)`.
    pub fn described(&self) -> String {
        let key = self.client.endpoint().key().masked();
        format!("{} ({}, key {key})", self.name, self.address())
    }

    /// The address of its server.
    pub fn address(&self) -> String {
        self.client.endpoint().base_url()
    }

    /// Whether its server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.client.endpoint().is_loopback()
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.client.endpoint().is_https()
    }

    /// Whether the key crosses a network unencrypted.
    pub(crate) fn is_cleartext(&self) -> bool {
        self.client.endpoint().is_cleartext()
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// What tells the store of a Tatami server from others; `None` from other servers.
    pub(super) async fn store_id(&self) -> Result<Option<String>, ApiError> {
        self.client.store_id().await
    }

    /// Fails early when a server on this machine does not run: trying again would only hide that.
    pub(crate) async fn ensure_running(&self) -> Result<(), ApiError> {
        if self.is_loopback() {
            self.client.counts().await?;
        }
        Ok(())
    }

    /// Refuses a server that is not the one an upload went to: what is known of its rows would be wrong there. A store
    /// that has an id is known by that, wherever it is served; others by their address, and there by the key, as a server
    /// may have several environments.
    pub async fn ensure_target_of(&self, upload: &Upload) -> Result<(), Error> {
        let here = self.store_of([upload]).await?;
        self.ensure_holds(upload, here.as_deref())
    }

    /// The store that is here, where that tells whether uploads went to it.
    pub(super) async fn store_of<'a>(
        &self,
        uploads: impl IntoIterator<Item = &'a Upload>,
    ) -> Result<Option<String>, ApiError> {
        if uploads.into_iter().any(|upload| upload.plan.store.is_some()) {
            return self.store_id().await;
        }
        Ok(None)
    }

    /// As [`Self::ensure_target_of`], where it is known which store is here.
    pub(super) fn ensure_holds(&self, upload: &Upload, store_here: Option<&str>) -> Result<(), Error> {
        let UploadPlan {
            environment,
            address,
            store,
            key,
            ..
        } = &upload.plan;
        let (id, here) = (upload.id, self.address());
        let is_same_address = here == *address;
        match store {
            Some(store) if store_here == Some(store) => Ok(()),
            None if is_same_address => match key {
                Some(key) if !self.has_key(key) => Err(Error::OtherKey {
                    id,
                    environment: environment.clone(),
                    here: self.described(),
                }),
                Some(_) | None => Ok(()),
            },
            Some(_) if is_same_address => Err(Error::OtherStore {
                id,
                address: address.clone(),
            }),
            Some(_) | None => Err(Error::OtherServer {
                id,
                environment: environment.clone(),
                address: address.clone(),
                here,
            }),
        }
    }

    /// Whether a key is the one of this connection, or another of the same environment.
    fn has_key(&self, key: &KeyFingerprint) -> bool {
        key.is_of(self.client.endpoint().key()) || self.keys.contains(key)
    }
}

/// For people: its name and its address.
impl std::fmt::Display for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.address())
    }
}

/// Which environment is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// One that was set up, by name.
    Named(String),
    /// The server at an address.
    Address(String),
}

impl Destination {
    /// The environment that somebody calls so: `local`, whatever its case, is the server on this machine.
    pub fn named(name: &str) -> Self {
        if name.eq_ignore_ascii_case(LOCAL_NAME) {
            Self::Address(LOCAL_ADDRESS.to_owned())
        } else {
            Self::Named(name.to_owned())
        }
    }

    /// Where an upload went: the environment of that name, where one is set up; otherwise the address.
    pub(crate) fn of(paths: &Paths, upload: &Upload) -> Result<Self, SettingsError> {
        let UploadPlan {
            environment, address, ..
        } = &upload.plan;
        let is_local = environment.eq_ignore_ascii_case(LOCAL_NAME);
        if !is_local && Environments::load(paths)?.find(environment).is_some() {
            return Ok(Self::Named(environment.clone()));
        }
        Ok(Self::Address(address.clone()))
    }
}

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// It was given.
    Given,
    /// The keychain.
    Keychain,
    /// The key file of this user's own server.
    LocalServer,
}

/// A key that was given.
#[derive(Clone, Debug)]
pub struct GivenKey {
    /// The key.
    pub key: ApiKey,
    /// Whether it was given for this very purpose, and not for any environment that comes along.
    pub is_explicit: bool,
}

/// An environment that was found, with its key.
#[derive(Clone, Debug)]
pub struct FoundEnvironment {
    /// Where its key came from.
    pub key_source: KeySource,
    /// The connection.
    pub connection: Connection,
}

/// Why an environment or its key cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// None has that name.
    #[error("there is no environment \"{name}\"; the environments are {}", known.join(", "))]
    UnknownEnvironment {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// It is known, its key is not.
    #[error("there is no key for {name}")]
    NoKey {
        /// The environment's name.
        name: String,
    },
    /// Several are served at one address, and nobody said which one is meant.
    #[error("several environments are at {address}: {}", names.join(", "))]
    Ambiguous {
        /// The address.
        address: String,
        /// Their names.
        names: Vec<String>,
    },
    /// Key and records would cross a network unencrypted, and nobody has said that they may.
    #[error("{address} is not encrypted: the network between could read the key and all records")]
    Unencrypted {
        /// The address.
        address: String,
        /// The environment that was set up with it.
        environment: Option<String>,
    },
    /// The key is not known to be the environment's own.
    #[error(transparent)]
    Key(#[from] KeyMismatch),
    /// The server inside Tatami does not listen.
    #[error("The local server is not running; restart Tatami")]
    LocalNotRunning,
    /// The address or the key cannot be used.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The settings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The key file of this user's own server cannot be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Finds an environment and its key. A key that was given takes the place of the kept one where it is explicit and known
/// to be that environment's; where only an address is given, the key says which environment is meant. Of a server that
/// nobody set up it is asked which store it has, otherwise nothing is sent yet. `allows_http`: key and records may cross a
/// network unencrypted.
///
/// # Errors
/// When there is no such environment or key, the key is another environment's, or would cross a network unencrypted.
pub async fn find(
    paths: &Paths,
    destination: &Destination,
    given: Option<GivenKey>,
    allows_http: bool,
) -> Result<FoundEnvironment, ConnectError> {
    match destination {
        Destination::Named(name) => named(paths, name, given, allows_http),
        Destination::Address(address) => addressed(paths, address, given.map(|given| given.key), allows_http).await,
    }
}

fn named(
    paths: &Paths,
    name: &str,
    given: Option<GivenKey>,
    allows_http: bool,
) -> Result<FoundEnvironment, ConnectError> {
    let environments = Environments::load(paths)?;
    let Some(environment) = environments.find(name) else {
        let known = environments.list().iter();
        return Err(ConnectError::UnknownEnvironment {
            name: name.to_owned(),
            known: known.map(|environment| environment.name.clone()).collect(),
        });
    };
    let given = given.filter(|given| given.is_explicit).map(|given| given.key);
    let (key, key_source) = match given {
        Some(key) => (key, KeySource::Given),
        None => (kept_key(paths, &environment.name)?, KeySource::Keychain),
    };
    Ok(FoundEnvironment {
        connection: Connection::to((&environments, environment), &environment.base_url, key, allows_http)?,
        key_source,
    })
}

async fn addressed(
    paths: &Paths,
    address: &str,
    given: Option<ApiKey>,
    allows_http: bool,
) -> Result<FoundEnvironment, ConnectError> {
    let endpoint = Endpoint::new(address, ApiKey::default())?;
    let base_url = endpoint.base_url();
    let environments = Environments::load(paths)?;
    let known: Vec<&Environment> = environments.at(&base_url).collect();
    let (key, key_source) = match (given, known.as_slice()) {
        (Some(key), _) => (key, KeySource::Given),
        (None, [environment]) => (kept_key(paths, &environment.name)?, KeySource::Keychain),
        (None, []) => (own_key(paths, &endpoint)?, KeySource::LocalServer),
        (None, several) => {
            return Err(ConnectError::Ambiguous {
                address: base_url.clone(),
                names: several.iter().map(|environment| environment.name.clone()).collect(),
            });
        }
    };
    // The key says which one is meant, also behind an address that nobody has heard of.
    let owner = environments.of_key(&key);
    let owner = owner.or(match known.as_slice() {
        [environment] if environment.keys.is_empty() => Some(*environment),
        _ => None,
    });
    let connection = if let Some(environment) = owner {
        Connection::to((&environments, environment), address, key, allows_http)?
    } else {
        if !allows_http {
            ensure_encrypted(&endpoint, None)?;
        }
        unknown(paths, &endpoint, key, key_source).await?
    };
    Ok(FoundEnvironment { key_source, connection })
}

/// Refuses an address to which a key would cross a network unencrypted, the one of an `environment` that was set up or not.
fn ensure_encrypted(endpoint: &Endpoint, environment: Option<&String>) -> Result<(), ConnectError> {
    if endpoint.is_cleartext() {
        return Err(ConnectError::Unencrypted {
            address: endpoint.base_url(),
            environment: environment.cloned(),
        });
    }
    Ok(())
}

/// A server that nobody set up: guarded, unless its store is one that this user's own server has opened.
async fn unknown(
    paths: &Paths,
    endpoint: &Endpoint,
    key: ApiKey,
    key_source: KeySource,
) -> Result<Connection, ConnectError> {
    let base_url = endpoint.base_url();
    let place = if endpoint.is_loopback() {
        authority(&base_url)
    } else {
        host(&base_url)
    };
    let print = settings::fingerprint(&key)?;
    let mut connection = Connection::guarded((place, &base_url), key, print, Guard::Unknown, &[])?;
    let store = store_id_after_trouble(&connection).await?;
    if store.is_some_and(|store| own_stores::includes(paths, &store)) {
        LOCAL_NAME.clone_into(&mut connection.name);
        connection.guard = Guard::Open;
        // Other stores on this machine go by their address. A key that was given may be that of several.
        if key_source == KeySource::LocalServer {
            LOCAL_NAME.clone_into(&mut connection.recorded_name);
        }
    }
    Ok(connection)
}

/// The id of a store, asked for again when there was trouble that may pass: without an answer nobody knows whose it is.
async fn store_id_after_trouble(connection: &Connection) -> Result<Option<String>, ApiError> {
    for pause in [100, 400] {
        match connection.store_id().await {
            Err(error) if error.retryable() && !error.is_refused() => {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            answer => return answer,
        }
    }
    connection.store_id().await
}

/// The key that is kept for an environment.
///
/// # Errors
/// When there is none.
pub(crate) fn kept_key(paths: &Paths, name: &str) -> Result<ApiKey, ConnectError> {
    let key = Secrets::open(paths).get(name);
    key.ok_or_else(|| ConnectError::NoKey { name: name.to_owned() })
}

/// The key of this user's own server, for a server on this machine.
fn own_key(paths: &Paths, endpoint: &Endpoint) -> Result<ApiKey, ConnectError> {
    let base_url = endpoint.base_url();
    if !endpoint.is_loopback() {
        let name = host(&base_url).to_owned();
        return Err(ConnectError::NoKey { name });
    }
    local_key(paths)?.ok_or_else(|| ConnectError::NoKey {
        name: LOCAL_NAME.to_owned(),
    })
}

/// The key of the local server, when it has ever run.
fn local_key(paths: &Paths) -> Result<Option<ApiKey>, KeysError> {
    let folder = paths.local_server();
    if !Keys::file(&folder).exists() {
        return Ok(None);
    }
    Ok(Some(ApiKey::new(Keys::load_or_create(&folder)?.secret.clone())))
}

/// The host of an address, with its port.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The host of an address, without port.
fn host(url: &str) -> &str {
    let host = authority(url);
    let without_port = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    without_port.map_or(host, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_without_ports() {
        assert_eq!(host("https://api.askmiso.com"), "api.askmiso.com");
        assert_eq!(host("http://shop.example:8080/api"), "shop.example");
        assert_eq!(host("http://[2001:db8::1]:80"), "[2001:db8::1]");
    }
}
