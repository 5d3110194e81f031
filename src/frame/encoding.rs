//! Which encoding a text is in, judged by samples of the whole file, and its text as UTF-8.

use std::sync::Arc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;

use super::{
    Defect, FrameError, OpenOptions, TextEncoding,
    allowance::Allowance,
    decode::{self, Decoded},
    decoder::UNDECODABLE,
    plausible,
    refusal::NotATable,
    samples::{self, FileSample},
    sniff,
    source::Source,
    spool::Spool,
};
use crate::domain::{number::grouped, progress::Progress};

/// Text in UTF-8, but for bytes that are no text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) source: Source,
    /// The encoding it was in.
    pub(super) encoding: TextEncoding,
    /// Whether it began with a byte order mark.
    pub(super) has_bom: bool,
    /// The original when it was decoded; `None` when the text is read where it stands.
    pub(super) decoded: Option<Decoded>,
}

impl Text {
    /// Text that is known to be UTF-8.
    pub(super) const fn as_it_stands(source: Source, has_bom: bool) -> Self {
        Self {
            source,
            encoding: TextEncoding::UTF_8,
            has_bom,
            decoded: None,
        }
    }

    /// Recognises the encoding, unless it is given, and decodes what is not UTF-8; only the first part when no more
    /// than the head is wanted. Progress counts bytes.
    pub(super) fn take(
        source: Source,
        encoding: Option<TextEncoding>,
        options: &OpenOptions,
        is_head: bool,
        progress: &Progress,
    ) -> Result<Self, FrameError> {
        let samples = samples::take(&source)?;
        let refused = |reason| source.refused(reason);
        let head = samples.first().map_or(&[][..], |sample| sample.bytes.as_slice());
        sniff::refuse_known(head).map_err(refused)?;
        let (encoding, mark) = recognise(&samples, encoding).map_err(refused)?;
        let has_bom = mark > 0;
        if encoding == TextEncoding::UTF_8 {
            return Ok(Self::as_it_stands(source, has_bom));
        }
        // This is judged before the whole text is decoded.
        if options.encoding.is_none() {
            sniff::refuse_binary(&decode::preview(head, encoding), encoding.is_wide()).map_err(refused)?;
        }
        progress.restart(source.size());
        let mut spool = if is_head {
            // One byte more than is looked at, which tells that the text goes on.
            Spool::head(samples::HEAD + 1)
        } else {
            let spool = Spool::within(&Arc::new(Allowance::of(&source, options)))?;
            // A character of text takes half of the bytes of wide encodings, and no less than those of others.
            spool.expect(source.size() / if encoding.is_wide() { 2 } else { 1 })?;
            spool
        };
        let marks = decode::decode(&source, encoding, mark as u64, &mut spool, progress)?;
        source.check()?;
        Ok(Self {
            source: source.converted(spool)?,
            encoding,
            has_bom,
            decoded: Some(Decoded::new(source, encoding, marks)),
        })
    }

    /// Whether a text of which only samples were judged, and taken for UTF-8, has records that are not.
    pub(super) fn is_doubtful(&self, defects: &[Defect]) -> bool {
        let is_sampled = self.source.size() > samples::HEAD as u64 && !self.has_bom && self.decoded.is_none();
        is_sampled && defects.iter().any(|defect| defect.has_odd_byte)
    }
}

/// The encoding, and the length of the byte order mark.
fn recognise(samples: &[FileSample], given: Option<TextEncoding>) -> Result<(TextEncoding, usize), NotATable> {
    let head = samples.first().map_or(&[][..], |sample| sample.bytes.as_slice());
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Err(NotATable::Utf32);
    }
    if given.is_some_and(|given| given == ISO_2022_JP || given == REPLACEMENT) {
        return Err(NotATable::Switching);
    }
    let marked = Encoding::for_bom(head);
    if let Some(given) = given {
        let mark = marked.filter(|(encoding, _)| given == *encoding);
        return Ok((given, mark.map_or(0, |(_, len)| len)));
    }
    if let Some((encoding, len)) = marked {
        return Ok((encoding.into(), len));
    }
    if let Some(encoding) = utf16(samples) {
        return Ok((encoding.into(), 0));
    }
    let mut evidence = EncodingEvidence::default();
    for sample in samples {
        evidence.weigh(sample.lines());
    }
    if evidence.is_utf8() {
        return Ok((TextEncoding::UTF_8, 0));
    }
    let lines: Vec<&[u8]> = samples
        .iter()
        .flat_map(|sample| sample.lines().split_inclusive(|&byte| byte == b'\n'))
        .filter(|line| !line.is_ascii())
        .collect();
    Ok((guess(&lines), 0))
}

