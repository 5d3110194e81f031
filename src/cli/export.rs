//! `tatami export`: a file written out again in its own format, dialect and encoding.

use std::{io, path::PathBuf, process::ExitCode};

use super::{CommandResult, dialect::DialectArgs, failure::Failure, output::OutputArgs, text};
use crate::{
    domain::progress::Progress,
    frame::{Edits, Frame, OpenOptions, export_same},
    ops::export,
    settings::are_one_file,
};

const EXAMPLES: &str = "\
Examples:
  tatami export catalog.csv.gz --out catalog.csv     unpacked, otherwise byte for byte as it is
  tatami export catalog.csv --out copy.csv           a copy, made by the reader that checks and uploads

Ends with 0 when the file is written, 2 when it is not.";

/// The arguments of `tatami export`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write it; - for the standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    dialect: DialectArgs,
}

/// Writes the file, whole or not at all.
pub(super) fn run(args: &ExportArgs) -> CommandResult {
    let is_to_stdout = args.out.as_os_str() == "-";
    let itself = || Failure::said("--out is the file itself, which is never changed; give another name");
    if are_one_file(&args.file, &args.out) {
        return Err(itself());
    }
    if !is_to_stdout {
        args.output.ensure_free(&args.out, |_| false)?;
    }
    let progress = Progress::default();
    let options = OpenOptions {
        // The copy is of the file, not of what it is read as.
        preset: Some(None),
        ..args.dialect.options()
    };
    let frame = text::watched("Opening", &progress, || Frame::open(&args.file, &options, &progress))?;
    if frame.comes_from(&args.out) {
        return Err(itself());
    }
    text::watched("Writing", &progress, || {
        if is_to_stdout {
            export_same(
                &frame,
                &Edits::default(),
                &progress,
                &mut io::BufWriter::new(io::stdout()),
            )
        } else {
            let place = (&*args.out, args.output.existing());
            export::copy(&frame, &Edits::default(), place, &progress)
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
