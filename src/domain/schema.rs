//! The compiled form of the JSON Schema documents in `assets/schema`, which everything else uses.

use super::dataset::Dataset;

/// The schema of one data set.
#[derive(Debug)]
pub struct Schema {
    /// Which data set it describes.
    pub dataset: Dataset,
}

impl Schema {
    /// The schema of a data set, compiled on first use.
    pub fn of(dataset: Dataset) -> &'static Self {
        let _ = dataset;
        unimplemented!()
    }
}
