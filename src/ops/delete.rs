//! Deleting records by id.

use std::collections::HashSet;

use super::Connection;
use crate::{
    api::{ApiError, IDS_A_REQUEST},
    domain::dataset::Dataset,
};

/// What became of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many records are gone; `None` when nobody can know: of interactions, when the server does not say.
    pub deleted: Option<u64>,
    /// How many of the ids were not there; `None` when nobody can know.
    pub not_found: Option<u64>,
}

/// Why a deletion ended early.
#[derive(Debug, thiserror::Error)]
#[error("{error}; {deleted} were deleted before")]
pub struct DeleteError {
    /// What went wrong.
    pub error: ApiError,
    /// Records that are gone by then, as far as the server said.
    pub deleted: u64,
}

/// Deletes records by id; of interactions, those of the users named. Where the server does not say what became of it, the
/// records that it no longer lists are gone.
///
/// # Errors
/// When the server cannot be reached or refuses; some may be deleted by then.
pub async fn delete(connection: &Connection, dataset: Dataset, ids: &[String]) -> Result<Deleted, DeleteError> {
    let client = connection.client();
    let mut total = Deleted {
        deleted: Some(0),
        not_found: Some(0),
    };
    let mut unconfirmed: Vec<&String> = Vec::new();
    for some in ids.chunks(IDS_A_REQUEST) {
        let outcome = client.delete(dataset, some).await.map_err(|error| DeleteError {
            error,
            deleted: total.deleted.unwrap_or(0),
        })?;
        let is_known = outcome.deleted.is_some();
        if is_known || dataset == Dataset::Interactions {
            total.deleted = total.deleted.zip(outcome.deleted).map(|(a, b)| a + b);
            total.not_found = total.not_found.zip(outcome.not_found).map(|(a, b)| a + b);
        } else {
            unconfirmed.extend(some);
        }
    }
    if !unconfirmed.is_empty() {
        let failed = |error| DeleteError {
            error,
            deleted: total.deleted.unwrap_or(0),
        };
        let mut left: HashSet<&str> = unconfirmed.iter().map(|id| id.as_str()).collect();
        let asked = left.len();
        let mut still = 0_u64;
        client
            .each_id(dataset, &mut |id| still += u64::from(left.remove(id)))
            .await
            .map_err(failed)?;
        total.deleted = total.deleted.map(|deleted| deleted + asked as u64 - still);
        // Whether an id was there before is not known any more.
        total.not_found = None;
    }
    Ok(total)
}
