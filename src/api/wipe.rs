//! Deleting a whole data set.

use std::collections::HashSet;

use super::{ApiError, Client};
use crate::domain::{dataset::Dataset, progress::Progress};

/// Ids in one delete request: the official client sends at most so many (miso-api.md section 1.7).
pub const IDS_A_REQUEST: usize = 1000;

/// The server may be slow to forget: ids are asked for again, but not forever.
const ROUNDS: usize = 3;

/// What a wipe of a data set came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// So many records are gone.
    Records(u64),
    /// The interactions of so many stored users are deleted. Others may be left: the API does not list interactions.
    OfUsers(u64),
}

impl Client {
    /// Deletes every record of a data set; those count that the server no longer lists. Progress counts records.
    ///
    /// A server that cannot delete all interactions at once loses those of its stored users, so that interactions are
    /// to be wiped before users.
    pub async fn wipe(&self, dataset: Dataset, progress: &Progress) -> Result<Wiped, ApiError> {
        if dataset == Dataset::Interactions {
            return match self.wipe_interactions().await {
                Err(ApiError::Unsupported { .. }) => self.wipe_interactions_of_users().await,
                answer => answer.map(Wiped::Records),
            };
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
        Ok(Wiped::Records((seen.len() - still) as u64))
    }

    async fn wipe_interactions_of_users(&self) -> Result<Wiped, ApiError> {
        let users = self.ids(Dataset::Users, None).await?;
        for some in users.chunks(IDS_A_REQUEST) {
            self.delete_interactions_of(some).await?;
        }
        Ok(Wiped::OfUsers(users.len() as u64))
    }
}
