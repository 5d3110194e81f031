//! A batch is held against what is stored before it leaves: what is there is kept for an undo, what is there already
//! is not sent again, and what is not known to have arrived is settled by reading it back.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use super::{Engine, Flight, Part};
use crate::{
    api::ApiError,
    domain::{comparison, rows::RowSet},
    upload::{
        Batch, Before, Entry, Kept, Looked, Proof, Record, Sent, SkipReason, Stopped,
        lookup::{self, is_worth_another},
        undo::{Standing, standing},
    },
};

/// What is to be done with a record, once it is known what is stored.
enum Verdict {
    /// It is to be sent, or to be deleted.
    Send(Record),
    /// It was sent before without an answer, and is there.
    Settled,
    /// It is there already.
    Unchanged,
    /// Of an undo: something else is there by now.
    ChangedSince,
    /// What is there is needed, and cannot be asked for.
    Unaddressable,
}

impl Engine {
    /// Takes what is stored under the ids of a part, or some of it.
    pub fn looked(&mut self, ticket: u64, looked: Looked, now: Instant) {
        let Some(flight) = self.land(ticket) else { return };
        let Flight { mut part, round, .. } = flight;
        let answers = looked.found.len().max(1);
        part.looks = if looked.found.is_empty() { part.looks + 1 } else { 1 };
        part.found.extend(looked.found);
        // One request says more than many that fail.
        part.is_prepared = part.was_prepared && looked.error.is_some();
        match looked.error {
            None => {
                self.is_proven = true;
                // Every record was an answer of its own; as many requests were under way as in so many flights.
                (0..answers.div_ceil(lookup::AT_ONCE)).for_each(|_| self.window.good());
                self.prepare(part);
            }
            Some(error) if is_worth_another(&error) => self.queue_after_pause(part.looks, part, round, error, now),
            Some(error @ (ApiError::Unauthorized | ApiError::Forbidden)) => self.stop(error.into()),
            Some(error) => self.stop(Stopped::Unreadable(error)),
        }
    }

    /// The ids of a part under which something may be stored, as far as they were not looked up.
    pub(super) fn ids_to_look_up(&self, part: &Part) -> Vec<String> {
        let doubtful = self.account.state().doubtful();
        let may_be_there = |record: &&Record| {
            let key = record.key();
            key.is_some_and(|key| self.listed.may_hold(key)) || doubtful.contains(record.row)
        };
        let mut ids: Vec<String> = part
            .batch
            .iter()
            .filter(may_be_there)
            .filter_map(|record| record.id.as_deref())
            .filter(|id| !part.found.contains_key(*id))
            .map(str::to_owned)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Settles the records of a part that need not be sent, keeps what the others replace, and puts these back into the
    /// queue, those to delete apart. What may be stored was looked up; under other ids nothing is.
    pub(super) fn prepare(&mut self, part: Part) {
        if self.stopped.is_some() {
            return;
        }
        // Nothing is known of ids that were asked for in vain.
        let unknown = self.ids_to_look_up(&part);
        // Of an id that occurs twice the later record meets the earlier one.
        let mut keys = HashSet::new();
        let has_twins = !part.batch.iter().filter_map(Record::key).all(|key| keys.insert(key));
        let mut latest: HashMap<String, Before> = HashMap::new();
        let (mut stored, mut deleted) = (Batch::new(), Batch::new());
        let (mut settled, mut digests) = (RowSet::default(), Vec::new());
        let [mut unchanged, mut changed, mut unaddressable] = [(); 3].map(|()| RowSet::default());
        let mut kept = Vec::new();
        for record in part.batch {
            let Some(id) = record.id.as_deref().map(str::to_owned) else {
                stored.push(record);
                continue;
            };
            let there = match (latest.get(&id), part.found.get(&id)) {
                (Some(there), _) => there.clone(),
                (None, Some(Some(record))) => Before::Record(record.clone()),
                (None, None) if unknown.binary_search(&id).is_ok() => Before::Unknown,
                (None, _) => Before::Nothing,
            };
            let (row, digest) = (record.row, record.digest());
            let verdict = match self.judge(record, &there) {
                Ok(verdict) => verdict,
                Err(error) => {
                    let reason = format!("the record {id}: {error}");
                    self.stop(Stopped::Unreadable(ApiError::Protocol { reason }));
                    return;
                }
            };
            match verdict {
                Verdict::Settled => {
                    settled.insert(row);
                    digests.push(digest);
                }
                Verdict::Unchanged => _ = unchanged.insert(row),
                Verdict::ChangedSince => _ = changed.insert(row),
                Verdict::Unaddressable => _ = unaddressable.insert(row),
                Verdict::Send(record) => {
                    let now = (!record.removes()).then(|| record.text());
                    if self.manner.keep_replaced {
                        // What is written here can be read.
                        let sent = Sent::of(now.as_deref()).unwrap_or_default();
                        let (id, before) = (id.clone(), there);
                        kept.push(Kept { id, before, sent });
                    }
                    if has_twins {
                        let now = now.map_or(Before::Nothing, |now| Before::Record(now.into_owned()));
                        latest.insert(id, now);
                    }
                    if record.removes() {
                        deleted.push(record);
                    } else {
                        stored.push(record);
                    }
                }
            }
        }
        if !kept.is_empty()
            && let Err(error) = self.account.keep(&kept)
        {
            self.stop(super::ledger_failed(&error));
            return;
        }
        let mut is_news = !settled.is_empty();
        if !settled.is_empty() {
            self.note(Entry::Store {
                rows: settled,
                proof: Proof::ReadBack,
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
                self.note(Entry::Skip { rows, reason });
            }
        }
        if is_news {
            self.report();
        }
        for batch in [stored, deleted] {
            let tries = part.tries;
            self.enqueue(Part {
                tries,
                ..Part::prepared(batch)
            });
        }
    }

    /// Holds a record against what is there.
    fn judge(&self, mut record: Record, there: &Before) -> Result<Verdict, serde_json::Error> {
        let there = match there {
            Before::Unknown if record.undoes.is_some() || self.manner.merge => return Ok(Verdict::Unaddressable),
            Before::Unknown | Before::Nothing => None,
            Before::Record(there) => Some(there.as_str()),
        };
        let is_doubtful = self.account.state().doubtful().contains(record.row);
        if record.undoes.is_some() {
            return self.judge_undo(record, there, is_doubtful);
        }
        let Some(there) = there else {
            return Ok(Verdict::Send(record));
        };
        if self.manner.merge {
            record.json = comparison::merged(there, &record.text())?.into_bytes();
        }
        if !is_doubtful && !self.manner.skip_identical {
            return Ok(Verdict::Send(record));
        }
        let is_same = comparison::is_same_record(there, &record.text())?;
        Ok(match (is_same, is_doubtful) {
            (true, true) => Verdict::Settled,
            (true, false) => Verdict::Unchanged,
            (false, _) => Verdict::Send(record),
        })
    }

    /// A record is put back only in the place of what the upload had put there, unless it is to be in any case.
    fn judge_undo(&self, record: Record, there: Option<&str>, is_doubtful: bool) -> Result<Verdict, serde_json::Error> {
        Ok(match standing(&record, there)? {
            Standing::AsBefore if is_doubtful => Verdict::Settled,
            Standing::AsBefore => Verdict::Unchanged,
            Standing::ChangedSince if !self.manner.over_changes => Verdict::ChangedSince,
            Standing::AsSent | Standing::ChangedSince => Verdict::Send(record),
        })
    }
}
