//! The program: see the library.

use std::process::ExitCode;

use tatami::cli::{self, Outcome};

fn main() -> ExitCode {
    match cli::run() {
        Outcome::Done(code) => code,
        Outcome::Window(_) => cli::fail("the window is not part of this build; see tatami --help for the commands"),
    }
}
