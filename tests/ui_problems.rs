//! The problems as a person works them off: the best fix on every cause, all safe ones at once, nothing that moves under
//! the pointer, and one step back.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tatami::{
    domain::{dataset::Dataset, issue::Severity, mapping::OfferKind},
    session::{Action, Filter, MappingAction, TableAction},
};

use crate::ui::World;

/// Dates with the day first, names of one's own, decimal commas, an address without its scheme; and what only a person can
/// mend.
const SHOP: &str = "product_id,title,availability,sale_price,published_at,url\n\
    B1,Lamp,1,\"12,50\",03.04.2024,https://shop.example/1\n\
    B2,Mat,0,\"9,90\",14.04.2024,shop.example/2\n\
    B3,Rug,1,\"100,00\",28.12.2023,https://shop.example/3\n\
    B4,Desk,1,cheap,01.02.2024,https://shop.example/4\n";

fn opened(text: &str) -> World {
    // A person who works off problems has drawn their list higher.
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(
        config.join("preferences.json"),
        r#"{"version": 1, "panels": {"problems": 260}}"#,
    )
    .unwrap();
    let mut world = World::over(folder, Vec::new());
    let path = world.write("shop.csv", text);
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    world.until("its columns are tried", |app| {
        let view = app.session().document().unwrap().view().unwrap();
        view.offers.iter().all(|offer| match &offer.kind {
            OfferKind::Transform(proposal) => view.proof(offer.column, &proposal.transform).is_some(),
            OfferKind::Field { .. } | OfferKind::Constant { .. } => true,
        })
    });
    world
}

fn errors(world: &World) -> u64 {
    world
        .harness
        .state()
        .session()
        .document()
        .unwrap()
        .count(Severity::Error)
}

fn until_errors(world: &mut World, count: u64) {
    world.until("so many errors are left", |app| {
        let document = app.session().document().unwrap();
        document.checked().is_some() && document.count(Severity::Error) == count
    });
}

fn top_of(world: &World, label: &str) -> String {
    format!("{:.0}", world.harness.get_by_label_contains(label).rect().top())
}

#[test]
fn three_clicks_lead_from_a_file_with_errors_to_what_is_stored() {
    let mut world = opened(SHOP);
    assert_eq!(errors(&world), 13);
    world.click("Repair all 4 safe ones");
    until_errors(&mut world, 1);
    world.click("Upload…");
    world.upload("Upload 3 products to Local");
    assert!(world.sees("3 products stored in Local"));
}

/// Fewer records than rows explain themselves.
#[test]
fn a_row_that_a_later_one_replaces_is_said_after_an_upload() {
    let mut world = opened("product_id,title\nA,Lamp\nA,Mat\nB,Rug\n");
    world.press(Modifiers::COMMAND, Key::U);
    world.upload("Upload 3 products to Local");
    assert!(world.sees("Upload ended: 2 products stored in Local"));
    assert!(world.sees("3 rows sent, 2 products stored: 1 id came twice"));
}

#[test]
fn three_keys_do_it_too() {
    let mut world = opened(SHOP);
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    until_errors(&mut world, 1);
    world.press(Modifiers::COMMAND, Key::U);
    world.press(Modifiers::NONE, Key::Enter);
    world.until("the upload ends", |app| {
        let upload = app.session().document().unwrap().upload.as_ref();
        upload.is_some_and(|upload| upload.report.is_some())
    });
    assert!(world.sees("3 products stored in Local"));
}

#[test]
fn every_cause_has_its_fix_in_words() {
    let world = opened(SHOP);
    for fix in [
        "Read as dates, day first",
        "0 → OUT_OF_STOCK, 1 → IN_STOCK",
        "Read with decimal comma",
        "Put https:// in front",
    ] {
        world.harness.get_by_label(fix);
    }
}

