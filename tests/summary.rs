//! What the columns of a table hold: values counted, and said by `tatami columns --values`.

use std::{cmp::Reverse, collections::HashMap, fmt::Write as _};

use crate::home::Home;
use proptest::prelude::*;
use tatami::{
    domain::{cell::OwnedCell, progress::Progress},
    frame::{ColumnSummary, Edits, Frame, FrameError, OpenOptions},
    ops::summary::summarize,
};

fn open(text: impl Into<Vec<u8>>) -> Frame {
    Frame::from_text("pasted", text, &OpenOptions::default()).expect("opens")
}

fn summaries(frame: &Frame, edits: &Edits) -> Vec<ColumnSummary> {
    let progress = Progress::default();
    let summaries = summarize(frame, edits, &progress).expect("summed up");
    let cells = u64::from(frame.len()) * frame.columns().len() as u64;
    assert_eq!((progress.done(), progress.total()), (cells, cells));
    summaries
}

/// Values with their counts.
fn counted(values: &[(&str, u64)]) -> Vec<(String, u64)> {
    values
        .iter()
        .map(|(value, count)| ((*value).to_owned(), *count))
        .collect()
}

fn from_to(least: &str, most: &str) -> (String, String) {
    (least.to_owned(), most.to_owned())
}

#[test]
fn columns_sum_up() {
    let frame = open("id,price,name\n1,10,b\n2,9.5,a\n3,,b\n4,-1,\n5,10,c\n");
    let [_, price, name] = &summaries(&frame, &Edits::default())[..] else {
        panic!("a summary for every column");
    };
    assert_eq!((price.rows, price.missing, price.distinct), (5, 1, 3));
    assert_eq!(price.range, Some(from_to("-1", "10")));
    assert_eq!((name.distinct, &name.range), (3, &None));
    assert_eq!(name.top, counted(&[("b", 2), ("a", 1), ("c", 1)]));
}

#[test]
fn numbers_are_compared_by_value_and_said_as_written() {
    let range = |values: &[&str]| {
        let lines: Vec<String> = values.iter().map(|value| format!("{{\"n\":{value}}}")).collect();
        summaries(&open(lines.join("\n")), &Edits::default())[0].range.clone()
    };
    assert_eq!(
        range(&["\" 9.50 \"", "10", "1e3", "null"]),
        Some(from_to("9.50", "1e3"))
    );
    // Of equal ones the first, and a zero is a zero.
    assert_eq!(range(&["0", "-0.0", "2.0", "2"]), Some(from_to("0", "2.0")));
    assert_eq!(range(&["\"nan\"", "1"]), None);
    assert_eq!(range(&["1", "\"\""]), None);
    assert_eq!(range(&["null"]), None);
}

#[test]
fn many_rows_are_counted_together_and_can_be_stopped() {
    // More rows than are projected at a time.
    let mut text = String::from("id,kind\n");
    for row in 0..50_000 {
        writeln!(text, "{row},kind {}", row % 7).unwrap();
    }
    let frame = open(text);
    let [id, kind] = &summaries(&frame, &Edits::default())[..] else {
        panic!("a summary for every column");
    };
    assert_eq!((id.rows, id.missing, id.distinct), (50_000, 0, 50_000));
    assert_eq!(id.range, Some(from_to("0", "49999")));
    assert_eq!(
        id.top,
        counted(&[("0", 1), ("1", 1), ("10", 1), ("100", 1), ("1000", 1)])
    );
    assert_eq!(kind.distinct, 7);
    let most = [
        ("kind 0", 7143),
        ("kind 1", 7143),
        ("kind 2", 7143),
        ("kind 3", 7143),
        ("kind 4", 7143),
    ];
    assert_eq!(kind.top, counted(&most));
    let progress = Progress::default();
    progress.cancel();
    let stopped = summarize(&frame, &Edits::default(), &progress);
    assert!(matches!(stopped, Err(FrameError::Cancelled)));
}

