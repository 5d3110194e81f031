//! Transforms that a column's own values speak for. They are proposed with their proof; a person or a recipe decides.

mod proof;
mod separators;
mod synonyms;

use std::collections::{BTreeMap, HashSet};

use super::{
    cell::Cell,
    format::StringFormat,
    list_literal,
    record::Part,
    rules,
    sampled::Sampled,
    schema::Node,
    transform::{self, DateOrder, Decimal, Offset, Transform, Unit},
    value::{self, Form},
};

pub(crate) use proof::Proof;
pub(in crate::domain) use proof::is_valid;

/// A transform that helps, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The transform.
    pub transform: Transform,
    /// What it does to the sample.
    pub proof: Proof,
    /// One that fits just as well and gives other values: which one is right, only a person knows.
    pub alternative: Option<(Transform, Proof)>,
    /// Whether the values are written in several ways, or only may have the structure that is read into them.
    pub(crate) is_doubtful: bool,
}

impl Proposal {
    /// What is proposed, in a few words for people.
    pub fn title(&self) -> String {
        let examples = &self.proof.examples;
        let has_bar = examples.iter().any(|(before, _)| before.contains('|'));
        // A list that is cut at what no text has.
        if self.transform == Transform::List('|') && !examples.is_empty() && !has_bar {
            "One item each, with its commas".to_owned()
        } else {
            self.transform.title()
        }
    }

    /// Whether there is no choice to be made by a person.
    pub const fn is_clear(&self) -> bool {
        self.alternative.is_none() && !self.is_doubtful
    }
}

/// The least share of values that must fit, in percent.
const LEAST_SHARE: u64 = 50;

/// The transform that makes the most values of a column fit its field; `None` when there is none that helps. `part`
/// is the column's part of the record as it is now, without a transform.
pub(crate) fn propose(part: &Part, sample: &Sampled) -> Option<Proposal> {
    let before = Proof::of(part, sample);
    let mut proven: Vec<(Transform, Proof, bool)> = Vec::new();
    for (transform, is_sure) in candidates(part, sample) {
        let with = Part {
            transform: Some(transform),
            ..part.clone()
        };
        let proof = Proof::of(&with, sample);
        if let Some(transform) = with.transform
            && is_better(&transform, part, &proof, &before)
        {
            proven.push((transform, proof, is_sure));
        }
    }
    // The first of those that fit best: the candidates come from the plainest to the strangest.
    let best = proven.iter().map(|(_, proof, _)| proof.fits).max()?;
    let mut best = proven.into_iter().filter(|(_, proof, _)| proof.fits == best);
    let (transform, proof, is_sure) = best.next()?;
    let other = best.find(|(other, ..)| is_question(&transform, other) && differ(part, sample, &transform, other));
    let is_mixed = matches!(transform, Transform::Number(_)) && are_mixed(sample);
    Some(Proposal {
        transform,
        proof,
        alternative: other.map(|(other, proof, _)| (other, proof)),
        is_doubtful: !is_sure || is_mixed,
    })
}

/// Whether numbers are written in more than one way: with different signs between thousands, or different currencies.
fn are_mixed(sample: &Sampled) -> bool {
    let (mut groups, mut currencies) = (HashSet::new(), HashSet::new());
    for (cell, _) in sample.values() {
        let shown = cell.shown();
        let text = shown.trim();
        let bare = transform::bare_of_currency(text);
        if bare.len() < text.len() {
            currencies.insert(text.replace(bare, "").trim().to_owned());
        }
        let marks: Vec<char> = bare
            .chars()
            .filter(|c| !c.is_ascii_digit() && !matches!(c, '-' | '+'))
            .collect();
        let last_group = bare.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let grouping = match marks.as_slice() {
            [first, .., last] if first != last => Some(*first),
            [first, _, ..] => Some(*first),
            [one] if last_group.len() == 3 => Some(*one),
            _ => None,
        };
        groups.extend(grouping.map(|mark| if mark.is_whitespace() { ' ' } else { mark }));
    }
    groups.len() > 1 || currencies.len() > 1
}

