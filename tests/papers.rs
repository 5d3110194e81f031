//! What the papers beside the code say of it is so: the places that they name are there, and the forms of files that the
//! changelog lists are those that are written.

use std::path::{Path, PathBuf};

use tatami::{
    ops::environments::Registry,
    settings::{Environment, EnvironmentKind, Paths, Preferences},
    upload::Ledger,
};

use crate::{common::in_repository, server::local_server::LocalServer};

const PAPERS: [&str; 6] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "benches/README.md",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(in_repository(path)).unwrap()
}

/// The targets of Markdown links, and what stands in backticks and looks like a path of this repository.
fn places(text: &str) -> Vec<String> {
    let mut places: Vec<String> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://"))
        .map(str::to_owned)
        .collect();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let folders = ["src/", "tests/", "benches/", "fuzz/", "assets/", ".ci/"];
        let code = line.split('`').skip(1).step_by(2);
        let paths = code.filter(|code| folders.iter().any(|folder| code.starts_with(folder)));
        places.extend(paths.filter(|path| !path.contains([' ', '*', '{'])).map(str::to_owned));
    }
    places
}

#[test]
fn every_place_they_name_is_there() {
    let mut missing = Vec::new();
    let mut named = 0;
    for paper in PAPERS {
        let folder = in_repository(paper).parent().map(Path::to_owned).unwrap_or_default();
        for place in places(&read(paper)) {
            named += 1;
            let path: PathBuf = folder.join(&place);
            if !path.exists() && !in_repository(&place).exists() {
                missing.push(format!("{paper}: {place}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(named > 40, "the papers have lost their links");
}

#[test]
fn every_make_target_they_name_is_there() {
    let makefile = read("Makefile");
    let mut named = 0;
    for paper in PAPERS {
        let text = read(paper);
        let commands = text.lines().filter_map(|line| line.strip_prefix("make "));
        for target in commands.filter_map(|rest| rest.split_whitespace().next()) {
            named += 1;
            assert!(makefile.contains(&format!("\n{target}:")), "{paper}: make {target}");
        }
    }
    assert!(named > 4, "the papers have lost their commands");
}

/// The version that the changelog's table gives to what is written by this name.
fn listed(name: &str) -> i64 {
    let changelog = read("CHANGELOG.md");
    let row = changelog
        .lines()
        .find(|line| line.starts_with(&format!("| {name}: ")))
        .unwrap();
    row.split('|').nth(2).unwrap().trim().parse().unwrap()
}

fn database_version(path: &Path) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

fn document_version(text: &str, key: &str) -> i64 {
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    document[key].as_i64().unwrap()
}

#[tokio::test]
async fn the_changelog_lists_the_forms_that_are_written() {
    let folder = tempfile::tempdir().unwrap();
    Ledger::open(folder.path()).unwrap();
    assert_eq!(
        listed("ledger"),
        database_version(&folder.path().join("uploads.sqlite"))
    );

    let server = LocalServer::start_with(Some(folder.path()), 1 << 20).await;
    // It answers once the store is there.
    server.counts().await;
    assert_eq!(
        listed("store of the local server"),
        database_version(&folder.path().join("records.sqlite"))
    );
    server.stop().await;

    Preferences::change(&Paths::under(folder.path()), |_| ()).unwrap();
    let preferences = std::fs::read_to_string(folder.path().join("config/preferences.json")).unwrap();
    assert_eq!(listed("settings"), document_version(&preferences, "version"));

    let (registry, _) = Registry::open(Paths::under(folder.path()));
    let logged = Environment {
        name: "Shop".to_owned(),
        kind: EnvironmentKind::Development,
        base_url: "https://api.example.com".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    registry.save(logged, None, None).unwrap();
    let log = std::fs::read_to_string(folder.path().join("data/audit.jsonl")).unwrap();
    let start = log.lines().next().unwrap();
    assert_eq!(listed("audit log"), document_version(start, "tatami_audit"));

    let recipe = std::process::Command::new(crate::common::program())
        .args(["recipe", "export", "assets/samples/catalog.csv", "--accept"])
        .current_dir(in_repository("."))
        .env("TATAMI_HOME", folder.path())
        .output()
        .unwrap();
    let recipe = String::from_utf8(recipe.stdout).unwrap();
    assert_eq!(listed("recipe"), document_version(&recipe, "tatami_recipe"));
}
