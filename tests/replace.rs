//! What an upload does to what is stored: seen before, merged, kept and put back. The program as a process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::home::{self, Home, at};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const CATALOG: &str = "product_id,title,sale_price,description,season\n\
    A,Lamp,12.50,Warm light,summer\n\
    B,Mat,30,Smells of meadow,\n\
    C,Bowl,8,,winter\n";
/// Two that are stored, one of them as it is; and one that is new.
const PRICES: &str = "product_id,title,sale_price,season\nA,Lamp,9.99,\nC,Bowl,8.0,winter\nNEW,Vase,5,\n";

fn get_all(home: &Home, server: &home::Served) -> String {
    let ids = home.run(&["ids", "products", "--url", &server.url]).out;
    let ids: Vec<&str> = ids.lines().collect();
    at(home, server, &[&["get", "products", "--raw"], &ids[..]].concat()).out
}

#[test]
fn what_would_be_lost_is_said_before_and_merging_keeps_it() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args).all();
    home.file("catalog.csv", CATALOG);
    home.file("prices.csv", PRICES);
    at(&["upload", "catalog.csv"]);
    let before = get_all(&home, &server);
    insta::assert_snapshot!(at(&["upload", "prices.csv", "--preview"]), @r#"
    prices.csv: products that would go to local (URL)
      3 rows
      1 new, 1 in the place of a stored record, 1 the same already
      1 product would lose fields, because a record is replaced whole; --merge keeps them:
        custom_attributes.season                    1 product   first in line 2
        description                                 1 product   first in line 2
      other values in sale_price (1)
      A line 2
        - description: "Warm light"
        - custom_attributes.season: "summer"
        ~ sale_price: 12.50 → 9.99
      nothing was sent
    [1]
    "#);
    insta::assert_snapshot!(at(&["upload", "prices.csv", "--preview", "--merge"]), @r#"
    prices.csv: products that would go to local (URL)
      3 rows
      1 new, 1 merged into a stored record, 1 the same already
      fields that the file does not have are kept in 1 product:
        custom_attributes.season                    1 product   first in line 2
        description                                 1 product   first in line 2
      other values in sale_price (1)
      A line 2
        ~ sale_price: 12.50 → 9.99
      nothing was sent
    [0]
    "#);
    assert_eq!(get_all(&home, &server), before, "nothing was sent");
    insta::assert_snapshot!(at(&["upload", "prices.csv", "--merge", "--skip-identical"]), @r#"
    prices.csv: products to local (URL)
      3 rows
      to be merged with what is stored: fields that the rows do not have stay
      2 stored + 1 stored before + 0 rejected + 0 not sent = 3 in 1 request
      Read back 2 of 2: all there
      tatami undo 2 takes it back
      1 of 3 rows
    [0]
    "#);
    insta::assert_snapshot!(get_all(&home, &server), @r#"
    {"product_id":"A","title":"Lamp","sale_price":9.99,"description":"Warm light","custom_attributes":{"season":"summer"}}
    {"product_id":"B","title":"Mat","sale_price":30,"description":"Smells of meadow"}
    {"product_id":"C","title":"Bowl","sale_price":8,"custom_attributes":{"season":"winter"}}
    {"product_id":"NEW","title":"Vase","sale_price":5}
    "#);
}

#[test]
fn an_upload_is_taken_back_but_for_what_has_changed_since() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args).all();
    home.file("catalog.csv", CATALOG);
    home.file("prices.csv", PRICES);
    at(&["upload", "catalog.csv"]);
    let before = get_all(&home, &server);
    at(&["upload", "prices.csv"]);
    // Somebody else changes one of them.
    home.file("other.jsonl", r#"{"product_id":"C","title":"Bowl, mended"}"#);
    at(&["upload", "other.jsonl"]);
    let undo = |args: &[&str]| {
        let all = at(&[&["undo", "2"], args].concat());
        // When it began.
        let lines = all.lines().map(|line| match line.split_once("  20") {
            Some((number, rest)) => format!("{number}  {}", rest.get(16..).unwrap_or_default()),
            None => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(undo(&["--preview"]), @r#"
       2  prices.csv (products to local)
          3 stored + 0 rejected + 0 not sent = 3
    To undo it in local (URL):
      1 product is put back
      1 product is deleted, because nothing was there before
      1 product changed since, stays as it is; --over-changes undoes it too:
        C
    Nothing was changed
    [1]
    "#);
    insta::assert_snapshot!(undo(&[]), @r#"
       2  prices.csv (products to local)
          3 stored + 0 rejected + 0 not sent = 3
    To undo it in local (URL):
      1 product is put back
      1 product is deleted, because nothing was there before
      1 product changed since, stays as it is; --over-changes undoes it too:
        C
    tatami: this would change 2 products in local (URL, key KEY); add --yes if that is meant
    [2]
    "#);
    insta::assert_snapshot!(undo(&["--yes"]), @r#"
       2  prices.csv (products to local)
          3 stored + 0 rejected + 0 not sent = 3
    To undo it in local (URL):
      1 product is put back
      1 product is deleted, because nothing was there before
      1 product changed since, stays as it is; --over-changes undoes it too:
        C
      2 undone + 0 as before + 1 changed since = 3 in 2 requests
    This will change 2 products in local (URL, key KEY)
      1 of 3 rows
      2 of 3 rows
    [1]
    "#);
    let after = get_all(&home, &server);
    assert_eq!(
        after,
        before.replace(
            before.lines().nth(2).unwrap(),
            r#"{"product_id":"C","title":"Bowl, mended"}"#
        )
    );
    insta::assert_snapshot!(undo(&["--yes", "--over-changes"]), @r#"
       2  prices.csv (products to local)
          3 stored + 0 rejected + 0 not sent = 3, undone by 4
    To undo it in local (URL):
      1 product is put back
      2 products are as before already
      1 product changed since, among these:
        C
      1 undone + 2 as before = 3 in 1 request
    This will change 1 product in local (URL, key KEY)
      2 of 3 rows
    [0]
    "#);
    assert_eq!(get_all(&home, &server), before);
    let discarded = home.run(&["uploads", "1", "--discard"]);
    insta::assert_snapshot!(discarded.out.lines().last().unwrap(), @"      cannot be undone");
    insta::assert_snapshot!(at(&["undo", "1"]), @r"
    tatami: upload 1 cannot be undone: nothing is kept of what it replaced: it was made without that, or the copy was discarded
    [2]
    ");
    home.file("clicks.jsonl", r#"{"type":"click","user_id":"u1","product_ids":["A"]}"#);
    at(&["upload", "clicks.jsonl"]);
    insta::assert_snapshot!(at(&["undo", "6"]), @r#"
    tatami: upload 6 cannot be undone: interactions are added and never replaced, and the API can delete only all of a user's
    [2]
    "#);
    insta::assert_snapshot!(at(&["upload", "clicks.jsonl", "--merge"]), @r#"
    tatami: interactions are added and never replaced, and the API cannot hand them out; --preview, --merge and --skip-identical are for products and users
    [2]
    "#);
}

/// What a made-up service holds, how often its products were read by a list, and to how many uploads it says that it
/// failed although it stored them.
type Held = Arc<Mutex<(BTreeMap<String, Value>, u32, u32)>>;

/// A service that hands products out with keys of its own, and does not want those back; its list leaves the
/// descriptions out.
async fn service(held: Held) -> String {
    let read = |held: &Held, id: &str| {
        let held = held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = held.0.get(id).cloned()?;
        record["product_group_id_or_product_id"] = json!(id);
        record["category_path_0"] = json!(["x"]);
        Some(record)
    };
    let one = async move |State(held): State<Held>, Path(id): Path<String>| match read(&held, &id) {
        Some(record) => (StatusCode::OK, Json(json!({"message": "success", "data": record}))),
        None => (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))),
    };
    let list = async move |State(held): State<Held>, Json(body): Json<Value>| {
        held.lock().unwrap_or_else(PoisonError::into_inner).1 += 1;
        let ids = body["product_ids"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap());
        let product = |id: &str| match read(&held, id) {
            Some(mut record) => {
                record.as_object_mut().unwrap().remove("description");
                record["_found"] = json!(true);
                record
            }
            None => json!({"_found": false, "product_id": id}),
        };
        let products: Vec<Value> = ids.map(product).collect();
        Json(json!({"message": "success", "data": {"products": products}}))
    };
    let put = async |State(held): State<Held>, Json(body): Json<Value>| {
        let records = body["data"].as_array().unwrap();
        assert!(
            records.iter().all(|record| record.get("category_path_0").is_none()),
            "{body}"
        );
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            held.0
                .insert(record["product_id"].as_str().unwrap().to_owned(), record.clone());
        }
        if held.2 > 0 {
            held.2 -= 1;
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"message": "oh"})));
        }
        (StatusCode::OK, Json(json!({"message": "success"})))
    };
    let app = Router::new()
        .route("/v1/products", post(put))
        .route("/v1/search/mget", post(list))
        .route("/v1/products/{id}", get(one))
        .with_state(held);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_says_less_than_the_records_is_not_believed() {
    let record = |id: u32| json!({"product_id": format!("p{id}"), "title": "Old", "description": "Long"});
    let all = (0..250).map(|id| (format!("p{id}"), record(id)));
    let held: Held = Arc::new(Mutex::new((all.collect(), 0, 0)));
    let url = service(Arc::clone(&held)).await;
    let home = Home::new();
    let rows: Vec<String> = (0..250).map(|id| format!("p{id},New\n")).collect();
    home.file("titles.csv", format!("product_id,title\n{}", rows.concat()));
    let lists = Arc::clone(&held);
    let run = tokio::task::spawn_blocking(move || {
        let run = |args: &[&str]| {
            let mut command = home.command(&[args, &["--url", &url]].concat());
            home::ended(command.env("TATAMI_KEY", "a key"))
        };
        let place = url.trim_start_matches("http://");
        let preview = run(&["upload", "titles.csv", "--preview"]);
        let lists = lists.lock().unwrap().1;
        (
            preview,
            lists,
            run(&["upload", "titles.csv", "--merge", "--production"]),
            run(&["undo", "1", "--confirm", place]),
        )
    });
    let (preview, lists, uploaded, undone) = run.await.unwrap();
    assert!(
        preview.out.contains("250 products would lose fields"),
        "{}",
        preview.out
    );
    assert!(
        (1..=3).contains(&lists),
        "{lists} lists were read before it was found out"
    );
    assert_eq!(uploaded.code, 0, "{}", uploaded.all());
    assert!(uploaded.out.contains("250 stored"), "{}", uploaded.out);
    assert_eq!(undone.code, 0, "{}", undone.all());
    let held = held.lock().unwrap();
    for id in 0..250 {
        assert_eq!(
            held.0[&format!("p{id}")],
            record(id),
            "put back whole, without what the service adds"
        );
    }
    assert_eq!(held.1, lists, "what is merged or put back is read record by record");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_without_an_answer_is_settled_by_reading_it_back() {
    let held: Held = Arc::default();
    let url = service(Arc::clone(&held)).await;
    let home = Home::new();
    let rows: Vec<String> = (0..250).map(|id| format!("p{id},Thing {id}\n")).collect();
    home.file("things.csv", format!("product_id,title\n{}", rows.concat()));
    let run = tokio::task::spawn_blocking(move || {
        let upload = |more: &[&str]| {
            held.lock().unwrap().2 = 1;
            let mut command = home.command(&[&["upload", "things.csv", "--production", "--url", &url], more].concat());
            home::ended(command.env("TATAMI_KEY", "a key"))
        };
        (upload(&[]), upload(&["--no-snapshot"]))
    });
    let (looked, sent_again) = run.await.unwrap();
    for (ended, how) in [(looked, "reading them back"), (sent_again, "sending them again")] {
        assert!(
            ended.out.contains("250 stored + 0 rejected + 0 not sent = 250"),
            "{}",
            ended.all()
        );
        let said = format!("100 rows were without an answer at first, settled by {how}");
        assert!(ended.out.contains(&said), "{}", ended.all());
    }
}
