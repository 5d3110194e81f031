//! The rules a record is held to: one table from which the checker, the problems list and `tatami explain` read.
//!
//! What the API refuses stands in [`schema`]; every other rule is advice that can be switched off or made an error
//! ([`Levels`]), and lives in its family's file with what it looks for.

mod categories;
mod cell_test;
mod contract;
mod formats;
mod garbled;
pub(in crate::domain) mod ids;
mod interactions;
mod levels;
pub(in crate::domain) mod placeholder;
mod privacy;
mod schema;
mod text;
mod values;

use super::{bytes, cell::Cell, format::Format, issue::Severity, validate::Fault};

pub use categories::to_paths;
pub use cell_test::CellTests;
pub use garbled::ungarbled;
pub use ids::without_outer_spaces;
pub use interactions::{OwnFields, count_items, is_blank};
pub use levels::{Level, LevelError, Levels};
pub use placeholder::{is_placeholder, without_placeholders};
pub use text::{is_formula, is_sheet_error, without_markup};
pub use values::is_zero;

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
    /// The text has another form than the field takes.
    Format,
    /// The text is none of the names that are allowed.
    Enum,
    /// The text is empty where it must not be.
    Empty,
    /// The text has too many or too few characters.
    Length,
    /// The items of a list do not go together.
    Items,
    /// The API knows no such field.
    UnknownField,
    /// The interaction has a field of another type of interaction.
    OtherType,
    /// The custom attribute has another type than in most records.
    Inconsistent,
    /// The service refused the record.
    Refused,
    /// Several records have the same id.
    RepeatedId,
    /// The id differs from another one only in capital and small letters, or in leading zeros.
    AlikeIds,
    /// There are spaces around an id.
    IdSpaces,
    /// The id has a form that ids should not have.
    IdForm,
    /// A field for one id holds several.
    SeveralIds,
    /// The id is a word for "no value".
    PlaceholderId,
    /// The id is a column's name.
    HeaderAsId,
    /// The parents are no records of the file.
    UnknownParent,
    /// The API does not name the field.
    IgnoredField,
    /// Categories are given as texts where paths are expected.
    FlatCategories,
    /// The number is not one that is meant.
    Range,
    /// The language has no code.
    Language,
    /// The record has no title, and most have one.
    Untitled,
    /// The sale price is 0, and another price is not.
    ZeroPrice,
    /// An interaction of nobody.
    Nobody,
    /// An interaction without a time.
    NoTimestamp,
    /// The `miso_id` is an empty text, and left out.
    EmptyMisoId,
    /// There are not as many quantities as products.
    Quantities,
    /// The same interaction stands further up.
    RepeatedEvent,
    /// The date exists, but can hardly be meant.
    AbsurdDate,
    /// The time has no zone.
    ZonelessTime,
    /// The URL is not one of the web.
    UrlScheme,
    /// The title holds HTML.
    Markup,
    /// A spreadsheet has changed the value.
    Mangled,
    /// The text was read in another encoding than it was written in.
    Garbled,
    /// The text is a word for "no value".
    Placeholder,
    /// There are spaces around a text.
    OuterSpaces,
    /// The value says who somebody is.
    PersonalData,
    /// A null where the published document has none.
    Null,
    /// Texts in another language, which the published document forgets.
    Translation,
}

/// What people are told about a rule.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in reports and on the command line.
    pub name: &'static str,
    /// What it belongs to.
    pub family: Family,
    /// How bad it is to break it, unless a person decides otherwise.
    pub severity: Severity,
    /// A heading: `Not a date and time`.
    pub title: &'static str,
    /// What is wrong with a value, after the value: `holds HTML`.
    pub says: &'static str,
    /// What the rule asks, why, and where it comes from.
    pub text: &'static str,
    /// What to do about a row that breaks it.
    pub advice: &'static str,
}

/// What rules have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// What the API refuses.
    Schema,
    /// Ids, which join everything.
    Ids,
    /// Fields that are there but not as the API means them.
    Fields,
    /// What an interaction is about, and whose it is.
    Interactions,
    /// Dates and URLs that follow their format and are still wrong.
    Formats,
    /// Text that something on the way has changed.
    Text,
    /// What must not be sent at all.
    Privacy,
    /// What goes beyond the API's published document.
    Contract,
}

impl Family {
    /// All families, in the order people meet them.
    pub const ALL: [Self; 8] = [
        Self::Schema,
        Self::Ids,
        Self::Fields,
        Self::Interactions,
        Self::Formats,
        Self::Text,
        Self::Privacy,
        Self::Contract,
    ];

    /// The heading over its rules.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Schema => "What the API refuses",
            Self::Ids => "Ids",
            Self::Fields => "Fields",
            Self::Interactions => "Interactions",
            Self::Formats => "Dates and URLs",
            Self::Text => "Text",
            Self::Privacy => "Privacy",
            Self::Contract => "Beyond the published document",
        }
    }
}

