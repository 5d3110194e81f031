//! Performs an upload: takes batches from the source, sends what the engine dispatches, and hands it the answers.

use std::{path::PathBuf, time::Duration};

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Account, BatchLimits, Control, Dispatch, Engine, EngineConfig, EngineRequest, Fingerprint, ListedIds, Lookup,
    LookupOutcome, Pace, Planner, RecordSource, Report, RetryPolicy, SourceError, Stopped, TaskOutcome, UploadUpdate,
    WriteOptions, engine::PROMPT, lookup::is_worth_another, pipeline::Portions, task,
};
use crate::{
    api::{Accepted, ApiError, Client},
    domain::{dataset::Dataset, progress::Progress},
};

/// How many batches are cut ahead; a bound, so that memory does not grow with the file.
const BATCHES_AHEAD: usize = 2;
/// How long a cancelled upload waits for the answers that are due.
const GRACE: Duration = Duration::from_secs(5);
/// How old the list of stored ids may become. Listing may take one twentieth of the time, so that long lists are
/// fetched less often.
const LIST_AGE: Duration = Duration::from_secs(8);
const LIST_SHARE: u32 = 20;
/// How soon it is asked for a list again that there is not yet; the pause doubles each time.
const UNLISTED_AGE: Duration = Duration::from_millis(100);

/// The records of an upload.
#[derive(Clone, Copy, Debug)]
pub struct UploadJob {
    /// The data set of the records.
    pub dataset: Dataset,
    /// How many rows the source has, those to leave out included.
    pub rows: u64,
    /// Whether the server only checks them; "stored" then means "would be stored".
    pub dry_run: bool,
}

/// An upload to perform.
#[derive(Debug)]
pub struct Setup {
    /// What is to be uploaded.
    pub job: UploadJob,
    /// The state of its rows, and the ledger it is written to.
    pub account: Account,
    /// The pauses between tries.
    pub policy: RetryPolicy,
    /// How much goes into one request.
    pub limits: BatchLimits,
    /// The limits on requests at once.
    pub pace: Pace,
    /// What is done about stored records with the same ids.
    pub write_options: WriteOptions,
    /// The file, when it is to be recognised later even if it was touched.
    pub file: Option<PathBuf>,
}

impl Setup {
    /// An upload as the API recommends it.
    pub fn new(job: UploadJob, account: Account) -> Self {
        Self {
            limits: BatchLimits::recommended(job.dataset),
            job,
            account,
            policy: RetryPolicy::default(),
            pace: Pace::default(),
            write_options: WriteOptions::default(),
            file: None,
        }
    }
}

/// The result of a spawned task.
enum Completed {
    Lookup(u64, LookupOutcome),
    Response(u64, Result<Accepted, ApiError>),
    Task(u64, TaskOutcome),
}

/// Uploads all rows of a source that are not settled yet, with several requests under way. `progress` counts rows
/// that are settled, and cancels: requests that are under way then have a few seconds to be answered, after which
/// their rows are unknown. `control` pauses, and stops without giving up what is under way.
///
/// A request without an answer is settled by reading its records back, where its write options have it look at
/// what is stored at all. Otherwise it is sent again: products and users are replaced whole, so that a second time
/// changes nothing, and equal interactions are kept once by the server.
///
/// The steps of an upload that is written down are written between its requests, on the thread that polls this: a small
/// write each, without waiting for the disk. Beginning and resuming it is for a thread that may block: see
/// [`super::Ledger`].
pub async fn run(
    client: &Client,
    setup: Setup,
    records: impl RecordSource,
    progress: &Progress,
    control: &Control,
    on_event: &mut (dyn FnMut(UploadUpdate) + Send),
) -> Report {
    let started = Instant::now();
    let Setup {
        job,
        account,
        policy,
        limits,
        pace,
        write_options,
        file,
    } = setup;
    progress.restart(job.rows);
    let planner = Planner::new(limits);
    let config = EngineConfig {
        policy,
        pace,
        byte_limit: planner.byte_limit(),
        dry_run: job.dry_run,
        write_options,
    };
    let engine = Engine::new(account, config);
    let mut driver = Driver {
        client,
        lookup: Lookup::new(client.clone(), job.dataset, policy),
        job,
        policy,
        progress,
        control,
        on_event,
        engine,
        under_way: JoinSet::new(),
        listing: JoinSet::new(),
        counted: 0,
        list_at: Some(Instant::now() + LIST_AGE),
        unlisted_age: UNLISTED_AGE,
        pending: 0,
    };
    driver.ask_for_open_tasks().await;
    if write_options.reads_stored() {
        driver.list().await;
    }
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
    let done = driver.engine.account().state().done();
    let portions = Portions::cut(records, planner, done, BATCHES_AHEAD);
    driver.drive(portions, hash).await;
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
        superseded: 0,
        repeated_ids: 0,
        read_back: None,
        stopped,
    }
}

