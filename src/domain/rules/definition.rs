//! What a rule and a hint are made of. Every rule is defined in one place, as a constant with these parts beside its
//! test; [`list`](super::list) names them all.

use super::{Broken, Explanation, explain};
use crate::domain::{
    cell::{Cell, OwnedCell},
    schema::Node,
    transform::Transform,
};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The API would refuse the record.
    Error,
    /// The API would take the record, but probably not as it was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// `error`, `warning`, `information`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "information",
        }
    }
}

/// What rules have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
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
    pub(crate) const ALL: [Self; 8] = [
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
    pub(crate) const fn title(self) -> &'static str {
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

/// What shows a person where a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The value of the cell.
    Value,
    /// The sentence, which names more than the value.
    Sentence,
    /// Why the record cannot be read, and no value.
    Reason,
    /// Only where the rows are: there is no value.
    Rows,
    /// Only where the rows are, and the name of the field that is missing.
    MissingField,
}

/// What can be done about a column whose values break a rule, beside correcting them one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing in general.
    None,
    /// Choose a column for the field that is missing.
    ChooseColumn,
    /// Send the column elsewhere, or leave it out.
    MoveColumn,
    /// Likewise, when it is not only a few cells.
    MoveColumnOfMany,
    /// Say what type the field takes.
    NameType,
    /// Say which names the field takes.
    ListNames,
    /// Put the same text in front of all values.
    Prefix,
    /// Say in which zone the times are.
    Zone,
    /// Make the rule an error, so that such rows are left out.
    LeaveRowsOut,
}

/// A rule: what people are told about it, and what can be done about it.
#[derive(Clone, Copy, Debug)]
pub struct RuleDef {
    /// Its name in reports and on the command line.
    pub name: &'static str,
    /// What it belongs to.
    pub(crate) family: Family,
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
    /// The field it is about when that is always the same and has no column.
    pub field: Option<&'static str>,
    /// What shows where it is broken.
    pub(crate) evidence: Evidence,
    /// What can be done about the whole column.
    pub(crate) remedy: Remedy,
    /// Whether many values that break it and look like nothing known mean that the column is not the field.
    pub(crate) doubts_column: bool,
    /// Whether a transform of the column would mend such values.
    pub(crate) is_mended_by: fn(&Transform) -> bool,
    /// Whether it is worth telling where so many rows of so many break it, or the table is of another kind; `None`: it
    /// always is.
    pub holds: Option<fn(u64, u64) -> bool>,
    /// Whether it compares the ids of rows, so that what is found does not change when a row is looked at alone.
    pub(crate) compares_ids: bool,
    /// Says what is wrong with a row.
    pub(super) explain: fn(&Broken<'_>) -> Vec<Explanation>,
}

impl RuleDef {
    /// What most rules of a family have in common, to be completed.
    pub(super) const fn of(family: Family) -> Self {
        Self {
            name: "",
            family,
            severity: match family {
                Family::Schema => Severity::Error,
                Family::Contract => Severity::Info,
                Family::Ids
                | Family::Fields
                | Family::Interactions
                | Family::Formats
                | Family::Text
                | Family::Privacy => Severity::Warning,
            },
            title: "",
            says: "",
            text: "",
            advice: "",
            field: None,
            evidence: Evidence::Value,
            remedy: Remedy::None,
            doubts_column: false,
            is_mended_by: |_| false,
            holds: None,
            compares_ids: false,
            explain: explain::by_value,
        }
    }
}

/// What a wrong value seems to be: what people are told about it, and how it is repaired.
#[derive(Clone, Copy, Debug)]
pub(super) struct HintDef {
    /// What the values are, after a count: `1,198 numbers with a decimal comma`.
    pub(super) plural: &'static str,
    /// What is wrong with a value, after the value, where the hint says it better than the rule.
    pub(super) says: Option<&'static str>,
    /// What to do about it.
    pub(super) advice: &'static str,
    /// The repair that cannot go wrong, when there is one.
    pub(super) repair: Repair,
    /// Whether another reading of the column could make sense of such values.
    pub(super) may_be_read_otherwise: bool,
}

/// How a value is repaired, with the name on the button.
#[derive(Clone, Copy, Debug)]
pub(super) enum Repair {
    /// Only a person can do it.
    None,
    /// The cell is emptied.
    Empty,
    /// Its text, without spaces around it, is rewritten.
    Text(&'static str, fn(&str) -> Option<String>),
    /// The cell is rewritten, as the field's schema has it; a person's own field has none.
    Cell(&'static str, fn(Option<&Node>, Cell<'_>) -> Option<OwnedCell>),
}

impl HintDef {
    /// A hint that says no more than its rule.
    pub(super) const fn new(plural: &'static str, advice: &'static str) -> Self {
        Self {
            plural,
            says: None,
            advice,
            repair: Repair::None,
            may_be_read_otherwise: true,
        }
    }

    /// The same, with what is wrong with a value.
    pub(super) const fn says(self, says: &'static str) -> Self {
        Self {
            says: Some(says),
            ..self
        }
    }

    /// The same, with a repair.
    pub(super) const fn repaired(self, repair: Repair) -> Self {
        Self { repair, ..self }
    }
}
