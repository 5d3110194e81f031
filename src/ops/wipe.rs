//! Deleting everything that is stored.

use std::collections::HashSet;

use super::{Connection, count};
use crate::{
    api::{ApiError, Client, IDS_A_REQUEST},
    domain::{dataset::Dataset, progress::Progress},
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
}

/// What a wipe of a data set came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WipeOutcome {
    /// What was deleted.
    pub wiped: Wiped,
    /// So many are left; `None`: nobody can know.
    pub left: Option<u64>,
}

/// Deletes every record of a data set and counts again; those are gone that the server no longer lists. Progress counts
/// records, and cancels. `on_step` hears of every step.
///
/// # Errors
/// When the server cannot be reached or refuses; some may be deleted by then.
pub async fn wipe(
    connection: &Connection,
    dataset: Dataset,
    progress: &Progress,
    on_step: &mut (dyn FnMut(WipeStep) + Send),
) -> Result<WipeOutcome, ApiError> {
    let client = connection.client();
    let before = count::count(connection, dataset).await?;
    on_step(WipeStep::Counted(dataset, before));
    let wiped = match (before, dataset) {
        (Some(0), _) => Wiped::Records(0),
        (_, Dataset::Interactions) => interactions(client).await?,
        (_, Dataset::Products | Dataset::Users) => Wiped::Records(records(client, dataset, progress).await?),
    };
    if before != Some(0) {
        on_step(WipeStep::Wiped(dataset, wiped));
    }
    let left = count::count(connection, dataset).await?;
    on_step(WipeStep::Left(dataset, left));
    Ok(WipeOutcome { wiped, left })
}

/// All at once where the server can do that, elsewhere those of its stored users.
async fn interactions(client: &Client) -> Result<Wiped, ApiError> {
    match client.wipe_interactions().await {
        Err(ApiError::Unsupported { .. }) => {}
        answer => return answer.map(Wiped::Records),
    }
    let users = client.ids(Dataset::Users, None).await?;
    for some in users.chunks(IDS_A_REQUEST) {
        client.delete(Dataset::Interactions, some).await?;
    }
    Ok(Wiped::OfUsers(users.len() as u64))
}

/// How many records are gone.
async fn records(client: &Client, dataset: Dataset, progress: &Progress) -> Result<u64, ApiError> {
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
        left = client.ids(dataset, None).await?;
    }
    let still = left.iter().filter(|id| seen.contains(*id)).count();
    Ok((seen.len() - still) as u64)
}