/// A value as JSON, or none.
fn value() -> impl Strategy<Value = Option<&'static str>> {
    const TEXTS: &[&str] = &["\"\"", "\"a\"", "\"\\u0061\"", "\"b\"", "\"é\\n\"", "[1]", "true"];
    const NUMBERS: &[&str] = &["1", "1.0", "\"1\"", "-2.5", "1e2", "\" 7\"", "30"];
    prop_oneof![
        2 => Just(None),
        1 => Just(Some("null")),
        2 => proptest::sample::select(TEXTS).prop_map(Some),
        6 => proptest::sample::select(NUMBERS).prop_map(Some),
    ]
}

/// The same summary the plain way, of JSON values that are there.
fn counted_plainly(values: &[Option<&str>]) -> ColumnSummary {
    let mut texts: Vec<String> = Vec::new();
    for json in values.iter().flatten().filter(|json| **json != "null") {
        texts.push(serde_json::from_str(json).unwrap_or_else(|_| (*json).to_owned()));
    }
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for text in &texts {
        *counts.entry(text).or_default() += 1;
    }
    let distinct = counts.len() as u64;
    let mut top: Vec<(String, u64)> = counts
        .into_iter()
        .map(|(text, count)| (text.to_owned(), count))
        .collect();
    top.sort_by_key(|(text, count)| (Reverse(*count), text.clone()));
    top.truncate(5);
    let numbers: Option<Vec<(f64, &str)>> = texts
        .iter()
        .map(|text| Some((text.trim().parse().ok()?, text.trim())))
        .collect();
    let mut numbers = numbers.unwrap_or_default();
    // Stable: of equal numbers the first one stays before the others.
    numbers.sort_by(|left, right| left.0.total_cmp(&right.0));
    let most = numbers.last().map(|most| most.0);
    let most = numbers.iter().find(|number| Some(number.0) == most);
    ColumnSummary {
        rows: values.len() as u64,
        missing: (values.len() - texts.len()) as u64,
        distinct,
        top,
        range: numbers.first().zip(most).map(|(least, most)| from_to(least.1, most.1)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_column_is_summed_up_as_by_hand(
        rows in proptest::collection::vec((value(), value()), 1..60),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), value()), 0..6),
    ) {
        let mut lines = String::new();
        for (row, (left, right)) in rows.iter().enumerate() {
            write!(lines, "{{\"row\":{row}").unwrap();
            for (key, value) in [("left", left), ("right", right)] {
                if let Some(json) = value {
                    write!(lines, ",\"{key}\":{json}").unwrap();
                }
            }
            lines.push_str("}\n");
        }
        let frame = open(lines);
        let (mut left, mut right): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let mut edits = Edits::default();
        let column = |name| frame.columns().iter().position(|own| own == name);
        if let Some(column) = column("left") {
            for (row, value) in changes {
                let row = row.index(left.len());
                let cell = value.map_or(OwnedCell::Missing, |json| OwnedCell::Json(json.into()));
                edits.set(u32::try_from(row).unwrap(), u32::try_from(column).unwrap(), Some(cell));
                left[row] = value;
            }
        }
        let summaries = summaries(&frame, &edits);
        for (name, values) in [("left", &mut left), ("right", &mut right)] {
            if let Some(at) = column(name) {
                prop_assert_eq!(&summaries[at], &counted_plainly(values), "{}", name);
            }
        }
    }
}

/// Only what `--values` adds.
fn values(home: &Home, args: &[&str]) -> String {
    let plain = home.run(&[&["columns"], args].concat());
    let ran = home.run(&[&["columns"], args, &["--values"]].concat());
    assert_eq!((ran.code, plain.code), (0, 0), "{}", ran.all());
    let mut told = plain.out.lines().peekable();
    let mut added = String::new();
    for line in ran.out.lines() {
        if told.next_if_eq(&line).is_none() {
            writeln!(added, "{line}").unwrap();
        }
    }
    assert_eq!(told.next(), None, "something is said no more");
    added
}

