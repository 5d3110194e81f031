//! What keeps the ledger safe, and finds out when it is not: it is the only word on what was sent where.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, Transaction};

use super::{FILE, LedgerError, Snapshot, VERSION, lock, version};
use crate::settings::{FileLock, create_private_file, create_private_folder};

/// Opens the file, which is made when it is not there. It is looked whether it was cut off, which costs nothing; and where
/// it was not closed, whether all of it can be read.
pub(super) fn open(folder: &Path) -> Result<(Connection, FileLock), LedgerError> {
    create_private_folder(folder).map_err(LedgerError::at(folder))?;
    let path = folder.join(FILE);
    let is_alone = has_pages_ahead(folder) && lock::is_idle(folder)?;
    let in_use = lock::shared(folder)?;
    // The database would make it readable for others, and names no file that it cannot open.
    create_private_file(&path).map_err(LedgerError::at(&path))?;
    let connection = connect(&path).map_err(LedgerError::opening(&path))?;
    ensure_whole(&connection, folder)?;
    if is_alone {
        check(&connection)?;
    }
    Ok((connection, in_use))
}

/// How long is waited for what others write.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    Ok(connection)
}

/// How the ledger and its snapshots are written.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    write_ahead(connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Records and refusals can name people: what is overwritten is gone.
    connection.pragma_update(None, "secure_delete", true)
}

/// Has the file written ahead. Of two that make a new file so at the same moment, the database refuses one at once, without
/// the patience it has otherwise.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let began = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(2));
            }
            outcome => return outcome,
        }
    }
}

/// Whether there is a write-ahead log, of which pages have still to go into the file.
fn has_pages_ahead(folder: &Path) -> bool {
    fs::metadata(folder.join(format!("{FILE}-wal"))).is_ok_and(|ahead| ahead.len() > 0)
}

/// Whether the file has all the pages that it says it has; where some may be in the write-ahead log, this is not known.
///
/// Another connection may write at any time, so the order counts: pages that were in the log when they were counted are in
/// the file once the log is found empty.
fn ensure_whole(connection: &Connection, folder: &Path) -> Result<(), LedgerError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let expected = pragma("page_count")?
        .saturating_mul(pragma("page_size")?)
        .cast_unsigned();
    if has_pages_ahead(folder) {
        return Ok(());
    }
    let path = folder.join(FILE);
    let there = fs::metadata(&path).map_err(LedgerError::at(&path))?.len();
    if there < expected {
        return Err(LedgerError::Corrupt(format!(
            "{there} of its {expected} bytes are there"
        )));
    }
    Ok(())
}

/// Looks through all of it.
pub(super) fn check(connection: &Connection) -> Result<(), LedgerError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(LedgerError::Corrupt(found.replace('\n', " ")))
}

/// Keeps a copy of a ledger whose tables are about to be changed.
pub(super) fn keep_before_migration(connection: &Connection, folder: &Path) -> Result<(), LedgerError> {
    let version = version(connection)?;
    if !(1..VERSION).contains(&version) {
        return Ok(());
    }
    let place = folder.join(format!("uploads.version-{version}.sqlite"));
    let failed = LedgerError::at(&place);
    let copy = match tempfile::NamedTempFile::new_in(folder) {
        Ok(file) => file.into_temp_path(),
        Err(error) => return Err(failed(error)),
    };
    connection
        .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .map_err(LedgerError::opening(&place))?;
    copy.persist(&place).map_err(|error| failed(error.error))
}

/// The highest number that an upload ever had, as far as files beside the ledger tell.
pub(super) fn highest_number(folder: &Path) -> i64 {
    lock::highest(folder).max(highest_snapshot(folder))
}

/// The highest number of an upload that has a snapshot, which no other may take the place of; 0: there is none.
pub(super) fn highest_snapshot(folder: &Path) -> i64 {
    Snapshot::all(folder).last().map_or(0, |id| id.0)
}

/// Has the next upload have a higher number than this.
pub(super) fn skip_numbers(transaction: &Transaction<'_>, highest: i64) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'uploads', 0
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'uploads')",
    )?;
    let skip = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'uploads' AND seq < ?1";
    transaction.execute(skip, [highest]).map(|_| ())
}

/// The files that were ledgers once, the newest first: copies from before a migration, and those that were damaged.
pub(super) fn former(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_former = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("uploads.") && name.ends_with(".sqlite") && name != FILE && path.is_file()
    };
    let mut files: Vec<PathBuf> = files.map(|entry| entry.path()).filter(is_former).collect();
    files.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).and_then(|file| file.modified()).ok()));
    files
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::upload::Ledger;

    /// What another connection has only written ahead is missing in the file, and is no damage.
    #[test]
    fn pages_ahead_are_not_taken_for_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let reader = connect(&path).unwrap();
        ensure_whole(&reader, folder.path()).unwrap();
        let writer = connect(&path).unwrap();
        writer
            .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(20000))")
            .unwrap();
        ensure_whole(&reader, folder.path()).unwrap();
        writer
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        ensure_whole(&reader, folder.path()).unwrap();
        let whole = fs::metadata(&path).unwrap().len();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(whole - 4096)
            .unwrap();
        let refused = ensure_whole(&reader, folder.path()).unwrap_err();
        assert!(matches!(refused, LedgerError::Corrupt(_)), "{refused:?}");
    }
    /// As the window's threads and a second program do at the first start.
    #[test]
    fn many_open_a_new_ledger_at_the_same_moment() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let together = Barrier::new(8);
            thread::scope(|scope| {
                let openings = (0..8).map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        Ledger::open(folder.path()).map(drop)
                    })
                });
                let openings: Vec<_> = openings.collect();
                for opening in openings {
                    opening.join().unwrap().unwrap();
                }
            });
        }
    }
}
