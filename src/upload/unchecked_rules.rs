//! Where the server refuses what the check lets pass.

use std::collections::BTreeMap;

use crate::domain::message;

/// A rule of the server that the check does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UncheckedRule {
    /// The field, as a dotted path; empty for the record itself, or when the server did not say.
    pub path: String,
    /// What the server says is wrong.
    pub message: String,
    /// How many rows it refused for that.
    pub rows: u64,
    /// The first of them.
    pub first: u32,
}

/// What the server refused although the check found nothing, by field and words, the most frequent first. Types of
/// custom attributes are left out: what they must be depends on what is stored, which no check of a file can know.
pub(crate) fn unchecked_rules(refused: &[(u32, Vec<String>)]) -> Vec<UncheckedRule> {
    let mut kinds = BTreeMap::<(String, String), (u64, u32)>::new();
    for (row, lines) in refused {
        let mut said: Vec<(String, String)> = lines
            .iter()
            .filter_map(|line| match message::parse(line) {
                Some(parsed) if parsed.is_inconsistent() => None,
                Some(parsed) => Some((parsed.path, parsed.message)),
                None => Some((String::new(), line.clone())),
            })
            .collect();
        said.sort_unstable();
        said.dedup();
        for kind in said {
            let (rows, _) = kinds.entry(kind).or_insert((0, *row));
            *rows += 1;
        }
    }
    let mut all: Vec<UncheckedRule> = kinds
        .into_iter()
        .map(|((path, message), (rows, first))| UncheckedRule {
            path,
            message,
            rows,
            first,
        })
        .collect();
    all.sort_by_key(|kind| std::cmp::Reverse(kind.rows));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_field_and_words() {
        let refused = |row: u32, lines: &[&str]| (row, lines.iter().map(|&line| line.to_owned()).collect());
        let all = [
            refused(7, &["data.0.title is invalid. Be nicer."]),
            refused(
                3,
                &[
                    "data.4.title is invalid. Be nicer.",
                    "data.4.title is invalid. Be nicer.",
                ],
            ),
            refused(
                1,
                &["data.1.custom_attributes.a is invalid. Its data type is not consistent with other records"],
            ),
            refused(2, &["No"]),
        ];
        let found: Vec<_> = unchecked_rules(&all)
            .into_iter()
            .map(|kind| (kind.path, kind.message, kind.rows, kind.first))
            .collect();
        let expect = [("title", "Be nicer.", 2, 7), ("", "No", 1, 2)];
        let expect = expect.map(|(path, message, rows, first)| (path.to_owned(), message.to_owned(), rows, first));
        assert_eq!(found, expect);
    }
}
