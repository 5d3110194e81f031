//! What the local server offers beyond the API, under `/_tatami/`: counts, its identity, the stored interactions page by page,
//! deleting all of them, and the faults to rehearse with.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension, Router,
    extract::{Query, Request},
    response::Response,
    routing::get,
};
use serde_json::json;

use super::blocking;
use crate::{
    domain::faults::{FaultKind, Faults},
    server::{
        answer::{self, RequestFailure},
        body,
        environment::ServedEnvironment,
    },
};

/// Interactions on a page, unless the request says otherwise.
const PAGE: usize = 100;
/// The most interactions on a page.
const LARGEST_PAGE: usize = 10_000;
/// The most bytes that say what is to go wrong.
const LARGEST_FAULTS: usize = 64 << 10;

/// The endpoints under `/_tatami/`.
pub(super) fn router() -> Router {
    Router::new()
        .route("/_tatami/counts", get(counts))
        .route("/_tatami/store", get(store))
        .route("/_tatami/interactions", get(interactions).delete(wipe_interactions))
        .route("/_tatami/faults", get(faults).put(set_faults))
}

async fn counts(Extension(environment): Extension<Arc<ServedEnvironment>>) -> Result<Response, RequestFailure> {
    let counts = blocking(&environment, |store| Ok(store.counts()?)).await?;
    let data = counts.map(|(dataset, count)| (dataset.name().to_owned(), json!(count)));
    Ok(answer::data(
        "success",
        &data.into_iter().collect::<serde_json::Map<_, _>>().into(),
    ))
}

/// Answers the id that tells this store from others.
async fn store(Extension(environment): Extension<Arc<ServedEnvironment>>) -> Result<Response, RequestFailure> {
    let id = blocking(&environment, |store| Ok(store.identity()?)).await?;
    Ok(answer::data("success", &json!({"id": id})))
}

/// The interactions after a row number, oldest first; `next` is the `after` of the next page, null on the last.
async fn interactions(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, RequestFailure> {
    let after = number(&query, "after")?.unwrap_or(0);
    let limit = number(&query, "limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let (rows, more) = blocking(&environment, move |store| Ok(store.interactions(after, limit)?)).await?;
    let next = rows.last().filter(|_| more).map(|(rowid, _)| *rowid);
    let rows: Vec<String> = rows
        .iter()
        .map(|(rowid, record)| format!(r#"{{"rowid":{rowid},"record":{record}}}"#))
        .collect();
    let data = format!(r#"{{"interactions":[{}],"next":{}}}"#, rows.join(","), json!(next));
    Ok(answer::raw_data("success", &data))
}

async fn wipe_interactions(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
) -> Result<Response, RequestFailure> {
    let count = blocking(&environment, |store| Ok(store.delete_all_interactions()?)).await?;
    Ok(answer::data("deleted", &json!({"count": count})))
}

/// The faults, each with its probability, and how many requests they have met.
async fn faults(Extension(environment): Extension<Arc<ServedEnvironment>>) -> Response {
    faults_of(&environment)
}

/// Replaces all faults by those of the body; requests are counted from the first again.
async fn set_faults(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let body = body::read_within(request.into_body(), LARGEST_FAULTS, None).await?;
    let faults: Faults = serde_json::from_slice(&body)
        .map_err(|error| RequestFailure::Unreadable(format!("These faults cannot be read: {error}")))?;
    faults
        .check()
        .map_err(|error| RequestFailure::Unreadable(format!("These faults cannot be set: {error}")))?;
    environment.stage.set(faults);
    Ok(faults_of(&environment))
}

fn faults_of(environment: &ServedEnvironment) -> Response {
    let (mut faults, requests) = environment.stage.now();
    for kind in FaultKind::ALL {
        faults.probability.entry(kind).or_insert(0.0);
    }
    answer::data(
        "success",
        &json!({"environment": environment.name, "faults": faults, "requests": requests}),
    )
}

fn number<N: std::str::FromStr>(query: &HashMap<String, String>, name: &str) -> Result<Option<N>, RequestFailure> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let unreadable = |_| RequestFailure::Unreadable(format!("The query parameter {name} must be a whole number"));
    text.parse().map(Some).map_err(unreadable)
}
