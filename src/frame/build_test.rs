//! The pass over a file, in blocks of any size.

use std::{fmt::Write as _, ops::ControlFlow};

use proptest::prelude::*;

use super::{
    Edits, Frame, OpenOptions, Visit,
    build::{BLOCK, Extent, LONGEST, build},
    source::Source,
};
use crate::domain::{cell::Cell, progress::Progress};

/// Writes down what it sees.
struct Witness(Vec<String>);

impl Visit for Witness {
    type Gathered = String;

    fn columns(&self) -> &[String] {
        &self.0
    }

    fn start(&self) -> String {
        String::new()
    }

    fn row(&self, gathered: &mut String, row: u32, cells: &[Cell<'_>]) {
        writeln!(gathered, "{row} {cells:?}").ok();
    }

    fn join(&self, gathered: &mut String, later: String) {
        gathered.push_str(&later);
    }
}

/// All there is to know of a text that is read `block` bytes at a time: its rows as they were seen on the way, the
/// columns, where every record is, and the defects.
fn read(text: &str, block: usize) -> Result<(String, String), String> {
    let options = OpenOptions::default();
    let whole = Frame::from_text("text", text, &options).map_err(|error| error.to_string())?;
    let witness = Witness(whole.columns().to_vec());
    let source = Source::bytes("text", text.as_bytes().to_vec());
    let sniffed = Frame::sniff(&source, &options).map_err(|error| error.to_string())?;
    let built = build(
        &source,
        &sniffed,
        Extent::ALL,
        block,
        &witness,
        &Progress::default(),
        &|_| {},
    )
    .map_err(|error| error.to_string())?;
    let places: Vec<_> = (0..=built.index.len())
        .map(|row| (built.index.offset(row), built.index.line(row)))
        .collect();
    let all = format!("{:?}\n{places:?}\n{:?}", built.columns.names(), built.defects);
    let mut scanned = String::new();
    whole
        .scan(0..whole.len(), &Edits::default(), &mut |row, cells| {
            witness.row(&mut scanned, row, cells);
            ControlFlow::Continue(())
        })
        .map_err(|error| error.to_string())?;
    assert_eq!(built.gathered, scanned, "the rows seen on the way are those read later");
    Ok((built.gathered, all))
}

fn texts() -> impl Strategy<Value = String> {
    let csv = prop::collection::vec(
        prop::sample::select(vec![
            "id,title,price\n",
            "1,a,2\n",
            "2,\"b, c\",3\r\n",
            "3,\"two\nlines\",\n",
            "4,\"a \"\"quote\"\"\",1\n",
            "\n",
            "\r\n",
            "5,5\" disc,1\n",
            "6,\"5\" disc,1\n",
            "7,\"never closed,1\n",
            "8,too few\n",
            "9,é日本\u{1f600},1\n",
            ",,\n",
            "10,\"\",1",
            "\"",
            ",",
            "11,\"a long cell with many words in it, and a\nline break\",2\n",
        ]),
        0..20,
    );
    let json = prop::collection::vec(
        prop::sample::select(vec![
            "{\"id\":1,\"title\":\"a\"}\n",
            "{\"id\":2,\"new\":[1,{\"x\":\"}\\n\"}]}\n",
            "\n",
            "{\"id\":3,\"id\":4}\n",
            "{\"context\":{\"page\":{\"url\":\"u\"},\"locale\":\"é\"}}\n",
            "{\"context\":{\"locale\":\"é\",\"odd\":1}}\n",
            "{\"custom_attributes\":{\"a.b\":1,\"c\":{}}}\n",
            "{\"broken\":\n",
            "[1]\n",
            "{\"later\": null , \"id\" : 1e2}\r\n",
            "{}\n",
            "{\"context\":{\"page\":{\"url\":\"u\",\"odd\":2}}}\n",
            "{\"i18n_es\":{\"title\":\"t\"},\"i18n_fr\":{\"a.b\":1}}\n",
        ]),
        0..20,
    );
    let lines = json.clone().prop_map(|lines| lines.concat());
    let list = json.prop_map(|lines| {
        let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
        format!("[{}]", lines.join(",\n"))
    });
    prop_oneof![
        csv.prop_map(|lines| format!("id,title,price\n{}", lines.concat())),
        lines,
        list
    ]
}

#[test]
fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    for (head, tail) in [("id,title\n1,", ""), ("{\"id\":1}\n{\"id\":\"", "\"}\n{\"id\":3}\n")] {
        let text = format!("{head}{}{tail}", "x".repeat(LONGEST + 3 * BLOCK));
        let opened = Frame::from_text("text", text, &OpenOptions::default());
        let reason = opened.map(|frame| frame.len()).map_err(|error| error.to_string());
        let expect =
            "text cannot be opened: the record on line 2 is longer than 64 MB; see whether its line or quote ever ends";
        assert_eq!(reason, Err(expect.to_owned()), "{head}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn blocks_make_no_difference(text in texts(), block in 1_usize..200) {
        prop_assert_eq!(read(&text, block), read(&text, text.len() + 1));
    }
}
