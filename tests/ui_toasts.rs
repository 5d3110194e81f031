//! Messages: news goes by itself, what went wrong stays, and nothing moves for either.

use std::path::PathBuf;

use eframe::egui::{Key, Modifiers, Rect, accesskit::Live};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, TableAction};

use crate::ui::World;

/// News, by a command that cannot be run now.
fn told() -> World {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::Z);
    world
}

const NEWS: &str = "There is nothing to undo";

/// The window with what went wrong with so many files.
fn failed(count: usize) -> World {
    let mut world = World::opened();
    for at in 0..count {
        let path = PathBuf::from(format!("/nowhere/{at}.csv"));
        world.harness.state_mut().act(Action::Open(vec![path]));
        world.until_seen(&format!("There is no file /nowhere/{at}.csv"));
    }
    world
}

fn rect(world: &World, label: &str) -> Rect {
    world.harness.get_by_label_contains(label).rect()
}

#[test]
fn news_goes_after_a_while_and_stays_under_the_pointer() {
    let mut world = told();
    assert!(world.sees(NEWS));
    // A frame is a tenth of a second.
    world.harness.run_steps(41);
    assert!(!world.sees(NEWS));
    let notices = &world.harness.state().session().notices;
    assert!(notices.iter().all(|notice| notice.text != NEWS));
    let mut world = told();
    let at = rect(&world, NEWS).center();
    world.harness.hover_at(at);
    world.harness.run_steps(60);
    assert!(world.sees(NEWS), "it is being read");
    world.harness.hover_at(eframe::egui::pos2(20.0, 300.0));
    world.harness.run_steps(41);
    assert!(!world.sees(NEWS));
}

#[test]
fn what_went_wrong_stays_until_it_is_dismissed_and_can_be_copied() {
    let mut world = failed(1);
    world.harness.run_steps(80);
    let text = "There is no file /nowhere/0.csv";
    assert!(world.sees(text));
    world.harness.get_by_label("Copy the message").click();
    world.harness.step();
    let commands = &world.harness.output().platform_output.commands;
    let is_copied = |command: &eframe::egui::OutputCommand| matches!(command, eframe::egui::OutputCommand::CopyText(copied) if copied.starts_with(text));
    assert!(commands.iter().any(is_copied), "{commands:?}");
    world.click("Dismiss");
    assert!(!world.sees(text));
}

#[test]
fn three_are_stacked_and_the_rest_is_counted() {
    let mut world = failed(5);
    world.frames();
    assert!(world.sees("/nowhere/4.csv") && world.sees("/nowhere/2.csv"));
    assert!(!world.sees("/nowhere/1.csv"));
    let hidden = world.harness.state().session().notices.len() - 3;
    assert!(hidden >= 2 && world.sees(&format!("and {hidden} more")));
    assert!(rect(&world, "/nowhere/2.csv").bottom() <= rect(&world, "/nowhere/3.csv").top());
    world.click("Dismiss these");
    assert_eq!(world.harness.state().session().notices.len(), hidden);
    assert!(world.sees("/nowhere/1.csv") && !world.sees("/nowhere/4.csv"));
}

#[test]
fn messages_move_nothing_and_are_read_aloud() {
    let mut world = World::opened();
    let cell = rect(&world, "row 2, product_id");
    world.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(rect(&world, "row 2, product_id"), cell);
    let spoken = world.harness.get_by_label(NEWS);
    assert_eq!(spoken.accesskit_node().live(), Live::Polite);
    let world = failed(1);
    let spoken = world.harness.get_by_label_contains("There is no file");
    assert_eq!(spoken.accesskit_node().live(), Live::Assertive);
}

#[test]
fn a_repair_is_taken_back_from_its_message_while_it_is_the_last_change() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    world.until_seen("Repaired ");
    world.until("it is changed", |app| {
        app.session().document().unwrap().can_undo_redo().0
    });
    assert!(world.sees("Undo: Repaired"));
    let text = world.harness.state().session().notices.last().unwrap().text.clone();
    world.click(&format!("Undo: {text}"));
    assert!(!world.document().can_undo_redo().0);
    assert!(!world.sees("Repaired "));
    world.settled();
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    world.until_seen("Undo: Repaired");
    let doc = world.document().id;
    let edit = TableAction::Edit(vec![(0, 1, "Desk lamp".to_owned())]);
    world.harness.state_mut().act(Action::Table(doc, edit));
    world.harness.run_steps(2);
    assert!(world.sees("Repaired ") && !world.sees("Undo: Repaired"));
}

#[test]
fn a_change_of_many_cells_is_told_and_one_of_a_few_is_not() {
    let mut world = World::opened();
    let doc = world.document().id;
    let mut change = |rows: u32| {
        let cells = (0..rows).flat_map(|row| (1..3).map(move |column| (row, column, "1".to_owned())));
        let edit = TableAction::Edit(cells.collect());
        world.harness.state_mut().act(Action::Table(doc, edit));
        world.harness.run_steps(2);
        world.sees("Undo: Changed")
    };
    assert!(!change(2));
    assert!(change(5));
    assert!(world.sees("Undo: Changed 10 cells"));
}