/// A column that is only likely is shown with its values before it is taken.
#[test]
fn a_missing_id_names_the_column_that_may_be_it() {
    let mut world = opened("book_nr,title,description\nB1,Lamp,Shines\nB2,Mat,Lies\n");
    let doc = world.harness.state().session().document().unwrap().id;
    let products = MappingAction::SetDataset(Dataset::Products);
    world.harness.state_mut().act(Action::Mapping(doc, products));
    until_errors(&mut world, 2);
    world.frames();
    world.click("Use book_nr as product_id…");
    assert!(world.sees("B1") && errors(&world) == 2);
    world.click("Use book_nr as product_id");
    until_errors(&mut world, 0);
}

/// A second click must not land on what has moved up.
#[test]
fn nothing_moves_under_the_pointer() {
    let mut world = opened(SHOP);
    let places = |world: &World| [top_of(world, "decimal comma in"), top_of(world, "URLs without")];
    let before = places(&world);
    world.click("0 → OUT_OF_STOCK, 1 → IN_STOCK");
    until_errors(&mut world, 9);
    world.frames();
    assert!(world.sees("repaired: availability, Not one of the allowed names"));
    assert_eq!(places(&world), before);
    world.click("Undo");
    until_errors(&mut world, 13);
    world.harness.get_by_label("0 → OUT_OF_STOCK, 1 → IN_STOCK");
}

/// Cells and columns are changed in one step.
#[test]
fn all_that_is_safe_is_one_step() {
    let mut world = opened("product_id,title,sale_price\nA,<b>Lamp</b>,\"1,50\"\nB,Mat,\"2,50\"\nC,Rug,\"3,50\"\n");
    assert_eq!(errors(&world), 3);
    world.click("Repair all 2 safe ones");
    until_errors(&mut world, 0);
    assert!(world.sees("row 2, title: Lamp, edited"));
    world.press(Modifiers::COMMAND, Key::Z);
    until_errors(&mut world, 3);
    assert!(!world.sees("edited"));
    world.press(Modifiers::COMMAND, Key::Y);
    until_errors(&mut world, 0);
    assert!(world.sees("row 2, title: Lamp, edited"));
}

/// How a column of many notations is meant leaves a choice, its single cells do not.
#[test]
fn cells_are_repaired_where_the_column_leaves_a_choice() {
    let mut world = opened("product_id,title,sale_price\nA,Lamp,€44.90\nB,Mat,$9.90\nC,Rug,5.00\n");
    world.click("Remove currency signs");
    until_errors(&mut world, 0);
    assert!(world.sees("row 2, sale_price: 44.90, edited"));
}

/// Which of two readings is meant, the values do not say: both are shown before anything is changed.
#[test]
fn what_has_two_readings_is_asked() {
    let mut world = opened("product_id,title,published_at\nA,Lamp,03.04.2024\nB,Mat,05.06.2024\n");
    assert!(!world.sees("safe one"));
    world.click("Read as dates…");
    assert_eq!(errors(&world), 2);
    assert!(world.sees("03.04.2024  →  2024-04-03") && world.sees("03.04.2024  →  2024-03-04"));
    world.click("Read as dates, month first");
    until_errors(&mut world, 0);
    assert!(world.sees("2024-03-04"));
}

/// What is mended while only rows with problems are shown stays in sight.
#[test]
fn mended_rows_stay_until_the_filter_is_set_again() {
    let mut world = opened(SHOP);
    let doc = world.harness.state().session().document().unwrap().id;
    let filter = |world: &mut World, filter: Filter| {
        world
            .harness
            .state_mut()
            .act(Action::Table(doc, TableAction::Filter(filter)));
        world.frames();
    };
    filter(&mut world, Filter::Problems);
    world.click("Repair all 4 safe ones");
    until_errors(&mut world, 1);
    assert!(world.sees("Table of 4 rows"));
    filter(&mut world, Filter::All);
    filter(&mut world, Filter::Problems);
    assert!(world.sees("Table of 1 row"));
}

#[test]
fn the_reason_stands_under_the_value_with_its_place() {
    let mut world = opened(SHOP);
    world.press(Modifiers::NONE, Key::F8);
    assert!(world.sees("1 of 4"));
    world.press(Modifiers::COMMAND, Key::R);
    until_errors(&mut world, 9);
}
