//! Reading and deleting.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::{
    Store, StoreError, Timing, add_task, attributes,
    queue::{self, Work},
};
use crate::domain::{dataset::Dataset, json};

/// A page of interactions ends with the one that makes it larger than this many bytes.
const PAGE_BYTES: usize = 8 << 20;

/// The outcome of deleting by ids.
#[derive(Debug, Default)]
pub(super) struct Deletion {
    /// The ids whose records are gone.
    deleted: CountedIds,
    /// The ids that nothing was stored for.
    not_found: CountedIds,
}

impl Deletion {
    /// The `data` of the task (miso-api.md 1.4).
    pub(super) fn data(&self) -> String {
        format!(
            r#"{{"deleted":{},"not_found":{}}}"#,
            self.deleted.json(),
            self.not_found.json()
        )
    }
}

/// Ids, as the elements of a JSON list.
#[derive(Debug, Default)]
struct CountedIds {
    count: usize,
    list: Vec<u8>,
}

impl CountedIds {
    fn add(&mut self, id: &str) {
        if self.count > 0 {
            self.list.push(b',');
        }
        self.count += 1;
        json::write_string(id, &mut self.list);
    }

    fn json(&self) -> String {
        format!(
            r#"{{"count":{},"list":[{}]}}"#,
            self.count,
            String::from_utf8_lossy(&self.list)
        )
    }
}

impl Store {
    /// The JSON text of a product or user.
    pub(crate) fn record(&self, dataset: Dataset, id: &str) -> Result<Option<String>, StoreError> {
        if dataset == Dataset::Interactions {
            return Ok(None);
        }
        self.settle_now()?;
        self.read(|reader| {
            Ok(reader
                .prepare_cached(select_one(dataset))?
                .query_row([id], |row| row.get(0))
                .optional()?)
        })
    }

