//! After an upload: whether what the server confirmed is there, and whether it is done with what it has taken.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tatami::{
    domain::{
        dataset::Dataset,
        faults::{FaultKind, Faults},
    },
    session::{Action, Place, Steer, StoredAction, UploadAction},
    ui::app::App,
    upload::Report,
};

use crate::{
    common::hosted::Hosted,
    home::{Ended, Home, at, ended},
    ui::World,
};

const DEV: &str = "secret-key-of-the-dev-environment-000001";
const THREE: &str = "product_id,title\nA,Lamp\nB,Mat\nC,Vase\n";

fn users(count: usize) -> String {
    let rows: Vec<String> = (0..count).map(|row| format!("u{row}\n")).collect();
    format!("user_id\n{}", rows.concat())
}

/// The line that says what was read back.
fn line(ended: &Ended) -> Option<&str> {
    let mut lines = ended.out.lines().map(str::trim);
    lines.find(|line| line.starts_with("Read back") || line.starts_with("Not read back"))
}

#[test]
fn an_honest_server_has_what_it_confirmed() {
    let home = Home::new();
    let server = home.serve();
    home.file("users.csv", users(1200));
    let upload = |args: &[&str]| at(&home, &server, &[&["upload"], args].concat());
    let ended = upload(&["users.csv"]);
    assert_eq!(line(&ended), Some("Read back 5 of 1,200: all there"), "{}", ended.all());
    let ended = upload(&["users.csv", "--read-back", "20", "--report", "r.json", "--no-snapshot"]);
    assert_eq!(
        line(&ended),
        Some("Read back 20 of 1,200: all there"),
        "{}",
        ended.all()
    );
    let report: Value = serde_json::from_str(&home.read("r.json")).unwrap();
    let expected = json!({"asked": 20, "found": 20, "missing": [], "unknown": null});
    assert_eq!(report["read_back"], expected);
    for args in [&["users.csv", "--read-back", "0"][..], &["users.csv", "--dry-run"]] {
        let ended = upload(args);
        assert_eq!((line(&ended), ended.code), (None, 0), "{}", ended.all());
    }
    home.file(
        "clicks.jsonl",
        r#"{"type":"search","user_id":"u9","search":{"keywords":"a"},"timestamp":"2026-01-02T03:04:05Z"}"#,
    );
    let ended = upload(&["clicks.jsonl", "--dataset", "interactions"]);
    let expected = Some("Not read back: the API does not hand out interactions");
    assert_eq!((line(&ended), ended.code), (expected, 0), "{}", ended.all());
}

#[test]
fn a_server_that_stores_nothing_is_found_out() {
    let home = Home::new();
    let server = home.serve_with(&["--fault", "not-stored=1"]);
    home.file("users.csv", users(9));
    let ended = at(
        &home,
        &server,
        &["upload", "users.csv", "--report", "r.json", "--read-back", "3"],
    );
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(
        ended.out.contains("9 stored + 0 rejected + 0 not sent = 9"),
        "{}",
        ended.out
    );
    insta::assert_snapshot!(line(&ended).unwrap(), @"Read back 3 of 9: 3 are not there (u0, u4, u8), though the server confirmed them. Look for them again in a while; should they still be missing, upload the file again, and tell those who run the server");
    assert!(
        ended
            .err
            .contains("3 of 3 records read back are not there yet; try 1 of 6 failed"),
        "{}",
        ended.err
    );
    let report: Value = serde_json::from_str(&home.read("r.json")).unwrap();
    let expected = json!({"asked": 3, "found": 0, "missing": ["u0", "u4", "u8"], "unknown": null});
    assert_eq!(report["read_back"], expected);
}

#[test]
fn the_hosted_service_is_asked_for_single_records() {
    let (hosted, home) = (Hosted::start(&[("Dev", DEV)]), Home::new());
    home.file("users.csv", users(3));
    let args = [
        "upload",
        "users.csv",
        "--production",
        "--no-snapshot",
        "--url",
        hosted.url(),
    ];
    let ended = ended(home.command(&args).env("TATAMI_KEY", DEV));
    assert_eq!(line(&ended), Some("Read back 3 of 3: all there"), "{}", ended.all());
    assert_eq!(ended.code, 0);
    let lines = hosted.seen().into_iter().map(|seen| seen.line);
    let mut read: Vec<String> = lines.filter(|line| line.starts_with("GET /v1/users/u")).collect();
    read.sort_unstable();
    assert_eq!(read, ["GET /v1/users/u0", "GET /v1/users/u1", "GET /v1/users/u2"]);
}

