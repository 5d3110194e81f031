//! What the product promises, a file for each part of it. All are one program, so that it is built and linked once:
//! `cargo test -p tatami-tests ledger::` runs those of one file. They run the program that was built last; `cargo test`
//! alone builds it anew.

#![cfg(test)]
#![expect(
    unreachable_pub,
    reason = "nothing is outside of a test program; `pub` is what its other files use"
)]

mod after;
mod apart;
mod audit;
mod bombs;
mod cases;
mod check;
mod cli;
mod cli_server;
mod client;
mod common;
mod contract;
mod damage;
mod dependencies;
mod diff;
mod display;
mod encodings;
mod engine;
mod environments;
mod formats;
#[path = "../fuzz/src/lib.rs"]
mod fuzz;
mod guard;
mod guesses;
mod home;
mod hosted;
mod hostile;
mod join;
mod json_shapes;
mod kill;
mod ledger;
mod load;
mod lossless;
mod open;
mod ops;
mod oracle;
mod outputs;
#[cfg(unix)]
mod packaging;
mod papers;
#[cfg(unix)]
mod pipes;
mod presets;
mod privacy;
mod private_server;
mod read;
mod read_back;
mod reading;
mod readme;
mod recipe;
mod replace;
mod restore;
mod samples;
mod server;
mod server_process;
mod session;
mod shapes;
mod summary;
mod ui;
mod ui_columns;
mod ui_columns_page;
mod ui_dialogs;
mod ui_environments;
mod ui_filters;
mod ui_find;
mod ui_fuzz;
mod ui_grid;
mod ui_import;
mod ui_jobs;
mod ui_keys;
mod ui_layout;
mod ui_nav;
mod ui_palette;
mod ui_panels;
mod ui_problems;
mod ui_repair;
mod ui_replace;
mod ui_restore;
mod ui_sent;
mod ui_statistics;
mod ui_toasts;
mod ui_typing;
mod ui_uploads;
mod undo;
mod unencrypted;
mod upload;
mod wide;
mod workbooks;
