//! Reverting an upload: what it replaced is put back, what was new is deleted, and what somebody has changed since is
//! left alone unless it is to be put back as well. A revert is an upload like any other: written down, resumed,
//! reverted.

use std::collections::VecDeque;

use super::{
    Account, Batch, BatchLimits, Before, Fingerprint, FoundRecords, Ledger, LedgerError, Lookup, RecordSource, Setup,
    SkipReason, Snapshot, SourceError, SourceItem, State, Stopped, TaskOutcome, Upload, UploadJob, UploadPlan,
    UploadRecipe, UploadRecord, WriteOptions, pipeline, timestamp,
};
use crate::{
    api::ApiError,
    domain::{
        comparison::{self, is_added_by_service},
        key::KeyFingerprint,
        progress::Progress,
    },
};

/// Records that are read together.
const AT_ONCE: u32 = 100;
/// How what is stored under an id stands to an upload that is to be reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is as it was before the upload.
    AsBefore,
    /// It is as the upload left it.
    AsSent,
    /// It is something else.
    ChangedSince,
}

/// Holds a record that is to be put back against what is there; `None`: nothing. A number that was written `12.50` and
/// now is `12.5` is put back as well, although both say the same.
pub(super) fn standing(record: &UploadRecord, there: Option<&str>) -> Result<Standing, serde_json::Error> {
    let is_before = match there {
        None => record.removes(),
        Some(there) => !record.removes() && own_fields(there)? == record.text(),
    };
    if is_before {
        return Ok(Standing::AsBefore);
    }
    if let Some(sent) = &record.reverts
        && sent.includes(there)?
    {
        return Ok(Standing::AsSent);
    }
    Ok(match there {
        Some(there) if !record.removes() && comparison::is_same_record(there, &record.text())? => Standing::AsBefore,
        _ => Standing::ChangedSince,
    })
}

/// A record without what the service adds.
fn own_fields(record: &str) -> Result<String, serde_json::Error> {
    comparison::with_fields(record, |field| !is_added_by_service(field))
}

/// What an upload replaced, as records to be put back.
#[derive(Debug)]
pub struct RevertRecords {
    snapshot: Snapshot,
    /// The number of the last that was read.
    last: i64,
    /// The row of the next one.
    next: u32,
    ready: VecDeque<SourceItem>,
}

impl RevertRecords {
    /// All that is kept, in the order it was.
    pub const fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            last: 0,
            next: 0,
            ready: VecDeque::new(),
        }
    }

    fn read(&mut self) -> Result<(), SourceError> {
        for (number, replaced) in self.snapshot.read(self.last, AT_ONCE)? {
            self.last = number;
            let before = match &replaced.before {
                Before::Nothing => Some(String::new()),
                Before::Record(record) => {
                    let damaged = |source| SourceError::Damaged {
                        id: replaced.id.clone(),
                        source,
                    };
                    Some(own_fields(record).map_err(damaged)?)
                }
                Before::Unknown => None,
            };
            let row = self.next;
            self.ready.push_back(match before {
                Some(before) => SourceItem::Record(UploadRecord {
                    row,
                    json: before.into_bytes(),
                    id: Some(replaced.id.into_boxed_str()),
                    reverts: Some(replaced.sent),
                    ..UploadRecord::default()
                }),
                None => SourceItem::Skip {
                    row,
                    reason: SkipReason::Unaddressable,
                },
            });
            self.next += 1;
        }
        Ok(())
    }
}

impl RecordSource for RevertRecords {
    fn next(&mut self) -> Option<Result<SourceItem, SourceError>> {
        if self.ready.is_empty()
            && let Err(error) = self.read()
        {
            return Some(Err(error));
        }
        self.ready.pop_front().map(Ok)
    }
}

/// Why an upload cannot be reverted.
#[derive(Debug, thiserror::Error)]
pub enum RevertError {
    /// Nothing is kept of what was there.
    #[error("upload {id} cannot be undone: {why}")]
    NoSnapshot {
        /// Its number.
        id: super::UploadId,
        /// Why that is.
        why: &'static str,
    },
    /// What was there was kept for a time only.
    #[error(
        "upload {id} cannot be undone any more: what it replaced was deleted on {}, as such copies are after a time",
        timestamp(at)
    )]
    AgedOut {
        /// Its number.
        id: super::UploadId,
        /// When that was, RFC 3339.
        at: String,
    },
    /// Nothing of it is left.
    #[error("upload {id} was undone by {by} already; to take that back, undo {by}")]
    Reverted {
        /// Its number.
        id: super::UploadId,
        /// The upload that undid it.
        by: super::UploadId,
    },
    /// The ledger says no.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What an upload replaced, or why it cannot be reverted.
pub(crate) fn snapshot(ledger: &Ledger, upload: &Upload) -> Result<Snapshot, RevertError> {
    let id = upload.id;
    if ledger.is_running(id) {
        return Err(LedgerError::Running(id).into());
    }
    if let Some(by) = ledger.reverted_by(id)?
        && ledger.upload(by)?.tally.is_whole()
    {
        return Err(RevertError::Reverted { id, by });
    }
    let why = if upload.plan.dataset.id_field().is_none() {
        "interactions are added and never replaced, and the API can delete only all of a user's"
    } else {
        "nothing is kept of what it replaced: it was made without that, or the copy was discarded"
    };
    match (ledger.snapshot(id)?, &upload.aged_out) {
        (Some(snapshot), _) => Ok(snapshot),
        (None, Some(at)) => Err(RevertError::AgedOut { id, at: at.clone() }),
        (None, None) => Err(RevertError::NoSnapshot { id, why }),
    }
}

