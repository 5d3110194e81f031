//! Rows into batches, batches into requests, answers into row states, all of it written down.
//!
//! - [`Ledger`], [`Account`], [`State`]: what became of every row, on disk
//! - [`Engine`]: what to do next; it neither waits nor connects
//! - [`run`]: performs that, with several requests under way
//! - [`Planner`], [`RetryPolicy`], [`Pace`], [`bisect()`]: batches, pauses, how many at once, culprits
//! - [`WriteOptions`], [`Lookup`]: what is done about what is stored, and reading it
//! - [`ReadBack`]: whether what the server confirmed is there
//! - [`preview()`], [`revert`]: what an upload would do, and taking it back
//!
//! Where an id occurs twice, the later row must be the last to arrive, because the newest record wins: a batch waits
//! while one of its ids is under way, or in a batch before it. Otherwise the order does not matter.

mod bisect;
mod control;
mod driver;
mod engine;
mod ledger;
mod lookup;
mod outcome;
mod pipeline;
mod plan;
mod preview;
mod read_back;
mod report;
mod report_page;
mod report_writer;
mod retry;
pub mod revert;
mod source;
mod table;
mod task;
mod timestamp;
mod unchecked_rules;
mod window;
mod write_options;

pub(crate) use bisect::{Bisection, bisect};
pub use control::Control;
pub use driver::{Setup, UploadJob, run};
pub use engine::{Dispatch, Engine, EngineConfig, EngineRequest};
pub use ledger::{
    Account, Before, Confirmation, Fingerprint, Ledger, LedgerEntry, LedgerError, LedgerRepair, PastUpload, Rebuilt,
    Replaced, Retention, UnreadableUpload, Upload, UploadId, UploadList, UploadPlan, UploadRecipe, WhyUnreadable,
    repair,
};
pub(crate) use ledger::{SettledRows, Snapshot, SnapshotRange, State};
pub use lookup::{FoundRecords, ListedIds, Lookup, LookupOutcome};
pub use outcome::{RowState, SkipReason};
pub(crate) use outcome::{RowStates, UploadTally};
pub use plan::{Batch, BatchLimits, Planner, UploadRecord, body};
pub(crate) use plan::{ByteLimit, Prior, SentDigests};
pub(crate) use preview::Preview;
pub(crate) use preview::preview;
pub(crate) use read_back::read_back;
pub use read_back::{ReadBack, USUAL_SAMPLE, Unread};
pub(crate) use report::pending;
pub use report::{Report, Stopped, UploadUpdate};
pub(crate) use report_writer::{ReportForm, ReportWriter, fixed, write_list_header};
pub use retry::RetryPolicy;
pub use source::{RecordSource, SourceError, SourceItem};
pub use table::TableRecords;
pub use task::TaskOutcome;
pub(crate) use timestamp::timestamp;
pub(crate) use unchecked_rules::unchecked_rules;
pub use window::Pace;
pub use write_options::WriteOptions;
