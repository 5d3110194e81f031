//! The local server as a rehearsal stage: faults on demand, tasks that take time, limits.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::local_server::{self, LocalServer, read};
use tatami::{
    domain::faults::{FaultKind, Faults},
    server::{Config, Keys},
};

fn always(kind: FaultKind) -> Faults {
    Faults {
        latency_ms: 1,
        ..Faults::default().with(kind, 1.0)
    }
}

/// A server that keeps nothing, where these faults happen.
async fn start(faults: Faults) -> LocalServer {
    LocalServer::start_config(Config {
        faults,
        ..Config::temporary(Keys::generate().unwrap())
    })
    .await
}

fn batch(ids: std::ops::Range<u32>) -> Value {
    let product = |id: u32| json!({"product_id": id.to_string()});
    json!({"data": ids.map(product).collect::<Value>()})
}

/// Sends a batch; what came back, or the client's error.
async fn send(server: &LocalServer, body: &Value) -> Result<(StatusCode, String), reqwest::Error> {
    let request = server.client.post(format!("{}/v1/products", server.url));
    let request = request.header("X-API-KEY", &server.keys.secret).json(body);
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    Ok((status, text))
}

async fn set(server: &LocalServer, faults: &Value) -> (StatusCode, Value) {
    server.send(Method::PUT, "/_tatami/faults", Some(faults)).await
}

#[tokio::test]
async fn every_fault_is_what_it_says_and_stores_what_it_says() {
    async fn check(kind: FaultKind, stored: u32, looks: impl Fn(Result<(StatusCode, String), reqwest::Error>) -> bool) {
        let server = start(always(kind)).await;
        let got = send(&server, &batch(0..3)).await;
        let said = format!("{kind}: {got:?}");
        assert!(looks(got), "{said}");
        assert_eq!(server.counts().await["products"], stored, "{said}");
    }
    let broken = |got: Result<_, reqwest::Error>| got.is_err();
    let success = |got: Result<(StatusCode, String), reqwest::Error>| {
        got.is_ok_and(|(status, text)| status == StatusCode::OK && text.contains("success"))
    };
    check(FaultKind::Latency, 3, success).await;
    check(FaultKind::TooMany, 0, |got| {
        got.is_ok_and(|(status, _)| status == StatusCode::TOO_MANY_REQUESTS)
    })
    .await;
    check(FaultKind::Unavailable, 0, |got| {
        got.is_ok_and(|(status, _)| status.is_server_error())
    })
    .await;
    check(FaultKind::DropBefore, 0, broken).await;
    check(FaultKind::DropAfter, 3, broken).await;
    check(FaultKind::Truncate, 3, |got| {
        got.is_err_and(|error| error.is_body() || error.is_decode())
    })
    .await;
    check(FaultKind::NotJson, 3, |got| {
        got.is_ok_and(|(status, text)| status == StatusCode::OK && text.starts_with("<html>"))
    })
    .await;
    // Only what is refused anyway is refused vaguely, and only what has a task fails later.
    check(FaultKind::VagueRejection, 3, success).await;
    check(FaultKind::TaskFails, 0, success).await;
    check(FaultKind::NotStored, 0, success).await;
}

#[tokio::test]
async fn a_large_upload_reads_its_429() {
    let server = start(Faults {
        retry_after_s: 7,
        ..always(FaultKind::TooMany)
    })
    .await;
    let large = json!({"data": [{"product_id": "p", "title": "x".repeat(8 << 20)}]});
    let request = server.client.post(format!("{}/v1/products", server.url));
    let answer = request
        .header("X-API-KEY", &server.keys.secret)
        .json(&large)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "7");
    // And so does one with the wrong key.
    let request = server.client.post(format!("{}/v1/products?api_key=wrong", server.url));
    let answer = request.json(&large).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_vague_refusal_names_no_record() {
    let server = LocalServer::start().await;
    let bad = json!({"data": [{"product_id": "a"}, {"product_id": 7}]});
    for seed in 0..6 {
        let faults = json!({"seed": seed, "probability": {"vague-rejection": 1.0}});
        assert_eq!(set(&server, &faults).await.0, StatusCode::OK);
        let (status, text) = send(&server, &bad).await.unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            text.contains("None of the records") && !text.contains("data."),
            "{text}"
        );
    }
}

