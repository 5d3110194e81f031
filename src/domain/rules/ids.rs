//! Ids join products, interactions and users; a slip in one of them breaks the join without a word.

use super::{
    CellTest, Family, FieldContext, Hint, Remedy, RuleDef,
    cell_test::Concern,
    definition::{HintDef, Repair},
    plain,
};
use crate::domain::{
    cell::{Cell, OwnedCell},
    json,
    transform::Transform,
};

/// There are spaces around an id.
pub(super) const ID_SPACES: RuleDef = RuleDef {
    name: "id-spaces",
    title: "Spaces around an id",
    says: "has spaces around it",
    text: "A space at the beginning or the end belongs to the id, so that no interaction finds its product or user. \
           Spaces that look like none (no-break and zero-width) count too.",
    advice: "remove the spaces",
    is_mended_by: |transform| *transform == Transform::Trim,
    ..RuleDef::of(Family::Ids)
};

/// Looks at ids.
#[derive(Debug)]
pub(super) struct IdSpaces {
    is_list: bool,
}

impl CellTest for IdSpaces {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_list = field.is_list();
        field.is_id().then_some(Self { is_list })
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        spaces(cell, self.is_list)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }
}

/// Spaces around a text that is no id.
pub(super) const OUTER_SPACES: RuleDef = RuleDef {
    name: "spaces",
    title: "Spaces around a text",
    says: "has spaces around it",
    text: "A space at the beginning or the end belongs to the value: a brand with one and a brand without one are two \
           brands to a filter. Spaces that look like none (no-break and zero-width) count too.",
    advice: "remove the spaces",
    is_mended_by: |transform| *transform == Transform::Trim,
    ..RuleDef::of(Family::Text)
};

/// Looks at texts that are no ids.
#[derive(Debug)]
pub(super) struct OuterSpaces {
    is_list: bool,
}

impl CellTest for OuterSpaces {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_list = field.is_list();
        // Around markup spaces are nothing.
        (field.is_prose() && field.path() != "html").then_some(Self { is_list })
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        spaces(cell, self.is_list)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }
}

/// What both find.
pub(super) const SPACES_AROUND: HintDef = HintDef::new("values with spaces around them", "remove the spaces")
    .repaired(Repair::Cell("Remove the spaces", |_, cell| without_outer_spaces(cell)));

/// Whether there are spaces around the cell's id, or around one in its list. Items of a list that is written with
/// separators are trimmed anyway.
fn spaces(cell: Cell<'_>, is_list: bool) -> Option<Hint> {
    let found = match cell {
        Cell::Missing => false,
        Cell::Text(text) if !is_list => has_outer(text),
        Cell::Text(text) if !text.starts_with('[') => false,
        Cell::Text(json) | Cell::Json(json) => json::texts(json).any(has_outer),
    };
    found.then_some(Hint::OuterSpaces)
}

fn has_outer(text: &str) -> bool {
    let may_be = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ' || *byte >= 0x80);
    let bytes = text.as_bytes();
    (may_be(bytes.first()) || may_be(bytes.last())) && (text.starts_with(is_space) || text.ends_with(is_space))
}

/// Whether a character takes room around a text without being seen.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

/// The cell with the spaces around its id, or around those in its list, removed; nothing is left of one that was
/// nothing but spaces.
fn without_outer_spaces(cell: Cell<'_>) -> Option<OwnedCell> {
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

/// The id has a form that the API advises against.
pub(super) const ID_FORM: RuleDef = RuleDef {
    name: "id-form",
    title: "Id with a comma or a leading _, or . or ..",
    says: "has a form that ids should not have",
    text: "The API's documentation asks that a product_id holds no comma and does not begin with _, and that a user_id \
           does not begin with _: commas separate ids in requests, and names that begin with _ are the API's own. A record \
           whose id is . or .. has no address of its own.",
    advice: "write the id without it, the same everywhere",
    is_mended_by: |transform| matches!(transform, Transform::First(_)),
    ..RuleDef::of(Family::Ids)
};

pub(super) const ODD_FORM: HintDef = HintDef::new(
    "ids of a form to avoid",
    "write an id without a comma and without _ at its start, which is not . or .., the same everywhere",
);

/// Looks at the ids of products and users.
#[derive(Debug)]
pub(super) struct IdForm {
    is_product: bool,
}

impl CellTest for IdForm {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_product = field.path() == "product_id";
        (is_product || field.path() == "user_id").then_some(Self { is_product })
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        form(text?, self.is_product)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        true
    }
}

/// Whether an id has a form that it should not have.
fn form(text: &str, is_product: bool) -> Option<Hint> {
    let is_odd = text.starts_with('_') || matches!(text, "." | "..") || (is_product && text.contains(','));
    is_odd.then_some(Hint::IdForm)
}

