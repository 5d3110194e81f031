//! The environment a command talks to, and its key.

use super::{failure::Failure, text};
use crate::{
    api::{ApiError, ApiKey, Client, ClientOptions, ConnectionKind, Counts, Endpoint},
    server::Keys,
    settings::{Environments, Paths, Secrets},
    upload::{Plan, Upload},
};

/// Where `tatami serve` listens unless it is told otherwise.
const LOCAL: &str = "http://127.0.0.1:8700";
/// The name of every environment on this machine.
const LOCAL_NAME: &str = "local";
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
    /// Whether it is this user's own store on this machine, whose server may listen at another port every time.
    is_own: bool,
    /// Whether it was set up as one in which nothing is deleted without being asked twice.
    pub(super) is_guarded: bool,
    /// Where its key is kept, for people: `in TATAMI_KEY`.
    pub(super) key_place: String,
    /// The connection.
    pub(super) client: Client,
}

impl TargetArgs {
    /// Finds the environment and its key; nothing is sent yet.
    pub(super) fn find(&self) -> Result<Target, Failure> {
        let paths = Paths::find()?;
        let named = self
            .environment
            .as_deref()
            .filter(|name| !name.eq_ignore_ascii_case(LOCAL_NAME));
        let (name, is_guarded, endpoint) = match named {
            Some(name) => self.named(name, &paths)?,
            None => self.addressed(self.url.as_deref().unwrap_or(LOCAL), &paths)?,
        };
        if endpoint.is_cleartext() {
            text::remark(&format!(
                "The key crosses the network unencrypted to {}; use https://",
                endpoint.base_url()
            ));
        }
        let variable = self.key_env.as_deref().unwrap_or(KEY);
        let is_from_variable = self.key_from_variable()?.is_some();
        let key_place = if is_from_variable {
            format!("in the variable {variable}")
        } else if self.environment.is_some() {
            "kept by the window".to_owned()
        } else {
            "in the local server's key file".to_owned()
        };
        // A key from elsewhere may be that of several stores.
        let may_be_own = !is_from_variable && endpoint.is_loopback();
        let own = local_key(&paths)?.filter(|_| may_be_own);
        Ok(Target {
            name,
            is_own: own.is_some_and(|own| own == *endpoint.key()),
            is_guarded,
            key_place,
            client: Client::new(endpoint, ClientOptions::default())?,
        })
    }

    /// The environment an upload went to, unless another way to it is given.
    pub(super) fn find_again(&self, upload: &Upload) -> Result<Target, Failure> {
        let Plan {
            environment, address, ..
        } = &upload.plan;
        let again = Self {
            url: self.url.clone(),
            key_env: self.key_env.clone(),
            environment: self.environment.clone(),
        };
        let chosen = match (&self.url, &self.environment) {
            (None, None) if Self::is_set_up(environment)? => Self {
                environment: Some(environment.clone()),
                ..again
            },
            (None, None) => Self {
                url: Some(address.clone()),
                ..again
            },
            _ => again,
        };
        chosen.find()
    }

    /// Whether an environment of that name was set up in the window.
    fn is_set_up(name: &str) -> Result<bool, Failure> {
        let is_local = name.eq_ignore_ascii_case(LOCAL_NAME);
        Ok(!is_local && Environments::load(&Paths::find()?)?.find(name).is_some())
    }

    fn named(&self, name: &str, paths: &Paths) -> Result<(String, bool, Endpoint), Failure> {
        let environments = Environments::load(paths)?;
        let Some(environment) = environments.find(name) else {
            let names: Vec<&str> = environments
                .list()
                .iter()
                .map(|environment| environment.name.as_str())
                .collect();
            return Err(Failure::said(format!(
                "there is no environment \"{name}\"; the environments are {}. Set up others in the window, or give --url",
                names.join(", ")
            )));
        };
        let key = match self.key_from_variable()? {
            Some(key) => key,
            None => Secrets::open(paths)
                .get(&environment.name)
                .ok_or_else(|| no_key(&environment.name))?,
        };
        let endpoint = Endpoint::new(&environment.base_url, key)?;
        Ok((environment.name.clone(), environment.kind.is_guarded(), endpoint))
    }