/// Uploads three products to a server that takes everything, and answers so for single records.
async fn upload_to(record: impl Fn(&str, usize) -> Response + Clone + Send + Sync + 'static) -> Ended {
    let asked = Arc::new(AtomicUsize::new(0));
    let app = Router::new()
        .route("/v1/products", post(async || Json(json!({"message": "success"}))))
        .route(
            "/v1/products/{id}",
            get(async move |Path(id): Path<String>| record(&id, asked.fetch_add(1, Ordering::Relaxed))),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let home = Home::new();
    home.file("catalog.csv", THREE);
    let run = move || {
        let args = ["upload", "catalog.csv", "--no-snapshot", "--production", "--url", &url];
        ended(home.command(&args).env("TATAMI_KEY", "key-of-this-test"))
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_a_moment_later_is_there() {
    let ended = upload_to(|id, asked| match asked {
        0..9 => (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))).into_response(),
        _ => Json(json!({"data": {"product_id": id}})).into_response(),
    })
    .await;
    assert_eq!(line(&ended), Some("Read back 3 of 3: all there"), "{}", ended.all());
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("are not there yet"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_for_no_record_is_not_called_false() {
    for body in ["", "{\"message\": \"There is no such endpoint\"}"] {
        let ended = upload_to(move |_, _| (StatusCode::NOT_FOUND, body).into_response()).await;
        let expected = Some("Not read back: the server does not answer for single records");
        assert_eq!((line(&ended), ended.code), (expected, 0), "{}", ended.all());
    }
    let ended = upload_to(|_, _| StatusCode::FORBIDDEN.into_response()).await;
    assert_eq!(ended.code, 0, "{}", ended.all());
    let said = line(&ended).unwrap();
    assert!(said.starts_with("Not read back: This key may not do that"), "{said}");
}

fn rehearse(world: &mut World, faults: Faults) {
    for action in [
        Action::Show(Place::Stored(Dataset::Products)),
        Action::Stored(StoredAction::Rehearse(faults)),
    ] {
        world.harness.state_mut().act(action);
    }
    world.until_seen("Fails on purpose");
}

fn report(world: &World) -> &Report {
    let document = world.harness.state().session().document().unwrap();
    document.upload.as_ref().unwrap().report.as_ref().unwrap()
}

fn has_ended(app: &App) -> bool {
    let upload = app.session().document().unwrap().upload.as_ref();
    upload.is_some_and(|upload| upload.report.is_some())
}

fn steer(world: &mut World, steer: Steer) {
    let document = world.harness.state().session().document().unwrap().id;
    let action = Action::Upload(UploadAction::Steer(document, steer));
    world.harness.state_mut().act(action);
}

/// Begins the upload of the shown file.
fn begin(world: &mut World, button: &str) {
    let document = world.harness.state().session().document().unwrap().id;
    world
        .harness
        .state_mut()
        .act(Action::Upload(UploadAction::Ask(document)));
    world.frames();
    world.click(button);
}

fn open(world: &mut World) {
    let path = world.write("catalog.csv", THREE);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
}

#[test]
fn the_window_says_what_was_read_back() {
    let mut world = World::new();
    open(&mut world);
    world.upload("Upload 3 products to Local");
    assert!(world.sees("Read back 3 of 3: all there"));
    world.click("Dismiss the upload's result");
    rehearse(&mut world, Faults::default().with(FaultKind::NotStored, 1.0));
    let path = world.write("more.csv", "product_id,title\nD,Rug\n");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.upload("Upload 1 product to Local");
    let read = report(&world).read_back.clone().unwrap();
    assert_eq!((read.stored, read.found, read.missing), (1, 0, vec!["D".to_owned()]));
    assert!(!report(&world).is_whole());
    assert!(world.sees("Read back 1 of 1: 1 is not there (D), though the server confirmed it"));
    // Nobody need wait for the last try.
    let path = world.write("last.csv", "product_id,title\nE,Bowl\n");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    begin(&mut world, "Upload 1 product to Local");
    world.until_seen("(1 of 1 records read back is not there yet), retry 1 of 5");
    steer(&mut world, Steer::Stop);
    world.until("the upload ends", has_ended);
    assert!(report(&world).is_whole() && world.sees("Not read back: it was stopped"));
}

#[test]
fn the_window_reads_back_as_many_as_its_preferences_say() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("preferences.json"), r#"{"version": 1, "read_back": 0}"#).unwrap();
    let mut world = World::over(folder, Vec::new());
    open(&mut world);
    world.upload("Upload 3 products to Local");
    assert!(report(&world).read_back.is_none() && report(&world).is_whole());
}

#[test]
fn the_window_says_that_the_server_takes_its_time() {
    let waiting = "Waiting for the server: 1 request taken, not yet processed";
    let mut world = World::new();
    let slow = Faults {
        task_delay_ms: 3_600_000,
        ..Faults::default()
    };
    rehearse(&mut world, slow);
    open(&mut world);
    begin(&mut world, "Upload 3 products to Local");
    world.until_seen(waiting);
    steer(&mut world, Steer::GiveUp);
    world.until("the upload ends", has_ended);
    assert_eq!(report(&world).tally.unknown, 3);
    assert!(report(&world).read_back.is_none() && !world.sees(waiting));
    // The task is still open, and asked for before anything is sent again.
    world.click("Resume");
    world.until_seen(waiting);
    steer(&mut world, Steer::GiveUp);
    world.until("the upload ends", has_ended);
}

#[test]
fn the_command_line_says_that_the_server_takes_its_time() {
    let home = Home::new();
    home.file("users.csv", users(3));
    let waiting = "  Waiting for the server: 1 request taken, not yet processed\n";
    for (delay, is_said) in [("2500", true), ("0", false)] {
        let server = home.serve_with(&["--task-delay", delay]);
        let ended = at(&home, &server, &["upload", "users.csv", "--no-snapshot"]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert_eq!(
            ended.err.matches(waiting).count(),
            usize::from(is_said),
            "{}",
            ended.err
        );
        assert_eq!(line(&ended), Some("Read back 3 of 3: all there"));
    }
}
