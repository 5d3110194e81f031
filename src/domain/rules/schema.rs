//! What the API refuses: the schema's rules, and what no API can take. They cannot be switched off.

use super::{About, Family};
use crate::domain::issue::Severity;

const fn about(
    name: &'static str,
    title: &'static str,
    says: &'static str,
    text: &'static str,
    advice: &'static str,
) -> About {
    About {
        name,
        family: Family::Schema,
        severity: Severity::Error,
        title,
        says,
        text,
        advice,
    }
}

/// The record could not be read from the file.
pub(super) const UNREADABLE: About = about(
    "unreadable",
    "Record cannot be read",
    "cannot be read",
    "The line does not follow the file's format: too few or too many cells, a quote that never closes, broken JSON, or \
     bytes that are no UTF-8. It is shown so that nothing is lost, but it is never sent.",
    "correct the line in the file",
);

/// A field that every record needs is not there.
pub(super) const REQUIRED: About = about(
    "required",
    "Required field is missing",
    "is missing",
    "Products need a product_id, users a user_id, interactions a type. The API refuses the record without it, and with \
     it the whole request.",
    "fill in the value, or choose the column that holds it",
);

/// An interaction of the type custom has no name.
pub(super) const ACTION_NAME: About = about(
    "action-name",
    "Custom interaction has no name",
    "has no name",
    "An interaction of the type custom must say which action it was, in custom_action_name.",
    "fill in custom_action_name, or use one of the other types",
);

/// The value has the wrong type.
pub(super) const TYPE: About = about(
    "type",
    "Wrong type of value",
    "has the wrong type",
    "The field holds another type than the API takes: text where a number belongs, a single text where a list belongs. \
     In a flat file, text that cannot be read as the field's type stays text.",
    "write the value in the field's type",
);

/// The text is no date and time.
pub(super) const DATE_TIME: About = about(
    "date-time",
    "Not a date and time",
    "is not a date and time",
    "Dates are written as 2023-11-07T05:31:56Z: date, T, time, and optionally a fraction and a zone. A date without a \
     time is refused.",
    "write it as 2023-11-07T05:31:56Z",
);

/// The text is no URL.
pub(super) const URL: About = about(
    "url",
    "Not a URL",
    "is not a URL",
    "An address begins with https:// or http:// and holds no spaces, umlauts or other characters that must be escaped.",
    "write the whole address, escaped",
);

/// The text is none of the names that are allowed.
pub(super) const ENUM: About = about(
    "enum",
    "Not one of the allowed names",
    "is none of the allowed names",
    "The field takes only the names that the API lists, written exactly so.",
    "use one of the listed names",
);

/// The number is too small or too great.
pub(super) const RANGE: About = about(
    "range",
    "Number out of range",
    "is out of range",
    "Ratings of interactions go from 0 to 5, quantities are at least 1, latitudes lie between -90 and 90, longitudes \
     between -180 and 180.",
    "correct the number",
);

/// The text is empty where it must not be.
pub(super) const EMPTY: About = about(
    "empty",
    "Empty text",
    "is empty",
    "Ids must not be empty texts.",
    "fill in the value",
);

/// The custom attribute has another type than in most records.
pub(super) const INCONSISTENT: About = about(
    "inconsistent",
    "Custom attribute of another type",
    "has another type than in the other records",
    "A custom attribute must have the same type in all records. Whole and decimal numbers count as one type; null and \
     empty lists fit any. In a file, the type of most records is the expected one.",
    "write it as in the other records",
);

/// The service refused the record.
pub(super) const REFUSED: About = about(
    "refused",
    "Refused by the service",
    "was refused by the service",
    "The service answered 422 for this record although nothing was found wrong here. The words are the service's own.",
    "correct what the service names, then upload again",
);
