//! What is known of the records that an upload replaces: looked up shortly before, kept when they are replaced, and
//! only then. The engine is told what a server says; nobody waits and nobody connects.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use crate::common::plan::{NO_PAUSES, plan};
use serde_json::json;
use tatami::{
    api::{Accepted, ApiError},
    domain::dataset::Dataset,
    upload::{
        Account, Batch, BatchLimits, Before, Dispatch, Engine, EngineConfig, EngineRequest, Ledger, ListedIds,
        LookupOutcome, Pace, Planner, TaskOutcome, UploadId, UploadRecord, WriteOptions,
    },
};

/// An engine, what its server holds, and what time it is.
struct World {
    engine: Engine,
    held: BTreeMap<String, String>,
    now: Instant,
}

fn begin(folder: &Path, write_options: WriteOptions) -> Account {
    Ledger::open(folder).unwrap().begin(&plan(6, write_options)).unwrap()
}

fn batch(rows: std::ops::Range<u32>, fields: &[(&str, &str)]) -> Batch {
    let record = |row: u32| {
        let mut json = json!({"product_id": format!("p{row}")});
        for (field, value) in fields {
            json[*field] = json!(value);
        }
        UploadRecord {
            row,
            json: json.to_string().into_bytes(),
            id: Some(format!("p{row}").into()),
            ..UploadRecord::default()
        }
    };
    rows.map(record).collect()
}

impl World {
    fn new(account: Account, write_options: WriteOptions, rows_a_second: Option<f64>) -> Self {
        let config = EngineConfig {
            policy: NO_PAUSES,
            pace: Pace {
                rows_a_second,
                ..Pace::default()
            },
            byte_limit: Planner::new(BatchLimits::recommended(Dataset::Products)).byte_limit(),
            dry_run: false,
            write_options,
        };
        Self {
            engine: Engine::new(account, config),
            held: BTreeMap::new(),
            now: Instant::now(),
        }
    }

    fn dispatch(&mut self) -> Option<Dispatch> {
        self.engine.dispatch(self.now)
    }

    /// The ids that are asked for; they are not answered yet.
    fn asks(&mut self) -> (u64, Vec<String>) {
        match self.dispatch().unwrap() {
            Dispatch {
                ticket,
                request: EngineRequest::Read(ids),
            } => (ticket, ids),
            other => panic!("{other:?}"),
        }
    }

    fn answer_look(&mut self, (ticket, ids): (u64, Vec<String>)) {
        let found = ids
            .into_iter()
            .map(|id| (id.clone(), self.held.get(&id).cloned()))
            .collect();
        self.engine
            .on_lookup(ticket, LookupOutcome { found, error: None }, self.now);
    }

