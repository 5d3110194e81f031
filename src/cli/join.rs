//! `tatami join`: two files as one, by id.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ValueEnum;

use super::{
    CommandResult,
    diff::rows_are,
    failure::Failure,
    input::{FileArgs, Input},
    output::OutputArgs,
    text::{self, BOLD, DIM, YELLOW, counted, grouped, safe},
};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    ops::join::{self, JoinOptions, JoinedTables},
    settings::{Existing, are_one_file},
};

const EXAMPLES: &str = "\
Examples:
  tatami join texts.csv prices.xlsx --out catalog.jsonl
  tatami join texts.csv prices.csv --prefer a --keep joined --out catalog.jsonl
  tatami join users.csv scores.csv --keep all --out users-with-scores.jsonl --force

The result is a file of records as they would be sent, a line of JSON each, to be checked and uploaded like any other. \
Rows with errors are left out, and of rows with the same id the last one counts. Ends with 0 when every row has joined, 1 \
when some have not or are left out, 2 when it failed.";

/// Ids that are named unless somebody wants others.
const SHOWN: usize = 10;

/// The arguments of `tatami join`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct JoinArgs {
    /// A file; - is standard input
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Another one of the same data set
    #[arg(value_name = "B")]
    second: PathBuf,
    /// Where to write the result
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    /// Whose value wins where both have a field
    #[arg(long, value_enum, default_value_t)]
    prefer: Preferred,
    /// Which records are written besides those that have joined
    #[arg(long, value_enum, default_value_t)]
    keep: KeptRecords,
    /// Name at most so many ids of each file that have not joined
    #[arg(long, value_name = "COUNT", default_value_t = SHOWN)]
    limit: usize,
    #[command(flatten)]
    reading: FileArgs,
}

/// Whose value wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Preferred {
    /// That of the first file
    A,
    /// That of the second file
    #[default]
    B,
}

/// Which records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum KeptRecords {
    /// None
    Joined,
    /// Those that only the first file has
    #[default]
    A,
    /// Those that only the second file has
    B,
    /// Those that only one file has
    All,
}

/// Joins, and says what has not joined.
pub(super) fn run(args: &JoinArgs) -> CommandResult {
    let files = [args.first.clone(), args.second.clone()];
    if files.iter().all(|file| file == Path::new("-")) {
        return Err(Failure::said("standard input can be only one of both"));
    }
    let is_read = |path: &Path| files.iter().any(|file| are_one_file(file, path));
    args.output.ensure_free(&args.out, is_read)?;
    let inputs = args.reading.open(&files)?.collect::<Result<Vec<_>, _>>()?;
    let [first, second] = inputs.as_slice() else {
        return Err(Failure::said("give two files"));
    };
    let dataset = first.dataset();
    if dataset != second.dataset() {
        return Err(Failure::said(format!(
            "{} holds {dataset}, {} {}; if that is not so, say what both hold with --dataset",
            first.name(),
            second.name(),
            second.dataset()
        )));
    }
    if dataset == Dataset::Interactions {
        return Err(Failure::said(
            "interactions have no ids to join by; products and users have",
        ));
    }
    let options = JoinOptions {
        prefers_second: args.prefer == Preferred::B,
        keeps: [
            matches!(args.keep, KeptRecords::A | KeptRecords::All),
            matches!(args.keep, KeptRecords::B | KeptRecords::All),
        ],
    };
    let progress = Progress::default();
    let replaces = args.output.existing() == Existing::Replace;
    let tables = [first.table(), second.table()];
    let joined = text::watched("Joining", &progress, || {
        join::join(tables, options, &args.out, replaces, &progress)
    })?;
    let mut out = text::stdout();
    say(args, dataset, &joined, &mut out)?;
    for (side, input) in [first, second].into_iter().enumerate() {
        of_side(args, side, input, &joined, &mut out)?;
    }
    out.flush()?;
    let is_whole = joined.only.iter().all(Vec::is_empty) && joined.left_out == [0, 0];
    Ok(ExitCode::from(u8::from(!is_whole)))
}

fn say(args: &JoinArgs, dataset: Dataset, joined: &JoinedTables, out: &mut dyn Write) -> Result<(), Failure> {
    let records = counted(joined.written, dataset.noun(1), dataset.noun(2));
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {records}, {} of them joined",
        safe(&args.out.display().to_string()),
        grouped(joined.both)
    )?;
    Ok(())
}

fn of_side(
    args: &JoinArgs,
    side: usize,
    input: &Input,
    joined: &JoinedTables,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let name = input.name();
    let name = safe(&name);
    let only = &joined.only[side];
    if !only.is_empty() {
        let is_kept = match args.keep {
            KeptRecords::Joined => false,
            KeptRecords::A => side == 0,
            KeptRecords::B => side == 1,
            KeptRecords::All => true,
        };
        let what = if is_kept { "kept" } else { "not kept" };
        let ids = counted(only.len() as u64, "id", "ids");
        let shown = only.get(..args.limit.min(only.len())).unwrap_or_default();
        let end = if shown.is_empty() { "" } else { ":" };
        writeln!(out, "  {YELLOW}{ids} only in {name}{YELLOW:#}, {what}{end}")?;
        for id in join::ids(input.table(), shown)? {
            writeln!(out, "    {}", safe(&id))?;
        }
        if !shown.is_empty() && shown.len() < only.len() {
            let more = grouped((only.len() - shown.len()) as u64);
            writeln!(out, "    {DIM}and {more} more{DIM:#}")?;
        }
    }
    if joined.left_out[side] > 0 {
        writeln!(
            out,
            "  {YELLOW}{} left out because of errors{YELLOW:#}; tatami check says which",
            rows_are(joined.left_out[side], &name)
        )?;
    }
    if joined.replaced[side] > 0 {
        writeln!(
            out,
            "  {DIM}{} replaced by a later row with the same id{DIM:#}",
            rows_are(joined.replaced[side], &name)
        )?;
    }
    Ok(())
}
