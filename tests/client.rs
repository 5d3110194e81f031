//! The client against the local server: what is uploaded from a table is stored, read back, deleted.

use std::sync::{Arc, Mutex};

use crate::common::plan::NO_PAUSES;
use axum::{Json, extract::State};
use serde_json::json;
use tatami::{
    api::{ApiError, ApiKey, Client, ClientOptions, Counts, DeleteOutcome, Endpoint},
    check::check,
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    ops::{
        Connection, Error,
        delete::{Deleted, delete},
        guard::{ChangeKind, Consent, Permit},
        wipe::{WipeOutcome, WipeStep, Wiped, wipe},
    },
    server::{Config, Keys, serve},
    settings::Paths,
    upload::{Account, Control, Report, Setup, TableRecords, UploadJob, run},
};
use tokio::net::TcpListener;

/// What a made-up server stores.
type Ids = Arc<Mutex<Vec<String>>>;

const PRODUCTS: &str = "\
product_id,title,sale_price,color
00123,First,1.50,red
a/b c,Second,2,blue
bad,Third,\"2,50\",green
ü?#%,Fourth,4,
00123,\"First, again\",5,red
short,row
";

/// A server that keeps nothing, on a port of its own; it ends with the test's runtime. Its address and secret key.
async fn start() -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let keys = Keys::generate().unwrap();
    let key = keys.secret.clone();
    tokio::spawn(serve(listener, Config::temporary(keys), std::future::pending()));
    (url, key)
}

fn client(url: &str, key: impl Into<String>) -> Client {
    let endpoint = Endpoint::new(url, ApiKey::new(key)).unwrap();
    Client::new(endpoint, ClientOptions::default()).unwrap()
}

/// Nothing guards what a test stores.
fn permit(connection: &Connection) -> Permit {
    connection.allow(ChangeKind::Delete, &Consent::default()).unwrap()
}

