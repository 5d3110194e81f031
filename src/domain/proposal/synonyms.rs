//! The values that stand for names which the schema allows.

use std::collections::{BTreeMap, HashSet};

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
    let names: Vec<(String, &str)> = node.allowed.iter().map(|name| (plain(name), name.as_str())).collect();
    let mut table = BTreeMap::new();
    let mut there = HashSet::new();
    for (cell, _) in sample.values() {
        let text = cell.shown();
        if node.allowed.iter().any(|allowed| *allowed == *text) {
            continue;
        }
        if let Some(name) = meant(node, &names, &text)
            && there.insert(text.trim().to_lowercase())
        {
            table.insert(text.trim().to_owned(), name.to_owned());
        }
    }
    (!table.is_empty()).then_some(table)
}

/// The allowed name that a text stands for; `names` are the allowed ones, each with itself as a plain one.
fn meant<'a>(node: &'a Node, names: &[(String, &'a str)], text: &str) -> Option<&'a str> {
    let wanted = plain(text);
    if wanted.is_empty() {
        return None;
    }
    let same = names.iter().find(|(plain, _)| *plain == wanted).map(|(_, name)| *name);
    // Schema.org writes the names as addresses: https://schema.org/InStock.
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
    let by_address = || text.contains("schema.org/").then(|| meant(node, names, last)).flatten();
    let near = || {
        let near = names.iter().filter(|(plain, _)| may_be_near(plain, &wanted));
        let near = near.map(|(plain, name)| (strsim::normalized_damerau_levenshtein(plain, &wanted), *name));
        let best = near.max_by(|one, other| one.0.total_cmp(&other.0))?;
        (best.0 >= LIKENESS).then_some(best.1)
    };
    same.or_else(|| of_value(&node.allowed, text))
        .or_else(by_address)
        .or_else(near)
}

/// Whether names are as long as names that are alike must be: no letter of the longer one is left over without a change.
fn may_be_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.chars().count(), other.chars().count());
    let (short, long) = (one.min(other), one.max(other));
    (long - short) * 100 <= long * 15
}
