//! Mixed, hostile and slow traffic at a low rate: nothing that was acknowledged is lost, and the server takes no more
//! memory and handles at the end than half way. `TATAMI_LOAD_SECONDS` says for how long; `make long` takes an hour.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use crate::{
    home::{Home, Served},
    server::local_server::client,
};

const KEY: &str = "key-of-this-test";
/// Products of a writer, which it sends again and again.
const PRODUCTS: u64 = 2000;
/// Products in a request.
const BATCH: u64 = 20;

fn seconds() -> u64 {
    let given = std::env::var("TATAMI_LOAD_SECONDS").ok();
    given.map_or(20, |text| {
        text.parse().expect("TATAMI_LOAD_SECONDS is a number of seconds")
    })
}

#[derive(Clone)]
struct Target {
    url: String,
    client: Client,
    until: Instant,
}

impl Target {
    fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    async fn send(&self, method: Method, path: &str, body: Option<String>) -> Option<(StatusCode, String)> {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = request.header("X-API-KEY", KEY).body(body.unwrap_or_default());
        let answer = request.send().await.ok()?;
        let status = answer.status();
        Some((status, answer.text().await.ok()?))
    }

    async fn connect(&self) -> Option<TcpStream> {
        TcpStream::connect(self.url.trim_start_matches("http://")).await.ok()
    }
}

/// The version of each product that was acknowledged last.
type Acknowledged = BTreeMap<String, u64>;

/// Sends products, a higher version each time, and reads some of them.
async fn write_products(target: Target, writer: u64) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let mut turn = 0;
    while target.goes_on() {
        turn += 1;
        let ids = (0..BATCH).map(|place| format!("{writer}-{}", (turn * BATCH + place) % PRODUCTS));
        let ids: Vec<String> = ids.collect();
        let product = |id: &String| json!({"product_id": id, "title": format!("Lamp {id}"), "custom_attributes": {"version": turn}});
        let body = json!({"data": ids.iter().map(product).collect::<Value>()}).to_string();
        let (status, answer) = target.send(Method::POST, "/v1/products", Some(body)).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        acknowledged.extend(ids.iter().map(|id| (id.clone(), turn)));
        let read = target
            .send(Method::GET, &format!("/v1/products/{}", ids[0]), None)
            .await;
        let read: Value = serde_json::from_str(&read.unwrap().1).unwrap();
        assert_eq!(read["data"]["custom_attributes"]["version"], turn);
        sleep(Duration::from_millis(100)).await;
    }
    acknowledged
}

