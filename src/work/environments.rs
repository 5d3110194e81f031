//! The environments, their keys, the clients that talk to them, and the local server.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, task::JoinHandle};

use super::Reporter;
use crate::{
    api::{ApiKey, Client, ClientOptions, Endpoint},
    domain::{dataset::Dataset, rules::Levels},
    message::{Event, SettingsEvent},
    server,
    settings::{Environment, Environments, Kept, Paths, Preferences, Secrets, SettingsError},
};

/// What is known of environments, shared by all workers.
pub(super) struct Connections {
    paths: Paths,
    secrets: Secrets,
    environments: Mutex<Environments>,
    /// The local server's address and key, once it listens.
    local: Mutex<Option<(String, ApiKey)>>,
    clients: Mutex<HashMap<String, Client>>,
}

impl Connections {
    /// Reads the settings, and reports them.
    pub(super) async fn open(paths: Paths, reporter: &Reporter) -> Self {
        let read = tokio::task::spawn_blocking(move || {
            let environments = Environments::load(&paths);
            let preferences = Preferences::load(&paths);
            let secrets = Secrets::open(&paths);
            (paths, environments, preferences, secrets)
        });
        let (paths, environments, preferences, secrets) = match read.await {
            Ok(read) => read,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        for problem in [environments.as_ref().err(), preferences.as_ref().err()]
            .into_iter()
            .flatten()
        {
            reporter.report(Event::Problem(problem.to_string())).await;
        }
        let environments = environments.unwrap_or_default();
        let preferences = preferences.unwrap_or_default();
        reporter
            .report(Event::Settings(SettingsEvent::Started {
                environments: environments.list().to_vec(),
                recent: preferences.recent().to_vec(),
                levels: preferences.levels,
                limits: Dataset::ALL.map(|dataset| preferences.limits(dataset)),
            }))
            .await;
        Self {
            paths,
            secrets,
            environments: Mutex::new(environments),
            local: Mutex::default(),
            clients: Mutex::default(),
        }
    }

    pub(super) const fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The client for an environment; made on first use.
    pub(super) fn client(&self, name: &str) -> Result<Client, String> {
        if let Some(client) = lock(&self.clients).get(name) {
            return Ok(client.clone());
        }
        let environment = lock(&self.environments).find(name).cloned();
        let environment = environment.ok_or_else(|| format!("There is no environment named {name}"))?;
        let endpoint = if environment.base_url.is_empty() {
            let local = lock(&self.local).clone();
            let (address, key) = local.ok_or("The local server is not running; restart Tatami".to_owned())?;
            Endpoint::new(&address, key)
        } else {
            let key = self.secrets.get(name);
            let key = key.ok_or_else(|| format!("There is no key for {name}; enter it under Environments"))?;
            Endpoint::new(&environment.base_url, key)
        };
        let client = endpoint.and_then(|endpoint| Client::new(endpoint, ClientOptions::default()));
        let client = client.map_err(|error| error.to_string())?;
        lock(&self.clients).insert(name.to_owned(), client.clone());
        Ok(client)
    }

    /// Adds or changes an environment; without a key it keeps the one it has.
    pub(super) fn save(&self, environment: Environment, key: Option<ApiKey>) -> Result<SettingsEvent, SettingsError> {
        let mut environments = lock(&self.environments);
        lock(&self.clients).remove(&environment.name);
        let name = environment.name.trim().to_owned();
        environments.put(environment)?;
        let kept = key.map(|key| self.secrets.store(&name, key));
        let notice = kept.and_then(|kept| match kept {
            Kept::Session { reason } => Some(reason),
            Kept::Keychain => None,
        });
        self.changed(&environments, notice)
    }

    /// Removes an environment and its key.
    pub(super) fn remove(&self, name: &str) -> Result<SettingsEvent, SettingsError> {
        let mut environments = lock(&self.environments);
        environments.remove(name);
        lock(&self.clients).remove(name);
        let notice = self.secrets.delete(name).err();
        self.changed(&environments, notice)
    }

    fn changed(&self, environments: &Environments, notice: Option<String>) -> Result<SettingsEvent, SettingsError> {
        environments.save(&self.paths)?;
        Ok(SettingsEvent::Environments {
            environments: environments.list().to_vec(),
            notice,
        })
    }

    /// Keeps how much the rules weigh.
    pub(super) fn save_levels(&self, levels: Levels) -> Result<(), SettingsError> {
        let mut preferences = Preferences::load(&self.paths)?;
        preferences.levels = levels;
        preferences.save(&self.paths)
    }

    /// Puts a file on top of the list of recent ones.
    pub(super) fn remember_file(&self, path: &Path) {
        if let Ok(mut preferences) = Preferences::load(&self.paths) {
            preferences.opened(path);
            // A list of recent files is a comfort, not worth a message when it cannot be kept.
            preferences.save(&self.paths).ok();
        }
    }
}

/// Starts the local server on a free loopback port.
pub(super) async fn start_local(
    connections: &Arc<Connections>,
    reporter: &Reporter,
    stopped: oneshot::Receiver<()>,
) -> Option<JoinHandle<()>> {
    match bind_local(connections).await {
        Ok((listener, config, address)) => {
            let failures = reporter.clone();
            let server = tokio::spawn(async move {
                let stopped = async {
                    stopped.await.ok();
                };
                if let Err(error) = server::serve(listener, config, stopped).await {
                    failures
                        .report(Event::Problem(format!("The local server has stopped: {error}")))
                        .await;
                }
            });
            let ready = SettingsEvent::LocalReady(address);
            reporter.report(Event::Settings(ready)).await;
            Some(server)
        }
        Err(reason) => {
            reporter
                .report(Event::Problem(format!("The local server cannot start: {reason}")))
                .await;
            None
        }
    }
}

async fn bind_local(
    connections: &Arc<Connections>,
) -> Result<(tokio::net::TcpListener, server::Config, String), String> {
    let folder = connections.paths.local_server();
    let load = {
        let folder = folder.clone();
        move || server::Keys::load_or_create(&folder).map_err(|error| error.to_string())
    };
    let keys = tokio::task::spawn_blocking(load)
        .await
        .map_err(|error| error.to_string())??;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let address = format!("http://{address}");
    *lock(&connections.local) = Some((address.clone(), ApiKey::new(keys.secret.clone())));
    Ok((listener, server::Config::kept(folder, keys), address))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