/// The likeliest encoding of lines that are not UTF-8.
fn guess(lines: &[&[u8]]) -> TextEncoding {
    let first = guess_of_the_web(lines);
    plausible::better(lines, first.into()).unwrap_or(first.into())
}

/// The likeliest encoding of those that browsers know.
fn guess_of_the_web(lines: &[&[u8]]) -> &'static Encoding {
    let judged = |lines: &[&[u8]]| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        for line in lines {
            detector.feed(line, false);
        }
        detector.guess(None, Utf8Detection::Deny)
    };
    let first = judged(lines);
    if !first.is_single_byte() {
        return first;
    }
    // One damaged character rules an encoding out for the detector; without its line, it may be what all others are in.
    for encoding in [SHIFT_JIS, GBK, BIG5, EUC_KR, EUC_JP] {
        let is_text = |line: &&[u8]| {
            encoding
                .decode_without_bom_handling_and_without_replacement(line)
                .is_some()
        };
        let sound: Vec<&[u8]> = lines.iter().copied().filter(is_text).collect();
        if sound.len() < lines.len() && sound.len() * 3 >= lines.len() * 2 && judged(&sound) == encoding {
            return encoding;
        }
    }
    first
}

/// Judges the whole of a text that was taken for UTF-8 because the samples were, but is not everywhere.
pub(super) fn judge_again(source: &Source, progress: &Progress) -> Result<TextEncoding, FrameError> {
    progress.restart(source.size());
    let mut evidence = EncodingEvidence::default();
    // Lines with bytes beyond ASCII, as many as samples hold.
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut room = samples::HEAD;
    let mut at = 0;
    while at < source.size() {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let len = usize::try_from(source.size() - at)
            .unwrap_or(usize::MAX)
            .min(samples::HEAD);
        let mut sample = FileSample {
            bytes: Vec::new(),
            at,
            is_first: true,
            is_last: at + len as u64 == source.size(),
        };
        source.read(at, len, &mut sample.bytes)?;
        let whole = sample.lines();
        evidence.weigh(whole);
        let telling = whole
            .split_inclusive(|&byte| byte == b'\n')
            .filter(|line| !line.is_ascii());
        for line in telling {
            if room == 0 {
                break;
            }
            room = room.saturating_sub(line.len());
            lines.push(line.to_vec());
        }
        at += whole.len().max(1) as u64;
        progress.add(whole.len() as u64);
    }
    if evidence.is_utf8() {
        return Ok(TextEncoding::UTF_8);
    }
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    Ok(guess(&lines))
}

/// How many records that are not UTF-8 are examined in a text that is otherwise.
const MOST_ODD: usize = 50;

/// How much of a record is shown.
const SHOWN: usize = 60;

/// What records that are not UTF-8 say in another encoding, in a sentence, where that reads well. It is for people to
/// decide: damaged UTF-8 can look like that, too. `end_of` is where a row ends in the text.
pub(super) fn note_of_others(
    source: &Source,
    defects: &[Defect],
    end_of: &dyn Fn(u32) -> u64,
) -> Result<Option<String>, FrameError> {
    let odd = || defects.iter().filter(|defect| defect.has_odd_byte);
    let mut records = Vec::new();
    for defect in odd().take(MOST_ODD) {
        let len = end_of(defect.row).saturating_sub(defect.offset);
        let mut record = Vec::new();
        source.read(
            defect.offset,
            usize::try_from(len).unwrap_or(usize::MAX).min(1 << 16),
            &mut record,
        )?;
        records.push(record);
    }
    let records: Vec<&[u8]> = records.iter().map(|record| record.trim_ascii_end()).collect();
    let Some(first) = records.first() else {
        return Ok(None);
    };
    // The beginning of a character whose rest was cut off, and no letter of another encoding.
    let is_cut = |record: &&[u8]| {
        record
            .utf8_chunks()
            .any(|chunk| matches!(chunk.invalid(), [0xc2 | 0xc3, ..]))
    };
    if records.iter().any(is_cut) {
        return Ok(None);
    }
    let other = guess_of_the_web(&records);
    let mixed = TextEncoding::Mixed(other);
    if !other.is_single_byte() || !plausible::is_fine(&records, mixed) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&decode::preview(first, mixed)).into_owned();
    let shown: String = text.chars().take(SHOWN).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    let count = odd().count() as u64;
    let records = if count == 1 { "record is" } else { "records are" };
    Ok(Some(format!(
        "{} {records} not in UTF-8 from end to end. The encoding {} reads “{shown}{cut}”: choose it if that is right",
        grouped(count),
        mixed.title()
    )))
}

