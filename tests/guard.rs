//! The key is the environment: what is meant is what is changed, and what customers see is not changed by accident. Over a
//! service that has several environments at one address.

use tatami::{
    api::{ApiKey, Counts},
    domain::{dataset::Dataset, progress::Progress},
    ops::{
        Error,
        connect::{Destination, GivenKey, find},
        environments::Registry,
        guard::{ChangeKind, Consent, Guard, GuardError},
        history, resume, revert,
    },
    session::{Action, Notice, SettingsAction, StoredAction, UploadAction},
    settings::{Environment, EnvironmentKind, Paths},
    upload::UploadId,
};

use crate::{
    common::hosted::Hosted,
    home::{Ended, Home, ended},
    ui::World,
};

const DEV: &str = "dev-key-7f3a9c1e5b2d8046";
const PROD: &str = "prod-key-1b8e4d7a0c9f6352";
const OTHER: &str = "other-key-3c6a9f2e8d1b5074";

/// Two environments at one address, both known by their keys, each with products A and B.
struct Scene {
    home: Home,
    hosted: Hosted,
}

impl Scene {
    fn new() -> Self {
        let scene = Self {
            home: Home::new(),
            hosted: Hosted::start(&[("Dev", DEV), ("Prod", PROD), ("Other", OTHER)]),
        };
        scene.set_up("Dev", EnvironmentKind::Development, Some(DEV));
        scene.set_up("Prod", EnvironmentKind::Production, Some(PROD));
        let products = serde_json::json!([{"product_id": "A", "title": "Old"}, {"product_id": "B", "title": "Old"}]);
        for key in [DEV, PROD, OTHER] {
            scene.hosted.store(key, Dataset::Products, &products);
        }
        scene.home.file("catalog.csv", "product_id,title\nA,Lamp\nC,Mat\n");
        scene
    }

    fn paths(&self) -> Paths {
        Paths::under(&self.home.path("home"))
    }

    fn registry(&self) -> Registry {
        Registry::open(self.paths()).0
    }

