//! Where columns go by themselves, and where they might go: by their names and by their values.

use super::{
    Mapping, Reason, Target,
    evidence::Evidence,
    names::{is_part, likeness, overlap, plain, words},
};
use crate::domain::{
    dataset::Dataset,
    error_file, record,
    sampled::Sampled,
    schema::{Node, Schema},
    transform::{self, Proof, Proposal},
};

/// The least confidence at which a column goes to a field without being asked; below it, it is a suggestion.
pub const SURE: u8 = 80;

/// The least confidence at which a suggestion is accepted together with others.
const LIKELY: u8 = 50;

/// The least confidence worth a suggestion.
const WORTH: u8 = 40;

/// Something that could be done with a column, for a person to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The column.
    pub column: usize,
    /// What could be done.
    pub kind: OfferKind,
}

/// What could be done with a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferKind {
    /// Send it to a field.
    Field {
        /// The field.
        path: String,
        /// How sure it is, from 0 to 100.
        confidence: u8,
        /// Why.
        reason: Reason,
    },
    /// Rewrite its values.
    Transform(Box<Proposal>),
}

impl Offer {
    /// Whether it may be accepted together with others: it is likely, and there is no choice between two readings.
    pub fn is_clear(&self) -> bool {
        match &self.kind {
            OfferKind::Field { confidence, .. } => *confidence >= LIKELY,
            OfferKind::Transform(proposal) => proposal.alternative.is_none(),
        }
    }

    /// Does it. `columns` are the table's.
    pub fn accept(&self, mapping: &mut Mapping, columns: &[String]) {
        match &self.kind {
            OfferKind::Field { path, .. } => {
                mapping.choose(columns, self.column, Some(path), None).ok();
            }
            OfferKind::Transform(proposal) => {
                mapping.transform(self.column, Some(proposal.transform.clone()));
            }
        }
    }
}

/// A field that columns can match.
struct Field {
    path: String,
    node: &'static Node,
    plain: String,
    aliases: Vec<String>,
}

fn fields(dataset: Dataset) -> Vec<Field> {
    let field = |(path, node): (String, &'static Node)| Field {
        plain: plain(&path),
        aliases: node.aliases.iter().map(|alias| plain(alias)).collect(),
        path,
        node,
    };
    Schema::of(dataset).fields().into_iter().map(field).collect()
}

/// Matches columns to fields as [`Mapping::suggest_from`] says.
pub(super) fn suggest(dataset: Dataset, columns: &[String], is_json: bool, samples: &[Sampled]) -> Mapping {
    let fields = fields(dataset);
    let evidence: Vec<Evidence> = samples.iter().map(Evidence::of).collect();
    let mut targets: Vec<Option<Target>> = vec![None; columns.len()];
    let mut taken: Vec<String> = Vec::new();
    for reason in [Reason::SameName, Reason::SimilarName, Reason::Alias] {
        for (at, column) in columns
            .iter()
            .enumerate()
            .filter(|(at, _)| targets[*at].is_none())
            .collect::<Vec<_>>()
        {
            let plain = plain(column);
            let found = fields.iter().find(|field| {
                !taken.iter().any(|path| overlap(path, &field.path))
                    && match reason {
                        Reason::SameName => field.path == *column,
                        Reason::SimilarName => field.plain == plain,
                        _ => field.aliases.contains(&plain) && evidence.get(at).is_none_or(|e| e.allows(field.node)),
                    }
            });
            if let Some(field) = found {
                taken.push(field.path.clone());
                targets[at] = Some(Target::new(Some(field.path.clone()), reason));
            }
        }
    }
    let is_error_file = error_file::is_error_file(columns);
    let fill = |(column, target): (&String, Option<Target>)| {
        target.unwrap_or_else(|| {
            if is_error_file && error_file::COLUMNS.contains(&column.as_str()) {
                return Target::new(None, Reason::Custom);
            }
            let (path, reason) = fallback(dataset, column, is_json, &taken);
            taken.push(path.clone());
            Target::new(Some(path), reason)
        })
    };
    Mapping {
        dataset,
        targets: columns.iter().zip(targets).map(fill).collect(),
        constants: Vec::new(),
    }
}

