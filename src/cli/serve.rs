//! `tatami serve`: the local ingestion server alone.

use std::{fmt, io, net::SocketAddr, path::PathBuf, process::ExitCode};

use tokio::net::TcpListener;

use crate::{
    api::ApiKey,
    domain::faults::{FaultKind, Faults, FaultsError},
    ops::serve::{self, Config, ConfigError, KeptEnvironment, KeysError, StartError},
    settings::{Paths, SettingsError},
};

/// The variable with the secret key, for those who would not have it in the list of processes.
const KEY: &str = "TATAMI_KEY";

/// The arguments of `tatami serve`.
#[derive(clap::Args)]
pub(crate) struct ServeArgs {
    /// The address to listen on; port 0 takes a free one. Other machines reach any but 127.0.0.1 and `::1`, and what they
    /// send is not encrypted: there the secret key is the kept one or in `TATAMI_KEY`, and `--key` is refused
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    listen: String,
    /// Where the records and the keys are kept [default: the app's local environment]
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// The secret key to let in instead of the kept one; better given as `TATAMI_KEY`
    #[arg(long, value_name = "SECRET")]
    key: Option<String>,
    /// Serve the environments of a JSON file side by side; the key of a request says which one is meant
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "key", "fault", "seed", "task_delay", "latency", "retry_after"])]
    config: Option<PathBuf>,
    /// Make something go wrong, to rehearse it, such as `too-many=0.1,drop-after=0.05`; the faults are latency,
    /// too-many, unavailable, drop-before, drop-after, truncate, not-json, vague-rejection, task-fails and not-stored
    #[arg(long, value_name = "NAME=PROBABILITY[,…]")]
    fault: Vec<String>,
    /// Decides which requests the faults meet: the same seed, the same requests
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How long uploads and deletions take after they were accepted, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    task_delay: u64,
    /// How long the fault `latency` lasts at most, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 500)]
    latency: u64,
    /// What the fault `too-many` asks to wait, in seconds
    #[arg(long, value_name = "S", default_value_t = 1)]
    retry_after: u64,
}

impl fmt::Debug for ServeArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeArgs")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("config", &self.config)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
enum ServeFailure {
    #[error("The address {0} is taken by another program. Stop it, or choose another port with --listen")]
    Taken(String),
    #[error("Cannot listen on {0}: {1}. Choose another address with --listen, such as 127.0.0.1:8700")]
    Listen(String, io::Error),
    #[error(
        "The key was given on the command line, where others on this machine read it, and {0} is reached from other \
         machines. Give the key as {KEY}, or leave it away to use the kept one"
    )]
    SeenKey(SocketAddr),
    #[error("The key is empty. Give a secret key, or leave it away to use the kept one")]
    EmptyKey,
    #[error("{0}")]
    Settings(#[from] SettingsError),
    #[error("{0}")]
    Keys(#[from] KeysError),
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Faults(#[from] FaultsError),
    #[error("The server stopped: {0}")]
    Serve(#[from] StartError),
    #[error("The server cannot start: {0}")]
    Start(#[from] io::Error),
}

/// Serves until the process is told to stop (SIGINT, SIGTERM): then 0. When it cannot serve: 2.
pub(crate) fn run(args: &ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&mut io::stderr(), &format!("tatami serve: {failure}"));
            ExitCode::from(2)
        }
    }
}

fn serve(args: &ServeArgs) -> Result<(), ServeFailure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(&args.listen)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => ServeFailure::Taken(args.listen.clone()),
                _ => ServeFailure::Listen(args.listen.clone(), error),
            })?;
        let address = listener.local_addr()?;
        let stop = stop_signal()?;
        let is_reached = !address.ip().to_canonical().is_loopback();
        if is_reached && args.key.is_some() {
            return Err(ServeFailure::SeenKey(address));
        }
        let (configs, greeting) = match &args.config {
            Some(file) => {
                let configs = serve::described(file)?;
                let greeting = several(address, &configs);
                (configs, greeting)
            }
            None => one(args, address)?,
        };
        say(&mut io::stdout(), &greeting);
        for folder in serve::mend_access(&configs) {
            say(&mut io::stderr(), &format!("tatami serve: {folder}"));
        }
        if is_reached {
            let warning = format!(
                "tatami serve: Other machines reach {address}. What they send, keys too, is not encrypted: listen there \
                 only in a network that you trust, or behind a proxy that encrypts"
            );
            say(&mut io::stderr(), &warning);
        }
        serve::serve(&Paths::find()?, listener, configs, stop).await?;
        say(&mut io::stdout(), "Stopped");
        Ok(())
    })
}

