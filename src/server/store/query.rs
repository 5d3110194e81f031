//! Reading and deleting.

use std::{collections::HashSet, time::Instant};

use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::json;

use super::{Store, StoreError, add_task, attributes};
use crate::domain::dataset::Dataset;

/// What came of deleting by ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The ids whose records are gone.
    pub deleted: Vec<String>,
    /// The ids that nothing was stored for.
    pub not_found: Vec<String>,
    /// The task under which both lists can be asked for.
    pub task: String,
}

impl Store {
    /// The JSON text of a product or user.
    pub fn record(&self, dataset: Dataset, id: &str) -> Result<Option<String>, StoreError> {
        let select = match dataset {
            Dataset::Products => "SELECT record FROM products WHERE id = ?1",
            Dataset::Users => "SELECT record FROM users WHERE id = ?1",
            Dataset::Interactions => return Ok(None),
        };
        self.read(|reader| {
            Ok(reader
                .prepare_cached(select)?
                .query_row([id], |row| row.get(0))
                .optional()?)
        })
    }

    /// All ids of products or users in order, or of the products of a type.
    pub fn ids(&self, dataset: Dataset, kind: Option<&str>) -> Result<Vec<String>, StoreError> {
        let (select, kind) = match (dataset, kind) {
            (Dataset::Products, Some(kind)) => ("SELECT id FROM products WHERE type = ?1 ORDER BY id", Some(kind)),
            (Dataset::Products, None) => ("SELECT id FROM products ORDER BY id", None),
            (Dataset::Users, _) => ("SELECT id FROM users ORDER BY id", None),
            (Dataset::Interactions, _) => return Ok(Vec::new()),
        };
        self.read(|reader| {
            let mut select = reader.prepare_cached(select)?;
            let ids = select.query_map(rusqlite::params_from_iter(kind), |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// How many records each data set has, all as of one moment.
    pub fn counts(&self) -> Result<[(Dataset, u64); 3], StoreError> {
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

    /// Up to `limit` interactions after a row number, each with its own, and whether there are more.
    pub fn interactions(&self, after: i64, limit: usize) -> Result<(Vec<(i64, String)>, bool), StoreError> {
        self.read(|reader| {
            let mut select = reader
                .prepare_cached("SELECT number, record FROM interactions WHERE number > ?1 ORDER BY number LIMIT ?2")?;
            let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
            let rows = select.query_map(params![after, one_more], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            Ok((rows, more))
        })
    }

    /// The answer of a task of the data set.
    pub fn task(&self, dataset: Dataset, id: &str) -> Result<Option<String>, StoreError> {
        self.read(|reader| {
            let mut select = reader.prepare_cached("SELECT body FROM tasks WHERE id = ?1 AND dataset = ?2")?;
            Ok(select.query_row([id, dataset.name()], |row| row.get(0)).optional()?)
        })
    }

    /// Deletes products or users by id; an id that is named twice counts once.
    pub fn delete(&self, dataset: Dataset, ids: &[String], started: Instant) -> Result<Deletion, StoreError> {
        let delete = match dataset {
            Dataset::Users => "DELETE FROM users WHERE id = ?1",
            Dataset::Products | Dataset::Interactions => "DELETE FROM products WHERE id = ?1",
        };
        self.write(|transaction| {
            let (mut deleted, mut not_found) = (Vec::new(), Vec::new());
            let mut seen = HashSet::new();
            let mut statement = transaction.prepare_cached(delete)?;
            for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
                let gone = statement.execute([id])? > 0;
                if gone { &mut deleted } else { &mut not_found }.push(id.clone());
            }
            forget_types_when_empty(transaction, dataset)?;
            let data = json!({
                "deleted": {"count": deleted.len(), "list": deleted},
                "not_found": {"count": not_found.len(), "list": not_found},
            });
            let task = add_task(transaction, dataset, started, &data)?;
            Ok(Deletion {
                deleted,
                not_found,
                task,
            })
        })
    }

    /// Deletes all interactions of these users, and returns how many there were.
    pub fn delete_interactions_of(&self, users: &[String]) -> Result<u64, StoreError> {
        self.write(|transaction| {
            let mut delete = transaction.prepare_cached("DELETE FROM interactions WHERE user_id = ?1")?;
            let gone = users
                .iter()
                .map(|user| delete.execute([user]))
                .sum::<Result<usize, _>>()?;
            Ok(gone as u64)
        })
    }

    /// Deletes all interactions, and returns how many there were.
    pub fn delete_all_interactions(&self) -> Result<u64, StoreError> {
        self.write(|transaction| Ok(transaction.execute("DELETE FROM interactions", [])? as u64))
    }
}

/// With the last record, the types of the custom attributes go.
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
