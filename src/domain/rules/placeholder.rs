//! Words that systems write where there is no value: the API takes them as the text they are.

use super::{
    CellTest, Family, FieldContext, Hint, RuleDef, Severity,
    cell_test::Concern,
    definition::{HintDef, Repair},
    hint, text,
};
use crate::domain::{
    cell::{Cell, OwnedCell},
    json,
    transform::Transform,
};

/// An id that is such a word.
pub(super) const PLACEHOLDER_ID: RuleDef = RuleDef {
    name: "placeholder-id",
    severity: Severity::Error,
    title: "Id that is a word for \"no value\"",
    says: "is a word for \"no value\", not an id",
    text: "Databases and scripts write NULL, nan, None or undefined where somebody or something has no id. The API takes \
           such a word as an id, so that all guests become one user, or all products without an id one product. That \
           is Tatami's own rule: such rows are left out until the cell is empty or has an id, unless you weigh the rule \
           otherwise.",
    advice: "empty the cell, or write the id",
    is_mended_by: |transform| matches!(transform, Transform::Values(_)),
    ..RuleDef::of(Family::Ids)
};

/// Looks at ids.
#[derive(Debug)]
pub(super) struct PlaceholderId;

impl CellTest for PlaceholderId {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.is_id().then_some(Self)
    }

    fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        find(cell, text, true)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        true
    }
}

/// Another text that is such a word.
pub(super) const PLACEHOLDER: RuleDef = RuleDef {
    name: "placeholder",
    title: "Word for \"no value\"",
    says: "is a word for \"no value\"",
    text: "Databases, spreadsheets and scripts write NULL, nan, None, N/A or a dash where there is no value. The API \
           takes the word as it stands, so that visitors see it, search finds it and filters offer it.",
    advice: "leave the cell empty when there is no value",
    is_mended_by: |transform| matches!(transform, Transform::Values(_)),
    ..RuleDef::of(Family::Text)
};

/// Looks at texts that are no ids.
#[derive(Debug)]
pub(super) struct Placeholder;

impl CellTest for Placeholder {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.is_prose().then_some(Self)
    }

    fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        find(cell, text, false)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }
}

/// What both find.
pub(super) const NO_VALUE: HintDef = HintDef::new(
    "words that mean \"no value\"",
    "leave the cell empty when there is no value",
)
.repaired(Repair::Cell(hint::EMPTY, |_, cell| {
    if cell.shown().trim().starts_with('[') {
        without_placeholders(cell)
    } else {
        Some(OwnedCell::Missing)
    }
}));

/// The longest of the words.
const LONGEST: usize = 12;

/// Whether the text, without spaces around it, is a word for "no value" wherever it stands. `None`, `Null` and `-` are
/// among them; words that are often meant (`NA` is Namibia, `0` a number) are not.
pub(in crate::domain) fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "null",
        "(null)",
        "<null>",
        "\\n",
        "nan",
        "<na>",
        "none",
        "nil",
        "undefined",
        "n/a",
        "-",
        "--",
        "---",
        "–",
        "—",
    ];
    // Nearly all texts are longer.
    text.len() <= LONGEST && {
        let text = text.trim_ascii();
        WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

/// Whether such a word can hardly be meant otherwise: nobody is called `\N`.
pub(in crate::domain) fn is_certain(text: &str) -> bool {
    is_placeholder(text)
        && !matches!(text.trim_ascii().as_bytes(), [b'-' | 0x80.., ..])
        && !text.trim_ascii().eq_ignore_ascii_case("none")
}

/// The cell without such words; `None` when it has none. Of a list the other items stay.
fn without_placeholders(cell: Cell<'_>) -> Option<OwnedCell> {
    let shown = cell.shown();
    if is_placeholder(&shown) || text::is_sheet_error(&shown) {
        return Some(OwnedCell::Missing);
    }
    let mut items: Vec<serde_json::Value> = serde_json::from_str(&shown).ok()?;
    let count = items.len();
    items.retain(|item| item.as_str().is_none_or(|item| !is_placeholder(item)));
    if items.len() == count {
        return None;
    }
    let json = serde_json::Value::from(items).to_string().into();
    Some(match cell {
        Cell::Json(_) => OwnedCell::Json(json),
        Cell::Text(_) | Cell::Missing => OwnedCell::Text(json),
    })
}

/// Whether a cell is such a word, or a list in it has one. `text` is what is [`plain`](super::plain) of the cell. An id
/// may not be an error of a spreadsheet either; elsewhere that is another rule's.
fn find(cell: Cell<'_>, text: Option<&str>, is_id: bool) -> Option<Hint> {
    let found = match (text, cell) {
        (Some(text), _) if !text.starts_with('[') => {
            is_placeholder(text) || (is_id && text.starts_with('#') && text::is_sheet_error(text))
        }
        (_, Cell::Text(list) | Cell::Json(list)) if list.starts_with('[') => json::texts(list).any(is_placeholder),
        _ => false,
    };
    found.then_some(Hint::NoValue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::plain;

    #[track_caller]
    fn check(cell: Cell<'_>, expect: bool) {
        assert_eq!(find(cell, plain(cell), true).is_some(), expect, "{cell:?}");
    }

    #[test]
    fn words_for_no_value_are_found() {
        for word in [
            "NULL",
            "\\N",
            "nan",
            "NaN",
            "None",
            "undefined",
            "-",
            "N/A",
            "#N/A",
            " null ",
            "(null)",
            "—",
        ] {
            check(Cell::Text(word), true);
            check(
                Cell::Json(&serde_json::Value::from(word).to_string()),
                !word.contains('\\'),
            );
            assert_eq!(without_placeholders(Cell::Text(word)), Some(OwnedCell::Missing));
        }
        check(Cell::Json(r#"["P1","null"]"#), true);
        let rest = without_placeholders(Cell::Json(r#"["P1","null"]"#));
        assert_eq!(rest, Some(OwnedCell::Json(r#"["P1"]"#.into())));
        check(Cell::Text(r#"["null"]"#), true);
        assert_eq!(find(Cell::Text("#N/A"), Some("#N/A"), false), None);
    }

    #[test]
    fn words_that_may_be_meant_are_left_alone() {
        for word in [
            "",
            " ",
            "NA",
            "none of these",
            "Nullarbor",
            "0",
            "No",
            "n",
            "Nana",
            "[]",
            "- Lamp",
            "null|P1",
        ] {
            check(Cell::Text(word), false);
            assert_eq!(without_placeholders(Cell::Text(word)), None);
        }
        for json in ["null", "[]", "{}", "0", r#"["P1"]"#, r#"{"a":null}"#] {
            check(Cell::Json(json), false);
        }
    }
}
