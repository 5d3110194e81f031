//! What is known of the records in the chosen environment.

use std::collections::BTreeSet;

use crate::{api::ApiError, domain::dataset::Dataset};

/// A value that is asked for over the network; while it is asked for again the last one stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Remote<T> {
    /// Nobody asked yet.
    #[default]
    Idle,
    /// Asked for; the value before, if any.
    Pending(Option<T>),
    /// Known.
    Ready(T),
    /// Not to be had: why.
    Failed(String),
}

impl<T> Remote<T> {
    /// The value, also an older one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Ready(value) | Self::Pending(Some(value)) => Some(value),
            _ => None,
        }
    }

    /// Asked for, keeping the value.
    pub(super) fn ask(&mut self) {
        *self = match std::mem::take(self) {
            Self::Ready(value) | Self::Pending(Some(value)) => Self::Pending(Some(value)),
            _ => Self::Pending(None),
        };
    }

    /// Answered.
    pub(super) fn answer(&mut self, answer: Result<T, String>) {
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
    /// Of interactions: the records read so far.
    pub interactions: Remote<Vec<String>>,
    /// Of interactions: where the next page begins.
    pub next: Option<i64>,
    /// The text that ids must contain.
    pub find: String,
    /// The ids that contain it, as indices.
    pub found: Vec<usize>,
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
pub const PAGE_IDS: usize = 100;

impl StoredSet {
    pub(super) fn find_again(&mut self) {
        let needle = self.find.to_lowercase();
        let ids = self.ids.value().map(Vec::as_slice).unwrap_or_default();
        let fits = |(_, id): &(usize, &String)| needle.is_empty() || id.to_lowercase().contains(&needle);
        self.found = ids.iter().enumerate().filter(fits).map(|(at, _)| at).collect();
        self.page = self.page.min(self.pages() - 1);
    }

    /// Whether the server said that it has no way to list interactions, as opposed to having failed.
    pub fn cannot_be_listed(&self) -> bool {
        let what = "list interactions";
        matches!(&self.interactions, Remote::Failed(reason) if *reason == ApiError::Unsupported { what }.to_string())
    }

    /// How many pages there are, at least one.
    pub fn pages(&self) -> usize {
        self.found.len().div_ceil(PAGE_IDS).max(1)
    }

    /// The ids on the page shown.
    pub fn page_ids(&self) -> Vec<&str> {
        let ids = self.ids.value().map(Vec::as_slice).unwrap_or_default();
        let page = self.found.chunks(PAGE_IDS).nth(self.page).unwrap_or_default();
        page.iter().filter_map(|at| ids.get(*at)).map(String::as_str).collect()
    }
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
    pub outcome: Option<Vec<(Dataset, Result<u64, String>)>>,
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
