//! Damage to the record of uploads, of every kind: what is left stays listed, what helps is said, and repairing it brings
//! back what snapshots and former files allow. The program as a process; the window in `ui_repair`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::home::{Ended, Home, Served, at};
use serde_json::Value;

/// Uploads in a scene: of many, so that the file has pages in the middle.
const UPLOADS: usize = 12;
const ROWS: usize = 300;

/// A server, and a home with uploads to it, each of which replaced all records.
struct Scene {
    home: Home,
    server: Served,
}

fn catalog(title: usize) -> String {
    let rows = (0..ROWS).map(|row| format!("P{row},Lamp {title}\n"));
    std::iter::once("product_id,title\n".to_owned()).chain(rows).collect()
}

impl Scene {
    fn new() -> Self {
        Self::with(UPLOADS)
    }

    fn with(uploads: usize) -> Self {
        let home = Home::new();
        let server = home.serve();
        let scene = Self { home, server };
        for number in 1..=uploads {
            let ended = scene.upload(number);
            assert_eq!(ended.code, 0, "{}", ended.all());
        }
        scene
    }

    fn upload(&self, title: usize) -> Ended {
        self.home.file("catalog.csv", catalog(title));
        self.at(&["upload", "catalog.csv"])
    }

    fn at(&self, args: &[&str]) -> Ended {
        at(&self.home, &self.server, args)
    }

    fn run(&self, args: &[&str]) -> Ended {
        self.home.run(args)
    }

    fn data(&self, name: &str) -> PathBuf {
        self.home.path("home/data").join(name)
    }

    fn ledger(&self) -> PathBuf {
        self.data("uploads.sqlite")
    }

    fn sql(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.ledger()).unwrap();
        connection.execute_batch(statement).unwrap();
    }

    /// The title that all stored records have.
    fn title(&self) -> String {
        let got = self.at(&["get", "products", "P0", "P299", "--raw"]).out;
        let titles: Vec<String> = got
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["title"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert!(titles.len() == 2 && titles[0] == titles[1], "{got}");
        titles[0].clone()
    }

    fn listed(&self) -> Vec<Value> {
        let listed = self.run(&["uploads", "--json"]);
        serde_json::from_str(&listed.out).unwrap_or_else(|_| panic!("{}", listed.all()))
    }

    fn ids(&self) -> Vec<u64> {
        let of = |upload: &Value| upload["id"].as_u64().unwrap();
        self.listed()
            .iter()
            .filter(|upload| upload["stored"].is_u64())
            .map(of)
            .collect()
    }

    /// What was set aside, and what was in it.
    fn aside(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.data("")).unwrap().map(|file| file.unwrap().path());
        let is_aside = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("uploads.damaged-") && name.ends_with(".sqlite")
        };
        files.filter(is_aside).collect()
    }

    /// Puts the data folder back as it was copied.
    fn copy_to(&self, to: &Path) {
        copy(&self.data(""), to);
    }

    fn restore(&self, from: &Path) {
        // The server's own folder is in use.
        for entry in fs::read_dir(self.data("")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() != "local" {
                remove(&path);
            }
        }
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() != "local" {
                copy(&path, &self.data("").join(path.file_name().unwrap()));
            }
        }
    }

    /// Repairs, and checks that all is there again that can be: every upload has a snapshot.
    fn repaired(&self, what: &str) {
        let listed = self.run(&["uploads"]);
        if listed.code != 0 {
            let said = listed.all();
            assert!(said.contains("tatami uploads --repair"), "{what}: {said}");
        }
        let file = fs::read(self.ledger());
        let repaired = self.run(&["uploads", "--repair"]);
        assert!(repaired.code <= 1, "{what}: {}", repaired.all());
        if listed.code != 0
            && let Ok(file) = file
        {
            let kept = self
                .aside()
                .iter()
                .any(|path| fs::read(path).is_ok_and(|kept| kept == file));
            assert!(kept, "{what}: the damaged file is kept: {}", repaired.all());
        }
        let again = self.run(&["uploads"]);
        assert_eq!(again.code, 0, "{what}: {}", again.all());
        let all: Vec<u64> = (1..=UPLOADS as u64).rev().collect();
        assert_eq!(self.ids(), all, "{what}: {}", repaired.all());
        let nothing = self.run(&["uploads", "--repair"]).all();
        assert!(nothing.starts_with("Nothing is wrong"), "{what}: {nothing}");
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

/// Each on a copy of the same folder; what is undone afterwards is undone for all of them.
#[test]
fn a_file_that_is_damaged_in_any_way_is_rebuilt() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    scene.copy_to(folder.path());
    let bytes = fs::read(scene.ledger()).unwrap();
    let pages = bytes.len() / 4096;
    assert!(pages > 6, "{pages}");
    let zeroed = |page: usize| {
        let mut bytes = bytes.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0);
        bytes
    };
    let mut damages = vec![
        ("it is cut off".to_owned(), bytes[..bytes.len() / 2].to_vec()),
        ("a page is cut off".to_owned(), bytes[..bytes.len() - 4096].to_vec()),
        ("it is empty".to_owned(), Vec::new()),
        ("it is text".to_owned(), b"this was a ledger once".repeat(999)),
        ("its header is gone".to_owned(), {
            let mut bytes = bytes.clone();
            bytes[..100].fill(b'x');
            bytes
        }),
    ];
    damages.extend((0..pages).map(|page| (format!("page {page} is zeroed"), zeroed(page))));
    for (what, damaged) in damages {
        scene.restore(folder.path());
        fs::write(scene.ledger(), damaged).unwrap();
        scene.repaired(&what);
    }
    for what in ["it is gone", "a folder is in its place"] {
        scene.restore(folder.path());
        fs::remove_file(scene.ledger()).unwrap();
        if what.starts_with("a folder") {
            fs::create_dir_all(scene.ledger().join("deep")).unwrap();
        }
        let refused = scene.upload(99);
        assert_eq!(refused.code, 2, "{what}: {}", refused.all());
        assert!(
            refused.err.contains("tatami uploads --repair"),
            "{what}: {}",
            refused.err
        );
        scene.repaired(what);
    }
    // Nobody is asked to send old files again.
    assert!(
        scene
            .listed()
            .iter()
            .all(|upload| upload["set_aside"] == true && upload["unknown"] == ROWS)
    );
    // What was rebuilt of a snapshot alone is undone, and its number is nobody else's.
    assert_eq!(scene.title(), format!("Lamp {UPLOADS}"));
    let last = UPLOADS.to_string();
    let undone = scene.at(&["undo", &last, "--yes"]);
    assert!(
        undone.out.contains("300 records are put back") || undone.out.contains("300 products are put back"),
        "{}",
        undone.all()
    );
    assert_eq!(scene.title(), format!("Lamp {}", UPLOADS - 1));
    assert_eq!(scene.upload(7).code, 0);
    assert_eq!(scene.ids()[..2], [UPLOADS as u64 + 2, UPLOADS as u64 + 1]);
}

