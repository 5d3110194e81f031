//! One stored record.

use super::Connection;
use crate::{api::ApiError, domain::dataset::Dataset};

/// The JSON text of a stored record, as the server sends it; `None` when there is none of that id.
pub(crate) async fn get(connection: &Connection, dataset: Dataset, id: &str) -> Result<Option<String>, ApiError> {
    connection.client().get(dataset, id).await
}
