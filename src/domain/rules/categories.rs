//! Fields that are there, but not as the API means them.

use serde_json::Value;

use super::{
    CellTest, Family, FieldContext, Hint, RecordContext, RowTest, RuleDef,
    definition::{HintDef, Repair},
    row_test::StrayColumns,
};
use crate::domain::{
    cell::{Cell, OwnedCell},
    record::SchemaPlace,
    value::Form,
};

/// The field is in an object that takes any, but none that the API names.
pub(super) const IGNORED_FIELD: RuleDef = RuleDef {
    name: "ignored-field",
    title: "Field that the API does not name",
    says: "is not named by the API",
    text: "Objects such as location and context.page take other parts than those that the API names, but nothing tells \
           that they are used.",
    advice: "move the column to your own attributes, or leave it out",
    explain: |broken| {
        let prefix = broken.plan.dataset.custom_prefix();
        let path = broken.path();
        broken.sentence(format!(
            "{path} is not named by the API; move it to {prefix} or leave it out"
        ))
    },
    ..RuleDef::of(Family::Fields)
};

/// Looks at the columns that go where the API names nothing.
#[derive(Debug)]
pub(super) struct IgnoredField(StrayColumns);

impl RowTest for IgnoredField {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        StrayColumns::at(SchemaPlace::Ignored, record).map(Self)
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        self.0.find(cells, report);
    }
}

/// Categories are given as texts where paths are expected.
pub(super) const FLAT_CATEGORIES: RuleDef = RuleDef {
    name: "flat-categories",
    title: "Categories written as one text",
    says: "writes a path of categories as one text",
    text: "Categories are paths from the broadest to the narrowest: [[\"Clothing\", \"Shirts\"]], in a flat file \
           Clothing > Shirts. Written as one text (\"Clothing / Shirts\"), the engine sees one category of that odd \
           name and does not learn that both are clothing.",
    advice: "write the levels apart: Clothing > Shirts",
    is_mended_by: |_| true,
    ..RuleDef::of(Family::Fields)
};

pub(super) const FLAT_PATH: HintDef = HintDef::new(
    "paths of categories in one text",
    "write each path as the list of its levels: [[\"Clothing\", \"Shirts\"]], or Clothing > Shirts in a flat file",
)
.repaired(Repair::Cell("Make paths", |node, cell| {
    to_paths(cell, node.is_some_and(|node| Form::of(node) == Form::PathList))
}));

/// Looks at categories.
#[derive(Debug)]
pub(super) struct FlatCategories {
    /// Whether the field is a list of paths, not one path.
    is_paths: bool,
}

impl CellTest for FlatCategories {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_paths = field.part.form == Form::PathList;
        matches!(field.path(), "categories" | "category").then_some(Self { is_paths })
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        flat(cell, self.is_paths)
    }
}

/// What people write between the levels of a path, besides the lone `>` that is understood.
const SEPARATORS: [&str; 6] = [" / ", " > ", " -> ", " » ", " › ", " :: "];

/// The first of the separators that the text has. All begin with a space, so that one pass over those is enough.
fn separator(text: &str) -> Option<&'static str> {
    let at = |start: usize| {
        let here = text.as_bytes().get(start..)?;
        SEPARATORS
            .iter()
            .position(|separator| here.starts_with(separator.as_bytes()))
    };
    let first = memchr::memchr_iter(b' ', text.as_bytes()).filter_map(at).min()?;
    SEPARATORS.get(first).copied()
}

/// Whether a path stands as one text. `is_paths`: the field is a list of paths, not one path.
fn flat(cell: Cell<'_>, is_paths: bool) -> Option<Hint> {
    let found = match cell {
        Cell::Missing => false,
        Cell::Text(text) if !text.starts_with('[') => {
            let understood = |separator| is_paths && separator == " > ";
            separator(text).is_some_and(|separator| !understood(separator))
        }
        Cell::Text(json) | Cell::Json(json) => {
            separator(json).is_some() && serde_json::from_str(json).is_ok_and(|value| has_flat_path(&value, is_paths))
        }
    };
    found.then_some(Hint::FlatPath)
}

