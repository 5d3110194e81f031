//! What `check` and `upload` say of how a file was read: the same, to people and to programs.
#![cfg(unix)]

use crate::common::files::zip;
use crate::home::{Home, at};
use serde_json::Value;

/// A file, the words for it, and what a program is told.
fn check(name: &str, bytes: &[u8]) -> (String, Value) {
    let home = Home::new();
    let server = home.serve();
    home.file(name, bytes);
    let checked = home.run(&["check", name, "--dataset", "products"]);
    let uploaded = at(
        &home,
        &server,
        &["upload", name, "--dataset", "products", "--report", "report.json"],
    );
    // The lines about the reading are the first ones in both.
    let said: Vec<&str> = checked
        .out
        .lines()
        .skip(1)
        .take_while(|line| !line.contains('→') || line.contains("rows →"))
        .collect();
    let said: Vec<&str> = said
        .into_iter()
        .filter(|line| line.starts_with("  ") && !line.contains("column"))
        .collect();
    for line in &said {
        assert!(uploaded.all().contains(line), "{line}\n{}", uploaded.all());
    }
    let json: Value = serde_json::from_str(
        &home
            .run(&["check", name, "--dataset", "products", "--format", "json"])
            .out,
    )
    .unwrap();
    let report: Value = serde_json::from_str(&home.read("report.json")).unwrap();
    assert_eq!(json["files"][0]["reading"], report["reading"]);
    (said.join("\n"), report["reading"].clone())
}

#[test]
fn what_is_left_out_is_said() {
    let (said, reading) = check(
        "catalog.csv",
        b"Report\n\nproduct_id;title;price\n----------;-----;-----\nP-1;\"Lamp,\nsmall\";12.50\n;;\nP-2;Mat;30\nTotal;;42.50\n(2 rows)\n",
    );
    insta::assert_snapshot!(said, @r#"
written with ; between cells, the header on line 3
3 lines of 2 rows + 1 header + 2 before the header + 4 left out = 10 lines
left out: line 4 (a line of dashes), line 7 (without a value), line 9 (a sum), line 10 (a footer) (--every-line takes all for rows)
"#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&reading).unwrap(), @r#"
{
  "format": "csv",
  "delimiter": ";",
  "quote": "\"",
  "header_line": 3,
  "encoding": "UTF-8",
  "layers": [],
  "files": [],
  "not_read": [],
  "other_sheets": [],
  "lines": {
    "all": 10,
    "rows": 3,
    "header": 1,
    "titles": 2,
    "left_out": 4,
    "empty": 0
  },
  "left_out": [
    {
      "first": 4,
      "last": 4,
      "what": "a line of dashes"
    },
    {
      "first": 7,
      "last": 7,
      "what": "without a value"
    },
    {
      "first": 9,
      "last": 9,
      "what": "a sum"
    },
    {
      "first": 10,
      "last": 10,
      "what": "a footer"
    }
  ],
  "notes": []
}
"#);
}

#[test]
fn which_files_are_read_is_said() {
    let archive = zip(&[
        ("a.csv", b"product_id,title\nP-1,Lamp\n"),
        ("b.csv", b"product_id,title\nP-2,Mat\n"),
        ("c.csv", b"email\na@b.example\n"),
    ]);
    let (said, reading) = check("export.zip", &archive);
    insta::assert_snapshot!(said, @r#"  2 files are read as one table: a.csv, b.csv"#);
    insta::assert_snapshot!(reading, @r#"{"format":"csv","delimiter":",","quote":"\"","header_line":1,"encoding":"UTF-8","layers":["ZIP"],"files":["a.csv","b.csv"],"not_read":[{"file":"c.csv","reason":"it is one of several files, and its columns are not those of a.csv: product_id, title is missing, email is new"}],"other_sheets":[],"lines":{"all":4,"rows":2,"header":2,"titles":0,"left_out":0,"empty":0},"left_out":[],"notes":[]}"#);
}

#[test]
fn what_was_rewritten_is_said() {
    let text =
        br#"{"Items":[{"product_id":{"S":"P-1"},"sale_price":{"N":"12.50"}},{"product_id":{"S":"P-2"}}],"Count":2}"#;
    let (said, reading) = check("scan.json", text);
    insta::assert_snapshot!(said, @r#"
Nested JSON: 2 rows → 2 records
Values with a DynamoDB type are written plainly: {"N":"12.50"} is 12.50
--preset none reads the file as it stands
The records are those of the list under Items; Count beside it is not read
"#);
    insta::assert_snapshot!(reading, @r#"{"format":"json list","records":"Items","encoding":"UTF-8","layers":[],"files":[],"not_read":[],"other_sheets":[],"preset":"nested","left_out":[],"notes":["Nested JSON: 2 rows → 2 records","Values with a DynamoDB type are written plainly: {\"N\":\"12.50\"} is 12.50","The records are those of the list under Items; Count beside it is not read"]}"#);
}

#[test]
fn columns_are_named_as_the_file_has_them() {
    let home = Home::new();
    home.file(
        "export.jsonl",
        "{\"Item\":{\"sku\":{\"S\":\"P-1\"},\"price\":{\"N\":\"12.50\"},\"note\":{\"NULL\":true}}}\n",
    );
    let maps = [
        "--dataset",
        "products",
        "--map",
        "Item.sku.S=product_id",
        "--map",
        "Item.price=sale_price",
        "--drop",
        "Item.note.NULL",
    ];
    let ended = home.run(&[&["check", "export.jsonl"][..], &maps].concat());
    assert_eq!(ended.out.lines().last(), Some("The one row can be sent; no problems"));
}

#[test]
fn a_separator_and_a_list_can_be_named() {
    let home = Home::new();
    home.file("a.txt", "1::x:y\n2::z\n");
    home.file(
        "b.json",
        r#"{"people":[{"user_id":"U-1"}],"things":[{"user_id":"T-1"},{"user_id":"T-2"}]}"#,
    );
    let first = |args: &[&str]| home.run(args).out.lines().next().unwrap_or_default().to_owned();
    let named = [
        "check",
        "a.txt",
        "--dataset",
        "users",
        "--delimiter",
        "::",
        "--map",
        "column 1=user_id",
    ];
    assert_eq!(first(&named), "a.txt: 2 rows, users");
    let named = ["check", "b.json", "--dataset", "users", "--records", "people"];
    assert_eq!(first(&named), "b.json: 1 row, users");
    let refused = home.run(&["check", "b.json", "--records", "nobody"]);
    assert_eq!(
        (refused.code, refused.err.contains("there are people, things")),
        (2, true)
    );
}
