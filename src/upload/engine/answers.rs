//! What an answer, or a task, means for the rows of a request.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use super::{Engine, Flight, Part, Stage, Told};
use crate::{
    api::{Accepted, ApiError},
    upload::{Batch, Entry, Proof, Record, UploadEvent, Verdict, examine},
};

impl Engine {
    /// Takes the answer to a request; returns the task that will tell what became of it, if there is one.
    pub fn arrive(&mut self, ticket: u64, answer: Result<Accepted, ApiError>, now: Instant) -> Option<String> {
        let flight = self.flights.get_mut(&ticket)?;
        match answer {
            Ok(Accepted { task_id }) => {
                let task = task_id.filter(|_| !self.dry_run);
                self.answered.0 += flight.bytes as u64;
                self.answered.1 += 1;
                self.lone.0 += u64::from(flight.part.batch.len() == 1);
                self.is_proven = true;
                self.window.good();
                if let Some(task) = task {
                    flight.stage = Stage::Taken;
                    let rows = flight.part.rows.clone();
                    self.note(Entry::Accept {
                        rows,
                        task: task.clone(),
                    });
                    return Some(task);
                }
                let flight = self.land(ticket)?;
                self.stored(&flight, Proof::Answer);
            }
            Err(error) => {
                let flight = self.land(ticket)?;
                self.failed(flight, error, now);
            }
        }
        self.report();
        None
    }

    /// Takes what became of a task.
    pub fn told(&mut self, ticket: u64, told: Told, now: Instant) {
        let Some(flight) = self.land(ticket) else { return };
        match told {
            Told::Done => self.stored(&flight, Proof::Task),
            Told::NoSuchTask => self.stored(&flight, Proof::Answer),
            Told::Refused { lines } => {
                self.come_back(&flight);
                self.refused(flight.part, &lines);
            }
            Told::Failed(error) => {
                self.come_back(&flight);
                self.try_again(flight.part, flight.round, error, now);
            }
            Told::Open(error) => {
                self.lose(&flight.part);
                self.stop(error.into());
            }
        }
        self.report();
    }

    /// Takes what became of such a task. Rows of which nobody knows are sent again.
    pub fn told_later(&mut self, task: &str, told: &Told) {
        let settled = self.account.settle(task, told);
        self.stop_on_error(settled);
    }

    fn stored(&mut self, flight: &Flight, proof: Proof) {
        let digests = flight.part.batch.iter().map(Record::digest).collect();
        let rows = flight.part.rows.clone();
        if self.manner.looks() {
            let keys = flight.part.batch.iter().filter_map(Record::key);
            keys.for_each(|key| self.ours.add(key));
        }
        self.note(Entry::Store { rows, proof, digests });
    }

    /// A request was not confirmed: its records are sent again, or in parts, or nothing more is sent at all.
    fn failed(&mut self, flight: Flight, error: ApiError, now: Instant) {
        let may_be_stored = error.may_have_arrived() && !self.dry_run;
        if !may_be_stored {
            self.come_back(&flight);
        }
        let Flight {
            mut part, round, bytes, ..
        } = flight;
        if may_be_stored {
            self.lose(&part);
            // Whether it was stored is best seen by looking.
            let is_blind = !self.manner.merge && part.batch.iter().all(|record| record.undoes.is_none());
            part.was_prepared = part.prepared.is_some() && is_blind;
            part.look_again();
        }
        // A server that has answered well before is the right one, whatever stood in between this time.
        let is_passing = matches!(error, ApiError::Protocol { .. }) && self.is_proven;
        if error.retryable() || is_passing {
            self.try_again(part, round, error, now);
            return;
        }
        let is_lone = part.batch.len() == 1;
        match error {
            ApiError::Rejected { lines, message } => {
                self.count(bytes, is_lone, false);
                let lines = if lines.is_empty() && !message.is_empty() {
                    vec![message]
                } else {
                    lines
                };
                self.refused(part, &lines);
            }
            ApiError::TooLarge => {
                self.most_bytes.too_large(bytes);
                self.lone.0 += u64::from(is_lone);
                if is_lone {
                    let line = "The record is larger than the server takes in one request".to_owned();
                    self.refuse(&part, 0, vec![line]);
                } else {
                    self.halve(part);
                }
            }
            // What a playground does not allow, it allows for no record.
            ApiError::Server {
                status: 400,
                ref message,
                ..
            } if !message.to_lowercase().contains("playground") => {
                self.count(bytes, is_lone, true);
                if !is_lone {
                    self.halve(part);
                } else if self.lone == (2, 2) {
                    // The first two that stand alone are hardly both the culprit: the server refuses everything.
                    self.stop(error.into());
                } else {
                    let line = if message.is_empty() {
                        error.to_string()
                    } else {
                        message.clone()
                    };
                    self.refuse(&part, 0, vec![line]);
                }
            }
            error => self.stop(error.into()),
        }
    }

