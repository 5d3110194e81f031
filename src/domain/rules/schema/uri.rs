//! Addresses as people write them.

use std::fmt::Write as _;

use super::Hint;
use crate::domain::{
    format,
    rules::definition::{HintDef, Repair},
};

pub(in crate::domain::rules) const NO_SCHEME: HintDef = HintDef::new("URLs without https://", "start with https://")
    .repaired(Repair::Text("Add https://", |text| {
        Some(format!("https://{}", text.trim_start_matches("//")))
    }));

pub(in crate::domain::rules) const UNESCAPED: HintDef = HintDef::new(
    "URLs with characters that must be escaped",
    "write such characters as % escapes: %20 for a space",
)
.repaired(Repair::Text("Escape them", |text| Some(escape(text))));

/// What a text seems to be that is no URL.
pub(in crate::domain::rules) fn hint(text: &str) -> Option<Hint> {
    let has_scheme = text
        .split_once("://")
        .is_some_and(|(scheme, _)| format::is_scheme(scheme));
    if has_scheme {
        if separator(text).is_some() {
            return None;
        }
        return format::is_uri(&escape(text)).then_some(Hint::Unescaped);
    }
    lacks_scheme(text).then_some(Hint::NoScheme)
}

/// What separates several addresses in one text; `None` when there is one at most.
pub(in crate::domain) fn separator(text: &str) -> Option<char> {
    let follows = |separator: &char| {
        let mut items = text.split(*separator).skip(1).peekable();
        items.peek().is_some() && items.all(|item| item.contains("://") || item.trim().is_empty())
    };
    ['|', ';', ',', '\n', ' '].into_iter().find(follows)
}

/// Whether a text is an address but for its scheme: `www.example.com/a`, `//cdn.example.com/b.jpg`. The name of a
/// file (`a.jpg`), a path and a bare word are none.
pub(in crate::domain) fn lacks_scheme(text: &str) -> bool {
    const ENDINGS: [&str; 16] = [
        "jpg", "jpeg", "png", "gif", "webp", "svg", "avif", "bmp", "tif", "tiff", "html", "htm", "php", "aspx", "pdf",
        "mp4",
    ];
    let bare = text.trim_start_matches("//");
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((name, top)) = host.split(':').next().unwrap_or_default().rsplit_once('.') else {
        return false;
    };
    let is_file = || host.len() == bare.len() && ENDINGS.iter().any(|ending| ending.eq_ignore_ascii_case(top));
    !name.is_empty()
        && !name.starts_with('.')
        && !host.contains(['@', ' ', ':'])
        && top.len() >= 2
        && top.chars().all(char::is_alphabetic)
        && !is_file()
        && format::is_uri(&format!("https://{bare}"))
}

/// Escapes the characters that no URL may hold; escapes and separators that are there stay.
fn escape(text: &str) -> String {
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
