//! The rows that are not stored, as CSV: which, in what state, and why.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::ControlFlow,
};

use crate::{
    cli::{failure::Failure, input::Input, text::csv_cell},
    domain::issue::Severity,
    upload::{Report, RowState},
};

/// Writes the names of the columns.
pub(super) fn header(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "file,line,id,state,reason")
}

/// Writes every row of one file that is not stored, and returns how many there are.
pub(super) fn write(input: &Input, report: &Report, out: &mut dyn Write) -> Result<u64, Failure> {
    let name = input.name();
    let id = input
        .dataset()
        .id_field()
        .and_then(|field| input.mapping.column_of(field));
    let said: HashMap<u32, &[String]> = report
        .rejected
        .iter()
        .map(|(row, lines)| (*row, lines.as_slice()))
        .collect();
    let rest = (0..input.frame.len()).filter(|row| report.states.state(*row) != RowState::Stored);
    let mut count = 0;
    let mut written = Ok(());
    input.visit(rest, &mut |row, cells| {
        let state = report.states.state(row);
        let reason = match state {
            RowState::Rejected => said.get(&row).map(|lines| lines.join("; ")).unwrap_or_default(),
            RowState::Skipped(_) => {
                let place_of = |row| input.frame.location(row, None).to_string();
                let problems = input.checked.explain(row, cells, input.defect(row), &place_of, 0);
                let errors = problems
                    .into_iter()
                    .filter(|problem| problem.severity == Severity::Error);
                errors.map(|problem| problem.sentence).collect::<Vec<_>>().join("; ")
            }
            _ => report.stopped.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let id = id.and_then(|id| cells.get(id)).copied().unwrap_or_default();
        count += 1;
        written = writeln!(
            out,
            "{},{},{},{},{}",
            csv_cell(&name),
            csv_cell(&input.frame.location(row, None).brief()),
            csv_cell(&id.shown()),
            state_name(state),
            csv_cell(&reason)
        );
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    written?;
    Ok(count)
}

const fn state_name(state: RowState) -> &'static str {
    match state {
        RowState::Waiting => "not sent",
        RowState::Sent | RowState::Unknown => "not confirmed",
        RowState::Stored => "stored",
        RowState::Rejected => "rejected",
        RowState::Skipped(_) => "left out",
    }
}
