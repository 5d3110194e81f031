//! The order of rows, in runs of any size.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{Edits, Frame, FrameError, OpenOptions, sort::ColumnSort};
use crate::domain::{number, progress::Progress};

/// As much as a run never has here.
const ONE_RUN: usize = usize::MAX;

fn open(lines: &str) -> Frame {
    Frame::from_text("text", lines, &OpenOptions::default()).expect("opens")
}

fn order(frame: &Frame, descending: bool, run: usize) -> Vec<u32> {
    let progress = Progress::default();
    let sorting = ColumnSort {
        frame,
        edits: &Edits::default(),
        column: frame.column("key").unwrap_or(u32::MAX),
        descending,
        run,
        progress: &progress,
    };
    let order = sorting.order().expect("sorted").to_vec();
    assert_eq!(progress.done(), progress.total());
    order
}

/// Records of a key, as JSON, or of none.
fn lines(keys: &[Option<&str>]) -> String {
    let mut lines = String::new();
    for (row, key) in keys.iter().enumerate() {
        match key {
            Some(key) => writeln!(lines, "{{\"row\":{row},\"key\":{key}}}").expect("written"),
            None => writeln!(lines, "{{\"row\":{row}}}").expect("written"),
        }
    }
    lines
}

#[test]
fn values_stand_in_their_order() {
    type Case<'a> = (&'a str, &'a [Option<&'a str>], &'a [u32], &'a [u32]);
    let cases: &[Case<'_>] = &[
        (
            "numbers by value, whatever they are written like",
            &[Some("10"), Some("\"9.5\""), Some("-1e3"), Some("-2"), Some("\" 1e1 \"")],
            &[2, 3, 1, 0, 4],
            &[0, 4, 1, 3, 2],
        ),
        (
            "zero is zero",
            &[Some("0"), Some("-0.0"), Some("1"), Some("0.0"), Some("-1")],
            &[4, 0, 1, 3, 2],
            &[2, 0, 1, 3, 4],
        ),
        (
            "texts by bytes once there is one",
            &[Some("10"), Some("9"), Some("\"é\""), Some("\"z\""), Some("\"Z\"")],
            &[0, 1, 4, 3, 2],
            &[2, 3, 4, 1, 0],
        ),
        (
            "what is no number of this world",
            &[Some("\"nan\""), Some("2"), Some("10"), Some("\"inf\"")],
            &[2, 1, 3, 0],
            &[0, 3, 1, 2],
        ),
        (
            "no value comes last, in file order",
            &[None, Some("2"), Some("null"), Some("1"), None],
            &[3, 1, 0, 2, 4],
            &[1, 3, 0, 2, 4],
        ),
        (
            "an empty text is a text",
            &[Some("\"b\""), None, Some("\"\""), Some("\"a\"")],
            &[2, 3, 0, 1],
            &[0, 3, 2, 1],
        ),
        (
            "texts that begin alike",
            &[
                Some("\"sku-00000002\""),
                Some("\"sku-0000\""),
                Some("\"sku-00000001\""),
                Some("\"sku-0000\\u0000\""),
                Some("\"sku-000\""),
                Some("\"sku-000\\u0000\""),
            ],
            &[4, 5, 1, 3, 2, 0],
            &[0, 2, 3, 1, 5, 4],
        ),
        (
            "equal ones stay",
            &[Some("\"b\""), Some("\"a\""), Some("\"b\""), Some("\"a\"")],
            &[1, 3, 0, 2],
            &[0, 2, 1, 3],
        ),
        ("no values at all", &[None, Some("null"), None], &[0, 1, 2], &[0, 1, 2]),
    ];
    for (name, keys, ascending, descending) in cases {
        let frame = open(&lines(keys));
        for run in [1, 60, ONE_RUN] {
            assert_eq!(order(&frame, false, run), *ascending, "{name}, runs of {run}");
            assert_eq!(
                order(&frame, true, run),
                *descending,
                "{name}, runs of {run}, descending"
            );
        }
    }
}

