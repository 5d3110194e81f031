//! Which records of a rejected batch are the culprits.

use std::collections::BTreeMap;

use crate::domain::message;

/// What to do with a rejected batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bisection {
    /// These records (by their place in the batch, with the server's lines) are bad; the rest is sent again.
    Cut(BTreeMap<usize, Vec<String>>),
    /// The answer names no record for certain: both halves are sent by themselves.
    Split,
}

/// Reads the lines of a rejection of `len` records. A record that stands alone is the culprit whatever the lines say.
/// Otherwise only records that are named are, and none at all when a line names a record that was not sent:
/// then the server counts in a way we do not know. Lines that do not follow the grammar are left for the next
/// answer, to the rest of the batch.
pub(crate) fn bisect(lines: &[String], len: usize) -> Bisection {
    if len <= 1 {
        return Bisection::Cut(BTreeMap::from([(0, lines.to_vec())]));
    }
    let mut culprits = BTreeMap::<usize, Vec<String>>::new();
    for line in lines {
        match message::parse(line) {
            Some(parsed) if parsed.index >= len => return Bisection::Split,
            Some(parsed) => culprits.entry(parsed.index).or_default().push(line.clone()),
            None => {}
        }
    }
    if culprits.is_empty() {
        Bisection::Split
    } else {
        Bisection::Cut(culprits)
    }
}
