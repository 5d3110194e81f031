//! The result as CSV: one line a problem, written as the file is read; nothing is left out.

use std::{
    io::{self, Write},
    ops::ControlFlow,
};

use crate::{
    check::Problem,
    cli::{failure::Failure, input::Input},
    domain::{error_file::guarded, issue::Severity, rows::RowSet},
    frame::write_record,
};

/// Writes the names of the columns.
pub(super) fn header(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "file,line,column,field,rule,severity,value,sentence,api_line")
}

/// Writes every problem of one file, in the order of its rows. Unless `raw`, what a spreadsheet would take for a formula
/// is kept from it.
pub(super) fn write(input: &Input, raw: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let issues = &input.checked.issues;
    let severities = [Severity::Error, Severity::Warning, Severity::Info];
    let rows = severities.into_iter().fold(RowSet::default(), |all, severity| {
        all.union(&issues.rows_with(severity))
    });
    let name = input.name();
    let mut written = Ok(());
    input.problems(rows.iter(), &mut |row, problems| {
        for problem in problems {
            written = line(input, (&name, raw), row, &problem, out);
            if written.is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(written?)
}

fn line(input: &Input, (name, raw): (&str, bool), row: u32, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let rule = problem.cause.rule;
    let column = problem
        .cause
        .column
        .and_then(|column| input.column(column))
        .unwrap_or_default();
    let record = [
        name,
        &input.frame.location(row, problem.cause.column).brief(),
        column,
        &problem.path,
        rule.name(),
        problem.severity.name(),
        &problem.value,
        &problem.sentence,
        problem.api_line.as_deref().unwrap_or_default(),
    ];
    if raw {
        return write_record(out, record.into_iter());
    }
    let record = record.map(guarded);
    write_record(out, record.iter().map(AsRef::as_ref))
}
