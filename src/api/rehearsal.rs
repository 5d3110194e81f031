//! The faults of the local server.

use reqwest::Method;
use serde::Deserialize;

use super::{ApiError, Client, client::to_body, extension::local_only};
use crate::domain::faults::Faults;

/// `data` of the answer.
#[derive(Deserialize)]
struct Rehearsed {
    faults: Faults,
}

impl Client {
    /// The faults of the local server.
    pub async fn faults(&self) -> Result<Faults, ApiError> {
        self.rehearse(Method::GET, None).await
    }

    /// Replaces the faults of the local server; returns what it now does.
    pub(crate) async fn set_faults(&self, faults: &Faults) -> Result<Faults, ApiError> {
        self.rehearse(Method::PUT, Some(to_body(faults)?)).await
    }

    async fn rehearse(&self, method: Method, body: Option<Vec<u8>>) -> Result<Faults, ApiError> {
        let answer = self.send(method, self.endpoint.join("_tatami/faults")?, body).await?;
        let rehearsed = self.data::<Rehearsed>(&answer).map_err(local_only("fail on demand"))?;
        Ok(rehearsed.faults)
    }
}
