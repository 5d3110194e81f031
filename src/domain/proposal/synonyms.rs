//! The values that stand for names which the schema allows.

use std::collections::BTreeMap;

use crate::domain::{
    sampled::Sampled,
    schema::Node,
    synonyms::{of_value, plain},
};

/// The least likeness, from 0 to 1, at which a misspelled name is taken for an allowed one.
const LIKENESS: f64 = 0.85;

/// The values of a sample that a field does not allow, with the allowed names they stand for; `None` when there are
/// none.
pub(super) fn table(node: &Node, sample: &Sampled) -> Option<BTreeMap<String, String>> {
    let mut table = BTreeMap::new();
    for (cell, _) in sample.values() {
        let text = cell.shown();
        if node.allowed.iter().any(|allowed| *allowed == *text) {
            continue;
        }
        let is_there = table
            .keys()
            .any(|known: &String| known.to_lowercase() == text.trim().to_lowercase());
        if let Some(name) = meant(node, &text).filter(|_| !is_there) {
            table.insert(text.trim().to_owned(), name.to_owned());
        }
    }
    (!table.is_empty()).then_some(table)
}

/// The allowed name that a text stands for.
fn meant<'a>(node: &'a Node, text: &str) -> Option<&'a str> {
    let wanted = plain(text);
    if wanted.is_empty() {
        return None;
    }
    let names = || node.allowed.iter().map(String::as_str);
    let same = names().find(|name| plain(name) == wanted);
    // Schema.org writes the names as addresses: https://schema.org/InStock.
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
    let by_address = || text.contains("schema.org/").then(|| meant(node, last)).flatten();
    let near = || {
        let near = names().map(|name| (strsim::normalized_damerau_levenshtein(&plain(name), &wanted), name));
        let best = near.max_by(|one, other| one.0.total_cmp(&other.0))?;
        (best.0 >= LIKENESS).then_some(best.1)
    };
    same.or_else(|| of_value(&node.allowed, text))
        .or_else(by_address)
        .or_else(near)
}
