//! JSON Schema documents into [`Schema`]s. The documents are part of the program, so a mistake in them is a bug and
//! stops the program at first use with its place; a test compiles all of them.

use serde_json::{Map, Value};

use super::{InteractionType, Node, Schema};
use crate::domain::dataset::Dataset;

/// The keywords that [`node`] and [`super::super::validate`] understand; any other in a document is refused.
const KEYWORDS: [&str; 20] = [
    "$comment",
    "$schema",
    "additionalProperties",
    "allOf",
    "description",
    "enum",
    "examples",
    "format",
    "items",
    "maximum",
    "minLength",
    "minimum",
    "patternProperties",
    "properties",
    "required",
    "title",
    "type",
    "x-aliases",
    "x-interaction-types",
    "const",
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
        record: node(object),
        interaction_types,
    }
}

fn interaction_type(value: &Value) -> Option<InteractionType> {
    Some(InteractionType {
        name: text(value.get("name")?)?,
        group: text(value.get("group")?)?,
        tier: value.get("tier")?.as_u64()?,
        description: text(value.get("description")?)?,
        fields: value.get("fields")?.as_array()?.iter().filter_map(text).collect(),
        has_products: value.get("product_ids")?.as_bool()?,
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
    let types = types(document.get("type"));
    Node {
        open: types.contains(&"object") && properties.is_empty(),
        types,
        allowed: list(document, "enum").iter().filter_map(text).collect(),
        format: document.get("format").map(|name| match name.as_str() {
            Some("date-time") => "date-time",
            Some("uri") => "uri",
            _ => panic!("the schema documents use the format {name}, which is not compiled"),
        }),
        min_length: document.get("minLength").and_then(Value::as_u64),
        minimum: document.get("minimum").and_then(Value::as_f64),
        maximum: document.get("maximum").and_then(Value::as_f64),
        items: document
            .get("items")
            .and_then(Value::as_object)
            .map(|items| Box::new(node(items))),
        properties,
        required: list(document, "required").iter().filter_map(text).collect(),
        required_when: list(document, "allOf").iter().filter_map(required_when).collect(),
        translations: document
            .get("patternProperties")
            .and_then(Value::as_object)
            .and_then(|patterns| patterns.values().next())
            .and_then(Value::as_object)
            .map(|pattern| Box::new(node(pattern))),
        rest: document
            .get("additionalProperties")
            .and_then(Value::as_object)
            .map(|rest| Box::new(node(rest))),
        description: document.get("description").and_then(text).unwrap_or_default(),
        example: list(document, "examples").first().cloned(),
        aliases: list(document, "x-aliases").iter().filter_map(text).collect(),
        comment: document.get("$comment").and_then(text),
    }
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
