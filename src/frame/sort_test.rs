//! The order of rows, in runs of any size.

use std::{cmp::Ordering, fmt::Write as _};

use proptest::prelude::*;

use super::{Edits, Frame, FrameError, OpenOptions, Order, SortBy, sort::sort_in_runs};
use crate::domain::{dataset::Dataset, mapping::Mapping, number, progress::Progress, record::Plan};

/// As much as a run never has here.
const ONE_RUN: usize = usize::MAX;

fn open(lines: &str) -> Frame {
    Frame::from_text("text", lines, &OpenOptions::default()).expect("opens")
}

/// Rows as they stand.
fn plain(frame: &Frame) -> Plan {
    Mapping::suggest(Dataset::Products, frame.columns(), true).plan(&[])
}

fn sorted(frame: &Frame, by: &[SortBy], run: usize, progress: &Progress) -> Result<Order, FrameError> {
    sort_in_runs(frame, &Edits::default(), &plain(frame), by, run, progress)
}

fn order(frame: &Frame, descending: bool, run: usize) -> Vec<u32> {
    let progress = Progress::default();
    let column = frame.column("key").unwrap_or(u32::MAX);
    let order = sorted(frame, &[SortBy { column, descending }], run, &progress).expect("sorted");
    assert_eq!(progress.done(), progress.total());
    order.rows().to_vec()
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
            "texts once there is one, whatever the case",
            &[
                Some("10"),
                Some("9"),
                Some("\"é\""),
                Some("\"Z\""),
                Some("\"z\""),
                Some("\"y\""),
            ],
            &[1, 0, 5, 3, 4, 2],
            &[2, 3, 4, 5, 0, 1],
        ),
        (
            "what is no number of this world",
            &[Some("\"nan\""), Some("2"), Some("10"), Some("\"inf\"")],
            &[1, 2, 3, 0],
            &[0, 3, 2, 1],
        ),
        (
            "numbers in texts by value",
            &[
                Some("\"Item 10\""),
                Some("\"item 2b\""),
                Some("\"item 9\""),
                Some("\"item 2\""),
                Some("\"item\""),
                Some("\"item 010\""),
                Some("\"item x\""),
                Some("\"item 100000000000000000000\""),
            ],
            &[4, 3, 1, 2, 0, 5, 7, 6],
            &[6, 7, 0, 5, 2, 1, 3, 4],
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
                Some("\"a long name 2\""),
                Some("\"a long name\""),
                Some("\"a long name 1\""),
                Some("\"a long name\\u0000\""),
                Some("\"a long n\""),
                Some("\"a long n\\u0000\""),
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
    let by = [SortBy {
        column: 1,
        descending: false,
    }];
    let progress = Progress::default();
    progress.cancel();
    assert!(matches!(sorted(&frame, &by, 1, &progress), Err(FrameError::Cancelled)));

    let file = tempfile::NamedTempFile::new().expect("a file");
    let options = OpenOptions {
        // A folder that cannot be made: a file stands there.
        spool: Some(file.path().join("spool")),
        ..OpenOptions::default()
    };
    let frame = Frame::from_text("text", lines(&[Some("2"), Some("1")]), &options).expect("opens");
    let progress = Progress::default();
    assert!(matches!(sorted(&frame, &by, 1, &progress), Err(FrameError::Io { .. })));
    let order = sorted(&frame, &by, ONE_RUN, &progress).expect("sorted");
    assert_eq!(order.rows(), [1, 0]);
}

fn key() -> impl Strategy<Value = Option<String>> {
    let texts = prop_oneof![
        Just(None),
        "(-?[0-9]{1,3}(\\.[0-9])?)".prop_map(Some),
        "[ab\u{0}é]{0,12}".prop_map(Some),
        "same prefix [ab\u{0}]{0,4}".prop_map(Some),
        "[aAÉ]?[0-9]{0,2}[b-]?[0-9]{0,3}".prop_map(Some),
    ];
    texts.boxed()
}

/// As people order texts, a piece after another.
fn naturally(left: &str, right: &str) -> Ordering {
    let [left, right] = [left, right].map(pieces);
    left.cmp(&right)
}

/// The letters and the numbers of a text; numbers by how many digits they have, then by these.
fn pieces(text: &str) -> Vec<(char, usize, String)> {
    let mut pieces: Vec<(char, usize, String)> = Vec::new();
    let mut is_in_number = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        match (letter.is_ascii_digit(), pieces.last_mut()) {
            (true, Some((_, len, digits))) if is_in_number => {
                if *len > 0 || letter != '0' {
                    *len += 1;
                    digits.push(letter);
                }
            }
            (true, _) if letter == '0' => pieces.push(('0', 0, String::new())),
            (true, _) => pieces.push(('0', 1, letter.to_string())),
            (false, _) => pieces.push((letter, 0, String::new())),
        }
        is_in_number = letter.is_ascii_digit();
    }
    pieces
}

proptest! {
    /// However many columns rows are sorted by, and in runs of any size, equal ones are in the order of the next column.
    #[test]
    fn several_columns_are_sorted_as_one_comparison_of_all_does(
        rows in prop::collection::vec((prop::option::of(0..4_u8), prop::option::of("[aAb]?[0-9]{0,2}"), 0..3_u8), 0..60),
        by in prop::collection::vec((0_u32..3, any::<bool>()), 1..4),
        run in prop_oneof![1..400_usize, Just(ONE_RUN)],
    ) {
        // A text in every column, so that the table has them all; a number for the texts would order them by value.
        let mut text = "{\"a\":1,\"b\":\"word\",\"c\":1}\n".to_owned();
        for (a, b, c) in &rows {
            let [a, b] = [a.map(|a| a.to_string()), b.as_ref().map(|b| format!("\"{b}\""))];
            let member = |name: &str, value: Option<String>| value.map(|value| format!("\"{name}\":{value},"));
            let (a, b) = (member("a", a).unwrap_or_default(), member("b", b).unwrap_or_default());
            writeln!(text, "{{{a}{b}\"c\":{c}}}").expect("written");
        }
        let mut all = vec![(Some(1), Some("word".to_owned()), 1)];
        all.extend(rows);
        let frame = open(&text);
        let by: Vec<SortBy> = by.into_iter().map(|(column, descending)| SortBy { column, descending }).collect();
        let found = sorted(&frame, &by, run, &Progress::default()).expect("sorted");

        let mut plain: Vec<usize> = (0..all.len()).collect();
        plain.sort_by(|&one, &other| {
            let (one, other) = (&all[one], &all[other]);
            let compared = by.iter().map(|by| {
                let (missing, values) = match by.column {
                    0 => ([one.0.is_none(), other.0.is_none()], one.0.cmp(&other.0)),
                    1 => {
                        let [left, right] = [one, other].map(|row| row.1.as_deref().unwrap_or_default());
                        ([one.1.is_none(), other.1.is_none()], naturally(left, right))
                    }
                    _ => ([false, false], one.2.cmp(&other.2)),
                };
                match missing {
                    [false, false] if by.descending => values.reverse(),
                    [false, false] => values,
                    [left, right] => left.cmp(&right),
                }
            });
            compared.fold(Ordering::Equal, Ordering::then)
        });
        let found: Vec<usize> = found.rows().iter().map(|row| *row as usize).collect();
        prop_assert_eq!(found, plain);
    }

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
                    None => naturally(left, right),
                };
                if descending { by_key.reverse() } else { by_key }
            }
        });
        let one: Vec<_> = one.into_iter().map(|row| row as usize).collect();
        prop_assert_eq!(one, plain);
    }
}
