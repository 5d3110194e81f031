//! Whether a JSON value is what the schema says, in the order and with the paths of the API's own validator
//! (miso-api.md section 4.4): all errors are collected; inside an object the missing properties come first, then the
//! known properties in schema order, then those that may not be there; a wrong type ends the checks of that value.

use serde_json::{Map, Value};

use super::{
    dataset::Dataset,
    format::{self, StringFormat},
    schema::{InteractionType, Node, Schema, is_translation},
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
    /// The text follows none of these formats, of which there is at least one.
    Format(Vec<StringFormat>),
    /// The object lacks this property.
    Required(String),
    /// The text is none of the listed values.
    Enum(Vec<String>),
    /// The text is shorter than this many characters.
    MinLength(u64),
    /// The text is longer than this many characters.
    MaxLength(u64),
    /// The items of the list are of several kinds, or of one that may not stand in a list.
    Items,
    /// The object has properties that it may not have; each of them is a violation of its own.
    Additional,
    /// The object that this property is in may not have it.
    Unknown,
    /// The custom attribute has another type than in the other records.
    Inconsistent,
}

/// What is taken although the published document does not say so; see the documents' `x-contract`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceptions {
    /// Null for optional fields and attributes.
    pub nulls: bool,
    /// Objects named `i18n_xx` on products.
    pub translations: bool,
    /// Times without a zone.
    pub zoneless_times: bool,
}

impl Default for Exceptions {
    fn default() -> Self {
        Self {
            nulls: true,
            translations: true,
            zoneless_times: true,
        }
    }
}

impl Exceptions {
    /// The published document alone.
    pub const NONE: Self = Self {
        nulls: false,
        translations: false,
        zoneless_times: false,
    };
}

/// Checks a whole record. An empty answer means that the API would take it.
pub fn check_record(schema: &Schema, record: &Value) -> Vec<Violation> {
    check_record_by(&Exceptions::default(), schema, record)
}

/// [`check_record`], with only some of the differences from the published document.
pub fn check_record_by(differences: &Exceptions, schema: &Schema, record: &Value) -> Vec<Violation> {
    let mut validation = Validation {
        differences: *differences,
        violations: Vec::new(),
    };
    match record {
        Value::Object(object) if schema.dataset == Dataset::Interactions => {
            let kind = object.get("type").and_then(Value::as_str);
            let kind = kind.and_then(|name| schema.interaction_type(name));
            validation.check_object(&schema.record, object, "", kind);
        }
        record => validation.check(&schema.record, record, ""),
    }
    validation.violations
}

/// Checks one value found at `path`, and adds what is wrong to `violations`.
pub(crate) fn check_value(node: &Node, value: &Value, path: &str, violations: &mut Vec<Violation>) {
    let mut validation = Validation {
        differences: Exceptions::default(),
        violations: std::mem::take(violations),
    };
    validation.check(node, value, path);
    *violations = validation.violations;
}

/// Whether a value is as the published document alone has it.
pub(crate) fn is_published(node: &Node, value: &Value) -> bool {
    let mut validation = Validation {
        differences: Exceptions::NONE,
        violations: Vec::new(),
    };
    validation.check(node, value, "");
    validation.violations.is_empty()
}

struct Validation {
    differences: Exceptions,
    violations: Vec<Violation>,
}

impl Validation {
    fn report(&mut self, path: &str, fault: Fault) {
        self.violations.push(Violation {
            path: path.to_owned(),
            fault,
        });
    }

