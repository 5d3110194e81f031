//! Performs an upload: takes batches from the source, sends what the engine says, and hands it the answers.

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Account, Batch, Control, Departure, Engine, Errand, Fingerprint, Limits, Listed, Looked, Lookup, Manner, Pace,
    Planner, Record, RecordSource, Report, RetryPolicy, SkipReason, SourceItem, Stopped, Terms, Told, UploadEvent,
    lookup::is_worth_another, task,
};
use crate::{
    api::{Accepted, ApiError, Client},
    domain::{dataset::Dataset, progress::Progress, rows::RowSet},
};

/// Batches that are ready while others are under way; with it memory stays flat.
const BATCHES_AHEAD: usize = 2;
/// Left-out rows are told about at least so often.
const SKIPS_A_PORTION: usize = 10_000;
/// How long requests that are under way may still be answered after a cancel.
const GRACE: Duration = Duration::from_secs(5);
/// How soon a cancel is noticed.
const NOTICE: Duration = Duration::from_millis(50);
/// How old the list of stored ids may become; the list of many takes its time, of which it has one part in twenty.
const LIST_AGE: Duration = Duration::from_secs(8);
const LIST_SHARE: u32 = 20;

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

/// An upload that is to be performed, and how.
#[derive(Debug)]
pub struct Setup {
    /// What is to be uploaded.
    pub job: UploadJob,
    /// What is known about its rows so far, and where that is written down.
    pub account: Account,
    /// When to try again.
    pub policy: RetryPolicy,
    /// How much goes into one request.
    pub limits: Limits,
    /// How hard it may press.
    pub pace: Pace,
    /// What is done about what is stored.
    pub manner: Manner,
    /// The file, when it is to be recognised later even if it was touched.
    pub file: Option<PathBuf>,
}

impl Setup {
    /// An upload as the API recommends it.
    pub fn new(job: UploadJob, account: Account) -> Self {
        Self {
            limits: Limits::recommended(job.dataset),
            job,
            account,
            policy: RetryPolicy::default(),
            pace: Pace::default(),
            manner: Manner::default(),
            file: None,
        }
    }
}

/// A stretch of rows from the source.
#[derive(Default)]
struct Portion {
    skipped: Vec<(u32, SkipReason)>,
    batch: Batch,
    failed: Option<String>,
}

/// What a task of ours has to say.
enum Heard {
    Looked(u64, Looked),
    Answer(u64, Result<Accepted, ApiError>),
    Told(u64, Told),
}

/// Uploads all rows of a source that are not settled yet, with several requests under way. `progress` counts rows
/// that are settled, and cancels: requests that are under way then have a few seconds to be answered, after which
/// their rows are unknown. `control` pauses, and stops without giving up what is under way.
///
/// A request without an answer is settled by reading its records back, where the manner of the upload has it look at
/// what is stored at all. Otherwise it is sent again: products and users are replaced whole, so that a second time
/// changes nothing, and equal interactions are kept once by the server.
pub async fn run(
    client: &Client,
    setup: Setup,
    records: impl RecordSource,
    progress: &Progress,
    control: &Control,
    on_event: &mut (dyn FnMut(UploadEvent) + Send),
) -> Report {
    let started = Instant::now();
    let Setup {
        job,
        account,
        policy,
        limits,
        pace,
        manner,
        file,
    } = setup;
    progress.restart(job.rows);
    let planner = Planner::new(limits);
    let terms = Terms {
        policy: policy.clone(),
        pace,
        most_bytes: planner.most_bytes(),
        dry_run: job.dry_run,
        manner,
    };
    let engine = Engine::new(account, terms);
    let mut driver = Driver {
        client,
        lookup: Lookup::new(client.clone(), job.dataset, policy.clone()),
        job,
        policy,
        progress,
        control,
        on_event,
        engine,
        under_way: JoinSet::new(),
        listing: JoinSet::new(),
        counted: 0,
        skipped_time: Duration::ZERO,
        list_at: Some(Instant::now() + LIST_AGE),
    };
    driver.ask_for_open_tasks().await;
    if manner.looks() {
        driver.list().await;
    }
    let done = driver.engine.account().state().done();
    driver.tell();
    let patience = std::sync::Arc::new(Progress::default());
    let (tell_hash, hash) = mpsc::channel(1);
    if let Some(file) = file.filter(|_| driver.engine.account().id().is_some()) {
        let patience = std::sync::Arc::clone(&patience);
        tokio::task::spawn_blocking(move || {
            if let Ok(Some(content)) = Fingerprint::content(&file, &patience) {
                tell_hash.blocking_send(content).ok();
            }
        });
    } else {
        drop(tell_hash);
    }
    driver.drive(records, planner, done, hash).await;
    patience.cancel();
    let Driver { engine, .. } = driver;
    let (bytes, requests) = engine.answered();
    let (account, stopped) = engine.end();
    let state = account.state();
    Report {
        id: account.id(),
        tally: state.tally(),
        states: state.rows().clone(),
        settled: state.settled(),
        rejected: account.refused().to_vec(),
        duration: started.elapsed(),
        bytes,
        requests,
        dry_run: job.dry_run,
        stopped,
    }
}

