//! The environments as the window knows them, and the local server.

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Reporter;
use crate::{
    domain::dataset::Dataset,
    message::{Event, SettingsEvent},
    ops::{
        Connection,
        connect::ConnectError,
        environments::Registry,
        serve::{self, Running},
    },
    settings::{Paths, Preferences, mend_access},
    upload::Upload,
};

/// The environments and their keys, shared by all workers.
pub(super) struct Connections(Registry);

/// Why there is no connection, with what to do about it in the window.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectFailure {
    #[error("There is no environment named {0}")]
    Unknown(String),
    #[error("There is no key for {0}; enter it under Environments")]
    NoKey(String),
    #[error("{0}. Use https://, or allow it under Environments")]
    Unencrypted(ConnectError),
    #[error(transparent)]
    Other(ConnectError),
    #[error("{0}; in a terminal, tatami upload --resume and tatami undo reach other servers, with --url")]
    OfUpload(Box<Self>),
}

impl Connections {
    /// Reads the settings, and reports them.
    pub(super) async fn open(paths: Paths, reporter: &Reporter) -> Self {
        let read = tokio::task::spawn_blocking(move || {
            let mended = mend_access(&paths);
            let preferences = Preferences::load(&paths);
            (Registry::open(paths), preferences, mended)
        });
        let ((registry, problem), preferences, mended) = match read.await {
            Ok(read) => read,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        for problem in [problem.as_ref(), preferences.as_ref().err()].into_iter().flatten() {
            reporter.report(Event::Problem(problem.to_string())).await;
        }
        for folder in mended {
            reporter.report(Event::Told(folder.to_string())).await;
        }
        let preferences = preferences.unwrap_or_default();
        reporter
            .report(Event::Settings(SettingsEvent::Started {
                environments: registry.list(),
                recent: preferences.recent().to_vec(),
                recent_recipes: preferences.recent_recipes().to_vec(),
                levels: preferences.levels,
                limits: Dataset::ALL.map(|dataset| preferences.limits(dataset)),
            }))
            .await;
        Self(registry)
    }

    pub(super) const fn registry(&self) -> &Registry {
        &self.0
    }

    pub(super) const fn paths(&self) -> &Paths {
        self.0.paths()
    }

    /// The connection to an environment.
    pub(super) fn connect(&self, name: &str) -> Result<Connection, ConnectFailure> {
        self.0.connect(name).map_err(|error| match error {
            ConnectError::UnknownEnvironment { name, .. } => ConnectFailure::Unknown(name),
            ConnectError::NoKey { name } => ConnectFailure::NoKey(name),
            error @ ConnectError::Unencrypted { .. } => ConnectFailure::Unencrypted(error),
            error @ (ConnectError::LocalNotRunning
            | ConnectError::Ambiguous { .. }
            | ConnectError::Key(_)
            | ConnectError::Api(_)
            | ConnectError::Settings(_)
            | ConnectError::Keys(_)) => ConnectFailure::Other(error),
        })
    }

    /// The connection to where an upload went.
    pub(super) fn connect_again(&self, upload: &Upload) -> Result<Connection, ConnectFailure> {
        let connection = self.connect(&upload.plan.environment);
        connection.map_err(|error| ConnectFailure::OfUpload(Box::new(error)))
    }
}

/// Starts the server with this user's own records beside the commands: what stops it, and what ends with it.
pub(super) async fn start_local(
    environments: &Connections,
    reporter: &Reporter,
) -> Option<(CancellationToken, JoinHandle<()>)> {
    let started = serve::start_own(environments.paths()).await;
    let Running {
        connection,
        stop,
        ended,
    } = match started {
        Ok(running) => running,
        Err(error) => {
            let problem = format!("The local server cannot start: {error}");
            reporter.report(Event::Problem(problem)).await;
            return None;
        }
    };
    let failures = reporter.clone();
    let server = tokio::spawn(async move {
        let why = match ended.await {
            Ok(()) => return,
            Err(error) => error.to_string(),
        };
        let problem = format!("The local server has stopped: {why}");
        failures.report(Event::Problem(problem)).await;
    });
    let ready = SettingsEvent::LocalReady(connection.address());
    environments.registry().set_local(connection);
    reporter.report(Event::Settings(ready)).await;
    Some((stop, server))
}
