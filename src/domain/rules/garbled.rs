//! Text that something on the way has read in another encoding than it was written in: `KÃ¤se` for `Käse`.

use super::{
    CellTest, Family, FieldContext, Hint, RuleDef,
    cell_test::Concern,
    definition::{HintDef, Repair},
};
use crate::domain::cell::{Cell, OwnedCell};

/// The text was read in another encoding than it was written in.
pub(super) const GARBLED: RuleDef = RuleDef {
    name: "garbled",
    title: "Text that was read in the wrong encoding",
    says: "was read in the wrong encoding before it came into this file",
    text: "Something that wrote this file took UTF-8 for another encoding, and saved what it saw: Käse became KÃ¤se, and \
           L’été Lâ€™Ã©tÃ©. Visitors see it so, and searching for the word finds nothing. The file itself is in order, \
           so reading it in another encoding does not help.",
    advice: "write the characters that were meant",
    ..RuleDef::of(Family::Text)
};

pub(super) const GARBLED_TEXT: HintDef = HintDef::new(
    "texts with Ã¤ and â€™ in the place of letters",
    "put the characters right",
)
.repaired(Repair::Cell("Put the characters right", |_, cell| ungarbled(cell)));

pub(super) const QUOTE_IN_WORD: HintDef = HintDef::new(
    "words with a quote inside",
    "write the letter that was meant; „ is the ä of DOS, ‚ its é",
);

/// Looks at texts that are no ids.
#[derive(Debug)]
pub(super) struct Garbled;

impl CellTest for Garbled {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.is_prose().then_some(Self)
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        find(cell)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }
}

/// Rounds of garbling that are undone.
const ROUNDS: usize = 3;

/// What a text that was garbled seems to be.
fn find(cell: Cell<'_>) -> Option<Hint> {
    let text = match cell {
        Cell::Text(text) | Cell::Json(text) => text,
        Cell::Missing => return None,
    };
    if text.is_ascii() {
        return None;
    }
    let signs = Signs::of(text.as_bytes());
    if signs.has_pair && GarbledSigns::of(text).is_certain() {
        Some(Hint::Garbled)
    } else {
        (signs.has_quote && has_quote_in_word(text)).then_some(Hint::QuoteInWord)
    }
}

/// What is seen of a text at a glance: almost every text has neither.
#[derive(Default)]
struct Signs {
    /// A letter of those that UTF-8 begins with, and another character that is not ASCII behind it; or a control.
    has_pair: bool,
    /// A low quote.
    has_quote: bool,
}

impl Signs {
    fn of(text: &[u8]) -> Self {
        let mut signs = Self::default();
        for at in memchr::memchr3_iter(0xc2, 0xc3, 0xe2, text) {
            match text.get(at..).unwrap_or_default() {
                [0xc2, 0x80..=0x9f, ..] | [0xc3, 0x82..=0xb4, 0x80..=0xff, ..] => signs.has_pair = true,
                [0xe2, 0x80, 0x9a | 0x9e, ..] => signs.has_quote = true,
                _ => {}
            }
        }
        signs
    }
}

/// The text that was garbled as it was. In JSON, too, only characters that are not ASCII change.
fn ungarbled(cell: Cell<'_>) -> Option<OwnedCell> {
    match cell {
        Cell::Text(text) => plain(text).map(|text| OwnedCell::Text(text.into())),
        Cell::Json(json) => plain(json).map(|json| OwnedCell::Json(json.into())),
        Cell::Missing => None,
    }
}

fn plain(text: &str) -> Option<String> {
    let mut plain = None;
    for _ in 0..ROUNDS {
        let text = plain.as_deref().unwrap_or(text);
        if !GarbledSigns::of(text).is_certain() {
            break;
        }
        plain = Some(once(text));
    }
    plain
}

/// The text before it was garbled the last time.
fn once(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (meant, len) = match Meant::at(rest) {
            Some(meant) => (meant.c, meant.len),
            None => (c, c.len_utf8()),
        };
        plain.push(meant);
        rest = rest.get(len..).unwrap_or_default();
    }
    plain
}

/// What a text has in it.
#[derive(Default)]
struct GarbledSigns {
    /// Whether something in it can be nothing else.
    has_certain: bool,
    /// Characters that can be what became of one.
    garbled: usize,
    /// Other characters that are not ASCII.
    others: usize,
}

impl GarbledSigns {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        let mut before = ' ';
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut len = c.len_utf8();
            if !c.is_ascii() {
                match Meant::at(rest) {
                    Some(meant) => {
                        len = meant.len;
                        let after = rest.get(len..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
                        // `MANHÃ”`: a word in capital letters, and a quote behind it.
                        let may_be_word = before.is_uppercase() && !after.is_alphabetic();
                        seen.has_certain |= meant.is_certain && !may_be_word;
                        seen.garbled += 1;
                    }
                    None => seen.others += 1,
                }
            }
            before = c;
            rest = rest.get(len..).unwrap_or_default();
        }
        seen
    }

    const fn is_certain(&self) -> bool {
        self.has_certain || (self.garbled > 1 && self.garbled > self.others)
    }
}

