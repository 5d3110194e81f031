//! The ledger against a model of a server: any sequence of answers, faults, kills and restarts.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use crate::common::plan::{self, NO_PAUSES};
use proptest::prelude::*;
use serde_json::{Value, json};
use tatami::{
    api::{Accepted, ApiError, ConnectionKind},
    domain::{dataset::Dataset, rows::RowSet},
    upload::{
        Account, Batch, BatchLimits, Before, Confirmation, Dispatch, Engine, EngineConfig, EngineRequest, FoundRecords,
        Ledger, LedgerEntry, LedgerError, ListedIds, LookupOutcome, Pace, Planner, RecordSource, Retention, RowState,
        SkipReason, SourceItem, TaskOutcome, UploadId, UploadPlan, UploadRecord, WriteOptions, revert::RevertRecords,
    },
};

/// Rows of an upload.
const ROWS: u32 = 40;
/// Ids that are shared by several rows: order matters for them.
const IDS: u32 = 25;
/// Rows in a batch.
const BATCH: usize = 4;

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

/// What the server is asked.
#[derive(Clone, Debug)]
enum Call {
    Look(Vec<String>),
    Put(Vec<Value>),
    Delete(Vec<String>),
}

#[derive(Default)]
struct Server {
    /// What is stored under an id.
    records: BTreeMap<String, Value>,
    /// Every row that a request ever stored.
    ever: BTreeSet<u32>,
    /// Requests that were taken and are not decided.
    tasks: BTreeMap<String, Call>,
    /// Decided tasks: whether they were performed.
    decided: BTreeMap<String, bool>,
}

fn row_of(record: &Value) -> Option<u32> {
    u32::try_from(record["row"].as_u64()?).ok()
}

impl Server {
    /// Stores all or nothing; the places of the bad ones otherwise. Deletes what is there.
    fn judge(&mut self, request: &Call) -> Result<(), Vec<usize>> {
        match request {
            Call::Look(_) => {}
            Call::Delete(ids) => self.records.retain(|id, _| !ids.contains(id)),
            Call::Put(records) => {
                let bad: Vec<usize> = (0..records.len())
                    .filter(|&place| records[place]["bad"] == true)
                    .collect();
                if !bad.is_empty() {
                    return Err(bad);
                }
                for record in records {
                    let id = record["id"].as_str().unwrap().to_owned();
                    self.records.insert(id, record.clone());
                    self.ever.extend(row_of(record));
                }
            }
        }
        Ok(())
    }

    fn decide(&mut self, task: &str) -> Result<(), Vec<usize>> {
        let request = self.tasks.remove(task).unwrap();
        let judged = self.judge(&request);
        self.decided.insert(task.to_owned(), judged.is_ok());
        judged
    }

    fn found(&self, ids: &[String]) -> FoundRecords {
        let stored = |id: &String| self.records.get(id).map(Value::to_string);
        ids.iter().map(|id| (id.clone(), stored(id))).collect()
    }
}

/// A client with its ledger on disk, and the server it talks to.
struct World<'a> {
    folder: &'a Path,
    id: UploadId,
    write_options: WriteOptions,
    engine: Option<Engine>,
    /// All records, by row.
    records: Vec<UploadRecord>,
    /// Rows that were not handed to the engine yet, the next one last.
    source: Vec<u32>,
    bad: &'a BTreeSet<u32>,
    skipped: &'a BTreeSet<u32>,
    wire: Vec<(u64, Call)>,
    asked: Vec<(u64, String)>,
    server: Server,
    /// What the server held before.
    before: BTreeMap<String, Value>,
    next_task: u32,
    now: Instant,
}

fn plan(write_options: WriteOptions) -> UploadPlan {
    plan::plan(u64::from(ROWS), write_options)
}

