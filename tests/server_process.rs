//! `tatami serve` as a process: what it answered 200 survives a kill, and it stops cleanly when asked.

#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

const KEY: &str = "key-of-this-test";

/// A server process; killed when it is dropped.
struct Served {
    process: Child,
    url: String,
    /// What it printed up to its address, and after it.
    output: BufReader<std::process::ChildStdout>,
}

/// A client of its own; its library wants to be told who encrypts.
fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::new()
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut process = tatami(&["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // As it comes out of a file, with its line break.
            .args(["--key", &format!("{KEY}\n")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("Listening on ")
            .expect("the first line names the address")
            .to_owned();
        Self { process, url, output }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = client()
            .request(method, format!("{}{path}", self.url))
            .header("X-API-KEY", KEY);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Asks to stop, and returns how it ended and the rest of what it printed.
    fn terminate(mut self, signal: &str) -> (ExitStatus, String) {
        let kill = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.process.wait().unwrap(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn tatami(args: &[&str]) -> Command {
    let mut command = Command::new(crate::common::program());
    command.arg("serve").args(args).env_remove("TATAMI_KEY");
    command
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let mut server = Served::start(data.path());
        let product = |number: u32| json!({"product_id": format!("{round}-{number}"), "title": "kept"});
        let products = json!({"data": (0..100).map(product).collect::<Value>()});
        let (status, answer) = server
            .send(reqwest::Method::POST, "/v1/products", Some(&products))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let interaction = |number: u32| {
            json!({"type": "click", "user_id": format!("{round}"), "product_ids": [number.to_string()],
                   "timestamp": "2024-05-01T10:00:00Z"})
        };
        let interactions = json!({"data": (0..10_000).map(interaction).collect::<Value>()});
        let (status, answer) = server
            .send(reqwest::Method::POST, "/v1/interactions", Some(&interactions))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        // SIGKILL: nothing is flushed, nothing is closed.
        server.process.kill().unwrap();
        server.process.wait().unwrap();

        let server = Served::start(data.path());
        let (_, counts) = server.send(reqwest::Method::GET, "/_tatami/counts", None).await;
        let rounds = round + 1;
        let expected = json!({"products": 100 * rounds, "interactions": 10_000 * rounds, "users": 0});
        assert_eq!(counts["data"], expected);
        let path = format!("/v1/products/{round}-99");
        let (_, record) = server.send(reqwest::Method::GET, &path, None).await;
        assert_eq!(record["data"]["title"], "kept");
    }
}

#[tokio::test]
async fn it_stops_cleanly_on_both_signals_and_never_prints_the_given_key() {
    let data = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let server = Served::start(data.path());
        let (status, _) = server.send(reqwest::Method::GET, "/_tatami/counts", None).await;
        assert_eq!(status, StatusCode::OK);
        let (ended, printed) = server.terminate(signal);
        assert_eq!(ended.code(), Some(0), "{signal}: {printed}");
        assert!(printed.contains("curl ") && printed.ends_with("Stopped\n"), "{printed}");
        assert!(!printed.contains(KEY), "{printed}");
    }
}

#[tokio::test]
async fn a_configuration_serves_environments_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stage.json");
    let config = r#"{"environments": [
        {"name": "Development", "data": "development"},
        {"name": "Playground", "kind": "playground", "data": "playground"},
        {"name": "Shaky", "data": "shaky", "faults": {"probability": {"unavailable": 1}}, "limits": {"body_bytes": 1000}}
    ]}"#;
    std::fs::write(&file, config).unwrap();
    let mut process = tatami(&["--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
    let server = Served { process, url, output };
    for (environment, status) in [("development", 200), ("playground", 400), ("shaky", 503)] {
        let keys = std::fs::read_to_string(folder.path().join(environment).join("keys.json")).unwrap();
        let keys: Value = serde_json::from_str(&keys).unwrap();
        let request = client().post(format!("{}/v1/products", server.url));
        let request = request.header("X-API-KEY", keys["secret"].as_str().unwrap());
        let answer = request.body(r#"{"data":[{"product_id":"p"}]}"#).send().await.unwrap();
        let shaky = answer.status().is_server_error() && status == 503;
        assert!(answer.status() == status || shaky, "{environment}: {}", answer.status());
    }
    let (ended, printed) = server.terminate("-TERM");
    assert_eq!(ended.code(), Some(0), "{printed}");
    assert!(
        printed.contains("Playground: records and keys in ") && printed.contains("takes no uploads"),
        "{printed}"
    );
    assert!(printed.contains("Rehearsing, seed 1: unavailable=1"), "{printed}");

    std::fs::write(&file, "{}").unwrap();
    let refused = tatami(&["--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&refused.stderr).replace(&file.display().to_string(), "FILE"),
        "tatami serve: FILE cannot be used: missing field `environments` at line 1 column 2\n"
    );
}

/// A file that cannot grow: an error of the disk while a batch is stored.
#[tokio::test]
async fn a_disk_that_takes_no_more_stores_nothing_of_a_batch() {
    let data = tempfile::tempdir().unwrap();
    let program = crate::common::program().display().to_string();
    let script =
        format!("trap '' XFSZ; ulimit -f 600; exec {program} serve --listen 127.0.0.1:0 --key {KEY} --data \"$0\"");
    let mut process = Command::new("bash")
        .args(["-c", &script])
        .arg(data.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
    let server = Served { process, url, output };
    let batch = |first: u32, size: u32| {
        let product = |id: u32| json!({"product_id": id.to_string(), "title": "x".repeat(1000)});
        json!({"data": (first..first + size).map(product).collect::<Value>()})
    };
    let small = batch(0, 10);
    assert_eq!(
        server.send(reqwest::Method::POST, "/v1/products", Some(&small)).await.0,
        StatusCode::OK
    );
    let large = batch(1000, 2000);
    let (status, answer) = server.send(reqwest::Method::POST, "/v1/products", Some(&large)).await;
    assert!(
        status.is_server_error() && answer["message"].is_string(),
        "{status} {answer}"
    );
    let (_, counts) = server.send(reqwest::Method::GET, "/_tatami/counts", None).await;
    assert_eq!(counts["data"]["products"], 10, "{answer}");
    drop(server);
    // With room again, all is as it was answered.
    let server = Served::start(data.path());
    let (_, counts) = server.send(reqwest::Method::GET, "/_tatami/counts", None).await;
    assert_eq!(counts["data"]["products"], 10);
    assert_eq!(
        server.send(reqwest::Method::POST, "/v1/products", Some(&large)).await.0,
        StatusCode::OK
    );
}

#[test]
fn a_taken_port_is_said_in_one_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let output = tatami(&["--listen", &address, "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!(
            "tatami serve: The address {address} is taken by another program. Stop it, or choose another port with \
             --listen\n"
        )
    );
}
