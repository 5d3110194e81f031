//! The endpoints. Numbers in the documentation are those of the table in the API's contract (miso-api.md 1.1).

pub mod extension;
pub mod records;
pub mod tasks;
pub mod upload;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use super::{Server, answer::Failure, auth, cors, store::Store};
use crate::domain::dataset::Dataset;

/// What a handler works on: the server, and the data set that its path names.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    server: Arc<Server>,
    dataset: Dataset,
}

/// All endpoints, behind the keys.
pub(crate) fn router(server: &Arc<Server>) -> Router {
    Router::new()
        .merge(by_id(server, Dataset::Products))
        .merge(by_id(server, Dataset::Users))
        .merge(interactions(server))
        .merge(extension::router(server))
        .fallback(|| async { Failure::NoEndpoint })
        .method_not_allowed_fallback(|| async { Failure::Method })
        .layer(middleware::from_fn_with_state(Arc::clone(server), auth::guard))
        .layer(middleware::from_fn(cors::allow))
}

/// Endpoints 1 to 12: data sets whose records have ids. An id may hold anything, a slash too.
fn by_id(server: &Arc<Server>, dataset: Dataset) -> Router {
    let base = format!("/v1/{dataset}");
    Router::new()
        .route(&base, post(upload::upload))
        .route(&format!("{base}/_ids"), get(records::ids))
        .route(&format!("{base}/_delete"), post(records::delete_many))
        .route(&format!("{base}/_status/{{task}}"), get(tasks::status))
        .route(&format!("{base}/{{*id}}"), get(records::read).delete(records::delete))
        .with_state(Scope {
            server: Arc::clone(server),
            dataset,
        })
}

/// Endpoints 13 to 15.
fn interactions(server: &Arc<Server>) -> Router {
    Router::new()
        .route(
            "/v1/interactions",
            post(upload::upload).delete(records::delete_of_users),
        )
        .route("/v1/interactions/_delete", post(records::delete_of_users_wrapped))
        .with_state(Scope {
            server: Arc::clone(server),
            dataset: Dataset::Interactions,
        })
}

/// Does blocking work on the store, off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    server: &Arc<Server>,
    work: impl FnOnce(&Store) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let server = Arc::clone(server);
    let done = tokio::task::spawn_blocking(move || work(&server.store)).await;
    done.map_err(|_| Failure::Lost)?
}
