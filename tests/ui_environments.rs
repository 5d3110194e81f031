//! Environments one cannot mistake: what Production looks like, asks for and says, keys that are rejected, and results
//! that go when they are no longer true.

use std::time::Duration;

use crate::{
    common::{
        hosted::Hosted,
        panels::{Bench, dialog, doc, stored, with_products},
    },
    ui::World,
};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tatami::{
    api::ApiKey,
    domain::{dataset::Dataset, ids::DocumentId},
    message::{Command, Event, SettingsEvent, StoredEvent, UploadCommand, UploadEvent, WorkError, WorkErrorKind},
    session::{Action, Dialog, Place, Session, SettingsAction, Steer, StoredAction, UploadAction},
    settings::{Environment, EnvironmentKind},
    ui::app::App,
    upload::WriteOptions,
};

const MINUTE: Duration = Duration::from_mins(1);
const REJECTED: &str = "Shop's key was rejected (401): enter it again in Edit this environment…";

fn environment(name: &str, kind: EnvironmentKind, base_url: &str) -> Environment {
    Environment {
        name: name.to_owned(),
        kind,
        base_url: base_url.to_owned(),
        keys: Vec::new(),
        allows_http: false,
    }
}

fn shop() -> Environment {
    environment("Shop", EnvironmentKind::Production, "https://api.example.com")
}

fn know(session: &mut Session, environments: Vec<Environment>) -> Vec<Command> {
    session.on(Event::Settings(SettingsEvent::Environments {
        environments,
        notice: None,
    }))
}

fn settings(action: SettingsAction) -> Action {
    Action::Settings(action)
}

