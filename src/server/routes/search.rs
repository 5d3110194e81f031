//! What can be asked of records without an engine: endpoints 16 and 17. The engines themselves are not here.

use std::{sync::Arc, time::Instant};

use axum::{Extension, Router, extract::Request, response::Response, routing::post};
use serde_json::{Map, Value, json};

use super::blocking;
use crate::{
    domain::dataset::Dataset,
    server::{
        answer::{self, Failure},
        auth::random_text,
        body,
        environment::Environment,
        store::{Store, StoreError},
    },
};

/// The most requests in one bulk request.
const MOST_REQUESTS: usize = 100;

/// Endpoints 16 and 17.
pub(super) fn router() -> Router {
    Router::new()
        .route("/v1/bulk", post(bulk))
        .route("/v1/search/mget", post(mget))
}

/// Products by their ids, in the order they were asked for.
async fn mget(Extension(environment): Extension<Arc<Environment>>, request: Request) -> Result<Response, Failure> {
    let body = read(&environment, request).await?;
    let found = blocking(&environment, move |store| products(store, &body)).await?;
    Ok(answer::raw(found.to_string()))
}

/// Several requests in one; each has a status of its own.
async fn bulk(Extension(environment): Extension<Arc<Environment>>, request: Request) -> Result<Response, Failure> {
    let body = read(&environment, request).await?;
    let requests = body.get("requests").and_then(Value::as_array).cloned();
    let requests = requests.filter(|requests| (1..=MOST_REQUESTS).contains(&requests.len()));
    let requests = requests.ok_or_else(|| {
        Failure::Unreadable(format!(
            "A bulk request has a list of 1 to {MOST_REQUESTS} \"requests\""
        ))
    })?;
    let answers = blocking(&environment, move |store| {
        Ok(requests.iter().map(|one| bulk_one(store, one)).collect::<Vec<_>>())
    })
    .await?;
    let errors = answers.iter().any(|answer| answer["error"] == json!(true));
    Ok(answer::raw(json!({"data": answers, "errors": errors}).to_string()))
}

fn bulk_one(store: &Store, request: &Value) -> Value {
    let name = request.get("api_name").and_then(Value::as_str).unwrap_or_default();
    let found = if name == "search/mget" {
        products(store, request.get("body").unwrap_or(&Value::Null))
    } else {
        Err(Failure::NoEndpoint)
    };
    match found {
        Ok(body) => json!({"error": false, "status_code": 200, "body": body}),
        Err(failure) => {
            let status = failure.status().as_u16();
            json!({"error": true, "status_code": status, "body": {"message": failure.to_string()}})
        }
    }
}

fn products(store: &Store, body: &Value) -> Result<Value, Failure> {
    let started = Instant::now();
    let texts = |name: &str| -> Option<Vec<&str>> { body.get(name)?.as_array()?.iter().map(Value::as_str).collect() };
    let wrong = || Failure::Unreadable("The body has no \"product_ids\", a list of texts".to_owned());
    let ids = texts("product_ids").ok_or_else(wrong)?;
    let fields = texts("fl").filter(|fields| !fields.contains(&"*"));
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let stored = store.record(Dataset::Products, id)?;
        let mut product = Map::from_iter([("_found".to_owned(), json!(stored.is_some()))]);
        product.insert("product_id".to_owned(), json!(id));
        let record: Map<String, Value> = match &stored {
            Some(text) => serde_json::from_str(text).map_err(StoreError::from)?,
            None => Map::new(),
        };
        let wanted = |name: &String| fields.as_ref().is_none_or(|fields| fields.contains(&name.as_str()));
        product.extend(record.into_iter().filter(|(name, _)| wanted(name)));
        found.push(product);
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let miso_id = random_text(36).map_err(StoreError::from)?;
    Ok(json!({"message": "success", "data": {"products": found, "took": took, "miso_id": miso_id}}))
}

async fn read(environment: &Environment, request: Request) -> Result<Value, Failure> {
    let body = body::read(request.into_body(), environment.max_body).await?;
    serde_json::from_slice(&body).map_err(|error| Failure::Unreadable(format!("The body is not JSON: {error}")))
}
