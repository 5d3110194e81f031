//! `tatami join`: two files as one, by id.
#![cfg(unix)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Map, Value, json};

use crate::home::Home;

fn home() -> Home {
    let home = Home::new();
    home.file(
        "texts.csv",
        "product_id,title,sale_price,shelf\nA,Lamp,1,7\nB,Mat,2,8\n,Lost,,\nC,Vase,,\n",
    );
    home.file(
        "prices.csv",
        "product_id,sale_price,season\nB,2.50,summer\nA,12.5,\nB,3,winter\nZ,9,\n",
    );
    home
}

#[test]
fn texts_of_one_file_meet_prices_of_another() {
    let home = home();
    let joined = home.run(&["join", "texts.csv", "prices.csv", "--out", "catalog.jsonl"]);
    insta::assert_snapshot!(joined.all(), @"
    catalog.jsonl: 3 products, 2 of them joined
      1 id only in texts.csv, kept:
        C
      1 row of texts.csv is left out because of errors; tatami check says which
      1 id only in prices.csv, not kept:
        Z
      1 row of prices.csv is replaced by a later row with the same id
    [1]
    ");
    insta::assert_snapshot!(home.read("catalog.jsonl"), @r#"
    {"product_id":"A","sale_price":12.5,"title":"Lamp","custom_attributes":{"shelf":7}}
    {"product_id":"B","sale_price":3,"custom_attributes":{"season":"winter","shelf":8},"title":"Mat"}
    {"product_id":"C","title":"Vase"}
    "#);
    // It is a file like any other.
    let checked = home.run(&["check", "catalog.jsonl", "--dataset", "products"]);
    assert!(checked.out.contains("3 rows"), "{}", checked.all());
    // It is kept unless somebody says otherwise.
    let again = home.run(&["join", "texts.csv", "prices.csv", "--out", "catalog.jsonl"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("--force"), "{}", again.err);
    let other = ["join", "texts.csv", "prices.csv", "--out", "catalog.jsonl", "--force"];
    let other = home.run(&[&other[..], &["--prefer", "a", "--keep", "all", "--limit", "0"]].concat());
    insta::assert_snapshot!(other.all(), @"
    catalog.jsonl: 4 products, 2 of them joined
      1 id only in texts.csv, kept
      1 row of texts.csv is left out because of errors; tatami check says which
      1 id only in prices.csv, kept
      1 row of prices.csv is replaced by a later row with the same id
    [1]
    ");
    insta::assert_snapshot!(home.read("catalog.jsonl"), @r#"
    {"product_id":"A","title":"Lamp","sale_price":1,"custom_attributes":{"shelf":7}}
    {"product_id":"B","title":"Mat","sale_price":2,"custom_attributes":{"shelf":8,"season":"winter"}}
    {"product_id":"C","title":"Vase"}
    {"product_id":"Z","sale_price":9}
    "#);
    let only_joined = [
        "join",
        "texts.csv",
        "prices.csv",
        "--keep",
        "joined",
        "--out",
        "joined.jsonl",
    ];
    assert_eq!(home.run(&only_joined).code, 1);
    assert_eq!(home.read("joined.jsonl").lines().count(), 2);
    home.file("same.csv", "product_id,size\nA,L\nB,M\nZ,S\n");
    home.file("whole.csv", "product_id,title\nZ,Zebra\nB,Mat\nA,Lamp\n");
    assert_eq!(
        home.run(&["join", "whole.csv", "same.csv", "--out", "whole.jsonl"])
            .code,
        0
    );
}

/// A null says that a file has no value, whichever file is preferred.
#[test]
fn a_null_leaves_the_value_of_the_other_file() {
    let home = Home::new();
    home.file(
        "a.jsonl",
        r#"{"product_id":"A","title":"Lamp","brand":null,"custom_attributes":{"shelf":7,"season":null}}
{"product_id":"B","title":"Mat","custom_attributes":{"shelf":8}}
"#,
    );
    home.file(
        "b.jsonl",
        r#"{"product_id":"A","title":null,"brand":"Ikea","custom_attributes":{"shelf":null,"season":"winter"}}
{"product_id":"B","title":"Rug","custom_attributes":null}
"#,
    );
    for (prefer, title) in [("a", "Mat"), ("b", "Rug")] {
        let args = [
            "join",
            "a.jsonl",
            "b.jsonl",
            "--prefer",
            prefer,
            "--out",
            "out.jsonl",
            "--force",
        ];
        let joined = home.run(&args);
        assert_eq!(joined.code, 0, "{}", joined.all());
        let records: Vec<Value> = home
            .read("out.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let lamp = json!({
            "product_id": "A",
            "title": "Lamp",
            "brand": "Ikea",
            "custom_attributes": {"shelf": 7, "season": "winter"},
        });
        let mat = json!({"product_id": "B", "title": title, "custom_attributes": {"shelf": 8}});
        assert_eq!(records, [lamp, mat], "--prefer {prefer}");
    }
}

#[test]
fn what_cannot_be_joined_is_said_and_nothing_is_written() {
    let home = home();
    home.file("users.csv", "user_id,age\nu1,3\n");
    home.file("clicks.csv", "type,user_id,product_ids\nclick,u1,A\n");
    for (args, said) in [
        (&["texts.csv", "users.csv", "--out", "x.jsonl"][..], "holds products"),
        (
            &["clicks.csv", "clicks.csv", "--out", "x.jsonl"],
            "interactions have no ids",
        ),
        (&["texts.csv", "none.csv", "--out", "x.jsonl"], "none.csv"),
        (&["-", "-", "--out", "x.jsonl"], "only one of both"),
        (
            &["texts.csv", "prices.csv", "--out", "texts.csv", "--force"],
            "never changed itself",
        ),
        (
            &["texts.csv", "prices.csv", "--out", "no/where.jsonl"],
            "cannot be written",
        ),
        (&["texts.csv", "prices.csv"], "--out"),
    ] {
        let failed = home.run(&[&["join"], args].concat());
        assert!(
            failed.code == 2 && failed.err.contains(said),
            "{args:?}: {}",
            failed.all()
        );
    }
    assert!(!home.path("x.jsonl").exists());
}

/// Many records in another order, against a plain model.
#[test]
fn what_is_joined_is_what_a_plain_model_joins() {
    let home = Home::new();
    let mut random = fastrand::Rng::with_seed(7);
    let mut draw = |field: &str, name: &str| {
        let (mut model, mut text) = (BTreeMap::new(), String::new());
        for _ in 0..400 {
            let id = format!("P{}", random.u16(..300));
            let mut record = Map::new();
            record.insert("product_id".to_owned(), json!(id));
            record.insert(field.to_owned(), json!(format!("{field} {}", random.u8(..))));
            record.insert("title".to_owned(), json!(format!("of {name} {}", random.u8(..))));
            record.insert("custom_attributes".to_owned(), json!({name: random.u8(..)}));
            writeln!(text, "{}", Value::Object(record.clone())).unwrap();
            // The last one counts.
            model.insert(id, record);
        }
        home.file(&format!("{name}.jsonl"), text);
        model
    };
    let (first, second) = (draw("size", "one"), draw("color", "two"));
    for prefer in ["a", "b"] {
        let args = [
            "join",
            "one.jsonl",
            "two.jsonl",
            "--keep",
            "all",
            "--prefer",
            prefer,
            "--out",
            "out.jsonl",
            "--force",
        ];
        let joined = home.run(&args);
        assert_eq!(joined.code, 1, "{}", joined.all());
        let written: BTreeMap<String, Value> = home
            .read("out.jsonl")
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|record| (record["product_id"].as_str().unwrap().to_owned(), record))
            .collect();
        let ids: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
        assert_eq!(written.keys().collect::<BTreeSet<_>>(), ids);
        for (id, record) in &written {
            let mut expected = Map::new();
            let mut own = Map::new();
            let order = if prefer == "b" {
                [&first, &second]
            } else {
                [&second, &first]
            };
            for record in order.into_iter().filter_map(|side| side.get(id)) {
                expected.extend(record.clone());
                own.extend(record["custom_attributes"].as_object().unwrap().clone());
            }
            expected.insert("custom_attributes".to_owned(), Value::Object(own));
            assert_eq!(*record, Value::Object(expected), "{id}");
        }
    }
}
