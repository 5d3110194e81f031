//! Uploading a checked table.

use std::{collections::HashSet, fs, sync::Arc};

use super::{
    Connection, Error, TableRef,
    audit::{AuditAction, BegunChange, ChangeCounts, ChangeResult, ChangeScope, NewChange},
    guard::Permit,
    history,
    read_back::ReadBackSample,
};
use crate::{
    api::ApiError,
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress, rules::Identities},
    frame::OpenOptions,
    settings::Paths,
    upload::{
        self, Account, BatchLimits, Control, Fingerprint, Ledger, Pace, RecordSource, Report, RowState, Setup, Stopped,
        TableRecords, UploadId, UploadJob, UploadPlan, UploadRecipe, UploadRecord, UploadTally, UploadUpdate,
        WriteOptions, body,
    },
};

/// How a table is uploaded.
#[derive(Clone, Debug)]
pub struct Options {
    /// How large requests may be.
    pub limits: BatchLimits,
    /// What is done about stored records with the same ids.
    pub write_options: WriteOptions,
    /// How hard it may press.
    pub pace: Pace,
    /// Records to leave out, as an upload of before stored them: see [`super::resume::stored`].
    pub stored_before: Arc<HashSet<u64>>,
    /// How many of the stored records are read back at the end.
    pub read_back: usize,
}

/// An upload that can be sent. Where it is to be written down, that has begun.
pub struct Prepared<R> {
    connection: Connection,
    setup: Setup,
    records: R,
    sample: Option<ReadBackSample>,
    /// The ids of its rows: a later row replaces an earlier one with the same id.
    identities: Identities,
    /// What the audit log says of it; none where nothing is stored, or nobody will ask about it later.
    change: Option<BegunChange>,
}

impl<R: RecordSource> Prepared<R> {
    pub(super) fn new(connection: Connection, setup: Setup, records: R) -> Self {
        Self {
            connection,
            setup,
            records,
            sample: None,
            identities: Identities::default(),
            change: None,
        }
    }

    /// The same, of which the audit log says that it is about to be sent.
    pub(super) fn logged(mut self, change: BegunChange) -> Self {
        self.change = Some(change.numbered(self.id()));
        self
    }

    /// Its number; `None` where nothing is written down.
    pub(crate) const fn id(&self) -> Option<UploadId> {
        self.setup.account.id()
    }

    /// Its rows by state.
    pub(crate) fn tally(&self) -> UploadTally {
        self.setup.account.state().tally()
    }

    /// Rows that the server refused before, with its words.
    pub(crate) fn refused(&self) -> &[(u32, Vec<String>)] {
        self.setup.account.refused()
    }

    /// How many rows it has, those to leave out included.
    pub(crate) const fn rows(&self) -> u64 {
        self.setup.job.rows
    }

    /// Sends what is open, and reads some of it back; the report says what became of every row, and whether the audit log
    /// could not be told of it. `progress` cancels and `control` pauses: see [`upload::run`].
    pub async fn send(
        self,
        progress: &Progress,
        control: &Control,
        on_event: &mut (dyn FnMut(UploadUpdate) + Send),
    ) -> Report {
        let client = self.connection.client();
        let before = self.tally();
        let mut report = upload::run(client, self.setup, self.records, progress, control, on_event).await;
        let stored = report.states.rows(RowState::Stored);
        (report.superseded, report.repeated_ids) =
            stored.map_or((0, 0), |stored| self.identities.replaced_among(stored));
        // Who stopped it wants no more of it, and a server in trouble is not asked more.
        if let Some(sample) = self.sample.filter(|_| report.stopped.is_none()) {
            report.read_back = sample.read(client, &report, (progress, control), on_event).await;
        }
        if let Some(change) = self.change
            && let Err(error) = change.end(result(&report), counts(&before, &report.tally))
        {
            // Why it ended early is told first, and the log's list has a change without an end.
            report.stopped.get_or_insert(Stopped::Unlogged(error.to_string()));
        }
        report
    }
}

/// The upload of so many rows for the audit log: its number, where it has one by now, and the upload that it takes back.
pub(super) fn change_of(
    connection: &Connection,
    (dataset, rows): (Dataset, u64),
    upload: Option<UploadId>,
    undoes: Option<UploadId>,
) -> NewChange {
    let action = if undoes.is_some() {
        AuditAction::Undo
    } else {
        AuditAction::Upload
    };
    let scope = ChangeScope {
        dataset: Some(dataset.name().to_owned()),
        rows: Some(rows),
        upload: upload.map(|id| id.0),
        undoes: undoes.map(|id| id.0),
        ..ChangeScope::default()
    };
    NewChange::of_records(connection, action, scope)
}

const fn result(report: &Report) -> ChangeResult {
    match &report.stopped {
        None => ChangeResult::Done,
        Some(Stopped::Cancelled) => ChangeResult::Stopped,
        Some(_) => ChangeResult::Failed,
    }
}