#[test]
#[cfg(unix)]
fn columns_say_what_they_hold() {
    let home = Home::new();
    home.file(
        "catalog.csv",
        "product_id,title,sale_price,brand,color\n\
         A,Lamp,\" 9.50 \",,red\nB,Mat,12,,blue\nC,Rug,980.00,,red\nD,Vase,9.50,,\n",
    );
    insta::assert_snapshot!(home.run(&["columns", "catalog.csv", "--values"]).all(), @r#"
    catalog.csv: products, 4 rows, 5 columns
      product_id → product_id (same name, confidence 100): "A"
          all 4 different, none missing
      title      → title (same name, confidence 100): "Lamp"
          all 4 different, none missing
      sale_price → sale_price (same name, confidence 100): 9.50
          all 4 different, none missing, 9.50 to 980.00
      brand      → brand (same name, confidence 100): nothing in the first row
          no values
      color      → color (same name, confidence 100): "red"
          2 different, 1 missing; most: red (2), blue (1)
    [0]
    "#);
    // A null is no value, an empty text is one; nothing in a file is obeyed by a terminal.
    let lines = [
        r#"{"product_id":"A","title":"\u001b[31mred\u0007","note":null,"list":["x","y"],"is_on":true}"#,
        r#"{"product_id":"B","title":"\u001b[31mred\u0007","note":"","list":["x","y"],"is_on":false}"#,
        r#"{"product_id":"C","title":" two\nlines \u202e","note":"","list":null,"is_on":true}"#,
        r#"{"product_id":"D","title":"a title that is much too long for a line with others","note":"a, b","list":["x"]}"#,
    ];
    home.file("catalog.jsonl", lines.join("\n"));
    insta::assert_snapshot!(values(&home, &["catalog.jsonl"]), @r#"
    all 4 different, none missing
    3 different, none missing; most: \u{1b}[31mred\u{7} (2), “ two\nlines \u{202e}” (1), a title that is much to… (1)
    2 different, 1 missing; most: “” (2), a, b (1)
    2 different, 1 missing; most: ["x","y"] (2), ["x"] (1)
    2 different, 1 missing; most: true (2), false (1)
    "#);
    let mut many = String::from("product_id,size\n");
    for row in 0..2_000 {
        writeln!(many, "P{row},{}", row % 9).unwrap();
    }
    home.file("many.csv", many);
    insta::assert_snapshot!(values(&home, &["many.csv"]), @r"
    all 2,000 different, none missing
    9 different, none missing, 0 to 8; most: 0 (223), 1 (223), 2 (222), 3 (222), 4 (222), …
    ");
    // Read as the options say.
    home.file("bare.csv", "A;1,5\nB;2,5\n");
    insta::assert_snapshot!(values(&home, &["bare.csv", "--delimiter", ",", "--no-header", "--dataset", "products"]), @r"
    all 2 different, none missing
    1 different, none missing; most: 5 (2)
    ");
}

#[test]
#[cfg(unix)]
fn secrets_are_counted_and_not_shown() {
    let home = Home::new();
    home.file(
        "users.csv",
        "user_id,Passwort,pin\nu1,x9!kk,17\nu2,hunter2,17\nu3,hunter2,\n",
    );
    let found = values(&home, &["users.csv"]);
    assert!(!found.contains("hunter2"), "{found}");
    insta::assert_snapshot!(found, @r"
    all 3 different, none missing
    2 different, none missing
    1 different, 1 missing; most: 17 (2)
    ");
    let insisted = values(&home, &["users.csv", "--map", "Passwort=custom_attributes.pass"]);
    assert!(insisted.contains("hunter2 (2)"), "{insisted}");
}

#[test]
#[cfg(unix)]
fn a_file_without_rows_says_nothing_of_values() {
    let home = Home::new();
    home.file("header.csv", "product_id,title\n");
    insta::assert_snapshot!(values(&home, &["header.csv"]), @r"
    no values
    no values
    ");
}
