//! Texts of files and servers as people may see them: nothing in them moves a cursor, changes a terminal, or makes a text
//! look like another. What is sent and written stays as it is.

use std::borrow::Cow;

/// A text with escapes for characters that are obeyed rather than shown.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
}

/// Control characters, C1 among them, and those that embed or override the direction of what follows. The marks that
/// Arabic and Hebrew texts hold (U+200E, U+200F) turn nothing that has a direction of its own, and stay.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_is_escaped() {
        assert_eq!(safe("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(
            safe("\u{9b}31m \u{202e}gpj.exe \u{2066}x"),
            "\\u{9b}31m \\u{202e}gpj.exe \\u{2066}x"
        );
        assert!(matches!(safe("雲屋 é \u{200f}"), Cow::Borrowed(_)));
    }
}
