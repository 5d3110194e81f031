//! What became of every row of every upload, on disk: written before a request is sent and after it is answered, so
//! that a crash, a kill or a lost network never leaves more open than the requests that were under way.
//!
//! - [`State`] is the state machine; [`LedgerEntry`] its only way to change
//! - [`Account`] is one upload's state together with the file it is written to
//! - [`Ledger`] is the file: all uploads ([`Upload`]), the entries of each
//! - [`Snapshot`] is what an upload replaced, in a file of its own, with what the ledger says of that upload
//! - [`repair()`] rebuilds a ledger that is damaged or lost
//!
//! A killed program loses no entry: the log is written ahead and handed to the system at every entry. When the power
//! fails, the last moments may be missing; their rows are then sent again, which changes nothing.

mod account;
mod entry;
mod error;
mod fingerprint;
mod health;
mod list;
mod lock;
mod past;
mod recipe;
mod repair;
mod retention;
mod snapshot;
mod state;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension as _, params};

pub use account::Account;
pub use error::LedgerError;
pub use fingerprint::Fingerprint;
pub use list::{UnreadableUpload, UploadList, WhyUnreadable};
pub use past::{PastUpload, Upload, UploadId, UploadPlan};
pub use recipe::UploadRecipe;
pub use repair::{LedgerRepair, Rebuilt, repair};
pub use retention::Retention;
pub use snapshot::{Before, Replaced};
pub(crate) use snapshot::{Snapshot, SnapshotRange};
pub use state::{Confirmation, LedgerEntry};
pub(crate) use state::{SettledRows, State};

use crate::{domain::key::KeyFingerprint, settings::FileLock};
use past::{COLUMNS, upload};

use super::{TaskOutcome, UploadTally, WriteOptions};

/// The form of the tables below; a file with a higher one is from a newer version.
const VERSION: i64 = 6;
const TABLES: &str = "
    CREATE TABLE uploads (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER, sample INTEGER NOT NULL, content INTEGER,
        recipe TEXT NOT NULL, dataset TEXT NOT NULL, rows INTEGER NOT NULL,
        batch_records INTEGER NOT NULL, batch_bytes INTEGER NOT NULL,
        environment TEXT NOT NULL, address TEXT NOT NULL,
        started TEXT NOT NULL, ended TEXT, stopped TEXT, set_aside INTEGER NOT NULL DEFAULT 0,
        manner TEXT NOT NULL DEFAULT '{}', undoes INTEGER, store TEXT, tally TEXT, tallied INTEGER, key TEXT
    ) STRICT;
    CREATE INDEX uploads_by_undone ON uploads (undoes) WHERE undoes IS NOT NULL;
    CREATE TABLE entries (
        upload INTEGER NOT NULL, number INTEGER NOT NULL, kind INTEGER NOT NULL, rows BLOB NOT NULL,
        note TEXT, digests BLOB, PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 6;
";
/// What version 1 did not have.
const SINCE_1: &str = "
    ALTER TABLE uploads ADD COLUMN manner TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE uploads ADD COLUMN undoes INTEGER;
";
/// What version 2 did not have.
const SINCE_2: &str = "
    ALTER TABLE uploads ADD COLUMN store TEXT;
";
/// What version 3 did not have: the tally after so many entries, which is counted when somebody asks, and stored.
const SINCE_3: &str = "
    ALTER TABLE uploads ADD COLUMN tally TEXT;
    ALTER TABLE uploads ADD COLUMN tallied INTEGER;
    CREATE INDEX uploads_by_undone ON uploads (undoes) WHERE undoes IS NOT NULL;
";
/// What version 5 did not have. Version 4 had another form of recipes, which is still read.
const SINCE_4: &str = "
    ALTER TABLE uploads ADD COLUMN key TEXT;
    PRAGMA user_version = 6;
";

/// The file that holds all uploads. Every call reads or writes it before it returns, and waits up to ten seconds while
/// another process writes: call it where a thread may block.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    folder: PathBuf,
    in_use: FileLock,
}

/// The file in its folder.
const FILE: &str = "uploads.sqlite";

