//! What only the local server offers, under `/_tatami/`: nothing else here needs it.

use reqwest::Method;

use super::{ApiError, Client, wire};
use crate::domain::dataset::Dataset;

/// How many records the local server stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Products, each counted once.
    pub products: u64,
    /// Users, each counted once.
    pub users: u64,
    /// Interactions; equal ones are stored once.
    pub interactions: u64,
}

impl Counts {
    /// The count of one data set.
    pub const fn of(&self, dataset: Dataset) -> u64 {
        match dataset {
            Dataset::Products => self.products,
            Dataset::Interactions => self.interactions,
            Dataset::Users => self.users,
        }
    }
}

/// An interaction as the local server stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInteraction {
    /// Its row number in the store; later ones have higher numbers.
    pub(crate) rowid: i64,
    /// The record's JSON text.
    pub record: String,
}

/// Some interactions of the local server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionsPage {
    /// In the order of storing.
    pub interactions: Vec<StoredInteraction>,
    /// What to give as `after` for the next page; `None` on the last one.
    pub next: Option<i64>,
}

impl Client {
    /// How many records the local server stores; `None` from a server that does not count.
    pub async fn counts(&self) -> Result<Option<Counts>, ApiError> {
        let answer = self
            .send(Method::GET, self.endpoint.join("_tatami/counts")?, None)
            .await?;
        let counts = self.data::<wire::CountsBody>(&answer).map(|counts| Counts {
            products: counts.products,
            users: counts.users,
            interactions: counts.interactions,
        });
        if_offered(counts)
    }

    /// The id that tells a local server's store from others; `None` from other servers.
    pub(crate) async fn store_id(&self) -> Result<Option<String>, ApiError> {
        if !self.endpoint.is_loopback() {
            return Ok(None);
        }
        let answer = self
            .send(Method::GET, self.endpoint.join("_tatami/store")?, None)
            .await?;
        if_offered(self.data::<wire::StoreIdentity>(&answer).map(|store| store.id))
    }

    /// Interactions the local server stores, from behind `after`; the API itself cannot list them.
    pub async fn list_interactions(&self, after: Option<i64>, limit: u32) -> Result<InteractionsPage, ApiError> {
        let mut url = self.endpoint.join("_tatami/interactions")?;
        url.query_pairs_mut().append_pair("limit", &limit.to_string());
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", &after.to_string());
        }
        let answer = self.send(Method::GET, url, None).await?;
        let page = self
            .data::<wire::Interactions>(&answer)
            .map_err(local_only("list interactions"))?;
        let stored = |interaction: wire::Interaction| StoredInteraction {
            rowid: interaction.rowid,
            record: interaction.record.get().to_owned(),
        };
        Ok(InteractionsPage {
            interactions: page.interactions.into_iter().map(stored).collect(),
            next: page.next,
        })
    }

    /// Deletes all interactions of the local server and returns how many there were.
    pub async fn wipe_interactions(&self) -> Result<u64, ApiError> {
        let answer = self
            .send(Method::DELETE, self.endpoint.join("_tatami/interactions")?, None)
            .await?;
        let wiped = self
            .data::<wire::WipedBody>(&answer)
            .map_err(local_only("delete all interactions at once"))?;
        Ok(wiped.count)
    }
}

/// Any refusal of these addresses counts as "not offered": other servers do not have them. A refused key shows itself
/// at the next request of the API proper.
fn if_offered<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(
            ApiError::NotFound
            | ApiError::Protocol { .. }
            | ApiError::Unauthorized
            | ApiError::Forbidden
            | ApiError::Rejected { .. }
            | ApiError::Server { status: 400..=499, .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn local_only(what: &'static str) -> impl Fn(ApiError) -> ApiError {
    move |error| match error {
        ApiError::NotFound | ApiError::Protocol { .. } | ApiError::Server { status: 405, .. } => {
            ApiError::Unsupported { what }
        }
        other => other,
    }
}
