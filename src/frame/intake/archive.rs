//! ZIP archives: the one data file within is taken, or the one that was chosen. Workbooks are archives, too.

use std::io::BufReader;

use zip::{ZipArchive, result::ZipError};

use super::{OriginStep, apart, compressed, damaged, workbook};
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{
        FrameError, OpenOptions,
        allowance::Allowance,
        source::{Source, SourceReader},
        spool::Spool,
    },
};

/// The extensions of files that hold records, the likeliest first.
const DATA: [&str; 20] = [
    ".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".arrow", ".feather", ".ipc", ".xlsx", ".xlsm",
    ".xlsb", ".xls", ".ods", ".xml", ".gz", ".zst", ".zip", ".txt",
];

pub(super) type Archive<'a> = ZipArchive<BufReader<SourceReader<'a>>>;

/// Takes the data file out of an archive, or converts the workbook that it is.
pub(super) fn unpack(
    source: &Source,
    options: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let reader = BufReader::new(source.reader(progress));
    let mut archive = ZipArchive::new(reader).map_err(|error| said(&error, source, progress))?;
    let names = names(&mut archive).map_err(|error| said(&error, source, progress))?;
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    if has("xl/") {
        let is_binary = has("xl/workbook.bin");
        spool.expect(unpacked(&mut archive).map_err(|error| said(&error, source, progress))?)?;
        return workbook::excel(source, is_binary, options, spool, progress);
    }
    if has("content.xml") && has("META-INF/manifest.xml") {
        spool.expect(unpacked(&mut archive).map_err(|error| said(&error, source, progress))?)?;
        return workbook::open_document(archive, source, options, spool, progress);
    }
    if has("word/") || has("ppt/") {
        return Err(source.refused("it is a text document or a presentation; export its table as CSV"));
    }
    let members: Vec<String> = names.into_iter().filter(|name| is_file(name)).collect();
    let Some(name) = choose(&members, options) else {
        let is_empty = "it is a ZIP archive without a file in it".to_owned();
        return Err(source.refused(options.member.as_ref().map_or(is_empty, |member| {
            format!(
                "it is a ZIP archive that holds no file \"{member}\"; it holds {}",
                listed(&members)
            )
        })));
    };
    let mut member = archive.by_name(&name).map_err(|error| said(&error, source, progress))?;
    spool.expect(member.size())?;
    compressed::copy(&mut member, spool).map_err(|failure| failure.said(source, progress, "ZIP", spool))?;
    drop(member);
    Ok(OriginStep::Member { name, members })
}

/// An archive of at most so many files takes little memory to read, so that its files are unpacked in this process, as a
/// stream: starting one of its own for each takes longer than unpacking it.
const FEW: usize = 10_000;

/// The files of an archive that make one table.
#[derive(Debug, Default)]
pub(super) struct AlikeFiles {
    pub(super) names: Vec<String>,
    /// Whether the archive is known to be small, so that they can be unpacked here.
    pub(super) are_few: bool,
}

/// The files of an archive that seem to have the format of the one that is taken, that one included. None where a
/// person chose one, and of a workbook.
pub(super) fn alike(
    source: &Source,
    options: &OpenOptions,
    allowance: &Allowance,
    progress: &Progress,
) -> Result<AlikeFiles, FrameError> {
    let is_archive = source.head(4)? == b"PK\x03\x04";
    if !is_archive || options.member.is_some() {
        return Ok(AlikeFiles::default());
    }
    let names = match apart::names(source, allowance, progress) {
        Ok(names) => names,
        // Unpacking reports what is wrong with the archive.
        Err(FrameError::Unsupported { .. }) => return Ok(AlikeFiles::default()),
        Err(error) => return Err(error),
    };
    let is_workbook = |name: &String| {
        ["xl/", "word/", "ppt/", "META-INF/"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    if names.iter().any(is_workbook) {
        return Ok(AlikeFiles::default());
    }
    let are_few = names.len() <= FEW;
    let mut members: Vec<String> = names.into_iter().filter(|name| is_file(name)).collect();
    let ending = choose(&members, options).map(|name| ending(&name));
    members.retain(|name| Some(self::ending(name)) == ending);
    Ok(AlikeFiles {
        names: members,
        are_few,
    })
}

/// The names of all entries.
pub(super) fn names_in(source: &Source, progress: &Progress) -> Result<Vec<String>, FrameError> {
    let archive = ZipArchive::new(BufReader::new(source.reader(progress)));
    let names = archive.and_then(|mut archive| names(&mut archive));
    names.map_err(|error| said(&error, source, progress))
}

/// A file name's extension: `csv`, `json.gz`.
fn ending(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let mut parts = name.rsplit('.');
    match (parts.next(), parts.next()) {
        (Some(packed @ ("gz" | "zst")), Some(inner)) => format!("{inner}.{packed}"),
        (Some(last), Some(_)) => last.to_owned(),
        _ => String::new(),
    }
}

fn names(archive: &mut Archive<'_>) -> Result<Vec<String>, ZipError> {
    archive
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect()
}

/// Whether it is a file that a person put there, not one of the system's.
fn is_file(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_litter = last.starts_with('.') || last.eq_ignore_ascii_case("Thumbs.db") || name.starts_with("__MACOSX/");
    !last.is_empty() && !is_litter
}

fn choose(members: &[String], options: &OpenOptions) -> Option<String> {
    if let Some(wanted) = &options.member {
        return members.contains(wanted).then(|| wanted.clone());
    }
    let likeliness = |name: &String| {
        let name = name.to_ascii_lowercase();
        DATA.iter().position(|end| name.ends_with(end)).unwrap_or(DATA.len())
    };
    // A `.txt` file may be a note beside the data, so that it comes last.
    let is_data = |name: &&String| likeliness(name) + 1 < DATA.len();
    members
        .iter()
        .find(is_data)
        .or_else(|| members.iter().min_by_key(|name| likeliness(name)))
        .cloned()
}

/// The first names of a list, and how many more there are.
fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let text = names
        .iter()
        .take(MOST)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST) {
        0 => text,
        more => format!("{text} and {} more", grouped(more as u64)),
    }
}

/// How many bytes all entries unpack to, as they say themselves.
fn unpacked(archive: &mut Archive<'_>) -> Result<u64, ZipError> {
    let mut sizes = (0..archive.len()).map(|at| Ok(archive.by_index_raw(at)?.size()));
    sizes.try_fold(0_u64, |sum, size: Result<u64, ZipError>| Ok(sum.saturating_add(size?)))
}

fn said(error: &ZipError, source: &Source, progress: &Progress) -> FrameError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            source.refused("it is a ZIP archive that is locked with a password; unpack it first")
        }
        ZipError::CompressionMethodNotSupported(_) => {
            source.refused("it is a ZIP archive packed in an unusual way; unpack it first")
        }
        error => damaged(source, progress, "a ZIP archive", error),
    }
}
