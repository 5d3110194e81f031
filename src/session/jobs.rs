//! What is under way and says how far it is, wherever it was begun.

use std::sync::Arc;

use super::{
    Action, Document, FilterAction, FindState, GoTo, Phase, ReplaceAction, Session, Steer, StoredAction, TableAction,
    UploadAction, UploadRun,
};
use crate::domain::progress::Progress;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Reads a file.
    Opening,
    /// Checks its rows.
    Checking,
    /// Looks for a text.
    Finding,
    /// Replaces a text.
    Replacing,
    /// Looks for a line or an id.
    GoingTo,
    /// Looks for the rows of filters.
    Filtering,
    /// Counts the values of a column.
    CountingValues,
    /// Sorts the rows.
    Sorting,
    /// Holds a file against what is stored.
    Comparing,
    /// Uploads it.
    Uploading,
    /// Has the server check it.
    DryRun,
    /// Looks what an undo would do.
    LookingUp,
    /// Undoes an upload.
    Undoing,
    /// Deletes everything.
    Wiping,
}

impl JobKind {
    /// Whether it changes what is stored: then it is stopped, with the answers that are due, and not dropped.
    pub(crate) const fn changes_stored(self) -> bool {
        match self {
            Self::Uploading | Self::DryRun | Self::Undoing | Self::Wiping => true,
            Self::Opening
            | Self::Checking
            | Self::Finding
            | Self::Replacing
            | Self::GoingTo
            | Self::Filtering
            | Self::CountingValues
            | Self::Sorting
            | Self::Comparing
            | Self::LookingUp => false,
        }
    }
}

/// Something that is under way.
#[derive(Clone, Debug)]
pub(crate) struct RunningJob {
    /// Tells it apart from others.
    pub(crate) key: usize,
    pub(crate) kind: JobKind,
    /// The file's name; empty where it concerns none.
    pub(crate) name: String,
    /// The environment that it concerns.
    pub(crate) environment: Option<String>,
    /// How much is done of how much, in units of its own; 0: nobody knows of how much.
    pub(crate) done: u64,
    pub(crate) total: u64,
    /// What ends it.
    pub(crate) stop: Action,
    /// Whether it was told to end already.
    pub(crate) is_stopping: bool,
}

impl RunningJob {
    fn new(kind: JobKind, progress: &Arc<Progress>, name: String, stop: Action) -> Self {
        Self {
            key: Arc::as_ptr(progress) as usize,
            kind,
            name,
            environment: None,
            done: progress.done(),
            total: progress.total(),
            stop,
            is_stopping: progress.is_cancelled(),
        }
    }

    fn of_run(kind: JobKind, run: &UploadRun, name: String, stop: Action) -> Self {
        let tally = run.handles.watch.look().tally;
        let job = Self::new(kind, &run.handles.progress, name, stop);
        Self {
            environment: Some(run.environment.clone()),
            done: tally.all - tally.waiting.min(tally.all),
            total: tally.all,
            is_stopping: job.is_stopping || run.handles.control.is_stopping(),
            ..job
        }
    }

    fn at(self, environment: &str) -> Self {
        Self {
            environment: Some(environment.to_owned()),
            ..self
        }
    }

    /// The part that is done, 0 to 1, where that is known.
    #[expect(clippy::cast_precision_loss, reason = "a progress bar needs no more digits")]
    pub(crate) fn fraction(&self) -> Option<f32> {
        (self.total > 0).then(|| (self.done as f32 / self.total as f32).min(1.0))
    }
}

impl Session {
    /// What is under way: of the files in their order, then the rest.
    pub(crate) fn jobs(&self) -> Vec<RunningJob> {
        let mut jobs: Vec<RunningJob> = self.documents.iter().flat_map(of_document).collect();
        if let Some(undo) = &self.undo {
            let name = undo.name.clone();
            match &undo.run {
                Some(run) if run.report.is_none() => {
                    let stop = Action::Upload(UploadAction::SteerUndo(Steer::Stop));
                    jobs.push(RunningJob::of_run(JobKind::Undoing, run, name, stop));
                }
                None if undo.preview.is_none() => {
                    let job = RunningJob::new(JobKind::LookingUp, &undo.looking, name, Action::CloseDialog);
                    jobs.push(job.at(&undo.environment));
                }
                Some(_) | None => {}
            }
        }
        if let Some(wipe) = self.stored.wipe.as_ref().filter(|wipe| wipe.outcome.is_none()) {
            let stop = Action::Stored(StoredAction::CancelWipe);
            let job = RunningJob::new(JobKind::Wiping, &wipe.progress, String::new(), stop);
            jobs.push(job.at(&wipe.environment));
        }
        jobs
    }
}

fn of_document(document: &Document) -> Vec<RunningJob> {
    let doc = document.id;
    let new = |kind, progress, action| RunningJob::new(kind, progress, document.name(), Action::Table(doc, action));
    let mut jobs = Vec::new();
    let run = document.upload.as_ref().filter(|run| run.report.is_none());
    let stop_upload = Action::Upload(UploadAction::Steer(doc, Steer::Stop));
    match document.phase() {
        Phase::Opening => jobs.push(new(JobKind::Opening, &document.progress, TableAction::Cancel)),
        Phase::Checking => jobs.push(new(JobKind::Checking, &document.progress, TableAction::Cancel)),
        Phase::Ready | Phase::Failed(_) => {}
    }
    if let Some(run) = run {
        // A file that is opened for its upload is not to be stopped in another way than that.
        for opening in &mut jobs {
            opening.stop = stop_upload.clone();
        }
        let kind = if run.dry_run {
            JobKind::DryRun
        } else {
            JobKind::Uploading
        };
        jobs.push(RunningJob::of_run(kind, run, document.name(), stop_upload));
    }
    let Ok(open) = document.open() else { return jobs };
    if let Some(FindState::Running { search, .. }) = open.find.as_ref().map(|find| &find.state) {
        jobs.push(new(JobKind::Finding, &search.progress, TableAction::StopFind));
    }
    if let Some((search, kind)) = open.replacing() {
        jobs.push(new(kind, &search.progress, TableAction::Replace(ReplaceAction::Stop)));
    }
    if let Some(GoTo::Searching(search, _)) = &open.go_to {
        jobs.push(new(JobKind::GoingTo, &search.progress, TableAction::StopGoTo));
    }
    if let Some(search) = open.filters.search() {
        let stop = TableAction::FilterColumns(FilterAction::Stop);
        jobs.push(new(JobKind::Filtering, &search.progress, stop));
    }
    if let Some(search) = open.filters.counting() {
        let stop = TableAction::FilterColumns(FilterAction::StopListing);
        jobs.push(new(JobKind::CountingValues, &search.progress, stop));
    }
    if let Some((_, search)) = open.sorting.work() {
        jobs.push(new(JobKind::Sorting, &search.progress, TableAction::StopSort));
    }
    if let Some(comparison) = open
        .comparison
        .as_ref()
        .filter(|comparison| comparison.outcome.is_none())
    {
        let job = RunningJob::new(
            JobKind::Comparing,
            &comparison.progress,
            document.name(),
            Action::CloseDialog,
        );
        jobs.push(job.at(&comparison.environment));
    }
    jobs
}
