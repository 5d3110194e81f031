//! What is known of the records in the chosen environment.

use std::collections::BTreeSet;

use crate::{domain::dataset::Dataset, message::WorkError};

/// A value that is asked for over the network; while it is asked for again the last one stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Remote<T> {
    /// Not asked for yet.
    #[default]
    Idle,
    /// Asked for; the value before, if any.
    Pending(Option<T>),
    /// Known.
    Ready(T),
    /// Not to be had: why.
    Failed(WorkError),
}

impl<T> Remote<T> {
    /// The value, also an older one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Ready(value) | Self::Pending(Some(value)) => Some(value),
            Self::Idle | Self::Pending(None) | Self::Failed(_) => None,
        }
    }

    /// Takes the value out, also an older one.
    pub(super) fn take(&mut self) -> Option<T> {
        match std::mem::take(self) {
            Self::Ready(value) | Self::Pending(Some(value)) => Some(value),
            Self::Idle | Self::Pending(None) | Self::Failed(_) => None,
        }
    }

    /// Asked for, keeping the value.
    pub(super) fn ask(&mut self) {
        *self = Self::Pending(self.take());
    }

    /// Answered.
    pub(super) fn answer(&mut self, answer: Result<T, WorkError>) {
        *self = answer.map_or_else(Self::Failed, Self::Ready);
    }
}

/// One data set of the environment.
#[derive(Clone, Debug, Default)]
pub struct StoredSet {
    /// How many records there are; `None` inside: the server cannot tell.
    pub count: Remote<Option<u64>>,
    /// The ids; empty for interactions.
    pub ids: Remote<Vec<String>>,
    /// What cannot be known of the ids, for people, where the server has no list.
    pub caveat: Option<String>,
    /// Of interactions: the records read so far.
    pub interactions: Remote<Vec<String>>,
    /// Of interactions: where the next page begins.
    pub next: Option<i64>,
    /// The text that ids must contain.
    pub find: String,
    /// The ids that contain it, as indices; `None`: all.
    found: Option<Vec<usize>>,
    /// The page shown, from 0.
    pub page: usize,
    /// Selected ids.
    pub selected: BTreeSet<String>,
    /// The record shown: its id and its JSON text, `None` inside when it is not stored.
    pub record: Option<(String, Remote<Option<String>>)>,
    /// Whether records are being deleted.
    pub deleting: bool,
}

/// Ids on a page.
pub(crate) const PAGE_IDS: usize = 100;

impl StoredSet {
    /// Takes in which ids there are, and no longer selects those that are gone.
    pub(super) fn list(&mut self, ids: Result<Vec<String>, WorkError>) {
        self.ids.answer(ids);
        self.caveat = None;
        let selected = std::mem::take(&mut self.selected);
        if !selected.is_empty() {
            let known = self.ids.value().map(Vec::as_slice).unwrap_or_default();
            self.selected = known.iter().filter(|id| selected.contains(*id)).cloned().collect();
        }
        self.found = self.find_in(None);
        self.page = self.page.min(self.pages() - 1);
    }

    /// Shows the ids that contain a text, in capital or small letters.
    pub(super) fn find(&mut self, text: String) {
        // Whatever contains more than before is among what was found before.
        let narrows = text.to_lowercase().contains(&self.find.to_lowercase());
        let before = self.found.take().filter(|_| narrows);
        self.find = text;
        self.found = self.find_in(before);
        self.page = 0;
    }

    fn find_in(&self, among: Option<Vec<usize>>) -> Option<Vec<usize>> {
        if self.find.is_empty() {
            return None;
        }
        let needle = self.find.to_lowercase();
        let ids = self.ids.value().map(Vec::as_slice).unwrap_or_default();
        let fits = |at: &usize| ids.get(*at).is_some_and(|id| contains(id, &needle));
        Some(match among {
            Some(mut among) => {
                among.retain(fits);
                among
            }
            None => (0..ids.len()).filter(fits).collect(),
        })
    }

    /// How many ids are found.
    pub fn found(&self) -> usize {
        let all = self.ids.value().map_or(0, Vec::len);
        self.found.as_ref().map_or(all, Vec::len)
    }

    /// Whether the server said that it has no way to list interactions, as opposed to having failed.
    pub(crate) fn cannot_be_listed(&self) -> bool {
        matches!(&self.interactions, Remote::Failed(error) if error.is_unsupported())
    }

