//! The environment a command talks to, and its key.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use super::{
    confirm,
    failure::Failure,
    text::{self, safe},
};
use crate::{
    api::{ApiError, ApiKey, ConnectionKind},
    ops::{
        self, Connection,
        connect::{self, ConnectError, Destination, GivenKey, KeySource, LOCAL_ADDRESS, LOCAL_NAME},
        environments,
        guard::{ChangeKind, Consent, GuardError, Permit},
    },
    settings::{KeyMismatch, Paths},
    upload::{Stopped, Upload},
};

/// The variable that holds the key unless another is named.
const KEY: &str = "TATAMI_KEY";
/// The longest key that is read from standard input, in bytes.
const LONGEST_KEY: u64 = 4096;

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
    #[command(flatten)]
    key: KeyArgs,
    /// An environment that was set up, by name; local is the server on this machine
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Send key and records over http:// to another machine, which shows them to the network between; on a terminal it is
    /// asked, once for an environment
    #[arg(long)]
    allow_http: bool,
}

/// Where the key comes from.
#[derive(Debug, clap::Args)]
pub(super) struct KeyArgs {
    #[arg(
        long,
        value_name = "VARIABLE",
        help = "The variable that holds the secret key [default: with --environment the kept key, otherwise TATAMI_KEY; \
                for the local server also its key file]"
    )]
    key_env: Option<String>,
    /// Read the secret key from the first line of standard input
    #[arg(long, conflicts_with = "key_env")]
    key_stdin: bool,
}

impl KeyArgs {
    /// A key in a variable, or on standard input.
    pub(super) const fn of(key_env: Option<String>, key_stdin: bool) -> Self {
        Self { key_env, key_stdin }
    }

    /// Whether it is said where the key is.
    pub(super) const fn is_explicit(&self) -> bool {
        self.key_stdin || self.key_env.is_some()
    }

    fn variable(&self) -> &str {
        self.key_env.as_deref().unwrap_or(KEY)
    }

    /// The key from where it is said to be, or from the usual variable when that is set.
    pub(super) fn given(&self) -> Result<Option<GivenKey>, Failure> {
        let key = if self.key_stdin {
            let mut line = Zeroizing::new(String::new());
            io::stdin().lock().take(LONGEST_KEY).read_line(&mut line)?;
            ApiKey::new(line.as_str())
        } else {
            std::env::var(self.variable()).map(ApiKey::new).unwrap_or_default()
        };
        match (key.is_empty(), self.is_explicit()) {
            (false, is_explicit) => Ok(Some(GivenKey { key, is_explicit })),
            (true, false) => Ok(None),
            (true, true) if self.key_stdin => {
                Err(Failure::said("standard input holds no key; write it there in one line"))
            }
            (true, true) => Err(Failure::said(format!(
                "the variable {} is not set; put the secret key into it",
                self.variable()
            ))),
        }
    }
}

/// Whether records may be sent where customers see them.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct ProductionArgs {
    /// Send also to a Production environment, or to one that counts as it: one that was not set up, or whose key is not
    /// known
    #[arg(long)]
    pub(super) production: bool,
}

/// An environment, ready to be talked to.
#[derive(Debug)]
pub(super) struct Target {
    /// Where its key is kept, for people: `in TATAMI_KEY`.
    key_place: String,
    /// The connection.
    pub(super) connection: Connection,
}

impl TargetArgs {
    /// An environment that is named, or at an address, whose key is in a variable or kept.
    pub(super) fn of(
        (environment, url): (Option<String>, Option<String>),
        key_env: Option<String>,
        allow_http: bool,
    ) -> Self {
        Self {
            url,
            key: KeyArgs::of(key_env, false),
            environment,
            allow_http,
        }
    }

    /// Refuses a key from standard input where that holds what the command is about.
    pub(super) fn ensure_input_is_free(&self, is_taken: bool) -> Result<(), Failure> {
        if self.key.key_stdin && is_taken {
            return Err(Failure::said(
                "standard input cannot hold the key and the rest; put the key into a variable, and name it with --key-env",
            ));
        }
        Ok(())
    }

    /// Finds the environment and its key; nothing is sent yet.
    pub(super) fn find(&self) -> Result<Target, Failure> {
        let destination = match (&self.environment, &self.url) {
            (Some(name), _) => Destination::named(name),
            (None, url) => Destination::Address(url.as_deref().unwrap_or(LOCAL_ADDRESS).to_owned()),
        };
        self.connect(&destination)
    }

    /// The same for an environment that is named apart.
    pub(super) fn find_named(&self, name: Option<&str>) -> Result<Target, Failure> {
        name.map_or_else(|| self.find(), |name| self.connect(&Destination::named(name)))
    }

    /// The key that was given for it, or else the one that is kept for an environment, or that of the usual variable.
    pub(super) fn key_of(&self, environment: &str) -> Result<ApiKey, Failure> {
        let given = self.key.given()?;
        if let Some(given) = given.as_ref().filter(|given| given.is_explicit) {
            return Ok(given.key.clone());
        }
        let destination = Destination::Named(environment.to_owned());
        match (connect::kept_key(&Paths::find()?, environment), given) {
            (Ok(kept), _) => Ok(kept),
            (Err(_), Some(given)) => Ok(given.key),
            (Err(error), None) => Err(cannot_connect(error, &destination, false)),
        }
    }

    /// The environment an upload went to, unless another way to it is given.
    pub(super) fn find_again(&self, upload: &Upload) -> Result<Target, Failure> {
        match (&self.url, &self.environment) {
            (None, None) => self.connect(&Destination::of(&Paths::find()?, upload)?),
            (Some(_), _) | (_, Some(_)) => self.find(),
        }
    }

