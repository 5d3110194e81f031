//! Comparing and searching short texts, which the reader and the checker do for every cell.

use wide::u8x16;

/// The position of the first such byte. Cells are short: the first bytes are compared here, before `memchr` is called.
#[inline]
pub(crate) fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < 32
        && let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>)
    {
        let same = u8x16::new(*chunk).simd_eq(u8x16::splat(byte)).to_bitmask();
        if same != 0 {
            return Some(at + same.trailing_zeros() as usize);
        }
        at += 16;
    }
    let rest = bytes.get(at..)?;
    let found = if rest.len() < 16 {
        rest.iter().position(|other| *other == byte)
    } else {
        memchr::memchr(byte, rest)
    };
    found.map(|step| at + step)
}

/// The position of the first quote after the first byte.
#[inline]
pub(crate) fn second_quote(text: &[u8; 16]) -> Option<usize> {
    let quotes = u8x16::new(*text).simd_eq(u8x16::splat(b'"')).to_bitmask() & !1;
    (quotes != 0).then(|| quotes.trailing_zeros() as usize)
}

/// The position of the first byte that must be escaped in a JSON string: a quote, a backslash or a control character.
#[inline]
pub(crate) fn find_special(json: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(chunk) = json.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let text = u8x16::new(*chunk);
        let controls = text.min(u8x16::splat(0x1f)).simd_eq(text);
        let special = text.simd_eq(u8x16::splat(b'"')) | text.simd_eq(u8x16::splat(b'\\')) | controls;
        let special = special.to_bitmask();
        if special != 0 {
            return Some(at + special.trailing_zeros() as usize);
        }
        at += 16;
    }
    let is_special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    json.get(at..)?.iter().position(is_special).map(|step| at + step)
}

/// A text's beginning and end as one word: quick, and good enough to tell most values of a column apart.
#[inline]
pub(crate) fn ends(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23),
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Mixes a word so that its highest bits depend on all of it.
#[inline]
pub(crate) const fn spread(word: u64) -> u64 {
    word.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Which kinds of bytes a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind")]
pub(crate) struct Kinds {
    /// `0` to `9`
    pub(crate) has_digit: bool,
    /// `A` to `Z` and `a` to `z`
    pub(crate) has_letter: bool,
    /// `-`
    pub(crate) has_hyphen: bool,
    /// `|`, `;` and `,`
    pub(crate) has_separator: bool,
    /// Everything else but `_`.
    pub(crate) has_other: bool,
}

impl Kinds {
    /// The kinds of bytes in a text.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut kinds = Self::default();
        let (chunks, rest) = text.as_chunks::<16>();
        for chunk in chunks {
            kinds.add(u8x16::new(*chunk), u32::MAX);
        }
        if !rest.is_empty() {
            let mut chunk = [0; 16];
            chunk.iter_mut().zip(rest).for_each(|(byte, of_text)| *byte = *of_text);
            kinds.add(u8x16::new(chunk), (1 << rest.len()) - 1);
        }
        kinds
    }

    /// Adds the bytes that `mask` has a bit for.
    #[inline]
    fn add(&mut self, text: u8x16, mask: u32) {
        let is = |byte: u8| text.simd_eq(u8x16::splat(byte));
        let within = |text: u8x16, first: u8, last: u8| {
            let from_first = text - u8x16::splat(first);
            from_first.min(u8x16::splat(last - first)).simd_eq(from_first)
        };
        let digits = within(text, b'0', b'9');
        let letters = within(text | u8x16::splat(0x20), b'a', b'z');
        let hyphens = is(b'-');
        let separators = is(b'|') | is(b';') | is(b',');
        let known = digits | letters | hyphens | separators | is(b'_');
        self.has_digit |= digits.to_bitmask() & mask != 0;
        self.has_letter |= letters.to_bitmask() & mask != 0;
        self.has_hyphen |= hyphens.to_bitmask() & mask != 0;
        self.has_separator |= separators.to_bitmask() & mask != 0;
        self.has_other |= !known.to_bitmask() & mask & 0xffff != 0;
    }
}

/// Whether the bytes begin with `start`. What is up to 32 bytes long is compared in two overlapping words, without a
/// call.
#[inline]
pub(crate) fn begins_with(bytes: &[u8], start: &[u8]) -> bool {
    bytes
        .get(..start.len())
        .is_some_and(|beginning| are_same(beginning, start))
}

/// Whether the bytes are the same; see [`begins_with`].
#[inline]
pub(crate) fn are_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && match one.len() {
            16..=32 => have_same_ends::<16>(one, other),
            8..16 => have_same_ends::<8>(one, other),
            4..8 => have_same_ends::<4>(one, other),
            _ => one == other,
        }
}

/// Whether the first `N` bytes are the same, and the last.
#[inline]
fn have_same_ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    one.first_chunk::<N>() == other.first_chunk() && one.last_chunk::<N>() == other.last_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_wherever_they_are() {
        for len in 0..70 {
            for at in 0..len {
                let mut text = vec![b'a'; len];
                text[at] = b',';
                assert_eq!(find(b',', &text), Some(at), "{len}");
                for special in [b'"', b'\\', b'\n', 0, 0x1f] {
                    text[at] = special;
                    assert_eq!(find_special(&text), Some(at), "{len}");
                }
                for plain in [b' ', 0x7f, 0x80, 0xff] {
                    text[at] = plain;
                    assert_eq!(find_special(&text), None, "{len} {at}");
                    assert_eq!(find(b',', &text), None, "{len} {at}");
                }
            }
        }
    }

    #[test]
    fn kinds_of_bytes_are_seen_wherever_they_are() {
        for len in 0..40 {
            for at in 0..len {
                for byte in 0..=255 {
                    let mut text = vec![b'_'; len];
                    text[at] = byte;
                    let expect = Kinds {
                        has_digit: byte.is_ascii_digit(),
                        has_letter: byte.is_ascii_alphabetic(),
                        has_hyphen: byte == b'-',
                        has_separator: matches!(byte, b'|' | b';' | b','),
                        has_other: !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'|' | b';' | b',' | b'_'),
                    };
                    assert_eq!(Kinds::of(&text), expect, "{len} {at} {byte}");
                }
            }
        }
        assert_eq!(Kinds::of(b""), Kinds::default());
    }

    #[test]
    fn one_different_byte_is_seen_wherever_it_is() {
        for len in 0..70 {
            let text = vec![b'a'; len];
            assert!(are_same(&text, &text.clone()));
            assert!(begins_with(&[text.clone(), b"b".to_vec()].concat(), &text));
            assert!(!are_same(&text, &[text.clone(), b"a".to_vec()].concat()));
            assert_eq!(begins_with(&text, b"aaaa"), len >= 4);
            for at in 0..len {
                let mut other = text.clone();
                other[at] = b'b';
                assert!(!are_same(&text, &other), "{len} {at}");
            }
        }
    }
}