/// What an upload came to since it was begun or gone on with, for the audit log.
fn counts(before: &UploadTally, after: &UploadTally) -> ChangeCounts {
    let since = |of: fn(&UploadTally) -> u64| Some(of(after).saturating_sub(of(before)));
    ChangeCounts {
        stored: since(|tally| tally.stored),
        rejected: since(|tally| tally.rejected),
        not_sent: Some(after.not_sent()),
        unconfirmed: Some(after.unknown + after.sent),
        ..ChangeCounts::default()
    }
}

impl Prepared<TableRecords> {
    /// The upload of a table, as far as an account says that its rows are open.
    pub(super) fn of_table(
        connection: &Connection,
        table: TableRef<'_>,
        account: Account,
        options: &Options,
        dry_run: bool,
    ) -> Self {
        let job = UploadJob {
            dataset: table.checked.plan().dataset,
            rows: table.rows(),
            dry_run,
        };
        let records = table
            .records()
            .unless_stored(Arc::clone(&options.stored_before))
            .without(account.state().done());
        let sample =
            (!dry_run && options.read_back > 0).then(|| ReadBackSample::of(table, options.read_back, &account));
        let setup = Setup {
            limits: options.limits,
            write_options: options.write_options,
            pace: options.pace,
            file: Some(table.frame.path().to_owned()),
            ..Setup::new(job, account)
        };
        Self {
            sample,
            identities: table.checked.identities(),
            ..Self::new(connection.clone(), setup, records)
        }
    }
}

/// Begins the upload of a table, `reading` and `mapping` being how its file became records: from now on it is listed, and
/// can be gone on with.
///
/// # Errors
/// When it cannot be written down or logged, or the server does not answer.
pub async fn prepare(
    permit: &Permit,
    paths: &Paths,
    table: TableRef<'_>,
    (reading, mapping): (&OpenOptions, &Mapping),
    options: &Options,
) -> Result<Prepared<TableRecords>, Error> {
    // What others replaced goes when its time is over, also where nobody ever lists them.
    history::list(paths).ok();
    let connection = permit.connection();
    let path = table.frame.path();
    let plan = UploadPlan {
        path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        // What is no file, such as a pipe, is never the same again.
        fingerprint: Fingerprint::of(path).unwrap_or_default(),
        recipe: UploadRecipe::new(
            reading,
            table.frame.columns(),
            mapping,
            table.checked.issues.levels(),
            table.edits,
        ),
        dataset: mapping.dataset,
        rows: table.rows(),
        limits: options.limits,
        environment: connection.recorded_name().to_owned(),
        address: connection.address(),
        write_options: options.write_options,
        reverts: None,
        store: connection.store_id().await?,
        key: Some(connection.key().clone()),
    };
    // First, so that nothing is listed that may not be sent.
    let change = change_of(connection, (plan.dataset, plan.rows), None, None).begin(paths)?;
    let account = Ledger::open(&paths.data)?.begin(&plan)?;
    Ok(Prepared::of_table(connection, table, account, options, false).logged(change))
}

/// Lets the server check a table; nothing is stored, and nothing is written down.
pub fn dry_run(connection: &Connection, table: TableRef<'_>, options: &Options) -> Prepared<TableRecords> {
    Prepared::of_table(connection, table, Account::unwritten(table.rows()), options, true)
}

/// The upload of a table to a server whose records nobody will ask about later, as the API recommends it; nothing is
/// written down.
pub(crate) fn unrecorded(permit: &Permit, table: TableRef<'_>) -> Prepared<TableRecords> {
    let options = Options {
        limits: BatchLimits::recommended(table.checked.plan().dataset),
        write_options: WriteOptions::default(),
        pace: Pace::default(),
        stored_before: Arc::default(),
        read_back: 0,
    };
    let account = Account::unwritten(table.rows());
    Prepared::of_table(permit.connection(), table, account, &options, false)
}

/// What the server says to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It would take it.
    Accepted,
    /// It would not.
    Rejected {
        /// One line a problem.
        lines: Vec<String>,
        /// What it says about the whole.
        message: String,
    },
}

/// Lets the server check one record, given as a JSON object; nothing is stored.
///
/// # Errors
/// When the server gives no verdict.
pub(crate) async fn verdict(connection: &Connection, dataset: Dataset, json: Vec<u8>) -> Result<Verdict, ApiError> {
    let record = UploadRecord {
        json,
        ..UploadRecord::default()
    };
    match connection.client().upload(dataset, body(&[record]), true).await {
        Ok(_) => Ok(Verdict::Accepted),
        Err(ApiError::Rejected { lines, message }) => Ok(Verdict::Rejected { lines, message }),
        Err(error) => Err(error),
    }
}
