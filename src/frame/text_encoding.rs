//! The encodings that text can be in: those of web pages, the code pages of DOS, and UTF-8 with something else here and
//! there.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How a text's bytes stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// One of those that web pages are written in.
    Web(&'static Encoding),
    /// A code page of DOS.
    Dos(CodePage),
    /// UTF-8, but for bytes that are in another encoding, of one byte a character.
    Mixed(&'static Encoding),
}

/// A code page of DOS, of one byte a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// Of the United States.
    Ibm437,
    /// Of Western Europe.
    Ibm850,
}

impl CodePage {
    /// The characters of the bytes from 0x80 on; those before are ASCII.
    pub(super) const fn high(self) -> &'static str {
        match self {
            Self::Ibm437 => {
                "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                 αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
            }
            Self::Ibm850 => {
                "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
                 ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}"
            }
        }
    }
}

impl TextEncoding {
    /// The encoding that everything is made to be in.
    pub const UTF_8: Self = Self::Web(UTF_8);

    /// The encoding of that name: a name as web pages give it, `cp437`, `cp850`, `mac-roman`, or `utf-8+windows-1252`
    /// for UTF-8 with other bytes here and there.
    pub fn named(name: &str) -> Option<Self> {
        let lower = name.trim().to_ascii_lowercase();
        if let Some(other) = lower.strip_prefix("utf-8+") {
            return match Self::named(other)? {
                Self::Web(other) if other.is_single_byte() => Some(Self::Mixed(other)),
                Self::Web(_) | Self::Dos(_) | Self::Mixed(_) => None,
            };
        }
        match lower.as_str() {
            "437" | "cp437" | "ibm437" | "dos-437" => Some(Self::Dos(CodePage::Ibm437)),
            "850" | "cp850" | "ibm850" | "dos-850" => Some(Self::Dos(CodePage::Ibm850)),
            "mac-roman" | "macroman" => Some(Self::Web(encoding_rs::MACINTOSH)),
            label => Encoding::for_label_no_replacement(label.as_bytes()).map(Self::Web),
        }
    }

    /// The name by which it is [found](Self::named) again.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Web(encoding) => encoding.name().into(),
            Self::Dos(CodePage::Ibm437) => "IBM437".into(),
            Self::Dos(CodePage::Ibm850) => "IBM850".into(),
            Self::Mixed(other) => format!("UTF-8+{}", other.name()).into(),
        }
    }

    /// Its name as people know it.
    pub fn title(self) -> Cow<'static, str> {
        match self {
            Self::Web(encoding) => web_title(encoding).into(),
            Self::Dos(CodePage::Ibm437) => "DOS 437".into(),
            Self::Dos(CodePage::Ibm850) => "DOS 850".into(),
            Self::Mixed(other) => format!("UTF-8+{}", web_title(other)).into(),
        }
    }

    /// Whether every character has two bytes, or twice two.
    pub(super) fn is_wide(self) -> bool {
        self == UTF_16LE || self == UTF_16BE
    }

    /// The text's bytes; `None` when it has a character that the encoding does not have.
    pub(super) fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Web(encoding) if encoding == UTF_16LE => {
                Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
            }
            Self::Web(encoding) if encoding == UTF_16BE => {
                Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
            }
            Self::Web(encoding) => match encoding.encode(text) {
                (bytes, _, false) => Some(bytes),
                (_, _, true) => None,
            },
            Self::Mixed(_) => Some(Cow::Borrowed(text.as_bytes())),
            Self::Dos(page) => text
                .chars()
                .map(|c| page.byte(c))
                .collect::<Option<Vec<u8>>>()
                .map(Cow::Owned),
        }
    }
}

impl CodePage {
    fn byte(self, c: char) -> Option<u8> {
        if c.is_ascii() {
            return u8::try_from(c).ok();
        }
        let at = self.high().chars().position(|high| high == c)?;
        u8::try_from(at + 0x80).ok()
    }
}

impl PartialEq<&'static Encoding> for TextEncoding {
    fn eq(&self, other: &&'static Encoding) -> bool {
        matches!(self, Self::Web(encoding) if encoding == other)
    }
}

impl From<&'static Encoding> for TextEncoding {
    fn from(encoding: &'static Encoding) -> Self {
        Self::Web(encoding)
    }
}

fn web_title(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "UTF-16LE" => "UTF-16 LE",
        "UTF-16BE" => "UTF-16 BE",
        "Shift_JIS" => "Shift-JIS",
        "gb18030" => "GB18030",
        "macintosh" => "Mac Roman",
        "windows-874" => "Windows-874",
        "windows-1250" => "Windows-1250",
        "windows-1251" => "Windows-1251",
        "windows-1252" => "Windows-1252",
        "windows-1253" => "Windows-1253",
        "windows-1254" => "Windows-1254",
        "windows-1255" => "Windows-1255",
        "windows-1256" => "Windows-1256",
        "windows-1257" => "Windows-1257",
        "windows-1258" => "Windows-1258",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_by_their_names() {
        for (name, expect) in [
            ("utf-8", Some("UTF-8")),
            ("latin1", Some("Windows-1252")),
            ("CP850", Some("DOS 850")),
            ("ibm437", Some("DOS 437")),
            ("MacRoman", Some("Mac Roman")),
            ("macintosh", Some("Mac Roman")),
            ("utf-8+windows-1252", Some("UTF-8+Windows-1252")),
            ("utf-8+sjis", None),
            ("utf-8+utf-8", None),
            ("utf-7", None),
            ("klingon", None),
        ] {
            let found = TextEncoding::named(name);
            assert_eq!(found.map(TextEncoding::title).as_deref(), expect, "{name}");
            if let Some(found) = found {
                assert_eq!(TextEncoding::named(&found.name()), Some(found));
            }
        }
    }

    #[test]
    fn code_pages_have_a_character_for_every_byte() {
        for page in [CodePage::Ibm437, CodePage::Ibm850] {
            assert_eq!(page.high().chars().count(), 128);
            let all: String = page.high().chars().collect();
            let bytes = TextEncoding::Dos(page).encode(&all).unwrap();
            assert_eq!(*bytes, (0x80..=0xff).collect::<Vec<u8>>());
        }
        let german = TextEncoding::Dos(CodePage::Ibm850).encode("Käse für 5 £").unwrap();
        assert_eq!(*german, *b"K\x84se f\x81r 5 \x9c");
        assert_eq!(TextEncoding::Dos(CodePage::Ibm437).encode("5 €"), None);
    }
}
