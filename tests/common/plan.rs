//! An upload of a file that nobody reads, for tests of what is written down of it.

use std::time::Duration;

use tatami::{
    domain::dataset::Dataset,
    upload::{BatchLimits, Fingerprint, RetryPolicy, UploadPlan, UploadRecipe, WriteOptions},
};

/// As many tries as usual, one right after the other unless the server asks for a pause.
pub const NO_PAUSES: RetryPolicy = RetryPolicy {
    max_tries: 5,
    base: Duration::ZERO,
    cap: Duration::ZERO,
};

/// Of so many products.
pub fn plan(rows: u64, write_options: WriteOptions) -> UploadPlan {
    UploadPlan {
        path: "/somewhere/catalog.csv".into(),
        fingerprint: Fingerprint {
            size: 9,
            ..Fingerprint::default()
        },
        recipe: UploadRecipe::of_no_file(Dataset::Products),
        dataset: Dataset::Products,
        rows,
        limits: BatchLimits::recommended(Dataset::Products),
        environment: "local".to_owned(),
        address: "http://127.0.0.1:8700".to_owned(),
        write_options,
        reverts: None,
        store: None,
        key: None,
    }
}
