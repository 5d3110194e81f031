//! What the session asks of the background, and what the background reports: closed sets, so that every trigger of
//! work, and all that can come of it, is visible here. Neither side is known.

#![deny(clippy::wildcard_enum_match_arm)]
#![expect(
    missing_docs,
    reason = "the types of most fields say what they are; the others are documented"
)]

mod command;
mod error;
mod event;
pub mod kept;
mod request;
mod table;
mod watch;

pub(crate) use crate::ops::compare::Compared;
pub use crate::ops::report::ReportKind;
pub use command::{Command, KeepCommand, SettingsCommand, StoredCommand, TableCommand, UploadCommand};
pub(crate) use command::{NewUpload, RevertOrder, RunHandles};
pub use error::{WorkError, WorkErrorKind};
pub use event::{Event, KeepEvent, SettingsEvent, StoredEvent, TableEvent, UploadEvent};
pub(crate) use request::Generation;
pub use request::Request;
pub(crate) use table::EndedUpload;
pub use table::Table;
pub use watch::Waiting;
pub(crate) use watch::{UploadState, UploadWatch};
