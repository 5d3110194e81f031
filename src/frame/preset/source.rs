//! The values of a row, by the names that documents give them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use super::{events::EventRow, object::key};
use crate::domain::{cell::Cell, json, value};

/// The columns of delimited text, by their bare names.
#[derive(Debug, Default)]
pub(super) struct SourceColumns(HashMap<String, usize>);

impl SourceColumns {
    /// Of columns with the same name the first counts.
    pub(super) fn new<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        let mut columns = HashMap::new();
        for (at, name) in names.into_iter().enumerate() {
            columns.entry(key(name)).or_insert(at);
        }
        Self(columns)
    }

    /// Where a column is.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// A row's value in a column; empty when there is none.
    pub(super) fn get<'a>(&self, cells: &'a [String], name: &str) -> &'a str {
        let cell = self.find(name).and_then(|at| cells.get(at));
        cell.map_or("", |cell| cell.trim())
    }
}

/// The values of a row.
pub(super) enum ValueSource<'a> {
    Flat(Flat<'a>),
    Nested(EventRow<'a>),
}

/// A row of delimited text, and what belongs to it.
pub(super) struct Flat<'a> {
    pub(super) columns: &'a SourceColumns,
    pub(super) cells: &'a [String],
    /// The row's parent.
    pub(super) parent: Option<&'a [String]>,
    /// The collected lists of the row's group.
    pub(super) lists: &'a BTreeMap<String, Vec<String>>,
}

impl Flat<'_> {
    fn text(&self, name: &str) -> &str {
        if let Some(list) = name.strip_prefix('@') {
            let first = self.lists.get(list).and_then(|list| list.first());
            first.map_or("", String::as_str)
        } else if let Some(name) = name.strip_prefix("parent.") {
            self.parent.map_or("", |cells| self.columns.get(cells, name))
        } else {
            self.columns.get(self.cells, name)
        }
    }
}

impl ValueSource<'_> {
    /// The cell of that name.
    pub(super) fn cell(&self, name: &str) -> Cell<'_> {
        let text = match self {
            Self::Nested(row) => return row.cell(name),
            Self::Flat(flat) => flat.text(name),
        };
        if text.is_empty() {
            Cell::Missing
        } else {
            Cell::Text(text)
        }
    }

    /// The text of that name; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.cell(name).shown().trim().to_owned()
    }

    /// The items of the list of that name, or those between separators.
    pub(super) fn items(&self, name: &str, between: &str) -> Vec<String> {
        let items = match (self, name.split_once("[]")) {
            (Self::Flat(flat), _) if name.starts_with('@') => {
                let list = name.get(1..).and_then(|name| flat.lists.get(name));
                list.cloned().unwrap_or_default()
            }
            (Self::Nested(row), Some((list, member))) => {
                let member = member.strip_prefix('.');
                let values = row.objects(list);
                let values = values.iter().filter_map(|value| match member {
                    Some(member) => value.get(member),
                    None => Some(value),
                });
                values.filter_map(plain).collect()
            }
            _ => match self.cell(name) {
                Cell::Json(json) if json.starts_with('[') => {
                    let values: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
                    values.iter().filter_map(plain).collect()
                }
                cell => cell.shown().split(between).map(str::to_owned).collect(),
            },
        };
        let items = items.into_iter().map(|item| item.trim().to_owned());
        items.filter(|item| !item.is_empty()).collect()
    }
}

/// The text of a value that is no list and no object.
fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text as JSON; empty for an empty one.
pub(super) fn text_json(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut json = Vec::new();
    json::write_string(text, &mut json);
    String::from_utf8(json).unwrap_or_default()
}

/// A number as JSON with its digits. Text that is no number stays text, for the checker to report.
pub(super) fn number_json(text: &str) -> String {
    value::number(text).map_or_else(|| text_json(text), Cow::into_owned)
}
