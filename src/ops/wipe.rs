//! Deleting everything that is stored.

use std::collections::HashSet;

use super::{
    Connection, Error,
    audit::{AuditAction, ChangeCounts, ChangeResult, ChangeScope, NewChange},
    count,
    delete::{self, DeleteError},
    guard::Permit,
    sent,
    sent::SentIds,
};
use crate::{
    api::{ApiError, Client, IDS_A_REQUEST},
    domain::{dataset::Dataset, progress::Progress},
    settings::Paths,
};

/// The order in which data sets are wiped. Interactions first: where they cannot be deleted at once, they are found through
/// the users that are still there.
pub(crate) const ORDER: [Dataset; 3] = [Dataset::Interactions, Dataset::Users, Dataset::Products];

/// The server may be slow to forget: ids are asked for again, but not forever.
const ROUNDS: usize = 3;

/// What a wipe of a data set is at, and what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WipeStep {
    /// So many records are stored; `None`: nobody can know.
    Counted(Dataset, Option<u64>),
    /// So many were deleted.
    Wiped(Dataset, Wiped),
    /// So many are left; `None`: nobody can know.
    Left(Dataset, Option<u64>),
}

/// What was deleted of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// So many records are gone.
    Records(u64),
    /// The interactions of so many stored users. Others may be left: the API does not list interactions.
    OfUsers(u64),
    /// Those that are known, as the server has no list. Others may be left.
    Known(WipedKnown),
    /// The interactions of so many users that are known, as the server has no list of these either. Others may be left.
    OfKnownUsers {
        /// How many users.
        users: u64,
        /// How many uploads there were whose users are not known any more.
        forgotten: u64,
    },
}

/// What was deleted of the records that are known where the server has no list: those that this machine sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WipedKnown {
    /// How many were asked to be deleted.
    pub asked: u64,
    /// How many of these are gone by that; `None`: nobody can know.
    pub deleted: Option<u64>,
    /// How many uploads there were whose ids are not known any more.
    pub forgotten: u64,
}

/// What a wipe of a data set came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WipeOutcome {
    /// What was deleted.
    pub wiped: Wiped,
    /// So many are left; `None`: nobody can know.
    pub left: Option<u64>,
}

/// Deletes every record of a data set and counts again; those are gone that the server no longer lists. Where it has no
/// list, those are deleted that this machine sent there, by the ledger in `paths`. Progress counts records, and cancels.
/// `on_step` hears of every step. The audit log in `paths` says that it was done.
///
/// # Errors
/// When the server cannot be reached or refuses; some may be deleted by then. When it has no list, and the ledger cannot be
/// read. When it cannot be logged.
pub async fn wipe(
    permit: &Permit,
    paths: &Paths,
    dataset: Dataset,
    progress: &Progress,
    on_step: &mut (dyn FnMut(WipeStep) + Send),
) -> Result<WipeOutcome, Error> {
    let scope = ChangeScope {
        dataset: Some(dataset.name().to_owned()),
        ..ChangeScope::default()
    };
    let change = NewChange::of_records(permit.connection(), AuditAction::Wipe, scope).begin(paths)?;
    let outcome = unlogged(permit, paths, dataset, progress, on_step).await;
    let (result, counts) = match &outcome {
        Ok(outcome) if progress.is_cancelled() => (ChangeResult::Stopped, counts(outcome)),
        Ok(outcome) => (ChangeResult::Done, counts(outcome)),
        Err(_) => (ChangeResult::Failed, ChangeCounts::default()),
    };
    let logged = change.end(result, counts);
    let outcome = outcome?;
    logged?;
    Ok(outcome)
}

/// What a wipe came to, for the audit log.
fn counts(outcome: &WipeOutcome) -> ChangeCounts {
    let deleted = match outcome.wiped {
        Wiped::Records(deleted) => Some(deleted),
        Wiped::Known(known) => known.deleted,
        Wiped::OfUsers(_) | Wiped::OfKnownUsers { .. } => None,
    };
    ChangeCounts {
        deleted,
        left: outcome.left,
        ..ChangeCounts::default()
    }
}

