//! Decides what an upload does next: which batch leaves, and what an answer means for its rows. It neither waits nor
//! connects, so that any sequence of answers can be tried on it; [`crate::upload::run`] performs what it decides.
//!
//! - [`prepare`]: a batch is held against what is stored before it leaves
//! - [`answers`]: what an answer, or a task, means for the rows of a request

mod answers;
mod prepare;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use super::{
    Account, Batch, ByteLimit, FoundRecords, LedgerEntry, LedgerError, ListedIds, Pace, Replaced, RetryPolicy,
    SkipReason, SnapshotRange, Stopped, TaskOutcome, UploadRecord, UploadUpdate, WriteOptions, body, lookup::IdFilter,
    window::Window,
};
use crate::domain::rows::RowSet;

/// How many batches may wait beyond those that can leave at once; a bound on memory.
const AHEAD: usize = 2;

/// Bytes of records that may be ready, beyond those few batches.
const MOST_BYTES_AHEAD: usize = 4 << 20;
/// Bytes of bodies under way at which no more leave.
const MOST_BYTES_UNDER_WAY: usize = 16 << 20;
/// Requests that the server has taken, but not finished with, at most.
const MOST_TAKEN: usize = 32;
/// How long the server may take over a request that it has taken, before that is told.
pub(super) const PROMPT: Duration = Duration::from_secs(1);
/// How long looked-up records count as current; a batch that waits longer is looked up again, as others may have
/// changed them.
const FRESH: Duration = Duration::from_secs(5);

/// A request to perform now.
#[derive(Debug)]
pub struct Dispatch {
    /// The number to hand its answer in with.
    pub ticket: u64,
    /// What to send.
    pub request: EngineRequest,
}

/// A request to the server.
#[derive(Debug)]
pub enum EngineRequest {
    /// Read the records with these ids; the answer goes to [`Engine::on_lookup`].
    Read(Vec<String>),
    /// Store the records of this body.
    Upload(Vec<u8>),
    /// Delete the records with these ids.
    Delete(Vec<String>),
}

/// The configuration of an upload.
#[derive(Debug)]
pub struct EngineConfig {
    /// The pauses between tries.
    pub policy: RetryPolicy,
    /// The limits on requests at once.
    pub pace: Pace,
    /// The byte limit of a body, which shrinks when the server answers 413.
    pub byte_limit: ByteLimit,
    /// Whether the server only checks.
    pub dry_run: bool,
    /// What is done about stored records with the same ids.
    pub write_options: WriteOptions,
}

/// Records that are sent together.
#[derive(Debug)]
struct QueuedBatch {
    batch: Batch,
    rows: RowSet,
    /// How many tries failed.
    tries: u32,
    /// How many lookups failed in a row.
    looks: u32,
    /// The stored records with its ids, as far as they were looked up.
    found: FoundRecords,
    /// The ids that were asked for; of those that were not found no address can carry the id.
    asked: HashSet<String>,
    /// When it was compared with what is stored; `None`: it still must be.
    prepared: Option<Instant>,
    /// Whether it was, before it was sent without an answer: then it may as well be sent again as it is, where what
    /// is stored does not matter for what is sent.
    was_prepared: bool,
}

impl QueuedBatch {
    fn new(batch: Batch) -> Self {
        Self {
            rows: batch.iter().map(|record| record.row).collect(),
            batch,
            tries: 0,
            looks: 0,
            found: FoundRecords::new(),
            asked: HashSet::new(),
            prepared: None,
            was_prepared: false,
        }
    }

    /// Whether it may leave: what is stored was looked at not long ago.
    fn is_prepared(&self, now: Instant) -> bool {
        self.prepared
            .is_some_and(|then| now.saturating_duration_since(then) < FRESH)
    }

    /// Marks it to be compared with what is stored again.
    fn look_again(&mut self) {
        self.prepared = None;
        self.found.clear();
        self.asked.clear();
    }
}

