//! Performs an upload: takes batches from the source, sends them, and notes what the server says about each row.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{
    Batch, Limits, Planner, RecordSource, RetryPolicy, RowState, RowStates, SkipReason, SourceItem, Tally, Verdict,
    body, examine,
};
use crate::{
    api::{Accepted, ApiError, Client},
    domain::{dataset::Dataset, progress::Progress, rows::RowSet},
};

/// Batches that are ready while one is under way; with it memory stays flat.
const BATCHES_AHEAD: usize = 2;
/// Left-out rows are told about at least so often.
const SKIPS_A_PORTION: usize = 10_000;
/// How long a request that is under way may still be answered after a cancel.
const GRACE: Duration = Duration::from_secs(5);
/// How soon a cancel is noticed.
const NOTICE: Duration = Duration::from_millis(50);

/// What is to be uploaded.
#[derive(Clone, Copy, Debug)]
pub struct UploadJob {
    /// Where the records belong.
    pub dataset: Dataset,
    /// How many rows the source has, those to leave out included.
    pub rows: u64,
    /// Whether the server shall only check them; "stored" then means "would be stored".
    pub dry_run: bool,
}

/// What happens during an upload.
#[derive(Clone, Debug, PartialEq)]
pub enum UploadEvent {
    /// Rows have changed their state.
    Progress {
        /// The rows by state.
        tally: Tally,
        /// Bytes of bodies that were answered.
        bytes: u64,
        /// Requests that were answered.
        requests: u64,
    },
    /// The server refused a row.
    Rejected {
        /// The row.
        row: u32,
        /// What the server says, word for word; the number in a line is the record's place in its request.
        lines: Vec<String>,
    },
    /// A request failed and is tried again after a pause.
    Waiting {
        /// The pause.
        pause: Duration,
        /// Why, for people.
        reason: String,
        /// The try that failed, from 1.
        attempt: u32,
        /// How many there are at most.
        of: u32,
    },
}

/// Why an upload ended before its last row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Someone asked to.
    #[error("Cancelled")]
    Cancelled,
    /// The server cannot be reached, or refuses more than single records.
    #[error("{0}")]
    Api(#[from] ApiError),
    /// The file cannot be read any further.
    #[error("{0}")]
    Source(String),
}

/// How an upload ended.
#[derive(Clone, Debug)]
pub struct Report {
    /// The rows by state.
    pub tally: Tally,
    /// The state of every row.
    pub states: RowStates,
    /// What the server said about the rows it refused, in the order it did.
    pub rejected: Vec<(u32, Vec<String>)>,
    /// How long it took.
    pub duration: Duration,
    /// Bytes of bodies that were answered.
    pub bytes: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Why it ended early; `None` when it reached the last row.
    pub stopped: Option<Stopped>,
}

/// A stretch of rows from the source.
#[derive(Default)]
struct Portion {
    skipped: Vec<(u32, SkipReason)>,
    batch: Batch,
    failed: Option<String>,
}

/// What an answer, or none, means for the records of a request.
enum Reply {
    Stored,
    Rejected(Vec<String>),
    TooLarge,
    /// 400: something in the request cannot be read, and nobody says what.
    Unreadable(ApiError),
    Stop(Stopped),
}

/// Uploads all rows of a source, one request after another. `progress` counts rows that are settled, and cancels:
/// a request that is under way then has a few seconds to be answered, after which its rows are unknown.
///
/// A request without an answer is sent again: products and users are replaced whole, so that a second time changes
/// nothing, and equal interactions are kept once by the server.
pub async fn run(
    client: &Client,
    job: UploadJob,
    records: impl RecordSource,
    policy: &RetryPolicy,
    limits: Limits,
    progress: &Progress,
    on_event: &mut (dyn FnMut(UploadEvent) + Send),
) -> Report {
    let started = Instant::now();
    progress.restart(job.rows);
    let mut driver = Driver {
        client,
        job,
        policy,
        progress,
        on_event,
        states: RowStates::new(job.rows),
        doubtful: RowSet::default(),
        rejected: Vec::new(),
        lone: 0,
        lone_unreadable: 0,
        bytes: 0,
        requests: 0,
    };
    let stopped = driver.drive(records, limits).await.err();
    let Driver {
        states,
        rejected,
        bytes,
        requests,
        ..
    } = driver;
    Report {
        tally: states.tally(),
        states,
        rejected,
        duration: started.elapsed(),
        bytes,
        requests,
        dry_run: job.dry_run,
        stopped,
    }
}

