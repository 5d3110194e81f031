//! JSON whose records are wrapped: fields within an object of a known name, and values within objects that name their
//! type, as databases export them.

use std::collections::BTreeSet;

use super::{Rewrite, object::ObjectWriter, table::TableRewriter};
use crate::{
    domain::{
        cell::Cell,
        json::{self, colon, skip_space},
    },
    frame::{Edits, Frame, FrameError},
};

/// How many rows are examined.
const FEW: u32 = 50;

/// The keys beside an object that holds the record's fields.
enum Beside {
    /// At least one of these.
    Any(&'static [&'static str]),
    /// None but these.
    Only(&'static [&'static str]),
}

/// The names of objects that hold the record's fields, and the keys that tell so.
const WRAPPERS: [(&str, Beside); 12] = [
    ("_source", Beside::Any(&["_id", "_index"])),
    ("Item", Beside::Only(&[])),
    (
        "attributes",
        Beside::Only(&["type", "id", "relationships", "links", "meta"]),
    ),
    ("doc", Beside::Only(&["id", "key", "value"])),
    (
        "document",
        Beside::Only(&["highlight", "highlights", "text_match", "text_match_info"]),
    ),
    ("event_properties", Beside::Any(&["event_type"])),
    ("user_properties", Beside::Any(&["event_type"])),
    ("group_properties", Beside::Any(&["event_type"])),
    ("fields", Beside::Any(&["model", "createdTime"])),
    ("node", Beside::Only(&["cursor"])),
    ("properties", Beside::Only(&["event", "type", "geometry", "id", "bbox"])),
    ("NewImage", Beside::Only(&["Keys", "OldImage"])),
];

/// The names of the types of `DynamoDB`.
const TYPES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"];

/// Databases that write values as objects with the name of their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldTypes {
    /// `{"$oid":"…"}`
    Mongo,
    /// `{"S":"…"}`
    Dynamo,
}

/// How the records are unwrapped.
#[derive(Debug)]
struct NestedPlan {
    wrappers: BTreeSet<String>,
    types: FieldTypes,
    /// Whether some value names its type.
    is_typed: bool,
}

impl NestedPlan {
    fn of(table: &Frame) -> Result<Self, FrameError> {
        let rows = table.read(0..FEW.min(table.len()), &Edits::default())?;
        let columns = table.columns();
        let is_there = |at: usize| {
            rows.iter()
                .any(|row| row.get(at).is_some_and(|cell| !cell.as_cell().is_missing()))
        };
        let there: Vec<&str> = (0..)
            .zip(columns)
            .filter(|(at, _)| is_there(*at))
            .map(|(_, name)| name.as_str())
            .collect();
        let holds_objects = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            let objects = rows.iter().filter(|row| {
                let cell = at.and_then(|at| row.get(at)).map(|cell| cell.as_cell());
                matches!(cell, Some(Cell::Json(json)) if json.starts_with('{'))
            });
            objects.count() * 2 >= rows.len().max(1)
        };
        let wraps = |(name, beside): &&(&str, Beside)| {
            let tells = match beside {
                Beside::Any(keys) => keys.iter().any(|key| there.contains(key)),
                Beside::Only(keys) => there.iter().all(|column| column == name || keys.contains(column)),
            };
            tells && holds_objects(name)
        };
        let wrappers: BTreeSet<String> = WRAPPERS
            .iter()
            .filter(wraps)
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let values: Vec<&str> = rows
            .iter()
            .flat_map(|row| columns.iter().zip(row))
            .filter_map(|(name, cell)| match cell.as_cell() {
                Cell::Json(json) => Some((name, json)),
                Cell::Missing | Cell::Text(_) => None,
            })
            .flat_map(|(name, json)| match members(json) {
                Some(members) if wrappers.contains(name) => members.into_iter().map(|(_, value)| value).collect(),
                _ => vec![json],
            })
            .collect();
        let is_dynamo = !values.is_empty() && values.iter().all(|value| FieldTypes::Dynamo.inner(value).is_some());
        let types = if is_dynamo {
            FieldTypes::Dynamo
        } else {
            FieldTypes::Mongo
        };
        let is_typed = values.iter().any(|value| types.plain(value).as_deref() != Some(*value));
        Ok(Self {
            wrappers,
            types,
            is_typed,
        })
    }
}

/// A column's name without the type that stands behind it in the file: `Item.sku` of `Item.sku.S`.
pub(super) fn without_type(name: &str) -> Option<&str> {
    let (name, kind) = name.rsplit_once('.')?;
    TYPES.contains(&kind).then_some(name)
}

