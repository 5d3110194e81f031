//! The commands that talk to a server, as processes.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use crate::home::{self, CATALOG, Home, at, ended};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get, post},
};
use serde_json::{Value, json};
use tatami::{
    server::Keys,
    settings::{Environment, EnvironmentKind, Environments, Paths},
};

#[test]
fn the_whole_journey_against_the_local_server() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args);
    home.file("catalog.csv", CATALOG);
    home.file(
        "users.jsonl",
        "{\"user_id\":\"u1\",\"age\":33.0}\n{\"user_id\":\"u/2\"}\n",
    );
    home.file(
        "clicks.jsonl",
        "{\"type\":\"click\",\"user_id\":\"u1\",\"product_ids\":[\"A\"]}\n",
    );

    insta::assert_snapshot!(at(&["upload", "catalog.csv", "--dry-run"]).all(), @r"
    catalog.csv: products checked by local (URL)
      6 rows, 4 left out because of errors; tatami check says which
      1 warning; tatami check says which
      1 row is replaced by a later row with the same id
      2 would be stored + 0 rejected + 4 not sent = 6 in 1 request
    [1]
    ");
    insta::assert_snapshot!(at(&["ids", "products"]).all(), @"[0]");
    insta::assert_snapshot!(at(&["upload", "catalog.csv", "--report", "rest.csv"]).all(), @r"
    catalog.csv: products to local (URL)
      6 rows, 4 left out because of errors; tatami check says which
      1 warning; tatami check says which
      1 row is replaced by a later row with the same id
      2 stored + 0 rejected + 4 not sent = 6 in 1 request
      Read back 1 of 1: all there
      tatami undo 1 takes it back
    4 rows not stored, listed in rest.csv
    [1]
    ");
    insta::assert_snapshot!(home.read("rest.csv"), @r#"
    file,line,id,state,reason
    catalog.csv,3,B,left out,"sale_price “12,50” must be a number: write a point instead of the comma: 12.50"
    catalog.csv,4,,left out,product_id is missing; every record needs one
    catalog.csv,5,C,left out,"sale_price “9,90” must be a number: write a point instead of the comma: 12.50"
    catalog.csv,7,,left out,This line cannot be read: 1 cell where the header has 5
    "#);
    insta::assert_snapshot!(at(&["upload", "users.jsonl", "clicks.jsonl"]).all(), @r"
    users.jsonl: users to local (URL)
      2 rows
      2 stored + 0 rejected + 0 not sent = 2 in 1 request
      Read back 2 of 2: all there
      tatami undo 2 takes it back
    clicks.jsonl: interactions to local (URL)
      1 row
      1 warning; tatami check says which
      1 stored + 0 rejected + 0 not sent = 1 in 1 request
      Not read back: the API does not hand out interactions
    [0]
    ");
    insta::assert_snapshot!(at(&["ids", "users"]).all(), @r"
    u/2
    u1
    [0]
    ");
    insta::assert_snapshot!(at(&["get", "users", "u1", "u/2", "nobody"]).all(), @r#"
    {
      "user_id": "u1",
      "age": 33.0
    }
    {
      "user_id": "u/2"
    }
    tatami: there is no user "nobody" in local
    [1]
    "#);
    insta::assert_snapshot!(at(&["get", "users", "u1", "--raw"]).all(), @r#"
    {"user_id":"u1","age":33.0}
    [0]
    "#);
    insta::assert_snapshot!(at(&["get", "products", "A"]).all(), @r#"
    {
      "product_id": "A",
      "title": "Lamp again",
      "sale_price": 13,
      "custom_attributes": {
        "season": "summer"
      }
    }
    [0]
    "#);
    insta::assert_snapshot!(at(&["get", "interactions", "1"]).all(), @r"
    tatami: interactions have no ids to ask for; products and users have
    [2]
    ");
    insta::assert_snapshot!(at(&["delete", "products", "A"]).all(), @r"
    tatami: this would delete 1 product from local (URL, key KEY); add --yes if that is meant
    [2]
    ");
    insta::assert_snapshot!(at(&["delete", "products", "A", "Z", "A", "--yes"]).all(), @r"
    Deleted 1 product from local (URL)
    1 id was not there
    This will delete 2 products from local (URL, key KEY)
    [1]
    ");
    insta::assert_snapshot!(at(&["delete", "interactions", "u1", "--yes"]).all(), @r"
    Deleted all interactions of 1 user from local (URL)
    This will delete all interactions of 1 user from local (URL, key KEY)
    [0]
    ");
    let ended = home.run_with_input(
        &["delete", "users", "--ids-from", "-", "--yes", "--url", &server.url],
        "u/2\r\n\n",
    );
    assert_eq!(ended.code, 0, "{}", ended.all());
    insta::assert_snapshot!(at(&["wipe", "--confirm", "production"]).all(), @r#"
    tatami: this is the environment local (URL, key KEY), not "production"; if that is the one that is meant, give --confirm local
    [2]
    "#);
    insta::assert_snapshot!(at(&["wipe", "--confirm", "local"]).all(), @r"
    local (URL, key KEY)
      interactions  0 stored
                    none are left
      users         1 stored
                    1 deleted
                    none are left
      products      0 stored
                    none are left
    [0]
    ");
    insta::assert_snapshot!(at(&["wipe", "--dataset", "users", "--confirm", "local"]).all(), @r"
    local (URL, key KEY)
      users         0 stored
                    none are left
    [0]
    ");
}

/// What customers see is not wiped by a name alone, as in the window.
#[test]
fn a_wipe_of_production_is_asked_for_twice() {
    let home = Home::new();
    let server = home.serve();
    let paths = Paths::under(&home.path("home"));
    let mut environments = Environments::load(&paths).unwrap();
    let shop = Environment {
        name: "Shop".to_owned(),
        kind: EnvironmentKind::Production,
        base_url: server.url.clone(),
        keys: Vec::new(),
        allows_http: false,
    };
    environments.put(shop).unwrap();
    environments.save(&paths).unwrap();
    let key = Keys::load_or_create(&paths.local_server()).unwrap().secret.clone();
    let wipe = |more: &[&str]| {
        let args = [
            "wipe",
            "--environment",
            "Shop",
            "--dataset",
            "users",
            "--confirm",
            "Shop",
            "--key-env",
            "TATAMI_KEY",
        ];
        let mut command = home.command(&[&args, more].concat());
        let ended = ended(command.env("TATAMI_KEY", &key));
        home::without_keys(&ended.all().replace(&server.url, "URL"))
    };
    insta::assert_snapshot!(wipe(&[]), @r"
    tatami: Shop (URL, key KEY) is a Production environment: what customers see would be gone; to wipe it all the same, add --production
    [2]
    ");
    insta::assert_snapshot!(wipe(&["--production"]), @r"
    Shop (URL, key KEY)
      users         0 stored
                    none are left
    [0]
    ");
}

#[test]
fn batches_can_be_made_smaller() {
    let home = Home::new();
    let server = home.serve();
    let rows: Vec<String> = (0..25).map(|row| format!("{row},Lamp")).collect();
    home.file("catalog.csv", format!("product_id,title\n{}\n", rows.join("\n")));
    let ended = at(&home, &server, &["upload", "catalog.csv", "--batch-records", "10"]);
    insta::assert_snapshot!(ended.out, @r"
    catalog.csv: products to local (URL)
      25 rows
      25 stored + 0 rejected + 0 not sent = 25 in 3 requests
      Read back 5 of 25: all there
      tatami undo 1 takes it back
    ");
    assert!(ended.err.contains(" of 25 rows"), "{}", ended.err);
    let ended = at(&home, &server, &["upload", "catalog.csv", "--batch-bytes", "100"]);
    assert!(
        ended.out.contains("25 stored + 0 rejected + 0 not sent = 25"),
        "{}",
        ended.all()
    );
    assert_eq!(home.run(&["upload", "catalog.csv", "--batch-records", "0"]).code, 2);
}

#[test]
fn keys_and_environments_are_asked_for_in_one_sentence() {
    let home = Home::new();
    home.file("users.csv", "user_id\nu1\n");
    let upload = |args: &[&str]| home.run(&[&["upload", "users.csv"], args].concat()).all();
    insta::assert_snapshot!(upload(&[]), @r"
    tatami: there is no key for the local server; start it with tatami serve, or put its secret key into TATAMI_KEY
    [2]
    ");
    insta::assert_snapshot!(upload(&["--url", "https://shop.example"]), @r"
    tatami: there is no key for shop.example; put it into TATAMI_KEY, or name another variable with --key-env
    [2]
    ");
    insta::assert_snapshot!(upload(&["--environment", "Shop"]), @r#"
    tatami: there is no environment "Shop"; the environments are Local. Set up others with tatami environments add or in the window, or give --url
    [2]
    "#);
    insta::assert_snapshot!(upload(&["--key-env", "NO_SUCH_VARIABLE"]), @r"
    tatami: the variable NO_SUCH_VARIABLE is not set; put the secret key into it
    [2]
    ");
    insta::assert_snapshot!(upload(&["--url", "ftp://shop.example"]), @r"
    tatami: The address of the server cannot be used: it must start with https:// or http://
    [2]
    ");
    // A port that nobody listens on.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut command = home.command(&["upload", "users.csv", "--url", &url, "--key-env", "SHOP_KEY"]);
    let down = ended(command.env("SHOP_KEY", "secret-of-this-test"));
    insta::assert_snapshot!(down.all().replace(&url, "URL"), @r"
    tatami: nothing answers at URL; start the local server with tatami serve
    [2]
    ");
    let server = home.serve();
    let args = [
        "upload",
        "users.csv",
        "--production",
        "--url",
        &server.url,
        "--key-env",
        "SHOP_KEY",
    ];
    let mut command = home.command(&args);
    let refused = ended(command.env("SHOP_KEY", "secret-of-this-test"));
    assert_eq!(refused.code, 2);
    assert!(!refused.all().contains("secret-of-this-test"), "{}", refused.all());
    let place = server.url.trim_start_matches("http://");
    insta::assert_snapshot!(refused.err.replace(&server.url, "URL").replace(place, "HOST"), @"tatami: HOST (URL) does not know the key (in the variable SHOP_KEY); check that it is the environment's secret key, and whole");
}

#[test]
fn nothing_is_sent_when_a_file_is_missing() {
    let home = Home::new();
    let server = home.serve();
    home.file("users.csv", "user_id\nu1\n");
    let ended = at(&home, &server, &["upload", "users.csv", "missing.csv"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{}", ended.err);
    assert_eq!(at(&home, &server, &["ids", "users"]).out, "");
}

#[test]
fn the_demo_makes_the_whole_journey() {
    let home = Home::new();
    let ended = home.run(&["demo"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    for expected in [
        "catalog.csv: 602 products, 574 good, 28 with errors",
        "4,802 stored + 0 rejected + 198 not sent = 5,000",
        "572 products, 4,802 interactions, 382 users",
    ] {
        assert!(ended.out.contains(expected), "{}", ended.out);
    }
    assert!(ended.out.lines().count() <= 64, "{}", ended.out);
    assert!(!home.path("home").exists(), "nothing is kept");
}

#[test]
fn what_the_server_refuses_is_said_in_its_words() {
    let home = Home::new();
    let server = home.serve();
    home.file("first.csv", "product_id,season\nA,summer\n");
    home.file("second.csv", "product_id,season\nB,2024\nC,2025\nD,\n");
    assert_eq!(at(&home, &server, &["upload", "first.csv"]).code, 0);
    insta::assert_snapshot!(at(&home, &server, &["upload", "second.csv", "--report", "rest.csv"]).all(), @r"
    second.csv: products to local (URL)
      3 rows
      1 stored + 2 rejected + 0 not sent = 3 in 2 requests
      rejected line 2: data.0.custom_attributes.season is invalid. Its data type is not consistent with other records
      rejected line 3: data.1.custom_attributes.season is invalid. Its data type is not consistent with other records
      Read back 1 of 1: all there
      tatami undo 2 takes it back
      2 of 3 rows
    2 rows not stored, listed in rest.csv
    [1]
    ");
    insta::assert_snapshot!(home.read("rest.csv"), @r"
    file,line,id,state,reason
    second.csv,2,B,rejected,data.0.custom_attributes.season is invalid. Its data type is not consistent with other records
    second.csv,3,C,rejected,data.1.custom_attributes.season is invalid. Its data type is not consistent with other records
    ");
}

/// A server of the test's own, and its address.
async fn stub(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// The service itself cannot list interactions: what is known is deleted, and what is not known is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_without_the_extension_says_what_it_cannot_know() {
    type Stored = Arc<Mutex<BTreeMap<&'static str, Vec<String>>>>;
    fn ids(dataset: &'static str, State(stored): State<Stored>) -> Json<Value> {
        Json(json!({"message": "success", "data": {"ids": stored.lock().unwrap()[dataset]}}))
    }
    fn clear(dataset: &'static str, State(stored): State<Stored>) -> Json<Value> {
        let count = std::mem::take(stored.lock().unwrap().get_mut(dataset).unwrap()).len();
        Json(json!({"message": "success", "data": {"deleted": count}}))
    }
    let stored = Stored::default();
    stored.lock().unwrap().extend([
        ("users", vec!["u1".to_owned(), "u2".to_owned()]),
        ("products", vec!["p1".to_owned()]),
        ("asked", Vec::new()),
    ]);
    let app = Router::new()
        .route("/v1/users/_ids", get(async |state| ids("users", state)))
        .route("/v1/users/_delete", post(async |state| clear("users", state)))
        .route("/v1/products/_ids", get(async |state| ids("products", state)))
        .route("/v1/products/_delete", post(async |state| clear("products", state)))
        .route(
            "/v1/interactions",
            delete(async |State(stored): State<Stored>, body: String| {
                stored.lock().unwrap().get_mut("asked").unwrap().push(body);
                Json(json!({"message": "success"}))
            }),
        )
        .with_state(Arc::clone(&stored));
    let url = stub(app).await;
    let home = Home::new();
    let place = url.trim_start_matches("http://").to_owned();
    let mut command = home.command(&["wipe", "--confirm", &place, "--url", &url]);
    let ended = tokio::task::spawn_blocking(move || ended(command.env("TATAMI_KEY", "key-of-this-test")));
    insta::assert_snapshot!(ended.await.unwrap().all().replace(&url, "URL").replace(&place, "HOST"), @r"
    HOST (URL, key ke…st)
      interactions  cannot be counted on this server
                    those of 2 stored users are deleted; those of visitors and of users that are not stored cannot be found
                    whether any are left cannot be known: the API does not list interactions
      users         2 stored
                    2 deleted
                    none are left
      products      1 stored
                    1 deleted
                    none are left
    [1]
    ");
    assert_eq!(stored.lock().unwrap()["asked"], [r#"{"user_ids":["u1","u2"]}"#]);
}

/// Ctrl+C lets the request that is under way be answered, and the sum still holds.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_be_stopped() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(8);
    let release = Arc::new(tokio::sync::Semaphore::new(1));
    let gate = Arc::clone(&release);
    let app = Router::new().route(
        "/v1/users",
        post(async move || {
            arrived.send(()).await.unwrap();
            gate.acquire().await.unwrap().forget();
            (StatusCode::OK, Json(json!({"message": "success"})))
        }),
    );
    let url = stub(app).await;
    let home = Home::new();
    let rows: Vec<String> = (0..30).map(|row| format!("u{row}")).collect();
    home.file("users.csv", format!("user_id\n{}\n", rows.join("\n")));
    let mut command = home.command(&[
        "upload",
        "users.csv",
        "--batch-records",
        "10",
        "--parallel",
        "1",
        "--production",
        "--url",
        &url,
    ]);
    command.env("TATAMI_KEY", "key-of-this-test");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    arrivals.recv().await.unwrap();
    // The second request waits for its answer.
    arrivals.recv().await.unwrap();
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let done = tokio::task::spawn_blocking(move || {
        let said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let stopping = said.into_iter().find(|line| line.starts_with("Stopping"));
        release.add_permits(8);
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (stopping, out, child.wait().unwrap().code())
    });
    let (stopping, out, code) = done.await.unwrap();
    assert!(stopping.is_some());
    assert_eq!(code, Some(1));
    assert!(out.contains("20 stored + 0 rejected + 10 not sent = 30"), "{out}");
    assert!(out.contains("Cancelled"), "{out}");
}

#[tokio::test]
async fn programs_get_ids_as_they_are() {
    let app = Router::new().route(
        "/v1/users/_ids",
        get(async || Json(json!({"message": "success", "data": {"ids": ["a\u{200b}\u{1b}b"]}}))),
    );
    let url = stub(app).await;
    let ended = tokio::task::spawn_blocking(move || {
        let home = Home::new();
        let mut command = home.command(&["ids", "users", "--url", &url]);
        ended(command.env("TATAMI_KEY", "key-of-this-test"))
    });
    assert_eq!(ended.await.unwrap().out, "a\u{200b}\u{1b}b\n");
}
