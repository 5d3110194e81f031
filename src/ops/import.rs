//! How a file would be read with other options, shown by its first rows: only the head of the file is read.

use std::path::Path;

use crate::{
    domain::progress::Progress,
    frame::{DataSource, Dialect, Edits, FrameError, OpenOptions},
};

/// How many rows are shown.
const ROWS: u32 = 8;

/// The first rows of a file as they are read with some options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPreview {
    /// How the file is written, as recognised or as chosen.
    pub dialect: Dialect,
    /// Whether it is a sheet of a workbook, of which only the header is ever in question.
    pub is_sheet: bool,
    /// The lines above the table, which are left out.
    pub above: Vec<String>,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The first rows: the line that each begins on, and its cells as they are shown.
    pub rows: Vec<(u64, Vec<String>)>,
    /// What was noticed, in sentences for people.
    pub notes: Vec<String>,
}

/// Reads the first rows of a file.
///
/// # Errors
/// When it cannot be read so.
pub fn preview(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<ImportPreview, FrameError> {
    let frame = DataSource::at(path, options, progress)?.open_head(options)?;
    let read = frame.read(0..frame.len().min(ROWS), &Edits::default())?;
    let shown = |cells: &Vec<crate::domain::cell::OwnedCell>| {
        let texts = cells.iter().map(|cell| cell.as_cell().shown().into_owned());
        texts.collect()
    };
    let rows = (0..).zip(&read);
    Ok(ImportPreview {
        dialect: *frame.dialect(),
        is_sheet: frame.origin().sheets().is_some(),
        above: frame.lines_above()?,
        columns: frame.columns().to_vec(),
        rows: rows
            .map(|(row, cells)| (frame.location(row, None).line, shown(cells)))
            .collect(),
        notes: frame.notes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn only_the_head_is_previewed_with_the_lines_that_are_skipped() {
        let options = OpenOptions {
            skip: Some(1),
            ..OpenOptions::default()
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let rows: Vec<String> = (0..50).map(|row| format!("A{row},Lamp\n")).collect();
        std::fs::write(file.path(), format!("Our catalog\nproduct_id,title\n{}", rows.concat())).unwrap();
        let read = preview(file.path(), &options, &Progress::default()).unwrap();
        assert_eq!(read.above, ["Our catalog"]);
        assert_eq!(read.columns, ["product_id", "title"]);
        assert_eq!(read.rows.len(), 8);
        assert_eq!(read.rows[0], (3, vec!["A0".to_owned(), "Lamp".to_owned()]));
        let frame = Frame::open(file.path(), &options, &Progress::default()).unwrap();
        assert_eq!(frame.columns(), read.columns);
    }
}
