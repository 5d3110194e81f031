//! Text in every encoding: reads as it does in UTF-8, with places in the file as it is; bytes that are no text are
//! defects, and everything still has its place.
#![no_main]

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};
use tatami::frame::{Format, OpenOptions};
use tatami_fuzz::{cells, check_places, open};

const ENCODINGS: [&Encoding; 9] = [
    UTF_16LE,
    UTF_16BE,
    SHIFT_JIS,
    GBK,
    GB18030,
    BIG5,
    EUC_KR,
    EUC_JP,
    WINDOWS_1252,
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let encoding = ENCODINGS[usize::from(choice) % ENCODINGS.len()];
    let options = |encoding: &'static Encoding| OpenOptions {
        delimiter: Some(b','),
        quote: Some(Some(b'"')),
        header: Some(false),
        skip: Some(0),
        encoding: Some(encoding.into()),
        ..OpenOptions::default()
    };
    // As bytes, whatever they mean.
    if let Some(frame) = open(data, &options(encoding)) {
        check_places(&frame, data);
    }
    // As text, written in the encoding.
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Some(encoded) = encode(text, encoding) else {
        return;
    };
    let (plain, other) = (
        open(text.as_bytes(), &options(encoding_rs::UTF_8)),
        open(&encoded, &options(encoding)),
    );
    let (Some(plain), Some(other)) = (plain, other) else {
        return;
    };
    assert!(matches!(other.format(), Format::Csv(_)));
    check_places(&other, &encoded);
    assert_eq!(cells(&plain), cells(&other));
});

/// The text's bytes; `None` when it does not come back from them.
fn encode(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    // A byte order mark is no text.
    if text.starts_with('\u{feff}') {
        return None;
    }
    let bytes = if encoding == UTF_16LE {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if encoding == UTF_16BE {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        encoding.encode(text).0.into_owned()
    };
    let back = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
    (back == text).then_some(bytes)
}
