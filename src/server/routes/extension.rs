//! What the local server offers beyond the API, under `/_tatami/`: counts, the stored interactions page by page,
//! and deleting all of them.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde_json::json;

use super::blocking;
use crate::server::{
    Server,
    answer::{self, Failure},
};

/// Interactions on a page, unless the request says otherwise.
const PAGE: usize = 100;
/// The most interactions on a page.
const LARGEST_PAGE: usize = 10_000;

/// The endpoints under `/_tatami/`.
pub(super) fn router(server: &Arc<Server>) -> Router {
    Router::new()
        .route("/_tatami/health", get(|| async { answer::message("success") }))
        .route("/_tatami/counts", get(counts))
        .route("/_tatami/interactions", get(interactions).delete(wipe_interactions))
        .with_state(Arc::clone(server))
}

async fn counts(State(server): State<Arc<Server>>) -> Result<Response, Failure> {
    let counts = blocking(&server, |store| Ok(store.counts()?)).await?;
    let data = counts.map(|(dataset, count)| (dataset.name().to_owned(), json!(count)));
    Ok(answer::data(
        "success",
        &data.into_iter().collect::<serde_json::Map<_, _>>().into(),
    ))
}

/// The interactions after a row number, oldest first; `next` is the `after` of the next page, null on the last.
async fn interactions(
    State(server): State<Arc<Server>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let after = number(&query, "after")?.unwrap_or(0);
    let limit = number(&query, "limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let (rows, more) = blocking(&server, move |store| Ok(store.interactions(after, limit)?)).await?;
    let next = rows.last().filter(|_| more).map(|(rowid, _)| *rowid);
    let rows: Vec<String> = rows
        .iter()
        .map(|(rowid, record)| format!(r#"{{"rowid":{rowid},"record":{record}}}"#))
        .collect();
    let data = format!(r#"{{"interactions":[{}],"next":{}}}"#, rows.join(","), json!(next));
    Ok(answer::raw_data("success", &data))
}

async fn wipe_interactions(State(server): State<Arc<Server>>) -> Result<Response, Failure> {
    let count = blocking(&server, |store| Ok(store.delete_all_interactions()?)).await?;
    Ok(answer::data("deleted", &json!({"count": count})))
}

fn number<N: std::str::FromStr>(query: &HashMap<String, String>, name: &str) -> Result<Option<N>, Failure> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let unreadable = |_| Failure::Unreadable(format!("The query parameter {name} must be a whole number"));
    text.parse().map(Some).map_err(unreadable)
}