impl Rule {
    /// All rules, by family, in the order they are shown.
    pub const ALL: [Self; 45] = [
        Self::Unreadable,
        Self::Required,
        Self::ActionName,
        Self::Type,
        Self::DateTime,
        Self::Url,
        Self::Format,
        Self::Enum,
        Self::Empty,
        Self::Length,
        Self::Items,
        Self::UnknownField,
        Self::OtherType,
        Self::Inconsistent,
        Self::Refused,
        Self::RepeatedId,
        Self::AlikeIds,
        Self::IdSpaces,
        Self::IdForm,
        Self::SeveralIds,
        Self::PlaceholderId,
        Self::HeaderAsId,
        Self::UnknownParent,
        Self::IgnoredField,
        Self::FlatCategories,
        Self::Range,
        Self::Language,
        Self::Untitled,
        Self::ZeroPrice,
        Self::Nobody,
        Self::NoTimestamp,
        Self::EmptyMisoId,
        Self::Quantities,
        Self::RepeatedEvent,
        Self::AbsurdDate,
        Self::ZonelessTime,
        Self::UrlScheme,
        Self::Markup,
        Self::Mangled,
        Self::Garbled,
        Self::Placeholder,
        Self::OuterSpaces,
        Self::PersonalData,
        Self::Null,
        Self::Translation,
    ];

    /// What people are told about the rule.
    pub const fn about(self) -> About {
        match self {
            Self::Unreadable => schema::UNREADABLE,
            Self::Required => schema::REQUIRED,
            Self::ActionName => schema::ACTION_NAME,
            Self::Type => schema::TYPE,
            Self::DateTime => schema::DATE_TIME,
            Self::Url => schema::URL,
            Self::Format => schema::FORMAT,
            Self::Enum => schema::ENUM,
            Self::Empty => schema::EMPTY,
            Self::Length => schema::LENGTH,
            Self::Items => schema::ITEMS,
            Self::UnknownField => schema::UNKNOWN_FIELD,
            Self::OtherType => schema::OTHER_TYPE,
            Self::Inconsistent => schema::INCONSISTENT,
            Self::Refused => schema::REFUSED,
            Self::RepeatedId => ids::REPEATED_ID,
            Self::AlikeIds => ids::ALIKE_IDS,
            Self::IdSpaces => ids::ID_SPACES,
            Self::IdForm => ids::ID_FORM,
            Self::SeveralIds => ids::SEVERAL_IDS,
            Self::PlaceholderId => placeholder::PLACEHOLDER_ID,
            Self::HeaderAsId => ids::HEADER_AS_ID,
            Self::UnknownParent => ids::UNKNOWN_PARENT,
            Self::IgnoredField => categories::IGNORED_FIELD,
            Self::FlatCategories => categories::FLAT_CATEGORIES,
            Self::Range => values::RANGE,
            Self::Language => values::LANGUAGE,
            Self::Untitled => values::UNTITLED,
            Self::ZeroPrice => values::ZERO_PRICE,
            Self::Nobody => interactions::NOBODY,
            Self::NoTimestamp => interactions::NO_TIMESTAMP,
            Self::EmptyMisoId => interactions::EMPTY_MISO_ID,
            Self::Quantities => interactions::QUANTITIES,
            Self::RepeatedEvent => interactions::REPEATED_EVENT,
            Self::AbsurdDate => formats::ABSURD_DATE,
            Self::ZonelessTime => formats::ZONELESS_TIME,
            Self::UrlScheme => formats::URL_SCHEME,
            Self::Markup => text::MARKUP,
            Self::Mangled => text::MANGLED,
            Self::Garbled => garbled::GARBLED,
            Self::Placeholder => placeholder::PLACEHOLDER,
            Self::OuterSpaces => text::OUTER_SPACES,
            Self::PersonalData => privacy::PERSONAL_DATA,
            Self::Null => contract::NULL,
            Self::Translation => contract::TRANSLATION,
        }
    }

    /// How bad it is to break the rule, unless a person decides otherwise.
    pub const fn severity(self) -> Severity {
        self.about().severity
    }

    /// Whether the rule can be switched off: the API does not care, so it is for people to decide.
    pub const fn has_switch(self) -> bool {
        !matches!(self.about().family, Family::Schema)
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
            Fault::Format(formats) => match formats.first() {
                Some(Format::Uri) => Self::Url,
                Some(Format::Uuid | Format::Ipv4) => Self::Format,
                Some(Format::DateTime | Format::Date) | None => Self::DateTime,
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

/// The text of a cell that holds one, without a copy; `None` also for JSON texts with escapes, which are rare.
pub fn plain(cell: Cell<'_>) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Json(json) => json
            .strip_prefix('"')?
            .strip_suffix('"')
            .filter(|inner| bytes::find(b'\\', inner.as_bytes()).is_none()),
        Cell::Missing => None,
    }
}

/// Every text in a piece of JSON, as it is written between its quotes, keys of objects included.
fn texts(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let start = bytes::find(b'"', rest.as_bytes())? + 1;
        let mut end = start;
        loop {
            end += bytes::find_special(rest.as_bytes().get(end..)?)?;
            match rest.as_bytes().get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                // JSON has no such byte in a text, and what people type may.
                _ => end += 1,
            }
        }
        let text = rest.get(start..end)?;
        rest = rest.get(end + 1..)?;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_is_listed_by_family() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.about().family));
        assert!(Rule::ALL.is_sorted());
        for rule in Rule::ALL {
            assert_eq!(Rule::named(rule.name()), Some(rule));
            assert!(rule.has_switch() || rule.severity() == Severity::Error, "{rule:?}");
        }
    }

    #[test]
    fn texts_in_json_are_found() {
        for (json, expect) in [
            (r#"["a", "b c"]"#, vec!["a", "b c"]),
            (r#"{"k":["v\"w",1],"x":"\\"}"#, vec!["k", r#"v\"w"#, "x", r"\\"]),
            (r#"["open"#, vec![]),
            (r#""\"#, vec![]),
            ("[1]", vec![]),
        ] {
            assert_eq!(texts(json).collect::<Vec<_>>(), expect, "{json}");
        }
    }
}
