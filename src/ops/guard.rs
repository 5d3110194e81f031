//! What somebody must have said before a change reaches an environment.

use super::Connection;
use crate::upload::Upload;

/// Why an environment is guarded, if it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It is not: it is for tests and its key is known to be its own, or this user's own server keeps the records.
    Open,
    /// It was set up as Production: customers see it.
    Production,
    /// It was set up, but no key is known to be its own: it may be any on its server.
    Unidentified,
    /// Nobody set it up: it may be anything.
    Unknown,
    /// An upload to it was written down without what its key is known by: it may have gone to any on its server.
    Unrecorded,
}

impl Guard {
    /// Whether something must be said.
    pub(crate) const fn is_closed(self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// For people: why it is guarded.
impl std::fmt::Display for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "nothing guards it",
            Self::Production => "it is a Production environment, which customers see",
            Self::Unidentified => "no key is known to be its own yet, so that it counts as Production",
            Self::Unknown => "it is no environment that was set up, so that it counts as Production",
            Self::Unrecorded => {
                "the upload was written down without its key, so that where it went counts as Production"
            }
        })
    }
}

/// What a change does to what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Records are sent, or what was begun goes on: whoever began to take an upload back has named the environment then.
    Store,
    /// Records are deleted, or it is begun to take an upload back.
    Delete,
}

/// What somebody has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The name of the environment that is meant.
    pub confirmed: Option<String>,
    /// Records may be sent where customers see them.
    pub production: bool,
}

impl Consent {
    /// An environment was named, so that it is meant.
    pub fn named(name: &str) -> Self {
        Self {
            confirmed: Some(name.to_owned()),
            production: false,
        }
    }
}

/// Why a change is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// The environment is guarded, and what must be said was not.
    #[error("{environment}: {guard}")]
    Guarded {
        /// The environment for people: name, address and the key's first and last characters.
        environment: String,
        /// What is to be named.
        name: String,
        /// Why.
        guard: Guard,
        /// What was to be done.
        change: ChangeKind,
    },
    /// Another environment was named.
    #[error("this is the environment {environment}, not \"{confirmed}\"")]
    Another {
        /// The environment for people.
        environment: String,
        /// What is to be named.
        name: String,
        /// What was named.
        confirmed: String,
    },
}

/// A connection through which records may be changed: only [`Connection::allow`] hands it out.
#[derive(Clone, Debug)]
pub struct Permit {
    connection: Connection,
    consent: Consent,
    change: ChangeKind,
}

impl Connection {
    /// Lets a change through, when what must be said before it was said.
    ///
    /// # Errors
    /// When it was not, or another environment was named.
    pub fn allow(&self, change: ChangeKind, consent: &Consent) -> Result<Permit, GuardError> {
        if let Some(confirmed) = consent.confirmed.as_ref().filter(|named| *named != self.name()) {
            return Err(GuardError::Another {
                environment: self.described(),
                name: self.name().to_owned(),
                confirmed: confirmed.clone(),
            });
        }
        let permit = Permit {
            connection: self.clone(),
            consent: consent.clone(),
            change,
        };
        permit.ensure(self.guard())?;
        Ok(permit)
    }
}

impl Permit {
    /// The connection.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Lets a change of an upload of before through: where that was written down without its key, or without what tells a
    /// store from others, nobody can know whether it went here.
    pub(super) fn ensure_covers(&self, upload: &Upload) -> Result<(), GuardError> {
        if upload.plan.is_unrecorded() {
            self.ensure(Guard::Unrecorded)?;
        }
        Ok(())
    }

    fn ensure(&self, guard: Guard) -> Result<(), GuardError> {
        let is_said = match self.change {
            ChangeKind::Store => self.consent.production || self.consent.confirmed.is_some(),
            ChangeKind::Delete => self.consent.confirmed.is_some(),
        };
        if !guard.is_closed() || is_said {
            return Ok(());
        }
        Err(GuardError::Guarded {
            environment: self.connection.described(),
            name: self.connection.name().to_owned(),
            guard,
            change: self.change,
        })
    }
}
