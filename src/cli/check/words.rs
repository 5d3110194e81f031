//! The result for people.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use super::CheckTotals;
use crate::{
    cli::{
        failure::Failure,
        input::Input,
        reading,
        report::{self, Group},
        text::{BOLD, CYAN, DIM, GREEN, RED, counted, grouped, quoted, safe, severity_style, shorten},
    },
    domain::{mapping::Reason, rules::Evidence},
};

/// Values are shown so far.
const VALUE: usize = 60;
/// Sentences are shown so far.
const SENTENCE: usize = 240;
/// Names of columns in one line.
const NAMES: usize = 96;

/// Writes what is to be said about one file.
pub(super) fn write(
    input: &Input,
    places: usize,
    all_columns: bool,
    is_first: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if !is_first {
        writeln!(out)?;
    }
    let recognised = if input.is_recognised {
        ", recognised from the columns"
    } else {
        ""
    };
    let rows = counted(u64::from(input.frame.len()), "row", "rows");
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {rows}, {}{DIM}{recognised}{DIM:#}",
        safe(&input.name()),
        input.dataset()
    )?;
    reading::write(&input.frame, out)?;
    columns(input, all_columns, out)?;
    let most = |group: &Group<'_>| if names_rows(group) { 0 } else { places };
    report::each_group(input, most, |group| {
        writeln!(out)?;
        write_group(input, group, places, out)
    })?;
    let suggestions = suggestions(input, out)?;
    writeln!(out)?;
    summary(CheckTotals::of(input), suggestions, out)?;
    Ok(())
}

/// Offers for fields of the schema whose values are all taken, but may be meant otherwise; how many there are.
fn suggestions(input: &Input, out: &mut dyn Write) -> io::Result<u64> {
    let causes = input.checked.issues.causes();
    let about: HashSet<usize> = causes
        .filter_map(|(cause, _)| cause.column.map(|column| column as usize))
        .collect();
    let mut count = 0;
    for (column, name) in input.frame.columns().iter().enumerate() {
        let is_field = input
            .checked
            .plan()
            .part(column)
            .is_some_and(|part| part.node.is_some());
        if !is_field || about.contains(&column) {
            continue;
        }
        let Some(proposal) = input.proposal(column) else {
            continue;
        };
        count += 1;
        let transform = &proposal.transform;
        writeln!(
            out,
            "\n{CYAN}suggestion{CYAN:#} {BOLD}{}{BOLD:#}: {}",
            safe(name),
            safe(&proposal.title())
        )?;
        for (before, after) in proposal.proof.examples.iter().take(2) {
            let (before, after) = (safe(before), safe(after));
            writeln!(out, "  {} → {}", shorten(&before, VALUE), shorten(&after, VALUE))?;
        }
        let choice = quoted(&format!("{name}={transform}"));
        writeln!(out, "  {CYAN}→ --transform {choice}{CYAN:#}")?;
    }
    Ok(count)
}

