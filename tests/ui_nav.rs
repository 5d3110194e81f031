//! The files in the sidebar: how each stands, and what can be done with it.

use eframe::egui::OutputCommand;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, Place, TableAction};

use crate::ui::World;

const CLEAN: &str = "product_id,title\nB1,Bowl\nB2,Cup\n";

fn menu_of(world: &mut World, file: &str) {
    world.harness.get_by_label_contains(file).click_secondary();
    world.frames();
}

#[test]
fn each_file_says_how_it_stands() {
    let mut world = World::opened();
    assert!(world.sees("catalog.csv, 3 errors"));
    let path = world.write("clean.csv", CLEAN);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    assert!(world.sees("clean.csv, no problems"));
    let doc = world.document().id;
    let edit = TableAction::Edit(vec![(0, 1, "Teacup".to_owned())]);
    world.harness.state_mut().act(Action::Table(doc, edit));
    world.frames();
    assert!(world.sees("clean.csv, no problems, changed"));
}

#[test]
fn an_uploaded_file_says_where_it_is() {
    let mut world = World::new();
    let path = world.write("clean.csv", CLEAN);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.upload("Upload 2 products to Local");
    assert!(world.sees("clean.csv, no problems, uploaded to Local"));
    world.click("Dismiss the upload's result");
    assert!(world.sees("uploaded to Local"), "also when the result is put away");
}

#[test]
fn what_can_be_done_with_a_file_is_in_its_menu() {
    let mut world = World::opened();
    let path = world.write("clean.csv", CLEAN);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    menu_of(&mut world, "catalog.csv, 3 errors");
    world.harness.get_by_label("Copy path").click();
    world.harness.step();
    let commands = &world.harness.output().platform_output.commands;
    let is_copied =
        |command: &OutputCommand| matches!(command, OutputCommand::CopyText(path) if path.ends_with("catalog.csv"));
    assert!(commands.iter().any(is_copied), "{commands:?}");
    world.frames();
    menu_of(&mut world, "catalog.csv, 3 errors");
    let entries = world.harness.get_all_by_label("Upload…");
    let lowest = entries.max_by(|one, other| one.rect().top().total_cmp(&other.rect().top()));
    lowest.unwrap().click();
    world.frames();
    let session = world.harness.state().session();
    assert_eq!(
        world.document().name(),
        "catalog.csv",
        "the command is of the file that is shown then"
    );
    assert!(session.dialog.is_some());
    world.press(eframe::egui::Modifiers::NONE, eframe::egui::Key::Escape);
    menu_of(&mut world, "clean.csv, no problems");
    world.click("Close file");
    let session = world.harness.state().session();
    assert_eq!(session.documents.len(), 1);
    assert!(matches!(session.place, Place::Document(_)));
}

#[test]
fn what_cannot_be_done_with_a_file_is_greyed() {
    let mut world = World::new();
    let path = world.write("broken.parquet", "PAR1 is all there is");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.until("it has failed", |app| {
        let documents = &app.session().documents;
        documents
            .iter()
            .any(|document| matches!(document.phase(), tatami::session::Phase::Failed(_)))
    });
    menu_of(&mut world, "broken.parquet, failed");
    let copy = world.harness.get_by_label("Save a copy with changes…");
    assert!(copy.accesskit_node().is_disabled());
}
