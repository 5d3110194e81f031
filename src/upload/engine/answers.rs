//! What answers and task outcomes mean for the rows of a request.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use super::{Engine, InFlight, QueuedBatch, RequestStage, TaskOutcome};
use crate::{
    api::{Accepted, ApiError},
    upload::{Batch, Bisection, Confirmation, LedgerEntry, UploadRecord, UploadUpdate, bisect},
};

impl Engine {
    /// Takes the answer to a request; returns the task that will tell what became of it, if there is one.
    pub fn on_response(&mut self, ticket: u64, answer: Result<Accepted, ApiError>, now: Instant) -> Option<String> {
        let flight = self.flights.get_mut(&ticket)?;
        match answer {
            Ok(Accepted { task_id }) => {
                let task = task_id.filter(|_| !self.dry_run);
                self.answered.0 += flight.bytes as u64;
                self.answered.1 += 1;
                self.lone.0 += u64::from(flight.queued.batch.len() == 1);
                self.is_proven = true;
                self.window.on_success();
                if let Some(task) = task {
                    flight.stage = RequestStage::Taken(now);
                    let rows = flight.queued.rows.clone();
                    self.note(LedgerEntry::Accept {
                        rows,
                        task: task.clone(),
                    });
                    return Some(task);
                }
                let flight = self.end_request(ticket)?;
                self.stored(&flight, Confirmation::Answer);
            }
            Err(error) => {
                let flight = self.end_request(ticket)?;
                self.failed(flight, error, now);
            }
        }
        self.report();
        None
    }

    /// Handles the outcome of a task.
    pub fn on_task_outcome(&mut self, ticket: u64, outcome: TaskOutcome, now: Instant) {
        let Some(flight) = self.end_request(ticket) else { return };
        match outcome {
            TaskOutcome::Done => self.stored(&flight, Confirmation::Task),
            TaskOutcome::NoSuchTask => self.stored(&flight, Confirmation::Answer),
            TaskOutcome::Refused { lines } => {
                self.mark_waiting(&flight);
                self.refused(flight.queued, &lines);
            }
            TaskOutcome::Failed(error) => {
                self.mark_waiting(&flight);
                self.try_again(flight.queued, flight.round, error, now);
            }
            TaskOutcome::Open(error) => {
                self.mark_unknown(&flight.queued);
                self.stop(error.into());
            }
        }
        self.report();
    }

    /// Handles the outcome of a task that was open at the start. Rows without a known outcome are sent again.
    pub fn on_open_task_outcome(&mut self, task: &str, outcome: &TaskOutcome) {
        let settled = self.account.settle(task, outcome);
        self.stop_on_error(settled);
    }

    fn stored(&mut self, flight: &InFlight, confirmation: Confirmation) {
        let digests = flight.queued.batch.iter().map(UploadRecord::digest).collect();
        let rows = flight.queued.rows.clone();
        if self.write_options.reads_stored() {
            let keys = flight.queued.batch.iter().filter_map(UploadRecord::key);
            keys.for_each(|key| self.ours.add(key));
        }
        self.note(LedgerEntry::Store {
            rows,
            confirmation,
            digests,
        });
    }

    /// A request was not confirmed: its records are sent again, or in parts, or nothing more is sent at all.
    fn failed(&mut self, flight: InFlight, error: ApiError, now: Instant) {
        let may_be_stored = error.may_have_arrived() && !self.dry_run;
        if !may_be_stored {
            self.mark_waiting(&flight);
        }
        let InFlight {
            mut queued,
            round,
            bytes,
            ..
        } = flight;
        if may_be_stored {
            self.mark_unknown(&queued);
            // Whether it was stored is found out by looking the records up.
            let is_blind = !self.write_options.merge && queued.batch.iter().all(|record| record.reverts.is_none());
            queued.was_prepared = queued.prepared.is_some() && is_blind;
            queued.look_again();
        }
        // A server that has answered well before is the right one, whatever stood in between this time.
        let is_passing = matches!(error, ApiError::Protocol { .. }) && self.is_proven;
        if error.retryable() || is_passing {
            self.try_again(queued, round, error, now);
            return;
        }
        let is_lone = queued.batch.len() == 1;
        match error {
            ApiError::Rejected { lines, message } => {
                self.count(bytes, is_lone, false);
                let lines = if lines.is_empty() && !message.is_empty() {
                    vec![message]
                } else {
                    lines
                };
                self.refused(queued, &lines);
            }
            ApiError::TooLarge => {
                self.byte_limit.too_large(bytes);
                self.lone.0 += u64::from(is_lone);
                if is_lone {
                    let line = "The record is larger than the server takes in one request".to_owned();
                    self.refuse(&queued, 0, vec![line]);
                } else {
                    self.halve(queued);
                }
            }
            // A playground refuses every record alike.
            ApiError::Server {
                status: 400,
                ref message,
                ..
            } if !message.to_lowercase().contains("playground") => {
                self.count(bytes, is_lone, true);
                if !is_lone {
                    self.halve(queued);
                } else if self.lone == (2, 2) {
                    // When the first two single records are both refused, the server refuses everything.
                    self.stop(error.into());
                } else {
                    let line = if message.is_empty() {
                        error.to_string()
                    } else {
                        message.clone()
                    };
                    self.refuse(&queued, 0, vec![line]);
                }
            }
            error => self.stop(error.into()),
        }
    }

