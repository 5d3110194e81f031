//! One record a line: every line is a row, and a row without a defect is what any JSON parser makes of it.
#![no_main]

use tatami::frame::{Edits, Format, OpenOptions};
use tatami_fuzz::{check_nothing_is_lost, check_places, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Two plain records, so that it is taken for what it is.
    let text = [b"{\"a\":1}\n{\"b\":2}\n", data].concat();
    let options = OpenOptions {
        encoding: Some(encoding_rs::UTF_8.into()),
        ..OpenOptions::default()
    };
    let Some(frame) = open(&text, &options) else {
        return;
    };
    if frame.format() != Format::JsonLines {
        return;
    }
    check_places(&frame, &text);
    check_nothing_is_lost(&frame, &text, 0, |byte| byte.is_ascii_whitespace());
    let lines = text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    assert_eq!(lines.count(), frame.len() as usize);
    let broken: Vec<u32> = frame.defects().iter().map(|defect| defect.row).collect();
    for row in (0..frame.len()).filter(|row| !broken.contains(row)) {
        let raw = frame.raw(row).expect("read");
        let value: serde_json::Value = serde_json::from_slice(&raw).expect("no defect, so it is JSON");
        assert!(value.is_object());
        let cells = frame.read(row..row + 1, &Edits::default()).expect("read");
        let filled = cells[0].iter().filter(|cell| !cell.as_cell().is_missing()).count();
        assert_eq!(filled == 0, value == serde_json::json!({}));
    }
});
