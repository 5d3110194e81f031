//! Records that are checked as they are written. A short one is built; a long one is walked, as a built value takes up
//! to a hundred times the memory of its text, and whoever sends a record chooses how long it is.

use std::{borrow::Cow, ops::ControlFlow};

use serde::de::Error as _;
use serde_json::Value;

use super::{Exceptions, Validation, Violation, json_type};
use crate::domain::{base_type::BaseType, dataset::Dataset, json, schema::Schema};

/// The longest text that is built, in bytes; most records are shorter.
const SHORT: usize = 4096;

/// A record's JSON text, which can be read.
#[derive(Debug)]
pub(crate) struct WrittenRecord<'a> {
    /// As it is written.
    pub(crate) text: &'a str,
    built: Option<Value>,
}

impl<'a> WrittenRecord<'a> {
    /// Reads a record.
    ///
    /// # Errors
    /// When it is no JSON, has a number that no reader holds, or is nested too deeply.
    pub(crate) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        Self::read_as(text, SHORT)
    }

    fn read_as(text: &'a str, short: usize) -> Result<Self, serde_json::Error> {
        let built = if text.len() <= short {
            Some(serde_json::from_str(text)?)
        } else if json::value(text.as_bytes(), 0, 0) == Some(text.len()) {
            None
        } else {
            return Err(serde_json::Error::custom(
                "it is nested too deeply, or has a number or a text that no reader takes",
            ));
        };
        Ok(Self { text, built })
    }

    fn json(&self) -> Json<'_> {
        self.built.as_ref().map_or(Json::Written(self.text), Json::Built)
    }

    /// Its JSON type.
    pub(crate) fn type_name(&self) -> &'static str {
        self.json().type_name()
    }

    /// Hands out what the API would refuse, until `see` has seen enough.
    pub(crate) fn check(&self, schema: &Schema, see: &mut dyn FnMut(Violation) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut validation = Validation {
            differences: Exceptions::default(),
            see,
        };
        validation.check_record(schema, self.json())
    }

    /// The text that a field holds; `None` when it is missing or no text.
    pub(crate) fn text_of(&self, name: &str) -> Option<Cow<'a, str>> {
        // Borrowed from the text, but for what lies too deep for a walk.
        let written = Json::Written(self.text).text_of(name);
        written.or_else(|| Some(Cow::Owned(self.json().text_of(name)?.into_owned())))
    }

    /// Whether a field has a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.json()
            .member(name)
            .is_some_and(|value| value.type_name() != "null")
    }

    /// Hands out the custom attributes that have a type; `null` has none.
    pub(crate) fn each_attribute(
        &self,
        dataset: Dataset,
        see: &mut dyn FnMut(&str, BaseType) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if dataset == Dataset::Interactions {
            return ControlFlow::Continue(());
        }
        let Some(attributes) = self.json().member("custom_attributes") else {
            return ControlFlow::Continue(());
        };
        attributes.each_member(&mut |name, value| match value.base_type() {
            Some(attribute) => see(name, attribute),
            None => ControlFlow::Continue(()),
        })
    }
}

