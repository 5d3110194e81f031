//! Deleting records by id.

use std::collections::HashSet;

use super::{
    Error,
    audit::{AuditAction, ChangeCounts, ChangeResult, ChangeScope, NewChange},
    guard::Permit,
};
use crate::{
    api::{ApiError, Client, IDS_A_REQUEST},
    domain::dataset::Dataset,
    settings::Paths,
    upload::{Lookup, RetryPolicy},
};

/// What became of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many records are gone; `None` when nobody can know: of interactions, when the server does not say; of others,
    /// when neither a list nor an address can tell.
    pub deleted: Option<u64>,
    /// How many of the ids were not there; `None` when nobody can know.
    pub not_found: Option<u64>,
}

/// Why a deletion ended early.
#[derive(Debug, thiserror::Error)]
#[error("{error}; {deleted} were deleted before")]
pub struct DeleteError {
    /// What went wrong.
    pub error: Error,
    /// Records that are gone by then, as far as the server said.
    pub deleted: u64,
}

/// Deletes records by id; of interactions, those of the users named. Where the server does not say what became of it, the
/// records that it no longer lists are gone; where it has no list, those that it no longer hands out. The audit log in
/// `paths` says that it was done.
///
/// # Errors
/// When the server cannot be reached or refuses; some may be deleted by then. When it cannot be logged.
pub async fn delete(permit: &Permit, paths: &Paths, dataset: Dataset, ids: &[String]) -> Result<Deleted, DeleteError> {
    let scope = ChangeScope {
        dataset: Some(dataset.name().to_owned()),
        rows: Some(ids.len() as u64),
        ..ChangeScope::default()
    };
    let change = NewChange::of_records(permit.connection(), AuditAction::Delete, scope).begin(paths);
    let change = change.map_err(|error| DeleteError {
        error: error.into(),
        deleted: 0,
    })?;
    let outcome = unlogged(permit, dataset, ids).await;
    let (result, counts) = match &outcome {
        Ok(Deleted { deleted, not_found }) => (ChangeResult::Done, (*deleted, *not_found)),
        Err(DeleteError { deleted, .. }) => (ChangeResult::Failed, (Some(*deleted), None)),
    };
    let (deleted, not_found) = counts;
    let logged = change.end(
        result,
        ChangeCounts {
            deleted,
            not_found,
            ..ChangeCounts::default()
        },
    );
    let outcome = outcome?;
    logged.map_err(|error| DeleteError {
        error: error.into(),
        deleted: outcome.deleted.unwrap_or(0),
    })?;
    Ok(outcome)
}

/// The same as a part of a change that is logged.
pub(super) async fn unlogged(permit: &Permit, dataset: Dataset, ids: &[String]) -> Result<Deleted, DeleteError> {
    let client = permit.connection().client();
    let mut total = Deleted {
        deleted: Some(0),
        not_found: Some(0),
    };
    let mut unconfirmed: Vec<&String> = Vec::new();
    for some in ids.chunks(IDS_A_REQUEST) {
        let outcome = client.delete(dataset, some).await.map_err(|error| DeleteError {
            error: error.into(),
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
        let failed = |error: ApiError| DeleteError {
            error: error.into(),
            deleted: total.deleted.unwrap_or(0),
        };
        let asked: HashSet<&str> = unconfirmed.iter().map(|id| id.as_str()).collect();
        let still = still_there(client, dataset, &asked).await.map_err(failed)?;
        let gone = still.map(|still| asked.len() as u64 - still);
        total.deleted = total.deleted.zip(gone).map(|(deleted, gone)| deleted + gone);
        // Whether an id was there before is not known any more.
        total.not_found = None;
    }
    Ok(total)
}

/// How many of some records are still stored; `None` when of some of them nobody can know.
async fn still_there(client: &Client, dataset: Dataset, ids: &HashSet<&str>) -> Result<Option<u64>, ApiError> {
    let (mut left, mut still) = (ids.clone(), 0_u64);
    match client
        .each_id(dataset, &mut |id| still += u64::from(left.remove(id)))
        .await
    {
        Ok(_) => return Ok(Some(still)),
        Err(ApiError::NoList { .. }) => {}
        Err(error) => return Err(error),
    }
    let lookup = Lookup::new(client.clone(), dataset, RetryPolicy::default());
    let asked: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
    let found = lookup.read(&asked).await?;
    let still = found.values().filter(|record| record.is_some()).count() as u64;
    Ok((found.len() == ids.len()).then_some(still))
}
