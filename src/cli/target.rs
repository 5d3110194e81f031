//! The environment a command talks to, and its key.

use super::{failure::Failure, text};
use crate::{
    api::{ApiError, ApiKey, ConnectionKind},
    ops::{
        self, Connection,
        connect::{self, ConnectError, Destination, KeySource, LOCAL_ADDRESS, LOCAL_NAME},
    },
    settings::Paths,
    upload::{Stopped, Upload},
};

/// The variable that holds the key unless another is named.
const KEY: &str = "TATAMI_KEY";

/// Which environment.
#[derive(Debug, clap::Args)]
pub(super) struct TargetArgs {
    #[arg(
        long,
        value_name = "URL",
        conflicts_with = "environment",
        help = "The address of the API [default: http://127.0.0.1:8700, where tatami serve listens; of an upload of \
                before, where it went]"
    )]
    url: Option<String>,
    #[arg(
        long,
        value_name = "VARIABLE",
        help = "The variable that holds the secret key [default: TATAMI_KEY; for the local server also its key file]"
    )]
    key_env: Option<String>,
    /// An environment that was set up in the window, by name; local is the server on this machine
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
}

/// An environment, ready to be talked to.
#[derive(Debug)]
pub(super) struct Target {
    /// Its name: what must be typed before it is wiped.
    pub(super) name: String,
    /// Whether it was set up as one in which nothing is deleted without being asked twice.
    pub(super) is_guarded: bool,
    /// Where its key is kept, for people: `in TATAMI_KEY`.
    key_place: String,
    /// The connection.
    pub(super) connection: Connection,
}

impl TargetArgs {
    /// Finds the environment and its key; nothing is sent yet.
    pub(super) fn find(&self) -> Result<Target, Failure> {
        let destination = match (&self.environment, &self.url) {
            (Some(name), _) => Destination::named(name),
            (None, url) => Destination::Address(url.as_deref().unwrap_or(LOCAL_ADDRESS).to_owned()),
        };
        self.connect(&destination)
    }

    /// The environment an upload went to, unless another way to it is given.
    pub(super) fn find_again(&self, upload: &Upload) -> Result<Target, Failure> {
        match (&self.url, &self.environment) {
            (None, None) => self.connect(&Destination::of(&Paths::find()?, upload)?),
            (Some(_), _) | (_, Some(_)) => self.find(),
        }
    }

    fn connect(&self, destination: &Destination) -> Result<Target, Failure> {
        let given = self.key_from_variable()?;
        let found = connect::find(&Paths::find()?, destination, given).map_err(cannot_connect)?;
        let connect::FoundEnvironment {
            name,
            is_guarded,
            key_source,
            connection,
        } = found;
        if connection.is_cleartext() {
            text::remark(&format!(
                "The key crosses the network unencrypted to {}; use https://",
                connection.address()
            ));
        }
        Ok(Target {
            key_place: match key_source {
                KeySource::Given => format!("in the variable {}", self.variable()),
                KeySource::Keychain => "kept by the window".to_owned(),
                KeySource::LocalServer => "in the local server's key file".to_owned(),
            },
            name,
            is_guarded,
            connection,
        })
    }

    fn variable(&self) -> &str {
        self.key_env.as_deref().unwrap_or(KEY)
    }

    /// The key from the variable that is named, or from the usual one when it is set.
    fn key_from_variable(&self) -> Result<Option<ApiKey>, Failure> {
        let key = std::env::var(self.variable()).map(ApiKey::new).unwrap_or_default();
        match (key.is_empty(), &self.key_env) {
            (false, _) => Ok(Some(key)),
            (true, None) => Ok(None),
            (true, Some(variable)) => Err(Failure::said(format!(
                "the variable {variable} is not set; put the secret key into it"
            ))),
        }
    }
}

/// Why there is no connection, with what to do about it here.
fn cannot_connect(error: ConnectError) -> Failure {
    match error {
        ConnectError::UnknownEnvironment { .. } => {
            Failure::said(format!("{error}. Set up others in the window, or give --url"))
        }
        ConnectError::NoKey { name } if name == LOCAL_NAME => Failure::said(format!(
            "there is no key for the local server; start it with tatami serve, or put its secret key into {KEY}"
        )),
        ConnectError::NoKey { .. } => Failure::said(format!(
            "{error}; put it into {KEY}, or name another variable with --key-env"
        )),
        ConnectError::LocalNotRunning => Failure::said(error.to_string()),
        ConnectError::Api(error) => error.into(),
        ConnectError::Settings(error) => error.into(),
        ConnectError::Keys(error) => error.into(),
    }
}

impl Target {
    /// The environment for people: its name and its address.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.name, self.connection.address())
    }

    /// Fails early when the local server does not run: trying again would only hide that.
    pub(super) async fn must_run(&self) -> Result<(), Failure> {
        let running = self.connection.ensure_running().await;
        running.map_err(|error| self.explain(error))
    }

    /// Why a use case failed, with what to do about it here.
    pub(super) fn failure(&self, error: ops::Error) -> Failure {
        match error {
            ops::Error::Api(error) => self.explain(error),
            ops::Error::Stopped(stopped) => self.stopped(stopped),
            error => Failure::Ops(error),
        }
    }

    /// Why an upload, or a look at what is stored, ended early.
    pub(super) fn stopped(&self, stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Api(error) => self.explain(error),
            other => Failure::said(other.to_string()),
        }
    }

    /// An error of the API, with what to do about it here.
    pub(super) fn explain(&self, error: ApiError) -> Failure {
        let is_down = matches!(
            error,
            ApiError::Connection {
                kind: ConnectionKind::Refused,
                ..
            }
        );
        if is_down && self.connection.is_loopback() {
            let url = self.connection.address();
            return Failure::said(format!(
                "nothing answers at {url}; start the local server with tatami serve"
            ));
        }
        let what = match error {
            ApiError::Unauthorized => "does not know the key",
            ApiError::Forbidden => "does not let the key do that, as only the secret key may",
            error => return Failure::Api(error),
        };
        Failure::said(format!(
            "{} {what} ({}); check that it is the environment's secret key, and whole",
            self.shown(),
            self.key_place
        ))
    }
}

/// Runs a command that talks to a server.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::said(format!("the program cannot start: {error}")))?;
    runtime.block_on(work)
}
