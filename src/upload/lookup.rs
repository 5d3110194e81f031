//! Reads the records stored under ids, with retries.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::JoinSet;

use super::{RetryPolicy, TaskOutcome, plan::key_of, task};
use crate::{
    api::{ApiError, Client, ConnectionKind},
    domain::{comparison, dataset::Dataset},
};

/// Records of a batch that are read one by one at the same time; with several batches under way it is a multiple.
pub(super) const AT_ONCE: usize = 4;
/// Records that are read in one list.
const IN_A_LIST: usize = 100;
/// Up to so many rows, looking every id up is cheaper than listing all that are stored.
const FEW_ROWS: u64 = 100;

/// JSON texts of records by id, as far as they were asked for; `None` for ids that nothing is stored under.
pub type FoundRecords = HashMap<String, Option<String>>;

/// The outcome of reading records.
#[derive(Clone, Debug, Default)]
pub struct LookupOutcome {
    /// The records that could be read.
    pub found: FoundRecords,
    /// Why some are missing.
    pub error: Option<ApiError>,
}

/// Whether asking again may help: reading changes nothing, and an odd answer may come from what stands in between.
pub(super) const fn is_worth_another(error: &ApiError) -> bool {
    matches!(error, ApiError::Protocol { .. }) || error.retryable()
}

/// The ids under which something may be stored.
#[derive(Clone, Debug, Default)]
pub enum ListedIds {
    /// Any id: nothing was listed.
    #[default]
    All,
    /// Any id as well: the service has no list yet. It has one once it has stored something.
    NotYet,
    /// Those that the server listed, by [`super::UploadRecord::key`], in order.
    Only(Vec<u64>),
}

impl ListedIds {
    /// The ids with these keys.
    pub fn only(mut keys: Vec<u64>) -> Self {
        keys.sort_unstable();
        keys.shrink_to_fit();
        Self::Only(keys)
    }

    /// Whether something may be stored under an id.
    pub(crate) fn may_hold(&self, key: u64) -> bool {
        match self {
            Self::All | Self::NotYet => true,
            Self::Only(listed) => listed.binary_search(&key).is_ok(),
        }
    }
}

/// An approximate set of stored ids: it may name a few others too, and takes little memory.
#[derive(Clone, Debug)]
pub(super) struct IdFilter(Vec<u64>);

