//! A window that died, opened again; and files that another start of the program hands over.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, TableAction};

use crate::ui::World;

/// Waits until everything is kept.
fn kept(world: &mut World) {
    world.until("all is kept", |app| {
        app.session().keeps() && app.session().due_save().is_none()
    });
}

#[test]
fn a_window_that_died_opens_as_it_was() {
    let mut world = World::opened();
    let doc = world.document().id;
    let cells = vec![(3, 2, "8".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(2, 1)));
    kept(&mut world);
    let mut world = world.restarted();
    world.settled();
    world.until("the changed row is checked", |app| {
        app.session()
            .document()
            .unwrap()
            .count(tatami::domain::issue::Severity::Error)
            == 2
    });
    assert!(world.sees("Restored catalog.csv with 1 changed cell"));
    assert!(world.sees("row 5, sale_price: 8, edited"));
    assert_eq!(world.document().view().unwrap().cursor, (2, 1));
    let cell = world.harness.get_by_label("row 4, title: Brass card holder");
    assert_eq!(
        cell.accesskit_node().is_selected(),
        Some(true),
        "the table has its cursor there, too"
    );
    world.click("Discard changes");
    assert!(world.sees("row 5, sale_price: cheap") && !world.sees("Restored catalog.csv"));
    for text in ["8", "cheap"] {
        world.press(Modifiers::COMMAND, Key::Z);
        assert!(world.sees(&format!("row 5, sale_price: {text}")));
    }
}

#[test]
fn changes_that_do_not_fit_their_file_are_told_and_forgotten() {
    let mut world = World::opened();
    let doc = world.document().id;
    let cells = vec![(3, 2, "8".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    kept(&mut world);
    world.write("catalog.csv", "product_id,title,sale_price\nB,Bench,7\n");
    let mut world = world.restarted();
    world.settled();
    assert!(world.sees("catalog.csv is another file by now, so 1 changed cell of last time cannot be shown"));
    assert!(!world.document().is_changed());
    world.click("Forget changes");
    assert!(!world.sees("is another file by now"));
}

#[test]
fn quitting_with_changes_says_that_they_are_kept() {
    let mut world = World::opened();
    let doc = world.document().id;
    let cells = vec![(3, 2, "8".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    kept(&mut world);
    world.quit();
    assert!(world.sees("catalog.csv: 1 changed cell is kept, and there again at the next start"));
}

#[test]
fn where_no_drops_arrive_none_are_promised() {
    let mut world = World::new();
    world.harness.state_mut().take_drops(false);
    world.frames();
    assert!(world.sees("Open a file of products") && !world.sees("Drop a file"));
    assert!(world.sees("this window system does not pass dropped files on"));
}
