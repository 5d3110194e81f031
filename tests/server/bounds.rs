//! What a request may take of the server: memory in proportion to its body, and so many records, ids and lines.

use std::fmt::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::local_server::LocalServer;

/// A list of `count` elements.
fn list(count: usize, element: impl Fn(usize) -> String) -> String {
    let mut list = "[".to_owned();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(list, "{comma}{}", element(number)).unwrap();
    }
    list + "]"
}

fn ones(count: usize) -> String {
    list(count, |_| "1".to_owned())
}

/// The members of an object with `count` names.
fn members(count: usize, member: impl Fn(usize) -> String) -> String {
    let list = list(count, member);
    list[1..list.len() - 1].to_owned()
}

async fn sent(server: &LocalServer, method: Method, path: &str, body: String) -> (StatusCode, Value) {
    let request = server.client.request(method, format!("{}{path}", server.url));
    let request = request.header("X-API-KEY", &server.keys.secret).body(body);
    super::local_server::read(request.send().await.unwrap()).await
}

/// Batches of documented size, with every record wrong many times over.
#[tokio::test]
async fn all_that_is_wrong_with_a_documented_batch_is_said() {
    let server = LocalServer::start().await;
    let body = format!(r#"{{"data":{}}}"#, ones(10_000));
    let (status, answer) = sent(&server, Method::POST, "/v1/interactions", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let lines = answer["data"].as_array().unwrap();
    assert_eq!(lines.len(), 10_000);
    for index in [0, 1, 4_321, 9_999] {
        let line = format!(
            "data.{index} is invalid. The attribute was expected to be of type ''object'' but type 'integer' was given."
        );
        assert_eq!(lines[index], line);
    }
    assert_eq!(answer.get("left_out"), None);

    let product = |number: usize| format!(r#"{{"product_id":"{number}","tags":{},"x":1}}"#, ones(300));
    let body = format!(r#"{{"data":{}}}"#, list(100, product));
    let (status, answer) = sent(&server, Method::POST, "/v1/products", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let lines = answer["data"].as_array().unwrap();
    assert_eq!(lines.len(), 100 * 302);
    assert_eq!(
        lines[302 * 99 + 299],
        "data.99.tags.299 is invalid. The attribute expected to be of type 'string', but 'integer' is given."
    );
    assert_eq!(lines[302 * 100 - 1], "data.99.x is invalid. The attribute is invalid");
    assert_eq!(answer.get("left_out"), None);
}

#[tokio::test]
async fn what_is_beyond_the_bounds_is_refused_and_what_is_left_out_is_said() {
    async fn check(server: &LocalServer, method: Method, path: &str, body: String, expect: &str) {
        let (status, answer) = sent(server, method, path, body).await;
        let said = answer["message"].as_str().unwrap_or_default();
        assert_eq!(format!("{} {said}", status.as_u16()), expect);
    }
    let server = LocalServer::start().await;
    let data = |records: String| format!(r#"{{"data":{records}}}"#);
    let post = || Method::POST;
    let records = "413 The request has more than 10000 records; send fewer records in a request";
    check(&server, post(), "/v1/interactions", data(ones(10_001)), records).await;
    let ids = "413 The request has more than 10000 ids; send fewer ids in a request";
    let many = list(10_001, |number| format!("\"{number}\""));
    let product_ids = format!(r#"{{"product_ids":{many}}}"#);
    check(&server, post(), "/v1/products/_delete", data(product_ids.clone()), ids).await;
    let user_ids = format!(r#"{{"user_ids":{many}}}"#);
    check(&server, Method::DELETE, "/v1/interactions", user_ids.clone(), ids).await;
    check(&server, post(), "/v1/users/_delete", data(user_ids), ids).await;
    check(&server, post(), "/v1/search/mget", product_ids, ids).await;
    let attributes = members(10_001, |number| format!("\"a{number}\":1"));
    let wide = format!(r#"[{{"product_id":"p","custom_attributes":{{{attributes}}}}}]"#);
    let many = "413 The records have more than 10000 custom attributes; send fewer records in a request, or records \
                with fewer";
    check(&server, post(), "/v1/products", data(wide), many).await;

    let long = format!(r#"[{{"product_id":"p","tags":{}}},2]"#, ones(10_001));
    let (_, answer) = sent(&server, Method::POST, "/v1/products", data(long)).await;
    let lines = answer["data"].as_array().unwrap();
    assert_eq!(lines.len(), 10_001);
    assert!(
        lines[10_000].as_str().unwrap().starts_with("data.1 is invalid."),
        "the next record is judged too"
    );
    assert_eq!(
        answer["left_out"],
        "There is more to say: at most 10000 lines on a record and 32 MiB are answered"
    );
    let name = "a".repeat(1 << 20);
    let repeated = members(200, |number| format!("\"x{number}\":1"));
    let repeated = format!(r#"[{{"product_id":"p","i18n_en_{name}":{{{repeated}}}}}]"#);
    let (_, answer) = sent(&server, Method::POST, "/v1/products", data(repeated)).await;
    let bytes: usize = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().len())
        .sum();
    assert!((32 << 20..34 << 20).contains(&bytes), "{bytes}");
    assert!(answer["left_out"].is_string());
}

/// Bodies that never end must not take the memory that all others need.
#[tokio::test]
async fn bodies_have_a_room_in_common() {
    let server = LocalServer::start_with(None, 100_000).await;
    let mut halves = Vec::new();
    let address = server.url.trim_start_matches("http://");
    let half = format!(
        "POST /v1/products HTTP/1.1\r\nHost: local\r\nX-API-KEY: {}\r\nContent-Length: 99000\r\n\r\n{}",
        server.keys.secret,
        "x".repeat(98_000)
    );
    let whole = json!([{"product_id": "p", "title": "x".repeat(20_000)}]);
    let refused = loop {
        let (status, answer) = server.post("/v1/products", &json!({"data": whole})).await;
        if status != StatusCode::OK {
            break (status, answer);
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(half.as_bytes()).await.unwrap();
        halves.push(stream);
    };
    let expect = json!({"message": "Other requests are under way that are too large; try again later"});
    assert_eq!(refused, (StatusCode::SERVICE_UNAVAILABLE, expect));
    drop(halves);
    while server.post("/v1/products", &json!({"data": whole})).await.0 != StatusCode::OK {}
    assert_eq!(server.counts().await["products"], 1);
}

/// The peak of a server's memory in a request, over what it had before.
#[cfg(target_os = "linux")]
mod memory {
    use std::fs;

    use super::*;
    use crate::home::{Home, Served};

    const KEY: &str = "key-of-this-test";

    struct Case {
        name: &'static str,
        method: Method,
        path: &'static str,
        body: fn(usize) -> String,
        /// About how many bytes the body has.
        size: usize,
    }

    fn kib(server: &Served, field: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sends a body, and reads its answer without keeping it.
    async fn send(server: &Served, case: &Case, body: String) -> StatusCode {
        let client = super::super::local_server::client();
        let request = client.request(case.method.clone(), format!("{}{}", server.url, case.path));
        let mut answer = request.header("X-API-KEY", KEY).body(body).send().await.unwrap();
        while answer.chunk().await.unwrap().is_some() {}
        answer.status()
    }

    const CASES: [Case; 17] = [
        case("ones", "/v1/interactions", 2 << 20, |size| data(&ones(size / 2))),
        case("as many ones as are taken", "/v1/interactions", 20_000, |size| {
            data(&ones(size / 2))
        }),
        case("empty objects", "/v1/products", 30_000, |size| {
            data(&list(size / 3, |_| "{}".to_owned()))
        }),
        case("a list of ones", "/v1/products", 2 << 20, |size| {
            data(&format!(r#"[{{"product_id":"p","tags":{}}}]"#, ones(size / 2)))
        }),
        case("lists of ones", "/v1/products", 2 << 20, |size| {
            let tags = ones(size / 1000);
            data(&list(500, |_| format!(r#"{{"product_id":"p","tags":{tags}}}"#)))
        }),
        case("lists in a list", "/v1/products", 2 << 20, |size| {
            let lists = list(size / 4, |_| "[1]".to_owned());
            data(&format!(
                r#"[{{"product_id":"p","categories":{lists},"custom_attributes":{{"a":{lists}}}}}]"#
            ))
        }),
        case("lists within each other", "/v1/products", 2 << 20, |size| {
            data(&format!("{}{}", "[".repeat(size / 2), "]".repeat(size / 2)))
        }),
        case("names in the body", "/v1/products", 2 << 20, |size| {
            format!(
                r#"{{{},"data":[1]}}"#,
                members(size / 10, |number| format!("\"{number}\":1"))
            )
        }),
        case("names in a record", "/v1/products", 2 << 20, |size| {
            data(&format!(
                "[{{{}}}]",
                members(size / 10, |number| format!("\"{number}\":1"))
            ))
        }),
        case("a name again and again", "/v1/interactions", 2 << 20, |size| {
            data(&format!(
                r#"[{{"type":"click",{}}}]"#,
                members(size / 14, |_| r#""user_id":"u""#.to_owned())
            ))
        }),
        case("more attributes than are taken", "/v1/products", 2 << 20, |size| {
            let attributes = members(size / 10, |number| format!("\"{number}\":1"));
            data(&format!(
                r#"[{{"product_id":"p","custom_attributes":{{{attributes}}}}}]"#
            ))
        }),
        case("as many attributes as are taken", "/v1/products", 80_000, |size| {
            let names = members(size / 8, |number| format!("\"{number}\":1"));
            data(&format!(r#"[{{"product_id":"p","custom_attributes":{{{names}}}}}]"#))
        }),
        case("a long name in many lines", "/v1/products", 2 << 20, |size| {
            let (name, texts) = (
                "a".repeat(size / 2),
                members(size / 20, |number| format!("\"{number}\":1")),
            );
            data(&format!(r#"[{{"product_id":"p","i18n_en_{name}":{{{texts}}}}}]"#))
        }),
        case("good records", "/v1/interactions", 320_000, |size| {
            data(&list(size / 32, |_| r#"{"type":"click","user_id":"u"}"#.to_owned()))
        }),
        case("ids to delete", "/v1/products/_delete", 80_000, |size| {
            data(&format!(
                r#"{{"product_ids":{}}}"#,
                list(size / 8, |number| format!("\"{number}\""))
            ))
        }),
        case("ids to find", "/v1/search/mget", 2 << 20, |size| {
            format!(r#"{{"product_ids":{}}}"#, list(size / 4, |_| r#""p""#.to_owned()))
        }),
        case("requests in one", "/v1/bulk", 2 << 20, |size| {
            format!(r#"{{"requests":{}}}"#, ones(size / 2))
        }),
    ];

    const fn case(name: &'static str, path: &'static str, size: usize, body: fn(usize) -> String) -> Case {
        Case {
            name,
            method: Method::POST,
            path,
            body,
            size,
        }
    }

    fn data(records: &str) -> String {
        format!(r#"{{"data":{records}}}"#)
    }

    #[tokio::test]
    async fn a_request_takes_eight_times_its_body_and_a_megabyte() {
        let mut beyond = Vec::new();
        for case in CASES {
            let home = Home::new();
            let server = home.serve_with(&["--key", KEY]);
            // What is loaded and made once is there after a small one of its kind.
            for _ in 0..3 {
                send(&server, &case, (case.body)(case.size.min(20_000) / 4)).await;
            }
            let body = (case.body)(case.size);
            let most = 8 * body.len() + (1 << 20);
            fs::write(format!("/proc/{}/clear_refs", server.process.id()), "5").unwrap();
            let before = kib(&server, "VmRSS:");
            let status = send(&server, &case, body).await;
            let taken = (kib(&server, "VmHWM:") - before) << 10;
            let figures = format!("{}: {status}, {taken} bytes of {most}", case.name);
            println!("{figures}");
            if taken > most {
                beyond.push(figures);
            }
        }
        assert_eq!(beyond, [""; 0]);
    }
}
