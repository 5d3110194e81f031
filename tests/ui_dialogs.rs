//! What all dialogs have in common: who presses their buttons, where these stand, and where the keyboard is afterwards.

use crate::{
    common::panels::{Bench, dialog, doc, with_products},
    ui::World,
};
use eframe::egui::{Key, Modifiers, Rect, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::{
    domain::dataset::Dataset,
    message::{Command, Event, SettingsEvent, TableCommand, TableEvent},
    session::{Action, Dialog, Session, SettingsAction, StoredAction, TableAction, UploadAction},
    settings::{Environment, EnvironmentKind},
    ui::files::Purpose,
};

const CSV: &str = "product_id,title\na,Lamp\nb,Mat\n";

/// A session whose three products are selected.
fn selected() -> Session {
    let mut session = with_products(3);
    let ids = (0..3).map(|id| format!("p-{id:04}")).collect();
    session.act(Action::Stored(StoredAction::Select(Dataset::Products, ids, true)));
    session
}

/// A session with a changed file.
fn changed() -> Session {
    let mut session = doc(CSV, Dataset::Products);
    let id = session.documents[0].id;
    session.act(Action::Table(id, TableAction::Edit(vec![(0, 1, "Lantern".to_owned())])));
    session
}

fn rect(bench: &Bench, label: &str) -> Rect {
    let mut nodes = bench.query_all_by_label(label);
    let node = nodes.find(|node| node.accesskit_node().role() == eframe::egui::Role::Button);
    node.unwrap_or_else(|| panic!("no button {label}")).rect()
}

/// Whether something has been done that destroys or sends.
fn is_done(action: &Action) -> bool {
    matches!(
        action,
        Action::Stored(StoredAction::Delete(_) | StoredAction::Wipe { .. })
            | Action::Table(_, TableAction::CloseAnyway)
            | Action::Upload(UploadAction::Start { .. })
    )
}

#[test]
fn enter_submits_what_destroys_nothing() {
    let session = doc(CSV, Dataset::Products);
    let id = session.documents[0].id;
    let mut bench = dialog(session, Dialog::Upload(id));
    bench.key_press(Key::Enter);
    bench.run();
    assert!(bench.state().actions.iter().any(is_done), "{:?}", bench.state().actions);
    // A click in the dialog takes the focus from the button, not Enter.
    let mut session = doc(CSV, Dataset::Products);
    session.act(Action::Upload(UploadAction::Ask(id)));
    let mut bench = dialog(session, Dialog::Upload(id));
    bench
        .get_by_label("Keep a copy of what is replaced, so that the upload can be undone")
        .click();
    bench.run_steps(3);
    bench.key_press(Key::Enter);
    bench.run();
    assert!(bench.state().actions.iter().any(is_done), "{:?}", bench.state().actions);
}

#[test]
fn what_destroys_something_takes_a_click_and_cancel_has_the_focus() {
    let close = changed().documents[0].id;
    for (session, which, verb) in [
        (
            selected(),
            Dialog::Delete(Dataset::Products),
            "Delete 3 products from Local",
        ),
        (changed(), Dialog::Close(close), "Close without saving"),
    ] {
        let mut bench = dialog(session, which.clone());
        // By Tab one gets to the button, but Enter does not press it.
        bench.get_by_label(verb).focus();
        bench.run();
        bench.key_press(Key::Enter);
        bench.run();
        assert!(
            bench.state().actions.is_empty(),
            "{which:?}: {:?}",
            bench.state().actions
        );
        bench.key_press(Key::Space);
        bench.run();
        assert!(bench.state().actions.iter().any(is_done), "{which:?}");
    }
    let mut bench = dialog(selected(), Dialog::Delete(Dataset::Products));
    bench.key_press(Key::Enter);
    bench.run();
    assert!(matches!(bench.state().actions.as_slice(), [Action::CloseDialog]));
    let mut bench = dialog(with_products(3), Dialog::Wipe);
    bench.get_by_label("Type Local to confirm").type_text("Local");
    bench.run_steps(3);
    bench.key_press(Key::Enter);
    bench.run();
    assert!(!bench.state().actions.iter().any(is_done));
}

#[test]
fn the_buttons_stand_in_one_row_and_one_order() {
    let close = changed().documents[0].id;
    let upload = || doc(CSV, Dataset::Products);
    let rows: Vec<(Session, Dialog, &[&str])> = vec![
        (
            upload(),
            Dialog::Upload(close),
            &["Cancel", "Only check", "Upload 2 products to Local"],
        ),
        (
            selected(),
            Dialog::Delete(Dataset::Products),
            &["Cancel", "Delete 3 products from Local"],
        ),
        (
            with_products(3),
            Dialog::Wipe,
            &["Cancel", "Delete everything in Local"],
        ),
        (
            changed(),
            Dialog::Close(close),
            &["Cancel", "Close without saving", "Save a copy…"],
        ),
        (with_products(3), Dialog::Environment(None), &["Cancel", "Save"]),
        (with_products(3), Dialog::Rehearse, &["All off", "Cancel", "Apply"]),
        (with_products(3), Dialog::Rules, &["As usual", "Close"]),
        (with_products(3), Dialog::Shortcuts, &["Close"]),
    ];
    for (session, which, labels) in rows {
        let bench = dialog(session, which.clone());
        let places: Vec<Rect> = labels.iter().map(|label| rect(&bench, label)).collect();
        for pair in places.windows(2) {
            assert!(pair[0].right() < pair[1].left(), "{which:?}: {places:?}");
            assert!(
                (pair[0].center().y - pair[1].center().y).abs() < 1.0,
                "{which:?}: {places:?}"
            );
        }
    }
}

#[test]
fn closing_with_changes_offers_a_copy_first() {
    let id = changed().documents[0].id;
    let mut bench = dialog(changed(), Dialog::Close(id));
    bench.key_press(Key::Enter);
    bench.run();
    let name = "catalog-copy.csv".to_owned();
    assert_eq!(bench.state().files, [(Purpose::SaveCopyAndClose(id), name)]);
}

/// What was changed while the copy was written is not in it.
#[test]
fn a_document_closes_with_its_copy_unless_it_changed_meanwhile() {
    let copy = |session: &mut Session, path: &str| {
        let id = session.documents[0].id;
        let commands = session.act(Action::Table(id, TableAction::SaveCopyAndClose(path.into())));
        match commands.as_slice() {
            &[Command::Table(request, TableCommand::SaveCopy { .. })] => request,
            other => panic!("{other:?}"),
        }
    };
    let mut session = changed();
    let request = copy(&mut session, "copy.csv");
    session.on(Event::Table(request, TableEvent::NotCopied("No room".to_owned())));
    assert_eq!(session.notices.last().unwrap().text, "No room");
    session.on(Event::Table(request, TableEvent::Copied("copy.csv".into())));
    assert_eq!(session.documents.len(), 1, "what failed is not waited for");

    let request = copy(&mut session, "copy.csv");
    let id = session.documents[0].id;
    session.act(Action::Table(id, TableAction::Edit(vec![(1, 1, "Rug".to_owned())])));
    session.on(Event::Table(request, TableEvent::Copied("copy.csv".into())));
    assert_eq!(session.documents.len(), 1);

    let request = copy(&mut session, "copy.csv");
    session.on(Event::Table(request, TableEvent::Copied("copy.csv".into())));
    assert!(session.documents.is_empty());
}

/// What covers the table, and how it is opened.
type Way<'a> = (&'a str, &'a dyn Fn(&mut World));

impl World {
    fn cursor_row(&self) -> u32 {
        self.document().view().unwrap().cursor.0
    }

    fn change(&mut self) {
        let doc = self.document().id;
        let cells = vec![(0, 2, "13".to_owned())];
        self.harness
            .state_mut()
            .act(Action::Table(doc, TableAction::Edit(cells)));
        self.frames();
    }
}

#[test]
fn the_table_has_the_keyboard_again_after_every_dialog_and_menu() {
    let mut world = World::opened();
    world.change();
    let doc = world.document().id;
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(0, 1)));
    world.frames();
    let ways: [Way<'_>; 7] = [
        ("Upload", &|world| world.press(Modifiers::COMMAND, Key::U)),
        ("Close", &|world| world.press(Modifiers::COMMAND, Key::W)),
        ("Shortcuts", &|world| world.press(Modifiers::NONE, Key::F1)),
        ("Path", &|world| {
            world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
        }),
        ("Quit", &|world| world.quit()),
        ("Menu", &|world| world.click("View")),
        ("Environments", &|world| {
            world.click("Environment Local, on this computer");
        }),
    ];
    for (at, (what, open)) in ways.into_iter().enumerate() {
        open(&mut world);
        world.press(Modifiers::NONE, Key::Escape);
        assert_eq!(world.harness.state().session().dialog, None, "{what}");
        let key = if at % 2 == 0 { Key::ArrowDown } else { Key::ArrowUp };
        world.press(Modifiers::NONE, key);
        assert_eq!(world.cursor_row(), u32::from(at % 2 == 0), "{what}");
    }
    // What a menu opens keeps the keyboard.
    world.click("Edit");
    world.harness.get_by_label_contains("Find…").click();
    world.frames();
    world.harness.event(eframe::egui::Event::Text("lamp".to_owned()));
    world.frames();
    assert!(world.document().open().unwrap().find.is_some());
}

