//! Uploads in the window: steering one, what remains of it, the list of all, and going on with the unfinished ones.

use crate::ui::World;
use eframe::egui::Rect;
use egui_kittest::kittest::Queryable as _;
use tatami::{
    domain::dataset::Dataset,
    session::{Action, Place, Steer, UploadAction},
    upload::WriteOptions,
};

const CATALOG: &str = "product_id,title\nA1,Lamp\nA2,Stool\nA3,Holder\n";

/// Opens a file, and begins its upload so that it waits.
fn begin(world: &mut World, name: &str) {
    let path = world.write(name, CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let doc = world.document().id;
    let app = world.harness.state_mut();
    app.act(Action::Upload(UploadAction::Start {
        doc,
        write_options: WriteOptions::recommended(Dataset::Products),
        dry_run: false,
    }));
    app.act(Action::Upload(UploadAction::Steer(doc, Steer::Pause)));
    world.frames();
}

fn stop(world: &mut World) {
    world.click("Stop");
    world.until("it has stopped", |app| {
        let upload = app.session().document().unwrap().upload.as_ref();
        upload.is_some_and(|upload| upload.report.is_some())
    });
}

#[test]
fn a_late_click_on_what_steered_an_upload_meets_nothing_of_its_result() {
    let mut world = World::new();
    begin(&mut world, "catalog.csv");
    let places: Vec<Rect> = ["Stop", "Go on"]
        .map(|label| world.harness.get_by_label(label).rect())
        .into();
    stop(&mut world);
    for label in ["Dismiss the upload's result", "Resume", "Save…"] {
        let now = world.harness.get_by_label(label).rect();
        assert!(places.iter().all(|before| !before.intersects(now)), "{label}");
    }
}

#[test]
fn all_unfinished_uploads_are_offered_until_each_is_done() {
    let mut world = World::new();
    for name in ["first.csv", "second.csv"] {
        begin(&mut world, name);
        stop(&mut world);
    }
    let mut world = world.restarted();
    world.until("they are offered", |app| app.session().offers().count() == 2);
    assert!(world.sees("2 uploads are unfinished: Upload 2 of second.csv to Local, Upload 1 of first.csv to Local"));
    world.click("Show them");
    assert_eq!(world.harness.state().session().place, Place::Uploads);
    world.click("Resume upload 2");
    world.until("it ends, and is listed as ended", |app| {
        app.session().offers().count() == 1
    });
    assert!(world.sees("Upload 1 of first.csv to Local is unfinished: 3 of 3 rows are open"));
    world.click("Dismiss");
    assert!(!world.sees("is unfinished"));
}

#[test]
fn uploads_are_listed_with_place_and_words_of_their_own_found_and_undone() {
    let mut world = World::new();
    for name in ["first.csv", "second.csv"] {
        let text = CATALOG.replace('A', &name[..1]);
        let path = world.write(name, &text);
        world.harness.state_mut().act(Action::Open(vec![path]));
        world.settled();
        world.upload("Upload 3 products to Local");
    }
    world.click("Uploads");
    world.until("both are listed", |app| {
        app.session().uploads.as_ref().unwrap().len() == 2
    });
    assert!(world.sees("· 3 stored"));
    // Typing finds by file.
    world.harness.get_by_label("Find an upload").focus();
    world.frames();
    world.harness.get_by_label("Find an upload").type_text("second");
    world.frames();
    assert!(world.sees("Upload 2 of second.csv") && !world.sees("Upload 1 of first.csv"));
    world.click("Undo upload 2");
    world.until("it is known what an undo does", |app| {
        app.session().undo.as_ref().is_some_and(|undo| undo.preview.is_some())
    });
    let undo = UploadAction::Undo { over_changes: false };
    world.harness.state_mut().act(Action::Upload(undo));
    world.until("it is undone and listed", |app| {
        app.session().uploads.as_ref().unwrap().len() == 3
    });
    world.until("it is listed as ended", |app| {
        let uploads = app.session().uploads.as_ref().unwrap();
        uploads[0].upload.tally.open() == 0 && !uploads[0].is_running
    });
    assert!(world.sees("· 3 undone"), "what an undo deletes is not stored");
    assert!(world.sees("undone by 3"));
}