struct Driver<'a> {
    client: &'a Client,
    job: UploadJob,
    policy: &'a RetryPolicy,
    progress: &'a Progress,
    on_event: &'a mut (dyn FnMut(UploadEvent) + Send),
    states: RowStates,
    /// Rows that may be stored although no answer said so: none of these is ever called unsent.
    doubtful: RowSet,
    rejected: Vec<(u32, Vec<String>)>,
    /// Answers to records that were sent alone, and how many of them were 400.
    lone: u64,
    lone_unreadable: u64,
    bytes: u64,
    requests: u64,
}

impl Driver<'_> {
    async fn drive(&mut self, records: impl RecordSource, limits: Limits) -> Result<(), Stopped> {
        let (portions, mut ready) = mpsc::channel(BATCHES_AHEAD);
        let reader = tokio::task::spawn_blocking(move || cut(records, limits, &portions));
        while let Some(portion) = ready.recv().await {
            for (row, reason) in portion.skipped {
                self.settle(row, RowState::Skipped(reason));
            }
            self.deliver(portion.batch).await?;
            if let Some(reason) = portion.failed {
                return Err(Stopped::Source(reason));
            }
        }
        // The channel also ends when the source panics; then the rest was never seen.
        reader
            .await
            .map_err(|_| Stopped::Source("Reading the file failed unexpectedly; open it again".to_owned()))
    }

    /// Sends a batch, and parts of it again, until each of its records is settled.
    async fn deliver(&mut self, batch: Batch) -> Result<(), Stopped> {
        // Parts in row order, the next one last.
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            if self.progress.is_cancelled() {
                parts.push(part);
                return Err(self.abandon(parts, Stopped::Cancelled));
            }
            if part.is_empty() {
                self.report();
                continue;
            }
            let reply = self.send(&part).await;
            if part.len() == 1 && !matches!(reply, Reply::Stop(_)) {
                self.lone += 1;
                self.lone_unreadable += u64::from(matches!(reply, Reply::Unreadable(_)));
            }
            match reply {
                Reply::Stored => self.settle_all(&part, RowState::Stored),
                Reply::Stop(why) => {
                    parts.push(part);
                    return Err(self.abandon(parts, why));
                }
                Reply::TooLarge if part.len() == 1 => {
                    let line = "The record is larger than the server takes in one request".to_owned();
                    self.reject(&part, 0, vec![line]);
                }
                Reply::TooLarge => parts.extend(halves(part)),
                Reply::Unreadable(_) if part.len() > 1 => parts.extend(halves(part)),
                // The first two that stand alone are hardly both the culprit: the server refuses everything.
                Reply::Unreadable(error) if (self.lone, self.lone_unreadable) == (2, 2) => {
                    parts.push(part);
                    return Err(self.abandon(parts, error.into()));
                }
                Reply::Unreadable(error) => {
                    let line = match error {
                        ApiError::Server { message, .. } if !message.is_empty() => message,
                        error => error.to_string(),
                    };
                    self.reject(&part, 0, vec![line]);
                }
                Reply::Rejected(lines) => match examine(&lines, part.len()) {
                    Verdict::Split => parts.extend(halves(part)),
                    Verdict::Cut(culprits) => {
                        let places: Vec<usize> = culprits.keys().copied().collect();
                        for (place, lines) in culprits {
                            self.reject(&part, place, lines);
                        }
                        let mut place = 0;
                        part.retain(|_| {
                            place += 1;
                            places.binary_search(&(place - 1)).is_err()
                        });
                        parts.push(part);
                    }
                },
            }
            self.report();
        }
        Ok(())
    }

    /// Sends one request, again while that may help. Its rows are under way until it returns.
    async fn send(&mut self, part: &Batch) -> Reply {
        let mut attempt = 1;
        loop {
            self.mark(part, RowState::Sent);
            let body = body(part);
            let size = body.len() as u64;
            let Some(answer) = request(self.client, self.job, self.progress, body).await else {
                self.doubt(part);
                return Reply::Stop(Stopped::Cancelled);
            };
            let Err(error) = answer else {
                self.count(size);
                return Reply::Stored;
            };
            if error.may_have_arrived() {
                self.doubt(part);
            }
            let Some(pause) = self.policy.pause_after(attempt, &error, fastrand::f64()) else {
                return match error {
                    ApiError::Rejected { lines, message } => {
                        self.count(size);
                        self.mark(part, RowState::Waiting);
                        Reply::Rejected(if lines.is_empty() && !message.is_empty() {
                            vec![message]
                        } else {
                            lines
                        })
                    }
                    ApiError::TooLarge => {
                        self.mark(part, RowState::Waiting);
                        Reply::TooLarge
                    }
                    // What a playground does not allow, it allows for no record.
                    ApiError::Server {
                        status: 400,
                        ref message,
                        ..
                    } if !message.to_lowercase().contains("playground") => {
                        self.count(size);
                        self.mark(part, RowState::Waiting);
                        Reply::Unreadable(error)
                    }
                    error => Reply::Stop(error.into()),
                };
            };
            let reason = error.to_string();
            (self.on_event)(UploadEvent::Waiting {
                pause,
                reason,
                attempt,
                of: self.policy.max_tries,
            });
            tokio::select! {
                () = self.policy.sleep(pause) => {}
                () = cancelled(self.progress) => {
                    return Reply::Stop(Stopped::Cancelled);
                }
            }
            attempt += 1;
        }
    }

    fn reject(&mut self, part: &Batch, place: usize, lines: Vec<String>) {
        let Some(record) = part.get(place) else { return };
        self.settle(record.row, RowState::Rejected);
        self.rejected.push((record.row, lines.clone()));
        (self.on_event)(UploadEvent::Rejected { row: record.row, lines });
    }

    fn settle_all(&mut self, part: &Batch, state: RowState) {
        for record in part {
            self.settle(record.row, state);
        }
    }

    fn settle(&mut self, row: u32, state: RowState) {
        let doubtful = self.doubtful.remove(row);
        let state = if doubtful && state == RowState::Waiting {
            RowState::Unknown
        } else {
            state
        };
        self.states.set(row, state);
        if state != RowState::Waiting {
            self.progress.add(1);
        }
    }

    /// Notes that records may be stored although nobody confirmed it. A dry run stores nothing.
    fn doubt(&mut self, part: &Batch) {
        if !self.job.dry_run {
            let rows: RowSet = part.iter().map(|record| record.row).collect();
            self.doubtful = self.doubtful.union(&rows);
        }
    }

    /// Gives up what is left of a batch.
    fn abandon(&mut self, parts: Vec<Batch>, why: Stopped) -> Stopped {
        for part in parts {
            self.settle_all(&part, RowState::Waiting);
        }
        why
    }

    fn mark(&mut self, part: &Batch, state: RowState) {
        for record in part {
            self.states.set(record.row, state);
        }
    }

    fn count(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.requests += 1;
    }

    fn report(&mut self) {
        let (tally, bytes, requests) = (self.states.tally(), self.bytes, self.requests);
        (self.on_event)(UploadEvent::Progress { tally, bytes, requests });
    }
}

