//! The endpoints. Numbers in the documentation are those of the table in the API's contract (miso-api.md 1.1).

pub(crate) mod extension;
mod parts;
pub(crate) mod records;
mod search;
pub(crate) mod tasks;
pub(crate) mod upload;

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::Extensions,
    middleware,
    routing::{get, post},
};
use jiff::Timestamp;

use super::{
    answer::{Malformed, RequestFailure},
    auth, cors,
    environment::ServedEnvironment,
    faults::{self, FailsLater},
    store::{Store, Timing},
};
use crate::domain::{dataset::Dataset, schema::Schema};

/// All endpoints, behind the keys.
pub(crate) fn router(environments: Vec<Arc<ServedEnvironment>>) -> Router {
    Router::new()
        .merge(by_id(Dataset::Products))
        .merge(by_id(Dataset::Users))
        .merge(interactions())
        .merge(search::router())
        .merge(extension::router())
        .fallback(|| async { RequestFailure::NoEndpoint })
        .method_not_allowed_fallback(|| async { RequestFailure::Method })
        .layer(middleware::from_fn(faults::inject))
        .layer(middleware::from_fn_with_state(environments.into(), auth::guard))
        .layer(middleware::from_fn(cors::allow))
}

/// Endpoints 1 to 12: data sets whose records have ids. An id may hold anything, a slash too.
fn by_id(dataset: Dataset) -> Router {
    let base = format!("/v1/{dataset}");
    Router::new()
        .route(&base, post(upload::upload))
        .route(&format!("{base}/_ids"), get(records::ids))
        .route(&format!("{base}/_delete"), post(records::delete_many))
        .route(&format!("{base}/_status/{{task}}"), get(tasks::status))
        .route(&format!("{base}/{{*id}}"), get(records::read).delete(records::delete))
        .with_state(dataset)
}

/// Endpoints 13 to 15.
fn interactions() -> Router {
    Router::new()
        .route(
            "/v1/interactions",
            post(upload::upload).delete(records::delete_of_users),
        )
        .route("/v1/interactions/_delete", post(records::delete_of_users_wrapped))
        .with_state(Dataset::Interactions)
}

/// When a request came, and how long its task takes in this environment.
fn timing(environment: &ServedEnvironment, marks: &Extensions) -> Timing {
    Timing {
        received: Timestamp::now(),
        started: Instant::now(),
        delay: environment.stage.task_delay(),
        fails: marks.get::<FailsLater>().is_some(),
    }
}

/// The text in the path of a request.
fn in_path(text: Result<Path<String>, PathRejection>) -> Result<String, RequestFailure> {
    let unreadable = |error: PathRejection| RequestFailure::Unreadable(format!("The path cannot be read: {error}"));
    text.map(|Path(text)| text).map_err(unreadable)
}

/// The record's id in the path of a request.
fn id_in_path(dataset: Dataset, text: Result<Path<String>, PathRejection>) -> Result<String, RequestFailure> {
    let id = in_path(text)?;
    let most = Schema::of(dataset)
        .record
        .property(dataset.id_field().unwrap_or_default());
    let most = most.and_then(|node| node.max_length).unwrap_or(u64::MAX);
    if id.chars().count() as u64 <= most {
        return Ok(id);
    }
    Err(RequestFailure::Malformed(Malformed {
        place: vec!["path".to_owned(), dataset.id_field().unwrap_or_default().to_owned()],
        message: "ensure this value has at most 512 characters",
        kind: "value_error.any_str.max_length",
    }))
}

/// Does blocking work on the store, off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    environment: &Arc<ServedEnvironment>,
    work: impl FnOnce(&Store) -> Result<T, RequestFailure> + Send + 'static,
) -> Result<T, RequestFailure> {
    let environment = Arc::clone(environment);
    let done = tokio::task::spawn_blocking(move || work(&environment.store)).await;
    done.map_err(|_| RequestFailure::Lost)?
}