#[derive(Debug)]
struct InFlight {
    queued: QueuedBatch,
    round: u64,
    bytes: usize,
    stage: RequestStage,
    /// Where the snapshot holds what its records replace.
    replaced: Option<SnapshotRange>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RequestStage {
    /// Its stored records are being looked up.
    Looking,
    /// The request is under way.
    Sent,
    /// The server has taken it then, and a task will tell what became of it.
    Taken(Instant),
}

/// The state of an upload between two answers, and the decisions it leads to.
#[derive(Debug)]
pub struct Engine {
    account: Account,
    policy: RetryPolicy,
    window: Window,
    byte_limit: ByteLimit,
    dry_run: bool,
    write_options: WriteOptions,
    listed: ListedIds,
    /// The ids that this upload has stored.
    ours: IdFilter,
    /// Batches by their first row.
    queue: BTreeMap<u32, QueuedBatch>,
    flights: HashMap<u64, InFlight>,
    /// Ids that are under way.
    busy: HashSet<u64>,
    next_ticket: u64,
    stopped: Option<Stopped>,
    /// Answers to records that were sent alone, and how many of them were 400.
    lone: (u64, u64),
    /// Bytes of bodies, and requests, that were answered.
    answered: (u64, u64),
    /// Whether the server has given an answer in the API's form.
    is_proven: bool,
    events: VecDeque<UploadUpdate>,
}

impl Engine {
    /// Goes on from what the account says.
    pub fn new(account: Account, config: EngineConfig) -> Self {
        let EngineConfig {
            policy,
            pace,
            byte_limit,
            dry_run,
            write_options,
        } = config;
        Self {
            account,
            policy,
            window: Window::new(pace),
            byte_limit,
            dry_run,
            write_options,
            listed: ListedIds::All,
            ours: IdFilter::new(),
            queue: BTreeMap::new(),
            flights: HashMap::new(),
            busy: HashSet::new(),
            next_ticket: 0,
            stopped: None,
            lone: (0, 0),
            answered: (0, 0),
            is_proven: false,
            events: VecDeque::new(),
        }
    }

    /// Sets the ids that may be stored; the others are not looked up.
    pub fn set_listed(&mut self, listed: ListedIds) {
        self.is_proven |= matches!(listed, ListedIds::Only(_));
        self.listed = listed;
    }

    /// Updates the ids that may be stored.
    pub fn update_listed(&mut self, listed: ListedIds) {
        if self.wants_list() && matches!(listed, ListedIds::Only(_)) {
            self.listed = listed;
        }
    }

    /// Whether only listed ids are looked up, or would be if there were a list, so that it must be renewed.
    pub const fn wants_list(&self) -> bool {
        self.write_options.reads_stored() && !matches!(self.listed, ListedIds::All)
    }

    /// Whether the service has no list yet, so that every id is looked up until it has one.
    pub const fn is_unlisted(&self) -> bool {
        matches!(self.listed, ListedIds::NotYet)
    }

    /// The upload's state and ledger.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The account, to note what belongs to no request.
    pub(crate) const fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// Why nothing more is sent; `None` while it goes on.
    pub const fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Bytes of bodies, and requests, that were answered.
    pub const fn answered(&self) -> (u64, u64) {
        self.answered
    }

    /// What there is to tell.
    pub(crate) fn next_event(&mut self) -> Option<UploadUpdate> {
        self.events.pop_front()
    }

    /// Whether another batch can be taken.
    pub fn wants_batch(&self) -> bool {
        let records = || self.queue.values().flat_map(|queued| &queued.batch);
        self.stopped.is_none()
            && self.queue.len() < self.window.size() + AHEAD
            && (self.queue.len() < AHEAD || records().map(|record| record.json.len()).sum::<usize>() < MOST_BYTES_AHEAD)
    }

    /// Whether no request is under way, and none can leave.
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty() && (self.queue.is_empty() || self.stopped.is_some())
    }

