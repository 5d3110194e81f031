//! Several files as one table: those of a folder, or those that a pattern names. They must be written alike, and their
//! columns be the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use encoding_rs::UTF_8;

use super::{Origin, Taken, origin::Part, take};
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{
        Format, FrameError, OpenOptions,
        build::{self, Extent},
        encoding::Text,
        samples,
        sniff::{self, Sniffed},
        source::{Piece, Source},
    },
};

/// As many files can be open at once without asking the system for more.
const MOST: usize = 500;

/// The files that a folder holds or a pattern such as `data/*.csv` names, in the order of their names; `None` where the
/// path is that of a file.
fn expand(path: &Path) -> Result<Option<Vec<PathBuf>>, FrameError> {
    let refused = |reason: &str| FrameError::Unsupported {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let failed = |source| FrameError::Io {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            files.push(entry.map_err(failed)?.path());
        }
        files.retain(|file| !is_hidden(file) && file.is_file());
        if files.is_empty() {
            return Err(refused("the folder holds no file; choose another"));
        }
    } else {
        let text = path.to_string_lossy();
        if path.exists() || !text.contains(['*', '?', '[']) {
            return Ok(None);
        }
        let pattern = glob::glob(&text).map_err(|error| refused(&format!("it is no pattern ({error})")))?;
        files.extend(pattern.flatten().filter(|file| file.is_file()));
        if files.is_empty() {
            return Err(refused("no file has such a name; change the pattern"));
        }
    }
    if files.len() > MOST {
        let many = grouped(files.len() as u64);
        return Err(refused(&format!(
            "these are {many} files; up to {MOST} can be opened as one table"
        )));
    }
    files.sort();
    Ok(Some(files))
}

fn is_hidden(file: &Path) -> bool {
    file.file_name()
        .is_none_or(|name| name.to_string_lossy().starts_with(['.', '_']))
}

/// The folder that all files lie in, some perhaps in folders within.
fn common_folder(files: &[PathBuf]) -> PathBuf {
    let first = files.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
    let holds_all = |folder: &&Path| files.iter().all(|file| file.starts_with(folder));
    first.ancestors().find(holds_all).unwrap_or(Path::new("")).to_owned()
}

/// The first file, to which the others are held.
struct First {
    name: String,
    format: Format,
    columns: Vec<String>,
}

/// Opens what is at a path: a file, or the files of a folder or pattern as one.
pub(in crate::frame) fn open_path(
    path: &Path,
    options: &OpenOptions,
    head: bool,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    match expand(path)?.as_deref() {
        None => take(Source::open(path)?, options, head, progress),
        Some([file]) => take(Source::open(file)?, options, head, progress),
        Some(files) => open(path, files, options, head, progress),
    }
}

/// Opens several files as one. What stands before a file's first record is left out, but for the first file.
fn open(
    path: &Path,
    files: &[PathBuf],
    options: &OpenOptions,
    head: bool,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    let mut first: Option<First> = None;
    let mut pieces = Vec::new();
    let mut parts = Vec::new();
    let mut read_as = options.clone();
    let mut start = 0;
    let base = common_folder(files);
    // Of the first rows the first file has enough.
    for file in files.iter().take(if head { 1 } else { files.len() }) {
        let Taken {
            source,
            origin,
            options: fixed,
        } = take(Source::open(file)?, options, head, progress)?;
        let name = file.strip_prefix(&base).unwrap_or(file).to_string_lossy().into_owned();
        let (source, decoded, sniffed) = if origin.is_json_lines() {
            (source, None, Sniffed::json_lines())
        } else {
            let text = Text::take(source, fixed.encoding, &fixed, head, progress)?;
            let samples = samples::take(&text.source)?;
            let sniffed = sniff::sniff(&samples, &fixed).map_err(|reason| text.source.refused(reason))?;
            (text.source, text.decoded, sniffed)
        };
        let format = sniffed.format;
        if matches!(format, Format::JsonArray | Format::JsonData) && files.len() > 1 {
            return Err(source.refused(
                "it is one of several files, and holds a JSON array; only files of one record a line make one table",
            ));
        }
        let one = Extent {
            bytes: samples::HEAD as u64,
            records: 1,
        };
        let built = build::build(&source, &sniffed, one, build::BLOCK, &(), &Progress::default(), &|_| {})?;
        let has_rows = built.index.len() > 0;
        let skip = match &first {
            None => 0,
            Some(_) if has_rows => built.index.offset(0),
            Some(_) => source.size(),
        };
        match &first {
            None => {
                read_as = fixed;
                // What was not is decoded by now.
                read_as.encoding = Some(UTF_8);
                if let Format::Csv(csv) = format {
                    read_as.delimiter = Some(csv.delimiter);
                    read_as.quote = Some(csv.quote);
                    read_as.header = Some(csv.header);
                    read_as.skip = Some(csv.skip);
                }
                first = Some(First {
                    name: name.clone(),
                    format,
                    columns: built.columns.names().to_vec(),
                });
            }
            Some(first) => first
                .ensure_alike(format, built.columns.names())
                .map_err(|reason| source.refused(reason))?,
        }
        let piece = Piece::new(source, skip, start)?;
        parts.push(Part {
            name,
            start,
            skip,
            line: if has_rows { built.index.line(0) } else { 1 },
            origin,
            decoded,
        });
        start = piece.end();
        pieces.push(piece);
    }
    Ok(Taken {
        source: Source::several(path, pieces),
        origin: Origin::of(parts),
        options: read_as,
    })
}

impl First {
    /// Fails with the reason when another file is not like it.
    fn ensure_alike(&self, format: Format, columns: &[String]) -> Result<(), String> {
        let name = &self.name;
        let (ours, theirs) = match (self.format, format) {
            (Format::Csv(ours), Format::Csv(theirs)) => (ours, theirs),
            (Format::JsonLines, Format::JsonLines) => return Ok(()),
            _ => {
                return Err(format!(
                    "it is one of several files, and not of the same format as {name}"
                ));
            }
        };
        if ours.delimiter != theirs.delimiter {
            let shown = |delimiter: u8| match delimiter {
                b'\t' => "tabs".to_owned(),
                other => format!("\"{}\"", char::from(other)),
            };
            return Err(format!(
                "it is one of several files; its cells are separated by {}, those of {name} by {}",
                shown(theirs.delimiter),
                shown(ours.delimiter)
            ));
        }
        if columns == self.columns {
            return Ok(());
        }
        let only = |these: &[String], others: &[String]| {
            let only: Vec<&str> = these
                .iter()
                .filter(|name| !others.contains(name))
                .map(String::as_str)
                .collect();
            only.join(", ")
        };
        let (missing, new) = (only(&self.columns, columns), only(columns, &self.columns));
        let difference = match (missing.is_empty(), new.is_empty()) {
            (true, true) => "they are in another order".to_owned(),
            (false, true) => format!("{missing} is missing"),
            (true, false) => format!("{new} is new"),
            (false, false) => format!("{missing} is missing, {new} is new"),
        };
        Err(format!(
            "it is one of several files, and its columns are not those of {name}: {difference}"
        ))
    }
}