async fn unlogged(
    permit: &Permit,
    paths: &Paths,
    dataset: Dataset,
    progress: &Progress,
    on_step: &mut (dyn FnMut(WipeStep) + Send),
) -> Result<WipeOutcome, Error> {
    let connection = permit.connection();
    let client = connection.client();
    let before = count::count(connection, dataset).await?;
    on_step(WipeStep::Counted(dataset, before));
    let wiped = match (before, dataset) {
        (Some(0), _) => Wiped::Records(0),
        (_, Dataset::Interactions) => interactions(connection, paths).await?,
        (Some(_), Dataset::Products | Dataset::Users) => records(client, dataset, progress).await?,
        (None, Dataset::Products | Dataset::Users) => known(permit, paths, dataset, progress).await?,
    };
    if before != Some(0) {
        on_step(WipeStep::Wiped(dataset, wiped));
    }
    let left = count::count(connection, dataset).await?;
    on_step(WipeStep::Left(dataset, left));
    Ok(WipeOutcome { wiped, left })
}

/// All at once where the server can do that, elsewhere those of its stored users.
async fn interactions(connection: &Connection, paths: &Paths) -> Result<Wiped, Error> {
    let client = connection.client();
    match client.wipe_interactions().await {
        Err(ApiError::Unsupported { .. }) => {}
        answer => return Ok(answer.map(Wiped::Records)?),
    }
    let (users, forgotten) = match client.ids(Dataset::Users, None).await {
        Ok(users) => (users, None),
        Err(ApiError::NoList { .. }) => {
            let SentIds { ids, forgotten } = sent::users(connection, paths).await?;
            (ids, Some(forgotten))
        }
        Err(error) => return Err(error.into()),
    };
    for some in users.chunks(IDS_A_REQUEST) {
        client.delete(Dataset::Interactions, some).await?;
    }
    let users = users.len() as u64;
    Ok(match forgotten {
        None => Wiped::OfUsers(users),
        Some(forgotten) => Wiped::OfKnownUsers { users, forgotten },
    })
}

/// Those that this machine sent.
async fn known(permit: &Permit, paths: &Paths, dataset: Dataset, progress: &Progress) -> Result<Wiped, Error> {
    let SentIds { ids, forgotten } = sent::records(permit.connection(), paths, dataset).await?;
    let mut wiped = WipedKnown {
        asked: 0,
        deleted: Some(0),
        forgotten,
    };
    progress.set_total(ids.len() as u64);
    for some in ids.chunks(IDS_A_REQUEST) {
        if progress.is_cancelled() {
            break;
        }
        let outcome = delete::unlogged(permit, dataset, some).await;
        let outcome = outcome.map_err(|DeleteError { error, .. }| error)?;
        wiped.asked += some.len() as u64;
        wiped.deleted = wiped.deleted.zip(outcome.deleted).map(|(all, more)| all + more);
        progress.add(some.len() as u64);
    }
    Ok(Wiped::Known(wiped))
}

/// All that the server lists.
async fn records(client: &Client, dataset: Dataset, progress: &Progress) -> Result<Wiped, ApiError> {
    let mut seen = HashSet::new();
    let mut left = client.ids(dataset, None).await?;
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
            client.delete(dataset, some).await?;
            // An id counts once, in however many rounds it is asked for.
            let new = some.iter().filter(|id| seen.insert((*id).clone())).count();
            progress.add(new as u64);
        }
        // Whether a record is gone is what the server lists, not what it was asked to do.
        left = match client.ids(dataset, None).await {
            // The list is gone with what it listed, and nobody says so.
            Err(ApiError::NoList { .. }) => {
                return Ok(Wiped::Known(WipedKnown {
                    asked: seen.len() as u64,
                    deleted: None,
                    forgotten: 0,
                }));
            }
            listed => listed?,
        };
    }
    let still = left.iter().filter(|id| seen.contains(*id)).count();
    Ok(Wiped::Records((seen.len() - still) as u64))
}
