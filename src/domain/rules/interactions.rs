//! What an interaction is about, and whose it is.

use super::{
    Broken, CellTest, Evidence, Explanation, Family, FieldContext, Hint, RecordContext, RowTest, RuleDef,
    definition::{HintDef, Repair},
    row_test::is_missing,
};
use crate::domain::{cell::Cell, json, validate::Fault, value};

/// An interaction of the type custom has no name.
pub(super) const ACTION_NAME: RuleDef = RuleDef {
    name: "action-name",
    title: "Custom interaction has no name",
    says: "has no name",
    text: "An interaction of the type custom must say which action it was, in custom_action_name.",
    advice: "fill in custom_action_name, or use one of the other types",
    field: Some(NAME),
    evidence: Evidence::Rows,
    explain: without_name,
    ..RuleDef::of(Family::Schema)
};

/// The field that names what a custom interaction is.
const NAME: &str = "custom_action_name";

/// Looks at the type of interactions, and at the name.
#[derive(Debug)]
pub(super) struct ActionName {
    kind: usize,
    name: Option<usize>,
}

impl RowTest for ActionName {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        let kind = record.plan.column_of("type").filter(|_| record.has_interactions())?;
        let name = record.plan.column_of(NAME);
        Some(Self { kind, name })
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        let kind = cells.get(self.kind).copied().unwrap_or_default();
        if matches!(kind, Cell::Text("custom") | Cell::Json("\"custom\"")) && is_missing(cells, self.name) {
            report(self.name, None);
        }
    }
}

fn without_name(_: &Broken<'_>) -> Vec<Explanation> {
    vec![Explanation {
        path: String::new(),
        sentence: format!("{NAME} is missing; interactions of the type custom need one"),
        fault: Some(Fault::Required(NAME.to_owned())),
    }]
}

/// An interaction of nobody.
pub(super) const NOBODY: RuleDef = RuleDef {
    name: "nobody",
    title: "Interaction of nobody",
    says: "is of nobody",
    text: "Without user_id or anonymous_id an interaction cannot be used for personalization.",
    advice: "fill in user_id or anonymous_id",
    evidence: Evidence::Rows,
    explain: |broken| {
        broken.sentence(
            "Neither user_id nor anonymous_id says whose interaction this is; it cannot be used for personalization",
        )
    },
    ..RuleDef::of(Family::Interactions)
};

/// Looks at the ids of people.
#[derive(Debug)]
pub(super) struct Nobody([Option<usize>; 2]);

impl RowTest for Nobody {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        let people = ["user_id", "anonymous_id"].map(|path| record.plan.column_of(path));
        record.has_interactions().then_some(Self(people))
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        if self.0.into_iter().all(|column| is_missing(cells, column)) {
            report(None, None);
        }
    }
}

/// The interaction does not say when it happened.
pub(super) const NO_TIMESTAMP: RuleDef = RuleDef {
    name: "no-timestamp",
    title: "Interaction without a time",
    says: "says no time",
    text: "Without a timestamp an interaction counts as happening at the moment of the upload. For what happened before, \
           that is wrong: the engine weighs new over old, and learns from the order of events.",
    advice: "fill in timestamp, or choose the column that holds it",
    explain: |broken| {
        broken.sentence(
            "There is no timestamp, so it counts as happening at the moment of the upload; fill one in for what happened \
             before",
        )
    },
    ..RuleDef::of(Family::Interactions)
};

/// Looks at the time of interactions.
#[derive(Debug)]
pub(super) struct NoTimestamp(Option<usize>);

impl RowTest for NoTimestamp {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        let time = record.plan.column_of("timestamp");
        record.has_interactions().then_some(Self(time))
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        if is_missing(cells, self.0) {
            report(None, None);
        }
    }
}

/// The `miso_id` is an empty text.
pub(super) const EMPTY_MISO_ID: RuleDef = RuleDef {
    name: "empty-miso-id",
    title: "Empty miso_id",
    says: "is empty and is left out",
    text: "A miso_id that is an empty text says that no engine's answer led here. The API takes a UUID or none, so it is \
           left out of the record that is sent.",
    advice: "nothing needs to be done",
    ..RuleDef::of(Family::Interactions)
};

