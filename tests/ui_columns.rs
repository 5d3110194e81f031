//! Columns laid out by people: hidden, put elsewhere, kept in sight, and the same for the next file like it.

use eframe::egui::{Key, Modifiers, accesskit::Role, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, TableAction};

use crate::ui::World;

const CATALOG: &str = "product_id,title,sale_price,color\n\
    A1,Walnut desk lamp,12.50,red\n\
    A2,Hinoki bath stool,\"7,50\",red\n\
    A3,Brass card holder,3.20,blue\n";

fn opened() -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world
}

/// The names of the columns shown, from left to right.
fn columns(world: &World) -> Vec<String> {
    let heads = world.harness.query_all_by_role(Role::ColumnHeader);
    let mut heads: Vec<(f32, String)> = heads
        .map(|head| {
            let label = head.accesskit_node().label().unwrap_or_default();
            let name = label.strip_prefix("column ").unwrap_or(&label).split(',').next();
            (head.rect().left(), name.unwrap_or_default().to_owned())
        })
        .collect();
    heads.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    heads.into_iter().map(|(_, name)| name).collect()
}

/// The header of a column.
fn head<'a>(world: &'a World, column: &str) -> egui_kittest::Node<'a> {
    let prefix = format!("column {column},");
    let mut heads = world.harness.query_all_by_role(Role::ColumnHeader);
    let head = heads.find(|head| head.accesskit_node().label().unwrap_or_default().starts_with(&prefix));
    head.expect("the column is shown")
}

/// Clicks an entry of a column's menu.
fn choose(world: &mut World, column: &str, entry: &str) {
    head(world, column).click();
    world.frames();
    world.click(entry);
}

#[test]
fn a_hidden_column_comes_back_where_it_was_and_when_somebody_goes_there() {
    let mut world = opened();
    assert_eq!(columns(&world), ["product_id", "title", "sale_price", "color"]);
    choose(&mut world, "sale_price", "Hide this column");
    assert_eq!(columns(&world), ["product_id", "title", "color"]);
    choose(&mut world, "title", "Hide this column");
    assert!(world.sees("2 hidden columns"));
    world.press(Modifiers::NONE, Key::F8);
    assert_eq!(
        columns(&world),
        ["product_id", "sale_price", "color"],
        "the problem is there"
    );
    assert_eq!(world.document().view().unwrap().cursor, (1, 2));
    world.click("1 hidden column");
    assert_eq!(columns(&world), ["product_id", "title", "sale_price", "color"]);
    assert!(!world.sees("hidden column"));
}

#[test]
fn cells_are_those_of_their_column_wherever_that_stands() {
    let mut world = opened();
    choose(&mut world, "color", "Move left");
    choose(&mut world, "color", "Move left");
    assert_eq!(columns(&world), ["product_id", "color", "title", "sale_price"]);
    let doc = world.document().id;
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(2, 3)));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.press(Modifiers::COMMAND, Key::A);
    world.harness.event(eframe::egui::Event::Text("green".to_owned()));
    world.press(Modifiers::NONE, Key::Enter);
    let open = world.document().open().unwrap();
    let row = &open.view.frame.read(2..3, &open.view.edits).unwrap()[0];
    assert_eq!(row[3].as_cell().shown(), "green");
    // From the colour of the second row, one to the right is its title.
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(1, 3)));
    world.frames();
    world.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(world.document().view().unwrap().cursor, (1, 1));
}

#[test]
fn a_header_is_dragged_elsewhere() {
    let mut world = opened();
    let (from, to) = (head(&world, "sale_price").rect(), head(&world, "title").rect());
    world.harness.drag_at(pos2(from.center().x, from.top() + 10.0));
    world.harness.step();
    world.harness.hover_at(pos2(from.center().x - 20.0, from.top() + 10.0));
    world.harness.step();
    world.harness.hover_at(pos2(to.left() + 10.0, from.top() + 10.0));
    world.harness.step();
    world.harness.drop_at(pos2(to.left() + 10.0, from.top() + 10.0));
    world.frames();
    assert_eq!(columns(&world), ["product_id", "sale_price", "title", "color"]);
}

#[test]
fn files_with_the_same_header_are_laid_out_alike_after_a_restart() {
    let mut world = opened();
    choose(&mut world, "title", "Hide this column");
    choose(&mut world, "color", "Keep it in sight");
    assert_eq!(columns(&world), ["product_id", "color", "sale_price"]);
    let kept = world
        .write("x.csv", "")
        .with_file_name("config")
        .join("preferences.json");
    world.until("the layout is kept", move |_| {
        let preferences = std::fs::read_to_string(&kept).unwrap_or_default();
        let preferences: serde_json::Value = serde_json::from_str(&preferences).unwrap_or_default();
        preferences["column_layouts"][0][1]["pinned"] == 2
    });
    let mut world = world.restarted();
    let path = world.write("next-week.csv", CATALOG);
    let other = world.write("other.csv", "product_id,title\nA1,Lamp\n");
    world.harness.state_mut().act(Action::Open(vec![other, path]));
    world.settled();
    world.frames();
    assert_eq!(columns(&world), ["product_id", "color", "sale_price"]);
    let first = world
        .harness
        .state()
        .session()
        .documents
        .iter()
        .find(|document| document.name() == "other.csv");
    let other = first.expect("it is open").id;
    world
        .harness
        .state_mut()
        .act(Action::Show(tatami::session::Place::Document(other)));
    world.frames();
    assert_eq!(columns(&world), ["product_id", "title"]);
}

#[test]
fn rows_are_as_high_as_somebody_likes_them() {
    let mut world = World::new();
    let rows: Vec<String> = (0..100).map(|row| format!("A{row},Lamp\n")).collect();
    let path = world.write("catalog.csv", &format!("product_id,title\n{}", rows.concat()));
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let in_sight = |world: &World| world.harness.query_all_by_role(Role::Cell).count();
    let usual = in_sight(&world);
    for entry in ["Low rows", "High rows"] {
        world.click("View");
        world.click(entry);
        let now = in_sight(&world);
        assert_eq!(now > usual, entry == "Low rows", "{entry}: {now} of {usual}");
    }
}

#[test]
fn a_frequent_value_shows_its_rows() {
    let mut world = opened();
    let doc = world.document().id;
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(0, 3)));
    world.frames();
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::I);
    world.until_seen("blue, 1  33 %");
    world.click("red, 2  67 %");
    world.until("the rows are filtered", |app| {
        app.session().document().unwrap().view().unwrap().shown_rows() == 2
    });
}
