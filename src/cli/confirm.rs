//! Asking before something is changed that nobody can take back.

use std::io::{self, IsTerminal as _, Write as _};

use super::{failure::Failure, text};

/// Asks on a terminal; elsewhere there is nobody to ask, and `would` is said instead: what would be done.
pub(super) fn ask(question: &str, would: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::said(format!("this would {would}; add --yes if that is meant")));
    }
    let mut out = text::stdout();
    write!(out, "{question} Type yes: ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
