//! `tatami audit`: what was changed from this machine, in which environment, and whether the log of it is whole.

use std::{io::Write, process::ExitCode};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{
    CommandResult,
    failure::Failure,
    text::{self, BOLD, DIM, GREEN, YELLOW, counted, grouped, safe},
};
use crate::{
    domain::dataset::Dataset,
    ops::audit::{
        self, AuditAction, AuditEntry, AuditFilter, ChangeCounts, ChangePhase, ChangeResult, ChangeScope, LogHead,
        LogVerdict, LoggedChange,
    },
    settings::Paths,
    upload::timestamp,
};

const EXAMPLES: &str = "\
Examples:
  tatami audit                                      every change, the oldest first
  tatami audit --environment Shop --since 2026-11-01
  tatami audit --action delete --json               the entries as they are written, a line of JSON each
  tatami audit --verify                             whether the log is whole, and its head
  tatami audit --verify --head 12:5f0c…             the same, against a head that was kept elsewhere

Every change is written down before it is made, and is not made when that fails; a second entry says how it ended. Each \
entry holds the hash of the line before, and a file beside the log, its head, the hash of the last, so that lines which are \
changed, missing or cut off are found, and a head that is gone. A crash may leave the head one entry back: then the last \
entry is not proven, which is said. Whoever can write to the folder can remove both files, or write both anew: that is \
found only with a head that was kept elsewhere. Ends with 0 when all is well or there is no log yet, 1 when the log is not \
whole, 2 when it cannot be read.";

/// The arguments of `tatami audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AuditArgs {
    /// Only changes of this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Only changes of this kind: upload, undo, delete, wipe, add-environment, change-environment, remove-environment,
    /// add-key, allow-http
    #[arg(long, value_name = "ACTION")]
    action: Option<AuditAction>,
    /// Only changes from then on: 2026-11-01, 2026-11-01T09:30 by the clock of this machine, or 2026-11-01T09:30:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Write the entries as they stand in the log, a line of JSON each
    #[arg(long)]
    json: bool,
    /// Say whether the log is whole
    #[arg(long, conflicts_with_all = ["environment", "action", "since", "json"])]
    verify: bool,
    /// A head that --verify said before and that was kept elsewhere
    #[arg(long, value_name = "NUMBER:HASH", requires = "verify")]
    head: Option<LogHead>,
}

/// Lists the changes, or verifies the log.
pub(super) fn run(args: &AuditArgs) -> CommandResult {
    let paths = Paths::find()?;
    if args.verify {
        return verdict(&audit::verify(&paths, args.head.as_ref())?);
    }
    let filter = AuditFilter {
        environment: args.environment.clone(),
        action: args.action,
        since: args.since,
    };
    let list = audit::list(&paths, &filter)?;
    let mut out = text::stdout();
    if args.json {
        let mut lines = list.changes.iter().flat_map(|change| &change.lines);
        lines.try_for_each(|line| writeln!(out, "{line}"))?;
    } else if list.changes.is_empty() {
        writeln!(out, "Nothing like that was changed from this machine")?;
    } else {
        list.changes.iter().try_for_each(|change| say(change, &mut out))?;
    }
    out.flush()?;
    if list.unreadable > 0 {
        text::remark(&format!(
            "{} cannot be read; tatami audit --verify says which",
            counted(list.unreadable, "line of the log", "lines of the log")
        ));
    }
    Ok(ExitCode::from(u8::from(list.unreadable > 0)))
}

/// A moment as people write it.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().ok();
    let moment = local.and_then(|local| local.to_zoned(TimeZone::system()).ok());
    moment
        .map(|moment| moment.timestamp())
        .ok_or_else(|| "write a day, such as 2026-11-01, or a moment, such as 2026-11-01T09:30".to_owned())
}

/// A change in a line.
fn say(change: &LoggedChange, out: &mut dyn Write) -> Result<(), Failure> {
    let LoggedChange { begun, ended, .. } = change;
    writeln!(
        out,
        "{DIM}{:>5}  {}{DIM:#}  {BOLD}{}{BOLD:#}  {}: {}",
        begun.number,
        safe(&timestamp(&begun.at)),
        safe(&begun.environment),
        safe(&what(begun, ended.as_ref())),
        ended.as_ref().map_or_else(
            || format!("{YELLOW}its end is not written down; it is under way, or was cut off{YELLOW:#}"),
            |ended| outcome(ended, begun.action)
        ),
    )?;
    Ok(())
}

