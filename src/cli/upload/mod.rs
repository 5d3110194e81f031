//! `tatami upload`: the good rows of files, sent to an environment.

pub(super) mod after;
pub(super) mod display;
mod leftover;
mod preview;
pub(super) mod resume;
pub(super) mod words;

use std::{
    collections::HashSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use display::Display;
use leftover::Rest;

use super::{
    CommandResult,
    failure::Failure,
    input::{Input, InputArgs},
    interrupt,
    output::OutputArgs,
    target::{self, ProductionArgs, Target, TargetArgs},
    text, undo,
};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    ops::{self, resume::Which, upload::Prepared},
    settings::{Paths, are_one_file, is_standard_input},
    upload::{
        BatchLimits, Control, Pace, Report, ReportForm, Stopped, TableRecords, USUAL_SAMPLE, UploadId, WriteOptions,
    },
};

const EXAMPLES: &str = "\
Examples:
  tatami upload catalog.csv                     to the local server (see tatami serve)
  tatami upload catalog.csv --preview           what would be new, replaced and lost; nothing is sent
  tatami upload catalog.csv --dry-run           the server checks, nothing is stored
  tatami upload prices.csv --merge              only the fields of the file change
  tatami upload books.csv --map book_id=product_id --report rest.csv
  tatami upload users.csv --url https://api.askmiso.com --key-env SHOP_KEY --production
  tatami upload --resume                        goes on with the upload that was stopped or killed last

A stored record with the same id is replaced whole: fields that the file does not have are then gone, unless --merge \
keeps them. What is replaced is kept on this machine first, so that tatami undo can put it back. Both look records up \
seconds before they are sent: what somebody else stores in that moment is not seen.

Rows with errors are left out; tatami check says what is wrong with them. Stored, rejected and not sent always add up \
to all rows. A few of the products or users that were stored are read back at the end: a server that confirms what it \
does not store is found out. Ends with 0 when every row is stored, 1 when some are not or one that was read back is not \
there, 2 when the upload failed; with --preview, 1 when rows would be left out or records lose fields.";

/// The arguments of `tatami upload`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UploadArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    production: ProductionArgs,
    /// Let the server check the rows, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Hold the rows against what is stored, say what would be new, replaced and lost, and send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "report", "errors"])]
    preview: bool,
    #[command(flatten)]
    write_options: WriteArgs,
    /// Records in one request, at most [default: 100 products or users, 10,000 interactions]
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    batch_records: Option<usize>,
    /// Bytes of one request, at most [default: 1 MiB, for interactions 8 MiB]
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    batch_bytes: Option<usize>,
    /// Go on with an upload that was stopped or killed: the latest, or the one with this number (see tatami uploads)
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = which,
        num_args = 0..=1,
        default_missing_value = "latest",
        conflicts_with_all = [
            "files", "dry_run", "rest_of", "preview", "merge", "skip_identical", "no_snapshot", "batch_records",
            "batch_bytes", "dataset", "recipe", "maps", "drops", "transforms", "rules", "preset", "delimiter", "quote",
            "no_header", "skip", "keep_spaces", "every_line", "records", "encoding", "sheet", "member"
        ]
    )]
    resume: Option<Which>,
    /// Send what this upload did not store, also when the file has changed since: products and users that are stored as
    /// they are in the file are left out, and so are interactions that it stored
    #[arg(long, value_name = "NUMBER")]
    rest_of: Option<i64>,
    /// Requests under way at once, at most; fewer when the server has trouble
    #[arg(long, value_name = "NUMBER", default_value = "8", value_parser = at_least_one)]
    parallel: usize,
    /// Rows a second, at most
    #[arg(long, value_name = "ROWS", value_parser = at_least_one)]
    rate: Option<usize>,
    /// Records to read back at the end, to see that they are there; 0 reads none
    #[arg(long, value_name = "NUMBER", default_value_t = USUAL_SAMPLE)]
    read_back: usize,
    /// Write a report: which rows are not stored, and why (.csv), or all about the upload of one file (.html, .json)
    #[arg(long, value_name = "FILE", value_parser = after::report_path)]
    report: Option<PathBuf>,
    /// Write the rows of one file that are not stored, with all their columns and what is wrong (.csv or .xlsx)
    #[arg(long, value_name = "FILE", value_parser = after::errors_path)]
    errors: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// What is done about what is stored.
#[derive(Clone, Copy, Debug, clap::Args)]
struct WriteArgs {
    /// Keep the fields of stored records that the rows do not have; custom attributes are merged by key
    #[arg(long)]
    merge: bool,
    /// Leave out the rows that are stored already as they are
    #[arg(long)]
    skip_identical: bool,
    /// Do not keep what is replaced: nothing is read first, but the upload cannot be undone
    #[arg(long)]
    no_snapshot: bool,
}

/// Why an argument is no number that was asked for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum NumberError {
    #[error("give the number of an upload, as tatami uploads shows it")]
    NoUpload,
    #[error("give a whole number, at least 1")]
    NotPositive,
}

