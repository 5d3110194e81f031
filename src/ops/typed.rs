//! What a person types, as the content of a cell.

use crate::{
    check::Checked,
    domain::{cell::OwnedCell, mapping::CustomType},
    frame::Frame,
};

/// A text as the content of a cell. In a JSON file, where a value's type is its own, what is typed into a key without a
/// type of its own is taken as JSON when it reads as such: a number stays a number.
pub(crate) fn typed(frame: &Frame, checked: Option<&Checked>, column: u32, text: String) -> OwnedCell {
    if text.is_empty() {
        return OwnedCell::Missing;
    }
    let part = checked.and_then(|checked| checked.plan().part(column as usize));
    let is_typed = part.is_none_or(|part| part.node.is_some());
    let custom = checked.and_then(|checked| checked.custom_type(column as usize));
    let is_text = custom == Some(CustomType::Text) && !text.starts_with(['{', '[']);
    let is_json = frame.format().is_json()
        && !is_typed
        && !is_text
        && serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| !value.is_string());
    if is_json {
        OwnedCell::Json(text.into())
    } else {
        OwnedCell::Text(text.into())
    }
}
