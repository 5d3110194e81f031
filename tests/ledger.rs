//! The ledger against a model of a server: any sequence of answers, faults, kills and restarts.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use proptest::prelude::*;
use serde_json::{Value, json};
use tatami::{
    api::{Accepted, ApiError, ConnectionKind},
    domain::dataset::Dataset,
    upload::{
        Account, Batch, Engine, Fingerprint, Ledger, Limits, Pace, Plan, Planner, Recipe, Record, RetryPolicy,
        RowState, SkipReason, Told, UploadId,
    },
};

/// Rows of an upload.
const ROWS: u32 = 40;
/// Ids that are shared by several rows: order matters for them.
const IDS: u32 = 25;
/// Rows in a batch.
const BATCH: usize = 4;

/// A record on its way: its row, its id, and whether the server will not like it.
type Sent = (u32, u64, bool);

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// A request leaves, if one may.
    Depart,
    /// A request is answered, or not.
    Answer(usize, Fate),
    /// The server says what became of a task.
    Tell(usize, Fate),
    /// The client is killed; of the requests under way those reach the server that the bits say.
    Kill(u64),
    /// The upload ends and is resumed.
    Restart,
}

/// What becomes of a request (or task).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Judged, and stored when all is good; the answer names the bad ones.
    Judge,
    /// The same, in words that follow no grammar.
    JudgeVaguely,
    /// Taken: a task will tell.
    Take,
    /// Stored when all is good, but the answer is lost.
    LoseAnswer,
    /// Never arrives.
    LoseRequest,
    /// 429
    Busy,
    /// 500, with all that may have happened before.
    Break,
    /// 401
    Unauthorized,
}

#[derive(Default)]
struct Server {
    /// The row that is stored under an id.
    records: BTreeMap<u64, u32>,
    /// Every row that was ever stored.
    ever: BTreeSet<u32>,
    /// Requests that were taken and are not decided.
    tasks: BTreeMap<String, Vec<Sent>>,
    /// Decided tasks: whether they were stored.
    decided: BTreeMap<String, bool>,
}

impl Server {
    /// Stores all or nothing; the places of the bad ones otherwise.
    fn judge(&mut self, records: &[Sent]) -> Result<(), Vec<usize>> {
        let bad: Vec<usize> = (0..records.len()).filter(|&place| records[place].2).collect();
        if !bad.is_empty() {
            return Err(bad);
        }
        for (row, id, _) in records {
            self.records.insert(*id, *row);
            self.ever.insert(*row);
        }
        Ok(())
    }

    fn decide(&mut self, task: &str) -> Result<(), Vec<usize>> {
        let records = self.tasks.remove(task).unwrap();
        let judged = self.judge(&records);
        self.decided.insert(task.to_owned(), judged.is_ok());
        judged
    }
}

/// A client with its ledger on disk, and the server it talks to.
struct World<'a> {
    folder: &'a Path,
    id: UploadId,
    engine: Option<Engine>,
    /// Rows that were not handed to the engine yet.
    source: Vec<u32>,
    bad: &'a BTreeSet<u32>,
    skipped: &'a BTreeSet<u32>,
    wire: Vec<(u64, Vec<Sent>)>,
    asked: Vec<(u64, String)>,
    server: Server,
    next_task: u32,
    now: Instant,
}

fn plan() -> Plan {
    Plan {
        path: "/somewhere/catalog.csv".into(),
        fingerprint: Fingerprint::default(),
        recipe: Recipe::default(),
        dataset: Dataset::Products,
        rows: u64::from(ROWS),
        limits: Limits::recommended(Dataset::Products),
        environment: "local".to_owned(),
        address: "http://127.0.0.1:8700".to_owned(),
    }
}

fn engine(account: Account) -> Engine {
    let most_bytes = Planner::new(Limits::recommended(Dataset::Products)).most_bytes();
    Engine::new(account, RetryPolicy::for_test(), Pace::default(), most_bytes, false)
}

fn lost() -> ApiError {
    ApiError::Connection {
        kind: ConnectionKind::Broken,
        detail: "lost".to_owned(),
    }
}

fn lines(bad: &[usize]) -> Vec<String> {
    let line = |place: &usize| format!("data.{place}.title is invalid. The attribute should be better.");
    bad.iter().map(line).collect()
}

