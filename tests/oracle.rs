//! Every verdict held against an independent one: the API's published document itself, run by another validator, over
//! generated and mutated records; by the validator that the server uses, from JSON lines, from flat files and from
//! Parquet, and by the server over HTTP. Where they differ, the difference is one that the schema documents name.
//!
//! `TATAMI_ORACLE_RECORDS=1000000 cargo test -p tatami-tests oracle::` looks at more records than the suite does.

use std::sync::Arc;

use crate::common::contract;
use crate::common::contract::{Oracle, Records};
use crate::common::files;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use serde_json::Value;
use tatami::{
    check::{Checked, check_by},
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        issue::Severity,
        mapping::Mapping,
        progress::Progress,
        rules::{Level, Levels, Rule},
        schema::Schema,
        validate::{Exceptions, check_record_by},
    },
    frame::{Edits, Frame, OpenOptions},
};

/// Records looked at by the suite, over all data sets.
const RECORDS: usize = 20_000;

fn records() -> usize {
    let asked = std::env::var("TATAMI_ORACLE_RECORDS").ok();
    asked.map_or(RECORDS, |asked| asked.parse().unwrap())
}

/// Fails with the records whose verdicts differ, the shortest first.
fn all_agree(dataset: Dataset, differences: Exceptions, differing: Vec<(Value, String)>) {
    let mut differing = differing;
    differing.sort_by_key(|(record, _)| record.to_string().len());
    let shown: Vec<String> = differing
        .iter()
        .take(12)
        .map(|(record, said)| format!("{record}\n    {said}"))
        .collect();
    assert!(
        differing.is_empty(),
        "{} {dataset} differ under {differences:?}:\n{}",
        differing.len(),
        shown.join("\n")
    );
}

/// The validator that the server and the upload use.
#[test]
fn records_get_the_published_verdict() {
    for differences in [Exceptions::default(), Exceptions::NONE] {
        for dataset in Dataset::ALL {
            let (oracle, schema) = (Oracle::new(dataset, differences), Schema::of(dataset));
            let mut differing = Vec::new();
            let (mut good, mut bad) = (0, 0);
            for record in Records::new(dataset, 1).take(records() / 6) {
                let violations = check_record_by(&differences, schema, &record);
                let expect = oracle.is_valid(&record);
                *(if expect { &mut good } else { &mut bad }) += 1;
                if violations.is_empty() != expect {
                    let said = format!("expected {}: {violations:?}", if expect { "none" } else { "some" });
                    differing.push((record, said));
                }
            }
            all_agree(dataset, differences, differing);
            assert!(
                good > bad / 9 && bad > good / 9,
                "{dataset}: {good} good, {bad} bad: nothing is tested"
            );
        }
    }
}

/// The rows of a table that the API would refuse, by the checker with its own advice off.
fn refused(frame: &Frame, mapping: &Mapping) -> (Vec<bool>, Checked) {
    let mut levels = Levels::default();
    for rule in Rule::ALL.into_iter().filter(|rule| rule.has_switch()) {
        levels.set(rule, Level::Off).unwrap();
    }
    let checked = check_by(&levels, frame, &Edits::default(), mapping, &Progress::default()).unwrap();
    // The types of custom attributes are a fact across records, which no validator of single records knows.
    let causes = checked
        .issues
        .causes()
        .filter(|(cause, _)| checked.issues.severity(cause) == Severity::Error && cause.rule != Rule::Inconsistent);
    let rows: Vec<_> = causes.map(|(_, rows)| rows.clone()).collect();
    let refused = (0..frame.len()).map(|row| rows.iter().any(|rows| rows.contains(row)));
    (refused.collect(), checked)
}

/// Holds the checker's verdict on every row against the oracle's on the record that would be sent for it. Answers how
/// many rows were refused.
fn check_table(dataset: Dataset, frame: &Frame, mapping: &Mapping, oracle: &Oracle) -> usize {
    let (refused, checked) = refused(frame, mapping);
    let rows = frame.read(0..frame.len(), &Edits::default()).unwrap();
    let mut differing = Vec::new();
    for (row, (cells, refused)) in (0..).zip(rows.iter().zip(&refused)) {
        let cells: Vec<_> = cells.iter().map(OwnedCell::as_cell).collect();
        let mut json = Vec::new();
        checked.plan().write(&cells, &mut json);
        // What no reader can hold, such as 1e400, is no record.
        let record: Value = serde_json::from_slice(&json).unwrap_or_default();
        if oracle.is_valid(&record) == *refused {
            let problems = checked.explain(row, &cells, None, &|row| row.to_string(), 0);
            let lines: Vec<_> = problems.into_iter().filter_map(|problem| problem.api_line).collect();
            differing.push((record, format!("refused: {refused}, {lines:?}")));
        } else if *refused {
            // What is refused is said, in the API's words.
            let problems = checked.explain(row, &cells, None, &|row| row.to_string(), 0);
            assert!(
                problems.iter().any(|problem| problem.api_line.is_some()),
                "{record} {problems:?}"
            );
        }
    }
    all_agree(dataset, Exceptions::default(), differing);
    refused.iter().filter(|refused| **refused).count()
}

