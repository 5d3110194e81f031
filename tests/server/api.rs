//! The local ingestion server over a real connection.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::local_server::{LocalServer, read};
use tatami::server::Keys;

fn products(ids: &[&str]) -> Value {
    ids.iter()
        .map(|id| json!({"product_id": id, "title": format!("Title of {id}")}))
        .collect()
}

#[tokio::test]
async fn a_record_is_stored_read_replaced_and_deleted() {
    let server = LocalServer::start().await;
    for (dataset, id) in [("products", "product_id"), ("users", "user_id")] {
        let first = json!({id: "one", "custom_attributes": {"color": "red", "size": 1}});
        let (status, answer) = server.post(&format!("/v1/{dataset}"), &json!({"data": [first]})).await;
        assert_eq!((status, &answer["message"]), (StatusCode::OK, &json!("success")));
        let task = answer["data"]["task_id"].as_str().unwrap();
        let (status, body) = server.get(&format!("/v1/{dataset}/_status/{task}")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            (&body["errors"], &body["data"], &body["code"]),
            (&json!(false), &json!([]), &json!(200))
        );
        assert!(body["took"].is_u64());

        let (_, answer) = server.get(&format!("/v1/{dataset}/one")).await;
        assert_eq!(answer, json!({"message": "success", "data": first}));

        // The whole record is replaced, not merged.
        server
            .store(dataset, &json!([{id: "one", "custom_attributes": {"size": 2}}]))
            .await;
        let (_, answer) = server.get(&format!("/v1/{dataset}/one")).await;
        assert_eq!(answer["data"], json!({id: "one", "custom_attributes": {"size": 2}}));

        let path = format!("/v1/{dataset}/one");
        let (status, answer) = server.send(Method::DELETE, &path, Some(&json!({}))).await;
        assert_eq!((status, &answer["message"]), (StatusCode::OK, &json!("deleted")));
        assert!(answer["data"]["task_id"].is_string(), "{answer}");
        let (status, answer) = server.get(&path).await;
        assert_eq!(
            (status, answer),
            (StatusCode::NOT_FOUND, json!({"message": "not found"}))
        );
        // The document has no 404 for a delete: that there was none is the task's to say.
        let (status, answer) = server.send(Method::DELETE, &path, None).await;
        assert_eq!((status, &answer["message"]), (StatusCode::OK, &json!("deleted")));
        let task = answer["data"]["task_id"].as_str().unwrap();
        let (_, told) = server.get(&format!("/v1/{dataset}/_status/{task}")).await;
        assert_eq!(told["data"]["not_found"]["count"], 1);
    }
}

