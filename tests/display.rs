//! What files hold is shown, and performed by nobody: neither by terminals nor by spreadsheets.
#![cfg(unix)]

use crate::home::{Home, at};

/// A C1 control that begins a command to terminals, an override, an isolate, marks of direction.
const ODD: &str = "a\u{9b}31m\u{202e}b\u{2066}c\u{200f}\u{61c}d";
const ESCAPED: &str = r"a\u{9b}31m\u{202e}b\u{2066}c\u{200f}\u{61c}d";

fn is_plain(text: &str) -> bool {
    let acts = |c: char| c.is_control() && c != '\n';
    let hides =
        |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| acts(c) || hides(c))
}

#[test]
fn spreadsheets_perform_nothing_of_a_list_of_problems() {
    let home = Home::new();
    home.file("catalog.csv", "product_id,sale_price,=now()\nA,=1+1,x\nB,-5,\nC,@x,\n");
    let check = |more: &[&str]| {
        let args = [
            &["check", "catalog.csv", "--dataset", "products", "--format", "csv"],
            more,
        ]
        .concat();
        let ended = home.run(&args);
        assert_eq!(ended.code, 1, "{}", ended.all());
        let mut lines = csv::Reader::from_reader(ended.out.as_bytes());
        let lines = lines.records().map(Result::unwrap);
        lines.map(|line| line.iter().map(str::to_owned).collect()).collect()
    };
    let values = |lines: &[Vec<String>]| -> Vec<String> {
        let prices = lines.iter().filter(|line| line[2] == "sale_price");
        prices.map(|line| line[6].clone()).collect()
    };
    let guarded: Vec<Vec<String>> = check(&[]);
    assert_eq!(values(&guarded), ["'=1+1", "'@x"]);
    for cell in guarded.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let raw: Vec<Vec<String>> = check(&["--raw"]);
    assert_eq!(values(&raw), ["=1+1", "@x"]);
    let bare = |cell: &String| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
    let unguarded: Vec<Vec<String>> = guarded.iter().map(|line| line.iter().map(bare).collect()).collect();
    assert_eq!(unguarded, raw);
}

#[test]
fn what_would_act_or_hide_is_shown_as_an_escape_and_sent_as_it_is() {
    let home = Home::new();
    let server = home.serve();
    home.file("bad.csv", format!("product_id,sale_price,{ODD}\nA,{ODD},x\n"));
    home.file("good.csv", format!("product_id,title\nA,{ODD}\n"));
    for (args, code) in [
        (&["check", "bad.csv", "--dataset", "products"][..], 1),
        (&["columns", "bad.csv", "--dataset", "products"], 0),
    ] {
        let ended = home.run(args);
        assert_eq!(ended.code, code, "{args:?}: {}", ended.all());
        assert!(ended.out.contains(ESCAPED), "{args:?}: {}", ended.out);
        assert!(is_plain(&ended.all()), "{args:?}: {}", ended.out);
    }
    let json = home
        .run(&["check", "bad.csv", "--dataset", "products", "--format", "json"])
        .out;
    assert!(is_plain(&json) && json.contains(r"\u202e"), "{json}");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(report.to_string().contains(ODD), "its values are the same");
    assert_eq!(at(&home, &server, &["upload", "good.csv"]).code, 0);
    let stored = at(&home, &server, &["get", "products", "A"]).out;
    assert!(is_plain(&stored) && stored.contains(r"\u202e"), "{stored}");
    let raw = at(&home, &server, &["get", "products", "A", "--raw"]).out;
    for record in [stored, raw] {
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["title"], ODD);
    }
}
