//! Changed values set into the text of a JSON record; all else in it stays as it is written.

use std::ops::Range;

use super::{columns::Columns, containers, json_list, walk::Walker};
use crate::domain::cell::{Cell, OwnedCell};

/// Why a changed record cannot be written as the file is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwritable {
    /// The record is no list, as the others are.
    #[error("it is no list of values")]
    NotAList,
    /// The record is no object, as the others are.
    #[error("it is no JSON object")]
    NotAnObject,
    /// Something else stands where the value's object should.
    #[error("there is no place for {0} in the record")]
    Occupied(String),
    /// Without quotes the cell would become several.
    #[error("a cell holds a delimiter or a line break, and the file has no quotes around cells")]
    Unquoted,
    /// The encoding of that name lacks a character.
    #[error("a changed cell has a character that {0} does not have")]
    Unencodable(String),
}

/// The record with some columns' values changed.
pub(super) fn splice(record: &str, changes: &[(&str, &OwnedCell)]) -> Result<String, Unwritable> {
    let mut text = record.to_owned();
    for (name, cell) in changes {
        let leaves = leaves(&text);
        let place = leaves
            .iter()
            .find(|(leaf, _)| leaf == name)
            .map(|(_, place)| place.clone());
        text = match (place, json_text(cell)) {
            (Some(place), None) => without(&text, &place),
            (None, None) => continue,
            (Some(place), Some(value)) => {
                let before = text.get(place.clone()).unwrap_or_default();
                replaced(&text, place.clone(), &as_before(before, cell, value))
            }
            (None, Some(value)) => with(&text, &leaves, name, &value)?,
        };
    }
    Ok(text)
}

/// The list with some items changed; one that could not be read is written anew.
pub(super) fn splice_items<'a>(
    record: Option<&str>,
    columns: usize,
    change: impl Fn(u32) -> Option<&'a OwnedCell>,
) -> Result<String, Unwritable> {
    let mut items = Vec::new();
    if let Some(record) = record {
        json_list::items(record, &mut items).ok_or(Unwritable::NotAList)?;
    }
    items.resize(columns.max(items.len()), Cell::Json("null"));
    let written = (0..).zip(&items).map(|(column, item)| {
        let before = match item {
            Cell::Json(json) => json,
            Cell::Missing | Cell::Text(_) => "null",
        };
        match change(column) {
            None => before.to_owned(),
            Some(cell) => json_text(cell).map_or_else(|| "null".to_owned(), |value| as_before(before, cell, value)),
        }
    });
    Ok(format!("[{}]", written.collect::<Vec<_>>().join(",")))
}

/// Every column of the record in order, with the place of its value.
fn leaves(record: &str) -> Vec<(String, Range<usize>)> {
    let (mut names, mut cells) = (Columns::default(), Vec::new());
    // A record that cannot be walked is a defect, and not spliced.
    if Walker::new(true).walk(record, &mut names, &mut cells).is_err() {
        return Vec::new();
    }
    let base = record.as_ptr() as usize;
    let place = |cell: &Cell<'_>| match cell {
        Cell::Json(value) => {
            let start = (value.as_ptr() as usize).wrapping_sub(base);
            Some(start..start.wrapping_add(value.len()))
        }
        _ => None,
    };
    let leaves = names.names().iter().zip(&cells);
    leaves
        .filter_map(|(name, cell)| Some((name.clone(), place(cell)?)))
        .collect()
}

