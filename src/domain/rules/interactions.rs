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

/// The interaction does not say when it happened.
pub(super) const NO_TIMESTAMP: About = About {
    name: "no-timestamp",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "Interaction without a time",
    says: "says no time",
    text: "Without a timestamp an interaction counts as happening at the moment of the upload. For what happened before, \
           that is wrong: the engine weighs new over old, and learns from the order of events.",
    advice: "fill in timestamp, or choose the column that holds it",
};

/// The `miso_id` is an empty text.
pub(super) const EMPTY_MISO_ID: About = About {
    name: "empty-miso-id",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "Empty miso_id",
    says: "is empty and is left out",
    text: "A miso_id that is an empty text says that no engine's answer led here. The API takes a UUID or none, so it is \
           left out of the record that is sent.",
    advice: "nothing needs to be done",
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

/// The same interaction twice.
pub(super) const REPEATED_EVENT: About = About {
    name: "repeated-event",
    family: Family::Interactions,
    severity: Severity::Warning,
    title: "The same interaction again",
    says: "stands further up already",
    text: "Interactions have no id that would make the later one replace the earlier: what is sent twice counts twice. \
           Looked for are rows with the same message id where the file has one, and otherwise rows with a time that are \
           the same in every field. Made an error, the later ones are left out.",
    advice: "leave the row out, unless it happened twice",
};

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
pub struct OwnFields {
    /// The types by the length of their names: every row is looked up.
    kinds: Vec<Vec<Kind>>,
}

/// A type of interactions.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    /// The columns whose field it may not have, and others may.
    others: Vec<usize>,
}

impl OwnFields {
    /// For a table whose columns go to these paths.
    pub fn new<'a>(schema: &'static Schema, paths: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let kinds = &schema.interaction_types;
        // A field that no type has is an unknown field.
        let fields = paths
            .map(|(column, path)| (column, path.split_once('.').map_or(path, |(field, _)| field)))
            .filter(|(_, field)| kinds.iter().any(|kind| kind.allows(field)));
        let fields: Vec<(usize, &str)> = fields.collect();
        let longest = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or_default();
        let mut by_length: Vec<Vec<Kind>> = (0..=longest).map(|_| Vec::new()).collect();
        for kind in kinds {
            let others = fields.iter().filter(|(_, field)| !kind.allows(field));
            if let Some(same_length) = by_length.get_mut(kind.name.len()) {
                same_length.push(Kind {
                    name: &kind.name,
                    others: others.map(|(column, _)| *column).collect(),
                });
            }
        }
        Self { kinds: by_length }
    }

    /// Hands every column with a value that interactions of the type may not have to `report`.
    pub fn find(&self, kind: Cell<'_>, cells: &[Cell<'_>], report: &mut dyn FnMut(usize)) {
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
        let own = OwnFields::new(Schema::of(Dataset::Interactions), paths);
        let values: Vec<_> = cells.iter().map(|(_, cell)| *cell).collect();
        let mut found = Vec::new();
        own.find(Cell::Text(kind), &values, &mut |column| found.push(cells[column].0));
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
