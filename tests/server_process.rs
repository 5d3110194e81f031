//! `tatami serve` as a process: what it answered 200 survives a kill, and it stops cleanly when asked.

#![expect(clippy::unwrap_used, reason = "a test may fail")]
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
        let request = reqwest::Client::new()
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_tatami"));
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
        let (status, _) = server.send(reqwest::Method::GET, "/v1/products/_ids", None).await;
        assert_eq!(status, StatusCode::OK);
        let (ended, printed) = server.terminate(signal);
        assert_eq!(ended.code(), Some(0), "{signal}: {printed}");
        assert!(printed.contains("curl ") && printed.ends_with("Stopped\n"), "{printed}");
        assert!(!printed.contains(KEY), "{printed}");
    }
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
