//! The field that somebody means who writes another name.

use super::Schema;
use crate::domain::synonyms;

/// Names at least as alike as this (Jaro-Winkler, 0 to 1) are taken for slips of the pen.
const ALIKE: f64 = 0.9;

impl Schema {
    /// The field that a name resembles: one of the same letters, one that is commonly called so, or one spelled much
    /// alike. `None` when it is a field itself, and when it resembles none.
    pub(crate) fn resembling(&self, name: &str) -> Option<String> {
        let fields = self.fields();
        let wanted = letters(name);
        if wanted.is_empty() || self.node(name).is_some() {
            return None;
        }
        let same = fields.iter().find(|(path, _)| letters(path) == wanted);
        let called = || {
            let called = synonyms::field_called(self.dataset, name)?;
            fields.iter().find(|(path, _)| path == called)
        };
        let alike = || {
            let likeness = |path: &str| strsim::jaro_winkler(&letters(path), &wanted);
            let scored = fields.iter().map(|field| (likeness(&field.0), field));
            let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
            (best.0 >= ALIKE).then_some(best.1)
        };
        let (path, _) = same.or_else(called).or_else(alike)?;
        Some(path.clone())
    }
}

/// A name without case and separators.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dataset::Dataset;

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
            let resembled = Schema::of(dataset).resembling(name);
            assert_eq!(resembled.as_deref(), expect, "{dataset} {name}");
        }
    }
}
