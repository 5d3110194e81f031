//! Rows into batches, batches into requests, answers into row states. Everything but [`run`] is pure.
//!
//! Requests go out one after another, in row order: where an id occurs twice, the later row must be the last to
//! arrive, because the newest record wins.

mod driver;
mod outcome;
mod plan;
mod retry;
mod source;
mod surgeon;
mod table;

pub use driver::{Report, Stopped, UploadEvent, UploadJob, run};
pub use outcome::{RowState, RowStates, SkipReason, Tally};
pub use plan::{Batch, Limits, Planner, Record, body};
pub use retry::{RetryPolicy, Sleep};
pub use source::{RecordSource, SourceItem};
pub use surgeon::{Verdict, examine};
pub use table::TableRecords;
