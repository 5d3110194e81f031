//! A file written out again as it is: every byte of it, but for the cells that were changed.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{
    Csv, Edits, Format, Frame, FrameError, TextEncoding, csv,
    source::Source,
    splice::{self, Unwritable},
};
use crate::domain::{cell::OwnedCell, number::grouped, progress::Progress};

/// Bytes copied at a time.
const BLOCK: u64 = 1 << 20;

/// Writes the whole file in its own format, dialect and encoding: records without changes byte for byte, in the others
/// only the changed cells anew. What was compressed is written unpacked; a sheet or the like, which is no text, as the
/// text it was converted to. Progress counts bytes.
///
/// # Errors
/// When the file has changed or gone, when `out` cannot be written to, and when a changed cell holds what the file
/// cannot: a delimiter where there are no quotes, a character that the encoding does not have.
pub fn export_same(frame: &Frame, edits: &Edits, progress: &Progress, out: &mut dyn Write) -> Result<(), FrameError> {
    frame.source.check()?;
    let original = frame
        .decoded
        .as_ref()
        .map_or(&frame.source, |decoded| decoded.original());
    progress.restart(original.size());
    let mut at = 0;
    let mut record = Vec::new();
    for row in edits.rows().into_iter().filter(|row| *row < frame.len()) {
        let (start, next) = (frame.index.offset(row as usize), frame.index.end(row as usize));
        let len = usize::try_from(next.saturating_sub(start)).unwrap_or(usize::MAX);
        frame.source.read(start, len, &mut record)?;
        let range = frame.record_in(row, &record);
        let (from, to) = (start + range.start as u64, start + range.end as u64);
        copy(original, at..frame.place(from), progress, out)?;
        let unwritable = |reason: Unwritable| FrameError::Unwritable {
            what: format!("the record on line {}", grouped(frame.line(row))),
            reason: reason.to_string(),
        };
        let text = changed(frame, edits, row, record.get(range).unwrap_or_default()).map_err(unwritable)?;
        let bytes = encoded(&text, frame.dialect.encoding).map_err(unwritable)?;
        out.write_all(&bytes).map_err(failed)?;
        at = frame.place(to);
    }
    copy(original, at..original.size(), progress, out)?;
    frame.source.check()?;
    out.flush().map_err(failed)
}

fn failed(source: io::Error) -> FrameError {
    FrameError::Io {
        path: "the export".into(),
        source,
    }
}

fn copy(
    source: &Source,
    range: std::ops::Range<u64>,
    progress: &Progress,
    out: &mut dyn Write,
) -> Result<(), FrameError> {
    let mut block = Vec::new();
    let mut at = range.start;
    while at < range.end {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let len = (range.end - at).min(BLOCK);
        source.read(at, usize::try_from(len).unwrap_or(usize::MAX), &mut block)?;
        out.write_all(&block).map_err(failed)?;
        at += len;
        progress.add(len);
    }
    Ok(())
}

/// The record with its changes. One that could not be read is written anew, of the changes alone.
fn changed(frame: &Frame, edits: &Edits, row: u32, record: &[u8]) -> Result<String, Unwritable> {
    let record = std::str::from_utf8(record).ok().filter(|_| frame.defect(row).is_none());
    if let Format::Csv(csv) = frame.format() {
        return changed_csv(csv, record, frame.columns.len(), |column| edits.get(row, column));
    }
    if matches!(frame.format(), Format::JsonRows { .. }) {
        return splice::splice_items(record, frame.columns.len(), |column| edits.get(row, column));
    }
    let changes: Vec<(&str, &OwnedCell)> = edits
        .of_row(row)
        .filter_map(|(column, cell)| Some((frame.columns().get(column as usize)?.as_str(), cell)))
        .collect();
    splice::splice(record.unwrap_or("{}"), &changes)
}

fn changed_csv<'a>(
    csv: Csv,
    record: Option<&str>,
    columns: usize,
    change: impl Fn(u32) -> Option<&'a OwnedCell>,
) -> Result<String, Unwritable> {
    let places = record.map_or_else(|| vec![0..0; columns], |record| csv::places(record.as_bytes(), csv));
    let record = record.unwrap_or_default();
    let mut text = String::with_capacity(record.len() + 16);
    for (column, place) in (0..).zip(places) {
        if column > 0 {
            text.push_str(&csv.separator());
        }
        let written = record.get(place).unwrap_or_default();
        match change(column) {
            None => text.push_str(written),
            Some(cell) => {
                let was_quoted = csv.quote.is_some_and(|quote| written.starts_with(char::from(quote)));
                push_cell(&mut text, &cell.as_cell().shown(), csv, was_quoted)?;
            }
        }
    }
    if text.is_empty()
        && let Some(quote) = csv.quote
    {
        // An empty line would be no record.
        text.extend([char::from(quote); 2]);
    }
    Ok(text)
}

/// Adds a cell's text, in quotes where it needs them or had them.
fn push_cell(text: &mut String, cell: &str, csv: Csv, was_quoted: bool) -> Result<(), Unwritable> {
    let is_special = |byte: u8| byte == csv.delimiter || byte == b'\n' || byte == b'\r' || Some(byte) == csv.quote;
    let needs_quotes = cell.bytes().any(is_special) || cell.trim().len() < cell.len();
    match csv.quote {
        Some(quote) if needs_quotes || was_quoted => {
            let quote = char::from(quote);
            text.push(quote);
            for (at, part) in cell.split(quote).enumerate() {
                if at > 0 {
                    text.extend([quote; 2]);
                }
                text.push_str(part);
            }
            text.push(quote);
        }
        None if cell.bytes().any(is_special) => {
            return Err(Unwritable::Unquoted);
        }
        _ => text.push_str(cell),
    }
    Ok(())
}

/// The text in the file's encoding.
fn encoded(text: &str, encoding: TextEncoding) -> Result<Cow<'_, [u8]>, Unwritable> {
    encoding
        .encode(text)
        .ok_or_else(|| Unwritable::Unencodable(encoding.title().into_owned()))
}