    fn connect(&self, destination: &Destination) -> Result<Target, Failure> {
        let given = self.key.given()?;
        let is_given = given.is_some();
        let paths = Paths::find()?;
        let find =
            |allows_http| block_on(async { Ok(connect::find(&paths, destination, given.clone(), allows_http).await) });
        let mut found = find(self.allow_http)?;
        if let Err(ConnectError::Unencrypted { address, environment }) = &found
            && self.may_ask()
        {
            ask_for_http(&paths, address, environment.as_deref())?;
            found = find(true)?;
        }
        let connect::FoundEnvironment { key_source, connection } =
            found.map_err(|error| cannot_connect(error, destination, is_given))?;
        if connection.is_cleartext() {
            text::remark(&format!(
                "The key crosses the network unencrypted to {}; use https://",
                connection.address()
            ));
        }
        Ok(Target {
            key_place: match key_source {
                KeySource::Given if self.key.key_stdin => "on standard input".to_owned(),
                KeySource::Given => format!("in the variable {}", self.key.variable()),
                KeySource::Keychain => "kept by the window".to_owned(),
                KeySource::LocalServer => "in the local server's key file".to_owned(),
            },
            connection,
        })
    }

    /// Whether somebody is there to answer.
    fn may_ask(&self) -> bool {
        !self.key.key_stdin && io::stdin().is_terminal()
    }
}

/// Why there is no connection, with what to do about it here.
fn cannot_connect(error: ConnectError, destination: &Destination, is_given: bool) -> Failure {
    match error {
        ConnectError::UnknownEnvironment { .. } => Failure::said(format!(
            "{error}. Set up others with tatami environments add or in the window, or give --url"
        )),
        ConnectError::NoKey { name } if name == LOCAL_NAME => Failure::said(format!(
            "there is no key for the local server; start it with tatami serve, or put its secret key into {KEY}"
        )),
        // The usual variable may hold the key of any environment.
        ConnectError::NoKey { .. } if is_given => {
            Failure::said(format!("{error}; to use the one in {KEY}, add --key-env {KEY}"))
        }
        ConnectError::NoKey { .. } if matches!(destination, Destination::Named(_)) => Failure::said(format!(
            "{error}; put it into a variable and name that with --key-env, or give it to --key-stdin"
        )),
        ConnectError::NoKey { .. } => Failure::said(format!(
            "{error}; put it into {KEY}, or name another variable with --key-env"
        )),
        ConnectError::Ambiguous { .. } => Failure::said(format!(
            "{error}; say which one is meant with --environment, or give its key with --key-env"
        )),
        ConnectError::Unencrypted { .. } => Failure::said(format!(
            "{error}. Use https://, or add --allow-http if that is meant. Nothing was sent"
        )),
        ConnectError::Key(KeyMismatch::OfAnother { .. }) => Failure::said(format!(
            "{error}; on one server, the key is the environment. Nothing was sent"
        )),
        ConnectError::Key(KeyMismatch::New { ref name, .. }) => Failure::said(format!(
            "{error}. If it is a new key of {name}, say so first: tatami whoami --adopt {name}, with the same --key-env \
             or --key-stdin"
        )),
        ConnectError::Api(ApiError::Connection {
            kind: ConnectionKind::Refused,
            ..
        }) => nothing_answers(match destination {
            Destination::Address(address) => address,
            Destination::Named(name) => name,
        }),
        ConnectError::LocalNotRunning => Failure::said(error.to_string()),
        ConnectError::Api(error) => error.into(),
        ConnectError::Settings(error) => error.into(),
        ConnectError::Keys(error) => error.into(),
    }
}

/// Asks whether key and records may cross a network unencrypted, and remembers the answer where an environment has that
/// address.
fn ask_for_http(paths: &Paths, address: &str, environment: Option<&str>) -> Result<(), Failure> {
    let question = format!(
        "{} is not encrypted: the network between could read the key and all records. Send them all the same? Type yes:",
        safe(address)
    );
    if !confirm::ask(&question)?.eq_ignore_ascii_case("yes") {
        return Err(Failure::said("nothing was sent; use https://"));
    }
    if let Some(name) = environment {
        environments::allow_http(paths, name)?;
    }
    Ok(())
}

/// The local server does not run.
fn nothing_answers(address: &str) -> Failure {
    Failure::said(format!(
        "nothing answers at {address}; start the local server with tatami serve"
    ))
}

/// Why a change is not let through, with what to do about it here.
pub(super) fn refused(error: &GuardError) -> Failure {
    let what_to_do = match error {
        GuardError::Guarded {
            change: ChangeKind::Store,
            ..
        } => "to send to it all the same, add --production".to_owned(),
        GuardError::Guarded {
            name,
            change: ChangeKind::Delete,
            ..
        }
        | GuardError::Another { name, .. } => {
            format!("if that is the one that is meant, give --confirm {}", quoted(name))
        }
    };
    Failure::said(format!("{error}; {what_to_do}"))
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._:-[]".contains(character);
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

impl Target {
    /// The environment for people: its name and its address.
    pub(super) fn shown(&self) -> String {
        self.connection.to_string()
    }

    /// Lets records be sent, where it is said that the environment is meant; nothing is sent yet.
    pub(super) fn may_store(&self, consent: ProductionArgs) -> Result<Permit, Failure> {
        let consent = Consent {
            production: consent.production,
            ..Consent::default()
        };
        self.connection
            .allow(ChangeKind::Store, &consent)
            .map_err(|error| refused(&error))
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
            ops::Error::Guard(error) => refused(&error),
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
            return nothing_answers(&self.connection.address());
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