impl IdFilter {
    /// Its size in words: 1 MB.
    const WORDS: usize = 1 << 17;

    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes an id, by [`super::UploadRecord::key`].
    pub(super) fn add(&mut self, key: u64) {
        self.0.resize(Self::WORDS, 0);
        let (word, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(key: u64) -> (usize, u64) {
        let word = usize::try_from(key >> 6).unwrap_or(usize::MAX) % Self::WORDS;
        (word, 1 << (key & 63))
    }
}

/// Reads records of one data set. Clones share what they know of the server.
#[derive(Clone, Debug)]
pub struct Lookup {
    client: Client,
    dataset: Dataset,
    policy: RetryPolicy,
    /// Whether the server's lists of products say what its records say, as far as they were compared.
    lists: Arc<AtomicBool>,
}

impl Lookup {
    /// A lookup; nothing is asked yet.
    pub fn new(client: Client, dataset: Dataset, policy: RetryPolicy) -> Self {
        Self {
            client,
            dataset,
            policy,
            lists: Arc::new(AtomicBool::new(dataset == Dataset::Products)),
        }
    }

    /// Waits for the outcome of a task.
    pub(super) async fn task_outcome(&self, task: &str) -> TaskOutcome {
        task::ask(&self.client, self.dataset, task, &self.policy).await
    }

    /// Which ids may hold something, for an upload of so many rows; asked once.
    pub async fn list(&self, rows: u64) -> Result<ListedIds, ApiError> {
        if rows <= FEW_ROWS {
            return Ok(ListedIds::All);
        }
        let mut keys = Vec::new();
        match self.client.each_id(self.dataset, &mut |id| keys.push(key_of(id))).await {
            Ok(true) => Ok(ListedIds::only(keys)),
            Ok(false) => Ok(ListedIds::NotYet),
            // A server without lists may still hold records.
            Err(ApiError::NoList { .. }) => Ok(ListedIds::All),
            Err(error) => Err(error),
        }
    }

    /// What is stored under ids at this moment, each asked for once and by itself: what is kept or merged must be the
    /// record, and whole. With an error only some are there. An id that no address can carry is missing from the answer
    /// in any case: of it nothing is known.
    pub(crate) async fn try_read(&self, ids: &[String]) -> LookupOutcome {
        let mut ids = ids.iter();
        let mut reading = JoinSet::new();
        let mut outcome = LookupOutcome::default();
        loop {
            while reading.len() < AT_ONCE
                && let Some(id) = ids.next()
            {
                let (this, id) = (self.clone(), id.clone());
                reading.spawn(async move {
                    let record = this.client.get(this.dataset, &id).await;
                    (id, record)
                });
            }
            let Some(read) = reading.join_next().await else { break };
            match read {
                Ok((id, Ok(record))) => _ = outcome.found.insert(id, record),
                Ok((_, Err(ApiError::Unaddressable { .. }))) => {}
                Ok((_, Err(error))) => {
                    // A broken answer does not keep the others from coming; a server that asks to slow down is left
                    // alone.
                    let goes_on = matches!(
                        error,
                        ApiError::Server { .. }
                            | ApiError::Protocol { .. }
                            | ApiError::Connection {
                                kind: ConnectionKind::Broken | ConnectionKind::Timeout,
                                ..
                            }
                    );
                    outcome.error.get_or_insert(error);
                    if !goes_on {
                        break;
                    }
                }
                Err(_) => {
                    let reason = "reading a record failed unexpectedly".to_owned();
                    outcome.error.get_or_insert(ApiError::Protocol { reason });
                }
            }
        }
        outcome
    }

    /// The same, repeated until all records are known or an error is final.
    pub async fn read(&self, ids: &[String]) -> Result<FoundRecords, ApiError> {
        let (mut found, mut tries) = (FoundRecords::new(), 0);
        loop {
            let missing: Vec<String> = ids.iter().filter(|id| !found.contains_key(*id)).cloned().collect();
            let LookupOutcome { found: more, error } = self.try_read(&missing).await;
            if !more.is_empty() {
                tries = 0;
            }
            found.extend(more);
            match error {
                None => return Ok(found),
                Some(error) => self.again(&mut tries, error).await?,
            }
        }
    }

    /// The same, only to tell of it: in fewer requests, and perhaps as it was a moment ago. Products are read by a list
    /// where the server has that and as long as what it says is what the records say, of which one is compared every
    /// time; whatever the list does not know is asked for by itself.
    pub(crate) async fn read_listed(&self, ids: &[String]) -> Result<FoundRecords, ApiError> {
        let mut found = FoundRecords::new();
        for some in ids.chunks(IN_A_LIST) {
            found.extend(self.list_of(some).await?.unwrap_or_default());
        }
        let missing: Vec<String> = ids.iter().filter(|id| !found.contains_key(*id)).cloned().collect();
        found.extend(self.read(&missing).await?);
        Ok(found)
    }

    /// What the server's list knows of ids; `None` when it is not to be had, or not to be trusted.
    async fn list_of(&self, ids: &[String]) -> Result<Option<FoundRecords>, ApiError> {
        if ids.len() < 2 || !self.lists.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let listed = match self.products(ids).await {
            Ok(listed) => listed,
            // A server without a search still answers single records.
            Err(
                ApiError::NotFound
                | ApiError::Protocol { .. }
                | ApiError::Forbidden
                | ApiError::Rejected { .. }
                | ApiError::Server { .. },
            ) => {
                self.lists.store(false, Ordering::Relaxed);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let known = ids.iter().cloned().zip(listed).filter(|(_, record)| record.is_some());
        let known: FoundRecords = known.collect();
        let at = fastrand::usize(..known.len().max(1));
        let Some((id, listed)) = known.iter().nth(at) else {
            return Ok(Some(known));
        };
        let record = self.read(std::slice::from_ref(id)).await?;
        let is_same = match (listed, record.get(id)) {
            (Some(listed), Some(Some(record))) => comparison::is_same_record(listed, record).unwrap_or(false),
            // No address can carry its id.
            (_, None) => true,
            _ => false,
        };
        if !is_same {
            self.lists.store(false, Ordering::Relaxed);
            return Ok(None);
        }
        Ok(Some(known))
    }

    async fn products(&self, ids: &[String]) -> Result<Vec<Option<String>>, ApiError> {
        let mut tries = 0;
        loop {
            match self.client.products(ids).await {
                Ok(products) => return Ok(products),
                Err(error) => self.again(&mut tries, error).await?,
            }
        }
    }

    /// Waits before another try, or gives up with the error.
    async fn again(&self, tries: &mut u32, error: ApiError) -> Result<(), ApiError> {
        *tries += 1;
        let pause = self.policy.pause(*tries, &error, fastrand::f64());
        match pause.filter(|_| is_worth_another(&error)) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(error),
        }
        Ok(())
    }
}
