//! The audit log: whatever changes an environment from this machine is written down before it is made, and no line can be
//! changed, removed or cut off unseen.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
};

use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tatami::{
    api::ApiKey,
    domain::dataset::Dataset,
    ops::{
        Connection, Error,
        audit::{AuditAction, AuditError, AuditFilter, LogBreak, LogHead, list, verify},
        delete::delete,
        environments::Registry,
        guard::{ChangeKind, Consent},
    },
    server::Keys,
    settings::{Environment, EnvironmentKind, Paths},
};
use tokio::net::TcpListener;

use crate::home::{CATALOG, Home, at};

const KEY: &str = "secret-key-of-the-audited-environment-01";

fn environment(name: &str, kind: EnvironmentKind) -> Environment {
    Environment {
        name: name.to_owned(),
        kind,
        base_url: "https://api.example.com".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    }
}

/// A log of some changes, in a folder of its own.
struct Log {
    _folder: tempfile::TempDir,
    paths: Paths,
}

impl Log {
    fn of(changes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        let log = Self { _folder: folder, paths };
        for number in 0..changes {
            log.change(&format!("Shop {number}"));
        }
        log
    }

    fn change(&self, name: &str) {
        let (registry, _) = Registry::open(self.paths.clone());
        let shop = environment(name, EnvironmentKind::Development);
        registry.save(shop, None, None).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.paths.data.join("audit.jsonl")
    }

    fn head(&self) -> PathBuf {
        self.paths.data.join("audit.head")
    }

    fn breaks(&self) -> Vec<LogBreak> {
        verify(&self.paths, None).unwrap().breaks
    }

