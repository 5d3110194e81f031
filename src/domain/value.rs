//! Text into typed JSON. A text that does not fit its field's type stays a text, so that the schema check sees it as
//! the API would and says what is wrong with it.

use std::borrow::Cow;

use serde_json::Value;

use super::{cell::Cell, json, list_literal, schema::Node};

/// How a column's text becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it stands.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list of texts: a JSON array, or parts between separators.
    TextList,
    /// A list of numbers, likewise.
    NumberList,
    /// Category paths: a JSON array, or `A > B | C > D`.
    PathList,
    /// A JSON object or array.
    Json,
}

impl Form {
    /// The form that a field of the schema asks for.
    pub fn of(node: &Node) -> Self {
        let has = |name| node.types.contains(&name);
        match &node.items {
            _ if has("string") || node.types.is_empty() => Self::Text,
            // A number alone is understood as a list of one.
            Some(items) if has("array") && items.allows("integer") => Self::NumberList,
            _ if has("number") || has("integer") => Self::Number,
            _ if has("boolean") => Self::Boolean,
            Some(items) if has("array") && items.types.contains(&"string") => Self::TextList,
            Some(items) if has("array") && items.types.contains(&"array") => Self::PathList,
            _ => Self::Json,
        }
    }

    /// The form of a custom attribute.
    pub(crate) const fn of_custom(custom: CustomType) -> Self {
        match custom {
            CustomType::Text => Self::Text,
            CustomType::Number => Self::Number,
            CustomType::Boolean => Self::Boolean,
            CustomType::List => Self::TextList,
        }
    }
}

/// The type of a custom attribute that comes from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CustomType {
    /// Text, as it stands.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list of texts.
    List,
}

impl CustomType {
    /// All types.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Boolean, Self::List];

    /// The type in plain words, as it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
        }
    }
}

/// The separators between the items of a list in a text cell, in the order they are looked for:
/// the first one that occurs in the cell separates.
const LIST_SEPARATORS: [char; 3] = ['|', ';', ','];

/// The JSON value of a cell; `None` when there is none. JSON cells are taken as they are; one that is no JSON
/// (which the reader has already reported) counts as text.
pub fn to_json(cell: Cell<'_>, form: Form) -> Option<Value> {
    match cell {
        Cell::Missing => None,
        Cell::Json(json) => Some(serde_json::from_str(json).unwrap_or_else(|_| Value::from(json))),
        Cell::Text(text) => Some(text_to_json(text, form)),
    }
}

fn text_to_json(text: &str, form: Form) -> Value {
    let as_text = || Value::from(text);
    match form {
        Form::Text => as_text(),
        Form::Number => number_value(text),
        Form::Boolean => boolean(text).map_or_else(as_text, Value::from),
        Form::Json => json_of(text, &['{', '[']).unwrap_or_else(as_text),
        // A list in brackets that is no JSON, such as `['a', 'b']`, is not taken apart: that would invent items.
        _ if text.trim_start().starts_with('[') => json_of(text, &['[']).unwrap_or_else(as_text),
        _ if is_list_literal(text) => as_text(),
        Form::TextList => items(text).map(Value::from).collect(),
        Form::NumberList => items(text).map(number_value).collect(),
        Form::PathList => paths(text),
    }
}

/// Whether a text is a list in a notation whose brackets and quotes would stick to its items: `{"a","b"}`.
pub(super) fn is_list_literal(text: &str) -> bool {
    let start = text.trim_start();
    (start.starts_with(['{', '\'', '"']) || start.starts_with("c(")) && list_literal::parse(text).is_some()
}

/// Writes the JSON of a text cell to the end of `out`, digits kept as they stand.
pub(crate) fn write_text(text: &str, form: Form, out: &mut Vec<u8>) {
    match form {
        Form::Number => match number(text) {
            Some(number) => out.extend_from_slice(number.as_bytes()),
            None => json::write_string(text, out),
        },
        Form::Text => json::write_string(text, out),
        _ => match json_of_source(text, form) {
            Some(json) => out.extend_from_slice(json.as_bytes()),
            None => out.extend_from_slice(text_to_json(text, form).to_string().as_bytes()),
        },
    }
}

/// The text itself when it is the JSON the form takes as it is, so that its numbers keep their digits.
fn json_of_source(text: &str, form: Form) -> Option<&str> {
    let starts: &[char] = match form {
        Form::TextList | Form::NumberList | Form::PathList => &['['],
        Form::Json => &['{', '['],
        _ => return None,
    };
    json_of(text, starts).map(|_| text.trim())
}

fn json_of(text: &str, starts: &[char]) -> Option<Value> {
    let text = text.trim();
    if text.starts_with(starts) {
        serde_json::from_str(text).ok()
    } else {
        None
    }
}

fn number_value(text: &str) -> Value {
    number(text)
        .and_then(|number| serde_json::from_str(&number).ok())
        .unwrap_or_else(|| Value::from(text))
}