    /// Hands out the id of every record, or of every product of a type, in order.
    pub(crate) fn each_id(
        &self,
        dataset: Dataset,
        kind: Option<&str>,
        see: &mut dyn FnMut(&str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (select, kind) = match (dataset, kind) {
            (Dataset::Products, Some(kind)) => ("SELECT id FROM products WHERE type = ?1 ORDER BY id", Some(kind)),
            (Dataset::Products, None) => ("SELECT id FROM products ORDER BY id", None),
            (Dataset::Users, _) => ("SELECT id FROM users ORDER BY id", None),
            (Dataset::Interactions, _) => return Ok(()),
        };
        self.settle_now()?;
        self.read(|reader| {
            let mut select = reader.prepare_cached(select)?;
            let mut ids = select.query(rusqlite::params_from_iter(kind))?;
            while let Some(row) = ids.next()? {
                see(row.get_ref(0)?.as_str().unwrap_or_default())?;
            }
            Ok(())
        })
    }

    /// Whether there is a record in a data set.
    pub(crate) fn has_any(&self, dataset: Dataset) -> Result<bool, StoreError> {
        let counts = self.counts()?;
        Ok(counts
            .into_iter()
            .any(|(counted, count)| counted == dataset && count > 0))
    }

    /// How many records each data set has, all as of one moment.
    pub(crate) fn counts(&self) -> Result<[(Dataset, u64); 3], StoreError> {
        self.settle_now()?;
        self.read(|reader| {
            let mut count = reader.prepare_cached(
                "SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM interactions),
                        (SELECT count(*) FROM users)",
            )?;
            let [products, interactions, users]: [i64; 3] =
                count.query_row([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
            Ok([
                (Dataset::Products, products.cast_unsigned()),
                (Dataset::Interactions, interactions.cast_unsigned()),
                (Dataset::Users, users.cast_unsigned()),
            ])
        })
    }

    /// Up to `limit` interactions after a row number, fewer when they are large, each with its own, and whether there are
    /// more.
    pub(crate) fn interactions(&self, after: i64, limit: usize) -> Result<(Vec<(i64, String)>, bool), StoreError> {
        self.settle_now()?;
        self.read(|reader| {
            let mut select =
                reader.prepare_cached("SELECT number, record FROM interactions WHERE number > ?1 ORDER BY number")?;
            let mut found = select.query([after])?;
            let (mut rows, mut bytes) = (Vec::new(), 0_usize);
            while let Some(row) = found.next()? {
                if rows.len() >= limit || bytes >= PAGE_BYTES {
                    return Ok((rows, true));
                }
                let record: String = row.get(1)?;
                bytes += record.len();
                rows.push((row.get(0)?, record));
            }
            Ok((rows, false))
        })
    }

    /// The answer of a task of the data set.
    pub(crate) fn task(&self, dataset: Dataset, id: &str) -> Result<Option<String>, StoreError> {
        self.settle_now()?;
        self.read(|reader| {
            let mut select = reader.prepare_cached("SELECT body FROM tasks WHERE id = ?1 AND dataset = ?2")?;
            let done = select.query_row([id, dataset.name()], |row| row.get(0)).optional()?;
            match done {
                Some(body) => Ok(Some(body)),
                None => queue::pending(reader, dataset, id),
            }
        })
    }

    /// Deletes products or users by id, and returns the id of the task with the outcome.
    pub(crate) fn delete(&self, dataset: Dataset, ids: &[String], timing: &Timing) -> Result<String, StoreError> {
        self.settle(timing.received)?;
        self.write(|transaction| {
            if queue::must_wait(transaction, timing)? || timing.fails {
                let task = queue::add(transaction, dataset, true, &Work::Delete(ids.to_vec()), timing)?;
                return Ok(task.unwrap_or_default());
            }
            self.clear_log_after_commit();
            let data = delete_now(transaction, dataset, ids)?.data();
            add_task(transaction, dataset, timing.started, &data)
        })
    }

    /// Deletes all interactions of these users.
    pub(crate) fn delete_interactions_of(&self, users: &[String], timing: &Timing) -> Result<(), StoreError> {
        self.settle(timing.received)?;
        self.write(|transaction| {
            if queue::must_wait(transaction, timing)? {
                let work = Work::DeleteOfUsers(users.to_vec());
                queue::add(transaction, Dataset::Interactions, false, &work, timing)?;
                return Ok(());
            }
            self.clear_log_after_commit();
            delete_of_users_now(transaction, users)
        })
    }

    /// Deletes all interactions, those that wait for their time too, and returns how many there were.
    pub(crate) fn delete_all_interactions(&self) -> Result<u64, StoreError> {
        self.settle(Timestamp::MAX)?;
        self.write(|transaction| {
            self.clear_log_after_commit();
            Ok(transaction.execute("DELETE FROM interactions", [])? as u64)
        })
    }
}

/// Deletes by id; an id that is named twice counts once.
pub(super) fn delete_now(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    ids: &[String],
) -> Result<Deletion, StoreError> {
    let delete = match dataset {
        Dataset::Users => "DELETE FROM users WHERE id = ?1",
        Dataset::Products | Dataset::Interactions => "DELETE FROM products WHERE id = ?1",
    };
    let mut deletion = Deletion::default();
    let mut seen = HashSet::new();
    let mut statement = transaction.prepare_cached(delete)?;
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let gone = statement.execute([id])? > 0;
        let list = if gone {
            &mut deletion.deleted
        } else {
            &mut deletion.not_found
        };
        list.add(id);
    }
    forget_types_when_empty(transaction, dataset)?;
    Ok(deletion)
}

/// Deletes the interactions of users.
pub(super) fn delete_of_users_now(transaction: &Transaction<'_>, users: &[String]) -> Result<(), StoreError> {
    let mut delete = transaction.prepare_cached("DELETE FROM interactions WHERE user_id = ?1")?;
    for user in users {
        delete.execute([user])?;
    }
    Ok(())
}

const fn select_one(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Users => "SELECT record FROM users WHERE id = ?1",
        Dataset::Products | Dataset::Interactions => "SELECT record FROM products WHERE id = ?1",
    }
}

/// Types are forgotten with the last record that could have them.
fn forget_types_when_empty(transaction: &Transaction<'_>, dataset: Dataset) -> Result<(), StoreError> {
    let any = match dataset {
        Dataset::Users => "SELECT EXISTS (SELECT 1 FROM users)",
        Dataset::Products | Dataset::Interactions => "SELECT EXISTS (SELECT 1 FROM products)",
    };
    if !transaction.query_row(any, [], |row| row.get::<_, bool>(0))? {
        attributes::forget(transaction, dataset)?;
    }
    Ok(())
}
