//! Where things stand in the window: nothing over something else, nothing that moves by itself, panels as wide as a
//! person drew them.

use std::process::Command;

use crate::ui::World;
use eframe::egui::{Key, Modifiers, Pos2, Rect, Vec2, accesskit::Role, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::{
    domain::dataset::Dataset,
    session::{Action, Place},
};

/// The smallest that the window gets.
const SMALLEST: Vec2 = vec2(900.0, 600.0);

const WRONG: &str = "product_id,title,sale_price\n\
    A1,Walnut desk lamp,12.50\n\
    A2,Hinoki bath stool,\"7,50\"\n\
    A3,Brass card holder,\"3,20\"\n\
    A4,Linen throw,cheap\n";

fn opened(name: &str) -> World {
    let mut world = World::new();
    let path = world.write(name, WRONG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world
}

fn rect(world: &World, label: &str) -> Rect {
    world.harness.get_by_label(label).rect()
}

/// What can be clicked, typed into or read, with its place; but for cells and the record, which scrolls.
fn controls(world: &World) -> Vec<(String, Rect)> {
    let size = world.harness.ctx.content_rect();
    let nodes = world.harness.query_all_by(|node| {
        let role = node.role();
        matches!(
            role,
            Role::Button | Role::Tab | Role::TextInput | Role::CheckBox | Role::Label
        )
    });
    let controls = nodes.map(|node| {
        let accessible = node.accesskit_node();
        let said = accessible.label().or_else(|| accessible.value()).unwrap_or_default();
        (format!("{:?} {said}", accessible.role()), node.rect())
    });
    controls
        .filter(|(said, rect)| !said.contains('\n') && size.contains_rect(*rect) && rect.area() > 0.0)
        .collect()
}

/// Two controls that stand over each other, neither being a part of the other.
fn overlaps(world: &World) -> Vec<String> {
    let controls = controls(world);
    let mut found = Vec::new();
    for (at, (one, first)) in controls.iter().enumerate() {
        for (other, second) in &controls[at + 1..] {
            let both = first.intersect(*second);
            let is_part = first.expand(1.0).contains_rect(*second) || second.expand(1.0).contains_rect(*first);
            if both.width() > 1.0 && both.height() > 1.0 && !is_part {
                found.push(format!("{one} {first} / {other} {second}"));
            }
        }
    }
    found
}

#[test]
fn nothing_overlaps_in_the_smallest_window() {
    let mut world = opened("a-catalog-with-quite-a-long-name-of-its-own.csv");
    world.harness.set_size(SMALLEST);
    world.frames();
    assert!(world.sees("Only rows with problems (3)"));
    assert_eq!(overlaps(&world), [""; 0]);
    // In what is left of it the inspector scrolls: what stands there is cut off, not over something.
    world.press(Modifiers::COMMAND, Key::I);
    world.upload("Upload 1 product to Local");
    assert!(world.sees("Upload ended: 1 product stored in Local"));
    assert_eq!(overlaps(&world), [""; 0]);
    world.click("Uploads");
    world.until("it is listed", |app| {
        app.session().uploads.as_ref().is_ok_and(|uploads| !uploads.is_empty())
    });
    assert!(world.sees("Upload 1 of a-catalog"));
    assert_eq!(overlaps(&world), [""; 0]);
}

#[test]
fn no_controls_overlap_beside_a_sidebar_drawn_wide() {
    let mut world = opened("catalog.csv");
    world.harness.set_size(SMALLEST);
    world.frames();
    let [sidebar, ..] = edges(&world);
    drag(&mut world, sidebar + vec2(-4.0, 0.0), vec2(300.0, 0.0));
    let [drawn, ..] = edges(&world);
    assert!(drawn.x > sidebar.x + 50.0, "{drawn}");
    let of_controls = |world: &World| -> Vec<String> {
        let all = overlaps(world).into_iter();
        all.filter(|pair| !pair.contains("Label")).collect()
    };
    assert!(world.sees("Repair"));
    assert_eq!(of_controls(&world), [""; 0]);
    world.press(Modifiers::COMMAND, Key::F);
    assert!(world.sees("Close the search"));
    assert_eq!(of_controls(&world), [""; 0]);
    let stored = Place::Stored(Dataset::Interactions);
    world.harness.state_mut().act(Action::Show(stored));
    world.until_seen("Delete by user id…");
    world.frames();
    assert_eq!(of_controls(&world), [""; 0]);
}

#[test]
fn all_that_says_how_a_file_is_written_has_a_name() {
    let mut world = opened("catalog.csv");
    world.click("Header");
    assert!(world.sees("Lines before it"));
    assert_eq!(world.harness.unnamed_widgets(), [""; 0]);
}

#[test]
fn the_buttons_of_an_empty_window_stand_in_its_middle() {
    let mut world = World::new();
    for size in [SMALLEST, vec2(1280.0, 800.0)] {
        world.harness.set_size(size);
        world.frames();
        let buttons = rect(&world, "Open…").union(rect(&world, "Try the sample files"));
        let text = rect(&world, "Drop a file of products here");
        let off = buttons.center().x - text.center().x;
        assert!(off.abs() < 1.0, "{off} points off the middle at {size}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_is_being_read_takes_the_row_it_takes_afterwards() {
    let mut world = World::new();
    let pipe = world.write("plain.csv", "").with_file_name("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    world.harness.state_mut().act(Action::Open(vec![pipe.clone()]));
    world.frames();
    assert!(world.sees("pipe.csv, opening"));
    let below = |world: &World| world.harness.get_by_role_and_label(Role::Button, "Interactions").rect();
    let while_read = below(&world);
    std::fs::write(&pipe, WRONG).unwrap();
    world.settled();
    assert_eq!(below(&world), while_read);
}

/// The edges that are dragged: of the sidebar, the problems and the inspector.
fn edges(world: &World) -> [Pos2; 3] {
    let mut edges: Vec<Rect> = world
        .harness
        .query_all_by_role(Role::Splitter)
        .map(|node| node.rect())
        .collect();
    edges.sort_by(|one, other| one.center().x.total_cmp(&other.center().x));
    let [sidebar, problems, inspector] = edges.as_slice() else {
        panic!("{edges:?}");
    };
    [sidebar, problems, inspector].map(Rect::center)
}

fn drag(world: &mut World, from: Pos2, by: Vec2) {
    world.harness.drag_at(from);
    world.frames();
    world.harness.hover_at(from + by);
    world.frames();
    world.harness.drop_at(from + by);
    world.frames();
}

#[test]
fn panels_are_as_large_as_they_were_drawn_in_every_file_and_after_a_restart() {
    let mut world = opened("catalog.csv");
    let before = edges(&world);
    // Nobody hits a line of one point: a little inside of the panel will do.
    let inside = [vec2(-4.0, 0.0), vec2(0.0, 4.0), vec2(4.0, 0.0)];
    let by = [vec2(60.0, 0.0), vec2(0.0, -70.0), vec2(-80.0, 0.0)];
    for (edge, (inside, by)) in inside.into_iter().zip(by).enumerate() {
        let from = edges(&world)[edge] + inside;
        drag(&mut world, from, by - inside);
    }
    let drawn = edges(&world);
    let moved = |edge: usize| drawn[edge] - before[edge];
    assert!((moved(0).x - 60.0).abs() <= 2.0, "{:?}", moved(0));
    assert!((moved(1).y + 70.0).abs() <= 2.0, "{:?}", moved(1));
    assert!((moved(2).x + 80.0).abs() <= 2.0, "{:?}", moved(2));
    let other = world.write("other.csv", WRONG);
    world.harness.state_mut().act(Action::Open(vec![other.clone()]));
    world.settled();
    assert_eq!(edges(&world), drawn, "in another file");
    let kept = other.with_file_name("config").join("preferences.json");
    world.until("the sizes are kept", |_| {
        std::fs::read_to_string(&kept).is_ok_and(|text| text.contains("\"inspector\": 38"))
    });
    let mut world = world.restarted();
    world.harness.state_mut().act(Action::Open(vec![other]));
    world.settled();
    for (edge, (now, drawn)) in edges(&world).into_iter().zip(drawn).enumerate() {
        assert!((now - drawn).length() <= 1.0, "{edge}: {now} is not {drawn}");
    }
}

#[test]
fn the_inspector_does_not_widen_by_what_stands_in_it() {
    let mut world = opened("catalog.csv");
    let [.., inspector] = edges(&world);
    drag(&mut world, inspector + vec2(1.0, 0.0), vec2(300.0, 0.0));
    let [.., narrow] = edges(&world);
    assert!((narrow.x - 1040.0).abs() <= 2.0, "{narrow}");
    world.press(Modifiers::NONE, Key::F8);
    world.click("Problems, 1");
    assert!(world.sees("Repair: 7.50"));
    assert_eq!(edges(&world)[2], narrow);
}

#[test]
fn nothing_is_told_over_the_cell_that_was_jumped_to() {
    let mut world = opened("catalog.csv");
    let told = |world: &World| {
        let labels = world.harness.query_all_by_role(Role::Label);
        labels
            .filter(|label| label.rect().left() < 900.0 && label.value().is_some_and(|said| said.contains("7,50")))
            .count()
    };
    let cell = world
        .harness
        .get_by_label_contains("row 3, sale_price: 7,50")
        .rect()
        .center();
    world.harness.hover_at(cell);
    world.frames();
    assert!(told(&world) > 0, "the problem under the pointer is told");
    world.press(Modifiers::NONE, Key::F8);
    assert_eq!(told(&world), 0, "the jump has led there");
    world.harness.hover_at(cell + vec2(3.0, 0.0));
    world.frames();
    assert!(told(&world) > 0, "the pointer asks again");
}

#[test]
fn a_greyed_upload_says_why() {
    let mut world = World::new();
    let hover = |world: &mut World, at: Pos2| {
        world.harness.hover_at(at);
        world.harness.run_steps(12);
        world.sees("No file is open")
    };
    let button = rect(&world, "Upload…").center();
    assert!(hover(&mut world, button));
    world.click("Upload");
    let entries = world
        .harness
        .get_all_by_label_contains("Upload…")
        .map(|node| node.rect().center());
    let entry = entries.into_iter().find(|entry| *entry != button).unwrap();
    assert!(hover(&mut world, entry));
}

#[test]
fn a_small_window_draws_no_panel_smaller_for_good() {
    let mut world = opened("catalog.csv");
    let drawn = edges(&world);
    world.harness.set_size(vec2(900.0, 500.0));
    world.upload("Upload 1 product to Local");
    let [_, problems, _] = edges(&world);
    assert!(
        problems.y > 500.0 - 190.0,
        "there is less room for the problems: {problems}"
    );
    let mut world = world.restarted();
    let path = world.write("catalog.csv", WRONG);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    assert_eq!(edges(&world), drawn);
}
