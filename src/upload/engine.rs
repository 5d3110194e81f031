//! Decides what an upload does next: which batch leaves, and what an answer means for its rows. It neither waits nor
//! connects, so that any sequence of answers can be tried on it; [`crate::upload::run`] performs what it decides.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use super::{
    Account, Batch, Entry, LedgerError, MostBytes, Pace, Proof, RetryPolicy, SkipReason, Stopped, UploadEvent, Verdict,
    body, examine, window::Window,
};
use crate::{
    api::{Accepted, ApiError},
    domain::rows::RowSet,
};

/// Batches that may be ready beyond those that may leave at once; with it memory stays flat.
const AHEAD: usize = 2;

/// Bytes of bodies under way at which no more leave.
const MOST_BYTES_UNDER_WAY: usize = 24 << 20;
/// Requests that the server has taken, but not finished with, at most.
const MOST_TAKEN: usize = 32;

/// A request that is to be sent now.
#[derive(Debug)]
pub struct Departure {
    /// Under which its answer is to be handed in.
    pub ticket: u64,
    /// Its body.
    pub body: Vec<u8>,
}

/// What became of a task of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is done: the records are stored.
    Done,
    /// It failed: nothing of the request is stored.
    Failed {
        /// What the server says.
        lines: Vec<String>,
    },
    /// The server knows no such task; then its answer to the request stands.
    NoSuchTask,
    /// Nobody knows yet.
    Open(ApiError),
}

/// Records that are sent together.
#[derive(Debug)]
struct Part {
    batch: Batch,
    rows: RowSet,
    /// Tries that failed.
    tries: u32,
}

#[derive(Debug)]
struct Flight {
    part: Part,
    round: u64,
    bytes: usize,
    /// Whether the server has taken it, and a task will tell what became of it.
    is_taken: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Engine {
    account: Account,
    policy: RetryPolicy,
    window: Window,
    most_bytes: MostBytes,
    dry_run: bool,
    /// By first row: earlier rows first.
    queue: BTreeMap<u32, Part>,
    flights: HashMap<u64, Flight>,
    /// Ids that are under way.
    busy: HashSet<u64>,
    next_ticket: u64,
    stopped: Option<Stopped>,
    /// Answers to records that were sent alone, and how many of them were 400.
    lone: (u64, u64),
    /// Bytes of bodies, and requests, that were answered.
    answered: (u64, u64),
    events: VecDeque<UploadEvent>,
}

impl Engine {
    /// Goes on from what the account says.
    pub fn new(account: Account, policy: RetryPolicy, pace: Pace, most_bytes: MostBytes, dry_run: bool) -> Self {
        Self {
            account,
            policy,
            window: Window::new(pace),
            most_bytes,
            dry_run,
            queue: BTreeMap::new(),
            flights: HashMap::new(),
            busy: HashSet::new(),
            next_ticket: 0,
            stopped: None,
            lone: (0, 0),
            answered: (0, 0),
            events: VecDeque::new(),
        }
    }

    /// What is known about the rows.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The account, to note what belongs to no request.
    pub const fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// Why nothing more is sent, if so.
    pub const fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Bytes of bodies, and requests, that were answered.
    pub const fn answered(&self) -> (u64, u64) {
        self.answered
    }

    /// What there is to tell.
    pub fn next_event(&mut self) -> Option<UploadEvent> {
        self.events.pop_front()
    }

    /// Whether more batches are welcome.
    pub fn is_hungry(&self) -> bool {
        self.stopped.is_none() && self.queue.len() < self.window.size() + AHEAD
    }

    /// Whether no request is under way, and none can leave.
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty() && (self.queue.is_empty() || self.stopped.is_some())
    }

    /// Takes rows to leave out, and a batch to send.
    pub fn take(&mut self, skipped: &[(u32, SkipReason)], batch: Batch) {
        for reason in [SkipReason::HasErrors, SkipReason::Unreadable, SkipReason::Unchanged] {
            let rows: RowSet = skipped
                .iter()
                .filter(|(_, why)| *why == reason)
                .map(|(row, _)| *row)
                .collect();
            if !rows.is_empty() {
                self.note(Entry::Skip { rows, reason });
            }
        }
        // Otherwise the batch's answer tells it soon.
        if batch.is_empty() {
            self.report();
        }
        self.enqueue(batch, 0);
    }

