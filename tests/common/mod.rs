//! What several tests need.

use std::path::{Path, PathBuf};

pub mod contract;
pub mod files;
pub mod grid;
pub mod hosted;
pub mod panels;
pub mod plan;

/// A path in the repository.
pub fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The program, which stands beside the folder of the tests' own.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("a program knows where it is");
    let folder = tests
        .ancestors()
        .nth(2)
        .expect("a folder for tests in one for programs");
    folder.join("tatami").with_extension(std::env::consts::EXE_EXTENSION)
}
