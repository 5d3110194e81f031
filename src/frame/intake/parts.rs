//! Several files as one table: those of a folder, of an archive, or those that a pattern names. They must be written
//! alike, and their columns be the same.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Origin, OriginStep, Taken, Unlike,
    archive::{self, AlikeFiles},
    origin::{ArchiveMembers, FilePart},
    take,
};
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{
        Csv, Format, FrameError, OpenOptions, TextEncoding,
        allowance::Allowance,
        build::{self, Extent},
        encoding::Text,
        samples,
        sniff::{self, Sniffed},
        source::{Source, SourcePiece},
    },
};

/// The most files of one table: so many can be open without raising the system's limit.
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

/// The first file, which the others must match.
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
        None => open_source(Source::open(path)?, options, head, progress),
        Some([file]) => open_source(Source::open(file)?, options, head, progress),
        Some(files) => open(path, files, options, head, progress),
    }
}

/// Opens several files as one. Of the files after the first, what stands before the first record is left out.
fn open(
    path: &Path,
    files: &[PathBuf],
    options: &OpenOptions,
    head: bool,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    let mut joining = Joining::new(options);
    let base = common_folder(files);
    // For the first rows the first file is enough.
    for file in files.iter().take(if head { 1 } else { files.len() }) {
        let source = Source::open(file)?;
        let allowance = Arc::new(Allowance::of(&source, options));
        let taken = take(source, options, (head, false), &allowance, progress)?;
        let name = file.strip_prefix(&base).unwrap_or(file).to_string_lossy().into_owned();
        joining.add(name, taken, files.len() > 1, (head, progress))?;
    }
    Ok(joining.finish(path, None))
}

/// Opens a source. Of an archive, all files in the format of the first are opened as one; the others are named, and not
/// read.
pub(in crate::frame) fn open_source(
    source: Source,
    options: &OpenOptions,
    head: bool,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    let allowance = Arc::new(Allowance::of(&source, options));
    let take = |source, options: &OpenOptions, is_small| take(source, options, (head, is_small), &allowance, progress);
    // For the first rows the first file is enough.
    let alike = if head {
        AlikeFiles::default()
    } else {
        archive::alike(&source, options, &allowance, progress)?
    };
    if alike.names.len() < 2 || alike.names.len() > MOST {
        return take(source, options, false);
    }
    let mut joining = Joining::new(options);
    let (mut all, mut unlike) = (Vec::new(), Vec::new());
    for name in alike.names {
        let one = OpenOptions {
            member: Some(name.clone()),
            ..options.clone()
        };
        let taken = take(source.again()?, &one, alike.are_few).and_then(|mut taken| {
            // The archive is the same for all.
            if let OriginStep::Member { members, .. } = taken.origin.steps.remove(0) {
                all = members;
            }
            joining.add(name.clone(), taken, true, (false, progress))
        });
        match taken {
            Ok(()) => {}
            Err(FrameError::Unsupported { reason, .. }) => unlike.push(Unlike { file: name, reason }),
            Err(error) => return Err(error),
        }
    }
    if joining.parts.len() < 2 {
        return take(source, options, false);
    }
    let archive = ArchiveMembers {
        label: format!("{} files", joining.parts.len()),
        all,
        unlike,
    };
    let path = source.path().to_owned();
    Ok(joining.finish(&path, Some(archive)))
}

/// Files being joined to one table.
struct Joining {
    first: Option<First>,
    pieces: Vec<SourcePiece>,
    parts: Vec<FilePart>,
    read_as: OpenOptions,
    /// Where the next one begins.
    start: u64,
}

impl Joining {
    fn new(options: &OpenOptions) -> Self {
        Self {
            first: None,
            pieces: Vec::new(),
            parts: Vec::new(),
            read_as: options.clone(),
            start: 0,
        }
    }

