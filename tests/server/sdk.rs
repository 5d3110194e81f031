//! Official clients from `PyPI`, unchanged, against the local server: the Python SDK and the Singer target.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::local_server::LocalServer;

use serde_json::{Value, json};

/// The versions that the journeys were written against.
const SDK: &str = "miso-sdk==1.3.0";
const TARGET: &str = "target-miso==0.9.5";

#[tokio::test(flavor = "multi_thread")]
async fn the_official_python_client_works_unchanged() {
    let server = LocalServer::start().await;
    let (url, key) = (server.url.clone(), server.keys.secret.clone());
    let journey = tokio::task::spawn_blocking(move || {
        let script = crate::common::in_repository("tests/python/miso_sdk_journey.py");
        let mut python = Command::new(installed(SDK, "miso.sdk").join("python"));
        without_proxy(&mut python)
            .arg(script)
            .args([url, key])
            .output()
            .unwrap()
    });
    let output = journey.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let left = json!({"products": 1, "interactions": 1, "users": 0});
    assert_eq!(
        server.counts().await,
        left,
        "the journey leaves the shirt and the search"
    );
    let ids = server.get("/v1/products/_ids?type=shirt").await.1;
    assert_eq!(ids["data"]["ids"], json!(["123ABC-S/Black"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_singer_target_works_unchanged() {
    let server = LocalServer::start().await;
    let record = |stream: &str, record: Value| json!({"type": "RECORD", "stream": stream, "record": record});
    let product =
        |id: &str| json!({"product_id": id, "title": format!("Title of {id}"), "custom_attributes": {"n": 1}});
    let ids = async |dataset: &str| {
        let (_, answer) = server.get(&format!("/v1/{dataset}/_ids")).await;
        answer["data"]["ids"].clone()
    };

    // Success: all three data sets.
    let like = json!({"type": "like", "user_id": "u1", "product_ids": ["hat 2"], "timestamp": "2024-05-01T10:00:00Z"});
    let messages = [
        json!({"type": "SCHEMA", "stream": "products", "schema": {"properties": {}}, "key_properties": ["product_id"]}),
        record("products", product("shirt/1")),
        record("products", product("hat 2")),
        record("products", product("ü%")),
        record("users", json!({"user_id": "u1", "age": 33})),
        record("interactions", like.clone()),
        json!({"type": "STATE", "value": {"bookmark": 1}}),
    ];
    let (state, log) = target(&server, &json!({}), &messages).await;
    assert_eq!(ids("products").await, json!(["hat 2", "shirt/1", "ü%"]));
    assert_eq!(ids("users").await, json!(["u1"]));
    assert_eq!(server.counts().await["interactions"], 1);
    let kept = &state["__miso_target_state__"]["products"];
    assert_eq!(kept.as_object().unwrap().len(), 3, "{state}");
    assert!(log.contains("task_id"), "{log}");

    // 422: the target finds the record in the line, and nothing of the batch is stored.
    let bad = [
        record("products", product("good")),
        record("products", json!({"product_id": "bad", "tags": "one"})),
        record(
            "products",
            json!({"product_id": "worse", "custom_attributes": {"n": "one"}}),
        ),
    ];
    let (_, log) = target(&server, &json!({}), &bad).await;
    for expected in [
        "Data record [1/3]",
        "Data record [2/3]",
        "data.1.tags is invalid. The attribute expected to be of type 'array', 'null', but 'string' is given.",
        "data.2.custom_attributes.n is invalid. Its data type is not consistent with other records",
    ] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
    assert!(!log.contains("Data record [0/3]"), "{log}");
    assert_eq!(ids("products").await, json!(["hat 2", "shirt/1", "ü%"]));

    // A dry run stores nothing; asking for the asynchronous mode changes nothing.
    target(
        &server,
        &json!({"dry_run": true}),
        &[record("users", json!({"user_id": "dry"}))],
    )
    .await;
    target(
        &server,
        &json!({"use_async": true}),
        &[record("users", json!({"user_id": "u2"}))],
    )
    .await;
    assert_eq!(ids("users").await, json!(["u1", "u2"]));

    // A new version of a whole table: the target lists the ids, and deletes those that are gone.
    let version = json!({"type": "ACTIVATE_VERSION", "stream": "products", "version": 2});
    let (_, log) = target(
        &server,
        &json!({}),
        &[record("products", product("hat 2")), version.clone()],
    )
    .await;
    assert!(log.contains("Delete 2 products"), "{log}");
    assert_eq!(ids("products").await, json!(["hat 2"]));
    let (_, log) = target(&server, &json!({}), &[record("products", product("hat 2")), version]).await;
    assert!(log.contains("No need to delete anything"), "{log}");

    // Interactions that were sent before are the same.
    target(&server, &json!({}), &[record("interactions", like)]).await;
    assert_eq!(server.counts().await["interactions"], 1);
}

/// Runs the target's own command line on Singer messages; returns the state it prints, and its log.
async fn target(server: &LocalServer, more: &Value, messages: &[Value]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    std::fs::create_dir(&templates).unwrap();
    for stream in ["products", "users", "interactions"] {
        std::fs::write(templates.join(stream).with_extension("jinja"), "{{ data | jsonify }}").unwrap();
    }
    let mut config = json!({"api_server": server.url, "api_key": server.keys.secret, "template_folder": templates});
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    let file = folder.path().join("config.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let lines = messages.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let output = tokio::task::spawn_blocking(move || {
        let mut target = Command::new(installed(TARGET, "target_miso").join("target-miso"));
        let mut target = without_proxy(&mut target)
            .arg("--config")
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        target.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        target.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let log = String::from_utf8(output.stderr).unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), log)
}

/// A proxy of the machine must not stand between a client and the loopback address.
fn without_proxy(command: &mut Command) -> &mut Command {
    command.env("NO_PROXY", "127.0.0.1").env("PYTHONDONTWRITEBYTECODE", "1")
}

/// The programs of a Python environment that has the package, outside of the checkout, made the first time.
fn installed(package: &str, module: &str) -> PathBuf {
    let cache = env::var_os("TATAMI_TEST_CACHE").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache/tatami/python"));
    let cache = cache
        .or_else(home)
        .expect("TATAMI_TEST_CACHE or HOME must say where the Python clients may be kept");
    let place = cache.join(package.replace("==", "-"));
    let programs = place.join("bin");
    let python = programs.join("python");
    let has_client = || {
        Command::new(&python)
            .args(["-c", &format!("import {module}")])
            .output()
            .is_ok_and(|run| run.status.success())
    };
    if !has_client() {
        run(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place),
            "No Python environment could be made. Install python3 with its venv module (Debian: apt-get install \
             python3-venv)",
        );
        run(
            Command::new(&python).args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                package,
            ]),
            "The official client could not be installed with pip. This test needs the Python package index the first \
             time it runs",
        );
    }
    programs
}

fn run(command: &mut Command, failed: &str) {
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{failed}.\n{}", said(&output)),
        Err(error) => panic!("{failed}: {error}"),
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
