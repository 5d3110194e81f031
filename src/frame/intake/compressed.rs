//! Files that are compressed as a whole: gzip and zstd. They are unpacked in this process, as a stream: however large the
//! text, that takes no more memory than the window they look back in, 128 MB at most, and the spool bounds the text.

use std::io::{self, BufRead, BufReader, Read};

use super::OriginStep;
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{FrameError, source::Source, spool::Spool},
};

/// Bytes unpacked at a time.
const BLOCK: usize = 256 << 10;

/// Unpacks gzip, of several members too, as `cat a.gz b.gz` makes them.
pub(super) fn gzip(source: &Source, spool: &mut Spool, progress: &Progress) -> Result<OriginStep, FrameError> {
    let mut reader = BufReader::with_capacity(BLOCK, source.reader(progress));
    loop {
        let mut member = flate2::bufread::GzDecoder::new(reader);
        copy(&mut member, spool).map_err(|failure| failure.said(source, progress, "gzip", spool))?;
        reader = member.into_inner();
        if spool.is_full() {
            break;
        }
        match follows(&mut reader)
            .map_err(|error| DecompressError::Read(error).said(source, progress, "gzip", spool))?
        {
            Follows::Nothing => break,
            Follows::Member => {}
            Follows::Other => {
                return Err(source.refused(
                    "it is compressed with gzip, but something else follows the compressed data; get the file again",
                ));
            }
        }
    }
    Ok(OriginStep::Unpacked("gzip"))
}

/// Unpacks zstd, of several frames too.
pub(super) fn zstd(source: &Source, spool: &mut Spool, progress: &Progress) -> Result<OriginStep, FrameError> {
    let reader = BufReader::with_capacity(BLOCK, source.reader(progress));
    zstd::Decoder::with_buffer(reader)
        .map_err(DecompressError::Read)
        .and_then(|mut decoder| copy(&mut decoder, spool))
        .map_err(|failure| failure.said(source, progress, "zstd", spool))?;
    Ok(OriginStep::Unpacked("zstd"))
}

/// Copies until the end, or until the spool is full.
pub(super) fn copy(from: &mut impl Read, spool: &mut Spool) -> Result<(), DecompressError> {
    let mut block = vec![0; BLOCK];
    while !spool.is_full() {
        match from.read(&mut block) {
            Ok(0) => break,
            Ok(len) => spool
                .write(block.get(..len).unwrap_or_default())
                .map_err(DecompressError::Write)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(DecompressError::Read(error)),
        }
    }
    Ok(())
}

/// Why copying failed.
#[derive(Debug)]
pub(super) enum DecompressError {
    /// The compressed file cannot be read, or is damaged.
    Read(io::Error),
    /// The unpacked text cannot be written.
    Write(FrameError),
}

impl DecompressError {
    /// The failure of a source that is compressed with `name`, in words for people.
    pub(super) fn said(self, source: &Source, progress: &Progress, name: &str, spool: &Spool) -> FrameError {
        let error = match self {
            Self::Write(error) => return error,
            Self::Read(_) if progress.is_cancelled() => return FrameError::Cancelled,
            Self::Read(error) => error,
        };
        if let Err(changed) = source.check() {
            return changed;
        }
        source.refused(if error.kind() == io::ErrorKind::UnexpectedEof {
            format!("it is compressed with {name}, but ends in the middle of the compressed data; get the whole file")
        } else {
            format!(
                "it is compressed with {name}, but damaged ({error}) after {} bytes of text; get the file again",
                grouped(spool.len())
            )
        })
    }
}

/// What follows a gzip member.
enum Follows {
    Nothing,
    Member,
    Other,
}

/// Some tools fill up the last block with zeros; they are skipped.
fn follows(reader: &mut impl BufRead) -> io::Result<Follows> {
    loop {
        let rest = reader.fill_buf()?;
        match rest.iter().position(|&byte| byte != 0) {
            _ if rest.is_empty() => return Ok(Follows::Nothing),
            Some(0) if rest.first() == Some(&0x1f) => return Ok(Follows::Member),
            Some(_) => return Ok(Follows::Other),
            None => {
                let len = rest.len();
                reader.consume(len);
            }
        }
    }
}
