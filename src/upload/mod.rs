//! Rows into batches, batches into requests, answers into row states, all of it written down.
//!
//! - [`Ledger`], [`Account`], [`State`]: what became of every row, on disk
//! - [`Engine`]: what to do next; it neither waits nor connects
//! - [`run`]: performs that, with several requests under way
//! - [`Planner`], [`RetryPolicy`], [`Pace`], [`bisect`]: batches, pauses, how many at once, culprits
//! - [`Manner`], [`Lookup`]: what is done about what is stored, and reading it
//! - [`preview()`], [`undo`]: what an upload would do, and taking it back
//!
//! Where an id occurs twice, the later row must be the last to arrive, because the newest record wins: a batch waits
//! while one of its ids is under way, or in a batch before it. Otherwise the order does not matter.

mod after;
mod bisect;
mod control;
mod driver;
mod engine;
mod ledger;
mod lookup;
mod manner;
mod moment;
mod outcome;
mod page;
mod pipeline;
mod plan;
mod preview;
mod report;
mod retry;
mod source;
mod table;
mod task;
mod unchecked_rules;
pub mod undo;
mod window;

pub use after::{Aftermath, ReportForm, fixed, write_list_header};
pub use bisect::{Bisection, bisect};
pub use control::Control;
pub use driver::{Setup, UploadJob, run};
pub use engine::{Dispatch, Engine, EngineConfig, EngineRequest};
pub use ledger::{
    Account, Before, Confirmation, Fingerprint, Ledger, LedgerEntry, LedgerError, PastUpload, Plan, Recipe, Replaced,
    Settled, Snapshot, SnapshotError, SnapshotRange, State, Upload, UploadId,
};
pub use lookup::{FoundRecords, ListedIds, Lookup, LookupOutcome};
pub use manner::Manner;
pub use moment::moment;
pub use outcome::{RowState, RowStates, SkipReason, Tally};
pub use plan::{Batch, ByteLimit, Limits, Planner, Prior, Record, SentDigests, body};
pub use preview::{Effect, Preview, preview};
pub use report::{Report, Stopped, UploadEvent};
pub use retry::RetryPolicy;
pub use source::{RecordSource, SourceError, SourceItem};
pub use table::TableRecords;
pub use task::TaskOutcome;
pub use unchecked_rules::{UncheckedRule, unchecked_rules};
pub use window::Pace;
