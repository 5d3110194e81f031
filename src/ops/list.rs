//! What is stored: ids, and the local server's interactions.

use super::{Connection, Error, sent, sent::SentIds};
use crate::{
    api::{ApiError, InteractionsPage},
    domain::dataset::Dataset,
    settings::Paths,
};

/// The ids of what is stored, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownIds {
    /// All of them.
    Listed(Vec<String>),
    /// The server has no list: those that this machine sent. Some may be gone, and others stored.
    Sent(SentIds),
}

impl KnownIds {
    /// The ids.
    pub fn ids(&self) -> &[String] {
        match self {
            Self::Listed(ids) | Self::Sent(SentIds { ids, .. }) => ids,
        }
    }
}

/// The ids of all records; `record_type` restricts products to those of a type.
///
/// # Errors
/// When the server cannot be reached or refuses; when it has no list, and this machine sent nothing.
pub async fn ids(
    connection: &Connection,
    paths: &Paths,
    dataset: Dataset,
    record_type: Option<&str>,
) -> Result<KnownIds, Error> {
    match connection.client().ids(dataset, record_type).await {
        Ok(ids) => Ok(KnownIds::Listed(ids)),
        Err(error @ ApiError::NoList { .. }) if record_type.is_none() => {
            let sent = sent::records(connection, paths, dataset).await?;
            if sent.ids.is_empty() {
                return Err(error.into());
            }
            Ok(KnownIds::Sent(sent))
        }
        Err(error) => Err(error.into()),
    }
}

/// Interactions on a page.
const PAGE: u32 = 200;

/// The interactions that the local server keeps, from behind `after`; no other server can list them.
pub(crate) async fn interactions(connection: &Connection, after: Option<i64>) -> Result<InteractionsPage, ApiError> {
    connection.client().list_interactions(after, PAGE).await
}
