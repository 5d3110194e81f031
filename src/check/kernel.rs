//! The judge of one column: compiled once, then asked about every cell, without allocating for a valid one.

use crate::domain::{
    cell::Cell,
    format,
    hint::Hint,
    record::Part,
    rules::Rule,
    schema::Node,
    validate::{self, Violation},
    value::{self, Form},
};

/// Judges the cells of one column by its field's schema.
#[derive(Debug)]
pub(super) struct Kernel {
    node: Option<&'static Node>,
    form: Form,
    string: StringTest,
    types: Types,
    /// Any list of texts will do.
    list_of_plain_text: bool,
    /// Any list of paths will do.
    list_of_plain_paths: bool,
}

/// What a text must be.
#[derive(Clone, Copy, Debug)]
enum StringTest {
    /// Any text; whether it may be empty.
    Any {
        may_be_empty: bool,
    },
    /// One of the node's list.
    Listed,
    DateTime {
        may_be_empty: bool,
    },
    Uri {
        may_be_empty: bool,
    },
}

/// The JSON types that are allowed.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each type")]
struct Types {
    string: bool,
    null: bool,
    boolean: bool,
    object: bool,
    array: bool,
    /// Whole numbers at least.
    integer: bool,
    /// Any number.
    number: bool,
}

impl Kernel {
    pub(super) fn new(part: &Part) -> Self {
        let plain = |node: &Node| {
            node.types.contains(&"string")
                && node.allowed.is_empty()
                && node.format.is_none()
                && node.min_length.is_none()
        };
        let items = part.node.and_then(|node| node.items.as_deref());
        let may_be_empty = part.node.is_none_or(|node| node.min_length.is_none());
        let types = part.node.map(|node| Types {
            string: node.allows("string"),
            null: node.allows("null"),
            boolean: node.allows("boolean"),
            object: node.allows("object"),
            array: node.allows("array"),
            integer: node.allows("integer"),
            number: node.types.contains(&"number"),
        });
        let types = types.unwrap_or_default();
        Self {
            node: part.node,
            form: part.form,
            string: match part.node {
                Some(node) if !node.allowed.is_empty() => StringTest::Listed,
                Some(node) if node.format == Some("date-time") => StringTest::DateTime { may_be_empty },
                Some(node) if node.format == Some("uri") => StringTest::Uri { may_be_empty },
                _ => StringTest::Any { may_be_empty },
            },
            types,
            list_of_plain_text: items.is_some_and(plain),
            list_of_plain_paths: types.array
                && items.is_some_and(|path| path.allows("array") && path.items.as_deref().is_some_and(plain)),
        }
    }

    /// Judges a cell by the schema alone: the first rule it breaks, and what the value seems to be.
    pub(super) fn judge(&self, cell: Cell<'_>) -> Option<(Rule, Option<Hint>)> {
        let node = self.node?;
        let rule = match cell {
            Cell::Missing => None,
            Cell::Text(text) => self.judge_text(node, text),
            Cell::Json(json) => self.judge_json(node, json),
        }?;
        let hint = if rule == Rule::Range {
            None
        } else {
            Hint::detect(node, cell)
        };
        Some((rule, hint))
    }

    fn judge_text(&self, node: &Node, text: &str) -> Option<Rule> {
        match self.form {
            // A text alone, or one that must not be empty, is decided here; other bounds on its length are not.
            Form::Text if self.types.string && node.min_length.is_none_or(|least| least <= 1) => {
                self.judge_string(node, text)
            }
            Form::Number if self.types.number => match value::number(text) {
                None => Some(Rule::Type),
                Some(number) => judge_range(node, &number),
            },
            Form::Boolean => value::boolean(text).is_none().then_some(Rule::Type),
            Form::TextList if self.list_of_plain_text && !text.trim_start().starts_with('[') => None,
            // What text gives is a list of paths of one text at least.
            Form::PathList if self.list_of_plain_paths && !text.trim_start().starts_with('[') => None,
            _ => self.judge_slowly(node, Cell::Text(text)),
        }
    }

