//! What remains of an upload for people: its report, and the file of the rows that were not stored.

use std::{collections::HashMap, io::Write, ops::ControlFlow};

use serde_json::{Value, json};

use super::{Report, RowState, SkipReason, page, stricter};
use crate::{
    check::Checked,
    domain::{
        cell::{Cell, OwnedCell},
        error_file,
        issue::Severity,
        message,
        rows::RowSet,
    },
    frame::{Edits, ExtraColumns, Frame, FrameError, export_csv, export_workbook},
};

/// An upload that has ended, with the file it was of.
#[derive(Debug)]
pub struct Aftermath<'a> {
    /// The file.
    pub frame: &'a Frame,
    /// What was changed in it.
    pub edits: &'a Edits,
    /// Its problems.
    pub checked: &'a Checked,
    /// How it ended.
    pub report: &'a Report,
    /// Where it went: name and address.
    pub environment: &'a str,
    said: HashMap<u32, &'a [String]>,
}

impl<'a> Aftermath<'a> {
    /// Puts together what is known.
    pub fn new(
        (frame, edits, checked): (&'a Frame, &'a Edits, &'a Checked),
        report: &'a Report,
        environment: &'a str,
    ) -> Self {
        let said = report.rejected.iter();
        Self {
            frame,
            edits,
            checked,
            report,
            environment,
            said: said.map(|(row, lines)| (*row, lines.as_slice())).collect(),
        }
    }

    /// The rows that are not stored, those aside that were stored before.
    pub fn rows(&self) -> RowSet {
        let mut rows = RowSet::of_ranges(std::iter::once(0..self.frame.len()));
        for state in [RowState::Stored, RowState::Skipped(SkipReason::Unchanged)] {
            if let Some(set) = self.report.states.rows(state) {
                rows.remove_all(set);
            }
        }
        rows
    }

    /// The error file as CSV: rows that are not stored as they stand in the file, with where they stood, what became
    /// of them, and why.
    pub fn write_errors(&self, out: &mut dyn Write) -> Result<(), FrameError> {
        let cells = |row: u32| self.added(row);
        export_csv(
            self.frame,
            self.edits,
            self.rows().iter(),
            Some(ExtraColumns {
                names: &error_file::COLUMNS,
                cells: &cells,
            }),
            out,
        )
    }

    /// The same as a workbook, with the cells painted that are wrong.
    pub fn errors_workbook(&self) -> Result<Vec<u8>, FrameError> {
        let cells = |row: u32| self.added(row);
        let extra = ExtraColumns {
            names: &error_file::COLUMNS,
            cells: &cells,
        };
        export_workbook(self.frame, self.edits, self.rows().iter(), extra, &|row| {
            self.wrong(row)
        })
    }

    /// The report as one JSON document.
    pub fn as_json(&self) -> Value {
        let Report {
            id,
            tally,
            settled,
            duration,
            bytes,
            requests,
            stopped,
            ..
        } = self.report;
        let rules = stricter(&self.report.rejected).into_iter().map(|kind| {
            json!({"path": kind.path, "message": kind.message, "rows": kind.rows, "line": self.frame.line(kind.first)})
        });
        let rows = self.rows();
        let rows = rows
            .iter()
            .map(|row| json!({"line": self.frame.line(row), "status": self.status(row), "errors": self.reasons(row)}));
        json!({
            "upload": id.map(|id| id.0),
            "file": self.frame.path().to_string_lossy(),
            "dataset": self.checked.plan().dataset.name(),
            "environment": self.environment,
            "rows": tally.all,
            "stored": tally.stored,
            "stored_before": tally.unchanged,
            "rejected": tally.rejected,
            "left_out": tally.with_errors + tally.unreadable,
            "waiting": tally.waiting + tally.sent,
            "not_confirmed": tally.unknown,
            "settled": {
                "sent_again": settled.resent, "by_task": settled.by_task, "read_back": settled.read_back
            },
            "seconds": duration.as_secs_f64(),
            "bytes": bytes,
            "requests": requests,
            "stopped": stopped.as_ref().map(ToString::to_string),
            "server_is_stricter": rules.collect::<Vec<_>>(),
            "not_stored": rows.collect::<Vec<_>>(),
        })
    }

    /// The report as a page with a picture of the outcome.
    pub fn write_page(&self, out: &mut dyn Write) -> std::io::Result<()> {
        page::write(self, out)
    }

    /// What became of a row, in a word or two.
    pub(super) fn status(&self, row: u32) -> &'static str {
        match self.report.states.state(row) {
            RowState::Waiting => "not sent",
            RowState::Sent | RowState::Unknown => "not confirmed",
            RowState::Stored => "stored",
            RowState::Rejected => "rejected",
            RowState::Skipped(SkipReason::Unchanged) => "stored before",
            RowState::Skipped(_) => "left out",
        }
    }

