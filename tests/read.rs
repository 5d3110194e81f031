//! What every way of writing a file reads as.

use std::{fmt::Write as _, fs, ops::ControlFlow, path::PathBuf};

use proptest::prelude::*;
use tatami::{
    domain::{
        cell::{Cell, OwnedCell},
        dataset::Dataset,
        mapping::Mapping,
        progress::Progress,
    },
    frame::{Edits, ExtraColumns, Format, Frame, FrameError, LineBreak, OpenOptions, SortBy, export_csv, sort},
};

fn open(text: impl Into<Vec<u8>>) -> Result<Frame, FrameError> {
    Frame::from_text("pasted", text, &OpenOptions::default())
}

/// Everything a person could see of a frame: format, columns, rows with line and offset, and defects.
fn show(frame: Result<Frame, FrameError>) -> String {
    let frame = match frame {
        Ok(frame) => frame,
        Err(FrameError::Unsupported { reason, .. }) => return format!("refused: {reason}"),
        Err(error) => return format!("failed: {error}"),
    };
    let mut text = format!("{} {:?}\n", written(&frame), frame.columns());
    frame
        .scan(0..frame.len(), &Edits::default(), &mut |row, cells| {
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| match cell {
                    Cell::Missing => "-".to_owned(),
                    Cell::Text(text) => format!("{text:?}"),
                    Cell::Json(json) => (*json).to_owned(),
                })
                .collect();
            writeln!(
                text,
                "{row} (line {} at {}): {}",
                frame.line(row),
                frame.offset(row),
                cells.join(" ")
            )
            .ok();
            ControlFlow::Continue(())
        })
        .expect("readable");
    for defect in frame.defects() {
        writeln!(
            text,
            "! {} (line {} at {}): {}",
            defect.row, defect.line, defect.offset, defect.reason
        )
        .ok();
    }
    text
}

/// How a file is written, as far as it is not the usual way.
fn written(frame: &Frame) -> String {
    let Format::Csv(csv) = frame.format() else {
        return format!("{:?}", frame.format());
    };
    let mut text = format!("Csv {{ delimiter: {} }}", csv.delimiter);
    if csv.quote != Some(b'"') {
        write!(text, " quote: {:?}", csv.quote.map(char::from)).ok();
    }
    if csv.line_break == LineBreak::Cr {
        text.push_str(" CR");
    }
    if !csv.header {
        text.push_str(" no header");
    }
    text
}

macro_rules! check {
    ($input:expr, @$expected:literal) => {
        insta::assert_snapshot!(show(open($input)), @$expected)
    };
}

