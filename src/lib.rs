//! Tatami gets a company's catalog, interactions and users into a recommendation engine's ingestion API:
//! files are opened as tables, checked against the API's schema, repaired, uploaded, and what is stored is
//! browsed and deleted.
//!
//! The modules, in reading order:
//! - [`domain`]: what a record is and what can be wrong with it; pure
//! - [`frame`]: files as tables; the only module that reads and writes data files and names polars
//! - [`check`]: a table against the schema, in parallel, cancellable
//! - [`api`]: the client's side of the ingestion API
//! - [`upload`]: rows into batches, batches into requests, answers into row states
//! - [`server`]: the local ingestion server
//! - [`settings`]: paths, environments, keys, preferences
//! - [`sample`]: made-up shops' data of any size, with the mistakes people make
//! - [`session`]: the app's state and its reducer; no egui, no threads
//! - [`work`]: the background thread that performs the session's commands
//! - [`ui`]: the window
//! - [`cli`]: the commands, one file each

pub mod api;
pub mod check;
pub mod cli;
pub mod domain;
pub mod frame;
pub mod sample;
pub mod server;
pub mod session;
pub mod settings;
pub mod ui;
pub mod upload;
pub mod work;
