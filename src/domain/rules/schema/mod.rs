//! What the API refuses: the schema's rules, and what no API can take. They cannot be switched off.
//!
//! - [`kernel`]: the schema's test of a cell, for all of its rules at once
//! - [`required`]: what a record must have
//! - [`number`], [`date`], [`uri`], [`shape`]: what a value that does not fit seems to be, and its repair

pub(super) mod date;
mod kernel;
pub(super) mod number;
mod required;
pub(super) mod shape;
pub(in crate::domain) mod uri;

use super::{
    Broken, Evidence, Explanation, Family, Hint, RecordContext, Remedy, RowTest, Rule, RuleDef, explain::shorten,
    row_test::StrayColumns,
};
use crate::domain::{
    cell::Cell,
    format::StringFormat,
    number::grouped,
    record::{Part, SchemaPlace},
    validate::Fault,
    value,
};

pub(crate) use kernel::Kernel;
pub(in crate::domain::rules) use required::REQUIRED;
pub use required::Required;

/// The record could not be read from the file.
pub(super) const UNREADABLE: RuleDef = RuleDef {
    name: "unreadable",
    title: "Record cannot be read",
    says: "cannot be read",
    text: "The line does not follow the file's format: too few or too many cells, a quote that never closes, broken JSON, or \
     bytes that are no UTF-8. It is shown so that nothing is lost, but it is never sent.",
    advice: "correct the line in the file",
    evidence: Evidence::Reason,
    explain: |broken| {
        let reason = broken.reason.unwrap_or("unknown reason");
        broken.sentence(format!("This line cannot be read: {reason}"))
    },
    ..RuleDef::of(Family::Schema)
};

