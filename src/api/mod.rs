//! The client's side of the ingestion API: one async function an endpoint, errors that say what to do.
//! The only module that names reqwest; the local server is a server like any other from here.

mod client;
mod endpoint;
mod error;
mod extension;
mod many;
mod rehearsal;
mod wire;

pub use crate::domain::key::ApiKey;
pub use client::{Accepted, Client, ClientOptions, DeleteOutcome};
pub(crate) use client::{IDS_A_REQUEST, TaskStatus};
pub use endpoint::Endpoint;
pub(crate) use endpoint::is_addressable;
pub use error::{ApiError, ConnectionKind};
pub use extension::Counts;
pub(crate) use extension::InteractionsPage;
