//! Deleting a whole data set.

use std::collections::HashSet;

use super::{ApiError, Client};
use crate::domain::{dataset::Dataset, progress::Progress};

/// The official client sends at most so many ids in one request (miso-api.md section 1.7).
const IDS_A_REQUEST: usize = 1000;

/// The server may be slow to forget: ids are asked for again, but not forever.
const ROUNDS: usize = 3;

impl Client {
    /// Deletes every record of a data set and returns how many of them the server no longer lists; progress counts
    /// records.
    /// Interactions can be wiped on the local server only.
    pub async fn wipe(&self, dataset: Dataset, progress: &Progress) -> Result<u64, ApiError> {
        if dataset == Dataset::Interactions {
            return self.wipe_interactions().await;
        }
        let mut seen = HashSet::new();
        let mut left = self.ids(dataset, None).await?;
        for _ in 0..ROUNDS {
            if left.is_empty() || progress.is_cancelled() {
                break;
            }
            let new = left.iter().filter(|id| !seen.contains(*id)).count() as u64;
            progress.set_total(seen.len() as u64 + new);
            for some in left.chunks(IDS_A_REQUEST) {
                if progress.is_cancelled() {
                    break;
                }
                self.delete(dataset, some).await?;
                // An id counts once, in however many rounds it is asked for.
                let new = some.iter().filter(|id| seen.insert((*id).clone())).count();
                progress.add(new as u64);
            }
            // Whether a record is gone is what the server lists, not what it was asked to do.
            left = self.ids(dataset, None).await?;
        }
        let still = left.iter().filter(|id| seen.contains(*id)).count();
        Ok((seen.len() - still) as u64)
    }
}