    /// How many pages there are, at least one.
    pub fn pages(&self) -> usize {
        self.found().div_ceil(PAGE_IDS).max(1)
    }

    /// The ids on the page shown.
    pub(crate) fn page_ids(&self) -> Vec<&str> {
        let ids = self.ids.value().map(Vec::as_slice).unwrap_or_default();
        let places = self.page * PAGE_IDS..(self.page + 1) * PAGE_IDS;
        let at = |place| match &self.found {
            Some(found) => found.get(place).copied(),
            None => Some(place),
        };
        let page = places.map_while(at).map_while(|at| ids.get(at));
        page.map(String::as_str).collect()
    }
}

/// Whether an id contains a text in small letters, whatever its own are.
fn contains(id: &str, needle: &str) -> bool {
    if !id.is_ascii() {
        return id.to_lowercase().contains(needle);
    }
    let mut parts = id.as_bytes().windows(needle.len());
    parts.any(|part| part.eq_ignore_ascii_case(needle.as_bytes()))
}

/// The records of the chosen environment.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    sets: [StoredSet; 3],
    /// A wipe: running, or what it did.
    pub wipe: Option<Wipe>,
}

/// A wipe of an environment.
#[derive(Clone, Debug)]
pub struct Wipe {
    /// The environment.
    pub environment: String,
    /// How many records there were of every data set, as far as it was known.
    pub before: Vec<(Dataset, Option<u64>)>,
    /// What was deleted; `None` while it runs.
    pub outcome: Option<Vec<(Dataset, Result<u64, WorkError>)>>,
    /// How many records there are now, counted after it; `None` until then.
    pub after: Option<Vec<(Dataset, Option<u64>)>>,
    /// How far it is; cancels.
    pub progress: std::sync::Arc<crate::domain::progress::Progress>,
}

impl Stored {
    /// One data set.
    pub const fn set(&self, dataset: Dataset) -> &StoredSet {
        &self.sets[dataset as usize]
    }

    pub(super) const fn set_mut(&mut self, dataset: Dataset) -> &mut StoredSet {
        &mut self.sets[dataset as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However it is typed, what is found are the ids that contain the text; what is selected stays so while it is
        /// listed.
        #[test]
        fn ids_are_found_and_stay_selected(
            ids in prop::collection::btree_set("[aBé]{1,4}", 0..20),
            later in prop::collection::btree_set("[aBé]{1,4}", 0..20),
            typed in prop::collection::vec("[abÉ]{0,3}", 0..4),
            selected in prop::collection::btree_set("[aBé]{1,4}", 0..20),
        ) {
            let mut set = StoredSet { selected, ..StoredSet::default() };
            for ids in [ids, later] {
                set.list(Ok(ids.iter().cloned().collect()));
                prop_assert!(set.selected.is_subset(&ids));
                for text in &typed {
                    set.find(text.clone());
                    let fits = |id: &&String| id.to_lowercase().contains(&text.to_lowercase());
                    let expected: Vec<&str> = ids.iter().filter(fits).map(String::as_str).collect();
                    prop_assert_eq!(set.found(), expected.len());
                    prop_assert_eq!(set.page_ids(), expected);
                }
            }
        }
    }

    #[test]
    fn a_large_selection_stays_selected_but_for_what_is_gone() {
        // Looking each of these up in the list would take hours.
        let ids: Vec<String> = (0..300_000).map(|id| format!("P{id}")).collect();
        let mut set = StoredSet {
            selected: ids.iter().cloned().collect(),
            ..StoredSet::default()
        };
        set.list(Ok(ids[1..].to_vec()));
        assert_eq!(set.selected.len(), ids.len() - 1);
        assert!(!set.selected.contains("P0"));
        set.list(Err("no network".into()));
        assert!(set.selected.is_empty());
    }

    #[test]
    fn ids_come_in_pages() {
        let mut set = StoredSet::default();
        set.list(Ok((0..250).map(|id| format!("P{id}")).collect()));
        set.page = 2;
        assert_eq!(
            (set.pages(), set.page_ids().len(), set.page_ids().first()),
            (3, 50, Some(&"P200"))
        );
        set.list(Ok(vec!["P1".to_owned()]));
        assert_eq!((set.page, set.page_ids()), (0, vec!["P1"]));
    }
}
