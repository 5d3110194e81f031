//! What values are ordered by: keys that are compared byte by byte.

use crate::domain::number;

/// What a value is ordered by. The first eight bytes are a number, as comparing those settles most pairs without a look
/// at the rest; zeros fill up a shorter one. The length comes last: it tells a key from the same with zeros behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SortKey<'a> {
    pub(super) prefix: u64,
    pub(super) rest: &'a [u8],
    pub(super) len: u32,
}

/// Bytes that stand in a key's prefix.
pub(super) const PREFIX: usize = size_of::<u64>();

impl<'a> SortKey<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        // No record is as long as that.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let bytes = bytes.get(..len as usize).unwrap_or_default();
        let (first, rest) = bytes.split_at(bytes.len().min(PREFIX));
        let mut prefix = [0; PREFIX];
        for (byte, own) in prefix.iter_mut().zip(first) {
            *byte = *own;
        }
        Self {
            prefix: u64::from_be_bytes(prefix),
            rest,
            len,
        }
    }
}

/// How much of a key of this length is not in its prefix.
pub(super) const fn rest_len(len: u32) -> usize {
    (len as usize).saturating_sub(PREFIX)
}

/// Orders by value; `None` for what is no number.
pub(super) fn number_key<'a>(text: &str, _: &'a mut Vec<u8>) -> Option<SortKey<'a>> {
    // Adding nothing makes a zero of the negative zero, which is the same number.
    let bits = (number::parsed(text)? + 0.0).to_bits();
    let sign = 1 << 63;
    // As unsigned numbers, bits of floats stand in their order but for the sign: negative ones come last, reversed.
    let prefix = if bits & sign == 0 { bits | sign } else { !bits };
    Some(SortKey {
        prefix,
        rest: &[],
        len: 0,
    })
}

/// Orders texts as people do: whatever the case, and with the numbers in them by value, so that `item 2` comes before
/// `Item 10`. The key is built in `room`.
pub(super) fn natural_key<'a>(text: &str, room: &'a mut Vec<u8>) -> SortKey<'a> {
    room.clear();
    if text.is_ascii() {
        room.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
    } else {
        let mut utf8 = [0; 4];
        for letter in text.chars().flat_map(char::to_lowercase) {
            room.extend_from_slice(letter.encode_utf8(&mut utf8).as_bytes());
        }
    }
    if room.iter().any(u8::is_ascii_digit) {
        *room = with_numbers_by_value(room);
    }
    SortKey::new(room)
}

/// A text whose numbers have their number of digits before them, and no zeros. A zero stands before that: no other byte
/// lies among the digits, so that what is a number and what is none stay in their order.
fn with_numbers_by_value(text: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.first() {
        if !first.is_ascii_digit() {
            key.push(*first);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let end = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        let digits = digits.get(zeros..).unwrap_or_default();
        key.push(b'0');
        // So many digits as do not fit a byte are told by as many full ones before it.
        key.extend(std::iter::repeat_n(u8::MAX, digits.len() / usize::from(u8::MAX)));
        key.push(u8::try_from(digits.len() % usize::from(u8::MAX)).unwrap_or_default());
        key.extend_from_slice(digits);
        rest = after;
    }
    key
}
