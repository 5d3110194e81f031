//! Where columns go by themselves.

use std::collections::HashSet;

use super::{
    Mapping, Reason, Target,
    claims::{claims, fields, settle},
    evidence::ColumnEvidence,
    names::TakenPaths,
};
use crate::domain::{
    cell::Cell, dataset::Dataset, error_file, sampled::Sampled, schema::Schema, synonyms::Names, transform,
};

/// The least confidence at which a column goes to a field without being asked; below it, it is a suggestion.
pub(crate) const SURE: u8 = 80;

/// The least confidence at which a suggestion is accepted together with others.
pub(super) const LIKELY: u8 = 65;

/// The least confidence worth a suggestion.
pub(super) const WORTH: u8 = 40;

/// Matches columns to fields as [`Mapping::suggest_from`] says.
pub(super) fn suggest(dataset: Dataset, columns: &[String], is_json: bool, samples: &[Sampled]) -> Mapping {
    let mut targets: Vec<Option<Target>> = vec![None; columns.len()];
    let names = Names::of(columns);
    let secrets = secrets(&names, samples);
    for (column, kind) in &secrets {
        targets[*column] = Some(Target::new(None, Reason::Secret(kind)));
    }
    let mut claims = claims(dataset, columns, &names, samples, &fields(dataset));
    claims.retain(|claim| targets[claim.column].is_none());
    let refused: HashSet<usize> = claims
        .iter()
        .filter(|claim| claim.reason == Reason::SameName && claim.confidence < SURE)
        .map(|claim| claim.column)
        .collect();
    let mut taken = TakenPaths::default();
    for claim in settle(claims, SURE, TakenPaths::default()) {
        taken.take(claim.path.clone(), ());
        targets[claim.column] = Some(Target::new(Some(claim.path), claim.reason));
    }
    let is_error_file = error_file::is_error_file(columns);
    let fill = |(at, (column, target)): (usize, (&String, Option<Target>))| {
        target.unwrap_or_else(|| {
            if is_error_file && error_file::COLUMNS.contains(&column.as_str()) {
                return Target::new(None, Reason::Custom);
            }
            let (path, reason) = fallback(dataset, column, is_json, refused.contains(&at), &taken);
            taken.take(path.clone(), ());
            Target::new(Some(path), reason)
        })
    };
    Mapping {
        dataset,
        targets: columns.iter().zip(targets).enumerate().map(fill).collect(),
        constants: Vec::new(),
    }
}

/// Where a column goes that matches no field; never where another one goes. Columns of a JSON file go where they were
/// read from: what excludes each other there stands in different records.
fn fallback(dataset: Dataset, column: &str, is_json: bool, is_refused: bool, taken: &TakenPaths) -> (String, Reason) {
    let schema = Schema::of(dataset);
    let is_known = schema.node(column).is_some() || schema.is_custom(column);
    if is_json {
        let reason = if is_known { Reason::SameName } else { Reason::AsIs };
        return (column.to_owned(), reason);
    }
    if is_known && taken.is_free(column) && !is_refused {
        return (column.to_owned(), Reason::SameName);
    }
    let plain = format!("{}.{column}", dataset.custom_prefix());
    let numbered = (2..).map(|number| format!("{plain} ({number})"));
    let path = std::iter::once(plain.clone())
        .chain(numbered.take(100))
        .find(|path| taken.is_free(path));
    (path.unwrap_or(plain), Reason::Custom)
}

/// The columns that hold passwords, tokens, numbers of cards and accounts: by their names, unless their values are
/// something else, such as when a password was changed, or what paying by card costs.
fn secrets(names: &Names, samples: &[Sampled]) -> Vec<(usize, &'static str)> {
    let secret = |column: usize| {
        let kind = names.secret(column)?;
        let evidence = samples.get(column).map(ColumnEvidence::of).unwrap_or_default();
        let may_be = |cell: Cell<'_>| match kind {
            "password" | "token" => !is_plain_fact(&cell.shown()),
            _ => is_number_of_account(&cell.shown()),
        };
        let holds = evidence.is_unknown() || evidence.is_empty() || evidence.share(may_be).0 >= 50;
        holds.then_some((column, kind))
    };
    (0..names.len()).filter_map(secret).collect()
}

/// Yes, no, or a date.
fn is_plain_fact(text: &str) -> bool {
    let starts_with_date = || {
        text.get(..10)
            .is_some_and(|date| crate::domain::format::is_date(date.as_bytes()))
    };
    transform::truth(text).is_some() || starts_with_date()
}

/// Digits as many as a card or an account has, or as few as its check has; some may be hidden.
fn is_number_of_account(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '*' | '•' | '.');
    let digits = text
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '•'))
        .count();
    text.chars().all(is_part)
        && !text.contains('.')
        && (digits >= 8 || (3..=4).contains(&digits) && text.len() == digits)
}
