//! Ids join products, interactions and users; a slip in one of them breaks the join without a word.

use super::{About, Family, plain, texts};
use crate::domain::{
    cell::{Cell, OwnedCell},
    hint::Hint,
    issue::Severity,
};

/// Several records have the same id.
pub(super) const REPEATED_ID: About = About {
    name: "repeated-id",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Id appears again further down",
    says: "appears again further down",
    text: "A record replaces an earlier one with the same id whole, so only the last of them remains.",
    advice: "remove the earlier record, or give each its own id",
};

/// The id differs from another one only in capital and small letters, or in leading zeros.
pub(super) const ALIKE_IDS: About = About {
    name: "alike-ids",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Ids that differ only in capital letters or leading zeros",
    says: "differs from another id only in capital letters or leading zeros",
    text: "For the API, shirt-1 and SHIRT-1 are two records, and so are 0663713001 and the 663713001 that a spreadsheet \
           makes of it. Mostly they are one, written by two systems, and what people do with the one is not counted for \
           the other.",
    advice: "write the id the same way everywhere",
};

/// There are spaces around an id.
pub(super) const ID_SPACES: About = About {
    name: "id-spaces",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Spaces around an id",
    says: "has spaces around it",
    text: "A space at the beginning or the end belongs to the id, so that no interaction finds its product or user. \
           Spaces that look like none (no-break and zero-width) count too.",
    advice: "remove the spaces",
};

/// The id has a form that the API advises against.
pub(super) const ID_FORM: About = About {
    name: "id-form",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Id with a comma or a leading _, or . or ..",
    says: "has a form that ids should not have",
    text: "The API's documentation asks that a product_id holds no comma and does not begin with _, and that a user_id \
           does not begin with _: commas separate ids in requests, and names that begin with _ are the API's own. A record \
           whose id is . or .. has no address of its own.",
    advice: "write the id without it, the same everywhere",
};

/// Several ids in a field for one.
pub(super) const SEVERAL_IDS: About = About {
    name: "several-ids",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Several ids in a field for one",
    says: "seems to be several ids",
    text: "A field that has room for one id takes a list of them as one odd id, which joins nothing. Looked for are ids \
           with |, ; or, where a comma is not another rule's, a comma between them.",
    advice: "keep one of them, or write a row for each",
};

/// An id that is a column's name.
pub(super) const HEADER_AS_ID: About = About {
    name: "header-as-id",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Header that stands among the records",
    says: "is a column's name, not an id",
    text: "Files that were put together with their headers have lines of names among the records. Such a line is taken \
           as one more record, whose id and values are the names of fields.",
    advice: "remove the line",
};

/// A parent that is none of the records.
pub(super) const UNKNOWN_PARENT: About = About {
    name: "unknown-parent",
    family: Family::Ids,
    severity: Severity::Warning,
    title: "Parents that are not among the records",
    says: "is no record's id, as all parents in this file",
    text: "parent_id is the product_id of another product. Where not one of a file's parents is among its ids, the \
           column mostly holds something else, such as the numbers that a database gives its rows, and joins nothing.",
    advice: "give the product_id of the parent, or leave the column out",
};

/// Whether a field for one id holds several.
pub(in crate::domain) fn several(text: &str, without_commas: bool) -> Option<Hint> {
    let mut separators = SEPARATORS
        .into_iter()
        .filter(|separator| !without_commas || *separator != ',');
    let separator = separators.find(|separator| text.contains(*separator))?;
    let is_id = |item: &str| {
        let item = item.trim();
        !item.is_empty() && !item.contains(char::is_whitespace)
    };
    text.split(separator).all(is_id).then_some(Hint::SeveralIds)
}

/// What stands between ids.
pub(in crate::domain) const SEPARATORS: [char; 3] = ['|', ';', ','];

/// Whether an id is what columns of ids are called.
pub(super) fn header(text: &str) -> Option<Hint> {
    const NAMES: [&str; 10] = [
        "id",
        "product_id",
        "product id",
        "item_id",
        "sku",
        "asin",
        "handle",
        "user_id",
        "user id",
        "customer_id",
    ];
    const LONGEST: usize = 11;
    let is_name = || NAMES.iter().any(|name| name.eq_ignore_ascii_case(text));
    (text.len() <= LONGEST && is_name()).then_some(Hint::HeaderAsId)
}

