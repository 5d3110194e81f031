//! What the local server meets in the wild: garbage, slow and vanishing clients, damaged files, another server on the
//! same records, and a stop in the middle of a request.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tatami::server::{Config, DEFAULT_MAX_BODY, Keys, serve};

use super::local_server::LocalServer;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A connection that says whatever is wanted.
async fn connect(server: &LocalServer) -> TcpStream {
    TcpStream::connect(server.url.trim_start_matches("http://"))
        .await
        .unwrap()
}

/// The head of an upload of products.
fn head(server: &LocalServer, length: usize) -> String {
    let key = &server.keys.secret;
    format!("POST /v1/products HTTP/1.1\r\nHost: local\r\nX-API-KEY: {key}\r\nContent-Length: {length}\r\n\r\n")
}

/// All that is answered until the connection is closed.
async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // The server may close a connection that it will not read any further with a reset.
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8(answer).unwrap()
}

fn products(ids: std::ops::Range<u32>) -> Value {
    let product = |id: u32| json!({"product_id": id.to_string(), "title": "x".repeat(200)});
    ids.map(product).collect()
}

#[tokio::test]
async fn garbage_is_refused_and_the_server_goes_on() {
    async fn check(server: &LocalServer, sent: &[u8], expect: &str) {
        let mut stream = connect(server).await;
        stream.write_all(sent).await.ok();
        stream.shutdown().await.ok();
        let answer = answered(&mut stream).await;
        assert_eq!(answer.lines().next().unwrap_or_default(), expect, "{answer}");
        assert_eq!(server.get("/v1/products/p").await.0, StatusCode::NOT_FOUND);
    }
    let server = LocalServer::start().await;
    check(
        &server,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "HTTP/1.1 400 Bad Request",
    )
    .await;
    check(&server, b"hello?\r\n\r\n", "HTTP/1.1 400 Bad Request").await;
    check(&server, b"", "").await;
    let many = "X-Filler: 1\r\n".repeat(500);
    let headers = format!("GET /v1/products/_ids HTTP/1.1\r\n{many}\r\n");
    check(
        &server,
        headers.as_bytes(),
        "HTTP/1.1 431 Request Header Fields Too Large",
    )
    .await;
    let long = format!(
        "GET /v1/products/_ids HTTP/1.1\r\nX-Filler: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    check(&server, long.as_bytes(), "HTTP/1.1 431 Request Header Fields Too Large").await;
    let lying = "POST /v1/products HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n";
    check(&server, lying.as_bytes(), "HTTP/1.1 400 Bad Request").await;
}

#[tokio::test]
async fn a_request_before_garbage_is_answered() {
    let server = LocalServer::start().await;
    let body = json!({"data": [{"product_id": "first"}]}).to_string();
    let mut stream = connect(&server).await;
    let sent = format!("{}{body}garbage\r\n\r\n", head(&server, body.len()));
    stream.write_all(sent.as_bytes()).await.unwrap();
    let answer = answered(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("HTTP/1.1 400 Bad Request"), "{answer}");
    assert_eq!(server.counts().await["products"], 1);
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing_behind() {
    let server = LocalServer::start().await;
    let body = json!({"data": products(0..100)}).to_string();
    let (start, _) = body.split_at(body.len() / 2);
    // One that goes on to say nothing must not keep others out.
    let mut silent = connect(&server).await;
    silent
        .write_all(format!("{}{start}", head(&server, body.len())).as_bytes())
        .await
        .unwrap();
    let mut vanished = connect(&server).await;
    vanished
        .write_all(format!("{}{start}", head(&server, body.len())).as_bytes())
        .await
        .unwrap();
    drop(vanished);
    server.store("products", &json!([{"product_id": "other"}])).await;
    assert_eq!(server.counts().await["products"], 1);
    drop(silent);
    server.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_request_that_is_under_way() {
    let dir = tempfile::tempdir().unwrap();
    let server = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    let body = json!({"data": products(0..100)}).to_string();
    let (start, rest) = body.split_at(body.len() / 2);
    let mut stream = connect(&server).await;
    // The server asks for the body once it has begun to read the request.
    let head = head(&server, body.len()).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(start.as_bytes()).await.unwrap();
    let stopping = tokio::spawn(server.stop());
    stream.write_all(rest.as_bytes()).await.unwrap();
    let answer = answered(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    stopping.await.unwrap();
    let server = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    assert_eq!(server.counts().await["products"], 100);
}

#[tokio::test]
async fn two_servers_on_the_same_records_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let one = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    let two = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    let fill = async |server: &LocalServer, first: u32| {
        for batch in 0..20 {
            let start = first + batch * 10;
            server.store("products", &products(start..start + 10)).await;
        }
    };
    tokio::join!(fill(&one, 0), fill(&two, 1000));
    assert_eq!(one.counts().await["products"], 400);
    assert_eq!(two.counts().await["products"], 400);
}

#[tokio::test]
async fn records_that_cannot_be_opened_are_said() {
    async fn check(prepare: impl FnOnce(&std::path::Path), expect: &str) {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = Config::kept(dir.path().to_owned(), Keys::generate().unwrap());
        let failure = serve(listener, config, std::future::pending())
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(failure.replace(&dir.path().display().to_string(), "DIR"), expect);
    }
    check(
        |dir| std::fs::write(dir.join("records.sqlite"), "a letter to grandmother ".repeat(500)).unwrap(),
        "the records in DIR/records.sqlite cannot be opened: the file is damaged, or no file of records; move it \
         away, and an empty one is made",
    )
    .await;
    check(
        |dir| {
            let newer = rusqlite::Connection::open(dir.join("records.sqlite")).unwrap();
            newer.pragma_update(None, "user_version", 99).unwrap();
        },
        "DIR/records.sqlite was written by a newer version of this program; use that version or another data directory",
    )
    .await;
    let mut holding = None;
    check(
        |dir| {
            let other = rusqlite::Connection::open(dir.join("records.sqlite")).unwrap();
            other.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE t (a);").unwrap();
            holding = Some(other);
        },
        "the records in DIR/records.sqlite cannot be opened: another program has locked them; end it, or try again \
         later",
    )
    .await;
    drop(holding);
}

/// The file of an earlier version, without the queue.
#[tokio::test]
async fn records_of_the_first_version_are_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let server = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    server.store("products", &products(0..3)).await;
    server.stop().await;
    let first = rusqlite::Connection::open(dir.path().join("records.sqlite")).unwrap();
    first
        .execute_batch("DROP TABLE queue; PRAGMA user_version = 1;")
        .unwrap();
    drop(first);
    let server = LocalServer::start_with(Some(dir.path()), DEFAULT_MAX_BODY).await;
    assert_eq!(server.counts().await["products"], 3);
}
