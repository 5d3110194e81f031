//! An upload of a file that nobody reads, for tests of what is written down of it.

use tatami::{
    domain::dataset::Dataset,
    upload::{Fingerprint, Limits, Manner, Plan, Recipe},
};

/// Of so many products.
pub fn plan(rows: u64, manner: Manner) -> Plan {
    Plan {
        path: "/somewhere/catalog.csv".into(),
        fingerprint: Fingerprint {
            size: 9,
            ..Fingerprint::default()
        },
        recipe: Recipe::default(),
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
