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

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS kept (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, before TEXT, sent BLOB NOT NULL
    ) STRICT;
";

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

/// How much a snapshot holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotSize {
    /// Ids, those that had no record included.
    pub records: u64,
    /// Bytes on disk.
    pub bytes: u64,
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

    /// Keeps what is under these ids, unless an earlier word on them is kept; all or nothing.
    pub(super) fn keep(&mut self, all: &[Kept]) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO kept (id, before, sent) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET sent = CAST(sent || excluded.sent AS BLOB)
                 WHERE instr(sent, excluded.sent) = 0",
            )?;
            for Kept { id, before, sent } in all {
                insert.execute(params![id, before, sent.to_bytes()])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// How much it holds.
    pub fn size(&self) -> Result<SnapshotSize, LedgerError> {
        // They are numbered from 1 without gaps.
        let records: i64 = self
            .connection
            .query_row("SELECT coalesce(max(number), 0) FROM kept", [], |row| row.get(0))?;
        let parts = ["", "-wal"].map(|suffix| with_suffix(&self.path, suffix));
        Ok(SnapshotSize {
            records: records.cast_unsigned(),
            bytes: parts
                .iter()
                .filter_map(|part| fs::metadata(part).ok())
                .map(|file| file.len())
                .sum(),
        })
    }

    /// Up to `limit` of what is kept, in the order it was, from the `from`-th on.
    pub fn read(&self, from: u32, limit: u32) -> Result<Vec<Kept>, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id, before, sent FROM kept WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let kept = |row: &Row<'_>| {
            Ok(Kept {
                id: row.get(0)?,
                before: row.get(1)?,
                sent: Sent::from_bytes(row.get_ref(2)?.as_blob().unwrap_or_default()),
            })
        };
        Ok(query.query_map([from, limit], kept)?.collect::<Result<_, _>>()?)
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
        let sent = sent.iter().flat_map(|sent| Sent::of(*sent).unwrap().to_bytes());
        Kept {
            id: id.to_owned(),
            before: before.map(str::to_owned),
            sent: Sent::from_bytes(&sent.collect::<Vec<_>>()),
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
            kept("a", Some("{}"), &[first]),
            kept("b", None, &[first, second]),
            kept("c", None, &[None]),
        ];
        assert_eq!(snapshot.read(0, 9).unwrap(), expect);
        assert_eq!(snapshot.read(1, 1).unwrap(), expect[1..2]);
        assert_eq!(snapshot.size().unwrap().records, 3);
        for (there, is_ours) in [(first, true), (second, true), (Some("{}"), false), (None, false)] {
            assert_eq!(expect[1].sent.includes(there).unwrap(), is_ours, "{there:?}");
        }
        assert!(expect[2].sent.includes(None).unwrap());
        drop(snapshot);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join("snapshots"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        Snapshot::discard(folder.path(), id).unwrap();
        assert!(Snapshot::find(folder.path(), id).unwrap().is_none());
        Snapshot::discard(folder.path(), id).unwrap();
    }
}
