//! Deleting a whole data set.

use std::collections::HashSet;

use super::{ApiError, Client};
use crate::domain::{dataset::Dataset, progress::Progress};

/// Ids in one delete request: the official client sends at most so many (miso-api.md section 1.7).
pub(crate) const IDS_A_REQUEST: usize = 1000;

/// How often the ids are listed again: a server may go on listing what it has deleted.
const ROUNDS: usize = 3;

/// The outcome of a wipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// That many records are gone.
    Records(u64),
    /// The interactions of that many stored users are deleted. Others may be left: the API does not list interactions.
    OfUsers(u64),
}

impl Client {
    /// Deletes every record of a data set, and counts those that the server no longer lists. Progress counts records.
    ///
    /// Where the server cannot delete all interactions at once, those of each stored user are deleted; so interactions
    /// must be wiped before users.
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
                // An id counts once, in however many rounds it is listed.
                let new = some.iter().filter(|id| seen.insert((*id).clone())).count();
                progress.add(new as u64);
            }
            // A record is gone when the server no longer lists it, not when its deletion was accepted.
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
