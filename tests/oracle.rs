//! The checker's verdicts and paths, held against an independent JSON Schema validator over generated and mutated

#![expect(clippy::unwrap_used, reason = "a test may fail")]
//! records, from JSON lines and from flat files.

use std::collections::BTreeSet;

use jsonschema::Validator;
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};
use tatami::{
    check::check,
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        issue::Severity,
        mapping::Mapping,
        progress::Progress,
        rules::Rule,
        schema::{Node, Schema},
        validate::check_record,
    },
    frame::{Edits, Frame, OpenOptions},
};

/// The oracle: the same documents, another validator, and another reading of dates, by the calendar of `jiff`.
fn oracle(dataset: Dataset) -> Validator {
    let document: Value = serde_json::from_str(Schema::document(dataset)).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("date-time", is_date_time)
        .build(&document)
        .unwrap()
}

fn is_date_time(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let (time, zone) = time.find(['Z', '+', '-']).map_or((time, "Z"), |at| time.split_at(at));
    let is_shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .chars()
                .zip(shape.chars())
                .all(|(c, s)| if s == '0' { c.is_ascii_digit() } else { c == s })
    };
    let (whole, fraction) = time
        .split_once('.')
        .map_or((time, "0"), |(whole, fraction)| (whole, fraction));
    let is_zone = zone == "Z"
        || (is_shaped(&zone[1..], "00:00") && format!("{}:00", &zone[1..]).parse::<jiff::civil::Time>().is_ok());
    is_shaped(date, "0000-00-00")
        && date.parse::<jiff::civil::Date>().is_ok()
        && is_shaped(whole, "00:00:00")
        && whole.parse::<jiff::civil::Time>().is_ok()
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && is_zone
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~éü畳]{0,12}",
        1 => Just(String::new()),
        2 => "(https?|ftp|urn|x y)://?[a-z.%/0-9 #?\\[\\]]{0,16}",
        1 => Just("https://example.com/a?b=c#d".to_owned()),
        2 => "20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,6})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?",
        1 => "[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}",
        1 => prop_oneof![Just("IN_STOCK"), Just("in stock"), Just("custom"), Just("rate"), Just("search")].prop_map(str::to_owned),
        1 => "-?[0-9]{1,5}([.,][0-9]{1,3})?",
    ]
}

