//! What is stored: ids, and the local server's interactions.

use super::Connection;
use crate::{
    api::{ApiError, InteractionsPage},
    domain::dataset::Dataset,
};

/// The ids of all records; `record_type` restricts products to those of a type.
pub(crate) async fn ids(
    connection: &Connection,
    dataset: Dataset,
    record_type: Option<&str>,
) -> Result<Vec<String>, ApiError> {
    connection.client().ids(dataset, record_type).await
}

/// Interactions on a page.
const PAGE: u32 = 200;

/// The interactions that the local server keeps, from behind `after`; no other server can list them.
pub(crate) async fn interactions(connection: &Connection, after: Option<i64>) -> Result<InteractionsPage, ApiError> {
    connection.client().list_interactions(after, PAGE).await
}