    fn set_up(&self, name: &str, kind: EnvironmentKind, key: Option<&str>) {
        let environment = Environment {
            name: name.to_owned(),
            kind,
            base_url: self.hosted.url().to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        let registry = self.registry();
        registry.save(environment, key.map(ApiKey::new), None).unwrap();
    }

    /// Runs a command with all keys at hand, Prod's in the usual variable.
    fn run(&self, line: &str) -> Ended {
        let authority = self.hosted.url().trim_start_matches("http://");
        let line = line.replace("URL", self.hosted.url()).replace("HOST", authority);
        let args: Vec<&str> = line.split(' ').collect();
        let mut command = self.home.command(&args);
        command
            .env("TATAMI_KEY", PROD)
            .env("DEV", DEV)
            .env("PROD", PROD)
            .env("OTHER", OTHER);
        let mut ended = ended(&mut command);
        for text in [&mut ended.out, &mut ended.err] {
            *text = text.replace(self.hosted.url(), "URL").replace(authority, "HOST");
        }
        for key in [DEV, PROD, OTHER] {
            assert!(!ended.all().contains(key), "{}", ended.all());
        }
        ended
    }

    fn products(&self, key: &str) -> Vec<String> {
        self.hosted.ids(key, Dataset::Products)
    }

    /// The command is refused with these words, and nothing is changed anywhere.
    #[track_caller]
    fn refuses(&self, line: &str, words: &[&str]) {
        let before = [DEV, PROD, OTHER].map(|key| self.products(key));
        let ended = self.run(line);
        assert_eq!(ended.code, 2, "{line}: {}", ended.all());
        for word in words {
            assert!(ended.err.contains(word), "{line}: no {word} in {}", ended.err);
        }
        assert_eq!([DEV, PROD, OTHER].map(|key| self.products(key)), before, "{line}");
    }

    #[track_caller]
    fn succeeds(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!(ended.code, 0, "{line}: {}", ended.all());
        ended.err + &ended.out
    }
}

/// With the name of one environment and the key of another, nothing is done to either.
#[test]
fn a_key_of_another_environment_is_refused_with_both_names() {
    let scene = Scene::new();
    for line in [
        "wipe --environment Dev --confirm Dev --key-env PROD",
        "delete products A --environment Dev --confirm Dev --key-env PROD",
        "upload catalog.csv --environment Dev --production --key-env PROD",
        "upload catalog.csv --dry-run --environment Dev --key-env PROD",
        "ids products --environment Dev --key-env PROD",
    ] {
        scene.refuses(line, &["Prod's", "Dev's", "pro…352"]);
        assert!(scene.hosted.seen().is_empty(), "{line}");
    }
    // A key that nobody has said to be Dev's is not taken for it either.
    scene.refuses(
        "wipe --environment Dev --confirm Dev --key-env OTHER",
        &["Dev is known by another key", "tatami whoami --adopt Dev"],
    );
    // The usual variable may hold any environment's key, and says nothing about the one that is named.
    scene.refuses(
        "wipe --environment Dev --confirm Dev",
        &["no key for Dev", "--key-env TATAMI_KEY"],
    );
    assert!(scene.hosted.seen().is_empty());
    // The window takes no other's key either.
    let registry = scene.registry();
    let dev = Environment {
        name: "Dev".to_owned(),
        kind: EnvironmentKind::Development,
        base_url: scene.hosted.url().to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    let refused = registry.save(dev.clone(), Some(ApiKey::new(PROD)), Some("Dev"));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("Prod's") && refused.contains("Dev's"), "{refused}");
    // A new key is taken when the environment is named.
    assert!(registry.save(dev.clone(), Some(ApiKey::new(OTHER)), None).is_err());
    registry.save(dev, Some(ApiKey::new(OTHER)), Some("Dev")).unwrap();
    scene.succeeds("ids products --environment Dev --key-env OTHER");
    scene.succeeds("ids products --environment Dev --key-env DEV");
}

/// The key says which environment is meant, whatever address it is used at; Production is guarded in every way.
#[test]
fn production_is_guarded_by_whatever_way_it_is_reached() {
    let scene = Scene::new();
    for way in [
        "--environment Prod --key-env PROD",
        "--url URL",
        "--url URL --key-env PROD",
    ] {
        for (line, words) in [
            (format!("delete products A {way}"), ["Prod", "--confirm Prod"]),
            (
                format!("delete products A --yes {way}"),
                ["Prod (URL, key pro…352)", "1 product"],
            ),
            (
                format!("delete products A --confirm Dev {way}"),
                ["not \"Dev\"", "--confirm Prod"],
            ),
            (format!("wipe --confirm Dev {way}"), ["not \"Dev\"", "--confirm Prod"]),
            (format!("wipe --confirm Prod {way}"), ["Prod", "--production"]),
            (format!("upload catalog.csv {way}"), ["Prod", "--production"]),
            (format!("upload catalog.csv --merge {way}"), ["Prod", "--production"]),
        ] {
            scene.refuses(&line, &words);
        }
        // What changes nothing is not guarded.
        scene.succeeds(&format!("upload catalog.csv --dry-run {way}"));
        scene.succeeds(&format!("ids products {way}"));
    }
    let said = scene.succeeds("delete products B --url URL --confirm Prod");
    assert!(
        said.contains("This will delete 1 product from Prod (URL, key pro…352)"),
        "{said}"
    );
    assert_eq!(scene.products(PROD), ["A"]);
    scene.succeeds("upload catalog.csv --environment Prod --key-env PROD --production");
    assert_eq!(scene.products(PROD), ["A", "C"]);
    scene.refuses("undo 1 --yes --key-env PROD", &["--confirm Prod"]);
    scene.succeeds("undo 1 --confirm Prod --key-env PROD");
    assert_eq!(scene.products(PROD), ["A"]);
    // Development, with its own key, asks once.
    scene.succeeds("delete products A --yes --environment Dev --key-env DEV");
    assert_eq!(scene.products(DEV), ["B"]);
}

/// What nobody set up may be anything: it is guarded, on this machine as elsewhere, unless its store is this user's own.
#[test]
fn what_nobody_set_up_counts_as_production() {
    let scene = Scene::new();
    scene.refuses(
        "delete products A --yes --url URL --key-env OTHER",
        &["no environment that was set up", "--confirm HOST"],
    );
    scene.refuses("upload catalog.csv --url URL --key-env OTHER", &["--production"]);
    scene.succeeds("delete products A --url URL --key-env OTHER --confirm HOST");
    assert_eq!(scene.products(OTHER), ["B"]);
    // Of this user's own server, the store is known: with its kept key, or with a given one.
    let server = scene.home.serve();
    for args in [
        ["upload", "catalog.csv", "--url", &server.url].as_slice(),
        &["undo", "1", "--yes"],
        &["wipe", "--confirm", "local", "--url", &server.url],
    ] {
        let ended = scene.home.run(args);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
}

/// An upload is gone on with, and taken back, where it went: the key says so.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_belongs_to_the_environment_of_its_key() {
    let scene = Scene::new();
    scene.succeeds("upload catalog.csv --environment Dev --key-env DEV");
    assert_eq!(scene.products(DEV), ["A", "B", "C"]);
    for way in ["--url URL --key-env PROD", "--environment Prod --key-env PROD"] {
        scene.refuses(
            &format!("undo 1 --confirm Prod {way}"),
            &["upload 1 went to Dev", "Prod (URL, key"],
        );
        scene.refuses(
            &format!("upload catalog.csv --rest-of 1 --production {way}"),
            &["went to Dev", "Prod (URL"],
        );
    }
    // The use cases say it themselves, to the window as to the command line.
    let paths = scene.paths();
    let past = history::upload(&paths, UploadId(1)).unwrap();
    let given = GivenKey {
        key: ApiKey::new(PROD),
        is_explicit: true,
    };
    let prod = find(&paths, &Destination::named("Prod"), Some(given), false)
        .await
        .unwrap()
        .connection;
    let permit = prod.allow(ChangeKind::Delete, &Consent::named("Prod")).unwrap();
    let refused = [
        prod.ensure_target_of(&past).await.unwrap_err(),
        revert::preview(&prod, &paths, UploadId(1), &Progress::default())
            .await
            .unwrap_err(),
        revert::begin(&permit, &paths, UploadId(1), true).await.err().unwrap(),
        resume::stored(&prod, &paths, UploadId(1)).await.unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, Error::OtherKey { .. }), "{error}");
    }
    // A new key of the same environment is as good.
    scene.succeeds("whoami --adopt Dev --key-env OTHER");
    let ended = scene.run("undo 1 --preview --environment Dev --key-env OTHER");
    assert!(ended.out.contains("Dev (URL)"), "{}", ended.all());
    scene.succeeds("undo 1 --yes --environment Dev --key-env DEV");
    assert_eq!(scene.products(DEV), ["A", "B"]);
}

