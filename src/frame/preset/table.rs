//! The table that an export is rewritten as: JSON lines in a spool, and the row that each comes from.

use std::ops::ControlFlow;

use super::{Rewrite, object::ObjectWriter};
use crate::{
    domain::progress::Progress,
    frame::{Edits, Frame, FrameError, spool::Spool},
};

/// Rows that are read at a time.
const CHUNK: u32 = 16 << 10;

/// The table being written.
pub(super) struct TableRewriter<'a> {
    spool: &'a mut Spool,
    rows: Vec<u32>,
    unreadable: u64,
}

impl<'a> TableRewriter<'a> {
    pub(super) const fn new(spool: &'a mut Spool) -> Self {
        Self {
            spool,
            rows: Vec::new(),
            unreadable: 0,
        }
    }

    /// Adds a record that comes from a row.
    pub(super) fn record(&mut self, row: u32, record: ObjectWriter) -> Result<(), FrameError> {
        self.line(row, record.finish())
    }

    /// Adds a record in JSON that comes from a row.
    pub(super) fn line(&mut self, row: u32, mut line: Vec<u8>) -> Result<(), FrameError> {
        // A record is one line; line breaks of JSON stand between its parts only.
        line.retain(|byte| !matches!(byte, b'\n' | b'\r'));
        line.push(b'\n');
        self.rows.push(row);
        self.spool.write(&line)
    }

    /// Adds a row that cannot be read, as a line that is no JSON, so that it stays a row with a problem.
    fn unreadable(&mut self, row: u32) -> Result<(), FrameError> {
        self.rows.push(row);
        self.unreadable += 1;
        self.spool.write(b"?\n")
    }

    /// The rows that the records come from, in their order; and how many of them cannot be read.
    pub(super) fn finish(self) -> (Vec<u32>, u64) {
        (self.rows, self.unreadable)
    }

    /// Rewrites all rows of a table, until the spool is full. Progress counts rows.
    pub(super) fn fill(
        &mut self,
        table: &Frame,
        rewriter: &mut dyn Rewrite,
        progress: &Progress,
    ) -> Result<(), FrameError> {
        if rewriter.needs_survey() {
            survey(table, rewriter, progress)?;
        }
        progress.restart(u64::from(table.len()));
        let mut defects = table.defects().iter().map(|defect| defect.row).peekable();
        let mut start = 0;
        while start < table.len() && !self.spool.is_full() {
            if progress.is_cancelled() {
                return Err(FrameError::Cancelled);
            }
            let end = table.len().min(start.saturating_add(CHUNK));
            let mut done = Ok(());
            table.scan(start..end, &Edits::default(), &mut |row, cells| {
                done = if defects.next_if_eq(&row).is_some() {
                    // Rows that the rewriter still holds come before it.
                    rewriter.end(self).and_then(|()| self.unreadable(row))
                } else {
                    rewriter.row(row, cells, self)
                };
                if done.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            done?;
            progress.add(u64::from(end - start));
            start = end;
        }
        rewriter.end(self)
    }
}

/// Shows all rows to the rewriter before the first is rewritten. Progress counts rows.
fn survey(table: &Frame, rewriter: &mut dyn Rewrite, progress: &Progress) -> Result<(), FrameError> {
    progress.restart(u64::from(table.len()));
    table.scan(0..table.len(), &Edits::default(), &mut |_, cells| {
        rewriter.survey(cells);
        progress.add(1);
        if progress.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if progress.is_cancelled() {
        return Err(FrameError::Cancelled);
    }
    Ok(())
}
