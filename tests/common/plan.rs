//! An upload of a file that nobody reads, for tests of what is written down of it.

use std::time::Duration;

use tatami::{
    domain::dataset::Dataset,
    upload::{Fingerprint, Limits, Manner, Plan, Recipe, RetryPolicy},
};

/// As many tries as usual, one right after the other unless the server asks for a pause.
pub const NO_PAUSES: RetryPolicy = RetryPolicy {
    max_tries: 5,
    base: Duration::ZERO,
    cap: Duration::ZERO,
};

/// Of so many products.
pub fn plan(rows: u64, manner: Manner) -> Plan {
    Plan {
        path: "/somewhere/catalog.csv".into(),
        fingerprint: Fingerprint {
            size: 9,
            ..Fingerprint::default()
        },
        recipe: Recipe::of_no_file(Dataset::Products),
        dataset: Dataset::Products,
        rows,
        limits: Limits::recommended(Dataset::Products),
        environment: "local".to_owned(),
        address: "http://127.0.0.1:8700".to_owned(),
        manner,
        undoes: None,
        store: None,
    }
}
