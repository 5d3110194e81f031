//! Why work failed.

/// Why a command failed, in a sentence for people, and what of it the window treats differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WorkError {
    /// The sentence.
    pub reason: String,
    /// Whether this server offers no such thing, as opposed to having failed at it.
    pub is_unsupported: bool,
}

impl From<String> for WorkError {
    fn from(reason: String) -> Self {
        Self {
            reason,
            is_unsupported: false,
        }
    }
}

impl From<&str> for WorkError {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}
