//! The records on disk: `SQLite` with a write-ahead log that is synced at every commit.
//!
//! One connection writes, behind a mutex; readers have their own and see the last commit. Several servers may have the
//! same directory open: every change is a transaction that sees what the others did.

mod attributes;
mod incoming;
mod put;
mod query;
mod queue;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};
use tempfile::TempDir;

pub(crate) use attributes::{AttributeTypes, AttributeVotes, MOST_ATTRIBUTES, inconsistent};
pub(crate) use incoming::Incoming;
pub(crate) use put::Put;
pub(crate) use queue::Timing;

use super::auth::random_text;
use crate::{
    domain::dataset::Dataset,
    settings::{create_private_file, create_private_folder},
};

/// The file in the data directory; SQLite's others begin with its name.
pub(crate) const FILE: &str = "records.sqlite";
/// The form of the tables below; a file with a higher one is from a newer version.
const VERSION: i64 = 2;
/// Ids are the primary keys, so that a record replaces the one with its id; interactions are numbered as they come.
/// The index on hashes leaves out the interactions that are never compared (see [`Incoming`]).
const TABLES: &str = "
    CREATE TABLE products (id TEXT PRIMARY KEY, type TEXT, record TEXT NOT NULL) STRICT;
    CREATE INDEX products_by_type ON products (type, id) WHERE type IS NOT NULL;
    CREATE TABLE users (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE interactions (
        number INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER, user_id TEXT, record TEXT NOT NULL
    ) STRICT;
    CREATE INDEX interactions_by_hash ON interactions (hash) WHERE hash IS NOT NULL;
    CREATE INDEX interactions_by_user ON interactions (user_id) WHERE user_id IS NOT NULL;
    CREATE TABLE attributes (
        dataset TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (dataset, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tasks (id TEXT PRIMARY KEY, dataset TEXT NOT NULL, body TEXT NOT NULL) STRICT;
";
/// What was accepted and waits for its time; version 1 had no such table.
const QUEUE: &str = "
    CREATE TABLE queue (
        number INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT, dataset TEXT NOT NULL, accepted INTEGER NOT NULL,
        due INTEGER NOT NULL, work TEXT NOT NULL
    ) STRICT;
    CREATE INDEX queue_by_task ON queue (task) WHERE task IS NOT NULL;
    PRAGMA user_version = 2;
";

/// What tells this store from others, wherever it is served.
const IDENTITY: &str = "
    CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT;
";

/// How long to wait for another program that has the file locked.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many connections wait for the next reader; each holds the files open.
const MOST_READERS: usize = 8;
/// How long to wait for readers of the log before it is left for later.
const CLEARING: Duration = Duration::from_millis(100);
/// The pages that are kept in memory, negative as SQLite counts KiB.
const CACHE_KIB: i64 = -65_536;

/// Why the store cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory cannot be made.
    #[error("the data directory {path} cannot be used: {source}")]
    Directory { path: PathBuf, source: io::Error },
    /// The file was written by a newer version.
    #[error("{0} was written by a newer version of this program; use that version or another data directory")]
    Newer(PathBuf),
    /// The records cannot be opened.
    #[error("the records in {path} cannot be opened: {source}")]
    Open {
        /// The file with the records.
        path: PathBuf,
        source: Box<StoreError>,
    },
    /// The disk has no room left, or the environment has used up its own.
    #[error("there is no room left for them; nothing of this request was stored. Free some, and send it again")]
    Full,
    /// Another program has locked the file and does not let go.
    #[error("another program has locked them; end it, or try again later")]
    Busy,
    /// The file is no database, or a damaged one.
    #[error("the file is damaged, or no file of records; move it away, and an empty one is made")]
    Damaged,
    /// `SQLite` fails for another reason.
    #[error("the data base says: {0}")]
    Sqlite(rusqlite::Error),
    /// What was accepted cannot be read again.
    #[error("a batch that was accepted cannot be read again: {0}")]
    Queue(#[from] serde_json::Error),
    /// The system gives no random numbers for a task's id.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            _ => Self::Sqlite(error),
        }
    }
}

/// The stored records of one environment.
pub(crate) struct Store {
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Whether the write-ahead log still has what was deleted.
    is_log_to_clear: AtomicBool,
    path: PathBuf,
    /// Deleted with the store; declared last, so that it is dropped after the connections into it.
    _temporary: Option<TempDir>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in a directory, making both when they are not there. Without a directory the store is
    /// temporary: it goes with the value, and its commits need not be synced. The file takes up to `max_bytes`.
    pub(crate) fn open(dir: Option<&Path>, max_bytes: Option<u64>) -> Result<Self, StoreError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Directory { path, source }
        };
        let temporary = match dir {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?),
        };
        let dir = dir
            .or_else(|| temporary.as_ref().map(TempDir::path))
            .unwrap_or(Path::new("."));
        create_private_folder(dir).map_err(failed(dir))?;
        let path = dir.join(FILE);
        // What SQLite makes beside it gets the same permissions.
        create_private_file(&path).map_err(failed(dir))?;
        let writer = open_patiently(&path, temporary.is_none(), max_bytes).map_err(|error| match error {
            StoreError::Newer(_) => error,
            source => StoreError::Open {
                path: path.clone(),
                source: Box::new(source),
            },
        })?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            is_log_to_clear: AtomicBool::new(false),
            path,
            _temporary: temporary,
        })
    }

    /// What tells this store from others, wherever it is served.
    pub(crate) fn identity(&self) -> Result<String, StoreError> {
        let known = |connection: &Connection| {
            let id = connection.query_row("SELECT id FROM identity", [], |row| row.get(0));
            Ok(id.optional()?)
        };
        if let Ok(Some(id)) = self.read(known) {
            return Ok(id);
        }
        self.write(|transaction| {
            transaction.execute_batch(IDENTITY)?;
            if let Some(id) = known(transaction)? {
                return Ok(id);
            }
            let id = random_text(22)?;
            transaction.execute("INSERT INTO identity (id) VALUES (?1)", [&id])?;
            Ok(id)
        })
    }

    /// Changes the store: all that `work` does or, when it fails, nothing. On disk when this returns.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // A panic under the lock rolled its transaction back, so the connection is sound.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        if self.is_log_to_clear.load(Ordering::Relaxed) {
            self.clear_log(&writer)?;
        }
        Ok(done)
    }

    /// Has the next commit clear the log: what is deleted must not be found in the files.
    fn clear_log_after_commit(&self) {
        self.is_log_to_clear.store(true, Ordering::Relaxed);
    }

    /// Empties the log. While others read from it, that is left to the next change.
    fn clear_log(&self, writer: &Connection) -> Result<(), StoreError> {
        writer.busy_timeout(CLEARING)?;
        let is_blocked = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        writer.busy_timeout(PATIENCE)?;
        // The commit stands in any case.
        self.is_log_to_clear
            .store(is_blocked.unwrap_or(true), Ordering::Relaxed);
        Ok(())
    }

    /// Reads the last commit, while others may write.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = idle().pop();
        let reader = match reader {
            Some(reader) => reader,
            None => connect(&self.path)?,
        };
        let done = work(&reader);
        let mut idle = idle();
        if idle.len() < MOST_READERS {
            idle.push(reader);
        }
        done
    }
}