    /// Nothing of a request is stored, so that it replaced nothing.
    fn come_back(&mut self, flight: &Flight) {
        let rows = flight.part.rows.clone();
        self.note(Entry::Return { rows });
        let forgotten = flight.kept.as_ref().map_or(Ok(()), |kept| self.account.forget(kept));
        self.stop_on_error(forgotten);
    }

    /// Sends a part again after a pause, or gives up when that was tried often enough.
    fn try_again(&mut self, mut part: Part, round: u64, error: ApiError, now: Instant) {
        part.tries += 1;
        self.queue_after_pause(part.tries, part, round, error, now);
    }

    /// Puts a part back into the queue, of which nothing leaves before a pause has passed; or gives up when that was
    /// tried often enough.
    pub(super) fn queue_after_pause(&mut self, tries: u32, part: Part, round: u64, error: ApiError, now: Instant) {
        let pause = self.policy.pause(tries, &error, fastrand::f64());
        self.window.trouble(round, now + pause.unwrap_or(Duration::ZERO));
        let Some(pause) = pause else {
            self.stop(error.into());
            return;
        };
        self.events.push_back(UploadEvent::Waiting {
            pause,
            reason: error.to_string(),
            attempt: tries,
            of: self.policy.max_tries,
        });
        self.enqueue(part);
    }

    /// The server refuses a request: its culprits are taken out, or it is split until they are known.
    fn refused(&mut self, mut part: Part, lines: &[String]) {
        match examine(lines, part.batch.len()) {
            Verdict::Split => self.halve(part),
            Verdict::Cut(mut culprits) => {
                self.acquit(&part, &mut culprits);
                let places: Vec<usize> = culprits.keys().copied().collect();
                for (place, lines) in culprits {
                    self.refuse(&part, place, lines);
                }
                let mut place = 0;
                part.batch.retain(|_| {
                    place += 1;
                    places.binary_search(&(place - 1)).is_err()
                });
                let (batch, prepared) = (part.batch, part.prepared);
                self.enqueue_rest(batch, prepared);
            }
        }
    }

    /// A record that was merged with a culprit of the same id before it may be none itself.
    fn acquit(&self, part: &Part, culprits: &mut BTreeMap<usize, Vec<String>>) {
        let mut refused = HashSet::new();
        culprits.retain(|&place, _| {
            let key = part.batch.get(place).and_then(Record::key);
            !self.manner.merge || key.is_none_or(|key| refused.insert(key))
        });
    }

    fn refuse(&mut self, part: &Part, place: usize, lines: Vec<String>) {
        let Some(record) = part.batch.get(place) else { return };
        let row = record.row;
        let entry = Entry::Refuse {
            row,
            lines: lines.clone(),
        };
        if self.note(entry) {
            self.events.push_back(UploadEvent::Rejected { row, lines });
        }
    }

    fn halve(&mut self, part: Part) {
        let mut earlier = part.batch;
        let later = earlier.split_off(earlier.len() / 2);
        self.enqueue_rest(earlier, part.prepared);
        self.enqueue_rest(later, part.prepared);
    }

    /// Records of a part of which nothing is stored. What was merged with a record beside it that is refused is merged
    /// anew.
    fn enqueue_rest(&mut self, batch: Batch, prepared: Option<Instant>) {
        let prepared = prepared.filter(|_| !self.manner.merge);
        self.enqueue(Part {
            prepared,
            ..Part::new(batch)
        });
    }

    /// Notes that nobody said what became of records. A dry run stores nothing.
    pub(super) fn lose(&mut self, part: &Part) {
        let rows = part.rows.clone();
        self.note(if self.dry_run {
            Entry::Return { rows }
        } else {
            Entry::Lose { rows }
        });
    }

    const fn count(&mut self, bytes: usize, is_lone: bool, is_unreadable: bool) {
        self.answered.0 += bytes as u64;
        self.answered.1 += 1;
        self.is_proven = true;
        if is_lone {
            self.lone.0 += 1;
            self.lone.1 += is_unreadable as u64;
        }
    }
}