/// The value has the wrong type.
pub(super) const TYPE: RuleDef = RuleDef {
    name: "type",
    title: "Wrong type of value",
    says: "has the wrong type",
    text: "The field holds another type than the API takes: text where a number belongs, a single text where a list belongs. \
     In a flat file, text that cannot be read as the field's type stays text.",
    advice: "write the value in the field's type",
    remedy: Remedy::NameType,
    doubts_column: true,
    is_mended_by: |_| true,
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text is no date and time.
pub(super) const DATE_TIME: RuleDef = RuleDef {
    name: "date-time",
    title: "Not a date and time",
    says: "is not a date and time",
    text: "Dates of products and users are written as 2023-11-07 or 2023-11-07T05:31:56Z: date, T, time, and optionally a \
     fraction. The timestamp of an interaction needs its time; a date alone is refused there.",
    advice: "write it as 2023-11-07T05:31:56Z",
    doubts_column: true,
    is_mended_by: |_| true,
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text is no URL.
pub(super) const URL: RuleDef = RuleDef {
    name: "url",
    title: "Not a URL",
    says: "is not a URL",
    text: "An address begins with https:// or http:// and holds no spaces, umlauts or other characters that must be escaped.",
    advice: "write the whole address, escaped",
    remedy: Remedy::Prefix,
    doubts_column: true,
    is_mended_by: |_| true,
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text is none of the names that are allowed.
pub(super) const ENUM: RuleDef = RuleDef {
    name: "enum",
    title: "Not one of the allowed names",
    says: "is none of the allowed names",
    text: "The field takes only the names that the API lists, written exactly so.",
    advice: "use one of the listed names",
    remedy: Remedy::ListNames,
    doubts_column: true,
    is_mended_by: |_| true,
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text is no UUID or no address of the form the field takes.
pub(super) const FORMAT: RuleDef = RuleDef {
    name: "format",
    title: "Text in another form than the field takes",
    says: "does not have the form that the field takes",
    text: "miso_id takes a UUID (123e4567-e89b-12d3-a456-426614174000), context.truncated_ip an IPv4 address (84.20.17.0).",
    advice: "write it in that form, or leave the value out",
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text is empty where it must not be.
pub(super) const EMPTY: RuleDef = RuleDef {
    name: "empty",
    title: "Empty text",
    says: "is empty",
    text: "Ids of products and users must not be empty texts, nor may URLs be.",
    advice: "fill in the value, or leave it out",
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The text has too many or too few characters.
pub(super) const LENGTH: RuleDef = RuleDef {
    name: "length",
    title: "Text too long or too short",
    says: "is too long or too short",
    text: "Ids have at most 512 characters (anonymous_id 1,024), URLs at most 65,536, and a language has at least two.",
    advice: "shorten the value, or correct it",
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The items of a list do not go together.
pub(super) const ITEMS: RuleDef = RuleDef {
    name: "items",
    title: "List of items that do not go together",
    says: "is not a list that the field takes",
    text: "A list holds texts only, numbers only, or objects only: no true or false, no lists inside of it, nothing mixed, no \
     null. The objects of users' attributes and of custom_context hold texts, numbers, true or false, and nothing \
     nested.",
    advice: "make all items texts, or all numbers",
    explain: in_cell,
    ..RuleDef::of(Family::Schema)
};

/// The API knows no such field.
pub(super) const UNKNOWN_FIELD: RuleDef = RuleDef {
    name: "unknown-field",
    title: "Unknown field",
    says: "is not a field of the API",
    text: "The API refuses records with fields that it does not know, and with them the whole request. Own fields belong \
     under custom_attributes, of interactions under context.custom_context.",
    advice: "move the column to your own attributes, rename it to the field that is meant, or leave it out",
    remedy: Remedy::MoveColumn,
    explain: |broken| {
        let prefix = broken.plan.dataset.custom_prefix();
        let path = broken.path();
        let sentence = format!("{path} is not a field of the API; move it to {prefix}, rename it, or leave it out");
        broken.refused(sentence, Fault::Unknown)
    },
    ..RuleDef::of(Family::Schema)
};

/// Looks at the columns that go to no field.
#[derive(Debug)]
pub(super) struct UnknownField(StrayColumns);

impl RowTest for UnknownField {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        StrayColumns::at(SchemaPlace::Unknown, record).map(Self)
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        self.0.find(cells, report);
    }
}

/// The service refused the record.
pub(super) const REFUSED: RuleDef = RuleDef {
    name: "refused",
    title: "Refused by the service",
    says: "was refused by the service",
    text: "The service answered 422 for this record although nothing was found wrong here. The words are the service's own.",
    advice: "correct what the service names, then upload again",
    explain: |broken| broken.sentence("The service refused this record"),
    ..RuleDef::of(Family::Schema)
};

impl Rule {
    /// The rule that a fault in the API's sense breaks.
    pub fn of(fault: &Fault) -> Self {
        match fault {
            Fault::Type { .. } => Self::Type,
            Fault::Format(formats) => match formats.first() {
                Some(StringFormat::Uri) => Self::Url,
                Some(StringFormat::Uuid | StringFormat::Ipv4) => Self::Format,
                Some(StringFormat::DateTime | StringFormat::Date) | None => Self::DateTime,
            },
            Fault::Required(name) if name == "custom_action_name" => Self::ActionName,
            Fault::Required(_) => Self::Required,
            Fault::Enum(_) => Self::Enum,
            Fault::MinLength(1) => Self::Empty,
            Fault::MinLength(_) | Fault::MaxLength(_) => Self::Length,
            Fault::Items => Self::Items,
            Fault::Additional | Fault::Unknown => Self::UnknownField,
            Fault::Inconsistent => Self::Inconsistent,
        }
    }
}

/// Everything that the schema refuses in the cell.
fn in_cell(broken: &Broken<'_>) -> Vec<Explanation> {
    let (Some(part), cell) = (broken.part(), broken.cell()) else {
        return Vec::new();
    };
    let violations = kernel::violations(part, cell);
    let told = violations.into_iter().map(|violation| {
        let shown = inner_value(cell, part, &violation.path).unwrap_or_else(|| cell.shown().into_owned());
        let path = join(&part.path, &violation.path);
        Explanation {
            sentence: describe(&path, &shown, &violation.fault, broken.hint),
            path,
            fault: Some(violation.fault),
        }
    });
    told.collect()
}

/// The value at a path inside a cell that holds a list or an object.
fn inner_value(cell: Cell<'_>, part: &Part, path: &str) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let whole = value::to_json(cell, part.form)?;
    let inner = whole.pointer(&format!("/{}", path.replace('.', "/")))?;
    Some(inner.as_str().map_or_else(|| inner.to_string(), str::to_owned))
}

/// A fault in one plain sentence: what is wrong, the value, what is expected, what to do.
fn describe(path: &str, value: &str, fault: &Fault, hint: Option<Hint>) -> String {
    let what = match fault {
        Fault::Type { expected, .. } => {
            let names = expected
                .iter()
                .filter(|name| **name != "null")
                .map(|name| plain_type(name));
            format!("must be {}", names.collect::<Vec<_>>().join(" or "))
        }
        Fault::Format(formats) => match formats.as_slice() {
            [StringFormat::DateTime, StringFormat::Date] | [StringFormat::Date, ..] => "is not a date".to_owned(),
            [StringFormat::Uri, ..] => "is not a URL".to_owned(),
            [StringFormat::Uuid, ..] => "is not a UUID".to_owned(),
            [StringFormat::Ipv4, ..] => "is not an IPv4 address".to_owned(),
            [] | [StringFormat::DateTime, ..] => "is not a date and time".to_owned(),
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
    let advice = match hint {
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

fn join(path: &str, inner: &str) -> String {
    if inner.is_empty() {
        path.to_owned()
    } else {
        format!("{path}.{inner}")
    }
}