    /// The records that are sent, as JSON lines; they are not answered yet.
    fn sends(&mut self) -> (u64, String) {
        match self.dispatch().unwrap() {
            Dispatch {
                ticket,
                request: EngineRequest::Upload(body),
            } => (ticket, String::from_utf8(body).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, ticket: u64, answer: Result<Accepted, ApiError>) {
        self.engine.on_response(ticket, answer, self.now);
    }

    fn good(&mut self, ticket: u64) {
        self.answer(ticket, Ok(Accepted { task_id: None }));
    }
}

fn kept(folder: &Path) -> Vec<String> {
    let snapshot = Ledger::open(folder).unwrap().snapshot(UploadId(1)).unwrap().unwrap();
    let kept = snapshot.read(0, 99).unwrap();
    assert_eq!(snapshot.ids().unwrap(), kept.len() as u64);
    let line = |kept: tatami::upload::Replaced| match kept.before {
        Before::Nothing => format!("{}: nothing", kept.id),
        Before::Record(record) => format!("{}: {record}", kept.id),
        Before::Unknown => format!("{}: unknown", kept.id),
    };
    kept.into_iter().map(|(_, kept)| line(kept)).collect()
}

#[test]
fn only_what_was_replaced_is_kept_and_as_it_was_then() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions::recommended(Dataset::Products);
    let mut world = World::new(begin(folder.path(), write_options), write_options, Some(100.0));
    for rows in [0..2, 2..4, 4..6] {
        world.engine.take(&[], batch(rows, &[("title", "New")]));
    }
    world
        .held
        .insert("p5".to_owned(), "{\"product_id\":\"p5\",\"title\":\"Old\"}".to_owned());
    let look = world.asks();
    world.answer_look(look);
    let (ticket, _) = world.sends();
    world.good(ticket);
    world.now += Duration::from_secs(1);
    let (second, third) = (world.asks(), world.asks());
    world.answer_look(second);
    world.answer_look(third);
    let _under_way = world.sends();
    assert!(world.dispatch().is_none(), "the rate has the third wait");
    assert_eq!(
        kept(folder.path()),
        ["p0: nothing", "p1: nothing", "p2: nothing", "p3: nothing"]
    );

    // Killed; somebody changes what was not replaced yet; and somebody goes on.
    let World { mut held, engine, .. } = world;
    drop(engine);
    held.insert(
        "p5".to_owned(),
        "{\"product_id\":\"p5\",\"title\":\"Changed\"}".to_owned(),
    );
    let account = Ledger::open(folder.path()).unwrap().resume(UploadId(1)).unwrap();
    let mut world = World {
        held,
        ..World::new(account, write_options, None)
    };
    world.engine.take(&[], batch(4..6, &[("title", "New")]));
    let look = world.asks();
    world.answer_look(look);
    let (ticket, _) = world.sends();
    world.answer(ticket, Err(ApiError::TooMany { retry_after: None }));
    assert_eq!(
        kept(folder.path()).len(),
        4,
        "nothing of a request that was turned away is replaced"
    );
    world.now += Duration::from_mins(1);
    let (ticket, ids) = world.asks();
    world.held.insert(
        "p5".to_owned(),
        "{\"product_id\":\"p5\",\"title\":\"Again\"}".to_owned(),
    );
    world.answer_look((ticket, ids));
    let (ticket, _) = world.sends();
    world.good(ticket);
    assert_eq!(
        kept(folder.path())[4..],
        ["p4: nothing", "p5: {\"product_id\":\"p5\",\"title\":\"Again\"}"]
    );
}

#[test]
fn a_list_that_others_have_outrun_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions {
        merge: true,
        ..WriteOptions::recommended(Dataset::Products)
    };
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    world.engine.set_listed(ListedIds::only(Vec::new()));
    world.engine.take(&[], batch(0..3, &[("title", "New")]));
    // Somebody uploads the same ids at the same time.
    for id in ["p0", "p1", "p2"] {
        world
            .held
            .insert(id.to_owned(), format!("{{\"product_id\":\"{id}\",\"brand\":\"Sun\"}}"));
    }
    let (ticket, ids) = world.asks();
    assert_eq!(ids.len(), 1, "one of those that are said not to be there");
    world.answer_look((ticket, ids));
    let (ticket, ids) = world.asks();
    assert_eq!(ids.len(), 2, "then the others");
    world.answer_look((ticket, ids));
    let (_, body) = world.sends();
    assert_eq!(body.matches("\"brand\":\"Sun\"").count(), 3, "{body}");
}

#[test]
fn a_row_is_not_merged_with_one_that_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions {
        merge: true,
        ..WriteOptions::recommended(Dataset::Products)
    };
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    let mut both = batch(0..1, &[("pages", "x")]);
    let good = batch(0..1, &[("title", "New")]).remove(0);
    both.push(UploadRecord { row: 1, ..good });
    world.engine.take(&[], both);
    let look = world.asks();
    world.answer_look(look);
    let (ticket, body) = world.sends();
    assert_eq!(body.matches("pages").count(), 2, "merged with the row before: {body}");
    let line = |row: u32| format!("data.{row}.pages is invalid. The attribute was expected to be of type 'number'.");
    let rejected = ApiError::Rejected {
        message: "Invalid".to_owned(),
        lines: vec![line(0), line(1)],
    };
    world.answer(ticket, Err(rejected));
    let look = world.asks();
    world.answer_look(look);
    let (ticket, body) = world.sends();
    assert_eq!(body, r#"{"data":[{"product_id":"p0","title":"New"}]}"#);
    world.good(ticket);
    let tally = world.engine.account().state().tally();
    assert_eq!((tally.stored, tally.rejected), (1, 1));
}

