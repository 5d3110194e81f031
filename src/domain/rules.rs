//! The rules a record is held to: one table from which the checker, the problems list and `tatami explain` read.

use super::{issue::Severity, validate::Fault};

/// A rule that rows can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The record could not be read from the file.
    Unreadable,
    /// A field that every record needs is not there.
    Required,
    /// An interaction of the type custom has no name.
    ActionName,
    /// The value has the wrong type.
    Type,
    /// The text is no date and time.
    DateTime,
    /// The text is no URL.
    Url,
    /// The text is none of the names that are allowed.
    Enum,
    /// The number is too small or too great.
    Range,
    /// The text is empty where it must not be.
    Empty,
    /// The custom attribute has another type than in most records.
    Inconsistent,
    /// The service refused the record.
    Refused,
    /// Several records have the same id.
    RepeatedId,
    /// The API knows no such field.
    UnknownField,
    /// An interaction of nobody.
    Nobody,
}

/// What people are told about a rule.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in reports and on the command line.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// A heading: `Not a date and time`.
    pub title: &'static str,
    /// What the rule asks, why, and where it comes from.
    pub text: &'static str,
    /// What to do about a row that breaks it.
    pub advice: &'static str,
}

impl Rule {
    /// All rules, worst first.
    pub const ALL: [Self; 14] = [
        Self::Unreadable,
        Self::Required,
        Self::ActionName,
        Self::Type,
        Self::DateTime,
        Self::Url,
        Self::Enum,
        Self::Range,
        Self::Empty,
        Self::Inconsistent,
        Self::Refused,
        Self::RepeatedId,
        Self::UnknownField,
        Self::Nobody,
    ];

    /// What people are told about the rule.
    pub const fn about(self) -> About {
        const fn about(
            name: &'static str,
            severity: Severity,
            title: &'static str,
            text: &'static str,
            advice: &'static str,
        ) -> About {
            About {
                name,
                severity,
                title,
                text,
                advice,
            }
        }
        use Severity::{Error, Warning};
        match self {
            Self::Unreadable => about(
                "unreadable",
                Error,
                "Record cannot be read",
                "The line does not follow the file's format: too few or too many cells, a quote that never closes, \
                 broken JSON, or bytes that are no UTF-8. It is shown so that nothing is lost, but it is never sent.",
                "correct the line in the file",
            ),
            Self::Required => about(
                "required",
                Error,
                "Required field is missing",
                "Products need a product_id, users a user_id, interactions a type. The API refuses the record without \
                 it, and with it the whole request.",
                "fill in the value, or choose the column that holds it",
            ),
            Self::ActionName => about(
                "action-name",
                Error,
                "Custom interaction has no name",
                "An interaction of the type custom must say which action it was, in custom_action_name.",
                "fill in custom_action_name, or use one of the other types",
            ),
            Self::Type => about(
                "type",
                Error,
                "Wrong type of value",
                "The field holds another type than the API takes: text where a number belongs, a single text where a \
                 list belongs. In a flat file, text that cannot be read as the field's type stays text.",
                "write the value in the field's type",
            ),
            Self::DateTime => about(
                "date-time",
                Error,
                "Not a date and time",
                "Dates are written as 2023-11-07T05:31:56Z: date, T, time, and optionally a fraction and a zone. \
                 A date without a time is refused.",
                "write it as 2023-11-07T05:31:56Z",
            ),
            Self::Url => about(
                "url",
                Error,
                "Not a URL",
                "An address begins with https:// or http:// and holds no spaces, umlauts or other characters that \
                 must be escaped.",
                "write the whole address, escaped",
            ),
            Self::Enum => about(
                "enum",
                Error,
                "Not one of the allowed names",
                "The field takes only the names that the API lists, written exactly so.",
                "use one of the listed names",
            ),
            Self::Range => about(
                "range",
                Error,
                "Number out of range",
                "Ratings of interactions go from 0 to 5, quantities are at least 1, latitudes lie between -90 and 90, \
                 longitudes between -180 and 180.",
                "correct the number",
            ),
            Self::Empty => about(
                "empty",
                Error,
                "Empty text",
                "Ids must not be empty texts.",
                "fill in the value",
            ),
            Self::Inconsistent => about(
                "inconsistent",
                Error,
                "Custom attribute of another type",
                "A custom attribute must have the same type in all records. Whole and decimal numbers count as one \
                 type; null and empty lists fit any. In a file, the type of most records is the expected one.",
                "write it as in the other records",
            ),
            Self::Refused => about(
                "refused",
                Error,
                "Refused by the service",
                "The service answered 422 for this record although nothing was found wrong here. The words are the \
                 service's own.",
                "correct what the service names, then upload again",
            ),
            Self::RepeatedId => about(
                "repeated-id",
                Warning,
                "Id appears again further down",
                "A record replaces an earlier one with the same id whole, so only the last of them remains.",
                "remove the earlier record, or give each its own id",
            ),
            Self::UnknownField => about(
                "unknown-field",
                Warning,
                "Unknown field",
                "The API's documentation knows no such field, so it is probably ignored. Own fields belong under \
                 custom_attributes.",
                "move the column to custom_attributes, or leave it out",
            ),
            Self::Nobody => about(
                "nobody",
                Warning,
                "Interaction of nobody",
                "Without user_id or anonymous_id an interaction cannot be used for personalization.",
                "fill in user_id or anonymous_id",
            ),
        }
    }

    /// How bad it is to break the rule.
    pub const fn severity(self) -> Severity {
        self.about().severity
    }

    /// The rule's name in reports and on the command line.
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// The rule that a fault in the API's sense breaks.
    pub fn of(fault: &Fault) -> Self {
        match fault {
            Fault::Type { .. } => Self::Type,
            Fault::Format("date-time") => Self::DateTime,
            Fault::Format(_) => Self::Url,
            Fault::Required(name) if name == "custom_action_name" => Self::ActionName,
            Fault::Required(_) => Self::Required,
            Fault::Enum(_) => Self::Enum,
            Fault::Minimum(_) | Fault::Maximum(_) => Self::Range,
            Fault::MinLength(_) => Self::Empty,
            Fault::Inconsistent => Self::Inconsistent,
        }
    }
}
