//! What an interaction is about, and whose it is.

use super::{About, Family, plain};
use crate::domain::{cell::Cell, issue::Severity, schema::Schema, value};

/// An interaction of nobody.
pub(super) const NOBODY: About = About {
    name: "nobody",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "Interaction of nobody",
    says: "is of nobody",
    text: "Without user_id or anonymous_id an interaction cannot be used for personalization.",
    advice: "fill in user_id or anonymous_id",
};

/// The interaction has a field of another type of interaction.
pub(super) const OTHER_TYPE: About = About {
    name: "other-type",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "Field of another type of interaction",
    says: "does not belong to this type of interaction",
    text: "Every type of interaction has fields of its own beside those that all have: revenue belongs to checkout, \
           rating to rate, search to search. Elsewhere they are probably ignored; often the type is the wrong one. \
           Zero, null and empty lists do not count, and interactions of the type custom may carry anything.",
    advice: "correct the type, or empty the cell",
};

/// There are not as many quantities as products.
pub(super) const QUANTITIES: About = About {
    name: "quantities",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "Not as many quantities as products",
    says: "does not go with product_ids",
    text: "quantities says how many of each product, in the order of product_ids, so there must be one for every \
           product. When there are more or fewer, nobody can tell which belongs to which.",
    advice: "give one quantity for every product",
};

/// Whether a cell says nothing: missing, null, zero, or an empty text, list or object.
pub fn is_blank(cell: Cell<'_>) -> bool {
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
pub fn count_items(cell: Cell<'_>) -> Option<usize> {
    match cell {
        Cell::Missing | Cell::Json("null") => Some(0),
        Cell::Text(text) if !text.starts_with('[') => Some(value::items(text).count()),
        Cell::Text(json) | Cell::Json(json) => count_elements(json.trim().as_bytes()),
    }
}

/// The elements of a JSON array, counted without taking them apart.
fn count_elements(json: &[u8]) -> Option<usize> {
    let inside = json.strip_prefix(b"[")?.strip_suffix(b"]")?;
    if inside.trim_ascii().is_empty() {
        return Some(0);
    }
    let (mut commas, mut depth, mut in_text, mut escaped) = (0, 0_u32, false, false);
    for byte in inside {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    Some(commas + 1)
}

/// Which columns belong to which types of interactions.
#[derive(Debug)]
pub struct OtherTypes {
    schema: &'static Schema,
    columns: Vec<Own>,
}

/// A column whose field only some types have.
#[derive(Debug)]
struct Own {
    column: usize,
    /// The types that have the field, or those that have not: whichever are fewer.
    kinds: Vec<&'static str>,
    have: bool,
}

impl OtherTypes {
    /// For a table whose columns go to these paths.
    pub fn new<'a>(schema: &'static Schema, paths: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let kinds = &schema.interaction_types;
        let own = |(column, path): (usize, &str)| {
            let field = path.split_once('.').map_or(path, |(field, _)| field);
            let is_product = matches!(field, "product_ids" | "product_group_ids");
            let is_own = is_product || kinds.iter().any(|kind| kind.fields.iter().any(|own| own == field));
            let (with, without): (Vec<_>, Vec<_>) = kinds.iter().partition(|kind| {
                kind.name == "custom" || (is_product && kind.has_products) || kind.fields.iter().any(|own| own == field)
            });
            let have = with.len() <= without.len();
            let fewer = if have { with } else { without };
            let kinds = fewer.into_iter().map(|kind| kind.name.as_str()).collect();
            is_own.then_some(Own { column, kinds, have })
        };
        Self {
            schema,
            columns: paths.filter_map(own).collect(),
        }
    }

    /// Hands every column that holds something another type's interactions have to `report`.
    pub fn find(&self, kind: Cell<'_>, cells: &[Cell<'_>], report: &mut dyn FnMut(usize)) {
        let Some(kind) = plain(kind) else { return };
        for Own { column, kinds, have } in &self.columns {
            let cell = cells.get(*column).copied().unwrap_or_default();
            if !cell.is_missing()
                && kinds.contains(&kind) != *have
                && !is_blank(cell)
                && self.schema.interaction_types.iter().any(|known| known.name == kind)
            {
                report(*column);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dataset::Dataset;

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

    /// The columns that are found in an interaction of a type, cells given by field.
    fn check(kind: &str, cells: &[(&str, Cell<'_>)], expect: &[&str]) {
        let paths = cells.iter().enumerate().map(|(column, (path, _))| (column, *path));
        let judge = OtherTypes::new(Schema::of(Dataset::Interactions), paths);
        let values: Vec<_> = cells.iter().map(|(_, cell)| *cell).collect();
        let mut found = Vec::new();
        judge.find(Cell::Text(kind), &values, &mut |column| found.push(cells[column].0));
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
        check("custom", &[("revenue", one), ("value", one)], &[]);
        check("purchase", &[("rating", one)], &[]);
        for blank in ["0", "0.00", "", "null", "[]", "{ }", "\"\""] {
            check("click", &[("revenue", Cell::Json(blank))], &[]);
        }
    }
}
