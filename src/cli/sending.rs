//! The rows of a checked file on their way to the server.

use std::{collections::VecDeque, ops::ControlFlow, sync::Arc};

use super::{input::Input, text};
use crate::{
    api::Client,
    check::Checked,
    domain::{progress::Progress, rows::RowSet},
    frame::{Edits, Frame},
    upload::{self, Limits, Record, Report, RetryPolicy, SkipReason, SourceItem, UploadEvent, UploadJob},
};

/// Rows that are made into records at once.
const STRETCH: u32 = 512;

/// All rows of a file: records of the good ones, reasons of the others.
struct Rows {
    frame: Arc<Frame>,
    checked: Checked,
    bad: RowSet,
    next: u32,
    ready: VecDeque<Result<SourceItem, String>>,
}

impl Rows {
    fn new(input: &Input) -> Self {
        Self {
            frame: Arc::clone(&input.frame),
            checked: input.checked.clone(),
            bad: input.checked.rows_with_errors(),
            next: 0,
            ready: VecDeque::new(),
        }
    }

    fn skip_reason(&self, row: u32) -> SkipReason {
        let is_defect = self
            .frame
            .defects()
            .binary_search_by_key(&row, |defect| defect.row)
            .is_ok();
        if is_defect {
            SkipReason::Unreadable
        } else {
            SkipReason::HasErrors
        }
    }

    fn read(&mut self) {
        let end = self.frame.len().min(self.next.saturating_add(STRETCH));
        let mut read = VecDeque::with_capacity((end - self.next) as usize);
        let scanned = self.frame.scan(self.next..end, &Edits::default(), &mut |row, cells| {
            read.push_back(Ok(if self.bad.contains(row) {
                let reason = self.skip_reason(row);
                SourceItem::Skip { row, reason }
            } else {
                let mut json = Vec::new();
                self.checked.plan().write(cells, &mut json);
                SourceItem::Record(Record { row, json })
            }));
            ControlFlow::Continue(())
        });
        self.ready = read;
        self.next = end;
        if let Err(error) = scanned {
            self.ready.push_back(Err(error.to_string()));
            self.next = self.frame.len();
        }
    }
}

impl Iterator for Rows {
    type Item = Result<SourceItem, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && self.next < self.frame.len() {
            self.read();
        }
        self.ready.pop_front()
    }
}

/// Uploads the good rows of a file.
pub(super) async fn send(
    client: &Client,
    input: &Input,
    limits: Limits,
    dry_run: bool,
    progress: &Progress,
    on_event: &mut (dyn FnMut(UploadEvent) + Send),
) -> Report {
    let job = UploadJob {
        dataset: input.dataset(),
        rows: u64::from(input.frame.len()),
        dry_run,
    };
    upload::run(
        client,
        job,
        Rows::new(input),
        &RetryPolicy::default(),
        limits,
        progress,
        on_event,
    )
    .await
}

/// The first Ctrl+C asks the upload to stop after the request that is under way; the second ends the program.
pub(super) fn stop_on_ctrl_c(progress: Arc<Progress>) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        progress.cancel();
        text::remark("Stopping after the request that is under way; Ctrl+C again stops at once");
        if tokio::signal::ctrl_c().await.is_ok() {
            #[expect(clippy::exit, reason = "someone insists")]
            std::process::exit(130);
        }
    });
}
