//! Whether a JSON value is what the schema says, in the order and with the paths of the API's own validator
//! (miso-api.md section 4.4): all errors are collected; inside an object the missing properties come first, then the
//! known properties in schema order, then those that may not be there; a wrong type ends the checks of that value.

mod written;

use std::ops::ControlFlow;

use serde_json::Value;

use super::{
    dataset::Dataset,
    format::{self, StringFormat},
    schema::{InteractionType, Node, Schema, is_translation},
};
use written::Json;
pub(crate) use written::WrittenRecord;

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

/// Checks a whole record, with only some of the differences from the published document.
pub fn check_record_by(differences: &Exceptions, schema: &Schema, record: &Value) -> Vec<Violation> {
    collected(*differences, |validation| {
        validation.check_record(schema, Json::Built(record))
    })
}

/// Checks one value found at `path`, and adds what is wrong to `violations`.
pub(crate) fn check_value(node: &Node, value: &Value, path: &str, violations: &mut Vec<Violation>) {
    violations.extend(collected(Exceptions::default(), |validation| {
        validation.check(node, Json::Built(value), path)
    }));
}

/// Whether a value is as the published document alone has it.
pub(crate) fn is_published(node: &Node, value: &Value) -> bool {
    let mut validation = Validation {
        differences: Exceptions::NONE,
        see: &mut |_| ControlFlow::Break(()),
    };
    validation.check(node, Json::Built(value), "").is_continue()
}

fn collected(differences: Exceptions, check: impl FnOnce(&mut Validation<'_>) -> ControlFlow<()>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut see = |violation| {
        violations.push(violation);
        ControlFlow::Continue(())
    };
    let mut validation = Validation {
        differences,
        see: &mut see,
    };
    let checked = check(&mut validation);
    debug_assert!(checked.is_continue(), "nothing breaks it off");
    violations
}

struct Validation<'s> {
    differences: Exceptions,
    /// Is handed what is wrong; breaks the check off when it has seen enough.
    see: &'s mut dyn FnMut(Violation) -> ControlFlow<()>,
}

impl Validation<'_> {
    fn report(&mut self, path: &str, fault: Fault) -> ControlFlow<()> {
        (self.see)(Violation {
            path: path.to_owned(),
            fault,
        })
    }

    fn check_record(&mut self, schema: &Schema, record: Json<'_>) -> ControlFlow<()> {
        if record.type_name() == "object" && schema.dataset == Dataset::Interactions {
            let kind = record.text_of("type");
            let kind = kind.and_then(|name| schema.interaction_type(&name));
            self.check_object(&schema.record, record, "", kind)
        } else {
            self.check(&schema.record, record, "")
        }
    }

    fn check(&mut self, node: &Node, json: Json<'_>, path: &str) -> ControlFlow<()> {
        if let Some(built) = json.built() {
            return self.check(node, Json::Built(&built), path);
        }
        let given = json.type_name();
        if !node.allows(given) || (given == "null" && !self.differences.nulls && !node.types.is_empty()) {
            let expected = node.types.iter().copied();
            let expected = expected
                .filter(|name| self.differences.nulls || *name != "null")
                .collect();
            return self.report(path, Fault::Type { expected, given });
        }
        if let Json::Built(Value::String(text)) = json
            && let Some(fault) = text_fault(node, text, self.differences.zoneless_times)
        {
            self.report(path, fault)?;
        }
        match given {
            "array" => self.check_list(node, json, path),
            "object" => self.check_object(node, json, path, None),
            _ => ControlFlow::Continue(()),
        }
    }

    fn check_list(&mut self, node: &Node, list: Json<'_>, path: &str) -> ControlFlow<()> {
        if let Some(items) = &node.items {
            let mut index = 0_usize;
            list.each_element(&mut |element| {
                let place = join(path, &index.to_string());
                index += 1;
                self.check(items, element, &place)
            })?;
        }
        if node.item_kinds.is_empty() || node.item_kinds.iter().any(|kind| self.are_all(kind, list)) {
            return ControlFlow::Continue(());
        }
        self.report(path, Fault::Items)
    }

    /// Whether all elements of a list are of one kind.
    fn are_all(&self, kind: &Node, list: Json<'_>) -> bool {
        let mut alone = Validation {
            differences: self.differences,
            see: &mut |_| ControlFlow::Break(()),
        };
        list.each_element(&mut |element| alone.check(kind, element, ""))
            .is_continue()
    }

    /// `kind` is the type of the interaction that the object is.
    fn check_object(
        &mut self,
        node: &Node,
        object: Json<'_>,
        path: &str,
        kind: Option<&InteractionType>,
    ) -> ControlFlow<()> {
        let place = |name: &str| node.properties.iter().position(|(known, _)| known == name);
        let mut known = vec![None; node.properties.len()];
        let mut other_names = false;
        object.each_member(&mut |name, value| {
            match place(name).and_then(|place| known.get_mut(place)) {
                Some(known) => *known = Some(value),
                None => other_names = true,
            }
            ControlFlow::Continue(())
        })?;
        let value_of = |name: &str| place(name).and_then(|place| known.get(place).copied().flatten());
        let missing = node.required.iter().filter(|name| value_of(name).is_none());
        let missing_here = node.required_when.iter().filter(|(property, value, required)| {
            value_of(required).is_none() && value_of(property).and_then(Json::text).as_deref() == Some(value)
        });
        for name in missing.chain(missing_here.map(|(_, _, required)| required)) {
            self.report(path, Fault::Required(name.clone()))?;
        }
        let may_have = |name: &str| kind.is_none_or(|kind| kind.allows(name));
        let mut refused = false;
        for ((name, child), value) in node.properties.iter().zip(&known) {
            let Some(value) = value else { continue };
            if may_have(name) {
                self.check(child, *value, &join(path, name))?;
            } else {
                refused = true;
            }
        }
        if !other_names && !refused {
            return ControlFlow::Continue(());
        }
        let is_known = |name: &str| place(name).is_some() && may_have(name);
        let differences = self.differences;
        let other = |name: &str| {
            let translation = node.translations.as_deref().filter(|_| is_translation(name));
            translation
                .filter(|_| differences.translations)
                .or(node.rest.as_deref())
        };
        let mut unknown = false;
        object.each_member(&mut |name, value| {
            if is_known(name) {
                return ControlFlow::Continue(());
            }
            if let Some(other) = other(name) {
                return self.check(other, value, &join(path, name));
            }
            unknown |= node.closed;
            ControlFlow::Continue(())
        })?;
        if !unknown {
            return ControlFlow::Continue(());
        }
        self.report(path, Fault::Additional)?;
        object.each_member(&mut |name, _| {
            if is_known(name) || other(name).is_some() {
                return ControlFlow::Continue(());
            }
            self.report(&join(path, name), Fault::Unknown)
        })
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
