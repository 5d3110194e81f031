//! Typing, pasting and jumping in the table, as fast as people do it: what comes in one frame is done in its order.

use crate::ui::World;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tatami::session::{Action, TableAction};

const CATALOG: &str = "product_id,title,sale_price,sale_price_2\n\
    A1,Lamp,1,\n\
    A2,Stool,2,\n\
    A3,Holder,3,\n";

fn opened() -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world
}

fn go_to(world: &mut World, row: u32, column: u32) {
    let doc = world.document().id;
    let jump = Action::Table(doc, TableAction::JumpTo(row, column));
    world.harness.state_mut().act(jump);
    world.frames();
}

fn text(text: &str) -> impl Iterator<Item = Event> + '_ {
    text.chars().map(|typed| Event::Text(typed.to_string()))
}

fn key(key: Key) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    }
}

/// Everything in one frame, as when the frame before was slow.
fn at_once(world: &mut World, events: impl IntoIterator<Item = Event>) {
    world.harness.input_mut().events.extend(events);
    world.harness.step();
}

#[test]
fn what_is_typed_before_and_after_a_tab_in_one_frame_is_kept() {
    let mut world = opened();
    go_to(&mut world, 0, 1);
    // The edit begins in a frame of its own; the rest, its end and the next cell come at once.
    at_once(&mut world, text("1"));
    at_once(
        &mut world,
        text("999")
            .chain([key(Key::Tab)])
            .chain(text("2001"))
            .chain([key(Key::Tab)]),
    );
    at_once(&mut world, text("2002").chain([key(Key::Enter)]));
    world.frames();
    assert!(world.sees("row 2, title: 1999, edited"));
    assert!(world.sees("row 2, sale_price: 2001, edited"));
    assert!(world.sees("row 2, sale_price_2: 2002, edited"));
    assert_eq!(world.document().view().unwrap().cursor, (1, 3), "enter goes down");
}

#[test]
fn a_whole_row_typed_in_one_frame_is_kept() {
    let mut world = opened();
    go_to(&mut world, 1, 1);
    let row = ["7", "88", "999"]
        .into_iter()
        .flat_map(|cell| text(cell).chain([key(Key::Tab)]));
    at_once(&mut world, row);
    world.frames();
    world.frames();
    for cell in [
        "title: 7, edited",
        "sale_price: 88, edited",
        "sale_price_2: 999, edited",
    ] {
        assert!(world.sees(&format!("row 3, {cell}")), "{cell}");
    }
    // What takes characters away is done in its order too, and Esc gives all of it up.
    go_to(&mut world, 2, 1);
    at_once(
        &mut world,
        text("12")
            .chain([key(Key::Backspace)])
            .chain(text("3"))
            .chain([key(Key::Enter)]),
    );
    world.frames();
    assert!(world.sees("row 4, title: 13, edited"));
    go_to(&mut world, 2, 2);
    at_once(&mut world, text("4"));
    at_once(&mut world, text("5").chain([key(Key::Escape)]));
    world.frames();
    assert!(world.sees("row 4, sale_price: 3") && !world.sees("row 4, sale_price: 3, edited"));
    assert!(!world.sees("Edit row 4"));
}

#[test]
fn a_value_is_pasted_into_all_of_a_range_however_it_was_selected() {
    let pasted = |world: &mut World, value: &str| {
        world.harness.event(Event::Paste(value.to_owned()));
        world.frames();
        let edits = &world.document().view().unwrap().edits;
        let of_column: Vec<u32> = (0..3).filter(|row| edits.get(*row, 1).is_some()).collect();
        world.press(Modifiers::COMMAND, Key::Z);
        of_column
    };
    let mut world = opened();
    // By keys.
    go_to(&mut world, 0, 1);
    world.press(Modifiers::SHIFT, Key::ArrowDown);
    world.press(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(pasted(&mut world, "indigo"), [0, 1, 2]);
    // By the pointer.
    let cell = |world: &World, label: &str| world.harness.get_by_label(label).rect().center();
    let (from, to) = (
        cell(&world, "row 3, title: Stool"),
        cell(&world, "row 4, title: Holder"),
    );
    world.harness.drag_at(from);
    world.frames();
    world.harness.hover_at(to);
    world.frames();
    world.harness.drop_at(to);
    world.frames();
    assert_eq!(pasted(&mut world, "indigo\n"), [1, 2]);
    // After something was copied from the menu of a cell: that has the keyboard only while it is open.
    go_to(&mut world, 0, 1);
    world.press(Modifiers::SHIFT, Key::ArrowDown);
    world.harness.get_by_label("row 2, title: Lamp").click_secondary();
    world.frames();
    // The other one copies the record beside the table.
    world.harness.get_all_by_label("Copy").last().unwrap().click();
    world.frames();
    assert_eq!(pasted(&mut world, "Lamp"), [0, 1]);
}