#[test]
fn what_a_failed_task_did_not_store_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions::recommended(Dataset::Products);
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    world.engine.take(&[], batch(0..2, &[("title", "New")]));
    let look = world.asks();
    world.answer_look(look);
    let (ticket, _) = world.sends();
    let task_id = Some("t1".to_owned());
    world.answer(ticket, Ok(Accepted { task_id }));
    drop(world);
    assert_eq!(kept(folder.path()).len(), 2);
    let outcome = [("t1".to_owned(), TaskOutcome::Refused { lines: Vec::new() })];
    let state = Ledger::open(folder.path())
        .unwrap()
        .settle(UploadId(1), &outcome)
        .unwrap();
    assert_eq!(state.tally().waiting, 6);
    assert!(kept(folder.path()).is_empty(), "nothing was replaced");
}

#[test]
fn what_the_server_has_taken_is_told_after_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions::default();
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    let start = world.now;
    let after = |millis| start + Duration::from_millis(millis);
    let mut tickets = Vec::new();
    for (rows, millis) in [(0..2, 0), (2..4, 400)] {
        world.now = after(millis);
        world.engine.take(&[], batch(rows, &[("title", "New")]));
        let (ticket, _) = world.sends();
        let task_id = Some(format!("t{ticket}"));
        assert_eq!(world.engine.pending(after(9999)).0, tickets.len() as u64);
        world.answer(ticket, Ok(Accepted { task_id }));
        tickets.push(ticket);
    }
    assert_eq!(world.engine.pending(after(999)), (0, Some(after(1000))));
    assert_eq!(world.engine.pending(after(1000)), (2, None));
    world.engine.on_task_outcome(tickets[0], TaskOutcome::Done, after(1200));
    assert_eq!(world.engine.pending(after(1200)), (0, Some(after(1400))));
    assert_eq!(world.engine.pending(after(1400)), (1, None));
    world.engine.on_task_outcome(tickets[1], TaskOutcome::Done, after(1500));
    assert_eq!(world.engine.pending(after(1500)), (0, None));
}

#[test]
fn a_later_list_is_gone_by() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions::recommended(Dataset::Products);
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    world.engine.set_listed(ListedIds::only(Vec::new()));
    assert!(world.engine.wants_list());
    let batch = batch(0..6, &[("title", "New")]);
    world
        .engine
        .update_listed(ListedIds::only(batch.iter().filter_map(UploadRecord::key).collect()));
    world.engine.take(&[], batch);
    assert_eq!(world.asks().1.len(), 6);
}

/// A data set that was never filled has no list. Until it has one every id is looked up; where the server has no lists at
/// all, or lists too little, that stays so.
#[test]
fn what_is_not_listed_yet_is_looked_up_until_it_is() {
    let asked = |first: ListedIds, later: ListedIds| {
        let folder = tempfile::tempdir().unwrap();
        let write_options = WriteOptions::recommended(Dataset::Products);
        let mut world = World::new(begin(folder.path(), write_options), write_options, None);
        world.engine.set_listed(first);
        world.engine.update_listed(later);
        world.engine.take(&[], batch(0..6, &[("title", "New")]));
        world.asks().1.len()
    };
    let none = || ListedIds::only(Vec::new());
    assert_eq!(asked(ListedIds::NotYet, ListedIds::NotYet), 6);
    // One is looked up all the same, to see whether the list is behind.
    assert_eq!(asked(ListedIds::NotYet, none()), 1);
    assert_eq!(asked(none(), ListedIds::NotYet), 1);
    assert_eq!(asked(ListedIds::All, none()), 6);
}

#[test]
fn a_list_that_arrives_while_one_looks_leaves_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let write_options = WriteOptions {
        merge: true,
        ..WriteOptions::recommended(Dataset::Products)
    };
    let mut world = World::new(begin(folder.path(), write_options), write_options, None);
    world.engine.set_listed(ListedIds::only(Vec::new()));
    let batch = batch(0..3, &[("title", "New")]);
    let keys = batch.iter().filter_map(UploadRecord::key).collect();
    world.engine.take(&[], batch);
    let look = world.asks();
    world.engine.update_listed(ListedIds::only(keys));
    world.answer_look(look);
    let (ticket, ids) = world.asks();
    assert_eq!(ids.len(), 2);
    world.answer_look((ticket, ids));
    let (_, body) = world.sends();
    assert_eq!(body.matches("New").count(), 3, "{body}");
}
