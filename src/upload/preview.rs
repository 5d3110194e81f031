//! What an upload would do to what is stored, before it does it.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{sync::mpsc, task::JoinSet};

use super::{Batch, Found, Listed, Lookup, RecordSource, SourceItem, Stopped, driver::cancelled};
use crate::{
    api::ApiError,
    domain::{comparison, progress::Progress, rows::RowSet},
};

/// Records that are held against what is stored together.
const AT_ONCE: usize = 100;
/// How many such batches are under way.
const UNDER_WAY: usize = 8;

/// What an upload would do, by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Rows under whose ids nothing is stored.
    pub created: RowSet,
    /// Rows that replace a record which says something else.
    pub replaced: RowSet,
    /// Rows that are stored already as they are.
    pub identical: RowSet,
    /// Rows whose fields are all stored already as they are; merged, they would change nothing.
    pub covered: RowSet,
    /// Rows whose records would lose fields.
    pub losing: RowSet,
    /// The fields that would be lost, with the rows.
    pub lost: BTreeMap<String, RowSet>,
    /// The fields that would get another value, with how many records do.
    pub changed: BTreeMap<String, u64>,
    /// Rows that a later row with the same id replaces.
    pub superseded: u64,
    /// Rows that would be left out.
    pub left_out: u64,
    /// Rows whose ids nobody can ask for.
    pub unknown: u64,
}

impl Preview {
    /// The fields that would be lost, those of most records first.
    pub fn losses(&self) -> Vec<(&str, &RowSet)> {
        let mut losses: Vec<_> = self.lost.iter().map(|(path, rows)| (path.as_str(), rows)).collect();
        losses.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        losses
    }

    /// The fields that would change most often, with the number of records.
    pub fn changes(&self) -> Vec<(&str, u64)> {
        let mut changes: Vec<_> = self
            .changed
            .iter()
            .map(|(path, count)| (path.as_str(), *count))
            .collect();
        changes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        changes
    }

    /// Takes in a batch, held against what is stored.
    fn take(&mut self, batch: &Batch, found: &Found, listed: &Listed) -> Result<(), ApiError> {
        for record in batch {
            let (row, Some(id)) = (record.row, record.id.as_deref()) else {
                continue;
            };
            let is_known = found.contains_key(id) || !record.key().is_some_and(|key| listed.may_hold(key));
            if !is_known {
                self.unknown += 1;
                continue;
            }
            let Some(stored) = found.get(id).and_then(Option::as_deref) else {
                self.created.insert(row);
                continue;
            };
            let unreadable = |error: serde_json::Error| ApiError::Protocol {
                reason: format!("the record {id} cannot be read: {error}"),
            };
            let json = record.text();
            let changes = comparison::changes(stored, &json).map_err(unreadable)?;
            if changes.is_empty() {
                self.identical.insert(row);
                self.covered.insert(row);
                continue;
            }
            self.replaced.insert(row);
            if changes.iter().all(comparison::Change::is_loss) {
                self.covered.insert(row);
            }
            for change in changes {
                if change.is_loss() {
                    self.losing.insert(row);
                    self.lost.entry(change.path).or_default().insert(row);
                } else if change.before.is_some() {
                    *self.changed.entry(change.path).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// Holds all records of a source against what is stored; nothing is changed. `superseded` are rows that a later row of
/// the same id replaces: only what is there in the end counts. Progress counts rows, and cancels.
pub async fn preview(
    lookup: &Lookup,
    rows: u64,
    records: impl RecordSource,
    superseded: RowSet,
    progress: &Progress,
) -> Result<Preview, Stopped> {
    progress.restart(rows);
    let looking = look(lookup, rows, records, superseded, progress);
    tokio::select! {
        preview = looking => preview,
        () = cancelled(progress) => Err(Stopped::Cancelled),
    }
}

async fn look(
    lookup: &Lookup,
    rows: u64,
    records: impl RecordSource,
    superseded: RowSet,
    progress: &Progress,
) -> Result<Preview, Stopped> {
    let listed = Arc::new(lookup.list(rows).await?);
    let (portions, mut ready) = mpsc::channel(UNDER_WAY);
    let mut preview = Preview {
        superseded: superseded.len(),
        ..Preview::default()
    };
    let reader = tokio::task::spawn_blocking(move || cut(records, &superseded, &portions));
    let mut looking = JoinSet::new();
    let mut is_read = false;
    while !is_read || !looking.is_empty() {
        tokio::select! {
            Some(looked) = looking.join_next() => {
                let unexpected = |_| Stopped::Source("Comparing failed unexpectedly; try again".to_owned());
                let (batch, found): (Batch, Result<Found, ApiError>) = looked.map_err(unexpected)?;
                preview.take(&batch, &found?, &listed)?;
                progress.add(batch.len() as u64);
            }
            portion = ready.recv(), if !is_read && looking.len() < UNDER_WAY => match portion {
                Some(Portion { batch, left_out }) => {
                    preview.left_out += left_out;
                    progress.add(left_out);
                    let (lookup, listed) = (lookup.clone(), Arc::clone(&listed));
                    looking.spawn(async move {
                        let found = lookup.glance(&ids(&batch, &listed)).await;
                        (batch, found)
                    });
                }
                None => is_read = true,
            }
        }
    }
    let unexpected = |_| Stopped::Source("Reading the file failed unexpectedly; open it again".to_owned());
    reader.await.map_err(unexpected)?.map_err(Stopped::Source)?;
    Ok(preview)
}

/// The ids of a batch under which something may be stored.
fn ids(batch: &Batch, listed: &Listed) -> Vec<String> {
    let may_be_there = batch
        .iter()
        .filter(|record| record.key().is_some_and(|key| listed.may_hold(key)));
    may_be_there
        .filter_map(|record| record.id.as_deref().map(str::to_owned))
        .collect()
}

struct Portion {
    batch: Batch,
    left_out: u64,
}

/// Reads the source to its end for as long as someone takes what it has.
fn cut(mut records: impl RecordSource, superseded: &RowSet, portions: &mpsc::Sender<Portion>) -> Result<(), String> {
    let mut portion = Portion {
        batch: Batch::new(),
        left_out: 0,
    };
    while let Some(item) = records.next() {
        match item? {
            SourceItem::Record(record) if superseded.contains(record.row) => {}
            SourceItem::Record(record) => portion.batch.push(record),
            SourceItem::Skip { .. } => portion.left_out += 1,
        }
        if portion.batch.len() >= AT_ONCE {
            let full = std::mem::replace(
                &mut portion,
                Portion {
                    batch: Batch::new(),
                    left_out: 0,
                },
            );
            if portions.blocking_send(full).is_err() {
                return Ok(());
            }
        }
    }
    portions.blocking_send(portion).ok();
    Ok(())
}
