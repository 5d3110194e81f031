//! What an upload does about what is stored under the ids of its records.

use serde::{Deserialize, Serialize};

use crate::domain::dataset::Dataset;

/// What is done about stored records before others take their place. Each of it means reading them first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Manner {
    /// Fields that a record does not have stay as they are stored: see [`crate::domain::comparison::merged`].
    pub merge: bool,
    /// Records that are stored already, equal to what would be sent, are left out.
    pub skip_identical: bool,
    /// What is replaced is kept, so that the upload can be undone.
    pub keep_replaced: bool,
    /// Of an undo: records that somebody has changed since are put back as well.
    pub over_changes: bool,
}

impl Manner {
    /// What is usual: it can be undone. Interactions are never replaced, and cannot be read.
    pub fn usual(dataset: Dataset) -> Self {
        Self {
            keep_replaced: dataset != Dataset::Interactions,
            ..Self::default()
        }
    }

    /// Whether what is stored is looked up.
    pub const fn looks(self) -> bool {
        self.merge || self.skip_identical || self.keep_replaced
    }
}
