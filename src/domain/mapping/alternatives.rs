//! Where a column could go whose field the API refuses.

use super::{Mapping, names::TakenPaths};
use crate::domain::schema::Schema;

impl Mapping {
    /// The places a column could go to instead of a field that the API does not know, or that its records may not have:
    /// the field that its name resembles, if that is free, and a person's own attributes. The likeliest is first. `taken` are [those of the mapping](Self::taken).
    pub(crate) fn alternatives(&self, columns: &[String], column: usize, taken: &TakenPaths) -> Vec<String> {
        let Some(name) = columns.get(column) else {
            return Vec::new();
        };
        let resembled = Schema::of(self.dataset).resembling(name).map(str::to_owned);
        let own = format!("{}.{name}", self.dataset.custom_prefix());
        let places = resembled.into_iter().chain([own]);
        places
            .filter(|path| self.path(column) != Some(path) && taken.is_free(path))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dataset::Dataset;

    #[test]
    fn columns_have_other_places_to_go_to() {
        fn check(dataset: Dataset, columns: &[&str], column: usize, expect: &[&str]) {
            let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
            let mapping = Mapping::suggest(dataset, &columns, true);
            assert_eq!(
                mapping.alternatives(&columns, column, &mapping.taken()),
                expect,
                "{columns:?}"
            );
        }
        check(
            Dataset::Products,
            &["product_id", "descripton"],
            1,
            &["description", "custom_attributes.descripton"],
        );
        check(
            Dataset::Products,
            &["product_id", "description", "descripton"],
            2,
            &["custom_attributes.descripton"],
        );
        check(
            Dataset::Interactions,
            &["type", "weather"],
            1,
            &["context.custom_context.weather"],
        );
        check(
            Dataset::Interactions,
            &["type", "revenue"],
            1,
            &["context.custom_context.revenue"],
        );
    }
}
