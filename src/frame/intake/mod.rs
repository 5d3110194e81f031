//! From a file to text that can be read by position: what the file is, judged by its content, and what is done to it
//! until it is UTF-8 CSV or JSON, one [`Conversion`] after another.
//!
//! A conversion reads a source and writes text to a spool; it returns the [`OriginStep`] that tells where a record of that
//! text stands in what it was made from. Plain text needs none: it is read where it is.

mod apart;
mod archive;
mod arrow;
mod bytes;
mod compressed;
mod footer;
mod guard;
mod magic;
mod old_times;
mod origin;
mod parquet;
mod parts;
mod records;
mod time;
mod workbook;

use apart::Foreign;
pub(crate) use apart::convert_input;
pub use apart::convert_with;
use magic::Packing;
use origin::OriginStep;
pub(crate) use origin::{Origin, SourceChoice, Unlike};
pub(super) use parts::{open_path, open_source};

use std::{
    fmt::Display,
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
};

use super::{FrameError, OpenOptions, TextEncoding, allowance::Allowance, samples, source::Source, spool::Spool};
use crate::domain::progress::Progress;

/// Makes text of a source, all of it or until the spool is full. Progress counts the source's bytes.
pub(super) type Conversion = fn(&Source, &OpenOptions, &mut Spool, &Progress) -> Result<OriginStep, FrameError>;

/// How often a file may be packed: a CSV in gzip in a ZIP archive is twice.
const MOST_STEPS: usize = 4;

/// Text that can be indexed.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) source: Source,
    /// The conversions that made it.
    pub(super) origin: Origin,
    /// How it is to be read; what the conversions settled is set here.
    pub(super) options: OpenOptions,
}

/// Converts a source until it is text; only its first part when no more than the `head` is wanted. It may be an archive
/// of which a process of its own has found that it `is_small`.
fn take(
    mut source: Source,
    options: &OpenOptions,
    (head, is_small): (bool, bool),
    allowance: &Arc<Allowance>,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    let mut origin = Origin::default();
    let mut options = options.clone();
    while !origin.is_table()
        && let Some(packing) = magic::packing(&source.head(magic::HEAD)?)
    {
        if origin.steps.len() == MOST_STEPS {
            return Err(source.refused(format!(
                "it is packed more than {MOST_STEPS} times over; unpack it first"
            )));
        }
        progress.restart(source.size());
        let mut spool = if head {
            // One byte more than is looked at, which tells that the text goes on.
            Spool::head(samples::HEAD + 1)
        } else {
            Spool::within(allowance)?
        };
        let step = guard::guarded(|| match packing {
            Packing::Gzip => compressed::gzip(&source, &mut spool, progress),
            Packing::Zstd => compressed::zstd(&source, &mut spool, progress),
            Packing::Apart(Foreign::Zip) if is_small && origin.steps.is_empty() => {
                archive::unpack(&source, &options, &mut spool, progress)
            }
            Packing::Apart(format) => apart::convert(format, &source, &options, &mut spool, allowance, progress),
        });
        let step = step.unwrap_or_else(|| Err(source.refused(guard::BROKEN)))?;
        if matches!(step, OriginStep::Member { .. }) {
            // The chosen member was one of the outermost archive.
            options.member = None;
        }
        origin.steps.push(step);
        source.check()?;
        source = source.converted(spool)?;
    }
    if origin.sheet().is_some() {
        options.delimiter = Some(b',');
        options.quote = Some(Some(b'"'));
        options.encoding = Some(TextEncoding::UTF_8);
    }
    Ok(Taken {
        source,
        origin,
        options,
    })
}

/// Spools what comes out of a pipe, which cannot be read by position.
pub(super) fn collect(
    name: &str,
    mut pipe: impl Read,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Source, FrameError> {
    let allowance = Arc::new(Allowance::of_pipe(name, options));
    let mut spool = Spool::within(&allowance)?;
    let mut block = vec![0; 256 << 10];
    loop {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        match pipe.read(&mut block) {
            Ok(0) => break,
            Ok(len) => spool.write(block.get(..len).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) if progress.is_cancelled() => return Err(FrameError::Cancelled),
            Err(source) => {
                return Err(FrameError::Io {
                    path: name.into(),
                    source,
                });
            }
        }
    }
    Source::piped(name, spool)
}

/// The folder for spooled text.
pub(super) fn folder(options: &OpenOptions) -> PathBuf {
    options.spool.clone().unwrap_or_else(std::env::temp_dir)
}

/// The error for a file that began as `what` and cannot be read to its end: changed, cancelled, or else damaged.
fn damaged(source: &Source, progress: &Progress, what: &str, error: &dyn Display) -> FrameError {
    if progress.is_cancelled() {
        return FrameError::Cancelled;
    }
    let said = first_words(error);
    source.check().err().unwrap_or_else(|| {
        source.refused(format!(
            "it begins as {what}, but is cut off or damaged ({said}); get the whole file"
        ))
    })
}

/// The beginning of a library's message: what follows is often a structure printed in full, which helps nobody.
fn first_words(error: &dyn Display) -> String {
    let said = error.to_string();
    let said: String = said
        .split(['{', '\n'])
        .next()
        .unwrap_or_default()
        .chars()
        .take(120)
        .collect();
    said.trim_end_matches(|end: char| end == '(' || end.is_whitespace())
        .to_owned()
}
