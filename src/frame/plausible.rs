//! Whether text reads as the languages of the West are written: which tells the encodings of one byte a character
//! apart, as the wrong one puts signs and capital letters into the middle of words.

use encoding_rs::MACINTOSH;
use memchr::memchr_iter;

use super::{
    TextEncoding,
    decoder::{TextDecoder, UNDECODABLE},
    text_encoding::CodePage,
};

/// Encodings that are no longer written, and that detectors for the web do not know. Of two that read the same the
/// first is taken.
const OLD: [TextEncoding; 3] = [
    TextEncoding::Dos(CodePage::Ibm850),
    TextEncoding::Dos(CodePage::Ibm437),
    TextEncoding::Web(MACINTOSH),
];

/// How many bytes are examined.
const MOST: usize = 64 << 10;

/// The old encoding in which lines read well, when they do not in the one they were taken for.
pub(super) fn better(lines: &[&[u8]], taken: TextEncoding) -> Option<TextEncoding> {
    let mut room = MOST;
    let few: Vec<&[u8]> = lines
        .iter()
        .take_while(|line| {
            let fits = room > 0;
            room = room.saturating_sub(line.len());
            fits
        })
        .copied()
        .collect();
    if !has_single_letters(&few) {
        return None;
    }
    let before = TextLook::of(&few, taken);
    if before.odd * 3 < before.all {
        return None;
    }
    let looks = OLD.map(|encoding| (TextLook::of(&few, encoding), encoding));
    // The first of the best.
    let (best, encoding) = looks
        .into_iter()
        .rev()
        .max_by_key(|(look, _)| (look.good, usize::MAX - look.odd))?;
    (best.is_fine() && best.good > before.good).then_some(encoding)
}

/// Whether lines of another encoding than UTF-8 read well in one.
pub(super) fn is_fine(lines: &[&[u8]], encoding: TextEncoding) -> bool {
    let look = TextLook::of(lines, encoding);
    look.is_fine() && look.good > 0
}

/// Whether most of the bytes that are not ASCII stand alone: in other scripts they do not.
fn has_single_letters(lines: &[&[u8]]) -> bool {
    let (mut runs, mut bytes) = (0, 0);
    for line in lines {
        for run in line.chunk_by(|one, next| one.is_ascii() == next.is_ascii()) {
            if run.first().is_some_and(|byte| !byte.is_ascii()) {
                runs += 1;
                bytes += run.len();
            }
        }
    }
    bytes > 0 && runs * 4 >= bytes * 3
}

/// How lines read in an encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct TextLook {
    /// Characters that are not ASCII.
    all: usize,
    /// Letters that stand where such letters stand.
    good: usize,
    /// Characters in places where such characters do not occur.
    odd: usize,
}

impl TextLook {
    fn of(lines: &[&[u8]], encoding: TextEncoding) -> Self {
        let mut look = Self::default();
        let mut text = Vec::new();
        for line in lines {
            text.clear();
            let mut decoder = TextDecoder::new(encoding);
            decoder.feed(line, &mut text);
            decoder.finish(&mut text);
            let undecodable = memchr_iter(UNDECODABLE, &text).count();
            look.odd += undecodable;
            look.all += undecodable;
            look.take(&String::from_utf8_lossy(&text));
        }
        look
    }

    fn take(&mut self, text: &str) {
        let mut before = ' ';
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if !c.is_ascii() && c != char::REPLACEMENT_CHARACTER {
                let after = chars.peek().copied().unwrap_or(' ');
                self.all += 1;
                match judge(before, c, after) {
                    Some(true) => self.good += 1,
                    Some(false) => self.odd += 1,
                    None => {}
                }
            }
            before = c;
        }
    }

    /// Whether the encoding is plausible: hardly anything is odd.
    const fn is_fine(self) -> bool {
        self.odd * 20 <= self.all
    }
}

/// The small letters that the languages of the West have beside those of ASCII.
const SMALL: &str = "àáâãäåæçèéêëìíîïñòóôõöøùúûüßœ";
const CAPITAL: &str = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ";

/// Whether a character stands where such characters stand; `None` where that says nothing.
fn judge(before: char, c: char, after: char) -> Option<bool> {
    let (has_before, has_after) = (before.is_alphabetic(), after.is_alphabetic());
    if SMALL.contains(c) {
        return (has_before || has_after).then_some(true);
    }
    if c.is_uppercase() {
        // `KŠse`: no word is written so.
        let is_odd = before.is_lowercase() || (has_before && after.is_lowercase());
        return match (is_odd, CAPITAL.contains(c)) {
            (true, _) => Some(false),
            (false, true) => (has_before || has_after).then_some(true),
            (false, false) => None,
        };
    }
    match c {
        '\u{80}'..='\u{9f}' | '\u{2500}'..='\u{25ff}' => Some(false),
        // `L’été`, `Paris–Lyon`, `col·lecció`.
        '’' | '–' | '—' | '·' | '\u{ad}' => None,
        _ if c.is_alphabetic() => {
            // Letters of other scripts beside Latin ones, and not the ones that stand for numbers.
            let is_foreign =
                !matches!(c, '\u{aa}' | '\u{b5}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
            let is_beside = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
            (is_foreign && is_beside).then_some(false)
        }
        _ => (has_before && has_after).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, good: usize, odd: usize) {
        let mut look = TextLook::default();
        look.take(text);
        assert_eq!((look.good, look.odd), (good, odd), "{text}");
    }

    #[test]
    fn words_are_told_from_what_is_none() {
        check("Käse für Gäste", 3, 0);
        check("ÄRZTE und Übung", 2, 0);
        check("L’été – 5 €", 2, 0);
        check("K„se", 0, 1);
        check("KŠse, schŠn", 0, 2);
        check("h“tel", 0, 1);
        check("M³ller, Jõrg", 1, 1);
        check("Kﾗse", 0, 1);
        check("5 µm, 1 º, Nº 5", 0, 0);
        check("a\u{84}b", 0, 1);
        check("│ x", 0, 1);
    }

    #[test]
    fn old_encodings_are_found_where_the_usual_one_reads_badly() {
        let taken = TextEncoding::Web(encoding_rs::WINDOWS_1252);
        let check = |lines: &[&[u8]], expect: Option<TextEncoding>| {
            assert_eq!(better(lines, taken), expect, "{:?}", lines.first());
        };
        check(&[b"K\x84se f\x81r G\x84ste"], Some(OLD[0]));
        check(&[b"cr\x8ame br\x96l\x82e"], Some(OLD[0]));
        check(&[b"K\x8ase f\x9fr G\x8aste"], Some(OLD[2]));
        check(&[b"K\xe4se f\xfcr G\xe4ste"], None);
        check(&[b"5 \x80, 10 \x99 \x96 so"], None);
        check(&[], None);
    }
}
