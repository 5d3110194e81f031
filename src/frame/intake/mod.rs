//! From a file to text that can be read by position: what the file is, judged by its content, and what is done to it
//! until it is UTF-8 CSV or JSON, one [`Conversion`] after another.
//!
//! A conversion reads a source and writes text to a spool; it returns the [`Step`] that tells where a record of that
//! text stands in what it was made from. Plain text needs none: it is read where it is.

mod compressed;
mod magic;
mod origin;

pub(super) use origin::{Origin, Step};

use super::{FrameError, OpenOptions, sniff, source::Source, spool::Spool};
use crate::domain::progress::Progress;

/// Makes text of a source, all of it or until the spool is full. Progress counts the source's bytes.
pub(super) type Conversion = fn(&Source, &OpenOptions, &mut Spool, &Progress) -> Result<Step, FrameError>;

/// How often a file may be packed: a CSV in gzip in a ZIP archive is twice.
const MOST_STEPS: usize = 4;

/// Text that can be indexed.
#[derive(Debug)]
pub(super) struct Taken {
    /// The text.
    pub(super) source: Source,
    /// What was done to get it.
    pub(super) origin: Origin,
}

/// Converts a source until it is text; only its first part when no more than the `head` is wanted.
pub(super) fn take(
    mut source: Source,
    options: &OpenOptions,
    head: bool,
    progress: &Progress,
) -> Result<Taken, FrameError> {
    let mut origin = Origin::default();
    while let Some(conversion) = magic::conversion(&source.head(magic::HEAD)?) {
        if origin.steps.len() == MOST_STEPS {
            return Err(source.refused(format!(
                "it is packed more than {MOST_STEPS} times over; unpack it first"
            )));
        }
        progress.restart(source.size());
        let mut spool = if head {
            // One byte more than is looked at, so that the text is seen to go on.
            Spool::head(sniff::HEAD + 1)
        } else {
            let folder = options.spool.clone().unwrap_or_else(std::env::temp_dir);
            Spool::create(&folder, 0)?
        };
        origin.steps.push(conversion(&source, options, &mut spool, progress)?);
        source.check()?;
        source = source.converted(spool)?;
    }
    Ok(Taken { source, origin })
}
