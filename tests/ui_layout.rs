//! Where things stand in the window: nothing over something else, nothing that moves by itself, panels as wide as a
//! person drew them.

use std::process::Command;

use crate::ui::World;
use eframe::egui::{Rect, Vec2, accesskit::Role, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::session::Action;

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