impl Ledger {
    /// The ledger in a folder, made when it is not there. After a program ended without closing it, the whole file is
    /// looked through, at some gigabytes a second.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let (mut connection, in_use) = health::open(folder)?;
        if version(&connection)? == VERSION {
            return Ok(Self {
                connection,
                folder: folder.to_owned(),
                in_use,
            });
        }
        health::keep_before_migration(&connection, folder)?;
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        match version(&transaction)? {
            0 if health::highest_number(folder) > 0 => return Err(LedgerError::Lost(folder.join(FILE))),
            0 => transaction.execute_batch(TABLES)?,
            1 => transaction.execute_batch(&[SINCE_1, SINCE_2, SINCE_3, SINCE_4].concat())?,
            2 => transaction.execute_batch(&[SINCE_2, SINCE_3, SINCE_4].concat())?,
            3 => transaction.execute_batch(&[SINCE_3, SINCE_4].concat())?,
            4 | 5 => transaction.execute_batch(SINCE_4)?,
            VERSION => {}
            _ => return Err(LedgerError::Newer(folder.join(FILE))),
        }
        transaction.commit()?;
        Ok(Self {
            connection,
            folder: folder.to_owned(),
            in_use,
        })
    }

    /// Begins an upload.
    pub fn begin(mut self, plan: &UploadPlan) -> Result<Account, LedgerError> {
        let UploadPlan {
            path,
            fingerprint,
            recipe,
            dataset,
            rows,
            limits,
            environment,
            address,
            write_options,
            reverts,
            store,
            key,
        } = plan;
        // The upload does not begin unless its snapshot does.
        let transaction = self.connection.transaction()?;
        health::skip_numbers(&transaction, health::highest_snapshot(&self.folder))?;
        transaction.execute(
            "INSERT INTO uploads (path, size, modified, sample, content, recipe, dataset, rows, batch_records, \
             batch_bytes, environment, address, started, manner, undoes, store, key) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            params![
                path.to_string_lossy(),
                fingerprint.size.cast_signed(),
                fingerprint.modified,
                fingerprint.sample.cast_signed(),
                fingerprint.content.map(u64::cast_signed),
                recipe.to_json(),
                dataset.name(),
                rows.cast_signed(),
                (limits.records as u64).cast_signed(),
                (limits.bytes as u64).cast_signed(),
                environment,
                address,
                jiff::Timestamp::now().to_string(),
                to_json(*write_options),
                reverts.map(|id| id.0),
                store,
                key.as_ref().map(KeyFingerprint::as_str),
            ],
        )?;
        let id = UploadId(transaction.last_insert_rowid());
        let lock = lock::of_upload(&self.folder, id)?;
        let begin = || {
            let snapshot = write_options
                .keep_replaced
                .then(|| Snapshot::make(&self.folder, id))
                .transpose()?;
            if let Some(snapshot) = &snapshot {
                snapshot.note_plan(&past::fields(&transaction, id)?)?;
            }
            transaction.commit()?;
            Ok(snapshot)
        };
        let snapshot = begin().inspect_err(|_: &LedgerError| {
            // It would count as that of an upload that is gone.
            Snapshot::discard(&self.folder, id).ok();
        })?;
        Ok(Account::written(
            id,
            self.connection,
            0,
            State::new(*rows),
            Vec::new(),
            snapshot,
            (lock, self.in_use),
        ))
    }

    /// Goes on with an upload that ended early or was killed.
    pub fn resume(self, id: UploadId) -> Result<Account, LedgerError> {
        let lock = self.lock(id)?;
        if let Some(by) = self.reverted_by(id)? {
            return Err(LedgerError::Reverted { id, by });
        }
        let state = self.state(id)?;
        let refused = self.refused(id)?;
        let next = self.next_entry(id)?;
        let snapshot = self.snapshot_again(id, next == 0)?;
        // What the ledger has lost was announced all the same.
        let at = snapshot.as_ref().map_or(next, Snapshot::next);
        self.connection.execute(
            "UPDATE uploads SET ended = NULL, stopped = NULL, set_aside = 0 WHERE id = ?1",
            [id.0],
        )?;
        let locks = (lock, self.in_use);
        let mut account = Account::written(id, self.connection, at, state, refused, snapshot, locks);
        account.note(LedgerEntry::Resume)?;
        if at > next {
            let rows = account.state().open();
            account.note(LedgerEntry::Lose { rows })?;
        }
        Ok(account)
    }

    /// Writes down what became of tasks of an upload that nobody waits for any more, and returns what is known with
    /// that.
    pub fn settle(self, id: UploadId, all: &[(String, TaskOutcome)]) -> Result<State, LedgerError> {
        if all.is_empty() {
            return self.state(id);
        }
        let lock = self.lock(id)?;
        let state = self.state(id)?;
        let next = self.next_entry(id)?;
        let snapshot = self.snapshot(id)?;
        let next = snapshot.as_ref().map_or(next, Snapshot::next);
        let locks = (lock, self.in_use);
        let mut account = Account::written(id, self.connection, next, state, Vec::new(), snapshot, locks);
        account.note(LedgerEntry::Resume)?;
        for (task, outcome) in all {
            account.settle(task, outcome)?;
        }
        Ok(account.state().clone())
    }

    /// One upload, with whether it runs now, and what is kept of it, for how long.
    pub(crate) fn past_upload(&self, id: UploadId, retention: Retention) -> Result<PastUpload, LedgerError> {
        self.standing(self.upload(id)?, retention)
    }

    /// One upload.
    pub fn upload(&self, id: UploadId) -> Result<Upload, LedgerError> {
        let found = self
            .connection
            .query_row(&format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1"), [id.0], upload)
            .optional()
            .map_err(|error| LedgerError::of_row(id, error))?;
        self.with_tally(found.ok_or(LedgerError::Unknown(id))?)
    }

    /// Whether a process runs it.
    pub fn is_running(&self, id: UploadId) -> bool {
        matches!(self.lock(id), Err(LedgerError::Running(_)))
    }

    /// Puts an unfinished upload aside, so that it is no longer offered.
    pub(crate) fn set_aside(&self, id: UploadId) -> Result<(), LedgerError> {
        let _lock = self.lock(id)?;
        self.connection
            .execute("UPDATE uploads SET set_aside = 1 WHERE id = ?1", [id.0])?;
        Ok(())
    }

    /// The state of an upload's rows.
    pub fn state(&self, id: UploadId) -> Result<State, LedgerError> {
        self.replay(id).map(|(state, _)| state)
    }

    /// What the entries of an upload come to, and the number of the next.
    fn replay(&self, id: UploadId) -> Result<(State, i64), LedgerError> {
        let rows: i64 = self
            .connection
            .query_row("SELECT rows FROM uploads WHERE id = ?1", [id.0], |row| row.get(0))
            .optional()?
            .ok_or(LedgerError::Unknown(id))?;
        let mut state = State::new(rows.cast_unsigned());
        let mut query = self
            .connection
            .prepare_cached("SELECT kind, rows, note, number FROM entries WHERE upload = ?1 ORDER BY number")?;
        let mut found = query.query([id.0])?;
        let mut next = 0;
        while let Some(row) = found.next()? {
            let written = entry::EntryRow {
                kind: row.get(0)?,
                rows: row.get(1)?,
                note: row.get(2)?,
                digests: None,
            };
            state.apply(&entry::read(&written).ok_or(LedgerError::Damaged(id))?);
            next = row.get::<_, i64>(3)? + 1;
        }
        Ok((state, next))
    }

    /// The rows that the server refused with its lines, in the order of the answers.
    pub fn refused(&self, id: UploadId) -> Result<Vec<(u32, Vec<String>)>, LedgerError> {
        let mut query = self
            .connection
            .prepare("SELECT kind, rows, note FROM entries WHERE upload = ?1 AND kind = ?2 ORDER BY number")?;
        let mut found = query.query(params![id.0, entry::REFUSE])?;
        let mut refused = Vec::new();
        while let Some(row) = found.next()? {
            let written = entry::EntryRow {
                kind: row.get(0)?,
                rows: row.get(1)?,
                note: row.get(2)?,
                digests: None,
            };
            if let Some(LedgerEntry::Refuse { row, lines }) = entry::read(&written) {
                refused.push((row, lines));
            }
        }
        Ok(refused)
    }

    /// What the records were that an upload stored: see [`crate::upload::UploadRecord::digest`].
    pub fn stored(&self, id: UploadId) -> Result<HashSet<u64>, LedgerError> {
        let mut query = self
            .connection
            .prepare("SELECT digests FROM entries WHERE upload = ?1 AND digests IS NOT NULL")?;
        let mut found = query.query([id.0])?;
        let mut digests = HashSet::new();
        while let Some(row) = found.next()? {
            digests.extend(entry::unpack_digests(row.get_ref(0)?.as_blob().unwrap_or_default()));
        }
        Ok(digests)
    }

    /// What was stored under the ids of an upload before it, when that was kept and not discarded.
    pub fn snapshot(&self, id: UploadId) -> Result<Option<Snapshot>, LedgerError> {
        let next = self.next_entry(id)?;
        let snapshot = Snapshot::find(&self.folder, id, next)?;
        snapshot.map(|snapshot| snapshot.not_behind(next)).transpose()
    }

    fn next_entry(&self, id: UploadId) -> Result<i64, LedgerError> {
        let next = "SELECT coalesce(max(number) + 1, 0) FROM entries WHERE upload = ?1";
        Ok(self.connection.query_row(next, [id.0], |row| row.get(0))?)
    }

    /// Deletes what was kept of the time before an upload, and keeps no more of it: it can then not be reverted.
    pub(crate) fn discard_snapshot(&self, id: UploadId) -> Result<(), LedgerError> {
        let _lock = self.lock(id)?;
        let write_options = WriteOptions {
            keep_replaced: false,
            ..self.upload(id)?.plan.write_options
        };
        self.connection.execute(
            "UPDATE uploads SET manner = ?2 WHERE id = ?1",
            params![id.0, to_json(write_options)],
        )?;
        Snapshot::discard(&self.folder, id)?;
        self.checkpoint()
    }

    /// Has the write-ahead log forget what was overwritten.
    fn checkpoint(&self) -> Result<(), LedgerError> {
        // While another process reads, that one does it when it closes.
        Ok(self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// The snapshot of an upload that goes on, if it is to have one. A part of what was there before is no snapshot:
    /// where the file is gone, the upload cannot be reverted any more.
    fn snapshot_again(&self, id: UploadId, is_untouched: bool) -> Result<Option<Snapshot>, LedgerError> {
        if !self.upload(id)?.plan.write_options.keep_replaced {
            return Ok(None);
        }
        if is_untouched {
            return Snapshot::make(&self.folder, id).map(Some);
        }
        let snapshot = self.snapshot(id)?;
        if let Some(snapshot) = &snapshot {
            snapshot.forget_unsent()?;
        }
        Ok(snapshot)
    }

    /// The revert that took an upload back, or some of it, and was not reverted itself.
    pub fn reverted_by(&self, id: UploadId) -> Result<Option<UploadId>, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id FROM uploads WHERE undoes = ?1 ORDER BY id DESC")?;
        let reverts = query.query_map([id.0], |row| row.get(0).map(UploadId))?;
        for revert in reverts.collect::<Result<Vec<_>, _>>()? {
            let has_changed_something = match self.tally(revert) {
                Ok(tally) => tally.stored + tally.sent + tally.unknown > 0,
                Err(error) if error.is_damage() => true,
                Err(error) => return Err(error),
            };
            if has_changed_something && self.reverted_by(revert)?.is_none() {
                return Ok(Some(revert));
            }
        }
        Ok(None)
    }

    fn with_tally(&self, mut upload: Upload) -> Result<Upload, LedgerError> {
        upload.tally = self.tally(upload.id)?;
        Ok(upload)
    }

    fn tally(&self, id: UploadId) -> Result<UploadTally, LedgerError> {
        if let Some(tally) = past::stored_tally(&self.connection, id)? {
            return Ok(tally);
        }
        let (state, next) = self.replay(id)?;
        let tally = state.tally();
        past::store_tally(&self.connection, id, tally, next)?;
        Ok(tally)
    }

    fn lock(&self, id: UploadId) -> Result<FileLock, LedgerError> {
        lock::of_upload(&self.folder, id)
    }
}

/// The form of the tables in a file; 0: there are none.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn to_json(write_options: WriteOptions) -> String {
    // Serialising a few switches cannot fail.
    serde_json::to_string(&write_options).unwrap_or_default()
}
