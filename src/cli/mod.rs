//! The commands, one file each. They end with 0 when all is well, 1 when there are problems, 2 when they failed.
//!
//! - [`text`]: painting, numbers, what must not reach a terminal
//! - [`dialect`]: how the files are written, where it is said rather than recognised
//! - [`mapping`]: what the arguments say about the columns
//! - [`input`]: the files a command is given, opened, matched and checked
//! - [`output`]: the files that are written, and those that are kept
//! - [`report`]: the problems of a checked file, cause by cause
//! - [`target`]: the environment a command talks to, and its key
//! - [`output`]: files that are written, and what they may replace
//! - [`confirm`]: asking before something is changed that nobody can take back
//! - [`interrupt`]: stopping at Ctrl+C

mod audit;
mod check;
mod columns;
mod completions;
mod confirm;
mod delete;
mod demo;
mod dialect;
mod diff;
mod environments;
mod explain;
mod export;
mod failure;
mod get;
mod id_list;
mod ids;
mod input;
mod interrupt;
mod join;
mod man;
mod mapping;
mod output;
mod reading;
mod recipe;
mod report;
mod sample;
pub(crate) mod serve;
mod target;
mod text;
mod undo;
mod upload;
mod uploads;
mod whoami;
mod wipe;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use failure::{CommandResult, Failure};

use crate::{
    frame,
    settings::{Paths, mend_access},
};

const NAME: &str = "tatami";
/// With the commit where the build knows it.
const VERSION: &str = env!("TATAMI_VERSION");

const EXAMPLES: &str = "\
Examples:
  tatami                                   open the window
  tatami catalog.csv users.csv             open the window with these files
  tatami check catalog.csv                 what is wrong with a file
  tatami columns catalog.csv               where its columns go, and what their values suggest
  tatami upload catalog.csv --dry-run      let the server check it, store nothing
  tatami explain products.categories       what a field takes
  tatami demo                              the whole journey in a minute, nothing is kept

Commands end with 0 when all is well, 1 when there are problems, 2 when they failed.";

/// Check, repair and upload products, interactions and users to a recommendation engine's ingestion API.
/// Without a command it opens the window.
#[derive(Debug, Parser)]
#[command(name = NAME, version = VERSION, args_conflicts_with_subcommands = true, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Files to open in the window
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Open a window of its own, also when one is open that could take the files
    #[arg(long)]
    new_window: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Say what is wrong with files, and where
    Check(check::CheckArgs),
    /// Say where the columns of files go, and what their values suggest
    Columns(columns::ColumnsArgs),
    /// Show, keep and share recipes: how the files of one kind are read and mapped
    Recipe(recipe::RecipeArgs),
    /// Send the good rows of files to an environment
    Upload(Box<upload::UploadArgs>),
    /// List the uploads of this machine, and what became of their rows
    Uploads(uploads::UploadsArgs),
    /// Take an upload back: put back what it replaced, delete what was new
    Undo(undo::UndoArgs),
    /// List the ids of the stored records
    Ids(ids::IdsArgs),
    /// Show stored records
    Get(get::GetArgs),
    /// Delete stored records
    Delete(delete::DeleteArgs),
    /// Delete everything that is stored
    Wipe(wipe::WipeArgs),
    /// Hold two files, two environments, or a file and an environment against each other
    Diff(Box<diff::DiffArgs>),
    /// Make one file of two, by id: the texts of one, the prices of the other
    Join(Box<join::JoinArgs>),
    /// Show what was changed from this machine, in which environment, and whether that log is whole
    Audit(audit::AuditArgs),
    /// List, add, test and remove environments
    Environments(Box<environments::EnvironmentsArgs>),
    /// Say which environment a key is
    Whoami(whoami::WhoamiArgs),
    /// Write a file out again as it is: unpacked, otherwise byte for byte
    Export(export::ExportArgs),
    /// Explain data sets, fields and rules
    Explain(explain::ExplainArgs),
    /// Make up a shop's data, mistakes included
    Sample(sample::SampleArgs),
    /// Make the whole journey in the terminal: check, upload, look, with sample files and a server of its own
    Demo(demo::DemoArgs),
    /// Serve the ingestion API on this machine
    Serve(serve::ServeArgs),
    /// Write what a shell needs to complete commands, options and files
    Completions(completions::CompletionsArgs),
    /// Write the manual pages of all commands, for whoever installs them
    #[command(hide = true)]
    Man(man::ManArgs),
    /// Convert the file on standard input to text, for the process that started this one
    #[command(hide = true)]
    Convert { request: String },
}

