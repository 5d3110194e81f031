//! The question what a table's records are, with what follows from each answer.

use crate::domain::{
    dataset::Dataset,
    mapping::{Mapping, Reason},
    recognition::Recognition,
    sampled::Sampled,
    schema::Schema,
};

/// Fields shown of an answer.
const FIELDS: usize = 4;
/// Values shown of a field.
const VALUES: usize = 3;

/// A data set that the records may belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The data set.
    pub dataset: Dataset,
    /// What speaks for it.
    pub(crate) reasons: String,
    /// What the first records would be then.
    pub becomes: String,
}

/// The answers, the likeliest first.
pub(super) fn choices(
    recognition: &Recognition,
    columns: &[String],
    samples: &[Sampled],
    is_json: bool,
) -> Vec<Choice> {
    let choice = |dataset: Dataset, reasons: &[String]| {
        let mapping = Mapping::suggest_from(dataset, columns, is_json, samples);
        Choice {
            dataset,
            reasons: reasons.join("; "),
            becomes: becomes(&mapping, samples),
        }
    };
    let guesses = recognition.guesses.iter();
    guesses.map(|guess| choice(guess.dataset, &guess.reasons)).collect()
}

/// The fields that columns would go to, with the values of the first rows, and what would be missing.
fn becomes(mapping: &Mapping, samples: &[Sampled]) -> String {
    let is_found = |reason: Reason| matches!(reason, Reason::SameName | Reason::SimilarName | Reason::Alias);
    let found = mapping.targets.iter().enumerate();
    let found = found.filter(|(_, target)| is_found(target.reason));
    let mut parts: Vec<String> = found
        .filter_map(|(column, target)| Some(field(target.path.as_deref()?, samples.get(column))))
        .take(FIELDS)
        .collect();
    let required = Schema::of(mapping.dataset).record.required.iter();
    let missing = required.filter(|field| mapping.is_free(field));
    parts.extend(missing.map(|field| format!("no column is {field}")));
    if parts.is_empty() {
        "no column finds a field".to_owned()
    } else {
        parts.join(" · ")
    }
}

fn field(path: &str, sample: Option<&Sampled>) -> String {
    let values = sample.into_iter().flat_map(Sampled::values).take(VALUES);
    let texts: Vec<String> = values
        .map(|(cell, _)| cell.shown().replace(['\n', '\r'], " "))
        .collect();
    format!("{path}: {}", texts.join(", "))
}