impl<'a> World<'a> {
    fn new(folder: &'a Path, bad: &'a BTreeSet<u32>, skipped: &'a BTreeSet<u32>) -> Self {
        let account = Ledger::open(folder).unwrap().begin(&plan()).unwrap();
        let id = account.id().unwrap();
        Self {
            folder,
            id,
            engine: Some(engine(account)),
            source: (0..ROWS).rev().collect(),
            bad,
            skipped,
            wire: Vec::new(),
            asked: Vec::new(),
            server: Server::default(),
            next_task: 0,
            now: Instant::now(),
        }
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn depart(&mut self) {
        while self.engine().is_hungry() && !self.source.is_empty() {
            let mut batch = Batch::new();
            let mut skipped = Vec::new();
            while batch.len() < BATCH {
                let Some(row) = self.source.pop() else { break };
                if self.skipped.contains(&row) {
                    skipped.push((row, SkipReason::HasErrors));
                    continue;
                }
                let id = u64::from(row % IDS);
                let json = json!({"row": row, "id": id, "bad": self.bad.contains(&row)}).to_string();
                batch.push(Record {
                    row,
                    json: json.into_bytes(),
                    key: Some(id),
                });
            }
            self.engine().take(&skipped, batch);
        }
        let now = self.now;
        if let Some(departure) = self.engine().depart(now) {
            let body: Value = serde_json::from_slice(&departure.body).unwrap();
            let records = body["data"].as_array().unwrap().iter().map(|record| {
                let row = u32::try_from(record["row"].as_u64().unwrap()).unwrap();
                (row, record["id"].as_u64().unwrap(), record["bad"] == true)
            });
            self.wire.push((departure.ticket, records.collect()));
        }
    }

    fn answer(&mut self, which: usize, fate: Fate) {
        if self.wire.is_empty() {
            return;
        }
        let (ticket, records) = self.wire.swap_remove(which % self.wire.len());
        let rejected = |lines| ApiError::Rejected {
            message: "None of the records were inserted".to_owned(),
            lines,
        };
        let answer = match fate {
            Fate::Judge | Fate::JudgeVaguely => match self.server.judge(&records) {
                Ok(()) => Ok(Accepted::default()),
                Err(bad) if fate == Fate::Judge => Err(rejected(lines(&bad))),
                Err(_) => Err(rejected(vec!["Something is not nice".to_owned()])),
            },
            Fate::Take => {
                self.next_task += 1;
                let task = format!("task-{}", self.next_task);
                self.server.tasks.insert(task.clone(), records);
                Ok(Accepted { task_id: Some(task) })
            }
            Fate::LoseAnswer => {
                self.server.judge(&records).ok();
                Err(lost())
            }
            Fate::LoseRequest => Err(lost()),
            Fate::Busy => Err(ApiError::TooMany { retry_after: None }),
            Fate::Break => Err(ApiError::Server {
                status: 500,
                message: String::new(),
                retry_after: None,
            }),
            Fate::Unauthorized => Err(ApiError::Unauthorized),
        };
        let now = self.now;
        if let Some(task) = self.engine().arrive(ticket, answer, now) {
            self.asked.push((ticket, task));
        }
    }

    fn tell(&mut self, which: usize, fate: Fate) {
        if self.asked.is_empty() {
            return;
        }
        let (ticket, task) = self.asked.swap_remove(which % self.asked.len());
        let told = match fate {
            Fate::LoseAnswer => {
                self.server.decide(&task).ok();
                Told::Open(lost())
            }
            Fate::LoseRequest => Told::Open(lost()),
            _ => match self.server.decide(&task) {
                Ok(()) => Told::Done,
                Err(bad) => Told::Failed { lines: lines(&bad) },
            },
        };
        self.engine().told(ticket, told);
    }

    /// The client is gone; what is under way arrives, or not. Then somebody resumes the upload.
    fn kill(&mut self, arrive: u64) {
        let before = self.engine().account().state().clone();
        for (place, (_, records)) in std::mem::take(&mut self.wire).into_iter().enumerate() {
            if arrive >> (place % 64) & 1 == 1 {
                self.server.judge(&records).ok();
            }
        }
        self.engine = None;
        // All that was known is on disk.
        assert_eq!(Ledger::open(self.folder).unwrap().state(self.id).unwrap(), before);
        self.resume(arrive);
    }

    fn restart(&mut self) {
        self.wire.clear();
        let (account, _) = self.engine.take().unwrap().end();
        assert_eq!(account.state().tally().sent, 0);
        drop(account);
        self.resume(u64::MAX);
    }

    fn resume(&mut self, decide: u64) {
        self.asked.clear();
        let account = Ledger::open(self.folder).unwrap().resume(self.id).unwrap();
        let mut engine = engine(account);
        for (place, task) in engine.open_tasks().into_iter().enumerate() {
            if decide >> (place % 64) & 1 == 1 && self.server.tasks.contains_key(&task) {
                self.server.decide(&task).ok();
            }
            let told = match self.server.decided.get(&task) {
                Some(true) => Told::Done,
                Some(false) => Told::Failed { lines: Vec::new() },
                None => {
                    // A server that forgets a task never performs it.
                    self.server.tasks.remove(&task);
                    Told::NoSuchTask
                }
            };
            engine.told_later(&task, &told);
        }
        let done = engine.account().state().done();
        self.source = (0..ROWS).rev().filter(|row| !done.contains(*row)).collect();
        self.engine = Some(engine);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Depart => self.depart(),
            Step::Answer(which, fate) => self.answer(*which, *fate),
            Step::Tell(which, fate) => self.tell(*which, *fate),
            Step::Kill(arrive) => self.kill(*arrive),
            Step::Restart => self.restart(),
        }
        self.check();
    }

