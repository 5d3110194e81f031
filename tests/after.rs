//! What an upload leaves for people, and what comes back from them.
#![cfg(unix)]

use crate::home::{Home, at};

const FILE: &str = "\
product_id,title,sale_price
A,Lamp,12.50
B,=HYPERLINK(\"http://x\"),\"12,50\"
,-5,1
";

#[test]
fn rows_that_are_not_stored_go_to_people_and_come_back() {
    let home = Home::new();
    let server = home.serve();
    let at = |args: &[&str]| at(&home, &server, args);
    home.file("catalog.csv", FILE);
    let ended = at(&[
        "upload",
        "catalog.csv",
        "--errors",
        "rest.csv",
        "--report",
        "report.html",
    ]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    insta::assert_snapshot!(home.read("rest.csv"), @r#"
    product_id,title,sale_price,_line,_status,_errors
    B,"'=HYPERLINK(""http://x"")","12,50",3,left out,"sale_price “12,50” must be a number: write a point instead of the comma: 12.50"
    ,-5,1,4,left out,product_id is missing; every record needs one
    "#);
    let page = home.read("report.html");
    for part in [
        "<svg",
        "Upload 1 of catalog.csv",
        "product_id is missing",
        "left out, with errors",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    // Somebody mends one of the two, and sends the file back.
    home.file("rest.csv", home.read("rest.csv").replace("\"12,50\"", "12.50"));
    insta::assert_snapshot!(at(&["upload", "rest.csv"]).all(), @r"
    rest.csv: products to local (URL)
      2 rows, 1 left out because of errors; tatami check says which
      1 warning; tatami check says which
      1 stored + 0 rejected + 1 not sent = 2 in 1 request
      Read back 1 of 1: all there
      tatami undo 2 takes it back
    rest.csv holds rows that were not stored before: 1 of 2 rows have no errors any more
    [1]
    ");
    // What a spreadsheet must not perform is stored as it was.
    insta::assert_snapshot!(at(&["get", "products", "B", "--raw"]).out, @r#"{"product_id":"B","title":"=HYPERLINK(\"http://x\")","sale_price":12.50}"#);
}

#[test]
fn the_files_of_an_upload_can_be_written_later() {
    let home = Home::new();
    let server = home.serve();
    home.file("catalog.csv", FILE);
    at(&home, &server, &["upload", "catalog.csv"]);
    let ended = home.run(&["uploads", "1", "--report", "report.json", "--errors", "rest.xlsx"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    let report: serde_json::Value = serde_json::from_str(&home.read("report.json")).unwrap();
    assert_eq!(
        (&report["stored"], &report["left_out"], &report["rows"]),
        (&1.into(), &2.into(), &3.into())
    );
    insta::assert_snapshot!(report["not_stored"], @r#"[{"line":3,"status":"left out","errors":["sale_price “12,50” must be a number: write a point instead of the comma: 12.50"]},{"line":4,"status":"left out","errors":["product_id is missing; every record needs one"]}]"#);
    // A workbook comes back as well.
    insta::assert_snapshot!(home.run(&["check", "rest.xlsx"]).err, @"rest.xlsx holds rows that were not stored before: 0 of 2 rows have no errors any more");
    home.file("catalog.csv", FILE.replace("Lamp", "Vase"));
    let ended = home.run(&["uploads", "1", "--errors", "rest.csv"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("has changed since upload 1 began"), "{}", ended.err);
}
