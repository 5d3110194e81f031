//! What an upload would do to what is stored, before it does it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Batch, FoundRecords, ListedIds, Lookup, RecordSource, Stopped, pipeline};
use crate::{
    api::{ApiError, is_addressable},
    domain::{
        comparison::{self, Change},
        progress::Progress,
        rows::RowSet,
    },
};

/// What an upload would do, by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Rows under whose ids nothing is stored.
    pub created: RowSet,
    /// What happens to stored records when they are replaced whole.
    replacing: Effect,
    /// What happens to them when they are merged.
    merging: Effect,
    /// Rows that a later row with the same id replaces, or is merged with.
    superseded: RowSet,
    /// See [`Self::kept_by_merging`].
    kept: (RowSet, Vec<(String, RowSet)>),
    /// Rows that would be left out.
    pub left_out: u64,
    /// Rows whose ids nobody can ask for.
    pub unknown: u64,
}

/// What would happen to records that are stored already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Rows that change a record.
    pub changed: RowSet,
    /// Rows that change nothing.
    pub same: RowSet,
    /// Rows whose records lose fields.
    pub(crate) losing: RowSet,
    /// The fields that are lost, with the rows.
    lost: BTreeMap<String, RowSet>,
    /// The fields that get another value, with how many records do.
    values: BTreeMap<String, u64>,
}

impl Effect {
    /// The fields that are lost, those of most records first.
    pub(crate) fn losses(&self) -> Vec<(&str, RowSet)> {
        by_rows(self.lost.iter().map(|(path, rows)| (path.as_str(), rows.clone())))
    }

    /// The fields that get another value, those of most records first, with how many do.
    pub(crate) fn values(&self) -> Vec<(&str, u64)> {
        let values = self.values.iter();
        let mut values: Vec<_> = values.map(|(path, count)| (path.as_str(), *count)).collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        values
    }

    fn take(&mut self, row: u32, changes: Vec<Change<'_>>) {
        for change in changes {
            self.changed.insert(row);
            if change.is_loss() {
                self.losing.insert(row);
                self.lost.entry(change.path).or_default().insert(row);
            } else if change.before.is_some() {
                *self.values.entry(change.path).or_default() += 1;
            }
        }
    }
}

/// Those that have rows, most first.
fn by_rows<'a>(fields: impl Iterator<Item = (&'a str, RowSet)>) -> Vec<(&'a str, RowSet)> {
    let mut fields: Vec<_> = fields.filter(|(_, rows)| !rows.is_empty()).collect();
    fields.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    fields
}

impl Preview {
    /// What would happen to stored records.
    pub(crate) const fn effect(&self, merge: bool) -> &Effect {
        if merge { &self.merging } else { &self.replacing }
    }

    /// The rows of which merging keeps something that replacing would not, and the fields, those of most records first.
    pub(crate) fn kept_by_merging(&self) -> (&RowSet, Vec<(&str, RowSet)>) {
        let (rows, fields) = &self.kept;
        let fields = fields.iter().map(|(path, rows)| (path.as_str(), rows.clone()));
        (rows, fields.collect())
    }

    /// Works out, once all batches are taken in, what would take too long whenever somebody looks.
    fn settle(&mut self) {
        let fields = by_rows(self.replacing.lost.iter().map(|(path, rows)| {
            let mut kept = rows.clone();
            let lost = self.merging.lost.get(path).cloned().unwrap_or_default();
            kept.remove_all(&lost);
            // A row with the same id empties it: which one is not known here.
            if !lost.intersection(&self.superseded).is_empty() {
                kept = RowSet::default();
            }
            (path.as_str(), kept)
        }));
        let rows = RowSet::union_all(fields.iter().map(|(_, rows)| rows));
        let fields = fields.into_iter().map(|(path, rows)| (path.to_owned(), rows));
        self.kept = (rows, fields.collect());
    }

    /// Rows that a later row with the same id replaces, or is merged with, and that change nothing by themselves.
    pub(crate) fn superseded(&self, merge: bool) -> u64 {
        self.superseded.len() - self.superseded.intersection(&self.effect(merge).changed).len()
    }

    /// Takes in a batch, held against what is stored.
    fn take(&mut self, batch: &Batch, found: &FoundRecords, listed: &ListedIds) -> Result<(), ApiError> {
        for record in batch {
            let (row, Some(id)) = (record.row, record.id.as_deref()) else {
                continue;
            };
            let is_superseded = self.superseded.contains(row);
            let is_unknown = match found.get(id) {
                Some(_) => !is_addressable(id),
                None => record.key().is_some_and(|key| listed.may_hold(key)),
            };
            if is_unknown {
                self.unknown += u64::from(!is_superseded);
                continue;
            }
            let Some(stored) = found.get(id).and_then(Option::as_deref) else {
                if !is_superseded {
                    self.created.insert(row);
                }
                continue;
            };
            let unreadable = |error: serde_json::Error| ApiError::Protocol {
                reason: format!("the record {id} cannot be read: {error}"),
            };
            let json = record.text();
            let merged = comparison::merged(stored, &json).map_err(unreadable)?;
            let merged = comparison::changes(stored, &merged).map_err(unreadable)?;
            // Of a row that a later one replaces nothing stays; what it is merged with stays.
            if is_superseded {
                self.merging.take(row, merged);
                continue;
            }
            let replaced = comparison::changes(stored, &json).map_err(unreadable)?;
            for (effect, changes) in [(&mut self.replacing, replaced), (&mut self.merging, merged)] {
                if changes.is_empty() {
                    effect.same.insert(row);
                }
                effect.take(row, changes);
            }
        }
        Ok(())
    }
}

/// Holds all records of a source against what is stored; nothing is changed. `superseded` are rows that a later row of
/// the same id replaces, or is merged with. Progress counts rows, and cancels.
pub(crate) async fn preview(
    lookup: &Lookup,
    rows: u64,
    records: impl RecordSource,
    superseded: RowSet,
    progress: &Progress,
) -> Result<Preview, Stopped> {
    progress.restart(rows);
    let listed = pipeline::unless_cancelled(progress, lookup.list(rows)).await?;
    let mut preview = Preview {
        superseded,
        ..Preview::default()
    };
    let look = |batch: &Batch| {
        let (lookup, ids) = (lookup.clone(), ids(batch, &listed));
        async move { lookup.read_listed(&ids).await }
    };
    pipeline::look_up(records, progress, look, |portion, found| {
        preview.left_out += portion.skipped.len() as u64;
        preview.take(&portion.batch, found, &listed)
    })
    .await?;
    preview.settle();
    Ok(preview)
}

/// The ids of a batch under which something may be stored.
fn ids(batch: &Batch, listed: &ListedIds) -> Vec<String> {
    let may_be_there = batch
        .iter()
        .filter(|record| record.key().is_some_and(|key| listed.may_hold(key)));
    let ids = may_be_there.filter_map(|record| record.id.as_deref().map(str::to_owned));
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}
