//! `tatami environments`: set up, tested and forgotten on the command line as in the window.
#![cfg(unix)]

use std::fs;

use axum::{Json, Router, http::StatusCode};
use serde_json::{Value, json};
use tatami::{
    domain::dataset::Dataset,
    ops::audit::{AuditFilter, list},
    settings::Paths,
};
use tokio::net::TcpListener;

use crate::{
    common::hosted::Hosted,
    home::{Home, ended, without_keys},
};

const DEV: &str = "secret-key-of-the-dev-environment-000001";
const PROD: &str = "secret-key-of-the-prod-environment-00002";

/// Runs a command with both keys in variables.
fn with_keys(home: &Home, hosted: &Hosted, command: &str) -> String {
    let words: Vec<String> = command
        .split_whitespace()
        .map(|word| word.replace("URL", hosted.url()))
        .collect();
    let ended = ended(
        home.command(&words.iter().map(String::as_str).collect::<Vec<_>>())
            .env("DEV", DEV)
            .env("PROD", PROD),
    );
    let host = hosted.url().trim_start_matches("http://");
    let all = without_keys(&ended.all().replace(hosted.url(), "URL").replace(host, "HOST"));
    assert!(!all.contains(DEV) && !all.contains(PROD), "{all}");
    let lines = all.lines().map(|line| match line.split_once(" ms, ") {
        Some((_, way)) => format!("  reached       in TIME, {way}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn environments_are_added_listed_tested_and_forgotten() {
    let home = Home::new();
    let hosted = Hosted::start(&[("Dev", DEV), ("Prod", PROD)]);
    hosted.store(
        DEV,
        Dataset::Products,
        &json!([{"product_id": "A"}, {"product_id": "B"}]),
    );
    hosted.list_users(true);
    let run = |command: &str| with_keys(&home, &hosted, command);
    insta::assert_snapshot!(run("environments add Dev --kind development --url URL/v1 --key-env DEV"), @"
    Dev (URL, key KEY) is set up as Development
    TATAMI_HOME is set, so the key is kept for this session only, which has ended: give it to commands with --key-env or --key-stdin
    [0]
    ");
    insta::assert_snapshot!(run("environments add Shop --kind production --url URL --no-key"), @"
    Shop (URL, no key) is set up as Production
    [0]
    ");
    insta::assert_snapshot!(run("environments list"), @"
    Local  Local        http://127.0.0.1:8700  tatami serve
    Dev    Development  URL
    Shop   Production   URL  no key is known yet, so that it counts as Production
    [0]
    ");
    let all: Value = serde_json::from_str(&home.run(&["environments", "list", "--json"]).out).unwrap();
    assert_eq!(all[1]["name"], json!("Dev"));
    assert_eq!(all[1]["keys_known"], json!(1));
    insta::assert_snapshot!(run("environments test dev --key-env DEV"), @"
    Dev (URL, key KEY)
      reached       in TIME, not encrypted, on this machine
      may           read
      may           send products and users
      may           send interactions
      products      2 stored
      interactions  cannot be counted on this server
      users         0 stored
    [0]
    ");
    assert_eq!(hosted.counts(DEV).products, 2, "a test stores nothing");
    assert_eq!(hosted.counts(DEV).interactions, 0, "a test stores nothing");
    insta::assert_snapshot!(run("environments test --url URL --key-env PROD"), @"
    HOST (URL, key KEY)
      reached       in TIME, not encrypted, on this machine
      may           read
      may           send products and users
      may           send interactions
      guarded       it is no environment that was set up, so that it counts as Production
      products      0 stored
      interactions  cannot be counted on this server
      users         0 stored
    [0]
    ");
    insta::assert_snapshot!(run("environments remove Dev"), @"
    tatami: this would forget Dev (URL) and its key; add --yes if that is meant
    [2]
    ");
    insta::assert_snapshot!(run("environments remove DEV --yes"), @"
    Dev is forgotten; what it stores stays
    [0]
    ");
    insta::assert_snapshot!(run("environments remove Dev --yes"), @r#"
    tatami: there is no environment "Dev" to forget; there are Shop
    [2]
    "#);
    let logged = list(&Paths::under(&home.path("home")), &AuditFilter::default()).unwrap();
    let actions: Vec<&str> = logged.changes.iter().map(|change| change.begun.action.name()).collect();
    assert_eq!(
        actions,
        ["add-environment", "add-key", "add-environment", "remove-environment"]
    );
}

#[test]
fn what_cannot_be_set_up_or_tested_is_said() {
    let home = Home::new();
    let hosted = Hosted::start(&[("Dev", DEV)]);
    let run = |command: &str| with_keys(&home, &hosted, command);
    run("environments add Dev --kind development --url URL --key-env DEV");
    insta::assert_snapshot!(run("environments add dev --kind production --url URL --key-env PROD"), @"
    tatami: Dev is set up already; nothing was changed
    [2]
    ");
    insta::assert_snapshot!(run("environments add Other --kind production --url URL --key-env DEV"), @"
    tatami: the key secr…0001 is Dev's, not Other's; nothing was changed
    [2]
    ");
    insta::assert_snapshot!(run("environments add local --kind production --url URL --key-env PROD"), @"
    tatami: The local environment is there already; choose another name
    [2]
    ");
    insta::assert_snapshot!(run("environments add X --kind production --url ftp://x --key-env PROD"), @"
    tatami: The address of the server cannot be used: it must start with https:// or http://
    [2]
    ");
    insta::assert_snapshot!(run("environments add X --kind production --url http://shop.example --key-env PROD"), @"
    tatami: http://shop.example is not encrypted: the network between could read the key and all records. Use https://, or add --allow-http if that is meant
    [2]
    ");
    insta::assert_snapshot!(run("environments add X --kind production --url URL"), @"
    tatami: there is no key; put it into a variable and name that with --key-env, give it to --key-stdin, or add --no-key
    [2]
    ");
    insta::assert_snapshot!(run("environments add X --kind production --url URL --key-env NONE"), @"
    tatami: the variable NONE is not set; put the secret key into it
    [2]
    ");
    assert_eq!(home.run(&["environments", "list"]).out.lines().count(), 2);
    insta::assert_snapshot!(run("environments test Nowhere --key-env DEV"), @r#"
    tatami: there is no environment "Nowhere"; the environments are Local, Dev. Set up others with tatami environments add or in the window, or give --url
    [2]
    "#);
    // A key of another server, and one that no server knows.
    run("environments add Wrong --kind development --url URL --key-env PROD");
    let refused = run("environments test Wrong --key-env PROD");
    assert!(
        refused.contains("does not know the key") && refused.ends_with("[2]\n"),
        "{refused}"
    );
    let nowhere = run("environments test --url http://127.0.0.1:9 --key-env DEV");
    assert!(nowhere.ends_with("[2]\n"), "{nowhere}");
    // The key comes from standard input as well, and is kept nowhere.
    let args = [
        "environments",
        "add",
        "Piped",
        "--kind",
        "playground",
        "--url",
        hosted.url(),
        "--key-stdin",
    ];
    let piped = home.run_with_input(&args, "another-secret-key-of-the-playground-03\n");
    assert_eq!(piped.code, 0, "{}", piped.all());
    for entry in fs::read_dir(home.path("home/config")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains(DEV) && !text.contains("another-secret"), "{text}");
    }
}

/// A key that may send interactions alone, as publishable ones do.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_do_everything_is_told() {
    let app = Router::new()
        .route(
            "/v1/interactions",
            axum::routing::post(async || {
                let lines = json!(["data.0 is invalid. The attribute property 'type' is required."]);
                (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    Json(json!({"message": "no", "data": lines})),
                )
            }),
        )
        .fallback(async || (StatusCode::FORBIDDEN, Json(json!({"message": "Request is denied"}))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let home = Home::new();
    let add = [
        "environments",
        "add",
        "Web",
        "--kind",
        "development",
        "--url",
        &url,
        "--key-env",
        "DEV",
    ];
    let tested = ["environments", "test", "Web", "--key-env", "DEV"];
    let mut commands = [home.command(&add), home.command(&tested)];
    let said = tokio::task::spawn_blocking(move || {
        let mut all = commands.iter_mut().map(|command| ended(command.env("DEV", DEV)));
        all.nth(1).unwrap().all()
    });
    let said = said.await.unwrap();
    assert!(said.contains("may not       read: only the secret key may"), "{said}");
    assert!(
        said.contains("may not       send products and users: only the secret key may"),
        "{said}"
    );
    assert!(said.contains("may           send interactions"), "{said}");
    assert!(said.ends_with("[1]"), "{said}");
}
