//! What a column's name may come down to, once what only decorates it is taken off.

use std::collections::HashMap;

use super::{
    Peeled,
    fold::{plain, words},
};

/// A way to read a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NameReading {
    /// The words that are left, in one.
    pub(super) text: String,
    /// How much was taken off for it.
    pub(super) peel: Peel,
}

/// How much was taken off a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peel {
    /// Nothing that could mean something: particles, languages, a type, a first number.
    Shell,
    /// A prefix that says nothing known, or all but a word in brackets.
    Prefix,
    /// A remark in brackets that may matter.
    Remark,
}

/// Words that stand before most names of a table (`v_products_name`, `v_products_price`), and whether before nearly
/// all.
pub(super) fn common_prefixes(columns: &[String]) -> HashMap<String, bool> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for column in columns {
        let mut words = words(column).into_iter();
        if let (Some(first), Some(_)) = (words.next(), words.next()) {
            *counts.entry(first).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= 3 && *count * 2 >= columns.len());
    let nearly_all = |count: usize| count * 10 >= columns.len() * 9;
    counts
        .into_iter()
        .map(|(word, count)| (word, nearly_all(count)))
        .collect()
}

/// The readings of a name, the plainest first. `is_word` says whether a short first word means something.
pub(super) fn readings(
    name: &str,
    common: &HashMap<String, bool>,
    peeled: &Peeled,
    is_word: impl Fn(&str) -> bool,
) -> Vec<NameReading> {
    let mut found = Readings {
        peeled,
        all: Vec::new(),
    };
    let name = peeled.without_wrapper(peeled.without_type(name));
    let (base, brackets) = apart(name);
    found.shell(&words(name), Peel::Shell);
    if !brackets.is_empty() {
        let inner = words(&brackets);
        if peeled.is_remark(&inner) {
            found.shell(&words(&base), Peel::Shell);
        } else {
            found.shell(&inner, Peel::Prefix);
            found.shell(&words(&base), Peel::Remark);
        }
    }
    let all = words(&base);
    let mut peel = Peel::Shell;
    let mut rest = all.as_slice();
    while let [first, others @ ..] = rest
        && !others.is_empty()
    {
        match common.get(first) {
            Some(true) => {}
            Some(false) => peel = Peel::Prefix,
            None if first.len() <= 2 && !is_word(first) => peel = Peel::Prefix,
            None => break,
        }
        rest = others;
        found.shell(rest, peel);
    }
    found.all
}

/// A name without its brackets, and what stands in them.
fn apart(name: &str) -> (String, String) {
    let (mut base, mut inner) = (String::new(), String::new());
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '(' | '[' | '{' | '（' | '【' => depth += 1,
            ')' | ']' | '}' | '）' | '】' => {
                depth = depth.saturating_sub(1);
                inner.push(' ');
                base.push(' ');
            }
            _ if depth > 0 => inner.push(c),
            _ => base.push(c),
        }
    }
    (base, inner)
}

struct Readings<'a> {
    peeled: &'a Peeled,
    all: Vec<NameReading>,
}

impl Readings<'_> {
    fn add<'w>(&mut self, words: impl Iterator<Item = &'w String>, peel: Peel) {
        let text: String = words.map(String::as_str).collect();
        if !text.is_empty() && self.all.iter().all(|known| known.text != text) {
            self.all.push(NameReading { text, peel });
        }
    }

    /// Adds the words as they are, and with more and more of their shell taken off.
    fn shell(&mut self, mut words: &[String], peel: Peel) {
        let peeled = self.peeled;
        self.add(words.iter(), peel);
        self.add(peeled.without_particles(words), peel);
        // What follows a particle belongs to it: `name of it` is not Italian.
        while let [inner @ .., last] = words
            && let Some(before) = inner.last()
            && peeled.is_shell(last)
            && !peeled.particles.contains(before)
        {
            words = inner;
            self.add(words.iter(), peel);
            self.add(peeled.without_particles(words), peel);
        }
        // `E-mail 1 - Value`: the first of several.
        self.add(peeled.without_particles(words).filter(|word| !is_first(word)), peel);
    }
}

/// Whether a word only says that something is the first of its kind.
fn is_first(word: &str) -> bool {
    matches!(word, "0" | "1" | "00" | "01")
}

impl Peeled {
    fn without_particles<'w>(&self, words: &'w [String]) -> impl Iterator<Item = &'w String> {
        words.iter().filter(|word| !self.particles.contains(*word))
    }

    /// Whether a last word says nothing about what the column holds.
    fn is_shell(&self, word: &str) -> bool {
        is_first(word) || self.languages.contains(word) || self.remarks.contains(word)
    }

    /// Whether all words are a remark: a language, a unit, an example such as `x, y, z`.
    fn is_remark(&self, words: &[String]) -> bool {
        let is_one = |word: &String| {
            let mut letters = word.chars();
            let is_letter = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next().is_none();
            is_letter || self.is_shell(word) || self.types.contains(word)
        };
        self.remarks.contains(&words.concat()) || words.iter().all(is_one)
    }

    /// The name without a type behind a colon: `sku:string`.
    fn without_wrapper<'a>(&self, name: &'a str) -> &'a str {
        match name.split_once('.') {
            Some((wrapper, inner)) if !inner.is_empty() && self.wrappers.contains(&wrapper.to_lowercase()) => inner,
            _ => name,
        }
    }

    fn without_type<'a>(&self, name: &'a str) -> &'a str {
        match name.rsplit_once(':') {
            Some((bare, kind)) if !bare.is_empty() && self.types.contains(&plain(kind)) => bare,
            _ => name,
        }
    }
}
