//! Storing a batch.

use rusqlite::{Transaction, params};
use serde_json::json;

use super::{
    Incoming, Store, StoreError, Timing, add_task, attributes,
    queue::{self, Work},
};
use crate::domain::dataset::Dataset;

/// The outcome of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// These custom attributes, each with the place of its record, have other types than the other records: nothing
    /// was stored.
    Inconsistent(Vec<(usize, String)>),
    /// The batch is valid; only a check was asked for.
    Checked,
    /// The batch is on disk, stored or queued; with the task's id for data sets that have tasks.
    Stored(Option<String>),
}

impl Store {
    /// Stores a batch, all or nothing; a record replaces the stored one with its id, and a later one of the batch an
    /// earlier one. With `only_check` nothing is stored.
    pub(crate) fn put(
        &self,
        dataset: Dataset,
        records: &[Incoming],
        only_check: bool,
        timing: &Timing,
    ) -> Result<Put, StoreError> {
        self.settle(timing.received)?;
        self.write(|transaction| {
            let known = attributes::known(transaction, dataset)?;
            let new = attributes::settle(&known, records);
            let inconsistent = attributes::inconsistent(&known, &new, records);
            if !inconsistent.is_empty() {
                return Ok(Put::Inconsistent(inconsistent));
            }
            if only_check {
                return Ok(Put::Checked);
            }
            // Interactions have no task that could report a failure.
            let has_task = dataset != Dataset::Interactions;
            if queue::must_wait(transaction, timing)? || timing.fails && has_task {
                let work = Work::put(records)?;
                return Ok(Put::Stored(queue::add(transaction, dataset, has_task, &work, timing)?));
            }
            attributes::learn(transaction, dataset, &new)?;
            put_records(transaction, dataset, records)?;
            let task = || add_task(transaction, dataset, timing.started, &json!([]));
            Ok(Put::Stored(has_task.then(task).transpose()?))
        })
    }
}

/// Puts a batch that was accepted into effect: nothing of it, and what is wrong, when its attributes have other types
/// by now.
pub(super) fn put_late(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    records: &[Incoming],
) -> Result<Vec<(usize, String)>, StoreError> {
    let known = attributes::known(transaction, dataset)?;
    let new = attributes::settle(&known, records);
    let inconsistent = attributes::inconsistent(&known, &new, records);
    if inconsistent.is_empty() {
        attributes::learn(transaction, dataset, &new)?;
        put_records(transaction, dataset, records)?;
    }
    Ok(inconsistent)
}

fn put_records(transaction: &Transaction<'_>, dataset: Dataset, records: &[Incoming]) -> Result<(), StoreError> {
    match dataset {
        Dataset::Products => put_products(transaction, records),
        Dataset::Users => put_users(transaction, records),
        Dataset::Interactions => put_interactions(transaction, records),
    }
}

fn put_products(transaction: &Transaction<'_>, records: &[Incoming]) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO products (id, type, record) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET type = excluded.type, record = excluded.record",
    )?;
    for record in records {
        put.execute(params![record.id, record.kind, record.text])?;
    }
    Ok(())
}

fn put_users(transaction: &Transaction<'_>, records: &[Incoming]) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO users (id, record) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
    )?;
    for record in records {
        put.execute(params![record.id, record.text])?;
    }
    Ok(())
}

/// Interactions that are exactly equal to a stored one are dropped; the hash finds it, the text decides.
fn put_interactions(transaction: &Transaction<'_>, records: &[Incoming]) -> Result<(), StoreError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO interactions (hash, user_id, record) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM interactions WHERE hash = ?1 AND record = ?3)",
    )?;
    for record in records {
        put.execute(params![record.hash, record.user_id, record.text])?;
    }
    Ok(())
}
