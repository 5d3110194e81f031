//! The API's 422 lines: whatever a server says is taken apart without harm, and a line's parts are its own.
#![no_main]

use tatami::domain::message;

libfuzzer_sys::fuzz_target!(|line: &str| {
    if let Some(parsed) = message::parse(line) {
        assert!(line.contains(&parsed.index.to_string()));
        assert!(line.contains(&parsed.path));
        assert!(line.contains(&parsed.message));
        assert!(parsed.value.is_none_or(|value| line.contains(&value)));
    }
});
