//! `tatami serve`: the local ingestion server alone.

use std::{fmt, io, net::SocketAddr, path::PathBuf, process::ExitCode};

use tokio::net::TcpListener;

use crate::{
    server::{self, Config, Keys, KeysError, ServeError},
    settings::{Paths, SettingsError},
};

/// The variable with the secret key, for those who would not have it in the list of processes.
const KEY: &str = "TATAMI_KEY";

/// The arguments of `tatami serve`.
#[derive(clap::Args)]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    listen: String,
    /// Where the records and the keys are kept [default: the app's local environment]
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// The secret key to let in instead of the kept one; better given as `TATAMI_KEY`
    #[arg(long, value_name = "SECRET")]
    key: Option<String>,
}

impl fmt::Debug for ServeArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeArgs")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("The address {0} is taken by another program. Stop it, or choose another port with --listen")]
    Taken(String),
    #[error("Cannot listen on {0}: {1}. Choose another address with --listen, such as 127.0.0.1:8700")]
    Listen(String, io::Error),
    #[error("The key is empty. Give a secret key, or leave it away to use the kept one")]
    EmptyKey,
    #[error("{0}")]
    Settings(#[from] SettingsError),
    #[error("{0}")]
    Keys(#[from] KeysError),
    #[error("The server stopped: {0}")]
    Serve(#[from] ServeError),
    #[error("The server cannot start: {0}")]
    Start(#[from] io::Error),
}

/// Serves until the process is told to stop (SIGINT, SIGTERM): then 0. When it cannot serve: 2.
pub fn run(args: ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&mut io::stderr(), &format!("tatami serve: {failure}"));
            ExitCode::from(2)
        }
    }
}

fn serve(args: ServeArgs) -> Result<(), Failure> {
    let data = match args.data {
        Some(data) => data,
        None => Paths::find()?.local_server(),
    };
    // Out of a file or a paste the key comes with a line break that no header carries.
    let given = args.key.or_else(|| std::env::var(KEY).ok());
    let given = given.map(|key| key.trim().to_owned());
    if given.as_ref().is_some_and(String::is_empty) {
        return Err(Failure::EmptyKey);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(&args.listen)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => Failure::Taken(args.listen.clone()),
                _ => Failure::Listen(args.listen.clone(), error),
            })?;
        let address = listener.local_addr()?;
        let stop = stop_signal()?;
        let new = !Keys::file(&data).exists();
        let mut keys = Keys::load_or_create(&data)?;
        let keys_shown = match &given {
            Some(_) => "The secret key is the given one".to_owned(),
            None if new => shown(&keys, &data),
            None => format!("The keys are in {}", Keys::file(&data).display()),
        };
        say(&mut io::stdout(), &greeting(address, &data, &keys_shown));
        if let Some(given) = given {
            keys.secret = given;
        }
        let config = Config {
            data_dir: Some(data),
            keys,
            max_body: server::DEFAULT_MAX_BODY,
        };
        server::serve(listener, config, stop).await?;
        say(&mut io::stdout(), "Stopped");
        Ok(())
    })
}

/// New keys are shown once: somebody has to learn them.
fn shown(keys: &Keys, data: &std::path::Path) -> String {
    format!(
        "Keys of this environment, shown this once and kept in {}:\n  secret       {}\n  publishable  {}",
        Keys::file(data).display(),
        keys.secret,
        keys.publishable
    )
}

fn greeting(address: SocketAddr, data: &std::path::Path, keys: &str) -> String {
    format!(
        "Listening on http://{address}
Records are kept in {data}
{keys}

With the secret key in {KEY}:
  curl -X POST http://{address}/v1/products -H \"X-API-KEY: ${KEY}\" -d '{{\"data\":[{{\"product_id\":\"1\"}}]}}'
  curl http://{address}/v1/products/_ids -H \"X-API-KEY: ${KEY}\"

Ctrl+C stops the server",
        data = data.display(),
    )
}

/// Ready when the process is told to stop. The signals are caught from now on, not from the first poll on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the process is told to stop.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "catching signals can fail elsewhere")]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // Without the signal there is no clean stop, but there is a server.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// A line, also when nobody reads: a closed pipe is no reason to stop serving.
fn say(to: &mut impl io::Write, text: &str) {
    writeln!(to, "{text}").and_then(|()| to.flush()).ok();
}
