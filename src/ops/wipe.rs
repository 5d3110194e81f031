//! Deleting everything that is stored.

use super::{Connection, count};
pub use crate::api::Wiped;
use crate::{
    api::ApiError,
    domain::{dataset::Dataset, progress::Progress},
};

/// The order in which data sets are wiped. Interactions first: where they cannot be deleted at once, they are found through
/// the users that are still there.
pub const ORDER: [Dataset; 3] = [Dataset::Interactions, Dataset::Users, Dataset::Products];

/// What a wipe of a data set is at, and what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many records are stored; `None`: nobody can know.
    Counted(Dataset, Option<u64>),
    /// So many were deleted.
    Wiped(Dataset, Wiped),
    /// So many are left; `None`: nobody can know.
    Left(Dataset, Option<u64>),
}

/// Deletes every record of a data set and counts again. Progress counts records, and cancels. `on_step` hears of every
/// step, `Left` being the last.
///
/// # Errors
/// When the server cannot be reached or refuses; some may be deleted by then.
pub async fn wipe(
    connection: &Connection,
    dataset: Dataset,
    progress: &Progress,
    on_step: &mut (dyn FnMut(Step) + Send),
) -> Result<Option<u64>, ApiError> {
    let before = count::count(connection, dataset).await?;
    on_step(Step::Counted(dataset, before));
    if before != Some(0) {
        let wiped = connection.client().wipe(dataset, progress).await?;
        on_step(Step::Wiped(dataset, wiped));
    }
    let left = count::count(connection, dataset).await?;
    on_step(Step::Left(dataset, left));
    Ok(left)
}
