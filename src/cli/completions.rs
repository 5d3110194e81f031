//! `tatami completions`: what a shell needs to complete commands.

use std::{io::Write as _, process::ExitCode};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Cli, CommandResult, NAME, VERSION, text};

const EXAMPLES: &str = "\
Examples:
  tatami completions bash > ~/.local/share/bash-completion/completions/tatami
  tatami completions fish > ~/.config/fish/completions/tatami.fish
  tatami completions zsh > ~/.zfunc/_tatami     with ~/.zfunc in the fpath

What is installed by make install or from a package has them already.";

/// The arguments of `tatami completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Writes the shell's script.
pub(super) fn run(args: &CompletionsArgs) -> CommandResult {
    // The generator panics where its output ends early, so it does not get at it.
    let mut script = Vec::new();
    generate(args.shell, &mut visible(&Cli::command()), NAME, &mut script);
    let mut out = text::raw_stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The command without those below it that are no person's business; the generator offers them.
fn visible(cli: &Command) -> Command {
    let below = cli.get_subcommands().filter(|below| !below.is_hide_set());
    Command::new(NAME)
        .version(VERSION)
        .args(cli.get_arguments())
        .subcommands(below)
}
