//! `tatami environments`: the environments of this machine, set up, tested and forgotten, as in the window.

use std::{
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
};

use clap::ValueEnum;
use console::Term;
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    CommandResult, confirm,
    failure::Failure,
    target::{self, KeyArgs, Target, TargetArgs},
    text::{self, BOLD, DIM, GREEN, YELLOW, grouped, safe},
};
use crate::{
    api::ApiKey,
    ops::{
        connect::LOCAL_ADDRESS,
        connection_test::{self, ConnectionTest, KeyRight},
        environments::{Changed, Registry},
    },
    settings::{Environment, EnvironmentKind, Environments, Paths, check_address},
};

const EXAMPLES: &str = "\
Examples:
  tatami environments list
  tatami environments add Shop --kind production --url https://api.askmiso.com     asks for the key
  tatami environments add Stage --kind development --url https://api.askmiso.com --key-env STAGE_KEY
  tatami environments test Shop
  tatami environments remove Stage --yes

The window has the same environments. A key goes to the system's keychain; where there is none it is not kept, and commands \
take it from --key-env or --key-stdin each time. Another key of an environment is taken with tatami whoami --adopt.";

/// The arguments of `tatami environments`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EnvironmentsArgs {
    #[command(subcommand)]
    what: EnvironmentsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum EnvironmentsCommand {
    /// List the environments that are set up
    List {
        /// Write JSON, which holds no keys
        #[arg(long)]
        json: bool,
    },
    /// Set an environment up
    Add(AddArgs),
    /// Say whether an environment can be reached, what its key may do there, and what is stored; nothing is changed
    Test {
        /// The environment [default: as --url and the key say]
        #[arg(value_name = "NAME", conflicts_with_all = ["url", "environment"])]
        name: Option<String>,
        #[command(flatten)]
        target: Box<TargetArgs>,
    },
    /// Forget an environment and its key; what it stores stays
    Remove {
        /// The environment
        #[arg(value_name = "NAME")]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// What it is for: production is what customers see, and guarded
    #[arg(long, value_enum)]
    kind: AddedKind,
    /// The address of its API
    #[arg(long, value_name = "URL")]
    url: String,
    /// The variable that holds the secret key [default: it is asked for]
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<String>,
    /// Read the secret key from the first line of standard input
    #[arg(long, conflicts_with = "key_env")]
    key_stdin: bool,
    /// Set it up without a key; until one is known it counts as Production
    #[arg(long, conflicts_with_all = ["key_env", "key_stdin"])]
    no_key: bool,
    /// Let key and records cross the network unencrypted, where the address is http:// and on another machine
    #[arg(long)]
    allow_http: bool,
}

/// The kinds that can be set up.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum AddedKind {
    /// The service's tutorial, which takes no uploads
    Playground,
    /// Staging and tests
    Development,
    /// What customers see
    Production,
}

/// Does what was asked for.
pub(super) fn run(args: &EnvironmentsArgs) -> CommandResult {
    match &args.what {
        EnvironmentsCommand::List { json } => list(*json),
        EnvironmentsCommand::Add(args) => add(args),
        EnvironmentsCommand::Test { name, target } => test(&target.find_named(name.as_deref())?),
        EnvironmentsCommand::Remove { name, yes } => remove(name, *yes),
    }
}

fn registry() -> Result<Registry, Failure> {
    let (registry, problem) = Registry::open(Paths::find()?);
    problem.map_or(Ok(registry), |problem| Err(problem.into()))
}

/// Where people find the server of an environment.
fn address(environment: &Environment) -> &str {
    match environment.kind {
        EnvironmentKind::Local => LOCAL_ADDRESS,
        EnvironmentKind::Playground | EnvironmentKind::Development | EnvironmentKind::Production => {
            &environment.base_url
        }
    }
}

