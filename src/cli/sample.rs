//! `tatami sample`: made-up data of any size.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use super::{CommandResult, output::OutputArgs, text};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    sample::{self, SampleFormat, Spec},
    settings::{AtomicFile, WriteError},
};

const EXAMPLES: &str = "\
Examples:
  tatami sample products --rows 1000 > catalog.csv
  tatami sample interactions --rows 100000 --bad 0 --format jsonl --out interactions.jsonl
  tatami sample users --rows 20 --bad 50 --seed 7

The same arguments give the same bytes. Interactions refer to the products and users of the same seed.";

/// The arguments of `tatami sample`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SampleArgs {
    /// What to make up: products, interactions or users
    #[arg(value_name = "DATASET")]
    dataset: Dataset,
    /// How many records
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    rows: u64,
    /// How many of a hundred records carry a mistake
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent)]
    bad: f64,
    /// Another seed gives another shop
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How the file is written: csv or jsonl
    #[arg(long, value_name = "FORMAT", default_value_t = SampleFormat::Csv)]
    format: SampleFormat,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, thiserror::Error)]
#[error("give a number from 0 to 100")]
struct NoPercentage;

fn percent(text: &str) -> Result<f64, NoPercentage> {
    let number: Result<f64, _> = text.trim_end_matches('%').trim().parse();
    number
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or(NoPercentage)
}

/// Writes the sample.
pub(super) fn run(args: &SampleArgs) -> CommandResult {
    let spec = Spec {
        dataset: args.dataset,
        rows: args.rows,
        bad_percent: args.bad,
        seed: args.seed,
        format: args.format,
    };
    let progress = Progress::default();
    match &args.out {
        None => {
            let mut out = text::raw_stdout();
            sample::write(&spec, &progress, &mut out)?;
            out.flush()?;
        }
        Some(path) => {
            args.output.ensure_free(path, |_| false)?;
            AtomicFile::write(
                path,
                args.output.existing(),
                |_| false,
                |out| {
                    let work = || sample::write(&spec, &progress, out);
                    text::watched("Writing", &progress, work).map_err(WriteError::at(path))
                },
            )?;
            let count = text::counted(args.rows, args.dataset.noun(1), args.dataset.noun(2));
            text::remark(&format!("{count} in {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