#[tokio::test]
async fn faults_are_set_and_read_while_it_runs() {
    let server = LocalServer::start().await;
    let faults = async || {
        let (_, answer) = server.get("/_tatami/faults").await;
        answer["data"].clone()
    };
    let off = faults().await;
    assert_eq!(off["requests"], 0);
    assert_eq!(off["faults"]["probability"]["drop-after"], 0.0);
    let wanted = json!({"seed": 3, "probability": {"too-many": 0.5}, "retry_after_s": 0});
    assert_eq!(set(&server, &wanted).await.0, StatusCode::OK);
    let outcomes = async || {
        let mut outcomes = Vec::new();
        for _ in 0..40 {
            outcomes.push(server.get("/v1/products/_ids").await.0.as_u16());
        }
        outcomes
    };
    let first = outcomes().await;
    assert!(first.contains(&404) && first.contains(&429), "{first:?}");
    assert_eq!(faults().await["requests"], 40);
    // The same seed, counted from the first request again.
    set(&server, &wanted).await;
    assert_eq!(outcomes().await, first);
    // What is not named is off.
    set(&server, &json!({})).await;
    assert_eq!(faults().await["faults"], off["faults"]);

    let refused = async |faults: Value| {
        let (status, answer) = set(&server, &faults).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        answer["message"].as_str().unwrap().to_owned()
    };
    insta::assert_snapshot!(refused(json!({"probability": {"too-many": 1.5}})).await, @"These faults cannot be set: the probability of too-many is 1.5; it must be a number from 0 to 1");
    insta::assert_snapshot!(refused(json!({"probability": {"flood": 1}})).await, @"These faults cannot be read: unknown variant `flood`, expected one of `latency`, `too-many`, `unavailable`, `bot-blocked`, `drop-before`, `drop-after`, `truncate`, `not-json`, `vague-rejection`, `task-fails`, `not-stored` at line 1 column 23");
    let request = server.client.put(format!("{}/_tatami/faults", server.url));
    let request = request.header("X-API-KEY", &server.keys.publishable).json(&json!({}));
    assert_eq!(read(request.send().await.unwrap()).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tasks_take_their_time_and_are_done_in_order() {
    // Long enough that nothing is due before it is made due.
    let server = start(Faults {
        task_delay_ms: 3_600_000,
        ..Faults::default()
    })
    .await;
    let (status, answer) = server.post("/v1/products", &batch(0..2)).await;
    assert_eq!(status, StatusCode::OK);
    let task = answer["data"]["task_id"].as_str().unwrap().to_owned();
    let (status, pending) = server.get(&format!("/v1/products/_status/{task}")).await;
    assert_eq!(
        (status, &pending["message"], &pending["code"], &pending["errors"]),
        (StatusCode::OK, &json!("pending"), &json!(202), &json!(false))
    );
    assert_eq!(server.get("/v1/products/0").await.0, StatusCode::NOT_FOUND);
    let like = json!({"data": [{"type": "like", "user_id": "u"}, {"type": "like", "user_id": "u"}]});
    assert_eq!(server.post("/v1/interactions", &like).await.0, StatusCode::OK);
    assert_eq!(
        server.counts().await["interactions"],
        0,
        "interactions are always asynchronous"
    );
    // A schema is checked at once, whatever the delay.
    server.refused("products", &json!([{"title": "no id"}])).await;

    // Without a delay, what comes now still waits behind what waits.
    set(&server, &json!({})).await;
    let ids = json!({"data": {"product_ids": ["0"]}});
    let (_, answer) = server.post("/v1/products/_delete", &ids).await;
    let delete = answer["data"]["task_id"].as_str().unwrap().to_owned();
    let (_, waiting) = server.get(&format!("/v1/products/_status/{delete}")).await;
    assert_eq!(waiting["code"], 202);
    // Deleting everything settles the queue first.
    let (_, wiped) = server.send(Method::DELETE, "/_tatami/interactions", None).await;
    assert_eq!(wiped["data"]["count"], 2, "undated interactions are never the same");
    let (_, done) = server.get(&format!("/v1/products/_status/{task}")).await;
    assert_eq!((&done["errors"], &done["code"]), (&json!(false), &json!(200)));
    let (_, done) = server.get(&format!("/v1/products/_status/{delete}")).await;
    assert_eq!(done["data"]["deleted"]["list"], json!(["0"]));
    assert_eq!(server.get("/v1/products/_ids").await.1["data"]["ids"], json!(["1"]));
}

#[tokio::test]
async fn tasks_fail_later_on_demand_and_when_types_differ_by_then() {
    let server = start(always(FaultKind::TaskFails)).await;
    let (_, answer) = server.post("/v1/products", &batch(0..2)).await;
    let task = answer["data"]["task_id"].as_str().unwrap();
    let (_, failed) = server.get(&format!("/v1/products/_status/{task}")).await;
    assert_eq!((&failed["errors"], &failed["code"]), (&json!(true), &json!(500)));
    assert_eq!(server.counts().await["products"], 0);

    set(&server, &json!({"task_delay_ms": 3_600_000})).await;
    let mut tasks = Vec::new();
    for designer in [json!("Andy"), json!(7)] {
        let record = json!({"product_id": designer.to_string(), "custom_attributes": {"designer": designer}});
        let (status, answer) = server.post("/v1/products", &json!({"data": [record]})).await;
        assert_eq!(status, StatusCode::OK, "neither is stored yet");
        tasks.push(answer["data"]["task_id"].as_str().unwrap().to_owned());
    }
    server.send(Method::DELETE, "/_tatami/interactions", None).await;
    let (_, done) = server.get(&format!("/v1/products/_status/{}", tasks[0])).await;
    assert_eq!(done["errors"], false);
    let (_, failed) = server.get(&format!("/v1/products/_status/{}", tasks[1])).await;
    assert_eq!((&failed["errors"], &failed["code"]), (&json!(true), &json!(422)));
    let line = "data.0.custom_attributes.designer is invalid. Its data type is not consistent with other records";
    assert_eq!(failed["data"], json!([line]));
    assert_eq!(server.counts().await["products"], 1);
}

#[tokio::test]
async fn what_was_accepted_is_done_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::generate().unwrap();
    let kept = Config::kept(dir.path().to_owned(), keys);
    let slow = Faults {
        task_delay_ms: 3_600_000,
        ..Faults::default()
    };
    let server = LocalServer::start_config(Config {
        faults: slow,
        ..kept.clone()
    })
    .await;
    assert_eq!(server.post("/v1/products", &batch(0..5)).await.0, StatusCode::OK);
    server.stop().await;
    let server = LocalServer::start_config(kept).await;
    assert_eq!(server.counts().await["products"], 0);
    server.send(Method::DELETE, "/_tatami/interactions", None).await;
    assert_eq!(server.counts().await["products"], 5);
}

#[tokio::test]
async fn a_playground_takes_no_changes() {
    let server = LocalServer::start_config(Config {
        name: "Tour".to_owned(),
        read_only: true,
        ..Config::temporary(Keys::generate().unwrap())
    })
    .await;
    let like = json!({"data": [{"type": "like", "user_id": "u"}]});
    for (method, path) in [
        (Method::POST, "/v1/interactions"),
        (Method::POST, "/v1/products"),
        (Method::DELETE, "/v1/products/p"),
        (Method::POST, "/v1/users/_delete"),
    ] {
        let (status, answer) = server.send(method, path, Some(&like)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        // The browser client looks for this word (miso-api.md 1.6).
        assert!(
            answer["message"].as_str().unwrap().contains("Tour is a playground"),
            "{answer}"
        );
    }
    assert_eq!(server.get("/v1/products/p").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn limits_are_kept() {
    let temporary = || Config::temporary(Keys::generate().unwrap());
    let server = LocalServer::start_config(Config {
        requests_per_second: Some(1),
        ..temporary()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(server.get("/v1/products/p").await.0);
    }
    assert_eq!(statuses[0], StatusCode::NOT_FOUND);
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");

    // A store that is full stores nothing of a request, and goes on with what fits.
    let server = LocalServer::start_config(Config {
        max_store: Some(1 << 20),
        ..temporary()
    })
    .await;
    server.store("products", &json!([{"product_id": "small"}])).await;
    let product = |id: u32| json!({"product_id": id.to_string(), "title": "x".repeat(1000)});
    let large = json!({"data": (0..2000).map(product).collect::<Value>()});
    let (status, answer) = server.post("/v1/products", &large).await;
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE);
    insta::assert_snapshot!(answer["message"].as_str().unwrap(), @"The server could not store the records: there is no room left for them; nothing of this request was stored. Free some, and send it again");
    assert_eq!(server.counts().await["products"], 1);
    server.store("products", &json!([{"product_id": "another"}])).await;
}

#[tokio::test]
async fn the_key_decides_between_environments_and_each_has_its_own() {
    let (development, tour) = (Keys::generate().unwrap(), Keys::generate().unwrap());
    let configs = vec![
        Config::temporary(development.clone()),
        Config {
            name: "Tour".to_owned(),
            read_only: true,
            ..Config::temporary(tour.clone())
        },
        Config {
            name: "Shaky".to_owned(),
            faults: always(FaultKind::TooMany),
            ..Config::temporary(Keys::generate().unwrap())
        },
    ];
    let shaky = configs[2].keys.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(tatami::server::serve_all(
        listener,
        configs.clone(),
        std::future::pending(),
    ));
    let client = local_server::client();
    let send = async |key: &str, body: &Value| {
        let request = client.post(format!("{url}/v1/products?api_key={key}")).json(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(&development.secret, &batch(0..4)).await, 200);
    assert_eq!(send(&tour.secret, &batch(0..4)).await, 400);
    assert_eq!(send(&shaky.secret, &batch(0..4)).await, 429);
    let count = async |key: &str| {
        let request = client.get(format!("{url}/_tatami/counts?api_key={key}"));
        read(request.send().await.unwrap()).await.1["data"]["products"].clone()
    };
    assert_eq!(count(&development.secret).await, 4);
    assert_eq!(count(&tour.secret).await, 0);
    served.abort();

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let same = vec![configs[0].clone(), configs[0].clone()];
    let refused = tatami::server::serve_all(listener, same, std::future::pending()).await;
    insta::assert_snapshot!(refused.unwrap_err(), @"the environments Local and Local have a key in common; give each its own");
}
