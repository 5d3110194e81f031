//! `tatami man`: the manual pages, one a command.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Command, CommandFactory as _, builder::Resettable};
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

use super::{Cli, CommandResult, VERSION, failure::Failure};

/// The arguments of `tatami man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The folder to make for them; nothing may be there yet, so that nothing is replaced
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Writes all pages.
pub(super) fn run(args: &ManArgs) -> CommandResult {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    fs::create_dir(&args.folder)
        .and_then(|()| write_pages(&cli, &args.folder))
        .map_err(|error| Failure::said(format!("{} cannot be written: {error}", args.folder.display())))?;
    Ok(ExitCode::SUCCESS)
}

/// The pages of a command and of those below it.
fn write_pages(command: &Command, folder: &Path) -> io::Result<()> {
    let examples = command.get_after_help().map(ToString::to_string);
    // Examples stand in columns, which the generator would fill as text.
    let without = command.clone().after_help(Resettable::Reset);
    let page = Man::new(without).source(format!("tatami {VERSION}")).manual("Tatami");
    let mut file = File::create_new(folder.join(page.get_filename()))?;
    page.render(&mut file)?;
    if let Some(examples) = examples {
        let mut roff = Roff::new();
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
        roff.text([roman(examples.trim_start_matches("Examples:\n"))]);
        roff.control("fi", []).to_writer(&mut file)?;
    }
    file.flush()?;
    let mut below = command.get_subcommands().filter(|below| !below.is_hide_set());
    below.try_for_each(|below| write_pages(below, folder))
}
