//! `tatami diff`: what is only on one side, what has changed and what is the same, against a plain model.
#![cfg(unix)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    sync::Arc,
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use tatami::{
    api::{ApiKey, Client, ClientOptions, Endpoint},
    check::{Checked, check},
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    ops::{
        Connection, TableRef,
        diff::{Diff, DiffSide, DifferenceKind, SideCounts, diff},
    },
    settings::Paths,
};

use crate::{
    common::hosted::Hosted,
    home::{Home, at, ended, without_keys},
    server::local_server::LocalServer,
};

const DEV: &str = "secret-key-of-the-dev-environment-000001";

/// Records by id; what is written is each with its id.
type Model = BTreeMap<String, Map<String, Value>>;

struct Table {
    frame: Arc<Frame>,
    edits: Edits,
    checked: Checked,
}

impl Table {
    fn of(records: &Model, folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        std::fs::write(&path, lines(records)).unwrap();
        let progress = Progress::default();
        let frame = Arc::new(Frame::open(&path, &OpenOptions::default(), &progress).unwrap());
        let mapping = Mapping::suggest(Dataset::Products, frame.columns(), true);
        let edits = Edits::default();
        let checked = check(&frame, &edits, &mapping, &progress).unwrap();
        Self { frame, edits, checked }
    }

    fn side(&self) -> DiffSide<'_> {
        DiffSide::Table(TableRef {
            frame: &self.frame,
            edits: &self.edits,
            checked: &self.checked,
        })
    }
}

fn with_id(id: &str, record: &Map<String, Value>) -> Value {
    let mut whole = record.clone();
    whole.insert("product_id".to_owned(), json!(id));
    Value::Object(whole)
}

fn lines(records: &Model) -> String {
    let mut text = String::new();
    for (id, record) in records {
        writeln!(text, "{}", with_id(id, record)).unwrap();
    }
    text
}

/// What differs, as ids in the order of [`DifferenceKind::ALL`] with the fields that changed, and how many are the same.
type Found = ([BTreeMap<String, BTreeSet<String>>; 3], u64);

async fn found(diff: &Diff<'_>) -> Found {
    let mut all = Vec::new();
    for kind in DifferenceKind::ALL {
        let count = usize::try_from(diff.count(kind)).unwrap();
        let differences = diff.read(kind, 0..count).await.unwrap();
        assert_eq!(differences.len(), count);
        let by_id = differences.into_iter().map(|difference| {
            let fields = difference.fields.into_iter().map(|field| field.path);
            (difference.id, fields.collect())
        });
        all.push(by_id.collect());
    }
    (all.try_into().unwrap(), diff.same())
}

/// The same by the model alone.
fn expected(first: &Model, second: &Model) -> Found {
    let flat = |record: &Map<String, Value>| {
        let mut flat = BTreeMap::new();
        for (field, value) in record {
            match value {
                Value::Object(own) if field == "custom_attributes" => {
                    flat.extend(
                        own.iter()
                            .map(|(name, value)| (format!("{field}.{name}"), value.clone())),
                    );
                }
                value => _ = flat.insert(field.clone(), value.clone()),
            }
        }
        flat
    };
    let bare = |id: &String| (id.clone(), BTreeSet::new());
    let only = |one: &Model, other: &Model| one.keys().filter(|id| !other.contains_key(*id)).map(bare).collect();
    let mut changed = BTreeMap::new();
    let mut same = 0;
    for (id, record) in first {
        let Some(other) = second.get(id) else { continue };
        let (record, other) = (flat(record), flat(other));
        let names: BTreeSet<&String> = record.keys().chain(other.keys()).collect();
        let differ = |name: &&&String| record.get(**name) != other.get(**name);
        let fields: BTreeSet<String> = names.iter().filter(differ).map(|name| (*name).clone()).collect();
        if fields.is_empty() {
            same += 1;
        } else {
            changed.insert(id.clone(), fields);
        }
    }
    ([only(first, second), only(second, first), changed], same)
}

fn record() -> impl Strategy<Value = Map<String, Value>> {
    let title = prop::option::of("[a-z ü]{1,8}[a-z]");
    let price = prop::option::of(0_u32..500);
    let tags = prop::option::of(prop::collection::vec("[a-c]{1,2}", 1..3));
    let own = prop::option::of((0_u8..3, any::<bool>()));
    (title, price, tags, own).prop_map(|(title, price, tags, own)| {
        let mut record = Map::new();
        let mut put = |name: &str, value: Option<Value>| record.extend(value.map(|value| (name.to_owned(), value)));
        put("title", title.map(Value::from));
        put("sale_price", price.map(|cents| json!(f64::from(cents) / 4.0)));
        put("tags", tags.map(|tags| json!(tags)));
        put(
            "custom_attributes",
            own.map(|(shelf, is_new)| json!({"shelf": shelf, "is_new": is_new})),
        );
        record
    })
}

