//! What was stored under the ids of an upload before it, so that it can be reverted: a file of its own for every
//! upload, readable by its owner only, which can be deleted without harm to the rest of the ledger.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, Row, params, types::Value};

use super::{LedgerError, UploadId, health};
use crate::{
    settings::{create_private_file, create_private_folder},
    upload::SentDigests,
};

/// Without an index on the ids, which come in any order: keeping a batch then writes to one place, not to hundreds.
const TABLES: &str = "
    CREATE TABLE snapshot (upload INTEGER NOT NULL) STRICT;
    CREATE TABLE kept (
        number INTEGER PRIMARY KEY, entry INTEGER NOT NULL, id TEXT NOT NULL, is_known INTEGER NOT NULL, before TEXT, sent BLOB NOT NULL
    ) STRICT;
    CREATE TABLE plan (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
";
/// The index, which is made when the snapshot is first read.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS kept_by_id ON kept (id)";
/// Whether a row is the first one for its id.
const IS_FIRST: &str = "NOT EXISTS (SELECT 1 FROM kept AS earlier
    WHERE earlier.id = kept.id AND earlier.number < kept.number)";

/// The record that was stored under an id, and what the upload sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The record's id.
    pub id: String,
    /// The record before the upload.
    pub before: Before,
    /// Digests of what was sent, or was going to be.
    pub sent: SentDigests,
}

/// The record under an id before an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// No record.
    Nothing,
    /// A record: its JSON text as the server handed it out.
    Record(String),
    /// Not known, as no address can carry the id.
    Unknown,
}

/// Why a snapshot is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The database says no.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// It is that of another upload.
    #[error("it is of upload {0}")]
    OfAnother(UploadId),
}

/// The records that an upload replaced. What is kept says by which entry of the ledger the request was announced that
/// replaced them: what that did not follow counts for nothing. Of the rest the first word on an id stands: it is what
/// was there before the upload.
#[derive(Debug)]
pub struct Snapshot {
    connection: Connection,
    path: PathBuf,
    /// The entry that the ledger does not have yet.
    next: i64,
}

/// The numbers of rows in a snapshot.
pub(crate) type SnapshotRange = RangeInclusive<i64>;

impl Snapshot {
    /// An empty snapshot of an upload that has sent nothing yet, in the place of whatever is left there.
    pub(super) fn make(folder: &Path, id: UploadId) -> Result<Self, LedgerError> {
        Self::discard(folder, id)?;
        let path = path(folder, id);
        // The snapshot can hold records of people.
        let folder = folder_of(folder);
        create_private_folder(&folder).map_err(LedgerError::at(&folder))?;
        create_private_file(&path).map_err(LedgerError::at(&path))?;
        let made = connect(&path, OpenFlags::SQLITE_OPEN_CREATE).and_then(|mut connection| {
            let transaction = connection.transaction()?;
            transaction.execute_batch(TABLES)?;
            transaction.execute("INSERT INTO snapshot (upload) VALUES (?1)", [id.0])?;
            transaction.commit()?;
            Ok(connection)
        });
        Self::of(made, path, 0)
    }

    /// The snapshot of an upload, if it has one; `next` is the entry that the ledger does not have yet.
    pub(super) fn find(folder: &Path, id: UploadId, next: i64) -> Result<Option<Self>, LedgerError> {
        let path = path(folder, id);
        if !path.exists() {
            return Ok(None);
        }
        let snapshot = Self::of(connect(&path, OpenFlags::empty()), path, next)?;
        let upload = snapshot
            .connection
            .query_row("SELECT upload FROM snapshot", [], |row| row.get::<_, i64>(0));
        match upload.map_err(|error| snapshot.failed(error))? {
            upload if upload == id.0 => Ok(Some(snapshot)),
            upload => Err(LedgerError::Snapshot {
                path: snapshot.path,
                source: SnapshotError::OfAnother(UploadId(upload)),
            }),
        }
    }

    /// The numbers of all uploads that have one.
    pub(super) fn all(folder: &Path) -> Vec<UploadId> {
        let files = fs::read_dir(folder_of(folder)).into_iter().flatten().flatten();
        let number = |name: &str| name.strip_suffix(".sqlite")?.parse().ok().map(UploadId);
        let mut all: Vec<_> = files.filter_map(|file| number(file.file_name().to_str()?)).collect();
        all.sort_unstable();
        all
    }