fn list(as_document: bool) -> CommandResult {
    let environments = Environments::load(&Paths::find()?)?;
    let mut out = text::stdout();
    if as_document {
        let all: Vec<_> = environments.list().iter().map(as_json).collect();
        writeln!(out, "{}", text::pretty_json(&json!(all).to_string()))?;
    } else {
        let names = environments.list().iter().map(|one| safe(&one.name).chars().count());
        let width = names.max().unwrap_or_default();
        for environment in environments.list() {
            line(environment, width, &mut out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn line(environment: &Environment, width: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let note = match environment.kind {
        EnvironmentKind::Local => "tatami serve",
        _ if environment.keys.is_empty() => "no key is known yet, so that it counts as Production",
        EnvironmentKind::Playground | EnvironmentKind::Development => "",
        EnvironmentKind::Production => "guarded",
    };
    let note = if note.is_empty() {
        String::new()
    } else {
        format!("  {DIM}{note}{DIM:#}")
    };
    let name = safe(&environment.name);
    let kind = environment.kind.title();
    let address = safe(address(environment));
    writeln!(out, "{BOLD}{name:<width$}{BOLD:#}  {kind:<11}  {address}{note}")?;
    Ok(())
}

fn as_json(environment: &Environment) -> serde_json::Value {
    json!({
        "name": environment.name,
        "kind": environment.kind,
        "url": address(environment),
        "keys_known": environment.keys.len(),
        "allows_http": environment.allows_http,
    })
}

fn add(args: &AddArgs) -> CommandResult {
    let registry = registry()?;
    let kind = match args.kind {
        AddedKind::Playground => EnvironmentKind::Playground,
        AddedKind::Development => EnvironmentKind::Development,
        AddedKind::Production => EnvironmentKind::Production,
    };
    let is_cleartext = check_address(&args.url)?;
    if is_cleartext && !args.allow_http {
        return Err(Failure::said(format!(
            "{} is not encrypted: the network between could read the key and all records. Use https://, or add \
             --allow-http if that is meant",
            args.url
        )));
    }
    let environment = Environment {
        name: args.name.clone(),
        kind,
        base_url: args.url.clone(),
        keys: Vec::new(),
        allows_http: is_cleartext,
    };
    // Before a key is asked for.
    registry.ensure_new(&environment)?;
    let key = key(args)?;
    let masked = key.as_ref().map(ApiKey::masked);
    let Changed {
        environments,
        notice,
        unlogged,
        keeps_key: _,
    } = registry.add(environment, key)?;
    let mut out = text::stdout();
    let name = args.name.trim();
    let added = environments.iter().find(|one| one.name == name);
    let place = added.map_or(&*args.url, |added| &added.base_url);
    let key = masked.map_or_else(|| "no key".to_owned(), |masked| format!("key {masked}"));
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} ({}, {key}) is set up as {}",
        safe(name),
        safe(place),
        kind.title()
    )?;
    out.flush()?;
    if let Some(notice) = notice {
        text::remark(&format!(
            "{notice}, which has ended: give it to commands with --key-env or --key-stdin"
        ));
    }
    if let Some(why) = unlogged {
        text::remark(&why);
    }
    Ok(ExitCode::SUCCESS)
}

/// The key from where it is said to be, or typed where nobody sees it.
fn key(args: &AddArgs) -> Result<Option<ApiKey>, Failure> {
    if args.no_key {
        return Ok(None);
    }
    let given = KeyArgs::of(args.key_env.clone(), args.key_stdin);
    if given.is_explicit() {
        return Ok(given.given()?.map(|given| given.key));
    }
    let term = Term::stderr();
    if !io::stdin().is_terminal() || !term.is_term() {
        return Err(Failure::said(
            "there is no key; put it into a variable and name that with --key-env, give it to --key-stdin, or add --no-key",
        ));
    }
    term.write_str("The secret key, which is not shown: ")?;
    let typed = Zeroizing::new(term.read_secure_line()?);
    let key = ApiKey::new(typed.as_str());
    if key.is_empty() {
        return Err(Failure::said("no key was typed; nothing was changed"));
    }
    Ok(Some(key))
}

fn test(target: &Target) -> CommandResult {
    let connection = &target.connection;
    let test = target::block_on(async {
        let test = connection_test::test(connection).await;
        test.map_err(|error| target.explain(error))
    })?;
    let mut out = text::stdout();
    writeln!(out, "{BOLD}{}{BOLD:#}", safe(&connection.described()))?;
    let way = if connection.is_encrypted() {
        "encrypted, by a certificate that this system trusts"
    } else if connection.is_loopback() {
        "not encrypted, on this machine"
    } else {
        "not encrypted: the network between can read the key and all records"
    };
    let took = test.took.as_millis();
    writeln!(out, "  reached       in {took} ms, {way}")?;
    rights(&test, &mut out)?;
    if connection.guard().is_closed() {
        writeln!(out, "  {YELLOW}guarded{YELLOW:#}       {}", connection.guard())?;
    }
    for (dataset, count) in &test.counts {
        let count = match count {
            Ok(Some(count)) => format!("{} stored", grouped(*count)),
            Ok(None) => "cannot be counted on this server".to_owned(),
            Err(error) => format!("{YELLOW}cannot be counted{YELLOW:#}: {}", safe(&error.to_string())),
        };
        writeln!(out, "  {:<13} {count}", dataset.name())?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(!test.is_good())))
}

fn rights(test: &ConnectionTest, out: &mut dyn Write) -> Result<(), Failure> {
    let rights = [
        (&test.read, "read"),
        (&test.send_records, "send products and users"),
        (&test.send_interactions, "send interactions"),
    ];
    for (right, what) in rights {
        match right {
            KeyRight::Granted => writeln!(out, "  {GREEN}may{GREEN:#}           {what}")?,
            KeyRight::Denied => writeln!(out, "  {YELLOW}may not{YELLOW:#}       {what}: only the secret key may")?,
            KeyRight::Unknown(error) => writeln!(
                out,
                "  {YELLOW}perhaps{YELLOW:#}       {what}: {}",
                text::shorten(&safe(&error.to_string()), 200)
            )?,
        }
    }
    Ok(())
}

fn remove(name: &str, is_said: bool) -> CommandResult {
    let registry = registry()?;
    let environments = Environments::load(&Paths::find()?)?;
    let found = environments.find(name).filter(|one| one.kind != EnvironmentKind::Local);
    let Some(found) = found else {
        let known = environments.list().iter().map(|one| one.name.clone());
        let known: Vec<String> = known.skip(1).collect();
        return Err(Failure::said(if known.is_empty() {
            format!("there is no environment \"{name}\" to forget; none was set up")
        } else {
            format!(
                "there is no environment \"{name}\" to forget; there are {}",
                known.join(", ")
            )
        }));
    };
    if !is_said {
        if !io::stdin().is_terminal() {
            return Err(Failure::said(format!(
                "this would forget {} ({}) and its key; add --yes if that is meant",
                found.name, found.base_url
            )));
        }
        let question = format!(
            "Forget {BOLD}{}{BOLD:#} ({}) and its key? What it stores stays. Type yes:",
            safe(&found.name),
            safe(&found.base_url)
        );
        if !confirm::ask(&question)?.eq_ignore_ascii_case("yes") {
            text::remark("Nothing was changed");
            return Ok(ExitCode::from(1));
        }
    }
    let Changed {
        notice,
        unlogged,
        keeps_key,
        ..
    } = registry.remove(&found.name)?;
    let mut out = text::stdout();
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} is forgotten; what it stores stays",
        safe(&found.name)
    )?;
    out.flush()?;
    for remark in notice.iter().chain(&unlogged) {
        text::remark(remark);
    }
    Ok(ExitCode::from(u8::from(keeps_key)))
}
