//! `tatami uploads`: the uploads of this machine, and what became of their rows.

use std::{io::Write, path::PathBuf, process::ExitCode};

use serde_json::json;

use super::{
    CommandResult,
    failure::Failure,
    output::OutputArgs,
    text::{self, BOLD, DIM, YELLOW, grouped, safe},
    upload::{after, resume},
};
use crate::{
    domain::number,
    ops::{self, history},
    settings::Paths,
    upload::{PastUpload, Retention, Upload, UploadId, UploadList, timestamp},
};

const EXAMPLES: &str = "\
Examples:
  tatami uploads                 all uploads, the latest first
  tatami uploads 3               one of them, with what the server refused
  tatami uploads --json          for programs
  tatami uploads 3 --report report.html --errors rest.xlsx
  tatami uploads 3 --set-aside   nobody is asked to go on with it any more
  tatami uploads 3 --discard     forgets what it replaced; it can then not be undone
  tatami uploads --keep-days 90  keeps what uploads replace for so long after their end, or always; 30 is usual
  tatami uploads --repair        rebuilds a record that is damaged or lost of what can be read and of what was kept

tatami upload --resume goes on with one that is unfinished, tatami undo takes one back.";

/// The arguments of `tatami uploads`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct UploadsArgs {
    /// One upload, by its number
    #[arg(value_name = "NUMBER")]
    id: Option<i64>,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Write a report of this upload (.html, .json or .csv); its file must still be there
    #[arg(long, value_name = "FILE", value_parser = after::report_path, requires = "id")]
    report: Option<PathBuf>,
    /// Write the rows that are not stored, with all their columns and what is wrong (.csv or .xlsx)
    #[arg(long, value_name = "FILE", value_parser = after::errors_path, requires = "id")]
    errors: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// Do not offer to go on with this upload any more
    #[arg(long, requires = "id")]
    set_aside: bool,
    /// Forget what this upload replaced: it can then not be undone any more
    #[arg(long, requires = "id")]
    discard: bool,
    /// Keep what uploads replace for so long after their end, so that they can be undone: a number of days, or always
    #[arg(long, value_name = "DAYS", conflicts_with = "id")]
    keep_days: Option<Retention>,
    /// Rebuild the record of uploads, when it is damaged or lost; the damaged file is kept
    #[arg(long, conflicts_with_all = ["id", "json"])]
    repair: bool,
}

