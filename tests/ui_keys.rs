//! The window without a pointer: from pane to pane, and the menus.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::ui::World;

/// What has the keyboard, by its label.
fn focused(world: &World) -> String {
    let mut nodes = world.harness.root().children_recursive();
    let focused = nodes.find(|node| node.accesskit_node().is_focused());
    focused
        .and_then(|node| node.accesskit_node().label())
        .unwrap_or_default()
}

fn is_in_table(world: &World) -> bool {
    focused(world).starts_with("Table of ")
}

/// A press of Alt alone.
fn tap_alt(world: &mut World) {
    for held in [Modifiers::ALT, Modifiers::NONE] {
        world.harness.event(Event::ModifiersChanged(held));
        world.harness.step();
    }
    world.frames();
}

#[test]
fn f6_goes_around_the_panes_and_back() {
    let mut world = World::opened();
    world.harness.get_by_label_contains("row 2, product_id").click();
    world.frames();
    assert!(is_in_table(&world));
    let mut seen = Vec::new();
    for _ in 0..5 {
        world.press(Modifiers::NONE, Key::F6);
        seen.push(focused(&world));
    }
    let [problems, inspector, toolbar, sidebar, table] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert!(table.starts_with("Table of "), "{seen:?}");
    assert_eq!(toolbar, "File", "{seen:?}");
    assert!(sidebar.starts_with("catalog.csv"), "{seen:?}");
    assert!(
        !problems.is_empty() && !inspector.is_empty() && problems != inspector,
        "{seen:?}"
    );
    for expected in seen.iter().rev().skip(1) {
        world.press(Modifiers::SHIFT, Key::F6);
        assert_eq!(focused(&world), *expected, "{seen:?}");
    }
}

#[test]
fn a_pane_remembers_where_the_keyboard_was() {
    let mut world = World::opened();
    world.harness.get_by_label("Uploads").focus();
    world.frames();
    world.press(Modifiers::NONE, Key::F6);
    assert!(is_in_table(&world));
    world.press(Modifiers::SHIFT, Key::F6);
    assert_eq!(focused(&world), "Uploads");
}

#[test]
fn alt_and_a_letter_open_a_menu_and_arrows_go_from_menu_to_menu() {
    let mut world = World::opened();
    world.harness.get_by_label_contains("row 2, product_id").click();
    world.frames();
    world.harness.event(Event::ModifiersChanged(Modifiers::ALT));
    world.harness.step();
    let input = world.harness.input_mut();
    let key = Event::Key {
        key: Key::F,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::ALT,
    };
    input.events.extend([key, Event::Text("f".to_owned())]);
    world.harness.step();
    world.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    world.frames();
    assert!(world.sees("Open by path…"));
    assert!(!focused(&world).starts_with("Edit"), "the letter is not typed");
    world.press(Modifiers::NONE, Key::ArrowRight);
    assert!(world.sees("Find previous") && !world.sees("Open by path…"));
    world.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(world.sees("Open by path…"));
    world.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(
        world.sees("Open the sample files") && world.sees("Shortcuts"),
        "around the end"
    );
    world.press(Modifiers::NONE, Key::ArrowDown);
    world.press(Modifiers::NONE, Key::ArrowDown);
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.sees("Keyboard shortcuts"));
}

#[test]
fn leaving_the_menus_gives_the_table_the_keyboard_back() {
    let mut world = World::opened();
    world.harness.get_by_label_contains("row 2, product_id").click();
    world.frames();
    world.press(Modifiers::ALT, Key::E);
    assert!(world.sees("Find previous"));
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("Find previous"));
    assert!(is_in_table(&world));
    world.press(Modifiers::NONE, Key::F10);
    assert_eq!(focused(&world), "File");
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert!(world.sees("Open by path…"));
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("Open by path…"));
    assert!(is_in_table(&world));
}

#[test]
fn alt_alone_goes_to_the_menus_and_back() {
    let mut world = World::opened();
    world.harness.get_by_label_contains("row 2, product_id").click();
    world.frames();
    tap_alt(&mut world);
    assert_eq!(focused(&world), "File");
    tap_alt(&mut world);
    assert!(is_in_table(&world));
}

#[test]
fn an_arrow_goes_to_the_table_when_nothing_has_the_keyboard() {
    let mut world = World::opened();
    world.harness.get_by_label("Uploads").focus();
    world.frames();
    world.press(Modifiers::NONE, Key::Escape);
    assert_eq!(focused(&world), "");
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert!(is_in_table(&world));
    assert_eq!(world.document().view().unwrap().cursor, (1, 0));
}
