//! Any file at all, recognised: opened again in the way that was recognised, it is the same table.
#![no_main]

use tatami::frame::OpenOptions;
use tatami_fuzz::{check_again, check_places, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // What is unpacked has other places than the file.
    let packed: [&[u8]; 7] = [
        b"\x1f\x8b",
        b"PK",
        b"\x28\xb5\x2f\xfd",
        b"PAR1",
        b"ARROW1",
        b"\xd0\xcf",
        b"\xff\xff\xff\xff",
    ];
    if packed.iter().any(|magic| data.starts_with(magic)) || data.get(1..4) == Some(b"\x2a\x4d\x18") {
        return;
    }
    if let Some(frame) = open(data, &OpenOptions::default()) {
        check_places(&frame, data);
        check_again(&frame, data);
    }
});
