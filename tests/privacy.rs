//! What is kept of people's data: who can read it, and for how long.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::home::{Home, Served, at};
use serde_json::Value;

const DAY: i64 = 24 * 60 * 60;

/// Two uploads, of which the second replaced what the first stored.
fn uploaded() -> (Home, Served) {
    let home = Home::new();
    let server = home.serve();
    for title in ["Lamp of Erika Mustermann", "Lamp"] {
        home.file("lamp.csv", format!("product_id,title\nA,{title}\n"));
        let ended = at(&home, &server, &["upload", "lamp.csv"]);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
    (home, server)
}

/// Has all uploads ended so many seconds ago.
fn age(home: &Home, seconds: i64) {
    let connection = rusqlite::Connection::open(home.path("home/data/uploads.sqlite")).unwrap();
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(seconds);
    let age = "UPDATE uploads SET started = ?1, ended = CASE WHEN ended IS NULL THEN NULL ELSE ?1 END";
    connection.execute(age, [then.to_string()]).unwrap();
}

fn listed(home: &Home) -> Vec<Value> {
    serde_json::from_str(&home.run(&["uploads", "--json"]).out).unwrap()
}

/// For each upload, the latest first, whether it can be undone.
fn can_be_undone(home: &Home) -> Vec<bool> {
    let all = listed(home);
    all.iter()
        .map(|upload| upload["can_be_undone"].as_bool().unwrap())
        .collect()
}

/// All files and folders in what is kept, but for the server's own.
fn kept(home: &Home) -> Vec<PathBuf> {
    fn collect(path: &Path, all: &mut Vec<PathBuf>) {
        all.push(path.to_owned());
        if path.is_dir() && !path.ends_with("local") {
            for entry in fs::read_dir(path).unwrap() {
                collect(&entry.unwrap().path(), all);
            }
        }
    }
    let mut all = Vec::new();
    for folder in ["config", "data", "cache"] {
        let path = home.path("home").join(folder);
        if path.exists() {
            collect(&path, &mut all);
        }
    }
    all.retain(|path| !path.ends_with("local"));
    all
}

fn contain(home: &Home, text: &str) -> Vec<PathBuf> {
    let contains = |path: &PathBuf| {
        path.is_file()
            && fs::read(path)
                .unwrap()
                .windows(text.len())
                .any(|window| window == text.as_bytes())
    };
    kept(home).into_iter().filter(contains).collect()
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_and_made_so_once() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let (home, server) = uploaded();
    home.file("lamp.csv.gz", flate(b"product_id,title\nA,Lamp\n"));
    home.run(&["uploads", "--keep-days", "9"]);
    at(&home, &server, &["upload", "lamp.csv.gz"]);
    let open = || {
        let mut open = kept(&home);
        open.retain(|path| fs::metadata(path).unwrap().mode() & 0o077 != 0);
        open
    };
    assert_eq!(open(), [] as [PathBuf; 0]);
    assert!(kept(&home).iter().any(|path| path.ends_with("cache/spool")));
    // As an earlier version left them.
    for path in kept(&home) {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let said = home.run(&["uploads"]);
    assert_eq!(said.code, 0);
    assert_eq!(said.err.matches("now only you can").count(), 3, "{}", said.err);
    assert_eq!(open(), [] as [PathBuf; 0]);
    assert_eq!(home.run(&["uploads"]).err, "");
}

#[cfg(unix)]
fn flate(text: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_was_replaced_is_kept_for_a_month() {
    let (home, server) = uploaded();
    let name = "Lamp of Erika Mustermann";
    assert!(!contain(&home, name).is_empty());
    age(&home, 30 * DAY - 60);
    let shown = home.run(&["uploads", "2"]).out;
    assert!(shown.contains(") until 20"), "{shown}");
    assert_eq!(can_be_undone(&home), [true, true]);
    let until: jiff::Timestamp = listed(&home)[0]["can_be_undone_until"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((until - jiff::Timestamp::now()).get_seconds() <= 60);
    age(&home, 30 * DAY + 60);
    assert_eq!(can_be_undone(&home), [false, false]);
    assert_eq!(contain(&home, name), [] as [PathBuf; 0]);
    let shown = home.run(&["uploads", "2"]).out;
    assert!(
        shown.contains("cannot be undone any more: what was there before was deleted on 20"),
        "{shown}"
    );
    let refused = at(&home, &server, &["undo", "2", "--yes"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .err
            .contains("upload 2 cannot be undone any more: what it replaced was deleted on 20"),
        "{}",
        refused.err
    );
    // It is no longer than that, whether somebody lists the uploads or makes another.
    home.file("lamp.csv", "product_id,title\nA,Mat\n");
    assert_eq!(at(&home, &server, &["upload", "lamp.csv"]).code, 0);
    assert!(home.path("home/data/snapshots/3.sqlite").exists());
    age(&home, 31 * DAY);
    home.file("lamp.csv", "product_id,title\nA,Bowl\n");
    assert_eq!(at(&home, &server, &["upload", "lamp.csv"]).code, 0);
    assert!(!home.path("home/data/snapshots/3.sqlite").exists());
}

#[test]
fn how_long_is_a_persons_choice() {
    let (home, _server) = uploaded();
    assert_eq!(home.run(&["uploads", "--keep-days", "always"]).code, 0);
    age(&home, 3650 * DAY);
    assert_eq!(can_be_undone(&home), [true, true]);
    assert!(listed(&home)[0]["can_be_undone_until"].is_null());
    for wrong in ["0", "-1", "month"] {
        let refused = home.run(&["uploads", &format!("--keep-days={wrong}")]);
        assert!(
            refused.code == 2 && refused.err.contains("give a number of days"),
            "{}",
            refused.all()
        );
    }
    // What cannot be read is no reason to delete.
    let preferences = home.path("home/config/preferences.json");
    let chosen = fs::read(&preferences).unwrap();
    fs::write(&preferences, "{").unwrap();
    assert_eq!(can_be_undone(&home), [true, true]);
    fs::write(&preferences, chosen).unwrap();
    assert_eq!(home.run(&["uploads", "--keep-days", "7"]).code, 0);
    assert_eq!(can_be_undone(&home), [false, false]);
}

/// Going on needs it, and undoing half an upload as well; so does an undo that is not finished.
#[test]
fn what_is_unfinished_keeps_what_it_replaced() {
    let (home, server) = uploaded();
    let connection = rusqlite::Connection::open(home.path("home/data/uploads.sqlite")).unwrap();
    let cut = "DELETE FROM entries WHERE upload = 2 AND number > 0; \
               UPDATE uploads SET tally = NULL, ended = NULL WHERE id = 2";
    connection.execute_batch(cut).unwrap();
    age(&home, 99 * DAY);
    assert_eq!(can_be_undone(&home), [true, false]);
    assert!(listed(&home)[0]["can_be_undone_until"].is_null());
    // Undoing it sets it aside; the undo is unfinished now.
    assert_eq!(at(&home, &server, &["undo", "2", "--yes"]).code, 1);
    let cut = "DELETE FROM entries WHERE upload = 3; UPDATE uploads SET tally = NULL, ended = NULL WHERE id = 3";
    connection.execute_batch(cut).unwrap();
    age(&home, 99 * DAY);
    assert_eq!(can_be_undone(&home), [true, true, false]);
    connection.execute_batch("UPDATE uploads SET set_aside = 1").unwrap();
    assert_eq!(can_be_undone(&home), [false, false, false]);
}

#[test]
fn what_is_forgotten_is_on_the_disk_no_more() {
    let (home, _server) = uploaded();
    let name = "Lamp of Erika Mustermann";
    assert_eq!(contain(&home, name), [home.path("home/data/snapshots/2.sqlite")]);
    assert_eq!(home.run(&["uploads", "2", "--discard"]).code, 0);
    assert_eq!(contain(&home, name), [] as [PathBuf; 0]);
}
