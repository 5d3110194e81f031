//! A record of uploads that is damaged, as the window meets it: what can be read is shown, and what helps is a button.

use std::{fs, path::Path};

use crate::{common::plan::plan, ui::World};
use tatami::{
    domain::{dataset::Dataset, rows::RowSet},
    session::{Action, Place},
    upload::{Confirmation, Ledger, LedgerEntry, Retention, WriteOptions},
};
use tempfile::TempDir;

/// Three uploads of a thousand rows each, which can be undone.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let plan = plan(1000, WriteOptions::recommended(Dataset::Products));
        let ledger = Ledger::open(&folder.path().join("data")).unwrap();
        let mut account = ledger.begin(&plan).unwrap();
        for batch in 0..10 {
            let rows = RowSet::of_ranges(std::iter::once(batch * 100..batch * 100 + 100));
            account.note(LedgerEntry::Send { rows: rows.clone() }).unwrap();
            let store = LedgerEntry::Store {
                rows,
                confirmation: Confirmation::Answer,
                digests: (0..100).collect(),
            };
            account.note(store).unwrap();
        }
        account.end(None).unwrap();
    }
    folder
}

fn ledger(folder: &Path) -> std::path::PathBuf {
    folder.join("data/uploads.sqlite")
}

fn ids(world: &World) -> Vec<i64> {
    let uploads = world.harness.state().session().uploads.as_ref();
    uploads.map_or_else(
        |_| Vec::new(),
        |uploads| uploads.iter().map(|past| past.upload.id.0).collect(),
    )
}

/// A window over a damaged ledger, with what it says of it, at the list of uploads.
fn damaged(folder: TempDir, says: &str) -> World {
    let mut world = World::over(folder, Vec::new());
    world.until("it is said", |app| {
        app.session().notices.iter().any(|notice| notice.text.contains(says))
    });
    assert!(world.sees("tatami uploads --repair rebuilds what can be rebuilt"));
    world.harness.state_mut().act(Action::Show(Place::Uploads));
    world.frames();
    world
}

fn repair(world: &mut World) {
    world.click("Repair");
    world.until("it is repaired", |app| {
        let session = app.session();
        let told = |notice: &tatami::session::Notice| notice.text.starts_with("The record of uploads is rebuilt");
        session.notices.iter().any(told) && session.uploads.as_ref().is_ok_and(|uploads| uploads.len() == 3)
    });
    assert_eq!(ids(world), [3, 2, 1]);
    assert!(world.harness.state().session().unreadable_uploads.is_empty());
}

#[test]
fn one_damaged_upload_leaves_the_others_in_the_list() {
    let folder = folder();
    let connection = rusqlite::Connection::open(ledger(folder.path())).unwrap();
    connection
        .execute_batch("UPDATE uploads SET recipe = '{' WHERE id = 2")
        .unwrap();
    drop(connection);
    let mut world = damaged(folder, "The record of upload 2 is damaged");
    assert_eq!(ids(&world), [3, 1]);
    repair(&mut world);
}

#[test]
fn a_ledger_that_is_cut_off_or_gone_is_repaired_by_a_button() {
    let cut = folder();
    let bytes = fs::read(ledger(cut.path())).unwrap();
    fs::write(ledger(cut.path()), &bytes[..bytes.len() / 2]).unwrap();
    let mut world = damaged(cut, "the record of uploads is damaged");
    assert!(world.sees("The uploads cannot be listed"));
    repair(&mut world);

    let gone = folder();
    fs::remove_file(ledger(gone.path())).unwrap();
    let mut world = damaged(gone, "is gone or empty, although there were uploads");
    repair(&mut world);
}

/// All uploads are listed, as their tallies are written down; the damage is found in the background.
#[test]
fn damage_that_no_list_meets_is_found_at_the_start() {
    let folder = folder();
    let path = ledger(folder.path());
    let bytes = fs::read(&path).unwrap();
    let is_listed = |page: &usize| {
        let mut damaged = bytes.clone();
        damaged[page * 4096..][..4096].fill(0);
        fs::write(&path, damaged).unwrap();
        let list = Ledger::open(&folder.path().join("data")).and_then(|ledger| ledger.list(Retention::default()));
        list.is_ok_and(|list| list.unreadable.is_empty() && list.uploads.len() == 3)
    };
    let page = (1..bytes.len() / 4096).find(is_listed);
    assert!(page.is_some());
    let mut world = damaged(folder, "the record of uploads is damaged");
    assert_eq!(ids(&world), [3, 2, 1]);
    repair(&mut world);
    assert_eq!(world.harness.state().session().ledger_damage, None);
}
