//! Decodes bytes to UTF-8 as they arrive.

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::{TextEncoding, text_encoding::CodePage};

/// Marks bytes in the decoded text that are not text in the file; UTF-8 has no such byte.
pub(super) const UNDECODABLE: u8 = 0xff;

/// Decodes a text piece by piece.
pub(super) enum TextDecoder {
    Web(Box<Decoder>),
    Dos(Box<[char; 128]>),
    Mixed {
        /// The encoding of bytes that are not UTF-8.
        other: &'static Encoding,
        /// The beginning of a character whose rest has not come yet.
        begun: Vec<u8>,
    },
}

impl TextDecoder {
    pub(super) fn new(encoding: TextEncoding) -> Self {
        match encoding {
            TextEncoding::Web(encoding) => Self::Web(Box::new(encoding.new_decoder_without_bom_handling())),
            TextEncoding::Dos(page) => Self::Dos(Box::new(table(page))),
            TextEncoding::Mixed(other) => Self::Mixed {
                other,
                begun: Vec::new(),
            },
        }
    }

    /// Decodes more of a file; what it ends with may wait for the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::Web(decoder) => run(decoder, bytes, false, text),
            Self::Dos(table) => {
                for byte in bytes {
                    let high = byte.checked_sub(0x80).and_then(|at| table.get(usize::from(at)));
                    push(high.copied().unwrap_or(char::from(*byte)), text);
                }
            }
            Self::Mixed { other, begun } => {
                begun.extend_from_slice(bytes);
                let kept = mixed(begun, other, text);
                begun.drain(..begun.len() - kept);
            }
        }
    }

    /// Decodes what is left at the file's end.
    pub(super) fn finish(&mut self, text: &mut Vec<u8>) {
        match self {
            Self::Web(decoder) => run(decoder, &[], true, text),
            Self::Dos(_) => {}
            Self::Mixed { other, begun } => {
                for byte in begun.drain(..) {
                    push_other(byte, other, text);
                }
            }
        }
    }
}

fn table(page: CodePage) -> [char; 128] {
    let mut high = page.high().chars();
    std::array::from_fn(|_| high.next().unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn push(c: char, text: &mut Vec<u8>) {
    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Adds the character of a byte that is not UTF-8.
fn push_other(byte: u8, other: &'static Encoding, text: &mut Vec<u8>) {
    match other.decode_without_bom_handling_and_without_replacement(&[byte]) {
        Some(c) => text.extend_from_slice(c.as_bytes()),
        None => text.push(UNDECODABLE),
    }
}

/// Decodes bytes that are UTF-8 as such, and others one by one. Returns how many at the end may be the beginning of a
/// character.
fn mixed(mut bytes: &[u8], other: &'static Encoding, text: &mut Vec<u8>) -> usize {
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(valid) => {
                text.extend_from_slice(valid.as_bytes());
                return 0;
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        text.extend_from_slice(valid);
        let Some(len) = error.error_len() else {
            return rest.len();
        };
        let (odd, rest) = rest.split_at(len);
        for byte in odd {
            push_other(*byte, other, text);
        }
        bytes = rest;
    }
}

fn run(decoder: &mut Decoder, mut bytes: &[u8], last: bool, text: &mut Vec<u8>) {
    loop {
        let from = text.len();
        // Room for the longest character, and for what most texts need.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes come, the text is the same.
    #[track_caller]
    fn check(encoding: &str, bytes: &[u8], expect: &[u8]) {
        let encoding = TextEncoding::named(encoding).unwrap();
        for step in [1, 2, 3, bytes.len().max(1)] {
            let (mut decoder, mut text) = (TextDecoder::new(encoding), Vec::new());
            for piece in bytes.chunks(step) {
                decoder.feed(piece, &mut text);
            }
            decoder.finish(&mut text);
            assert_eq!(text, expect, "{} in steps of {step}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_read_as_something_else() {
        let mixed = "utf-8+windows-1252";
        check(mixed, "Käse – 5 €".as_bytes(), "Käse – 5 €".as_bytes());
        check(mixed, b"Br\xc3\xb6tchen, B\xe4cker", "Brötchen, Bäcker".as_bytes());
        check(mixed, b"\xe2\x82", "â‚".as_bytes());
        check(mixed, b"\xe2\x82x \x96 \xfc", "â‚x – ü".as_bytes());
        check(mixed, b"", b"");
        check("utf-8+windows-1253", b"a\xaab", b"a\xffb");
        check("cp850", b"K\x84se \xe1", "Käse ß".as_bytes());
        check("mac-roman", b"K\x8ase", "Käse".as_bytes());
        check("sjis", b"\x8b\x9e\x81", b"\xe4\xba\xac\xff");
    }
}
