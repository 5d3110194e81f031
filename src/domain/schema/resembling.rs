//! The field that somebody means who writes another name.

use std::{collections::HashMap, sync::LazyLock};

use super::Schema;
use crate::domain::{
    dataset::Dataset,
    synonyms::{self, letter_set},
};

/// Names at least as alike as this (Jaro-Winkler, 0 to 1) are taken for slips of the pen.
const ALIKE: f64 = 0.9;

/// The fields of each data set, ready to be compared with many names.
static FIELDS: LazyLock<HashMap<Dataset, Vec<LetteredField>>> = LazyLock::new(|| {
    let fields = |dataset| {
        let fields = Schema::of(dataset).fields().into_iter();
        fields.map(|(path, _)| LetteredField::new(path)).collect()
    };
    Dataset::ALL.map(|dataset| (dataset, fields(dataset))).into()
});

struct LetteredField {
    path: String,
    letters: Letters,
}

impl LetteredField {
    fn new(path: String) -> Self {
        let letters = Letters::of(&path);
        Self { path, letters }
    }
}

/// A name without case and separators.
struct Letters {
    text: String,
    count: u32,
    set: u64,
}

impl Letters {
    fn of(name: &str) -> Self {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        let text: String = letters.flat_map(char::to_lowercase).collect();
        Self {
            count: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            set: letter_set(&text),
            text,
        }
    }

    /// Whether the likeness may reach [`ALIKE`] as far as lengths and letters tell, which is quick: each letter that the
    /// other name lacks is found nowhere in it, and four that are the same at the beginning are the most that count.
    fn may_be_alike(&self, other: &Self) -> bool {
        let lacking = |one: &Self, other: &Self| (one.set & !other.set).count_ones();
        let found = |one: &Self, other: &Self| one.count.saturating_sub(lacking(one, other));
        let found = f64::from(found(self, other).min(found(other, self)));
        let share = |of: &Self| found / f64::from(of.count.max(1));
        let most = (share(self) + share(other) + 1.0) / 3.0;
        most + 0.4 * (1.0 - most) + f64::EPSILON * 8.0 >= ALIKE
    }
}

impl Schema {
    /// The field that a name resembles: one of the same letters, one that is commonly called so, or one spelled much
    /// alike. `None` when it is a field itself, and when it resembles none.
    pub(crate) fn resembling(&self, name: &str) -> Option<&'static str> {
        let fields = FIELDS.get(&self.dataset)?;
        let wanted = Letters::of(name);
        if wanted.text.is_empty() || self.node(name).is_some() {
            return None;
        }
        let same = fields.iter().find(|field| field.letters.text == wanted.text);
        let called = || {
            let called = synonyms::field_called(self.dataset, name)?;
            fields.iter().find(|field| field.path == called)
        };
        let alike = || {
            let near = fields.iter().filter(|field| field.letters.may_be_alike(&wanted));
            let scored = near.map(|field| (strsim::jaro_winkler(&field.letters.text, &wanted.text), field));
            let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
            (best.0 >= ALIKE).then_some(best.1)
        };
        let field = same.or_else(called).or_else(alike)?;
        Some(&field.path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_alike_passes_the_quick_look(one in "[a-cé]{1,9}", other in "[a-cé]{1,9}") {
            let likeness = strsim::jaro_winkler(&one, &other);
            prop_assert!(likeness < ALIKE || Letters::of(&one).may_be_alike(&Letters::of(&other)));
        }
    }

    #[test]
    fn names_resemble_fields() {
        for (dataset, name, expect) in [
            (Dataset::Products, "Title", Some("title")),
            (Dataset::Products, "productId", Some("product_id")),
            (Dataset::Products, "sku", Some("product_id")),
            (Dataset::Products, "descripton", Some("description")),
            (Dataset::Products, "title", None),
            (Dataset::Products, "voltage", None),
            (Dataset::Products, "", None),
            (Dataset::Interactions, "utm_source", Some("context.campaign.source")),
            (Dataset::Interactions, "product_id", Some("product_ids")),
        ] {
            assert_eq!(Schema::of(dataset).resembling(name), expect, "{dataset} {name}");
        }
    }
}