    /// Whether the log is found to be not whole, or to be none of this version.
    fn is_found_out(&self) -> bool {
        !verify(&self.paths, None).is_ok_and(|verdict| verdict.breaks.is_empty())
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("  20") {
        Some((number, rest)) => format!("{} {}\n", number.trim(), rest.get(14..).unwrap_or_default().trim()),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn every_change_is_listed_with_its_end() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args);
    home.file("catalog.csv", CATALOG);
    at(&["upload", "catalog.csv"]);
    at(&["upload", "catalog.csv", "--dry-run"]);
    at(&["undo", "1", "--yes"]);
    at(&["delete", "products", "gone-1", "gone-2", "--yes"]);
    at(&["delete", "interactions", "some-user", "--yes"]);
    at(&["wipe", "--dataset", "users", "--confirm", "local"]);
    // What is refused is no change.
    at(&["wipe", "--confirm", "other"]);
    let listed = home.run(&["audit"]);
    assert_eq!(listed.code, 0, "{}", listed.all());
    insta::assert_snapshot!(without_times(&listed.out), @"
        1 local  upload 1 of products, 6 rows: done, 2 stored, 4 not sent
        3 local  upload 2 of products, the undo of 1, 1 row: done, 1 undone
        5 local  delete 2 products: done, 0 deleted, 2 not there
        7 local  delete the interactions of 1 user: done
        9 local  wipe users: done, 0 deleted
    ");
    let only = |args: &[&str]| without_times(&home.run(&[&["audit"], args].concat()).all());
    insta::assert_snapshot!(only(&["--action", "wipe", "--environment", "LOCAL"]), @"
    9 local  wipe users: done, 0 deleted
    [0]
    ");
    insta::assert_snapshot!(only(&["--environment", "Shop"]), @"
    Nothing like that was changed from this machine
    [0]
    ");
    insta::assert_snapshot!(only(&["--since", "2999-01-01"]), @"
    Nothing like that was changed from this machine
    [0]
    ");
    assert_eq!(only(&["--since", "2020-02-03T04:05"]).lines().count(), 6);
    for wrong in [["--since", "yesterday"], ["--action", "look"], ["--head", "1:x"]] {
        assert_eq!(home.run(&[&["audit"], &wrong[..]].concat()).code, 2, "{wrong:?}");
    }

    let exported = home.run(&["audit", "--json", "--action", "delete"]).out;
    let entries: Vec<Value> = exported
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[1]["deleted"], json!(0));
    assert_eq!(entries[0]["environment"], json!("local"));

    // Neither ids nor values nor keys.
    let log = home.read("home/data/audit.jsonl") + &home.read("home/data/audit.head");
    let key = Keys::load_or_create(&home.path("home/data/local"))
        .unwrap()
        .secret
        .clone();
    for secret in ["gone-1", "some-user", "Lamp", "summer", "catalog.csv", &key] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let verified = home.run(&["audit", "--verify"]);
    assert!(
        verified.out.starts_with("The log is whole: 10 entries, "),
        "{}",
        verified.all()
    );
    assert_eq!(verified.code, 0);
}

#[test]
fn what_is_set_up_is_logged_as_well() {
    let log = Log::of(0);
    let (registry, _) = Registry::open(log.paths.clone());
    let save = |kind, key: Option<&str>| {
        let shop = environment("Shop", kind);
        registry.save(shop, key.map(ApiKey::new), Some("Shop")).unwrap();
    };
    save(EnvironmentKind::Development, None);
    save(EnvironmentKind::Development, None);
    save(EnvironmentKind::Development, Some(KEY));
    save(EnvironmentKind::Production, Some(KEY));
    save(
        EnvironmentKind::Production,
        Some("another-secret-key-of-the-same-shop-0002"),
    );
    let logged = list(&log.paths, &AuditFilter::default()).unwrap();
    let actions: Vec<AuditAction> = logged.changes.iter().map(|change| change.begun.action).collect();
    let expected = [
        AuditAction::AddEnvironment,
        AuditAction::AddKey,
        AuditAction::ChangeEnvironment,
        AuditAction::AddKey,
    ];
    assert_eq!(actions, expected);
    assert!(logged.changes.iter().all(|change| change.ended.is_some()));
    assert!(!fs::read_to_string(log.file()).unwrap().contains(KEY));
    for file in [log.file(), log.head()] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn no_line_is_changed_removed_or_cut_off_unseen() {
    let log = Log::of(2);
    let (whole, head) = (fs::read(log.file()).unwrap(), fs::read(log.head()).unwrap());
    assert_eq!(log.breaks(), []);
    for at in (0..whole.len()).step_by(5).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(log.file(), &changed).unwrap();
        assert!(log.is_found_out(), "byte {at}");
    }
    let all = String::from_utf8(whole.clone()).unwrap();
    let all: Vec<&str> = all.lines().collect();
    for gone in 0..all.len() {
        let mut left = all.clone();
        left.remove(gone);
        fs::write(log.file(), left.join("\n") + "\n").unwrap();
        assert!(log.is_found_out(), "line {gone}");
        // What is written then does not heal it.
        log.change("Another");
        assert!(log.is_found_out(), "line {gone}, and one more change");
        fs::write(log.head(), &head).unwrap();
        fs::remove_file(log.paths.config.join("environments.json")).unwrap();
        let left = &all[..gone];
        fs::write(log.file(), left.join("\n") + "\n").unwrap();
        assert!(log.is_found_out(), "cut off from line {gone}");
    }
    let mut swapped = all.clone();
    swapped.swap(2, 3);
    fs::write(log.file(), swapped.join("\n") + "\n").unwrap();
    assert!(log.is_found_out());
    fs::remove_file(log.file()).unwrap();
    assert!(log.is_found_out());
    log.change("After it was removed");
    assert!(log.is_found_out());
    fs::write(log.file(), &whole).unwrap();
    fs::remove_file(log.head()).unwrap();
    assert_eq!(log.breaks(), [LogBreak::NoHead]);
}

#[test]
fn what_a_crash_leaves_is_told_from_what_somebody_cut() {
    let log = Log::of(2);
    let (whole, head) = (fs::read(log.file()).unwrap(), fs::read(log.head()).unwrap());
    log.change("Cut off");
    let after = fs::read(log.file()).unwrap();
    // Killed in the middle of an entry: the head is of the one before.
    fs::write(log.file(), &after[..whole.len() + 40]).unwrap();
    fs::write(log.head(), &head).unwrap();
    let verdict = verify(&log.paths, None).unwrap();
    assert_eq!((verdict.breaks, verdict.unfinished), (vec![], 40));
    log.change("After the crash");
    let verdict = verify(&log.paths, None).unwrap();
    assert_eq!((verdict.breaks, verdict.unfinished), (vec![], 0));
    assert!(
        fs::read_to_string(log.file())
            .unwrap()
            .contains("\"unfinished_bytes\":40")
    );
    // Killed between an entry and its head.
    let end = after[whole.len()..].iter().position(|byte| *byte == b'\n').unwrap();
    let one_more = &after[..=whole.len() + end];
    fs::write(log.file(), one_more).unwrap();
    fs::write(log.head(), &head).unwrap();
    let verdict = verify(&log.paths, None).unwrap();
    assert_eq!((verdict.breaks, verdict.is_ahead), (vec![], true));
    // Made to look like a crash: the head knows that the entry was whole.
    let last = lines(&log.file()).len() as u64 - 1;
    log.change("The last one");
    let known = verify(&log.paths, None).unwrap().head.unwrap();
    assert_eq!(known.number, last + 2);
    let longer = fs::read(log.file()).unwrap();
    fs::write(log.file(), &longer[..longer.len() - 1]).unwrap();
    assert_eq!(log.breaks(), [LogBreak::Cut { head: known.clone() }]);
    // What no log can show by itself, a head that was kept elsewhere does.
    let other = Log::of(4);
    fs::copy(other.file(), log.file()).unwrap();
    fs::copy(other.head(), log.head()).unwrap();
    assert_eq!(log.breaks(), []);
    let kept: LogHead = known.to_string().parse().unwrap();
    let verdict = verify(&log.paths, Some(&kept)).unwrap();
    assert_eq!(verdict.breaks, [LogBreak::Elsewhere { head: kept }]);
}

/// A crash leaves one entry behind the head; whoever adds more, or takes the head away, is found out.
#[test]
fn a_head_that_is_further_back_or_gone_is_found() {
    let log = Log::of(1);
    let head = fs::read_to_string(log.head()).unwrap();
    log.change("Behind the head");
    fs::write(log.head(), &head).unwrap();
    let head: LogHead = head.trim().parse().unwrap();
    assert_eq!(
        log.breaks(),
        [LogBreak::Behind {
            head: head.clone(),
            lines: 2
        }]
    );
    // What is written then does not heal it.
    log.change("Another");
    assert_eq!(log.breaks(), [LogBreak::WasBehind { number: 5, head }]);

    // With one entry, too, and for a head that cannot be read.
    let log = Log::of(1);
    let all = fs::read_to_string(log.file()).unwrap();
    let first: Vec<&str> = all.split_inclusive('\n').take(2).collect();
    fs::write(log.file(), first.concat()).unwrap();
    for head in [None, Some("no head\n")] {
        match head {
            None => fs::remove_file(log.head()).unwrap(),
            Some(text) => fs::write(log.head(), text).unwrap(),
        }
        assert_eq!(log.breaks(), [LogBreak::NoHead], "{head:?}");
    }
    log.change("Another");
    assert_eq!(log.breaks(), [LogBreak::WithoutHead { number: 2 }]);

    // The first entry of a log is written behind a head of the first line.
    let log = Log::of(1);
    let all = fs::read_to_string(log.file()).unwrap();
    let first: Vec<&str> = all.split_inclusive('\n').take(1).collect();
    fs::write(log.file(), first.concat()).unwrap();
    fs::remove_file(log.head()).unwrap();
    assert_eq!(log.breaks(), []);
    log.change("After the crash");
    assert_eq!(log.breaks(), []);
}

/// Numbers that somebody wrote into log and head do not stop the program, nor are they believed.
#[test]
fn numbers_that_none_can_follow_are_no_numbers_of_the_log() {
    let log = Log::of(1);
    let all = lines(&log.file());
    let most = u64::MAX;
    fs::write(log.head(), format!("{most}:{}\n", "0".repeat(64))).unwrap();
    log.change("After the head was changed");
    let numbers: Vec<u64> = list(&log.paths, &AuditFilter::default())
        .unwrap()
        .changes
        .iter()
        .map(|change| change.begun.number)
        .collect();
    assert_eq!(numbers, [1, 3]);
    assert!(log.is_found_out());

    let last = all[2].replacen("\"number\":2", &format!("\"number\":{most}"), 1);
    assert_ne!(last, all[2]);
    fs::write(log.file(), format!("{}\n{}\n{last}\n", all[0], all[1])).unwrap();
    assert!(log.is_found_out());
    let (registry, _) = Registry::open(log.paths.clone());
    let refused = registry.save(environment("New", EnvironmentKind::Development), None, None);
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("nothing was changed"), "{refused}");
}

#[test]
fn where_nothing_was_changed_there_is_no_log() {
    let home = Home::new();
    let verified = home.run(&["audit", "--verify"]);
    assert_eq!((verified.code, &*verified.out), (0, "There is no log yet\n"));
    let kept = format!("2:{}", "0".repeat(64));
    let verified = home.run(&["audit", "--verify", "--head", &kept]);
    assert_eq!(verified.code, 1, "{}", verified.all());
    assert!(verified.out.starts_with("The log is not whole"), "{}", verified.all());
}

#[test]
fn several_programs_write_one_chain() {
    let home = Home::new();
    let server = home.serve();
    let programs: Vec<_> = (0..6)
        .map(|number| {
            let id = format!("id-{number}");
            let args = ["delete", "users", &id, "--yes", "--url", &server.url];
            home.command(&args).spawn().unwrap()
        })
        .collect();
    for mut program in programs {
        assert_eq!(program.wait().unwrap().code(), Some(1));
    }
    let paths = Paths::under(&home.path("home"));
    thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            let paths = paths.clone();
            scope.spawn(move || {
                let (registry, _) = Registry::open(paths);
                registry.save(environment(name, EnvironmentKind::Development), None, None)
            });
        }
    });
    let verdict = verify(&paths, None).unwrap();
    assert_eq!((verdict.entries, verdict.breaks), (20, vec![]));
    let all = list(&paths, &AuditFilter::default()).unwrap();
    assert!(all.changes.iter().all(|change| change.ended.is_some()));
}

