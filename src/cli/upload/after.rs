//! The files that an upload leaves for people: its report, and the rows that were not stored.

use std::{io::Write as _, path::Path};

use super::leftover;
use crate::{
    cli::{failure::Failure, input::Input, out_file::OutFile, text},
    upload::{Aftermath, Report},
};

/// How a file is to be written, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    Csv,
    Html,
    Json,
    Workbook,
}

impl Kind {
    /// What a path asks for.
    pub(in crate::cli) fn of(path: &Path) -> Self {
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("html" | "htm") => Self::Html,
            Some("json") => Self::Json,
            Some("xlsx") => Self::Workbook,
            _ => Self::Csv,
        }
    }
}

/// Writes the rows that are not stored as they stand in the file, with what is wrong with them.
pub(in crate::cli) fn errors(input: &Input, report: &Report, place: &str, path: &Path) -> Result<(), Failure> {
    let after = aftermath(input, report, place);
    let rows = after.rows().len();
    let mut out = OutFile::create(path)?;
    if Kind::of(path) == Kind::Workbook {
        out.write_all(&after.errors_workbook()?)?;
    } else {
        after.write_errors(&mut out)?;
    }
    out.finish()?;
    text::remark(&format!(
        "{} not stored, with their columns and what is wrong, in {}",
        text::counted(rows, "row", "rows"),
        path.display()
    ));
    Ok(())
}

/// Writes the report of one file's upload.
pub(in crate::cli) fn report(input: &Input, report: &Report, place: &str, path: &Path) -> Result<(), Failure> {
    let after = aftermath(input, report, place);
    let mut out = OutFile::create(path)?;
    match Kind::of(path) {
        Kind::Html => after.write_page(&mut out)?,
        Kind::Json => writeln!(out, "{}", text::pretty_json(&after.as_json().to_string()))?,
        Kind::Csv | Kind::Workbook => {
            leftover::header(&mut out)?;
            leftover::write(input, report, &mut out)?;
        }
    }
    out.finish()
}

fn aftermath<'a>(input: &'a Input, report: &'a Report, place: &'a str) -> Aftermath<'a> {
    Aftermath::new((&input.frame, &input.edits, &input.checked), report, place)
}
