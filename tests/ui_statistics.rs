//! What columns hold: at a glance under their names, and at length in the inspector.

use std::time::Instant;

use eframe::egui::{Key, Modifiers, accesskit::Role, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, MappingAction, TableAction};

use crate::ui::{PATIENCE, World};

const CATALOG: &str = "product_id,title,sale_price,color\n\
    A1,Walnut desk lamp,\"12,50\",red\n\
    A2,Hinoki bath stool,\"7,50\",red\n\
    A3,Brass card holder,\"3,20\",\n\
    A4,Linen throw,\"40,00\",blue\n";

fn opened() -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let doc = world.document().id;
    let action = MappingAction::Transform {
        column: 2,
        transform: Some("decimal-comma".parse().unwrap()),
    };
    world.harness.state_mut().act(Action::Mapping(doc, action));
    world.settled();
    world
}

/// What assistive technology is told of a column beside its name.
fn strip(world: &World, column: &str) -> String {
    let heads = world.harness.query_all_by_role(Role::ColumnHeader);
    let mut of_column = heads.filter(|head| {
        let label = head.accesskit_node().label().unwrap_or_default();
        label.starts_with(&format!("column {column}"))
    });
    let head = of_column.next().expect("there is such a column");
    head.accesskit_node().description().unwrap_or_default()
}

/// Waits until a column says so.
fn says(world: &mut World, column: &str, text: &str) {
    let began = Instant::now();
    while strip(world, column) != text {
        assert!(began.elapsed() < PATIENCE, "{column} says {:?}", strip(world, column));
        world.wait();
    }
}

#[test]
fn every_column_says_what_it_holds_and_goes_on_doing_so() {
    let mut world = opened();
    says(&mut world, "product_id", "All values different");
    says(&mut world, "sale_price", "All values different, from 3.2 to 40");
    says(
        &mut world,
        "color",
        "2 different values, red (67 %), blue (33 %), 25 % empty",
    );
    let doc = world.document().id;
    let cells = vec![(2, 3, "blue".to_owned()), (0, 2, "cheap".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    says(&mut world, "color", "2 different values, blue (50 %), red (50 %)");
    says(&mut world, "sale_price", "All values different, 1 wrong");
}

#[test]
fn the_inspector_tells_all_of_the_column_at_the_cursor() {
    let mut world = opened();
    says(&mut world, "sale_price", "All values different, from 3.2 to 40");
    let head = world.harness.query_all_by_role(Role::ColumnHeader).find(|head| {
        head.accesskit_node()
            .label()
            .unwrap_or_default()
            .starts_with("column sale_price")
    });
    let head = head.expect("the column is in sight").rect();
    let strip = pos2(head.center().x, head.bottom() - 6.0);
    world.harness.hover_at(strip);
    world.harness.drag_at(strip);
    world.harness.drop_at(strip);
    world.harness.step();
    world.until_seen("How sale_price is spread");
    for text in [
        "3.2 to 40",
        "7.5; half of all from 3.2 to 12.5",
        "15.8",
        "4, no value comes twice",
    ] {
        assert!(world.sees(text), "{text}");
    }
    // Another column by the keyboard.
    world.press(Modifiers::NONE, Key::ArrowRight);
    world.harness.step();
    world.until_seen("red, 2  67 %");
    assert!(world.sees("1 (25 %)") && world.sees("blue, 1  33 %"));
    world.press(Modifiers::NONE, Key::ArrowLeft);
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::I);
    world.harness.step();
    world.until_seen("How sale_price is spread");
}
