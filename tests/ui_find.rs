//! Finding a text in the table, and going to a line or an id, by keyboard as people do.

use eframe::egui::{Event, Key, Modifiers};
use tatami::session::{Action, Filter, TableAction};

use crate::ui::World;

impl World {
    /// Types into what has the keyboard.
    fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.frames();
    }

    fn cursor(&self) -> (u32, u32) {
        self.document().view().unwrap().cursor
    }
}

#[test]
fn a_text_is_found_from_cell_to_cell_without_leaving_the_field() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::F);
    world.type_text("LA");
    world.until_seen("1 row");
    assert!(
        world.sees("row 2, title: Walnut desk lamp, found"),
        "marked before anybody goes there"
    );
    assert_eq!(world.cursor(), (0, 0));
    world.type_text("m");
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("1 of 1 row");
    assert_eq!(world.cursor(), (0, 1));
    for _ in 0..3 {
        world.press(Modifiers::NONE, Key::Backspace);
    }
    assert!(!world.sees(", found"));
    world.type_text("a");
    world.until_seen("1 of 5 rows");
    // The cursor's cell has it, and then all the ids and titles.
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(world.cursor(), (0, 1));
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(world.cursor(), (1, 0));
    world.press(Modifiers::SHIFT, Key::Enter);
    world.press(Modifiers::SHIFT, Key::Enter);
    assert_eq!(world.cursor(), (0, 0));
    world.press(Modifiers::SHIFT, Key::F3);
    assert_eq!(world.cursor(), (4, 1));
    assert!(world.sees("5 of 5 rows, from the end again"));
    world.press(Modifiers::NONE, Key::F3);
    assert_eq!(world.cursor(), (0, 0));
    assert!(world.sees("1 of 5 rows, from the top again"));
    world.type_text("xyz");
    world.until_seen("Nothing found");
}

#[test]
fn escape_gives_the_keyboard_back_and_f3_finds_on() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::F);
    world.type_text("br");
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("1 of 1 row");
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("1 of 1 row") && !world.sees(", found"));
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(world.cursor(), (3, 1), "the table has the keyboard");
    world.press(Modifiers::NONE, Key::F3);
    assert_eq!(world.cursor(), (2, 1));
    assert!(world.sees("1 of 1 row, from the top again"));
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(world.cursor(), (3, 1), "and keeps it");
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("1 row"));
    // What was found before is there to be typed over.
    world.press(Modifiers::COMMAND, Key::F);
    world.type_text("cheap");
    world.press(Modifiers::NONE, Key::Enter);
    world.until("it is found", |app| {
        app.session().document().unwrap().view().unwrap().cursor == (3, 2)
    });
}

#[test]
fn what_is_changed_or_filtered_is_searched_as_it_is_then() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::F);
    world.type_text("20");
    world.until_seen("1 row");
    let doc = world.document().id;
    let edit = TableAction::Edit(vec![(0, 1, "Lamp 20".to_owned())]);
    world.harness.state_mut().act(Action::Table(doc, edit));
    world.frames();
    assert!(world.sees("The table has changed; Enter searches again"));
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("1 of 2 rows");
    world.settled();
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Filter(Filter::Problems)));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("of 1 row");
    assert_eq!(world.cursor(), (2, 2));
}

#[test]
fn one_goes_to_a_line_or_an_id_and_is_told_when_there_is_none() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::G);
    world.type_text("4");
    world.press(Modifiers::NONE, Key::Enter);
    world.until("it is there", |app| {
        app.session().document().unwrap().view().unwrap().cursor.0 == 2
    });
    assert!(!world.sees("Stay here"), "the bar is closed");
    world.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(world.cursor(), (2, 1), "the table has the keyboard");
    world.press(Modifiers::COMMAND, Key::G);
    world.type_text("A55");
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("No record has the product_id A55");
    world.press(Modifiers::NONE, Key::Backspace);
    assert!(!world.sees("No record has"));
    world.press(Modifiers::NONE, Key::Enter);
    world.until("it is there", |app| {
        app.session().document().unwrap().view().unwrap().cursor == (4, 1)
    });
    world.press(Modifiers::COMMAND, Key::G);
    world.press(Modifiers::NONE, Key::Escape);
    world.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(world.cursor(), (3, 1));
}
