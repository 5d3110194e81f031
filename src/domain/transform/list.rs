//! Lists and category paths, from text with separators.

use std::borrow::Cow;

use serde_json::Value;

use crate::domain::{
    cell::Cell,
    value::{self, Form},
};

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
    if is_list && is_same && !text.contains('\\') && text.contains(|c: char| c != separator && !c.is_whitespace()) {
        return Cow::Borrowed(text);
    }
    let item = |item: Cow<'_, str>| match form {
        Form::NumberList => value::to_json(Cell::Text(&item), Form::Number).unwrap_or_default(),
        Form::PathList => Value::from(vec![item.into_owned()]),
        _ => Value::from(item.into_owned()),
    };
    let mut between = [0; 4];
    let between = separator.encode_utf8(&mut between);
    let list: Vec<Value> = parts(text, between)
        .map(|part| unescaped(part, between))
        .map(item)
        .collect();
    Cow::Owned(if list.is_empty() {
        String::new()
    } else {
        Value::from(list).to_string()
    })
}

/// The first item that is not empty.
pub(super) fn first(text: &str, separator: char) -> Option<&str> {
    text.split(separator).map(str::trim).find(|item| !item.is_empty())
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
    let mut separator = [0; 4];
    let separator = between.encode_utf8(&mut separator);
    let paths: Vec<Value> = parts(text, separator)
        .map(|path| {
            let levels = parts(path, level).map(|name| unescaped(name, level));
            let levels = levels.map(|name| Value::from(unescaped(&name, separator).into_owned()));
            levels.collect::<Vec<_>>()
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

/// The trimmed parts of a text between separators, without empty ones; a separator behind a backslash is part of a
/// name: `Salt\, Pepper`.
pub(in crate::domain) fn parts<'a>(text: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = Some(text);
    let next = move || {
        let whole = rest?;
        let cut = whole
            .match_indices(separator)
            .find(|(at, _)| !whole[..*at].ends_with('\\'));
        let Some((at, _)) = cut else {
            rest = None;
            return Some(whole.trim());
        };
        rest = whole.get(at + separator.len()..);
        whole.get(..at).map(str::trim)
    };
    std::iter::from_fn(next).filter(|part| !part.is_empty())
}

/// A name without the backslashes before separators.
fn unescaped<'a>(name: &'a str, separator: &str) -> Cow<'a, str> {
    let escaped = format!("\\{separator}");
    if name.contains(&escaped) {
        Cow::Owned(name.replace(&escaped, separator))
    } else {
        Cow::Borrowed(name)
    }
}
