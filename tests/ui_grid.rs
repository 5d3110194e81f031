//! The grid as people and screen readers meet it: by label, with keys and the pointer.
#![expect(clippy::float_cmp, reason = "positions are exact; that is the point")]

use crate::common::grid::World;
use eframe::egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase, pos2, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use tatami::ui::{
    grid::{CellAt, GridEvent, GridSource as _, Selection, show, tsv},
    theme,
};

const LAST: u64 = 9_999_999;

fn world() -> Harness<'static, World> {
    of(World::new(10_000_000, 100))
}

fn of(world: World) -> Harness<'static, World> {
    let mut harness = Harness::builder()
        .with_size(vec2(1100.0, 500.0))
        .with_step_dt(1.0 / 30.0)
        .with_context_setup(theme::install)
        .build_ui_state(
            |ui, world: &mut World| {
                let events = show(ui, &mut world.grid, &mut world.table);
                for event in &events {
                    if let GridEvent::Commit { at, text } = event {
                        world.table.edits.insert(*at, text.clone());
                    }
                }
                world.events.extend(events);
            },
            world,
        );
    harness.run();
    harness
}

fn at(row: u64, column: usize) -> CellAt {
    CellAt { row, column }
}

fn press(harness: &mut Harness<'_, World>, held: Modifiers, key: Key) {
    harness.key_press_modifiers(held, key);
    harness.run();
}

fn cursor(harness: &Harness<'_, World>) -> Option<CellAt> {
    harness.state().grid.cursor()
}

fn commits(harness: &Harness<'_, World>) -> Vec<(CellAt, String)> {
    let events = harness.state().events.iter();
    events
        .filter_map(|event| match event {
            GridEvent::Commit { at, text } => Some((*at, text.clone())),
            _ => None,
        })
        .collect()
}

#[test]
fn asks_only_for_what_is_in_sight() {
    let harness = world();
    let (rows, columns) = harness.state().table.fetched.clone();
    assert!(rows.end <= 20, "{rows:?}");
    assert!(columns.end <= 10, "{columns:?}");
    harness.get_by_label("Table of 10000000 rows and 100 columns");
    harness.get_by_label("row 2, title: Walnut desk lamp");
}

#[test]
fn a_wrong_cell_says_so() {
    let harness = world();
    harness.get_by_label("row 4, price: 3.x – \"3.x\" is not a number; write digits with a point, as in 12.50");
    harness.get_by_label("column price, number, from Variant Price, 1198 errors");
    harness.get_by_label("row 3, brand: no value");
    harness.get_by_label("row 4, brand: null");
}

#[test]
fn goes_to_the_very_last_cell_and_back() {
    let mut harness = world();
    harness.get_by_label("row 2, title: Walnut desk lamp").click();
    harness.run();
    assert_eq!(cursor(&harness), Some(at(0, 1)));
    press(&mut harness, Modifiers::COMMAND, Key::End);
    assert_eq!(cursor(&harness), Some(at(LAST, 99)));
    let last = harness.get_by_label("row 10000001, field_99: r9999999 c99");
    assert!(last.rect().height() >= 23.0, "seen whole: {:?}", last.rect());
    assert!(last.rect().bottom() <= 500.0);
    press(&mut harness, Modifiers::COMMAND, Key::Home);
    harness.get_by_label("row 2, product_id: 00000000");
}

#[test]
fn the_wheel_scrolls_evenly_far_down() {
    let mut harness = world();
    harness.state_mut().grid.set_top(7_654_321.25);
    harness.hover_at(pos2(400.0, 300.0));
    harness.run();
    let above = harness.get_by_label("row 7654325, product_id: 07654323").rect();
    let below = harness.get_by_label("row 7654326, product_id: 07654324").rect();
    assert_eq!(below.top() - above.top(), 24.0);
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, -48.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(60);
    let off = harness.state().grid.top() - 7_654_323.25;
    assert!(off.abs() < 1e-6, "two rows further, in many small steps: {off}");
}

#[test]
fn arrows_and_shift_select() {
    let mut harness = world();
    harness.state_mut().grid.go_to(4, 1);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowDown);
    let selection = harness.state().grid.selection().unwrap();
    assert_eq!((selection.rows(), selection.columns()), (5..7, 1..3));
    harness.event(Event::Copy);
    harness.run();
    assert_eq!(
        harness.state().events.last(),
        Some(&GridEvent::CopyRequested {
            rows: 5..7,
            columns: 1..3,
            headers: false
        })
    );
    press(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!(
        harness.state().events.last(),
        Some(&GridEvent::Clear {
            rows: 5..7,
            columns: 1..3
        })
    );
}

