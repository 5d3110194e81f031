//! A text that people look for in cells, whatever its case.

use memchr::memchr2_iter;

/// A text to look for; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextQuery {
    text: String,
    folded: String,
    options: MatchOptions,
}

/// How exactly a text has to be the one looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchOptions {
    /// Whether upper and lower case are told apart.
    pub case: bool,
    /// Whether it has to be the whole text, not a part of it.
    pub whole: bool,
}

impl TextQuery {
    /// Looks for a text, as a part and whatever its case; `None` for one without characters, which would be everywhere.
    pub fn new(text: &str) -> Option<Self> {
        Self::with(text, MatchOptions::default())
    }

    /// Looks for a text; `None` for one without characters.
    pub fn with(text: &str, options: MatchOptions) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            folded: fold(text),
            options,
        })
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How exactly it has to be there.
    pub const fn options(&self) -> MatchOptions {
        self.options
    }

    /// Whether a text has it.
    pub fn is_in(&self, text: &str) -> bool {
        match self.options {
            MatchOptions {
                case: true,
                whole: true,
            } => text == self.text,
            MatchOptions { case: true, .. } => text.contains(&self.text),
            MatchOptions { whole: true, .. } => self.length_at_start(text) == Some(text.len()),
            MatchOptions { .. } if !text.is_ascii() => self.first_in(text).is_some(),
            // Almost all texts: nothing is copied.
            MatchOptions { .. } => {
                let (text, folded) = (text.as_bytes(), self.folded.as_bytes());
                let Some(first) = folded.first() else { return true };
                memchr2_iter(*first, first.to_ascii_uppercase(), text).any(|at| {
                    let here = text.get(at..at + folded.len());
                    here.is_some_and(|here| here.eq_ignore_ascii_case(folded))
                })
            }
        }
    }

    /// A text with another one wherever it has this one; `None`: it does not.
    pub(crate) fn replaced(&self, text: &str, with: &str) -> Option<String> {
        if self.options.whole {
            return self.is_in(text).then(|| with.to_owned());
        }
        // Most texts do not have it, and to see that is cheaper.
        if !self.is_in(text) {
            return None;
        }
        let (mut replaced, mut rest) = (String::with_capacity(text.len()), text);
        while let Some((before, after)) = self.first_in(rest) {
            replaced.push_str(before);
            replaced.push_str(with);
            rest = after;
        }
        replaced.push_str(rest);
        Some(replaced)
    }

    /// What is before and after the first place where a text has it.
    fn first_in<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        text.char_indices().find_map(|(at, _)| {
            let (before, from) = text.split_at_checked(at)?;
            Some((before, from.get(self.length_at_start(from)?..)?))
        })
    }

    /// How much of a text it is, when the text begins with it. A letter that is several in lower case is all or none of
    /// it.
    fn length_at_start(&self, text: &str) -> Option<usize> {
        if self.options.case {
            return text.starts_with(&self.text).then_some(self.text.len());
        }
        let mut wanted = self.folded.as_str();
        for (at, letter) in text.char_indices() {
            if wanted.is_empty() {
                return Some(at);
            }
            for lower in letter.to_lowercase() {
                wanted = wanted.strip_prefix(lower)?;
            }
        }
        wanted.is_empty().then_some(text.len())
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

        /// What is replaced is what is found, and texts of one case are replaced as the library does.
        #[test]
        fn replaces_what_it_finds(
            text in "[abAéİß ]{0,8}",
            wanted in "[abéİ]{1,2}",
            with in "[ab]{0,2}",
            case in any::<bool>(),
            whole in any::<bool>(),
        ) {
            let query = TextQuery::with(&wanted, MatchOptions { case, whole }).unwrap();
            let replaced = query.replaced(&text, &with);
            prop_assert_eq!(replaced.is_some(), query.is_in(&text));
            let plain = if whole {
                (text == wanted).then(|| with.clone())
            } else {
                text.contains(&wanted).then(|| text.replace(&wanted, &with))
            };
            if case {
                prop_assert_eq!(replaced, plain);
            } else if text.to_lowercase() == text {
                let lower = TextQuery::new(&wanted.to_lowercase()).unwrap();
                prop_assert!(whole || wanted.to_lowercase() != wanted || lower.replaced(&text, &with) == plain);
            }
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

    #[test]
    fn a_text_can_be_looked_for_in_its_case_and_as_the_whole() {
        let query = |case, whole| TextQuery::with("Mat", MatchOptions { case, whole }).unwrap();
        let with = |case, whole, text| query(case, whole).replaced(text, "Rug");
        assert_eq!(with(false, false, "mat, MAT").as_deref(), Some("Rug, Rug"));
        assert_eq!(with(true, false, "mat, Mat").as_deref(), Some("mat, Rug"));
        assert_eq!(with(false, true, "MAT").as_deref(), Some("Rug"));
        assert_eq!(with(false, true, "Mats"), None);
        assert_eq!(with(true, true, "mat"), None);
    }
}