/// The text as a JSON number, digits kept: spaces around it, a plus sign, leading zeros and a missing digit beside
/// the point are put right (`+05.` → `5.0`), as they cannot change a number. `None` when it is none.
pub(crate) fn number(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if json::is_number(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (whole, rest) = digits.split_at(digits.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, exponent) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    let mended = if rest.starts_with('.') {
        format!("{sign}{whole}.{fraction}{exponent}")
    } else {
        format!("{sign}{whole}{exponent}")
    };
    json::is_number(mended.as_bytes()).then_some(Cow::Owned(mended))
}

/// The truth value that the text says: true, yes, 1, false, no, 0, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |words: [&str; 5]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(["true", "yes", "1", "y", "t"]) {
        Some(true)
    } else if is(["false", "no", "0", "n", "f"]) {
        Some(false)
    } else {
        None
    }
}

/// What separates the items of a list that is written as text; `None`: there is one item.
pub(super) fn list_separator(text: &str) -> Option<char> {
    LIST_SEPARATORS.into_iter().find(|separator| text.contains(*separator))
}

/// The parts of a list that is written as text.
pub(crate) fn items(text: &str) -> impl Iterator<Item = &str> {
    let separator = list_separator(text).unwrap_or('|');
    text.split(separator).map(str::trim).filter(|item| !item.is_empty())
}

fn paths(text: &str) -> Value {
    let separator = if text.contains('|') { '|' } else { ';' };
    let paths = text.split(separator).map(|path| {
        let levels = path.split('>').map(str::trim).filter(|level| !level.is_empty());
        levels.map(Value::from).collect::<Vec<_>>()
    });
    paths.filter(|levels| !levels.is_empty()).map(Value::from).collect()
}

/// The type of custom attribute that a text fits best without losing anything: a number only when writing it back
/// gives the same text (`00123`, `1e5`, `2008.0` and 16 digits stay text).
pub(crate) fn natural_type(text: &str) -> CustomType {
    if is_plain_number(text) {
        CustomType::Number
    } else if matches!(text, "true" | "false" | "TRUE" | "FALSE" | "True" | "False") {
        CustomType::Boolean
    } else if text.starts_with('[') && json_of(text, &['[']).is_some() {
        CustomType::List
    } else {
        CustomType::Text
    }
}

fn is_plain_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 16
        && json::is_number(bytes)
        && !bytes.iter().any(|byte| matches!(byte, b'e' | b'E'))
        && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() <= 15
        && !(bytes.contains(&b'.') && bytes.ends_with(b"0"))
        && bytes != b"-0"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, form: Form, expect: &str) {
        assert_eq!(text_to_json(text, form).to_string(), expect, "{text} as {form:?}");
        let mut written = Vec::new();
        write_text(text, form, &mut written);
        let read: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(read.to_string(), expect, "{text} written as {form:?}");
    }

    #[test]
    fn text_becomes_the_fields_type() {
        check("00123", Form::Text, r#""00123""#);
        check("12.50", Form::Number, "12.5");
        check(" +05. ", Form::Number, "5.0");
        check(".5", Form::Number, "0.5");
        check("12,50", Form::Number, r#""12,50""#);
        check("NaN", Form::Number, r#""NaN""#);
        check("Yes", Form::Boolean, "true");
        check("maybe", Form::Boolean, r#""maybe""#);
        check("cute | anime", Form::TextList, r#"["cute","anime"]"#);
        check(
            "J.K. Rowling, Mary GrandPré",
            Form::TextList,
            r#"["J.K. Rowling","Mary GrandPré"]"#,
        );
        check(r#"["a","b|c"]"#, Form::TextList, r#"["a","b|c"]"#);
        check("['a', 'b']", Form::TextList, r#""['a', 'b']""#);
        check("1|2|x", Form::NumberList, r#"[1,2,"x"]"#);
        check("A > B | C > D", Form::PathList, r#"[["A","B"],["C","D"]]"#);
        check(r#"{"lat":1}"#, Form::Json, r#"{"lat":1}"#);
        check("{broken", Form::Json, r#""{broken""#);
        check("say \"hi\"\n\\", Form::Text, r#""say \"hi\"\n\\""#);
    }

    #[test]
    fn digits_are_kept() {
        let mut written = Vec::new();
        write_text("12.50", Form::Number, &mut written);
        write_text("1234567890123456789012345678901234567890", Form::Number, &mut written);
        write_text("[0.10000000000000000001]", Form::NumberList, &mut written);
        let expect = "12.501234567890123456789012345678901234567890[0.10000000000000000001]";
        assert_eq!(String::from_utf8(written).unwrap(), expect);
    }

    #[test]
    fn only_texts_that_lose_nothing_count_as_numbers() {
        for (text, expect) in [
            ("272", CustomType::Number),
            ("4.34", CustomType::Number),
            ("-3", CustomType::Number),
            ("0", CustomType::Number),
            ("0439023483", CustomType::Text),
            ("9.78043902348e+12", CustomType::Text),
            ("2008.0", CustomType::Text),
            ("12345678901234567", CustomType::Text),
            ("true", CustomType::Boolean),
            ("[1]", CustomType::List),
            ("", CustomType::Text),
        ] {
            assert_eq!(natural_type(text), expect, "{text}");
        }
    }
}
