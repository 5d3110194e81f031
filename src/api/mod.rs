//! The client's side of the ingestion API: one async function an endpoint, errors that say what to do.
//! The only module that names reqwest; the local server is a server like any other from here.

mod client;
mod endpoint;
mod error;
mod extension;
mod key;
mod many;
mod rehearsal;
mod wipe;
mod wire;

pub use client::{Accepted, Client, ClientOptions, DeleteOutcome, TaskStatus};
pub use endpoint::{Endpoint, is_addressable};
pub use error::{ApiError, ConnectionKind};
pub use extension::{Counts, InteractionsPage, StoredInteraction};
pub use key::ApiKey;
pub use wipe::{IDS_A_REQUEST, Wiped};
