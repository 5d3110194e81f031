//! A checked table as the source of an upload.

use std::{
    collections::{HashSet, VecDeque},
    ops::{ControlFlow, Range},
    sync::Arc,
};

use super::{RecordSource, SkipReason, SourceError, SourceItem, UploadRecord};
use crate::{
    check::Checked,
    domain::{record::Plan, rows::RowSet},
    frame::{Edits, Frame, FrameError},
};

/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 256;

/// The rows of a table as records, edits included. Rows with errors and records that cannot be read are left out.
#[derive(Debug)]
pub struct TableRecords {
    frame: Arc<Frame>,
    edits: Edits,
    plan: Plan,
    with_errors: RowSet,
    unreadable: RowSet,
    done: RowSet,
    stored: Arc<HashSet<u64>>,
    /// The column of the id.
    id: Option<usize>,
    next: u32,
    ready: VecDeque<SourceItem>,
}

impl TableRecords {
    /// All rows of a table that was checked with these edits.
    pub fn new(frame: Arc<Frame>, edits: Edits, checked: &Checked) -> Self {
        let unreadable = frame.defects().iter().map(|defect| defect.row).collect();
        Self {
            edits,
            plan: checked.plan().clone(),
            with_errors: checked.rows_with_errors(),
            unreadable,
            done: RowSet::default(),
            stored: Arc::default(),
            id: checked
                .plan()
                .dataset
                .id_field()
                .and_then(|id| checked.plan().column_of(id)),
            next: 0,
            ready: VecDeque::new(),
            frame,
        }
    }

    /// The same without rows that are settled already.
    #[must_use]
    pub fn without(mut self, done: RowSet) -> Self {
        self.done = done;
        self
    }

    /// The same, with records left out that are stored already: see [`UploadRecord::digest`].
    #[must_use]
    pub(crate) fn unless_stored(mut self, stored: Arc<HashSet<u64>>) -> Self {
        self.stored = stored;
        self
    }

    /// How many rows there are, those to leave out included.
    pub fn rows(&self) -> u64 {
        u64::from(self.frame.len())
    }

    fn read(&mut self, rows: Range<u32>) -> Result<(), FrameError> {
        let Self {
            frame,
            edits,
            plan,
            with_errors,
            unreadable,
            done,
            stored,
            id,
            ready,
            ..
        } = self;
        let mut size = 0;
        frame.scan(rows, edits, &mut |row, cells| {
            if done.contains(row) {
                return ControlFlow::Continue(());
            }
            let skip = |reason| SourceItem::Skip { row, reason };
            ready.push_back(if unreadable.contains(row) {
                skip(SkipReason::Unreadable)
            } else if with_errors.contains(row) {
                skip(SkipReason::HasErrors)
            } else {
                let mut json = Vec::with_capacity(size);
                plan.write(cells, &mut json);
                // The next record is probably about as long.
                size = json.len();
                let id = id
                    .and_then(|column| plan.text(column, cells))
                    .map(String::into_boxed_str);
                let record = UploadRecord {
                    row,
                    json,
                    id,
                    ..UploadRecord::default()
                };
                if !stored.is_empty() && stored.contains(&record.digest()) {
                    skip(SkipReason::Unchanged)
                } else {
                    SourceItem::Record(record)
                }
            });
            ControlFlow::Continue(())
        })
    }
}

impl RecordSource for TableRecords {
    fn next(&mut self) -> Option<Result<SourceItem, SourceError>> {
        while self.ready.is_empty() && self.next < self.frame.len() {
            let end = self.frame.len().min(self.next.saturating_add(ROWS_AT_ONCE));
            let rows = self.next..end;
            self.next = end;
            if let Err(error) = self.read(rows) {
                // What was read before the trouble may be of a file that has changed.
                self.ready.clear();
                self.next = self.frame.len();
                return Some(Err(error.into()));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
