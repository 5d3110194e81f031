//! Uploading records: endpoints 1, 7 and 13.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Extension,
    extract::{Query, Request, State},
    response::Response,
};
use rayon::prelude::*;
use serde_json::{json, value::RawValue};

use super::{
    blocking,
    parts::{self, each_element},
    timing,
};
use crate::{
    domain::{
        dataset::Dataset,
        message,
        schema::Schema,
        validate::{Fault, WrittenRecord},
    },
    server::{
        answer::{self, RequestFailure},
        body::{self, RequestBody},
        environment::ServedEnvironment,
        faults::StoresNothing,
        rejected::RejectedBatch,
        store::{AttributeTypes, AttributeVotes, Incoming, MOST_ATTRIBUTES, Put, Store, Timing},
    },
};

/// The most records of a request: what the documentation recommends for interactions, a hundred times that for products
/// and users.
const MOST_RECORDS: usize = 10_000;
/// How many records a thread takes at once.
const PIECE: usize = 64;
/// How long the records of a request are checked at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stores the records of `{"data": […]}`, all of them or none. With `dry_run=1` they are checked only.
/// The content type does not matter: browsers send beacons as text.
pub(crate) async fn upload(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let timing = timing(&environment, request.extensions());
    let stores_nothing = request.extensions().get::<StoresNothing>().is_some();
    let body = body::read(request.into_body(), &environment).await?;
    let dry_run = query
        .get("dry_run")
        .is_some_and(|value| matches!(value.as_str(), "1" | "true"));
    let task = blocking(&environment, move |store| {
        store_batch(store, dataset, &body, dry_run || stores_nothing, &timing)
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
    body: &RequestBody,
    dry_run: bool,
    timing: &Timing,
) -> Result<Option<String>, RequestFailure> {
    let records = records(dataset, body)?;
    let checked = checked(dataset, &records, Instant::now() + PATIENCE)?;
    let only_check = dry_run || !checked.are_sound;
    match store.put(dataset, &checked.incoming, &checked.votes, only_check, timing)? {
        Put::Inconsistent(types) => Err(rejected(dataset, &records, types, body)),
        _ if !checked.are_sound => Err(rejected(dataset, &records, AttributeTypes::new(), body)),
        Put::Checked => Ok(None),
        Put::Stored(task) => Ok(task),
    }
}

fn rejected(dataset: Dataset, records: &[&RawValue], types: AttributeTypes, body: &RequestBody) -> RequestFailure {
    let texts = records.iter().map(|record| record.get());
    RequestFailure::RecordsRejected(RejectedBatch::new(dataset, texts, types, body.clone()).begin())
}

/// What the check of a batch finds.
struct CheckedBatch<'a> {
    /// Whether the schema takes all records.
    are_sound: bool,
    /// The records in pieces, when it does.
    incoming: Vec<Vec<Incoming<'a>>>,
    /// The types of their custom attributes.
    votes: AttributeVotes,
}

/// Checks all records. What is wrong is not kept: who needs it checks again, one record after the other.
fn checked<'a>(
    dataset: Dataset,
    records: &[&'a RawValue],
    deadline: Instant,
) -> Result<CheckedBatch<'a>, RequestFailure> {
    let schema = Schema::of(dataset);
    let votes = Mutex::new(AttributeVotes::default());
    let are_sound = AtomicBool::new(true);
    let check = |index: usize, record: &'a RawValue| -> Result<Option<Incoming<'a>>, RequestFailure> {
        if Instant::now() > deadline {
            return Err(RequestFailure::TooSlow);
        }
        let record = WrittenRecord::read(record.get()).map_err(|error| {
            RequestFailure::Unreadable(format!("Record {index} of the request cannot be read: {error}"))
        })?;
        if record.has("custom_attributes") {
            let mut votes = votes.lock().unwrap_or_else(PoisonError::into_inner);
            votes
                .add(index, dataset, &record)
                .map_err(|_| RequestFailure::TooManyAttributes(MOST_ATTRIBUTES))?;
        }
        if record.check(schema, &mut |_| ControlFlow::Break(())).is_break() {
            are_sound.store(false, Ordering::Relaxed);
        }
        let is_wanted = are_sound.load(Ordering::Relaxed);
        Ok(is_wanted.then(|| Incoming::new(dataset, &record)))
    };
    let piece = |(piece, records): (usize, &[&'a RawValue])| -> Result<Vec<Incoming<'a>>, RequestFailure> {
        let records = records.iter().enumerate();
        let checked = records.filter_map(|(place, record)| check(piece * PIECE + place, record).transpose());
        checked.collect()
    };
    let incoming = records.par_chunks(PIECE).enumerate().map(piece);
    let incoming = incoming.collect::<Result<Vec<_>, _>>()?;
    let are_sound = are_sound.into_inner();
    Ok(CheckedBatch {
        are_sound,
        incoming: if are_sound { incoming } else { Vec::new() },
        votes: votes.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
}

/// The elements of `data`, each as its own JSON text. What is wrong with the body is said in the API's lines, as the
/// published document has it for uploads.
fn records(dataset: Dataset, body: &[u8]) -> Result<Vec<&RawValue>, RequestFailure> {
    let whole = parts::whole(body)?;
    let rejected = |place: &str, fault: Fault| RequestFailure::Rejected(dataset, message::line(dataset, place, &fault));
    let of_type = |place: &str, expected: &'static str, found: &RawValue| {
        let given = WrittenRecord::read(found.get()).map_or("null", |found| found.type_name());
        let expected = vec![expected];
        rejected(place, Fault::Type { expected, given })
    };
    let data = parts::find(whole, "data").map_err(|_| of_type("body", "object", whole))?;
    let data = data.ok_or_else(|| rejected("body", Fault::Required("data".to_owned())))?;
    if !data.get().starts_with('[') {
        return Err(of_type("data", "array", data));
    }
    // A record and its comma take two bytes at least.
    let mut records = Vec::with_capacity(MOST_RECORDS.min(data.get().len() / 2));
    each_element(data, &mut |record| {
        if records.len() == MOST_RECORDS {
            return Err(RequestFailure::TooManyRecords(MOST_RECORDS));
        }
        records.push(record);
        Ok(())
    })?;
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_ends_in_time() {
        let record: Box<RawValue> = serde_json::value::to_raw_value(&json!({"product_id": "p"})).unwrap();
        let check = |deadline| checked(Dataset::Products, &[&record], deadline).map(|checked| checked.are_sound);
        let now = Instant::now();
        assert!(matches!(check(now + PATIENCE), Ok(true)));
        assert!(matches!(
            check(now.checked_sub(Duration::from_nanos(1)).unwrap()),
            Err(RequestFailure::TooSlow)
        ));
    }
}