#[test]
fn one_damaged_upload_leaves_the_others_listed() {
    let scene = Scene::with(3);
    let folder = tempfile::tempdir().unwrap();
    scene.copy_to(folder.path());
    for damage in [
        "UPDATE uploads SET recipe = '{' WHERE id = 2",
        "UPDATE uploads SET manner = 'nonsense' WHERE id = 2",
        "UPDATE uploads SET dataset = 'klingons' WHERE id = 2",
        "UPDATE entries SET rows = x'FF' WHERE upload = 2 AND number = 0; UPDATE uploads SET tally = NULL WHERE id = 2",
        "UPDATE entries SET kind = 77 WHERE upload = 2; UPDATE uploads SET tally = NULL WHERE id = 2",
    ] {
        scene.restore(folder.path());
        scene.sql(damage);
        let listed = scene.run(&["uploads"]);
        assert_eq!(listed.code, 1, "{damage}: {}", listed.all());
        assert!(
            listed
                .out
                .contains("The record of upload 2 is damaged; tatami uploads --repair"),
            "{damage}: {}",
            listed.all()
        );
        assert_eq!(scene.ids(), [3, 1], "{damage}");
        // The others can be worked with.
        let preview = scene.at(&["undo", "3", "--preview"]);
        assert!(preview.code <= 1, "{damage}: {}", preview.all());
        let refused = scene.at(&["undo", "2", "--preview"]);
        assert!(refused.err.contains("--repair"), "{damage}: {}", refused.all());
        let repaired = scene.run(&["uploads", "--repair"]);
        assert_eq!(repaired.code, 1, "{damage}: {}", repaired.all());
        assert!(
            repaired.out.contains("2 uploads are as they were; "),
            "{}",
            repaired.all()
        );
        assert_eq!(scene.ids(), [3, 2, 1], "{damage}");
        assert_eq!(scene.run(&["uploads"]).code, 0);
        let others: Vec<Value> = scene.listed();
        assert_eq!(
            (&others[0]["stored"], &others[2]["stored"]),
            (&ROWS.into(), &ROWS.into())
        );
        let preview = scene.at(&["undo", "2", "--preview"]);
        assert!(preview.out.contains("changed since"), "{damage}: {}", preview.all());
    }
}