/// Writes the sum of several files.
pub(super) fn totals(totals: CheckTotals, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\n{BOLD}{}{BOLD:#}: ", counted(totals.files, "file", "files"))?;
    summary(totals, 0, out)
}

fn summary(totals: CheckTotals, suggestions: u64, out: &mut dyn Write) -> io::Result<()> {
    let CheckTotals {
        rows,
        sendable,
        errors,
        warnings,
        ..
    } = totals;
    let style = if errors == 0 { GREEN } else { RED };
    let verdict = match sendable {
        _ if rows == 0 => "There are no rows".to_owned(),
        _ if rows == 1 && sendable == 1 => "The one row can be sent".to_owned(),
        _ if sendable == rows => format!("All {} can be sent", counted(rows, "row", "rows")),
        _ => format!("{} of {} can be sent", grouped(sendable), counted(rows, "row", "rows")),
    };
    write!(out, "{style}{verdict}{style:#}")?;
    match (errors, warnings) {
        (0, 0) => write!(out, "; no problems")?,
        _ => write!(
            out,
            "; {}, {}",
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings")
        )?,
    }
    if suggestions > 0 {
        write!(out, ", {}", counted(suggestions, "suggestion", "suggestions"))?;
    }
    writeln!(out)
}

/// Where the columns go; those with a field's own name are only counted unless all are asked for.
fn columns(input: &Input, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let named = || input.frame.columns().iter().zip(&input.mapping.targets);
    let is_listed = |reason: Reason| all || !matches!(reason, Reason::SameName | Reason::Custom);
    let listed = || named().filter(|(_, target)| is_listed(target.reason));
    let width = listed()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    for (index, (name, target)) in named().enumerate().filter(|(_, (_, target))| is_listed(target.reason)) {
        let name = safe(name);
        match &target.path {
            Some(path) => {
                let custom_type = input.checked.custom_type(index);
                let custom_type = custom_type
                    .map(|custom_type| format!(", {}", custom_type.name()))
                    .unwrap_or_default();
                let reason = target.reason.words();
                writeln!(
                    out,
                    "  {name:<width$} → {} {DIM}({reason}{custom_type}){DIM:#}",
                    safe(path)
                )?;
            }
            None => match target.reason {
                Reason::Secret(_) => {
                    let reason = target.reason.words();
                    writeln!(out, "  {name:<width$} {DIM}{reason}{DIM:#}")?;
                }
                Reason::SameName
                | Reason::SimilarName
                | Reason::Alias
                | Reason::Resembles
                | Reason::PartOfName
                | Reason::Values { .. }
                | Reason::Custom
                | Reason::AsIs
                | Reason::Chosen
                | Reason::Recipe => writeln!(out, "  {name:<width$} {DIM}left out{DIM:#}")?,
            },
        }
    }
    if all {
        return Ok(());
    }
    let exact = named().filter(|(_, target)| target.reason == Reason::SameName).count();
    if exact > 0 {
        let exact = counted(
            exact as u64,
            "column has its field's name",
            "columns have their fields' names",
        );
        writeln!(out, "  {DIM}{exact}{DIM:#}")?;
    }
    let custom: Vec<&str> = named()
        .filter(|(_, target)| target.reason == Reason::Custom)
        .map(|(name, _)| name.as_str())
        .collect();
    if !custom.is_empty() {
        let prefix = input.dataset().custom_prefix();
        let custom_names = custom.join(", ");
        let custom_names = safe(&custom_names);
        let many = counted(custom.len() as u64, "column goes", "columns go");
        writeln!(
            out,
            "  {DIM}{many} to {prefix}: {}{DIM:#}",
            shorten(&custom_names, NAMES)
        )?;
    }
    Ok(())
}

fn write_group(input: &Input, group: &Group<'_>, most: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let severity = group.severity();
    let style = severity_style(severity);
    let rule = group.cause.rule;
    write!(out, "{style}{}{style:#} ", severity.name())?;
    match (group.column(), group.field()) {
        (Some(column), Some(field)) if column != field => {
            write!(out, "{BOLD}{}{BOLD:#} ({}): ", safe(column), safe(field))?;
        }
        (Some(name), _) | (None, Some(name)) => write!(out, "{BOLD}{}{BOLD:#}: ", safe(name))?,
        (None, None) => {}
    }
    let rows = counted(group.rows.len(), "row", "rows");
    writeln!(out, "{}, {rows} {DIM}[{}]{DIM:#}", group.title(), rule.name())?;
    if names_rows(group) {
        lines(input, group, most, out)?;
    } else {
        places(input, group, most, out)?;
    }
    writeln!(out, "  {CYAN}→ {}{CYAN:#}", safe(&group.advice()))?;
    Ok(())
}

/// Whether the rows say it all: nothing in them is shown.
fn names_rows(group: &Group<'_>) -> bool {
    match group.cause.rule.about().evidence {
        Evidence::Rows | Evidence::MissingField => true,
        Evidence::Value | Evidence::Sentence | Evidence::Reason => false,
    }
}

/// The lines alone; rows that follow each other as one stretch.
fn lines(input: &Input, group: &Group<'_>, most: usize, out: &mut dyn Write) -> io::Result<()> {
    let most = most.saturating_mul(4);
    let mut stretches: Vec<(u32, u32)> = Vec::new();
    let mut shown = 0;
    for row in group.rows.iter() {
        let is_full = stretches.len() == most;
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ if is_full => break,
            _ => stretches.push((row, row)),
        }
        shown += 1;
    }
    if stretches.is_empty() {
        return Ok(());
    }
    let line = |row| input.frame.line(row);
    let (one, several) = input.frame.unit();
    let stretches: Vec<String> = stretches
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => line(first).to_string(),
            // Several records may stand on one line.
            _ if line(first) == line(last) => line(first).to_string(),
            1 => format!("{}, {}", line(first), line(last)),
            _ => format!("{} to {}", line(first), line(last)),
        })
        .collect();
    let more = group.rows.len() - shown;
    let more = if more > 0 {
        format!(" and {} more", grouped(more))
    } else {
        String::new()
    };
    let is_one = matches!(stretches.as_slice(), [only] if only.bytes().all(|byte| byte.is_ascii_digit()));
    let word = if is_one { one } else { several };
    writeln!(out, "  {word} {}{more}", stretches.join(", "))
}

/// The first places, with their values, or with what takes a sentence to say.
fn places(input: &Input, group: &Group<'_>, most: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let places = group.places(most)?;
    for (row, problem) in &places {
        let shown = match group.cause.rule.about().evidence {
            Evidence::Reason => {
                let reason = input.defect(*row).unwrap_or_default();
                match input.frame.location(*row, None).offset {
                    Some(offset) => format!("{reason} (byte {offset})"),
                    None => reason.to_owned(),
                }
            }
            Evidence::Sentence => problem.sentence.clone(),
            Evidence::Value | Evidence::Rows | Evidence::MissingField => shorten(&problem.value, VALUE).into_owned(),
        };
        writeln!(
            out,
            "  {}: {}",
            safe(&input.frame.location(*row, group.cause.column).to_string()),
            shorten(&safe(&shown), SENTENCE)
        )?;
    }
    let more = group.rows.len() - places.len() as u64;
    if more > 0 && !places.is_empty() {
        writeln!(out, "  {DIM}and {} more{DIM:#}", grouped(more))?;
    }
    Ok(())
}
