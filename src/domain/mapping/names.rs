//! Names of columns and fields, compared.

use std::{collections::BTreeMap, ops::Bound};

use super::Mapping;
use crate::domain::synonyms::letter_set;

/// The least likeness, from 0 to 1, of two names that may mean the same.
const LIKENESS: f64 = 0.75;

/// Whether two paths cannot both be in a record: the same, or one inside the other.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Paths that are gone, each with what is known of it: whether another one [overlaps](overlap) one of them takes a search
/// for each of its objects, however many they are.
#[derive(Debug, Default)]
pub(crate) struct TakenPaths<T = ()>(BTreeMap<String, T>);

impl<T: Copy> TakenPaths<T> {
    /// Adds a path, unless it is there.
    pub(in crate::domain) fn take(&mut self, path: String, known: T) {
        self.0.entry(path).or_insert(known);
    }

    /// What is known of a path that another one cannot be in a record with.
    pub(super) fn overlapping(&self, path: &str) -> Option<T> {
        let objects = path.match_indices('.').filter_map(|(dot, _)| path.get(..dot));
        let around = std::iter::once(path).chain(objects);
        if let Some(known) = around.into_iter().find_map(|path| self.0.get(path)) {
            return Some(*known);
        }
        let inside = format!("{path}.");
        let from = (Bound::Included(inside.as_str()), Bound::Unbounded);
        let first = self.0.range::<str, _>(from).next();
        first
            .filter(|(other, _)| other.starts_with(&inside))
            .map(|(_, known)| *known)
    }

    /// Whether a path can be in a record with all of them.
    pub(in crate::domain) fn is_free(&self, path: &str) -> bool {
        self.overlapping(path).is_none()
    }
}

impl Mapping {
    /// The paths that columns and constants go to.
    pub(crate) fn taken(&self) -> TakenPaths {
        let constants = self.constants.iter().map(|constant| &constant.path);
        let columns = self.targets.iter().filter_map(|target| target.path.as_ref());
        TakenPaths(columns.chain(constants).map(|path| (path.clone(), ())).collect())
    }
}

/// A plain name that others are compared with.
pub(super) struct ComparedName {
    pub(super) name: String,
    /// Which characters it has, as bits; some share one.
    letters: u64,
}

impl ComparedName {
    pub(super) fn new(name: String) -> Self {
        let letters = letter_set(&name);
        Self { name, letters }
    }

    /// Whether two names can be alike as far as their lengths and letters tell, which is quick: a change of one letter
    /// takes away and adds at most one.
    fn may_be_like(&self, other: &Self) -> bool {
        let (one, two) = (self.name.len(), other.name.len());
        let (short, long) = (one.min(two), one.max(two));
        let others = (self.letters ^ other.letters).count_ones() as usize;
        short >= 4 && (long - short) * 4 <= long && others * 2 <= long
    }
}

/// How sure one may be, from 45 to 63, that two plain names mean the same because they are spelled alike.
pub(super) fn likeness(one: &ComparedName, other: &ComparedName) -> Option<u8> {
    if !one.may_be_like(other) {
        return None;
    }
    let (one, other) = (one.name.as_str(), other.name.as_str());
    if one.chars().count() < 4 || other.chars().count() < 4 {
        return None;
    }
    let likeness = strsim::normalized_damerau_levenshtein(one, other);
    let steps = (0..18_u8).take_while(|step| likeness >= LIKENESS + f64::from(*step) / 72.0);
    u8::try_from(steps.count())
        .ok()
        .filter(|count| *count > 0)
        .map(|count| 45 + count)
}

/// Whether a plain name is made of neighbouring words of another name that has more of them.
pub(super) fn is_part(name: &str, words: &[String]) -> bool {
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| from..to));
    name.len() >= 3
        && runs
            .filter(|run| run.len() < words.len())
            .any(|run| words[run].concat() == name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn taken_paths_are_those_that_overlap(paths in proptest::collection::vec("[ab]{0,2}([.][ab]{1,2}){0,2}", 0..6), path in "[ab]{0,2}([.][ab]{1,2}){0,2}") {
            let mut taken = TakenPaths::default();
            for path in &paths {
                taken.take(path.clone(), ());
            }
            prop_assert_eq!(taken.is_free(&path), !paths.iter().any(|other| overlap(other, &path)));
        }

        #[test]
        fn what_is_alike_passes_the_quick_look(one in "[a-dé]{4,9}", other in "[a-dé]{4,9}") {
            let likeness = strsim::normalized_damerau_levenshtein(&one, &other);
            let (one, other) = (ComparedName::new(one), ComparedName::new(other));
            let (short, long) = (one.name.len().min(other.name.len()), one.name.len().max(other.name.len()));
            let is_near = (long - short) * 4 <= long;
            prop_assert!(!is_near || likeness < LIKENESS || one.may_be_like(&other));
        }
    }
}
