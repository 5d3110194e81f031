//! Finding an environment and its key, and connecting to it.

use crate::{
    api::{ApiError, ApiKey, Client, ClientOptions, Endpoint},
    server::{Keys, KeysError},
    settings::{Environments, Paths, Secrets, SettingsError},
    upload::{Upload, UploadPlan},
};

use super::Error;

/// Where `tatami serve` listens unless it is told otherwise.
pub(crate) const LOCAL_ADDRESS: &str = "http://127.0.0.1:8700";
/// The name of every environment on this machine.
pub(crate) const LOCAL_NAME: &str = "local";

/// An environment that can be talked to. Cloning is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The environment's name, as uploads write it down.
    name: String,
    client: Client,
}

impl Connection {
    /// Prepares connections to an address; nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the key cannot be used.
    pub fn new(name: &str, address: &str, key: ApiKey) -> Result<Self, ApiError> {
        Ok(Self {
            name: name.to_owned(),
            client: Client::new(Endpoint::new(address, key)?, ClientOptions::default())?,
        })
    }

    /// The environment's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of its server.
    pub fn address(&self) -> String {
        self.client.endpoint().base_url()
    }

    /// Whether its server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.client.endpoint().is_loopback()
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
    /// that has an id is known by that, wherever it is served; others are known by their address.
    pub async fn ensure_target_of(&self, upload: &Upload) -> Result<(), Error> {
        let UploadPlan {
            environment,
            address,
            store,
            ..
        } = &upload.plan;
        let (id, here) = (upload.id, self.address());
        let is_same_address = here == *address;
        match store {
            Some(store) if self.store_id().await?.as_ref() == Some(store) => Ok(()),
            None if is_same_address => Ok(()),
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

/// An environment that was found, with its key.
#[derive(Clone, Debug)]
pub struct FoundEnvironment {
    /// Its name: what must be typed before it is wiped.
    pub name: String,
    /// Whether it was set up as one in which nothing is deleted without being asked twice.
    pub is_guarded: bool,
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

/// Finds an environment and its key, unless that is `given`; nothing is sent yet.
pub fn find(paths: &Paths, destination: &Destination, given: Option<ApiKey>) -> Result<FoundEnvironment, ConnectError> {
    match destination {
        Destination::Named(name) => named(paths, name, given),
        Destination::Address(address) => addressed(paths, address, given),
    }
}

fn named(paths: &Paths, name: &str, given: Option<ApiKey>) -> Result<FoundEnvironment, ConnectError> {
    let environments = Environments::load(paths)?;
    let Some(environment) = environments.find(name) else {
        let known = environments.list().iter();
        return Err(ConnectError::UnknownEnvironment {
            name: name.to_owned(),
            known: known.map(|environment| environment.name.clone()).collect(),
        });
    };
    let name = environment.name.clone();
    let (key, key_source) = match given {
        Some(key) => (key, KeySource::Given),
        None => match Secrets::open(paths).get(&name) {
            Some(key) => (key, KeySource::Keychain),
            None => return Err(ConnectError::NoKey { name }),
        },
    };
    Ok(FoundEnvironment {
        connection: Connection::new(&name, &environment.base_url, key)?,
        is_guarded: environment.kind.is_guarded(),
        key_source,
        name,
    })
}

fn addressed(paths: &Paths, address: &str, given: Option<ApiKey>) -> Result<FoundEnvironment, ConnectError> {
    let endpoint = Endpoint::new(address, ApiKey::default())?;
    let is_loopback = endpoint.is_loopback();
    let base_url = endpoint.base_url();
    let name = if is_loopback {
        LOCAL_NAME.to_owned()
    } else {
        host(&base_url).to_owned()
    };
    let own = if is_loopback { local_key(paths)? } else { None };
    let (key, key_source) = match (given, own) {
        (Some(key), _) => (key, KeySource::Given),
        (None, Some(key)) => (key, KeySource::LocalServer),
        (None, None) => return Err(ConnectError::NoKey { name }),
    };
    // Other stores on this machine go by their address. A key that was given may be that of several.
    let recorded = match key_source {
        KeySource::LocalServer => LOCAL_NAME,
        KeySource::Given | KeySource::Keychain if is_loopback => authority(&base_url),
        KeySource::Given | KeySource::Keychain => &name,
    };
    Ok(FoundEnvironment {
        connection: Connection::new(recorded, address, key)?,
        is_guarded: false,
        key_source,
        name,
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
