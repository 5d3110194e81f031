//! Rows written out as a workbook, with what is wrong painted.

use std::ops::ControlFlow;

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::{Edits, ExtraColumns, Frame, FrameError};
use crate::domain::error_file;

/// Characters in a cell, at most (Excel's limit).
const MOST_CHARS: usize = 32_767;
/// Rows of a sheet, at most, the header included (Excel's limit).
const MOST_ROWS: u64 = 1_048_576;

/// Writes rows as a workbook of one sheet: the file's columns with edits, then the extra ones. All cells are texts, so
/// that none becomes a formula, a date or a rounded number. `marked` says which columns of a row are wrong.
///
/// # Errors
/// When the file has changed, or what is to be written is more than a workbook holds.
pub(crate) fn export_workbook(
    frame: &Frame,
    edits: &Edits,
    rows: impl Iterator<Item = u32>,
    extra: ExtraColumns<'_>,
    marked: &dyn Fn(u32) -> Vec<u32>,
) -> Result<Vec<u8>, FrameError> {
    let refused = |reason: String| FrameError::Unsupported {
        path: "the workbook".into(),
        reason,
    };
    let failed = |error: XlsxError| refused(error.to_string());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let kept: Vec<u32> = (0..)
        .zip(frame.columns())
        .filter(|(_, name)| !error_file::COLUMNS.contains(&name.as_str()))
        .map(|(column, _)| column)
        .collect();
    let paint = Format::new()
        .set_background_color(Color::RGB(0x00FB_DAD7))
        .set_font_color(Color::RGB(0x0093_1F1A));
    let bold = Format::new().set_bold();
    let names = kept.iter().filter_map(|column| frame.columns().get(*column as usize));
    for (at, name) in (0..).zip(names.map(String::as_str).chain(extra.names.iter().copied())) {
        sheet.write_string_with_format(0, at, name, &bold).map_err(failed)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    let mut line = 0_u32;
    for row in rows {
        line += 1;
        if u64::from(line) >= MOST_ROWS {
            return Err(refused(
                "it would have more rows than a sheet holds; write a CSV file".to_owned(),
            ));
        }
        let wrong = marked(row);
        let added = (extra.cells)(row);
        let mut written = Ok(());
        frame.scan(row..row.saturating_add(1), edits, &mut |_, cells| {
            let own = kept.iter().map(|column| {
                let cell = cells.get(*column as usize).copied().unwrap_or_default();
                (cell.shown(), wrong.contains(column))
            });
            let added = added.iter().map(|text| (text.as_str().into(), false));
            for (at, (text, is_wrong)) in (0..).zip(own.chain(added)) {
                written = put(sheet, (line, at), &text, is_wrong.then_some(&paint));
                if written.is_err() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        written.map_err(|error| match error {
            XlsxError::MaxStringLengthExceeded => refused(format!(
                "a value in line {} is longer than the {MOST_CHARS} characters a cell holds; write a CSV file",
                frame.line(row)
            )),
            error => failed(error),
        })?;
    }
    book.save_to_buffer().map_err(failed)
}

fn put(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str, paint: Option<&Format>) -> Result<(), XlsxError> {
    match paint {
        // What is missing is painted as well.
        Some(paint) => sheet.write_string_with_format(row, column, text, paint)?,
        None if text.is_empty() => return Ok(()),
        None => sheet.write_string(row, column, text)?,
    };
    Ok(())
}

/// The cells of an error file that were guarded against being taken for formulas, as they were before. Other files have
/// none.
///
/// # Errors
/// When the file has changed.
pub(crate) fn unguard(frame: &Frame) -> Result<Edits, FrameError> {
    let mut edits = Edits::default();
    if !error_file::is_error_file(frame.columns()) || frame.format().is_json() {
        return Ok(edits);
    }
    let mut found = Vec::new();
    frame.scan(0..frame.len(), &Edits::default(), &mut |row, cells| {
        for (column, cell) in (0..).zip(cells) {
            if let crate::domain::cell::Cell::Text(text) = cell
                && let Some(before) = error_file::unguarded(text)
            {
                found.push((row, column, before.to_owned()));
            }
        }
        ControlFlow::Continue(())
    })?;
    for (row, column, text) in found {
        edits.set(row, column, Some(crate::domain::cell::OwnedCell::Text(text.into())));
    }
    Ok(edits)
}
