//! Text in another encoding than UTF-8: decoded once, and every place in it found again in the file.

use encoding_rs::{Encoding, UTF_16LE};
use memchr::{memchr, memrchr};

use super::{
    Defect, FrameError, TextEncoding,
    decoder::{TextDecoder, UNDECODABLE},
    source::Source,
    spool::Spool,
    unreadable::Unreadable,
};
use crate::domain::progress::Progress;

/// File bytes decoded at a time, and how far marks are apart unless lines are longer.
const BLOCK: usize = 32 << 10;

/// A pair of equal places in file and text, after a line break, which no character spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    text: u64,
    file: u64,
}

/// The original of a decoded text, with marks to find places in it.
#[derive(Debug)]
pub(super) struct Decoded {
    original: Source,
    encoding: TextEncoding,
    marks: Vec<Mark>,
}

/// Decodes a file from `start` on, until its end or until the spool is full. Progress counts the file's bytes.
pub(super) fn decode(
    source: &Source,
    encoding: TextEncoding,
    start: u64,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Vec<Mark>, FrameError> {
    let mut decoder = TextDecoder::new(encoding);
    let mut marks = vec![Mark { text: 0, file: start }];
    let (mut block, mut text) = (Vec::new(), Vec::with_capacity(BLOCK * 3));
    let mut at = start;
    while at < source.size() && !spool.is_full() {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let len = usize::try_from(source.size() - at).unwrap_or(usize::MAX).min(BLOCK);
        source.read(at, len, &mut block)?;
        let line = line_end(&block, encoding).unwrap_or_default();
        for (part, is_line) in [(block.get(..line), true), (block.get(line..), false)] {
            let part = part.unwrap_or_default();
            text.clear();
            decoder.feed(part, &mut text);
            spool.write(&text)?;
            at += part.len() as u64;
            if is_line && !part.is_empty() {
                let place = Mark {
                    text: spool.len(),
                    file: at,
                };
                marks.push(place);
            }
        }
        progress.add(len as u64);
    }
    if !spool.is_full() {
        text.clear();
        decoder.finish(&mut text);
        spool.write(&text)?;
    }
    Ok(marks)
}

/// The first bytes of a file as text, without the mark of their encoding.
pub(super) fn preview(head: &[u8], encoding: TextEncoding) -> Vec<u8> {
    let mut head = head.get(..head.len().min(BLOCK)).unwrap_or_default();
    if let Some((_, len)) = Encoding::for_bom(head).filter(|(marked, _)| encoding == *marked) {
        head = head.get(len..).unwrap_or_default();
    }
    let mut text = Vec::new();
    TextDecoder::new(encoding).feed(head, &mut text);
    text
}

/// The position after the last line feed.
fn line_end(block: &[u8], encoding: TextEncoding) -> Option<usize> {
    if !encoding.is_wide() {
        // In none of the encodings is a line feed part of another character.
        return memrchr(b'\n', block).map(|at| at + 1);
    }
    let feed = if encoding == UTF_16LE { [b'\n', 0] } else { [0, b'\n'] };
    let at = block.chunks_exact(2).rposition(|pair| pair == feed)?;
    Some(at * 2 + 2)
}

impl Decoded {
    pub(super) const fn new(original: Source, encoding: TextEncoding, marks: Vec<Mark>) -> Self {
        Self {
            original,
            encoding,
            marks,
        }
    }

    /// The file's bytes.
    pub(super) const fn original(&self) -> &Source {
        &self.original
    }

    /// Where in the file the character stands that is at `text` in the text. When the file cannot be read any more, the
    /// place is that of a line break shortly before.
    pub(super) fn place(&self, text: u64) -> u64 {
        let mut walk = DecodeWalk::new(self);
        walk.reach(text).unwrap_or(walk.here.file)
    }

    /// Moves defects, which are in order, to their places in the file, and names the bytes that are not text. `end_of`
    /// is where a row ends in the text.
    pub(super) fn place_defects(
        &self,
        defects: &mut [Defect],
        text: &Source,
        end_of: &dyn Fn(u32) -> u64,
    ) -> Result<(), FrameError> {
        let mut walk = DecodeWalk::new(self);
        let mut record = Vec::new();
        for defect in defects {
            let start = defect.offset;
            defect.offset = walk.reach(start)?;
            if !defect.has_odd_byte {
                continue;
            }
            let len = end_of(defect.row).saturating_sub(start);
            text.read(start, usize::try_from(len).unwrap_or(usize::MAX), &mut record)?;
            if let Some(at) = memchr(UNDECODABLE, &record) {
                let place = walk.reach(start + at as u64)?;
                self.original.read(place, 1, &mut record)?;
                let reason = Unreadable::NotText {
                    byte: record.first().copied().unwrap_or_default(),
                    offset: place,
                    encoding: self.encoding,
                };
                defect.reason = reason.to_string();
            }
        }
        Ok(())
    }
}

/// Walks through the file and the text side by side.
struct DecodeWalk<'a> {
    decoded: &'a Decoded,
    decoder: TextDecoder,
    /// The current place.
    here: Mark,
    block: Vec<u8>,
    /// Where the block begins in the file.
    block_at: u64,
}

impl<'a> DecodeWalk<'a> {
    fn new(decoded: &'a Decoded) -> Self {
        Self {
            decoded,
            decoder: TextDecoder::new(decoded.encoding),
            here: Mark { text: 0, file: 0 },
            block: Vec::new(),
            block_at: 0,
        }
    }

    /// Advances to a place in the text, not before the current one, and returns the place in the file.
    fn reach(&mut self, text: u64) -> Result<u64, FrameError> {
        let after = self.decoded.marks.partition_point(|mark| mark.text <= text);
        let near = after.checked_sub(1).and_then(|at| self.decoded.marks.get(at));
        if let Some(near) = near.filter(|near| near.text > self.here.text || self.here.file == 0) {
            self.here = *near;
            self.decoder = TextDecoder::new(self.decoded.encoding);
        }
        let mut out = Vec::new();
        while self.here.text < text {
            // No byte of a file is more than three of text, so this does not go too far; the last steps are single.
            let near = usize::try_from((text - self.here.text) / 8).unwrap_or(usize::MAX);
            self.fill()?;
            let at = usize::try_from(self.here.file - self.block_at).unwrap_or(usize::MAX);
            let rest = self.block.get(at..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let step = near.clamp(1, rest.len());
            out.clear();
            self.decoder.feed(rest.get(..step).unwrap_or_default(), &mut out);
            self.here.file += step as u64;
            self.here.text += out.len() as u64;
        }
        // The decoder reports invalid bytes together with the plain character after them.
        let beyond = match self.here.text.saturating_sub(text) {
            1.. if self.decoded.encoding.is_wide() => 2,
            beyond => beyond,
        };
        Ok(self.here.file.saturating_sub(beyond))
    }

    /// Fills the block with the next bytes of the file; at its end the block is empty.
    fn fill(&mut self) -> Result<(), FrameError> {
        let source = &self.decoded.original;
        let end = self.block_at + self.block.len() as u64;
        if self.here.file < self.block_at || self.here.file >= end {
            let left = source.size().saturating_sub(self.here.file);
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK);
            source.read(self.here.file, len, &mut self.block)?;
            self.block_at = self.here.file;
        }
        Ok(())
    }
}
