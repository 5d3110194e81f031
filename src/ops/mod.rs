//! What Tatami does, a use case a file, written once for window and command line.
//!
//! They take a [`Connection`] or a table, options and a [`Progress`](crate::domain::progress::Progress), and answer with
//! typed outcomes and errors; they print nothing, send no events and know no window. What waits for a server is async.
//! The ledger is read and written where it is asked for, so that all of them run where blocking is allowed.
//!
//! - [`open`], [`reopen`]: a table, read and checked in one pass; the one of an upload again
//! - [`import`]: how a file would be read with other options, by its first rows
//! - [`repair`]: every row that has the same problem
//! - [`summary`]: what the columns of a table hold
//! - [`filter`]: the rows whose values are as wanted, and the values there are
//! - [`find`]: the rows that have a text, the row on a line or with an id
//! - [`replace`]: another text in place of one, in the rows that are shown
//! - [`typed`]: what a person types, as the content of a cell
//! - [`export`]: a table, or the rows that have problems, written to another file
//! - [`restore`]: what was open is open again at the next start
//! - [`handover`]: a second start leaves its files to the first window
//! - [`connect`]: an environment and its key become a connection
//! - [`guard`]: what must be said before a change reaches an environment
//! - [`environments`]: all environments and their keys
//! - [`connection_test`]: whether one can be reached, and what its key may do there
//! - [`serve`]: the server that keeps this user's own records
//! - [`audit`]: every change is written down before it is made, and how it ended
//! - [`count`], [`list`], [`get`]: what is stored
//! - [`sent`]: what of it this machine sent, where the server has no list
//! - [`delete`], [`wipe`]: getting rid of it
//! - [`compare`]: what an upload would do
//! - [`join`]: two tables as one, by id
//! - [`diff`]: two files, two environments, or one of each, held against each other
//! - [`upload`], [`resume`], [`revert`]: sending, going on, taking back
//! - [`read_back`]: whether what an upload stored is there
//! - [`history`]: the uploads of this machine
//! - [`full_disk`]: what helps when there is no room to write them down
//! - [`report`]: what remains of an upload for people
//! - [`sample`]: the sample files
//! - [`rehearse`]: what the local server is made to do wrong

pub mod audit;
mod chunks;
pub(crate) mod compare;
pub mod connect;
pub(crate) mod connection_test;
pub(crate) mod count;
pub mod delete;
pub mod diff;
pub mod environments;
mod error;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod find;
pub mod full_disk;
pub(crate) mod get;
pub mod guard;
pub mod handover;
pub mod history;
pub mod import;
pub mod join;
pub mod list;
pub mod open;
mod read_back;
pub(crate) mod rehearse;
pub mod reopen;
pub(crate) mod repair;
pub mod replace;
pub(crate) mod report;
pub mod restore;
pub mod resume;
pub mod revert;
pub(crate) mod sample;
pub mod sent;
pub(crate) mod serve;
pub mod summary;
mod table;
pub(crate) mod typed;
pub mod upload;
pub mod wipe;

pub use connect::Connection;
pub use error::Error;
pub use table::TableRef;
