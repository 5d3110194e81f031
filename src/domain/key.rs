//! An API key, which is never shown, and what it is known by.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
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

    /// Its first and last characters, for people who must tell keys apart: `039c…7e17`. Never more than a quarter of it.
    pub fn masked(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        let shown = (characters.len() / 8).min(4);
        let (first, rest) = characters.split_at(shown);
        let last = rest.get(rest.len() - shown..).unwrap_or_default();
        first.iter().chain(&['…']).chain(last).collect()
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

/// What a key is known by without being kept: a salt and a hash. Two of one key need not be equal, as each may have a salt
/// of its own; whether a key is the one that is meant is for [`KeyFingerprint::is_of`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyFingerprint(String);

impl KeyFingerprint {
    /// The fingerprint of a key. The salt must be random, and may be used for several keys.
    pub(crate) fn new(key: &ApiKey, salt: [u8; 8]) -> Self {
        let salt = hex(&salt);
        let hash = Self::hash(key, &salt);
        Self(format!("{salt}:{hash}"))
    }

    /// A fingerprint as it was written down.
    pub(crate) const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The text to write down: salt and hash, in hexadecimal digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of this key.
    pub(crate) fn is_of(&self, key: &ApiKey) -> bool {
        let parts = self.0.split_once(':');
        parts.is_some_and(|(salt, hash)| !key.is_empty() && Self::hash(key, salt) == hash)
    }

    /// 16 bytes of the SHA-256 of salt and key: keys are long and random, so that nobody finds them by trying.
    fn hash(key: &ApiKey, salt: &str) -> String {
        let hash = Sha256::new().chain_update(salt).chain_update(key.reveal()).finalize();
        hex(hash.get(..16).unwrap_or_default())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into memory cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_one_key_whatever_its_salt() {
        let key = ApiKey::new("039c501ac8dfcac91c6f05601cee876e1cc07e17");
        let other = ApiKey::new("039c501ac8dfcac91c6f05601cee876e1cc07e18");
        let (one, two) = (KeyFingerprint::new(&key, [1; 8]), KeyFingerprint::new(&key, [2; 8]));
        assert_ne!(one, two);
        for print in [one, two, KeyFingerprint::from_text("0102030405060708:".to_owned())] {
            assert_eq!(print.is_of(&key), print.as_str().len() > 20);
            assert!(!print.is_of(&other) && !print.is_of(&ApiKey::default()));
            assert!(!print.as_str().contains("039c"));
        }
    }

    #[test]
    fn a_masked_key_shows_a_quarter_at_most() {
        let masked = |key: &str| ApiKey::new(key).masked();
        assert_eq!(masked("039c501ac8dfcac91c6f05601cee876e1cc07e17"), "039c…7e17");
        assert_eq!(masked("0123456789abcdef"), "01…ef");
        assert_eq!(masked("secret"), "…");
        assert_eq!(masked("schlüssel-ß"), "s…ß");
    }

    #[test]
    fn never_shows_the_key() {
        let key = ApiKey::new(" 039c501ac8dfcac91c6f05601cee876e1cc07e17\n");
        assert_eq!(format!("{key} {key:?}"), "**** ****");
        assert_eq!(key.reveal().len(), 40);
        assert_eq!(key.scrub("no 039c501ac8dfcac91c6f05601cee876e1cc07e17!"), "no ****!");
    }
}