/// What was to be done.
fn what(begun: &AuditEntry, ended: Option<&AuditEntry>) -> String {
    let scope = match &begun.phase {
        ChangePhase::Begun(scope) => scope.clone(),
        ChangePhase::Ended { .. } => ChangeScope::default(),
    };
    let dataset = scope.dataset.unwrap_or_default();
    let numbered = ended.and_then(|ended| match ended.phase {
        ChangePhase::Ended { upload, .. } => upload,
        ChangePhase::Begun(_) => None,
    });
    let upload = match numbered.or(scope.upload) {
        Some(upload) => format!("upload {upload}"),
        None => "upload".to_owned(),
    };
    let rows = || counted(scope.rows.unwrap_or_default(), "row", "rows");
    match begun.action {
        AuditAction::Upload => format!("{upload} of {dataset}, {}", rows()),
        AuditAction::Undo => format!(
            "{upload} of {dataset}, the undo of {}, {}",
            scope.undoes.unwrap_or_default(),
            rows()
        ),
        AuditAction::Delete => {
            let count = scope.rows.unwrap_or_default();
            match dataset.parse::<Dataset>() {
                Ok(Dataset::Interactions) => {
                    format!("delete the interactions of {}", counted(count, "user", "users"))
                }
                Ok(dataset) => format!("delete {}", counted(count, dataset.noun(1), dataset.noun(2))),
                Err(_) => format!("delete {} of {dataset}", grouped(count)),
            }
        }
        AuditAction::Wipe => format!("wipe {dataset}"),
        AuditAction::AddEnvironment => format!("set up, {} at {}", scope.kind.unwrap_or_default(), begun.address),
        AuditAction::ChangeEnvironment => {
            format!("changed to {} at {}", scope.kind.unwrap_or_default(), begun.address)
        }
        AuditAction::RemoveEnvironment => "forget it, with its key".to_owned(),
        AuditAction::AddKey => "take a key for its own".to_owned(),
        AuditAction::AllowHttp => "let key and records cross the network unencrypted".to_owned(),
    }
}

/// How it ended.
fn outcome(ended: &AuditEntry, action: AuditAction) -> String {
    let ChangePhase::Ended { result, counts, .. } = &ended.phase else {
        return String::new();
    };
    let (word, style) = match result {
        ChangeResult::Done => ("done", GREEN),
        ChangeResult::Stopped => ("stopped", YELLOW),
        ChangeResult::Failed => ("failed", YELLOW),
    };
    let parts: Vec<String> = parts(counts, action).collect();
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!(", {}", parts.join(", "))
    };
    format!("{style}{word}{style:#}{parts}")
}

fn parts(counts: &ChangeCounts, action: AuditAction) -> impl Iterator<Item = String> {
    let stored = if action == AuditAction::Undo {
        "undone"
    } else {
        "stored"
    };
    let always = [(counts.stored, stored), (counts.deleted, "deleted")];
    let sometimes = [
        (counts.rejected, "rejected"),
        (counts.not_sent, "not sent"),
        (counts.unconfirmed, "not confirmed"),
        (counts.not_found, "not there"),
        (counts.left, "left"),
    ];
    let sometimes = sometimes.into_iter().filter(|(count, _)| *count != Some(0));
    let known = always.into_iter().chain(sometimes);
    known.filter_map(|(count, what)| Some(format!("{} {what}", grouped(count?))))
}

fn verdict(verdict: &LogVerdict) -> CommandResult {
    let mut out = text::stdout();
    if !verdict.is_there && verdict.breaks.is_empty() {
        writeln!(out, "There is no log yet")?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let entries = counted(verdict.entries, "entry", "entries");
    let span = match &verdict.span {
        Some((first, last)) => format!(", {} to {}", timestamp(first), timestamp(last)),
        None => String::new(),
    };
    let is_whole = verdict.breaks.is_empty();
    if is_whole {
        writeln!(out, "{GREEN}The log is whole{GREEN:#}: {entries}{}", safe(&span))?;
    } else {
        writeln!(out, "{YELLOW}The log is not whole{YELLOW:#}: {entries}{}", safe(&span))?;
    }
    for broken in &verdict.breaks {
        writeln!(out, "  {broken}")?;
    }
    if verdict.unfinished > 0 {
        writeln!(
            out,
            "  {} behind the last entry are the beginning of one that a crash cut off; no change was made with it",
            counted(verdict.unfinished, "byte", "bytes")
        )?;
    }
    if verdict.is_ahead {
        writeln!(
            out,
            "  The head is of the entry before the last, as a crash between both leaves it: that the last one was not changed \
             or added by something else cannot be known"
        )?;
    }
    if let Some(head) = &verdict.head {
        writeln!(out, "Its head is {head}")?;
        writeln!(
            out,
            "  {DIM}Whoever can write to the folder can cut the log, or write it anew, and its head with it; kept elsewhere, \
             the head shows that later (--head){DIM:#}"
        )?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(!is_whole)))
}
