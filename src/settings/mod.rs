//! What Tatami remembers between runs: environments, their keys (in the system's keychain), preferences.
//! Files are versioned JSON and replaced whole, so that a crash leaves the old or the new one; [`AtomicFile`] writes them,
//! and every other file that a person asks for. What is kept for a person is for their eyes only: see [`mend_access`].

mod atomic_file;
mod column_layout;
mod environment;
mod file;
mod named_file;
pub(crate) mod own_stores;
mod paths;
mod preferences;
mod private;
pub(crate) mod recipes;
mod secrets;

pub(crate) use atomic_file::{AtomicFile, Existing, WriteError, are_one_file, is_standard_input};
pub(crate) use column_layout::{ColumnLayout, ColumnLayouts};
pub use environment::{Environment, EnvironmentKind, Environments, KeyMismatch};
pub(crate) use environment::{check_address, fingerprint};
pub(crate) use file::{FileLock, SettingsError, try_lock};
pub(crate) use named_file::NamedFile;
pub use paths::Paths;
pub use preferences::Preferences;
pub(crate) use preferences::{Density, PanelSizes, Theme, WindowSize, put_on_top};
pub(crate) use private::{MendedFolder, create_private_file, create_private_folder, mend_access, mend_files};
pub(crate) use secrets::{KeyStorage, Secrets};
