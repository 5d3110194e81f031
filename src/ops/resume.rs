//! Going on with an upload that was stopped or killed.

use std::{collections::HashSet, sync::Arc};

use super::{
    Connection, Error, TableRef,
    guard::Permit,
    upload::{Options, Prepared, change_of},
};
use crate::{
    settings::Paths,
    upload::{Ledger, LedgerError, Pace, TableRecords, Upload, UploadId},
};

/// Which upload is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The latest that is unfinished.
    Latest,
    /// The one with this number.
    Number(UploadId),
}

/// The upload to go on with.
///
/// # Errors
/// When there is none, it is finished, or it was taken back.
pub(crate) fn find(paths: &Paths, which: Which) -> Result<Upload, Error> {
    let ledger = Ledger::open(&paths.data)?;
    let upload = match which {
        Which::Number(id) => ledger.upload(id)?,
        Which::Latest => {
            let unfinished = ledger.uploads()?.into_iter().find(Upload::is_unfinished);
            unfinished.ok_or(Error::NothingUnfinished)?
        }
    };
    // Otherwise going on would be asked for in vain.
    if let Some(by) = ledger.reverted_by(upload.id)? {
        return Err(LedgerError::Reverted { id: upload.id, by }.into());
    }
    if upload.tally.open() == 0 {
        return Err(Error::Finished {
            id: upload.id,
            sum: upload.sum(),
            is_revert: upload.plan.reverts.is_some(),
        });
    }
    Ok(upload)
}

/// Goes on with an upload, whose file was opened as then; so many of the records that are stored now are read back.
///
/// # Errors
/// When another process is at it, the server is not the one it went to, or it cannot be logged.
pub async fn prepare(
    permit: &Permit,
    paths: &Paths,
    upload: &Upload,
    table: TableRef<'_>,
    (pace, read_back): (Pace, usize),
) -> Result<Prepared<TableRecords>, Error> {
    let connection = permit.connection();
    connection.ensure_target_of(upload).await?;
    permit.ensure_covers(upload)?;
    let account = Ledger::open(&paths.data)?.resume(upload.id)?;
    let options = Options {
        limits: upload.plan.limits,
        write_options: upload.plan.write_options,
        pace,
        stored_before: Arc::default(),
        read_back,
    };
    let rows = (upload.plan.dataset, upload.tally.open());
    let change = change_of(connection, rows, Some(upload.id), None).begin(paths)?;
    Ok(Prepared::of_table(connection, table, account, &options, false).logged(change))
}

/// What the records were that an upload stored and that still are stored, for another upload to leave out: see
/// [`crate::upload::UploadRecord::digest`].
///
/// # Errors
/// When what it stored is there no more, or the server is not the one it went to.
pub async fn stored(connection: &Connection, paths: &Paths, id: UploadId) -> Result<HashSet<u64>, Error> {
    let ledger = Ledger::open(&paths.data)?;
    let upload = ledger.upload(id)?;
    if let Some(of) = upload.plan.reverts {
        return Err(Error::IsRevert { id, of });
    }
    if let Some(by) = ledger.reverted_by(id)? {
        return Err(Error::Reverted { id, by });
    }
    let stored = ledger.stored(id)?;
    // SQLite is no company to wait in.
    drop(ledger);
    connection.ensure_target_of(&upload).await?;
    Ok(stored)
}
