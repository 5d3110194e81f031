//! The result as one JSON document, written group by group: with all places it may be larger than memory.

use std::{
    borrow::Cow,
    io::{self, Write},
    ops::ControlFlow,
};

use serde::Serialize;

use super::CheckTotals;
use crate::{
    check::Problem,
    cli::{
        failure::Failure,
        input::Input,
        report::{self, Group},
    },
    domain::{escapes::safe_json, mapping::CustomType, rules::Hint},
    frame::Reading,
};

#[derive(Serialize)]
struct File<'a> {
    path: String,
    dataset: &'a str,
    rows: u64,
    can_be_sent: u64,
    errors: u64,
    warnings: u64,
    reading: Reading<'a>,
    columns: Vec<ColumnJson<'a>>,
}

#[derive(Serialize)]
struct ColumnJson<'a> {
    #[serde(rename = "column")]
    name: &'a str,
    field: Option<&'a str>,
    reason: Cow<'static, str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    custom_type: Option<&'a str>,
}

#[derive(Serialize)]
struct HeadJson<'a> {
    rule: &'a str,
    severity: &'a str,
    column: Option<&'a str>,
    field: Option<&'a str>,
    looks_like: Option<&'a str>,
    rows: u64,
    advice: String,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    line: u64,
    offset: Option<u64>,
    location: String,
    path: &'a str,
    value: &'a str,
    sentence: &'a str,
    api_line: Option<&'a str>,
}

#[derive(Serialize)]
struct Sum {
    rows: u64,
    can_be_sent: u64,
    errors: u64,
    warnings: u64,
}

/// Begins the document.
pub(super) fn open(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"files\":[")
}

/// Ends the document.
pub(super) fn close(totals: CheckTotals, out: &mut dyn Write) -> io::Result<()> {
    let sum = Sum {
        rows: totals.rows,
        can_be_sent: totals.sendable,
        errors: totals.errors,
        warnings: totals.warnings,
    };
    writeln!(out, "\n],\"total\":{}}}", serde_json::to_string(&sum)?)
}

/// Writes one file.
pub(super) fn write(input: &Input, most: usize, is_first: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let totals = CheckTotals::of(input);
    let columns = input.frame.columns().iter().zip(&input.mapping.targets).enumerate();
    let file = File {
        path: input.name(),
        dataset: input.dataset().name(),
        rows: totals.rows,
        can_be_sent: totals.sendable,
        errors: totals.errors,
        warnings: totals.warnings,
        reading: input.frame.reading(),
        columns: columns
            .map(|(index, (name, target))| ColumnJson {
                name,
                field: target.path.as_deref(),
                reason: target.reason.words(),
                custom_type: input.checked.custom_type(index).map(CustomType::name),
            })
            .collect(),
    };
    writeln!(out, "{}", if is_first { "" } else { "," })?;
    open_object(&file, out)?;
    write!(out, ",\"problems\":[")?;
    let mut separator = "";
    report::each_group(
        input,
        |_| most,
        |group| {
            write!(out, "{separator}\n ")?;
            separator = ",";
            write_group(input, group, most, out)
        },
    )?;
    write!(out, "]}}")?;
    Ok(())
}

fn write_group(input: &Input, group: &Group<'_>, most: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let head = HeadJson {
        rule: group.cause.rule.name(),
        severity: group.severity().name(),
        column: group.column(),
        field: group.field(),
        looks_like: group.cause.hint.map(Hint::plural),
        rows: group.rows.len(),
        advice: group.advice(),
    };
    open_object(&head, out)?;
    write!(out, ",\"places\":[")?;
    let mut is_first = true;
    let mut written = Ok(());
    group.each(most, &mut |row, problem| {
        written = write_place(input, row, problem, std::mem::take(&mut is_first), out);
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    written?;
    write!(out, "]}}")?;
    Ok(())
}

fn write_place(input: &Input, row: u32, problem: &Problem, is_first: bool, out: &mut dyn Write) -> io::Result<()> {
    let location = input.frame.location(row, problem.cause.column);
    let place = PlaceJson {
        line: location.line,
        offset: location.offset,
        location: location.to_string(),
        path: &problem.path,
        value: &problem.value,
        sentence: &problem.sentence,
        api_line: problem.api_line.as_deref(),
    };
    write!(
        out,
        "{}\n  {}",
        if is_first { "" } else { "," },
        safe_json(&serde_json::to_string(&place)?)
    )
}

/// Writes an object without its end, so that more can follow.
fn open_object(object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string(object)?;
    let text = safe_json(&text);
    out.write_all(text.strip_suffix('}').unwrap_or(&text).as_bytes())
}
