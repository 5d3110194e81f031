//! Rows into batches, batches into requests, answers into row states, all of it written down.
//!
//! - [`Ledger`], [`Account`], [`State`]: what became of every row, on disk
//! - [`Engine`]: what to do next; it neither waits nor connects
//! - [`run`]: performs that, with several requests under way
//! - [`Planner`], [`RetryPolicy`], [`Pace`], [`examine`]: batches, pauses, how many at once, culprits
//!
//! Where an id occurs twice, the later row must be the last to arrive, because the newest record wins: a batch waits
//! while one of its ids is under way, or in a batch before it. Otherwise the order does not matter.

mod after;
mod control;
mod driver;
mod engine;
mod ledger;
mod outcome;
mod page;
mod plan;
mod retry;
mod source;
mod stricter;
mod surgeon;
mod table;
mod window;

pub use after::{Aftermath, fixed};
pub use control::Control;
pub use driver::{Report, Setup, Stopped, UploadEvent, UploadJob, run};
pub use engine::{Departure, Engine, Told};
pub use ledger::{
    Account, Entry, Fingerprint, Ledger, LedgerError, Log, Plan, Proof, Recipe, Settled, State, Upload, UploadId,
};
pub use outcome::{RowState, RowStates, SkipReason, Tally};
pub use plan::{Batch, Limits, MostBytes, Planner, Record, body};
pub use retry::{RetryPolicy, Sleep};
pub use source::{RecordSource, SourceItem};
pub use stricter::{Stricter, stricter};
pub use surgeon::{Verdict, examine};
pub use table::TableRecords;
pub use window::Pace;