#[test]
fn a_typed_path_is_entered() {
    let mut world = World::new();
    let path = world.write("catalog.csv", CSV);
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
    world
        .harness
        .event(eframe::egui::Event::Text(path.display().to_string()));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.settled();
    assert_eq!(world.document().path, path);
}

#[test]
fn a_typed_path_replaces_nothing_unasked() {
    let mut world = World::opened();
    let there = world.write("there.csv", "mine");
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    world
        .harness
        .event(eframe::egui::Event::Text(there.display().to_string()));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("There is a file of that name already");
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
    world.click("Replace the file");
    world.until("it is replaced", |_| {
        std::fs::read_to_string(&there).is_ok_and(|text| text.contains("Walnut desk lamp"))
    });
}

#[test]
fn closing_a_changed_file_saves_a_copy_of_it() {
    let mut world = World::opened();
    world.change();
    let copy = world.write("given.csv", "").with_file_name("copy.csv");
    world.press(Modifiers::COMMAND, Key::W);
    world.choose(copy.clone());
    world.press(Modifiers::NONE, Key::Enter);
    world.until("the copy is written", |app| app.session().documents.is_empty());
    assert!(std::fs::read_to_string(&copy).unwrap().contains("Walnut desk lamp,13"));
}

#[test]
fn a_held_key_presses_nothing_of_what_comes_up_under_it() {
    let session = doc(CSV, Dataset::Products);
    let id = session.documents[0].id;
    for key in [Key::Enter, Key::Space] {
        let mut bench = dialog(with_products(1), Dialog::Shortcuts);
        bench.key_down(key);
        bench.step();
        // While it is held, the question comes up.
        bench.state_mut().actions.clear();
        bench.state_mut().session = doc(CSV, Dataset::Products);
        bench.state_mut().session.dialog = Some(Dialog::Upload(id));
        bench.run_steps(4);
        for _ in 0..3 {
            bench.key_down(key);
            bench.run_steps(2);
        }
        assert!(bench.state().actions.is_empty(), "{:?}", bench.state().actions);
        bench.key_up(key);
        bench.run_steps(2);
        bench.key_press(key);
        bench.run_steps(2);
        assert!(bench.state().actions.iter().any(is_done), "{:?}", bench.state().actions);
    }
}

/// The longest names that there are, at the smallest window.
#[test]
fn the_buttons_stay_within_their_dialog() {
    let name = "W".repeat(40);
    let guarded = Environment {
        name: name.clone(),
        kind: EnvironmentKind::Development,
        base_url: "https://api.example.com".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    let id = changed().documents[0].id;
    for (mut session, which, title) in [
        (changed(), Dialog::Upload(id), format!("Upload catalog.csv to {name}?")),
        (with_products(1), Dialog::Wipe, format!("Delete everything in {name}?")),
        (
            with_products(1),
            Dialog::Delete(Dataset::Interactions),
            format!("Delete the interactions of 0 users from {name}?"),
        ),
    ] {
        session.on(Event::Settings(SettingsEvent::Environments {
            environments: vec![Environment::local(), guarded.clone()],
            notice: None,
        }));
        session.act(Action::Settings(SettingsAction::SwitchEnvironment(name.clone())));
        let mut bench = dialog(session, which);
        bench.set_size(vec2(900.0, 600.0));
        bench.run_steps(4);
        let title = bench.get_by_label(&title).rect();
        let cancel = rect(&bench, "Cancel");
        assert!(cancel.left() >= title.left() - 0.5, "{title:?} {cancel:?}");
    }
}