fn has_flat_path(value: &Value, is_paths: bool) -> bool {
    let Value::Array(items) = value else { return false };
    if is_paths {
        items.iter().any(|path| has_flat_path(path, false))
    } else {
        matches!(items.as_slice(), [Value::String(only)] if separator(only).is_some())
    }
}

/// The cell with its texts taken apart into paths: `["A", "B"]` becomes `[["A","B"]]`, `A / B` becomes `A > B`.
/// `is_paths`: the field is a list of paths, not one path.
fn to_paths(cell: Cell<'_>, is_paths: bool) -> Option<OwnedCell> {
    let (Cell::Text(written) | Cell::Json(written)) = cell else {
        return None;
    };
    if !written.starts_with('[') {
        let separator = separator(written)?;
        let between = if is_paths { " > " } else { "|" };
        return Some(OwnedCell::Text(written.replace(separator, between).into()));
    }
    let Ok(Value::Array(items)) = serde_json::from_str(written) else {
        return None;
    };
    let levels = |text: &str| -> Vec<Value> {
        let parts = separator(text).map(|separator| text.split(separator).map(|level| Value::from(level.trim())));
        parts.map_or_else(|| vec![Value::from(text)], Iterator::collect)
    };
    let path = |path: Value| match path {
        Value::Array(only) => match only.as_slice() {
            [Value::String(text)] => Value::Array(levels(text)),
            _ => Value::Array(only),
        },
        other => other,
    };
    let is_flat = !items.is_empty() && items.iter().all(Value::is_string);
    let paths = match (is_paths, is_flat) {
        (false, _) => path(Value::Array(items)),
        // Texts that are paths themselves are a path each; plain ones are the levels of one path.
        (true, true)
            if items
                .iter()
                .any(|item| item.as_str().is_some_and(|text| separator(text).is_some())) =>
        {
            items
                .iter()
                .filter_map(Value::as_str)
                .map(|text| Value::Array(levels(text)))
                .collect()
        }
        (true, true) => Value::Array(vec![Value::Array(items)]),
        (true, false) => items.into_iter().map(path).collect(),
    };
    let json = paths.to_string().into();
    Some(match cell {
        Cell::Text(_) => OwnedCell::Text(json),
        _ => OwnedCell::Json(json),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_one_text_are_found_and_taken_apart() {
        let text = Cell::Text;
        let json = Cell::Json;
        for (cell, is_paths, expect) in [
            (text("Clothing / Shirts"), true, Some("Clothing > Shirts")),
            (text("A -> B | C -> D"), true, Some("A > B | C > D")),
            (text("A > B"), true, None),
            (text("A > B"), false, Some("A|B")),
            (text("Clothing, Shoes & Jewelry"), true, None),
            (text("Audio/Video"), true, None),
            (json(r#"[["A / B"],["C"]]"#), true, Some(r#"[["A","B"],["C"]]"#)),
            (json(r#"[["A","B / C"]]"#), true, None),
            (json(r#"[["A","B"]]"#), true, None),
            (json(r#"["home > kitchen"]"#), false, Some(r#"["home","kitchen"]"#)),
            (json(r#"["home","kitchen"]"#), false, None),
        ] {
            let repaired = flat(cell, is_paths).and_then(|_| to_paths(cell, is_paths));
            let shown = repaired.as_ref().map(|cell| cell.as_cell().shown().into_owned());
            assert_eq!(shown.as_deref(), expect, "{cell:?}");
        }
        for (flat, expect) in [
            (r#"["A","B"]"#, r#"[["A","B"]]"#),
            (r#"["A > B","C"]"#, r#"[["A","B"],["C"]]"#),
        ] {
            let paths = to_paths(json(flat), true).unwrap();
            assert_eq!(paths.as_cell().shown(), expect);
        }
    }
}
