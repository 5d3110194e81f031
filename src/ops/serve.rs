//! The local ingestion server: this user's own records, or records that nobody keeps.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Connection, connect::ConnectError};
pub(crate) use crate::server::{Config, KeysError, ServeError, config::ConfigError};
use crate::{
    api::ApiKey,
    domain::faults::Faults,
    server::{self, Keys, OpenedStores},
    settings::{Environment, MendedFolder, Paths, SettingsError, mend_files, own_stores},
};

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// Its keys cannot be read or made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// There is no address to listen on.
    #[error(transparent)]
    Listen(#[from] io::Error),
    /// Nothing can connect to it.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Its store cannot be opened.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// It cannot be noted whose store it is.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// A server that runs beside what it is for. It ends when its token is cancelled.
#[derive(Debug)]
pub(crate) struct Running {
    /// The way to it.
    pub connection: Connection,
    /// Stops it.
    pub stop: CancellationToken,
    /// Ends with the server.
    pub ended: JoinHandle<()>,
}

/// Serves this user's own records on a free port of this machine.
///
/// # Errors
/// When its keys cannot be read, or no port is free.
pub(crate) async fn start_own(paths: &Paths) -> Result<Running, StartError> {
    let folder = paths.local_server();
    let keys = Keys::load_or_create(&folder)?;
    let secret = ApiKey::new(keys.secret.clone());
    let opened = OpenedStores::open(vec![Config::kept(folder, keys)]).await?;
    own_stores::note(paths, opened.stores())?;
    start(opened, secret).await
}

/// Serves records that are forgotten when it stops, on a free port of this machine.
///
/// # Errors
/// When no port is free.
pub(crate) async fn start_temporary() -> Result<Running, StartError> {
    let keys = Keys::generate()?;
    let secret = ApiKey::new(keys.secret.clone());
    start(OpenedStores::open(vec![Config::temporary(keys)]).await?, secret).await
}

async fn start(opened: OpenedStores, secret: ApiKey) -> Result<Running, StartError> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let connection = Connection::new(&Environment::local().name, &address, secret)?;
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let ended = tokio::spawn(opened.serve(listener, stopped));
    Ok(Running {
        connection,
        stop,
        ended,
    })
}

/// An environment that keeps its records, with what is to be said of its keys.
#[derive(Debug)]
pub(crate) struct KeptEnvironment {
    /// How it is served.
    pub config: Config,
    /// Where its keys are kept.
    pub(crate) keys_file: PathBuf,
    /// Whether the keys were made just now.
    pub(crate) are_new: bool,
}

/// An environment whose records and keys are kept in a folder. A `secret` that is given lets in, in place of the kept one.
///
/// # Errors
/// When the keys cannot be read or made, or others can read them.
pub(crate) fn keep(folder: PathBuf, secret: Option<ApiKey>, faults: Faults) -> Result<KeptEnvironment, KeysError> {
    let keys_file = Keys::file(&folder);
    let are_new = !keys_file.exists();
    let mut keys = Keys::load_or_create(&folder)?;
    if let Some(secret) = secret {
        secret.reveal().clone_into(&mut keys.secret);
    }
    let config = Config {
        faults,
        ..Config::kept(folder, keys)
    };
    Ok(KeptEnvironment {
        config,
        keys_file,
        are_new,
    })
}

/// Takes from others the right to look into the records of environments; answers where they had it.
pub(crate) fn mend_access(environments: &[Config]) -> Vec<MendedFolder> {
    let folders = environments.iter().filter_map(|config| config.data_dir.as_deref());
    folders
        .filter_map(|folder| mend_files(folder, &[server::RECORDS_FILE, server::KEYS_FILE]))
        .collect()
}

/// The environments that a JSON file describes.
///
/// # Errors
/// When it cannot be read, or describes none that can be served.
pub(crate) fn described(file: &Path) -> Result<Vec<Config>, ConfigError> {
    server::config::read(file)
}

/// Serves environments side by side until `stop`; the key of a request says which one is meant. It is noted that their
/// stores are this user's own.
///
/// # Errors
/// When two of them have the same key, a store cannot be opened, or that cannot be noted.
pub(crate) async fn serve(
    paths: &Paths,
    listener: TcpListener,
    environments: Vec<Config>,
    stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let opened = OpenedStores::open(environments).await?;
    own_stores::note(paths, opened.stores())?;
    opened.serve(listener, stop).await;
    Ok(())
}
