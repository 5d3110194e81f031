//! A text that people look for in cells, whatever its case.

use memchr::memchr2_iter;

/// A text to look for; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextQuery {
    text: String,
    folded: String,
}

impl TextQuery {
    /// Looks for a text; `None` for one without characters, which would be everywhere.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            folded: fold(text),
        })
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text has it, in upper or lower case.
    pub fn is_in(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return fold(text).contains(&self.folded);
        }
        // Almost all texts: nothing is copied.
        let (text, folded) = (text.as_bytes(), self.folded.as_bytes());
        let Some(first) = folded.first() else { return true };
        memchr2_iter(*first, first.to_ascii_uppercase(), text).any(|at| {
            let here = text.get(at..at + folded.len());
            here.is_some_and(|here| here.eq_ignore_ascii_case(folded))
        })
    }
}

/// Every letter in lower case, each for itself: unlike `str::to_lowercase`, which looks at a letter's neighbours.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The short way for plain letters finds what comparing letter by letter does.
        #[test]
        fn finds_what_a_comparison_of_all_letters_does(text in "[aAbBßéÉΣςK ]{0,8}", wanted in "[aAbBéÉΣk]{1,3}") {
            let (text, wanted) = (text.as_str(), wanted.as_str());
            let (letters, query) = (fold(text), fold(wanted));
            let places = letters.char_indices().map(|(at, _)| at);
            let has = places.into_iter().any(|at| letters[at..].starts_with(&query));
            prop_assert_eq!(TextQuery::new(wanted).unwrap().is_in(text), has);
        }
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        let has = |wanted: &str, text: &str| TextQuery::new(wanted).unwrap().is_in(text);
        assert!(has("LAMP", "Walnut desk lamp") && has("lamp", "LAMP"));
        assert!(has("ÉTÉ", "l'été") && has("σ", "ΟΔΟΣ") && has("книг", "КНИГИ") && has("座布団", "い草の座布団"));
        assert!(!has("lamps", "lamp") && !has("é", "e") && !has("lamp", ""));
        assert_eq!(TextQuery::new(""), None);
    }
}