/// Sends users and deletes them again.
async fn come_and_go(target: Target) {
    let mut turn = 0_u64;
    while target.goes_on() {
        turn += 1;
        let ids: Vec<String> = (0..BATCH).map(|place| format!("{turn}-{place}")).collect();
        let users: Value = ids.iter().map(|id| json!({"user_id": id})).collect();
        for (path, body) in [
            ("/v1/users", json!({"data": users})),
            ("/v1/users/_delete", json!({"data": {"user_ids": ids}})),
        ] {
            let (status, answer) = target.send(Method::POST, path, Some(body.to_string())).await.unwrap();
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Sends interactions; returns how many were acknowledged.
async fn write_interactions(target: Target) -> u64 {
    let mut acknowledged = 0;
    while target.goes_on() {
        let event = |place: u64| {
            json!({"type": "click", "user_id": format!("u{}", acknowledged + place), "product_ids": ["0-0"],
                   "timestamp": "2024-05-01T10:00:00Z"})
        };
        let body = json!({"data": (0..10).map(event).collect::<Value>()}).to_string();
        let (status, answer) = target.send(Method::POST, "/v1/interactions", Some(body)).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        acknowledged += 10;
        sleep(Duration::from_millis(200)).await;
    }
    acknowledged
}

/// Sends what nobody should; returns how often.
async fn attack(target: Target) -> u64 {
    let ones = format!("[1{}]", ",1".repeat(200_000));
    let few = format!("[1{}]", ",1".repeat(5_000));
    let names: Vec<String> = (0..20_000).map(|name| format!("\"{name}\":1")).collect();
    let names = names.join(",");
    let bodies = [
        format!(r#"{{"data":{ones}}}"#),
        format!(r#"{{"data":{few}}}"#),
        format!(r#"{{"data":[{{"product_id":"p","tags":{ones}}}]}}"#),
        format!(r#"{{"data":[{{{names}}}]}}"#),
        format!(r#"{{"data":[{{"product_id":"p","custom_attributes":{{{names}}}}}]}}"#),
        format!(r#"{{"data":{}}}"#, "[".repeat(200_000)),
        format!(r#"{{"product_ids":{ones},"requests":{ones},"user_ids":{ones}}}"#),
        "\u{0}\u{1}{".repeat(1000),
    ];
    let mut sent = 0;
    while target.goes_on() {
        for path in [
            "/v1/products",
            "/v1/users",
            "/v1/interactions",
            "/v1/products/_delete",
            "/v1/search/mget",
            "/v1/bulk",
        ] {
            let body = &bodies[usize::try_from(sent).unwrap() % bodies.len()];
            // The server may hang up on what it does not read.
            if let Some((status, _)) = target.send(Method::POST, path, Some(body.clone())).await {
                assert!(status.is_client_error(), "{path}: {status}");
            }
            sent += 1;
            sleep(Duration::from_millis(50)).await;
        }
    }
    sent
}

/// Sends a request a few bytes at a time, and goes before its end or after its answer.
async fn dawdle(target: Target, number: u64) {
    while target.goes_on() {
        let Some(mut stream) = target.connect().await else {
            continue;
        };
        let body = json!({"data": [{"product_id": format!("slow-{number}"), "title": "x".repeat(400)}]}).to_string();
        let head = format!(
            "POST /v1/products HTTP/1.1\r\nX-API-KEY: {KEY}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let text = head + &body;
        let kept = if number.is_multiple_of(2) {
            text.len()
        } else {
            text.len() / 2
        };
        for piece in text.as_bytes()[..kept].chunks(40) {
            if !target.goes_on() || stream.write_all(piece).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        if number.is_multiple_of(2) && target.goes_on() {
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
    }
}

/// Asks for a long answer, and does not read it.
async fn ignore_answers(target: Target) {
    let body = format!(r#"{{"data":[1{}]}}"#, ",1".repeat(9_999));
    while target.goes_on() {
        let Some(mut stream) = target.connect().await else {
            continue;
        };
        let head = format!(
            "POST /v1/interactions HTTP/1.1\r\nX-API-KEY: {KEY}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).await.ok();
        sleep(Duration::from_millis(500)).await;
    }
}

/// The memory of a process in KiB, and its open files and connections.
fn taken(server: &Served) -> (u64, usize) {
    let process = format!("/proc/{}", server.process.id());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let memory = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    (memory, fs::read_dir(format!("{process}/fd")).unwrap().count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_of_all_kinds_loses_nothing_and_takes_no_more_and_more() {
    let home = Home::new();
    let server = home.serve_with(&["--key", KEY]);
    let (started, length) = (Instant::now(), Duration::from_secs(seconds()));
    let target = Target {
        url: server.url.clone(),
        client: client(),
        until: started + length,
    };
    let mut others = JoinSet::new();
    let attacks = Arc::new(AtomicU64::new(0));
    others.spawn(come_and_go(target.clone()));
    others.spawn(ignore_answers(target.clone()));
    for number in 0..6 {
        others.spawn(dawdle(target.clone(), number));
    }
    let (hostile, count) = (target.clone(), Arc::clone(&attacks));
    others.spawn(async move { count.store(attack(hostile).await, Ordering::Relaxed) });
    let events = tokio::spawn(write_interactions(target.clone()));
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        writers.spawn(write_products(target.clone(), writer));
    }
    sleep(length / 2).await;
    let half_way = taken(&server);
    let mut acknowledged = Acknowledged::new();
    while let Some(written) = writers.join_next().await {
        acknowledged.extend(written.unwrap());
    }
    let at_end = taken(&server);
    while let Some(other) = others.join_next().await {
        other.unwrap();
    }
    let events = events.await.unwrap();
    println!(
        "{} products and {events} interactions acknowledged, {} hostile requests; KiB and handles half way {half_way:?}, \
         at the end {at_end:?}",
        acknowledged.len(),
        attacks.load(Ordering::Relaxed)
    );
    for (id, version) in &acknowledged {
        let (_, record) = target
            .send(Method::GET, &format!("/v1/products/{id}"), None)
            .await
            .unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["data"]["custom_attributes"]["version"], *version, "{id}");
    }
    let (_, counts) = target.send(Method::GET, "/_tatami/counts", None).await.unwrap();
    let counts: Value = serde_json::from_str(&counts).unwrap();
    assert_eq!(counts["data"]["interactions"], events);
    assert_eq!(counts["data"]["users"], 0);
    // The pages that SQLite keeps are 64 MiB at most; what else grows is lost.
    assert!(
        at_end.0 <= half_way.0 + half_way.0 / 4 + (32 << 10),
        "{half_way:?} {at_end:?}"
    );
    assert!(at_end.1 <= half_way.1 + 24, "{half_way:?} {at_end:?}");
}
