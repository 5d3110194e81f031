//! Which fields the columns of a table claim by their names, and how sure that is in the light of their values.

use std::{cmp::Reverse, collections::HashSet};

use super::{
    Reason,
    evidence::{ColumnEvidence, ColumnVerdict},
    names::{ComparedName, TakenPaths},
    suggest::{LIKELY, SURE},
};
use crate::domain::{
    dataset::Dataset,
    sampled::Sampled,
    schema::{Node, Schema},
    synonyms::{Meaning, Names, Peel, plain},
};

/// A field that columns can match.
pub(super) struct Field {
    pub(super) path: String,
    pub(super) node: &'static Node,
    /// The path as a plain name.
    pub(super) plain: ComparedName,
}

pub(super) fn fields(dataset: Dataset) -> Vec<Field> {
    let field = |(path, node): (String, &'static Node)| Field {
        plain: ComparedName::new(plain(&path)),
        path,
        node,
    };
    Schema::of(dataset).fields().into_iter().map(field).collect()
}

/// A column's claim on a field.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) column: usize,
    pub(super) path: String,
    /// The field it takes when a more specific name claims the first: a price beside a special price is the original
    /// price.
    pub(super) second: Option<String>,
    pub(super) confidence: u8,
    pub(super) reason: Reason,
    is_empty: bool,
    repeats: bool,
}

/// The claims of all columns, the surest first.
pub(super) fn claims(
    dataset: Dataset,
    columns: &[String],
    names: &Names,
    samples: &[Sampled],
    fields: &[Field],
) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (column, name) in columns.iter().enumerate() {
        let evidence = samples.get(column).map(ColumnEvidence::of).unwrap_or_default();
        let claimant = Claimant {
            dataset,
            column,
            name,
            plain: plain(name),
            evidence,
        };
        claims.extend(fields.iter().filter_map(|field| claimant.by_own_name(field)));
        for meaning in names.fields(dataset, column) {
            claims.extend(claimant.by_meaning(&meaning, fields));
        }
    }
    claims.sort_by_key(|claim: &Claim| (Reverse(claim.confidence), claim.is_empty, claim.repeats, claim.column));
    claims
}

struct Claimant<'a> {
    dataset: Dataset,
    column: usize,
    name: &'a str,
    /// The name as a plain one.
    plain: String,
    evidence: ColumnEvidence<'a>,
}

impl Claimant<'_> {
    fn claim(&self, path: &str, confidence: u8, reason: Reason) -> Claim {
        Claim {
            column: self.column,
            path: path.to_owned(),
            second: None,
            confidence,
            reason,
            is_empty: self.evidence.is_empty(),
            repeats: self.dataset.id_field() == Some(path) && self.evidence.differ() == Some(false),
        }
    }

    /// The column has the field's own name.
    fn by_own_name(&self, field: &Field) -> Option<Claim> {
        let reason = if self.name == field.path {
            Reason::SameName
        } else if self.plain == field.plain.name {
            Reason::SimilarName
        } else {
            return None;
        };
        let sure = reason.confidence().unwrap_or(SURE);
        // Programs mark their own columns with an underscore: `_type`.
        let is_doubtful = self.name.starts_with('_') || self.evidence.refuses(&field.path, field.node);
        let confidence = if is_doubtful { 45 } else { sure };
        Some(self.claim(&field.path, confidence, reason))
    }

    /// The column has a name that people give the field.
    fn by_meaning(&self, meaning: &Meaning, fields: &[Field]) -> Option<Claim> {
        let (path, second) = match meaning.name.split_once('|') {
            Some((path, second)) => (path, Some(second.to_owned())),
            None => (meaning.name, None),
        };
        let field = fields.iter().find(|field| field.path == path)?;
        let confidence = self.confidence(meaning, field)?;
        let reason = if meaning.peel == Peel::Shell {
            Reason::Alias
        } else {
            Reason::PartOfName
        };
        let mut claim = self.claim(path, confidence, reason);
        if second.is_some() {
            claim.confidence = confidence.saturating_sub(1);
            claim.second = second;
        }
        if claim.repeats && claim.confidence >= SURE {
            claim.confidence = SURE + 2;
        }
        if claim.is_empty && claim.confidence >= SURE {
            // A column with values comes first, also one whose name says a little less.
            claim.confidence -= 2;
        }
        Some(claim)
    }

    /// From 0 to 100. Names count first; values can raise a doubtful one so far that it is accepted with others, and
    /// make a sure one a question.
    fn confidence(&self, meaning: &Meaning, field: &Field) -> Option<u8> {
        let verdict = self.evidence.judge(&field.path, field.node);
        let own_name = self.name.rsplit('.').next().unwrap_or_default();
        let is_weak = meaning.is_weak || own_name.starts_with('_');
        let is_bare_id = self.dataset.id_field() == Some(field.path.as_str()) && self.plain == "id";
        Some(match (is_weak, meaning.peel, verdict) {
            (true, _, ColumnVerdict::Against) | (_, Peel::Remark, ColumnVerdict::Against) => return None,
            (false, _, ColumnVerdict::Against) => 45,
            (false, Peel::Shell, _) => 90,
            (false, Peel::Prefix, _) => LIKELY + 5,
            (true, Peel::Shell, _) if is_bare_id && self.is_id() => SURE + 2,
            // Values that are names of the field's own list leave no doubt.
            (true, Peel::Shell, ColumnVerdict::For) if !field.node.allowed.is_empty() => SURE + 2,
            (true, Peel::Shell, ColumnVerdict::For) => LIKELY,
            (false, Peel::Remark, _) | (true, Peel::Shell, ColumnVerdict::Neither) => 50,
            (true, ..) => 42,
        })
    }

    /// Whether the values can be ids: all different, as far as there are any.
    fn is_id(&self) -> bool {
        self.evidence.is_unknown() || self.evidence.differ() != Some(false) && !self.evidence.is_empty()
    }
}

/// Gives every field to the surest claim on it. `taken` are the fields that are gone before: their paths, and whether
/// by a name that is only theirs.
pub(super) fn settle(claims: Vec<Claim>, least: u8, mut taken: TakenPaths<bool>) -> Vec<Claim> {
    let mut settled: Vec<Claim> = Vec::new();
    let mut columns = HashSet::new();
    for mut claim in claims.into_iter().take_while(|claim| claim.confidence >= least) {
        if columns.contains(&claim.column) {
            continue;
        }
        let mut by_own_name = claim.second.is_none();
        match (taken.overlapping(&claim.path), claim.second.take()) {
            (None, _) => {}
            (Some(true), Some(second)) if taken.is_free(&second) => {
                claim.path = second;
                by_own_name = true;
            }
            _ => continue,
        }
        taken.take(claim.path.clone(), by_own_name);
        columns.insert(claim.column);
        settled.push(claim);
    }
    settled
}