#[test]
fn shift_click_and_row_numbers_select() {
    let mut harness = world();
    harness.get_by_label("row 3, title: Hinoki bath stool").click();
    harness.run();
    let price = harness.get_by_label_contains("row 4, price: 3.x").rect().center();
    for pressed in [true, false] {
        harness.event_modifiers(click(price, pressed, Modifiers::SHIFT), Modifiers::SHIFT);
    }
    harness.run();
    let selection = harness.state().grid.selection().unwrap();
    assert_eq!((selection.rows(), selection.columns()), (1..3, 1..3));
    let number = pos2(20.0, price.y);
    for pressed in [true, false] {
        harness.event(click(number, pressed, Modifiers::NONE));
    }
    harness.run();
    let selection = harness.state().grid.selection().unwrap();
    assert_eq!((selection.rows(), selection.columns()), (2..3, 0..100));
}

fn click(pos: Pos2, pressed: bool, modifiers: Modifiers) -> Event {
    Event::PointerButton {
        pos,
        button: eframe::egui::PointerButton::Primary,
        pressed,
        modifiers,
    }
}

#[test]
fn escape_keeps_the_cell_and_enter_changes_it() {
    let mut harness = world();
    harness.state_mut().grid.go_to(2, 2);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::F2);
    harness.get_by_label("Edit row 4, price").type_text("9");
    harness.run();
    assert_eq!(
        harness.get_by_label("Edit row 4, price").value().as_deref(),
        Some("3.x9")
    );
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!harness.state().grid.is_editing());
    assert_eq!(commits(&harness), []);
    assert_eq!(cursor(&harness), Some(at(2, 2)));

    harness.event(Event::Text("12".to_owned()));
    harness.run();
    harness.event(Event::Text(".5".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(commits(&harness), [(at(2, 2), "12.5".to_owned())]);
    assert_eq!(cursor(&harness), Some(at(3, 2)), "enter goes down");
    harness.get_by_label("row 4, price: 12.5, edited");
}

#[test]
fn tab_commits_and_goes_right() {
    let mut harness = world();
    harness.state_mut().grid.go_to(2, 2);
    harness.run();
    harness.event(Event::Text("7".to_owned()));
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert_eq!(commits(&harness), [(at(2, 2), "7".to_owned())]);
    assert_eq!(cursor(&harness), Some(at(2, 3)));
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(cursor(&harness), Some(at(2, 4)), "the grid has the keyboard again");
}

#[test]
fn an_unchanged_cell_is_no_edit() {
    let mut harness = world();
    harness.state_mut().grid.go_to(2, 2);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.state().grid.is_editing());
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(commits(&harness), []);
    assert_eq!(cursor(&harness), Some(at(3, 2)));
}

#[test]
fn a_click_elsewhere_commits() {
    let mut harness = world();
    harness.state_mut().grid.go_to(2, 2);
    harness.run();
    harness.event(Event::Text("8".to_owned()));
    harness.run();
    harness.get_by_label("row 2, product_id: 00000000").click();
    harness.run();
    assert_eq!(commits(&harness), [(at(2, 2), "8".to_owned())]);
    assert_eq!(cursor(&harness), Some(at(0, 0)));
}

#[test]
fn what_is_read_only_stays() {
    let mut world = World::new(100, 4);
    world.table.read_only = true;
    let mut harness = of(world);
    harness.state_mut().grid.go_to(2, 2);
    harness.run();
    harness.event(Event::Text("8".to_owned()));
    harness.run();
    assert!(!harness.state().grid.is_editing());
}

#[test]
fn a_header_asks_for_its_menu() {
    let mut harness = world();
    harness.get_by_label("column url, text").click();
    harness.run();
    let asked = harness
        .state()
        .events
        .iter()
        .any(|event| matches!(event, GridEvent::HeaderClicked { column: 3, .. }));
    assert!(asked, "{:?}", harness.state().events);
}

#[test]
fn a_strip_is_told_from_its_header() {
    let mut harness = world();
    let header = harness.get_by_label("column title, text, from Title").rect();
    for y in [header.top() + 8.0, header.bottom() - 6.0] {
        harness.drag_at(pos2(header.center().x, y));
        harness.drop_at(pos2(header.center().x, y));
        harness.run();
    }
    let events = &harness.state().events;
    let menus = events
        .iter()
        .filter(|event| matches!(event, GridEvent::HeaderClicked { column: 1, .. }));
    let strips = events
        .iter()
        .filter(|event| matches!(event, GridEvent::StripClicked { column: 1 }));
    assert_eq!((menus.count(), strips.count()), (1, 1), "{events:?}");
}

#[test]
fn a_header_edge_is_dragged_and_the_width_stays() {
    let mut harness = world();
    let header = harness.get_by_label("column title, text, from Title").rect();
    let before = harness.state().grid.width("column 1").unwrap();
    harness.drag_at(pos2(header.right(), header.center().y));
    harness.run();
    harness.hover_at(pos2(header.right() + 50.0, header.center().y));
    harness.run();
    harness.drop_at(pos2(header.right() + 50.0, header.center().y));
    harness.run();
    let after = harness.state().grid.width("column 1").unwrap();
    assert!((after - before - 50.0).abs() <= 1.0, "{before} became {after}");
    harness.state_mut().table.rows = 5;
    harness.run();
    assert_eq!(harness.state().grid.width("column 1"), Some(after));
}