    /// Keeps what the ledger says of its upload, so that this can be told when the ledger is lost.
    pub(super) fn note_plan(&self, fields: &[(String, Value)]) -> Result<(), LedgerError> {
        let note = || {
            let transaction = self.connection.unchecked_transaction()?;
            for (name, value) in fields {
                transaction.execute("INSERT INTO plan (name, value) VALUES (?1, ?2)", params![name, value])?;
            }
            transaction.commit()
        };
        note().map_err(|error| self.failed(error))
    }

    /// What the ledger said of its upload when that began; empty when it is of a version that did not keep that.
    pub(super) fn plan(&self) -> rusqlite::Result<Vec<(String, Value)>> {
        if !self.connection.table_exists(None, "plan")? {
            return Ok(Vec::new());
        }
        let mut query = self.connection.prepare("SELECT name, value FROM plan")?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    /// The entry of the ledger that announced, or was to announce, the last request.
    pub(super) fn last_entry(&self) -> Result<Option<i64>, LedgerError> {
        let last = "SELECT entry FROM kept ORDER BY number DESC LIMIT 1";
        let last = self.connection.query_row(last, [], |row| row.get(0)).optional();
        last.map_err(|error| self.failed(error))
    }

    /// The same, for a ledger that may have lost entries: where more were announced than it has, all that is kept counts.
    pub(super) fn not_behind(mut self, next: i64) -> Result<Self, LedgerError> {
        self.next = match self.last_entry()? {
            Some(last) if last > next => last + 1,
            _ => next,
        };
        Ok(self)
    }

    /// The entry that the ledger does not have yet.
    pub(super) const fn next(&self) -> i64 {
        self.next
    }

    /// Deletes the snapshot of an upload.
    pub(super) fn discard(folder: &Path, id: UploadId) -> Result<(), LedgerError> {
        let path = path(folder, id);
        for suffix in ["", "-wal", "-shm"] {
            let file = with_suffix(&path, suffix);
            match fs::remove_file(&file) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(LedgerError::Folder { path: file, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn of(connection: rusqlite::Result<Connection>, path: PathBuf, next: i64) -> Result<Self, LedgerError> {
        match connection {
            Ok(connection) => Ok(Self { connection, path, next }),
            Err(error) => Err(LedgerError::Snapshot {
                path,
                source: error.into(),
            }),
        }
    }

    fn failed(&self, error: rusqlite::Error) -> LedgerError {
        LedgerError::Snapshot {
            path: self.path.clone(),
            source: error.into(),
        }
    }

    /// Keeps what is under these ids before the request that `entry` announces; all or nothing.
    pub(super) fn keep(&mut self, entry: i64, all: &[Replaced]) -> Result<SnapshotRange, LedgerError> {
        self.next = entry + 1;
        let replaced = insert(&mut self.connection, entry, all);
        replaced.map_err(|error| self.failed(error))
    }

    /// Forgets what was kept for a request of which nothing was stored.
    pub(super) fn forget(&self, range: &SnapshotRange) -> Result<(), LedgerError> {
        let forget = "DELETE FROM kept WHERE number BETWEEN ?1 AND ?2";
        self.forget_by(forget, params![range.start(), range.end()])
    }

    /// Forgets what was kept for the request that an entry announced.
    pub(super) fn forget_of(&self, entry: i64) -> Result<(), LedgerError> {
        self.forget_by("DELETE FROM kept WHERE entry = ?1", params![entry])
    }

    /// Forgets what no request followed, because the program ended in between.
    pub(super) fn forget_unsent(&self) -> Result<(), LedgerError> {
        let forget = "DELETE FROM kept WHERE number >
            coalesce((SELECT number FROM kept WHERE entry < ?1 ORDER BY number DESC LIMIT 1), 0)";
        self.forget_by(forget, params![self.next])
    }

    fn forget_by(&self, forget: &str, which: impl Params) -> Result<(), LedgerError> {
        let done = self.connection.prepare_cached(forget);
        let done = done.and_then(|mut forget| forget.execute(which));
        done.map(|_| ()).map_err(|error| self.failed(error))
    }

    /// The size on disk in bytes of the snapshot of an upload, if it has one; the file is not opened.
    pub(super) fn bytes_of(folder: &Path, id: UploadId) -> Option<u64> {
        let path = path(folder, id);
        let database = fs::metadata(&path).ok()?;
        let ahead = fs::metadata(with_suffix(&path, "-wal"));
        Some(database.len() + ahead.map_or(0, |ahead| ahead.len()))
    }

    /// How many ids it holds.
    pub fn ids(&self) -> Result<u64, LedgerError> {
        let count = || {
            self.connection.execute_batch(INDEX)?;
            let count = format!("SELECT count(*) FROM kept WHERE entry < ?1 AND {IS_FIRST}");
            self.connection
                .query_row(&count, [self.next], |row| row.get::<_, i64>(0))
        };
        let ids = count().map_err(|error| self.failed(error))?;
        Ok(ids.cast_unsigned())
    }

    /// Passes every id it holds to `see`; some perhaps more than once.
    pub(crate) fn each_id(&self, see: &mut dyn FnMut(String)) -> Result<(), LedgerError> {
        let mut read = || {
            let mut query = self.connection.prepare_cached("SELECT id FROM kept WHERE entry < ?1")?;
            let mut found = query.query([self.next])?;
            while let Some(row) = found.next()? {
                see(row.get(0)?);
            }
            Ok(())
        };
        read().map_err(|error| self.failed(error))
    }

    /// Up to `limit` of what is kept, one for each id, in the order it was kept; each with its number, from behind
    /// `after`, which is 0 at first.
    pub fn read(&self, after: i64, limit: u32) -> Result<Vec<(i64, Replaced)>, LedgerError> {
        let read = || {
            self.connection.execute_batch(INDEX)?;
            let mut query = self.connection.prepare_cached(&format!(
                "SELECT number, id, is_known, before,
                 (SELECT group_concat(hex(sent), '') FROM kept AS all_of WHERE all_of.id = kept.id)
                 FROM kept WHERE number > ?1 AND entry < ?3 AND {IS_FIRST} ORDER BY number LIMIT ?2"
            ))?;
            query
                .query_map(params![after, limit, self.next], replaced)?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.failed(error))
    }
}

fn connect(path: &Path, create: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | create)?;
    health::configure(&connection)?;
    Ok(connection)
}

fn insert(connection: &mut Connection, entry: i64, all: &[Replaced]) -> rusqlite::Result<SnapshotRange> {
    let transaction = connection.transaction()?;
    let mut last = 0;
    {
        let mut insert = transaction
            .prepare_cached("INSERT INTO kept (entry, id, is_known, before, sent) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for Replaced { id, before, sent } in all {
            let (is_known, record) = match before {
                Before::Nothing => (true, None),
                Before::Record(record) => (true, Some(record)),
                Before::Unknown => (false, None),
            };
            last = insert.insert(params![entry, id, is_known, record, sent.to_bytes()])?;
        }
    }
    transaction.commit()?;
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    Ok(last - count + 1..=last)
}

fn replaced(row: &Row<'_>) -> rusqlite::Result<(i64, Replaced)> {
    let before = match (row.get(2)?, row.get(3)?) {
        (false, _) => Before::Unknown,
        (true, None) => Before::Nothing,
        (true, Some(record)) => Before::Record(record),
    };
    let replaced = Replaced {
        id: row.get(1)?,
        before,
        sent: SentDigests::from_hex(row.get_ref(4)?.as_str().unwrap_or_default()),
    };
    Ok((row.get(0)?, replaced))
}

fn folder_of(folder: &Path) -> PathBuf {
    folder.join("snapshots")
}

fn path(folder: &Path, id: UploadId) -> PathBuf {
    folder_of(folder).join(format!("{id}.sqlite"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(id: &str, before: Option<&str>, sent: &[Option<&str>]) -> Replaced {
        let bytes = sent.iter().flat_map(|sent| SentDigests::of(*sent).unwrap().to_bytes());
        let hex: Vec<String> = bytes.map(|byte| format!("{byte:02X}")).collect();
        Replaced {
            id: id.to_owned(),
            before: before.map_or(Before::Nothing, |record| Before::Record(record.to_owned())),
            sent: SentDigests::from_hex(&hex.concat()),
        }
    }

    /// Not even in free pages, once it is closed.
    #[test]
    fn what_is_forgotten_is_in_the_file_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let id = UploadId(1);
        let mut snapshot = Snapshot::make(folder.path(), id).unwrap();
        let person = format!("{{\"name\":\"{}\"}}", "Erika".repeat(3000));
        let range = snapshot.keep(0, &[replaced("a", Some(&person), &[None])]).unwrap();
        snapshot.keep(1, &[replaced("b", Some("{}"), &[None])]).unwrap();
        let contains = || {
            let bytes = fs::read(path(folder.path(), id)).unwrap();
            bytes.windows(5).any(|window| window == b"Erika")
        };
        drop(snapshot);
        assert!(contains());
        Snapshot::find(folder.path(), id, 2)
            .unwrap()
            .unwrap()
            .forget(&range)
            .unwrap();
        assert!(!contains());
    }

    #[test]
    fn the_first_word_on_an_id_stands_and_all_that_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let id = UploadId(3);
        assert!(Snapshot::find(folder.path(), id, 9).unwrap().is_none());
        let mut snapshot = Snapshot::make(folder.path(), id).unwrap();
        let (first, second) = (Some("{\"a\":1}"), Some("{\"a\":2}"));
        snapshot
            .keep(0, &[replaced("a", Some("{}"), &[first]), replaced("b", None, &[first])])
            .unwrap();
        drop(snapshot);
        let mut snapshot = Snapshot::find(folder.path(), id, 9).unwrap().unwrap();
        let unknown = Replaced {
            before: Before::Unknown,
            ..replaced("..", None, &[first])
        };
        let later = [
            replaced("b", Some("{\"x\":1}"), &[second]),
            replaced("b", None, &[first]),
            replaced("c", None, &[None]),
            unknown.clone(),
        ];
        snapshot.keep(1, &later).unwrap();
        let expect = [
            (1, replaced("a", Some("{}"), &[first])),
            (2, replaced("b", None, &[first, second, first])),
            (5, replaced("c", None, &[None])),
            (6, unknown),
        ];
        assert_eq!(snapshot.read(0, 9).unwrap(), expect);
        assert_eq!(snapshot.read(1, 1).unwrap(), expect[1..2]);
        assert_eq!(snapshot.ids().unwrap(), 4);
        assert!(Snapshot::bytes_of(folder.path(), id).is_some_and(|bytes| bytes > 0));
        for (there, is_ours) in [(first, true), (second, true), (Some("{}"), false), (None, false)] {
            assert_eq!(expect[1].1.sent.includes(there).unwrap(), is_ours, "{there:?}");
        }
        assert!(expect[2].1.sent.includes(None).unwrap());
        drop(snapshot);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let snapshots = fs::metadata(folder.path().join("snapshots")).unwrap();
            assert_eq!(snapshots.permissions().mode() & 0o777, 0o700);
        }
        Snapshot::discard(folder.path(), id).unwrap();
        assert!(Snapshot::find(folder.path(), id, 9).unwrap().is_none());
        Snapshot::discard(folder.path(), id).unwrap();
    }

    #[test]
    fn a_file_that_is_no_snapshot_of_the_upload_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let check = |id: UploadId| {
            let error = Snapshot::find(folder.path(), id, 9).unwrap_err().to_string();
            error.replace(&folder.path().join("snapshots").display().to_string(), "…")
        };
        let (first, second) = (UploadId(1), UploadId(2));
        drop(Snapshot::make(folder.path(), first).unwrap());
        fs::copy(path(folder.path(), first), path(folder.path(), second)).unwrap();
        insta::assert_snapshot!(check(second), @"the copy of what was there before the upload, …/2.sqlite, cannot be used: it is of upload 1; tatami uploads NUMBER --discard does without it");
        fs::write(path(folder.path(), second), "").unwrap();
        insta::assert_snapshot!(check(second), @"the copy of what was there before the upload, …/2.sqlite, cannot be used: no such table: snapshot; tatami uploads NUMBER --discard does without it");
        fs::write(path(folder.path(), second), "no database at all, but quite some text").unwrap();
        insta::assert_snapshot!(check(second), @"the copy of what was there before the upload, …/2.sqlite, cannot be used: file is not a database; tatami uploads NUMBER --discard does without it");
        // What a begin that failed left behind is in nobody's way.
        assert_eq!(Snapshot::make(folder.path(), second).unwrap().ids().unwrap(), 0);
    }
}