/// Whether an id has a form that it should not have.
pub(super) fn form(text: &str, is_product: bool) -> Option<Hint> {
    let is_odd = text.starts_with('_') || matches!(text, "." | "..") || (is_product && text.contains(','));
    is_odd.then_some(Hint::IdForm)
}

/// Whether a character takes room around a text without being seen.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

fn has_outer(text: &str) -> bool {
    let may_be = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ' || *byte >= 0x80);
    let bytes = text.as_bytes();
    (may_be(bytes.first()) || may_be(bytes.last())) && (text.starts_with(is_space) || text.ends_with(is_space))
}

/// Whether there are spaces around the cell's id, or around one in its list. Items of a list that is written with
/// separators are trimmed anyway.
pub(super) fn spaces(cell: Cell<'_>, is_list: bool) -> Option<Hint> {
    let found = match cell {
        Cell::Missing => false,
        Cell::Text(text) if !is_list => has_outer(text),
        Cell::Text(text) if !text.starts_with('[') => false,
        Cell::Text(json) | Cell::Json(json) => texts(json).any(has_outer),
    };
    found.then_some(Hint::OuterSpaces)
}

/// The cell with the spaces around its id, or around those in its list, removed; nothing is left of one that was
/// nothing but spaces.
pub fn without_outer_spaces(cell: Cell<'_>) -> Option<OwnedCell> {
    if let Some(text) = plain(cell).filter(|text| !text.starts_with('[')) {
        let trimmed = text.trim_matches(is_space);
        return Some(if trimmed.is_empty() {
            OwnedCell::Missing
        } else {
            OwnedCell::Text(trimmed.into())
        });
    }
    let (Cell::Text(json) | Cell::Json(json)) = cell else {
        return None;
    };
    let mut value: serde_json::Value = serde_json::from_str(json).ok()?;
    match &mut value {
        serde_json::Value::String(text) => return Some(OwnedCell::Text(text.trim_matches(is_space).into())),
        serde_json::Value::Array(items) => {
            for item in items {
                if let serde_json::Value::String(text) = item {
                    *text = text.trim_matches(is_space).to_owned();
                }
            }
        }
        _ => return None,
    }
    let json = value.to_string().into();
    Some(match cell {
        Cell::Text(_) => OwnedCell::Text(json),
        _ => OwnedCell::Json(json),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_cannot_be_asked_for_are_found() {
        for (id, of_products, of_users) in [
            ("P1", false, false),
            ("_ids", true, true),
            (".", true, true),
            ("..", true, true),
            ("..a", false, false),
            ("P1,P2", true, false),
        ] {
            assert_eq!(form(id, true).is_some(), of_products, "{id}");
            assert_eq!(form(id, false).is_some(), of_users, "{id}");
        }
    }

    #[test]
    fn spaces_are_found_and_removed() {
        let text = Cell::Text;
        let json = Cell::Json;
        for (cell, is_list, expect) in [
            (text(" P1"), false, Some("P1")),
            (text("P1\u{a0}"), false, Some("P1")),
            (text("P1\u{200b}"), false, Some("P1")),
            (text("  "), false, Some("")),
            (json("\"P1 \""), false, Some("P1")),
            (json(r#"["P1", "P2 "]"#), true, Some(r#"["P1","P2"]"#)),
            (text(r#"["P1 "]"#), true, Some(r#"["P1"]"#)),
            (text("P 1"), false, None),
            (text("é"), false, None),
            (text(" P1 | P2 "), true, None),
            (json(r#"["P1", "P2"]"#), true, None),
            (json("7"), false, None),
            (Cell::Missing, false, None),
        ] {
            let found = spaces(cell, is_list);
            let repaired = found.and_then(|_| without_outer_spaces(cell));
            let shown = repaired.as_ref().map(|cell| cell.as_cell().shown().into_owned());
            assert_eq!(shown.as_deref(), expect, "{cell:?}");
        }
    }
}
