//! Why work failed.

/// Why a command failed, in a sentence for people, and what of it the window treats differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WorkError {
    /// The sentence.
    pub reason: String,
    /// What kind of failure it is.
    pub kind: WorkErrorKind,
}

/// What the window treats differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkErrorKind {
    /// Nothing of it.
    #[default]
    Other,
    /// This server offers no such thing, as opposed to having failed at it.
    Unsupported,
    /// The server does not know the key: 401.
    KeyRejected,
}

impl WorkError {
    /// Whether this server offers no such thing.
    pub(crate) const fn is_unsupported(&self) -> bool {
        matches!(self.kind, WorkErrorKind::Unsupported)
    }

    /// Whether the server does not know the key.
    pub(crate) const fn is_key_rejected(&self) -> bool {
        matches!(self.kind, WorkErrorKind::KeyRejected)
    }
}

impl From<String> for WorkError {
    fn from(reason: String) -> Self {
        Self {
            reason,
            kind: WorkErrorKind::Other,
        }
    }
}

impl From<&str> for WorkError {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}