/// A pause that is being spent, and when it ends.
type Pause = (Instant, Pin<Box<dyn Future<Output = ()> + Send>>);

struct Driver<'a> {
    client: &'a Client,
    lookup: Lookup,
    job: UploadJob,
    policy: RetryPolicy,
    progress: &'a Progress,
    control: &'a Control,
    on_event: &'a mut (dyn FnMut(UploadEvent) + Send),
    engine: Engine,
    under_way: JoinSet<Heard>,
    /// A list of what is stored, and how long it took.
    listing: JoinSet<(Result<Listed, ApiError>, Duration)>,
    counted: u64,
    /// What pauses took less than they should have: tests do not wait.
    skipped_time: Duration,
    /// When the ids that may hold something are to be listed again; `None` while that is done.
    list_at: Option<Instant>,
}

impl Driver<'_> {
    async fn drive(
        &mut self,
        records: impl RecordSource,
        planner: Planner,
        done: RowSet,
        mut hash: mpsc::Receiver<u64>,
    ) {
        let (portions, mut ready) = mpsc::channel(BATCHES_AHEAD);
        let reader = tokio::task::spawn_blocking(move || cut(records, planner, &done, &portions));
        let mut reader = Some(reader);
        let mut failed = None;
        let mut given_up = None;
        let mut pause: Option<Pause> = None;
        loop {
            self.obey(&mut given_up);
            if !self.control.is_paused() {
                self.list_again();
                self.depart();
            }
            self.tell();
            let read_all = reader.is_none();
            if self.engine.is_idle() && self.under_way.is_empty() && (read_all || self.engine.stopped().is_some()) {
                break;
            }
            let until = self
                .engine
                .next_departure(self.now())
                .filter(|_| !self.control.is_paused());
            if until != pause.as_ref().map(|(until, _)| *until) {
                pause = until.map(|until| (until, self.pause_until(until)));
            }
            tokio::select! {
                biased;
                Some(heard) = self.under_way.join_next() => self.hear(heard),
                Some(Ok((listed, took))) = self.listing.join_next() => self.listed(listed, took),
                portion = ready.recv(), if !read_all && self.engine.is_hungry() => match portion {
                    Some(Portion { skipped, batch, failed: reason }) => {
                        self.engine.take(&skipped, batch);
                        failed = failed.or(reason);
                    }
                    // The channel also ends when the source panics; then the rest was never seen.
                    None => if let Some(reader) = reader.take() && reader.await.is_err() {
                        failed = Some("Reading the file failed unexpectedly; open it again".to_owned());
                    },
                },
                () = spend(&mut pause) => {
                    if let Some((until, _)) = pause.take() {
                        self.skipped_time += until.saturating_duration_since(self.now());
                    }
                }
                Some(content) = hash.recv() => {
                    // It only makes a later look at the file easier.
                    self.engine.account_mut().content(content).ok();
                }
                () = self.control.changed() => {}
                () = tokio::time::sleep(NOTICE) => {}
            }
        }
        if let Some(reason) = failed {
            self.engine.stop(Stopped::Source(reason));
        }
    }

    /// Does what people ask for.
    fn obey(&mut self, given_up: &mut Option<Instant>) {
        if self.control.take_hurry() {
            self.engine.hurry();
        }
        if self.control.is_stopping() {
            self.engine.stop(Stopped::Cancelled);
        }
        if !self.progress.is_cancelled() {
            return;
        }
        self.engine.stop(Stopped::Cancelled);
        let end = *given_up.get_or_insert_with(|| Instant::now() + GRACE);
        if Instant::now() >= end {
            self.under_way = JoinSet::new();
            for ticket in self.engine.tickets() {
                self.engine.give_up(ticket);
            }
        }
    }

    fn depart(&mut self) {
        while let Some(Departure { ticket, errand }) = self.engine.depart(self.now()) {
            let (client, job, lookup) = (self.client.clone(), self.job, self.lookup.clone());
            self.under_way.spawn(async move {
                match errand {
                    Errand::Look(ids) => Heard::Looked(ticket, lookup.look(&ids).await),
                    Errand::Upload(body) => Heard::Answer(ticket, client.upload(job.dataset, body, job.dry_run).await),
                    Errand::Delete(ids) => Heard::Answer(ticket, client.order_delete(job.dataset, &ids).await),
                }
            });
        }
    }

    fn hear(&mut self, heard: Result<Heard, tokio::task::JoinError>) {
        match heard {
            Ok(Heard::Answer(ticket, answer)) => {
                if let Some(task) = self.engine.arrive(ticket, answer, self.now()) {
                    let (client, dataset, policy) = (self.client.clone(), self.job.dataset, self.policy.clone());
                    self.under_way
                        .spawn(async move { Heard::Told(ticket, task::ask(&client, dataset, &task, &policy).await) });
                }
            }
            Ok(Heard::Told(ticket, told)) => self.engine.told(ticket, told, self.now()),
            Ok(Heard::Looked(ticket, looked)) => self.engine.looked(ticket, looked, self.now()),
            // A request that panicked is given up with the others at the end.
            Err(_) => self.engine.stop(Stopped::Source(
                "Sending failed unexpectedly; resume the upload".to_owned(),
            )),
        }
    }

    /// Before anything is sent again: tasks that were open when the upload last ended.
    async fn ask_for_open_tasks(&mut self) {
        for task in self.engine.open_tasks() {
            let told = tokio::select! {
                told = task::ask(self.client, self.job.dataset, &task, &self.policy) => told,
                // The task stays open, and is asked for another time.
                () = ended(self.progress, self.control) => return,
            };
            self.engine.told_later(&task, &told);
        }
    }

    /// What others have stored since is not in a list of before.
    fn list_again(&mut self) {
        let is_due = self.list_at.is_some_and(|at| at <= Instant::now());
        if !is_due || self.engine.stopped().is_some() || !self.engine.goes_by_list() {
            return;
        }
        self.list_at = None;
        let (lookup, rows) = (self.lookup.clone(), self.job.rows);
        self.listing.spawn(async move {
            let started = Instant::now();
            let listed = lookup.list(rows).await;
            (listed, started.elapsed())
        });
    }

    fn listed(&mut self, listed: Result<Listed, ApiError>, took: Duration) {
        self.list_at = Some(Instant::now() + LIST_AGE.max(took * LIST_SHARE));
        // Otherwise the list of before stands, and what it lacks is found by looking.
        if let Ok(listed) = listed {
            self.engine.know_again(listed);
        }
    }

    /// Before anything is sent: which ids may hold something.
    async fn list(&mut self) {
        let mut tries = 0;
        while !is_ended(self.progress, self.control) {
            let listed = tokio::select! {
                listed = self.lookup.list(self.job.rows) => listed,
                () = ended(self.progress, self.control) => return,
            };
            let error = match listed {
                Ok(listed) => return self.engine.know(listed),
                Err(error) => error,
            };
            tries += 1;
            let pause = self.policy.pause(tries, &error, fastrand::f64());
            match pause.filter(|_| is_worth_another(&error)) {
                Some(pause) => {
                    (self.on_event)(UploadEvent::Waiting {
                        pause,
                        reason: error.to_string(),
                        attempt: tries,
                        of: self.policy.max_tries,
                    });
                    tokio::select! {
                        () = self.policy.sleep(pause) => {}
                        () = hurried(self.control) => (self.on_event)(UploadEvent::GoesOn),
                        () = ended(self.progress, self.control) => {}
                    }
                }
                None if matches!(error, ApiError::Unauthorized | ApiError::Forbidden) => {
                    return self.engine.stop(error.into());
                }
                None => return self.engine.stop(Stopped::Unreadable(error)),
            }
        }
    }

    fn now(&self) -> Instant {
        Instant::now() + self.skipped_time
    }

    fn pause_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (policy, left) = (self.policy.clone(), until.saturating_duration_since(self.now()));
        Box::pin(async move { policy.sleep(left).await })
    }

    /// Hands on what the engine has to say, and counts.
    fn tell(&mut self) {
        let tally = self.engine.account().state().tally();
        let settled = tally.all - tally.waiting - tally.sent;
        self.progress.add(settled.saturating_sub(self.counted));
        self.counted = self.counted.max(settled);
        while let Some(event) = self.engine.next_event() {
            (self.on_event)(event);
        }
    }
}

