//! `tatami whoami`: which environment a key is.

use std::{io::Write as _, process::ExitCode};

use super::{
    CommandResult,
    target::{Target, TargetArgs},
    text::{self, BOLD, YELLOW, safe},
};
use crate::{
    ops::{environments, guard::Guard},
    settings::Paths,
};

const EXAMPLES: &str = "\
Examples:
  tatami whoami                                    the key in TATAMI_KEY, or of the local server
  tatami whoami --environment Shop                 the kept key of Shop
  tatami whoami --key-env NEW_KEY --adopt Shop     from now on this key is Shop's, too

Of a key, only a salted hash is kept on this machine, and its first and last characters are shown. Ends with 0 when the \
key is known, 1 when it is of no environment that was set up.";

/// The arguments of `tatami whoami`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WhoamiArgs {
    /// Take the key for one of this environment's own from now on
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["url", "environment"])]
    adopt: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Says it, or takes it in.
pub(super) fn run(args: &WhoamiArgs) -> CommandResult {
    let mut out = text::stdout();
    if let Some(name) = &args.adopt {
        let key = args.target.key_of(name)?;
        let adopted = environments::adopt(&Paths::find()?, name, &key)?;
        writeln!(
            out,
            "The key {} is {BOLD}{}{BOLD:#}'s from now on ({})",
            key.masked(),
            safe(&adopted.name),
            safe(&adopted.base_url)
        )?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let Target { connection, .. } = args.target.find()?;
    let guard = connection.guard();
    writeln!(out, "{BOLD}{}{BOLD:#}", safe(&connection.described()))?;
    if guard.is_closed() {
        writeln!(out, "{YELLOW}Guarded{YELLOW:#}: {guard}")?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(matches!(
        guard,
        Guard::Unknown | Guard::Unidentified
    ))))
}