/// One request; `None` when it was cancelled and not answered in time.
async fn request(
    client: &Client,
    job: UploadJob,
    progress: &Progress,
    body: Vec<u8>,
) -> Option<Result<Accepted, ApiError>> {
    let given_up = async {
        cancelled(progress).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        answer = client.upload(job.dataset, body, job.dry_run) => Some(answer),
        () = given_up => None,
    }
}

/// The halves of a batch, the later one first.
fn halves(mut part: Batch) -> [Batch; 2] {
    let later = part.split_off(part.len() / 2);
    [later, part]
}

async fn cancelled(progress: &Progress) {
    while !progress.is_cancelled() {
        tokio::time::sleep(NOTICE).await;
    }
}

/// Reads the source to its end, in portions, for as long as someone takes them.
fn cut(mut records: impl RecordSource, limits: Limits, portions: &mpsc::Sender<Portion>) {
    let mut planner = Planner::new(limits);
    let mut skipped = Vec::new();
    while let Some(item) = records.next() {
        let full = match item {
            Ok(SourceItem::Record(record)) => planner.push(record),
            Ok(SourceItem::Skip { row, reason }) => {
                skipped.push((row, reason));
                None
            }
            Err(reason) => {
                let batch = planner.finish().unwrap_or_default();
                portions
                    .blocking_send(Portion {
                        skipped,
                        batch,
                        failed: Some(reason),
                    })
                    .ok();
                return;
            }
        };
        if full.is_some() || skipped.len() >= SKIPS_A_PORTION {
            let batch = full.unwrap_or_default();
            let portion = Portion {
                skipped: std::mem::take(&mut skipped),
                batch,
                failed: None,
            };
            if portions.blocking_send(portion).is_err() {
                return;
            }
        }
    }
    let batch = planner.finish().unwrap_or_default();
    portions
        .blocking_send(Portion {
            skipped,
            batch,
            failed: None,
        })
        .ok();
}
