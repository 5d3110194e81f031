//! What Tatami remembers between runs: environments, their keys (in the system's keychain), preferences.
//! Files are versioned JSON and replaced whole, so that a crash leaves the old or the new one; [`AtomicFile`] writes them,
//! and every other file that a person asks for.

mod atomic_file;
mod environment;
mod file;
mod paths;
mod preferences;
pub mod recipes;
mod secrets;

pub use atomic_file::{AtomicFile, WriteError};
pub use environment::{Environment, EnvironmentKind, Environments, check_address};
pub use file::SettingsError;
pub use paths::Paths;
pub use preferences::{Preferences, Theme};
pub use secrets::{KeyStorage, KeychainError, Secrets};
