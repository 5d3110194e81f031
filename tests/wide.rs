//! Records with more columns than anybody looks at: work that grew with their square would not end.

use std::fmt::Write as _;

use serde_json::Value;

use crate::home::Home;

const WIDE: usize = 20_000;

/// What the columns of a file are for, as JSON of `tatami check`.
fn checked(home: &Home, file: &str) -> Value {
    let ended = home.run(&["check", file, "--dataset", "products", "--format", "json"]);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.all()))
}

#[test]
fn wide_tables_are_mapped_checked_and_said() {
    let home = Home::new();
    let mut text = "product_id".to_owned();
    (1..WIDE).for_each(|at| write!(text, ",own {at}").unwrap());
    for row in 0..3 {
        write!(text, "\nA{row}").unwrap();
        (1..WIDE).for_each(|at| write!(text, ",{at}").unwrap());
    }
    home.file("wide.csv", text);
    let all = checked(&home, "wide.csv").to_string();
    for at in [1, WIDE / 2, WIDE - 1] {
        assert!(all.contains(&format!("custom_attributes.own {at}\"")), "own {at}");
    }
    assert_eq!(home.run(&["columns", "wide.csv"]).code, 0);
}

#[test]
fn headers_of_one_name_are_numbered() {
    let home = Home::new();
    let names = vec!["same"; WIDE].join(",");
    let cells = vec!["1"; WIDE].join(",");
    home.file("same.csv", format!("{names}\n{cells}\n"));
    let all = checked(&home, "same.csv").to_string();
    assert!(all.contains(&format!("same ({WIDE})\"")), "{}", all.len());
}

#[test]
fn records_with_keys_of_their_own_are_one_table() {
    let home = Home::new();
    let mut text = String::new();
    for row in 0..40 {
        write!(text, "{{\"product_id\":\"A{row}\",\"custom_attributes\":{{").unwrap();
        for key in 0..WIDE / 40 {
            let comma = if key == 0 { "" } else { "," };
            write!(text, "{comma}\"k{row}_{key}\":{key}").unwrap();
        }
        text.push_str("}}\n");
    }
    home.file("union.jsonl", text);
    let all = checked(&home, "union.jsonl").to_string();
    assert!(all.contains("custom_attributes.k39_499\""), "{}", all.len());
}

#[test]
fn a_problem_of_every_key_is_said_with_its_places() {
    let home = Home::new();
    let mut text = String::new();
    for row in 0..2 {
        write!(text, "{{\"product_id\":\"A{row}\"").unwrap();
        (1..WIDE).for_each(|at| write!(text, ",\"key {at}\":{at}").unwrap());
        text.push_str("}\n");
    }
    home.file("keys.jsonl", text);

    let all = checked(&home, "keys.jsonl");
    let problems = all["files"][0]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), WIDE - 1);
    for (at, problem) in (1..).zip(problems) {
        assert_eq!(problem["column"], format!("key {at}"));
        let places = problem["places"].as_array().unwrap();
        let lines: Vec<_> = places.iter().map(|place| place["line"].as_u64().unwrap()).collect();
        assert_eq!(lines, [1, 2], "key {at}");
        let value = at.to_string();
        assert!(places.iter().all(|place| place["value"] == value), "key {at}");
    }

    let ended = home.run(&["check", "keys.jsonl", "--dataset", "products"]);
    let last = format!("error key {}: ", WIDE - 1);
    assert!(ended.out.contains(&last), "{}", ended.out.len());
    assert_eq!(ended.out.matches("\n  line 2: ").count(), WIDE - 1);

    let ended = home.run(&["check", "keys.jsonl", "--dataset", "products", "--format", "csv"]);
    assert_eq!(ended.out.lines().count(), 1 + 2 * (WIDE - 1));
}