pub(super) const EMPTY_TEXT: HintDef = HintDef::new("empty texts", "nothing needs to be done").repaired(Repair::Empty);

/// Looks at the field that an empty text leaves out.
#[derive(Debug)]
pub(super) struct EmptyMisoId;

impl CellTest for EmptyMisoId {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.part.omits_empty.then_some(Self)
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        text?.is_empty().then_some(Hint::EmptyText)
    }
}

/// There are not as many quantities as products.
pub(super) const QUANTITIES: RuleDef = RuleDef {
    name: "quantities",
    title: "Not as many quantities as products",
    says: "does not go with product_ids",
    text: "quantities says how many of each product, in the order of product_ids, so there must be one for every \
           product. When there are more or fewer, nobody can tell which belongs to which.",
    advice: "give one quantity for every product",
    explain: count_both,
    ..RuleDef::of(Family::Interactions)
};

/// Columns that must have as many items as each other.
#[derive(Debug)]
pub(super) struct Quantities {
    own: usize,
    products: Option<usize>,
    groups: Option<usize>,
}

impl RowTest for Quantities {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        let column = |path| record.plan.column_of(path);
        let quantities = column("quantities").filter(|column| *column < record.width)?;
        record.has_interactions().then(|| Self {
            own: quantities,
            products: column("product_ids"),
            groups: column("product_group_ids"),
        })
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        if self.differ(&|column| cells.get(column).copied().unwrap_or_default()) {
            report(Some(self.own), None);
        }
    }
}

impl Quantities {
    /// Whether there are quantities, but not one for every product, or for every group where there are no products.
    fn differ<'a>(&self, cell: &impl Fn(usize) -> Cell<'a>) -> bool {
        let quantities = cell(self.own);
        if is_blank(quantities) {
            return false;
        }
        let count = |column: Option<usize>| count_items(column.map(cell).unwrap_or_default());
        let (Some(quantities), Some(products)) = (count_items(quantities), count(self.products)) else {
            // What is no list is an error already.
            return false;
        };
        quantities != products && (products > 0 || count(self.groups) != Some(quantities))
    }
}

fn count_both(broken: &Broken<'_>) -> Vec<Explanation> {
    let count = |path| count_items(broken.cell_at(path)).unwrap_or_default();
    let (quantities, products) = (count("quantities"), count("product_ids"));
    let are = if quantities == 1 {
        "There is 1 quantity".to_owned()
    } else {
        format!("There are {quantities} quantities")
    };
    let noun = if products == 1 { "product" } else { "products" };
    broken.sentence(format!(
        "{are} for {products} {noun}; give one for every product, in their order"
    ))
}

/// Whether a cell says nothing: missing, null, zero, or an empty text, list or object.
fn is_blank(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Missing => true,
        Cell::Text(text) | Cell::Json(text) => {
            let text = text.trim();
            match text.as_bytes() {
                [b'0', ..] => text.parse().is_ok_and(|number: f64| number == 0.0),
                [] | [b'"', b'"'] | b"null" => true,
                [b'[', inside @ .., b']'] | [b'{', inside @ .., b'}'] => inside.trim_ascii().is_empty(),
                _ => false,
            }
        }
    }
}

/// How many items the list in a cell has; `None` when it holds something else.
fn count_items(cell: Cell<'_>) -> Option<usize> {
    match cell {
        Cell::Missing | Cell::Json("null") => Some(0),
        Cell::Text(text) if !text.starts_with('[') => Some(value::items(text).count()),
        Cell::Text(json) | Cell::Json(json) => json::count_elements(json.trim().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted() {
        for (cell, expect) in [
            (Cell::Missing, Some(0)),
            (Cell::Text("P1|P2, x"), Some(2)),
            (Cell::Text(r#"["a,b","c"]"#), Some(2)),
            (Cell::Json("[]"), Some(0)),
            (Cell::Json("[1, 2]"), Some(2)),
            (Cell::Json(r#"["a\",b",[1,2],{"x":1,"y":2}]"#), Some(3)),
            (Cell::Json("null"), Some(0)),
            (Cell::Json("3"), None),
        ] {
            assert_eq!(count_items(cell), expect, "{cell:?}");
        }
    }
}