    /// Adds a file, which may be one of `several`. Fails when it is not like the first.
    fn add(
        &mut self,
        name: String,
        taken: Taken,
        several: bool,
        (head, progress): (bool, &Progress),
    ) -> Result<(), FrameError> {
        let Taken {
            source,
            origin,
            options: fixed,
        } = taken;
        let (source, decoded, sniffed) = if origin.is_json_lines() {
            (source, None, Sniffed::json_lines())
        } else {
            let text = Text::take(source, fixed.encoding, &fixed, head, progress)?;
            let samples = samples::take(&text.source)?;
            let sniffed = sniff::sniff(&samples, &fixed).map_err(|reason| text.source.refused(reason))?;
            (text.source, text.decoded, sniffed)
        };
        let format = sniffed.format;
        let is_list = matches!(format, Format::JsonArray | Format::JsonData | Format::JsonRows { .. });
        if is_list && several {
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
        let skip = match &self.first {
            None => 0,
            Some(_) if has_rows => built.index.offset(0),
            Some(_) => source.size(),
        };
        match &self.first {
            None => {
                self.read_as = fixed;
                // Whatever was not UTF-8 is decoded by now.
                self.read_as.encoding = Some(TextEncoding::UTF_8);
                if let Format::Csv(csv) = format {
                    self.read_as.delimiter = Some(csv.delimiter);
                    self.read_as.doubled = csv.doubled;
                    self.read_as.spaced = Some(csv.spaced);
                    self.read_as.quote = Some(csv.quote);
                    self.read_as.header = Some(csv.header);
                    self.read_as.skip = Some(csv.skip);
                }
                self.first = Some(First {
                    name: name.clone(),
                    format,
                    columns: built.columns.names().to_vec(),
                });
            }
            Some(first) => first
                .ensure_alike(format, built.columns.names())
                .map_err(|reason| source.refused(reason))?,
        }
        let piece = SourcePiece::new(source, skip, self.start)?;
        self.parts.push(FilePart {
            name,
            start: self.start,
            skip,
            lines_before: if has_rows {
                built.index.line(0) - 1
            } else {
                built.lines.all
            },
            origin,
            decoded,
        });
        self.start = piece.end();
        self.pieces.push(piece);
        Ok(())
    }

    /// The files as one table; `archive` is the archive they lie in.
    fn finish(self, path: &Path, archive: Option<ArchiveMembers>) -> Taken {
        Taken {
            source: Source::several(path, self.pieces),
            origin: Origin::of(self.parts, archive),
            options: self.read_as,
        }
    }
}

/// Why a file makes no table with the first.
#[derive(Debug, thiserror::Error)]
enum PartDifference {
    /// The first one has another format; its name.
    #[error("it is one of several files, and not of the same format as {0}")]
    Format(String),
    /// The first one has another delimiter.
    #[error("it is one of several files; its cells are separated by {theirs}, those of {name} by {ours}")]
    Delimiter {
        /// The first one's.
        ours: String,
        /// This one's.
        theirs: String,
        /// The first one.
        name: String,
    },
    /// The first one has other columns.
    #[error("it is one of several files, and its columns are not those of {name}: {difference}")]
    Columns {
        /// The first one.
        name: String,
        /// Which.
        difference: String,
    },
}

impl First {
    /// Fails when another file is not like it.
    fn ensure_alike(&self, format: Format, columns: &[String]) -> Result<(), PartDifference> {
        let name = || self.name.clone();
        let (ours, theirs) = match (self.format, format) {
            (Format::Csv(ours), Format::Csv(theirs)) => (ours, theirs),
            // A file of objects without separators may have one on each line by chance.
            (Format::JsonLines | Format::JsonObjects, Format::JsonLines | Format::JsonObjects) => return Ok(()),
            _ => {
                return Err(PartDifference::Format(name()));
            }
        };
        if ours.separator() != theirs.separator() {
            let shown = |csv: Csv| match csv.separator().as_str() {
                "\t" => "tabs".to_owned(),
                other => format!("\"{other}\""),
            };
            return Err(PartDifference::Delimiter {
                ours: shown(ours),
                theirs: shown(theirs),
                name: name(),
            });
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
        Err(PartDifference::Columns {
            name: name(),
            difference,
        })
    }
}
