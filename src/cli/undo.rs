//! `tatami undo`: what an upload replaced is put back, and what was new is deleted.

use std::{io::Write, process::ExitCode, sync::Arc};

use super::{
    CommandResult,
    confirm::{self, ConfirmArgs},
    failure::Failure,
    interrupt,
    target::{self, Target, TargetArgs},
    text::{self, BOLD, DIM, GREEN, YELLOW, counted, grouped, safe},
    upload::{display::Display, words::settled},
    uploads,
};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    ops::{self, guard::Permit, history, revert, upload::Prepared},
    settings::Paths,
    upload::{
        Control, PastUpload, Report, Stopped, Upload, UploadId,
        revert::{RevertPreview, RevertRecords},
    },
};

const EXAMPLES: &str = "\
Examples:
  tatami undo 3 --preview        what would be put back and deleted; nothing is changed
  tatami undo 3                  asks, then does it
  tatami undo 3 --yes --over-changes

Records that somebody has changed since the upload are left as they are, unless --over-changes is given. An undo is an \
upload itself: tatami uploads lists it, tatami upload --resume goes on with it, tatami undo takes it back. Ends with 0 \
when all is as it was before the upload, 1 when something is not, 2 when the undo failed.
Interactions cannot be undone: the API can delete only all of a user's.";

/// Ids that are named.
const SHOWN: usize = 5;

/// The arguments of `tatami undo`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UndoArgs {
    /// The upload, by its number (see tatami uploads)
    #[arg(value_name = "NUMBER")]
    id: i64,
    /// Say what would be put back and deleted, and change nothing
    #[arg(long)]
    preview: bool,
    /// Undo records as well that somebody has changed since
    #[arg(long)]
    over_changes: bool,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Undoes an upload after it was told to.
pub(super) fn run(args: &UndoArgs) -> CommandResult {
    let paths = Paths::find()?;
    let past = history::show(&paths, UploadId(args.id))?;
    let upload = &past.upload;
    let target = args.target.find_again(upload)?;
    // Nothing is changed meanwhile: Ctrl+C ends the program.
    let preview = target::block_on(async {
        let progress = Arc::new(Progress::default());
        let looking = revert::preview(&target.connection, &paths, upload.id, &progress);
        let preview = text::watched_async("Comparing", &progress, looking).await;
        preview.map_err(|error| target.failure(error))
    })?;
    say(args, &past, &target, &preview)?;
    let (put_back, deleted) = preview.changes(args.over_changes);
    let all = put_back + deleted;
    if args.preview || all == 0 {
        text::remark("Nothing was changed");
        if !args.preview && upload.is_unfinished() {
            history::set_aside(&paths, upload.id)?;
            text::remark(&format!(
                "Upload {} is set aside: nobody is asked to go on with it",
                upload.id
            ));
        }
        return Ok(ExitCode::from(u8::from(!preview.is_whole())));
    }
    let what = counted(all, upload.plan.dataset.noun(1), upload.plan.dataset.noun(2));
    let saying = (
        format!("Undo upload {} ({what}) in", upload.id),
        format!("change {what} in"),
    );
    let Some(permit) = confirm::may_delete(&args.confirm, &target, (&saying.0, &saying.1), false)? else {
        text::remark("Nothing was changed");
        return Ok(ExitCode::from(1));
    };
    let begun = revert::begin(&permit, &paths, upload.id, args.over_changes);
    send(&target, begun, preview.unconfirmed)
}

/// Goes on with an undo that was stopped or killed.
pub(super) fn go_on(target: &Target, permit: &Permit, found: &Upload) -> CommandResult {
    let paths = Paths::find()?;
    send(target, revert::go_on(permit, &paths, found.id), 0)
}

