//! The judge of one column: compiled once, then asked about every cell, without allocating for a valid one.

use super::{Hint, Rule};
use crate::domain::{
    cell::Cell,
    format::{self, StringFormat},
    json,
    record::Part,
    schema::Node,
    validate::{self, Violation},
    value::{self, Form},
};

/// Judges the cells of one column by its field's schema.
#[derive(Debug)]
pub(crate) struct Kernel {
    node: Option<&'static Node>,
    form: Form,
    string: StringTest,
    types: AllowedTypes,
    /// Any list of texts will do.
    list_of_plain_text: bool,
    /// Any list of paths will do.
    list_of_plain_paths: bool,
    /// The longest text, in bytes, that is short enough for an item of a list, however its characters are written.
    longest_item: usize,
    /// Whether an empty text counts as no value.
    omits_empty: bool,
}

/// What a text must be, beside its length.
#[derive(Clone, Copy, Debug)]
enum StringTest {
    /// Any text.
    Any,
    /// One of the node's list.
    Listed,
    DateTime,
    /// With or without a time.
    Date,
    Uri,
    /// One of the node's other formats.
    Other,
}

/// The JSON types that are allowed.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each type")]
struct AllowedTypes {
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
    /// The kernel of a column.
    pub(crate) fn new(part: &Part) -> Self {
        let plain = |node: &Node| {
            node.types.contains(&"string")
                && node.allowed.is_empty()
                && node.formats.is_empty()
                && node.min_length.is_none()
        };
        let items = part.value.and_then(|node| node.items.as_deref());
        let kinds = part.value.map_or(&[][..], |node| &node.item_kinds);
        let types = part.value.map(|node| AllowedTypes {
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
            node: part.value,
            form: part.form,
            string: match part
                .value
                .map(|node| (node.allowed.is_empty(), node.formats.as_slice()))
            {
                Some((false, _)) => StringTest::Listed,
                None | Some((true, [])) => StringTest::Any,
                Some((true, [StringFormat::DateTime])) => StringTest::DateTime,
                Some((true, [StringFormat::DateTime, StringFormat::Date])) => StringTest::Date,
                Some((true, [StringFormat::Uri])) => StringTest::Uri,
                Some((true, _)) => StringTest::Other,
            },
            types,
            list_of_plain_text: items.into_iter().chain(kinds).any(plain),
            longest_item: items
                .and_then(|items| items.max_length)
                .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX)),
            omits_empty: part.omits_empty,
            list_of_plain_paths: types.array
                && items.is_some_and(|path| path.allows("array") && path.items.as_deref().is_some_and(plain)),
        }
    }

    /// Judges a cell by the schema alone: the first rule it breaks, and what the value seems to be. `text` is what
    /// [`plain`](crate::domain::rules::plain) says of the cell.
    pub(crate) fn judge(&self, cell: Cell<'_>, text: Option<&str>) -> Option<(Rule, Option<Hint>)> {
        let node = self.node?;
        let rule = match cell {
            Cell::Missing => None,
            Cell::Text(text) => self.judge_text(node, text),
            Cell::Json(json) => self.judge_json(node, json, text),
        }?;
        Some((rule, super::shape::detect(node, cell)))
    }

    fn judge_text(&self, node: &Node, text: &str) -> Option<Rule> {
        match self.form {
            Form::Text if self.types.string => self.judge_string(node, text),
            // What is no number stays a text.
            Form::Number if self.types.number => match value::number(text) {
                None => (!self.types.string).then_some(Rule::Type),
                Some(number) => is_beyond_numbers(&number).then_some(Rule::Type),
            },
            Form::Boolean if self.types.boolean => {
                (!self.types.string && value::boolean(text).is_none()).then_some(Rule::Type)
            }
            Form::TextList if self.list_of_plain_text && text.len() <= self.longest_item && !may_be_json(text) => None,
            // What text gives is a list of paths of one text at least.
            Form::PathList if self.list_of_plain_paths && !may_be_json(text) => None,
            _ => self.judge_slowly(node, Cell::Text(text)),
        }
    }

    fn judge_json(&self, node: &Node, json: &str, text: Option<&str>) -> Option<Rule> {
        let wrong_type = |is_allowed: bool| (!is_allowed).then_some(Rule::Type);
        match json.as_bytes().first()? {
            b'"' if !self.types.string => Some(Rule::Type),
            b'"' => match text {
                Some(text) => self.judge_string(node, text),
                None => self.judge_slowly(node, Cell::Json(json)),
            },
            b'n' => wrong_type(self.types.null),
            b't' | b'f' => wrong_type(self.types.boolean),
            b'{' if !self.types.object => Some(Rule::Type),
            b'[' if !self.types.array => Some(Rule::Type),
            b'[' if self.list_of_plain_text
                && json.len() <= self.longest_item
                && json::is_list_of_plain_texts(json.as_bytes()) =>
            {
                None
            }
            b'{' | b'[' => self.judge_slowly(node, Cell::Json(json)),
            _ if !self.types.integer => Some(Rule::Type),
            _ if self.types.number => is_beyond_numbers(json).then_some(Rule::Type),
            _ => self.judge_slowly(node, Cell::Json(json)),
        }
    }

    fn judge_string(&self, node: &Node, text: &str) -> Option<Rule> {
        if text.is_empty() && self.omits_empty {
            return None;
        }
        let is_right = match self.string {
            StringTest::Any => true,
            StringTest::Listed => node.allowed.iter().any(|allowed| allowed == text),
            StringTest::DateTime => format::is_date_time(text),
            StringTest::Date => format::is_date(text.as_bytes()) || format::is_date_time(text),
            StringTest::Uri => format::is_uri(text),
            StringTest::Other => node.formats.iter().any(|format| format.matches(text)),
        };
        if is_right && validate::length_fault(node, text).is_none() {
            return None;
        }
        validate::text_fault(node, text, true).map(|fault| Rule::of(&fault))
    }

    fn judge_slowly(&self, node: &Node, cell: Cell<'_>) -> Option<Rule> {
        all_violations(node, self.form, cell)
            .first()
            .map(|violation| Rule::of(&violation.fault))
    }
}

/// Everything that is wrong with a cell; paths are inside the cell.
pub(super) fn violations(part: &Part, cell: Cell<'_>) -> Vec<Violation> {
    part.value
        .map(|node| all_violations(node, part.form, cell))
        .unwrap_or_default()
}

/// Whether a text is more than items with separators between them: JSON, or a list in another notation.
fn may_be_json(text: &str) -> bool {
    let text = text.trim_start();
    matches!(text.as_bytes().first(), Some(b'[' | b'{' | b'\'' | b'"')) || text.starts_with("c(")
}

fn all_violations(node: &Node, form: Form, cell: Cell<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(value) = value::to_json(cell, form) {
        validate::check_value(node, &value, "", &mut violations);
    }
    violations
}

/// Whether the number is greater than JSON readers can hold, such as `1e400`: they refuse the whole request.
fn is_beyond_numbers(number: &str) -> bool {
    let may_be = number.len() > 308 || memchr::memchr2(b'e', b'E', number.as_bytes()).is_some();
    may_be && number.parse::<f64>().is_ok_and(f64::is_infinite)
}
