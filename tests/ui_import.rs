//! How a file is read, chosen with its first rows in sight.

use eframe::egui::{Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable as _;
use tatami::session::{Action, TableAction};

use crate::ui::World;

const TITLED: &str = "Our catalog;;\nfrom May;;\nproduct_id;title;sale_price\nA1;Lamp;12.50\nA2;Mat;7.50\n";

fn opened(text: &str) -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", text);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world
}

fn ask(world: &mut World) {
    world.click("File");
    world.click("Import options…");
    previewed(world);
}

fn previewed(world: &mut World) {
    world.until("the first rows are read", |app| {
        let import = app.session().import.as_ref();
        import.is_some_and(|draft| !draft.is_previewing() && draft.preview.is_some())
    });
}

fn choose(world: &mut World, name: &str, entry: &str) {
    world.harness.get_by_role_and_label(Role::ComboBox, name).click();
    world.frames();
    world.click(entry);
    previewed(world);
}

/// The names of the columns as they are previewed.
fn columns(world: &World) -> Vec<String> {
    let import = world.harness.state().session().import.as_ref().unwrap();
    import.preview.as_ref().unwrap().as_ref().unwrap().columns.clone()
}

#[test]
fn another_delimiter_is_seen_before_it_is_applied() {
    let mut world = opened("product_id;title,short\nA1;Lamp,L\nA2;Mat,M\n");
    ask(&mut world);
    choose(&mut world, "Between cells", "Comma  ,");
    assert_eq!(columns(&world), ["product_id;title", "short"]);
    assert_eq!(
        world.document().view().unwrap().frame.columns(),
        ["product_id", "title,short"]
    );
    world.click("Apply");
    world.settled();
    assert_eq!(
        world.document().view().unwrap().frame.columns(),
        ["product_id;title", "short"]
    );
    // Everything can be recognised again.
    ask(&mut world);
    world.click("All as recognised");
    previewed(&mut world);
    world.click("Apply");
    world.settled();
    assert_eq!(
        world.document().view().unwrap().frame.columns(),
        ["product_id", "title,short"]
    );
}

#[test]
fn lines_above_the_table_are_shown_as_skipped_and_a_lines_number_begins_it() {
    let mut world = opened(TITLED);
    ask(&mut world);
    assert!(world.sees("Skipped line 1") && world.sees("Skipped line 2"));
    assert_eq!(columns(&world), ["product_id", "title", "sale_price"]);
    world.click("Begin with line 2");
    previewed(&mut world);
    assert!(world.sees("Skipped line 1") && !world.sees("Skipped line 2"));
    assert_eq!(columns(&world)[0], "from May");
    world.click("As recognised");
    previewed(&mut world);
    assert_eq!(columns(&world)[0], "product_id");
}

#[test]
fn cancelling_changes_nothing() {
    let mut world = opened(TITLED);
    ask(&mut world);
    choose(&mut world, "First line after", "Is a record");
    world.press(Modifiers::NONE, Key::Escape);
    assert!(world.harness.state().session().dialog.is_none());
    assert_eq!(world.document().view().unwrap().frame.columns()[0], "product_id");
    assert!(world.sees("Table of 2 rows"));
}

#[test]
fn what_applying_loses_is_said_before() {
    let mut world = opened(TITLED);
    let doc = world.document().id;
    let cells = vec![(0, 1, "Lamp of oak".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    world.frames();
    ask(&mut world);
    assert!(world.sees("1 changed cell is lost"));
    choose(&mut world, "First line after", "Is a record");
    assert!(world.document().is_changed());
    world.click("Apply and lose changes");
    world.settled();
    assert!(!world.document().is_changed());
    assert!(world.sees("Table of 3 rows"));
}

#[test]
fn the_status_line_leads_there() {
    let mut world = opened(TITLED);
    world.click("Semicolon");
    world.click("Import options…");
    previewed(&mut world);
    assert!(world.sees("Import options of catalog.csv"));
    world.harness.get_by_label("Lines to skip at the top");
}