/// What a wipe says to have deleted.
async fn wiped(url: &str, key: &str, dataset: Dataset) -> Wiped {
    let connection = Connection::new("test", url, ApiKey::new(key)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let outcome = wipe(&permit(&connection), &paths, dataset, &Progress::default(), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(outcome.left, Some(0));
    outcome.wiped
}

async fn upload(client: &Client, dataset: Dataset, name: &str, text: &str, dry_run: bool) -> Report {
    let frame = Arc::new(Frame::from_text(name, text, &OpenOptions::default()).unwrap());
    let is_json = !name.ends_with("csv");
    let mapping = Mapping::suggest(dataset, frame.columns(), is_json);
    let progress = Progress::default();
    let checked = check(&frame, &Edits::default(), &mapping, &progress).unwrap();
    let records = TableRecords::new(frame, Edits::default(), &checked);
    let job = UploadJob {
        dataset,
        rows: records.rows(),
        dry_run,
    };
    let setup = Setup {
        policy: NO_PAUSES,
        ..Setup::new(job, Account::unwritten(records.rows()))
    };
    run(client, setup, records, &progress, &Control::default(), &mut |_| ()).await
}

#[tokio::test]
async fn a_catalog_makes_the_whole_journey() {
    let (url, key) = start().await;
    let client = client(&url, key.clone());
    let dry = upload(&client, Dataset::Products, "shop.csv", PRODUCTS, true).await;
    assert_eq!(dry.tally.to_string(), "4 stored + 0 rejected + 2 not sent = 6");
    assert_eq!(client.counts().await.unwrap(), Some(Counts::default()));

    let report = upload(&client, Dataset::Products, "shop.csv", PRODUCTS, false).await;
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert_eq!(report.tally.to_string(), "4 stored + 0 rejected + 2 not sent = 6");
    assert_eq!((report.tally.with_errors, report.tally.unreadable), (1, 1));

    let mut ids = client.ids(Dataset::Products, None).await.unwrap();
    ids.sort();
    assert_eq!(ids, ["00123", "a/b c", "ü?#%"]);
    assert_eq!(client.counts().await.unwrap().unwrap().of(Dataset::Products), 3);
    for id in &ids {
        let record = client.get(Dataset::Products, id).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["product_id"], id.as_str());
    }
    let first = client.get(Dataset::Products, "00123").await.unwrap().unwrap();
    assert!(first.contains("First, again"), "the later row wins: {first}");
    assert_eq!(client.get(Dataset::Products, "nobody").await.unwrap(), None);

    let some = ["00123".to_owned(), "nobody".to_owned()];
    let outcome = client.delete(Dataset::Products, &some).await.unwrap();
    assert_eq!(
        outcome,
        DeleteOutcome {
            deleted: Some(1),
            not_found: Some(1)
        }
    );
    assert_eq!(wiped(&url, &key, Dataset::Products).await, Wiped::Records(2));
    assert_eq!(client.ids(Dataset::Products, None).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn interactions_are_listed_and_deleted() {
    let (url, key) = start().await;
    let client = client(&url, key.clone());
    let line = |user: u32, product: u32| {
        format!(
            "{{\"type\":\"add_to_cart\",\"user_id\":\"u{user}\",\"product_ids\":[\"p{product}\"],\
             \"timestamp\":\"2026-01-02T03:04:05Z\"}}\n"
        )
    };
    let text: String = (0..20).map(|number| line(number % 4, number)).collect();
    let report = upload(&client, Dataset::Interactions, "clicks.jsonl", &text, false).await;
    assert_eq!(report.tally.to_string(), "20 stored + 0 rejected + 0 not sent = 20");

    let (mut after, mut seen) = (None, 0);
    loop {
        let page = client.list_interactions(after, 7).await.unwrap();
        seen += page.interactions.len();
        assert!(
            page.interactions
                .iter()
                .all(|stored| stored.record.contains("add_to_cart"))
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, 20);
    client.delete(Dataset::Interactions, &["u1".to_owned()]).await.unwrap();
    assert_eq!(client.counts().await.unwrap().unwrap().interactions, 15);
    assert_eq!(wiped(&url, &key, Dataset::Interactions).await, Wiped::Records(15));
}

#[tokio::test]
async fn a_wrong_key_is_said_plainly() {
    let (url, _) = start().await;
    let client = client(&url, "wrong-wrong-wrong-wrong");
    assert_eq!(client.ids(Dataset::Users, None).await, Err(ApiError::Unauthorized));
    let report = upload(&client, Dataset::Products, "shop.csv", PRODUCTS, false).await;
    // What was not reached is not sent, and the reason is there.
    assert_eq!(report.tally.not_sent(), 6);
    assert_eq!(report.stopped.unwrap().to_string(), ApiError::Unauthorized.to_string());
}

#[tokio::test]
async fn a_wipe_counts_what_is_gone() {
    // A server that says yes to every delete, and forgets one record of two.
    let routes = axum::Router::new()
        .route(
            "/v1/users/_ids",
            axum::routing::get(async |State(ids): State<Ids>| {
                Json(json!({"message": "success", "data": {"ids": *ids.lock().unwrap()}}))
            }),
        )
        .route(
            "/v1/users/_delete",
            axum::routing::post(async |State(ids): State<Ids>| {
                ids.lock().unwrap().retain(|id| id == "stays");
                Json(json!({"message": "success", "data": {"deleted": {"count": 2}}}))
            }),
        )
        .with_state(Ids::new(Mutex::new(vec!["goes".to_owned(), "stays".to_owned()])));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes).await });
    let progress = Progress::default();
    let connection = Connection::new("test", &url, ApiKey::new("key-of-this-test")).unwrap();
    let mut steps = Vec::new();
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let outcome = wipe(&permit(&connection), &paths, Dataset::Users, &progress, &mut |step| {
        steps.push(step);
    })
    .await;
    let expected = WipeOutcome {
        wiped: Wiped::Records(1),
        left: Some(1),
    };
    assert_eq!(outcome.unwrap(), expected);
    assert_eq!(
        steps,
        [
            WipeStep::Counted(Dataset::Users, Some(2)),
            WipeStep::Wiped(Dataset::Users, Wiped::Records(1)),
            WipeStep::Left(Dataset::Users, Some(1)),
        ]
    );
    assert_eq!((progress.done(), progress.total()), (2, 2));
}

/// A server that takes every order and says nothing of it is asked for its list; one that fails half way says what is
/// gone by then.
#[tokio::test]
async fn a_deletion_that_nobody_confirms_is_looked_up() {
    let routes = axum::Router::new()
        .route(
            "/v1/users/_ids",
            axum::routing::get(async |State(ids): State<Ids>| {
                Json(json!({"message": "success", "data": {"ids": *ids.lock().unwrap()}}))
            }),
        )
        .route(
            "/v1/users/_delete",
            axum::routing::post(async |State(ids): State<Ids>| {
                ids.lock().unwrap().retain(|id| id == "stays");
                Json(json!({"message": "success"}))
            }),
        )
        .route(
            "/v1/products/_delete",
            axum::routing::post(async |State(ids): State<Ids>| {
                let mut ids = ids.lock().unwrap();
                ids.push("asked".to_owned());
                if ids.iter().filter(|id| *id == "asked").count() > 1 {
                    return (axum::http::StatusCode::FORBIDDEN, Json(json!({"message": "no"})));
                }
                let deleted = json!({"message": "success", "data": {"deleted": {"count": 1000}}});
                (axum::http::StatusCode::OK, Json(deleted))
            }),
        )
        .with_state(Ids::new(Mutex::new(vec!["goes".to_owned(), "stays".to_owned()])));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes).await });
    let connection = Connection::new("test", &url, ApiKey::new("key-of-this-test")).unwrap();
    let ids = ["goes".to_owned(), "stays".to_owned()];
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let outcome = delete(&permit(&connection), &paths, Dataset::Users, &ids)
        .await
        .unwrap();
    let expected = Deleted {
        deleted: Some(1),
        not_found: None,
    };
    assert_eq!(outcome, expected);
    let many: Vec<String> = (0..1500).map(|id| id.to_string()).collect();
    let error = delete(&permit(&connection), &paths, Dataset::Products, &many)
        .await
        .unwrap_err();
    assert!(matches!(error.error, Error::Api(ApiError::Forbidden)), "{error}");
    assert_eq!(error.deleted, 1000);
}