fn model() -> impl Strategy<Value = Model> {
    prop::collection::btree_map("[A-D][0-9]", record(), 1..30)
}

/// What a file would send is the same once it is stored; random other records are found exactly, in every pairing.
#[test]
fn differences_are_those_of_a_plain_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let tested = runner.run(&(model(), model()), |(first, second)| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let paths = Paths::under(folder.path());
            let (stored, other) = (LocalServer::start().await, LocalServer::start().await);
            for (server, records) in [(&stored, &first), (&other, &second)] {
                let endpoint = Endpoint::new(&server.url, ApiKey::new(&*server.keys.secret)).unwrap();
                let client = Client::new(endpoint, ClientOptions::default()).unwrap();
                let records: Vec<Value> = records.iter().map(|(id, record)| with_id(id, record)).collect();
                let body = json!({"data": records}).to_string().into_bytes();
                client.upload(Dataset::Products, body, false).await.unwrap();
            }
            let [connection, other_connection] = [&stored, &other]
                .map(|server| Connection::new("test", &server.url, ApiKey::new(&*server.keys.secret)).unwrap());
            let (one, two) = (
                Table::of(&first, folder.path(), "one.jsonl"),
                Table::of(&second, folder.path(), "two.jsonl"),
            );
            let compare = async |a: DiffSide<'_>, b: DiffSide<'_>| {
                let compared = diff([a, b], Dataset::Products, &paths, &Progress::default())
                    .await
                    .unwrap();
                let all_compared = compared.side_counts().iter().all(SideCounts::is_complete);
                assert!(all_compared, "{:?}", compared.side_counts());
                found(&compared).await
            };
            let (here, there) = (DiffSide::Stored(&connection), DiffSide::Stored(&other_connection));
            let whole = (Default::default(), first.len() as u64);
            assert_eq!(compare(one.side(), here).await, whole);
            let model = expected(&first, &second);
            assert_eq!(compare(one.side(), there).await, model);
            assert_eq!(compare(here, two.side()).await, model);
            assert_eq!(compare(one.side(), two.side()).await, model);
            assert_eq!(compare(here, there).await, model);
            assert_eq!(compare(two.side(), here).await, expected(&second, &first));
            stored.stop().await;
            other.stop().await;
        });
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn files_and_environments_are_compared_on_the_command_line() {
    let home = Home::new();
    let server = home.serve();
    let diff = |args: &[&str]| {
        let (key, mut command) = (
            home.path("home/data/local/keys.json"),
            home.command(&[&["diff"], args].concat()),
        );
        assert!(key.exists());
        without_keys(&ended(&mut command).all().replace(&server.url, "URL"))
    };
    home.file(
        "catalog.csv",
        "product_id,title,sale_price,tags,shelf\nA,Lamp,12.50,\"x,y\",1\nB,Mat,3,x,2\n,Lost,1,,\nC,Vase,,,3\nC,Vase again,,,3\n",
    );
    home.file(
        "other.csv",
        "product_id,title,sale_price,tags,shelf\nB,Mat,3.0,x,2\nA,Lamp,12.5,\"y,x\",4\nZ,Zebra,,,\n",
    );
    assert_eq!(at(&home, &server, &["upload", "catalog.csv"]).code, 1);
    insta::assert_snapshot!(diff(&["catalog.csv", &server.url]), @r"
    Products: catalog.csv (A) with local (URL) (B)
                0 only in A
                0 only in B
                0 changed from A to B
                3 the same
      1 row of catalog.csv is left out because of errors; tatami check says which
      1 row of catalog.csv is replaced by a later row with the same id
    [1]
    ");
    insta::assert_snapshot!(diff(&["other.csv", &server.url]), @r#"
    Products: other.csv (A) with local (URL) (B)
                1 only in A
                1 only in B
                1 changed from A to B
                1 the same
    only in A
      Z
    only in B
      C
    changed from A to B
      A
        tags: ["y","x"] → ["x","y"]
        custom_attributes.shelf: 4 → 1
    [1]
    "#);
    insta::assert_snapshot!(diff(&["catalog.csv", "other.csv", "--json"]), @r#"
    {"dataset":"products","a":{"name":"catalog.csv","not_compared":{"left_out":1,"replaced":1,"unaddressable":0,"unlisted":false}},"b":{"name":"other.csv","not_compared":{"left_out":0,"replaced":0,"unaddressable":0,"unlisted":false}},"only_in_a":1,"only_in_b":1,"changed":1,"same":1}
    {"id":"C","in":"a"}
    {"id":"Z","in":"b"}
    {"id":"A","in":"both","fields":[{"field":"tags","a":["x","y"],"b":["y","x"]},{"field":"custom_attributes.shelf","a":1,"b":4}]}
    [1]
    "#);
    insta::assert_snapshot!(diff(&["other.csv", "other.csv"]), @r"
    Products: other.csv (A) with other.csv (B)
                0 only in A
                0 only in B
                0 changed from A to B
                3 the same
    [0]
    ");
    assert_eq!(at(&home, &server, &["delete", "products", "C", "--yes"]).code, 0);
    insta::assert_snapshot!(diff(&["other.csv", &server.url, "--limit", "0"]), @r"
    Products: other.csv (A) with local (URL) (B)
                1 only in A
                0 only in B
                1 changed from A to B
                1 the same
    [1]
    ");
    // Nobody knows whether a data set without a list is empty.
    insta::assert_snapshot!(diff(&[&server.url, &server.url, "--dataset", "users"]), @r"
    Users: local (URL) (A) with local (URL) (B)
                0 only in A
                0 only in B
                0 changed from A to B
                0 the same
      local (URL) has no list of users yet, as it stores none or was filled a moment ago: those were looked for that the other side has; others may be stored
      local (URL) has no list of users yet, as it stores none or was filled a moment ago: those were looked for that the other side has; others may be stored
    [1]
    ");
    insta::assert_snapshot!(diff(&[&server.url, &server.url]), @"
    tatami: say what is to be compared: --dataset products or --dataset users
    [2]
    ");
    home.file("users.csv", "user_id\nu1\n");
    home.file("clicks.csv", "type,user_id,product_ids\nclick,u1,A\n");
    for (args, said) in [
        (
            &["users.csv", "other.csv"][..],
            "one file holds users, the other products",
        ),
        (&["clicks.csv", &server.url], "interactions have no ids"),
        (&["none.csv", "other.csv"], "none.csv"),
        (&["other.csv", "env:Nowhere"], "there is no environment \"Nowhere\""),
        (&["-", "-"], "standard input can be only one of both"),
        (
            &["other.csv", "users.csv", "--key-env", "KEY"],
            "--key-env is given once for each environment",
        ),
        (
            &["other.csv", &server.url, "--key-env", "NONE"],
            "the variable NONE is not set",
        ),
        (
            &["other.csv", "http://127.0.0.1:9"],
            "nothing answers at http://127.0.0.1:9",
        ),
        (&["other.csv"], "<B>"),
    ] {
        let failed = diff(args);
        assert!(failed.contains(said) && failed.ends_with("[2]"), "{args:?}: {failed}");
    }
    // A key of another environment.
    let mut command = home.command(&["diff", "other.csv", &server.url, "--key-env", "OTHER"]);
    let refused = ended(command.env("OTHER", DEV)).all();
    assert!(
        refused.contains("does not know the key") && refused.ends_with("[2]"),
        "{refused}"
    );
    assert!(!refused.contains(DEV));
}

/// Without a list of users, nothing is called the same that nobody can know.
#[test]
fn a_server_without_a_list_is_asked_for_what_is_known() {
    let home = Home::new();
    let hosted = Hosted::start(&[("Dev", DEV)]);
    hosted.store(
        DEV,
        Dataset::Users,
        &json!([{"user_id": "a", "age": 30}, {"user_id": "hidden"}]),
    );
    home.file("users.csv", "user_id,age\na,30\nb,4\n");
    let diff = |file: &str| {
        let args = ["diff", file, hosted.url(), "--key-env", "DEV"];
        ended(home.command(&args).env("DEV", DEV))
            .all()
            .replace(hosted.url(), "URL")
    };
    insta::assert_snapshot!(diff("users.csv").replace(hosted.url().trim_start_matches("http://"), "HOST"), @r"
    Users: users.csv (A) with HOST (URL) (B)
                1 only in A
                0 only in B
                0 changed from A to B
                1 the same
      HOST (URL) has no list of users: those were looked for that this machine sent there or the other side has; others may be stored
    only in A
      b
    [1]
    ");
    home.file("same.csv", "user_id,age\na,30\n");
    assert!(diff("same.csv").ends_with("[1]"), "others may be stored");
    hosted.list_users(true);
    insta::assert_snapshot!(diff("same.csv").replace(hosted.url().trim_start_matches("http://"), "HOST"), @r"
    Users: same.csv (A) with HOST (URL) (B)
                0 only in A
                1 only in B
                0 changed from A to B
                1 the same
    only in B
      hidden
    [1]
    ");
}
