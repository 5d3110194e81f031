//! The program: see the library.

use std::process::ExitCode;

use tatami::{
    cli::{self, Outcome},
    ui,
};

fn main() -> ExitCode {
    match cli::run() {
        Outcome::Done(code) => code,
        Outcome::Window { files, new_window } => match ui::run(files, new_window) {
            Ok(code) => code,
            Err(error) => cli::fail(&error.to_string()),
        },
    }
}
