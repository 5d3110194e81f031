//! What Tatami remembers between runs: environments, their keys (in the system's keychain), preferences.
//! Files are versioned JSON and replaced whole, so that a crash leaves the old or the new one.

mod environment;
mod file;
mod paths;
mod preferences;
pub mod recipes;
mod secrets;

pub use environment::{Environment, EnvironmentKind, Environments, check_address};
pub use file::SettingsError;
pub use paths::Paths;
pub use preferences::{Preferences, Theme};
pub use secrets::{Kept, Secrets};
