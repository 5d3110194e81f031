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
        validate::{Fault, Violation, check_record, json_type},
    },
    server::{
        answer::{self, Malformed, RequestFailure},
        body,
        environment::ServedEnvironment,
        store::{Incoming, Put, Store, Timing},
    },
};

/// Stores the records of `{"data": […]}`, all of them or none. With `dry_run=1` they are checked only.
/// The content type does not matter: browsers send beacons as text.
pub(crate) async fn upload(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, RequestFailure> {
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
        None => answer::said("success"),
    })
}

/// Checks and stores a batch. Returns its task; a dry run and interactions have none.
fn store_batch(
    store: &Store,
    dataset: Dataset,
    body: &[u8],
    dry_run: bool,
    timing: &Timing,
) -> Result<Option<String>, RequestFailure> {
    let records = records(dataset, body)?;
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
            Err(rejected(dataset, &violations))
        }
        _ if !sound => Err(rejected(dataset, &violations)),
        Put::Checked => Ok(None),
        Put::Stored(task) => Ok(task),
    }
}

/// The API's lines for the violations of every record.
fn rejected(dataset: Dataset, violations: &[Vec<Violation>]) -> RequestFailure {
    let of_record = |(index, violations): (usize, &Vec<Violation>)| -> Vec<String> {
        violations
            .iter()
            .map(|violation| message::render(dataset, index, violation))
            .collect()
    };
    RequestFailure::Rejected(dataset, violations.iter().enumerate().flat_map(of_record).collect())
}

fn checked(
    schema: &Schema,
    index: usize,
    record: &RawValue,
    received: Timestamp,
) -> Result<(Incoming, Vec<Violation>), RequestFailure> {
    let value: Value = serde_json::from_str(record.get()).map_err(|error| {
        RequestFailure::Unreadable(format!("Record {index} of the request cannot be read: {error}"))
    })?;
    let violations = check_record(schema, &value);
    let incoming = Incoming::new(schema.dataset, &value, record.get(), received);
    Ok((incoming, violations))
}

/// The elements of `data`, each as its own JSON text. What is wrong with the body is said in the API's lines, as the
/// published document has it for uploads.
fn records(dataset: Dataset, body: &[u8]) -> Result<Vec<&RawValue>, RequestFailure> {
    let whole = whole(body)?;
    let rejected =
        |place: &str, fault: Fault| RequestFailure::Rejected(dataset, vec![message::line(dataset, place, &fault)]);
    let of_type = |place: &str, expected: &'static str, found: &RawValue| {
        let given = serde_json::from_str(found.get()).as_ref().map_or("null", json_type);
        let expected = vec![expected];
        rejected(place, Fault::Type { expected, given })
    };
    let members: Result<HashMap<String, &RawValue>, _> = serde_json::from_str(whole.get());
    let members = members.map_err(|_| of_type("body", "object", whole))?;
    let missing = || rejected("body", Fault::Required("data".to_owned()));
    let data = members.get("data").copied().ok_or_else(missing)?;
    serde_json::from_str(data.get()).map_err(|_| of_type("data", "array", data))
}

/// A body as one JSON text.
fn whole(body: &[u8]) -> Result<&RawValue, RequestFailure> {
    let malformed =
        |error: &dyn std::fmt::Display| RequestFailure::Unreadable(format!("The body is not JSON: {error}"));
    let text = str::from_utf8(body).map_err(|error| malformed(&error))?;
    serde_json::from_str(text).map_err(|error| malformed(&error))
}

/// A member of the body, which must be an object.
pub(super) fn member<'a>(body: &'a [u8], name: &str) -> Result<&'a RawValue, RequestFailure> {
    member_of(whole(body)?, &[], name)
}

/// A member of an object; `path` is where the object stands in the body.
pub(super) fn member_of<'a>(object: &'a RawValue, path: &[&str], name: &str) -> Result<&'a RawValue, RequestFailure> {
    let members: Result<HashMap<String, &RawValue>, _> = serde_json::from_str(object.get());
    let members = members.map_err(|_| malformed(path, "value is not a valid dict", "type_error.dict"))?;
    let missing = || malformed(&[path, &[name]].concat(), "field required", "value_error.missing");
    members.get(name).copied().ok_or_else(missing)
}

/// The failure for a part of the body that has another form than the endpoint takes.
pub(super) fn malformed(path: &[&str], message: &'static str, kind: &'static str) -> RequestFailure {
    let place = ["body"].iter().chain(path).map(|&step| step.to_owned()).collect();
    RequestFailure::Malformed(Malformed { place, message, kind })
}
