//! Uploads in the ledger: what was sent where, and the outcome.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params, types::Value};
use serde::Deserialize;

use super::{Fingerprint, LedgerError, UploadRecipe};
use crate::{
    domain::{dataset::Dataset, key::KeyFingerprint},
    upload::{BatchLimits, UploadTally, WriteOptions, timestamp},
};

/// The columns of an upload, in the order in which [`upload`] reads them.
pub(super) const COLUMNS: &str = "id, path, size, modified, sample, content, recipe, dataset, rows, batch_records, batch_bytes, \
                       environment, address, started, ended, stopped, set_aside, manner, undoes, store, key";

/// The number of an upload, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub i64);

impl std::fmt::Display for UploadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is uploaded, how, and where to. Keys are never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPlan {
    /// The file, with its whole path.
    pub path: PathBuf,
    /// Recognises the file later.
    pub fingerprint: Fingerprint,
    /// How its rows become records.
    pub recipe: UploadRecipe,
    /// The data set of the records.
    pub dataset: Dataset,
    /// How many rows there are, those to leave out included.
    pub rows: u64,
    /// How large requests may be.
    pub limits: BatchLimits,
    /// The environment's name.
    pub environment: String,
    /// The environment's address.
    pub address: String,
    /// What is done about stored records with the same ids.
    pub write_options: WriteOptions,
    /// The upload that this one reverts.
    pub reverts: Option<UploadId>,
    /// The id of a local server's store, as another server may listen at its address later.
    pub store: Option<String>,
    /// What the key is known by that it was sent with: on a server with several environments, that says which one it went
    /// to. `None` of an upload from before version 6.
    pub key: Option<KeyFingerprint>,
}

impl UploadPlan {
    /// Whether nothing is written down by which it could be told from others where it went, but its address.
    pub(crate) const fn is_unrecorded(&self) -> bool {
        self.key.is_none() && self.store.is_none()
    }
}

/// An upload in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its number in the ledger.
    pub id: UploadId,
    /// What it sends, how, and where to.
    pub plan: UploadPlan,
    /// When it began, RFC 3339.
    pub started: String,
    /// When it last ended, RFC 3339; `None` when it runs, or was killed.
    pub ended: Option<String>,
    /// Why it ended early.
    pub stopped: Option<String>,
    /// Whether it is no longer offered.
    pub(crate) set_aside: bool,
    /// When what it replaced was deleted because its time was over, RFC 3339.
    pub aged_out: Option<String>,
    /// Its rows by state.
    pub tally: UploadTally,
}

/// An upload's options as they are written down, with what became of its snapshot.
#[derive(Deserialize)]
struct Manner {
    #[serde(flatten)]
    write_options: WriteOptions,
    aged_out: Option<String>,
}

impl Upload {
    /// The tally in words.
    pub fn sum(&self) -> String {
        if self.plan.reverts.is_some() {
            self.tally.of_revert()
        } else {
            self.tally.to_string()
        }
    }

    /// Whether it is offered to go on with.
    pub fn is_unfinished(&self) -> bool {
        self.tally.open() > 0 && !self.set_aside && self.can_be_read_again()
    }

    /// Whether its rows can be read again; those of several files, or from a pipe, cannot.
    pub(crate) fn can_be_read_again(&self) -> bool {
        self.plan.reverts.is_some() || self.plan.fingerprint != Fingerprint::default()
    }
}

/// An upload, with whether it runs, and what can be done with it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastUpload {
    /// The upload.
    pub upload: Upload,
    /// Whether a process runs it.
    pub is_running: bool,
    /// Bytes of what is kept of the time before it; `None`: it cannot be reverted.
    pub(crate) snapshot_bytes: Option<u64>,
    /// When that will be deleted; `None` where that is not going to happen.
    pub(crate) kept_until: Option<Timestamp>,
    /// The revert that took it back.
    pub reverted_by: Option<UploadId>,
}

