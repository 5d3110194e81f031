//! A list of records, or an API body around one: places hold, and what parses as a whole is read record by record.
#![no_main]

use tatami::frame::{Format, OpenOptions};
use tatami_fuzz::{check_nothing_is_lost, check_places, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let options = OpenOptions {
        encoding: Some(encoding_rs::UTF_8.into()),
        ..OpenOptions::default()
    };
    for (before, after) in [("[", "]"), ("{\"data\":[", "]}")] {
        let text = [before.as_bytes(), data, after.as_bytes()].concat();
        let Some(frame) = open(&text, &options) else {
            continue;
        };
        if !matches!(frame.format(), Format::JsonArray | Format::JsonData) {
            continue;
        }
        check_places(&frame, &text);
        if frame.format() == Format::JsonArray {
            let is_between = |byte: u8| byte.is_ascii_whitespace() || b"[],".contains(&byte);
            check_nothing_is_lost(&frame, &text, 0, is_between);
        }
        let Ok(records) = serde_json::from_slice::<Vec<serde_json::Value>>(&[b"[", data, b"]"].concat()) else {
            continue;
        };
        assert_eq!(records.len(), frame.len() as usize);
        for (row, record) in (0..).zip(&records) {
            let raw = frame.raw(row).expect("read");
            assert_eq!(
                &serde_json::from_slice::<serde_json::Value>(&raw).expect("is JSON"),
                record
            );
        }
    }
});