/// A session with a checked file that works with Production.
fn in_shop() -> Session {
    let mut session = doc("product_id,title\nA,Lamp\n", Dataset::Products);
    know(&mut session, vec![Environment::local(), shop()]);
    session.act(settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
    session
}

fn rejected<T>() -> Result<T, WorkError> {
    Err(WorkError {
        reason: "The server does not know this key".to_owned(),
        kind: WorkErrorKind::KeyRejected,
    })
}

fn start_of(doc: DocumentId) -> Action {
    Action::Upload(UploadAction::Start {
        doc,
        write_options: WriteOptions::default(),
        dry_run: false,
    })
}

fn start(session: &mut Session) -> Vec<Command> {
    session.act(start_of(session.documents[0].id))
}

#[test]
fn what_is_unlocked_locks_itself_and_a_running_upload_goes_on() {
    let mut session = in_shop();
    assert_eq!(session.unlocked_for(), None);
    session.pass_time(3 * MINUTE);
    session.act(Action::Stored(StoredAction::Unlock));
    assert_eq!(session.unlocked_for(), Some(15 * MINUTE));
    session.pass_time(14 * MINUTE);
    assert_eq!(session.unlocked_for(), Some(MINUTE));
    assert!(matches!(
        &start(&mut session)[..],
        [Command::Upload(UploadCommand::Start { .. })]
    ));
    session.pass_time(MINUTE);
    assert!(!session.may_delete());
    assert_eq!(session.unlocked_for(), None);
    assert!(session.is_busy() && session.documents[0].upload.is_some());
    // Locking by hand is the same.
    session.act(Action::Stored(StoredAction::Unlock));
    assert!(session.may_delete());
    session.act(Action::Stored(StoredAction::Lock));
    assert!(!session.may_delete());
}

#[test]
fn switching_to_production_is_deliberate() {
    let mut session = with_products(1);
    let stage = environment("Stage", EnvironmentKind::Playground, "https://api.example.com");
    know(&mut session, vec![Environment::local(), stage, shop()]);
    let choose = |name: &str| settings(SettingsAction::ChooseEnvironment(name.to_owned()));
    session.act(choose("Stage"));
    assert_eq!((session.environment.as_str(), &session.dialog), ("Stage", &None));
    session.act(choose("Shop"));
    assert_eq!(session.environment, "Stage");
    let asked = Dialog::Switch("Shop".to_owned());
    assert_eq!(session.dialog.as_ref(), Some(&asked));
    let mut bench = dialog(session, asked.clone());
    bench.get_by_label("Switch to Shop?");
    bench.get_by_label("It is production: uploads change what customers see.");
    // Cancel has the focus.
    bench.key_press(Key::Enter);
    bench.run_steps(3);
    assert!(matches!(bench.state().actions.as_slice(), [Action::CloseDialog]));
    bench.get_by_label("Switch").focus();
    bench.run_steps(3);
    bench.key_press(Key::Enter);
    bench.run_steps(3);
    assert_eq!(bench.state().session.environment, "Stage");
    bench.get_by_label("Switch").click();
    bench.run_steps(3);
    assert_eq!(bench.state().session.environment, "Shop");
    assert_eq!(bench.state().session.dialog, None);
    // Back is no question.
    bench.state_mut().session.act(choose("Local"));
    assert_eq!(bench.state().session.environment, "Local");
}

#[test]
fn production_is_not_uploaded_to_by_enter() {
    let mut session = in_shop();
    session.act(Action::Stored(StoredAction::Unlock));
    let id = session.documents[0].id;
    let mut bench = dialog(session, Dialog::Upload(id));
    let verb = "Upload 1 product to Shop (production)";
    let is_sent = |bench: &Bench| {
        let mut actions = bench.state().actions.iter();
        actions.any(|action| matches!(action, Action::Upload(UploadAction::Start { .. })))
    };
    bench.key_press(Key::Enter);
    bench.run();
    bench.get_by_label(verb).focus();
    bench.run();
    bench.key_press(Key::Enter);
    bench.run();
    assert!(!is_sent(&bench));
    bench.get_by_label(verb).click();
    bench.run();
    assert!(is_sent(&bench));
}

#[test]
fn a_rejected_key_disables_the_upload_until_it_is_entered_again() {
    let mut session = in_shop();
    let listed = |answer| Event::Stored("Shop".to_owned(), StoredEvent::Listed(Dataset::Products, answer));
    session.on(listed(Err("no network".into())));
    assert_eq!(session.key_refusal(), None);
    session.on(listed(rejected()));
    assert_eq!(session.key_refusal().as_deref(), Some(REJECTED));
    // Nothing is tried again by itself, and nothing is sent.
    assert!(session.act(Action::Show(Place::Stored(Dataset::Users))).is_empty());
    session.act(Action::Stored(StoredAction::Unlock));
    assert!(start(&mut session).is_empty());
    let id = session.documents[0].id;
    assert!(session.act(Action::Upload(UploadAction::Ask(id))).is_empty());
    assert_eq!(session.dialog, None);
    // Of another environment it says nothing.
    session.act(settings(SettingsAction::ChooseEnvironment("Local".to_owned())));
    assert_eq!(session.key_refusal(), None);
    session.act(settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
    assert_eq!(session.key_refusal().as_deref(), Some(REJECTED));

    let mut bench = stored(session);
    bench.get_by_label("What Shop stores cannot be shown");
    bench.get_by_label(REJECTED);
    assert!(
        bench
            .get_by_label("Delete everything in Shop…")
            .accesskit_node()
            .is_disabled()
    );
    bench.get_by_label("Edit Shop…").click();
    bench.run_steps(4);
    let session = &mut bench.state_mut().session;
    assert_eq!(session.dialog, Some(Dialog::Environment(Some("Shop".to_owned()))));
    session.act(settings(SettingsAction::SaveEnvironment {
        environment: shop(),
        key: Some(ApiKey::new("another-key-0123456789")),
        confirmed: None,
    }));
    // The new key is not kept yet.
    assert!(session.key_refusal().is_some());
    let commands = know(session, vec![Environment::local(), shop()]);
    assert_eq!(session.key_refusal(), None);
    assert!(!commands.is_empty(), "what is stored is asked for with the new key");
    // At another address there is another server.
    session.on(listed(rejected()));
    let elsewhere = environment("Shop", EnvironmentKind::Production, "https://other.example.com");
    session.act(Action::Stored(StoredAction::Unlock));
    session.act(save(elsewhere.clone()));
    assert!(session.key_refusal().is_some());
    know(session, vec![Environment::local(), elsewhere]);
    assert_eq!(session.key_refusal(), None);
}

fn save(environment: Environment) -> Action {
    settings(SettingsAction::SaveEnvironment {
        environment,
        key: None,
        confirmed: None,
    })
}

#[test]
fn a_locked_environment_stays_what_it_is() {
    let mut session = in_shop();
    let lowered = environment("shop ", EnvironmentKind::Development, "api.example.com/v1/");
    let elsewhere = environment("Shop", EnvironmentKind::Production, "https://other.example.com");
    let why = "Shop is locked; unlock it in the menu Environment before you change its kind or address";
    for changed in [&lowered, &elsewhere] {
        assert!(session.act(save(changed.clone())).is_empty());
        assert_eq!(session.notices.last().unwrap().text, why);
    }
    // As it is, however its address is written, it can be saved.
    let same = environment("Shop", EnvironmentKind::Production, "api.example.com/v1/");
    assert_eq!(session.act(save(same.clone())).len(), 1);
    // Saved as something else, or removed, it is locked again.
    for changed in [elsewhere, lowered] {
        session.act(Action::Stored(StoredAction::Unlock));
        assert_eq!(session.act(save(same.clone())).len(), 1);
        assert!(session.may_delete());
        assert_eq!(session.act(save(changed)).len(), 1);
        assert!(!session.may_delete());
    }
    session.act(Action::Stored(StoredAction::Unlock));
    session.act(settings(SettingsAction::RemoveEnvironment("Shop".to_owned())));
    session.act(settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
    assert!(!session.may_delete());
}

#[test]
fn the_form_asks_for_the_lock_and_then_for_a_click() {
    let mut bench = dialog(in_shop(), Dialog::Environment(Some("Shop".to_owned())));
    let is_saved = |bench: &Bench| {
        let mut actions = bench.state().actions.iter();
        actions.any(|action| matches!(action, Action::Settings(SettingsAction::SaveEnvironment { .. })))
    };
    bench.get_by_label("Base URL").focus();
    bench.run_steps(2);
    bench.get_by_label("Base URL").type_text(".org");
    bench.run_steps(3);
    bench.get_by_label("Shop is locked; unlock it in the menu Environment before you change its kind or address");
    assert!(bench.get_by_label("Save Shop").accesskit_node().is_disabled());
    bench.state_mut().session.act(Action::Stored(StoredAction::Unlock));
    bench.run_steps(3);
    bench.get_by_label("Base URL").focus();
    bench.key_press(Key::Enter);
    bench.run_steps(3);
    assert!(!is_saved(&bench));
    bench.get_by_label("Save Shop").click();
    bench.run_steps(3);
    assert!(is_saved(&bench));
}

/// Going on with an upload changes what customers see as much as beginning it.
#[test]
fn production_is_not_gone_on_with_by_enter() {
    let key = "prod-key-0123456789";
    let hosted = Hosted::start(&[("Prod", key)]);
    let mut world = World::opened();
    let act = |world: &mut World, action| world.harness.state_mut().act(action);
    let known = environment("Prod", EnvironmentKind::Production, hosted.url());
    act(
        &mut world,
        settings(SettingsAction::SaveEnvironment {
            environment: known,
            key: Some(ApiKey::new(key)),
            confirmed: Some("Prod".to_owned()),
        }),
    );
    world.until("the environment is there", |app| app.session().environments.len() == 2);
    act(
        &mut world,
        settings(SettingsAction::SwitchEnvironment("Prod".to_owned())),
    );
    act(&mut world, Action::Stored(StoredAction::Unlock));
    let doc = world.document().id;
    act(&mut world, start_of(doc));
    act(&mut world, Action::Upload(UploadAction::Steer(doc, Steer::Pause)));
    world.frames();
    world.click("Stop");
    let has_ended = |app: &App| {
        let upload = app.session().document().unwrap().upload.as_ref();
        upload.is_some_and(|upload| upload.report.is_some())
    };
    world.until("it has stopped", has_ended);
    let resume = "Resume in Prod (production)";
    world.harness.get_by_label(resume).focus();
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    assert_eq!(world.document().id, doc);
    assert!(hosted.ids(key, Dataset::Products).is_empty());
    world.click(resume);
    world.until("it has ended", has_ended);
    assert!(!hosted.ids(key, Dataset::Products).is_empty());
}

#[test]
fn a_key_that_is_answered_again_is_not_rejected() {
    let mut session = in_shop();
    let counted = |answers: [Result<Option<u64>, WorkError>; 3]| {
        let counts = Dataset::ALL.into_iter().zip(answers).collect();
        Event::Stored("Shop".to_owned(), StoredEvent::Counted(counts))
    };
    session.on(counted([rejected(), Ok(None), rejected()]));
    assert_eq!(session.key_refusal().as_deref(), Some(REJECTED));
    // That interactions cannot be counted is known without asking.
    session.on(counted([Err("no network".into()), Ok(None), Err("no network".into())]));
    assert!(session.key_refusal().is_some());
    assert!(
        !session.act(Action::Stored(StoredAction::Refresh)).is_empty(),
        "a person may try"
    );
    session.on(counted([Ok(Some(3)), Ok(None), Ok(Some(0))]));
    assert_eq!(session.key_refusal(), None);
    // An upload that could not begin says it as well.
    session.act(Action::Stored(StoredAction::Unlock));
    let commands = start(&mut session);
    let [Command::Upload(UploadCommand::Start { request, .. })] = &commands[..] else {
        panic!("{commands:?}")
    };
    let failed = UploadEvent::Failed(*request, rejected::<()>().unwrap_err());
    session.on(Event::Upload(failed));
    assert_eq!(session.key_refusal().as_deref(), Some(REJECTED));
}

/// The whole window: its bar, its badge, its button; over a service that tells environments apart by their keys.
#[test]
fn production_is_seen_and_a_wrong_key_is_said() {
    let key = "prod-key-0123456789";
    let hosted = Hosted::start(&[("Prod", key)]);
    let mut world = World::opened();
    let save = |key: &str| {
        settings(SettingsAction::SaveEnvironment {
            environment: environment("Prod", EnvironmentKind::Production, hosted.url()),
            key: Some(ApiKey::new(key)),
            confirmed: Some("Prod".to_owned()),
        })
    };
    world.harness.state_mut().act(save("wrong-key-0123456789"));
    world.until("the environment is there", |app| app.session().environments.len() == 2);
    world.click("Environment Local, on this computer");
    world.harness.get_by_label_contains("production").click();
    world.frames();
    assert!(world.sees("Switch to Prod?"));
    world.click("Switch");
    world.until("the key is rejected", |app| app.session().key_refusal().is_some());
    assert!(world.sees("Environment Prod, production") && world.sees("locked"));
    let upload = world.harness.get_by_label("Upload to Prod (production)…");
    assert!(upload.accesskit_node().is_disabled());

    world.harness.state_mut().act(save(key));
    world.until("the key is accepted", |app| {
        let session = app.session();
        session.key_refusal().is_none() && session.stored.set(Dataset::Products).count.value().is_some()
    });
    world.click("Upload to Prod (production)…");
    world.click("Unlock changes");
    assert!(world.sees("unlocked, 15 min left"));
    world.upload("Upload 2 products to Prod (production)");
    assert!(world.sees("Upload ended: 2 products stored in Prod"));
    world.click("Environment Prod, production");
    world.click("Lock now");
    assert!(!world.sees("min left"));

    // What is deleted is not called stored any more.
    world.harness.state_mut().act(Action::Stored(StoredAction::Unlock));
    world.harness.state_mut().act(Action::Stored(StoredAction::Wipe {
        typed: "Prod".to_owned(),
    }));
    world.until("it is deleted", |app| {
        let wipe = app.session().stored.wipe.as_ref();
        wipe.is_some_and(|wipe| wipe.outcome.is_some())
    });
    assert!(!world.sees("Upload ended"));
}
