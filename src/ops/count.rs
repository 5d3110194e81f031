//! How many records are stored.

use super::Connection;
use crate::{api::ApiError, domain::dataset::Dataset};

/// The number of records of a data set; `None` where nobody can know: interactions cannot be listed, and only the local
/// server counts them; and some servers have no list of users either.
pub(crate) async fn count(connection: &Connection, dataset: Dataset) -> Result<Option<u64>, ApiError> {
    let client = connection.client();
    if let Some(counts) = client.counts().await? {
        return Ok(Some(counts.of(dataset)));
    }
    match dataset {
        Dataset::Interactions => Ok(None),
        Dataset::Products | Dataset::Users => {
            let mut count = 0;
            match client.each_id(dataset, &mut |_| count += 1).await {
                Ok(_) => Ok(Some(count)),
                Err(ApiError::NoList { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        }
    }
}

/// The number of records of every data set, each by itself: what one of them lacks, the others may have.
pub(crate) async fn count_all(connection: &Connection) -> Vec<(Dataset, Result<Option<u64>, ApiError>)> {
    let client = connection.client();
    match client.counts().await {
        Ok(Some(counts)) => Dataset::ALL
            .map(|dataset| (dataset, Ok(Some(counts.of(dataset)))))
            .to_vec(),
        Ok(None) => {
            let mut all = Vec::new();
            for dataset in Dataset::ALL {
                all.push((dataset, count(connection, dataset).await));
            }
            all
        }
        Err(error) => Dataset::ALL.map(|dataset| (dataset, Err(error.clone()))).to_vec(),
    }
}