    fn judge_json(&self, node: &Node, json: &str) -> Option<Rule> {
        let wrong_type = |is_allowed: bool| (!is_allowed).then_some(Rule::Type);
        match json.as_bytes().first()? {
            b'"' if !self.types.string => Some(Rule::Type),
            b'"' => {
                let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
                if memchr::memchr(b'\\', inner.as_bytes()).is_some() || node.min_length.is_some_and(|least| least > 1) {
                    self.judge_slowly(node, Cell::Json(json))
                } else {
                    self.judge_string(node, inner)
                }
            }
            b'n' => wrong_type(self.types.null),
            b't' | b'f' => wrong_type(self.types.boolean),
            b'{' if !self.types.object => Some(Rule::Type),
            b'[' if !self.types.array => Some(Rule::Type),
            b'[' if self.list_of_plain_text && is_list_of_plain_texts(json.as_bytes()) => None,
            b'{' | b'[' => self.judge_slowly(node, Cell::Json(json)),
            _ if !self.types.integer => Some(Rule::Type),
            _ if self.types.number => judge_range(node, json),
            _ => self.judge_slowly(node, Cell::Json(json)),
        }
    }

    fn judge_string(&self, node: &Node, text: &str) -> Option<Rule> {
        let empty = |may_be_empty: bool| text.is_empty() && !may_be_empty;
        match self.string {
            StringTest::Any { may_be_empty } => empty(may_be_empty).then_some(Rule::Empty),
            StringTest::Listed => (!node.allowed.iter().any(|allowed| allowed == text)).then_some(Rule::Enum),
            StringTest::DateTime { may_be_empty } | StringTest::Uri { may_be_empty } if empty(may_be_empty) => {
                Some(Rule::Empty)
            }
            StringTest::DateTime { .. } => (!format::is_date_time(text)).then_some(Rule::DateTime),
            StringTest::Uri { .. } => (!format::is_uri(text)).then_some(Rule::Url),
        }
    }

    fn judge_slowly(&self, node: &Node, cell: Cell<'_>) -> Option<Rule> {
        violations(node, self.form, cell)
            .first()
            .map(|violation| Rule::of(&violation.fault))
    }

    /// Everything that is wrong with a cell; paths are inside the cell.
    pub(super) fn violations(&self, cell: Cell<'_>) -> Vec<Violation> {
        self.node
            .map(|node| violations(node, self.form, cell))
            .unwrap_or_default()
    }
}

fn violations(node: &Node, form: Form, cell: Cell<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(value) = value::to_json(cell, form) {
        validate::check_value(node, &value, "", &mut violations);
    }
    violations
}

fn judge_range(node: &Node, number: &str) -> Option<Rule> {
    if is_beyond_numbers(number) {
        return Some(Rule::Type);
    }
    if node.minimum.is_none() && node.maximum.is_none() {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    validate::range_fault(node, number).map(|fault| Rule::of(&fault))
}

/// Whether the number is greater than JSON readers can hold, such as `1e400`: they refuse the whole request.
fn is_beyond_numbers(number: &str) -> bool {
    let may_be = number.len() > 308 || memchr::memchr2(b'e', b'E', number.as_bytes()).is_some();
    may_be && number.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// Whether the JSON is an array of texts and nothing else; `false` also when in doubt.
fn is_list_of_plain_texts(json: &[u8]) -> bool {
    let Some(inside) = json.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) else {
        return false;
    };
    let mut rest = inside.trim_ascii();
    while let Some(text) = rest.strip_prefix(b"\"") {
        let Some(end) = memchr::memchr2(b'"', b'\\', text).filter(|end| text[*end] == b'"') else {
            return false;
        };
        rest = text[end + 1..].trim_ascii_start();
        match rest.strip_prefix(b",") {
            Some(more) => rest = more.trim_ascii_start(),
            None => return rest.is_empty(),
        }
    }
    rest.is_empty()
}
