//! Queries that need no engine: endpoints 16 and 17.

use std::{sync::Arc, time::Instant};

use axum::{Extension, Router, extract::Request, response::Response, routing::post};
use serde_json::{Value, json, value::RawValue};

use super::blocking;
use crate::{
    domain::{comparison, dataset::Dataset},
    server::{
        answer::{self, RequestFailure},
        auth::random_text,
        body,
        environment::ServedEnvironment,
        store::{Store, StoreError},
    },
};

const ID: &str = "product_id";
/// The most requests in one bulk request.
const MOST_REQUESTS: usize = 100;

/// Endpoints 16 and 17.
pub(super) fn router() -> Router {
    Router::new()
        .route("/v1/bulk", post(bulk))
        .route("/v1/search/mget", post(mget))
}

/// Products by their ids, in the order they were asked for.
async fn mget(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let body = read(&environment, request).await?;
    let found = blocking(&environment, move |store| products(store, &body)).await?;
    Ok(answer::raw(found.get().to_owned()))
}

/// Several requests in one; each has a status of its own.
async fn bulk(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let body = read(&environment, request).await?;
    let requests = body.get("requests").and_then(Value::as_array).cloned();
    let requests = requests.filter(|requests| (1..=MOST_REQUESTS).contains(&requests.len()));
    let requests = requests.ok_or_else(|| {
        RequestFailure::Unreadable(format!(
            "A bulk request has a list of 1 to {MOST_REQUESTS} \"requests\""
        ))
    })?;
    let answers = blocking(&environment, move |store| {
        Ok(requests.iter().map(|one| bulk_one(store, one)).collect::<Vec<_>>())
    })
    .await?;
    let errors = answers.iter().any(|(is_error, _)| *is_error);
    let texts: Vec<String> = answers.into_iter().map(|(_, text)| text).collect();
    Ok(answer::raw(format!(
        r#"{{"data":[{}],"errors":{errors}}}"#,
        texts.join(",")
    )))
}

/// Whether a request went wrong, and its answer.
fn bulk_one(store: &Store, request: &Value) -> (bool, String) {
    let name = request.get("api_name").and_then(Value::as_str).unwrap_or_default();
    let found = if name == "search/mget" {
        products(store, request.get("body").unwrap_or(&Value::Null))
    } else {
        Err(RequestFailure::NoEndpoint)
    };
    match found {
        Ok(body) => (
            false,
            format!(r#"{{"error":false,"status_code":200,"body":{}}}"#, body.get()),
        ),
        Err(failure) => {
            let status = failure.status().as_u16();
            let body = json!({"message": failure.to_string()});
            let answer = json!({"error": true, "status_code": status, "body": body});
            (true, answer.to_string())
        }
    }
}

fn products(store: &Store, body: &Value) -> Result<Box<RawValue>, RequestFailure> {
    let started = Instant::now();
    let texts = |name: &str| -> Option<Vec<&str>> { body.get(name)?.as_array()?.iter().map(Value::as_str).collect() };
    let wrong = || RequestFailure::Unreadable("The body has no \"product_ids\", a list of texts".to_owned());
    let ids = texts("product_ids").ok_or_else(wrong)?;
    let fields = texts("fl").filter(|fields| !fields.contains(&"*"));
    let wanted = |name: &str| name != ID && fields.as_ref().is_none_or(|fields| fields.contains(&name));
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let (is_found, rest) = match store.record(Dataset::Products, id)? {
            Some(record) => (
                true,
                comparison::with_fields(&record, wanted).map_err(StoreError::from)?,
            ),
            None => (false, "{}".to_owned()),
        };
        let rest = rest.trim_start_matches('{');
        let comma = if rest == "}" { "" } else { "," };
        found.push(format!(r#"{{"_found":{is_found},"{ID}":{}{comma}{rest}"#, json!(id)));
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let miso_id = random_text(36).map_err(StoreError::from)?;
    let text = format!(
        r#"{{"message":"success","data":{{"products":[{}],"took":{took},"miso_id":"{miso_id}"}}}}"#,
        found.join(",")
    );
    // Records are answered as the text they were sent as, so that no number loses digits.
    Ok(RawValue::from_string(text).map_err(StoreError::from)?)
}

async fn read(environment: &ServedEnvironment, request: Request) -> Result<Value, RequestFailure> {
    let body = body::read(request.into_body(), environment.max_body).await?;
    serde_json::from_slice(&body).map_err(|error| RequestFailure::Unreadable(format!("The body is not JSON: {error}")))
}
