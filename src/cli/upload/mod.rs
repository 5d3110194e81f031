//! `tatami upload`: the good rows of files, sent to an environment.

pub(super) mod after;
mod leftover;
pub(super) mod resume;

use std::{
    fmt, fs,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use after::Kind;

use super::{
    Ended,
    failure::Failure,
    input::{Input, InputArgs},
    out_file::OutFile,
    sending,
    target::{self, Target, TargetArgs},
    text::{self, BOLD, DIM, GREEN, RED, YELLOW, counted, grouped, safe, shorten},
};
use crate::{
    domain::{dataset::Dataset, progress::Progress, rules::Rule},
    upload::{self, Account, Limits, Pace, Report, Settled, Setup, Stopped, Tally, UploadEvent, UploadId},
};

const EXAMPLES: &str = "\
Examples:
  tatami upload catalog.csv                     to the local server (see tatami serve)
  tatami upload catalog.csv --dry-run           the server checks, nothing is stored
  tatami upload books.csv --map book_id=product_id --report rest.csv
  tatami upload users.csv --url https://api.askmiso.com --key-env SHOP_KEY
  tatami upload --resume                        goes on with the upload that was stopped or killed last

Rows with errors are left out; tatami check says what is wrong with them. Stored, rejected and not sent always add up \
to all rows. Ends with 0 when every row is stored, 1 when some are not, 2 when the upload failed.";

/// Rejected rows that are shown.
const SHOWN: usize = 5;

/// The arguments of `tatami upload`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UploadArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Let the server check the rows, and store nothing
    #[arg(long)]
    dry_run: bool,
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
        num_args = 0..=1,
        default_missing_value = "latest",
        conflicts_with_all = ["files", "dry_run", "rest_of"]
    )]
    resume: Option<Which>,
    /// Leave out the records that this upload stored, also when the file has changed since
    #[arg(long, value_name = "NUMBER")]
    rest_of: Option<i64>,
    /// Requests under way at once, at most; fewer when the server has trouble
    #[arg(long, value_name = "NUMBER", default_value = "8", value_parser = at_least_one)]
    parallel: usize,
    /// Rows a second, at most
    #[arg(long, value_name = "ROWS", value_parser = at_least_one)]
    rate: Option<usize>,
    /// Write a report: which rows are not stored, and why (.csv), or all about the upload of one file (.html, .json)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the rows of one file that are not stored, with all their columns and what is wrong (.csv or .xlsx)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// An upload to go on with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    Latest,
    Number(UploadId),
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "latest" => Ok(Self::Latest),
            _ => text
                .parse()
                .map(|id| Self::Number(UploadId(id)))
                .map_err(|_| "give the number of an upload, as tatami uploads shows it".to_owned()),
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "give a whole number, at least 1".to_owned())
}

