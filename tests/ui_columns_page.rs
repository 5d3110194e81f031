//! The page of a file's columns: a line a column, those with problems first, filtered, and walked through by the keyboard.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, Filter, Place};

use crate::ui::World;

const CATALOG: &str = "product_id,title,password,sale_price\n\
    A1,Walnut desk lamp,qW3rty-81,12.50\n\
    A2,Hinoki bath stool,hUnter-22,\"7,50\"\n\
    A3,Brass card holder,pAss-w0rd,\"3,20\"\n";

/// Said in the details of a column that is sent without being rewritten.
const OPEN: &str = "are sent as they stand in the file";

fn opened() -> World {
    opened_with(CATALOG)
}

fn opened_with(text: &str) -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", text);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    world
}

/// The columns listed, from top to bottom.
fn listed(world: &World) -> Vec<String> {
    let lines = world.harness.query_all_by_label_contains("Details of ");
    let mut lines: Vec<(f32, String)> = lines
        .map(|line| {
            let label = line.accesskit_node().label().unwrap_or_default();
            let name = label.trim_start_matches("Details of ").to_owned();
            (line.rect().top(), name)
        })
        .collect();
    lines.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    lines.into_iter().map(|(_, name)| name).collect()
}

fn type_text(world: &mut World, text: &str) {
    world.harness.event(Event::Text(text.to_owned()));
    world.frames();
}

#[test]
fn columns_with_problems_come_first_and_a_mended_one_stays() {
    let mut world = opened();
    assert_eq!(listed(&world), ["sale_price", "product_id", "title", "password"]);
    world.click("Accept: Number with decimal comma for sale_price");
    world.settled();
    assert_eq!(world.errors(), 0);
    assert_eq!(listed(&world), ["sale_price", "product_id", "title", "password"]);
}

#[test]
fn columns_are_filtered_by_their_names_and_fields() {
    let mut world = opened();
    // Where columns are listed, Ctrl+F looks for one of them.
    world.press(Modifiers::COMMAND, Key::F);
    type_text(&mut world, "PRICE");
    assert_eq!(listed(&world), ["sale_price"]);
    // Esc takes the text back, and only then leaves.
    world.press(Modifiers::NONE, Key::Escape);
    assert_eq!(listed(&world).len(), 4);
    world.press(Modifiers::NONE, Key::Escape);
    assert!(listed(&world).is_empty() && world.sees("Table of 3 rows"));
}

#[test]
fn columns_are_narrowed_to_what_is_to_be_done() {
    let mut world = opened();
    world.click("With problems, 1");
    assert_eq!(listed(&world), ["sale_price"]);
    world.click("Not sent, 1");
    assert_eq!(listed(&world), ["password"]);
    world.click("Suggested, 1");
    assert_eq!(listed(&world), ["sale_price"]);
    world.press(Modifiers::COMMAND, Key::F);
    type_text(&mut world, "nothing like it");
    assert!(world.sees("No columns to show"));
    world.click("Show all columns");
    assert_eq!(listed(&world).len(), 4);
}

#[test]
fn lines_are_walked_through_and_opened_by_the_keyboard() {
    let mut world = opened();
    let has_keyboard = |world: &World, column: &str| {
        let label = format!("Details of {column}");
        let line = world.harness.get_by_label(&label);
        line.accesskit_node().is_focused()
    };
    assert!(has_keyboard(&world, "sale_price"), "the first one");
    world.press(Modifiers::NONE, Key::ArrowDown);
    world.press(Modifiers::NONE, Key::ArrowDown);
    assert!(has_keyboard(&world, "title"));
    world.press(Modifiers::NONE, Key::ArrowRight);
    assert!(world.sees("Walnut desk lamp · Hinoki bath stool") && world.sees(OPEN));
    world.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(!world.sees(OPEN));
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.sees(OPEN));
    world.press(Modifiers::NONE, Key::Tab);
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.sees("Find a field"), "the field's choice");
    // Its Esc closes the choice alone, and the keyboard is where it was.
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("Find a field") && listed(&world).len() == 4);
    let field = world.harness.get_by_label("Field of title: title");
    assert!(field.accesskit_node().is_focused());
    world.press(Modifiers::NONE, Key::Escape);
    assert!(world.sees("Table of 3 rows"));
}

#[test]
fn a_file_left_at_its_columns_is_found_there_and_no_other_inherits_them() {
    let mut world = opened();
    let first = world.document().id;
    let other = world.write("other.csv", "product_id,title\nA1,Lamp\n");
    world.harness.state_mut().act(Action::Open(vec![other]));
    world.settled();
    assert!(world.sees("Table of 1 row") && listed(&world).is_empty());
    world.harness.state_mut().act(Action::Show(Place::Document(first)));
    world.frames();
    assert_eq!(listed(&world).len(), 4);
    world.press(Modifiers::NONE, Key::Escape);
    assert!(world.sees("Table of 3 rows"));
}

#[test]
fn the_menu_of_a_header_leads_to_its_line() {
    let names: Vec<String> = (0..250).map(|at| format!("own {at}")).collect();
    let cells = vec!["1"; 250].join(",");
    let mut world = opened_with(&format!("product_id,title,{}\nA1,Lamp,{cells}\n", names.join(",")));
    let all = listed(&world);
    assert!(all.len() < 40, "only those in sight are drawn: {}", all.len());
    world.press(Modifiers::NONE, Key::End);
    let last = world.harness.get_by_label("Details of own 249");
    assert!(last.accesskit_node().is_focused());
    world.press(Modifiers::NONE, Key::Escape);
    world.harness.get_by_label_contains("column own 3,").click();
    world.frames();
    world.click("Choose its field…");
    let line = world.harness.get_by_label("Details of own 3");
    assert!(line.accesskit_node().is_focused());
    assert!(world.sees("Type of own 3"));
}

#[test]
fn a_columns_problems_lead_to_the_table() {
    let mut world = opened();
    world.harness.get_all_by_label("2 errors").last().unwrap().click();
    world.frames();
    assert!(listed(&world).is_empty() && world.sees("Table of 3 rows"));
    assert_eq!(world.document().view().unwrap().cursor, (1, 3));
    assert_eq!(world.document().filter(), Filter::All);
}