/// A value, built or as it is written. What is written here can be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Json<'a> {
    Built(&'a Value),
    Written(&'a str),
}

impl<'a> Json<'a> {
    /// What is written, built when it is short or holds no others.
    pub(super) fn built(self) -> Option<Value> {
        match self {
            Self::Built(_) => None,
            Self::Written(text) if text.len() > SHORT && text.starts_with(['[', '{']) => None,
            Self::Written(text) => serde_json::from_str(text).ok(),
        }
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Built(value) => json_type(value),
            Self::Written(text) if text.starts_with('{') => "object",
            Self::Written(text) if text.starts_with('[') => "array",
            Self::Written(text) => serde_json::from_str(text).as_ref().map_or("null", json_type),
        }
    }

    fn base_type(self) -> Option<BaseType> {
        match self {
            Self::Built(value) => BaseType::of(value),
            Self::Written(text) => BaseType::of_json(text),
        }
    }

    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Built(value) => value.as_str().map(Cow::Borrowed),
            Self::Written(text) => text.starts_with('"').then(|| unquoted(text)),
        }
    }

    /// The value of a member; of several with the name the last, as when it is built.
    fn member(self, name: &str) -> Option<Self> {
        if let Self::Built(value) = self {
            return value.get(name).map(Json::Built);
        }
        let Self::Written(text) = self else { return None };
        json::members(text)
            .filter(|(other, _)| unquoted(other) == name)
            .last()
            .map(|(_, value)| Json::Written(value))
    }

    pub(super) fn text_of(self, name: &str) -> Option<Cow<'a, str>> {
        self.member(name)?.text()
    }

    pub(super) fn each_member(self, see: &mut dyn FnMut(&str, Self) -> ControlFlow<()>) -> ControlFlow<()> {
        match self {
            Self::Built(Value::Object(object)) => {
                let mut members = object.iter();
                members.try_for_each(|(name, value)| see(name, Json::Built(value)))
            }
            Self::Built(_) => ControlFlow::Continue(()),
            Self::Written(text) => {
                json::members(text).try_for_each(|(name, value)| see(&unquoted(name), Json::Written(value)))
            }
        }
    }

    pub(super) fn each_element(self, see: &mut dyn FnMut(Self) -> ControlFlow<()>) -> ControlFlow<()> {
        match self {
            Self::Built(Value::Array(elements)) => elements.iter().try_for_each(|element| see(Json::Built(element))),
            Self::Built(_) => ControlFlow::Continue(()),
            Self::Written(text) => json::elements(text).try_for_each(|element| see(Json::Written(element))),
        }
    }
}

/// The text that a JSON string stands for.
fn unquoted(string: &str) -> Cow<'_, str> {
    let inside = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inside {
        Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
        _ => Cow::Owned(serde_json::from_str(string).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(dataset: Dataset, text: &str, short: usize) -> Vec<Violation> {
        let mut violations = Vec::new();
        let checked = WrittenRecord::read_as(text, short)
            .unwrap()
            .check(Schema::of(dataset), &mut |violation| {
                violations.push(violation);
                ControlFlow::Continue(())
            });
        assert!(checked.is_continue());
        violations
    }

    #[test]
    fn long_records_are_judged_like_short_ones() {
        let mut wrong = 0;
        let long = |value: &str| format!("[{}1]", format!("{value},").repeat(SHORT));
        for (dataset, text) in [
            (
                Dataset::Products,
                r#"{"title":1,"tags":TAGS,"x":{},"i18n_es":{"title":2,"tags":TAGS}}"#,
            ),
            (
                Dataset::Products,
                r#"{"product_id":"p","custom_attributes":{"a":TAGS,"b":"c","d":{}}}"#,
            ),
            (Dataset::Products, r#"{"product_id":"p","custom_attributes":TAGS}"#),
            (Dataset::Users, r#"{"user_id":TAGS,"age":"x","a\u0062c":TAGS}"#),
            (Dataset::Users, "TAGS"),
            (
                Dataset::Interactions,
                r#"{"type":"click","product_ids":TAGS,"rating":1,"context":{"page":TAGS}}"#,
            ),
            (
                Dataset::Interactions,
                r#"{"type":"never","timestamp":"x","items":TAGS}"#,
            ),
        ] {
            for tags in [long("1"), long(r#""a""#), long("{}"), long("[]")] {
                let text = text.replace("TAGS", &tags);
                let built = violations(dataset, &text, usize::MAX);
                wrong += built.len();
                assert_eq!(violations(dataset, &text, SHORT), built, "{}", &text[..80]);
            }
        }
        assert!(wrong > SHORT, "{wrong}");
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let filler = "x".repeat(SHORT);
        let text = format!(r#"{{"type":"click","title":"{filler}","type":"search"}}"#);
        let record = WrittenRecord::read(&text).unwrap();
        assert_eq!(record.text_of("type").as_deref(), Some("search"));
        assert!(record.has("title") && !record.has("tags"));
        assert!(WrittenRecord::read(&format!(r#"{{"title":"{filler}","n":1e400}}"#)).is_err());
    }
}
