//! `tatami check`: what is wrong with files, and where.

mod csv;
mod json;
mod words;

use std::{io::Write, process::ExitCode};

use clap::ValueEnum;

use super::{
    CommandResult,
    failure::Failure,
    input::{Input, InputArgs},
    text,
};
use crate::domain::issue::Severity;

const EXAMPLES: &str = "\
Examples:
  tatami check catalog.csv
  tatami check export.csv --dataset products --map sku=product_id --drop internal_note
  tatami check pages.csv --map pages=custom_attributes.pages:text
  tatami check catalog.csv --format csv > problems.csv

Ends with 0 when nothing keeps a row from being sent (warnings alone are fine), 1 when there are errors, 2 when a \
file could not be checked.";

/// The arguments of `tatami check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    /// How to write the result: for people, as one JSON document, or as CSV with a line for every problem
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Write values as they are (CSV): usually those that a spreadsheet would take for formulas get an apostrophe in front
    #[arg(long)]
    raw: bool,
    /// How many places of a cause are shown (text and JSON)
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    places: usize,
    /// Show all places
    #[arg(long, conflicts_with = "places")]
    all: bool,
    /// Show where every column goes, also those that have a field's name (text)
    #[arg(long)]
    columns: bool,
}

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    #[default]
    Text,
    Json,
    Csv,
}

/// What was found in all files.
#[derive(Clone, Copy, Default)]
struct CheckTotals {
    files: u64,
    rows: u64,
    sendable: u64,
    errors: u64,
    warnings: u64,
}

impl CheckTotals {
    fn of(input: &Input) -> Self {
        let rows = u64::from(input.frame.len());
        Self {
            files: 1,
            rows,
            sendable: rows.saturating_sub(input.checked.rows_with_errors().len()),
            errors: input.checked.issues.count(Severity::Error),
            warnings: input.checked.issues.count(Severity::Warning),
        }
    }

    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.sendable += other.sendable;
        self.errors += other.errors;
        self.warnings += other.warnings;
    }
}

/// Checks the files, one after another; one that cannot be checked does not keep the others from it.
pub(super) fn run(args: &CheckArgs) -> CommandResult {
    let inputs = args.input.open()?;
    let most = if args.all { usize::MAX } else { args.places };
    let mut out: Box<dyn Write> = match args.format {
        ReportFormat::Text => text::stdout(),
        ReportFormat::Json | ReportFormat::Csv => Box::new(text::raw_stdout()),
    };
    let mut failed = false;
    let mut unopened = Vec::new();
    let mut totals = CheckTotals::default();
    match args.format {
        ReportFormat::Csv => csv::header(&mut out)?,
        ReportFormat::Json => json::open(&mut out)?,
        ReportFormat::Text => {}
    }
    for input in inputs {
        let input = match input {
            Ok(input) => input,
            // Said at the end, where it is not lost among what is said of the others.
            Err(failure @ Failure::Frame(_)) => {
                unopened.push(failure);
                failed = true;
                continue;
            }
            Err(failure) => {
                failure.complain();
                failed = true;
                continue;
            }
        };
        match args.format {
            ReportFormat::Text => words::write(&input, most, args.columns, totals.files == 0, &mut out)?,
            ReportFormat::Json => json::write(&input, most, totals.files == 0, &mut out)?,
            ReportFormat::Csv => csv::write(&input, args.raw, &mut out)?,
        }
        totals.add(CheckTotals::of(&input));
    }
    match args.format {
        ReportFormat::Text if totals.files > 1 => words::totals(totals, &mut out)?,
        ReportFormat::Json => json::close(totals, &mut out)?,
        _ => {}
    }
    out.flush()?;
    unopened.iter().for_each(Failure::complain);
    Ok(if failed {
        ExitCode::from(2)
    } else {
        ExitCode::from(u8::from(totals.errors > 0))
    })
}
