//! Addresses as people write them.

use std::fmt::Write as _;

use super::Hint;
use crate::domain::format;

/// What a text seems to be that is no URL.
pub(super) fn hint(text: &str) -> Option<Hint> {
    let has_scheme = text
        .split_once("://")
        .is_some_and(|(scheme, _)| format::is_scheme(scheme));
    if has_scheme {
        return format::is_uri(&escape(text)).then_some(Hint::Unescaped);
    }
    let host = text
        .trim_start_matches("//")
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    let is_host =
        host.contains('.') && !host.contains([':', '@', ' ']) && !host.ends_with('.') && !host.starts_with('.');
    (is_host && format::is_uri(&format!("https://{}", text.trim_start_matches("//")))).then_some(Hint::NoScheme)
}

/// Escapes the characters that no URL may hold; escapes and separators that are there stay.
pub(super) fn escape(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len() + 8), |mut escaped, byte| {
            if byte > b' '
                && byte < 0x7f
                && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
            {
                escaped.push(char::from(byte));
            } else {
                write!(escaped, "%{byte:02X}").ok();
            }
            escaped
        })
}