/// A record that was not closed: the log that was written ahead is part of it.
#[test]
fn a_log_that_is_gone_or_garbled_loses_no_snapshot() {
    let scene = Scene::with(2);
    // Somebody has the file open, so that nothing is moved from the log into it.
    let open = rusqlite::Connection::open(scene.ledger()).unwrap();
    open.execute_batch("BEGIN; SELECT count(*) FROM uploads").unwrap();
    assert_eq!(scene.upload(3).code, 0);
    assert_eq!(scene.upload(4).code, 0);
    let folder = tempfile::tempdir().unwrap();
    scene.copy_to(folder.path());
    drop(open);
    let ahead = fs::read(folder.path().join("uploads.sqlite-wal")).unwrap();
    assert!(ahead.len() > 8192);
    let mut garbled = ahead.clone();
    garbled[32..].fill(0xA5);
    let mut half = ahead.clone();
    half.truncate(ahead.len() / 2);
    for (what, ahead) in [("garbled", Some(garbled)), ("half", Some(half)), ("gone", None)] {
        scene.restore(folder.path());
        fs::remove_file(scene.data("uploads.sqlite-shm")).ok();
        match ahead {
            Some(ahead) => fs::write(scene.data("uploads.sqlite-wal"), ahead).unwrap(),
            None => fs::remove_file(scene.data("uploads.sqlite-wal")).unwrap(),
        }
        let listed = scene.run(&["uploads"]);
        assert_eq!(listed.code, 1, "{what}: {}", listed.all());
        assert!(
            listed.out.contains("The record of upload 4 is gone"),
            "{what}: {}",
            listed.all()
        );
        // Without a repair, nothing takes the place of a snapshot either.
        let repaired = scene.run(&["uploads", "--repair"]);
        assert!(repaired.code <= 1, "{what}: {}", repaired.all());
        assert_eq!(scene.ids(), [4, 3, 2, 1], "{what}: {}", repaired.all());
    }
    let undone = scene.at(&["undo", "4", "--yes"]);
    assert_eq!(scene.title(), "Lamp 3", "{}", undone.all());
    // A new upload, where the ledger knows of fewer than there are snapshots.
    scene.restore(folder.path());
    fs::remove_file(scene.data("uploads.sqlite-shm")).ok();
    fs::remove_file(scene.data("uploads.sqlite-wal")).unwrap();
    let before = fs::read(scene.data("snapshots/4.sqlite")).unwrap();
    assert_eq!(scene.upload(5).code, 0);
    assert_eq!(scene.ids()[0], 5);
    assert!(fs::read(scene.data("snapshots/4.sqlite")).unwrap() == before);
}