/// Where a column goes that matches no field; never where another one goes. Columns of a JSON file go where they were
/// read from: what excludes each other there stands in different records.
fn fallback(dataset: Dataset, column: &str, is_json: bool, taken: &[String]) -> (String, Reason) {
    let schema = Schema::of(dataset);
    let is_known = schema.node(column).is_some() || schema.is_custom(column);
    if is_json {
        let reason = if is_known { Reason::SameName } else { Reason::AsIs };
        return (column.to_owned(), reason);
    }
    let is_free = |path: &str| !taken.iter().any(|other| overlap(other, path));
    if is_known && is_free(column) {
        return (column.to_owned(), Reason::SameName);
    }
    let plain = format!("{}.{column}", dataset.custom_prefix());
    let numbered = (2..).map(|number| format!("{plain} ({number})"));
    let path = std::iter::once(plain.clone())
        .chain(numbered.take(100))
        .find(|path| is_free(path));
    (path.unwrap_or(plain), Reason::Custom)
}

/// What could be done with the columns as they are mapped now: fields for columns that no field was found for, each
/// field once, the surest first; and transforms whose values speak for them.
pub(super) fn offers(mapping: &Mapping, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
    let mut offers = field_offers(mapping, columns, samples);
    for (column, (target, sample)) in mapping.targets.iter().zip(samples).enumerate() {
        let chosen = target.custom_type.is_some();
        let Some(path) = target.path.as_ref().filter(|_| target.transform.is_none() && !chosen) else {
            continue;
        };
        let part = record::Part::of(mapping.dataset, path, None, None);
        if let Some(proposal) = transform::propose(&part, sample) {
            offers.push(Offer {
                column,
                kind: OfferKind::Transform(Box::new(proposal)),
            });
        }
    }
    offers.sort_by_key(|offer| offer.column);
    offers
}

fn field_offers(mapping: &Mapping, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
    let is_open = |target: &Target| matches!(target.reason, Reason::Custom | Reason::AsIs);
    let fields = fields(mapping.dataset);
    let is_free = |field: &&Field| mapping.is_free(&field.path) && field.path != mapping.dataset.custom_prefix();
    let free: Vec<&Field> = fields.iter().filter(is_free).collect();
    let mut pairs: Vec<(u8, usize, &Field, Reason)> = Vec::new();
    for (at, name) in columns.iter().enumerate() {
        if !mapping.targets.get(at).is_some_and(is_open) {
            continue;
        }
        let evidence = samples.get(at).map(Evidence::of).unwrap_or_default();
        for field in &free {
            let found =
                by_name(name, field, &evidence)
                    .into_iter()
                    .chain(evidence.speaks_for(&field.path, field.node, name));
            if let Some((confidence, reason)) = found.max_by_key(|(confidence, _)| *confidence)
                && confidence >= WORTH
            {
                pairs.push((confidence, at, field, reason));
            }
        }
    }
    pairs.sort_by_key(|(confidence, at, ..)| (std::cmp::Reverse(*confidence), *at));
    let mut offers: Vec<Offer> = Vec::new();
    for (confidence, column, field, reason) in pairs {
        let is_taken = offers.iter().any(|offer| {
            let OfferKind::Field { path, .. } = &offer.kind else {
                return false;
            };
            offer.column == column || overlap(path, &field.path)
        });
        if !is_taken {
            let path = field.path.clone();
            let kind = OfferKind::Field {
                path,
                confidence,
                reason,
            };
            offers.push(Offer { column, kind });
        }
    }
    offers
}

/// How sure a column's name makes a field, below [`SURE`]: names that only resemble each other are never taken
/// without asking.
fn by_name(name: &str, field: &Field, evidence: &Evidence) -> Option<(u8, Reason)> {
    let plain_name = plain(name);
    let words = words(name);
    let known = || std::iter::once(&field.plain).chain(&field.aliases);
    let alike = known().filter_map(|known| likeness(&plain_name, known)).max();
    if field.aliases.contains(&plain_name) {
        // Its values spoke against it, or another column has the field's name.
        return Some((45, Reason::Alias));
    }
    if !evidence.allows(field.node) {
        return None;
    }
    let part = known()
        .any(|known| is_part(known, &words))
        .then_some((50, Reason::PartOfName));
    let found = alike.map(|confidence| (confidence, Reason::Resembles)).or(part)?;
    let confidence = if evidence.fits_typed(field.node) {
        found.0 + 9
    } else if evidence.is_strange_to(field.node) {
        found.0.saturating_sub(25)
    } else {
        found.0
    };
    Some((confidence.min(SURE - 1), found.1))
}

/// The proof of what a column's transform does to a sample of its values; `None` when it has none.
pub fn proof(mapping: &Mapping, column: usize, sample: &Sampled) -> Option<Proof> {
    let target = mapping.targets.get(column)?;
    let transform = target.transform.clone()?;
    let part = record::Part::of(
        mapping.dataset,
        target.path.as_ref()?,
        target.custom_type,
        Some(transform),
    );
    Some(Proof::of(&part, sample))
}
