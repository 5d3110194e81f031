//! Where records go beyond the API's published document: what is taken all the same, and can be made an error.

use serde_json::Value;

use super::{About, Family};
use crate::domain::{cell::Cell, issue::Severity, schema::Node, validate};

/// A null where the published document has none.
pub(super) const NULL: About = About {
    name: "null",
    family: Family::Contract,
    severity: Severity::Info,
    title: "null for a field that may be left out",
    says: "is null, which the published document does not list",
    text: "The published document lists no null; the guide's own 422 line and the prose about attributes do. So null is \
           taken for fields, parts of objects and attributes that may be left out. Made an error, it is held to the \
           document's letter.",
    advice: "leave the key out",
};

/// Texts in another language, which the published document forgets.
pub(super) const TRANSLATION: About = About {
    name: "translation",
    family: Family::Contract,
    severity: Severity::Info,
    title: "Texts in another language",
    says: "is a translation, which the published document does not list",
    text: "The prose about products documents objects named i18n_es, i18n_fr and so on; the structure of the published \
           document forgets them. So they are taken. Made an error, records are held to the document's letter.",
    advice: "leave the translations out",
};

/// Whether a cell holds a null that the published document does not list: itself, or inside of it.
pub(super) fn has_null(cell: Cell<'_>, node: Option<&Node>) -> bool {
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
