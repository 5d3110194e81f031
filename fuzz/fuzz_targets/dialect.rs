//! Any file at all, recognised: opened again in the way that was recognised, it is the same table.
#![no_main]

use tatami::frame::OpenOptions;
use tatami_fuzz::{check_again, check_places, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // What is unpacked has other places than the file.
    if data.starts_with(b"\x1f\x8b") || data.starts_with(b"PK") || data.get(1..4) == Some(b"\xb5\x2f\xfd") {
        return;
    }
    if let Some(frame) = open(data, &OpenOptions::default()) {
        check_places(&frame, data);
        check_again(&frame, data);
    }
});