/// The evidence for and against UTF-8.
#[derive(Debug, Default)]
struct EncodingEvidence {
    /// Characters of several bytes.
    characters: usize,
    /// Places that are not UTF-8.
    bad: usize,
    /// Lines with such characters that are UTF-8 from end to end.
    good_lines: usize,
    /// Lines with bytes that are not UTF-8.
    bad_lines: usize,
}

impl EncodingEvidence {
    fn weigh(&mut self, bytes: &[u8]) {
        if bytes.is_ascii() {
            return;
        }
        for line in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            if !line.is_ascii() {
                self.weigh_line(line);
            }
        }
    }

    fn weigh_line(&mut self, line: &[u8]) {
        let before = self.bad;
        let mut is_begun = false;
        for chunk in line.utf8_chunks() {
            self.characters += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
            // Half a surrogate pair, say, is told byte by byte, but one place.
            let goes_on = is_begun && chunk.valid().is_empty() && matches!(chunk.invalid(), [0x80..=0xbf]);
            is_begun = goes_on || matches!(chunk.invalid(), [0xc0..=0xff, ..]);
            self.bad += usize::from(!chunk.invalid().is_empty() && !goes_on);
        }
        if self.bad == before {
            self.good_lines += 1;
        } else {
            self.bad_lines += 1;
        }
    }

    /// Text in UTF-8 with a few damaged bytes stays what it is. Of text in other encodings, hardly more than a quarter
    /// of the characters look like UTF-8 by accident, and what is between them does not; whole lines never as many as
    /// every third.
    const fn is_utf8(&self) -> bool {
        self.bad == 0 || self.characters >= self.bad || self.good_lines * 2 >= self.bad_lines
    }
}

/// Text of two bytes a character without a byte order mark: where one byte of an ASCII character is, there is a zero
/// beside it, always on the same side.
fn utf16(samples: &[FileSample]) -> Option<&'static Encoding> {
    let (mut little, mut big, mut pairs) = (0_usize, 0_usize, 0_usize);
    let (mut feeds, mut wide_feeds) = (0_usize, 0_usize);
    for sample in samples {
        for pair in sample.bytes.chunks_exact(2) {
            pairs += 1;
            match pair {
                [b'\t' | b'\n' | b'\r' | b' '..=b'~', 0] => little += 1,
                [0, b'\t' | b'\n' | b'\r' | b' '..=b'~'] => big += 1,
                _ => {}
            }
            if pair.contains(&b'\n') {
                feeds += 1;
                wide_feeds += usize::from(pair.contains(&0));
            }
        }
    }
    // Text in Chinese has few such characters, but for delimiters and line breaks. Stray zeros in other text are not on
    // one side, and not beside its line breaks.
    let is_plain = |ours: usize, other: usize| {
        let is_frequent = ours * 20 > pairs && (ours >= 4 || ours * 3 > pairs);
        is_frequent && ours > other * 8 && wide_feeds * 2 >= feeds
    };
    let head = samples.first().map_or(&[][..], |sample| sample.bytes.as_slice());
    let is_text = |encoding: &&'static Encoding| {
        let text = decode::preview(head, (*encoding).into());
        memchr_iter(UNDECODABLE, &text).count() <= 1 + text.len() / 200
    };
    if is_plain(little, big) {
        Some(UTF_16LE).filter(is_text)
    } else if is_plain(big, little) {
        Some(UTF_16BE).filter(is_text)
    } else {
        None
    }
}