#[test]
fn csv_cells_stand_as_written() {
    check!("id,isbn,title\n1,00123,\"a \"\"b\"\", c\"\n2,,\"two\nlines\"\n3,\"\",x\n", @r#"
Csv { delimiter: 44 } ["id", "isbn", "title"]
0 (line 2 at 14): "1" "00123" "a \"b\", c"
1 (line 3 at 35): "2" - "two\nlines"
2 (line 5 at 50): "3" - "x"
"#);
}

#[test]
fn csv_with_bom_crlf_and_blank_lines() {
    check!("\u{feff}id;title\r\n\r\n1;a\r\n\r\n2;\"b\r\nc\"\r\n3;d", @r#"
Csv { delimiter: 59 } ["id", "title"]
0 (line 3 at 15): "1" "a"
1 (line 5 at 22): "2" "b\r\nc"
2 (line 7 at 32): "3" "d"
"#);
}

#[test]
fn delimiters_are_found() {
    check!("id\ttitle, long\n1\ta, b\n", @r#"
Csv { delimiter: 9 } ["id", "title, long"]
0 (line 2 at 15): "1" "a, b"
"#);
    check!("id|title\n1|a, b\n2|c; d\n", @r#"
Csv { delimiter: 124 } ["id", "title"]
0 (line 2 at 9): "1" "a, b"
1 (line 3 at 16): "2" "c; d"
"#);
    check!("sep=;\nid;title\n1;a\n", @r#"
Csv { delimiter: 59 } ["id", "title"]
0 (line 3 at 15): "1" "a"
"#);
    check!("title\nonly one\n", @r#"
Csv { delimiter: 44 } ["title"]
0 (line 2 at 6): "only one"
"#);
}

#[test]
fn headers_get_names_of_their_own() {
    check!("id,title,,title, x \n1,a,b,c,d\n", @r#"
Csv { delimiter: 44 } ["id", "title", "column 3", "title (2)", "x"]
0 (line 2 at 20): "1" "a" "b" "c" "d"
"#);
}

#[test]
fn quotes_within_a_cell_are_text() {
    check!("id,title\n1,5\" disc\n2,say \"hi\", you\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): "1" "5\" disc"
1 (line 3 at 19): - -
! 1 (line 3 at 19): 3 cells where the header has 2
"#);
    check!("id,title\n1,\"5\" disc\n2,ok\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): - -
1 (line 3 at 20): "2" "ok"
! 0 (line 2 at 9): Text follows the closing quote of cell 2; a quote within a quoted cell is written twice
"#);
}

#[test]
fn ragged_records_are_defects() {
    check!("id,title\n1,a\n2\n3,b,c\n4,d\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): "1" "a"
1 (line 3 at 13): - -
2 (line 4 at 15): - -
3 (line 5 at 21): "4" "d"
! 1 (line 3 at 13): 1 cell where the header has 2
! 2 (line 4 at 15): 3 cells where the header has 2
"#);
}

#[test]
fn a_quote_never_closed_costs_its_line() {
    check!("id,title\n1,\"a\n2,b\n3,c\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): - -
1 (line 3 at 14): "2" "b"
2 (line 4 at 18): "3" "c"
! 0 (line 2 at 9): The quote opened on line 2 is not closed
"#);
    check!("id,title\n1,\"a\n2,\"b\"\n3,\"c\"\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): - -
1 (line 3 at 14): "2" "b"
2 (line 4 at 20): "3" "c"
! 0 (line 2 at 9): The quote opened on line 2 is not closed
"#);
    check!("id,title\n1,\"a\nb\",\"c\n2,d\n", @r#"
Csv { delimiter: 44 } ["id", "title"]
0 (line 2 at 9): - -
1 (line 4 at 20): "2" "d"
! 0 (line 2 at 9): The quote opened on line 3 is not closed
"#);
}

/// What follows is not held in memory until the file's end to find out that the quote is not closed.
#[test]
fn a_quote_never_closed_costs_its_line_in_a_long_file() {
    let rows = 1_000_000;
    let frame = open(format!("id,title\n0,\"open\n{}", "1,abcdefghijklmnopqr\n".repeat(rows))).expect("opens");
    assert_eq!((frame.len() as usize, frame.defects().len()), (rows + 1, 1));
    assert_eq!(frame.line(u32::try_from(rows).unwrap_or(0)), rows as u64 + 2);
}

#[test]
fn bytes_that_are_not_utf8_are_defects() {
    insta::assert_snapshot!(show(open(*b"id,title\n1,\xc3\xa4\n2,caf\xe9\n3,b\n")), @r#"
    Csv { delimiter: 44 } ["id", "title"]
    0 (line 2 at 9): "1" "ä"
    1 (line 3 at 14): - -
    2 (line 4 at 21): "3" "b"
    ! 1 (line 3 at 14): Byte 0xe9 at offset 19 is not UTF-8 text
    "#);
    insta::assert_snapshot!(show(open(*b"{\"id\":1}\n{\"id\":\"\xe9\"}\n")), @r#"
    JsonLines ["id"]
    0 (line 1 at 0): 1
    1 (line 2 at 9): "é"
    "#);
}

#[test]
fn json_lines() {
    check!("{\"id\": 1.50, \"tags\": [\"a\", 1]}\n\n{\"title\":\"x\\\"y\",\"id\":null}\r\n{}\n", @r#"
JsonLines ["id", "tags", "title"]
0 (line 1 at 0): 1.50 ["a", 1] -
1 (line 3 at 32): null - "x\"y"
2 (line 4 at 60): - - -
"#);
}

#[test]
fn json_containers_become_columns() {
    check!(
        r#"{"custom_attributes":{"color":"red","dim":{"w":1}},"i18n_de":{"title":"t"},"context":{"page":{"url":"u"},"campaign":{"name":"n"},"ip":"1"},"search":{"keywords":"k"},"location":{"lat":1}}
    {"custom_attributes":"flat","context":null}"#,
        @r#"
JsonLines ["custom_attributes.color", "custom_attributes.dim", "i18n_de.title", "context", "search.keywords", "location", "custom_attributes"]
0 (line 1 at 0): "red" {"w":1} "t" {"page":{"url":"u"},"campaign":{"name":"n"},"ip":"1"} "k" {"lat":1} -
1 (line 2 at 187): - - - null - - "flat"
"#
    );
}

#[test]
fn json_lines_that_cannot_be_read_are_defects() {
    check!("{\"id\":1}\n{\"id\":2\n[1]\n7\n{\"new\":1} x\n{\"id\":01}\n{\"id\":\"a\\q\"}\n{\"id\":3,}\n{\"id\":4}", @r#"
JsonLines ["id"]
0 (line 1 at 0): 1
1 (line 2 at 9): -
2 (line 3 at 17): -
3 (line 4 at 21): -
4 (line 5 at 23): -
5 (line 6 at 35): -
6 (line 7 at 45): -
7 (line 8 at 58): -
8 (line 9 at 68): 4
! 1 (line 2 at 9): Not valid JSON: EOF while parsing an object (byte 7 of the record)
! 2 (line 3 at 17): Not a JSON object: a record is written as {"field": value, …}
! 3 (line 4 at 21): Not a JSON object: a record is written as {"field": value, …}
! 4 (line 5 at 23): Not valid JSON: trailing characters (byte 11 of the record)
! 5 (line 6 at 35): Not valid JSON: invalid number (byte 8 of the record)
! 6 (line 7 at 45): Not valid JSON: invalid escape (byte 10 of the record)
! 7 (line 8 at 58): Not valid JSON: key must be a string (byte 9 of the record)
"#);
}

#[test]
fn json_arrays() {
    check!("[\n  {\"id\": 1,\n   \"t\": \"],}\"},\n  {\"id\": 2}, {\"id\": 3}\n]\n", @r#"
JsonArray ["id", "t"]
0 (line 2 at 4): 1 "],}"
1 (line 4 at 32): 2 -
2 (line 4 at 43): 3 -
"#);
    check!("[]", @r#"JsonArray []"#);
    check!("[{\"id\":1}, 5, \"x\", {\"id\":2}]", @r#"
JsonArray ["id"]
0 (line 1 at 1): 1
1 (line 1 at 11): -
2 (line 1 at 14): -
3 (line 1 at 19): 2
! 1 (line 1 at 11): Not a JSON object: a record is written as {"field": value, …}
! 2 (line 1 at 14): Not a JSON object: a record is written as {"field": value, …}
"#);
}

#[test]
fn api_bodies() {
    check!("{\"message\": \"data\", \"meta\": {\"data\": [0]}, \"data\": [{\"id\":1},\n{\"id\":2}], \"more\": {}}", @r#"
JsonData ["id"]
0 (line 1 at 52): 1
1 (line 2 at 62): 2
"#);
}

#[test]
fn lists_named_data_in_records() {
    check!("{\"product_id\":\"D1\",\"data\":[1,2]}", @r#"
JsonLines ["product_id", "data"]
0 (line 1 at 0): "D1" [1,2]
"#);
    check!("{\"data\":[{\"id\":1}]}\n{\"data\":[]}\n", @r#"
JsonLines ["data"]
0 (line 1 at 0): [{"id":1}]
1 (line 2 at 20): []
"#);
    check!("{\"data\":[{\"id\":1}]", @r#"
JsonData ["id"]
0 (line 1 at 9): 1
1 (line 1 at 18): -
! 1 (line 1 at 18): The file ends early: the object around the list is not closed with }; it may be cut off
"#);
    check!("{\"data\":[{\"id\":1}],\n\"next\":\"}\\\"\"\n} x", @r#"
JsonData ["id"]
0 (line 1 at 9): 1
1 (line 3 at 35): -
! 1 (line 3 at 35): Text follows the end of the list
"#);
}

#[test]
fn what_other_readers_refuse() {
    check!(r#"{"a":"\ud800"}
{"a":"\ud83d\ude00"}
{"a":[1e400]}
{"a":1E+0002}
{"a":"12e999"}"#, @r#"
JsonLines ["a"]
0 (line 1 at 0): -
1 (line 2 at 15): "\ud83d\ude00"
2 (line 3 at 36): -
3 (line 4 at 50): 1E+0002
4 (line 5 at 64): "12e999"
! 0 (line 1 at 0): Not valid JSON: unexpected end of hex escape (byte 13 of the record)
! 2 (line 3 at 36): Not valid JSON: number out of range (byte 11 of the record)
"#);
    let digits = "9".repeat(400);
    let frame = open(format!("{{\"a\":{digits}}}\n{{\"a\":\"{digits}\"}}\n")).expect("opens");
    assert_eq!(frame.defects().iter().map(|defect| defect.row).collect::<Vec<_>>(), [0]);
}

#[test]
fn keys_that_occur_twice() {
    check!(r#"{"title":"first","title":"second"}
{"title":"a"}
{"title":"a","t\u0069tle":"b"}
{"custom_attributes.color":"red","custom_attributes":{"color":"blue"}}
{"custom_attributes":{"a":1},"custom_attributes":{"b":1}}
{"i18n_es":{"title":"a"},"i18n_es":null}
{"other":{"a":1},"new":1,"new":2}"#, @r#"
JsonLines ["title"]
0 (line 1 at 0): -
1 (line 2 at 35): "a"
2 (line 3 at 49): -
3 (line 4 at 80): -
4 (line 5 at 151): -
5 (line 6 at 209): -
6 (line 7 at 250): -
! 0 (line 1 at 0): The key title occurs twice
! 2 (line 3 at 49): The key title occurs twice
! 3 (line 4 at 80): The key custom_attributes.color occurs twice
! 4 (line 5 at 151): The key custom_attributes occurs twice
! 5 (line 6 at 209): The key i18n_es occurs twice
! 6 (line 7 at 250): The key new occurs twice
"#);
}

#[test]
fn objects_with_strangers_stay_whole() {
    check!(r#"{"context":{"page":{"url":"u"},"locale":"de"},"search":{"keywords":"k"}}
{"context":{"page":{"url":"u","odd":1},"locale":"de"}}
{"context":{"page":{"url":"u"},"odd":1},"search":{}}
{"context":{"page.url":"u"},"custom_attributes":{}}
{"custom_attributes":{"a.b":1,"c":{}}}"#, @r#"
JsonLines ["context.page.url", "context.locale", "search.keywords", "context.page", "context", "search", "custom_attributes", "custom_attributes.a.b", "custom_attributes.c"]
0 (line 1 at 0): "u" "de" "k" - - - - - -
1 (line 2 at 73): - "de" - {"url":"u","odd":1} - - - - -
2 (line 3 at 128): - - - - {"page":{"url":"u"},"odd":1} {} - - -
3 (line 4 at 181): - - - - {"page.url":"u"} - {} - -
4 (line 5 at 233): - - - - - - - 1 {}
"#);
}

#[test]
fn broken_arrays() {
    check!("[{\"id\":1},{\"id\":2}", @r#"
JsonArray ["id"]
0 (line 1 at 1): 1
1 (line 1 at 10): 2
2 (line 1 at 18): -
! 2 (line 1 at 18): The list is not closed with ]; the file may be cut off
"#);
    check!("[{\"id\":1},{\"id\":", @r#"
JsonArray ["id"]
0 (line 1 at 1): 1
1 (line 1 at 10): -
! 1 (line 1 at 10): The file ends within this record; it may be cut off
"#);
    check!("[{\"id\":1}] and more", @r#"
JsonArray ["id"]
0 (line 1 at 1): 1
1 (line 1 at 11): -
! 1 (line 1 at 11): Text follows the end of the list
"#);
    check!("[\n{\"id\":\"a\n},\n{\"id\":2}\n]", @r#"
JsonArray ["id"]
0 (line 2 at 2): -
1 (line 4 at 14): 2
! 0 (line 2 at 2): Not valid JSON: a text is not closed on its line
"#);
    check!("[\n {\"id\":{\"a\":1},\n {\"id\":2}\n]", @r#"
JsonArray ["id"]
0 (line 2 at 3): -
1 (line 3 at 19): 2
! 0 (line 2 at 3): Not valid JSON: the record is not closed
"#);
}

#[test]
fn what_is_no_table_is_refused() {
    let refusal = |bytes: &[u8]| show(open(bytes));
    insta::assert_snapshot!(refusal(b""), @r#"refused: it is empty; choose a file with records"#);
    insta::assert_snapshot!(refusal(b" \n"), @r#"refused: it is empty; choose a file with records"#);
    insta::assert_snapshot!(refusal(b"PK\x03\x04rest"), @"refused: it begins as a ZIP archive, but is cut off or damaged (invalid Zip archive: Could not find EOCD); get the whole file");
}

#[test]
fn deep_nesting_is_a_defect() {
    let deep = format!("{{\"a\":{}}}\n{{\"a\":1}}", "[".repeat(200_000));
    let frame = open(deep).expect("opens");
    assert_eq!((frame.len(), frame.defects().len()), (2, 1));
    let closed = format!("{{\"a\":1}}\n{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(open(closed).expect("opens").len(), 2);
}

#[test]
fn edits_lie_over_the_file() {
    let frame = open("id,title\n1,a\n2\n3,c\n").expect("opens");
    let mut edits = Edits::default();
    edits.set(0, 1, Some(OwnedCell::Missing));
    edits.set(1, 0, Some(OwnedCell::Text("two".into())));
    edits.set(2, 9, Some(OwnedCell::Text("nowhere".into())));
    let rows = frame.read(0..9, &edits).expect("read");
    let shown: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect())
        .collect();
    assert_eq!(shown, [["1", ""], ["two", ""], ["3", "c"]]);
    assert_eq!(frame.raw(1).expect("raw"), b"2");
}

#[test]
fn a_changed_file_is_noticed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("input.csv");
    fs::write(&path, "id,title\n1,a\n").expect("written");
    let frame = Frame::open(&path, &OpenOptions::default(), &Progress::default()).expect("opens");
    fs::write(&path, "id,title\n").expect("written");
    let read = |frame: &Frame| frame.read(0..1, &Edits::default());
    assert!(matches!(read(&frame), Err(FrameError::Changed { .. })));
    fs::remove_file(&path).expect("removed");
    assert!(matches!(read(&frame), Err(FrameError::Io { .. })));
    assert!(Frame::open(folder.path(), &OpenOptions::default(), &Progress::default()).is_err());
}

#[test]
fn opening_can_be_cancelled_and_counts_bytes() {
    let path = big_file("id,title", 10_000, |row| format!("{row},title {row}"));
    let progress = Progress::default();
    let frame = Frame::open(&path.1, &OpenOptions::default(), &progress).expect("opens");
    assert_eq!((progress.done(), progress.total()), (frame.size(), frame.size()));
    progress.cancel();
    let stopped = Frame::open(&path.1, &OpenOptions::default(), &progress);
    assert!(matches!(stopped, Err(FrameError::Cancelled)));
}

fn big_file(header: &str, rows: u32, row: impl Fn(u32) -> String) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("big");
    let mut text = format!("{header}\n");
    for at in 0..rows {
        writeln!(text, "{}", row(at)).ok();
    }
    fs::write(&path, text).expect("written");
    (folder, path)
}

/// Files of several blocks: records that lie across the seams must come out whole.
#[test]
fn blocks_do_not_show() {
    let filler = "lorem \"\"ipsum\"\"\r\n".repeat(20);
    let (_folder, path) = big_file("id,text", 40_000, |row| format!("{row},\"{filler}{row}\""));
    let frame = Frame::open(&path, &OpenOptions::default(), &Progress::default()).expect("opens");
    assert_eq!((frame.len(), frame.defects().len()), (40_000, 0));
    let expected = filler.replace("\"\"", "\"");
    frame
        .scan(0..frame.len(), &Edits::default(), &mut |row, cells| {
            assert_eq!(
                cells,
                [Cell::Text(&row.to_string()), Cell::Text(&format!("{expected}{row}"))]
            );
            ControlFlow::Continue(())
        })
        .expect("read");
    assert_eq!(frame.line(39_999), 2 + 39_999 * 21);
    let head = Frame::open_head(&path, &OpenOptions::default()).expect("opens");
    assert_eq!(head.len(), 1000);
    assert_eq!(
        head.read(0..1000, &Edits::default()).ok(),
        frame.read(0..1000, &Edits::default()).ok()
    );
}

#[test]
fn keys_are_found_in_every_block() {
    let (_folder, path) = big_file("[", 60_000, |row| {
        format!(
            "{{\"id\":{row},\"text\":\"{}\",\"k{}\":{row}}},",
            "x".repeat(100),
            row / 20_000
        )
    });
    let mut text = fs::read_to_string(&path).expect("read");
    text.truncate(text.trim_end().len() - 1);
    fs::write(&path, text + "]").expect("written");
    let frame = Frame::open(&path, &OpenOptions::default(), &Progress::default()).expect("opens");
    assert_eq!(frame.columns(), ["id", "text", "k0", "k1", "k2"]);
    assert_eq!((frame.len(), frame.defects()), (60_000, &[][..]));
    let last = frame.read(59_999..60_000, &Edits::default()).expect("read");
    assert_eq!(last[0][4], OwnedCell::Json("59999".into()));
    assert_eq!(frame.line(59_999), 60_001);
}

#[test]
fn several_threads_scan_at_once() {
    let (_folder, path) = big_file("id,text", 100_000, |row| format!("{row},{}", "y".repeat(50)));
    let frame = Frame::open(&path, &OpenOptions::default(), &Progress::default()).expect("opens");
    std::thread::scope(|scope| {
        for part in 0..4_u32 {
            let frame = &frame;
            scope.spawn(move || {
                let mut next = part * 25_000;
                let scanned = frame.scan(next..next + 25_000, &Edits::default(), &mut |row, cells| {
                    assert_eq!((row, cells[0]), (next, Cell::Text(&next.to_string())));
                    next += 1;
                    ControlFlow::Continue(())
                });
                assert!(scanned.is_ok());
                assert_eq!(next, (part + 1) * 25_000);
            });
        }
    });
}

#[test]
fn columns_are_sorted() {
    let frame = open("id,price,name\n1,10,b\n2,9.5,a\n3,,b\n4,-1,\n5,10,c\n").expect("opens");
    let order = |column, descending| {
        let plan = Mapping::suggest(Dataset::Products, frame.columns(), false).plan(&[]);
        let by = [SortBy { column, descending }];
        sort(&frame, &Edits::default(), &plan, &by, &Progress::default())
            .expect("sorted")
            .rows()
            .to_vec()
    };
    assert_eq!(order(1, false), [3, 1, 0, 4, 2]);
    assert_eq!(order(1, true), [0, 4, 1, 3, 2]);
    assert_eq!(order(2, false), [1, 0, 2, 4, 3]);
    assert_eq!(order(2, true), [4, 0, 2, 1, 3]);
}

#[test]
fn rows_are_exported() {
    let frame = open("id,text\n1,\"a, \"\"b\"\"\"\n2,\"x\ny\"\n3,z\n").expect("opens");
    let mut edits = Edits::default();
    edits.set(2, 1, Some(OwnedCell::Text(" new".into())));
    let mut out = Vec::new();
    let cells = |row: u32| vec![frame.line(row).to_string()];
    let extra = ExtraColumns {
        names: &["_line"],
        cells: &cells,
    };
    export_csv(&frame, &edits, [2, 0, 1].into_iter(), Some(extra), &mut out).expect("exported");
    insta::assert_snapshot!(String::from_utf8_lossy(&out), @r#"
id,text,_line
3," new",5
1,"a, ""b""",2
2,"x
y",3
"#);
}

fn cell_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\"", "\"\"", ",", "\n", "\r\n", "\r", ";", " ", "é", "日本", "a", "0", "{", "'",
    ]);
    prop_oneof![
        prop::collection::vec(nasty, 0..6).prop_map(|parts| parts.concat()),
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

fn with_delimiter(text: &[u8], delimiter: u8) -> Frame {
    let options = OpenOptions {
        delimiter: Some(delimiter),
        quote: Some(Some(b'"')),
        line_break: Some(LineBreak::Lf),
        header: Some(true),
        skip: Some(0),
        every_line: true,
        spaced: Some(false),
        ..OpenOptions::default()
    };
    Frame::from_text("pasted", text, &options).expect("opens")
}

fn texts(frame: &Frame) -> Vec<Vec<String>> {
    let rows = frame.read(0..frame.len(), &Edits::default()).expect("read");
    rows.iter()
        .map(|row| row.iter().map(|cell| cell.as_cell().shown().into_owned()).collect())
        .collect()
}

proptest! {
    #[test]
    fn csv_reads_back(
        delimiter in prop::sample::select(b",;\t|".to_vec()),
        always in any::<bool>(),
        (columns, rows) in (1_usize..5).prop_flat_map(|columns| {
            (Just(columns), prop::collection::vec(prop::collection::vec(cell_text(), columns), 0..12))
        }),
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
        writer.write_record((0..columns).map(|column| format!("c{column}"))).expect("written");
        for row in &rows {
            writer.write_record(row).expect("written");
        }
        let bytes = writer.into_inner().expect("flushed");
        let frame = with_delimiter(&bytes, delimiter);
        prop_assert_eq!(frame.defects(), &[]);
        prop_assert_eq!(texts(&frame), rows.clone());

        let mut out = Vec::new();
        export_csv(&frame, &Edits::default(), 0..frame.len(), None, &mut out).expect("exported");
        prop_assert_eq!(texts(&with_delimiter(&out, b',')), rows);
    }

    /// Any text at all: nothing panics, and where no quote is left open the `csv` crate reads the same cells.
    #[test]
    fn any_csv_reads_as_elsewhere(lines in prop::collection::vec("[a\", ]{0,8}", 1..8)) {
        let text = format!("a,b\n{}\n", lines.join("\n"));
        let frame = with_delimiter(text.as_bytes(), b',');
        if frame.defects().iter().any(|defect| defect.reason.contains("quote")) {
            return Ok(());
        }
        let broken: Vec<usize> = frame.defects().iter().map(|defect| defect.row as usize).collect();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.expect("read").iter().map(str::to_owned).collect()).collect();
        let ours = texts(&frame);
        prop_assert_eq!(ours.len(), theirs.len());
        for (row, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            prop_assert_eq!(broken.contains(&row), theirs.len() != 2, "row {}", row);
            if theirs.len() == 2 {
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn any_bytes_are_opened_or_refused(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\n\r\\ a1\xe9;".to_vec()), 0..60)) {
        if let Ok(frame) = open(bytes) {
            frame.read(0..frame.len(), &Edits::default()).expect("read");
            for row in 0..frame.len() {
                frame.raw(row).expect("raw");
            }
        }
    }

    #[test]
    fn json_reads_back(
        rows in prop::collection::vec(prop::collection::btree_map("[a-z\"\\\\é]{0,3}", json_value(), 0..5), 1..10),
        shape in 0..4,
    ) {
        // An object alone may be the envelope of its records.
        prop_assume!(shape != 0 || rows.len() > 1);
        let records: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).expect("written")).collect();
        let text = match shape {
            0 => records.join("\n"),
            1 => format!("[{}]", records.join(",")),
            2 => format!("{{\"data\": [{}]}}", records.join(",\n ")),
            _ => serde_json::to_string_pretty(&rows).expect("written"),
        };
        let frame = open(text).expect("opens");
        prop_assert_eq!(frame.defects(), &[]);
        let read = frame.read(0..frame.len(), &Edits::default()).expect("read");
        prop_assert_eq!(read.len(), rows.len());
        for (cells, row) in read.iter().zip(&rows) {
            for (name, cell) in frame.columns().iter().zip(cells) {
                let value = match cell {
                    OwnedCell::Json(json) => Some(serde_json::from_str::<serde_json::Value>(json).expect("valid")),
                    _ => None,
                };
                prop_assert_eq!(value.as_ref(), row.get(name));
            }
        }
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{0,2}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