fn is_better(transform: &Transform, part: &Part, proof: &Proof, before: &Proof) -> bool {
    // A table of values is certain about each of its values, however few they are.
    let is_certain = matches!(transform, Transform::Values(_));
    let is_enough = proof.changes > 0 && (is_certain || proof.fits * 100 >= proof.all() * LEAST_SHARE);
    let is_about_form = matches!(
        transform,
        Transform::Trim | Transform::First(_) | Transform::List(_) | Transform::Literal | Transform::Paths { .. }
    );
    is_enough
        && if transform.only_leaves_out() {
            proof.fits >= before.fits
        } else if part.node.is_none() {
            proof.misfits * 20 <= proof.all() && proof.changes * 2 > proof.all()
        } else if is_about_form {
            proof.fits >= before.fits
        } else {
            proof.fits > before.fits
        }
}

/// Whether two transforms are two readings of the same values.
const fn is_question(one: &Transform, other: &Transform) -> bool {
    matches!(
        (one, other),
        (Transform::Date { .. }, Transform::Date { .. }) | (Transform::Number(_), Transform::Number(_))
    )
}

/// Whether two transforms make different values of some cell.
fn differ(part: &Part, sample: &Sampled, one: &Transform, other: &Transform) -> bool {
    let same = |cell: Cell<'_>| {
        let text = cell.shown();
        one.apply(&text, part.form).ok() == other.apply(&text, part.form).ok()
    };
    sample.values().any(|(cell, _)| !same(cell))
}

/// Transforms to try, from the plainest to the strangest, with whether the values prove the structure they need.
fn candidates(part: &Part, sample: &Sampled) -> Vec<(Transform, bool)> {
    let sure = |transform: Transform| (transform, true);
    let Some(node) = part.node else {
        if part.form != Form::Text {
            return Vec::new();
        }
        let nothing = without_placeholders(sample);
        return nothing.into_iter().chain(own(sample).into_iter().map(sure)).collect();
    };
    let transforms = match part.form {
        Form::Number => {
            let mut all = plain_numbers();
            // A share of something is a number only where a share is meant.
            if part.path == "margin" {
                all.extend(percents());
            }
            if part.path == "duration" {
                all.push(Transform::Duration);
            }
            all
        }
        Form::Boolean => vec![Transform::Boolean],
        Form::Text if node.has_format(StringFormat::DateTime) => dates(sample),
        Form::Text if node.has_format(StringFormat::Uri) => addresses(sample),
        Form::Text if !node.allowed.is_empty() => names(node, sample),
        Form::Text | Form::TextList if has_numbers(sample) => vec![Transform::Text],
        Form::Text => return of_text(part, sample),
        Form::TextList | Form::NumberList | Form::PathList if literals(sample) > 0 => {
            // Whether a list of names is one path or several, only nested lists say.
            let is_sure = part.form != Form::PathList || sample.count(|cell| cell.shown().contains("[[")) > 0;
            return vec![(Transform::Literal, is_sure)];
        }
        Form::TextList | Form::NumberList => return separators::of_list(sample).into_iter().collect(),
        Form::PathList => return separators::of_paths(sample).into_iter().collect(),
        Form::Json => Vec::new(),
    };
    transforms.into_iter().map(sure).collect()
}

/// What tidies texts up. Which of several ids is meant, only a person knows.
fn of_text(part: &Part, sample: &Sampled) -> Vec<(Transform, bool)> {
    let mut all: Vec<(Transform, bool)> = without_placeholders(sample).into_iter().collect();
    if matches!(part.path.as_str(), "product_id" | "product_group_id" | "parent_id") {
        let several = rules::ids::SEPARATORS.into_iter().find(|separator| {
            let has = |cell: Cell<'_>| cell.shown().contains(*separator);
            sample.count(|cell| has(cell) && rules::ids::several(&cell.shown(), false).is_some()) > 0
        });
        all.extend(several.map(|separator| (Transform::First(separator), false)));
    }
    if spaced(sample) {
        all.push((Transform::Trim, true));
    }
    all
}

/// A table that leaves words for "no value" out; sure when none of them can be meant otherwise.
fn without_placeholders(sample: &Sampled) -> Option<(Transform, bool)> {
    let texts = sample.values().filter(|(cell, _)| !cell.is_missing());
    let words = texts.map(|(cell, _)| cell.shown().trim().to_owned());
    // A table takes words in any case.
    let words: BTreeMap<String, String> = words
        .filter(|word| rules::placeholder::is_placeholder(word))
        .map(|word| (word.to_lowercase(), word))
        .collect();
    let words: BTreeMap<String, String> = words.into_values().map(|word| (word, String::new())).collect();
    let is_sure = words.keys().all(|word| rules::placeholder::is_certain(word));
    (!words.is_empty()).then_some((Transform::Values(words), is_sure))
}

