//! A cell of a table as it stands in the file.

use std::borrow::Cow;

/// One cell: nothing, the text of a flat file, or the JSON text of a JSON file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Cell<'a> {
    /// The record has no such value: an empty unquoted or quoted CSV cell, or a key that is not there.
    #[default]
    Missing,
    /// The text of a flat file's cell, unescaped, or what a person typed; its type is an interpretation.
    Text(&'a str),
    /// One JSON value as it is written in the file: `"text"`, `12.50`, `null`, `["a"]`.
    Json(&'a str),
}

impl<'a> Cell<'a> {
    /// The text a person sees and edits: a JSON string without its quotes, other JSON as it is written.
    pub fn shown(self) -> Cow<'a, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Json(json) => match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
                Some(_) => serde_json::from_str(json).map_or(Cow::Borrowed(json), Cow::Owned),
                None => Cow::Borrowed(json),
            },
        }
    }

    /// Whether the record has no value here.
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The cell with its text copied, to be kept.
    pub(crate) fn to_owned_cell(self) -> OwnedCell {
        match self {
            Self::Missing => OwnedCell::Missing,
            Self::Text(text) => OwnedCell::Text(text.into()),
            Self::Json(json) => OwnedCell::Json(json.into()),
        }
    }
}

/// A [`Cell`] that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum OwnedCell {
    /// See [`Cell::Missing`].
    #[default]
    Missing,
    /// See [`Cell::Text`].
    Text(Box<str>),
    /// See [`Cell::Json`].
    Json(Box<str>),
}

impl OwnedCell {
    /// The cell, borrowed.
    pub fn as_cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Text(text) => Cell::Text(text),
            Self::Json(json) => Cell::Json(json),
        }
    }
}