    /// Nothing of a request is stored, so that it replaced nothing.
    fn mark_waiting(&mut self, flight: &InFlight) {
        let rows = flight.queued.rows.clone();
        self.note(LedgerEntry::Return { rows });
        let forgotten = flight
            .replaced
            .as_ref()
            .map_or(Ok(()), |replaced| self.account.forget(replaced));
        self.stop_on_error(forgotten);
    }

    /// Sends a batch again after a pause, or gives up when that was tried often enough.
    fn try_again(&mut self, mut queued: QueuedBatch, round: u64, error: ApiError, now: Instant) {
        queued.tries += 1;
        self.queue_after_pause(queued.tries, queued, round, error, now);
    }

    /// Puts a batch back into the queue, of which nothing leaves before a pause has passed; or gives up when that was
    /// tried often enough.
    pub(super) fn queue_after_pause(
        &mut self,
        tries: u32,
        queued: QueuedBatch,
        round: u64,
        error: ApiError,
        now: Instant,
    ) {
        let pause = self.policy.pause(tries, &error, fastrand::f64());
        self.window.on_trouble(round, now + pause.unwrap_or(Duration::ZERO));
        let Some(pause) = pause else {
            self.stop(error.into());
            return;
        };
        self.events.push_back(UploadUpdate::Waiting {
            pause,
            reason: error.to_string(),
            attempt: tries,
            of: self.policy.max_tries,
        });
        self.enqueue(queued);
    }

    /// The server refuses a request: its culprits are taken out, or it is split until they are known.
    fn refused(&mut self, mut queued: QueuedBatch, lines: &[String]) {
        match bisect(lines, queued.batch.len()) {
            Bisection::Split => self.halve(queued),
            Bisection::Cut(mut culprits) => {
                self.keep_first_of_id(&queued, &mut culprits);
                let positions: Vec<usize> = culprits.keys().copied().collect();
                for (position, lines) in culprits {
                    self.refuse(&queued, position, lines);
                }
                let mut position = 0;
                queued.batch.retain(|_| {
                    position += 1;
                    positions.binary_search(&(position - 1)).is_err()
                });
                let (batch, prepared) = (queued.batch, queued.prepared);
                self.enqueue_rest(batch, prepared);
            }
        }
    }

    /// Keeps a record that was merged with a culprit of the same id before it: it may be fine by itself.
    fn keep_first_of_id(&self, queued: &QueuedBatch, culprits: &mut BTreeMap<usize, Vec<String>>) {
        let mut refused = HashSet::new();
        culprits.retain(|&position, _| {
            let key = queued.batch.get(position).and_then(UploadRecord::key);
            !self.write_options.merge || key.is_none_or(|key| refused.insert(key))
        });
    }

    fn refuse(&mut self, queued: &QueuedBatch, position: usize, lines: Vec<String>) {
        let Some(record) = queued.batch.get(position) else {
            return;
        };
        let row = record.row;
        let entry = LedgerEntry::Refuse {
            row,
            lines: lines.clone(),
        };
        if self.note(entry) {
            self.events.push_back(UploadUpdate::Rejected { row, lines });
        }
    }

    fn halve(&mut self, queued: QueuedBatch) {
        let mut earlier = queued.batch;
        let later = earlier.split_off(earlier.len() / 2);
        self.enqueue_rest(earlier, queued.prepared);
        self.enqueue_rest(later, queued.prepared);
    }

    /// Records of a batch of which nothing is stored. What was merged with a record beside it that is refused is merged
    /// anew.
    fn enqueue_rest(&mut self, batch: Batch, prepared: Option<Instant>) {
        let prepared = prepared.filter(|_| !self.write_options.merge);
        self.enqueue(QueuedBatch {
            prepared,
            ..QueuedBatch::new(batch)
        });
    }

    /// Notes that the outcome of records is unknown. A dry run stores nothing.
    pub(super) fn mark_unknown(&mut self, queued: &QueuedBatch) {
        let rows = queued.rows.clone();
        self.note(if self.dry_run {
            LedgerEntry::Return { rows }
        } else {
            LedgerEntry::Lose { rows }
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
