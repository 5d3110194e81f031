//! The official Python client, `miso-sdk` from `PyPI`, unchanged, against the local server.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tatami::server::{Config, Keys, serve};
use tokio::net::TcpListener;

/// The version that the journey was written against.
const CLIENT: &str = "miso-sdk==1.3.0";

#[tokio::test(flavor = "multi_thread")]
async fn the_official_python_client_works_unchanged() {
    let keys = Keys::generate().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, key) = (
        format!("http://{}", listener.local_addr().unwrap()),
        keys.secret.clone(),
    );
    let counts = format!("{url}/_tatami/counts?api_key={key}");
    let server = tokio::spawn(serve(listener, Config::temporary(keys), std::future::pending()));
    let journey = tokio::task::spawn_blocking(move || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/miso_sdk_journey.py");
        let mut python = Command::new(python_with_client());
        // A proxy of the machine must not stand between the client and the loopback address.
        python
            .arg(script)
            .args([url, key])
            .env("NO_PROXY", "127.0.0.1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        python.output().unwrap()
    });
    let output = journey.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let counts: serde_json::Value = reqwest::get(counts).await.unwrap().json().await.unwrap();
    let left = serde_json::json!({"products": 1, "interactions": 1, "users": 0});
    assert_eq!(counts["data"], left, "the journey leaves the shirt and the search");
    server.abort();
}

/// A Python that has the client, in an environment outside of the checkout, made the first time.
fn python_with_client() -> PathBuf {
    let cache = env::var_os("TATAMI_TEST_CACHE").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache/tatami/python"));
    let cache = cache
        .or_else(home)
        .expect("TATAMI_TEST_CACHE or HOME must say where the Python client may be kept");
    let place = cache.join(CLIENT.replace("==", "-"));
    let python = place.join("bin/python");
    let has_client = || {
        Command::new(&python)
            .args(["-c", "import miso.sdk"])
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
            Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT]),
            "The official client could not be installed with pip. This test needs the Python package index the first \
             time it runs",
        );
    }
    python
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