#[test]
fn json_lines_get_the_published_verdict() {
    for dataset in Dataset::ALL {
        let oracle = Oracle::new(dataset, Exceptions::default());
        let mut generated = Records::new(dataset, 2).filter(Value::is_object);
        for _ in 0..records() / 1500 {
            let lines: Vec<Value> = generated.by_ref().take(100).collect();
            let text: Vec<String> = lines.iter().map(Value::to_string).collect();
            let frame = Frame::from_text("records.jsonl", text.join("\n"), &OpenOptions::default()).unwrap();
            let mapping = Mapping::suggest(dataset, frame.columns(), true);
            let refused = check_table(dataset, &frame, &mapping, &oracle);
            // What would be sent is what stands in the file.
            let bad = lines
                .iter()
                .filter(|record| !oracle.is_valid(&contract::as_sent(dataset, record)))
                .count();
            assert_eq!(refused, bad);
        }
    }
}

/// Whatever the text of a flat file becomes, the verdict is the one on the record that is sent.
#[test]
fn flat_files_get_the_published_verdict() {
    for dataset in Dataset::ALL {
        let oracle = Oracle::new(dataset, Exceptions::default());
        let columns = contract::flat_columns(dataset);
        for seed in 0..u64::try_from(records() / 1500).unwrap() {
            let rows = contract::flat_rows(dataset, &columns, seed, 100);
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(&columns).unwrap();
            for row in &rows {
                csv.write_record(row).unwrap();
            }
            let options = OpenOptions {
                delimiter: Some(b','),
                header: Some(true),
                skip: Some(0),
                ..OpenOptions::default()
            };
            let frame = Frame::from_text("rows.csv", csv.into_inner().unwrap(), &options).unwrap();
            let mapping = Mapping::suggest(dataset, frame.columns(), false);
            check_table(dataset, &frame, &mapping, &oracle);
        }
    }
}

/// Texts and typed values out of a file of columns.
#[test]
fn parquet_gets_the_published_verdict() {
    let folder = files::Folder::new();
    for dataset in Dataset::ALL {
        let oracle = Oracle::new(dataset, Exceptions::default());
        let columns = contract::flat_columns(dataset);
        let rows = contract::flat_rows(dataset, &columns, 7, 400);
        let arrays = columns.iter().enumerate().map(|(at, name)| {
            let texts: StringArray = rows
                .iter()
                .map(|row| Some(row[at].as_str()).filter(|text| !text.is_empty()))
                .collect();
            (name.as_str(), Arc::new(texts) as ArrayRef, true)
        });
        let batch = RecordBatch::try_from_iter_with_nullable(arrays).unwrap();
        let frame = folder.table(&files::parquet(&batch));
        let mapping = Mapping::suggest(dataset, frame.columns(), true);
        check_table(dataset, &frame, &mapping, &oracle);
    }
}

/// The rules that hold records to the document's letter give the verdict of the document alone.
#[test]
fn differences_can_be_made_errors() {
    let mut levels = Levels::default();
    for rule in Rule::ALL.into_iter().filter(|rule| rule.has_switch()) {
        levels.set(rule, Level::Off).unwrap();
    }
    for difference in ["null", "translation", "zoneless-time"] {
        levels.set_written(&format!("{difference}=error")).unwrap();
    }
    for dataset in Dataset::ALL {
        let named: Vec<_> = Schema::of(dataset)
            .contract
            .differences
            .iter()
            .map(|difference| difference.name.as_str())
            .collect();
        assert!(named.iter().all(|name| Rule::named(name).is_some()), "{named:?}");
        let oracle = Oracle::new(dataset, Exceptions::NONE);
        let lines: Vec<Value> = Records::new(dataset, 3)
            .filter(Value::is_object)
            .take(records() / 20)
            .collect();
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        let frame = Frame::from_text("records.jsonl", text.join("\n"), &OpenOptions::default()).unwrap();
        let mapping = Mapping::suggest(dataset, frame.columns(), true);
        let checked = check_by(&levels, &frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
        let refused = checked
            .issues
            .causes()
            .filter(|(cause, _)| checked.issues.severity(cause) == Severity::Error && cause.rule != Rule::Inconsistent);
        let refused: Vec<_> = refused.map(|(_, rows)| rows.clone()).collect();
        let differing = (0..).zip(&lines).filter(|(row, record)| {
            let is_refused = refused.iter().any(|rows| rows.contains(*row));
            oracle.is_valid(&contract::as_sent(dataset, record)) == is_refused
        });
        let differing = differing.map(|(_, record)| (record.clone(), String::new())).collect();
        all_agree(dataset, Exceptions::NONE, differing);
    }
}
