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
