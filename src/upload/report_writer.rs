//! What remains of an upload for people: its report, and the file of the rows that were not stored.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
};

use serde_json::{Value, json};

use super::{ReadBack, Report, RowState, SkipReason, report_page, unchecked_rules};
use crate::{
    check::Checked,
    domain::{
        cell::{Cell, OwnedCell},
        error_file,
        issue::Severity,
        json, message,
        rows::RowSet,
    },
    frame::{Edits, ExtraColumns, Frame, FrameError, export_csv, export_workbook, write_record},
};

/// How a report or an error file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportForm {
    /// `.csv`
    Csv,
    /// `.html`
    Page,
    /// `.json`
    Json,
    /// `.xlsx`
    Workbook,
}

impl ReportForm {
    /// The form that a path's extension names; CSV for any other extension.
    pub(crate) fn of(path: &Path) -> Self {
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("html" | "htm") => Self::Page,
            Some("json") => Self::Json,
            Some("xlsx") => Self::Workbook,
            _ => Self::Csv,
        }
    }
}

/// The columns of a report as CSV.
const LIST: [&str; 5] = ["file", "line", "id", "state", "reason"];

/// Writes the names of the columns of a report as CSV.
pub(crate) fn write_list_header(out: &mut dyn Write) -> io::Result<()> {
    write_record(out, LIST.into_iter())
}

/// An ended upload with its file, for the report.
#[derive(Debug)]
pub(crate) struct ReportWriter<'a> {
    /// The file.
    pub frame: &'a Frame,
    /// The cells that a person changed.
    pub edits: &'a Edits,
    /// Its problems.
    pub checked: &'a Checked,
    /// How it ended.
    pub report: &'a Report,
    /// Where it went: name and address.
    pub environment: &'a str,
    said: HashMap<u32, &'a [String]>,
}

