//! What an upload does about stored records with the same ids.

use serde::{Deserialize, Serialize};

use crate::domain::dataset::Dataset;

/// What is done about stored records before others replace them. Each option means reading them first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct WriteOptions {
    /// Fields that a record does not have stay as they are stored: see [`crate::domain::comparison::merged`].
    pub merge: bool,
    /// Records that are stored already, equal to what would be sent, are left out.
    pub skip_identical: bool,
    /// What is replaced is kept, so that the upload can be reverted.
    pub keep_replaced: bool,
    /// Of a revert: records that somebody has changed since are put back as well.
    pub over_changes: bool,
}

impl WriteOptions {
    /// What is usual: it can be reverted. Interactions are never replaced, and cannot be read.
    pub fn recommended(dataset: Dataset) -> Self {
        Self {
            keep_replaced: dataset != Dataset::Interactions,
            ..Self::default()
        }
    }

    /// Whether stored records are looked up.
    pub(crate) const fn reads_stored(self) -> bool {
        self.merge || self.skip_identical || self.keep_replaced
    }
}
