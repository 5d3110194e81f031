//! Queries that need no engine: endpoints 16 and 17.

use std::{sync::Arc, time::Instant};

use axum::{Extension, Router, extract::Request, response::Response, routing::post};
use serde_json::{json, value::RawValue};

use super::{
    blocking,
    parts::{self, each_element},
};
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
/// The longest answer, in bytes: an id may be asked for again and again.
const MOST_BYTES: usize = 64 << 20;

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
    let body = body::read(request.into_body(), &environment).await?;
    let found = blocking(&environment, move |store| products(store, parts::whole(&body)?)).await?;
    Ok(answer::raw(found))
}

/// Several requests in one; each has a status of its own.
async fn bulk(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let body = body::read(request.into_body(), &environment).await?;
    let answer = blocking(&environment, move |store| answers(store, &body)).await?;
    Ok(answer::raw(answer))
}

fn answers(store: &Store, body: &[u8]) -> Result<String, RequestFailure> {
    let wrong = || {
        RequestFailure::Unreadable(format!(
            "A bulk request has a list of 1 to {MOST_REQUESTS} \"requests\""
        ))
    };
    let requests = parts::find(parts::whole(body)?, "requests").ok().flatten();
    let requests = requests
        .filter(|requests| requests.get().starts_with('['))
        .ok_or_else(wrong)?;
    let (mut count, mut errors) = (0_usize, false);
    let mut json = r#"{"data":["#.to_owned();
    each_element(requests, &mut |request| {
        if count == MOST_REQUESTS {
            return Err(wrong());
        }
        if count > 0 {
            json.push(',');
        }
        count += 1;
        errors |= bulk_one(store, request, &mut json)?;
        Ok(())
    })?;
    if count == 0 {
        return Err(wrong());
    }
    let end = format!(r#"],"errors":{errors}}}"#);
    json.push_str(&end);
    Ok(json)
}

/// Writes the answer of a request; returns whether it went wrong.
fn bulk_one(store: &Store, request: &RawValue, json: &mut String) -> Result<bool, RequestFailure> {
    let part = |name: &str| parts::find(request, name).ok().flatten();
    let is_mget = part("api_name").is_some_and(|name| {
        // Some clients write a slash as an escape.
        serde_json::from_str::<String>(name.get()).is_ok_and(|name| name == "search/mget")
    });
    let found = if is_mget {
        products(store, part("body").unwrap_or(RawValue::NULL))
    } else {
        Err(RequestFailure::NoEndpoint)
    };
    match found {
        Ok(body) => {
            json.push_str(r#"{"error":false,"status_code":200,"body":"#);
            json.push_str(&body);
            json.push('}');
        }
        Err(failure) => {
            let status = failure.status().as_u16();
            let body = json!({"message": failure.to_string()});
            json.push_str(&json!({"error": true, "status_code": status, "body": body}).to_string());
            within(json)?;
            return Ok(true);
        }
    }
    within(json)?;
    Ok(false)
}

/// Refuses an answer that is longer than any client reads.
fn within(json: &str) -> Result<(), RequestFailure> {
    if json.len() > MOST_BYTES {
        return Err(RequestFailure::TooMuchFound(MOST_BYTES));
    }
    Ok(())
}

fn products(store: &Store, body: &RawValue) -> Result<String, RequestFailure> {
    let started = Instant::now();
    let wrong = || RequestFailure::Unreadable("The body has no \"product_ids\", a list of texts".to_owned());
    let texts = |name: &str| {
        let list = parts::find(body, name).ok().flatten()?;
        match parts::ids(list, &[]) {
            Err(RequestFailure::Malformed(_)) => None,
            other => Some(other),
        }
    };
    let ids = texts("product_ids").ok_or_else(wrong)??;
    let fields = texts("fl")
        .transpose()?
        .filter(|fields| !fields.iter().any(|field| field == "*"));
    let wanted = |name: &str| {
        name != ID
            && fields
                .as_ref()
                .is_none_or(|fields| fields.iter().any(|field| field == name))
    };
    let mut found = r#"{"message":"success","data":{"products":["#.to_owned();
    for (place, id) in ids.iter().enumerate() {
        if place > 0 {
            found.push(',');
        }
        let (is_found, rest) = match store.record(Dataset::Products, id)? {
            Some(record) => (
                true,
                comparison::with_fields(&record, wanted).map_err(StoreError::from)?,
            ),
            None => (false, "{}".to_owned()),
        };
        let rest = rest.trim_start_matches('{');
        let comma = if rest == "}" { "" } else { "," };
        // Records are answered as the text they were sent as, so that no number loses digits.
        let product = format!(r#"{{"_found":{is_found},"{ID}":{}{comma}{rest}"#, json!(id));
        found.push_str(&product);
        within(&found)?;
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let miso_id = random_text(36).map_err(StoreError::from)?;
    let end = format!(r#"],"took":{took},"miso_id":"{miso_id}"}}}}"#);
    found.push_str(&end);
    Ok(found)
}