#[tokio::test]
async fn a_record_keeps_its_digits_and_the_order_of_its_fields() {
    let server = LocalServer::start().await;
    let record = r#"{"title":"\u00fcber","product_id":"p","sale_price":12.50,"custom_attributes":{"big":12345678901234567890123,"a":1.0}}"#;
    let url = format!("{}/v1/products?api_key={}", server.url, server.keys.secret);
    let sent = server
        .client
        .post(&url)
        .body(format!("{{ \"data\" : [ {record} ] }}"))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    let url = format!("{}/v1/products/p?api_key={}", server.url, server.keys.secret);
    let text = server.client.get(&url).send().await.unwrap().text().await.unwrap();
    assert_eq!(text, format!(r#"{{"message":"success","data":{record}}}"#));
}

#[tokio::test]
async fn the_last_record_of_an_id_in_a_batch_wins() {
    let server = LocalServer::start().await;
    let records = json!([{"product_id": "p", "title": "old"}, {"product_id": "p", "title": "new"}]);
    server.store("products", &records).await;
    assert_eq!(server.get("/v1/products/p").await.1["data"]["title"], "new");
    assert_eq!(server.counts().await["products"], 1);
}

#[tokio::test]
async fn ids_are_listed_in_order_and_by_type() {
    let server = LocalServer::start().await;
    let (status, answer) = server.get("/v1/products/_ids").await;
    assert_eq!(
        (status, answer),
        (
            StatusCode::NOT_FOUND,
            json!({"status_code": 404, "message": "not found"})
        ),
        "a data set without records is not there"
    );
    let records = json!([{"product_id": "b", "type": "shoe"}, {"product_id": "a"}, {"product_id": "c", "type": "hat"}]);
    server.store("products", &records).await;
    server.store("users", &json!([{"user_id": "u"}])).await;
    assert_eq!(
        server.get("/v1/products/_ids").await.1["data"]["ids"],
        json!(["a", "b", "c"])
    );
    assert_eq!(
        server.get("/v1/products/_ids?type=shoe").await.1["data"]["ids"],
        json!(["b"])
    );
    assert_eq!(server.get("/v1/users/_ids").await.1["data"]["ids"], json!(["u"]));
}

#[tokio::test]
async fn any_text_can_be_an_id() {
    let server = LocalServer::start().await;
    let ids = [
        "a/b",
        "100%",
        "two words",
        "ünïcode-日本",
        "/first",
        "a//b",
        "q?x=1&y#z",
        "+plus",
        "%2F",
        "_ids",
        ".",
    ];
    server.store("products", &products(&ids)).await;
    for id in ids {
        let encoded = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        let (status, answer) = server.get(&format!("/v1/products/{encoded}")).await;
        // Clients take %2E for a dot, and a dot for nothing: such an id can only be deleted by a list.
        if id == "." {
            continue;
        }
        assert_eq!((status, &answer["data"]["product_id"]), (StatusCode::OK, &json!(id)));
    }
    let (status, answer) = server.get("/v1/products/%ff%fe").await;
    assert_eq!((status, answer["message"].is_string()), (StatusCode::BAD_REQUEST, true));
    // The Python client does not encode the slash.
    for path in ["a/b", "/first", "a//b"] {
        assert_eq!(
            server.get(&format!("/v1/products/{path}")).await.1["data"]["product_id"],
            path
        );
    }
    let (status, _) = server.send(Method::DELETE, "/v1/products/a%2Fb", None).await;
    assert_eq!(status, StatusCode::OK);
    let (_, answer) = server
        .post("/v1/products/_delete", &json!({"data": {"product_ids": ["."]}}))
        .await;
    assert_eq!(answer["message"], "deleted");
    assert_eq!(server.counts().await["products"], ids.len() - 2);
}

#[tokio::test]
async fn many_are_deleted_by_a_list_and_the_task_tells() {
    let server = LocalServer::start().await;
    server.store("products", &products(&["a", "b", "c"])).await;
    let ids = json!({"data": {"product_ids": ["a", "nobody", "c", "a"]}});
    let (status, answer) = server.post("/v1/products/_delete", &ids).await;
    assert_eq!((status, &answer["message"]), (StatusCode::OK, &json!("deleted")));
    let task = answer["data"]["task_id"].as_str().unwrap();
    let (_, body) = server.get(&format!("/v1/products/_status/{task}")).await;
    let told = json!({"deleted": {"count": 2, "list": ["a", "c"]}, "not_found": {"count": 1, "list": ["nobody"]}});
    assert_eq!(
        (&body["data"], &body["errors"], &body["code"]),
        (&told, &json!(false), &json!(200))
    );
    assert_eq!(server.get("/v1/products/_ids").await.1["data"]["ids"], json!(["b"]));

    // A task belongs to its data set, and unknown ones are not found.
    for path in [
        format!("/v1/users/_status/{task}"),
        "/v1/products/_status/none".to_owned(),
    ] {
        assert_eq!(
            server.get(&path).await,
            (StatusCode::NOT_FOUND, json!({"message": "not found"}))
        );
    }
    let (status, _) = server.post("/v1/users/_delete", &json!({"data": {}})).await;
    assert_eq!(status, StatusCode::OK, "a client without ids sends an empty object");
    let (status, answer) = server
        .post("/v1/users/_delete", &json!({"data": {"user_ids": ["a", 7]}}))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let place = json!({"loc": ["body", "data", "user_ids", 1], "msg": "str type expected", "type": "type_error.str"});
    assert_eq!(answer, json!({"detail": [place]}));
}

#[tokio::test]
async fn one_bad_record_keeps_all_out_and_every_line_is_the_apis() {
    let server = LocalServer::start().await;
    let records = json!([
        {"type": "product_detail_page_view", "user_id": "u", "product_ids": "123"},
        {"type": "product_detail_page_view", "user_id": "u", "product_ids": ["1"]},
        {"type": "product_detail_page_view", "user_id": "u", "timestamp": "yesterday"},
    ]);
    assert_eq!(
        server.refused("interactions", &records).await,
        [
            "data.0.product_ids is invalid. The attribute was expected to be of type ''array', 'null'' but type \
             'string' was given.",
            "data.2.timestamp is invalid. The attribute should match the 'date-time' format.",
        ]
    );
    let records = json!([{"product_id": "fine"}, {"title": "no id"}]);
    let lines = server.refused("products", &records).await;
    assert_eq!(
        lines,
        ["data.1 is invalid. The attribute property 'product_id' is required."]
    );
    assert_eq!(
        server.counts().await,
        json!({"products": 0, "interactions": 0, "users": 0})
    );
}

#[tokio::test]
async fn custom_attributes_keep_their_type() {
    let server = LocalServer::start().await;
    let record = |id: &str, designer: Value| json!({"product_id": id, "custom_attributes": {"designer": designer}});
    let inconsistent = |index: usize| {
        format!(
            "data.{index}.custom_attributes.designer is invalid. Its data type is not consistent with other records"
        )
    };

    // Within a request the majority decides; null and an empty list have no type, a list that of its items.
    let records = json!([
        record("a", json!([1])),
        record("b", json!("x")),
        record("c", json!("y"))
    ]);
    assert_eq!(server.refused("products", &records).await, [inconsistent(0)]);
    server
        .store("products", &json!([record("a", Value::Null), record("b", json!([]))]))
        .await;
    server.store("products", &json!([record("a", json!(1))])).await;
    server.store("products", &json!([record("b", json!(1.5))])).await;

    server.store("products", &json!([record("a", json!([2, 3]))])).await;

    // Afterwards what is stored decides, also for a dry run.
    let records = json!([record("c", json!("x")), record("d", json!("y")), record("e", json!(3))]);
    assert_eq!(
        server.refused("products", &records).await,
        [inconsistent(0), inconsistent(1)]
    );
    let (status, _) = server.post("/v1/products?dry_run=1", &json!({"data": records})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    // Other data sets have types of their own, and the types go with the last record.
    server
        .store(
            "users",
            &json!([{"user_id": "u", "custom_attributes": {"designer": "x"}}]),
        )
        .await;
    server
        .post("/v1/products/_delete", &json!({"data": {"product_ids": ["a", "b"]}}))
        .await;
    server.store("products", &json!([record("c", json!("x"))])).await;
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let server = LocalServer::start().await;
    let records = json!({"data": [{"product_id": "p", "custom_attributes": {"n": 1}}]});
    let (status, answer) = server.post("/v1/products?dry_run=1", &records).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({"message": "success"})));
    assert_eq!(server.counts().await["products"], 0);
    // Not even the type of an attribute.
    server
        .store(
            "products",
            &json!([{"product_id": "p", "custom_attributes": {"n": "one"}}]),
        )
        .await;
}

#[tokio::test]
async fn equal_interactions_are_one_and_are_deleted_by_user() {
    let server = LocalServer::start().await;
    let dated = json!({"type": "like", "user_id": "u", "product_ids": ["p"], "timestamp": "2024-05-01T10:00:00Z"});
    let undated = json!({"type": "like", "user_id": "v", "product_ids": ["p"]});
    let batch = json!({"data": [dated, undated, dated, undated]});
    let (status, answer) = server.post("/v1/interactions", &batch).await;
    assert_eq!(
        (status, answer),
        (StatusCode::OK, json!({"message": "success"})),
        "interactions have no task"
    );
    server.store("interactions", &json!([dated])).await;
    assert_eq!(server.counts().await["interactions"], 3);

    let (_, page) = server.get("/_tatami/interactions?limit=2").await;
    let rows = page["data"]["interactions"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["record"]), (2, &dated));
    assert!(
        rows[1]["record"]["timestamp"].is_string(),
        "the server's time: {}",
        rows[1]
    );
    let next = page["data"]["next"].as_i64().unwrap();
    let (_, page) = server.get(&format!("/_tatami/interactions?after={next}&limit=2")).await;
    assert_eq!(
        (
            page["data"]["interactions"].as_array().unwrap().len(),
            &page["data"]["next"]
        ),
        (1, &Value::Null)
    );

    let (status, answer) = server
        .send(Method::DELETE, "/v1/interactions", Some(&json!({"user_ids": ["v"]})))
        .await;
    assert_eq!((status, answer), (StatusCode::OK, json!({"message": "success"})));
    assert_eq!(server.counts().await["interactions"], 1);
    let (status, answer) = server.send(Method::DELETE, "/v1/interactions", Some(&json!({}))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let place = json!({"loc": ["body", "user_ids"], "msg": "field required", "type": "value_error.missing"});
    assert_eq!(answer, json!({"detail": [place]}));
    let (status, _) = server
        .post("/v1/interactions/_delete", &json!({"data": {"user_ids": ["u"]}}))
        .await;
    assert_eq!(
        (status, &server.counts().await["interactions"]),
        (StatusCode::OK, &json!(0))
    );

    server.store("interactions", &json!([dated, undated])).await;
    let (_, answer) = server.send(Method::DELETE, "/_tatami/interactions", None).await;
    assert_eq!(answer, json!({"message": "deleted", "data": {"count": 2}}));
}

#[tokio::test]
async fn a_full_batch_of_interactions_goes_in_one_request() {
    let server = LocalServer::start().await;
    let record = |number: u32| {
        json!({"type": "click", "user_id": format!("u{}", number % 500), "product_ids": [number.to_string()],
               "timestamp": "2024-05-01T10:00:00.250+02:00"})
    };
    server.store("interactions", &(0..10_000).map(record).collect()).await;
    assert_eq!(server.counts().await["interactions"], 10_000);
}

#[tokio::test]
async fn the_keys_decide_who_may_do_what() {
    let server = LocalServer::start().await;
    let Keys { secret, publishable } = &server.keys;
    let status = async |method: Method, path: &str, header: Option<&str>| {
        let mut request = server
            .client
            .request(method, format!("{}{path}", server.url))
            .body(r#"{"data":[]}"#);
        if let Some(key) = header {
            request = request.header("X-API-KEY", key);
        }
        let (status, answer) = read(request.send().await.unwrap()).await;
        assert!(answer["message"].is_string(), "{answer}");
        let answer = answer.to_string();
        assert!(!answer.contains(secret) && !answer.contains(publishable));
        status.as_u16()
    };
    assert_eq!(status(Method::GET, "/v1/products/_ids", None).await, 401);
    assert_eq!(status(Method::GET, "/v1/products/_ids", Some("wrong")).await, 401);
    assert_eq!(status(Method::GET, "/v1/products/_ids?api_key=", None).await, 401);
    server.store("products", &products(&["p"])).await;
    assert_eq!(status(Method::GET, "/v1/products/_ids", Some(secret)).await, 200);
    assert_eq!(
        status(Method::GET, &format!("/v1/products/_ids?type=a&api_key={secret}"), None).await,
        200
    );
    assert_eq!(status(Method::POST, "/v1/interactions", Some(publishable)).await, 200);
    assert_eq!(
        status(Method::POST, &format!("/v1/interactions?api_key={publishable}"), None).await,
        200
    );
    assert_eq!(status(Method::DELETE, "/v1/interactions", Some(publishable)).await, 403);
    assert_eq!(status(Method::POST, "/v1/products", Some(publishable)).await, 403);
    assert_eq!(status(Method::GET, "/v1/products/_ids", Some(publishable)).await, 403);
    assert_eq!(status(Method::GET, "/_tatami/counts", None).await, 401);
    assert_eq!(status(Method::GET, "/_tatami/counts", Some(publishable)).await, 403);
    assert_eq!(status(Method::GET, "/_tatami/health", None).await, 200);
    assert_eq!(status(Method::GET, "/v1/nothing", Some(secret)).await, 404);
    assert_eq!(status(Method::PUT, "/v1/products/p", Some(secret)).await, 405);
}

#[tokio::test]
async fn browsers_may_call_from_any_page() {
    let server = LocalServer::start().await;
    let url = format!("{}/v1/interactions", server.url);
    let preflight = server
        .client
        .request(Method::OPTIONS, &url)
        .header("Origin", "https://shop.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type,x-api-key");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let header = |name: &str| answer.headers()[name].to_str().unwrap();
    // Beacons come with cookies, for which browsers want the origin by name.
    assert_eq!(header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(header("access-control-allow-credentials"), "true");
    assert_eq!(header("access-control-allow-methods"), "GET, POST, DELETE");
    assert_eq!(header("access-control-allow-headers"), "content-type, x-api-key");

    // A beacon: JSON that is called text.
    let beacon = server.client.post(format!("{url}?api_key={}", server.keys.publishable));
    let beacon = beacon.header("Content-Type", "text/plain;charset=UTF-8");
    let body = r#"{"data":[{"type":"home_page_view","anonymous_id":"a"}]}"#;
    let answer = beacon.body(body).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(read(answer).await, (StatusCode::OK, json!({"message": "success"})));
    assert_eq!(server.counts().await["interactions"], 1);
    // A page must also be able to read why it is refused.
    let refused = server.client.get(&url).send().await.unwrap();
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn a_body_that_is_no_batch_is_refused() {
    let server = LocalServer::start().await;
    let url = format!("{}/v1/products?api_key={}", server.url, server.keys.secret);
    let send = async |body: &'static [u8]| read(server.client.post(&url).body(body).send().await.unwrap()).await;
    for body in [
        &b""[..],
        b"{\"data\": [",
        b"{\"data\": [1,]}",
        b"\xff",
        b"{\"data\": [{\"product_id\": 1e999}]}",
    ] {
        let (status, answer) = send(body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["message"].is_string());
    }
    let lines = async |body| {
        let (status, answer) = send(body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        answer["data"].clone()
    };
    let line = "body is invalid. The attribute property 'data' is required.";
    assert_eq!(lines(b"{}").await, json!([line]));
    let line = "data is invalid. The attribute expected to be of type 'array', but 'object' is given.";
    assert_eq!(lines(b"{\"data\": {\"product_id\": \"p\"}}").await, json!([line]));
    let line = "body is invalid. The attribute expected to be of type 'object', but 'array' is given.";
    assert_eq!(lines(b"[]").await, json!([line]));
    let line = "data.0 is invalid. The attribute expected to be of type 'object', but 'integer' is given.";
    assert_eq!(lines(b"{\"data\": [7]}").await, json!([line]));
    assert_eq!(send(b"{\"data\": []}").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_answered_with_413() {
    let server = LocalServer::start_with(None, 1 << 20).await;
    let title = "x".repeat(3 << 20);
    let (status, answer) = server
        .post("/v1/products", &json!({"data": [{"product_id": "p", "title": title}]}))
        .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        answer["message"].as_str().unwrap().contains("1048576 bytes"),
        "{answer}"
    );
    server
        .store("products", &json!([{"product_id": "p", "title": "x".repeat(1 << 19)}]))
        .await;
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = LocalServer::start_with(Some(dir.path()), 1 << 20).await;
    let keys = server.keys.clone();
    server
        .store("products", &json!([{"product_id": "p", "custom_attributes": {"n": 1}}]))
        .await;
    server.stop().await;

    let server = LocalServer::start_with(Some(dir.path()), 1 << 20).await;
    assert_eq!(server.keys, keys);
    assert_eq!(
        server.get("/v1/products/p").await.1["data"]["custom_attributes"]["n"],
        1
    );
    let lines = server
        .refused(
            "products",
            &json!([{"product_id": "q", "custom_attributes": {"n": "1"}}]),
        )
        .await;
    assert_eq!(lines.len(), 1, "the types are kept too: {lines:?}");
}

#[tokio::test]
async fn many_clients_at_once_lose_nothing() {
    let server = std::sync::Arc::new(LocalServer::start().await);
    let tasks: Vec<_> = (0..8)
        .map(|client| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move {
                for batch in 0..10 {
                    let id = |number| format!("{client}-{batch}-{number}");
                    let records = (0..20).map(|number| json!({"product_id": id(number)})).collect();
                    server.store("products", &records).await;
                    assert_eq!(server.get(&format!("/v1/products/{}", id(19))).await.0, StatusCode::OK);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(server.counts().await["products"], 1600);
}

#[tokio::test]
async fn products_are_read_by_a_list() {
    let server = LocalServer::start().await;
    server.store("products", &products(&["a", "b"])).await;
    let ask = json!({"product_ids": ["b", "nobody", "a"], "fl": ["title"]});
    let (status, answer) = server.post("/v1/search/mget", &ask).await;
    let found = json!([
        {"_found": true, "product_id": "b", "title": "Title of b"},
        {"_found": false, "product_id": "nobody"},
        {"_found": true, "product_id": "a", "title": "Title of a"},
    ]);
    assert_eq!((status, &answer["data"]["products"]), (StatusCode::OK, &found));
    let requests = json!({"requests": [
        {"api_name": "search/mget", "body": ask},
        {"api_name": "recommendation/user_to_products", "body": {}},
    ]});
    let (status, answer) = server.post("/v1/bulk", &requests).await;
    assert_eq!((status, &answer["errors"]), (StatusCode::OK, &json!(true)));
    assert_eq!(answer["data"][0]["body"]["data"]["products"], found);
    assert_eq!(answer["data"][1]["status_code"], 404);
    for wrong in [
        json!({}),
        json!({"requests": []}),
        json!({"requests": vec![json!({}); 101]}),
    ] {
        assert_eq!(server.post("/v1/bulk", &wrong).await.0, StatusCode::BAD_REQUEST);
    }
}
