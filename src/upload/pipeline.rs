//! The way of every record out of its source: cut on a thread of its own, and looked up where nothing else decides
//! when. An upload takes the portions as its engine wants them; what only tells what would happen looks all of them up.

use std::future::Future;

use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};

use super::{
    Batch, BatchLimits, FoundRecords, Planner, RecordSource, SkipReason, SourceError, SourceItem, Stopped, UploadRecord,
};
use crate::{
    api::ApiError,
    domain::{progress::Progress, rows::RowSet},
};

/// How many left-out rows are gathered before they are handed on.
const SKIPS_A_PORTION: usize = 10_000;
/// Records that are looked up together.
const LOOKED_UP_TOGETHER: BatchLimits = BatchLimits {
    records: 100,
    bytes: 1 << 20,
};
/// How many such portions are under way.
const LOOKED_UP_AT_ONCE: usize = 8;

/// A stretch of a source: the rows to leave out, and the records.
#[derive(Default)]
pub(super) struct Portion {
    pub(super) skipped: Vec<(u32, SkipReason)>,
    pub(super) batch: Batch,
}

/// A source that is cut into portions, in order, by a thread that keeps a few ahead.
pub(super) struct Portions {
    ready: mpsc::Receiver<Portion>,
    /// The thread that reads; `None` once it is known how it ended.
    reader: Option<JoinHandle<Result<(), SourceError>>>,
}

impl Portions {
    /// Begins to cut; rows that are `done` are passed over, and `ahead` portions wait at most.
    pub(super) fn cut(records: impl RecordSource, planner: Planner, done: RowSet, ahead: usize) -> Self {
        let (portions, ready) = mpsc::channel(ahead);
        let reader = tokio::task::spawn_blocking(move || cut(records, planner, &done, &portions));
        Self {
            ready,
            reader: Some(reader),
        }
    }

    /// Whether all portions were taken.
    pub(super) const fn is_at_end(&self) -> bool {
        self.reader.is_none()
    }

    /// The next portion; `None` at the end. What was read before an error comes before it. Nothing is lost when this is
    /// not awaited to its end.
    pub(super) async fn next(&mut self) -> Result<Option<Portion>, SourceError> {
        if let Some(portion) = self.ready.recv().await {
            return Ok(Some(portion));
        }
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let read = reader.await;
        self.reader = None;
        read.map_err(|_| SourceError::Panicked)?.map(|()| None)
    }
}

/// Reads the source to its end, for as long as someone takes the portions.
fn cut(
    mut records: impl RecordSource,
    mut planner: Planner,
    done: &RowSet,
    portions: &mpsc::Sender<Portion>,
) -> Result<(), SourceError> {
    let mut skipped = Vec::new();
    let mut read = Ok(());
    while let Some(item) = records.next() {
        let full = match item {
            Ok(SourceItem::Record(UploadRecord { row, .. }) | SourceItem::Skip { row, .. }) if done.contains(row) => {
                None
            }
            Ok(SourceItem::Record(record)) => planner.push(record),
            Ok(SourceItem::Skip { row, reason }) => {
                skipped.push((row, reason));
                None
            }
            Err(error) => {
                read = Err(error);
                break;
            }
        };
        if full.is_some() || skipped.len() >= SKIPS_A_PORTION {
            let portion = Portion {
                skipped: std::mem::take(&mut skipped),
                batch: full.unwrap_or_default(),
            };
            if portions.blocking_send(portion).is_err() {
                return Ok(());
            }
        }
    }
    let batch = planner.finish().unwrap_or_default();
    portions.blocking_send(Portion { skipped, batch }).ok();
    read
}

/// Has all records of a source looked up, and hands on what was found, in the order of the answers. Progress counts
/// rows, and cancels.
pub(super) async fn look_up<Looking>(
    records: impl RecordSource,
    progress: &Progress,
    look: impl Fn(&Batch) -> Looking,
    mut take: impl FnMut(&Portion, &FoundRecords) -> Result<(), ApiError>,
) -> Result<(), Stopped>
where
    Looking: Future<Output = Result<FoundRecords, ApiError>> + Send + 'static,
{
    let planner = Planner::new(LOOKED_UP_TOGETHER);
    let mut portions = Portions::cut(records, planner, RowSet::default(), LOOKED_UP_AT_ONCE);
    let mut looking = JoinSet::new();
    while !portions.is_at_end() || !looking.is_empty() {
        tokio::select! {
            () = progress.cancelled() => return Err(Stopped::Cancelled),
            Some(looked) = looking.join_next() => {
                let (portion, found): (Portion, Result<FoundRecords, ApiError>) =
                    looked.map_err(|_| Stopped::ComparingPanicked)?;
                take(&portion, &found?)?;
                progress.add((portion.batch.len() + portion.skipped.len()) as u64);
            }
            portion = portions.next(), if !portions.is_at_end() && looking.len() < LOOKED_UP_AT_ONCE => {
                if let Some(portion) = portion? {
                    let found = look(&portion.batch);
                    looking.spawn(async move { (portion, found.await) });
                }
            }
        }
    }
    Ok(())
}

/// Does a piece of work unless somebody cancels meanwhile.
pub(super) async fn unless_cancelled<T, E: Into<Stopped>>(
    progress: &Progress,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Stopped> {
    tokio::select! {
        done = work => done.map_err(Into::into),
        () = progress.cancelled() => Err(Stopped::Cancelled),
    }
}