impl PastUpload {
    /// Until when it can be undone, for people; `None`: there is no end to that, or no beginning.
    pub(crate) fn kept_until(&self) -> Option<String> {
        self.kept_until.map(|until| timestamp(&until.to_string()))
    }

    /// Whether it can be resumed.
    pub fn can_resume(&self) -> bool {
        let is_free = !self.is_running && self.reverted_by.is_none();
        is_free && self.upload.tally.open() > 0 && self.upload.can_be_read_again()
    }
}

/// An upload of the table, without its tally.
pub(super) fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let number = |column: usize| row.get::<_, i64>(column).map(i64::cast_unsigned);
    let size = |column: usize| Ok::<_, rusqlite::Error>(usize::try_from(number(column)?).unwrap_or(usize::MAX));
    let damaged = |column: usize, what: &str| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, what.to_owned().into())
    };
    let dataset: String = row.get(7)?;
    let dataset: Dataset = dataset.parse().map_err(|_| damaged(7, "data set"))?;
    let manner = serde_json::from_str(&row.get::<_, String>(17)?);
    let Manner {
        write_options,
        aged_out,
    } = manner.map_err(|_| damaged(17, "manner"))?;
    Ok(Upload {
        id: UploadId(row.get(0)?),
        plan: UploadPlan {
            path: PathBuf::from(row.get::<_, String>(1)?),
            fingerprint: Fingerprint {
                size: number(2)?,
                modified: row.get(3)?,
                sample: number(4)?,
                content: row.get::<_, Option<i64>>(5)?.map(i64::cast_unsigned),
            },
            recipe: UploadRecipe::from_json(&row.get::<_, String>(6)?, dataset).ok_or_else(|| damaged(6, "recipe"))?,
            dataset,
            rows: number(8)?,
            limits: BatchLimits {
                records: size(9)?,
                bytes: size(10)?,
            },
            environment: row.get(11)?,
            address: row.get(12)?,
            write_options,
            reverts: row.get::<_, Option<i64>>(18)?.map(UploadId),
            store: row.get(19)?,
            key: row.get::<_, Option<String>>(20)?.map(KeyFingerprint::from_text),
        },
        started: row.get(13)?,
        ended: row.get(14)?,
        stopped: row.get(15)?,
        set_aside: row.get(16)?,
        aged_out,
        tally: UploadTally::default(),
    })
}

/// The row of an upload as it is, a name and a value for each column.
pub(super) fn fields(connection: &Connection, id: UploadId) -> rusqlite::Result<Vec<(String, Value)>> {
    let mut query = connection.prepare("SELECT * FROM uploads WHERE id = ?1")?;
    let names: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
    query.query_row([id.0], |row| {
        let columns = names.into_iter().enumerate();
        columns.map(|(at, name)| Ok((name, row.get(at)?))).collect()
    })
}

/// The tally of an upload, when it is written down and nothing was noted since; `None`: its entries say.
pub(super) fn stored_tally(connection: &Connection, id: UploadId) -> Result<Option<UploadTally>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT tally FROM uploads WHERE id = ?1 AND tallied =
         (SELECT coalesce(max(number) + 1, 0) FROM entries WHERE upload = ?1)",
    )?;
    let mut found = query.query([id.0])?;
    let Some(row) = found.next()? else { return Ok(None) };
    // What another version has written in another form is counted anew.
    Ok(serde_json::from_str(row.get_ref(0)?.as_str().unwrap_or_default()).ok())
}

/// Writes down the tally of an upload after so many entries, so that a list of uploads need not read them all.
pub(super) fn store_tally(
    connection: &Connection,
    id: UploadId,
    tally: UploadTally,
    entries: i64,
) -> Result<(), LedgerError> {
    // Serialising numbers cannot fail.
    let tally = serde_json::to_string(&tally).unwrap_or_default();
    connection
        .prepare_cached("UPDATE uploads SET tally = ?2, tallied = ?3 WHERE id = ?1")?
        .execute(params![id.0, tally, entries])?;
    Ok(())
}
