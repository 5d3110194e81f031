//! Writing a table to another file: as it is, or the rows that have problems.

use std::path::Path;

use super::TableRef;
use crate::{
    domain::{
        cell::{Cell, OwnedCell},
        progress::Progress,
    },
    frame::{self, Edits, ExtraColumns, Frame, FrameError},
    settings::{AtomicFile, Existing},
};

/// Writes a table in the format, dialect and encoding of its file, with what was changed in it. Progress counts bytes, and
/// cancels.
///
/// # Errors
/// When it can no longer be read, comes from that very file, or cannot be written.
pub(crate) fn copy(
    frame: &Frame,
    edits: &Edits,
    (path, existing): (&Path, Existing),
    progress: &Progress,
) -> Result<(), FrameError> {
    AtomicFile::write(
        path,
        existing,
        |path| frame.comes_from(path),
        |out| frame::export_same(frame, edits, progress, out),
    )
}

/// Writes every row that has a problem as CSV, with its line in the file and what is wrong with it, to where a person has
/// chosen. Answers how many they are.
///
/// # Errors
/// As [`copy`].
pub(crate) fn problems(table: TableRef<'_>, path: &Path) -> Result<u64, FrameError> {
    let frame = table.frame;
    let rows = table.checked.issues.all_rows();
    let extra = |row: u32| vec![frame.location(row, None).brief(), sentences(table, row)];
    let extra = ExtraColumns {
        names: &["_line", "_errors"],
        cells: &extra,
    };
    AtomicFile::write(
        path,
        Existing::Replace,
        |path| frame.comes_from(path),
        |out| frame::export_csv(frame, table.edits, rows.iter(), Some(extra), out),
    )?;
    Ok(rows.len())
}

/// What is wrong with a row.
fn sentences(table: TableRef<'_>, row: u32) -> String {
    let frame = table.frame;
    let Ok(read) = frame.read(row..row + 1, table.edits) else {
        return String::new();
    };
    let cells: Vec<Cell<'_>> = read.iter().flatten().map(OwnedCell::as_cell).collect();
    let reason = frame.defect(row).map(|defect| defect.reason.as_str());
    let place_of = |row| frame.location(row, None).to_string();
    let problems = table.checked.explain(row, &cells, reason, &place_of, 0);
    let sentences: Vec<String> = problems.into_iter().map(|problem| problem.sentence).collect();
    sentences.join(" | ")
}
