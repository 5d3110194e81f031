//! Files of rows that were not stored, which go to people and come back: what is added to the rows, and how values are
//! kept from being taken for formulas.

use std::borrow::Cow;

/// The columns that are added: where the row stood, what became of it, and why.
pub(crate) const COLUMNS: [&str; 3] = ["_line", "_status", "_errors"];

/// Whether these are the columns of such a file.
pub(crate) fn is_error_file(columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column == name);
    has(COLUMNS[0]) && has(COLUMNS[2])
}

/// A value as it is written into delimited text: a spreadsheet would perform what begins with `=`, `+`, `-` or `@`
/// (OWASP, CSV injection), so that gets an apostrophe in front. Numbers are left alone.
pub(crate) fn guarded(value: &str) -> Cow<'_, str> {
    let is_number = value.parse::<f64>().is_ok();
    let quoted = value.strip_prefix('\'').is_some_and(is_guarded);
    if (begins_formula(value) && !is_number) || quoted {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// The value that was guarded; `None` when it was not.
pub(crate) fn unguarded(value: &str) -> Option<&str> {
    value.strip_prefix('\'').filter(|rest| is_guarded(rest))
}

fn is_guarded(rest: &str) -> bool {
    begins_formula(rest) || rest.starts_with('\'')
}

fn begins_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_texts() {
        for (value, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-5", "-5"),
            ("+49 30 1", "'+49 30 1"),
            ("-", "'-"),
            ("it's", "it's"),
            ("'quoted'", "'quoted'"),
            ("'=x", "''=x"),
        ] {
            assert_eq!(guarded(value), written);
        }
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(value in "['=+@x5\t-]{0,5}") {
            let written = guarded(&value);
            prop_assert!(!begins_formula(&written) || written.parse::<f64>().is_ok());
            prop_assert_eq!(unguarded(&written).unwrap_or(&written), value.as_str());
        }
    }
}