fn numbers() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i32>().prop_map(Value::from),
        (-10..10_i32).prop_map(Value::from),
        (-200.0..200.0_f64).prop_map(Value::from),
        (-3..9_i32).prop_map(|whole| json!(f64::from(whole))),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        numbers(),
        texts().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let names = prop_oneof![
            Just("lat"),
            Just("lon"),
            Just("id"),
            Just("title"),
            Just("url"),
            Just("keywords"),
            Just("x")
        ];
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((names, inner), 0..3).prop_map(|pairs| pairs
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

/// A value that mostly fits a field.
fn fitting(node: &'static Node) -> BoxedStrategy<Value> {
    let mut options: Vec<BoxedStrategy<Value>> = Vec::new();
    for json_type in &node.types {
        options.push(match *json_type {
            "null" => Just(Value::Null).boxed(),
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "integer" => (1..5_i32).prop_map(Value::from).boxed(),
            "number" => (0.0..5.0_f64).prop_map(Value::from).boxed(),
            "string" if !node.allowed.is_empty() => proptest::sample::select(node.allowed.clone())
                .prop_map(Value::from)
                .boxed(),
            "string" => match node.format {
                Some("date-time") => Just(json!("2023-11-07T05:31:56Z")).boxed(),
                Some(_) => Just(json!("https://example.com/a")).boxed(),
                None => "[a-z]{1,6}".prop_map(Value::from).boxed(),
            },
            "array" => {
                let item = node.items.as_deref().map_or_else(|| anything().boxed(), fitting);
                vec(item, 0..3).prop_map(Value::from).boxed()
            }
            _ => {
                let names: Vec<(String, BoxedStrategy<Value>)> = node
                    .properties
                    .iter()
                    .map(|(name, child)| (name.clone(), fitting(child)))
                    .collect();
                let values: Vec<_> = names
                    .into_iter()
                    .map(|(name, value)| (Just(name), proptest::option::of(value)))
                    .collect();
                values
                    .prop_map(|pairs| {
                        pairs
                            .into_iter()
                            .filter_map(|(k, v)| Some((k, v?)))
                            .collect::<Map<_, _>>()
                            .into()
                    })
                    .boxed()
            }
        });
    }
    if options.is_empty() {
        anything().boxed()
    } else {
        proptest::strategy::Union::new(options).boxed()
    }
}

/// A record with some of its fields, most of them right.
fn record(dataset: Dataset) -> impl Strategy<Value = Map<String, Value>> {
    let fields: Vec<_> = Schema::of(dataset)
        .record
        .properties
        .iter()
        .map(|(name, node)| {
            let value = prop_oneof![4 => fitting(node), 1 => anything(), 2 => texts().prop_map(Value::from)];
            let often = if Schema::of(dataset).record.required.contains(name) {
                0.9
            } else {
                0.25
            };
            (Just(name.clone()), proptest::option::weighted(often, value))
        })
        .collect();
    let extra = proptest::option::weighted(
        0.2,
        (
            prop_oneof![Just("i18n_es"), Just("i18n_zh_Hant"), Just("made_up"), Just("i18n_E")],
            anything(),
        ),
    );
    (fields, extra).prop_map(|(fields, extra)| {
        let mut record: Map<String, Value> = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        if let Some((name, value)) = extra {
            record.insert(name.to_owned(), value);
        }
        record
    })
}

fn datasets() -> impl Strategy<Value = Dataset> {
    proptest::sample::select(Dataset::ALL.to_vec())
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The validator that the server uses.
    #[test]
    fn records_get_the_oracles_verdict_and_paths(
        (dataset, record) in datasets().prop_flat_map(|dataset| (Just(dataset), record(dataset)))
    ) {
        let record = Value::from(record);
        let ours: BTreeSet<String> = check_record(Schema::of(dataset), &record).into_iter().map(|v| v.path).collect();
        let theirs: BTreeSet<String> =
            oracle(dataset).iter_errors(&record).map(|error| dotted(error.instance_path().as_str())).collect();
        prop_assert_eq!(ours, theirs, "{}", record);
    }
}

/// The rows of a table that the API would refuse, by the checker.
fn refused(frame: &Frame, mapping: &Mapping) -> Vec<bool> {
    let checked = check(frame, &Edits::default(), mapping, &Progress::default()).unwrap();
    // The types of custom attributes are a fact across records, which no validator of single records knows.
    let causes = checked
        .issues
        .causes()
        .filter(|(cause, _)| checked.issues.severity(cause) == Severity::Error && cause.rule != Rule::Inconsistent);
    let rows: Vec<_> = causes.map(|(_, rows)| rows.clone()).collect();
    (0..frame.len())
        .map(|row| rows.iter().any(|rows| rows.contains(row)))
        .collect()
}

/// What the records are that would be sent, by the oracle.
fn refused_by_oracle(frame: &Frame, mapping: &Mapping, oracle: &Validator) -> Vec<bool> {
    let checked = check(frame, &Edits::default(), mapping, &Progress::default()).unwrap();
    let rows = frame.read(0..frame.len(), &Edits::default()).unwrap();
    rows.iter()
        .map(|cells| {
            let mut json = Vec::new();
            checked
                .plan()
                .write(&cells.iter().map(OwnedCell::as_cell).collect::<Vec<_>>(), &mut json);
            !oracle.is_valid(&serde_json::from_slice(&json).unwrap())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    /// The kernels, over JSON lines: the record that would be sent is the one in the file, and judged like it.
    #[test]
    fn json_lines_get_the_oracles_verdict(
        (dataset, records) in datasets().prop_flat_map(|dataset| (Just(dataset), vec(record(dataset), 1..6)))
    ) {
        let lines: Vec<String> = records.iter().map(|record| Value::from(record.clone()).to_string()).collect();
        let text = lines.join("\n");
        let frame = Frame::from_text("records.jsonl", text, &OpenOptions::default()).unwrap();
        let mapping = Mapping::suggest(dataset, frame.columns(), true);
        let oracle = oracle(dataset);
        let expect: Vec<bool> = records.into_iter().map(|record| !oracle.is_valid(&Value::from(record))).collect();
        prop_assert_eq!(&refused_by_oracle(&frame, &mapping, &oracle), &expect);
        prop_assert_eq!(refused(&frame, &mapping), expect);
    }

    /// The kernels, over flat files: whatever the text becomes, the verdict is the one on the record that is sent.
    #[test]
    fn flat_files_get_the_oracles_verdict(
        (dataset, rows) in datasets().prop_flat_map(|dataset| {
            let width = Schema::of(dataset).fields().len();
            (Just(dataset), vec(vec(proptest::option::weighted(0.3, texts()), width), 1..5))
        })
    ) {
        // Whole objects as JSON text and their parts in columns exclude each other; the parts are kept.
        let fields = Schema::of(dataset).fields();
        let is_leaf = |path: &str| !fields.iter().any(|(other, _)| other.starts_with(&format!("{path}.")));
        let columns: Vec<usize> = (0..fields.len()).filter(|at| is_leaf(&fields[*at].0)).collect();
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(columns.iter().map(|at| fields[*at].0.as_str())).unwrap();
        for row in &rows {
            csv.write_record(columns.iter().map(|at| row[*at].as_deref().unwrap_or(""))).unwrap();
        }
        let frame = Frame::from_text("rows.csv", csv.into_inner().unwrap(), &OpenOptions { delimiter: Some(b','), ..OpenOptions::default() }).unwrap();
        let mapping = Mapping::suggest(dataset, frame.columns(), false);
        prop_assert_eq!(refused(&frame, &mapping), refused_by_oracle(&frame, &mapping, &oracle(dataset)));
    }
}