/// Lists uploads, or shows one.
pub(super) fn run(args: &UploadsArgs) -> CommandResult {
    let paths = Paths::find()?;
    let mut out = text::stdout();
    if let Some(retention) = args.keep_days {
        history::keep_for(&paths, retention)?;
    }
    if args.repair {
        let repair = history::repair(&paths)?;
        writeln!(out, "{}", safe(&repair.to_string()))?;
        out.flush()?;
        return Ok(ExitCode::from(u8::from(!repair.is_whole())));
    }
    if let Some(id) = args.id.map(UploadId) {
        let upload = history::show(&paths, id)?.upload;
        let source = Some(&*upload.plan.path);
        after::ensure_free(args.report.as_ref(), args.errors.as_ref(), args.output, source)?;
        write_files(args, &paths, &upload)?;
        if args.set_aside {
            history::set_aside(&paths, id)?;
        }
        if args.discard {
            history::discard_snapshot(&paths, id)?;
        }
        let past = history::show(&paths, id)?;
        if args.json {
            writeln!(out, "{}", text::pretty_json(&as_json(&past).to_string()))?;
        } else {
            show(&past, &history::refused(&paths, id)?, &mut out)?;
        }
    } else {
        let all = history::list(&paths)?;
        list(&all, args.json, &mut out)?;
        out.flush()?;
        return Ok(ExitCode::from(u8::from(!all.unreadable.is_empty())));
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes what was asked for; the rows are read from the file, which must be the same as then.
fn write_files(args: &UploadsArgs, paths: &Paths, upload: &Upload) -> Result<(), Failure> {
    if args.report.is_none() && args.errors.is_none() {
        return Ok(());
    }
    if upload.plan.reverts.is_some() {
        return Err(Failure::said(format!(
            "upload {} is an undo, and has no rows of a file to report",
            upload.id
        )));
    }
    let input = resume::open(upload)?;
    after::must_not_replace([&*input.frame], args.report.as_ref(), args.errors.as_ref())?;
    let report = ops::report::past(paths, upload)?;
    let place = format!("{} ({})", upload.plan.environment, upload.plan.address);
    if let Some(path) = &args.report {
        after::report(&input, &report, &place, (path, args.output.existing()))?;
    }
    if let Some(path) = &args.errors {
        after::errors(&input, &report, &place, (path, args.output.existing()))?;
    }
    Ok(())
}

fn list(all: &UploadList, as_documents: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let UploadList { uploads, unreadable } = all;
    if as_documents {
        let unreadable = unreadable
            .iter()
            .map(|upload| json!({ "id": upload.id.0, "unreadable": upload.to_string() }));
        let all: Vec<_> = uploads.iter().map(as_json).chain(unreadable).collect();
        writeln!(out, "{}", text::pretty_json(&json!(all).to_string()))?;
        return Ok(());
    }
    for upload in unreadable {
        writeln!(out, "{YELLOW}{upload}{YELLOW:#}")?;
    }
    if uploads.is_empty() && unreadable.is_empty() {
        writeln!(out, "There are no uploads yet; tatami upload FILE makes one")?;
    }
    for past in uploads {
        line(past, out)?;
    }
    Ok(())
}

/// An upload in two lines.
pub(super) fn line(past: &PastUpload, out: &mut dyn Write) -> Result<(), Failure> {
    let upload = &past.upload;
    let plan = &upload.plan;
    let name = plan
        .path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    writeln!(
        out,
        "{BOLD}{:>4}{BOLD:#}  {DIM}{}{DIM:#}  {}{} {DIM}({} to {}){DIM:#}",
        upload.id.0,
        timestamp(&upload.started),
        plan.reverts
            .map_or_else(String::new, |id| format!("undo of upload {id}, ")),
        safe(&name),
        plan.dataset,
        safe(&plan.environment),
    )?;
    writeln!(out, "      {}{}", upload.sum(), standing(past))?;
    Ok(())
}

fn show(past: &PastUpload, refused: &[(u32, Vec<String>)], out: &mut dyn Write) -> Result<(), Failure> {
    line(past, out)?;
    let upload = &past.upload;
    let plan = &upload.plan;
    writeln!(out, "      {DIM}file{DIM:#} {}", safe(&plan.path.display().to_string()))?;
    writeln!(out, "      {DIM}server{DIM:#} {}", safe(&plan.address))?;
    match past.snapshot_bytes {
        Some(bytes) => {
            let size = number::bytes(bytes);
            writeln!(
                out,
                "      {DIM}kept{DIM:#} what was there before ({size}){}; tatami undo {} puts it back",
                past.kept_until()
                    .map_or_else(String::new, |until| format!(" until {until}")),
                upload.id
            )?;
        }
        None if upload.aged_out.is_some() => writeln!(
            out,
            "      {DIM}cannot be undone any more: what was there before was deleted on {}{DIM:#}",
            timestamp(upload.aged_out.as_deref().unwrap_or_default())
        )?,
        None if plan.dataset.id_field().is_some() => writeln!(out, "      {DIM}cannot be undone{DIM:#}")?,
        None => {}
    }
    for (row, lines) in refused {
        for said in lines {
            writeln!(out, "      row {}: {}", grouped(u64::from(*row) + 1), safe(said))?;
        }
    }
    Ok(())
}

/// Whether there is something left to do.
fn standing(past: &PastUpload) -> String {
    let upload = &past.upload;
    if past.is_running {
        return format!(", {YELLOW}running{YELLOW:#}");
    }
    if let Some(by) = past.reverted_by {
        return format!(", {DIM}undone by {by}{DIM:#}");
    }
    if upload.tally.open() == 0 {
        return String::new();
    }
    if upload.set_aside {
        return format!(", {DIM}set aside{DIM:#}");
    }
    let why = match (&upload.stopped, &upload.ended) {
        (Some(why), _) => format!(": {}", text::shorten(&safe(why), 120)),
        (None, Some(_)) => String::new(),
        (None, None) => ": it was killed".to_owned(),
    };
    format!(", {YELLOW}unfinished{YELLOW:#}{why}")
}

fn as_json(past: &PastUpload) -> serde_json::Value {
    let PastUpload {
        upload,
        is_running,
        snapshot_bytes,
        kept_until,
        reverted_by,
    } = past;
    let Upload {
        id,
        plan,
        started,
        ended,
        stopped,
        set_aside,
        aged_out,
        tally,
    } = upload;
    json!({
        "id": id.0,
        "file": plan.path.to_string_lossy(),
        "dataset": plan.dataset.name(),
        "environment": plan.environment,
        "address": plan.address,
        "started": started,
        "ended": ended,
        "stopped": stopped,
        "set_aside": set_aside,
        "running": is_running,
        "rows": tally.all,
        "waiting": tally.waiting,
        "sent": tally.sent,
        "stored": tally.stored,
        "rejected": tally.rejected,
        "skipped": tally.skipped(),
        "unchanged": tally.unchanged,
        "changed_since": tally.changed_since,
        "unknown": tally.unknown,
        "undoes": plan.reverts.map(|id| id.0),
        "undone_by": reverted_by.map(|id| id.0),
        "can_be_undone": snapshot_bytes.is_some(),
        "can_be_undone_until": kept_until.map(|until| until.to_string()),
        "could_be_undone_until": aged_out,
    })
}
