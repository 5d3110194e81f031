//! Names without what people write differently: case, accents, separators.

/// A character without case, accent and width; most are one character, ligatures two.
fn folded(c: char, into: &mut String) {
    for c in c.to_lowercase() {
        let plain = match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' => "d",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
            'ğ' => "g",
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
            'ł' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
            'ř' => "r",
            'ś' | 'ş' | 'š' | 'ș' => "s",
            'ť' | 'ț' | 'ţ' => "t",
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            'æ' => "ae",
            'œ' => "oe",
            'ß' => "ss",
            'ё' => "е",
            // The dot above that is left of the Turkish capital İ.
            '\u{307}' => "",
            '\u{ff01}'..='\u{ff5e}' => {
                into.extend(char::from_u32(u32::from(c) - 0xfee0).map(|c| c.to_ascii_lowercase()));
                continue;
            }
            other => {
                into.push(other);
                continue;
            }
        };
        into.push_str(plain);
    }
}

/// What kind of character it is, for where words end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharacterKind {
    Digit,
    Capital,
    Other,
}

/// The words of a name, folded: `productTitle_EN` has product, title and en; `image1` has image and 1.
pub(in crate::domain) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<CharacterKind> = None;
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        if !c.is_alphanumeric() && c != '#' {
            before = None;
            continue;
        }
        let kind = if c.is_numeric() {
            CharacterKind::Digit
        } else if c.is_uppercase() {
            CharacterKind::Capital
        } else {
            CharacterKind::Other
        };
        let ends_acronym = characters.peek().is_some_and(|next| next.is_lowercase());
        let is_new = match (before, kind) {
            (None, _) | (Some(CharacterKind::Other), CharacterKind::Capital) => true,
            (Some(CharacterKind::Capital), CharacterKind::Capital) => ends_acronym,
            (Some(last), kind) => (last == CharacterKind::Digit) != (kind == CharacterKind::Digit),
        };
        if is_new {
            words.push(String::new());
        }
        before = Some(kind);
        if let Some(word) = words.last_mut() {
            folded(c, word);
        }
    }
    words
}

/// A name folded, without what stands between its words.
pub(in crate::domain) fn plain(name: &str) -> String {
    words(name).concat()
}

/// Which characters a name has, as bits; some characters share one.
pub(in crate::domain) fn letter_set(name: &str) -> u64 {
    name.chars().fold(0, |all, letter| all | 1 << (u32::from(letter) % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_folded() {
        for (name, expect) in [
            ("productTitle_EN", "product title en"),
            ("SKUCode", "sku code"),
            ("image1Url", "image 1 url"),
            ("Größe (EU)", "grosse eu"),
            ("Ürün Adı", "urun adi"),
            ("İL", "il"),
            ("Catalog#", "catalog#"),
            ("ＳＫＵ番号", "sku番号"),
            ("  first.name ", "first name"),
            ("---", ""),
        ] {
            assert_eq!(words(name).join(" "), expect, "{name}");
        }
    }
}
