//! An API key, which is never shown.

use std::fmt;

use zeroize::Zeroizing;

/// An API key. Its text is wiped from memory when it is dropped, and neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Takes a key as it was typed or pasted; space around it is not part of it.
    pub fn new(key: impl Into<String>) -> Self {
        let key = Zeroizing::new(key.into());
        let trimmed = key.trim();
        if trimmed.len() == key.len() {
            return Self(key);
        }
        Self(Zeroizing::new(trimmed.to_owned()))
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key itself: for the request header and the keychain, never for a text that people or logs see.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A text in which the key, should it occur, is hidden: for what a server answers.
    pub(crate) fn scrub(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        text.replace(self.reveal(), "****")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_shows_the_key() {
        let key = ApiKey::new(" 039c501ac8dfcac91c6f05601cee876e1cc07e17\n");
        assert_eq!(format!("{key} {key:?}"), "**** ****");
        assert_eq!(key.reveal().len(), 40);
        assert_eq!(key.scrub("no 039c501ac8dfcac91c6f05601cee876e1cc07e17!"), "no ****!");
    }
}
