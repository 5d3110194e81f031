//! A batch is held against what is stored before it leaves: what is there is kept for a revert, what is there already
//! is not sent again, and what is not known to have arrived is settled by reading it back.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use super::{Engine, InFlight, QueuedBatch};
use crate::{
    api::ApiError,
    domain::{comparison, rows::RowSet},
    upload::{
        Batch, Before, Confirmation, LedgerEntry, ListedIds, LookupOutcome, Prior, SkipReason, Stopped, UploadRecord,
        lookup::{self, is_worth_another},
        revert::{Standing, standing},
    },
};

/// What is done with a record, given what is stored.
enum Disposition {
    /// It is to be sent, or to be deleted; with what it was before it was merged.
    Send(UploadRecord, Option<Vec<u8>>),
    /// It was sent before without an answer, and is stored.
    Settled,
    /// An equal record is stored already.
    Unchanged,
    /// Of a revert: something else is there by now.
    ChangedSince,
    /// The stored record is needed, and no address can carry its id.
    Unaddressable,
}

impl Engine {
    /// Takes what is stored under the ids of a batch, or some of it.
    pub fn on_lookup(&mut self, ticket: u64, lookup_outcome: LookupOutcome, now: Instant) {
        let Some(flight) = self.end_request(ticket) else { return };
        let InFlight { mut queued, round, .. } = flight;
        let answers = lookup_outcome.found.len().max(1);
        queued.looks = if lookup_outcome.found.is_empty() {
            queued.looks + 1
        } else {
            1
        };
        queued.found.extend(lookup_outcome.found);
        if lookup_outcome.error.is_some() {
            // Ids without an answer are asked for again.
            queued.asked.retain(|id| queued.found.contains_key(id));
        }
        if self.is_list_behind(&queued) {
            return self.look_everything_up(queued);
        }
        // Sending the batch again settles it with one request, where many lookups fail.
        queued.prepared = Some(now).filter(|_| queued.was_prepared && lookup_outcome.error.is_some());
        match lookup_outcome.error {
            None => {
                self.is_proven = true;
                // Every record was an answer of its own; as many requests were under way as in so many requests.
                (0..answers.div_ceil(lookup::AT_ONCE)).for_each(|_| self.window.on_success());
                // Meanwhile a newer list may hold more of its ids.
                if self
                    .ids_that_may_hold(&queued)
                    .iter()
                    .all(|id| queued.asked.contains(id))
                {
                    self.prepare(queued, now);
                } else {
                    self.enqueue(queued);
                }
            }
            Some(error) if is_worth_another(&error) => self.queue_after_pause(queued.looks, queued, round, error, now),
            Some(error @ (ApiError::Unauthorized | ApiError::Forbidden)) => self.stop(error.into()),
            Some(error) => self.stop(Stopped::Unreadable(error)),
        }
    }

    /// Whether something is stored under an id that the server did not list: others store as well, and a list may come
    /// from an index that is made now and then.
    fn is_list_behind(&self, queued: &QueuedBatch) -> bool {
        let is_held = |id: &str| queued.found.get(id).is_some_and(Option::is_some);
        queued.batch.iter().any(|record| {
            let key = record
                .key()
                .filter(|key| !self.listed.may_hold(*key) && !self.ours.may_hold(*key));
            key.is_some() && record.id.as_deref().is_some_and(is_held) && !self.is_doubtful(record)
        })
    }

    /// From now on every id is looked up, also those of records that were held against the list.
    fn look_everything_up(&mut self, queued: QueuedBatch) {
        self.listed = ListedIds::All;
        self.queue.values_mut().for_each(QueuedBatch::look_again);
        self.enqueue(queued);
    }

    fn is_doubtful(&self, record: &UploadRecord) -> bool {
        self.account.state().doubtful().contains(record.row)
    }

    /// The ids of a batch under which something may be stored, as far as they were not looked up; and one of those
    /// under which nothing should be, to see whether that is so.
    pub(super) fn ids_to_look_up(&self, queued: &QueuedBatch) -> Vec<String> {
        let mut ids = self.ids_that_may_hold(queued);
        let listed_as_free: Vec<&str> = queued
            .batch
            .iter()
            .filter(|record| !self.may_be_there(record))
            .filter_map(|record| record.id.as_deref())
            .collect();
        let probe = listed_as_free.get(fastrand::usize(..listed_as_free.len().max(1)));
        ids.extend(probe.map(|id| (*id).to_owned()));
        ids
    }

