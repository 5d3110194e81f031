//! Texts of files and servers as people may see them: nothing in them moves a cursor, changes a terminal, or makes a text
//! look like another. What is sent and written stays as it is.

use std::borrow::Cow;

/// A text in one line, with escapes for characters that are obeyed rather than shown.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    escaped(text, is_unsafe, |c| c.escape_default().collect())
}

/// The same, with its line breaks and tabs.
pub(crate) fn safe_lines(text: &str) -> Cow<'_, str> {
    let is_layout = |c| matches!(c, '\n' | '\r' | '\t');
    escaped(
        text,
        |c| is_unsafe(c) && !is_layout(c),
        |c| c.escape_default().collect(),
    )
}

/// JSON text with the escapes of JSON, so that its values are the same.
pub(crate) fn safe_json(json: &str) -> Cow<'_, str> {
    // The other control characters are escaped already, or stand between values.
    escaped(
        json,
        |c| c >= '\u{7f}' && is_unsafe(c),
        |c| format!("\\u{:04x}", u32::from(c)),
    )
}

/// Control characters, C1 among them, separators of lines and paragraphs, and those that mark, embed, override or isolate a
/// direction.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_escaped(c) {
            plain.push_str(&escape(c));
        } else {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
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
        let acts = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
        let turns = ['\u{61c}', '\u{200e}', '\u{200f}']
            .into_iter()
            .chain('\u{2028}'..='\u{202e}');
        for c in acts.chain(turns).chain('\u{2066}'..='\u{2069}') {
            let text = format!("a{c}b");
            assert_eq!(safe(&text), format!("a{}b", c.escape_default()));
            let json = serde_json::to_string(&text).unwrap_or_default();
            assert!(!safe_json(&json).contains(is_unsafe), "{c:?}");
            assert_eq!(serde_json::from_str(&safe_json(&json)).ok(), Some(text));
        }
        for text in ["雲屋 é", "שלום עולם", "مرحبا", "a\u{ad}b\u{200b}c"] {
            assert!(matches!(safe(text), Cow::Borrowed(same) if same == text));
        }
        assert_eq!(safe_lines("a\tb\r\nc\u{9b}d"), "a\tb\r\nc\\u{9b}d");
    }
}
