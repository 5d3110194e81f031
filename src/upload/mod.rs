//! Rows into batches, batches into requests, answers into row states, all of it written down.
//!
//! - [`Ledger`], [`Account`], [`State`]: what became of every row, on disk
//! - [`Engine`]: what to do next; it neither waits nor connects
//! - [`run`]: performs that, with several requests under way
//! - [`Planner`], [`RetryPolicy`], [`Pace`], [`examine`]: batches, pauses, how many at once, culprits
//! - [`Manner`], [`Lookup`]: what is done about what is stored, and reading it
//! - [`preview()`], [`undo`]: what an upload would do, and taking it back
//!
//! Where an id occurs twice, the later row must be the last to arrive, because the newest record wins: a batch waits
//! while one of its ids is under way, or in a batch before it. Otherwise the order does not matter.

mod after;
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
mod stricter;
mod surgeon;
mod table;
mod task;
pub mod undo;
mod window;

pub use after::{Aftermath, ReportForm, fixed, write_list_header};
pub use control::Control;
pub use driver::{Setup, UploadJob, run};
pub use engine::{Departure, Engine, Errand, Terms};
pub use ledger::{
    Account, Before, Entry, Fingerprint, Kept, Ledger, LedgerError, PastUpload, Place, Plan, Proof, Recipe, Settled,
    Snapshot, State, Upload, UploadId,
};
pub use lookup::{Found, Listed, Looked, Lookup};
pub use manner::Manner;
pub use moment::moment;
pub use outcome::{RowState, RowStates, SkipReason, Tally};
pub use plan::{Batch, Limits, Met, MostBytes, Planner, Record, Sent, body};
pub use preview::{Effect, Preview, preview};
pub use report::{Report, Stopped, UploadEvent};
pub use retry::RetryPolicy;
pub use source::{RecordSource, SourceError, SourceItem};
pub use stricter::{Stricter, stricter};
pub use surgeon::{Verdict, examine};
pub use table::TableRecords;
pub use task::Told;
pub use window::Pace;