/// The last words on an upload are lost, but not what it replaced.
#[test]
fn an_upload_that_lost_its_last_entries_is_undone_whole_and_goes_on() {
    for goes_on in [false, true] {
        let scene = Scene::with(1);
        scene.home.file("catalog.csv", catalog(2));
        let ended = scene.at(&["upload", "catalog.csv", "--batch-records", "50"]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        scene.sql("DELETE FROM entries WHERE upload = 2 AND number > 2; UPDATE uploads SET tally = NULL WHERE id = 2");
        if goes_on {
            let resumed = scene.at(&["upload", "--resume", "2"]);
            assert_eq!(resumed.code, 0, "{}", resumed.all());
            assert_eq!(scene.title(), "Lamp 2");
        }
        let undone = scene.at(&["undo", "2", "--yes"]);
        assert!(undone.out.contains("300 undone"), "{}", undone.all());
        assert_eq!(scene.title(), "Lamp 1");
    }
}

/// A snapshot is for undoing alone: without it all else goes on.
#[test]
fn a_damaged_snapshot_costs_the_undo_of_its_upload_only() {
    let scene = Scene::with(2);
    let path = scene.data("snapshots/2.sqlite");
    let bytes = fs::read(&path).unwrap();
    let half = bytes[..bytes.len() / 2].to_vec();
    for (what, damaged) in [
        ("cut off", Some(half)),
        ("garbled", Some(b"nothing".repeat(999))),
        ("empty", Some(Vec::new())),
        ("gone", None),
    ] {
        match damaged {
            Some(damaged) => fs::write(&path, damaged).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        assert_eq!(scene.run(&["uploads"]).code, 0, "{what}");
        let refused = scene.at(&["undo", "2", "--yes"]);
        assert_eq!(refused.code, 2, "{what}: {}", refused.all());
        assert_eq!(scene.title(), "Lamp 2", "{what}");
        let preview = scene.at(&["undo", "1", "--preview"]);
        assert!(preview.code <= 1, "{what}: {}", preview.all());
        let repaired = scene.run(&["uploads", "--repair"]);
        assert_eq!(repaired.code, 0, "{what}: {}", repaired.all());
    }
    assert_eq!(scene.run(&["uploads", "2", "--discard"]).code, 0);
}

#[test]
fn a_newer_ledger_is_neither_repaired_nor_touched() {
    let scene = Scene::with(1);
    scene.sql("PRAGMA user_version = 99");
    let before = fs::read(scene.ledger()).unwrap();
    for args in [&["uploads"][..], &["uploads", "--repair"]] {
        let refused = scene.run(args);
        assert_eq!(refused.code, 2);
        assert!(refused.err.contains("newer version"), "{}", refused.all());
    }
    assert!(fs::read(scene.ledger()).unwrap() == before);
    assert!(scene.aside().is_empty());
}

#[test]
fn a_ledger_in_use_is_not_replaced() {
    let scene = Scene::with(1);
    fs::remove_file(scene.ledger()).unwrap();
    let lock = fs::File::options()
        .write(true)
        .open(scene.data("uploads.lock/use"))
        .unwrap();
    lock.lock_shared().unwrap();
    let refused = scene.run(&["uploads", "--repair"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("in use"), "{}", refused.all());
    drop(lock);
    assert_eq!(scene.run(&["uploads", "--repair"]).code, 1);
    assert_eq!(scene.ids(), [1]);
}

/// A killed repair leaves no ledger, or the old one: it is begun again.
#[test]
fn a_repair_that_was_killed_is_repeated() {
    let scene = Scene::with(2);
    fs::rename(scene.ledger(), scene.data("uploads.damaged-1.sqlite")).unwrap();
    fs::create_dir(scene.data("uploads.repair-left")).unwrap();
    fs::write(scene.data("uploads.repair-left/0.sqlite"), "people").unwrap();
    let refused = scene.run(&["uploads"]);
    assert!(
        refused.code == 2 && refused.err.contains("--repair"),
        "{}",
        refused.all()
    );
    assert_eq!(scene.run(&["uploads", "--repair"]).code, 1);
    let stored: Vec<Value> = scene.listed().iter().map(|upload| upload["stored"].clone()).collect();
    assert_eq!(stored, [ROWS, ROWS], "what was put aside is read");
    assert!(!scene.data("uploads.repair-left").exists());
}

#[test]
fn a_copy_is_kept_before_a_migration() {
    let scene = Scene::with(2);
    scene.sql(
        "ALTER TABLE uploads DROP COLUMN key; UPDATE uploads SET recipe = '{\"open\":{},\"targets\":[]}';
         PRAGMA user_version = 4",
    );
    assert_eq!(scene.run(&["uploads"]).code, 0);
    let copy = rusqlite::Connection::open(scene.data("uploads.version-4.sqlite")).unwrap();
    let counted = |statement: &str| copy.query_row(statement, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(counted("PRAGMA user_version"), 4);
    assert_eq!(counted("SELECT count(*) FROM uploads"), 2);
    drop(copy);
    // It is a remedy as well.
    for lost in ["uploads.sqlite", "snapshots/2.sqlite"] {
        fs::remove_file(scene.data(lost)).unwrap();
    }
    let repaired = scene.run(&["uploads", "--repair"]);
    assert_eq!(repaired.code, 1, "{}", repaired.all());
    assert_eq!(scene.ids(), [2, 1]);
}

/// Where nobody may write, it is said what would help; tests that run as root, whom nothing stops, do it as another user.
#[cfg(unix)]
#[test]
fn a_ledger_that_cannot_be_written_says_what_helps() {
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};
    let scene = Scene::with(1);
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let set = |folder: u32, file: u32| {
        mode(&scene.ledger(), file);
        mode(&scene.data("uploads.lock"), folder);
        mode(&scene.data("uploads.lock/use"), file);
        mode(&scene.data(""), folder);
    };
    if is_root {
        for path in [scene.home.folder.path().to_owned(), scene.home.path("home")] {
            mode(&path, 0o755);
        }
    }
    // Another user need not see the folder that the program was built in.
    let program = scene.home.path("tatami");
    fs::copy(crate::common::program(), &program).unwrap();
    set(0o555, 0o444);
    let before = fs::read(scene.ledger()).unwrap();
    for args in [&["uploads"][..], &["uploads", "--repair"]] {
        let mut command = std::process::Command::new(&program);
        command.args(args).env("TATAMI_HOME", scene.home.path("home"));
        if is_root {
            command.current_dir(scene.home.folder.path()).uid(65534).gid(65534);
        }
        let refused = crate::home::ended(&mut command);
        assert_eq!(refused.code, 2, "{}", refused.all());
        assert!(
            refused.err.contains("let yourself read and write it"),
            "{}",
            refused.all()
        );
    }
    set(0o700, 0o600);
    assert!(fs::read(scene.ledger()).unwrap() == before);
    assert!(scene.aside().is_empty());
    assert_eq!(scene.run(&["uploads"]).code, 0);
}
