//! Accepted work that is not done yet: uploads and deletions whose tasks take time.
//!
//! The queue is on disk before the answer, so that what was accepted survives a kill. It is put into effect in the
//! order of acceptance, by the first request after its time has come; nobody can tell that from a server that does it
//! on time.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{
    AttributeTypes, AttributeVotes, Incoming, Store, StoreError, attributes, finished, keep_task,
    put::put_late,
    query::{delete_now, delete_of_users_now},
};
use crate::{
    domain::{dataset::Dataset, message, validate::WrittenRecord},
    server::auth::random_text,
};

/// The most lines that a task keeps: as many as a batch of documented size has records.
const MOST_LINES: usize = 10_000;
/// How many batches are put into effect in one transaction.
const STRETCH: usize = 16;

/// When a request came, and when its work is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// When the request came.
    pub(crate) received: Timestamp,
    /// The same moment on the monotonic clock.
    pub started: Instant,
    /// How long the work is to wait.
    pub delay: Duration,
    /// Whether the work is to fail when its time has come.
    pub fails: bool,
}

/// Work in the queue.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Work {
    /// A batch to store, with the places of the interactions that came without a timestamp: these are never compared.
    Put {
        records: Vec<Box<RawValue>>,
        undated: Vec<usize>,
    },
    /// Products or users to delete.
    Delete(Vec<String>),
    /// Users whose interactions to delete.
    DeleteOfUsers(Vec<String>),
    /// Nothing is done, and the task ends as failed.
    Fail,
}

