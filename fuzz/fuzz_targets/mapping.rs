//! Any table, its columns matched to fields and checked: every problem is of a row and a column that exist.
#![no_main]

use tatami::{
    check,
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress},
    frame::{Edits, OpenOptions},
};
use tatami_fuzz::open;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let Some(frame) = open(data, &OpenOptions::default()) else {
        return;
    };
    let dataset = [Dataset::Products, Dataset::Interactions, Dataset::Users][usize::from(choice) % 3];
    let mapping = Mapping::suggest(dataset, frame.columns(), frame.format().is_json());
    let checked = check::check(&frame, &Edits::default(), &mapping, &Progress::default()).expect("checked");
    for (cause, rows) in checked.issues.causes() {
        assert!(!rows.is_empty());
        assert!(rows.before(u32::MAX).is_none_or(|last| last < frame.len()));
        assert!(
            cause
                .column
                .is_none_or(|column| (column as usize) < frame.columns().len())
        );
    }
    assert!(checked.rows_with_errors().len() <= u64::from(frame.len()));
});