/// Waits until somebody cancels.
pub(super) async fn cancelled(progress: &Progress) {
    while !progress.is_cancelled() {
        tokio::time::sleep(NOTICE).await;
    }
}

/// Whether somebody wants no more of it.
fn is_ended(progress: &Progress, control: &Control) -> bool {
    progress.is_cancelled() || control.is_stopping()
}

/// Waits until somebody wants no more of it.
async fn ended(progress: &Progress, control: &Control) {
    while !is_ended(progress, control) {
        tokio::time::sleep(NOTICE).await;
    }
}

/// Waits until somebody does not want to wait.
async fn hurried(control: &Control) {
    while !control.take_hurry() {
        control.changed().await;
    }
}

/// Waits for a pause to end; for ever, when there is none.
async fn spend(pause: &mut Option<Pause>) {
    match pause {
        Some((_, pause)) => pause.await,
        None => std::future::pending().await,
    }
}

/// Reads the source to its end, in portions, for as long as someone takes them; rows that are done are passed over.
fn cut(mut records: impl RecordSource, mut planner: Planner, done: &RowSet, portions: &mpsc::Sender<Portion>) {
    let mut skipped = Vec::new();
    while let Some(item) = records.next() {
        let full = match item {
            Ok(SourceItem::Record(Record { row, .. }) | SourceItem::Skip { row, .. }) if done.contains(row) => None,
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
