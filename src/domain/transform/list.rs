//! Lists and category paths, from text with separators.

use std::borrow::Cow;

use serde_json::Value;

use crate::domain::value::{self, Form};

/// The separator in words where it cannot be seen.
pub(super) fn separator_name(separator: char) -> String {
    match separator {
        '\n' => "line breaks".to_owned(),
        '\t' => "tabs".to_owned(),
        ' ' => "spaces".to_owned(),
        other => other.to_string(),
    }
}

/// The items as a JSON list; text that a cell of such a field is read as anyway stays.
pub(super) fn items(text: &str, separator: char, form: Form) -> Cow<'_, str> {
    if is_json_list(text) {
        return Cow::Borrowed(text);
    }
    let is_list = matches!(form, Form::TextList | Form::NumberList);
    let natural = value::list_separator(text);
    let is_same = natural.map_or(!text.contains(separator), |natural| natural == separator);
    if is_list && is_same && text.contains(|c: char| c != separator && !c.is_whitespace()) {
        return Cow::Borrowed(text);
    }
    let items = text.split(separator).map(str::trim).filter(|item| !item.is_empty());
    let item = |item: &str| match form {
        Form::NumberList => value::to_json(crate::domain::cell::Cell::Text(item), Form::Number).unwrap_or_default(),
        Form::PathList => Value::from(vec![item]),
        _ => Value::from(item),
    };
    let list: Vec<Value> = items.map(item).collect();
    Cow::Owned(if list.is_empty() {
        String::new()
    } else {
        Value::from(list).to_string()
    })
}

/// Category paths as lists of levels; in a list of texts the levels of the one path.
pub(super) fn paths<'a>(text: &'a str, level: &str, between: char, form: Form) -> Option<Cow<'a, str>> {
    if is_json_list(text) {
        return Some(Cow::Borrowed(text));
    }
    let is_natural = level == ">" && between == '|' && (text.contains('|') || !text.contains(';'));
    if form == Form::PathList && is_natural && text.contains(char::is_alphanumeric) {
        return Some(Cow::Borrowed(text));
    }
    let paths: Vec<Value> = text
        .split(between)
        .map(|path| {
            let levels = path.split(level).map(str::trim).filter(|level| !level.is_empty());
            levels.map(Value::from).collect::<Vec<_>>()
        })
        .filter(|levels| !levels.is_empty())
        .map(Value::from)
        .collect();
    match (form, paths.as_slice()) {
        (_, []) => Some(Cow::Borrowed("")),
        (Form::TextList, [path]) => Some(Cow::Owned(path.to_string())),
        (Form::TextList, _) => None,
        _ => Some(Cow::Owned(Value::from(paths).to_string())),
    }
}

fn is_json_list(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']') && serde_json::from_str::<Value>(text).is_ok()
}