/// An upload to go on with.
fn which(text: &str) -> Result<Which, NumberError> {
    match text {
        "latest" => Ok(Which::Latest),
        _ => text
            .parse()
            .map(|id| Which::Number(UploadId(id)))
            .map_err(|_| NumberError::NoUpload),
    }
}

fn at_least_one(text: &str) -> Result<usize, NumberError> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or(NumberError::NotPositive)
}

/// Uploads the files, one after another; or goes on with an upload.
pub(super) fn run(args: &UploadArgs) -> CommandResult {
    refuse_to_replace_an_input(args)?;
    let is_taken = args.input.files.iter().any(|file| file == Path::new("-"));
    args.target.ensure_input_is_free(is_taken)?;
    if let Some(which) = args.resume {
        return go_on(args, which);
    }
    after::ensure_free(args.report.as_ref(), args.errors.as_ref(), args.output, None)?;
    let paths = Paths::find()?;
    let target = args.target.find()?;
    // A dry run and a preview store nothing.
    let permit = if args.dry_run || args.preview {
        None
    } else {
        Some(target.may_store(args.production)?)
    };
    // Half of what was asked for is not what was asked for: nothing is sent unless all of it can be.
    let inputs = args.input.open()?.collect::<Result<Vec<Input>, _>>()?;
    after::must_not_replace(
        inputs.iter().map(|input| &*input.frame),
        args.report.as_ref(),
        args.errors.as_ref(),
    )?;
    let mut rest = Rest::wanted(args)?;
    let ended = target::block_on(async {
        target.must_run().await?;
        let stored_before = match args.rest_of {
            Some(id) => stored_before(UploadId(id), &target, &paths).await?,
            None => Arc::default(),
        };
        let progress = Arc::new(Progress::default());
        interrupt::stop_on_ctrl_c(Arc::clone(&progress));
        let mut all_stored = true;
        let mut inputs = inputs.into_iter();
        while let Some(input) = inputs.next() {
            let limits = limits(args, input.dataset());
            let write_options = write_options(args, input.dataset())?;
            if args.preview {
                all_stored &= preview::run(args.write_options.merge, &target, &input, &progress).await?;
                continue;
            }
            let options = ops::upload::Options {
                limits,
                write_options,
                pace: pace(args),
                // What is stored under an id is looked up; equal interactions are only known by what was sent.
                stored_before: match input.dataset() {
                    Dataset::Interactions => Arc::clone(&stored_before),
                    Dataset::Products | Dataset::Users => Arc::default(),
                },
                read_back: args.read_back,
            };
            let reading = (&input.options, &input.mapping);
            let prepared = match &permit {
                None => ops::upload::dry_run(&target.connection, input.table(), &options),
                Some(permit) => {
                    let prepared = ops::upload::prepare(permit, &paths, input.table(), reading, &options).await;
                    prepared.map_err(|error| target.failure(error))?
                }
            };
            let report = send(args, &target, &input, write_options, prepared, &progress).await?;
            if let Some(rest) = &mut rest {
                rest.add(&input, &report)?;
            }
            write_files(args, &target, &input, &report)?;
            all_stored &= report.is_whole();
            match report.stopped {
                None => {}
                Some(Stopped::Cancelled) => {
                    for input in inputs {
                        text::remark(&format!("{} was not begun", input.name()));
                    }
                    break;
                }
                Some(stopped @ Stopped::Unreadable(_))
                    if write_options == WriteOptions::recommended(input.dataset()) =>
                {
                    return Err(Failure::said(format!(
                        "{stopped}; --no-snapshot sends without looking, but such an upload cannot be undone"
                    )));
                }
                Some(stopped) => return Err(target.stopped(stopped)),
            }
        }
        Ok(ExitCode::from(u8::from(!all_stored)))
    });
    // Also after a failure: then above all somebody needs to know which rows are not stored.
    if let Some(rest) = rest.filter(|rest| rest.files > 0 || ended.is_ok()) {
        rest.finish()?;
    }
    ended
}

/// Goes on with an upload, as it was begun.
fn go_on(args: &UploadArgs, which: Which) -> CommandResult {
    let paths = Paths::find()?;
    let found = ops::resume::find(&paths, which)?;
    let source = Some(&*found.plan.path);
    after::ensure_free(args.report.as_ref(), args.errors.as_ref(), args.output, source)?;
    let target = args.target.find_again(&found)?;
    let permit = target.may_store(args.production)?;
    if found.plan.reverts.is_some() {
        return undo::go_on(&target, &permit, &found);
    }
    let input = resume::open(&found)?;
    after::must_not_replace([&*input.frame], args.report.as_ref(), args.errors.as_ref())?;
    let mut rest = Rest::wanted(args)?;
    let report = target::block_on(async {
        target.must_run().await?;
        let progress = Arc::new(Progress::default());
        interrupt::stop_on_ctrl_c(Arc::clone(&progress));
        let prepared = ops::resume::prepare(&permit, &paths, &found, input.table(), (pace(args), args.read_back)).await;
        let prepared = prepared.map_err(|error| target.failure(error))?;
        send(args, &target, &input, found.plan.write_options, prepared, &progress).await
    })?;
    if let Some(mut rest) = rest.take() {
        rest.add(&input, &report)?;
        rest.finish()?;
    }
    write_files(args, &target, &input, &report)?;
    match report.stopped.clone() {
        None | Some(Stopped::Cancelled) => Ok(ExitCode::from(u8::from(!report.is_whole()))),
        Some(stopped) => Err(target.stopped(stopped)),
    }
}