/// Nothing is changed that cannot be logged; and where only the end cannot be, that is said.
#[test]
fn what_cannot_be_logged_is_not_done() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args);
    home.file("catalog.csv", CATALOG);
    home.file("users.jsonl", "{\"user_id\":\"u1\"}\n");
    assert_eq!(at(&["upload", "users.jsonl"]).code, 0);
    let log = home.path("home/data/audit.jsonl");
    fs::rename(&log, home.path("log")).unwrap();
    fs::create_dir(&log).unwrap();
    let place = log.display().to_string();
    let refused = |args: &[&str]| {
        let ended = at(args);
        assert_eq!(ended.code, 2, "{}", ended.all());
        ended.err.replace(&place, "LOG")
    };
    insta::assert_snapshot!(refused(&["delete", "users", "u1", "--yes"]), @"
    This will delete 1 user from local (URL, key KEY)
    tatami: nothing was changed, as the audit log cannot be written (LOG: Is a directory (os error 21))
    ");
    for args in [
        &["upload", "catalog.csv"][..],
        &["undo", "1", "--yes"],
        &["wipe", "--dataset", "users", "--confirm", "local"],
    ] {
        let said = refused(args);
        assert!(
            said.contains("nothing was changed, as the audit log"),
            "{args:?}: {said}"
        );
    }
    assert_eq!(at(&["ids", "users"]).out, "u1\n");
    assert_eq!(at(&["ids", "products"]).out, "");
    // Other files in its place are left alone.
    fs::remove_dir(&log).unwrap();
    for (text, why) in [
        ("{\"tatami_audit\":2,\"log\":\"x\"}\n", "newer version of Tatami"),
        ("a list of mine\n", "is no audit log"),
    ] {
        fs::write(&log, text).unwrap();
        let said = refused(&["delete", "users", "u1", "--yes"]);
        assert!(said.contains(why), "{said}");
        assert_eq!(fs::read_to_string(&log).unwrap(), text);
        assert_eq!(home.run(&["audit", "--verify"]).code, 2);
    }
    // Nothing was begun meanwhile, nor set aside.
    fs::remove_file(&log).unwrap();
    fs::rename(home.path("log"), &log).unwrap();
    let uploads: Value = serde_json::from_str(&home.run(&["uploads", "--json"]).out).unwrap();
    assert_eq!(
        (uploads.as_array().unwrap().len(), &uploads[0]["set_aside"]),
        (1, &json!(false))
    );
    assert_eq!(at(&["upload", "catalog.csv"]).code, 1);
    assert_eq!(home.run(&["audit", "--verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_cannot_be_logged_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::under(folder.path());
    let log = paths.data.join("audit.jsonl");
    let breaking = {
        let log = log.clone();
        move || {
            fs::remove_file(&log).unwrap();
            fs::create_dir(&log).unwrap();
            let deleted = json!({"message": "deleted", "data": {"deleted": {"count": 2}, "not_found": {"count": 0}}});
            async move { Json(deleted) }
        }
    };
    let app = Router::new().route("/v1/users/_delete", post(breaking));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let connection = Connection::new("test", &url, ApiKey::new(KEY)).unwrap();
    let permit = connection.allow(ChangeKind::Delete, &Consent::default()).unwrap();
    let ids = ["a".to_owned(), "b".to_owned()];
    let failed = delete(&permit, &paths, Dataset::Users, &ids).await.unwrap_err();
    assert!(matches!(failed.error, Error::Audit(AuditError::End(_))), "{failed}");
    assert_eq!(failed.deleted, 2);
    assert!(failed.to_string().contains("the change was made"), "{failed}");
}