fn send(
    target: &Target,
    begun: impl Future<Output = Result<Prepared<RevertRecords>, ops::Error>>,
    unconfirmed: u64,
) -> CommandResult {
    let report = target::block_on(async {
        target.must_run().await?;
        let prepared = begun.await.map_err(|error| target.failure(error))?;
        let progress = Arc::new(Progress::default());
        interrupt::stop_on_ctrl_c(Arc::clone(&progress));
        let mut display = Display::new(prepared.rows());
        let mut show = |event| display.show(&event);
        let report = prepared.send(&progress, &Control::default(), &mut show).await;
        display.finish();
        Ok(report)
    })?;
    conclude(&report)?;
    match report.stopped {
        None | Some(Stopped::Cancelled) => {
            let is_whole = unconfirmed == 0 && report.tally.is_whole();
            Ok(ExitCode::from(u8::from(!is_whole)))
        }
        Some(stopped) => Err(target.stopped(stopped)),
    }
}

fn say(args: &UndoArgs, past: &PastUpload, target: &Target, preview: &RevertPreview) -> Result<(), Failure> {
    let mut out = text::lenient_stdout();
    uploads::line(past, &mut out)?;
    writeln!(out, "To undo it in {BOLD}{}{BOLD:#}:", safe(&target.shown()))?;
    let dataset = past.upload.plan.dataset;
    let records = |count: u64| counted(count, dataset.noun(1), dataset.noun(2));
    let verb = |count: u64| if count == 1 { "is" } else { "are" };
    let (put_back, deleted) = preview.changes(args.over_changes);
    let before = preview.as_before;
    let parts = [
        (put_back, "put back"),
        (deleted, "deleted, because nothing was there before"),
    ];
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "  {} {} {what}", records(count), verb(count))?;
    }
    if before > 0 {
        writeln!(
            out,
            "  {DIM}{} {} as before already{DIM:#}",
            records(before),
            verb(before)
        )?;
    }
    let changed = preview.changed_since.len() as u64;
    if changed > 0 {
        let (stays, them) = match changed {
            1 => ("stays as it is", "it"),
            _ => ("stay as they are", "them"),
        };
        let what = if args.over_changes {
            "among these".to_owned()
        } else {
            format!("{stays}; --over-changes undoes {them} too")
        };
        writeln!(out, "  {YELLOW}{} changed since{YELLOW:#}, {what}:", records(changed))?;
        for id in preview.changed_since.iter().take(SHOWN) {
            writeln!(out, "    {}", safe(id))?;
        }
        if let Some(more) = changed.checked_sub(SHOWN as u64).filter(|more| *more > 0) {
            writeln!(out, "    {DIM}and {} more{DIM:#}", grouped(more))?;
        }
    }
    left(preview, dataset, &mut out)?;
    Ok(out.flush()?)
}

/// What no undo can promise.
fn left(preview: &RevertPreview, dataset: Dataset, out: &mut dyn Write) -> Result<(), Failure> {
    if preview.unaddressable > 0 {
        let records = counted(preview.unaddressable, dataset.noun(1), dataset.noun(2));
        writeln!(
            out,
            "  {YELLOW}{records} cannot be put back{YELLOW:#}, because no address can carry such an id"
        )?;
    }
    if preview.unconfirmed > 0 {
        let rows = counted(preview.unconfirmed, "row was", "rows were");
        writeln!(
            out,
            "  {YELLOW}{rows} never confirmed{YELLOW:#}: should the server still be at work on them, they may be stored \
             after this; look again later"
        )?;
    }
    Ok(())
}

fn conclude(report: &Report) -> Result<(), Failure> {
    let mut out = text::lenient_stdout();
    let is_whole = report.tally.is_whole();
    let style = if is_whole { GREEN } else { YELLOW };
    let took = report.duration.as_secs_f64();
    let requests = counted(report.requests, "request", "requests");
    let sum = report.tally.of_revert();
    writeln!(out, "  {style}{sum}{style:#} {DIM}in {took:.1} s, {requests}{DIM:#}")?;
    for (_, lines) in report.rejected.iter().take(SHOWN) {
        let said = lines.first().map_or("The server gave no reason", String::as_str);
        writeln!(out, "  {YELLOW}refused{YELLOW:#}: {}", text::shorten(&safe(said), 240))?;
    }
    settled(report, &mut out)?;
    if let (Some(id), true) = (report.id, report.tally.open() > 0) {
        writeln!(out, "  {DIM}tatami upload --resume {id} goes on with the rest{DIM:#}")?;
    }
    Ok(out.flush()?)
}
