//! The ids that this machine sent to an environment: all that is known of what is stored where the server has no list.

use std::{collections::BTreeSet, ops::ControlFlow};

use super::{
    Connection, Error,
    reopen::{ReopenError, reopen},
};
use crate::{
    domain::{dataset::Dataset, progress::Progress, rows::RowSet},
    frame::FrameError,
    settings::Paths,
    upload::{Ledger, LedgerError, RowState, Upload},
};

/// Ids that this machine sent to an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentIds {
    /// Each once, in order.
    pub ids: Vec<String>,
    /// How many uploads went there whose ids are not known any more: no copy of what they replaced is kept, and their
    /// file has changed or is gone.
    pub forgotten: u64,
}

/// The ids of records of a data set that were sent there. What an undo removed may be among them.
///
/// # Errors
/// When the ledger cannot be read, or the server does not answer.
pub(crate) async fn records(connection: &Connection, paths: &Paths, dataset: Dataset) -> Result<SentIds, Error> {
    let field = dataset.id_field().unwrap_or_default();
    read(paths, &uploads(connection, paths, &[dataset]).await?, field)
}

/// The ids of users that were sent there, as users or as those of interactions.
///
/// # Errors
/// As [`records`].
pub(super) async fn users(connection: &Connection, paths: &Paths) -> Result<SentIds, Error> {
    let datasets = [Dataset::Users, Dataset::Interactions];
    read(paths, &uploads(connection, paths, &datasets).await?, "user_id")
}

/// The uploads that may have left something in the environment.
async fn uploads(connection: &Connection, paths: &Paths, of: &[Dataset]) -> Result<Vec<Upload>, Error> {
    let mut uploads = Ledger::open(&paths.data)?.uploads()?;
    uploads.retain(|upload| {
        let tally = upload.tally;
        of.contains(&upload.plan.dataset) && tally.stored + tally.sent + tally.unknown > 0
    });
    let here = connection.store_of(&uploads).await?;
    uploads.retain(|upload| connection.ensure_holds(upload, here.as_deref()).is_ok());
    Ok(uploads)
}

fn read(paths: &Paths, uploads: &[Upload], field: &str) -> Result<SentIds, Error> {
    let ledger = Ledger::open(&paths.data)?;
    let (mut ids, mut forgotten) = (BTreeSet::new(), 0);
    for upload in uploads {
        let is_known = match from_snapshot(&ledger, upload, &mut ids)? {
            true => true,
            // What an undo put back or deleted are records of the upload that it undid.
            false if upload.plan.reverts.is_some() => true,
            false => from_file(&ledger, upload, field, &mut ids)?,
        };
        forgotten += u64::from(!is_known);
    }
    Ok(SentIds {
        ids: ids.into_iter().collect(),
        forgotten,
    })
}

/// Whether a copy is kept of what an upload replaced, which names all its ids; one that cannot be read counts as none.
fn from_snapshot(ledger: &Ledger, upload: &Upload, ids: &mut BTreeSet<String>) -> Result<bool, LedgerError> {
    let read = ledger.snapshot(upload.id).and_then(|snapshot| {
        let Some(snapshot) = snapshot else { return Ok(false) };
        snapshot.each_id(&mut |id| _ = ids.insert(id))?;
        Ok(true)
    });
    match read {
        Err(LedgerError::Snapshot { .. }) => Ok(false),
        read => read,
    }
}

/// Whether the file of an upload is as it was then: of its rows those that may be stored.
fn from_file(ledger: &Ledger, upload: &Upload, field: &str, ids: &mut BTreeSet<String>) -> Result<bool, Error> {
    let table = match reopen(upload, None, &Progress::default()) {
        Ok(table) => table,
        Err(
            ReopenError::Gone | ReopenError::Unreadable { .. } | ReopenError::Changed { .. } | ReopenError::Frame(_),
        ) => return Ok(false),
    };
    let plan = table.checked.plan();
    let Some(column) = plan.column_of(field) else {
        return Ok(true);
    };
    let state = ledger.state(upload.id)?;
    let sent = [RowState::Stored, RowState::Sent, RowState::Unknown];
    let sent = sent.into_iter().filter_map(|state_of| state.rows().rows(state_of));
    let sent = sent.fold(RowSet::default(), |all, rows| all.union(rows));
    let read: Result<(), FrameError> = table.frame.scan(0..table.frame.len(), &table.edits, &mut |row, cells| {
        if sent.contains(row) {
            ids.extend(plan.text(column, cells));
        }
        ControlFlow::Continue(())
    });
    Ok(read.is_ok())
}