struct Driver<'a> {
    client: &'a Client,
    lookup: Lookup,
    job: UploadJob,
    policy: RetryPolicy,
    progress: &'a Progress,
    control: &'a Control,
    on_event: &'a mut (dyn FnMut(UploadUpdate) + Send),
    engine: Engine,
    under_way: JoinSet<Completed>,
    /// A list of what is stored, and how long it took.
    listing: JoinSet<(Result<ListedIds, ApiError>, Duration)>,
    counted: u64,
    /// When the ids that may hold something are to be listed again; `None` while that is done.
    list_at: Option<Instant>,
    /// How long it is waited before a list is asked for again that there is not yet.
    unlisted_age: Duration,
    /// How many requests were last said to be taken and not processed.
    pending: u64,
}

impl Driver<'_> {
    async fn drive(&mut self, mut portions: Portions, mut hash: mpsc::Receiver<u64>) {
        let mut failed: Option<SourceError> = None;
        // When the answers that are due are given up, after a cancel.
        let mut patience: Option<Instant> = None;
        loop {
            let is_paused = self.control.is_paused();
            if !is_paused {
                self.list_again();
                self.dispatch();
            }
            self.tell();
            let is_stopped = self.engine.stopped().is_some();
            if self.engine.is_idle() && self.under_way.is_empty() && (portions.is_at_end() || is_stopped) {
                break;
            }
            let next_dispatch = self.engine.next_dispatch(now()).map(Instant::from_std);
            let (_, next_late) = self.engine.pending(now());
            let next_late = next_late.map(Instant::from_std);
            let next_list = self.list_at.filter(|_| self.engine.wants_list() && !is_stopped);
            tokio::select! {
                // Requests of a person come first; the other branches may always be ready.
                biased;
                () = self.progress.cancelled(), if patience.is_none() => {
                    self.engine.stop(Stopped::Cancelled);
                    patience = Some(Instant::now() + GRACE);
                }
                () = self.control.stopping(), if !is_stopped => self.engine.stop(Stopped::Cancelled),
                () = self.control.hurried() => self.engine.hurry(),
                () = self.control.changed() => {}
                () = until(patience) => self.give_up(),
                Some(completed) = self.under_way.join_next() => self.on_completed(completed),
                Some(Ok((listed, took))) = self.listing.join_next() => self.listed(listed, took),
                portion = portions.next(), if !portions.is_at_end() && self.engine.wants_batch() => match portion {
                    Ok(Some(portion)) => self.engine.take(&portion.skipped, portion.batch),
                    Ok(None) => {}
                    Err(error) => failed = Some(error),
                },
                () = until(next_dispatch), if !is_paused => {}
                () = until(next_list), if !is_paused => {}
                () = until(next_late) => {}
                Some(content) = hash.recv() => {
                    // The hash only makes recognising the file easier.
                    self.engine.account_mut().content(content).ok();
                }
            }
        }
        if let Some(error) = failed {
            self.engine.stop(error.into());
        }
    }

    /// Gives up all requests that are under way.
    fn give_up(&mut self) {
        self.under_way = JoinSet::new();
        for ticket in self.engine.tickets() {
            self.engine.give_up(ticket);
        }
    }

    fn dispatch(&mut self) {
        while let Some(Dispatch { ticket, request }) = self.engine.dispatch(now()) {
            let (client, job, lookup) = (self.client.clone(), self.job, self.lookup.clone());
            self.under_way.spawn(async move {
                match request {
                    EngineRequest::Read(ids) => Completed::Lookup(ticket, lookup.try_read(&ids).await),
                    EngineRequest::Upload(body) => {
                        Completed::Response(ticket, client.upload(job.dataset, body, job.dry_run).await)
                    }
                    EngineRequest::Delete(ids) => {
                        Completed::Response(ticket, client.order_delete(job.dataset, &ids).await)
                    }
                }
            });
        }
    }

    fn on_completed(&mut self, completed: Result<Completed, tokio::task::JoinError>) {
        match completed {
            Ok(Completed::Response(ticket, answer)) => {
                if let Some(task) = self.engine.on_response(ticket, answer, now()) {
                    let (client, dataset, policy) = (self.client.clone(), self.job.dataset, self.policy);
                    self.under_way.spawn(async move {
                        Completed::Task(ticket, task::ask(&client, dataset, &task, &policy).await)
                    });
                }
            }
            Ok(Completed::Task(ticket, outcome)) => self.engine.on_task_outcome(ticket, outcome, now()),
            Ok(Completed::Lookup(ticket, lookup_outcome)) => self.engine.on_lookup(ticket, lookup_outcome, now()),
            // A request that panicked is given up with the others at the end.
            Err(_) => self.engine.stop(Stopped::SendingPanicked),
        }
    }

    /// Asks for tasks that were open when the upload last ended, before anything is sent again.
    async fn ask_for_open_tasks(&mut self) {
        let tasks = self.engine.open_tasks();
        let (client, policy) = (self.client, self.policy);
        let late = Instant::now() + PROMPT;
        for (open, task) in (1..=tasks.len() as u64).rev().zip(tasks) {
            let asking = task::ask(client, self.job.dataset, &task, &policy);
            tokio::pin!(asking);
            let outcome = loop {
                tokio::select! {
                    outcome = &mut asking => break outcome,
                    // The task stays open, for the next resume.
                    () = ended(self.progress, self.control) => return,
                    () = sleep_until(late), if self.pending != open => self.tell_pending(open),
                }
            };
            self.engine.on_open_task_outcome(&task, &outcome);
        }
    }

    /// Lists ids again from time to time, as others may store records meanwhile.
    fn list_again(&mut self) {
        let is_due = self.list_at.is_some_and(|at| at <= Instant::now());
        if !is_due || self.engine.stopped().is_some() || !self.engine.wants_list() {
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

    fn listed(&mut self, listed: Result<ListedIds, ApiError>, took: Duration) {
        // Otherwise the earlier list stays; what it lacks is noticed when records are looked up.
        if let Ok(listed) = listed {
            self.engine.update_listed(listed);
        }
        self.plan_list(took);
    }

    /// Sets when ids are listed next, the last time having taken so long.
    fn plan_list(&mut self, took: Duration) {
        let mut age = LIST_AGE;
        if self.engine.is_unlisted() {
            age = self.unlisted_age;
            self.unlisted_age = (age * 2).min(LIST_AGE);
        }
        self.list_at = Some(Instant::now() + age.max(took * LIST_SHARE));
    }

    /// Lists the stored ids, before anything is sent.
    async fn list(&mut self) {
        let mut tries = 0;
        while !is_ended(self.progress, self.control) {
            let listed = tokio::select! {
                listed = self.lookup.list(self.job.rows) => listed,
                () = ended(self.progress, self.control) => return,
            };
            let error = match listed {
                Ok(listed) => {
                    self.engine.set_listed(listed);
                    return self.plan_list(Duration::ZERO);
                }
                Err(error) => error,
            };
            tries += 1;
            let pause = self.policy.pause(tries, &error, fastrand::f64());
            match pause.filter(|_| is_worth_another(&error)) {
                Some(pause) => {
                    (self.on_event)(UploadUpdate::Waiting {
                        pause,
                        reason: error.to_string(),
                        attempt: tries,
                        of: self.policy.max_tries,
                    });
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = self.control.hurried() => (self.on_event)(UploadUpdate::Resumed),
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

    /// Passes the engine's events on, and counts progress.
    fn tell(&mut self) {
        let tally = self.engine.account().state().tally();
        let settled = tally.all - tally.waiting - tally.sent;
        self.progress.add(settled.saturating_sub(self.counted));
        self.counted = self.counted.max(settled);
        while let Some(event) = self.engine.next_event() {
            (self.on_event)(event);
        }
        self.tell_pending(self.engine.pending(now()).0);
    }

    fn tell_pending(&mut self, requests: u64) {
        if std::mem::replace(&mut self.pending, requests) != requests {
            (self.on_event)(UploadUpdate::Pending { requests });
        }
    }
}

/// The engine's clock: tokio's, which tests can pause.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// Whether the upload was cancelled or asked to stop.
pub(super) fn is_ended(progress: &Progress, control: &Control) -> bool {
    progress.is_cancelled() || control.is_stopping()
}

/// Waits until the upload is cancelled or asked to stop.
pub(super) async fn ended(progress: &Progress, control: &Control) {
    tokio::select! {
        () = progress.cancelled() => {}
        () = control.stopping() => {}
    }
}

/// Waits until a moment; forever when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