    /// Takes rows to leave out, and a batch to send.
    pub fn take(&mut self, skipped: &[(u32, SkipReason)], batch: Batch) {
        for reason in SkipReason::ALL {
            let rows: RowSet = skipped
                .iter()
                .filter(|(_, why)| *why == reason)
                .map(|(row, _)| *row)
                .collect();
            if !rows.is_empty() {
                self.note(LedgerEntry::Skip { rows, reason });
            }
        }
        // Otherwise the batch's answer brings an event soon.
        if batch.is_empty() {
            self.report();
        }
        self.enqueue(QueuedBatch::new(batch));
    }

    /// The next request, if one may leave now; that it leaves is written down.
    pub fn dispatch(&mut self, now: Instant) -> Option<Dispatch> {
        loop {
            let is_under_way = |flight: &&InFlight| !matches!(flight.stage, RequestStage::Taken(_));
            let under_way = self.flights.values().filter(is_under_way).count();
            let bytes: usize = self.flights.values().map(|flight| flight.bytes).sum();
            let is_full = bytes >= MOST_BYTES_UNDER_WAY
                || under_way >= self.window.size()
                || self.flights.len() >= self.window.size() + MOST_TAKEN;
            if self.stopped.is_some() || is_full || self.window.wait(now).is_some() {
                return None;
            }
            let first = self.first_free()?;
            let mut queued = self.queue.remove(&first)?;
            if self.write_options.reads_stored() && !queued.is_prepared(now) {
                if queued.prepared.is_some() {
                    queued.look_again();
                }
                let ids = self.ids_to_look_up(&queued);
                if ids.is_empty() {
                    self.prepare(queued, now);
                    continue;
                }
                queued.asked.extend(ids.iter().cloned());
                let ticket = self.start_request(queued, 0, RequestStage::Looking, None);
                return Some(Dispatch {
                    ticket,
                    request: EngineRequest::Read(ids),
                });
            }
            return self.send(queued, now);
        }
    }

    /// What is kept and that it leaves are written down together: what no request followed was not replaced.
    fn send(&mut self, queued: QueuedBatch, now: Instant) -> Option<Dispatch> {
        let replaced: Vec<Replaced> = if self.write_options.keep_replaced {
            queued.batch.iter().filter_map(UploadRecord::replaced).collect()
        } else {
            Vec::new()
        };
        let range = if replaced.is_empty() {
            Ok(None)
        } else {
            self.account.keep(&replaced)
        };
        let range = match range {
            Ok(range) => range,
            Err(error) => {
                self.stop(error.into());
                self.enqueue(queued);
                return None;
            }
        };
        let rows = queued.rows.clone();
        if !self.note(LedgerEntry::Send { rows }) {
            self.enqueue(queued);
            return None;
        }
        self.window.on_sent(queued.batch.len(), now);
        let removes = queued.batch.first().is_some_and(UploadRecord::removes);
        let request = if removes {
            let ids = queued.batch.iter().filter_map(|record| record.id.as_deref());
            EngineRequest::Delete(ids.map(str::to_owned).collect())
        } else {
            EngineRequest::Upload(body(&queued.batch))
        };
        let bytes = match &request {
            EngineRequest::Upload(body) => body.len(),
            EngineRequest::Read(ids) | EngineRequest::Delete(ids) => ids.iter().map(String::len).sum(),
        };
        let ticket = self.start_request(queued, bytes, RequestStage::Sent, range);
        Some(Dispatch { ticket, request })
    }

    /// A request is under way for a batch, whose ids are busy until that ends.
    fn start_request(
        &mut self,
        queued: QueuedBatch,
        bytes: usize,
        stage: RequestStage,
        replaced: Option<SnapshotRange>,
    ) -> u64 {
        self.busy.extend(queued.batch.iter().filter_map(UploadRecord::key));
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let flight = InFlight {
            queued,
            round: self.window.round(),
            bytes,
            stage,
            replaced,
        };
        self.flights.insert(ticket, flight);
        ticket
    }

