//! The local ingestion server: the Data APIs over HTTP, on a `SQLite` file.
//!
//! - [`auth`]: the secret and the publishable key, and who may do what
//! - [`routes`]: the endpoints
//! - [`store`]: the records, the types of their custom attributes, the tasks
//! - [`answer`]: everything that is answered, as JSON
//!
//! A request that changes something is one transaction, synced to disk before its 200 is written: what was answered
//! survives a kill. A batch with one bad record stores nothing.

pub mod answer;
pub mod auth;
mod body;
mod cors;
pub mod routes;
pub mod store;

use std::{fmt, future::Future, io, path::PathBuf, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use auth::{Keys, KeysError};
use store::{Store, StoreError};

/// The largest request body that is read, in bytes, unless the configuration says otherwise: 64 MiB.
pub const DEFAULT_MAX_BODY: usize = 64 << 20;

/// How long requests that are under way may take after the stop, before their connections are cut.
const GRACE: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the records are kept, made when it is not there; `None`: in a temporary place that goes with the server.
    pub data_dir: Option<PathBuf>,
    /// The keys that are let in.
    pub keys: Keys,
    /// The largest request body that is read, in bytes.
    pub max_body: usize,
}

impl Config {
    /// A server with these keys that forgets everything when it stops.
    pub const fn temporary(keys: Keys) -> Self {
        Self {
            data_dir: None,
            keys,
            max_body: DEFAULT_MAX_BODY,
        }
    }
}

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The records cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The listener failed.
    #[error("the server cannot take connections: {0}")]
    Listener(#[from] io::Error),
    /// The thread that opens the store is gone.
    #[error("the server was stopped while it started")]
    Stopped,
}

/// What every request needs.
pub(crate) struct Server {
    store: Store,
    keys: Keys,
    max_body: usize,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

/// Serves on the listener until `shutdown` is ready; requests under way then are given ten seconds to finish.
/// The caller binds, and so knows the port.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let Config {
        data_dir,
        keys,
        max_body,
    } = config;
    let store = tokio::task::spawn_blocking(move || Store::open(data_dir.as_deref()))
        .await
        .map_err(|_| ServeError::Stopped)??;
    let app = routes::router(&Arc::new(Server { store, keys, max_body }));
    let stopping = CancellationToken::new();
    let stop = stopping.clone();
    let graceful = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        stop.cancel();
    });
    tokio::select! {
        ended = async { graceful.await } => ended?,
        () = async { stopping.cancelled().await; tokio::time::sleep(GRACE).await } => {}
    }
    Ok(())
}
