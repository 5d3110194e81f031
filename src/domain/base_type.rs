//! The base types of custom attributes: an attribute keeps one in all records. A value and a list of such values have
//! the same one, and so have whole and fractional numbers; null and empty lists have none.

use serde_json::Value;

/// The base type of a custom attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BaseType {
    /// `true`
    Boolean,
    /// `1`, `1.5`, `[1]`
    Number,
    /// `"red"`, `["red"]`
    Text,
    /// `{"r": 255}`, `[{"r": 255}]`
    Object,
}

impl BaseType {
    /// Every base type.
    pub(crate) const ALL: [Self; 4] = [Self::Boolean, Self::Number, Self::Text, Self::Object];

    /// Its name in stores and messages: `string`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Text => "string",
            Self::Object => "object",
        }
    }

    /// Its values in a sentence, after "it holds": `numbers`.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Number => "numbers",
            Self::Text => "text",
            Self::Object => "objects",
        }
    }

    /// The base type of a value, for a list that of its first item; `None` for null and empty lists.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(Self::Boolean),
            Value::Number(_) => Some(Self::Number),
            Value::String(_) => Some(Self::Text),
            Value::Array(items) => Self::of(items.first()?),
            Value::Object(_) => Some(Self::Object),
        }
    }

    /// The base type of a value that is written as JSON.
    pub(crate) fn of_json(json: &str) -> Option<Self> {
        let json = json.trim_start();
        match json.as_bytes().first()? {
            b'"' => Some(Self::Text),
            b't' | b'f' => Some(Self::Boolean),
            b'n' | b']' => None,
            b'[' => Self::of_json(&json[1..]),
            b'{' => Some(Self::Object),
            _ => Some(Self::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_lists_of_them_have_one_base_type() {
        for (json, expect) in [
            ("1", Some(BaseType::Number)),
            ("-1.5", Some(BaseType::Number)),
            ("[ 1.5, 2]", Some(BaseType::Number)),
            ("\"a\"", Some(BaseType::Text)),
            ("[\"a\"]", Some(BaseType::Text)),
            ("true", Some(BaseType::Boolean)),
            ("{\"a\":1}", Some(BaseType::Object)),
            ("[{\"a\":1}]", Some(BaseType::Object)),
            ("null", None),
            ("[ ]", None),
        ] {
            assert_eq!(BaseType::of_json(json), expect, "{json}");
            assert_eq!(BaseType::of(&serde_json::from_str(json).unwrap()), expect, "{json}");
        }
    }
}
