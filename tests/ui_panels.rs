//! The panels and dialogs as people and screen readers meet them: by label, over hand-made states of the session.

use crate::common::panels::{Bench, dialog, doc, mapped, stored, with_interactions, with_products};
use eframe::egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::{
    api::ApiKey,
    domain::{
        dataset::Dataset,
        faults::{FaultKind, Faults},
        mapping::CustomType,
    },
    message::{Command, Event, SettingsEvent, StoredEvent, UploadCommand, WorkError, WorkErrorKind},
    ops::{environments::Registry, guard::Consent},
    session::{Action, Dialog, MappingAction, Place, Session, SettingsAction, StoredAction, TableAction, UploadAction},
    settings::{Environment, EnvironmentKind, Paths},
    upload::WriteOptions,
};

const LOCAL: &str = "Local";

/// The local server's answer about its faults.
fn rehearsing(faults: Faults) -> Event {
    Event::Stored(LOCAL.to_owned(), StoredEvent::Rehearsing(Ok(faults)))
}

fn production(session: &mut Session) {
    let environments = vec![
        Environment::local(),
        Environment {
            name: "Shop".to_owned(),
            kind: EnvironmentKind::Production,
            base_url: "https://api.askmiso.com".to_owned(),
            keys: Vec::new(),
            allows_http: false,
        },
    ];
    session.on(Event::Settings(SettingsEvent::Started {
        environments,
        recent: Vec::new(),
        recent_recipes: Vec::new(),
        levels: tatami::domain::rules::Levels::default(),
        limits: Dataset::ALL.map(tatami::upload::BatchLimits::recommended),
    }));
    session.act(Action::Settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
}

/// Puts the cursor into a field and writes at its end.
fn write(bench: &mut Bench, field: &str, text: &str) {
    bench.get_by_label(field).focus();
    bench.run_steps(2);
    bench.get_by_label(field).type_text(text);
    bench.run_steps(2);
}

#[test]
fn a_wipe_waits_for_the_environments_name() {
    let mut bench = dialog(with_products(3), Dialog::Wipe);
    let verb = "Delete everything in Local";
    let wiped = |bench: &Bench| {
        bench
            .state()
            .actions
            .iter()
            .any(|action| matches!(action, Action::Stored(StoredAction::Wipe { .. })))
    };
    assert!(bench.get_by_label(verb).accesskit_node().is_disabled());
    write(&mut bench, "Type Local to confirm", "Loca");
    bench.run();
    bench.get_by_label(verb).click();
    bench.run();
    assert!(!wiped(&bench));
    write(&mut bench, "Type Local to confirm", "l");
    bench.run();
    bench.get_by_label(verb).click();
    bench.run();
    let typed = bench.state().actions.iter().find_map(|action| match action {
        Action::Stored(StoredAction::Wipe { typed }) => Some(typed.clone()),
        _ => None,
    });
    assert_eq!(typed.as_deref(), Some(LOCAL));
}

#[test]
fn a_wipe_of_production_waits_three_seconds_more() {
    let mut session = with_products(3);
    production(&mut session);
    session.act(Action::Stored(StoredAction::Unlock));
    let mut bench = dialog(session, Dialog::Wipe);
    let verb = "Delete everything in Shop (production)";
    write(&mut bench, "Type Shop to confirm", "Shop");
    bench.run_steps(20);
    assert!(bench.get_by_label(verb).accesskit_node().is_disabled());
    bench.run_steps(100);
    assert!(!bench.get_by_label(verb).accesskit_node().is_disabled());
}

#[test]
fn deleting_names_count_and_environment_and_esc_leaves() {
    let mut session = with_products(40);
    let ids = (0..37).map(|id| format!("p-{id:04}")).collect();
    session.act(Action::Stored(StoredAction::Select(Dataset::Products, ids, true)));
    let mut bench = dialog(session, Dialog::Delete(Dataset::Products));
    bench.get_by_label("Delete 37 products from Local?");
    assert_eq!(
        bench.query_all_by_label("p-0000").count(),
        2,
        "in the list and in the dialog"
    );
    bench.get_by_label("and 32 more");
    // Cancel has the focus: Enter deletes nothing.
    bench.key_press(Key::Enter);
    bench.run();
    assert!(matches!(bench.state().actions.as_slice(), [Action::CloseDialog]));
    bench.state_mut().actions.clear();
    bench.key_press(Key::Escape);
    bench.run();
    assert!(matches!(bench.state().actions.as_slice(), [Action::CloseDialog]));
    bench.get_by_label("Delete 37 products from Local").click();
    bench.run();
    assert!(matches!(
        bench.state().actions.last(),
        Some(Action::Stored(StoredAction::Delete(Dataset::Products)))
    ));
}

#[test]
fn stored_ids_are_listed_selected_and_searched() {
    let mut bench = stored(with_products(250));
    bench.get_by_label("Products stored in Local");
    bench.get_by_label("Page 1 of 3");
    assert!(bench.get_by_label("Delete selected…").accesskit_node().is_disabled());
    bench.get_by_label("Select p-0001").click();
    bench.run();
    bench.get_by_label("Delete 1 product…").click();
    bench.run();
    assert_eq!(bench.state().session.dialog, Some(Dialog::Delete(Dataset::Products)));
    bench.state_mut().session.dialog = None;
    bench.run();
    bench.get_by_label("p-0002").click();
    bench.run_steps(4);
    assert!(matches!(&bench.state().session.stored.set(Dataset::Products).record, Some((id, _)) if id == "p-0002"));
    write(&mut bench, "Find an id", "nowhere");
    bench.run_steps(4);
    bench.get_by_label("Nothing found");
    bench.get_by_label("Clear the search").click();
    bench.run_steps(4);
    bench.get_by_label("Page 1 of 3");
}

#[test]
fn nothing_stored_says_so_and_leads_to_files() {
    let mut bench = stored(with_products(0));
    bench.get_by_label("No products stored in Local");
    bench.get_by_label("Go to product files").click();
    bench.run();
    assert_eq!(bench.state().session.place, Place::Empty(Dataset::Products));
}

#[test]
fn a_failed_listing_says_why_and_can_be_tried_again() {
    let mut session = with_products(0);
    let ids = Err("The server cannot be reached".into());
    session.on(Event::Stored(
        LOCAL.to_owned(),
        StoredEvent::Listed(Dataset::Products, ids),
    ));
    let mut bench = stored(session);
    bench.get_by_label("The products in Local cannot be listed");
    bench.get_by_label("The server cannot be reached");
    bench.get_by_label("Try again").click();
    bench.run_steps(3);
    assert!(
        bench
            .state()
            .actions
            .iter()
            .any(|action| matches!(action, Action::Stored(StoredAction::Refresh)))
    );
    bench.get_by_label("Reading the products in Local…");
}

#[test]
fn production_is_locked_until_it_is_unlocked() {
    let mut session = with_products(0);
    production(&mut session);
    let ids = Ok(vec!["a".to_owned(), "b".to_owned()]);
    session.on(Event::Stored(
        "Shop".to_owned(),
        StoredEvent::Listed(Dataset::Products, ids),
    ));
    let mut bench = stored(session);
    let verb = "Delete everything in Shop…";
    assert!(bench.get_by_label(verb).accesskit_node().is_disabled());
    bench.get_by_label("Unlock changes").click();
    bench.run();
    assert!(!bench.get_by_label(verb).accesskit_node().is_disabled());
}

/// Nothing is sent where customers see it before that is unlocked; the server may check.
#[test]
fn an_upload_to_production_is_unlocked_first() {
    let mut session = doc("product_id,title\nA,Lamp\n", Dataset::Products);
    production(&mut session);
    let id = session.documents[0].id;
    let start = |dry_run| {
        Action::Upload(UploadAction::Start {
            doc: id,
            write_options: WriteOptions::default(),
            dry_run,
        })
    };
    assert!(session.act(start(false)).is_empty());
    let said = session.notices.last().unwrap().text.clone();
    assert_eq!(said, "Shop is locked; unlock it first");
    let mut bench = dialog(session, Dialog::Upload(id));
    let verb = "Upload 1 product to Shop (production)";
    assert!(bench.get_by_label(verb).accesskit_node().is_disabled());
    assert!(!bench.get_by_label("Only check").accesskit_node().is_disabled());
    bench.get_by_label("Unlock changes").click();
    bench.run();
    assert!(!bench.get_by_label(verb).accesskit_node().is_disabled());
    let commands = bench.state_mut().session.act(start(false));
    let [Command::Upload(UploadCommand::Start { upload, .. })] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!(upload.consent, Consent::named("Shop"));
}

/// A key that an environment is not known by is taken when the environment is named, and another's never.
#[test]
fn a_new_key_is_adopted_by_name() {
    let mut session = with_products(0);
    let paths = tempfile::tempdir().unwrap();
    let (registry, _) = Registry::open(Paths::under(paths.path()));
    let mut environments = Vec::new();
    for (name, key) in [("Shop", "shop-key-0123456789"), ("Other", "other-key-0123456789")] {
        let environment = Environment {
            name: name.to_owned(),
            kind: EnvironmentKind::Development,
            base_url: "https://api.askmiso.com".to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        let changed = registry.save(environment, Some(ApiKey::new(key)), None);
        environments = changed.unwrap().environments;
    }
    session.on(Event::Settings(SettingsEvent::Environments {
        environments,
        notice: None,
    }));
    let mut bench = dialog(session, Dialog::Environment(Some("Shop".to_owned())));
    write(&mut bench, "Secret key", "other-key-0123456789");
    bench.run();
    bench.get_by_label("This key is Other's; on one server, the key is the environment");
    bench.get_by_label("Save").click();
    bench.run();
    assert!(bench.state().actions.is_empty());
    write(&mut bench, "Secret key", "-renewed");
    bench.run();
    let confirm = "This is another key than the one Shop is known by. Type Shop if it is its new one";
    bench.get_by_label("Save").click();
    bench.run();
    assert!(bench.state().actions.is_empty());
    write(&mut bench, confirm, "Shop");
    bench.run();
    bench.get_by_label("Save").click();
    bench.run();
    let saved = bench.state().actions.iter().find_map(|action| match action {
        Action::Settings(SettingsAction::SaveEnvironment { key, confirmed, .. }) => {
            Some((key.clone(), confirmed.clone()))
        }
        _ => None,
    });
    let renewed = ApiKey::new("other-key-0123456789-renewed");
    assert_eq!(saved, Some((Some(renewed), Some("Shop".to_owned()))));
}

/// The network between reads what is not encrypted: that is said, and meant before the environment is kept.
#[test]
fn an_address_without_encryption_is_meant() {
    let mut bench = dialog(with_products(0), Dialog::Environment(None));
    let allowed = |bench: &Bench| {
        bench.state().actions.iter().find_map(|action| match action {
            Action::Settings(SettingsAction::SaveEnvironment { environment, .. }) => Some(environment.allows_http),
            _ => None,
        })
    };
    let tick = "Send them unencrypted all the same";
    write(&mut bench, "Name", "Shop");
    write(&mut bench, "Secret key", "shop-key-0123456789");
    assert!(bench.query_by_label(tick).is_none());
    bench.get_by_label("Base URL").focus();
    bench.key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::A);
    bench.run();
    write(&mut bench, "Base URL", "http://shop.example");
    bench.run();
    bench.get_by_label("Without https the network between can read the key and all records");
    bench.get_by_label("Save").click();
    bench.run();
    assert_eq!(allowed(&bench), None);
    bench.get_by_label("Use https://, or tick this if it is meant");
    bench.get_by_label(tick).click();
    bench.run();
    // Another address is another question.
    write(&mut bench, "Base URL", ":81");
    bench.run();
    bench.get_by_label("Save").click();
    bench.run();
    assert_eq!(allowed(&bench), None);
    bench.get_by_label(tick).click();
    bench.run();
    // Enter in a field saves too.
    write(&mut bench, "Name", "s");
    bench.key_press(Key::Enter);
    bench.run();
    assert_eq!(allowed(&bench), Some(true));
}

#[test]
fn only_the_local_server_is_made_to_fail_and_it_is_seen() {
    let rehearsed = |bench: &Bench| {
        let faults = bench.state().actions.iter().rev().find_map(|action| match action {
            Action::Stored(StoredAction::Rehearse(faults)) => Some(faults.clone()),
            _ => None,
        });
        faults.unwrap()
    };
    let mut bench = stored(with_products(3));
    bench.get_by_label("Rehearse…").click();
    bench.run_steps(3);
    assert_eq!(bench.state().session.dialog, Some(Dialog::Rehearse));
    bench.get_by_label("Asking the local server…");
    let known = Faults::default().with(FaultKind::DropAfter, 0.25);
    bench.state_mut().session.on(rehearsing(known.clone()));
    bench.run();
    assert!(bench.get_by_label("Apply").accesskit_node().is_disabled());
    bench.get_by_label("Fails on purpose");
    bench
        .get_all_by_label("Connection breaks before storing")
        .find(|node| node.accesskit_node().role() == Role::SpinButton)
        .unwrap()
        .focus();
    bench.run_steps(2);
    for _ in 0..5 {
        bench.key_press(Key::ArrowUp);
        bench.run_steps(1);
    }
    bench.get_by_label("Apply").click();
    bench.run();
    let wanted = rehearsed(&bench);
    assert!(wanted.of(FaultKind::DropBefore) > 0.0, "{wanted:?}");
    assert_eq!(
        wanted.probability.get(&FaultKind::DropAfter),
        known.probability.get(&FaultKind::DropAfter)
    );
    assert_eq!(bench.state().session.dialog, None);

    bench.state_mut().session.on(rehearsing(wanted));
    bench.run();
    bench.get_by_label("Rehearse…").click();
    bench.run_steps(3);
    bench.state_mut().session.on(rehearsing(known));
    // The dialog grows around its middle.
    bench.run_steps(6);
    bench.get_by_label("All off").click_accesskit();
    bench.run();
    assert!(rehearsed(&bench).are_off(), "{:?}", bench.state().actions);
    bench.state_mut().session.on(rehearsing(Faults::default()));
    production(&mut bench.state_mut().session);
    bench.run_steps(3);
    assert!(bench.query_by_label("Rehearse…").is_none());
    assert!(bench.query_by_label("Fails on purpose").is_none());
}

#[test]
fn interactions_are_listed_or_it_is_said_why_not() {
    let mut bench = stored(with_interactions(12));
    bench
        .get_by_label_contains("Interaction 3, product_detail_page_view, u-2,")
        .click();
    bench.run();
    bench.get_by_label("Interaction 3");
    let mut session = with_interactions(0);
    let read = StoredEvent::Interactions {
        page: Err(WorkError {
            reason: "This server cannot list interactions; only the local server can".to_owned(),
            kind: WorkErrorKind::Unsupported,
        }),
        first: true,
    };
    session.on(Event::Stored(LOCAL.to_owned(), read));
    let mut bench = stored(session);
    bench.get_by_label("Stored interactions cannot be shown");
    write(&mut bench, "Ids of users whose interactions to delete", "u-1, u-2");
    bench.run();
    bench.get_by_label("Delete by user id…").click();
    bench.run();
    let set = bench.state().session.stored.set(Dataset::Interactions);
    assert_eq!(set.selected.len(), 2);
    assert_eq!(
        bench.state().session.dialog,
        Some(Dialog::Delete(Dataset::Interactions))
    );
}

#[test]
fn a_wipes_result_stays_until_it_is_dismissed() {
    let mut session = with_products(3);
    session.act(Action::Stored(StoredAction::Wipe {
        typed: LOCAL.to_owned(),
    }));
    let wiped = StoredEvent::Wiped(vec![
        (Dataset::Products, Ok(3)),
        (Dataset::Interactions, Err("No way".into())),
    ]);
    session.on(Event::Stored(LOCAL.to_owned(), wiped));
    let counts = Dataset::ALL.map(|dataset| (dataset, Ok(Some(0)))).to_vec();
    session.on(Event::Stored(LOCAL.to_owned(), StoredEvent::Counted(counts)));
    let mut bench = stored(session);
    bench.get_by_label("Not everything in Local could be deleted");
    bench.get_by_label("Interactions: No way");
    bench.get_by_label("Dismiss").click();
    bench.run_steps(3);
    assert!(bench.state().session.stored.wipe.is_none());
}

#[test]
fn an_environment_is_kept_only_when_it_can_be_used() {
    let mut bench = dialog(with_products(0), Dialog::Environment(None));
    bench.get_by_label("Save").click();
    bench.run();
    bench.get_by_label("An environment needs a name");
    bench.get_by_label("Paste the secret key, which is found in the service's dashboard");
    write(&mut bench, "Name", "local");
    bench.run();
    bench.get_by_label("There is an environment Local already; choose another name");
    assert!(bench.state().actions.is_empty());
    write(&mut bench, "Name", " two");
    write(&mut bench, "Secret key", "0123456789abcdef");
    bench.run();
    bench.get_by_label("Save").click();
    bench.run();
    let saved = bench.state().actions.iter().find_map(|action| match action {
        Action::Settings(SettingsAction::SaveEnvironment { environment, key, .. }) => {
            Some((environment.clone(), key.clone()))
        }
        _ => None,
    });
    let (environment, key) = saved.unwrap();
    assert_eq!(
        (environment.name.as_str(), environment.kind),
        ("local two", EnvironmentKind::Development)
    );
    assert_eq!(environment.base_url, "https://api.askmiso.com/v1");
    assert_eq!(key.unwrap().reveal(), "0123456789abcdef");
    assert!(!format!("{:?}", bench.state().dialogs).contains("0123456789"));
}

#[test]
fn a_column_is_sent_to_another_field() {
    let mut bench = mapped("sku,Name of it,pages\n1,Lamp,12\n2,Mat,30\n", Dataset::Products);
    bench
        .get_by_label("Field of Name of it: custom_attributes.Name of it")
        .click();
    bench.run_steps(3);
    write(&mut bench, "Find a field", "title");
    bench.run_steps(3);
    bench.get_by_label("title").click();
    bench.run_steps(3);
    let choice = bench.state().actions.iter().find_map(|action| match action {
        Action::Mapping(_, MappingAction::Map { column, path, .. }) => Some((*column, path.clone())),
        _ => None,
    });
    assert_eq!(choice, Some((1, Some("title".to_owned()))));
    bench.get_by_label("Field of Name of it: title");
}

#[test]
fn a_custom_attributes_type_can_be_chosen() {
    let mut bench = mapped("sku,pages\n1,12\n2,30\n", Dataset::Products);
    bench.get_by_label("Details of pages").click();
    bench.run_steps(3);
    bench.get_by_label("Type of pages").click();
    bench.run_steps(3);
    bench.get_by_label("Text").click();
    bench.run_steps(3);
    let choice = bench.state().actions.iter().find_map(|action| match action {
        Action::Mapping(
            _,
            MappingAction::Map {
                column, custom_type, ..
            },
        ) => Some((*column, *custom_type)),
        _ => None,
    });
    assert_eq!(choice, Some((1, Some(CustomType::Text))));
}

#[test]
fn a_missing_required_field_is_said_and_chosen() {
    let mut bench = mapped("code nr,colour\n1,red\n", Dataset::Products);
    bench.get_by_label("No column is product_id, which every product needs");
    bench.get_by_label("Choose the column for product_id").click();
    bench.run_steps(3);
    bench.get_by_role_and_label(Role::Button, "code nr").click();
    bench.run_steps(3);
    assert!(bench.query_by_label_contains("No column is product_id").is_none());
}

#[test]
fn suggestions_are_accepted_by_a_click() {
    let csv = "sku,price,made\n1,\"12,50\",03/04/2024\n2,\"7,25\",05/04/2024\n3,8,6/4/2024\n";
    let mut bench = mapped(csv, Dataset::Products);
    bench
        .get_by_label("Accept: Number with decimal comma for price")
        .click();
    bench.run_steps(3);
    bench.get_by_label("Values of price: Number with decimal comma");
    bench.get_by_label("Details of price").click();
    bench.run_steps(3);
    bench.get_by_label("all 3 of the first fit");
    // Which number is the day is asked, not guessed.
    bench.get_by_label("Accept: made is 4 Mar 2024");
    bench.get_by_label("Accept: made is 3 Apr 2024").click();
    bench.run_steps(3);
    bench.get_by_label("Values of made: Date, day first");
}

#[test]
fn values_are_replaced_in_a_table() {
    let mut bench = mapped("sku,availability\n1,here\n2,gone\n3,here\n", Dataset::Products);
    bench.get_by_label("Values of availability: As they are").click();
    bench.run_steps(3);
    bench.get_by_label("Replace certain values…").click();
    bench.run_steps(3);
    bench.get_by_label("What here becomes").click();
    bench.run_steps(3);
    bench.get_by_label("IN_STOCK").click();
    bench.run_steps(3);
    bench.get_by_label("Use these values").click();
    bench.run_steps(3);
    bench.get_by_label("Values of availability: Value table, 1 value");
    bench.get_by_label("Details of availability").click();
    bench.run_steps(3);
    bench.get_by_label("2 of 3 of the first fit");
}

#[test]
fn an_upload_says_what_it_will_do() {
    let session = || doc("product_id,title\na,Lamp\nb,\n,Mat\na,Chair\n", Dataset::Products);
    let id = session().documents.first().unwrap().id;
    let mut bench = dialog(session(), Dialog::Upload(id));
    bench.get_by_label("Upload catalog.csv to Local?");
    bench.get_by_label("rows in the file");
    bench.get_by_label("left out, with errors");
    bench.get_by_label("Upload 3 products to Local").click();
    bench.run();
    let Some(Action::Upload(UploadAction::Start {
        doc,
        write_options,
        dry_run,
    })) = bench.state().actions.last()
    else {
        panic!("{:?}", bench.state().actions)
    };
    assert_eq!(
        (*doc, *write_options, *dry_run),
        (id, WriteOptions::recommended(Dataset::Products), false)
    );
    let mut bench = dialog(session(), Dialog::Upload(id));
    bench.get_by_label("Only check").click();
    bench.run();
    let last = bench.state().actions.last();
    assert!(
        matches!(last, Some(Action::Upload(UploadAction::Start { dry_run: true, write_options, .. })) if !write_options.keep_replaced)
    );
}

#[test]
fn an_upload_of_nothing_is_refused_with_a_reason() {
    let session = doc("product_id,title\n,Lamp\n", Dataset::Products);
    let id = session.documents.first().unwrap().id;
    let bench = dialog(session, Dialog::Upload(id));
    assert!(
        bench
            .get_by_label("Upload 0 products to Local")
            .accesskit_node()
            .is_disabled()
    );
    bench.get_by_label_contains("There is nothing to send");
}

#[test]
fn closing_says_what_would_be_lost() {
    let mut session = doc("product_id,title\na,Lamp\n", Dataset::Products);
    let id = session.documents.first().unwrap().id;
    session.act(Action::Table(id, TableAction::Edit(vec![(0, 1, "Lantern".to_owned())])));
    let mut bench = dialog(session, Dialog::Close(id));
    bench.get_by_label("Close catalog.csv?");
    bench.get_by_label_contains("1 changed cell would be lost");
    bench.get_by_label("Close without saving").click();
    bench.run();
    assert!(matches!(
        bench.state().actions.last(),
        Some(Action::Table(_, TableAction::CloseAnyway))
    ));
}

#[test]
fn the_shortcuts_are_on_one_sheet() {
    let mut bench = dialog(with_products(0), Dialog::Shortcuts);
    bench.get_by_label("Next problem");
    bench.key_press(Key::Escape);
    bench.run();
    assert!(bench.state().session.dialog.is_none());
}
