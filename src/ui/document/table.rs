//! A document as the grid shows it.

use std::{borrow::Cow, ops::Range};

use super::{facts::Facts, rows::Rows, shown_columns::ShownColumns, statistics};
use crate::{
    domain::{cell::Cell, issue::Severity, rows::RowSet},
    session::{Document, Filter, Find, Phase, TableView},
    ui::grid::{CellKind, GridCell, GridColumn, GridSource, Strip},
};

/// A document's rows and columns.
pub(super) struct Table<'a> {
    pub document: &'a Document,
    pub(crate) view: &'a TableView,
    pub(crate) facts: &'a Facts,
    pub(crate) columns: &'a ShownColumns,
    pub rows: &'a mut Rows,
    /// What is looked for in it.
    pub(crate) find: Option<&'a Find>,
}

impl GridSource for Table<'_> {
    fn row_count(&self) -> u64 {
        self.view.shown_rows()
    }

    fn columns(&self) -> &[GridColumn] {
        &self.columns.headers
    }

    fn strip(&self, column: usize) -> Option<Strip> {
        statistics::strip(self.document.open().ok()?, self.facts, self.columns.file(column)?)
    }

    fn strip_text(&self, column: usize) -> Option<String> {
        statistics::sentence(self.document.open().ok()?, self.facts, self.columns.file(column)?)
    }

    fn prefetch(&mut self, rows: Range<u64>, _: Range<usize>) {
        self.rows.prefetch(self.document, rows);
    }

    fn line(&self, row: u64) -> u64 {
        let file = self.view.file_row(row);
        file.map_or(0, |file| self.view.frame.line(file))
    }

    fn row_mark(&self, row: u64) -> Option<Severity> {
        self.rows.get(row)?.mark
    }

    fn is_mended(&self, row: u64) -> bool {
        let (Some(row), Some(checked)) = (self.rows.get(row), self.document.checked()) else {
            return false;
        };
        match self.document.filter() {
            Filter::All | Filter::Refused => false,
            Filter::Problems => row.mark.is_none(),
            Filter::Cause(cause) => !checked.issues.rows(&cause).is_some_and(|rows| rows.contains(row.file)),
        }
    }

    fn row_message(&self, row: u64) -> Option<String> {
        let row = self.rows.get(row)?;
        let whole = row.message(self.document, None);
        whole.or_else(|| {
            let all: Vec<_> = row
                .problems(self.document)
                .iter()
                .map(|problem| problem.sentence.as_str())
                .collect();
            (!all.is_empty()).then(|| all.join("\n"))
        })
    }

    fn cell(&self, row: u64, column: usize) -> GridCell<'_> {
        let Some(row) = self.rows.get(row) else {
            return GridCell {
                kind: CellKind::Pending,
                ..GridCell::default()
            };
        };
        let at = self.columns.file(column).unwrap_or(u32::MAX);
        let cell = row.cell(at);
        let sent = self.facts.plan(self.document).and_then(|plan| row.sent(plan, at));
        let (text, kind) = match (sent, cell) {
            (Some(""), _) | (None, Cell::Missing) => (Cow::Borrowed(""), CellKind::Missing),
            (Some(sent), _) => (Cow::Borrowed(sent), CellKind::Value),
            (None, Cell::Json("null")) => (Cow::Borrowed("null"), CellKind::Null),
            (None, cell) => {
                let text = cell.shown();
                let kind = if text.is_empty() {
                    CellKind::Empty
                } else {
                    CellKind::Value
                };
                (text, kind)
            }
        };
        GridCell {
            text,
            original: sent.map(|_| cell.shown()),
            kind,
            severity: row.marks.get(&at).copied(),
            edited: self.view.edits.get(row.file, at).is_some(),
        }
    }

    fn cell_message(&self, row: u64, column: usize) -> Option<String> {
        let row = self.rows.get(row)?;
        row.message(self.document, Some(self.columns.file(column)?))
    }

    fn is_found(&self, row: u64, column: usize) -> bool {
        let plan = self.facts.plan(self.document);
        let (Some(find), Some(row), Some(plan)) = (self.find, self.rows.get(row), plan) else {
            return false;
        };
        let column = self.columns.file(column);
        column.is_some_and(|column| find.query.is_in(plan, column, row.cell(column)))
    }

    fn found_rows(&self) -> Option<&RowSet> {
        self.find?.places()
    }

    fn editable(&self, _: u64, _: usize) -> bool {
        !matches!(self.document.phase(), Phase::Opening | Phase::Failed(_)) && !self.document.is_uploading()
    }
}
