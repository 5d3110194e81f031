//! Storing a batch.

use super::{
    AttributeTypes, AttributeVotes, Incoming, Store, StoreError, Timing, add_task, attributes,
    queue::{self, Work},
};
use crate::domain::dataset::Dataset;
use jiff::Timestamp;
use rusqlite::{Transaction, params};

/// The outcome of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// These custom attributes have other types than these in some of the records: nothing was stored.
    Inconsistent(AttributeTypes),
    /// The batch is valid; only a check was asked for.
    Checked,
    /// The batch is on disk, stored or queued; with the task's id for data sets that have tasks.
    Stored(Option<String>),
}

impl Store {
    /// Stores a batch, all or nothing; a record replaces the stored one with its id, and a later one of the batch an
    /// earlier one. The records come in pieces; `votes` are the types that their custom attributes have. With `only_check` nothing is stored.
    pub(crate) fn put(
        &self,
        dataset: Dataset,
        records: &[Vec<Incoming<'_>>],
        votes: &AttributeVotes,
        only_check: bool,
        timing: &Timing,
    ) -> Result<Put, StoreError> {
        self.settle(timing.received)?;
        self.write(|transaction| {
            let (new, inconsistent) = attributes::settle(transaction, dataset, votes)?;
            if !inconsistent.is_empty() {
                return Ok(Put::Inconsistent(inconsistent));
            }
            if only_check {
                return Ok(Put::Checked);
            }
            // Interactions have no task that could report a failure.
            let has_task = dataset != Dataset::Interactions;
            if queue::must_wait(transaction, timing)? || timing.fails && has_task {
                let work = Work::put(records, timing.received)?;
                return Ok(Put::Stored(queue::add(transaction, dataset, has_task, &work, timing)?));
            }
            attributes::learn(transaction, dataset, new)?;
            put_records(transaction, dataset, records, timing.received)?;
            let task = || add_task(transaction, dataset, timing.started, "[]");
            Ok(Put::Stored(has_task.then(task).transpose()?))
        })
    }
}

/// Puts a batch that was accepted into effect: nothing of it, and what is wrong, when its attributes have other types
/// by now.
pub(super) fn put_late(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    records: &[Vec<Incoming<'_>>],
    votes: &AttributeVotes,
    received: Timestamp,
) -> Result<AttributeTypes, StoreError> {
    let (new, inconsistent) = attributes::settle(transaction, dataset, votes)?;
    if inconsistent.is_empty() {
        attributes::learn(transaction, dataset, new)?;
        put_records(transaction, dataset, records, received)?;
    }
    Ok(inconsistent)
}

fn put_records(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    records: &[Vec<Incoming<'_>>],
    received: Timestamp,
) -> Result<(), StoreError> {
    let records = records.iter().flatten();
    match dataset {
        Dataset::Products => put_products(transaction, records, received),
        Dataset::Users => put_users(transaction, records, received),
        Dataset::Interactions => put_interactions(transaction, records, received),
    }
}

fn put_products<'a>(
    transaction: &Transaction<'_>,
    records: impl Iterator<Item = &'a Incoming<'a>>,
    received: Timestamp,
) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO products (id, type, record) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET type = excluded.type, record = excluded.record",
    )?;
    for record in records {
        let id = record.id.as_deref().unwrap_or_default();
        put.execute(params![id, record.kind.as_deref(), &*record.text(received)])?;
    }
    Ok(())
}

fn put_users<'a>(
    transaction: &Transaction<'_>,
    records: impl Iterator<Item = &'a Incoming<'a>>,
    received: Timestamp,
) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO users (id, record) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
    )?;
    for record in records {
        let id = record.id.as_deref().unwrap_or_default();
        put.execute(params![id, &*record.text(received)])?;
    }
    Ok(())
}

/// Interactions that are exactly equal to a stored one are dropped; the hash finds it, the text decides.
fn put_interactions<'a>(
    transaction: &Transaction<'_>,
    records: impl Iterator<Item = &'a Incoming<'a>>,
    received: Timestamp,
) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO interactions (hash, user_id, record) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM interactions WHERE hash = ?1 AND record = ?3)",
    )?;
    for record in records {
        put.execute(params![record.hash, record.id.as_deref(), &*record.text(received)])?;
    }
    Ok(())
}