/// How many lists are written as programs write them.
fn literals(sample: &Sampled) -> u64 {
    sample.count(|cell| matches!(cell, Cell::Text(_)) && list_literal::parse(&cell.shown()).is_some())
}

fn plain_numbers() -> Vec<Transform> {
    Decimal::ALL.into_iter().map(Transform::Number).collect()
}

fn percents() -> impl Iterator<Item = Transform> {
    Decimal::ALL.into_iter().map(Transform::Percent)
}

/// A scheme is put before what is an address without one; not before paths, slugs and words, which lack the shop's
/// address, and that only a person knows.
fn addresses(sample: &Sampled) -> Vec<Transform> {
    let mut all: Vec<Transform> = several(sample).map(Transform::First).into_iter().collect();
    all.push(Transform::Trim);
    let lack_scheme = sample.count(|cell| rules::schema::uri::lacks_scheme(cell.shown().trim()));
    let are_other = sample.count(|cell| !cell.shown().contains("://") && !cell.is_missing());
    if lack_scheme > 0 && lack_scheme * 10 >= are_other * 9 {
        all.push(Transform::Prefix("https://".to_owned()));
    }
    all
}

/// What separates several addresses in a cell, of the first one that has such.
fn several(sample: &Sampled) -> Option<char> {
    sample
        .values()
        .find_map(|(cell, _)| rules::schema::uri::separator(cell.shown().trim()))
}

/// Names that the field allows: for values that stand for them, and for counts.
fn names(node: &Node, sample: &Sampled) -> Vec<Transform> {
    let is_count = |cell: Cell<'_>| cell.shown().trim().parse::<i64>().is_ok();
    let are_counts = sample.distinct() > 2 && sample.count(is_count) * 10 >= sample.filled() * 9;
    if are_counts && node.allowed.iter().any(|name| name == "IN_STOCK") {
        return vec![Transform::InStock];
    }
    let table = synonyms::table(node, sample).map(Transform::Values);
    table.into_iter().collect()
}

/// Values of an attribute of one's own: only what most of its values are for sure.
fn own(sample: &Sampled) -> Vec<Transform> {
    let is_plain = |cell: Cell<'_>| value::number(&cell.shown()).is_some();
    if sample.count(is_plain) * 2 > sample.filled() {
        return Vec::new();
    }
    if literals(sample) * 2 >= sample.filled().max(1) {
        return vec![Transform::Literal];
    }
    let has_words = |cell: Cell<'_>| !matches!(cell.shown().trim(), "1" | "0" | "true" | "false" | "x" | "n" | "y");
    let mut all = plain_numbers();
    all.extend(percents());
    if sample.distinct() <= 6 && sample.count(has_words) > 0 {
        all.push(Transform::Boolean);
    }
    all.extend(
        dates(sample)
            .into_iter()
            .filter(|date| matches!(date, Transform::Date { .. })),
    );
    all
}

fn dates(sample: &Sampled) -> Vec<Transform> {
    let offset = Offset::default();
    let mut all: Vec<Transform> = DateOrder::ALL
        .into_iter()
        .map(|order| Transform::Date { order, offset })
        .collect();
    all.extend(unit(sample).map(Transform::Epoch));
    all
}

/// The unit in which most values are times of our days.
fn unit(sample: &Sampled) -> Option<Unit> {
    let is_recent = |unit: Unit| {
        sample.count(|cell| {
            let text = cell.shown();
            let year = unit.rfc3339(&text).and_then(|moment| moment.get(..4)?.parse().ok());
            year.is_some_and(|year: u32| (1980..2100).contains(&year))
        })
    };
    Unit::ALL
        .into_iter()
        .find(|unit| is_recent(*unit) * 2 > sample.filled())
}

/// Whether there are numbers of JSON, alone or in lists.
fn has_numbers(sample: &Sampled) -> bool {
    sample.count(|cell| matches!(cell, Cell::Json(json) if transform::quoted(json).is_some())) > 0
}

fn spaced(sample: &Sampled) -> bool {
    sample.count(|cell| transform::trim(&cell.shown()).len() != cell.shown().len()) > 0
}

/// The values of an enum's node that the sample does not have yet, with what they probably are.
pub(crate) fn values(node: &Node, sample: &Sampled) -> BTreeMap<String, String> {
    synonyms::table(node, sample).unwrap_or_default()
}
