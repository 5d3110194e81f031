//! JSON as systems hand it out: where the records stand is judged by the whole file, and none of them is lost.

use crate::common::files::{cells, shown};
use proptest::prelude::*;
use serde_json::{Value, json};
use tatami::{
    domain::progress::Progress,
    frame::{Edits, Format, Frame, FrameError, OpenOptions, Preset, export_same},
};

fn open_as(text: &str, options: &OpenOptions) -> Result<Frame, FrameError> {
    Frame::from_text("pasted", text, options)
}

fn open(text: &str) -> Frame {
    open_as(text, &OpenOptions::default()).unwrap()
}

/// What it is read as, all rows with their places, and what was noticed.
fn show(frame: &Frame) -> String {
    let mut text = format!("{}\n{}", frame.reading().format, shown(frame));
    if let Some(converted) = frame.converted() {
        text = format!("{text}\n{}", converted.summary());
        text.extend(converted.notes.iter().map(|note| format!("\n({note})")));
    }
    text.extend(frame.notes().iter().map(|note| format!("\n({note})")));
    text
}

macro_rules! check {
    ($input:expr, @$expected:literal) => {
        insta::assert_snapshot!(show(&open($input)), @$expected)
    };
}

#[test]
fn the_list_of_records_is_found_under_any_key() {
    check!(r#"{
  "page": 1,
  "total": 2,
  "products": [
    {"id": "P-1", "title": "Lamp", "images": [{"src": "a.jpg"}]},
    {"id": "P-2", "title": "Mat", "images": []}
  ]
}"#, @r#"
json list
id | title | images
/products/0/id: P-1 | Lamp | [{"src": "a.jpg"}]
/products/1/id: P-2 | Mat | []
(The records are those of the list under products; page, total beside it are not read)
"#);
    check!(r#"{"response":{"status":"ok","records":[{"id":"P-1","price":12.50},{"id":"P-2","price":30}]}}"#, @r#"
json list
id | price
/response/records/0/id: P-1 | 12.50
/response/records/1/id: P-2 | 30
(The records are those of the list under response.records)
"#);
    check!(r#"{"took":4,"hits":{"total":{"value":1},"hits":[{"id":"P-1"}]},"aggregations":{"by":{"buckets":[{"key":"a"},{"key":"b"}]}}}"#, @r#"
json list
id
/hits/hits/0/id: P-1
(The records are those of the list under hits.hits; took, aggregations beside it are not read)
"#);
    check!("{\"stuff\":[{\"sku\":\"P-1\"},\n{\"sku\":\"P-2\"}],\"next\":null}", @r#"
json list
sku
/stuff/0/sku: P-1
/stuff/1/sku: P-2
(The records are those of the list under stuff; next beside it is not read)
"#);
}

#[test]
fn a_record_is_no_list() {
    check!("{\n  \"id\": \"P-1\",\n  \"title\": \"Lamp\",\n  \"variants\": [\n    {\"size\": \"S\"},\n    {\"size\": \"M\"}\n  ]\n}\n", @r#"
json objects
id | title | variants
line 1: P-1 | Lamp | [
    {"size": "S"},
    {"size": "M"}
  ]
(It is read as one record; the list under variants is a part of it)
"#);
    check!("{\n  \"product_id\": \"P-1\",\n  \"items\": [\n    {\"size\": \"S\"},\n    {\"size\": \"M\"}\n  ]\n}\n", @r#"
json objects
product_id | items
line 1: P-1 | [
    {"size": "S"},
    {"size": "M"}
  ]
(It is read as one record; the list under items is a part of it)
"#);
    check!("{\n  \"title\": \"Lamp\",\n  \"images\": [\n    {\"src\": \"a.jpg\"},\n    {\"src\": \"b.jpg\"}\n  ]\n}\n", @r#"
json objects
title | images
line 1: Lamp | [
    {"src": "a.jpg"},
    {"src": "b.jpg"}
  ]
(It is read as one record; the list under images is a part of it)
"#);
}

#[test]
fn somebody_says_which_list() {
    let text = r#"{"items":[{"id":"P-1"}],"people":{"all":[{"id":"U-1"},{"id":"U-2"}]}}"#;
    let read = |records: &str| {
        let options = OpenOptions {
            records: Some(records.to_owned()),
            ..OpenOptions::default()
        };
        open_as(text, &options).map_or_else(|error| error.to_string(), |frame| show(&frame))
    };
    insta::assert_snapshot!(read("people.all"), @r#"
json list
id
/people/all/0/id: U-1
/people/all/1/id: U-2
(The records are those of the list under people.all; items beside it is not read)
"#);
    insta::assert_snapshot!(read(""), @r#"
json lines
items | people
line 1: [{"id":"P-1"}] | {"all":[{"id":"U-1"},{"id":"U-2"}]}
(It is read as one record; the list under items is a part of it)
"#);
    insta::assert_snapshot!(read("users"), @r#"pasted cannot be opened: it has no list under users; there are items, people.all"#);
}

#[test]
fn objects_over_several_lines() {
    check!("{\n  \"id\": \"P-1\",\n  \"image\":\n  {\"src\": \"a\"}\n}\n{\n  \"id\": \"P-2\",\n  \"image\":\n  {\"src\": \"b\"}\n}\n", @r#"
json objects
id | image
line 1: P-1 | {"src": "a"}
line 6: P-2 | {"src": "b"}
"#);
    // One that is broken costs itself.
    check!("{\n  \"id\": \"P-1\"\n}\n{\n  \"id\": \"P-2\n}\n{\n  \"id\": \"P-3\"\n}\n", @r#"
json objects
id
line 1: P-1
line 4: 
line 7: P-3
line 4: Not valid JSON: a text is not closed on its line
"#);
    check!("{\"id\":\"P-1\"}\n{\n \"id\":\"P-2\"\n}\n", @r#"
json objects
id
line 1: P-1
line 2: P-2
"#);
    check!("{\n  \"id\": \"P-1\"\n}\n{\n  \"id\": \"P-2\"", @r#"
json objects
id
line 1: P-1
line 4: 
line 4: The file ends within this record; it may be cut off
"#);
}

#[test]
fn objects_without_a_separator() {
    check!(r#"{"type":"view","id":1}{"type":"view","id":2}{"type":"add","id":3}"#, @r#"
json objects
type | id
line 1: view | 1
line 1: view | 2
line 1: add | 3
"#);
    check!("{\"id\":1}{\"id\":2}\n{\"id\":3}\n", @r#"
json objects
id
line 1: 1
line 1: 2
line 2: 3
"#);
    check!("{\"id\":1},\n{\"id\":2},\n", @r#"
json objects
id
line 1: 1
line 2: 2
"#);
    check!("{\"id\":1} , {\"id\":2}", @r#"
json objects
id
line 1: 1
line 1: 2
"#);
    // What stands between is no separator: it is seen, with its place.
    check!(r#"{"id":1}\n{"id":2}"#, @r#"
json lines

line 1: 
line 1: Not valid JSON: trailing characters (byte 9 of the record)
"#);
}

#[test]
fn json_lines_stay_json_lines() {
    for text in [
        "{\"id\":1}\n{\"id\":2}\n",
        "{\"id\":1,\"images\":[{\"src\":\"a\"}]}\n{\"id\":2}\n",
        "{\"products\":[{\"id\":1}]}\n{\"products\":[]}\n",
        "{\"id\":1\n{\"id\":2}\n{\"id\":3}\n",
        "{'id': 1}\n{'id': 2}\n",
        "\n\n{\"id\":1}\r\n\r\n{\"id\":2}\r\n",
    ] {
        let frame = open(text);
        assert_eq!(frame.format(), Format::JsonLines, "{text}");
        let filled = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(frame.len() as usize, filled, "{text}");
    }
}

#[test]
fn lists_of_values() {
    check!("[[\"id\",\"title\",\"price\"],\n[\"P-1\",\"Lamp\",12.50],\n[\"P-2\",null,30]]", @r#"
json rows
id | title | price
line 2: P-1 | Lamp | 12.50
line 3: P-2 | null | 30
"#);
    check!("[[1,\"Lamp\"],[2,\"Mat\"]]", @r#"
json rows
column 1 | column 2
line 1: 1 | Lamp
line 1: 2 | Mat
"#);
    check!("[\"id\",\"price\"]\n[\"P-1\",12.50]\n[\"P-2\",1]\n", @r#"
json rows
id | price
line 2: P-1 | 12.50
line 3: P-2 | 1
"#);
    // Neither too short a row nor something else is lost.
    check!("[[\"id\",\"price\"],[\"P-1\"],7,[\"P-2\",1]]", @r#"
json rows
id | price
line 1:  | 
line 1:  | 
line 1: P-2 | 1
line 1: 1 cell where the header has 2
line 1: Not a list of values, as the other records are
"#);
}

#[test]
fn changed_lists_are_written_again() {
    let text = "[[\"id\",\"price\"],\n[\"P-1\", 12.50],\n[\"P-2\",1]]";
    let frame = open(text);
    let mut edits = Edits::default();
    edits.set(1, 1, Some(tatami::domain::cell::OwnedCell::Text("2.0".into())));
    let mut out = Vec::new();
    export_same(&frame, &edits, &Progress::default(), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), text.replace(",1]", ",2.0]"));
}

#[test]
fn fields_in_a_wrapper_are_columns() {
    check!(r#"{"_index":"products","_id":"P-1","_source":{"title":"Lamp","price":12.50}}
{"_index":"products","_id":"P-2","_source":{"title":"Mat"}}"#, @r#"
json lines
_index | _id | _source.title | _source.price
line 1: products | P-1 | Lamp | 12.50
line 2: products | P-2 | Mat | 
Nested JSON: 2 rows → 2 records
(The fields within _source are columns: _source.title)
"#);
    check!(r#"{"event":"View","properties":{"time":1602611311,"distinct_id":"u1"}}
{"event":"Order","properties":{"time":1602611399,"$insert_id":"x"}}"#, @r"
    json lines
    type | custom_action_name | user_id | timestamp
    line 1: custom | View | u1 | 2020-10-13T17:48:31Z
    line 2: custom | Order |  | 2020-10-13T17:49:59Z
    Mixpanel events: 2 rows → 2 interactions
    (Read as: event → type, event → custom_action_name)
    (Of the type custom, as the API has no type for them: 1 Order, 1 View)
    (Left out: properties.$insert_id)
    (Times are read as UTC; projects from before 2023 export them in the project's own zone)
    (Of the products in an event, ids and quantities are kept)
    ");
    check!(r#"{"hits":{"hits":[{"_id":"P-1","_source":{"title":"Lamp"}},{"_id":"P-2","_source":{"title":"Mat"}}]}}"#, @r#"
json list
_id | _source.title
/hits/hits/0: P-1 | Lamp
/hits/hits/1: P-2 | Mat
Nested JSON: 2 rows → 2 records
(The fields within _source are columns: _source.title)
(The records are those of the list under hits.hits)
"#);
    // The same names elsewhere are fields like others.
    check!(r#"{"product_id":"P-1","properties":{"color":"red"}}"#, @r#"
json lines
product_id | properties
line 1: P-1 | {"color":"red"}
"#);
}

#[test]
fn types_that_databases_write_are_taken_off() {
    check!(r#"{"Item":{"sku":{"S":"P-1"},"price":{"N":"12.50"},"tags":{"SS":["a"]},"cats":{"L":[{"S":"Home"}]},"note":{"NULL":true}}}
{"Item":{"sku":{"S":"P-2"},"price":{"N":"738529527931269425"}}}"#, @r#"
json lines
Item.sku | Item.price | Item.tags | Item.cats | Item.note
line 1: P-1 | 12.50 | ["a"] | ["Home"] | null
line 2: P-2 | 738529527931269425 |  |  | 
Nested JSON: 2 rows → 2 records
(The fields within Item are columns: Item.sku)
(Values with a DynamoDB type are written plainly: {"N":"12.50"} is 12.50)
"#);
    check!(r#"{"Items":[{"sku":{"S":"P-1"}},{"sku":{"S":"P-2"}}],"Count":2}"#, @r#"
json list
sku
/Items/0: P-1
/Items/1: P-2
Nested JSON: 2 rows → 2 records
(Values with a DynamoDB type are written plainly: {"N":"12.50"} is 12.50)
(The records are those of the list under Items; Count beside it is not read)
"#);
    check!(r#"{"_id":{"$oid":"65a1"},"price":{"$numberDecimal":"12.500"},"made":{"$date":{"$numberLong":"1704450599977"}}}
{"_id":{"$oid":"65a2"},"price":3,"tags":[{"$oid":"65a3"}]}"#, @r#"
json lines
_id | price | made | tags
line 1: 65a1 | 12.500 | 2024-01-05T10:29:59.977Z | 
line 2: 65a2 | 3 |  | ["65a3"]
Nested JSON: 2 rows → 2 records
(Values with a MongoDB type are written plainly: {"$numberDecimal":"12.50"} is 12.50)
"#);
    // A size S alone makes no database.
    check!(r#"{"id":"P-1","stock":{"S":"3"}}
{"id":"P-2","stock":{"M":"1"}}"#, @r#"
json lines
id | stock
line 1: P-1 | {"S":"3"}
line 2: P-2 | {"M":"1"}
"#);
}

#[test]
fn what_is_nested_can_be_read_as_it_stands() {
    let options = OpenOptions {
        preset: Some(None),
        ..OpenOptions::default()
    };
    let frame = open_as(r#"{"Item":{"sku":{"S":"P-1"}}}"#, &options).unwrap();
    assert_eq!(frame.columns(), ["Item"]);
    let forced = OpenOptions {
        preset: Some(Preset::named("nested")),
        ..OpenOptions::default()
    };
    assert!(open_as("{\"id\":1}\n{\"id\":2}\n", &forced).is_err());
}

#[test]
fn bulk_files_are_pairs() {
    check!(r#"{"index":{"_index":"products","_id":"P-1"}}
{"title":"Lamp","price":12.50}
{"create":{"_id":"P-2"}}
{"title":"Mat"}
{"delete":{"_id":"P-3"}}
"#, @r#"
json lines
_index | _id | title | price
line 2: products | P-1 | Lamp | 12.50
line 4:  | P-2 | Mat | 
Elasticsearch bulk file: 5 rows → 2 records, 2 actions joined, 1 deletion left out
(An action and the fields below it are one record, with the action's _id)
"#);
    // An action whose fields are missing is seen, and so is a line that cannot be read.
    check!(r#"{"index":{"_id":"P-1"}}
{"index":{"_id":"P-2"}}
{"title":"Mat"
{"index":{"_id":"P-3"}}
{"title":"Rug"}
"#, @r#"
json lines
_id | title
line 1: P-1 | 
line 2: P-2 | 
line 3:  | 
line 5: P-3 | Rug
line 3: Not valid JSON: EOF while parsing an object (byte 14 of the record)
Elasticsearch bulk file: 5 rows → 3 records, 1 action joined, 1 row cannot be read
(An action and the fields below it are one record, with the action's _id)
"#);
}

#[test]
fn a_large_document_is_read_to_its_end() {
    let record = |row: u32| {
        format!(
            "  {{\n   \"id\": \"P-{row}\",\n   \"text\": \"{}\"\n  }}",
            "x".repeat(80)
        )
    };
    let records: Vec<String> = (0..30_000).map(record).collect();
    let list = format!("{{\"page\": 1,\n \"rows\": [\n{}\n ]\n}}", records.join(",\n"));
    let stream = records.join("\n");
    for (text, format) in [(list, Format::JsonData), (stream, Format::JsonObjects)] {
        let frame = open(&text);
        assert_eq!(
            (frame.format(), frame.len(), frame.defects()),
            (format, 30_000, &[][..])
        );
        let end = frame.read(29_999..30_000, &Edits::default()).unwrap();
        assert_eq!(end[0][0].as_cell().shown(), "P-29999");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z{}\\[\\],\"\\\\é\n]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,2}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[p-z]{1,3}", value(), 1..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    /// However records are put into a file, each of them is a row, whole and in order.
    #[test]
    fn every_record_is_a_row(records in prop::collection::vec(record(), 2..8), shape in 0..7) {
        let plain = |records: &[Value]| records.iter().map(Value::to_string).collect::<Vec<_>>();
        let pretty = |records: &[Value]| {
            records.iter().map(|record| serde_json::to_string_pretty(record).unwrap()).collect::<Vec<_>>()
        };
        let text = match shape {
            0 => plain(&records).join("\n"),
            1 => plain(&records).concat(),
            2 => pretty(&records).join("\n"),
            3 => pretty(&records).join(",\n"),
            4 => serde_json::to_string_pretty(&records).unwrap(),
            5 => json!({"page": 1, "items": records}).to_string(),
            _ => serde_json::to_string_pretty(&json!({"answer": {"records": records, "next": null}})).unwrap(),
        };
        let options = OpenOptions { preset: Some(None), ..OpenOptions::default() };
        let frame = open_as(&text, &options).unwrap();
        prop_assert_eq!(frame.defects(), &[]);
        prop_assert_eq!(frame.len() as usize, records.len());
        for (row, (cells, record)) in cells(&frame).iter().zip(&records).enumerate() {
            let raw = frame.raw(u32::try_from(row).unwrap()).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Value>(&raw).unwrap(), record);
            for (name, cell) in frame.columns().iter().zip(cells) {
                let whole = record.get(name).map(|value| value.as_str().map_or_else(String::new, str::to_owned));
                if let Some(text) = whole.filter(|text| !text.is_empty()) {
                    prop_assert_eq!(cell, &text);
                }
            }
        }
        let mut out = Vec::new();
        export_same(&frame, &Edits::default(), &Progress::default(), &mut out).unwrap();
        prop_assert_eq!(out, text.into_bytes());
    }
}