impl<'a> ReportWriter<'a> {
    /// Gathers what reports and error files are written from.
    pub(crate) fn new(
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
    pub(crate) fn rows(&self) -> RowSet {
        let mut rows = RowSet::of_ranges(std::iter::once(0..self.frame.len()));
        for state in [RowState::Stored, RowState::Skipped(SkipReason::Unchanged)] {
            if let Some(set) = self.report.states.rows(state) {
                rows.remove_all(set);
            }
        }
        rows
    }

    /// Writes the report.
    pub(crate) fn write_report(&self, form: ReportForm, out: &mut dyn Write) -> Result<(), FrameError> {
        match form {
            ReportForm::Page => report_page::write(self, out).map_err(not_written),
            ReportForm::Json => {
                let text = json::pretty(&self.as_json().to_string());
                writeln!(out, "{text}").map_err(not_written)
            }
            ReportForm::Csv | ReportForm::Workbook => {
                write_list_header(out).map_err(not_written)?;
                self.write_list(out).map(|_| ())
            }
        }
    }

    /// Writes the rows that are not stored, one a line, below [`write_list_header`]; returns how many there are.
    pub(crate) fn write_list(&self, out: &mut dyn Write) -> Result<u64, FrameError> {
        let name = self.frame.path().display().to_string();
        let dataset = self.checked.plan().dataset;
        let id = dataset.id_field().and_then(|id| self.checked.plan().column_of(id));
        let rows = self.rows();
        let mut written = Ok(());
        for range in rows.ranges() {
            self.frame.scan(range, self.edits, &mut |row, cells| {
                let id = id.and_then(|id| cells.get(id)).copied().unwrap_or_default().shown();
                let reasons = self.reasons_of(row, cells).join("; ");
                let place = self.frame.location(row, None).brief();
                let record = [&name, &place, &*id, self.status(row), &reasons].map(error_file::guarded);
                written = write_record(out, record.iter().map(AsRef::as_ref));
                if written.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            std::mem::replace(&mut written, Ok(())).map_err(not_written)?;
        }
        Ok(rows.len())
    }

    /// Writes the error file: rows that are not stored as they stand in the file, with where they stood, what became
    /// of them, and why; in a workbook the cells are painted that are wrong.
    pub(crate) fn write_errors(&self, form: ReportForm, out: &mut dyn Write) -> Result<(), FrameError> {
        let cells = |row: u32| self.added(row);
        let extra = ExtraColumns {
            names: &error_file::COLUMNS,
            cells: &cells,
        };
        let rows = self.rows();
        if form != ReportForm::Workbook {
            return export_csv(self.frame, self.edits, rows.iter(), Some(extra), out);
        }
        let workbook = export_workbook(self.frame, self.edits, rows.iter(), extra, &|row| self.wrong(row))?;
        out.write_all(&workbook).map_err(not_written)
    }

    /// The report as one JSON document.
    pub(crate) fn as_json(&self) -> Value {
        let Report {
            id,
            tally,
            settled,
            duration,
            bytes,
            requests,
            superseded,
            read_back,
            stopped,
            ..
        } = self.report;
        // The duration of an earlier upload is not known.
        let this_run = !duration.is_zero();
        let rules = unchecked_rules(&self.report.rejected).into_iter().map(|kind| {
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
            "reading": self.frame.reading(),
            "warnings": self.checked.issues.count(Severity::Warning),
            "environment": self.environment,
            "rows": tally.all,
            "stored": tally.stored,
            "stored_before": tally.unchanged,
            "superseded": superseded,
            "rejected": tally.rejected,
            "left_out": tally.with_errors + tally.unreadable + tally.unaddressable,
            "waiting": tally.waiting + tally.sent,
            "not_confirmed": tally.unknown,
            "settled": {
                "sent_again": settled.resent, "by_task": settled.by_task, "read_back": settled.read_back
            },
            "seconds": this_run.then_some(duration.as_secs_f64()),
            "bytes": this_run.then_some(bytes),
            "requests": this_run.then_some(requests),
            "read_back": read_back.as_ref().map(read_back_json),
            "stopped": stopped.as_ref().map(ToString::to_string),
            "server_is_stricter": rules.collect::<Vec<_>>(),
            "not_stored": rows.collect::<Vec<_>>(),
        })
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
        let cells = self.cells(row);
        let cells: Vec<Cell<'_>> = cells.iter().map(OwnedCell::as_cell).collect();
        self.reasons_of(row, &cells)
    }

    fn reasons_of(&self, row: u32, cells: &[Cell<'_>]) -> Vec<String> {
        match self.report.states.state(row) {
            RowState::Rejected => self.said.get(&row).map(|lines| lines.to_vec()).unwrap_or_default(),
            RowState::Skipped(SkipReason::Unaddressable) => {
                vec!["The API cannot be asked for this id, so that there is nothing to merge with".to_owned()]
            }
            RowState::Skipped(_) => {
                let problems = self.problems(row, cells).into_iter();
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

    /// The columns with a problem in a row.
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
            RowState::Skipped(_) => {
                let cells = self.cells(row);
                let cells: Vec<Cell<'_>> = cells.iter().map(OwnedCell::as_cell).collect();
                let problems = self.problems(row, &cells).into_iter();
                problems.filter_map(|(column, _)| column).collect()
            }
            _ => Vec::new(),
        }
    }

    fn problems(&self, row: u32, cells: &[Cell<'_>]) -> Vec<(Option<u32>, String)> {
        let reason = self.frame.defect(row).map(|defect| defect.reason.as_str());
        let place = |row: u32| self.frame.location(row, None).to_string();
        let problems = self.checked.explain(row, cells, reason, &place, 0).into_iter();
        let errors = problems.filter(|problem| problem.severity == Severity::Error);
        errors.map(|problem| (problem.cause.column, problem.sentence)).collect()
    }

    fn cells(&self, row: u32) -> Vec<OwnedCell> {
        let read = self.frame.read(row..row.saturating_add(1), self.edits);
        read.ok().and_then(|rows| rows.into_iter().next()).unwrap_or_default()
    }
}

fn read_back_json(read: &ReadBack) -> Value {
    json!({
        "asked": read.asked,
        "found": read.found,
        "missing": read.missing,
        "unknown": read.unknown.as_ref().map(ToString::to_string),
    })
}

fn not_written(source: io::Error) -> FrameError {
    FrameError::Io {
        path: "the report".into(),
        source,
    }
}

/// For an error file that came back: how many of its rows had errors, and how many of these are free of them now.
pub(crate) fn fixed(frame: &Frame, edits: &Edits, checked: &Checked) -> Result<Option<(u64, u64)>, FrameError> {
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
