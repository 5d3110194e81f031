//! What a transform does to a column's own values, counted.

use std::borrow::Cow;

use crate::domain::{
    cell::Cell,
    record::Part,
    sampled::Sampled,
    schema::Node,
    validate,
    value::{self, Form},
};

/// Examples kept.
const EXAMPLES: usize = 4;

/// How many values of a column fit its field with a transform, or without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Values that the field takes.
    pub fits: u64,
    /// Values that it does not take, or that the transform does not know how to read.
    pub misfits: u64,
    /// Values that change.
    pub changes: u64,
    /// Different values as they were, and as they become.
    pub(crate) examples: Vec<(String, String)>,
    /// Different values that do not fit.
    pub odd: Vec<String>,
    /// Whether all rows were looked at, not a sample.
    pub is_exact: bool,
}

impl Proof {
    /// The proof of a part over a sample.
    pub fn of(part: &Part, sample: &Sampled) -> Self {
        let mut proof = Self::default();
        for (cell, count) in sample.values() {
            proof.note(part, cell, count);
        }
        proof
    }

    /// Takes note of a cell of the table that occurs `count` times.
    pub fn note(&mut self, part: &Part, cell: Cell<'_>, count: u64) {
        let new = part.replacement(cell);
        if cell.is_missing() && new.is_none() {
            return;
        }
        let becomes = match &new {
            Some(text) if text.is_empty() => Cell::Missing,
            Some(text) => Cell::Text(text),
            None => cell,
        };
        let is_known = || {
            let transform = part.transform.as_ref();
            transform.is_none_or(|transform| {
                new.is_some() || transform.only_leaves_out() || transform.apply(&cell.shown(), part.form).is_ok()
            })
        };
        let fits = match part.node {
            Some(node) => is_valid(node, part.form, becomes),
            None => is_known(),
        };
        if fits {
            self.fits += count;
        } else {
            self.misfits += count;
            add(&mut self.odd, || cell.shown().into_owned());
        }
        if new.is_some() {
            self.changes += count;
            if fits {
                let after = shown(becomes, part.form);
                add(&mut self.examples, || (cell.shown().into_owned(), after.into_owned()));
            }
        }
    }

    /// Adds what was found in other rows.
    pub fn append(&mut self, later: Self) {
        self.fits += later.fits;
        self.misfits += later.misfits;
        self.changes += later.changes;
        for example in later.examples {
            add(&mut self.examples, || example);
        }
        for odd in later.odd {
            add(&mut self.odd, || odd);
        }
    }

    /// How many values were looked at.
    pub const fn all(&self) -> u64 {
        self.fits + self.misfits
    }
}

/// Keeps an example, as long as there is room and it is another one.
fn add<T: PartialEq>(examples: &mut Vec<T>, example: impl FnOnce() -> T) {
    if examples.len() < EXAMPLES {
        let example = example();
        if !examples.contains(&example) {
            examples.push(example);
        }
    }
}

fn shown(cell: Cell<'_>, form: Form) -> Cow<'_, str> {
    match cell {
        Cell::Missing => Cow::Borrowed("no value"),
        cell if matches!(form, Form::TextList | Form::NumberList | Form::PathList) => {
            value::to_json(cell, form).map_or_else(|| cell.shown(), |json| Cow::Owned(json.to_string()))
        }
        cell => cell.shown(),
    }
}

/// Whether a field takes a cell.
pub(in crate::domain) fn is_valid(node: &Node, form: Form, cell: Cell<'_>) -> bool {
    let Some(value) = value::to_json(cell, form) else {
        return true;
    };
    let mut violations = Vec::new();
    validate::check_value(node, &value, "", &mut violations);
    violations.is_empty()
}
