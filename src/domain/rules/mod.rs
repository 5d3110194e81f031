//! The rules a record is held to: one list from which the checker, the problems list and `tatami explain` read.
//!
//! What the API refuses stands in [`schema`]; every other rule is advice that can be switched off or made an error
//! ([`Levels`]). A rule is one block in its family's file: what people are told about it ([`RuleDef`]), what its values
//! seem to be and how they are repaired ([`Hint`]), and its test: of a cell ([`cell_test`]), of a row ([`row_test`]) or
//! across rows ([`repeated_ids`], [`repeated_event`], [`consistency`]). A new one is that block, and a line in
//! [`list`].

mod categories;
mod cell_test;
mod consistency;
mod contract;
mod definition;
mod explain;
mod formats;
mod garbled;
mod hashes;
mod hint;
pub(in crate::domain) mod ids;
mod interactions;
mod levels;
mod list;
mod other_type;
pub(in crate::domain) mod placeholder;
mod privacy;
mod repeated_event;
mod repeated_ids;
mod row_test;
pub(in crate::domain) mod schema;
mod text;
mod values;

use super::{bytes, cell::Cell};

pub(crate) use cell_test::CellTests;
pub(crate) use consistency::{SeenTypes, SettledTypes};
pub use definition::Severity;
pub(crate) use definition::{Evidence, Family, Remedy, RuleDef};
pub use explain::Broken;
pub(crate) use explain::Explanation;
pub(crate) use levels::LevelError;
pub use levels::{Level, Levels};
pub use list::Rule;
pub(crate) use list::{Hint, RowTests};
pub(crate) use repeated_event::{EventKey, candidates};
pub(crate) use repeated_ids::{IdColumns, IdFacts, Identities};
pub(crate) use schema::Kernel;
pub use schema::Required;
pub(crate) use text::without_markup;

use cell_test::{CellTest, FieldContext};
use row_test::{RecordContext, RowTest};

impl Rule {
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
}

/// The text of a cell that holds one, without a copy; `None` also for JSON texts with escapes, which are rare.
pub(crate) fn plain(cell: Cell<'_>) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Json(json) => json
            .strip_prefix('"')?
            .strip_suffix('"')
            .filter(|inner| bytes::find(b'\\', inner.as_bytes()).is_none()),
        Cell::Missing => None,
    }
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
}
