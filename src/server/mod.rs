//! The local ingestion server: the Data APIs over HTTP, each environment on a `SQLite` file of its own.
//!
//! - [`auth`]: the secret and the publishable key, and who may do what
//! - [`environment`]: an environment while it is served; the key of a request says which one is meant
//! - [`routes`]: the endpoints
//! - [`store`]: the records, the types of their custom attributes, the tasks
//! - [`faults`]: what goes wrong on demand
//! - [`answer`]: everything that is answered, as JSON; [`rejected`]: what is wrong with a batch
//! - [`connection`]: taking connections, and ending them
//! - [`config`]: the environments of a configuration file
//!
//! A request that changes something is one transaction, synced to disk before its 200 is written: what was answered
//! survives a kill. A batch with one bad record stores nothing. When tasks are made to take time, it is the accepted
//! batch that is on disk, and a later request puts it into effect once its time has come.

pub(crate) mod answer;
pub(crate) mod auth;
mod body;
pub(crate) mod config;
mod connection;
mod cors;
mod environment;
mod faults;
mod rejected;
pub(crate) mod routes;
pub(crate) mod store;

use std::{future::Future, path::PathBuf, sync::Arc};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::domain::faults::Faults;
pub use auth::Keys;
pub(crate) use auth::KeysError;
use environment::ServedEnvironment;
use store::StoreError;
pub(crate) use {auth::FILE as KEYS_FILE, store::FILE as RECORDS_FILE};

/// The largest request body that is read, in bytes, unless the configuration says otherwise: 64 MiB.
pub const DEFAULT_MAX_BODY: usize = 64 << 20;

/// An environment to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name people give it.
    pub name: String,
    /// Whether it refuses uploads and deletions, as the service's playgrounds do.
    pub read_only: bool,
    /// The directory for the records, made when missing; `None`: a temporary one, deleted with the server.
    pub data_dir: Option<PathBuf>,
    /// The keys that requests are let in with.
    pub keys: Keys,
    /// The largest request body that is read, in bytes.
    pub max_body: usize,
    /// How many bytes the records may take on disk; `None`: as many as the disk has.
    pub max_store: Option<u64>,
    /// How many requests a second are let in, the others are answered with 429; `None`: all.
    pub requests_per_second: Option<u32>,
    /// What is made to go wrong, until it is changed under `/_tatami/faults`.
    pub faults: Faults,
}

impl Config {
    /// An environment with these keys that forgets everything when the server stops.
    pub fn temporary(keys: Keys) -> Self {
        Self {
            name: "Local".to_owned(),
            read_only: false,
            data_dir: None,
            keys,
            max_body: DEFAULT_MAX_BODY,
            max_store: None,
            requests_per_second: None,
            faults: Faults::default(),
        }
    }

    /// An environment with these keys whose records are kept in a directory.
    pub fn kept(data_dir: PathBuf, keys: Keys) -> Self {
        Self {
            data_dir: Some(data_dir),
            ..Self::temporary(keys)
        }
    }
}

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The records cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Two environments have a key in common, and requests with it would not say which one they mean.
    #[error("the environments {0} and {1} have a key in common; give each its own")]
    SameKey(String, String),
    /// The thread that opens the store is gone.
    #[error("the server was stopped while it started")]
    Stopped,
}

/// Serves an environment on the listener until `shutdown` is ready; requests under way then are given ten seconds to
/// finish. The caller binds, and so knows the port.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_all(listener, vec![config], shutdown).await
}

/// Serves several environments side by side; the key of a request says which one is meant.
pub async fn serve_all(
    listener: TcpListener,
    configs: Vec<Config>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    OpenedStores::open(configs).await?.serve(listener, shutdown).await;
    Ok(())
}

/// Environments whose stores are open, and that can be served.
#[derive(Debug)]
pub(crate) struct OpenedStores {
    environments: Vec<Arc<ServedEnvironment>>,
    stores: Vec<String>,
}

impl OpenedStores {
    /// Opens the stores of environments.
    ///
    /// # Errors
    /// When two of them have the same key, or a store cannot be opened.
    pub(crate) async fn open(configs: Vec<Config>) -> Result<Self, ServeError> {
        keys_differ(&configs)?;
        let open = move || {
            let mut environments = Vec::new();
            let mut stores = Vec::new();
            for config in configs {
                let environment = ServedEnvironment::open(config)?;
                stores.push(environment.store.identity()?);
                environments.push(Arc::new(environment));
            }
            Ok::<_, StoreError>(Self { environments, stores })
        };
        let opened = tokio::task::spawn_blocking(open).await;
        Ok(opened.map_err(|_| ServeError::Stopped)??)
    }

    /// What tells their stores from others.
    pub(crate) fn stores(&self) -> impl Iterator<Item = &str> {
        self.stores.iter().map(String::as_str)
    }

    /// Serves them until `shutdown` is ready; requests under way then are given ten seconds to finish.
    pub(crate) async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let served = connection::serve(listener, routes::router(self.environments), stop.clone());
        let mut served = std::pin::pin!(served);
        tokio::select! {
            () = served.as_mut() => {}
            () = shutdown => {
                stop.cancel();
                served.await;
            }
        }
    }
}

fn keys_differ(configs: &[Config]) -> Result<(), ServeError> {
    for (number, one) in configs.iter().enumerate() {
        if let Some(other) = configs.iter().take(number).find(|other| other.keys.share(&one.keys)) {
            return Err(ServeError::SameKey(other.name.clone(), one.name.clone()));
        }
    }
    Ok(())
}
