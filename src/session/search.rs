//! Work on all rows that the background does for somebody who may want something else meanwhile.

use std::sync::Arc;

use crate::{domain::progress::Progress, message::Generation};

/// A search that the background performs. When it is dropped, it stops.
#[derive(Debug)]
pub struct Search {
    /// Names it: other answers are not its own.
    pub(super) name: Generation,
    /// Counts rows.
    pub(crate) progress: Arc<Progress>,
}

impl Search {
    pub(super) fn new(name: Generation) -> Self {
        Self {
            name,
            progress: Arc::default(),
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}
