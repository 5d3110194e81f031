//! Transforms that a column's own values speak for. They are proposed with their proof; a person or a recipe decides.

use super::{Decimal, Offset, Order, Proof, Transform, Unit, synonyms};
use crate::domain::{cell::Cell, format::Format, record::Part, sampled::Sampled, schema::Node, value::Form};

/// A transform that helps, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The transform.
    pub transform: Transform,
    /// What it does to the sample.
    pub proof: Proof,
    /// One that fits just as well and gives other values: which one is right, only a person knows.
    pub alternative: Option<(Transform, Proof)>,
}

/// The least share of values that must fit, in percent.
const LEAST_SHARE: u64 = 50;

/// The transform that makes the most values of a column fit its field; `None` when there is none that helps. `part`
/// is the column's part of the record as it is now, without a transform.
pub fn propose(part: &Part, sample: &Sampled) -> Option<Proposal> {
    let before = Proof::of(part, sample);
    let candidates = candidates(part, sample);
    let mut proven: Vec<(Transform, Proof)> = Vec::new();
    for transform in candidates {
        let with = Part {
            transform: Some(transform),
            ..part.clone()
        };
        let proof = Proof::of(&with, sample);
        if let Some(transform) = with.transform
            && is_better(&transform, part, &proof, &before)
        {
            proven.push((transform, proof));
        }
    }
    // The first of those that fit best: the candidates come from the plainest to the strangest.
    let best = proven.iter().map(|(_, proof)| proof.fits).max()?;
    let mut best = proven.into_iter().filter(|(_, proof)| proof.fits == best);
    let (transform, proof) = best.next()?;
    let alternative = best.find(|(other, _)| is_question(&transform, other) && differ(part, sample, &transform, other));
    Some(Proposal {
        transform,
        proof,
        alternative,
    })
}

fn is_better(transform: &Transform, part: &Part, proof: &Proof, before: &Proof) -> bool {
    // A table of values is certain about each of its values, however few they are.
    let is_certain = matches!(transform, Transform::Values(_));
    let is_enough = proof.changes > 0 && (is_certain || proof.fits * 100 >= proof.all() * LEAST_SHARE);
    let is_about_form = matches!(
        transform,
        Transform::Trim | Transform::List(_) | Transform::Paths { .. }
    );
    is_enough
        && if part.node.is_none() {
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

fn candidates(part: &Part, sample: &Sampled) -> Vec<Transform> {
    let Some(node) = part.node else {
        return if part.form == Form::Text {
            own(sample)
        } else {
            Vec::new()
        };
    };
    match part.form {
        Form::Number => numbers(),
        Form::Boolean => vec![Transform::Boolean],
        Form::Text if node.has_format(Format::DateTime) => dates(sample),
        Form::Text if node.has_format(Format::Uri) => vec![Transform::Trim, Transform::Prefix("https://".to_owned())],
        Form::Text if !node.allowed.is_empty() => synonyms::table(node, sample)
            .map(Transform::Values)
            .into_iter()
            .collect(),
        Form::Text => spaced(sample).then_some(Transform::Trim).into_iter().collect(),
        Form::TextList | Form::NumberList => separator(sample).map(Transform::List).into_iter().collect(),
        Form::PathList => level(sample).into_iter().collect(),
        Form::Json => Vec::new(),
    }
}

fn numbers() -> Vec<Transform> {
    let mut all: Vec<Transform> = Decimal::ALL.into_iter().map(Transform::Number).collect();
    all.extend(Decimal::ALL.into_iter().map(Transform::Percent));
    all
}

/// Values of an attribute of one's own: only what most of its values are for sure.
fn own(sample: &Sampled) -> Vec<Transform> {
    let is_plain = |cell: Cell<'_>| crate::domain::value::number(&cell.shown()).is_some();
    if sample.count(is_plain) * 2 > sample.filled() {
        return Vec::new();
    }
    let has_words = |cell: Cell<'_>| !matches!(cell.shown().trim(), "1" | "0" | "true" | "false" | "x" | "n" | "y");
    let mut all = numbers();
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
    let mut all: Vec<Transform> = Order::ALL
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
            let year = super::epoch::rfc3339(&text, unit).and_then(|moment| moment.get(..4)?.parse().ok());
            year.is_some_and(|year: u32| (1980..2100).contains(&year))
        })
    };
    Unit::ALL
        .into_iter()
        .find(|unit| is_recent(*unit) * 2 > sample.filled())
}

fn spaced(sample: &Sampled) -> bool {
    sample.count(|cell| super::text::trim(&cell.shown()).len() != cell.shown().len()) > 0
}

/// A separator that items are not told apart by otherwise: line breaks, or one that some cells have and others, with
/// a single item, have another of the usual ones in.
fn separator(sample: &Sampled) -> Option<char> {
    let with = |separator: char| sample.count(|cell| cell.shown().contains(separator));
    let with_only = |separator: char, without: char| {
        sample.count(|cell| cell.shown().contains(separator) && !cell.shown().contains(without))
    };
    let is_json = sample.count(|cell| cell.shown().trim_start().starts_with('[')) > 0;
    if is_json {
        return None;
    }
    if with('\n') > 0 {
        return Some('\n');
    }
    let mixed = |strong: char, weak: &[char]| {
        with(strong) > 0 && weak.iter().any(|weak| with_only(*weak, strong) > 0) && with(strong) * 5 > sample.filled()
    };
    if mixed('|', &[';', ',']) {
        Some('|')
    } else if mixed(';', &[',']) {
        Some(';')
    } else {
        None
    }
}

/// What stands between the levels of category paths where it is no `>`.
fn level(sample: &Sampled) -> Option<Transform> {
    const LEVELS: [&str; 7] = [" / ", "::", "»", "›", "→", "/", "\\"];
    let with = |level: &str| sample.count(|cell| cell.shown().contains(level));
    if with(">") > 0 || with("[") > 0 {
        return None;
    }
    let level = LEVELS.into_iter().find(|level| with(level) * 2 > sample.filled())?;
    Some(Transform::Paths {
        level: level.trim().to_owned(),
        between: '|',
    })
}

/// The values of an enum's node that the sample does not have yet, with what they probably are.
pub fn values(node: &Node, sample: &Sampled) -> std::collections::BTreeMap<String, String> {
    synonyms::table(node, sample).unwrap_or_default()
}
