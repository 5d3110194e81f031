//! Uploading records: endpoints 1, 7 and 13.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension,
    extract::{Query, Request, State},
    response::Response,
};
use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::{Value, json, value::RawValue};

use super::{blocking, timing};
use crate::{
    domain::{
        dataset::Dataset,
        message,
        schema::Schema,
        validate::{Violation, check_record},
    },
    server::{
        answer::{self, Failure},
        body,
        environment::Environment,
        store::{Incoming, Put, Store, Timing},
    },
};

/// Stores the records of `{"data": […]}`, all of them or none. With `dry_run=1` they are checked only.
/// The content type does not matter: browsers send beacons as text.
pub(crate) async fn upload(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<Environment>>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, Failure> {
    let timing = timing(&environment, request.extensions());
    let body = body::read(request.into_body(), environment.max_body).await?;
    let dry_run = query
        .get("dry_run")
        .is_some_and(|value| matches!(value.as_str(), "1" | "true"));
    let task = blocking(&environment, move |store| {
        store_batch(store, dataset, &body, dry_run, &timing)
    })
    .await?;
    Ok(match task {
        Some(task) => answer::data("success", &json!({"task_id": task})),
        None => answer::message("success"),
    })
}

/// Checks and stores a batch. Returns its task; a dry run and interactions have none.
fn store_batch(
    store: &Store,
    dataset: Dataset,
    body: &[u8],
    dry_run: bool,
    timing: &Timing,
) -> Result<Option<String>, Failure> {
    let records = records(body)?;
    let schema = Schema::of(dataset);
    let checked = records
        .par_iter()
        .enumerate()
        .map(|(index, record)| checked(schema, index, record, timing.received))
        .collect::<Result<Vec<_>, _>>()?;
    let (records, mut violations): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
    let sound = violations.iter().all(Vec::is_empty);
    match store.put(dataset, &records, !sound || dry_run, timing)? {
        Put::Inconsistent(attributes) => {
            for (index, name) in attributes {
                if let Some(violations) = violations.get_mut(index) {
                    violations.push(Violation::inconsistent(&name));
                }
            }
            Err(rejected(&violations))
        }
        _ if !sound => Err(rejected(&violations)),
        Put::Checked => Ok(None),
        Put::Stored(task) => Ok(task),
    }
}

/// The API's lines for the violations of every record.
fn rejected(violations: &[Vec<Violation>]) -> Failure {
    let of_record = |(index, violations): (usize, &Vec<Violation>)| -> Vec<String> {
        violations
            .iter()
            .map(|violation| message::render(index, violation))
            .collect()
    };
    Failure::Rejected(violations.iter().enumerate().flat_map(of_record).collect())
}

fn checked(
    schema: &Schema,
    index: usize,
    record: &RawValue,
    received: Timestamp,
) -> Result<(Incoming, Vec<Violation>), Failure> {
    let value: Value = serde_json::from_str(record.get())
        .map_err(|error| Failure::Unreadable(format!("Record {index} of the request cannot be read: {error}")))?;
    let violations = check_record(schema, &value);
    let incoming = Incoming::new(schema.dataset, &value, record.get(), received);
    Ok((incoming, violations))
}

/// The elements of `data`, each as its own JSON text.
fn records(body: &[u8]) -> Result<Vec<&RawValue>, Failure> {
    let data = member(body, "data")?;
    serde_json::from_str(data.get()).map_err(|_| not_a(&["data"], "array", data))
}

/// A member of the object that the body is.
pub(super) fn member<'a>(body: &'a [u8], name: &str) -> Result<&'a RawValue, Failure> {
    let malformed = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("The body is not JSON: {error}"));
    let text = str::from_utf8(body).map_err(|error| malformed(&error))?;
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    member_of(whole, &[], name)
}

/// A member of an object; `path` is where the object stands in the body.
pub(super) fn member_of<'a>(object: &'a RawValue, path: &[&str], name: &str) -> Result<&'a RawValue, Failure> {
    let members: HashMap<String, &RawValue> =
        serde_json::from_str(object.get()).map_err(|_| not_a(path, "object", object))?;
    members.get(name).copied().ok_or_else(|| {
        let path = if path.is_empty() {
            "body".to_owned()
        } else {
            path.join(".")
        };
        Failure::Rejected(vec![format!(
            "{path} is invalid. The attribute property '{name}' is required."
        )])
    })
}

/// A part of the body has the wrong type: said like the API says it of a part of a record.
pub(super) fn not_a(path: &[&str], expected: &str, given: &RawValue) -> Failure {
    let path = if path.is_empty() {
        "body".to_owned()
    } else {
        path.join(".")
    };
    let given = match given.get().bytes().next() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ if given.get().contains(['.', 'e', 'E']) => "number",
        _ => "integer",
    };
    Failure::Rejected(vec![format!(
        "{path} is invalid. The attribute was expected to be of type ''{expected}'' but type '{given}' was given."
    )])
}
