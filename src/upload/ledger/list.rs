//! All uploads: those that can be read, and those of which only that is known that they were.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use rusqlite::params;

use super::{
    COLUMNS, Ledger, LedgerError, PastUpload, Retention, Snapshot, Upload, UploadId, error::REMEDY, health, lock,
    upload,
};

/// The uploads of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadList {
    /// Those that can be read, the latest first.
    pub uploads: Vec<PastUpload>,
    /// The others, the latest first.
    pub unreadable: Vec<UnreadableUpload>,
}

/// An upload that cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableUpload {
    /// Its number.
    pub id: UploadId,
    /// Why.
    pub why: WhyUnreadable,
}

/// Why an upload cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyUnreadable {
    /// What is written of it cannot be read.
    Damaged,
    /// Nothing is written of it, although what it replaced was kept.
    Missing,
}

impl fmt::Display for UnreadableUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.why {
            WhyUnreadable::Damaged => "is damaged",
            WhyUnreadable::Missing => "is gone",
        };
        write!(f, "The record of upload {} {what}; {REMEDY}", self.id)
    }
}

impl Ledger {
    /// All uploads that can be read, the latest first. The entries are read only of those that were killed, run, or are
    /// from a version that stored no tallies.
    pub fn uploads(&self) -> Result<Vec<Upload>, LedgerError> {
        Ok(self.scan()?.0)
    }

    /// All uploads, with whether they run now, and what is kept of them, for how long.
    pub fn list(&self, retention: Retention) -> Result<UploadList, LedgerError> {
        let (readable, mut unreadable) = self.scan()?;
        let mut uploads = Vec::new();
        for upload in readable {
            let id = upload.id;
            if let Some(past) = or_damaged(self.standing(upload, retention), id, &mut unreadable)? {
                uploads.push(past);
            }
        }
        unreadable.sort_by_key(|upload| std::cmp::Reverse(upload.id));
        Ok(UploadList { uploads, unreadable })
    }

    /// Looks through all of it, at some gigabytes a second.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        health::check(&self.connection)
    }

    pub(super) fn standing(&self, upload: Upload, retention: Retention) -> Result<PastUpload, LedgerError> {
        let snapshot_bytes = Snapshot::bytes_of(&self.folder, upload.id);
        let is_kept = upload.is_unfinished() || self.is_reverted_by_unfinished(upload.id)?;
        Ok(PastUpload {
            is_running: self.is_running(upload.id),
            snapshot_bytes,
            kept_until: snapshot_bytes
                .filter(|_| !is_kept)
                .and_then(|_| retention.until(&upload)),
            reverted_by: self.reverted_by(upload.id)?,
            upload,
        })
    }

    /// Whether somebody is asked to go on with taking an upload back, for which what it replaced is needed.
    fn is_reverted_by_unfinished(&self, id: UploadId) -> Result<bool, LedgerError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id FROM uploads WHERE undoes = ?1 AND set_aside = 0")?;
        let reverts = query.query_map([id.0], |row| row.get(0).map(UploadId))?;
        for revert in reverts.collect::<Result<Vec<_>, _>>()? {
            match self.tally(revert) {
                Ok(tally) if tally.open() == 0 => {}
                Ok(_) => return Ok(true),
                Err(error) if error.is_damage() => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Deletes what uploads replaced whose time is over, and notes that.
    pub fn age_out(&self, list: &mut UploadList, now: Timestamp) -> Result<(), LedgerError> {
        let is_over = |past: &&mut PastUpload| !past.is_running && past.kept_until.is_some_and(|until| until <= now);
        for past in list.uploads.iter_mut().filter(is_over) {
            let id = past.upload.id;
            let _lock = match lock::of_upload(&self.folder, id) {
                Err(LedgerError::Running(_)) => continue,
                lock => lock?,
            };
            // Somebody may have begun to take it back since it was listed.
            if self.is_reverted_by_unfinished(id)? {
                continue;
            }
            self.connection.execute(
                "UPDATE uploads SET manner = json_set(manner, '$.aged_out', ?2) WHERE id = ?1",
                params![id.0, now.to_string()],
            )?;
            Snapshot::discard(&self.folder, id)?;
            past.upload.aged_out = Some(now.to_string());
            (past.snapshot_bytes, past.kept_until) = (None, None);
        }
        Ok(())
    }

    /// The uploads that can be read, and the others; from both ends, as a page in the middle may be damaged.
    pub(super) fn scan(&self) -> Result<(Vec<Upload>, Vec<UnreadableUpload>), LedgerError> {
        let mut found = BTreeMap::new();
        // Before the numbers, so that an upload that begins meanwhile is among them.
        let snapshots = Snapshot::all(&self.folder);
        let last = self.last_number()?;
        if let Err(damage) = self.scan_from("DESC", &mut found)
            && let Err(_) = self.scan_from("ASC", &mut found)
        {
            if found.is_empty() {
                return Err(damage);
            }
            // Nobody knows which of the numbers between these had an upload.
            for number in 1..=last {
                found.entry(UploadId(number)).or_insert(None);
            }
        }
        let (mut uploads, mut unreadable) = (Vec::new(), Vec::new());
        for (id, upload) in found.into_iter().rev() {
            let Some(mut upload) = upload else {
                let why = WhyUnreadable::Damaged;
                unreadable.push(UnreadableUpload { id, why });
                continue;
            };
            if let Some(tally) = or_damaged(self.tally(id), id, &mut unreadable)? {
                upload.tally = tally;
                uploads.push(upload);
            }
        }
        let last = self.last_number()?;
        let is_missing = |id: &UploadId| id.0 > last && !self.is_running(*id);
        let missing = snapshots.into_iter().filter(is_missing);
        unreadable.extend(missing.map(|id| UnreadableUpload {
            id,
            why: WhyUnreadable::Missing,
        }));
        Ok((uploads, unreadable))
    }

    /// Collects uploads until one end or a damaged page; `None` for one that cannot be read.
    fn scan_from(&self, order: &str, found: &mut BTreeMap<UploadId, Option<Upload>>) -> Result<(), LedgerError> {
        let mut query = self
            .connection
            .prepare(&format!("SELECT {COLUMNS} FROM uploads ORDER BY id {order}"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let id = UploadId(row.get(0)?);
            let read = upload(row)
                .map(Some)
                .or_else(|error| match LedgerError::of_row(id, error) {
                    LedgerError::Damaged(_) => Ok(None),
                    error => Err(error),
                });
            found.insert(id, read?);
        }
        Ok(())
    }

    /// The highest number that was given out.
    pub(super) fn last_number(&self) -> Result<i64, LedgerError> {
        let last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'uploads'";
        Ok(self.connection.query_row(last, [], |row| row.get(0))?)
    }
}

/// What was read of an upload, unless that is damaged.
fn or_damaged<T>(
    read: Result<T, LedgerError>,
    id: UploadId,
    unreadable: &mut Vec<UnreadableUpload>,
) -> Result<Option<T>, LedgerError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_damage() => {
            let why = WhyUnreadable::Damaged;
            unreadable.push(UnreadableUpload { id, why });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
