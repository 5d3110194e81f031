//! Replacing a text, with what that would change before it is done, and filling cells from those above.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tatami::session::{Action, Filter, MappingAction, TableAction};

use crate::ui::World;

impl World {
    fn types(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.frames();
    }

    fn cell(&self, row: u32, column: usize) -> String {
        let view = self.document().view().unwrap();
        let read = view.frame.read(row..row + 1, &view.edits).unwrap();
        read[0][column].as_cell().shown().into_owned()
    }

    fn acts(&mut self, action: TableAction) {
        let doc = self.document().id;
        self.harness.state_mut().act(Action::Table(doc, action));
        self.frames();
    }
}

#[test]
fn what_would_change_is_seen_before_it_does_and_undone_in_one_step() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::H);
    world.types("s");
    world.until_seen("4 cells in 4 rows would change");
    world.press(Modifiers::NONE, Key::Tab);
    world.types("SS");
    world.until_seen("title, line 3:  Hinoki bath stool  →  Hinoki bath SStool");
    assert!(world.sees("title, line 2:  Walnut desk lamp  →  Walnut deSSk lamp"));
    assert!(
        world.sees("row 2, title: Walnut desk lamp, found"),
        "nothing has changed yet"
    );
    world.click("Match case");
    world.until_seen("4 cells in 4 rows would change");
    world.click("Whole cell");
    world.until_seen("No cell would change");
    world.click("Whole cell");
    world.until_seen("4 cells in 4 rows would change");
    world.click("Replace all");
    world.until_seen("Replaced in 4 cells in 4 rows");
    assert_eq!(world.cell(3, 1), "Linen throw");
    assert_eq!(world.cell(1, 1), "Hinoki bath SStool");
    assert_eq!(world.cell(2, 1), "BraSSSS card holder");
    world.settled();
    world.acts(TableAction::Undo);
    assert_eq!(world.cell(2, 1), "Brass card holder");
    assert!(!world.document().is_changed());
}

#[test]
fn cells_are_replaced_one_by_one_without_leaving_the_field() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::F);
    world.types("a");
    // What was typed to be found is kept, and what takes its place is typed next.
    world.press(Modifiers::COMMAND, Key::H);
    world.types("o");
    world.until_seen("10 cells in 5 rows would change");
    assert!(world.sees("product_id, line 2:  A1  →  o1"));
    world.acts(TableAction::JumpTo(0, 1));
    world.press(Modifiers::COMMAND, Key::H);
    world.press(Modifiers::NONE, Key::Tab);
    world.click("This column");
    world.until_seen("4 cells in 4 rows would change");
    assert!(world.sees("Only in title"));
    world.click("Replace");
    assert_eq!(world.cell(0, 1), "Wolnut desk lomp");
    assert_eq!(world.document().view().unwrap().cursor, (1, 1));
    world.until_seen("3 cells in 3 rows would change");
    // Until the last; then there is nothing to replace.
    for row in [1, 2, 4] {
        world.settled();
        world.until("nothing is being checked", |app| !app.session().is_busy());
        world.click("Replace");
        assert!(world.cell(row, 1).find('a').is_none(), "{row}");
    }
    world.until_seen("No cell would change");
    world.click("Replace");
    assert_eq!(world.cell(0, 0), "A1");
}

#[test]
fn only_rows_that_are_shown_change_and_that_is_said() {
    let mut world = World::opened();
    world.acts(TableAction::Filter(Filter::Problems));
    world.press(Modifiers::COMMAND, Key::H);
    world.types("l");
    world.until_seen("would change, of the 3 rows shown");
    world.press(Modifiers::NONE, Key::Tab);
    world.types("!");
    world.until_seen("→  Hinoki bath stoo!");
    world.click("Replace all");
    world.until_seen("Replaced in");
    assert_eq!(world.cell(0, 1), "Walnut desk lamp", "it has no problem");
    assert_eq!(world.cell(1, 1), "Hinoki bath stoo!");
}

#[test]
fn people_find_what_they_see_and_replace_what_the_file_has() {
    let mut world = World::new();
    let text = "product_id,title,sale_price\nA1,Lamp,\"12,50\"\nA2,Mat,\"7,50\"\nA3,Bowl 12.50,3\n";
    let path = world.write("prices.csv", text);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let doc = world.document().id;
    let action = MappingAction::Transform {
        column: 2,
        transform: Some("decimal-comma".parse().unwrap()),
    };
    world.harness.state_mut().act(Action::Mapping(doc, action));
    world.settled();
    world.press(Modifiers::COMMAND, Key::F);
    world.types("12.5");
    world.until_seen("2 rows · as it will be sent");
    assert!(world.sees("row 2, sale_price: 12.50, in the file: 12,50, found"));
    world.press(Modifiers::COMMAND, Key::H);
    world.until_seen("1 cell in 1 row would change");
    assert!(world.sees("1 row · as it is in the file"));
    assert!(world.sees("1 cell has it only in what will be sent, and stays"));
    assert!(!world.sees("row 2, sale_price: 12.50, in the file: 12,50, found"));
    world.press(Modifiers::NONE, Key::Escape);
    world.press(Modifiers::COMMAND, Key::H);
    world.harness.get_by_label("Find a text").focus();
    world.frames();
    world.press(Modifiers::COMMAND, Key::A);
    world.types(",50");
    world.until_seen("2 cells in 2 rows would change");
    assert!(world.sees("2 of them are sent as another text than the file's"));
    assert!(world.sees("sale_price, line 2:  12,50  →  12no value") || world.sees("12,50  →  12"));
}

#[test]
fn replacing_is_in_the_menu_and_greyed_with_the_reason() {
    let mut world = World::new();
    world.click("Edit");
    assert!(world.sees("Replace…") && world.sees("Fill down"));
    world.press(Modifiers::NONE, Key::Escape);
    world.press(Modifiers::COMMAND, Key::H);
    assert!(world.sees("No file is open"));
}

#[test]
fn cells_are_filled_from_those_above() {
    let mut world = World::opened();
    world.acts(TableAction::JumpTo(1, 1));
    world.press(Modifiers::COMMAND, Key::D);
    assert_eq!(world.cell(1, 1), "Walnut desk lamp");
    world.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(world.cell(1, 1), "Hinoki bath stool");
    // A range is filled from its first row, in one step.
    world.acts(TableAction::JumpTo(1, 1));
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowRight] {
        world.press(Modifiers::SHIFT, key);
    }
    world.press(Modifiers::COMMAND, Key::D);
    for row in [2, 3] {
        assert_eq!(
            (world.cell(row, 1), world.cell(row, 2)),
            ("Hinoki bath stool".into(), "7,50".into())
        );
    }
    assert_eq!(world.cell(0, 1), "Walnut desk lamp");
    world.press(Modifiers::COMMAND, Key::Z);
    assert!(!world.document().is_changed());
    world.acts(TableAction::JumpTo(0, 0));
    world.press(Modifiers::COMMAND, Key::D);
    assert!(world.sees("There is no cell above to fill from"));
    assert!(!world.document().is_changed());
}