    fn check(&mut self, node: &Node, value: &Value, path: &str) {
        let given = json_type(value);
        if !node.allows(given) || (value.is_null() && !self.differences.nulls && !node.types.is_empty()) {
            let expected = node.types.iter().copied();
            let expected = expected
                .filter(|name| self.differences.nulls || *name != "null")
                .collect();
            return self.report(path, Fault::Type { expected, given });
        }
        match value {
            Value::String(text) => {
                if let Some(fault) = text_fault(node, text, self.differences.zoneless_times) {
                    self.report(path, fault);
                }
            }
            Value::Array(elements) => {
                if let Some(items) = &node.items {
                    for (index, element) in elements.iter().enumerate() {
                        self.check(items, element, &join(path, &index.to_string()));
                    }
                }
                if !node.item_kinds.is_empty() && !node.item_kinds.iter().any(|kind| self.are_all(kind, elements)) {
                    self.report(path, Fault::Items);
                }
            }
            Value::Object(object) => self.check_object(node, object, path, None),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Whether all elements of a list are of one kind.
    fn are_all(&self, kind: &Node, elements: &[Value]) -> bool {
        let mut alone = Self {
            differences: self.differences,
            violations: Vec::new(),
        };
        elements.iter().all(|element| {
            alone.check(kind, element, "");
            alone.violations.is_empty()
        })
    }

    /// `kind` is the type of the interaction that the object is.
    fn check_object(&mut self, node: &Node, object: &Map<String, Value>, path: &str, kind: Option<&InteractionType>) {
        let missing = node.required.iter().filter(|name| !object.contains_key(*name));
        let missing_here = node
            .required_when
            .iter()
            .filter(|(property, value, required)| {
                object.get(property).and_then(Value::as_str) == Some(value) && !object.contains_key(required)
            })
            .map(|(_, _, required)| required);
        for name in missing.chain(missing_here) {
            self.report(path, Fault::Required(name.clone()));
        }
        let may_have = |name: &str| kind.is_none_or(|kind| kind.allows(name));
        for (name, child) in node.properties.iter().filter(|(name, _)| may_have(name)) {
            if let Some(value) = object.get(name) {
                self.check(child, value, &join(path, name));
            }
        }
        let is_known = |name: &str| node.properties.iter().any(|(known, _)| known == name) && may_have(name);
        let mut unknown = Vec::new();
        for (name, value) in object.iter().filter(|(name, _)| !is_known(name)) {
            let translation = node.translations.as_deref().filter(|_| is_translation(name));
            let other = translation
                .filter(|_| self.differences.translations)
                .or(node.rest.as_deref());
            match other {
                Some(other) => self.check(other, value, &join(path, name)),
                None if node.closed => unknown.push(join(path, name)),
                None => {}
            }
        }
        if !unknown.is_empty() {
            self.report(path, Fault::Additional);
            for path in unknown {
                self.report(&path, Fault::Unknown);
            }
        }
    }
}

/// What is wrong with a text that has the right type. A time may lack its zone where `zoneless_times` are taken.
pub(crate) fn text_fault(node: &Node, text: &str, zoneless_times: bool) -> Option<Fault> {
    if !node.allowed.is_empty() && !node.allowed.iter().any(|allowed| allowed == text) {
        return Some(Fault::Enum(node.allowed.clone()));
    }
    if let Some(fault) = length_fault(node, text) {
        return Some(fault);
    }
    let follows = |format: &StringFormat| match format {
        StringFormat::DateTime if !zoneless_times => format::is_zoned_date_time(text),
        format => format.matches(text),
    };
    let is_right = node.formats.is_empty() || node.formats.iter().any(follows);
    (!is_right).then(|| Fault::Format(node.formats.clone()))
}

/// Whether a text is too short or too long, in characters.
pub(crate) fn length_fault(node: &Node, text: &str) -> Option<Fault> {
    // No text has more characters than bytes, and none fewer than a quarter of them.
    let bytes = text.len() as u64;
    let count = || text.chars().count() as u64;
    let is_short = |least: &u64| bytes < *least || (bytes / 4 < *least && count() < *least);
    let is_long = |most: &u64| bytes > *most && count() > *most;
    let short = node.min_length.filter(is_short).map(Fault::MinLength);
    short.or_else(|| node.max_length.filter(is_long).map(Fault::MaxLength))
}

/// The JSON type as the API prints it; a whole-valued float counts as integer.
pub(crate) fn json_type(value: &Value) -> &'static str {
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