/// There is a control character within an id.
pub(super) const ID_CONTROLS: RuleDef = RuleDef {
    name: "id-controls",
    title: "Control character in an id",
    says: "holds a line break, a tab or another control character",
    text: "Line breaks, tabs and characters that nobody sees come from cells with several lines and from programs that join \
           fields. They belong to the id, so that what is typed or copied finds no record; and lists of ids with one a line \
           read such an id as two others.",
    advice: "write the id without them, the same everywhere",
    ..RuleDef::of(Family::Ids)
};

pub(super) const CONTROLS_WITHIN: HintDef = HintDef::new(
    "ids with control characters",
    "write the id without line breaks, tabs and the like, the same everywhere",
);

/// Looks at ids.
#[derive(Debug)]
pub(super) struct IdControls {
    is_list: bool,
}

impl CellTest for IdControls {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_list = field.is_list();
        field.is_id().then_some(Self { is_list })
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        controls(cell, self.is_list)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        true
    }
}

/// Whether there is a control character within the cell's id, or within one in its list; those around it are spaces.
/// Items of a list that is written with separators may have any between them.
fn controls(cell: Cell<'_>, is_list: bool) -> Option<Hint> {
    let found = match cell {
        Cell::Missing => false,
        Cell::Text(text) if !is_list => has_control_within(text),
        Cell::Text(text) if !text.starts_with('[') => false,
        Cell::Text(json) | Cell::Json(json) => json::texts(json).any(|text| {
            if text.contains('\\') {
                let unescaped = serde_json::from_str::<String>(&format!("\"{text}\""));
                unescaped.is_ok_and(|text| has_control_within(&text))
            } else {
                has_control_within(text)
            }
        }),
    };
    found.then_some(Hint::IdControls)
}

fn has_control_within(text: &str) -> bool {
    let may_be = |byte: &u8| *byte < b' ' || *byte >= 0x7f;
    text.as_bytes().iter().any(may_be) && text.trim_matches(is_space).contains(char::is_control)
}

/// Several ids in a field for one.
pub(super) const SEVERAL_IDS: RuleDef = RuleDef {
    name: "several-ids",
    title: "Several ids in a field for one",
    says: "seems to be several ids",
    text: "A field that has room for one id takes a list of them as one odd id, which joins nothing. Looked for are ids \
           with |, ; or, where a comma is not another rule's, a comma between them.",
    advice: "keep one of them, or write a row for each",
    is_mended_by: |transform| matches!(transform, Transform::First(_)),
    ..RuleDef::of(Family::Ids)
};

pub(super) const LIST_OF_IDS: HintDef = HintDef::new("several ids in one", "keep one of them, or write a row for each");

/// Looks at fields for one id of a product.
#[derive(Debug)]
pub(super) struct SeveralIds {
    /// A comma in a `product_id` is against its form already.
    without_commas: bool,
}

impl CellTest for SeveralIds {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let without_commas = field.path() == "product_id";
        let is_one = matches!(field.path(), "product_id" | "product_group_id" | "parent_id");
        is_one.then_some(Self { without_commas })
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        several(text?, self.without_commas)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        true
    }
}

/// What stands between ids.
pub(in crate::domain) const SEPARATORS: [char; 3] = ['|', ';', ','];

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

/// An id that is a column's name.
pub(super) const HEADER_AS_ID: RuleDef = RuleDef {
    name: "header-as-id",
    title: "Header that stands among the records",
    says: "is a column's name, not an id",
    text: "Files that were put together with their headers have lines of names among the records. Such a line is taken \
           as one more record, whose id and values are the names of fields.",
    advice: "remove the line",
    remedy: Remedy::LeaveRowsOut,
    ..RuleDef::of(Family::Ids)
};

pub(super) const NAME_OF_COLUMN: HintDef = HintDef::new("names of columns", "remove the line");

/// Looks at the ids of products and users.
#[derive(Debug)]
pub(super) struct HeaderAsId;

impl CellTest for HeaderAsId {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        matches!(field.path(), "product_id" | "user_id").then_some(Self)
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        header(text?)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        true
    }
}

/// Whether an id is what columns of ids are called.
fn header(text: &str) -> Option<Hint> {
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
    fn controls_within_ids_are_found() {
        let text = Cell::Text;
        let json = Cell::Json;
        for (cell, is_list, expect) in [
            (text("P\n1"), false, true),
            (text("P\u{1}1"), false, true),
            (text("P\u{85}1"), false, true),
            (text("P\u{7f}1"), false, true),
            (text("P1\n"), false, false),
            (text("Pü 1"), false, false),
            (text(r"P\n1"), false, false),
            (json(r#""P\n1""#), false, true),
            (json(r#""P\\n1""#), false, false),
            (json(r#"["P1", "P\u00002"]"#), true, true),
            (text(r#"["P\t2"]"#), true, true),
            (text("P1\nP2"), true, false),
            (json(r#"["P1", "P2"]"#), true, false),
            (Cell::Missing, false, false),
        ] {
            assert_eq!(controls(cell, is_list).is_some(), expect, "{cell:?}");
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
