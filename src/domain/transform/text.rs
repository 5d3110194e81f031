//! What is done to texts as such.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

use crate::domain::{format, json};

/// Without white space around it, also what nobody sees: marks of byte order, spaces of no width.
pub(in crate::domain) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}'))
}

/// A number of JSON as a text, or a list of numbers as a list of texts, with all their digits. `None` for everything
/// else, and for numbers with an exponent, which has taken the place of digits.
pub(in crate::domain) fn quoted(json: &str) -> Option<Cow<'_, str>> {
    let is_number = |json: &str| json::is_number(json.as_bytes()) && !json.contains(['e', 'E']);
    if is_number(json) {
        return Some(Cow::Borrowed(json));
    }
    if !json.starts_with('[') {
        return None;
    }
    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    let mut has_number = false;
    let mut texts = Vec::with_capacity(items.len());
    for item in items.into_iter().map(RawValue::get) {
        if is_number(item) {
            has_number = true;
            texts.push(format!("\"{item}\""));
        } else if item.starts_with('"') {
            texts.push(item.to_owned());
        } else {
            return None;
        }
    }
    has_number.then(|| Cow::Owned(format!("[{}]", texts.join(","))))
}

/// With a text in front; a whole URL stays, and `//host/path` only lacks its scheme.
pub(super) fn prefixed<'a>(text: &'a str, prefix: &str) -> Option<Cow<'a, str>> {
    let text = text.trim();
    let is_whole = text
        .split_once("://")
        .is_some_and(|(scheme, _)| format::is_scheme(scheme));
    if is_whole {
        return Some(Cow::Borrowed(text));
    }
    if text.is_empty() {
        return None;
    }
    if let (Some(_), Some((scheme, _))) = (text.strip_prefix("//"), prefix.split_once("//")) {
        return Some(Cow::Owned(format!("{scheme}{text}")));
    }
    let rest = if prefix.ends_with('/') {
        text.strip_prefix('/').unwrap_or(text)
    } else {
        text
    };
    Some(Cow::Owned(format!("{prefix}{rest}")))
}

/// The value a table has for a text; one that is a result already stays.
pub(super) fn looked_up<'a>(text: &'a str, table: &'a BTreeMap<String, String>) -> Option<&'a str> {
    if let Some(value) = table.get(text) {
        return Some(value);
    }
    let trimmed = text.trim();
    let is_same = |key: &str| {
        let key = key.trim();
        key.eq_ignore_ascii_case(trimmed) || (!key.is_ascii() && key.to_lowercase() == trimmed.to_lowercase())
    };
    let found = table
        .iter()
        .find(|(key, _)| is_same(key))
        .map(|(_, value)| value.as_str());
    found.or_else(|| table.values().find(|value| *value == trimmed).map(|_| trimmed))
}