    /// Why a row is not stored: the server's words, or the check's, or why the upload ended.
    pub(super) fn reasons(&self, row: u32) -> Vec<String> {
        match self.report.states.state(row) {
            RowState::Rejected => self.said.get(&row).map(|lines| lines.to_vec()).unwrap_or_default(),
            RowState::Skipped(_) => {
                let problems = self.problems(row).into_iter();
                problems.map(|(_, sentence)| sentence).collect()
            }
            RowState::Waiting | RowState::Sent | RowState::Unknown => {
                self.report.stopped.iter().map(ToString::to_string).collect()
            }
            RowState::Stored => Vec::new(),
        }
    }

    fn added(&self, row: u32) -> Vec<String> {
        let line = self.frame.location(row, None).brief();
        // A file that comes back a second time still tells where its rows stood at first.
        let first = self.frame.column(error_file::COLUMNS[0]);
        let first = first.and_then(|column| Some(self.cells(row).get(column as usize)?.as_cell().shown().into_owned()));
        let line = first.filter(|line| !line.is_empty()).unwrap_or(line);
        vec![line, self.status(row).to_owned(), self.reasons(row).join(" | ")]
    }

    /// The columns of what is wrong with a row.
    fn wrong(&self, row: u32) -> Vec<u32> {
        match self.report.states.state(row) {
            RowState::Rejected => {
                let lines = self.said.get(&row).copied().unwrap_or_default();
                let paths = lines
                    .iter()
                    .filter_map(|line| message::parse(line))
                    .map(|line| line.path);
                let column = |path: String| self.checked.plan().column_of(&path);
                paths
                    .filter_map(column)
                    .filter_map(|column| u32::try_from(column).ok())
                    .collect()
            }
            RowState::Skipped(_) => self
                .problems(row)
                .into_iter()
                .filter_map(|(column, _)| column)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn problems(&self, row: u32) -> Vec<(Option<u32>, String)> {
        let cells = self.cells(row);
        let cells: Vec<Cell<'_>> = cells.iter().map(OwnedCell::as_cell).collect();
        let defects = self.frame.defects();
        let at = defects.binary_search_by_key(&row, |defect| defect.row).ok();
        let reason = at.and_then(|at| defects.get(at)).map(|defect| defect.reason.as_str());
        let place = |row: u32| self.frame.location(row, None).to_string();
        let problems = self.checked.explain(row, &cells, reason, &place, 0).into_iter();
        let errors = problems.filter(|problem| problem.severity == Severity::Error);
        errors.map(|problem| (problem.cause.column, problem.sentence)).collect()
    }

    fn cells(&self, row: u32) -> Vec<OwnedCell> {
        let read = self.frame.read(row..row.saturating_add(1), self.edits);
        read.ok().and_then(|rows| rows.into_iter().next()).unwrap_or_default()
    }
}

/// Of an error file that came back: how many of its rows had errors, and how many of these have none any more.
pub fn fixed(frame: &Frame, edits: &Edits, checked: &Checked) -> Result<Option<(u64, u64)>, FrameError> {
    let Some(column) = frame
        .column(error_file::COLUMNS[2])
        .filter(|_| error_file::is_error_file(frame.columns()))
    else {
        return Ok(None);
    };
    let bad = checked.rows_with_errors();
    let (mut had, mut fixed) = (0, 0);
    frame.scan(0..frame.len(), edits, &mut |row, cells| {
        let errors = cells.get(column as usize).copied().unwrap_or_default();
        if !errors.shown().is_empty() {
            had += 1;
            fixed += u64::from(!bad.contains(row));
        }
        ControlFlow::Continue(())
    })?;
    Ok(Some((had, fixed)))
}