fn engine(account: Account, write_options: WriteOptions, listed: ListedIds) -> Engine {
    let config = EngineConfig {
        policy: NO_PAUSES,
        pace: Pace::default(),
        byte_limit: Planner::new(BatchLimits::recommended(Dataset::Products)).byte_limit(),
        dry_run: false,
        write_options,
    };
    let mut engine = Engine::new(account, config);
    engine.set_listed(listed);
    engine
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

/// The record of a row: several rows have the same id.
fn record(row: u32, is_bad: bool) -> UploadRecord {
    let id = (row % IDS).to_string();
    let mut json = json!({"row": row, "id": id});
    if is_bad {
        json["bad"] = json!(true);
    }
    UploadRecord {
        row,
        json: json.to_string().into_bytes(),
        id: Some(id.into()),
        ..UploadRecord::default()
    }
}

impl<'a> World<'a> {
    fn new(
        folder: &'a Path,
        plan: &UploadPlan,
        records: Vec<UploadRecord>,
        (bad, skipped): (&'a BTreeSet<u32>, &'a BTreeSet<u32>),
        server: Server,
    ) -> Self {
        let account = Ledger::open(folder).unwrap().begin(plan).unwrap();
        let mut world = Self {
            folder,
            id: account.id().unwrap(),
            write_options: plan.write_options,
            engine: None,
            source: (0..u32::try_from(records.len()).unwrap()).rev().collect(),
            records,
            bad,
            skipped,
            wire: Vec::new(),
            asked: Vec::new(),
            before: server.records.clone(),
            server,
            next_task: 0,
            now: Instant::now(),
        };
        world.engine = Some(engine(account, plan.write_options, world.listed()));
        world
    }

    /// The client lists what is stored every other time.
    fn listed(&self) -> ListedIds {
        if self.next_task.is_multiple_of(2) {
            return ListedIds::All;
        }
        let ids = self.server.records.keys();
        let key = |id: &String| {
            let id = Some(id.as_str().into());
            UploadRecord {
                id,
                ..UploadRecord::default()
            }
            .key()
            .unwrap()
        };
        ListedIds::only(ids.map(key).collect())
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn dispatch(&mut self) {
        while self.engine().wants_batch() && !self.source.is_empty() {
            let mut batch = Batch::new();
            let mut skipped = Vec::new();
            while batch.len() < BATCH {
                let Some(row) = self.source.pop() else { break };
                if self.skipped.contains(&row) {
                    skipped.push((row, SkipReason::HasErrors));
                } else {
                    batch.push(self.records[row as usize].clone());
                }
            }
            self.engine().take(&skipped, batch);
        }
        let now = self.now;
        if let Some(Dispatch { ticket, request }) = self.engine().dispatch(now) {
            let request = match request {
                EngineRequest::Read(ids) => Call::Look(ids),
                EngineRequest::Delete(ids) => Call::Delete(ids),
                EngineRequest::Upload(body) => {
                    let mut body: Value = serde_json::from_slice(&body).unwrap();
                    Call::Put(body["data"].take().as_array().unwrap().clone())
                }
            };
            self.wire.push((ticket, request));
        }
    }

    fn answer(&mut self, which: usize, fate: Fate) {
        if self.wire.is_empty() {
            return;
        }
        let (ticket, request) = self.wire.swap_remove(which % self.wire.len());
        let now = self.now;
        let failure = match fate {
            Fate::LoseAnswer | Fate::LoseRequest => Some(lost()),
            Fate::Busy => Some(ApiError::TooMany { retry_after: None }),
            Fate::Break => Some(ApiError::Server {
                status: 500,
                message: String::new(),
                retry_after: None,
            }),
            Fate::Unauthorized => Some(ApiError::Unauthorized),
            Fate::Judge | Fate::JudgeVaguely | Fate::Take => None,
        };
        if let Call::Look(ids) = &request {
            // Of a question that fails half way, some is answered.
            let some = if failure.is_some() { ids.len() / 2 } else { ids.len() };
            let lookup_outcome = LookupOutcome {
                found: self.server.found(&ids[..some]),
                error: failure,
            };
            self.engine().on_lookup(ticket, lookup_outcome, now);
            return;
        }
        let rejected = |lines| ApiError::Rejected {
            message: "None of the records were inserted".to_owned(),
            lines,
        };
        let answer = match (fate, failure) {
            (Fate::LoseAnswer, Some(error)) => {
                self.server.judge(&request).ok();
                Err(error)
            }
            (_, Some(error)) => Err(error),
            (Fate::Take, None) => {
                self.next_task += 1;
                let task = format!("task-{}", self.next_task);
                self.server.tasks.insert(task.clone(), request);
                Ok(Accepted { task_id: Some(task) })
            }
            (fate, None) => match self.server.judge(&request) {
                Ok(()) => Ok(Accepted::default()),
                Err(bad) if fate == Fate::Judge => Err(rejected(lines(&bad))),
                Err(_) => Err(rejected(vec!["Something is not nice".to_owned()])),
            },
        };
        if let Some(task) = self.engine().on_response(ticket, answer, now) {
            self.asked.push((ticket, task));
        }
    }

    fn tell(&mut self, which: usize, fate: Fate) {
        if self.asked.is_empty() {
            return;
        }
        let (ticket, task) = self.asked.swap_remove(which % self.asked.len());
        let outcome = match fate {
            Fate::LoseAnswer => {
                self.server.decide(&task).ok();
                TaskOutcome::Open(lost())
            }
            Fate::LoseRequest => TaskOutcome::Open(lost()),
            Fate::Busy | Fate::Break => {
                self.server.tasks.remove(&task);
                self.server.decided.insert(task, false);
                let message = String::new();
                let retry_after = None;
                TaskOutcome::Failed(ApiError::Server {
                    status: 500,
                    message,
                    retry_after,
                })
            }
            _ => match self.server.decide(&task) {
                Ok(()) => TaskOutcome::Done,
                Err(bad) => TaskOutcome::Refused { lines: lines(&bad) },
            },
        };
        let now = self.now;
        self.engine().on_task_outcome(ticket, outcome, now);
    }

    /// The client is gone; what is under way arrives, or not. Then somebody resumes the upload.
    fn kill(&mut self, arrive: u64) {
        let before = self.engine().account().state().clone();
        for (place, (_, request)) in std::mem::take(&mut self.wire).into_iter().enumerate() {
            if arrive >> (place % 64) & 1 == 1 {
                self.server.judge(&request).ok();
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
        let mut engine = engine(account, self.write_options, ListedIds::All);
        for (place, task) in engine.open_tasks().into_iter().enumerate() {
            if decide >> (place % 64) & 1 == 1 && self.server.tasks.contains_key(&task) {
                self.server.decide(&task).ok();
            }
            let outcome = match self.server.decided.get(&task) {
                Some(true) => TaskOutcome::Done,
                Some(false) => TaskOutcome::Refused { lines: Vec::new() },
                None => {
                    // A server that forgets a task never performs it.
                    self.server.tasks.remove(&task);
                    TaskOutcome::NoSuchTask
                }
            };
            engine.on_open_task_outcome(&task, &outcome);
        }
        engine.set_listed(self.listed());
        let done = engine.account().state().done();
        let rows = u32::try_from(self.records.len()).unwrap();
        self.source = (0..rows).rev().filter(|row| !done.contains(*row)).collect();
        self.engine = Some(engine);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Depart => self.dispatch(),
            Step::Answer(which, fate) => self.answer(*which, *fate),
            Step::Tell(which, fate) => self.tell(*which, *fate),
            Step::Kill(arrive) => self.kill(*arrive),
            Step::Restart => self.restart(),
        }
        self.check();
    }

    /// Whether the server held the record of a row before anything was sent.
    fn was_held(&self, row: u32) -> bool {
        self.before.values().any(|record| row_of(record) == Some(row))
    }

    fn is_undo(&self) -> bool {
        self.records.iter().any(|record| record.reverts.is_some())
    }

    fn check(&mut self) {
        let state = self.engine.as_ref().unwrap().account().state();
        let tally = state.tally();
        let rows = self.records.len() as u64;
        assert_eq!((tally.sum(), tally.all), (rows, rows), "{tally:?}");
        if self.is_undo() {
            return;
        }
        let ever = |row: u32| self.server.ever.contains(&row);
        for row in 0..ROWS {
            match state.rows().state(row) {
                RowState::Stored => assert!(ever(row) || self.was_held(row), "{row} is not stored"),
                RowState::Rejected => assert!(self.bad.contains(&row), "{row} is innocent"),
                RowState::Skipped(SkipReason::Unchanged) => {
                    assert!(
                        self.write_options.skip_identical && (ever(row) || self.was_held(row)),
                        "{row} is not there"
                    );
                }
                RowState::Skipped(_) => assert!(self.skipped.contains(&row)),
                RowState::Waiting => assert!(!ever(row), "{row} is stored, but said to wait"),
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
            self.dispatch();
            self.answer(0, Fate::Judge);
            self.check();
            if self.source.is_empty() && self.wire.is_empty() && self.engine().is_idle() {
                break;
            }
        }
        let (account, stopped) = self.engine.take().unwrap().end();
        assert!(stopped.is_none(), "{stopped:?}");
        drop(account);
    }

    /// What must hold when an upload is through.
    fn check_upload(&self) {
        let upload = Ledger::open(self.folder).unwrap().upload(self.id).unwrap();
        let good = |row: &u32| !self.bad.contains(row) && !self.skipped.contains(row);
        let good: BTreeSet<u32> = (0..ROWS).filter(good).collect();
        assert_eq!(upload.tally.stored + upload.tally.unchanged, good.len() as u64);
        assert_eq!(upload.tally.open(), 0);
        assert_eq!(
            upload.tally.skipped() - upload.tally.unchanged,
            self.skipped.len() as u64
        );
        assert!(self.server.ever.is_subset(&good));
        for id in 0..IDS {
            let (name, rows) = (id.to_string(), good.iter().filter(|row| **row % IDS == id));
            let (stored, before) = (self.server.records.get(&name), self.before.get(&name));
            // Of the rows with an id the last good one is what is stored; without one, what was there.
            let Some(last) = rows.max() else {
                assert_eq!(stored, before, "id {id}");
                continue;
            };
            let stored = stored.unwrap();
            assert_eq!(row_of(stored), Some(*last), "id {id}");
            let had_more = before.is_some_and(|before| before["old"] == true);
            assert_eq!(
                stored["old"] == true,
                had_more && self.write_options.merge,
                "id {id}: {stored}"
            );
        }
    }

    /// What was kept is what was there, of every id that was sent.
    fn check_kept(&self) -> Vec<UploadRecord> {
        let snapshot = Ledger::open(self.folder).unwrap().snapshot(self.id).unwrap().unwrap();
        let mut kept_ids = BTreeSet::new();
        for (_, kept) in snapshot.read(0, u32::MAX).unwrap() {
            let before = match &kept.before {
                Before::Nothing => None,
                Before::Record(text) => Some(serde_json::from_str(text).unwrap()),
                Before::Unknown => panic!("{} was looked up", kept.id),
            };
            assert_eq!(before.as_ref(), self.before.get(&kept.id), "{}", kept.id);
            kept_ids.insert(kept.id);
        }
        for row in &self.server.ever {
            assert!(
                kept_ids.contains(&(row % IDS).to_string()),
                "{row} was stored, and nothing kept"
            );
        }
        let mut records = RevertRecords::new(snapshot);
        let mut all = Vec::new();
        while let Some(item) = RecordSource::next(&mut records) {
            match item.unwrap() {
                SourceItem::Record(record) => all.push(record),
                SourceItem::Skip { .. } => unreachable!("nothing of an undo is left out"),
            }
        }
        all
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

fn write_options() -> impl Strategy<Value = WriteOptions> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(merge, skip_identical, keep_replaced)| WriteOptions {
        merge,
        skip_identical,
        keep_replaced,
        over_changes: false,
    })
}

/// What the server holds before: under some ids the record of a row, under others something else.
fn held() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let something = |(id, is_row): (u32, bool)| {
        let record = if is_row {
            json!({"id": id.to_string(), "row": id})
        } else {
            json!({"id": id.to_string(), "old": true})
        };
        (id.to_string(), record)
    };
    let ids = prop::collection::btree_map(0..IDS, any::<bool>(), 0..12);
    ids.prop_map(move |ids| ids.into_iter().map(something).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: the sum holds, what is called stored was stored, what is said to wait was not, only bad rows
    /// are refused, and once nothing goes wrong any more every good row is stored, of each id the last one. Merged,
    /// nothing is lost. What was kept is what was there, and an undo that meets the same mishaps puts it back, but for
    /// what somebody has changed since.
    #[test]
    fn the_ledger_never_lies(
        steps in prop::collection::vec(step(), 0..120),
        bad in prop::collection::btree_set(0..ROWS, 0..6),
        skipped in prop::collection::btree_set(0..ROWS, 0..6),
        write_options in write_options(),
        held in held(),
        tampered in prop::collection::btree_set(0..IDS, 0..3),
    ) {
        let bad: BTreeSet<u32> = bad.difference(&skipped).copied().collect();
        let folder = tempfile::tempdir().unwrap();
        let records = (0..ROWS).map(|row| record(row, bad.contains(&row))).collect();
        let server = Server { records: held.clone(), ..Server::default() };
        let mut world = World::new(folder.path(), &plan(write_options), records, (&bad, &skipped), server);
        for step in &steps {
            world.step(step);
        }
        world.finish();
        world.check_upload();
        if !write_options.keep_replaced {
            return Ok(());
        }
        let kept = world.check_kept();
        let ids: BTreeSet<String> = kept.iter().map(|record| record.id.as_deref().unwrap().to_owned()).collect();
        let mut server = Server { records: world.server.records, ..Server::default() };
        let tampered: BTreeSet<String> = tampered.iter().map(ToString::to_string).collect();
        for id in &tampered {
            server.records.insert(id.clone(), json!({"id": id, "tampered": true}));
        }
        let of_revert = UploadPlan {
            rows: kept.len() as u64,
            reverts: Some(world.id),
            ..plan(WriteOptions { keep_replaced: true, ..WriteOptions::default() })
        };
        let none = BTreeSet::new();
        let mut undo = World::new(folder.path(), &of_revert, kept, (&none, &none), server);
        for step in &steps {
            undo.step(step);
        }
        undo.finish();
        for id in ids.union(&tampered) {
            let stored = undo.server.records.get(id);
            if tampered.contains(id) {
                prop_assert!(stored.unwrap()["tampered"] == true, "{} was overwritten", id);
            } else {
                prop_assert_eq!(stored, held.get(id), "{} is as before", id);
            }
        }
        let upload = Ledger::open(folder.path()).unwrap().upload(undo.id).unwrap();
        prop_assert_eq!(upload.tally.changed_since, ids.intersection(&tampered).count() as u64);
        prop_assert_eq!(upload.tally.open(), 0);
    }
}

#[test]
fn an_upload_is_resumed_by_one_process_only() {
    let folder = tempfile::tempdir().unwrap();
    let account = Ledger::open(folder.path())
        .unwrap()
        .begin(&plan(WriteOptions::default()))
        .unwrap();
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
fn ledgers_of_earlier_versions_go_on() {
    let since_5 = "ALTER TABLE uploads DROP COLUMN key; PRAGMA user_version = 5;";
    let since_4 = r#"UPDATE uploads SET recipe = '{"open":{},"targets":[]}'; PRAGMA user_version = 4;"#;
    let since_3 = "DROP INDEX uploads_by_undone; ALTER TABLE uploads DROP COLUMN tally; \
                   ALTER TABLE uploads DROP COLUMN tallied; PRAGMA user_version = 3;";
    let since_2 = "ALTER TABLE uploads DROP COLUMN store; PRAGMA user_version = 2;";
    let since_1 = "ALTER TABLE uploads DROP COLUMN manner; ALTER TABLE uploads DROP COLUMN undoes; \
                   PRAGMA user_version = 1;";
    for undone in [
        since_5.to_owned(),
        [since_5, since_4].concat(),
        [since_5, since_4, since_3].concat(),
        [since_5, since_4, since_3, since_2].concat(),
        [since_5, since_4, since_3, since_2, since_1].concat(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let begun = Ledger::open(folder.path())
            .unwrap()
            .begin(&plan(WriteOptions::default()));
        store(&mut begun.unwrap(), 0..3);
        let connection = rusqlite::Connection::open(folder.path().join("uploads.sqlite")).unwrap();
        connection.execute_batch(&undone).unwrap();
        drop(connection);
        let uploads = Ledger::open(folder.path()).unwrap().uploads().unwrap();
        assert_eq!(uploads.len(), 1);
        assert_eq!(uploads[0].plan, plan(WriteOptions::default()));
        assert_eq!((uploads[0].tally.stored, uploads[0].tally.open()), (3, 37));
    }
}

fn store(account: &mut Account, rows: std::ops::Range<u32>) {
    let rows = RowSet::of_ranges([rows]);
    account.note(LedgerEntry::Send { rows: rows.clone() }).unwrap();
    account
        .note(LedgerEntry::Store {
            rows,
            confirmation: Confirmation::Answer,
            digests: Vec::new(),
        })
        .unwrap();
}

/// A list of uploads reads no entries of those whose tally is written down, and never says an old one.
#[test]
fn a_list_of_uploads_reads_what_was_noted_since_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Ledger::open(folder.path()).unwrap();
    let stored = || {
        open().list(Retention::default()).unwrap().uploads[0]
            .upload
            .tally
            .stored
    };
    let damage = |with: &str| {
        let connection = rusqlite::Connection::open(folder.path().join("uploads.sqlite")).unwrap();
        connection
            .execute("UPDATE entries SET rows = unhex(?1) WHERE number = 0", [with])
            .unwrap();
    };
    let mut account = open().begin(&plan(WriteOptions::default())).unwrap();
    store(&mut account, 0..3);
    assert_eq!(stored(), 3, "of one that runs");
    store(&mut account, 3..5);
    assert_eq!(stored(), 5);
    store(&mut account, 5..9);
    account.end(None).unwrap();
    let id = account.id().unwrap();
    drop(account);
    damage("FF");
    assert!(matches!(open().state(id), Err(LedgerError::Damaged(_))));
    assert_eq!(stored(), 9, "no entry is read");
    damage("0003");
    // Killed: it is never said that it ended.
    store(&mut open().resume(id).unwrap(), 9..10);
    assert_eq!(stored(), 10);
    damage("FF");
    assert_eq!(stored(), 10, "counted once");
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
