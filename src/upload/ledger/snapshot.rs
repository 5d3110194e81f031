//! What was stored under the ids of an upload before it, so that it can be undone: a file of its own for every upload,
//! readable by its owner only, which can be deleted without harm to the rest of the ledger.

use std::{
    fs::{self, DirBuilder},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Row, params};

use super::{LedgerError, UploadId};
use crate::upload::Sent;

/// Without an index on the ids, which come in any order: keeping a batch then writes to one place, not to hundreds.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS kept (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, before TEXT, sent BLOB NOT NULL
    ) STRICT;
";
/// What is made when somebody wants to know.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS kept_by_id ON kept (id)";
/// Whether a row is the first word on its id.
const IS_FIRST: &str = "NOT EXISTS (SELECT 1 FROM kept AS earlier
    WHERE earlier.id = kept.id AND earlier.number < kept.number)";

/// What was under an id, and what the upload put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The id.
    pub id: String,
    /// The record's JSON text as the server handed it out; `None` when there was none.
    pub before: Option<String>,
    /// What was sent, or was going to be.
    pub sent: Sent,
}

/// The records that an upload replaced. The first word on an id stands: it is what was there before the upload.
#[derive(Debug)]
pub struct Snapshot {
    connection: Connection,
    path: PathBuf,
}

impl Snapshot {
    /// The snapshot of an upload, made when it is not there.
    pub(super) fn make(folder: &Path, id: UploadId) -> Result<Self, LedgerError> {
        let path = path(folder, id);
        if let Some(folder) = path.parent() {
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            // Records of people lie in here.
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder).map_err(|source| LedgerError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        Self::open(path, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// The snapshot of an upload, if it has one.
    pub(super) fn find(folder: &Path, id: UploadId) -> Result<Option<Self>, LedgerError> {
        let path = path(folder, id);
        let is_there = path.exists();
        is_there.then(|| Self::open(path, OpenFlags::empty())).transpose()
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

    fn open(path: PathBuf, create: OpenFlags) -> Result<Self, LedgerError> {
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | create)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection, path })
    }

    /// Keeps what is under these ids; all or nothing.
    pub(super) fn keep(&mut self, all: &[Kept]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO kept (id, before, sent) VALUES (?1, ?2, ?3)")?;
            for Kept { id, before, sent } in all {
                insert.execute(params![id, before, sent.to_bytes()])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Its size on disk in bytes.
    pub fn bytes(&self) -> u64 {
        let parts = ["", "-wal"].map(|suffix| with_suffix(&self.path, suffix));
        let sizes = parts.iter().filter_map(|part| fs::metadata(part).ok());
        sizes.map(|file| file.len()).sum()
    }

    /// How many ids it has a word on.
    pub fn ids(&self) -> Result<u64, LedgerError> {
        self.connection.execute_batch(INDEX)?;
        let count = format!("SELECT count(*) FROM kept WHERE {IS_FIRST}");
        let ids: i64 = self.connection.query_row(&count, [], |row| row.get(0))?;
        Ok(ids.cast_unsigned())
    }

    /// Up to `limit` of what is kept, one for each id, in the order it was kept; each with its number, from behind
    /// `after`, which is 0 at first.
    pub fn read(&self, after: i64, limit: u32) -> Result<Vec<(i64, Kept)>, LedgerError> {
        self.connection.execute_batch(INDEX)?;
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT number, id, before, (SELECT group_concat(hex(sent), '') FROM kept AS all_of WHERE all_of.id = kept.id)
             FROM kept WHERE number > ?1 AND {IS_FIRST} ORDER BY number LIMIT ?2"
        ))?;
        let kept = |row: &Row<'_>| {
            let kept = Kept {
                id: row.get(1)?,
                before: row.get(2)?,
                sent: Sent::from_hex(row.get_ref(3)?.as_str().unwrap_or_default()),
            };
            Ok((row.get(0)?, kept))
        };
        let after = rusqlite::types::Value::from(after);
        let limit = rusqlite::types::Value::from(i64::from(limit));
        Ok(query.query_map([after, limit], kept)?.collect::<Result<_, _>>()?)
    }
}

fn path(folder: &Path, id: UploadId) -> PathBuf {
    folder.join("snapshots").join(format!("{id}.sqlite"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &str, before: Option<&str>, sent: &[Option<&str>]) -> Kept {
        let all = sent.iter().map(|sent| Sent::of(*sent).unwrap());
        Kept {
            id: id.to_owned(),
            before: before.map(str::to_owned),
            sent: all.reduce(Sent::and).unwrap_or_default(),
        }
    }

    #[test]
    fn the_first_word_on_an_id_stands_and_all_that_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let id = UploadId(3);
        assert!(Snapshot::find(folder.path(), id).unwrap().is_none());
        let mut snapshot = Snapshot::make(folder.path(), id).unwrap();
        let (first, second) = (Some("{\"a\":1}"), Some("{\"a\":2}"));
        snapshot
            .keep(&[kept("a", Some("{}"), &[first]), kept("b", None, &[first])])
            .unwrap();
        drop(snapshot);
        let mut snapshot = Snapshot::make(folder.path(), id).unwrap();
        let later = [
            kept("b", Some("{\"x\":1}"), &[second]),
            kept("b", None, &[first]),
            kept("c", None, &[None]),
        ];
        snapshot.keep(&later).unwrap();
        let expect = [
            (1, kept("a", Some("{}"), &[first])),
            (2, kept("b", None, &[first, second, first])),
            (5, kept("c", None, &[None])),
        ];
        assert_eq!(snapshot.read(0, 9).unwrap(), expect);
        assert_eq!(snapshot.read(1, 1).unwrap(), expect[1..2]);
        assert_eq!(snapshot.ids().unwrap(), 3);
        assert!(snapshot.bytes() > 0);
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
        assert!(Snapshot::find(folder.path(), id).unwrap().is_none());
        Snapshot::discard(folder.path(), id).unwrap();
    }
}
