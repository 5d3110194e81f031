//! The grammar of the API's 422 lines, rendered and parsed in this one place (miso-api.md section 4).

use super::validate::{Fault, Violation};

/// The API's line for a violation in the record at `index` of the request:
/// `data.0.timestamp is invalid. The attribute should match the 'date-time' format.`
pub fn render(index: usize, violation: &Violation) -> String {
    let _ = (index, violation, Fault::Inconsistent);
    String::new()
}

/// A 422 line taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// The record's place in the request, from 0.
    pub index: usize,
    /// Dotted path inside the record; empty for the record itself.
    pub path: String,
    /// The offending value, which newer servers print in parentheses.
    pub value: Option<String>,
    /// What the server says is wrong.
    pub message: String,
}

/// Takes a 422 line apart; `None` when it does not follow the grammar.
pub fn parse(line: &str) -> Option<ServerLine> {
    let _ = line;
    None
}