/// What is left to do after the arguments were read and, mostly, done.
#[derive(Debug)]
pub enum Outcome {
    /// The command has ended with this code.
    Done(ExitCode),
    /// The window is to be opened.
    Window {
        /// With these files.
        files: Vec<PathBuf>,
        /// Also when one is open that could take them.
        new_window: bool,
    },
}

/// Reads the arguments and does what they say; opening the window is left to the caller.
pub fn run() -> Outcome {
    let Cli {
        command,
        files,
        new_window,
    } = Cli::parse();
    // Of a program that is replaced while it runs, this leads to the old one, which both processes then are.
    let own = Path::new("/proc/self/exe");
    if own.exists() {
        frame::convert_with(own.to_owned());
    } else if let Ok(program) = std::env::current_exe() {
        frame::convert_with(program);
    }
    // The process that converts was started by one that has done this.
    if !matches!(command, Some(Command::Convert { .. }) | None) {
        say_mended();
    }
    let ended = match command {
        None => match files.iter().find(|file| !file.exists()) {
            None => return Outcome::Window { files, new_window },
            Some(missing) => Err(no_such_file(missing)),
        },
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Columns(args)) => columns::run(&args),
        Some(Command::Recipe(args)) => recipe::run(&args),
        Some(Command::Upload(args)) => upload::run(&args),
        Some(Command::Uploads(args)) => uploads::run(&args),
        Some(Command::Undo(args)) => undo::run(&args),
        Some(Command::Ids(args)) => ids::run(&args),
        Some(Command::Get(args)) => get::run(&args),
        Some(Command::Delete(args)) => delete::run(&args),
        Some(Command::Wipe(args)) => wipe::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Join(args)) => join::run(&args),
        Some(Command::Audit(args)) => audit::run(&args),
        Some(Command::Environments(args)) => environments::run(&args),
        Some(Command::Whoami(args)) => whoami::run(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Sample(args)) => sample::run(&args),
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => man::run(&args),
        Some(Command::Serve(args)) => return Outcome::Done(serve::run(&args)),
        Some(Command::Convert { request }) => return Outcome::Done(frame::convert_input(&request)),
    };
    Outcome::Done(match ended {
        Ok(code) => code,
        // Whoever read the output has read enough: `tatami sample … | head`.
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.complain();
            ExitCode::from(2)
        }
    })
}

/// Keeps others from what is kept for this user, and says so where they could have looked.
fn say_mended() {
    // Without a home there is nothing to keep, and the command says so if it needs one.
    for folder in Paths::find().iter().flat_map(mend_access) {
        text::remark(&folder.to_string());
    }
}

/// Says on stderr what went wrong, and gives the exit code for it: 2.
pub fn fail(sentence: &str) -> ExitCode {
    text::complain(sentence);
    ExitCode::from(2)
}

/// A word that is no file is often a command, misspelled.
fn no_such_file(path: &Path) -> Failure {
    let word = path.display().to_string();
    let commands: Vec<String> = Cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    let near = text::nearest(&word, commands.iter().map(String::as_str));
    let advice = near.map_or_else(
        || "see tatami --help".to_owned(),
        |near| format!("did you mean tatami {near}?"),
    );
    Failure::said(format!(
        "there is no file or command \"{}\"; {advice}",
        text::safe(&word)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_declared_consistently() {
        Cli::command().debug_assert();
    }
}