    fn check(&mut self) {
        let state = self.engine.as_ref().unwrap().account().state();
        let tally = state.tally();
        assert_eq!(
            (tally.sum(), tally.all),
            (u64::from(ROWS), u64::from(ROWS)),
            "{tally:?}"
        );
        for row in 0..ROWS {
            let state = state.rows().state(row);
            match state {
                RowState::Stored => assert!(self.server.ever.contains(&row), "{row} is not stored"),
                RowState::Rejected => assert!(self.bad.contains(&row), "{row} is innocent"),
                RowState::Skipped(_) => assert!(self.skipped.contains(&row)),
                RowState::Waiting => assert!(!self.server.ever.contains(&row), "{row} is stored, but said to wait"),
                RowState::Sent | RowState::Unknown => {}
            }
        }
    }

    /// Nothing goes wrong any more.
    fn finish(&mut self) {
        while !self.asked.is_empty() {
            self.tell(0, Fate::Judge);
        }
        for _ in 0..1000 {
            if self.engine().stopped().is_some() {
                self.restart();
            }
            self.depart();
            self.answer(0, Fate::Judge);
            self.check();
            if self.source.is_empty() && self.wire.is_empty() && self.engine().is_idle() {
                break;
            }
        }
        let (account, stopped) = self.engine.take().unwrap().end();
        assert_eq!(stopped, None);
        drop(account);
        let upload = Ledger::open(self.folder).unwrap().upload(self.id).unwrap();
        let good = |row: &u32| !self.bad.contains(row) && !self.skipped.contains(row);
        let good: BTreeSet<u32> = (0..ROWS).filter(good).collect();
        assert_eq!(upload.tally.stored, good.len() as u64);
        assert_eq!(upload.tally.open(), 0);
        assert_eq!(upload.tally.skipped(), self.skipped.len() as u64);
        assert_eq!(self.server.ever, good);
        // Of the rows with an id the last good one is what is stored.
        for (id, row) in &self.server.records {
            let last = good.iter().filter(|row| u64::from(**row % IDS) == *id).max();
            assert_eq!(Some(row), last, "id {id}");
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Judge),
        1 => Just(Fate::JudgeVaguely),
        3 => Just(Fate::Take),
        2 => Just(Fate::LoseAnswer),
        2 => Just(Fate::LoseRequest),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Break),
        1 => Just(Fate::Unauthorized),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Depart),
        8 => (any::<usize>(), fate()).prop_map(|(which, fate)| Step::Answer(which, fate)),
        3 => (any::<usize>(), fate()).prop_map(|(which, fate)| Step::Tell(which, fate)),
        1 => any::<u64>().prop_map(Step::Kill),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: the sum holds, what is called stored was stored, what is said to wait was not, only bad rows
    /// are refused, and once nothing goes wrong any more every good row is stored, of each id the last one.
    #[test]
    fn the_ledger_never_lies(
        steps in prop::collection::vec(step(), 0..120),
        bad in prop::collection::btree_set(0..ROWS, 0..6),
        skipped in prop::collection::btree_set(0..ROWS, 0..6),
    ) {
        let bad: BTreeSet<u32> = bad.difference(&skipped).copied().collect();
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::new(folder.path(), &bad, &skipped);
        for step in &steps {
            world.step(step);
        }
        world.finish();
    }
}

#[test]
fn an_upload_is_resumed_by_one_process_only() {
    let folder = tempfile::tempdir().unwrap();
    let account = Ledger::open(folder.path()).unwrap().begin(&plan()).unwrap();
    let id = account.id().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(ledger.is_running(id));
    let refused = Ledger::open(folder.path()).unwrap().resume(id).unwrap_err();
    insta::assert_snapshot!(refused, @"upload 1 is running in another window or terminal; wait until it ends, or stop it there");
    drop(account);
    assert!(!ledger.is_running(id));
    assert!(Ledger::open(folder.path()).unwrap().resume(id).is_ok());
}

#[test]
fn a_ledger_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Ledger::open(folder.path()).unwrap());
    let connection = rusqlite::Connection::open(folder.path().join("uploads.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(
        Ledger::open(folder.path())
            .unwrap_err()
            .to_string()
            .contains("newer version")
    );
}