impl Work {
    pub(super) fn put(records: &[Vec<Incoming<'_>>], received: Timestamp) -> Result<Self, StoreError> {
        let undated = |(place, record): (usize, &Incoming<'_>)| record.hash.is_none().then_some(place);
        let raw = |record: &Incoming<'_>| RawValue::from_string(record.text(received).into_owned());
        let records = records.iter().flatten();
        Ok(Self::Put {
            undated: records.clone().enumerate().filter_map(undated).collect(),
            records: records.map(raw).collect::<Result<_, _>>()?,
        })
    }
}

/// A row of the queue.
struct WaitingWrite {
    number: i64,
    task: Option<String>,
    dataset: Dataset,
    accepted: Timestamp,
    work: Work,
}

impl Store {
    /// Puts into effect what is due by now.
    pub(super) fn settle_now(&self) -> Result<(), StoreError> {
        self.settle(Timestamp::now())
    }

    /// Puts into effect what is due.
    pub(super) fn settle(&self, now: Timestamp) -> Result<(), StoreError> {
        let now = now.as_millisecond();
        loop {
            let due = "SELECT EXISTS (SELECT 1 FROM queue WHERE due <= ?1)";
            let any = self.read(|reader| {
                Ok(reader
                    .prepare_cached(due)?
                    .query_row([now], |row| row.get::<_, bool>(0))?)
            })?;
            if !any {
                return Ok(());
            }
            self.write(|transaction| {
                for _ in 0..STRETCH {
                    let Some(waiting) = first_due(transaction, now)? else {
                        break;
                    };
                    if matches!(waiting.work, Work::Delete(_) | Work::DeleteOfUsers(_)) {
                        self.clear_log_after_commit();
                    }
                    perform(transaction, &waiting)?;
                }
                Ok(())
            })?;
        }
    }
}

/// Whether work that comes now is queued: because it takes time itself, or because work before it does.
pub(super) fn must_wait(transaction: &Transaction<'_>, timing: &Timing) -> Result<bool, StoreError> {
    if !timing.delay.is_zero() {
        return Ok(true);
    }
    let mut any = transaction.prepare_cached("SELECT EXISTS (SELECT 1 FROM queue)")?;
    Ok(any.query_row([], |row| row.get(0))?)
}

/// Queues work behind all that is queued already. Returns the id of its task when it has one.
pub(super) fn add(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    has_task: bool,
    work: &Work,
    timing: &Timing,
) -> Result<Option<String>, StoreError> {
    let task = has_task.then(|| random_text(24)).transpose()?;
    let accepted = timing.received.as_millisecond();
    let delay = i64::try_from(timing.delay.as_millis()).unwrap_or(i64::MAX);
    let work = if timing.fails && has_task { &Work::Fail } else { work };
    transaction
        .prepare_cached(
            "INSERT INTO queue (task, dataset, accepted, due, work)
             VALUES (?1, ?2, ?3, max(?4, (SELECT coalesce(max(due), 0) FROM queue)), ?5)",
        )?
        .execute(params![
            task,
            dataset.name(),
            accepted,
            accepted.saturating_add(delay),
            serde_json::to_string(work)?
        ])?;
    Ok(task)
}

/// The answer for a task that is not done yet. No public text shows one; the message is ours (miso-api.md 1.5).
pub(super) fn pending(reader: &Connection, dataset: Dataset, id: &str) -> Result<Option<String>, StoreError> {
    let mut select = reader.prepare_cached("SELECT accepted FROM queue WHERE task = ?1 AND dataset = ?2")?;
    let accepted: Option<i64> = select.query_row([id, dataset.name()], |row| row.get(0)).optional()?;
    Ok(accepted.map(|accepted| {
        let took = Timestamp::now().as_millisecond().saturating_sub(accepted).max(0);
        json!({"message": "pending", "took": took, "errors": false, "data": [], "code": 202}).to_string()
    }))
}

fn first_due(transaction: &Transaction<'_>, now: i64) -> Result<Option<WaitingWrite>, StoreError> {
    let mut select = transaction.prepare_cached(
        "SELECT number, task, dataset, accepted, work FROM queue WHERE due <= ?1 ORDER BY number LIMIT 1",
    )?;
    let mut rows = select.query([now])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let name: String = row.get(2)?;
    let work: String = row.get(4)?;
    Ok(Some(WaitingWrite {
        number: row.get(0)?,
        task: row.get(1)?,
        dataset: Dataset::ALL
            .into_iter()
            .find(|dataset| dataset.name() == name)
            .unwrap_or(Dataset::Interactions),
        accepted: Timestamp::from_millisecond(row.get(3)?).unwrap_or(Timestamp::UNIX_EPOCH),
        work: serde_json::from_str(&work)?,
    }))
}

fn perform(transaction: &Transaction<'_>, waiting: &WaitingWrite) -> Result<(), StoreError> {
    let took = Timestamp::now().as_millisecond() - waiting.accepted.as_millisecond();
    let took = u64::try_from(took).unwrap_or(0);
    let body = match &waiting.work {
        Work::Put { records, undated } => {
            let (incoming, votes) = incoming(waiting, records, undated)?;
            let inconsistent = put_late(transaction, waiting.dataset, &[incoming], &votes, waiting.accepted)?;
            if inconsistent.is_empty() {
                finished(took, "[]")
            } else {
                let lines = inconsistent_lines(waiting.dataset, records, &inconsistent)?;
                json!({"took": took, "errors": true, "message": message::summary(waiting.dataset), "data": lines, "code": 422})
                    .to_string()
            }
        }
        Work::Delete(ids) => finished(took, &delete_now(transaction, waiting.dataset, ids)?.data()),
        Work::DeleteOfUsers(users) => {
            delete_of_users_now(transaction, users)?;
            finished(took, "[]")
        }
        Work::Fail => {
            let message = "The task failed, and nothing of it was done; send it again";
            json!({"took": took, "errors": true, "message": message, "data": [], "code": 500}).to_string()
        }
    };
    if let Some(task) = &waiting.task {
        keep_task(transaction, waiting.dataset, task, &body)?;
    }
    transaction
        .prepare_cached("DELETE FROM queue WHERE number = ?1")?
        .execute([waiting.number])?;
    Ok(())
}

fn incoming<'a>(
    waiting: &WaitingWrite,
    records: &'a [Box<RawValue>],
    undated: &[usize],
) -> Result<(Vec<Incoming<'a>>, AttributeVotes), StoreError> {
    let mut votes = AttributeVotes::default();
    let one = |(place, record): (usize, &'a RawValue)| -> Result<Incoming<'a>, StoreError> {
        let record = WrittenRecord::read(record.get())?;
        // It was within the bounds when it was accepted.
        votes.add(place, waiting.dataset, &record).ok();
        let mut incoming = Incoming::new(waiting.dataset, &record);
        if undated.binary_search(&place).is_ok() {
            incoming.hash = None;
        }
        Ok(incoming)
    };
    let incoming = records.iter().map(AsRef::as_ref).enumerate().map(one);
    Ok((incoming.collect::<Result<_, _>>()?, votes))
}

/// The API's lines for the attributes that have other types than these.
fn inconsistent_lines(
    dataset: Dataset,
    records: &[Box<RawValue>],
    types: &AttributeTypes,
) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let record = WrittenRecord::read(record.get())?;
        let checked = attributes::inconsistent(types, dataset, &record, &mut |violation| {
            lines.push(message::render(dataset, place, &violation));
            if lines.len() < MOST_LINES {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        if checked.is_break() {
            break;
        }
    }
    Ok(lines)
}