/// What is left of an upload is sent where its beginning went.
#[test]
fn an_upload_goes_on_in_its_own_environment() {
    let scene = Scene::new();
    scene.succeeds("upload catalog.csv --environment Dev --key-env DEV");
    // As if it had been killed before its first request.
    let ledger = rusqlite::Connection::open(scene.home.path("home/data/uploads.sqlite")).unwrap();
    ledger
        .execute_batch("DELETE FROM entries; UPDATE uploads SET tally = NULL, tallied = NULL")
        .unwrap();
    drop(ledger);
    for way in ["--url URL --key-env PROD", "--environment Prod --key-env PROD"] {
        scene.refuses(&format!("upload --resume 1 {way}"), &["Prod (URL", "--production"]);
        scene.refuses(
            &format!("upload --resume 1 --production {way}"),
            &["upload 1 went to Dev", "Prod (URL"],
        );
    }
    // Its environment is found by the name that was written down, and the usual variable says nothing about it.
    scene.refuses("upload --resume", &["no key for Dev"]);
    scene.succeeds("upload --resume --key-env DEV");
    assert_eq!(scene.products(PROD), ["A", "B"]);
}

/// What was set up, or sent, by a version that knew no keys counts as Production until somebody says what it is.
#[test]
fn what_is_known_by_no_key_is_guarded_until_its_key_is_adopted() {
    let scene = Scene::new();
    scene.set_up("Old", EnvironmentKind::Development, None);
    let way = "--environment Old --key-env OTHER";
    scene.refuses(
        &format!("delete products A --yes {way}"),
        &["no key is known", "--confirm Old"],
    );
    scene.refuses(
        &format!("upload catalog.csv {way}"),
        &["no key is known", "--production"],
    );
    let connection = scene.hosted.connection("Old", OTHER);
    assert_eq!(connection.guard(), Guard::Open, "a test's own");
    let said = scene.run(&format!("whoami {way}"));
    assert_eq!(said.code, 1, "{}", said.all());
    scene.refuses("whoami --adopt Old --key-env DEV", &["Dev's", "Old's"]);
    let said = scene.succeeds("whoami --adopt Old --key-env OTHER");
    assert!(said.contains("Old"), "{said}");
    scene.succeeds(&format!("upload catalog.csv {way}"));
    // An upload from before keys were written down.
    let ledger = rusqlite::Connection::open(scene.home.path("home/data/uploads.sqlite")).unwrap();
    ledger.execute("UPDATE uploads SET key = NULL", []).unwrap();
    drop(ledger);
    scene.refuses(&format!("undo 1 --yes {way}"), &["without its key", "--confirm Old"]);
    scene.succeeds(&format!("undo 1 --confirm Old {way}"));
    assert_eq!(scene.products(OTHER), ["A", "B"]);
}