/// Writes what is about one file: the report as a page or document, and the error file.
fn write_files(args: &UploadArgs, target: &Target, input: &Input, report: &Report) -> Result<(), Failure> {
    if let Some(path) = args
        .report
        .as_ref()
        .filter(|path| ReportForm::of(path) != ReportForm::Csv)
    {
        after::report(input, report, &target.shown(), (path, args.output.existing()))?;
    }
    if let Some(path) = &args.errors {
        after::errors(input, report, &target.shown(), (path, args.output.existing()))?;
    }
    Ok(())
}

/// What is done about what is stored. A dry run replaces nothing.
fn write_options(args: &UploadArgs, dataset: Dataset) -> Result<WriteOptions, Failure> {
    if dataset.id_field().is_none() && (args.write_options.merge || args.write_options.skip_identical || args.preview) {
        return Err(Failure::said(
            "interactions are added and never replaced, and the API cannot hand them out; --preview, --merge and \
             --skip-identical are for products and users",
        ));
    }
    Ok(WriteOptions {
        merge: args.write_options.merge,
        skip_identical: args.write_options.skip_identical || (args.rest_of.is_some() && dataset.id_field().is_some()),
        keep_replaced: WriteOptions::recommended(dataset).keep_replaced
            && !args.write_options.no_snapshot
            && !args.dry_run,
        over_changes: false,
    })
}

/// What an upload of before stored, for this one to leave out.
async fn stored_before(id: UploadId, target: &Target, paths: &Paths) -> Result<Arc<HashSet<u64>>, Failure> {
    match ops::resume::stored(&target.connection, paths, id).await {
        Ok(stored) => Ok(Arc::new(stored)),
        Err(error @ (ops::Error::IsRevert { .. } | ops::Error::Reverted { .. })) => {
            Err(Failure::said(format!("{error}; leave --rest-of away")))
        }
        Err(error) => Err(target.failure(error)),
    }
}

/// How hard an upload may press.
fn pace(args: &UploadArgs) -> Pace {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    Pace {
        requests: args.parallel,
        rows_a_second: args.rate.map(|rows| rows as f64),
    }
}

fn limits(args: &UploadArgs, dataset: Dataset) -> BatchLimits {
    let recommended = BatchLimits::recommended(dataset);
    BatchLimits {
        records: args.batch_records.unwrap_or(recommended.records),
        bytes: args.batch_bytes.unwrap_or(recommended.bytes),
    }
}

/// What is written would take the place of the records it is about; or it is about one file, and there are several.
fn refuse_to_replace_an_input(args: &UploadArgs) -> Result<(), Failure> {
    let several = args.input.files.len() > 1;
    for path in [&args.report, &args.errors].into_iter().flatten() {
        let is_it = |file: &PathBuf| are_one_file(file, path);
        if args.input.files.iter().any(is_it) {
            return Err(Failure::said(format!(
                "the report would replace {}, which is to be uploaded; give --report another file",
                path.display()
            )));
        }
        let is_read = args.input.recipe().is_some_and(is_it) || is_standard_input(path);
        let is_twice = args.report.as_deref().map(place) == args.errors.as_deref().map(place);
        if is_read || is_twice {
            return Err(Failure::said(format!(
                "{} would be read and written, or written twice; give --report and --errors files of their own",
                path.display()
            )));
        }
        let is_of_one = Some(path) == args.errors.as_ref() || ReportForm::of(path) != ReportForm::Csv;
        if several && is_of_one {
            return Err(Failure::said(format!(
                "{} is about one file; upload one file at a time to write it",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Where a file is, or will be.
fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let new = || {
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    fs::canonicalize(path)
        .ok()
        .or_else(new)
        .unwrap_or_else(|| path.to_owned())
}

async fn send(
    args: &UploadArgs,
    target: &Target,
    input: &Input,
    write_options: WriteOptions,
    prepared: Prepared<TableRecords>,
    progress: &Progress,
) -> Result<Report, Failure> {
    // The lock on the output is not held while waiting.
    {
        let mut out = text::lenient_stdout();
        words::announce(args, target, input, &prepared, &mut out)?;
        out.flush()?;
    }
    let mut display = Display::new(u64::from(input.frame.len()));
    let mut show = |event| display.show(&event);
    let report = prepared.send(progress, &Control::default(), &mut show).await;
    display.finish();
    let mut out = text::lenient_stdout();
    words::conclude(args, input, (&report, write_options), &mut out)?;
    out.flush()?;
    Ok(report)
}