#[test]
fn the_bar_reaches_the_last_row() {
    let mut harness = world();
    harness.drag_at(pos2(1093.0, 70.0));
    harness.run();
    harness.hover_at(pos2(1093.0, 700.0));
    harness.run();
    harness.drop_at(pos2(1093.0, 700.0));
    harness.run();
    harness.get_by_label("row 10000001, product_id: 09999999");
}

#[test]
fn frozen_columns_stay_in_sight() {
    let mut world = World::new(1_000, 100);
    world.grid.freeze(1);
    let mut harness = of(world);
    let before = harness
        .get_by_label("column product_id, text, from Handle, sorted ascending")
        .rect();
    harness.state_mut().grid.go_to(0, 50);
    harness.run();
    harness.get_by_label("row 2, field_50: r0 c50");
    let after = harness
        .get_by_label("column product_id, text, from Handle, sorted ascending")
        .rect();
    assert_eq!(before, after);
    assert!(harness.query_by_label_contains("column title").is_none());
}

#[test]
fn fewer_rows_move_the_selection_inside() {
    let mut harness = world();
    harness.state_mut().grid.go_to(LAST, 99);
    harness.run();
    harness.state_mut().table.rows = 3;
    harness.run();
    assert_eq!(cursor(&harness), Some(at(2, 99)));
    assert_eq!(harness.state().grid.top(), 0.0);
    harness.state_mut().table.rows = 0;
    harness.run();
    assert_eq!(cursor(&harness), None);
}

#[test]
fn copies_with_headers() {
    let mut world = World::new(10, 4);
    let text = tsv(&mut world.table, 1..3, 1..3, true);
    assert_eq!(text, "title\tprice\nHinoki bath stool\t179.79\nWalnut desk lamp\t3.x");
}

#[test]
fn selected_cells_are_told() {
    let mut harness = world();
    harness.state_mut().grid.select(Some(Selection::cell(at(0, 1))));
    harness.run();
    let node = harness.get_by_label("row 2, title: Walnut desk lamp");
    assert_eq!(node.accesskit_node().is_selected(), Some(true));
}

#[test]
fn the_room_beyond_the_cells_selects_nothing() {
    let mut harness = of(World::new(3, 2));
    for pressed in [true, false] {
        harness.event(click(pos2(600.0, 400.0), pressed, Modifiers::NONE));
    }
    harness.run();
    assert_eq!(cursor(&harness), None);
}

#[test]
fn a_double_click_edits() {
    let mut harness = world();
    let price = harness.get_by_label_contains("row 4, price: 3.x").rect().center();
    for pressed in [true, false, true, false] {
        harness.event(click(price, pressed, Modifiers::NONE));
        harness.step();
    }
    harness.run();
    harness.get_by_label("Edit row 4, price");
}

#[test]
fn dragging_past_the_edge_goes_on() {
    let mut harness = world();
    let start = harness.get_by_label("row 2, title: Walnut desk lamp").rect().center();
    harness.drag_at(start);
    harness.step();
    harness.hover_at(pos2(start.x, 560.0));
    harness.run_steps(10);
    harness.drop_at(pos2(start.x, 560.0));
    harness.run();
    let selection = harness.state().grid.selection().unwrap();
    assert_eq!(selection.rows().start, 0);
    assert!(selection.rows().end > 20, "{selection:?}");
    assert!(harness.state().grid.top() > 0.0);
}

#[test]
fn pasting_names_the_rectangle() {
    let mut harness = world();
    harness.state_mut().grid.go_to(4, 1);
    harness.run();
    press(&mut harness, Modifiers::SHIFT, Key::ArrowDown);
    harness.event(Event::Paste("indigo".to_owned()));
    harness.run();
    assert_eq!(
        harness.state().events.last(),
        Some(&GridEvent::PasteRequested {
            rows: 4..6,
            columns: 1..2,
            text: "indigo".to_owned()
        })
    );
}

#[test]
fn a_cell_sent_otherwise_tells_what_the_file_has_and_edits_and_copies_that() {
    let mut harness = world();
    let shown = harness.state().table.cell(7, 2);
    let (sent, original) = (shown.text.into_owned(), shown.original.unwrap().into_owned());
    assert_eq!(sent.replace('.', ","), original);
    let label = format!("row 9, price: {sent}, in the file: {original}");
    let place = harness.get_by_label(&label).rect().center();
    harness.hover_at(place);
    harness.run_steps(30);
    harness.get_by_label_contains(&format!("In the file: {original}"));
    let text = tsv(&mut harness.state_mut().table, 7..8, 2..3, false);
    assert_eq!(text, original);
    harness.state_mut().grid.go_to(7, 2);
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::F2);
    assert_eq!(
        harness.get_by_label("Edit row 9, price").value().as_deref(),
        Some(original.as_str())
    );
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(commits(&harness), [], "what was not changed is no edit");
}