    /// How many requests the server has taken and not processed, once one of them takes it longer than a second; before
    /// that 0, and when that second will be over.
    pub fn pending(&self, now: Instant) -> (u64, Option<Instant>) {
        let taken = self.flights.values().filter_map(|flight| match flight.stage {
            RequestStage::Taken(then) => Some(then),
            RequestStage::Looking | RequestStage::Sent => None,
        });
        let (count, first) = taken.fold((0, None), |(count, first): (u64, Option<Instant>), then| {
            (count + 1, Some(first.map_or(then, |first| first.min(then))))
        });
        match first.map(|first| first + PROMPT) {
            Some(late) if late > now => (0, Some(late)),
            Some(_) => (count, None),
            None => (0, None),
        }
    }

    /// When the next request may leave if nothing else happens.
    pub(crate) fn next_dispatch(&self, now: Instant) -> Option<Instant> {
        if self.stopped.is_some() || self.queue.is_empty() {
            return None;
        }
        self.window.wait(now)
    }

    /// Ends the pause before another try.
    pub fn hurry(&mut self) {
        self.window.hurry();
        self.events.push_back(UploadUpdate::Resumed);
    }

    /// Sends nothing more.
    pub fn stop(&mut self, why: Stopped) {
        self.stopped.get_or_insert(why);
    }

    /// Tasks that were open when the upload last ended: to be asked for before anything leaves.
    pub fn open_tasks(&self) -> Vec<String> {
        self.account.state().tasks().keys().cloned().collect()
    }

    /// Waits no longer for a request.
    pub(crate) fn give_up(&mut self, ticket: u64) {
        let Some(flight) = self.end_request(ticket) else { return };
        if flight.stage != RequestStage::Looking {
            self.mark_unknown(&flight.queued);
            self.report();
        }
    }

    /// The requests under way.
    pub(crate) fn tickets(&self) -> Vec<u64> {
        self.flights.keys().copied().collect()
    }

    /// Ends the upload: what is under way is given up, and the account is closed.
    pub fn end(mut self) -> (Account, Option<Stopped>) {
        for ticket in self.tickets() {
            self.give_up(ticket);
        }
        let why = self.stopped.as_ref().map(ToString::to_string);
        if let Err(error) = self.account.end(why.as_deref()) {
            self.stopped.get_or_insert(error.into());
        }
        (self.account, self.stopped)
    }

    /// The first batch none of whose ids is under way, or in a batch before it.
    fn first_free(&self) -> Option<u32> {
        let mut before = HashSet::new();
        for (first, queued) in &self.queue {
            let keys = || queued.batch.iter().filter_map(UploadRecord::key);
            if keys().all(|key| !self.busy.contains(&key) && !before.contains(&key)) {
                return Some(*first);
            }
            before.extend(keys());
        }
        None
    }

    fn enqueue(&mut self, queued: QueuedBatch) {
        if let Some(first) = queued.batch.first().map(|record| record.row) {
            self.queue.insert(first, queued);
        }
    }

    fn end_request(&mut self, ticket: u64) -> Option<InFlight> {
        let flight = self.flights.remove(&ticket)?;
        for key in flight.queued.batch.iter().filter_map(UploadRecord::key) {
            self.busy.remove(&key);
        }
        Some(flight)
    }

    /// Writes a step to the ledger. When that fails nothing more is sent, as what is sent must be on record.
    fn note(&mut self, entry: LedgerEntry) -> bool {
        let noted = self.account.note(entry);
        let is_noted = noted.is_ok();
        self.stop_on_error(noted);
        is_noted
    }

    fn stop_on_error(&mut self, written: Result<(), LedgerError>) {
        if let Err(error) = written {
            self.stop(error.into());
        }
    }

    fn report(&mut self) {
        let (bytes, requests) = self.answered;
        self.events.push_back(UploadUpdate::Progress {
            tally: self.account.state().tally(),
            bytes,
            requests,
        });
    }
}
