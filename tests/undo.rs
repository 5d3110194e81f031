//! Uploads of before: going on with them and taking them back, and where that must be refused. Mostly the program as a
//! process.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::common::plan::{NO_PAUSES, plan};
use crate::home::{self, Home, Served, at};
use axum::{Json, Router, routing::get};
use serde_json::json;
use tatami::{
    api::{ApiKey, Client, ClientOptions, Endpoint},
    domain::{dataset::Dataset, progress::Progress, rows::RowSet},
    upload::{
        Account, Confirmation, Fingerprint, Ledger, LedgerEntry, LedgerError, Lookup, PastUpload, Retention, UploadId,
        UploadPlan, WriteOptions, revert,
    },
};
use tokio::net::TcpListener;

const LAMP: &str = r#"{"product_id":"A","title":"Lamp","sale_price":12.50}"#;

fn stored(home: &Home, server: &Served) -> String {
    let ids = home.run(&["ids", "products", "--url", &server.url]).out;
    let ids: Vec<&str> = ids.lines().collect();
    at(home, server, &[&["get", "products", "--raw"], &ids[..]].concat()).out
}

/// What was said, without when uploads began.
fn said(home: &Home, server: &Served, args: &[&str]) -> String {
    let all = at(home, server, args).all();
    let lines = all.lines().map(|line| match line.split_once("  20") {
        Some((number, rest)) => format!("{number}  {}", rest.get(16..).unwrap_or_default()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn numbers_are_put_back_as_they_were_written() {
    let home = Home::new();
    let server = home.serve();
    home.file("old.jsonl", LAMP);
    home.file("new.jsonl", LAMP.replace("12.50", "12.5"));
    at(&home, &server, &["upload", "old.jsonl"]);
    let before = stored(&home, &server);
    assert!(before.contains("12.50"), "{before}");
    at(&home, &server, &["upload", "new.jsonl"]);
    assert!(!stored(&home, &server).contains("12.50"));
    let undone = at(&home, &server, &["undo", "2", "--yes"]);
    assert_eq!(undone.code, 0, "{}", undone.all());
    assert_eq!(stored(&home, &server), before);
}

#[test]
fn what_was_undone_is_not_taken_for_stored() {
    let home = Home::new();
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    at(&home, &server, &["upload", "lamp.jsonl"]);
    at(&home, &server, &["undo", "1", "--yes"]);
    let at = |args: &[&str]| said(&home, &server, args);
    insta::assert_snapshot!(at(&["upload", "lamp.jsonl", "--rest-of", "1"]), @r#"
    tatami: upload 1 was undone by 2, so that what it stored is there no more; leave --rest-of away
    [2]
    "#);
    insta::assert_snapshot!(at(&["upload", "lamp.jsonl", "--rest-of", "2"]), @r#"
    tatami: upload 2 is the undo of upload 1, and stored no rows of a file; leave --rest-of away
    [2]
    "#);
    insta::assert_snapshot!(at(&["upload", "--resume", "1"]), @r#"
    tatami: upload 1 was undone by 2; upload the file anew
    [2]
    "#);
    let listed = home.run(&["uploads"]).out;
    assert!(listed.contains("0 not sent = 1, undone by 2"), "{listed}");
    // An undo can be undone; then the first upload stands again.
    at(&["undo", "2", "--yes"]);
    insta::assert_snapshot!(at(&["upload", "lamp.jsonl", "--rest-of", "1"]), @r#"
    lamp.jsonl: products to local (URL)
      1 row
      0 stored + 1 stored before + 0 rejected + 0 not sent = 1 in 0 requests
    [0]
    "#);
}

#[test]
fn another_server_is_not_the_one_an_upload_went_to() {
    let (home, other) = (Home::new(), Home::new());
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    at(&home, &server, &["upload", "lamp.jsonl"]);
    let elsewhere = other.serve();
    let key = other.read("home/data/local/keys.json");
    let key: serde_json::Value = serde_json::from_str(&key).unwrap_or_default();
    let key = key["secret"].as_str().unwrap_or_default().to_owned();
    let refused = |args: &[&str]| {
        let mut command = home.command(&[args, &["--url", &elsewhere.url]].concat());
        let ended = home::ended(command.env("TATAMI_KEY", &key));
        ended
            .all()
            .replace(&elsewhere.url, "ELSEWHERE")
            .replace(&server.url, "URL")
    };
    insta::assert_snapshot!(refused(&["undo", "1", "--yes"]), @r#"
    tatami: upload 1 went to local (URL), not to ELSEWHERE; talk to that server, or start a new upload
    [2]
    "#);
    insta::assert_snapshot!(refused(&["upload", "lamp.jsonl", "--production", "--rest-of", "1"]), @r#"
    tatami: upload 1 went to local (URL), not to ELSEWHERE; talk to that server, or start a new upload
    [2]
    "#);
    // The same store behind another address is the same.
    drop(server);
    let server = home.serve();
    let undone = at(&home, &server, &["undo", "1", "--yes"]);
    assert_eq!(undone.code, 0, "{}", undone.all());
    // Another store behind the same address is another.
    at(&home, &server, &["upload", "lamp.jsonl"]);
    let address = server.url.trim_start_matches("http://").to_owned();
    drop(server);
    let data = home.path("other data").display().to_string();
    let server = home.serve_at(&address, &["--data", &data]);
    let keys: serde_json::Value = serde_json::from_str(&home.read("other data/keys.json")).unwrap();
    let mut command = home.command(&["undo", "3", "--yes", "--url", &server.url]);
    let undone = home::ended(command.env("TATAMI_KEY", keys["secret"].as_str().unwrap()));
    insta::assert_snapshot!(undone.all().replace(&server.url, "URL"), @r#"
    tatami: the server at URL is not the one upload 3 went to: it keeps other records; serve those again, or start a new upload
    [2]
    "#);
    // A server of somebody else goes by its address.
    let mut command = home.command(&["upload", "lamp.jsonl", "--production", "--url", &elsewhere.url]);
    home::ended(command.env("TATAMI_KEY", &key));
    let listed = home
        .run(&["uploads"])
        .out
        .replace(elsewhere.url.trim_start_matches("http://"), "ELSEWHERE");
    assert!(listed.contains("(products to ELSEWHERE)"), "{listed}");
}

#[test]
fn ids_that_nobody_can_ask_for_are_told_of() {
    let home = Home::new();
    let server = home.serve();
    home.file("odd.csv", "product_id,title\n..,Up\n_ids,List\nA,Lamp\n");
    let at = |args: &[&str]| said(&home, &server, args);
    insta::assert_snapshot!(at(&["upload", "odd.csv"]), @r#"
    odd.csv: products to local (URL)
      3 rows
      2 warnings; tatami check says which
      3 stored + 0 rejected + 0 not sent = 3 in 1 request
      Read back 1 of 3: all there; of 2 more nothing is known: A record with the id ".." cannot be asked for, because no address can contain that id
      tatami undo 1 takes it back
    [0]
    "#);
    insta::assert_snapshot!(at(&["upload", "odd.csv", "--preview", "--merge"]), @r#"
    odd.csv: products that would go to local (URL)
      3 rows
      0 new, 0 merged into a stored record, 1 the same already
      2 rows are left out, because such an id cannot be asked for
      nothing was sent
    [1]
    "#);
    insta::assert_snapshot!(at(&["upload", "odd.csv", "--merge", "--report", "rest.csv"]), @r"
    odd.csv: products to local (URL)
      3 rows
      2 warnings; tatami check says which
      to be merged with what is stored: fields that the rows do not have stay
      1 stored + 0 rejected + 2 not sent = 3 in 1 request
      Read back 1 of 1: all there
      tatami undo 2 takes it back
      2 of 3 rows
    2 rows not stored, listed in rest.csv
    [1]
    ");
    insta::assert_snapshot!(home.read("rest.csv"), @r#"
    file,line,id,state,reason
    odd.csv,2,..,left out,"The API cannot be asked for this id, so that there is nothing to merge with"
    odd.csv,3,_ids,left out,"The API cannot be asked for this id, so that there is nothing to merge with"
    "#);
    insta::assert_snapshot!(at(&["undo", "1", "--yes"]), @r#"
       1  odd.csv (products to local)
          3 stored + 0 rejected + 0 not sent = 3
    To undo it in local (URL):
      1 product is deleted, because nothing was there before
      2 products cannot be put back, because no address can carry such an id
      1 undone + 0 as before + 2 not undone = 3 in 1 request
    This will change 1 product in local (URL, key KEY)
    [1]
    "#);
}

#[test]
fn a_preview_of_merging_knows_what_the_file_empties_and_repeats() {
    let home = Home::new();
    let server = home.serve();
    home.file(
        "old.jsonl",
        r#"{"product_id":"A","title":"Lamp","brand":"Sun","color":"red"}"#,
    );
    home.file(
        "new.jsonl",
        "{\"product_id\":\"A\",\"brand\":null}\n{\"product_id\":\"A\",\"title\":\"Lamp\"}\n",
    );
    let at = |args: &[&str]| said(&home, &server, args);
    at(&["upload", "old.jsonl"]);
    insta::assert_snapshot!(at(&["upload", "new.jsonl", "--preview", "--merge"]), @r#"
    new.jsonl: products that would go to local (URL)
      2 rows
      0 new, 1 merged into a stored record, 1 the same already
      fields that the file does not have are kept in 1 product:
        color                                       1 product   first in line 2
      1 product would lose fields, which the file empties:
        brand                                       1 product   first in line 1
      A line 1
        - brand: "Sun"
      nothing was sent
    [1]
    "#);
    at(&["upload", "new.jsonl", "--merge"]);
    insta::assert_snapshot!(stored(&home, &server), @r#"{"product_id":"A","title":"Lamp","brand":null,"color":"red"}"#);
}

#[test]
fn a_discarded_copy_stays_discarded() {
    let home = Home::new();
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    let at = |args: &[&str]| said(&home, &server, args);
    at(&["upload", "lamp.jsonl"]);
    home.run(&["uploads", "1", "--discard"]);
    insta::assert_snapshot!(at(&["undo", "1"]), @r#"
    tatami: upload 1 cannot be undone: nothing is kept of what it replaced: it was made without that, or the copy was discarded
    [2]
    "#);
    // A file that is something else is named.
    at(&["upload", "lamp.jsonl"]);
    home.file("home/data/snapshots/2.sqlite", "something else");
    let damaged = home.run(&["undo", "2", "--url", &server.url]).err;
    insta::assert_snapshot!(damaged.replace(&home.folder.path().display().to_string(), "…"), @"tatami: the copy of what was there before the upload, …/home/data/snapshots/2.sqlite, cannot be used: file is not a database; tatami uploads NUMBER --discard does without it");
}

fn begin(folder: &Path, reverts: Option<UploadId>) -> Result<Account, LedgerError> {
    Ledger::open(folder)?.begin(&UploadPlan {
        reverts,
        ..plan(9, WriteOptions::recommended(Dataset::Products))
    })
}

fn rows(range: std::ops::Range<u32>) -> RowSet {
    RowSet::of_ranges(std::iter::once(range))
}

fn list(folder: &Path) -> Vec<PastUpload> {
    let ledger = Ledger::open(folder).unwrap();
    ledger.list(Retention::default()).unwrap().uploads
}

#[test]
fn nobody_goes_on_with_an_upload_that_was_undone() {
    let folder = tempfile::tempdir().unwrap();
    let resume = |id| Ledger::open(folder.path()).unwrap().resume(id).map(|_| ());
    let first = begin(folder.path(), None).unwrap().id().unwrap();
    let mut undo = begin(folder.path(), Some(first)).unwrap();
    assert!(resume(first).is_ok(), "an undo that did nothing undid nothing");
    let stored = LedgerEntry::Store {
        rows: rows(0..1),
        confirmation: Confirmation::Answer,
        digests: Vec::new(),
    };
    undo.note(stored).unwrap();
    let of_revert = undo.id().unwrap();
    drop(undo);
    insta::assert_snapshot!(resume(first).unwrap_err(), @"upload 1 was undone by 2; upload the file anew");
    let past = list(folder.path());
    assert_eq!(past[1].reverted_by, Some(of_revert));
    assert!(!past[1].can_resume());
    // Nor with one whose rows cannot be had again.
    let piped = UploadPlan {
        fingerprint: Fingerprint::default(),
        ..plan(9, WriteOptions::recommended(Dataset::Products))
    };
    drop(Ledger::open(folder.path()).unwrap().begin(&piped));
    let past = list(folder.path());
    assert!(!past[0].can_resume() && !past[0].upload.is_unfinished());
}

#[test]
fn an_upload_without_a_place_for_its_copy_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("snapshots"), "in the way").unwrap();
    assert!(begin(folder.path(), None).is_err());
    assert!(Ledger::open(folder.path()).unwrap().uploads().unwrap().is_empty());
    std::fs::remove_file(folder.path().join("snapshots")).unwrap();
    assert_eq!(begin(folder.path(), None).unwrap().id(), Some(UploadId(1)));
}

#[tokio::test]
async fn an_undo_waits_for_what_the_server_is_still_at() {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let status = async move || {
        let is_done = counter.fetch_add(1, Ordering::Relaxed) >= 2;
        Json(if is_done {
            json!({"message": "success", "code": 200})
        } else {
            json!({"message": "pending", "code": 202})
        })
    };
    let app = Router::new().route("/v1/products/_status/{task}", get(status));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(
        &format!("http://{}", listener.local_addr().unwrap()),
        ApiKey::new("a key"),
    )
    .unwrap();
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });

    let folder = tempfile::tempdir().unwrap();
    let mut account = begin(folder.path(), None).unwrap();
    for entry in [
        LedgerEntry::Send { rows: rows(0..4) },
        LedgerEntry::Accept {
            rows: rows(0..4),
            task: "t1".to_owned(),
        },
        LedgerEntry::Send { rows: rows(4..6) },
        LedgerEntry::Lose { rows: rows(4..6) },
    ] {
        account.note(entry).unwrap();
    }
    let id = account.id().unwrap();
    drop(account);
    let ledger = Ledger::open(folder.path()).unwrap();
    let client = Client::new(endpoint, ClientOptions::default()).unwrap();
    let lookup = Lookup::new(client, Dataset::Products, NO_PAUSES);
    let progress = Progress::default();
    let tasks = revert::tasks(&lookup, &ledger.state(id).unwrap(), &progress).await;
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let tally = ledger.settle(id, &tasks).unwrap().tally();
    assert_eq!(
        (tally.stored, tally.unknown),
        (4, 2),
        "of what was never answered nobody knows"
    );
}

#[test]
fn no_report_takes_the_place_of_the_rows_it_is_about() {
    let home = Home::new();
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    let at = |args: &[&str]| said(&home, &server, args);
    std::fs::create_dir(home.path("folder")).unwrap();
    for name in ["folder/a.csv", "folder/b.csv"] {
        home.file(name, "product_id,title\nB,Mat\n");
    }
    insta::assert_snapshot!(at(&["upload", "folder", "--report", "folder/a.csv", "--force"]), @r#"
    tatami: --report would replace folder/a.csv, from which the rows come; give it another file
    [2]
    "#);
    let refused = at(&["upload", "lamp.jsonl", "folder", "--report", "folder/a.csv", "--force"]);
    assert!(refused.contains("--report would replace folder/a.csv"), "{refused}");
    let refused = at(&["upload", "lamp.jsonl", "--report", "x.csv", "--errors", "x.csv"]);
    assert!(
        refused.contains("x.csv would be read and written, or written twice"),
        "{refused}"
    );
    assert!(stored(&home, &server).is_empty(), "nothing was sent");
    at(&["upload", "lamp.jsonl"]);
    std::os::unix::fs::symlink("lamp.jsonl", home.path("link.csv")).unwrap();
    let refused = home.run(&["uploads", "1", "--errors", "link.csv"]).all();
    insta::assert_snapshot!(refused, @r#"
    tatami: --errors would replace link.csv, from which the rows come; give it another file
    [2]
    "#);
    assert_eq!(home.read("lamp.jsonl"), LAMP);
    assert_eq!(home.read("folder/a.csv"), home.read("folder/b.csv"));
}

#[test]
fn nobody_need_read_what_an_upload_says() {
    let home = Home::new();
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.command(&["upload", "lamp.jsonl", "--url", &server.url]);
    let status = command
        .stdout(writer)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(stored(&home, &server).contains("Lamp"));
    if std::path::Path::new("/dev/full").exists() {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = home.command(&["undo", "1", "--yes", "--url", &server.url]);
        let status = command
            .stdout(full)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        assert!(!stored(&home, &server).contains("Lamp"));
    }
}

#[test]
fn an_upload_is_undone_once() {
    let home = Home::new();
    let server = home.serve();
    home.file("lamp.jsonl", LAMP);
    let at = |args: &[&str]| said(&home, &server, args);
    at(&["upload", "lamp.jsonl"]);
    at(&["undo", "1", "--yes"]);
    at(&["upload", "lamp.jsonl"]);
    insta::assert_snapshot!(at(&["undo", "1", "--yes"]), @r#"
    tatami: upload 1 was undone by 2 already; to take that back, undo 2
    [2]
    "#);
    assert!(stored(&home, &server).contains("Lamp"));
}

#[test]
fn the_rest_of_an_upload_is_what_is_not_stored() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| said(&home, &server, args);
    home.file("both.csv", "product_id,title\nA,One\nA,Two\nB,Mat\n");
    at(&["upload", "both.csv"]);
    home.file("both.csv", "product_id,title\nA,One\nB,Mat\n");
    insta::assert_snapshot!(at(&["upload", "both.csv", "--rest-of", "1"]), @r#"
    both.csv: products to local (URL)
      2 rows
      1 stored + 1 stored before + 0 rejected + 0 not sent = 2 in 1 request
      Read back 1 of 1: all there
      tatami undo 2 takes it back
      1 of 2 rows
    [0]
    "#);
    assert!(stored(&home, &server).contains("One"));
}

#[test]
fn the_longest_id_that_is_taken_can_be_taken_back() {
    let home = Home::new();
    let server = home.serve();
    home.file(
        "long.csv",
        format!("product_id,title\n{},Long\nB,Mat\n", "字".repeat(512)),
    );
    let ended = at(&home, &server, &["upload", "long.csv"]);
    assert!(ended.out.contains("2 stored + 0 rejected"), "{}", ended.all());
    let undone = at(&home, &server, &["undo", "1", "--yes"]);
    assert_eq!(
        (undone.code, stored(&home, &server).contains('字')),
        (0, false),
        "{}",
        undone.all()
    );
}
