//! `tatami upload --preview`: what an upload would do to what is stored.

use std::{io::Write, sync::Arc};

use crate::{
    cli::{
        failure::Failure,
        input::Input,
        reading,
        target::Target,
        text::{self, BOLD, DIM, GREEN, RED, YELLOW, counted, grouped, safe, shorten},
    },
    domain::{
        comparison::{self, Change},
        progress::Progress,
        rows::RowSet,
    },
    ops::compare::{self, Compared},
    upload::Preview,
};

/// Fields that are listed.
const FIELDS: usize = 12;
/// Records that are shown with what would change.
const EXAMPLES: usize = 3;
/// Changes of such a record that are shown.
const CHANGES: usize = 8;
/// Characters of a value that are shown.
const VALUE: usize = 60;

/// Says what the upload of a file would do; whether nothing would be lost or left out.
pub(super) async fn run(
    merge: bool,
    target: &Target,
    input: &Input,
    progress: &Arc<Progress>,
) -> Result<bool, Failure> {
    let looking = compare::preview(&target.connection, input.table(), progress);
    let preview = text::watched_async("Comparing", progress, looking).await;
    let preview = preview.map_err(|stopped| target.stopped(stopped))?;
    let rows = examples(&preview, merge);
    let examples = compare::rows(&target.connection, input.table(), &rows, merge).await;
    let examples = examples.map_err(|error| target.failure(error))?;
    let mut out = text::stdout();
    say(&preview, target, input, merge, &mut out)?;
    for (row, Compared { id, stored, new }) in rows.iter().zip(&examples) {
        if let Some(stored) = stored {
            example(input, (*row, id), &comparison::changes(stored, new)?, &mut out)?;
        }
    }
    writeln!(out, "  {DIM}nothing was sent{DIM:#}")?;
    out.flush()?;
    let is_left_out = preview.left_out > 0 || (merge && preview.unknown > 0);
    Ok(!is_left_out && preview.effect(merge).losing.is_empty())
}

fn say(preview: &Preview, target: &Target, input: &Input, merge: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let dataset = input.dataset();
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {dataset} that would go to {BOLD}{}{BOLD:#}",
        safe(&input.name()),
        safe(&target.shown())
    )?;
    reading::write(&input.frame, out)?;
    let all = u64::from(input.frame.len());
    let left_out = match preview.left_out {
        0 => String::new(),
        rows => format!(", {YELLOW}{} left out because of errors{YELLOW:#}", grouped(rows)),
    };
    writeln!(out, "  {}{left_out}", counted(all, "row", "rows"))?;
    let effect = preview.effect(merge);
    writeln!(
        out,
        "  {GREEN}{} new{GREEN:#}, {} {}, {} the same already",
        grouped(preview.created.len()),
        grouped(effect.changed.len()),
        if merge {
            "merged into a stored record"
        } else {
            "in the place of a stored record"
        },
        grouped(effect.same.len()),
    )?;
    let (superseded, unknown) = if merge {
        (
            "merged into a later row with the same id",
            "left out, because such an id cannot be asked for",
        )
    } else {
        (
            "replaced by a later row with the same id",
            "sent unseen, because such an id cannot be asked for",
        )
    };
    for (rows, what) in [(preview.superseded(merge), superseded), (preview.unknown, unknown)] {
        if rows > 0 {
            writeln!(out, "  {DIM}{} {what}{DIM:#}", counted(rows, "row is", "rows are"))?;
        }
    }
    if merge {
        let (rows, kept) = preview.kept_by_merging();
        if !kept.is_empty() {
            let records = counted(rows.len(), dataset.noun(1), dataset.noun(2));
            writeln!(out, "  fields that the file does not have are kept in {records}:")?;
            fields(&kept, input, out)?;
        }
    }
    if !effect.losing.is_empty() {
        let records = counted(effect.losing.len(), dataset.noun(1), dataset.noun(2));
        let why = if merge {
            "which the file empties"
        } else {
            "because a record is replaced whole; --merge keeps them"
        };
        writeln!(out, "  {RED}{records} would lose fields{RED:#}, {why}:")?;
        fields(&effect.losses(), input, out)?;
    }
    let changes = effect.values();
    if !changes.is_empty() {
        let some = changes.iter().take(FIELDS);
        let some: Vec<String> = some
            .map(|(path, count)| format!("{} ({})", safe(path), grouped(*count)))
            .collect();
        let more = if changes.len() > FIELDS { ", …" } else { "" };
        writeln!(out, "  other values in {}{more}", some.join(", "))?;
    }
    Ok(())
}

/// Fields, with how many records are concerned, and the first of them.
fn fields(fields: &[(&str, RowSet)], input: &Input, out: &mut dyn Write) -> Result<(), Failure> {
    let dataset = input.dataset();
    for (path, rows) in fields.iter().take(FIELDS) {
        let first = rows
            .at_or_after(0)
            .map(|row| input.frame.location(row, None).to_string());
        let path = shorten(&safe(path), VALUE).into_owned();
        let count = counted(rows.len(), dataset.noun(1), dataset.noun(2));
        writeln!(
            out,
            "    {path:<34} {count:>18}   {DIM}first in {}{DIM:#}",
            first.unwrap_or_default()
        )?;
    }
    if let Some(more) = fields.len().checked_sub(FIELDS).filter(|more| *more > 0) {
        let more = counted(more as u64, "more field", "more fields");
        writeln!(out, "    {DIM}and {more}{DIM:#}")?;
    }
    Ok(())
}

/// Some rows that change what is stored, first those that lose fields.
fn examples(preview: &Preview, merge: bool) -> Vec<u32> {
    let effect = preview.effect(merge);
    let others = effect.changed.iter().filter(|row| !effect.losing.contains(*row));
    let mut rows: Vec<u32> = effect.losing.iter().chain(others).take(EXAMPLES).collect();
    rows.sort_unstable();
    rows
}

fn example(input: &Input, (row, id): (u32, &str), changes: &[Change<'_>], out: &mut dyn Write) -> Result<(), Failure> {
    let place = input.frame.location(row, None);
    writeln!(out, "  {BOLD}{}{BOLD:#} {DIM}{place}{DIM:#}", safe(id))?;
    let value = |value: &str| shorten(&safe(value), VALUE).into_owned();
    // What is lost is seen first.
    let (lost, others): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.is_loss());
    for change in lost.into_iter().chain(others).take(CHANGES) {
        let path = safe(&change.path);
        match (change.before, change.after) {
            (Some(before), Some(after)) => {
                writeln!(
                    out,
                    "    {YELLOW}~{YELLOW:#} {path}: {} → {}",
                    value(before),
                    value(after)
                )
            }
            (Some(before), None) => writeln!(out, "    {RED}-{RED:#} {path}: {}", value(before)),
            (None, after) => writeln!(
                out,
                "    {GREEN}+{GREEN:#} {path}: {}",
                value(after.unwrap_or_default())
            ),
        }?;
    }
    if let Some(more) = changes.len().checked_sub(CHANGES).filter(|more| *more > 0) {
        writeln!(
            out,
            "    {DIM}and {}{DIM:#}",
            counted(more as u64, "more field", "more fields")
        )?;
    }
    Ok(())
}