    fn addressed(&self, url: &str, paths: &Paths) -> Result<(String, bool, Endpoint), Failure> {
        let endpoint = Endpoint::new(url, ApiKey::default())?;
        let name = if endpoint.is_loopback() {
            LOCAL_NAME.to_owned()
        } else {
            host(&endpoint.base_url())
        };
        let key = match self.key_from_variable()? {
            Some(key) => Some(key),
            None if endpoint.is_loopback() => local_key(paths)?,
            None => None,
        };
        let key = key.ok_or_else(|| no_key(&name))?;
        Ok((name, false, Endpoint::new(url, key)?))
    }

    /// The key from the variable that is named, or from the usual one when it is set.
    fn key_from_variable(&self) -> Result<Option<ApiKey>, Failure> {
        let variable = self.key_env.as_deref().unwrap_or(KEY);
        let key = std::env::var(variable).map(ApiKey::new).unwrap_or_default();
        match (key.is_empty(), &self.key_env) {
            (false, _) => Ok(Some(key)),
            (true, None) => Ok(None),
            (true, Some(variable)) => Err(Failure::said(format!(
                "the variable {variable} is not set; put the secret key into it"
            ))),
        }
    }
}

/// The key of the local server, when it has ever run.
fn local_key(paths: &Paths) -> Result<Option<ApiKey>, Failure> {
    let data = paths.local_server();
    if !Keys::file(&data).exists() {
        return Ok(None);
    }
    Ok(Some(ApiKey::new(Keys::load_or_create(&data)?.secret.clone())))
}

fn no_key(name: &str) -> Failure {
    Failure::said(if name == LOCAL_NAME {
        format!("there is no key for the local server; start it with tatami serve, or put its secret key into {KEY}")
    } else {
        format!("there is no key for {name}; put it into {KEY}, or name another variable with --key-env")
    })
}

/// The host of an address, with its port.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The host of an address, without port.
fn host(url: &str) -> String {
    let host = authority(url);
    let without_port = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    without_port.map_or(host, |(host, _)| host).to_owned()
}

impl Target {
    /// The environment as it is written down: `local` is this user's own store, other servers on this machine go by
    /// their address.
    pub(super) fn recorded(&self) -> String {
        let endpoint = self.client.endpoint();
        if self.name == LOCAL_NAME && !self.is_own {
            return authority(&endpoint.base_url()).to_owned();
        }
        self.name.clone()
    }

    /// What tells the store of a server on this machine from others.
    pub(super) async fn store_id(&self) -> Result<Option<String>, Failure> {
        self.client.store_id().await.map_err(|error| self.explain(error))
    }

    /// Refuses a server that is not the one an upload went to: what is known of its rows would be wrong there.
    pub(super) async fn must_be_of(&self, upload: &Upload) -> Result<(), Failure> {
        let Plan {
            environment,
            address,
            store,
            ..
        } = &upload.plan;
        let (id, here) = (upload.id, self.client.endpoint().base_url());
        let is_same_address = here == *address;
        match store {
            Some(store) if self.store_id().await?.as_ref() == Some(store) => Ok(()),
            None if is_same_address => Ok(()),
            Some(_) if is_same_address => Err(Failure::said(format!(
                "the server at {address} is not the one upload {id} went to: it keeps other records; serve those again, or \
                 start a new upload"
            ))),
            _ => Err(Failure::said(format!(
                "upload {id} went to {environment} ({address}), not to {here}; talk to that server, or start a new upload"
            ))),
        }
    }

    /// The environment for people: its name and its address.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.name, self.client.endpoint().base_url())
    }

    /// What is stored, when the server counts. Fails with a sentence that helps when the local server does not run.
    pub(super) async fn counts(&self) -> Result<Option<Counts>, Failure> {
        self.client.counts().await.map_err(|error| self.explain(error))
    }

    /// Fails early when the local server does not run: trying again would only hide that.
    pub(super) async fn must_run(&self) -> Result<(), Failure> {
        if self.client.endpoint().is_loopback() {
            self.counts().await?;
        }
        Ok(())
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
        if is_down && self.client.endpoint().is_loopback() {
            let url = self.client.endpoint().base_url();
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
