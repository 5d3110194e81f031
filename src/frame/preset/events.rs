//! What the presets of events share: cells by name, and interactions in the API's form.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::object::ObjectWriter;
use crate::domain::{
    cell::Cell,
    dataset::Dataset,
    number::grouped,
    schema::{InteractionType, Schema},
    value,
};

/// The values of a record by their dotted paths, those inside of objects included.
pub(super) struct EventRow<'a>(Vec<EventValue<'a>>);

struct EventValue<'a> {
    path: String,
    /// Where in the path its own key begins.
    key: usize,
    cell: Cell<'a>,
}

/// The deepest nesting of objects that is read.
const DEPTH: usize = 4;

impl<'a> EventRow<'a> {
    pub(super) fn new(columns: &[String], cells: &[Cell<'a>]) -> Self {
        let mut row = Self(Vec::with_capacity(columns.len()));
        for (column, cell) in columns.iter().zip(cells) {
            let key = column.rfind('.').map_or(0, |dot| dot + 1);
            row.add(column.clone(), key, *cell, 0);
        }
        row
    }

    fn add(&mut self, path: String, key: usize, cell: Cell<'a>, depth: usize) {
        if cell.is_missing() || cell == Cell::Json("null") {
            return;
        }
        let json = match cell {
            Cell::Json(json) if depth < DEPTH && json.starts_with('{') => json,
            _ => "",
        };
        let inner: BTreeMap<String, &'a RawValue> = serde_json::from_str(json).unwrap_or_default();
        for (name, value) in inner {
            let inner_path = format!("{path}.{name}");
            self.add(inner_path, path.len() + 1, Cell::Json(value.get()), depth + 1);
        }
        self.0.push(EventValue { path, key, cell });
    }

    /// A value's text; empty when there is none, or when it is `null`.
    pub(super) fn get(&self, path: &str) -> String {
        self.cell(path).shown().into_owned()
    }

    /// The text of the first value that has one.
    pub(super) fn first(&self, paths: &[&str]) -> String {
        let mut texts = paths.iter().map(|path| self.get(path));
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The value at a path, objects and lists as JSON.
    pub(super) fn cell(&self, path: &str) -> Cell<'a> {
        let found = self.0.iter().find(|value| value.path == path);
        found.map(|value| value.cell).unwrap_or_default()
    }

    /// The list of objects at a path.
    pub(super) fn objects(&self, path: &str) -> Vec<serde_json::Value> {
        match self.cell(path) {
            Cell::Json(json) if json.starts_with('[') => serde_json::from_str(json).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The value at a path; missing when it is an object.
    pub(super) fn plain(&self, path: &str) -> Cell<'a> {
        match self.cell(path) {
            Cell::Json(json) if json.starts_with('{') => Cell::Missing,
            cell => cell,
        }
    }

    /// The members of the object at a path.
    pub(super) fn members(&self, path: &str) -> impl Iterator<Item = (&str, Cell<'a>)> {
        self.0.iter().filter_map(move |value| {
            let (parent, key) = (
                value.path.get(..value.key.checked_sub(1)?)?,
                value.path.get(value.key..)?,
            );
            (parent == path).then_some((key, value.cell))
        })
    }
}

/// The products of an event: ids, and quantities when all have one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct EventProducts {
    pub(super) ids: Vec<String>,
    pub(super) quantities: Vec<String>,
}

impl EventProducts {
    /// The products in objects that hold an id under one of these names.
    pub(super) fn of(objects: &[serde_json::Value], names: &[&str]) -> Self {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let mut products = Self::default();
        for object in objects {
            let id = names
                .iter()
                .filter_map(|name| text(object.get(name)?))
                .find(|id| !id.is_empty());
            if let Some(id) = id {
                products.ids.push(id);
                products.quantities.extend(object.get("quantity").and_then(text));
            }
        }
        products
    }

    /// Writes them to a record whose type takes them, and otherwise to its custom context. Wrong quantities are left
    /// for the checker.
    pub(super) fn write(&self, kind: &str, record: &mut ObjectWriter, others: &mut ObjectWriter) {
        let place = if takes(kind, "product_ids") {
            &mut *record
        } else {
            others
        };
        place.list("product_ids", self.ids.iter().map(String::as_str));
        if takes(kind, "quantities") && !self.quantities.is_empty() {
            let quantity = |text: &String| {
                let number = value::number(text).map(std::borrow::Cow::into_owned);
                number.unwrap_or_else(|| serde_json::Value::from(text.as_str()).to_string())
            };
            let quantities: Vec<String> = self.quantities.iter().map(quantity).collect();
            record.json("quantities", &format!("[{}]", quantities.join(",")));
        }
    }
}

/// Events without a type of interaction of their own.
#[derive(Debug, Default)]
pub(super) struct Odd {
    /// Those that become interactions of the type `custom`.
    pub(super) custom: EventCounts,
    /// Those that become no interaction.
    pub(super) left_out: EventCounts,
}

impl Odd {
    /// How many events became no interaction, in words.
    pub(super) fn rest(&self) -> Option<String> {
        let count = self.left_out.sum();
        (count > 0).then(|| format!("{} left out", grouped(count)))
    }

    /// What became of them and `why`, and what is kept of the `things` in an event, in sentences.
    pub(super) fn notes(&self, why: &str, things: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.left_out.sum() > 0 {
            notes.push(format!("Left out, {why}: {}", self.left_out.list()));
        }
        notes.extend(self.custom.note());
        notes.push(format!("Of the {things} in an event, ids and quantities are kept"));
        notes
    }
}

/// Events counted by name.
#[derive(Debug, Default)]
pub(super) struct EventCounts(BTreeMap<String, u64>);

impl EventCounts {
    pub(super) fn add(&mut self, name: &str) {
        match self.0.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(name.to_owned(), 1)),
        }
    }

    /// A sentence that says that these became interactions of the type `custom`.
    pub(super) fn note(&self) -> Option<String> {
        let list = self.list();
        (self.sum() > 0).then(|| format!("Of the type custom, as the API has no type for them: {list}"))
    }

    fn sum(&self) -> u64 {
        self.0.values().sum()
    }

    /// `3 Coupon Entered, 1 Cart Viewed`: the most frequent ones.
    fn list(&self) -> String {
        const MOST: usize = 6;
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let more = all.len().saturating_sub(MOST);
        let mut list: Vec<String> = all
            .into_iter()
            .take(MOST)
            .map(|(name, count)| format!("{} {name}", grouped(*count)))
            .collect();
        if more > 0 {
            list.push(format!("and {} more names", grouped(more as u64)));
        }
        list.join(", ")
    }
}

/// Whether interactions of a type take a field; the API refuses those of other types.
pub(super) fn takes(kind: &str, field: &str) -> bool {
    let types = &Schema::of(Dataset::Interactions).interaction_types;
    let has = |kind: &&InteractionType| kind.fields.iter().any(|known| known == field);
    let mut having = types.iter().filter(has).peekable();
    // A field that no type has of its own belongs to all.
    having.peek().is_none() || having.any(|known| known.name == kind)
}

/// An IP address without its last part.
pub(super) fn truncated(address: &str) -> String {
    if let Ok(v4) = address.parse::<std::net::Ipv4Addr>() {
        let [a, b, c, _] = v4.octets();
        return format!("{a}.{b}.{c}.0");
    }
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::")
        }
        Err(_) => String::new(),
    }
}
