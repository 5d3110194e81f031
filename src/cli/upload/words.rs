//! What is said of an upload in the terminal, before and after it.

use std::io::Write;

use super::UploadArgs;
use crate::{
    cli::{
        failure::Failure,
        input::Input,
        reading, report,
        target::Target,
        text::{BOLD, DIM, GREEN, RED, YELLOW, counted, grouped, safe, shorten},
    },
    domain::issue::Severity,
    ops::upload::Prepared,
    upload::{self, Fingerprint, Report, SettledRows, Stopped, TableRecords, UploadTally, WriteOptions},
};

/// Rejected rows that are shown.
const SHOWN: usize = 5;

/// Says what is going to be sent where.
pub(super) fn announce(
    args: &UploadArgs,
    target: &Target,
    input: &Input,
    prepared: &Prepared<TableRecords>,
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
    if let (Some(_), Some(id)) = (args.resume, prepared.id()) {
        let tally = prepared.tally();
        let open = grouped(tally.open());
        writeln!(
            out,
            "  upload {id} goes on, {open} of {} rows are open",
            grouped(tally.all)
        )?;
        return Ok(());
    }
    reading::write(&input.frame, out)?;
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
    let warnings = input.checked.issues.count(Severity::Warning);
    if warnings > 0 {
        let warnings = counted(warnings, "warning", "warnings");
        writeln!(out, "  {YELLOW}{warnings}{YELLOW:#}; tatami check says which")?;
    }
    if bad == all && all > 0 {
        missing_field(input, out)?;
    }
    let superseded = input.checked.superseded().len();
    if superseded > 0 {
        let rows = counted(superseded, "row is", "rows are");
        let what = if args.write_options.merge {
            "merged into"
        } else {
            "replaced by"
        };
        writeln!(out, "  {DIM}{rows} {what} a later row with the same id{DIM:#}")?;
    }
    if args.write_options.merge {
        writeln!(
            out,
            "  {DIM}to be merged with what is stored: fields that the rows do not have stay{DIM:#}"
        )?;
    }
    Ok(())
}

/// When no row can be sent, the reason is mostly that no column is the id.
fn missing_field(input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let is_missing = |group: &report::Group<'_>| group.is_missing_field() && group.cause.column.is_none();
    if let Some(group) = report::groups(input).find(is_missing) {
        writeln!(out, "  {RED}{}{RED:#}", group.advice())?;
    }
    Ok(())
}

/// Says what became of it.
pub(super) fn conclude(
    args: &UploadArgs,
    input: &Input,
    (report, write_options): (&Report, WriteOptions),
    out: &mut dyn Write,
) -> Result<(), Failure> {
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
    for kind in upload::unchecked_rules(&report.rejected).iter().take(SHOWN) {
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
    if let Some(read) = &report.read_back {
        let style = if read.is_good() { DIM } else { YELLOW };
        writeln!(out, "  {style}{}{style:#}", safe(&read.to_string()))?;
    }
    if report.stopped.as_ref().is_some_and(Stopped::is_wanted) && report.tally.open() > 0 {
        writeln!(out, "  {YELLOW}Cancelled{YELLOW:#}: what is stored stays stored")?;
    }
    let Some(id) = report.id else { return Ok(()) };
    if report.tally.open() > 0 && Fingerprint::of(input.path()).is_ok() {
        writeln!(out, "  {DIM}tatami upload --resume {id} goes on with the rest{DIM:#}")?;
    }
    if write_options.keep_replaced && report.tally.stored > 0 {
        writeln!(out, "  {DIM}tatami undo {id} takes it back{DIM:#}")?;
    }
    Ok(())
}

/// How rows were settled whose first request was never answered.
pub(in crate::cli) fn settled(report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    let SettledRows {
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
pub(in crate::cli) fn sum(tally: &UploadTally, dry_run: bool) -> String {
    let sum = tally.to_string();
    if dry_run {
        sum.replacen(" stored", " would be stored", 1)
    } else {
        sum
    }
}
