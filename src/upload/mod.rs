//! Rows into batches, batches into requests, answers into row states, all of it written down.
//!
//! - [`Ledger`], [`Account`], [`State`]: what became of every row, on disk
//! - [`Engine`]: what to do next; it neither waits nor connects
//! - [`run`]: performs that, with several requests under way
//! - [`Planner`], [`RetryPolicy`], [`Pace`], [`bisect`]: batches, pauses, how many at once, culprits
//! - [`WriteOptions`], [`Lookup`]: what is done about what is stored, and reading it
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

pub use bisect::{Bisection, bisect};
pub use control::Control;
pub use driver::{Setup, UploadJob, run};
pub use engine::{Dispatch, Engine, EngineConfig, EngineRequest};
pub use ledger::{
    Account, Before, Confirmation, Fingerprint, Ledger, LedgerEntry, LedgerError, PastUpload, Recipe, Replaced,
    SettledRows, Snapshot, SnapshotError, SnapshotRange, State, Upload, UploadId, UploadPlan,
};
pub use lookup::{FoundRecords, ListedIds, Lookup, LookupOutcome};
pub use outcome::{RowState, RowStates, SkipReason, UploadTally};
pub use plan::{Batch, BatchLimits, ByteLimit, Planner, Prior, SentDigests, UploadRecord, body};
pub use preview::{Effect, Preview, preview};
pub use report::{Report, Stopped, UploadUpdate};
pub use report_writer::{ReportForm, ReportWriter, fixed, write_list_header};
pub use retry::RetryPolicy;
pub use source::{RecordSource, SourceError, SourceItem};
pub use table::TableRecords;
pub use task::TaskOutcome;
pub use timestamp::timestamp;
pub use unchecked_rules::{UncheckedRule, unchecked_rules};
pub use window::Pace;
pub use write_options::WriteOptions;