/// The cell as JSON in one line; `None` when there is to be no value.
fn json_text(cell: &OwnedCell) -> Option<String> {
    match cell {
        OwnedCell::Missing => None,
        OwnedCell::Text(text) => Some(quoted(text)),
        // A line break in valid JSON stands between its parts.
        OwnedCell::Json(json) => Some(json.replace(['\n', '\r'], " ")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What was typed over a number or the like, and is one, stays one.
fn as_before(before: &str, cell: &OwnedCell, value: String) -> String {
    match cell {
        OwnedCell::Text(typed) if !before.starts_with('"') => {
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(typed).is_ok();
            if is_json && !typed.contains(['"', '\n', '\r']) {
                typed.trim().to_owned()
            } else {
                value
            }
        }
        _ => value,
    }
}

fn replaced(text: &str, place: Range<usize>, value: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(place, value);
    text
}

/// The record without a value, its key, and one of the commas beside them.
fn without(text: &str, value: &Range<usize>) -> String {
    let before = text.get(..value.start).unwrap_or_default();
    let key_end = before.trim_ascii_end().trim_end_matches(':').trim_ascii_end().len();
    let key_start = key_start(text.get(..key_end).unwrap_or_default());
    let head = text.get(..key_start).unwrap_or_default().trim_ascii_end();
    let tail = text.get(value.end..).unwrap_or_default();
    match (head.strip_suffix(','), tail.trim_ascii_start().strip_prefix(',')) {
        (Some(head), _) => format!("{head}{tail}"),
        (None, Some(tail)) => format!("{head}{}", tail.trim_ascii_start()),
        (None, None) => format!("{head}{}", tail.trim_ascii_start()),
    }
}

/// Where the string begins that the text ends with.
fn key_start(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = text.len().saturating_sub(1);
    while at > 0 {
        at -= 1;
        let escapes = bytes.get(..at).unwrap_or_default().iter().rev();
        let is_escaped = escapes.take_while(|byte| **byte == b'\\').count() % 2 == 1;
        if bytes.get(at) == Some(&b'"') && !is_escaped {
            break;
        }
    }
    at
}

/// The record with one value more, in the object it belongs to.
fn with(text: &str, leaves: &[(String, Range<usize>)], name: &str, value: &str) -> Result<String, Unwritable> {
    let parts = parts(name);
    for depth in (1..parts.len()).rev() {
        let outer = parts.get(..depth).unwrap_or_default();
        let inner = nested(parts.get(depth..).unwrap_or_default(), value);
        let within = || {
            let places = leaves.iter().map(|(leaf, place)| (self::parts(leaf), place));
            places.filter(|(leaf, _)| leaf.get(..depth) == Some(outer))
        };
        // Behind a value of the same object, not of one within it.
        if let Some((_, place)) = within().rfind(|(leaf, _)| leaf.len() == depth + 1) {
            return Ok(replaced(text, place.end..place.end, &format!(",{inner}")));
        }
        if let Some((leaf, place)) = within().next() {
            let there = text.get(place.clone()).unwrap_or_default();
            let is_empty = leaf.len() == depth
                && there
                    .chars()
                    .all(|char| char.is_ascii_whitespace() || "{}".contains(char));
            return if is_empty {
                Ok(replaced(text, place.clone(), &format!("{{{inner}}}")))
            } else {
                Err(Unwritable::Occupied(name.to_owned()))
            };
        }
    }
    let head = text.trim_ascii_end().strip_suffix('}').map(str::trim_ascii_end);
    let Some(end) = head.map(str::len) else {
        return Err(Unwritable::NotAnObject);
    };
    let comma = if leaves.is_empty() { "" } else { "," };
    Ok(replaced(text, end..end, &format!("{comma}{}", nested(&parts, value))))
}

/// `"key":value`, within objects of the outer keys.
fn nested(parts: &[&str], value: &str) -> String {
    let Some((last, outer)) = parts.split_last() else {
        return String::new();
    };
    let mut text = format!("{}:{value}", quoted(last));
    for key in outer.iter().rev() {
        text = format!("{}:{{{text}}}", quoted(key));
    }
    text
}

/// A column's path as the keys it is made of.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in name.match_indices('.') {
        if name.get(..at).is_some_and(containers::is_container) {
            parts.push(name.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(name.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, name: &str, cell: &OwnedCell, expected: &str) {
        let spliced = splice(record, &[(name, cell)]).unwrap_or_else(|reason| reason.to_string());
        assert_eq!(spliced, expected);
    }

    fn text(text: &str) -> OwnedCell {
        OwnedCell::Text(text.into())
    }

    #[test]
    fn values_are_replaced_where_they_stand() {
        check(
            r#"{ "a" : "x" , "b":1.50 }"#,
            "a",
            &text("y \"z\""),
            r#"{ "a" : "y \"z\"" , "b":1.50 }"#,
        );
        check(r#"{"a":"x","b":1.50}"#, "b", &text("2.0"), r#"{"a":"x","b":2.0}"#);
        check(r#"{"a":"x","b":1.50}"#, "b", &text("two"), r#"{"a":"x","b":"two"}"#);
        check(r#"{"a":"1"}"#, "a", &text("2"), r#"{"a":"2"}"#);
        check(
            r#"{"a":"1"}"#,
            "a",
            &OwnedCell::Json("[1,\n2]".into()),
            r#"{"a":[1, 2]}"#,
        );
    }

    #[test]
    fn values_are_removed_with_their_keys() {
        check(r#"{"a":1,"b":2,"c":3}"#, "a", &OwnedCell::Missing, r#"{"b":2,"c":3}"#);
        check(
            r#"{"a":1, "b":2 ,"c":3}"#,
            "b",
            &OwnedCell::Missing,
            r#"{"a":1 ,"c":3}"#,
        );
        check(r#"{"a":1,"b\"":2}"#, "b\"", &OwnedCell::Missing, r#"{"a":1}"#);
        check(r#"{"a":1}"#, "a", &OwnedCell::Missing, "{}");
        check(r#"{"a":1}"#, "b", &OwnedCell::Missing, r#"{"a":1}"#);
    }

    #[test]
    fn values_are_added_where_they_belong() {
        check(r#"{"a":1 }"#, "b", &text("x"), r#"{"a":1,"b":"x" }"#);
        check("{}", "b", &text("x"), r#"{"b":"x"}"#);
        check(
            "{}",
            "context.page.url",
            &text("x"),
            r#"{"context":{"page":{"url":"x"}}}"#,
        );
        check(
            r#"{"custom_attributes":{"a":1},"b":2}"#,
            "custom_attributes.c.d",
            &text("x"),
            r#"{"custom_attributes":{"a":1,"c.d":"x"},"b":2}"#,
        );
        check(
            r#"{"context":{"page":{"url":"x"}}}"#,
            "b",
            &text("x"),
            r#"{"context":{"page":{"url":"x"}},"b":"x"}"#,
        );
        check(
            r#"{"custom_attributes":{ }}"#,
            "custom_attributes.c",
            &text("x"),
            r#"{"custom_attributes":{"c":"x"}}"#,
        );
        check(
            r#"{"b":2}"#,
            "custom_attributes.c",
            &text("x"),
            r#"{"b":2,"custom_attributes":{"c":"x"}}"#,
        );
        check(
            r#"{"context":{"page":{"url":"x"}}}"#,
            "context.locale",
            &text("de"),
            "there is no place for context.locale in the record",
        );
    }
}
