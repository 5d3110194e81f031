//! The files that an upload leaves for people: its report, and the rows that were not stored.

use std::path::{Path, PathBuf};

use crate::{
    cli::{failure::Failure, input::Input, output::OutputArgs, text},
    frame::Frame,
    ops::report::{self, ReportKind},
    settings::{Existing, are_one_file},
    upload::{Report, ReportWriter},
};

/// Refuses a file that is there already, before anything is done; or that is `source`, which the records come from.
pub(in crate::cli) fn ensure_free(
    report: Option<&PathBuf>,
    errors: Option<&PathBuf>,
    output: OutputArgs,
    source: Option<&Path>,
) -> Result<(), Failure> {
    for (option, path) in [("--report", report), ("--errors", errors)] {
        let Some(path) = path else { continue };
        if source.is_some_and(|source| are_one_file(source, path)) {
            return Err(would_replace(option, path));
        }
        output.ensure_free(path, |_| false)?;
    }
    Ok(())
}

/// Refuses a file that would take the place of the records it is about.
pub(in crate::cli) fn must_not_replace<'a>(
    frames: impl IntoIterator<Item = &'a Frame>,
    report: Option<&PathBuf>,
    errors: Option<&PathBuf>,
) -> Result<(), Failure> {
    for frame in frames {
        for (option, path) in [("--report", report), ("--errors", errors)] {
            let Some(path) = path.filter(|path| frame.comes_from(path)) else {
                continue;
            };
            return Err(would_replace(option, path));
        }
    }
    Ok(())
}

fn would_replace(option: &str, path: &Path) -> Failure {
    Failure::said(format!(
        "{option} would replace {}, from which the rows come; give it another file",
        path.display()
    ))
}

/// Writes the rows that are not stored as they stand in the file, with what is wrong with them.
pub(in crate::cli) fn errors(
    input: &Input,
    report: &Report,
    place: &str,
    (path, existing): (&Path, Existing),
) -> Result<(), Failure> {
    let rows = report::save(input.table(), (report, place), ReportKind::Rows, (path, existing))?;
    text::remark(&format!(
        "{} not stored, with their columns and what is wrong, in {}",
        text::counted(rows, "row", "rows"),
        path.display()
    ));
    Ok(())
}

/// Writes the report of one file's upload.
pub(in crate::cli) fn report(
    input: &Input,
    report: &Report,
    place: &str,
    to: (&Path, Existing),
) -> Result<(), Failure> {
    report::save(input.table(), (report, place), ReportKind::Report, to)?;
    Ok(())
}

/// The name of a file has an ending that says another form than it can have.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("give a name that ends in .{}", .can_be.join(", ."))]
pub(in crate::cli) struct WrongForm {
    can_be: &'static [&'static str],
}

/// The path of a report, in a form that it can have.
pub(in crate::cli) fn report_path(text: &str) -> Result<PathBuf, WrongForm> {
    path_of(text, &["csv", "html", "htm", "json"])
}

/// The path of an error file, in a form that it can have.
pub(in crate::cli) fn errors_path(text: &str) -> Result<PathBuf, WrongForm> {
    path_of(text, &["csv", "xlsx"])
}

/// A name without an ending stands for CSV.
fn path_of(text: &str, can_be: &'static [&'static str]) -> Result<PathBuf, WrongForm> {
    let path = PathBuf::from(text);
    let form = path.extension().map(|form| form.to_string_lossy().to_lowercase());
    if form.is_none_or(|form| can_be.contains(&form.as_str())) {
        return Ok(path);
    }
    Err(WrongForm { can_be })
}

/// What is known of an upload and its file.
pub(super) fn aftermath<'a>(input: &'a Input, report: &'a Report, place: &'a str) -> ReportWriter<'a> {
    ReportWriter::new((&input.frame, &input.edits, &input.checked), report, place)
}
