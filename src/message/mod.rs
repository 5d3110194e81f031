//! What the session asks of the background, and what the background reports: closed sets, so that every trigger of
//! work, and all that can come of it, is visible here. Neither side is known.

#![deny(clippy::wildcard_enum_match_arm)]
#![expect(
    missing_docs,
    reason = "the types of most fields say what they are; the others are documented"
)]

mod command;
mod event;
mod request;
mod table;
mod watch;

pub use crate::ops::{compare::Compared, report::Remains};
pub use command::{
    Command, NewUpload, RevertOrder, RunHandles, SettingsCommand, StoredCommand, TableCommand, UploadCommand,
};
pub use event::{Event, SettingsEvent, StoredEvent, TableEvent, UploadEvent};
pub use request::{Generation, Request};
pub use table::{EndedUpload, Table};
pub use watch::{UploadState, UploadWatch, Waiting};