/// Opens the file, and waits for another server that is just making it: SQLite itself does not wait for a change of
/// the journal.
fn open_patiently(path: &Path, synced: bool, max_bytes: Option<u64>) -> Result<Connection, StoreError> {
    let started = Instant::now();
    loop {
        match open_writer(path, synced, max_bytes) {
            Err(StoreError::Busy) if started.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
}

fn open_writer(path: &Path, synced: bool, max_bytes: Option<u64>) -> Result<Connection, StoreError> {
    let mut writer = connect(path)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", if synced { "FULL" } else { "OFF" })?;
    writer.pragma_update(None, "cache_size", CACHE_KIB)?;
    // What is deleted is overwritten, not only let go.
    writer.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    make_tables(&mut writer, path)?;
    if let Some(bytes) = max_bytes {
        let page: i64 = writer.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        // SQLite never goes below what is there, and answers with what it took.
        writer.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))?;
    }
    Ok(writer)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    // Another server may have the same directory open.
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn make_tables(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => transaction.execute_batch(&[TABLES, QUEUE].concat())?,
        1 => transaction.execute_batch(QUEUE)?,
        VERSION => {}
        _ => return Err(StoreError::Newer(path.to_owned())),
    }
    Ok(transaction.commit()?)
}

/// Stores a finished task with its data, and returns its id.
fn add_task(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    started: Instant,
    data: &str,
) -> Result<String, StoreError> {
    let id = random_text(24)?;
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    keep_task(transaction, dataset, &id, &finished(took, data))?;
    Ok(id)
}

/// The answer for a task that succeeded (miso-api.md 1.5); `data` is JSON.
fn finished(took: u64, data: &str) -> String {
    format!(r#"{{"took":{took},"errors":false,"data":{data},"code":200}}"#)
}

fn keep_task(transaction: &Transaction<'_>, dataset: Dataset, id: &str, body: &str) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO tasks (id, dataset, body) VALUES (?1, ?2, ?3)")?
        .execute(params![id, dataset.name(), body])?;
    Ok(())
}
