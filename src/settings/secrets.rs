//! Keys of environments, in the system's keychain or, where there is none, for this session only.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Paths;
use crate::domain::key::ApiKey;

/// The name the keychain files our keys under.
const SERVICE: &str = "tatami";

/// Where a key went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyStorage {
    /// Into the system's keychain.
    Keychain,
    /// Into memory, until Tatami ends.
    Session {
        /// Why, for people.
        reason: String,
    },
}

/// A key is still in the keychain.
#[derive(Debug, thiserror::Error)]
#[error("The keychain did not remove the key ({0}); remove \"{SERVICE}\" there yourself")]
pub(crate) struct KeychainError(#[source] keyring::Error);

/// Keys by environment name. The keychain may ask the person something, so call this where blocking is allowed.
pub(crate) struct Secrets {
    session: Mutex<HashMap<String, ApiKey>>,
    /// Why the keychain is not used; `None` when it is.
    without_keychain: Option<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("without_keychain", &self.without_keychain)
            .finish_non_exhaustive()
    }
}

impl Secrets {
    /// Uses the system's keychain, if there is one.
    pub(crate) fn open(paths: &Paths) -> Self {
        if paths.isolated {
            return Self::session_only("TATAMI_HOME is set, so the key is kept for this session only");
        }
        match keyring::Entry::store_status() {
            Ok(()) => Self {
                session: Mutex::default(),
                without_keychain: None,
            },
            Err(_) => {
                Self::session_only("There is no keychain on this system, so the key is kept for this session only")
            }
        }
    }

    /// Uses memory only.
    pub(crate) fn session_only(reason: &str) -> Self {
        Self {
            session: Mutex::default(),
            without_keychain: Some(reason.to_owned()),
        }
    }

    /// The key of an environment.
    pub(crate) fn get(&self, environment: &str) -> Option<ApiKey> {
        if let Some(key) = self.session().get(environment) {
            return Some(key.clone());
        }
        let key = self.entry(environment)?.get_password().ok()?;
        let key = ApiKey::new(key);
        // The keychain is asked once a session.
        self.session().insert(environment.to_owned(), key.clone());
        Some(key)
    }

    /// Keeps the key of an environment, and says where.
    pub(crate) fn store(&self, environment: &str, key: ApiKey) -> KeyStorage {
        let kept = match (&self.without_keychain, self.entry(environment)) {
            (None, Some(entry)) => match entry.set_password(key.reveal()) {
                Ok(()) => KeyStorage::Keychain,
                Err(error) => {
                    let reason =
                        format!("The keychain did not take the key ({error}), so it is kept for this session only");
                    KeyStorage::Session {
                        reason: key.scrub(&reason),
                    }
                }
            },
            (Some(reason), _) => KeyStorage::Session { reason: reason.clone() },
            (None, None) => KeyStorage::Session {
                reason: "The keychain cannot be opened, so the key is kept for this session only".to_owned(),
            },
        };
        self.session().insert(environment.to_owned(), key);
        kept
    }

    /// Forgets the key of an environment.
    ///
    /// # Errors
    /// When the keychain still holds it.
    pub(crate) fn delete(&self, environment: &str) -> Result<(), KeychainError> {
        self.session().remove(environment);
        let Some(entry) = self.entry(environment) else {
            return Ok(());
        };
        match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(KeychainError(error)),
        }
    }

    fn entry(&self, environment: &str) -> Option<keyring::Entry> {
        if self.without_keychain.is_some() {
            return None;
        }
        keyring::Entry::new(SERVICE, environment).ok()
    }

    fn session(&self) -> MutexGuard<'_, HashMap<String, ApiKey>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_keychain_keys_last_for_the_session() {
        let secrets = Secrets::session_only("There is none");
        assert_eq!(secrets.get("Shop"), None);
        let kept = secrets.store("Shop", ApiKey::new("0123456789"));
        assert_eq!(
            kept,
            KeyStorage::Session {
                reason: "There is none".to_owned()
            }
        );
        assert_eq!(secrets.get("Shop"), Some(ApiKey::new("0123456789")));
        assert!(!format!("{secrets:?}").contains("0123"));
        assert!(secrets.delete("Shop").is_ok());
        assert_eq!(secrets.get("Shop"), None);
    }
}
