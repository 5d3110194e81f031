//! Whether an environment can be reached, and what its key may do there; nothing is stored by that.

use std::time::{Duration, Instant};

use super::{Connection, count};
use crate::{
    api::{ApiError, Client},
    domain::dataset::Dataset,
};

/// An id under which nothing is expected.
const NO_RECORD: &str = "tatami-connection-test";
/// A record that no server takes, as it has no id and no type.
const NO_GOOD: &[u8] = br#"{"data":[{}]}"#;

/// What a test of a connection showed.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionTest {
    /// How long the first answer took.
    pub(crate) took: Duration,
    /// Whether the key may read what is stored.
    pub(crate) read: KeyRight,
    /// Whether it may send products and users.
    pub(crate) send_records: KeyRight,
    /// Whether it may send interactions.
    pub(crate) send_interactions: KeyRight,
    /// What is stored, as far as it can be known; empty where the key may not read.
    pub(crate) counts: Vec<(Dataset, Result<Option<u64>, ApiError>)>,
}

/// Whether a key may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyRight {
    /// It may.
    Granted,
    /// It may not, as only the secret key may.
    Denied,
    /// The server gave another answer.
    Unknown(ApiError),
}

impl KeyRight {
    fn of<T>(answer: Result<T, ApiError>) -> Result<Self, ApiError> {
        match answer {
            // What is wrong with the record is said to those alone that may send one.
            Ok(_) | Err(ApiError::Rejected { .. }) => Ok(Self::Granted),
            Err(ApiError::Forbidden) => Ok(Self::Denied),
            Err(error @ (ApiError::Unauthorized | ApiError::Connection { .. })) => Err(error),
            Err(error) => Ok(Self::Unknown(error)),
        }
    }
}

impl ConnectionTest {
    /// Whether everything can be done.
    pub(crate) fn is_good(&self) -> bool {
        let rights = [&self.read, &self.send_records, &self.send_interactions];
        let are_granted = rights.into_iter().all(|right| *right == KeyRight::Granted);
        are_granted && self.counts.iter().all(|(_, count)| count.is_ok())
    }
}

/// Asks the server for a record that is not there, lets it check one that cannot be stored, and counts what is stored.
///
/// # Errors
/// When it cannot be reached, or does not know the key.
pub(crate) async fn test(connection: &Connection) -> Result<ConnectionTest, ApiError> {
    let client = connection.client();
    let begun = Instant::now();
    let read = client.get(Dataset::Products, NO_RECORD).await;
    let took = begun.elapsed();
    let read = KeyRight::of(read)?;
    let send_records = may_send(client, Dataset::Products).await?;
    let send_interactions = may_send(client, Dataset::Interactions).await?;
    let counts = match read {
        KeyRight::Granted => count::count_all(connection).await,
        KeyRight::Denied | KeyRight::Unknown(_) => Vec::new(),
    };
    Ok(ConnectionTest {
        took,
        read,
        send_records,
        send_interactions,
        counts,
    })
}

async fn may_send(client: &Client, dataset: Dataset) -> Result<KeyRight, ApiError> {
    KeyRight::of(client.upload(dataset, NO_GOOD.to_vec(), true).await)
}
