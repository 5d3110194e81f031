//! An upload's state, together with the ledger that it is written to.

use rusqlite::{Connection, params};

use super::{Confirmation, LedgerEntry, LedgerError, Replaced, Snapshot, SnapshotRange, State, UploadId, entry, past};
use crate::{
    domain::rows::RowSet,
    settings::FileLock,
    upload::{TaskOutcome, UploadTally},
};

/// The state of an upload; every change is written before it counts.
#[derive(Debug)]
pub struct Account {
    state: State,
    refused: Vec<(u32, Vec<String>)>,
    /// The ledger; `None` when the upload is not recorded.
    writer: Option<LedgerWriter>,
}

impl Account {
    /// An upload that is not recorded, such as a dry run.
    pub fn unwritten(rows: u64) -> Self {
        Self {
            state: State::new(rows),
            refused: Vec::new(),
            writer: None,
        }
    }

    pub(super) fn written(
        id: UploadId,
        connection: Connection,
        next: i64,
        state: State,
        refused: Vec<(u32, Vec<String>)>,
        snapshot: Option<Snapshot>,
        locks: (FileLock, FileLock),
    ) -> Self {
        Self {
            state,
            refused,
            writer: Some(LedgerWriter {
                connection,
                id,
                next,
                snapshot,
                _locks: locks,
            }),
        }
    }

    /// The upload's number, when it is written down.
    pub const fn id(&self) -> Option<UploadId> {
        match &self.writer {
            Some(writer) => Some(writer.id),
            None => None,
        }
    }

    /// The state of its rows.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The rows that the server refused with its lines, in the order of the answers.
    pub fn refused(&self) -> &[(u32, Vec<String>)] {
        &self.refused
    }

    /// Writes a step down, and takes it. When it cannot be written it is not taken.
    pub fn note(&mut self, entry: LedgerEntry) -> Result<(), LedgerError> {
        if let Some(writer) = &mut self.writer {
            writer.write(&entry)?;
        }
        self.state.apply(&entry);
        if let LedgerEntry::Refuse { row, lines } = entry {
            self.refused.push((row, lines));
        }
        Ok(())
    }

    /// Keeps what is stored under ids before the request replaces it that the next entry announces, when the upload is
    /// to be reverted later.
    pub fn keep(&mut self, replaced: &[Replaced]) -> Result<Option<SnapshotRange>, LedgerError> {
        self.writer.as_mut().map_or(Ok(None), |writer| writer.keep(replaced))
    }

    /// Forgets what was kept for a request of which nothing was stored.
    pub fn forget(&mut self, range: &SnapshotRange) -> Result<(), LedgerError> {
        self.writer.as_ref().map_or(Ok(()), |writer| writer.forget(range))
    }

    /// Notes the outcome of a task that was open when the upload last ended. Rows without a known outcome stay open.
    pub fn settle(&mut self, task: &str, outcome: &TaskOutcome) -> Result<(), LedgerError> {
        let Some(rows) = self.state.tasks().get(task).cloned() else {
            return Ok(());
        };
        match outcome {
            TaskOutcome::Done => self.note(LedgerEntry::Store {
                rows,
                confirmation: Confirmation::Task,
                digests: Vec::new(),
            }),
            TaskOutcome::Refused { .. } | TaskOutcome::Failed(_) => {
                self.note(LedgerEntry::Return { rows: rows.clone() })?;
                self.writer.as_ref().map_or(Ok(()), |writer| writer.forget_rows(&rows))
            }
            TaskOutcome::NoSuchTask | TaskOutcome::Open(_) => self.note(LedgerEntry::Lose { rows }),
        }
    }

    /// Notes that the upload has ended, and why when it ended early.
    pub fn end(&mut self, stopped: Option<&str>) -> Result<(), LedgerError> {
        let tally = self.state.tally();
        self.writer.as_ref().map_or(Ok(()), |writer| writer.end(stopped, tally))
    }

    /// Notes the hash of the whole file.
    pub fn content(&mut self, hash: u64) -> Result<(), LedgerError> {
        self.writer.as_ref().map_or(Ok(()), |writer| writer.content(hash))
    }
}

/// The ledger's page of one upload.
#[derive(Debug)]
struct LedgerWriter {
    connection: Connection,
    id: UploadId,
    next: i64,
    snapshot: Option<Snapshot>,
    /// Of the upload, and of the ledger.
    _locks: (FileLock, FileLock),
}

impl LedgerWriter {
    /// When it returns, the entry is safe.
    fn write(&mut self, entry: &LedgerEntry) -> Result<(), LedgerError> {
        let entry::EntryRow {
            kind,
            rows,
            note,
            digests,
        } = entry::write(entry);
        self.connection
            .prepare_cached(
                "INSERT INTO entries (upload, number, kind, rows, note, digests) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![self.id.0, self.next, kind, rows, note, digests])?;
        self.next += 1;
        Ok(())
    }

    /// When it returns, what was there is safe. Returns where it is.
    fn keep(&mut self, replaced: &[Replaced]) -> Result<Option<SnapshotRange>, LedgerError> {
        let snapshot = self.snapshot.as_mut();
        snapshot.map(|snapshot| snapshot.keep(self.next, replaced)).transpose()
    }

    fn forget(&self, range: &SnapshotRange) -> Result<(), LedgerError> {
        self.snapshot.as_ref().map_or(Ok(()), |snapshot| snapshot.forget(range))
    }

    /// Forgets what was kept for the last request with these rows.
    fn forget_rows(&self, rows: &RowSet) -> Result<(), LedgerError> {
        let Some(snapshot) = &self.snapshot else { return Ok(()) };
        let sent = entry::write(&LedgerEntry::Send { rows: rows.clone() });
        let last = "SELECT max(number) FROM entries WHERE upload = ?1 AND kind = ?2 AND rows = ?3";
        let last: Option<i64> = self
            .connection
            .query_row(last, params![self.id.0, sent.kind, sent.rows], |row| row.get(0))?;
        last.map_or(Ok(()), |entry| snapshot.forget_of(entry))
    }

    fn end(&self, stopped: Option<&str>, tally: UploadTally) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE uploads SET ended = ?2, stopped = ?3 WHERE id = ?1",
            params![self.id.0, jiff::Timestamp::now().to_string(), stopped],
        )?;
        past::store_tally(&self.connection, self.id, tally, self.next)
    }

    fn content(&self, hash: u64) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE uploads SET content = ?2 WHERE id = ?1",
            params![self.id.0, hash.cast_signed()],
        )?;
        Ok(())
    }
}
