//! What could be done with the columns of a table, for a person to accept.

use std::collections::{HashMap, HashSet};

use super::{
    Mapping, Reason,
    claims::{Claim, Field, claims, fields, settle},
    evidence::{ColumnEvidence, ValueLook},
    names::{ComparedName, TakenPaths, is_part, likeness, overlap},
    suggest::{LIKELY, SURE, WORTH},
};
use crate::domain::{
    dataset::Dataset,
    proposal::{self, Proposal},
    record,
    sampled::Sampled,
    synonyms::{Names, Peel, plain, words},
};

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
    /// Give a field that no column goes to the same value in every record; the column says why.
    Constant {
        /// The field.
        path: &'static str,
        /// The value.
        value: &'static str,
    },
}

impl Offer {
    /// Whether it may be accepted together with others: it is likely, and there is no choice between two readings.
    pub fn is_clear(&self) -> bool {
        match &self.kind {
            OfferKind::Field { confidence, .. } => *confidence >= LIKELY,
            OfferKind::Transform(proposal) => proposal.is_clear(),
            OfferKind::Constant { .. } => false,
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
            OfferKind::Constant { path, value } => {
                mapping.set_constant(path, Some(value)).ok();
            }
        }
    }

    /// What accepting it does, with real values before and after: `price → sale_price: “12,50” becomes “12.50”`.
    pub fn sentence(&self, columns: &[String], samples: &[Sampled]) -> String {
        let name = columns.get(self.column).map_or("", String::as_str);
        match &self.kind {
            OfferKind::Field { path, reason, .. } => {
                let first = samples.get(self.column).and_then(|sample| sample.values().next());
                let such = first.map_or_else(String::new, |(cell, _)| {
                    format!(", such as “{}”", shortened(&cell.shown()))
                });
                format!("{name} → {path}{such} ({})", reason.words())
            }
            OfferKind::Transform(proposal) => {
                let title = proposal.title();
                match proposal.proof.examples.first() {
                    Some((before, after)) => {
                        format!("{name}: {title}, “{}” → “{}”", shortened(before), shortened(after))
                    }
                    None => format!("{name}: {title}"),
                }
            }
            OfferKind::Constant { path, value } => format!("{path} is always {value}"),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let text = text.replace(['\n', '\r'], " ");
    if text.chars().count() <= MOST {
        return text;
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}…")
}

/// What could be done with the columns as they are mapped now: fields, as [`fields_for`] says, and transforms whose
/// values speak for them.
pub(super) fn offers(mapping: &Mapping, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
    let mut offers = fields_for(mapping, columns, samples);
    for (column, sample) in samples.iter().enumerate() {
        let kind = proposal(mapping, column, sample).map(|proposal| OfferKind::Transform(Box::new(proposal)));
        offers.extend(kind.map(|kind| Offer { column, kind }));
    }
    offers.sort_by_key(|offer| offer.column);
    offers
}

/// Fields for columns that no field was found for, each field once, the surest first; and what the file does not say.
pub(super) fn fields_for(mapping: &Mapping, columns: &[String], samples: &[Sampled]) -> Vec<Offer> {
    let names = Names::of(columns);
    let mut offers = field_offers(mapping, columns, &names, samples);
    offers.extend(order_lines(mapping, &names));
    offers
}

/// The transform that a column's values speak for, unless one or a type is chosen.
pub(super) fn proposal(mapping: &Mapping, column: usize, sample: &Sampled) -> Option<Proposal> {
    let target = mapping.targets.get(column)?;
    let is_open = target.transform.is_none() && target.custom_type.is_none();
    let path = target.path.as_ref().filter(|_| is_open)?;
    proposal::propose(&record::Part::of(mapping.dataset, path, None, None), sample)
}

fn field_offers(mapping: &Mapping, columns: &[String], names: &Names, samples: &[Sampled]) -> Vec<Offer> {
    let is_open = |column: usize| {
        let target = mapping.targets.get(column);
        target.is_some_and(|target| matches!(target.reason, Reason::Custom | Reason::AsIs))
    };
    let fields = fields(mapping.dataset);
    let mut claims = claims(mapping.dataset, columns, names, samples, &fields);
    let taken = taken(mapping, &claims);
    claims.retain(|claim| is_open(claim.column));
    let mut doubtful: HashMap<(usize, String), (u8, Reason)> = HashMap::new();
    for claim in claims.iter().filter(|claim| claim.confidence < LIKELY) {
        let key = (claim.column, claim.path.clone());
        doubtful.entry(key).or_insert((claim.confidence, claim.reason));
    }
    let likely = settle(claims, LIKELY, taken);
    let gone = mapping.taken();
    let is_free = |path: &str| gone.is_free(path) && !likely.iter().any(|claim| overlap(&claim.path, path));
    let free: Vec<&Field> = fields
        .iter()
        .filter(|field| field.path != mapping.dataset.custom_prefix() && is_free(&field.path))
        .collect();
    let columns_of_likely: HashSet<usize> = likely.iter().map(|claim| claim.column).collect();
    let mut pairs: Vec<(u8, usize, &Field, Reason)> = Vec::new();
    for (at, name) in columns.iter().enumerate() {
        if !is_open(at) || columns_of_likely.contains(&at) {
            continue;
        }
        let evidence = samples.get(at).map(ColumnEvidence::of).unwrap_or_default();
        if evidence.is_empty() {
            continue;
        }
        let (plain, words) = (ComparedName::new(plain(name)), words(name));
        let name = (&plain, words.as_slice());
        for field in &free {
            let found = doubtful
                .get(&(at, field.path.clone()))
                .copied()
                .into_iter()
                .chain(resembling(name, field, &evidence))
                .chain(evidence.speaks_for(&field.path, field.node, at == 0));
            if let Some((confidence, reason)) = found.max_by_key(|(confidence, _)| *confidence) {
                pairs.push((confidence, at, field, reason));
            }
        }
    }
    pairs.sort_by_key(|(confidence, at, ..)| (std::cmp::Reverse(*confidence), *at));
    let mut offers: Vec<Offer> = likely.into_iter().map(offered).collect();
    for (confidence, column, field, reason) in pairs.into_iter().filter(|(confidence, ..)| *confidence >= WORTH) {
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
    offers.extend(stock_counts(mapping, names, samples, &offers));
    offers
}

fn offered(claim: Claim) -> Offer {
    Offer {
        column: claim.column,
        kind: OfferKind::Field {
            path: claim.path,
            // What is sure and was not taken was taken back by somebody.
            confidence: claim.confidence.min(SURE - 1),
            reason: claim.reason,
        },
    }
}

/// The fields that are gone, and whether by a name that is only theirs.
fn taken(mapping: &Mapping, claims: &[Claim]) -> TakenPaths<bool> {
    let mut by_own_name: HashMap<(usize, &str), bool> = HashMap::new();
    for claim in claims {
        let key = (claim.column, claim.path.as_str());
        by_own_name.entry(key).or_insert(claim.second.is_none());
    }
    let mut taken = TakenPaths::default();
    for (column, target) in mapping.targets.iter().enumerate() {
        if let Some(path) = &target.path {
            let is_own = by_own_name.get(&(column, path.as_str())).copied();
            taken.take(path.clone(), is_own.unwrap_or(true));
        }
    }
    for constant in &mapping.constants {
        taken.take(constant.path.clone(), true);
    }
    taken
}

/// How sure a column's name, plain and in words, makes a field that it only resembles: never so sure that it is accepted
/// with others.
fn resembling(
    (plain, words): (&ComparedName, &[String]),
    field: &Field,
    evidence: &ColumnEvidence,
) -> Option<(u8, Reason)> {
    let alike = likeness(plain, &field.plain).map(|confidence| (confidence, Reason::Resembles));
    let part = || is_part(&field.plain.name, words).then_some((42, Reason::PartOfName));
    let (confidence, reason) = alike.or_else(part)?;
    let is_against = evidence.judge(&field.path, field.node) == super::evidence::ColumnVerdict::Against;
    (!is_against && !evidence.is_strange_to(field.node)).then_some((confidence.min(LIKELY - 1), reason))
}

/// A count of what is in stock says whether there is any.
fn stock_counts(mapping: &Mapping, names: &Names, samples: &[Sampled], offers: &[Offer]) -> Option<Offer> {
    let path = "availability";
    let is_offered = |offer: &Offer| matches!(&offer.kind, OfferKind::Field { path: other, .. } if other == path);
    if mapping.dataset != Dataset::Products || !mapping.is_free(path) || offers.iter().any(is_offered) {
        return None;
    }
    let counts = |column: &usize| {
        let signs = names.signs(Dataset::Products, *column);
        let is_stock = signs
            .iter()
            .any(|sign| sign.name == "stock count" && sign.peel == Peel::Shell);
        let evidence = samples.get(*column).map(ColumnEvidence::of).unwrap_or_default();
        is_stock && evidence.are_counts() && !offers.iter().any(|offer| offer.column == *column)
    };
    let column = (0..names.len()).find(counts)?;
    let evidence = samples.get(column).map(ColumnEvidence::of)?;
    let reason = evidence.reason(ValueLook::Counts, evidence.filled());
    Some(Offer {
        column,
        kind: OfferKind::Field {
            path: path.to_owned(),
            confidence: 50,
            reason,
        },
    })
}

/// Lines of orders and reviews do not say what happened, as all of them say the same.
fn order_lines(mapping: &Mapping, names: &Names) -> Option<Offer> {
    if mapping.dataset != Dataset::Interactions || !mapping.is_free("type") {
        return None;
    }
    let column_of = |wanted: &[&str]| {
        (0..names.len()).find(|column| {
            let signs = names.signs(Dataset::Interactions, *column);
            signs
                .iter()
                .any(|sign| wanted.contains(&sign.name) && sign.peel == Peel::Shell)
        })
    };
    let order = || Some((column_of(&["order number"])?, "checkout"));
    let review = || Some((column_of(&["review"]).filter(|_| !mapping.is_free("rating"))?, "rate"));
    let money = || Some((column_of(&["order date", "order money"])?, "checkout"));
    let (column, value) = order().or_else(review).or_else(money)?;
    Some(Offer {
        column,
        kind: OfferKind::Constant { path: "type", value },
    })
}

/// What could fill a field that records lack: what is offered for it; for an id, else the first column whose values look
/// like ids and differ, but for one that is not meant.
pub(crate) fn offer_for(
    (dataset, field): (Dataset, &str),
    offers: &[Offer],
    samples: &[Sampled],
    not: Option<usize>,
) -> Option<Offer> {
    let is_for = |offer: &&Offer| match &offer.kind {
        OfferKind::Field { path, .. } => path == field,
        OfferKind::Constant { path, .. } => *path == field,
        OfferKind::Transform(_) => false,
    };
    let by_values = || {
        let evidence = |column: usize| {
            samples
                .get(column)
                .map(ColumnEvidence::of)
                .filter(ColumnEvidence::are_ids)
        };
        let mut columns = (0..samples.len()).filter(|column| Some(*column) != not);
        let (column, evidence) = columns.find_map(|column| Some((column, evidence(column)?)))?;
        let kind = OfferKind::Field {
            path: field.to_owned(),
            confidence: WORTH,
            reason: evidence.reason(ValueLook::Ids, evidence.filled()),
        };
        Some(Offer { column, kind })
    };
    let offered = offers.iter().find(is_for).cloned();
    offered.or_else(|| {
        if dataset.id_field() == Some(field) {
            by_values()
        } else {
            None
        }
    })
}
