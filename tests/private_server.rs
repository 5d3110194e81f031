//! What the local server keeps for its user alone: keys, records, and nothing of what was deleted.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use crate::{
    home::{Ended, Home},
    server::local_server::LocalServer,
};
use tatami::server::{DEFAULT_MAX_BODY, Keys};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// All that a server says from its start until it is asked to stop.
fn said(home: &Home, args: &[&str]) -> Ended {
    let mut command = home.command(args);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stop_once_it_listens(&process, &home.path("data"));
    let output = process.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The records are made last; a signal before them ends the server as well.
fn stop_once_it_listens(process: &Child, data: &Path) {
    while !data.join("records.sqlite-shm").exists() {
        std::thread::yield_now();
    }
    let pid = process.id().to_string();
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
}

const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--data", "data"];

#[test]
fn keys_are_written_to_a_file_and_not_printed() {
    let home = Home::new();
    let first = said(&home, &SERVE);
    assert_eq!(first.code, 0, "{}", first.err);
    let keys: Value = serde_json::from_str(&home.read("data/keys.json")).unwrap();
    assert!(
        first
            .out
            .contains("New keys were made; they are in data/keys.json, which only you can read\n"),
        "{}",
        first.out
    );
    for key in ["secret", "publishable"] {
        let key = keys[key].as_str().unwrap();
        assert!(key.len() == 40 && !first.all().contains(key), "{}", first.all());
    }
    let again = said(&home, &SERVE);
    assert!(again.out.contains("The keys are in data/keys.json\n"), "{}", again.out);
    for file in ["keys.json", "records.sqlite"] {
        assert_eq!(mode(&home.path("data").join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&home.path("data")), 0o700);
}

#[test]
fn records_that_others_could_read_are_mended_and_keys_refused() {
    let home = Home::new();
    said(&home, &SERVE);
    set_mode(&home.path("data"), 0o755);
    set_mode(&home.path("data/records.sqlite"), 0o644);
    let mended = said(&home, &SERVE);
    assert_eq!(
        mended.err,
        "tatami serve: Other users of this machine could read files in data; now only you can\n"
    );
    assert_eq!(
        (mode(&home.path("data")), mode(&home.path("data/records.sqlite"))),
        (0o700, 0o600)
    );
    let again = said(&home, &SERVE);
    assert_eq!(again.err, "");

    set_mode(&home.path("data/keys.json"), 0o644);
    let refused = home.run(&SERVE);
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.err,
        "tatami serve: data/keys.json holds keys, and others on this machine can read it. Keep it to yourself: chmod \
         600 data/keys.json. If somebody may have seen the keys, replace them\n"
    );
}

#[test]
fn what_other_machines_reach_is_warned_of_and_wants_a_key_that_nobody_saw() {
    let home = Home::new();
    let open = ["serve", "--listen", "0.0.0.0:0", "--data", "data"];
    let warned = said(&home, &open);
    assert_eq!(warned.code, 0, "{}", warned.err);
    assert!(
        warned.err.starts_with("tatami serve: Other machines reach 0.0.0.0:") && warned.err.contains("not encrypted"),
        "{}",
        warned.err
    );
    let refused = home.run(&[&open[..], &["--key", "seen"]].concat());
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("Give the key as TATAMI_KEY"), "{}", refused.err);
}

/// Records, deleted in each of the ways there are, leave nothing in the files.
#[tokio::test]
async fn what_is_deleted_is_gone_from_the_files() {
    let dir = tempfile::tempdir().unwrap();
    Keys::load_or_create(dir.path()).unwrap();
    let server = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    let found = || {
        let files = fs::read_dir(dir.path()).unwrap();
        let has_it = |entry: &fs::DirEntry| {
            let content = fs::read(entry.path()).unwrap();
            memchr::memmem::find(&content, b"personal-data-of-somebody").is_some()
        };
        let mut names: Vec<_> = files.flatten().filter(has_it).map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let title = "personal-data-of-somebody".repeat(40);
    let records: Value = (0..50)
        .map(|id| json!({"user_id": id.to_string(), "name": title}))
        .collect();
    let ids: Vec<String> = (0..50).map(|id| id.to_string()).collect();
    let event = |id: &String| {
        json!({"type": "search", "user_id": id, "timestamp": "2024-05-01T10:00:00Z",
               "search": {"keywords": "personal-data-of-somebody"}})
    };
    let events: Value = ids.iter().map(event).collect();
    for _ in 0..2 {
        server.store("users", &records).await;
        assert!(!found().is_empty());
        server
            .post("/v1/users/_delete", &json!({"data": {"user_ids": ids}}))
            .await;
        assert_eq!(found(), [""; 0]);
        server.store("interactions", &events).await;
        assert!(!found().is_empty());
        server
            .send(
                reqwest::Method::DELETE,
                "/v1/interactions",
                Some(&json!({"user_ids": ids})),
            )
            .await;
        assert_eq!(found(), [""; 0]);
        server.store("interactions", &events).await;
        server
            .send(reqwest::Method::DELETE, "/_tatami/interactions", None)
            .await;
        assert_eq!(found(), [""; 0]);
    }
}
