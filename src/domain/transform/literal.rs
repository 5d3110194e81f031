//! Lists as programs write them, as a field takes them.

use std::borrow::Cow;

use serde_json::Value;

use crate::domain::{
    cell::Cell,
    list_literal,
    value::{self, Form},
};

/// The items of a list as JSON, for a field of that form; what is JSON already stays. `None` when it is no such list,
/// or has lists inside where there may be none.
pub(super) fn items(text: &str, form: Form) -> Option<Cow<'_, str>> {
    if text.trim_start().starts_with('[') && serde_json::from_str::<Value>(text).is_ok() {
        return Some(Cow::Borrowed(text));
    }
    let Value::Array(items) = list_literal::parse(text)? else {
        return None;
    };
    let items: Option<Vec<Value>> = items.into_iter().map(|item| of_form(item, form)).collect();
    Some(Cow::Owned(Value::from(items?).to_string()))
}

fn of_form(item: Value, form: Form) -> Option<Value> {
    match (item, form) {
        (Value::String(text), Form::PathList) => Some(Value::from(vec![text])),
        (Value::String(text), Form::NumberList) => value::to_json(Cell::Text(&text), Form::Number),
        (item @ Value::Array(_), Form::PathList | Form::Json) => Some(item),
        (Value::Array(_), _) => None,
        (item, _) => Some(item),
    }
}
