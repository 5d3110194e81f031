//! The rules a record is held to.
use super::issue::Severity;

/// A rule that rows can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The value has the wrong type.
    Type,
}

impl Rule {
    /// How bad it is to break the rule.
    pub const fn severity(self) -> Severity {
        Severity::Error
    }
}
