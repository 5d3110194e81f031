//! Names of columns and fields, compared.

/// The least likeness, from 0 to 1, of two names that may mean the same.
const LIKENESS: f64 = 0.75;

/// Whether two paths cannot both be in a record: the same, or one inside the other.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// How sure one may be, from 45 to 63, that two plain names mean the same because they are spelled alike.
pub(super) fn likeness(one: &str, other: &str) -> Option<u8> {
    let (short, long) = (one.len().min(other.len()), one.len().max(other.len()));
    let may_be = short >= 4 && (long - short) * 4 <= long;
    if !may_be || one.chars().count() < 4 || other.chars().count() < 4 {
        return None;
    }
    let likeness = strsim::normalized_damerau_levenshtein(one, other);
    let steps = (0..18_u8).take_while(|step| likeness >= LIKENESS + f64::from(*step) / 72.0);
    u8::try_from(steps.count())
        .ok()
        .filter(|count| *count > 0)
        .map(|count| 45 + count)
}

/// Whether a plain name is made of neighbouring words of another name that has more of them.
pub(super) fn is_part(name: &str, words: &[String]) -> bool {
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| from..to));
    name.len() >= 3
        && runs
            .filter(|run| run.len() < words.len())
            .any(|run| words[run].concat() == name)
}
