//! The compiled form of one part of the document: names, and what they mean.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::fold::{plain, words as split};

/// Longer names are sentences.
const LONGEST: usize = 96;
/// Longer words are not in the document.
const LONGEST_WORD: usize = 60;

/// A set of the document's words: bit by bit in their order.
pub(super) type WordSet = u64;

/// The words that templates are made of, by what they say.
#[derive(Debug, Default)]
pub(super) struct LexiconWords {
    names: Vec<String>,
    sets: HashMap<String, WordSet>,
    /// The characters that words begin with.
    firsts: HashSet<char>,
}

impl LexiconWords {
    pub(super) fn read(document: &Map<String, Value>) -> Self {
        let mut words = Self::default();
        for (at, (name, languages)) in document.iter().enumerate() {
            words.names.push(name.clone());
            for (_, word) in phrases(languages) {
                let word = plain(word);
                words.firsts.extend(word.chars().next());
                *words.sets.entry(word).or_default() |= 1 << at;
            }
        }
        words
    }

    pub(super) fn set(&self, name: &str) -> Option<WordSet> {
        self.names.iter().position(|known| known == name).map(|at| 1 << at)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.sets.contains_key(word)
    }
}

/// A text with the words in it: where each begins and ends, and what it says. Most names have few.
#[derive(Debug)]
pub(super) struct Spelled {
    pub(super) text: String,
    words: Vec<(usize, usize, WordSet)>,
}

impl Spelled {
    pub(super) fn new(text: String, known: &LexiconWords) -> Self {
        let mut words = Vec::new();
        if text.len() <= LONGEST {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for (nth, (start, first)) in ends.iter().zip(text.chars()).enumerate() {
                if !known.firsts.contains(&first) {
                    continue;
                }
                for end in ends.iter().skip(nth + 1).take_while(|end| *end - start <= LONGEST_WORD) {
                    if let Some(set) = text.get(*start..*end).and_then(|word| known.sets.get(word)) {
                        words.push((*start, *end, *set));
                    }
                }
            }
        }
        Self { text, words }
    }

    /// Where the words of a set end that begin at a byte.
    fn from(&self, start: usize, set: WordSet) -> impl Iterator<Item = usize> {
        let here = self.words.iter().filter(move |(from, ..)| *from == start);
        here.filter(move |(_, _, words)| words & set != 0)
            .map(|(_, end, _)| *end)
    }

    /// Where words of a set that begin the text end, before its own end.
    pub(super) fn starts(&self, set: WordSet) -> impl Iterator<Item = usize> {
        self.from(0, set).filter(|end| *end < self.text.len())
    }

    /// Whether all from a byte on is a word of a set.
    pub(super) fn ends_with(&self, set: WordSet, from: usize) -> bool {
        self.from(from, set).any(|end| end == self.text.len())
    }
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LexiconSense {
    /// Which of the lexicon's meanings.
    pub(super) meaning: u16,
    /// Whether the name may mean something else as well.
    pub(super) is_weak: bool,
}

#[derive(Debug)]
enum LexiconSlot {
    Word(WordSet),
    Text(String),
}

/// Names and what they mean, for one data set.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// The meanings, and the names for each as the document gives them.
    pub(super) meanings: Vec<(String, Vec<String>)>,
    names: HashMap<String, Vec<LexiconSense>>,
    templates: Vec<(Vec<LexiconSlot>, LexiconSense)>,
}

impl Lexicon {
    pub(super) fn read(document: &Map<String, Value>, words: &LexiconWords, particles: &HashSet<String>) -> Self {
        let mut lexicon = Self::default();
        for (meaning, languages) in document {
            let at = u16::try_from(lexicon.meanings.len()).unwrap_or(u16::MAX);
            let mut said = Vec::new();
            for (_, phrase) in phrases(languages) {
                let bare = phrase.trim_start_matches('~');
                let sense = LexiconSense {
                    meaning: at,
                    is_weak: bare.len() < phrase.len(),
                };
                if bare.contains('{') {
                    lexicon.templates.push((slots(bare, words), sense));
                } else {
                    said.push(bare.to_owned());
                    lexicon.name(plain(bare), sense);
                    // Names of columns are looked up without particles too.
                    let mut bare = split(bare);
                    bare.retain(|word| !particles.contains(word));
                    lexicon.name(bare.concat(), sense);
                }
            }
            lexicon.meanings.push((meaning.clone(), said));
        }
        lexicon
    }

    fn name(&mut self, name: String, sense: LexiconSense) {
        let senses = self.names.entry(name).or_default();
        if !senses.contains(&sense) {
            senses.push(sense);
        }
    }

    /// What the part of a spelled text from a byte on means.
    pub(super) fn look_up(&self, spelled: &Spelled, from: usize, found: &mut Vec<LexiconSense>) {
        let Some(rest) = spelled.text.get(from..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        found.extend(self.names.get(rest).into_iter().flatten());
        let fits = |(slots, _): &&(Vec<LexiconSlot>, LexiconSense)| is_made_of(slots, spelled, from);
        found.extend(self.templates.iter().filter(fits).map(|(_, sense)| sense));
    }
}

fn is_made_of(slots: &[LexiconSlot], spelled: &Spelled, from: usize) -> bool {
    match slots.split_first() {
        None => from == spelled.text.len(),
        Some((LexiconSlot::Text(text), rest)) => {
            let starts = spelled
                .text
                .get(from..)
                .is_some_and(|tail| tail.starts_with(text.as_str()));
            starts && is_made_of(rest, spelled, from + text.len())
        }
        Some((LexiconSlot::Word(set), rest)) => spelled.from(from, *set).any(|end| is_made_of(rest, spelled, end)),
    }
}

/// `{product} {id}` as what it is made of. The document is part of the program: a word it does not have is a bug, and
/// stops the program at first use; a test compiles all of it.
fn slots(template: &str, words: &LexiconWords) -> Vec<LexiconSlot> {
    let slot = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => LexiconSlot::Word(
            words
                .set(name)
                .unwrap_or_else(|| panic!("assets/synonyms.json has no word {name}")),
        ),
        None => LexiconSlot::Text(plain(part)),
    };
    template.split_whitespace().map(slot).collect()
}

/// All phrases of an object by language, in order.
pub(super) fn phrases(languages: &Value) -> impl Iterator<Item = (&str, &str)> {
    let languages = languages.as_object().into_iter().flatten();
    languages.flat_map(|(language, phrases)| {
        let phrases = phrases.as_array().into_iter().flatten();
        phrases.filter_map(move |phrase| Some((language.as_str(), phrase.as_str()?)))
    })
}
