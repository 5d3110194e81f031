//! An environment while it is served, and which one a key opens.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicUsize},
    time::Instant,
};

use super::{
    Config,
    auth::{Keys, Role},
    faults::FaultStage,
    store::{Store, StoreError},
};

/// What every request to an environment needs.
pub(crate) struct ServedEnvironment {
    pub(super) name: String,
    /// Whether it refuses uploads and deletions, as playgrounds do.
    pub(super) read_only: bool,
    /// The largest request body that is read, in bytes.
    pub(super) max_body: usize,
    /// How many bytes of request bodies are kept now.
    pub(super) body_bytes: Arc<AtomicUsize>,
    pub(super) store: Store,
    pub(super) stage: FaultStage,
    keys: Keys,
    rate: Option<Rate>,
}

impl ServedEnvironment {
    /// Opens the store of an environment. Blocks.
    pub(super) fn open(config: Config) -> Result<Self, StoreError> {
        Ok(Self {
            store: Store::open(config.data_dir.as_deref(), config.max_store)?,
            name: config.name,
            read_only: config.read_only,
            max_body: config.max_body,
            body_bytes: Arc::default(),
            stage: FaultStage::new(config.faults),
            keys: config.keys,
            rate: config.requests_per_second.map(Rate::new),
        })
    }

    /// What the key allows here.
    pub(super) fn role(&self, key: &str) -> Option<Role> {
        self.keys.role(key)
    }

    /// Whether a request is within the rate limit.
    pub(super) fn has_room(&self) -> bool {
        self.rate.as_ref().is_none_or(Rate::take)
    }
}

impl fmt::Debug for ServedEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A bucket that holds the requests of a second, and fills as time goes.
struct Rate {
    per_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Rate {
    fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            left: Mutex::new((per_second, Instant::now())),
        }
    }

    fn take(&self) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let filled = now.duration_since(left.1).as_secs_f64() * self.per_second;
        *left = ((left.0 + filled).min(self.per_second), now);
        let has_room = left.0 >= 1.0;
        if has_room {
            left.0 -= 1.0;
        }
        has_room
    }
}
