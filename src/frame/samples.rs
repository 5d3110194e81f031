//! Samples spread over a whole file: what is recognised in the first lines alone is often wrong further down.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr2};

use super::{FrameError, source::Source};

/// The first sample's bytes; a file that is no larger is looked at as a whole.
pub(super) const HEAD: usize = 1 << 20;

/// How many further samples there are, the last of which is the file's end, and their bytes.
const PIECES: u64 = 9;
const PIECE: usize = 32 << 10;

/// A part of a file.
#[derive(Debug)]
pub(super) struct FileSample {
    pub(super) bytes: Vec<u8>,
    /// Where it begins in the text.
    pub(super) at: u64,
    /// Whether it is the file's beginning.
    pub(super) is_first: bool,
    /// Whether the file ends with it.
    pub(super) is_last: bool,
}

impl FileSample {
    /// Its whole lines: a sample may begin and end within one.
    pub(super) fn lines(&self) -> &[u8] {
        self.bytes.get(self.whole_lines()).unwrap_or_default()
    }

    /// Where those stand in it.
    pub(super) fn whole_lines(&self) -> Range<usize> {
        let bytes = self.bytes.as_slice();
        let last = memrchr2(b'\n', b'\r', bytes).filter(|_| !self.is_last);
        let end = last.map_or(bytes.len(), |last| last + 1);
        let bytes = bytes.get(..end).unwrap_or_default();
        let first = || memchr(b'\n', bytes).or_else(|| memchr2(b'\n', b'\r', bytes));
        let start = if self.is_first { None } else { first() };
        start.map_or(0, |first| first + 1)..end
    }
}

/// Takes the samples.
pub(super) fn take(source: &Source) -> Result<Vec<FileSample>, FrameError> {
    let bytes = source.head(HEAD)?;
    let read = bytes.len() as u64;
    let is_last = read == source.size();
    let mut samples = vec![FileSample {
        bytes,
        at: 0,
        is_first: true,
        is_last,
    }];
    let rest = source.size() - read;
    let last = rest.saturating_sub(PIECE as u64);
    for number in (1..=PIECES).filter(|_| !is_last) {
        // Even, for text of two bytes a character.
        let at = (read + last / PIECES * number + if number == PIECES { last % PIECES } else { 0 }) & !1;
        let len = usize::try_from(source.size() - at).unwrap_or(PIECE);
        let len = if number == PIECES { len } else { len.min(PIECE) };
        let mut bytes = Vec::new();
        source.read(at, len, &mut bytes)?;
        samples.push(FileSample {
            bytes,
            at,
            is_first: false,
            is_last: number == PIECES,
        });
    }
    Ok(samples)
}