/// Uploads the files, one after another; or goes on with an upload.
pub(super) fn run(args: &UploadArgs) -> Ended {
    refuse_to_replace_an_input(args)?;
    if let Some(which) = args.resume {
        return go_on(args, which);
    }
    let target = args.target.find()?;
    let opened = args.input.open()?;
    // Half of what was asked for is not what was asked for: nothing is sent.
    if let Some(error) = opened.failures.into_iter().next() {
        return Err(error.into());
    }
    let mut rest = Rest::wanted(args)?;
    let ended = target::block_on(async {
        target.must_run().await?;
        let progress = Arc::new(Progress::default());
        sending::stop_on_ctrl_c(Arc::clone(&progress));
        let mut all_stored = true;
        let mut frames = opened.frames.into_iter();
        while let Some(frame) = frames.next() {
            let input = args.input.check(frame)?;
            let limits = limits(args, input.dataset());
            let account = if args.dry_run {
                Account::unwritten(u64::from(input.frame.len()))
            } else {
                resume::begin(&input, &target, limits)?
            };
            let report = send(args, &target, &input, limits, account, &progress).await?;
            if let Some(rest) = &mut rest {
                rest.add(&input, &report)?;
            }
            write_files(args, &target, &input, &report)?;
            all_stored &= is_good(&report);
            match report.stopped {
                None => {}
                Some(Stopped::Cancelled) => {
                    for frame in frames {
                        text::remark(&format!("{} was not begun", frame.path().display()));
                    }
                    break;
                }
                Some(stopped) => return Err(failure(&target, stopped)),
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
fn go_on(args: &UploadArgs, which: Which) -> Ended {
    let found = resume::find(which)?;
    let target = args.target.find_again(&found)?;
    let input = resume::open(&found)?;
    let mut rest = Rest::wanted(args)?;
    let report = target::block_on(async {
        target.must_run().await?;
        let progress = Arc::new(Progress::default());
        sending::stop_on_ctrl_c(Arc::clone(&progress));
        let account = resume::resume(&found)?;
        send(args, &target, &input, found.plan.limits, account, &progress).await
    })?;
    if let Some(mut rest) = rest.take() {
        rest.add(&input, &report)?;
        rest.finish()?;
    }
    write_files(args, &target, &input, &report)?;
    match report.stopped.clone() {
        None | Some(Stopped::Cancelled) => Ok(ExitCode::from(u8::from(!is_good(&report)))),
        Some(stopped) => Err(failure(&target, stopped)),
    }
}

/// Writes what is about one file: the report as a page or document, and the error file.
fn write_files(args: &UploadArgs, target: &Target, input: &Input, report: &Report) -> Result<(), Failure> {
    if let Some(path) = args.report.as_ref().filter(|path| Kind::of(path) != Kind::Csv) {
        after::report(input, report, &target.shown(), path)?;
    }
    if let Some(path) = &args.errors {
        after::errors(input, report, &target.shown(), path)?;
    }
    Ok(())
}

/// Whether every row is stored, as far as it was not stored before.
const fn is_good(report: &Report) -> bool {
    report.tally.stored + report.tally.unchanged == report.tally.all
}

fn failure(target: &Target, stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Api(error) => target.explain(error),
        other => Failure::said(other.to_string()),
    }
}

fn limits(args: &UploadArgs, dataset: Dataset) -> Limits {
    let recommended = Limits::recommended(dataset);
    Limits {
        records: args.batch_records.unwrap_or(recommended.records),
        bytes: args.batch_bytes.unwrap_or(recommended.bytes),
    }
}

/// What is written would take the place of the records it is about; or it is about one file, and there are several.
fn refuse_to_replace_an_input(args: &UploadArgs) -> Result<(), Failure> {
    let place = |path: &Path| fs::canonicalize(path).ok();
    let several = args.input.files.len() > 1;
    for path in [&args.report, &args.errors].into_iter().flatten() {
        let is_it = |file: &PathBuf| file == path || (place(file).is_some() && place(file) == place(path));
        if args.input.files.iter().any(is_it) {
            return Err(Failure::said(format!(
                "the report would replace {}, which is to be uploaded; give --report another file",
                path.display()
            )));
        }
        let is_of_one = Some(path) == args.errors.as_ref() || Kind::of(path) != Kind::Csv;
        if several && is_of_one {
            return Err(Failure::said(format!(
                "{} is about one file; upload one file at a time to write it",
                path.display()
            )));
        }
    }
    Ok(())
}

async fn send(
    args: &UploadArgs,
    target: &Target,
    input: &Input,
    limits: Limits,
    account: Account,
    progress: &Progress,
) -> Result<Report, Failure> {
    // The lock on the output is not held while waiting.
    {
        let mut out = text::stdout();
        announce(args, target, input, &account, &mut out)?;
        out.flush()?;
    }
    let mut display = Display::new(u64::from(input.frame.len()));
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    let pace = Pace {
        requests: args.parallel,
        rows_a_second: args.rate.map(|rows| rows as f64),
    };
    let setup = Setup {
        limits,
        pace,
        file: Some(input.path().to_owned()),
        ..sending::setup(input, args.dry_run, account)
    };
    let mut records = sending::records(input);
    if let Some(id) = args.rest_of {
        records = records.unless_stored(resume::stored(id)?);
    }
    let report = sending::send(&target.client, setup, records, progress, &mut |event| {
        display.show(&event);
    })
    .await;
    display.finish();
    let mut out = text::stdout();
    conclude(args, input, &report, &mut out)?;
    out.flush()?;
    Ok(report)
}

fn announce(
    args: &UploadArgs,
    target: &Target,
    input: &Input,
    account: &Account,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let what = if args.dry_run { "checked by" } else { "to" };
    let (name, dataset) = (input.name(), input.dataset());
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {dataset} {what} {BOLD}{}{BOLD:#}",
        safe(&name),
        safe(&target.shown())
    )?;
    if let (Some(_), Some(id)) = (args.resume, account.id()) {
        let open = grouped(account.state().tally().open());
        writeln!(
            out,
            "  upload {id} goes on, {open} of {} rows are open",
            grouped(account.state().tally().all)
        )?;
        return Ok(());
    }
    let all = u64::from(input.frame.len());
    let bad = input.checked.rows_with_errors().len();
    let rows = counted(all, "row", "rows");
    if bad == 0 {
        writeln!(out, "  {rows}")?;
    } else {
        writeln!(
            out,
            "  {rows}, {YELLOW}{} left out because of errors{YELLOW:#}; tatami check says which",
            grouped(bad)
        )?;
    }
    if bad == all && all > 0 {
        missing_field(input, out)?;
    }
    if let Some(group) = super::report::groups(input).find(|group| group.cause.rule == Rule::RepeatedId) {
        let rows = counted(group.rows.len(), "row is", "rows are");
        writeln!(out, "  {DIM}{rows} replaced by a later row with the same id{DIM:#}")?;
    }
    Ok(())
}

/// When no row can be sent, the reason is mostly that no column is the id.
fn missing_field(input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let is_missing =
        |group: &super::report::Group<'_>| group.cause.rule == Rule::Required && group.cause.column.is_none();
    if let Some(group) = super::report::groups(input).find(is_missing) {
        writeln!(out, "  {RED}{}{RED:#}", group.advice())?;
    }
    Ok(())
}

fn conclude(args: &UploadArgs, input: &Input, report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    let style = if report.tally.stored == report.tally.all {
        GREEN
    } else {
        YELLOW
    };
    let took = report.duration.as_secs_f64();
    let requests = counted(report.requests, "request", "requests");
    writeln!(
        out,
        "  {style}{}{style:#} {DIM}in {took:.1} s, {requests}{DIM:#}",
        sum(&report.tally, args.dry_run)
    )?;
    for (row, lines) in report.rejected.iter().take(SHOWN) {
        let place = input.frame.location(*row, None);
        let said = lines.first().map_or("The server gave no reason", String::as_str);
        let more = lines.len().saturating_sub(1);
        let more = if more > 0 {
            format!(" (and {more} more)")
        } else {
            String::new()
        };
        writeln!(
            out,
            "  {RED}rejected{RED:#} {place}: {}{more}",
            shorten(&safe(said), 240)
        )?;
    }
    let more = report.rejected.len().saturating_sub(SHOWN);
    if more > 0 {
        let how = if args.report.is_some() {
            ""
        } else {
            "; --report FILE.csv writes all"
        };
        writeln!(out, "  {DIM}and {} more rejected{how}{DIM:#}", grouped(more as u64))?;
    }
    for kind in upload::stricter(&report.rejected).iter().take(SHOWN) {
        let field = if kind.path.is_empty() { "the record" } else { &kind.path };
        let rows = counted(kind.rows, "row", "rows");
        let said = shorten(&safe(&kind.message), 160).into_owned();
        writeln!(
            out,
            "  {DIM}the server is stricter than we are here:{DIM:#} {}: {said} {DIM}({rows}){DIM:#}",
            safe(field)
        )?;
    }
    settled(report, out)?;
    if report.stopped == Some(Stopped::Cancelled) {
        writeln!(out, "  {YELLOW}Cancelled{YELLOW:#}: what is stored stays stored")?;
    }
    if let (Some(id), true) = (report.id, report.tally.open() > 0) {
        writeln!(out, "  {DIM}tatami upload --resume {id} goes on with the rest{DIM:#}")?;
    }
    Ok(())
}

/// How rows were settled whose first request was never answered.
fn settled(report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    let Settled {
        resent,
        by_task,
        read_back,
    } = report.settled;
    for (count, how) in [
        (resent, "sending them again"),
        (by_task, "the status of their task"),
        (read_back, "reading them back"),
    ] {
        if count > 0 {
            let rows = counted(count, "row was", "rows were");
            writeln!(out, "  {DIM}{rows} without an answer at first, settled by {how}{DIM:#}")?;
        }
    }
    Ok(())
}

/// `9,996 stored + 3 rejected + 1 not sent = 10,000`
pub(super) fn sum(tally: &Tally, dry_run: bool) -> String {
    let sum = tally.to_string();
    if dry_run {
        sum.replacen(" stored", " would be stored", 1)
    } else {
        sum
    }
}

/// How an upload is watched: a bar on a terminal, elsewhere a line for every tenth.
struct Display {
    bar: Option<ProgressBar>,
    all: u64,
    tenths: u64,
}

impl Display {
    fn new(all: u64) -> Self {
        let template = "  {bar:30} {human_pos} of {human_len} rows, {rate} rows/s, {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is shown in whole rows"
            )]
            let rate = grouped(state.per_sec() as u64);
            // A bar that cannot be drawn is no reason to stop.
            out.write_str(&rate).ok();
        });
        Self {
            bar: io::stderr()
                .is_terminal()
                .then(|| ProgressBar::new(all).with_style(style)),
            all,
            tenths: 0,
        }
    }

    fn show(&mut self, event: &UploadEvent) {
        match event {
            UploadEvent::Progress { tally, .. } => {
                let done = tally.all - tally.waiting - tally.sent;
                if let Some(bar) = &self.bar {
                    bar.set_position(done);
                } else {
                    let tenths = done * 10 / self.all.max(1);
                    if tenths > self.tenths && done < self.all {
                        self.tenths = tenths;
                        text::remark(&format!("  {} of {} rows", grouped(done), grouped(self.all)));
                    }
                }
            }
            UploadEvent::Waiting {
                pause,
                reason,
                attempt,
                of,
            } => {
                let pause = pause.as_secs_f64();
                let text = format!("  {reason}; try {attempt} of {of} failed, the next is in {pause:.1} s");
                match &self.bar {
                    Some(bar) => bar.println(safe(&text)),
                    None => text::remark(&text),
                }
            }
            UploadEvent::Rejected { .. } => {}
        }
    }

    fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The file with the rows that are not stored.
struct Rest {
    path: PathBuf,
    out: OutFile,
    rows: u64,
    files: u64,
}

impl Rest {
    /// The report that was asked for, if one was.
    fn wanted(args: &UploadArgs) -> Result<Option<Self>, Failure> {
        let lists = args.report.as_ref().filter(|path| Kind::of(path) == Kind::Csv);
        lists.map(|path| Self::create(path.clone())).transpose()
    }

    fn create(path: PathBuf) -> Result<Self, Failure> {
        let mut out = OutFile::create(&path)?;
        leftover::header(&mut out)
            .map_err(|error| Failure::said(format!("{} cannot be written: {error}", path.display())))?;
        Ok(Self {
            path,
            out,
            rows: 0,
            files: 0,
        })
    }

    fn add(&mut self, input: &Input, report: &Report) -> Result<(), Failure> {
        self.files += 1;
        self.rows += leftover::write(input, report, &mut self.out)?;
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        self.out.finish()?;
        let path = self.path.display();
        text::remark(&match self.rows {
            0 => format!("Every row is stored; {path} lists none"),
            rows => format!("{} not stored, listed in {path}", counted(rows, "row", "rows")),
        });
        Ok(())
    }
}
