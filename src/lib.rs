//! Tatami gets a company's catalog, interactions and users into a recommendation engine's ingestion API:
//! files are opened as tables, checked against the API's schema, repaired, uploaded, and what is stored is
//! browsed and deleted.
//!
//! The modules, in reading order:
//! - [`domain`]: what a record is and what can be wrong with it; pure
//! - [`frame`]: files as tables; the only module that reads and writes data files and names polars, Arrow and Parquet
//! - [`check`]: a table against the schema, in parallel, cancellable
//! - [`api`]: the client's side of the ingestion API
//! - [`upload`]: rows into batches, batches into requests, answers into row states
//! - [`server`]: the local ingestion server
//! - [`settings`]: paths, environments, keys, preferences, and the one way files are written
//! - [`ops`]: the use cases, one file each, for window and command line alike
//! - [`sample`]: made-up shops' data of any size, with the mistakes people make
//! - [`message`]: what the session asks of the background, and what that reports: commands and events
//! - [`session`]: the app's state and its reducer; no egui, no threads
//! - [`work`]: the background thread that performs the session's commands
//! - [`ui`]: the window
//! - [`cli`]: the commands, one file each
//!
//! A record's way: a file becomes a [`frame::Frame`], an index over the file whose cells are read where they stand;
//! [`domain::mapping`] says which column becomes which field, and [`domain::transform`] how its values are rewritten;
//! [`check`] holds every row to the schema and keeps, for every cause, the set of rows that have it; [`upload`] sends rows
//! as the JSON that [`domain::record`] writes, and notes on disk what became of each. [`ops`] puts this together, a use
//! case a file, for [`cli`] and for [`work`], which performs what [`session`] asks and reports to it.
//!
//! `ARCHITECTURE.md` tells it at length, with the reasons for what holds everywhere:
//! - `domain` does no I/O; `session` knows neither egui nor threads nor the disk; client and server meet on the wire
//!   (`tests/layers.rs` holds the imports to such rules).
//! - Text stays as it was: types are an interpretation laid over it, and changes are an overlay. The file is never
//!   written to, and a record that cannot be read is still a row.
//! - A guess that is acted on is nearly certain; all others are questions.
//! - The JSON Schema documents in `assets/schema` are the one source of what is valid, and [`domain::message`] alone knows
//!   the grammar of the API's 422 lines.
//! - A row is called stored only when the server confirmed it, and the counts of an upload always add up.
//! - What an upload replaces is kept before it is replaced, unless a person does not want that.
//!
//! The tests stand in `tests`, a package of its own: `tests/suite.rs` names them.

pub mod api;
pub mod check;
pub mod cli;
pub mod domain;
pub mod frame;
pub mod message;
pub mod ops;
pub mod sample;
pub mod server;
pub mod session;
pub mod settings;
pub mod ui;
pub mod upload;
pub mod work;