    /// The next request, if one may leave now; that it leaves is written down.
    pub fn depart(&mut self, now: Instant) -> Option<Departure> {
        let under_way = self.flights.values().filter(|flight| !flight.is_taken).count();
        let bytes: usize = self.flights.values().map(|flight| flight.bytes).sum();
        let is_full = bytes >= MOST_BYTES_UNDER_WAY
            || under_way >= self.window.size()
            || self.flights.len() >= self.window.size() + MOST_TAKEN;
        if self.stopped.is_some() || is_full || self.window.wait(now).is_some() {
            return None;
        }
        let first = self.first_free()?;
        let part = self.queue.remove(&first)?;
        if !self.note(Entry::Send {
            rows: part.rows.clone(),
        }) {
            self.queue.insert(first, part);
            return None;
        }
        self.window.leaves(part.batch.len(), now);
        self.busy.extend(part.batch.iter().filter_map(|record| record.key));
        let body = body(&part.batch);
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let flight = Flight {
            part,
            round: self.window.round(),
            bytes: body.len(),
            is_taken: false,
        };
        self.flights.insert(ticket, flight);
        Some(Departure { ticket, body })
    }

    /// When the next request may leave without anything else happening.
    pub fn next_departure(&self, now: Instant) -> Option<Instant> {
        if self.stopped.is_some() || self.queue.is_empty() {
            return None;
        }
        self.window.wait(now)
    }

    /// Ends the pause before another try.
    pub const fn hurry(&mut self) {
        self.window.hurry();
    }

    /// Sends nothing more.
    pub fn stop(&mut self, why: Stopped) {
        self.stopped.get_or_insert(why);
    }