#[test]
fn whoami_says_which_environment_a_key_is() {
    let scene = Scene::new();
    insta::assert_snapshot!(scene.run("whoami --url URL --key-env DEV").all(), @"
    Dev (URL, key dev…046)
    [0]
    ");
    insta::assert_snapshot!(scene.run("whoami --url URL").all(), @"
    Prod (URL, key pro…352)
    Guarded: it is a Production environment, which customers see
    [0]
    ");
    insta::assert_snapshot!(scene.run("whoami --url URL --key-env OTHER").all(), @"
    HOST (URL, key oth…074)
    Guarded: it is no environment that was set up, so that it counts as Production
    [1]
    ");
    let ended = scene.home.run_with_input(
        &["whoami", "--url", scene.hosted.url(), "--key-stdin"],
        &format!("{DEV}\n"),
    );
    assert!(ended.out.starts_with("Dev ("), "{}", ended.all());
    let ended = scene
        .home
        .run_with_input(&["whoami", "--url", scene.hosted.url(), "--key-stdin"], "\n");
    assert_eq!(ended.code, 2, "{}", ended.all());
    for args in [
        ["upload", "-"].as_slice(),
        &["delete", "products", "--ids-from", "-", "--confirm", "Dev"],
    ] {
        let args = [args, &["--url", scene.hosted.url(), "--key-stdin"]].concat();
        let ended = scene.home.run_with_input(&args, &format!("{DEV}\nA\n"));
        assert_eq!(ended.code, 2, "{}", ended.all());
        assert!(ended.err.contains("cannot hold the key and the rest"), "{}", ended.err);
    }
    assert_eq!(scene.products(DEV), ["A", "B"]);
}

/// The window, with its real background: with the key of another environment nothing is kept, Production is locked, and
/// what is unlocked is that one.
#[test]
fn the_window_changes_nothing_in_production_before_it_is_unlocked() {
    let hosted = Hosted::start(&[("Dev", DEV), ("Prod", PROD)]);
    hosted.store(PROD, Dataset::Products, &serde_json::json!([{"product_id": "A"}]));
    let mut world = World::new();
    let act = |world: &mut World, action| world.harness.state_mut().act(action);
    let save = |name: &str, kind, key: &str| {
        Action::Settings(SettingsAction::SaveEnvironment {
            environment: Environment {
                name: name.to_owned(),
                kind,
                base_url: hosted.url().to_owned(),
                keys: Vec::new(),
                allows_http: false,
            },
            key: Some(ApiKey::new(key)),
            confirmed: None,
        })
    };
    act(&mut world, save("Prod", EnvironmentKind::Production, PROD));
    world.until("the environment is there", |app| app.session().environments.len() == 2);
    act(&mut world, save("Dev", EnvironmentKind::Development, PROD));
    world.until("it is refused", |app| {
        let said = |notice: &Notice| notice.text.contains("Prod's, not Dev's");
        app.session().notices.iter().any(said)
    });
    assert_eq!(world.harness.state().session().environments.len(), 2);
    act(
        &mut world,
        Action::Settings(SettingsAction::SwitchEnvironment("Prod".to_owned())),
    );
    let path = world.write("catalog.csv", "product_id,title\nB,Lamp\n");
    act(&mut world, Action::Open(vec![path]));
    world.settled();
    let doc = world.harness.state().session().documents[0].id;
    act(&mut world, Action::Upload(UploadAction::Ask(doc)));
    world.frames();
    // A disabled button sends nothing.
    world.click("Upload 1 product to Prod (production)");
    act(
        &mut world,
        Action::Stored(StoredAction::Wipe {
            typed: "Prod".to_owned(),
        }),
    );
    world.frames();
    assert_eq!(hosted.ids(PROD, Dataset::Products), ["A"]);
    world.click("Unlock changes");
    world.upload("Upload 1 product to Prod (production)");
    assert_eq!(hosted.ids(PROD, Dataset::Products), ["A", "B"]);
    assert_eq!(hosted.counts(DEV), Counts::default());
}

/// A permit is for what was said, not for more.
#[test]
fn consent_is_for_the_environment_that_was_named() {
    let scene = Scene::new();
    let registry = scene.registry();
    let prod = Environment {
        name: "Prod".to_owned(),
        kind: EnvironmentKind::Production,
        base_url: scene.hosted.url().to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    registry.save(prod, Some(ApiKey::new(PROD)), None).unwrap();
    let connection = registry.connect("Prod").unwrap();
    let production = Consent {
        production: true,
        ..Consent::default()
    };
    let is_allowed = |change, consent: &Consent| connection.allow(change, consent).is_ok();
    assert!(
        !is_allowed(ChangeKind::Store, &Consent::default()) && !is_allowed(ChangeKind::Delete, &Consent::default())
    );
    assert!(is_allowed(ChangeKind::Store, &production) && !is_allowed(ChangeKind::Delete, &production));
    assert!(
        is_allowed(ChangeKind::Store, &Consent::named("Prod"))
            && is_allowed(ChangeKind::Delete, &Consent::named("Prod"))
    );
    let other = connection
        .allow(ChangeKind::Delete, &Consent::named("prod"))
        .unwrap_err();
    assert!(matches!(other, GuardError::Another { .. }), "{other}");
    assert_eq!(
        scene.hosted.counts(PROD),
        Counts {
            products: 2,
            ..Counts::default()
        }
    );
}

/// One that was rebuilt after the record of uploads was lost does as well, as its snapshot says.
#[test]
fn an_upload_that_was_rebuilt_belongs_to_the_environment_of_its_key() {
    let scene = Scene::new();
    scene.succeeds("upload catalog.csv --environment Dev --key-env DEV");
    std::fs::remove_file(scene.home.path("home/data/uploads.sqlite")).unwrap();
    for line in [
        "uploads",
        "undo 1 --yes --environment Dev --key-env DEV",
        "upload catalog.csv --environment Dev --key-env DEV",
    ] {
        scene.refuses(line, &["tatami uploads --repair"]);
    }
    let repaired = scene.run("uploads --repair");
    assert_eq!(repaired.code, 1, "{}", repaired.all());
    scene.refuses(
        "undo 1 --confirm Prod --environment Prod --key-env PROD",
        &["upload 1 went to Dev", "Prod (URL, key"],
    );
    let undone = scene.run("undo 1 --yes --environment Dev --key-env DEV");
    assert!(undone.out.contains("2 undone"), "{}", undone.all());
    assert_eq!(scene.products(DEV), ["A", "B"]);
    // Nothing takes its number.
    scene.succeeds("upload catalog.csv --environment Dev --key-env DEV");
    assert!(scene.run("uploads").out.contains("   3  "));
}
