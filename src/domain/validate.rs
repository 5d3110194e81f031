//! Whether a JSON value is what the schema says, in the order and with the paths of the API's own validator
//! (miso-api.md section 4.4): all errors are collected; inside an object the missing properties come first, then the
//! known properties in schema order; a wrong type ends the checks of that value.

use serde_json::{Map, Value};

use super::{
    format,
    schema::{Node, Schema},
};

/// One thing the API would refuse: where in the record, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Dotted path inside the record (`product_ids.0`, `context.page.url`); empty for the record itself.
    pub path: String,
    /// What is wrong there.
    pub fault: Fault,
}

impl Violation {
    /// A custom attribute has another type than in the other records.
    pub fn inconsistent(attribute: &str) -> Self {
        Self {
            path: format!("custom_attributes.{attribute}"),
            fault: Fault::Inconsistent,
        }
    }
}

/// What is wrong with a value, with what is needed to say so in the API's words.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The value has another JSON type.
    Type {
        /// The types that are allowed, as the schema lists them.
        expected: Vec<&'static str>,
        /// The type the value has.
        given: &'static str,
    },
    /// The text does not match the named format, `date-time` or `uri`.
    Format(&'static str),
    /// The object lacks this property.
    Required(String),
    /// The text is none of the listed values.
    Enum(Vec<String>),
    /// The number is below the least.
    Minimum(f64),
    /// The number is above the most.
    Maximum(f64),
    /// The text is shorter than this many characters.
    MinLength(u64),
    /// The custom attribute has another type than in the other records.
    Inconsistent,
}

/// Checks a whole record. An empty answer means that the API would take it.
pub fn check_record(schema: &Schema, record: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_value(&schema.record, record, "", &mut violations);
    violations
}

/// Checks one value found at `path`, and adds what is wrong to `violations`.
pub fn check_value(node: &Node, value: &Value, path: &str, violations: &mut Vec<Violation>) {
    let mut report = |fault| {
        violations.push(Violation {
            path: path.to_owned(),
            fault,
        });
    };
    if !has_allowed_type(node, value) {
        report(Fault::Type {
            expected: node.types.clone(),
            given: json_type(value),
        });
        return;
    }
    match value {
        Value::String(text) => {
            if !node.allowed.is_empty() && !node.allowed.contains(text) {
                report(Fault::Enum(node.allowed.clone()));
                return;
            }
            if let Some(fault) = text_fault(node, text) {
                report(fault);
            }
        }
        Value::Number(number) => {
            if let Some(fault) = number.as_f64().and_then(|number| range_fault(node, number)) {
                report(fault);
            }
        }
        Value::Array(elements) => {
            if let Some(items) = &node.items {
                for (index, element) in elements.iter().enumerate() {
                    check_value(items, element, &join(path, &index.to_string()), violations);
                }
            }
        }
        Value::Object(object) => check_object(node, object, path, violations),
        Value::Null | Value::Bool(_) => {}
    }
}

fn check_object(node: &Node, object: &Map<String, Value>, path: &str, violations: &mut Vec<Violation>) {
    let missing = node.required.iter().filter(|name| !object.contains_key(*name));
    let missing_here = node
        .required_when
        .iter()
        .filter(|(property, value, required)| {
            object.get(property).and_then(Value::as_str) == Some(value) && !object.contains_key(required)
        })
        .map(|(_, _, required)| required);
    for name in missing.chain(missing_here) {
        violations.push(Violation {
            path: path.to_owned(),
            fault: Fault::Required(name.clone()),
        });
    }
    for (name, child) in &node.properties {
        if let Some(value) = object.get(name) {
            check_value(child, value, &join(path, name), violations);
        }
    }
    if node.translations.is_none() && node.rest.is_none() {
        return;
    }
    for (name, value) in object {
        if node.properties.iter().all(|(known, _)| known != name)
            && let Some(child) = node.property(name)
        {
            check_value(child, value, &join(path, name), violations);
        }
    }
}

/// What is wrong with a text that has the right type, besides the list of allowed texts.
pub fn text_fault(node: &Node, text: &str) -> Option<Fault> {
    if let Some(least) = node.min_length
        && (text.chars().count() as u64) < least
    {
        return Some(Fault::MinLength(least));
    }
    match node.format {
        Some("date-time") if !format::is_date_time(text) => Some(Fault::Format("date-time")),
        Some("uri") if !format::is_uri(text) => Some(Fault::Format("uri")),
        _ => None,
    }
}

/// What is wrong with a number that has the right type.
pub fn range_fault(node: &Node, number: f64) -> Option<Fault> {
    match (node.minimum, node.maximum) {
        (Some(least), _) if number < least => Some(Fault::Minimum(least)),
        (_, Some(most)) if number > most => Some(Fault::Maximum(most)),
        _ => None,
    }
}

fn has_allowed_type(node: &Node, value: &Value) -> bool {
    node.allows(json_type(value))
}

/// The JSON type as the API prints it; a whole-valued float counts as integer.
pub fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
