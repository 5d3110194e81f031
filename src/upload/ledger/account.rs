//! One upload's state, and where it is written to.

use rusqlite::{Connection, params};

use super::{Entry, Kept, LedgerError, Lock, Place, Proof, Snapshot, State, UploadId, entry};
use crate::{domain::rows::RowSet, upload::Told};

/// Where entries are written to.
pub trait Log: Send {
    /// Writes an entry; when it returns, the entry is safe.
    fn write(&mut self, entry: &Entry) -> Result<(), LedgerError>;

    /// Keeps what is stored under ids before the request that the next entry announces replaces it; when it returns,
    /// it is safe. Returns where it is.
    fn keep(&mut self, kept: &[Kept]) -> Result<Option<Place>, LedgerError>;

    /// Forgets it.
    fn forget(&mut self, place: &Place) -> Result<(), LedgerError>;

    /// Forgets what was kept for the last request with these rows.
    fn forget_rows(&mut self, rows: &RowSet) -> Result<(), LedgerError>;

    /// Notes that the upload has ended, and why when it ended early.
    fn end(&mut self, stopped: Option<&str>) -> Result<(), LedgerError>;

    /// Notes the hash of the whole file.
    fn content(&mut self, hash: u64) -> Result<(), LedgerError>;
}

/// What is known about an upload: every change is written before it counts.
pub struct Account {
    id: Option<UploadId>,
    state: State,
    refused: Vec<(u32, Vec<String>)>,
    log: Box<dyn Log>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            id,
            state,
            refused,
            log: _,
        } = self;
        f.debug_struct("Account")
            .field("id", id)
            .field("state", state)
            .field("refused", refused)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// An upload that nobody will ask about later, such as a dry run.
    pub fn unwritten(rows: u64) -> Self {
        Self {
            id: None,
            state: State::new(rows),
            refused: Vec::new(),
            log: Box::new(Nowhere),
        }
    }

    pub(super) fn written(
        id: UploadId,
        connection: Connection,
        next: i64,
        state: State,
        refused: Vec<(u32, Vec<String>)>,
        snapshot: Option<Snapshot>,
        lock: Lock,
    ) -> Self {
        let log = Box::new(Book {
            connection,
            id,
            next,
            snapshot,
            _lock: lock,
        });
        Self {
            id: Some(id),
            state,
            refused,
            log,
        }
    }

    /// The upload's number, when it is written down.
    pub const fn id(&self) -> Option<UploadId> {
        self.id
    }

    /// What is known about the rows.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What the server said about the rows it refused, in the order it did.
    pub fn refused(&self) -> &[(u32, Vec<String>)] {
        &self.refused
    }

    /// Writes a step down, and takes it. When it cannot be written it is not taken.
    pub fn note(&mut self, entry: Entry) -> Result<(), LedgerError> {
        self.log.write(&entry)?;
        self.state.apply(&entry);
        if let Entry::Refuse { row, lines } = entry {
            self.refused.push((row, lines));
        }
        Ok(())
    }

    /// Keeps what is stored under ids before the request replaces it that the next entry announces, when the upload is
    /// to be undone later.
    pub fn keep(&mut self, kept: &[Kept]) -> Result<Option<Place>, LedgerError> {
        self.log.keep(kept)
    }

    /// Forgets what was kept for a request of which nothing was stored.
    pub fn forget(&mut self, place: &Place) -> Result<(), LedgerError> {
        self.log.forget(place)
    }

    /// Notes what became of a task that was open when the upload last ended. Rows of which nobody knows are open still.
    pub fn settle(&mut self, task: &str, told: &Told) -> Result<(), LedgerError> {
        let Some(rows) = self.state.tasks().get(task).cloned() else {
            return Ok(());
        };
        match told {
            Told::Done => self.note(Entry::Store {
                rows,
                proof: Proof::Task,
                digests: Vec::new(),
            }),
            Told::Refused { .. } | Told::Failed(_) => {
                self.note(Entry::Return { rows: rows.clone() })?;
                self.log.forget_rows(&rows)
            }
            Told::NoSuchTask | Told::Open(_) => self.note(Entry::Lose { rows }),
        }
    }

    /// Notes that the upload has ended, and why when it ended early.
    pub fn end(&mut self, stopped: Option<&str>) -> Result<(), LedgerError> {
        self.log.end(stopped)
    }

    /// Notes the hash of the whole file.
    pub fn content(&mut self, hash: u64) -> Result<(), LedgerError> {
        self.log.content(hash)
    }
}

/// The ledger's page of one upload.
struct Book {
    connection: Connection,
    id: UploadId,
    next: i64,
    snapshot: Option<Snapshot>,
    _lock: Lock,
}

impl Log for Book {
    fn write(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let entry::Written {
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

    fn keep(&mut self, kept: &[Kept]) -> Result<Option<Place>, LedgerError> {
        let snapshot = self.snapshot.as_mut();
        snapshot.map(|snapshot| snapshot.keep(self.next, kept)).transpose()
    }

    fn forget(&mut self, place: &Place) -> Result<(), LedgerError> {
        self.snapshot.as_ref().map_or(Ok(()), |snapshot| snapshot.forget(place))
    }

    fn forget_rows(&mut self, rows: &RowSet) -> Result<(), LedgerError> {
        let Some(snapshot) = &self.snapshot else { return Ok(()) };
        let sent = entry::write(&Entry::Send { rows: rows.clone() });
        let last = "SELECT max(number) FROM entries WHERE upload = ?1 AND kind = ?2 AND rows = ?3";
        let last: Option<i64> = self
            .connection
            .query_row(last, params![self.id.0, sent.kind, sent.rows], |row| row.get(0))?;
        last.map_or(Ok(()), |entry| snapshot.forget_of(entry))
    }

    fn end(&mut self, stopped: Option<&str>) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE uploads SET ended = ?2, stopped = ?3 WHERE id = ?1",
            params![self.id.0, jiff::Timestamp::now().to_string(), stopped],
        )?;
        Ok(())
    }

    fn content(&mut self, hash: u64) -> Result<(), LedgerError> {
        self.connection.execute(
            "UPDATE uploads SET content = ?2 WHERE id = ?1",
            params![self.id.0, hash.cast_signed()],
        )?;
        Ok(())
    }
}

struct Nowhere;

impl Log for Nowhere {
    fn write(&mut self, _: &Entry) -> Result<(), LedgerError> {
        Ok(())
    }

    fn keep(&mut self, _: &[Kept]) -> Result<Option<Place>, LedgerError> {
        Ok(None)
    }

    fn forget(&mut self, _: &Place) -> Result<(), LedgerError> {
        Ok(())
    }

    fn forget_rows(&mut self, _: &RowSet) -> Result<(), LedgerError> {
        Ok(())
    }

    fn end(&mut self, _: Option<&str>) -> Result<(), LedgerError> {
        Ok(())
    }

    fn content(&mut self, _: u64) -> Result<(), LedgerError> {
        Ok(())
    }
}
