//! A page of another origin in a real browser, with the guide's own sample: it sends interactions with the publishable
//! key, by `fetch` and by `sendBeacon`, and can do nothing else.

use std::process::{Command, Output};

use axum::{Router, response::Html, routing::get};

use super::local_server::LocalServer;
use serde_json::{Value, json};

const PAGE: &str = include_str!("page.html");

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_interactions_and_nothing_else() {
    let server = LocalServer::start().await;
    let page = PAGE
        .replace("{{API}}", &server.url)
        .replace("{{KEY}}", &server.keys.publishable);
    // Another port is another origin.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = format!("http://{}/", listener.local_addr().unwrap());
    let pages = Router::new().route("/", get(async || Html(page)));
    let serving = tokio::spawn(async { axum::serve(listener, pages).await });

    let opened = tokio::task::spawn_blocking(move || open(&shop)).await.unwrap();
    serving.abort();
    let document = String::from_utf8_lossy(&opened.stdout);
    let result = document
        .split_once("<pre id=\"result\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .and_then(|(result, _)| serde_json::from_str::<Value>(result).ok());
    let result = result.unwrap_or_else(|| panic!("{document}\n{}", String::from_utf8_lossy(&opened.stderr)));
    let line = "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type \
                'string' was given.";
    assert_eq!(
        result,
        json!({
            "said": [["Upload succeeded!"], ["Upload failed because:", [line]]],
            "queued": true,
            "queuedJson": true,
            "kept": [
                "GET /v1/products/_ids: 403 string",
                "GET /v1/users/u: 403 string",
                "POST /v1/products: 403 string",
                "POST /v1/products/_delete: 403 string",
                "DELETE /v1/interactions: 403 string",
                "GET /_tatami/counts: 403 string",
            ],
        })
    );

    let (_, stored) = server.get("/_tatami/interactions").await;
    let mut stored: Vec<&Value> = stored["data"]["interactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|interaction| &interaction["record"])
        .collect();
    stored.sort_by_key(|record| record["user_id"].as_str());
    let users: Vec<&Value> = stored.iter().map(|record| &record["user_id"]).collect();
    assert_eq!(users, ["by JSON beacon", "by beacon", "by fetch"]);
    for record in stored {
        assert_eq!(
            (&record["type"], &record["quantities"], &record["product_ids"]),
            (&json!("add_to_cart"), &json!([1]), &json!(["hat 2"]))
        );
    }
}

/// Opens a page in a browser without a window, and returns the document once it has come to rest.
fn open(url: &str) -> Output {
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new("timeout");
    browser
        .args([
            "120",
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=60000", "--dump-dom", url]);
    let opened = browser.output().unwrap();
    assert!(
        opened.status.success(),
        "The page could not be opened. This test needs Chromium (Debian: apt-get install chromium).\n{}",
        String::from_utf8_lossy(&opened.stderr)
    );
    opened
}
