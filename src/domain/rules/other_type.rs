//! Fields that only some types of interactions have.

use super::{
    Broken, Explanation, Family, Hint, RecordContext, Remedy, RowTest, RuleDef,
    definition::{HintDef, Repair},
    explain::shorten,
    plain,
};
use crate::domain::{cell::Cell, schema::Schema, validate::Fault};

/// The interaction has a field of another type of interaction.
pub(super) const OTHER_TYPE: RuleDef = RuleDef {
    name: "other-type",
    title: "Field of another type of interaction",
    says: "does not belong to this type of interaction",
    text: "Every type of interaction has fields of its own beside those that all have: revenue belongs to checkout, \
           rating to rate, search to search, and a search has no product_ids. The API refuses an interaction with a \
           field of another type, even an empty one; often the type is the wrong one.",
    advice: "correct the type, or empty the cell",
    remedy: Remedy::MoveColumnOfMany,
    explain,
    ..RuleDef::of(Family::Schema)
};

pub(super) const OF_OTHER_TYPE: HintDef =
    HintDef::new("fields of another type", "correct the type, or empty the cell").repaired(Repair::Empty);

/// Looks at the type of interactions, and at the columns that only some types have.
#[derive(Debug)]
pub(super) struct OtherType {
    /// The column of the type.
    kind: usize,
    own_fields: OwnFields,
    /// How many columns the table has; a constant has none.
    width: usize,
}

impl RowTest for OtherType {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        let plan = record.plan;
        let paths = plan.parts().map(|(column, part)| (column, part.path.as_str()));
        Some(Self {
            kind: plan.column_of("type").filter(|_| record.has_interactions())?,
            own_fields: OwnFields::new(plan.schema, paths),
            width: record.width,
        })
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        let kind = cells.get(self.kind).copied().unwrap_or_default();
        self.own_fields.find(kind, cells, |column| {
            let own = Some(column).filter(|column| *column < self.width);
            report(own, own.map(|_| Hint::OfOtherType));
        });
    }
}

fn explain(broken: &Broken<'_>) -> Vec<Explanation> {
    let kind = broken.cell_at("type");
    if broken.column.is_some() {
        let (path, value) = (broken.path(), shorten(broken.value));
        let sentence = format!(
            "{path} “{value}” does not belong to interactions of the type {}; correct the type, or empty the cell",
            kind.shown()
        );
        return broken.refused(sentence, Fault::Unknown);
    }
    let constants = broken.plan.parts().filter(|(column, _)| *column >= broken.width);
    let own_fields = OwnFields::new(
        broken.plan.schema,
        constants.map(|(column, part)| (column, part.path.as_str())),
    );
    let mut all = Vec::new();
    own_fields.find(kind, broken.cells, |column| {
        let path = broken.plan.part(column).map(|part| part.path.clone()).unwrap_or_default();
        all.push(Explanation {
            sentence: format!(
                "{path}, the same in every record, does not belong to interactions of the type {}; remove it, or correct \
                 the type",
                kind.shown()
            ),
            path,
            fault: Some(Fault::Unknown),
        });
    });
    all
}

/// Which columns belong to which types of interactions.
#[derive(Debug)]
struct OwnFields {
    /// The types by the length of their names: every row is looked up.
    kinds: Vec<Vec<TypeColumns>>,
}

/// A type of interactions.
#[derive(Debug)]
struct TypeColumns {
    name: &'static str,
    /// The columns whose field it may not have, and others may.
    others: Vec<usize>,
}

impl OwnFields {
    /// For a table whose columns go to these paths.
    fn new<'a>(schema: &'static Schema, paths: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let kinds = &schema.interaction_types;
        // A field that no type has is an unknown field.
        let fields = paths
            .map(|(column, path)| (column, path.split_once('.').map_or(path, |(field, _)| field)))
            .filter(|(_, field)| kinds.iter().any(|kind| kind.allows(field)));
        let fields: Vec<(usize, &str)> = fields.collect();
        let longest = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or_default();
        let mut by_length: Vec<Vec<TypeColumns>> = (0..=longest).map(|_| Vec::new()).collect();
        for kind in kinds {
            let others = fields.iter().filter(|(_, field)| !kind.allows(field));
            if let Some(same_length) = by_length.get_mut(kind.name.len()) {
                same_length.push(TypeColumns {
                    name: &kind.name,
                    others: others.map(|(column, _)| *column).collect(),
                });
            }
        }
        Self { kinds: by_length }
    }

    /// Hands every column with a value that interactions of the type may not have to `report`.
    fn find(&self, kind: Cell<'_>, cells: &[Cell<'_>], mut report: impl FnMut(usize)) {
        let named = |name: &str| self.kinds.get(name.len())?.iter().find(|kind| kind.name == name);
        for column in plain(kind).and_then(named).map_or(&[][..], |kind| &kind.others) {
            if cells.get(*column).is_some_and(|cell| !cell.is_missing()) {
                report(*column);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dataset::Dataset;

    /// The columns that are found in an interaction of a type, cells given by field.
    fn check(kind: &str, cells: &[(&str, Cell<'_>)], expect: &[&str]) {
        let paths = cells.iter().enumerate().map(|(column, (path, _))| (column, *path));
        let own = OwnFields::new(Schema::of(Dataset::Interactions), paths);
        let values: Vec<_> = cells.iter().map(|(_, cell)| *cell).collect();
        let mut found = Vec::new();
        own.find(Cell::Text(kind), &values, |column| found.push(cells[column].0));
        assert_eq!(found, expect, "{kind} {cells:?}");
    }

    #[test]
    fn fields_of_other_types_are_found() {
        let (one, list) = (Cell::Text("1"), Cell::Json(r#"["P1"]"#));
        check("click", &[("revenue", one), ("product_ids", list)], &["revenue"]);
        check(
            "checkout",
            &[("revenue", one), ("quantities", list), ("rating", one)],
            &["rating"],
        );
        check(
            "search",
            &[("product_ids", list), ("search.keywords", one)],
            &["product_ids"],
        );
        check("remove_from_cart", &[("quantities", list)], &["quantities"]);
        check(
            "home_page_view",
            &[("product_ids", list), ("duration", one)],
            &["product_ids"],
        );
        check(
            "rate",
            &[("rating", one), ("search.keywords", one)],
            &["search.keywords"],
        );
        check(
            "read",
            &[("duration", one), ("context.page.url", one), ("user_id", one)],
            &[],
        );
        check("custom", &[("revenue", one), ("made_up", one)], &["revenue"]);
        check("purchase", &[("rating", one)], &[]);
        check("click", &[("revenue", Cell::Missing)], &[]);
        for blank in ["0", "null", "[]"] {
            check("click", &[("revenue", Cell::Json(blank))], &["revenue"]);
        }
    }
}