#[test]
fn long_columns_are_sorted_in_many_pieces() {
    // More rows than are gathered, or merged, at a time.
    let mut text = String::new();
    for row in 0..100_000_u32 {
        let name = row.wrapping_mul(2_654_435_761) % 30_000;
        writeln!(text, "{{\"key\":\"name {name:08}\"}}").expect("written");
    }
    let frame = open(&text);
    let one = order(&frame, true, ONE_RUN);
    assert!(order(&frame, true, 100_000) == one, "runs of 100 000 bytes show");
    let mut rows = one;
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..100_000), "not every row is there once");
}

#[test]
fn sorting_can_be_stopped_and_needs_a_folder_for_runs_only() {
    let frame = open(&lines(&[Some("2"), Some("1")]));
    let progress = Progress::default();
    progress.cancel();
    let mut sorting = ColumnSort {
        frame: &frame,
        edits: &Edits::default(),
        column: 1,
        descending: false,
        run: 1,
        progress: &progress,
    };
    assert!(matches!(sorting.order(), Err(FrameError::Cancelled)));

    let file = tempfile::NamedTempFile::new().expect("a file");
    let options = OpenOptions {
        // A folder that cannot be made: a file stands there.
        spool: Some(file.path().join("spool")),
        ..OpenOptions::default()
    };
    let frame = Frame::from_text("text", lines(&[Some("2"), Some("1")]), &options).expect("opens");
    let progress = Progress::default();
    sorting.frame = &frame;
    sorting.progress = &progress;
    assert!(matches!(sorting.order(), Err(FrameError::Io { .. })));
    sorting.run = ONE_RUN;
    assert_eq!(sorting.order().expect("sorted")[..], [1, 0]);
}

fn key() -> impl Strategy<Value = Option<String>> {
    let texts = prop_oneof![
        Just(None),
        "(-?[0-9]{1,3}(\\.[0-9])?)".prop_map(Some),
        "[ab\u{0}é]{0,12}".prop_map(Some),
        "same prefix [ab\u{0}]{0,4}".prop_map(Some),
    ];
    texts.boxed()
}

proptest! {
    /// Numbers alone now and then, or texts would always be among them.
    #[test]
    fn runs_do_not_show(
        keys in prop_oneof![
            prop::collection::vec(key(), 0..80),
            prop::collection::vec(prop::option::of("-?[0-9]{1,2}(e-?[0-9])?"), 0..80),
        ],
        run in 1..1000_usize,
        descending: bool,
    ) {
        let json = |key: &String| serde_json::to_string(key).expect("JSON");
        let written: Vec<_> = keys.iter().map(|key| key.as_ref().map(json)).collect();
        let written: Vec<_> = written.iter().map(Option::as_deref).collect();
        let frame = open(&format!("{{\"row\":0,\"key\":\"0\"}}\n{}", lines(&written)));
        let one = order(&frame, descending, ONE_RUN);
        prop_assert_eq!(&order(&frame, descending, run), &one);

        // The order as it would be found with all the memory of the world.
        let keys: Vec<_> = std::iter::once(Some("0")).chain(keys.iter().map(Option::as_deref)).collect();
        let numbers: Option<Vec<f64>> = keys.iter().flatten().map(|key| number::parsed(key)).collect();
        let mut plain: Vec<usize> = (0..keys.len()).collect();
        plain.sort_by(|&a, &b| match (keys[a], keys[b]) {
            (None, _) | (_, None) => keys[a].is_none().cmp(&keys[b].is_none()),
            (Some(left), Some(right)) => {
                let by_key = match &numbers {
                    Some(_) => number::parsed(left).partial_cmp(&number::parsed(right)).expect("numbers"),
                    None => left.cmp(right),
                };
                if descending { by_key.reverse() } else { by_key }
            }
        });
        let one: Vec<_> = one.into_iter().map(|row| row as usize).collect();
        prop_assert_eq!(one, plain);
    }
}
