//! JSON Schema documents into [`Schema`]s. The documents are part of the program, so a mistake in them is a bug and
//! stops the program at first use with its place; a test compiles all of them.

use serde_json::{Map, Value};

use super::{Contract, InteractionType, NamedDifference, Node, Range, Schema};
use crate::domain::{dataset::Dataset, format::StringFormat};

/// The keywords that [`node`] and [`super::super::validate`] understand; any other in a document is refused.
const KEYWORDS: [&str; 22] = [
    "$comment",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "description",
    "enum",
    "examples",
    "format",
    "items",
    "maxLength",
    "minLength",
    "patternProperties",
    "properties",
    "required",
    "title",
    "type",
    "x-contract",
    "x-help",
    "x-interaction-types",
    "x-range",
];

pub(super) fn schema(dataset: Dataset) -> Schema {
    let document: Value = serde_json::from_str(Schema::document(dataset))
        .unwrap_or_else(|error| panic!("assets/schema/{dataset}.json is no JSON: {error}"));
    let object = document
        .as_object()
        .unwrap_or_else(|| panic!("assets/schema/{dataset}.json is no object"));
    let interaction_types = list(object, "x-interaction-types")
        .iter()
        .filter_map(interaction_type)
        .collect();
    Schema {
        dataset,
        contract: object.get("x-contract").and_then(contract).unwrap_or_default(),
        record: node(object),
        interaction_types,
    }
}

fn contract(value: &Value) -> Option<Contract> {
    let object = value.as_object()?;
    let difference = |value: &Value| {
        Some(NamedDifference {
            name: text(value.get("name")?)?,
            says: text(value.get("says")?)?,
            source: text(value.get("source")?)?,
        })
    };
    Some(Contract {
        document: text(object.get("document")?)?,
        version: text(object.get("version")?)?,
        differences: list(object, "differences").iter().filter_map(difference).collect(),
    })
}

fn interaction_type(value: &Value) -> Option<InteractionType> {
    Some(InteractionType {
        name: text(value.get("name")?)?,
        group: text(value.get("group")?)?,
        tier: value.get("tier")?.as_u64()?,
        description: text(value.get("description")?)?,
        fields: value.get("fields")?.as_array()?.iter().filter_map(text).collect(),
    })
}

fn node(document: &Map<String, Value>) -> Node {
    if let Some(unknown) = document.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
        panic!("the schema documents use the keyword {unknown}, which is not compiled");
    }
    let properties: Vec<(String, Node)> = document
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), node(value.as_object()?))))
        .collect();
    let branches = list(document, "anyOf");
    let branch = |keyword: &'static str| branches.iter().filter_map(move |branch| branch.get(keyword));
    assert!(
        branch("format").count() == branches.len() || branch("items").count() == branches.len(),
        "the schema documents use anyOf for something else than formats or items, which is not compiled"
    );
    let formats = document.get("format").into_iter().chain(branch("format"));
    Node {
        types: types(document.get("type")),
        allowed: list(document, "enum").iter().filter_map(text).collect(),
        formats: formats.map(format).collect(),
        min_length: document.get("minLength").and_then(Value::as_u64),
        max_length: document.get("maxLength").and_then(Value::as_u64),
        items: inner(document, "items"),
        item_kinds: branch("items").filter_map(Value::as_object).map(node).collect(),
        properties,
        closed: document.get("additionalProperties") == Some(&Value::Bool(false)),
        required: list(document, "required").iter().filter_map(text).collect(),
        required_when: list(document, "allOf").iter().filter_map(required_when).collect(),
        translations: document
            .get("patternProperties")
            .and_then(Value::as_object)
            .and_then(|patterns| patterns.values().next())
            .and_then(Value::as_object)
            .map(|pattern| Box::new(node(pattern))),
        rest: inner(document, "additionalProperties"),
        range: document.get("x-range").and_then(Value::as_object).map(|range| Range {
            minimum: range.get("minimum").and_then(Value::as_f64),
            maximum: range.get("maximum").and_then(Value::as_f64),
            above: range.get("exclusiveMinimum").and_then(Value::as_f64),
        }),
        description: document.get("description").and_then(text).unwrap_or_default(),
        help: document.get("x-help").and_then(text).unwrap_or_default(),
        example: list(document, "examples").first().cloned(),
        comment: document.get("$comment").and_then(text),
    }
}

fn inner(document: &Map<String, Value>, keyword: &str) -> Option<Box<Node>> {
    Some(Box::new(node(document.get(keyword)?.as_object()?)))
}

fn format(name: &Value) -> StringFormat {
    let known = StringFormat::ALL.into_iter().find(|format| name == format.name());
    known.unwrap_or_else(|| panic!("the schema documents use the format {name}, which is not compiled"))
}

/// The one conditional the documents use: `if` a property has a constant value, `then` another is required.
fn required_when(condition: &Value) -> Option<(String, String, String)> {
    let (property, constant) = condition.pointer("/if/properties")?.as_object()?.iter().next()?;
    let required = condition.pointer("/then/required/0")?;
    Some((property.clone(), text(constant.get("const")?)?, text(required)?))
}

fn types(value: Option<&Value>) -> Vec<&'static str> {
    const ALL: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let names: Vec<&str> = match value {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    names
        .into_iter()
        .filter_map(|name| ALL.into_iter().find(|known| *known == name))
        .collect()
}

fn list<'a>(document: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    document.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
