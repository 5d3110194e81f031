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
//! - [`settings`]: paths, environments, keys, preferences
//! - [`ops`]: the use cases, one file each, for window and command line alike
//! - [`sample`]: made-up shops' data of any size, with the mistakes people make
//! - [`message`]: what the session asks of the background, and what that reports: commands and events
//! - [`session`]: the app's state and its reducer; no egui, no threads
//! - [`work`]: the background thread that performs the session's commands
//! - [`ui`]: the window
//! - [`cli`]: the commands, one file each
//!
//! A record's way: a file becomes a [`frame::Frame`], an index over the file whose cells are read where they stand;
//! [`domain::mapping`] says which column becomes which field, and [`domain::transform`] how its values are rewritten
//! on the way (both together, with how the file is read, are a [`domain::recipe`]); [`check::check`] holds every row to
//! the schema and keeps, for every cause, the set of rows that have it; [`domain::record::Plan`] writes a row as the
//! JSON that is sent; [`upload::run`] holds batches against what is stored, sends them and notes what became of every
//! row. In the window an action of a person goes to [`session::Session::act`], which changes the state at once and asks
//! [`work`] for what is slow; its events come back through [`session::Session::on`].
//!
//! The tests stand in `tests`, a package of its own: `tests/suite.rs` names them.
//!
//! What holds everywhere (`tests/layers.rs` holds the imports to it):
//! - `domain` does no I/O; `session` knows neither egui nor threads nor the disk; client and server meet on the wire.
//! - Text stays as it was: types are an interpretation laid over it, and changes are an overlay. The file is never
//!   written to, and a record that cannot be read is still a row.
//! - A guess that is acted on is nearly certain: what a table holds ([`domain::recognition`]) and where its columns go
//!   is right or asked. What people call things stands in `assets/synonyms.json` alone ([`domain::synonyms`]).
//! - The JSON Schema documents in `assets/schema` are the one source of what is valid: they say again what the API's
//!   published document says (`assets/contract`), and name the differences. [`domain::message`] alone knows the grammar of
//!   the API's 422 lines.
//! - A row is called stored only when the server confirmed it, and the counts of an upload always add up.
//! - What an upload replaces is kept before it is replaced, unless a person does not want that; an undo puts back only
//!   what nobody has changed since.
//! - Every line of delimited text is a row, the header, a title or left out, and the sums are said; where the records of
//!   JSON stand is judged by its structure, not by its lines.
//! - How the export of a known system is recognised and rewritten is a JSON document in `assets/presets`; `build.rs` lists
//!   them, so that one more needs no code.
//! - A file's dialect and encoding are judged by samples of the whole file. Text that is not UTF-8 is decoded once, and
//!   places are still those of the file; an untouched table is written again byte for byte.
//! - Delimited text is split by our own reader: the SIMD readers at hand take a quote inside an unquoted cell for the
//!   beginning of a quoted one, and join records.

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