/// The environment that the arguments describe, and what is said of it.
fn one(args: &ServeArgs, address: SocketAddr) -> Result<(Vec<Config>, String), ServeFailure> {
    let data = match &args.data {
        Some(data) => data.clone(),
        None => Paths::find()?.local_server(),
    };
    // Out of a file or a paste the key comes with a line break that no header carries.
    let given = args.key.clone().or_else(|| std::env::var(KEY).ok());
    let given = given.map(|key| key.trim().to_owned());
    if given.as_ref().is_some_and(String::is_empty) {
        return Err(ServeFailure::EmptyKey);
    }
    let mut faults = Faults {
        seed: args.seed,
        latency_ms: args.latency,
        retry_after_s: args.retry_after,
        task_delay_ms: args.task_delay,
        ..Faults::default()
    };
    for list in &args.fault {
        faults.add(list)?;
    }
    let is_given = given.is_some();
    let kept = serve::keep(data.clone(), given.map(ApiKey::new), faults)?;
    let keys = if is_given {
        "The secret key is the given one".to_owned()
    } else {
        where_kept(&kept)
    };
    let greeting = greeting(address, &data, &keys, &kept.config.faults);
    Ok((vec![kept.config], greeting))
}

/// Where the keys are. They are not printed: what a service prints is logged, and read by others.
fn where_kept(kept: &KeptEnvironment) -> String {
    let file = kept.keys_file.display();
    if kept.are_new {
        format!("New keys were made; they are in {file}, which only you can read")
    } else {
        format!("The keys are in {file}")
    }
}

fn several(address: SocketAddr, configs: &[Config]) -> String {
    let environment = |config: &Config| {
        let data = config.data_dir.clone().unwrap_or_default();
        let takes = if config.read_only { ", takes no uploads" } else { "" };
        format!(
            "  {}: records and keys in {}{takes}{}",
            config.name,
            data.display(),
            rehearsing(&config.faults)
        )
    };
    let environments: Vec<String> = configs.iter().map(environment).collect();
    format!(
        "Listening on http://{address}\nThe key of a request says which environment is meant:\n{}\n\nCtrl+C stops the \
         server",
        environments.join("\n")
    )
}

/// What is made to go wrong, where it is.
fn rehearsing(faults: &Faults) -> String {
    if faults.are_off() {
        return String::new();
    }
    let mut list: Vec<String> = FaultKind::ALL
        .into_iter()
        .filter(|&kind| faults.of(kind) > 0.0)
        .map(|kind| format!("{kind}={}", faults.of(kind)))
        .collect();
    if faults.task_delay_ms > 0 {
        list.push(format!("tasks take {} ms", faults.task_delay_ms));
    }
    format!("\nRehearsing, seed {}: {}", faults.seed, list.join(", "))
}

fn greeting(address: SocketAddr, data: &std::path::Path, keys: &str, faults: &Faults) -> String {
    format!(
        "Listening on http://{address}
Records are kept in {data}
{keys}{rehearsing}

With the secret key in {KEY}:
  curl -X POST http://{address}/v1/products -H \"X-API-KEY: ${KEY}\" -d '{{\"data\":[{{\"product_id\":\"1\"}}]}}'
  curl http://{address}/v1/products/_ids -H \"X-API-KEY: ${KEY}\"

Ctrl+C stops the server",
        data = data.display(),
        rehearsing = rehearsing(faults),
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
