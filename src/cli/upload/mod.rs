//! `tatami upload`: the good rows of files, sent to an environment.

mod leftover;

use std::{
    fmt, fs,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

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
    upload::{Limits, Report, Stopped, Tally, UploadEvent},
};

const EXAMPLES: &str = "\
Examples:
  tatami upload catalog.csv                     to the local server (see tatami serve)
  tatami upload catalog.csv --dry-run           the server checks, nothing is stored
  tatami upload books.csv --map book_id=product_id --report rest.csv
  tatami upload users.csv --url https://api.askmiso.com --key-env SHOP_KEY

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
    /// Write the rows that are not stored, and why, into a CSV file
    #[arg(long, value_name = "FILE.csv")]
    report: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "give a whole number, at least 1".to_owned())
}

/// Uploads the files, one after another.
pub(super) fn run(args: &UploadArgs) -> Ended {
    refuse_to_replace_an_input(args)?;
    let target = args.target.find()?;
    let opened = args.input.open()?;
    // Half of what was asked for is not what was asked for: nothing is sent.
    if let Some(error) = opened.failures.into_iter().next() {
        return Err(error.into());
    }
    let mut rest = args
        .report
        .as_ref()
        .map(|path| Rest::create(path.clone()))
        .transpose()?;
    let ended = target::block_on(async {
        target.must_run().await?;
        let progress = Arc::new(Progress::default());
        sending::stop_on_ctrl_c(Arc::clone(&progress));
        let mut all_stored = true;
        let mut frames = opened.frames.into_iter();
        while let Some(frame) = frames.next() {
            let input = args.input.check(frame)?;
            let report = upload(args, &target, &input, &progress).await?;
            if let Some(rest) = &mut rest {
                rest.add(&input, &report)?;
            }
            all_stored &= report.tally.stored == report.tally.all;
            match report.stopped {
                None => {}
                Some(Stopped::Cancelled) => {
                    for frame in frames {
                        text::remark(&format!("{} was not begun", frame.path().display()));
                    }
                    break;
                }
                Some(Stopped::Api(error)) => return Err(target.explain(error)),
                Some(Stopped::Source(reason)) => return Err(Failure::said(reason)),
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

/// The report would take the place of the records it is about.
fn refuse_to_replace_an_input(args: &UploadArgs) -> Result<(), Failure> {
    let place = |path: &Path| fs::canonicalize(path).ok();
    let Some(report) = &args.report else { return Ok(()) };
    let is_report = |file: &PathBuf| file == report || (place(file).is_some() && place(file) == place(report));
    if args.input.files.iter().any(is_report) {
        return Err(Failure::said(format!(
            "the report would replace {}, which is to be uploaded; give --report another file",
            report.display()
        )));
    }
    Ok(())
}

async fn upload(args: &UploadArgs, target: &Target, input: &Input, progress: &Progress) -> Result<Report, Failure> {
    let recommended = Limits::recommended(input.dataset());
    let limits = Limits {
        records: args.batch_records.unwrap_or(recommended.records),
        bytes: args.batch_bytes.unwrap_or(recommended.bytes),
    };
    // The lock on the output is not held while waiting.
    {
        let mut out = text::stdout();
        announce(args, target, input, &mut out)?;
        out.flush()?;
    }
    let mut display = Display::new(u64::from(input.frame.len()));
    let report = sending::send(&target.client, input, limits, args.dry_run, progress, &mut |event| {
        display.show(&event);
    })
    .await;
    display.finish();
    let mut out = text::stdout();
    conclude(args, input, &report, &mut out)?;
    out.flush()?;
    Ok(report)
}

fn announce(args: &UploadArgs, target: &Target, input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let what = if args.dry_run { "checked by" } else { "to" };
    let (name, dataset) = (input.name(), input.dataset());
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {dataset} {what} {BOLD}{}{BOLD:#}",
        safe(&name),
        safe(&target.shown())
    )?;
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
        let line = input.frame.line(*row);
        let said = lines.first().map_or("The server gave no reason", String::as_str);
        let more = lines.len().saturating_sub(1);
        let more = if more > 0 {
            format!(" (and {more} more)")
        } else {
            String::new()
        };
        writeln!(
            out,
            "  {RED}rejected{RED:#} line {line}: {}{more}",
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
    if report.stopped == Some(Stopped::Cancelled) {
        // Records with an id replace each other; of interactions the server knows again those with a timestamp.
        let again = match input.dataset() {
            Dataset::Interactions => {
                "uploading again does no harm to interactions with a timestamp; those without are counted twice"
            }
            Dataset::Products | Dataset::Users => "uploading again does no harm",
        };
        writeln!(
            out,
            "  {YELLOW}Cancelled{YELLOW:#}: what is stored stays stored; {again}"
        )?;
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