/// The revert of an upload, as an upload.
pub(crate) fn plan(
    upload: &Upload,
    snapshot: &Snapshot,
    key: &KeyFingerprint,
    over_changes: bool,
) -> Result<UploadPlan, LedgerError> {
    Ok(UploadPlan {
        // There is no file; that of the upload says best what it is about.
        path: upload.plan.path.clone(),
        fingerprint: Fingerprint::default(),
        recipe: UploadRecipe::of_no_file(upload.plan.dataset),
        dataset: upload.plan.dataset,
        rows: snapshot.ids()?,
        limits: BatchLimits::recommended(upload.plan.dataset),
        environment: upload.plan.environment.clone(),
        address: upload.plan.address.clone(),
        write_options: WriteOptions {
            keep_replaced: true,
            over_changes,
            ..WriteOptions::default()
        },
        reverts: Some(upload.id),
        store: upload.plan.store.clone(),
        key: Some(key.clone()),
    })
}

/// How a revert is performed.
pub(crate) fn setup(plan: &UploadPlan, account: Account) -> Setup {
    let job = UploadJob {
        dataset: plan.dataset,
        rows: plan.rows,
        dry_run: false,
    };
    Setup {
        limits: plan.limits,
        write_options: plan.write_options,
        ..Setup::new(job, account)
    }
}

/// What a revert would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevertPreview {
    /// Records that would be put back as they were.
    pub(crate) put_back: u64,
    /// Records that were new and would be deleted.
    pub deleted: u64,
    /// Records that are as they were already.
    pub(crate) as_before: u64,
    /// The ids of records that somebody has changed since.
    pub changed_since: Vec<String>,
    /// How many of these were new: to put them back would be to delete them.
    pub(crate) changed_and_new: u64,
    /// Records that cannot be put back, because no address can carry their ids.
    pub(crate) unaddressable: u64,
    /// Rows of the upload of which nobody knows whether the server stored them, or still will.
    pub(crate) unconfirmed: u64,
}

/// What became of the tasks of an upload that ended before they did; waits for them.
pub async fn tasks(lookup: &Lookup, state: &State, progress: &Progress) -> Vec<(String, TaskOutcome)> {
    let mut all = Vec::new();
    for task in state.tasks().keys() {
        let outcome = tokio::select! {
            outcome = lookup.task_outcome(task) => outcome,
            () = progress.cancelled() => break,
        };
        all.push((task.clone(), outcome));
    }
    all
}

/// Looks what the revert of an upload would do, of which `unconfirmed` rows are without a word of the server; nothing
/// is changed. What became of its tasks is to be written down before: see [`tasks`] and [`Ledger::settle`]. Progress
/// counts records, and cancels.
pub(crate) async fn preview_revert(
    lookup: &Lookup,
    snapshot: Snapshot,
    unconfirmed: u64,
    progress: &Progress,
) -> Result<RevertPreview, Stopped> {
    let counted = tokio::task::spawn_blocking(move || snapshot.ids().map(|ids| (snapshot, ids)));
    let (snapshot, ids) = counted.await.map_err(|_| Stopped::ComparingPanicked)??;
    progress.restart(ids);
    let mut preview = RevertPreview {
        unconfirmed,
        ..RevertPreview::default()
    };
    let look = |batch: &Batch| {
        let ids = batch
            .iter()
            .filter_map(|record| record.id.as_deref().map(str::to_owned));
        let (lookup, ids) = (lookup.clone(), ids.collect::<Vec<_>>());
        async move { lookup.read(&ids).await }
    };
    pipeline::look_up(RevertRecords::new(snapshot), progress, look, |portion, found| {
        preview.unaddressable += portion.skipped.len() as u64;
        preview.take(&portion.batch, found)
    })
    .await?;
    preview.changed_since.sort_unstable();
    Ok(preview)
}

impl RevertPreview {
    /// All records that are kept.
    pub const fn records(&self) -> u64 {
        self.put_back + self.deleted + self.as_before + self.changed_since.len() as u64 + self.unaddressable
    }

    /// Whether nothing of the upload would stay.
    pub const fn is_whole(&self) -> bool {
        self.changed_since.is_empty() && self.unaddressable == 0 && self.unconfirmed == 0
    }

    /// How many records would be put back, and how many deleted.
    pub const fn changes(&self, over_changes: bool) -> (u64, u64) {
        if !over_changes {
            return (self.put_back, self.deleted);
        }
        let changed = self.changed_since.len() as u64 - self.changed_and_new;
        (self.put_back + changed, self.deleted + self.changed_and_new)
    }

    fn take(&mut self, records: &[UploadRecord], found: &FoundRecords) -> Result<(), ApiError> {
        for record in records {
            let id = record.id.as_deref().unwrap_or_default();
            let Some(there) = found.get(id) else {
                self.unaddressable += 1;
                continue;
            };
            let unreadable = |error: serde_json::Error| ApiError::Protocol {
                reason: format!("the record {id} cannot be read: {error}"),
            };
            match standing(record, there.as_deref()).map_err(unreadable)? {
                Standing::AsBefore => self.as_before += 1,
                Standing::AsSent if record.removes() => self.deleted += 1,
                Standing::AsSent => self.put_back += 1,
                Standing::ChangedSince => {
                    self.changed_and_new += u64::from(record.removes());
                    self.changed_since.push(id.to_owned());
                }
            }
        }
        Ok(())
    }
}
