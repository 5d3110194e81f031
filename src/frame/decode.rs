//! Text in another encoding than UTF-8: decoded once, and every place in it found again in the file.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};
use memchr::{memchr, memrchr};

use super::{
    Defect, FrameError,
    build::{NOT_UTF8, not_text},
    source::Source,
    spool::Spool,
};
use crate::domain::progress::Progress;

/// Stands in the decoded text where bytes of the file are no text; it occurs nowhere in UTF-8.
pub(super) const UNDECODABLE: u8 = 0xff;

/// File bytes decoded at a time, and how far marks are apart unless lines are longer.
const BLOCK: usize = 32 << 10;

/// A place that is known in both, behind a line break: no character goes across it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    text: u64,
    file: u64,
}

/// What a text was decoded from.
#[derive(Debug)]
pub(super) struct Decoded {
    original: Source,
    encoding: &'static Encoding,
    marks: Vec<Mark>,
}

/// Decodes a file from `start` on, until its end or until the spool is full. Progress counts the file's bytes.
pub(super) fn decode(
    source: &Source,
    encoding: &'static Encoding,
    start: u64,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Vec<Mark>, FrameError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
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
            feed(&mut decoder, part, &mut text);
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
        finish(&mut decoder, &mut text);
        spool.write(&text)?;
    }
    Ok(marks)
}

/// The first bytes of a file as text.
pub(super) fn preview(head: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    let mut text = Vec::new();
    let mut decoder = encoding.new_decoder_with_bom_removal();
    feed(
        &mut decoder,
        head.get(..head.len().min(BLOCK)).unwrap_or_default(),
        &mut text,
    );
    text
}

/// Behind the last line feed.
fn line_end(block: &[u8], encoding: &'static Encoding) -> Option<usize> {
    if !is_wide(encoding) {
        // In none of the encodings is a line feed part of another character.
        return memrchr(b'\n', block).map(|at| at + 1);
    }
    let feed = if encoding == UTF_16LE { [b'\n', 0] } else { [0, b'\n'] };
    let at = block.chunks_exact(2).rposition(|pair| pair == feed)?;
    Some(at * 2 + 2)
}

/// Whether every character has two bytes, or twice two.
fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Decodes more of a file; what it ends with may wait for the next bytes.
fn feed(decoder: &mut Decoder, bytes: &[u8], text: &mut Vec<u8>) {
    run(decoder, bytes, false, text);
}

/// The file ends here.
fn finish(decoder: &mut Decoder, text: &mut Vec<u8>) {
    run(decoder, &[], true, text);
}

fn run(decoder: &mut Decoder, mut bytes: &[u8], last: bool, text: &mut Vec<u8>) {
    loop {
        let from = text.len();
        // Enough for any character beside what most texts need.
        text.resize(from + bytes.len() * 2 + 16, 0);
        let space = text.get_mut(from..).unwrap_or_default();
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, space, last);
        text.truncate(from + written);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => text.push(UNDECODABLE),
        }
    }
}

impl Decoded {
    pub(super) const fn new(original: Source, encoding: &'static Encoding, marks: Vec<Mark>) -> Self {
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
        let mut walk = Walk::new(self);
        walk.reach(text).unwrap_or(walk.here.file)
    }

    /// Says of defects, which are in order, where they are in the file, and which bytes are no text. `end_of` is where
    /// a row ends in the text.
    pub(super) fn place_defects(
        &self,
        defects: &mut [Defect],
        text: &Source,
        end_of: &dyn Fn(u32) -> u64,
    ) -> Result<(), FrameError> {
        let mut walk = Walk::new(self);
        let mut record = Vec::new();
        for defect in defects {
            let start = defect.offset;
            defect.offset = walk.reach(start)?;
            if !defect.reason.ends_with(NOT_UTF8) {
                continue;
            }
            let len = end_of(defect.row).saturating_sub(start);
            text.read(start, usize::try_from(len).unwrap_or(usize::MAX), &mut record)?;
            if let Some(at) = memchr(UNDECODABLE, &record) {
                let place = walk.reach(start + at as u64)?;
                self.original.read(place, 1, &mut record)?;
                let byte = record.first().copied().unwrap_or_default();
                defect.reason = not_text(byte, place, self.encoding);
            }
        }
        Ok(())
    }
}

/// A way through the file, side by side with the text.
struct Walk<'a> {
    decoded: &'a Decoded,
    decoder: Decoder,
    /// Where it has come to.
    here: Mark,
    block: Vec<u8>,
    /// Where the block begins in the file.
    block_at: u64,
}

impl<'a> Walk<'a> {
    fn new(decoded: &'a Decoded) -> Self {
        Self {
            decoded,
            decoder: decoded.encoding.new_decoder_without_bom_handling(),
            here: Mark { text: 0, file: 0 },
            block: Vec::new(),
            block_at: 0,
        }
    }

    /// Goes on to a place in the text, which is not before the last one. Returns where that is in the file.
    fn reach(&mut self, text: u64) -> Result<u64, FrameError> {
        let after = self.decoded.marks.partition_point(|mark| mark.text <= text);
        let near = after.checked_sub(1).and_then(|at| self.decoded.marks.get(at));
        if let Some(near) = near.filter(|near| near.text > self.here.text || self.here.file == 0) {
            self.here = *near;
            self.decoder = self.decoded.encoding.new_decoder_without_bom_handling();
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
            feed(&mut self.decoder, rest.get(..step).unwrap_or_default(), &mut out);
            self.here.file += step as u64;
            self.here.text += out.len() as u64;
        }
        // Bytes that are no text are told together with the plain character behind them.
        let beyond = match self.here.text.saturating_sub(text) {
            1.. if is_wide(self.decoded.encoding) => 2,
            beyond => beyond,
        };
        Ok(self.here.file.saturating_sub(beyond))
    }

    /// Sees to it that the block holds what comes next, of the file; nothing at its end.
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
