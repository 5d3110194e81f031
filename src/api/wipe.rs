//! Deleting a whole data set.

use super::{ApiError, Client};
use crate::domain::{dataset::Dataset, progress::Progress};

/// The official client sends at most so many ids in one request (miso-api.md section 1.7).
const IDS_A_REQUEST: usize = 1000;

/// The server may be slow to forget: ids are asked for again, but not forever.
const ROUNDS: usize = 3;

impl Client {
    /// Deletes every record of a data set and returns how many there were; progress counts records.
    /// Interactions can be wiped on the local server only.
    pub async fn wipe(&self, dataset: Dataset, progress: &Progress) -> Result<u64, ApiError> {
        if dataset == Dataset::Interactions {
            return self.wipe_interactions().await;
        }
        let mut deleted = 0;
        for _ in 0..ROUNDS {
            let ids = self.ids(dataset, None).await?;
            if ids.is_empty() {
                break;
            }
            progress.set_total(deleted + ids.len() as u64);
            for some in ids.chunks(IDS_A_REQUEST) {
                if progress.is_cancelled() {
                    return Ok(deleted);
                }
                let outcome = self.delete(dataset, some).await?;
                let count = outcome.deleted.unwrap_or(some.len() as u64);
                deleted += count;
                progress.add(count);
            }
        }
        Ok(deleted)
    }
}