/// The character that several at the beginning of a text were once.
struct Meant {
    c: char,
    len: usize,
    /// Whether they can hardly be meant as they stand.
    is_certain: bool,
}

impl Meant {
    fn at(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        let first = chars.next()?;
        let lead = windows_1252(first)?;
        if let '\u{80}'..='\u{9f}' = first {
            // Nobody writes controls: they are what Windows has in the place of them.
            let c = HIGH.chars().nth(usize::from(lead.checked_sub(0x80)?))?;
            return (c != first).then_some(Self {
                c,
                len: first.len_utf8(),
                is_certain: true,
            });
        }
        let count = match lead {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => return None,
        };
        let mut bytes = [lead, 0, 0, 0];
        let mut len = first.len_utf8();
        for byte in bytes.iter_mut().skip(1).take(count) {
            let c = chars.next()?;
            *byte = windows_1252(c).filter(|byte| (0x80..=0xbf).contains(byte))?;
            len += c.len_utf8();
        }
        let c = std::str::from_utf8(bytes.get(..=count)?).ok()?.chars().next()?;
        let is_certain = match c {
            // `Ã¤`, `Â°`, `â€™`, `â‚¬`, `â„¢`, and the four of an emoji.
            '\u{a0}'..='\u{ff}'
            | '\u{2010}'..='\u{206f}'
            | '\u{20a0}'..='\u{20bf}'
            | '\u{2122}'
            | '\u{1f300}'..='\u{1faff}' => true,
            // Letters of other languages and scripts: several are needed to be sure.
            '\u{100}'..='\u{17f}'
            | '\u{218}'..='\u{21b}'
            | '\u{370}'..='\u{6ff}'
            | '\u{e00}'..='\u{e7f}'
            | '\u{1e00}'..='\u{1fff}'
            | '\u{2000}'..='\u{2bff}'
            | '\u{3000}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{fe00}'..='\u{ffef}' => false,
            _ => return None,
        };
        Some(Self { c, len, is_certain })
    }
}

/// What Windows-1252 has from 0x80 to 0x9f; where it has nothing, the control that readers make of it.
const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The byte of a character that is not ASCII, as programs read it that take everything for Windows-1252.
fn windows_1252(c: char) -> Option<u8> {
    match c {
        '\u{80}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        '\u{152}'..='\u{2122}' => {
            let at = HIGH.chars().position(|high| high == c)?;
            u8::try_from(at + 0x80).ok()
        }
        _ => None,
    }
}

/// `K„se`: a low quote in the middle of a word, as DOS' letters look in Windows.
fn has_quote_in_word(text: &str) -> bool {
    let is_quote = |c: char| matches!(c, '„' | '‚');
    text.match_indices(is_quote).any(|(at, quote)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + quote.len()..).and_then(|after| after.chars().next());
        before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<Hint>, meant: Option<&str>) {
        assert_eq!(find(Cell::Text(text)), expect, "{text}");
        let repaired = ungarbled(Cell::Text(text));
        assert_eq!(
            repaired.as_ref().map(|cell| cell.as_cell().shown()).as_deref(),
            meant,
            "{text}"
        );
    }

    #[test]
    fn garbled_text_is_found_and_put_right() {
        let garbled = Some(Hint::Garbled);
        check("KÃ¤se mit LÃ¶chern", garbled, Some("Käse mit Löchern"));
        check("Lâ€™Ã©tÃ© â€“ 5 â‚¬", garbled, Some("L’été – 5 €"));
        check("MÃ„RZ", garbled, Some("MÄRZ"));
        check("5Â°C", garbled, Some("5°C"));
        check("KÃ¤se fÃ¼r 3 €", garbled, Some("Käse für 3 €"));
        check("KÃƒÂ¤se", garbled, Some("Käse"));
        check("ÐšÐ½Ð¸Ð³Ð°", garbled, Some("Книга"));
        check("æ\u{9d}±äº¬", garbled, Some("東京"));
        check("5 \u{96} 6 \u{80}", garbled, Some("5 – 6 €"));
        check("fun ðŸ˜€", garbled, Some("fun 😀"));
        check("ðŸ\u{8d}\u{8e} fresh", garbled, Some("🍎 fresh"));
        check("K„se", Some(Hint::QuoteInWord), None);
    }

    #[test]
    fn text_as_it_is_meant_is_left_alone() {
        for text in [
            "Echte Käse",
            "„Spaß“ und “Été”",
            "Spaß“",
            "„Käse“ für 5 €",
            "Así ‚so‘ – MANHÃ”",
            "CAFÉ’S, CAFÈ»",
            "日本の畳、東京",
            "Ταβέρνα Книга",
            "Ã la carte",
            "10 µm ± 2°",
            "",
            "plain",
        ] {
            check(text, None, None);
        }
        assert_eq!(find(Cell::Json(r#"["KÃ¤se"]"#)), Some(Hint::Garbled));
        let list = ungarbled(Cell::Json(r#"["KÃ¤se",1]"#));
        assert_eq!(list, Some(OwnedCell::Json(r#"["Käse",1]"#.into())));
    }
}
