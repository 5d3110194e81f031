//! Rows written out again as CSV.

use std::{
    io::{self, Write},
    ops::ControlFlow,
};

use super::{Edits, Frame, FrameError};
use crate::domain::error_file::guarded;

/// Columns that an export adds to those of the file, such as `_line` and `_errors`.
#[derive(Clone, Copy)]
pub struct ExtraColumns<'a> {
    /// Their names.
    pub names: &'a [&'a str],
    /// A row's cells in them, as many as there are names.
    pub cells: &'a dyn Fn(u32) -> Vec<String>,
}

impl std::fmt::Debug for ExtraColumns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtraColumns")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Writes rows as comma-separated UTF-8 with a header: the file's columns with edits, then the extra ones.
/// JSON cells are written as people see them: texts without quotes, other values as JSON.
pub fn export_csv(
    frame: &Frame,
    edits: &Edits,
    rows: impl Iterator<Item = u32>,
    extra: Option<ExtraColumns<'_>>,
    out: &mut dyn Write,
) -> Result<(), FrameError> {
    let failed = |source| FrameError::Io {
        path: "the export".into(),
        source,
    };
    let names = extra.map_or(&[][..], |extra| extra.names);
    // What is added stands for what was added before.
    let is_kept = |name: &&String| !names.contains(&name.as_str());
    let kept: Vec<bool> = frame.columns().iter().map(|name| is_kept(&name)).collect();
    let header = frame.columns().iter().filter(is_kept).map(String::as_str);
    let header = header.chain(names.iter().copied());
    write_record(out, header).map_err(failed)?;
    let mut rows = rows.peekable();
    while let Some(first) = rows.next() {
        // Neighbours are read together.
        let mut end = first.saturating_add(1);
        while rows.next_if_eq(&end).is_some() {
            end = end.saturating_add(1);
        }
        let mut written = Ok(());
        frame.scan(first..end, edits, &mut |row, cells| {
            let added = extra.map(|extra| (extra.cells)(row)).unwrap_or_default();
            let shown = cells.iter().zip(&kept).filter(|(_, kept)| **kept);
            let shown: Vec<_> = shown.map(|(cell, _)| cell.shown()).collect();
            let record = shown.iter().map(AsRef::as_ref).chain(added.iter().map(String::as_str));
            // A file for people goes through spreadsheets.
            let guards = !names.is_empty();
            let record = record.map(|cell| if guards { guarded(cell) } else { cell.into() });
            let record: Vec<_> = record.collect();
            written = write_record(out, record.iter().map(AsRef::as_ref));
            if written.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        written.map_err(failed)?;
    }
    out.flush().map_err(failed)
}

/// Writes one record of comma-separated text, with quotes where they must be.
pub(crate) fn write_record<'a>(out: &mut dyn Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let mut count = 0;
    let mut all_empty = true;
    for cell in cells {
        if count > 0 {
            out.write_all(b",")?;
        }
        write_cell(out, cell)?;
        count += 1;
        all_empty &= cell.is_empty();
    }
    if count == 1 && all_empty {
        out.write_all(b"\"\"")?; // an empty line would be no record
    }
    out.write_all(b"\n")
}

fn write_cell(out: &mut dyn Write, cell: &str) -> io::Result<()> {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    let bytes = cell.as_bytes();
    let plain = !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if plain && !edge(bytes.first()) && !edge(bytes.last()) {
        return out.write_all(bytes);
    }
    out.write_all(b"\"")?;
    for (at, part) in cell.split('"').enumerate() {
        if at > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\"")
}
