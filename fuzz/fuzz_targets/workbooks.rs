//! Containers and workbooks: whatever is in them is opened or refused, and what is opened can be read.
#![no_main]

use tatami::frame::OpenOptions;
use tatami_fuzz::{cells, open};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(frame) = open(data, &OpenOptions::default()) {
        assert_eq!(cells(&frame).len(), frame.len() as usize);
    }
});