/// Nothing the client needs is ours alone: a server without our endpoints is used as well as it can be.
#[tokio::test]
async fn a_server_without_our_endpoints_is_understood() {
    use axum::{
        Router,
        http::StatusCode,
        response::{Html, IntoResponse as _},
        routing::get,
    };
    let said = |status: StatusCode| (status, Json(json!({"message": "no"}))).into_response();
    let answers = [
        said(StatusCode::NOT_FOUND),
        said(StatusCode::METHOD_NOT_ALLOWED),
        said(StatusCode::FORBIDDEN),
        said(StatusCode::UNAUTHORIZED),
        Html("<h1>Welcome</h1>").into_response(),
    ];
    for answer in answers {
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, 1000).await.unwrap();
        let status = parts.status;
        let ids = Json(json!({"data": {"ids": ["a", "b"]}}));
        let routes = Router::new()
            .route("/v1/products/_ids", get(|| async { ids }))
            .fallback(move || async move { (parts, body) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await });
        let client = client(&url, "key-of-this-test");
        assert_eq!(client.counts().await, Ok(None), "{status}");
        assert_eq!(client.ids(Dataset::Products, None).await.unwrap(), ["a", "b"]);
        if status != StatusCode::FORBIDDEN && status != StatusCode::UNAUTHORIZED {
            for unsupported in [
                client.list_interactions(None, 10).await.unwrap_err(),
                client.wipe_interactions().await.unwrap_err(),
                client.faults().await.unwrap_err(),
            ] {
                assert!(
                    matches!(unsupported, ApiError::Unsupported { .. }),
                    "{status}: {unsupported}"
                );
            }
        }
    }
}

/// What the client makes of an answer to an upload.
async fn answered(status: u16, body: &'static str) -> Result<Option<String>, ApiError> {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let router = axum::Router::new().fallback(move || async move { (status, body) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let accepted = client(&url, "key")
        .upload(Dataset::Products, b"{}".to_vec(), false)
        .await;
    accepted.map(|accepted| accepted.task_id)
}

/// The bodies of the published document, and of older servers.
#[tokio::test]
async fn answers_of_every_family_are_understood() {
    async fn check(status: u16, body: &'static str, expect: &str) {
        let said = match answered(status, body).await {
            Ok(task) => format!("task {task:?}"),
            Err(error) => format!("{error} [again: {}]", error.retryable()),
        };
        assert_eq!(said, expect, "{status} {body}");
    }
    check(
        200,
        r#"{"message":"success","data":{"task_id":"t1"}}"#,
        "task Some(\"t1\")",
    )
    .await;
    check(
        200,
        r#"{"message":"success","data":[{"task_id":"t2"}]}"#,
        "task Some(\"t2\")",
    )
    .await;
    check(
        400,
        r#"{"message:":"Request timeout."}"#,
        "The server did not answer in time; try again, or send fewer records at once (Request timeout.) [again: true]",
    )
    .await;
    check(
        401,
        r#"{"message":"invalid api key."}"#,
        "The server does not know this key; check that it is whole and belongs to this environment [again: false]",
    )
    .await;
    check(
        403,
        r#"{"message":"Request is denied due to bot blocking. Please only access this API from a real browser or use Secret API Key instead."}"#,
        "This key may not do that; use the secret key of the environment rather than the publishable one [again: false]",
    )
    .await;
    check(
        422,
        r#"{"detail":[{"loc":["body","data",3,"title"],"msg":"str type expected","type":"type_error.str"}]}"#,
        "The server rejected the records: data.3.title is invalid. str type expected [again: false]",
    )
    .await;
    check(
        422,
        r#"{"detail":[{"loc":["body","data"],"msg":"field required","type":"value_error.missing"}]}"#,
        "The server rejected the records: data is invalid. field required [again: false]",
    )
    .await;
    check(
        500,
        r#"{"message":"Something went wrong. Please contact miso product team."}"#,
        "The server answered with status 500: Something went wrong. Please contact miso product team. [again: true]",
    )
    .await;
}

#[tokio::test]
async fn a_data_set_that_is_not_there_has_no_ids() {
    let (url, key) = start().await;
    let client = client(&url, key);
    for dataset in [Dataset::Products, Dataset::Users] {
        assert_eq!(client.ids(dataset, None).await, Ok(Vec::new()));
    }
}