    /// The ids of a batch under which something may be stored, as far as they were not looked up.
    fn ids_that_may_hold(&self, queued: &QueuedBatch) -> Vec<String> {
        let mut ids: Vec<String> = queued
            .batch
            .iter()
            .filter(|record| self.may_be_there(record))
            .filter_map(|record| record.id.as_deref())
            .filter(|id| !queued.found.contains_key(*id))
            .map(str::to_owned)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn may_be_there(&self, record: &UploadRecord) -> bool {
        let may_hold = |key| {
            // A later row with the same id is to be merged with the one before.
            self.listed.may_hold(key) || (self.write_options.merge && self.ours.may_hold(key))
        };
        record.key().is_some_and(may_hold) || self.is_doubtful(record)
    }

    /// Settles the records of a batch that need not be sent, has the others carry what they replace, and puts these
    /// back into the queue, those to delete apart. What may be stored was looked up; under other ids nothing is.
    pub(super) fn prepare(&mut self, queued: QueuedBatch, now: Instant) {
        if self.stopped.is_some() {
            return;
        }
        // Of an id that occurs twice the later record meets the earlier one.
        let mut keys = HashSet::new();
        let has_twins = !queued
            .batch
            .iter()
            .filter_map(UploadRecord::key)
            .all(|key| keys.insert(key));
        let mut latest: HashMap<String, Before> = HashMap::new();
        let (mut stored, mut deleted) = (Batch::new(), Batch::new());
        let (mut settled, mut digests) = (RowSet::default(), Vec::new());
        let [mut unchanged, mut changed, mut unaddressable] = [(); 3].map(|()| RowSet::default());
        for mut record in queued.batch {
            // The record is taken as the row has it, without an earlier merge.
            if let Some(unmerged) = record.prior.take().and_then(|prior| prior.unmerged) {
                record.json = unmerged;
            }
            let Some(id) = record.id.as_deref().map(str::to_owned) else {
                stored.push(record);
                continue;
            };
            let there = match (latest.get(&id), queued.found.get(&id)) {
                (Some(there), _) => there.clone(),
                (None, Some(Some(record))) => Before::Record(record.clone()),
                // It was asked for, and cannot be read.
                (None, None) if queued.asked.contains(&id) => Before::Unknown,
                (None, _) => Before::Nothing,
            };
            let (row, digest, key) = (record.row, record.digest(), record.key());
            let disposition = match self.judge(record, &there) {
                Ok(disposition) => disposition,
                Err(error) => {
                    let reason = format!("the record {id}: {error}");
                    self.stop(Stopped::Unreadable(ApiError::Protocol { reason }));
                    return;
                }
            };
            match disposition {
                Disposition::Settled => {
                    settled.insert(row);
                    digests.push(digest);
                    if let Some(key) = key {
                        self.ours.add(key);
                    }
                }
                Disposition::Unchanged => _ = unchanged.insert(row),
                Disposition::ChangedSince => _ = changed.insert(row),
                Disposition::Unaddressable => _ = unaddressable.insert(row),
                Disposition::Send(mut record, unmerged) => {
                    record.prior = Some(Box::new(Prior {
                        before: there,
                        unmerged,
                    }));
                    if has_twins {
                        let text = (!record.removes()).then(|| record.text().into_owned());
                        latest.insert(id, text.map_or(Before::Nothing, Before::Record));
                    }
                    if record.removes() {
                        deleted.push(record);
                    } else {
                        stored.push(record);
                    }
                }
            }
        }
        let mut is_news = !settled.is_empty();
        if !settled.is_empty() {
            self.note(LedgerEntry::Store {
                rows: settled,
                confirmation: Confirmation::ReadBack,
                digests,
            });
        }
        for (rows, reason) in [
            (unchanged, SkipReason::Unchanged),
            (changed, SkipReason::ChangedSince),
            (unaddressable, SkipReason::Unaddressable),
        ] {
            if !rows.is_empty() {
                is_news = true;
                self.note(LedgerEntry::Skip { rows, reason });
            }
        }
        if is_news {
            self.report();
        }
        for batch in [stored, deleted] {
            let tries = queued.tries;
            self.enqueue(QueuedBatch {
                tries,
                prepared: Some(now),
                ..QueuedBatch::new(batch)
            });
        }
    }

    /// Compares a record with the stored one.
    fn judge(&self, mut record: UploadRecord, there: &Before) -> Result<Disposition, serde_json::Error> {
        let there = match there {
            Before::Unknown if record.reverts.is_some() || self.write_options.merge => {
                return Ok(Disposition::Unaddressable);
            }
            Before::Unknown | Before::Nothing => None,
            Before::Record(there) => Some(there.as_str()),
        };
        let is_doubtful = self.account.state().doubtful().contains(record.row);
        if record.reverts.is_some() {
            return self.judge_revert(record, there, is_doubtful);
        }
        let Some(there) = there else {
            return Ok(Disposition::Send(record, None));
        };
        let mut unmerged = None;
        if self.write_options.merge {
            let merged = comparison::merged(there, &record.text())?.into_bytes();
            unmerged = Some(std::mem::replace(&mut record.json, merged));
        }
        if !is_doubtful && !self.write_options.skip_identical {
            return Ok(Disposition::Send(record, unmerged));
        }
        let is_same = comparison::is_same_record(there, &record.text())?;
        Ok(match (is_same, is_doubtful) {
            (true, true) => Disposition::Settled,
            (true, false) => Disposition::Unchanged,
            (false, _) => Disposition::Send(record, unmerged),
        })
    }

    /// A record is put back only in the place of what the upload had put there, unless it is to be in any case.
    fn judge_revert(
        &self,
        record: UploadRecord,
        there: Option<&str>,
        is_doubtful: bool,
    ) -> Result<Disposition, serde_json::Error> {
        Ok(match standing(&record, there)? {
            Standing::AsBefore if is_doubtful => Disposition::Settled,
            Standing::AsBefore => Disposition::Unchanged,
            Standing::ChangedSince if !self.write_options.over_changes => Disposition::ChangedSince,
            Standing::AsSent | Standing::ChangedSince => Disposition::Send(record, None),
        })
    }
}