    /// Takes the answer to a request; returns the task that will tell what became of it, if there is one.
    pub fn arrive(&mut self, ticket: u64, answer: Result<Accepted, ApiError>, now: Instant) -> Option<String> {
        let flight = self.flights.get_mut(&ticket)?;
        match answer {
            Ok(Accepted { task_id }) => {
                let task = task_id.filter(|_| !self.dry_run);
                self.answered.0 += flight.bytes as u64;
                self.answered.1 += 1;
                self.lone.0 += u64::from(flight.part.batch.len() == 1);
                self.window.good();
                if let Some(task) = task {
                    flight.is_taken = true;
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
    pub fn told(&mut self, ticket: u64, told: Told) {
        let Some(flight) = self.land(ticket) else { return };
        match told {
            Told::Done => self.stored(&flight, Proof::Task),
            Told::NoSuchTask => self.stored(&flight, Proof::Answer),
            Told::Failed { lines } => {
                self.note(Entry::Return {
                    rows: flight.part.rows.clone(),
                });
                self.refused(flight.part, &lines);
            }
            Told::Open(error) => {
                self.lose(&flight.part);
                self.stop(error.into());
            }
        }
        self.report();
    }

    /// Tasks that were open when the upload last ended: to be asked for before anything leaves.
    pub fn open_tasks(&self) -> Vec<String> {
        self.account.state().tasks().keys().cloned().collect()
    }

    /// Takes what became of such a task. Rows of which nobody knows are sent again.
    pub fn told_later(&mut self, task: &str, told: &Told) {
        let Some(rows) = self.account.state().tasks().get(task).cloned() else {
            return;
        };
        self.note(match told {
            Told::Done => Entry::Store {
                rows,
                proof: Proof::Task,
                digests: Vec::new(),
            },
            Told::Failed { .. } => Entry::Return { rows },
            Told::NoSuchTask | Told::Open(_) => Entry::Lose { rows },
        });
    }

    /// Waits no longer for a request.
    pub fn give_up(&mut self, ticket: u64) {
        if let Some(flight) = self.land(ticket) {
            self.lose(&flight.part);
            self.report();
        }
    }

    /// The requests under way.
    pub fn tickets(&self) -> Vec<u64> {
        self.flights.keys().copied().collect()
    }

    /// Ends the upload: what is under way is given up, and the account is closed.
    pub fn end(mut self) -> (Account, Option<Stopped>) {
        for ticket in self.tickets() {
            self.give_up(ticket);
        }
        let why = self.stopped.as_ref().map(ToString::to_string);
        if let Err(error) = self.account.end(why.as_deref()) {
            self.stopped.get_or_insert(Stopped::Ledger(error.to_string()));
        }
        (self.account, self.stopped)
    }

    /// The first batch none of whose ids is under way, or in a batch before it.
    fn first_free(&self) -> Option<u32> {
        let mut before = HashSet::new();
        for (first, part) in &self.queue {
            let keys = || part.batch.iter().filter_map(|record| record.key);
            if keys().all(|key| !self.busy.contains(&key) && !before.contains(&key)) {
                return Some(*first);
            }
            before.extend(keys());
        }
        None
    }

    fn enqueue(&mut self, batch: Batch, tries: u32) {
        let Some(first) = batch.first().map(|record| record.row) else {
            return;
        };
        let rows = batch.iter().map(|record| record.row).collect();
        self.queue.insert(first, Part { batch, rows, tries });
    }

    fn land(&mut self, ticket: u64) -> Option<Flight> {
        let flight = self.flights.remove(&ticket)?;
        for key in flight.part.batch.iter().filter_map(|record| record.key) {
            self.busy.remove(&key);
        }
        Some(flight)
    }

    fn stored(&mut self, flight: &Flight, proof: Proof) {
        let digests = flight.part.batch.iter().map(super::Record::digest).collect();
        let rows = flight.part.rows.clone();
        self.note(Entry::Store { rows, proof, digests });
    }

    /// A request was not confirmed: its records are sent again, or in parts, or nothing more is sent at all.
    fn failed(&mut self, flight: Flight, error: ApiError, now: Instant) {
        let Flight {
            mut part, round, bytes, ..
        } = flight;
        if error.may_have_arrived() && !self.dry_run {
            self.lose(&part);
        } else {
            self.note(Entry::Return {
                rows: part.rows.clone(),
            });
        }
        part.tries += 1;
        if error.retryable() {
            let pause = self.policy.pause_after(part.tries, &error, fastrand::f64());
            self.window.trouble(round, now + pause.unwrap_or(Duration::ZERO));
            match pause {
                None => self.stop(error.into()),
                Some(pause) => {
                    self.events.push_back(UploadEvent::Waiting {
                        pause,
                        reason: error.to_string(),
                        attempt: part.tries,
                        of: self.policy.max_tries,
                    });
                    self.enqueue(part.batch, part.tries);
                }
            }
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

    /// The server refuses a request: its culprits are taken out, or it is split until they are known.
    fn refused(&mut self, mut part: Part, lines: &[String]) {
        match examine(lines, part.batch.len()) {
            Verdict::Split => self.halve(part),
            Verdict::Cut(culprits) => {
                let places: Vec<usize> = culprits.keys().copied().collect();
                for (place, lines) in culprits {
                    self.refuse(&part, place, lines);
                }
                let mut place = 0;
                part.batch.retain(|_| {
                    place += 1;
                    places.binary_search(&(place - 1)).is_err()
                });
                self.enqueue(part.batch, 0);
            }
        }
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
        self.enqueue(earlier, 0);
        self.enqueue(later, 0);
    }

    /// Notes that nobody said what became of records. A dry run stores nothing.
    fn lose(&mut self, part: &Part) {
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
        if is_lone {
            self.lone.0 += 1;
            self.lone.1 += is_unreadable as u64;
        }
    }

    /// Writes a step down. When that is impossible nothing more is sent: an upload that nobody can look up later
    /// would be a lie.
    fn note(&mut self, entry: Entry) -> bool {
        let noted = self.account.note(entry);
        if let Err(error) = &noted {
            self.stop(ledger_failed(error));
        }
        noted.is_ok()
    }

    fn report(&mut self) {
        let (bytes, requests) = self.answered;
        self.events.push_back(UploadEvent::Progress {
            tally: self.account.state().tally(),
            bytes,
            requests,
        });
    }
}

fn ledger_failed(error: &LedgerError) -> Stopped {
    Stopped::Ledger(error.to_string())
}