/// Whether a table's records are wrapped.
pub(super) fn fits(table: &Frame) -> bool {
    table.format().is_json() && NestedPlan::of(table).is_ok_and(|plan| plan.is_typed || !plan.wrappers.is_empty())
}

pub(super) struct Nested {
    columns: Vec<String>,
    plan: NestedPlan,
    /// The first column that was made of a wrapped field.
    example: Option<String>,
}

impl Nested {
    pub(super) fn new(table: &Frame) -> Result<Self, FrameError> {
        Ok(Self {
            columns: table.columns().to_vec(),
            plan: NestedPlan::of(table)?,
            example: None,
        })
    }

    fn write(&self, record: &mut ObjectWriter, name: &str, json: &str) {
        let plain = self.plan.types.plain(json);
        record.verbatim(name, Cell::Json(plain.as_deref().unwrap_or(json)));
    }
}

impl Rewrite for Nested {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let mut record = ObjectWriter::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            let Cell::Json(json) = cell else { continue };
            match members(json).filter(|_| self.plan.wrappers.contains(column)) {
                Some(members) => {
                    for (key, value) in members {
                        let name = format!("{column}.{key}");
                        self.write(&mut record, &name, value);
                        self.example.get_or_insert(name);
                    }
                }
                None => self.write(&mut record, column, json),
            }
        }
        out.record(row, record)
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(example) = &self.example {
            let all: Vec<&str> = self.plan.wrappers.iter().map(String::as_str).collect();
            notes.push(format!("The fields within {} are columns: {example}", all.join(", ")));
        }
        if self.plan.is_typed {
            notes.push(
                match self.plan.types {
                    FieldTypes::Mongo => {
                        "Values with a MongoDB type are written plainly: {\"$numberDecimal\":\"12.50\"} is 12.50"
                    }
                    FieldTypes::Dynamo => "Values with a DynamoDB type are written plainly: {\"N\":\"12.50\"} is 12.50",
                }
                .to_owned(),
            );
        }
        notes
    }
}

