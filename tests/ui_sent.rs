//! Cells of columns with a transform, shown as they are sent; and what the selection comes to.

use eframe::egui::{Event, Key, Modifiers, Shape, accesskit::Role, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::{Action, MappingAction, TableAction};

use crate::ui::World;

const CATALOG: &str = "product_id,title,sale_price,availability,tags,published_at\n\
    A1,Walnut desk lamp,\"12,50\",1,red|blue,03/04/2024\n\
    A2,Hinoki bath stool,\"7,50\",0,red,13/04/2024\n\
    A3,Brass card holder,cheap,n/a,\"red, light|blue\",2024-04-23T00:00:00Z\n";

/// A window with the catalog, its columns sent as their transforms have them.
fn opened(transforms: &[(usize, &str)]) -> World {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let doc = world.document().id;
    for (column, written) in transforms {
        let action = MappingAction::Transform {
            column: *column,
            transform: Some(written.parse().unwrap()),
        };
        world.harness.state_mut().act(Action::Mapping(doc, action));
        world.settled();
    }
    world
}

fn all() -> World {
    opened(&[
        (2, "decimal-comma"),
        (3, "values:1=IN_STOCK;0=OUT_OF_STOCK;n/a="),
        (4, "list:|"),
        (5, "date:day-first"),
    ])
}

fn cells(world: &World, column: &str) -> Vec<String> {
    let cells = world.harness.query_all_by_role(Role::Cell);
    let labels = cells.filter_map(|cell| cell.accesskit_node().label());
    labels
        .filter(|label| label.contains(&format!(", {column}: ")))
        .collect()
}

#[test]
fn cells_are_shown_as_they_are_sent() {
    let world = all();
    let prices = cells(&world, "sale_price");
    assert_eq!(prices[0], "row 2, sale_price: 12.50, in the file: 12,50");
    assert!(prices[2].starts_with("row 4, sale_price: cheap – "), "{prices:?}");
    assert_eq!(
        cells(&world, "availability"),
        [
            "row 2, availability: IN_STOCK, in the file: 1",
            "row 3, availability: OUT_OF_STOCK, in the file: 0",
            "row 4, availability: no value, in the file: n/a",
        ]
    );
    assert_eq!(
        cells(&world, "tags"),
        [
            "row 2, tags: red, blue, in the file: red|blue",
            "row 3, tags: red",
            "row 4, tags: [\"red, light\",\"blue\"], in the file: red, light|blue",
        ]
    );
    assert_eq!(
        cells(&world, "published_at"),
        [
            "row 2, published_at: 2024-04-03T00:00:00Z, in the file: 03/04/2024",
            "row 3, published_at: 2024-04-13T00:00:00Z, in the file: 13/04/2024",
            "row 4, published_at: 2024-04-23T00:00:00Z",
        ]
    );
    assert_eq!(cells(&world, "title")[0], "row 2, title: Walnut desk lamp");
}

#[test]
fn the_inspector_shows_both() {
    let mut world = all();
    let doc = world.document().id;
    let jump = |column| Action::Table(doc, TableAction::JumpTo(0, column));
    world.harness.state_mut().act(jump(2));
    world.frames();
    let labels = |world: &World| {
        let labels = world.harness.query_all_by_role(Role::Label);
        labels
            .filter_map(|label| label.accesskit_node().value())
            .collect::<Vec<_>>()
    };
    let told = labels(&world);
    assert!(
        told.contains(&"12,50".to_owned()) && told.contains(&"Sent as 12.50".to_owned()),
        "{told:?}"
    );
    world.harness.state_mut().act(jump(1));
    world.frames();
    assert!(!labels(&world).iter().any(|label| label.starts_with("Sent as")));
}

#[test]
fn an_edit_starts_from_the_file_and_is_sent_rewritten() {
    let mut world = all();
    world
        .harness
        .get_by_label("row 2, sale_price: 12.50, in the file: 12,50")
        .click();
    world.frames();
    world.press(Modifiers::NONE, Key::F2);
    let field = world.harness.get_by_label("Edit row 2, sale_price");
    assert_eq!(field.value().as_deref(), Some("12,50"));
    world.harness.event(Event::Text("9".to_owned()));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.settled();
    assert!(world.sees("row 2, sale_price: 12.509, in the file: 12,509, edited"));
}

#[test]
fn the_status_line_says_how_large_the_selection_is_and_what_it_comes_to() {
    let mut world = all();
    let select = |world: &mut World, from: &str, keys: &[Key]| {
        world.harness.get_by_label_contains(from).click();
        world.frames();
        for key in keys {
            world.press(Modifiers::SHIFT, *key);
        }
    };
    assert!(!world.sees("rows × "));
    let (down, right) = (Key::ArrowDown, Key::ArrowRight);
    select(&mut world, "row 2, title: ", &[down, down, right]);
    assert!(world.sees("3 rows × 2 columns, sum 20.00, mean 10.00"));
    select(&mut world, "row 2, product_id: ", &[down, right]);
    assert!(world.sees("2 rows × 2 columns"));
    assert!(!world.sees(", sum "), "ids and titles are no numbers");
}

/// The panel's texts are painted: what is read there is found among the shapes.
#[test]
fn texts_of_a_problem_end_where_its_buttons_begin() {
    let mut world = World::new();
    let path = world.write(
        "catalog.csv",
        "product_id,title,sale_price\nA1,Lamp,\"1,299.00\"\nA2,Stool,\"2,299.00\"\nA3,Mat,3.50\n",
    );
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.harness.set_size(vec2(900.0, 600.0));
    world.frames();
    let show = world.harness.get_by_label("Show rows").rect();
    let buttons = world
        .harness
        .query_all_by_role(Role::Button)
        .map(|button| button.rect());
    let of_line = buttons.filter(|rect| (rect.center().y - show.center().y).abs() < 2.0 && rect.width() < 400.0);
    let button = of_line
        .min_by(|one, other| one.left().total_cmp(&other.left()))
        .unwrap();
    assert!(button.right() < show.left(), "the best fix stands left of it");
    let mut texts = 0;
    for clipped in &world.harness.output().shapes {
        let Shape::Text(text) = &clipped.shape else { continue };
        let rect = text.visual_bounding_rect();
        if rect.center().y > button.top() && rect.center().y < button.bottom() && rect.left() < button.left() {
            assert!(
                rect.right() <= button.left(),
                "{:?} runs under the button",
                text.galley.text()
            );
            texts += 1;
        }
    }
    assert!(texts >= 3, "count, field and problem: {texts}");
}
