//! Where records go beyond the API's published document: what is taken all the same, and can be made an error.

use serde_json::Value;

use super::{
    CellTest, Family, FieldContext, Hint, RuleDef,
    cell_test::Concern,
    definition::{HintDef, Repair},
    hint,
};
use crate::domain::{
    cell::{Cell, OwnedCell},
    schema::{Node, is_translation},
    validate,
};

/// A null where the published document has none.
pub(super) const NULL: RuleDef = RuleDef {
    name: "null",
    title: "null for a field that may be left out",
    says: "is null, which the published document does not list",
    text: "The published document lists no null; the guide's own 422 line and the prose about attributes do. So null is \
           taken for fields, parts of objects and attributes that may be left out. Made an error, it is held to the \
           document's letter.",
    advice: "leave the key out",
    ..RuleDef::of(Family::Contract)
};

pub(super) const NULL_VALUE: HintDef = HintDef::new("nulls", "leave the key out")
    .repaired(Repair::Cell(hint::EMPTY, |_, cell| {
        (cell == Cell::Json("null")).then_some(OwnedCell::Missing)
    }));

/// Looks at JSON.
#[derive(Debug)]
pub(super) struct Null {
    /// What the values must be.
    node: Option<&'static Node>,
}

impl CellTest for Null {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        Some(Self { node: field.part.value })
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        has_null(cell, self.node).then_some(Hint::Null)
    }

    fn concern(&self) -> Concern {
        Concern::Json
    }
}

/// Whether a cell holds a null that the published document does not list: itself, or inside of it.
fn has_null(cell: Cell<'_>, node: Option<&Node>) -> bool {
    let Cell::Json(json) = cell else { return false };
    if json == "null" {
        return true;
    }
    json.starts_with(['[', '{'])
        && json.contains("null")
        && node.is_some_and(|node| {
            serde_json::from_str::<Value>(json).is_ok_and(|value| {
                let mut violations = Vec::new();
                validate::check_value(node, &value, "", &mut violations);
                violations.is_empty() && !validate::is_published(node, &value)
            })
        })
}

/// Texts in another language, which the published document forgets.
pub(super) const TRANSLATION: RuleDef = RuleDef {
    name: "translation",
    title: "Texts in another language",
    says: "is a translation, which the published document does not list",
    text: "The prose about products documents objects named i18n_es, i18n_fr and so on; the structure of the published \
           document forgets them. So they are taken. Made an error, records are held to the document's letter.",
    advice: "leave the translations out",
    ..RuleDef::of(Family::Contract)
};

pub(super) const TRANSLATED_TEXT: HintDef = HintDef::new("translations", "leave the translations out");

/// Looks at objects named after a language, and at what is in them.
#[derive(Debug)]
pub(super) struct Translation;

impl CellTest for Translation {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field
            .path()
            .split('.')
            .next()
            .is_some_and(is_translation)
            .then_some(Self)
    }

    fn find(&self, _: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        Some(Hint::Translation)
    }
}
