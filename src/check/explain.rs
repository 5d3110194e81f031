//! What exactly is wrong with one row, worked out from the row when someone looks.

use super::{Checked, consistency::Settled};
use crate::domain::{
    base_type::BaseType,
    cell::Cell,
    format::Format,
    hint::Hint,
    issue::{Cause, Severity},
    message,
    number::grouped,
    record::Part,
    rules::{Rule, count_items},
    validate::{Fault, Violation},
    value,
};

/// One problem of one row, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Rule, column, and what the value seems to be.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// Dotted path in the record, down to the element of a list; empty for the record itself.
    pub path: String,
    /// The value as it stands in the table; empty when there is none.
    pub value: String,
    /// What is wrong, what is expected, what to do, in one sentence.
    pub sentence: String,
    /// The API's own line, for the record at the given place of a request; `None` for what the API does not check.
    pub api_line: Option<String>,
}

impl Checked {
    /// All problems of a row: `cells` are the row's cells, `reason` why it could not be read, `place_of` says
    /// where another row stands, and `index` is the record's place in the request for the API's line.
    pub fn explain(
        &self,
        row: u32,
        cells: &[Cell<'_>],
        reason: Option<&str>,
        place_of: &dyn Fn(u32) -> String,
        index: usize,
    ) -> Vec<Problem> {
        self.plan().see(cells, |seen| {
            self.explain_seen(row, (cells, seen), reason, place_of, index)
        })
    }

    /// `cells` are those of the table, and those of the record.
    fn explain_seen(
        &self,
        row: u32,
        (cells, seen): (&[Cell<'_>], &[Cell<'_>]),
        reason: Option<&str>,
        place_of: &dyn Fn(u32) -> String,
        index: usize,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for cause in self.issues.of_row(row) {
            let column = cause.column.map(|column| column as usize);
            let cell = column.and_then(|column| cells.get(column)).copied().unwrap_or_default();
            let part = column.and_then(|column| self.plan().part(column));
            let path = part.map(|part| part.path.clone()).unwrap_or_default();
            let value = cell.shown().into_owned();
            let cell = column.and_then(|column| seen.get(column)).copied().unwrap_or_default();
            let in_cell = || {
                let kernel = column.and_then(|column| self.judge.kernel(column));
                let violations = kernel.map(|kernel| kernel.violations(cell)).unwrap_or_default();
                let told = violations.into_iter().map(|violation| {
                    let shown = inner_value(cell, part, &violation.path).unwrap_or_else(|| cell.shown().into_owned());
                    let whole = join(part.map_or("", |part| &part.path), &violation.path);
                    let sentence = describe(&whole, &shown, &violation.fault, cause);
                    (whole, sentence, violation.fault)
                });
                told.collect::<Vec<_>>()
            };
            let mut push = |path: String, sentence: String, fault: Option<Fault>| {
                let api_line = fault.map(|fault| {
                    let path = path.clone();
                    message::render(self.plan().dataset, index, &Violation { path, fault })
                });
                problems.push(Problem {
                    cause: *cause,
                    severity: self.issues.severity(cause),
                    path,
                    value: value.clone(),
                    sentence,
                    api_line,
                });
            };
            match cause.rule {
                Rule::Unreadable => push(path, format!("This line cannot be read: {}", reason.unwrap_or("unknown reason")), None),
                Rule::Required => {
                    let mut lacking = self.judge.missing(seen).filter(|missing| missing.column == column).peekable();
                    if lacking.peek().is_none() {
                        // An object that stands in one cell lacks it.
                        for (path, sentence, fault) in in_cell() {
                            push(path, sentence, Some(fault));
                        }
                    }
                    for missing in lacking {
                        let (object, name) = (missing.object, missing.name);
                        let sentence = if object.is_empty() {
                            format!("{name} is missing; every record needs one")
                        } else {
                            format!("{object}.{name} is missing; {object} needs one")
                        };
                        push(object.to_owned(), sentence, Some(Fault::Required(name.to_owned())));
                    }
                }
                Rule::ActionName => {
                    let name = "custom_action_name".to_owned();
                    push(String::new(), format!("{name} is missing; interactions of the type custom need one"), Some(Fault::Required(name)));
                }
                Rule::RepeatedId => {
                    let by = self.identities.replacement_of(row).map_or_else(|| "further down".to_owned(), |last| format!("in {}", place_of(last)));
                    let sentence = format!("{path} “{}” appears again {by}; that record will replace this one", shorten(&value));
                    push(path, sentence, None);
                }
                Rule::Inconsistent => {
                    let settled = column.and_then(|column| self.settled.get(column)).copied().unwrap_or_default();
                    push(path.clone(), inconsistent(&path, &value, settled), Some(Fault::Inconsistent));
                }
                Rule::UnknownField => {
                    let sentence = format!("{path} is not a field of the API; move it to {}, rename it, or leave it out", self.plan().dataset.custom_prefix());
                    push(path, sentence, Some(Fault::Unknown));
                }
                Rule::IgnoredField => push(path.clone(), format!("{path} is not named by the API; move it to {} or leave it out", self.plan().dataset.custom_prefix()), None),
                Rule::AlikeIds => {
                    let (other, line) = self.identities.alike_of(row).map_or_else(
                        || ("another id".to_owned(), String::new()),
                        |other| ("the id".to_owned(), format!(" in {}", place_of(other))),
                    );
                    let only = if value.starts_with(|c: char| c.is_ascii_digit()) && value.bytes().all(|byte| byte.is_ascii_digit()) {
                        "leading zeros"
                    } else {
                        "capital letters"
                    };
                    let sentence = format!("{path} “{}” differs from {other}{line} only in {only}; write it the same way everywhere", shorten(&value));
                    push(path, sentence, None);
                }
                Rule::Quantities => {
                    let count = |path| {
                        let cell = self.plan().column_of(path).and_then(|column| seen.get(column)).copied().unwrap_or_default();
                        count_items(cell).unwrap_or_default()
                    };
                    let (quantities, products) = (count("quantities"), count("product_ids"));
                    let are = if quantities == 1 { "There is 1 quantity".to_owned() } else { format!("There are {quantities} quantities") };
                    let noun = if products == 1 { "product" } else { "products" };
                    push(path, format!("{are} for {products} {noun}; give one for every product, in their order"), None);
                }
                Rule::OtherType => {
                    let kind = self.plan().column_of("type").and_then(|column| seen.get(column)).copied().unwrap_or_default();
                    if column.is_none() {
                        for path in self.judge.constants_of_other_types(self.plan(), seen) {
                            let sentence = format!("{path}, the same in every record, does not belong to interactions of the type {}; remove it, or correct the type", kind.shown());
                            push(path, sentence, Some(Fault::Unknown));
                        }
                    } else {
                        let sentence = format!("{path} “{}” does not belong to interactions of the type {}; correct the type, or empty the cell", shorten(&value), kind.shown());
                        push(path, sentence, Some(Fault::Unknown));
                    }
                }
                Rule::IdSpaces
                | Rule::IdForm
                | Rule::SeveralIds
                | Rule::PlaceholderId
                | Rule::HeaderAsId
                | Rule::UnknownParent
                | Rule::ZeroPrice
                | Rule::Placeholder
                | Rule::OuterSpaces
                | Rule::FlatCategories
                | Rule::Range
                | Rule::Language
                | Rule::EmptyMisoId
                | Rule::AbsurdDate
                | Rule::ZonelessTime
                | Rule::UrlScheme
                | Rule::Markup
                | Rule::Mangled
                | Rule::Garbled
                | Rule::PersonalData
                | Rule::Null
                | Rule::Translation => {
                    let about = cause.rule.about();
                    let advice = cause.hint.map_or(about.advice, |hint| hint.advice());
                    let says = cause.hint.and_then(Hint::says).unwrap_or(about.says);
                    push(path.clone(), format!("{path} “{}” {says}: {advice}", shorten(&value)), None);
                }
                Rule::Nobody => push(path, "Neither user_id nor anonymous_id says whose interaction this is; it cannot be used for personalization".to_owned(), None),
                Rule::NoTimestamp => push(path, "There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened before".to_owned(), None),
                Rule::Untitled => push(path, "There is no title, and most records have one; fill it in, or leave the row out".to_owned(), None),
                Rule::RepeatedEvent => push(path, "The same interaction stands further up already; leave the row out, unless it happened twice".to_owned(), None),
                Rule::Refused => push(path, "The service refused this record".to_owned(), None),
                Rule::Type | Rule::DateTime | Rule::Url | Rule::Format | Rule::Enum | Rule::Empty | Rule::Length | Rule::Items => {
                    for (path, sentence, fault) in in_cell() {
                        push(path, sentence, Some(fault));
                    }
                }
            }
        }
        problems.sort_by_key(|problem| (problem.severity, problem.cause.column));
        problems
    }
}

fn inconsistent(path: &str, value: &str, settled: Settled) -> String {
    let expected = settled.class.map_or("another type", BaseType::plural);
    format!(
        "{path} is “{}”, but in the other records it holds {expected}; use one type for all",
        shorten(value)
    )
}

/// The value at a path inside a cell that holds a list or an object.
fn inner_value(cell: Cell<'_>, part: Option<&Part>, path: &str) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let whole = value::to_json(cell, part?.form)?;
    let inner = whole.pointer(&format!("/{}", path.replace('.', "/")))?;
    Some(inner.as_str().map_or_else(|| inner.to_string(), str::to_owned))
}

/// A fault in one plain sentence: what is wrong, the value, what is expected, what to do.
fn describe(path: &str, value: &str, fault: &Fault, cause: &Cause) -> String {
    let what = match fault {
        Fault::Type { expected, .. } => {
            let names = expected
                .iter()
                .filter(|name| **name != "null")
                .map(|name| plain_type(name));
            format!("must be {}", names.collect::<Vec<_>>().join(" or "))
        }
        Fault::Format(formats) => match formats.as_slice() {
            [Format::DateTime, Format::Date] | [Format::Date, ..] => "is not a date".to_owned(),
            [Format::Uri, ..] => "is not a URL".to_owned(),
            [Format::Uuid, ..] => "is not a UUID".to_owned(),
            [Format::Ipv4, ..] => "is not an IPv4 address".to_owned(),
            [] | [Format::DateTime, ..] => "is not a date and time".to_owned(),
        },
        Fault::Enum(allowed) if allowed.len() > 8 => format!("is none of the {} names the API knows", allowed.len()),
        Fault::Enum(allowed) => format!("is none of {}", allowed.join(", ")),
        Fault::MinLength(1) => "is empty".to_owned(),
        Fault::MinLength(least) => format!("has less than {least} characters"),
        Fault::MaxLength(most) => format!("has more than {} characters", grouped(*most)),
        Fault::Items => "is not a list that the field takes".to_owned(),
        Fault::Additional | Fault::Unknown => "is not a field of the API".to_owned(),
        Fault::Required(name) => format!("lacks {name}"),
        Fault::Inconsistent => "has another type than in the other records".to_owned(),
    };
    let advice = match cause.hint {
        Some(hint) => hint.advice(),
        None => Rule::of(fault).about().advice,
    };
    format!("{path} “{}” {what}: {advice}", shorten(value))
}

fn plain_type(name: &str) -> &str {
    match name {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

/// A value short enough for a sentence.
fn shorten(value: &str) -> String {
    const MOST: usize = 60;
    if value.chars().count() <= MOST {
        return value.to_owned();
    }
    let start: String = value.chars().take(MOST).collect();
    format!("{start}…")
}

fn join(path: &str, inner: &str) -> String {
    if inner.is_empty() {
        path.to_owned()
    } else {
        format!("{path}.{inner}")
    }
}