/// The keys and values of an object; `None` when it is none.
fn members(json: &str) -> Option<Vec<(String, &str)>> {
    let bytes = json.as_bytes();
    let mut members = Vec::new();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut at = skip_space(bytes, 1);
    while bytes.get(at) == Some(&b'"') {
        let end = json::string(bytes, at)?;
        let key = serde_json::from_str(json.get(at..end)?).ok()?;
        let start = colon(bytes, end)?;
        let end = json::value(bytes, start, 1)?;
        members.push((key, json.get(start..end)?));
        at = skip_space(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
    }
    Some(members)
}

/// The items of a list; `None` when it is none.
fn items(json: &str) -> Option<Vec<&str>> {
    let mut cells = Vec::new();
    crate::frame::json_list::items(json, &mut cells)?;
    let texts = cells.into_iter().map(|cell| match cell {
        Cell::Json(json) => json,
        Cell::Missing | Cell::Text(_) => "null",
    });
    Some(texts.collect())
}

/// The content of a JSON text, when it is a number.
fn number(json: &str) -> Option<String> {
    let text: String = serde_json::from_str(json).ok()?;
    let is_number = json::value(text.as_bytes(), 0, 0) == Some(text.len());
    let begins = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    (is_number && begins).then_some(text)
}

impl FieldTypes {
    /// A value without the objects that name its type; `None` when it is no JSON.
    fn plain(self, json: &str) -> Option<String> {
        if let Some(inner) = self.inner(json) {
            return Some(inner);
        }
        match json.as_bytes().first()? {
            b'{' if self.is_in(json) => self.object(json, Self::plain),
            b'[' if self.is_in(json) => self.list(json, Self::plain),
            _ => Some(json.to_owned()),
        }
    }

    /// The object with each value written anew.
    fn object(self, json: &str, write: impl Fn(Self, &str) -> Option<String>) -> Option<String> {
        let mut object = ObjectWriter::default();
        for (key, value) in members(json)? {
            object.verbatim(&key, Cell::Json(&write(self, value)?));
        }
        String::from_utf8(object.finish()).ok()
    }

    /// The list with each item written anew.
    fn list(self, json: &str, write: impl Fn(Self, &str) -> Option<String>) -> Option<String> {
        let items: Option<Vec<String>> = items(json)?.into_iter().map(|item| write(self, item)).collect();
        Some(format!("[{}]", items?.join(",")))
    }

    /// Whether some value within names its type; JSON without any stays as it is written.
    fn is_in(self, json: &str) -> bool {
        let within = |value: &str| self.inner(value).is_some() || self.is_in(value);
        match json.as_bytes().first() {
            Some(b'{') => members(json).is_some_and(|members| members.iter().any(|(_, value)| within(value))),
            Some(b'[') => items(json).is_some_and(|items| items.iter().any(|value| within(value))),
            _ => false,
        }
    }

    /// The value inside an object that names its type; `None` for any other.
    fn inner(self, json: &str) -> Option<String> {
        let members = members(json)?;
        let [(name, inner)] = members.as_slice() else {
            return None;
        };
        let is_text = inner.starts_with('"');
        match (self, name.as_str()) {
            (Self::Mongo, "$oid" | "$uuid" | "$symbol" | "$date") | (Self::Dynamo, "S" | "B") if is_text => {
                Some((*inner).to_owned())
            }
            (Self::Mongo, "$numberDecimal" | "$numberLong" | "$numberInt" | "$numberDouble") if is_text => {
                Some(number(inner).unwrap_or_else(|| (*inner).to_owned()))
            }
            (Self::Mongo, "$undefined") => Some("null".to_owned()),
            (Self::Mongo, "$date") => {
                let millis = self.inner(inner).unwrap_or_else(|| (*inner).to_owned());
                let time = millis
                    .parse()
                    .ok()
                    .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
                Some(time.map_or(millis, |time| format!("\"{time}\"")))
            }
            (Self::Dynamo, "N") if is_text => number(inner),
            (Self::Dynamo, "BOOL") if matches!(*inner, "true" | "false") => Some((*inner).to_owned()),
            (Self::Dynamo, "NULL") if *inner == "true" => Some("null".to_owned()),
            (Self::Dynamo, "SS" | "BS") if inner.starts_with('[') => Some((*inner).to_owned()),
            (Self::Dynamo, "NS") => self.list(inner, |_, item| number(item)),
            (Self::Dynamo, "L") => self.list(inner, Self::inner),
            (Self::Dynamo, "M") => self.object(inner, Self::inner),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(types: FieldTypes, json: &str, expect: &str) {
        assert_eq!(types.plain(json).as_deref(), Some(expect), "{json}");
    }

    #[test]
    fn types_of_mongodb_are_taken_off() {
        let check = |json, expect| check(FieldTypes::Mongo, json, expect);
        check(r#"{"$oid":"5f"}"#, r#""5f""#);
        check(r#"{ "$numberDecimal" : "12.500" }"#, "12.500");
        check(r#"{"$numberLong":"738529527931269425"}"#, "738529527931269425");
        check(r#"{"$numberDouble":"NaN"}"#, r#""NaN""#);
        check(r#"{"$date":"2024-01-05T10:30:00Z"}"#, r#""2024-01-05T10:30:00Z""#);
        check(
            r#"{"$date":{"$numberLong":"1704450599977"}}"#,
            r#""2024-01-05T10:29:59.977Z""#,
        );
        check(r#"{"$date":1704450599977}"#, r#""2024-01-05T10:29:59.977Z""#);
        check(r#"{"a":[{"$oid":"5f"}, 1.50],"b":{}}"#, r#"{"a":["5f",1.50],"b":{}}"#);
        check(r#"{ "a": 1 }"#, r#"{ "a": 1 }"#);
        check(r#"{"$insert_id":"x"}"#, r#"{"$insert_id":"x"}"#);
    }

    #[test]
    fn types_of_dynamodb_are_taken_off() {
        let check = |json, expect| check(FieldTypes::Dynamo, json, expect);
        check(r#"{"S":"P-1"}"#, r#""P-1""#);
        check(r#"{"N":"12.50"}"#, "12.50");
        check(r#"{"NULL":true}"#, "null");
        check(r#"{"SS":["a","b"]}"#, r#"["a","b"]"#);
        check(r#"{"NS":["1","2.50"]}"#, "[1,2.50]");
        check(r#"{"L":[{"S":"Home"},{"N":"2"}]}"#, r#"["Home",2]"#);
        check(r#"{"M":{"h":{"N":"30"},"w":{"NULL":true}}}"#, r#"{"h":30,"w":null}"#);
        check(r#"{"N":"many"}"#, r#"{"N":"many"}"#);
        check(r#"{"S":"P-1","N":"2"}"#, r#"{"S":"P-1","N":"2"}"#);
    }
}
