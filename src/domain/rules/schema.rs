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
    "Dates of products and users are written as 2023-11-07 or 2023-11-07T05:31:56Z: date, T, time, and optionally a \
     fraction. The timestamp of an interaction needs its time; a date alone is refused there.",
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

/// The text is no UUID or no address of the form the field takes.
pub(super) const FORMAT: About = about(
    "format",
    "Text in another form than the field takes",
    "does not have the form that the field takes",
    "miso_id takes a UUID (123e4567-e89b-12d3-a456-426614174000), context.truncated_ip an IPv4 address (84.20.17.0).",
    "write it in that form, or leave the value out",
);

/// The text is empty where it must not be.
pub(super) const EMPTY: About = about(
    "empty",
    "Empty text",
    "is empty",
    "Ids of products and users must not be empty texts, nor may URLs be.",
    "fill in the value, or leave it out",
);

/// The text has too many or too few characters.
pub(super) const LENGTH: About = about(
    "length",
    "Text too long or too short",
    "is too long or too short",
    "Ids have at most 512 characters (anonymous_id 1,024), URLs at most 65,536, and a language has at least two.",
    "shorten the value, or correct it",
);

/// The items of a list do not go together.
pub(super) const ITEMS: About = about(
    "items",
    "List of items that do not go together",
    "is not a list that the field takes",
    "A list holds texts only, numbers only, or objects only: no true or false, no lists inside of it, nothing mixed, no \
     null. The objects of users' attributes and of custom_context hold texts, numbers, true or false, and nothing \
     nested.",
    "make all items texts, or all numbers",
);

/// The API knows no such field.
pub(super) const UNKNOWN_FIELD: About = about(
    "unknown-field",
    "Unknown field",
    "is not a field of the API",
    "The API refuses records with fields that it does not know, and with them the whole request. Own fields belong \
     under custom_attributes, of interactions under context.custom_context.",
    "move the column to your own attributes, rename it to the field that is meant, or leave it out",
);

/// The interaction has a field of another type of interaction.
pub(super) const OTHER_TYPE: About = about(
    "other-type",
    "Field of another type of interaction",
    "does not belong to this type of interaction",
    "Every type of interaction has fields of its own beside those that all have: revenue belongs to checkout, \
     rating to rate, search to search, and a search has no product_ids. The API refuses an interaction with a field \
     of another type, even an empty one; often the type is the wrong one.",
    "correct the type, or empty the cell",
);

/// The custom attribute has another type than in most records.
pub(super) const INCONSISTENT: About = about(
    "inconsistent",
    "Custom attribute of another type",
    "has another type than in the other records",
    "A custom attribute must have the same type in all records. A value and a list of such values count as one type, and \
     so do whole and decimal numbers; null and empty lists fit any. In a file, the type of most records is the expected \
     one.",
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
