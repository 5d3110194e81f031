//! What the local server is made to do wrong, so that a person can see how that looks.

use super::Connection;
use crate::{api::ApiError, domain::faults::Faults};

/// The faults of the local server.
pub(crate) async fn faults(connection: &Connection) -> Result<Faults, ApiError> {
    connection.client().faults().await
}

/// Replaces the faults of the local server; returns what it does from now on.
pub(crate) async fn set_faults(connection: &Connection, faults: &Faults) -> Result<Faults, ApiError> {
    connection.client().set_faults(faults).await
}
