//! The palette: all commands by their words, why some cannot be run now, and going to open files.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, Place};

use crate::ui::World;

fn opened(world: &mut World) {
    world.press(Modifiers::COMMAND, Key::K);
}

fn typed(world: &mut World, text: &str) {
    world.harness.get_by_label("Find a command").type_text(text);
    world.frames();
}

/// The entry that Enter would run.
fn marked(world: &World) -> String {
    let mut entries = world.harness.root().children_recursive();
    let marked = entries.find(|node| {
        let node = node.accesskit_node();
        node.role() == eframe::egui::accesskit::Role::ListBoxOption && node.is_selected() == Some(true)
    });
    marked
        .and_then(|node| node.accesskit_node().label())
        .unwrap_or_default()
}

#[test]
fn commands_are_found_by_words_in_any_order_and_run() {
    let mut world = World::opened();
    opened(&mut world);
    typed(&mut world, "problem nex");
    assert_eq!(marked(&world), "Next problem");
    assert!(!world.sees("Add environment…"));
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.harness.query_by_label("Find a command").is_none());
    let (row, column) = world.document().view().unwrap().cursor;
    assert_eq!((row, column), (1, 2), "the first decimal comma");
    opened(&mut world);
    typed(&mut world, "xyz");
    assert!(world.sees("Nothing is called that"));
}

#[test]
fn what_cannot_be_run_now_says_why_and_stays() {
    let mut world = World::new();
    opened(&mut world);
    typed(&mut world, "undo");
    assert_eq!(marked(&world), "Undo: No file is open");
    let entry = world.harness.get_by_label("Undo: No file is open");
    assert!(entry.accesskit_node().is_disabled());
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.sees("Undo: No file is open"), "the palette is still there");
    let mut world = World::opened();
    opened(&mut world);
    typed(&mut world, "undo");
    assert_eq!(marked(&world), "Undo: There is nothing to undo");
}

#[test]
fn menus_and_shortcuts_give_the_same_reason() {
    let mut world = World::new();
    world.press(Modifiers::COMMAND, Key::Z);
    assert!(world.sees("No file is open"));
    let mut world = World::new();
    world.click("Edit");
    let entry = world.harness.get_by_label_contains("Find previous");
    assert!(entry.accesskit_node().is_disabled());
    entry.hover();
    world.harness.run_steps(12);
    assert!(world.sees("No file is open"));
}

#[test]
fn arrows_move_the_mark_and_esc_gives_the_table_the_keyboard_back() {
    let mut world = World::opened();
    world.harness.get_by_label_contains("row 2, product_id").click();
    world.frames();
    let before = world.document().view().unwrap().cursor;
    opened(&mut world);
    let first = marked(&world);
    world.press(Modifiers::NONE, Key::ArrowDown);
    let second = marked(&world);
    assert_ne!(first, second);
    world.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(marked(&world), first);
    assert_eq!(
        world.document().view().unwrap().cursor,
        before,
        "the table has not moved"
    );
    world.press(Modifiers::NONE, Key::Escape);
    assert!(world.harness.query_by_label("Find a command").is_none());
    world.press(Modifiers::NONE, Key::ArrowDown);
    let after = world.document().view().unwrap().cursor;
    assert_eq!(after, (before.0 + 1, before.1));
}

#[test]
fn a_file_is_gone_to_by_its_name() {
    let mut world = World::opened();
    let path = world.write("other.csv", "product_id,title\nB1,Bowl\nB2,Cup\n");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let shown = |world: &World| world.document().name();
    assert_eq!(shown(&world), "other.csv");
    opened(&mut world);
    typed(&mut world, "catal");
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(shown(&world), "catalog.csv");
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(
        world.document().view().unwrap().cursor.0,
        1,
        "its table has the keyboard"
    );
    world.press(Modifiers::COMMAND, Key::P);
    assert!(!world.sees("Add environment…"), "files alone");
    world.press(Modifiers::NONE, Key::ArrowDown);
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(shown(&world), "other.csv");
    assert!(matches!(world.harness.state().session().place, Place::Document(_)));
}

/// The last upload is taken back from wherever one is, and by keys alone.
#[test]
fn the_last_upload_is_undone_by_keys() {
    let mut world = World::new();
    opened(&mut world);
    typed(&mut world, "undo last upload");
    assert_eq!(
        marked(&world),
        "Undo the last upload…: Nothing was uploaded to Local from here"
    );
    world.press(Modifiers::NONE, Key::Escape);
    let path = world.write("two.csv", "product_id,title\nA,Lamp\nB,Mat\n");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.upload("Upload 2 products to Local");
    world.until("the upload is listed", |app| {
        app.session()
            .uploads
            .as_ref()
            .is_ok_and(|uploads| !uploads.is_empty() && !uploads[0].is_running)
    });
    opened(&mut world);
    typed(&mut world, "undo last upload");
    assert_eq!(marked(&world), "Undo the last upload…");
    world.press(Modifiers::NONE, Key::Enter);
    world.until("it is known what an undo does", |app| {
        app.session().undo.as_ref().is_some_and(|undo| undo.preview.is_some())
    });
    // Enter is Cancel here, and presses nothing that deletes.
    world.press(Modifiers::NONE, Key::Tab);
    world.press(Modifiers::NONE, Key::Space);
    world.until("it is undone and listed", |app| {
        app.session()
            .uploads
            .as_ref()
            .is_ok_and(|uploads| uploads.len() == 2 && !uploads[0].is_running)
    });
    opened(&mut world);
    typed(&mut world, "undo last upload");
    assert_eq!(marked(&world), "Undo the last upload…: It is undone by 2");
}
