//! The rows in sight, read where they stand in the file and kept until something changes.

use std::{cell::OnceCell, collections::BTreeMap, ops::Range};

use super::{Key, key};
use crate::{
    check::Problem,
    domain::{
        cell::{Cell, OwnedCell},
        escapes::safe_lines,
        issue::{Cause, Severity},
        record::Plan,
        rules::Rule,
    },
    session::{Document, TableView},
};

/// A row as it is shown.
pub(super) struct Row {
    /// Its place in the file, from 0.
    pub file: u32,
    pub cells: Vec<OwnedCell>,
    /// Its worst problem.
    pub mark: Option<Severity>,
    /// The worst problem of every cell that has one, by column.
    pub(crate) marks: BTreeMap<u32, Severity>,
    problems: OnceCell<Vec<Problem>>,
    sent: OnceCell<BTreeMap<u32, String>>,
}

impl Row {
    /// Reads one row; `None` when the file cannot be read.
    pub(crate) fn read(document: &Document, file: u32) -> Option<Self> {
        let view = document.view().filter(|view| file < view.frame.len())?;
        let cells = view.frame.read(file..file + 1, &view.edits).ok()?.into_iter().next()?;
        Some(Self::new(document, file, cells))
    }

    fn new(document: &Document, file: u32, cells: Vec<OwnedCell>) -> Self {
        let mut marks = BTreeMap::new();
        let mut mark = None;
        let issues = document.checked().map(|checked| &checked.issues).into_iter();
        for (issues, cause) in issues.flat_map(|issues| issues.of_row(file).map(move |cause| (issues, cause))) {
            let severity = issues.severity(cause);
            mark = Some(mark.map_or(severity, |worst: Severity| worst.min(severity)));
            if let Some(column) = cause.column {
                let worst = marks.entry(column).or_insert(severity);
                *worst = severity.min(*worst);
            }
        }
        Self {
            file,
            cells,
            mark,
            marks,
            problems: OnceCell::new(),
            sent: OnceCell::new(),
        }
    }

    /// The row's cells, borrowed.
    pub(crate) fn borrowed(&self) -> Vec<Cell<'_>> {
        self.cells.iter().map(OwnedCell::as_cell).collect()
    }

    /// One cell.
    pub(crate) fn cell(&self, column: u32) -> Cell<'_> {
        self.cells
            .get(column as usize)
            .map(OwnedCell::as_cell)
            .unwrap_or_default()
    }

    /// What is sent in place of a cell, as it is shown, where that is another text than the file's; empty when no
    /// value is sent. Worked out once for the row, when it is first asked for.
    pub(crate) fn sent(&self, plan: &Plan, column: u32) -> Option<&str> {
        let sent = self.sent.get_or_init(|| {
            let shown = plan.rewritten().filter_map(|at| {
                let column = u32::try_from(at).ok()?;
                let cell = self.cells.get(at)?.as_cell();
                let text = plan.sent_instead(at, cell)?;
                (text != cell.shown()).then_some((column, text))
            });
            shown.collect()
        });
        sent.get(&column).map(String::as_str)
    }

    /// What is wrong with the row, in words; worked out once.
    pub(crate) fn problems(&self, document: &Document) -> &[Problem] {
        self.problems.get_or_init(|| self.explain(document))
    }

    fn explain(&self, document: &Document) -> Vec<Problem> {
        let Ok(open) = document.open() else {
            return Vec::new();
        };
        let (Ok(checked), Some(_)) = (open.checked(), self.mark) else {
            return Vec::new();
        };
        let frame = &open.view.frame;
        let reason = frame.defect(self.file).map(|defect| defect.reason.as_str());
        let place_of = |row: u32| frame.location(row, None).to_string();
        let mut problems = checked.explain(self.file, &self.borrowed(), reason, &place_of, 0);
        if let Some(lines) = open.refused.get(&self.file) {
            for problem in problems
                .iter_mut()
                .filter(|problem| problem.cause.rule == Rule::Refused)
            {
                problem.api_line = Some(lines.join("\n"));
            }
        }
        problems
    }

    /// The sentences about a cell, one a line; with `None` those about the row as a whole.
    pub(crate) fn message(&self, document: &Document, column: Option<u32>) -> Option<String> {
        let told = self
            .problems(document)
            .iter()
            .filter(|problem| problem.cause.column == column);
        let sentences: Vec<String> = told
            .map(|problem| match (&problem.api_line, problem.cause.rule) {
                (Some(line), Rule::Refused) => format!("{}: {line}", problem.sentence),
                _ => problem.sentence.clone(),
            })
            .collect();
        (!sentences.is_empty()).then(|| safe_lines(&sentences.join("\n")).into_owned())
    }

    /// The cause at a cell whose repair cannot go wrong, and the repaired text.
    pub(crate) fn repair(&self, document: &Document, column: u32) -> Option<(Cause, String)> {
        let checked = document.checked()?;
        let part = checked.plan().part(column as usize)?;
        let mut causes = checked
            .issues
            .of_row(self.file)
            .filter(|cause| cause.column == Some(column));
        causes.find_map(|cause| {
            let repaired = cause.hint?.repair(part, self.cell(column))?;
            Some((*cause, repaired.as_cell().shown().into_owned()))
        })
    }
}

/// The rows in sight.
#[derive(Default)]
pub(super) struct Rows {
    of: Key,
    start: u64,
    read: Vec<Option<Row>>,
}

impl Rows {
    /// Reads the rows of a stretch of the table that are not there yet.
    pub(crate) fn prefetch(&mut self, document: &Document, wanted: Range<u64>) {
        let Some(view) = document.view() else { return };
        let wanted = wanted.start..wanted.end.min(view.shown_rows());
        let key = key(document);
        let have = self.start..self.start + self.read.len() as u64;
        let is_fresh = self.of == key;
        if is_fresh && have.start <= wanted.start && wanted.end <= have.end {
            return;
        }
        let mut kept: BTreeMap<u64, Row> = BTreeMap::new();
        if is_fresh {
            let old = std::mem::take(&mut self.read).into_iter().zip(have.start..);
            kept.extend(old.filter_map(|(row, display)| Some((display, row?))));
        }
        let mut missing: Vec<(u64, u32)> = Vec::new();
        for display in wanted.clone() {
            if !kept.contains_key(&display)
                && let Some(file) = view.file_row(display)
            {
                missing.push((display, file));
            }
        }
        // Neighbours in the file are read together.
        for stretch in missing.chunk_by(|one, next| one.1.checked_add(1) == Some(next.1)) {
            read(document, view, stretch, &mut kept);
        }
        self.of = key;
        self.start = wanted.start;
        self.read = wanted.map(|display| kept.remove(&display)).collect();
    }

    /// A row that was got ready.
    pub(crate) fn get(&self, display: u64) -> Option<&Row> {
        let at = usize::try_from(display.checked_sub(self.start)?).ok()?;
        self.read.get(at)?.as_ref()
    }
}

fn read(document: &Document, view: &TableView, stretch: &[(u64, u32)], into: &mut BTreeMap<u64, Row>) {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
        return;
    };
    // What cannot be read stays pending; the failure itself is told by whoever checks or uploads.
    let Ok(rows) = view.frame.read(first.1..last.1 + 1, &view.edits) else {
        return;
    };
    for ((display, file), cells) in stretch.iter().zip(rows) {
        into.insert(*display, Row::new(document, *file, cells));
    }
}
