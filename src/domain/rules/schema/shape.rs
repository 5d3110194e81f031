//! What a value that does not fit its field seems to be, told by its shape.

use super::{Hint, date, number, uri};
use crate::domain::{
    cell::{Cell, OwnedCell},
    format::StringFormat,
    json, list_literal,
    rules::{
        definition::{HintDef, Repair},
        placeholder, text,
    },
    schema::Node,
    transform,
    value::Form,
};

pub(in crate::domain::rules) const BARE_NUMBER: HintDef = HintDef::new(
    "numbers in the place of text",
    "put the number in quotes, with all its digits",
)
.repaired(Repair::Cell("Make them text", |_, cell| {
    let shown = cell.shown();
    let number = shown.trim();
    Some(if number.starts_with('[') {
        OwnedCell::Json(transform::quoted(number)?.into())
    } else {
        OwnedCell::Text(number.into())
    })
}));

pub(in crate::domain::rules) const QUOTED_NUMBER: HintDef =
    HintDef::new("numbers in quotes", "write the number without quotes")
        .repaired(Repair::Cell("Remove the quotes", |_, cell| {
            Some(OwnedCell::Json(cell.shown().trim().into()))
        }));

pub(in crate::domain::rules) const SIMILAR_NAME: HintDef =
    HintDef::new("names written differently", "write the name exactly as listed")
        .repaired(Repair::Cell("Use the listed names", |node, cell| {
            Some(OwnedCell::Text(similar(node?, cell.shown().trim())?.into()))
        }));

pub(in crate::domain::rules) const SINGLE_ITEM: HintDef = HintDef::new(
    "single values where a list is expected",
    "put the value into a list",
)
.repaired(Repair::Cell("Make lists", |_, cell| {
    let item = serde_json::Value::from(cell.shown().trim());
    Some(OwnedCell::Json(format!("[{item}]").into()))
}));

pub(in crate::domain::rules) const LIST_LITERAL: HintDef = HintDef::new(
    "lists in another notation",
    "write the list as JSON: [\"a\", \"b\"], or its items with | between them",
)
.repaired(Repair::Cell("Make lists", |_, cell| {
    let json = list_literal::parse(cell.shown().trim())?.to_string().into();
    Some(match cell {
        Cell::Text(_) => OwnedCell::Text(json),
        Cell::Json(_) | Cell::Missing => OwnedCell::Json(json),
    })
}));

/// What a value that does not fit `node` seems to be.
pub(super) fn detect(node: &Node, cell: Cell<'_>) -> Option<Hint> {
    let shown = cell.shown();
    let text = shown.trim();
    let quoted = matches!(cell, Cell::Json(json) if json.starts_with('"'));
    if Form::of(node) == Form::PathList && is_list_of_texts(text) {
        return Some(Hint::FlatPath);
    }
    if matches!(cell, Cell::Json(_)) && !quoted {
        let is_text = node.formats.is_empty() && node.allowed.is_empty();
        if is_text && matches!(Form::of(node), Form::Text | Form::TextList) && transform::quoted(text).is_some() {
            return Some(Hint::BareNumber);
        }
        return node
            .has_format(StringFormat::DateTime)
            .then(|| date::epoch(text))
            .flatten();
    }
    if means_no_value(text) {
        return Some(Hint::NoValue);
    }
    if text::is_formula(text) {
        return Some(Hint::Formula);
    }
    match Form::of(node) {
        Form::TextList | Form::NumberList | Form::PathList if list_literal::parse(text).is_some() => {
            Some(Hint::ListLiteral)
        }
        Form::Number if quoted && json::is_number(text.as_bytes()) => Some(Hint::QuotedNumber),
        Form::Number => number::hint(text),
        Form::TextList | Form::NumberList if quoted => Some(Hint::SingleItem),
        Form::Text if node.has_format(StringFormat::DateTime) => date::hint(text),
        Form::Text if node.has_format(StringFormat::Uri) => uri::hint(text),
        Form::Text if !node.allowed.is_empty() => similar(node, text).map(|_| Hint::SimilarName),
        _ => None,
    }
}

fn means_no_value(text: &str) -> bool {
    placeholder::is_placeholder(text) || matches!(text, "NA" | "na" | "?") || text::is_sheet_error(text)
}

/// Whether the text is a JSON list of texts, and not empty.
fn is_list_of_texts(text: &str) -> bool {
    text.starts_with('[') && serde_json::from_str(text).is_ok_and(|items: Vec<String>| !items.is_empty())
}

/// The allowed name that differs from the text only in case and separators.
fn similar<'a>(node: &'a Node, text: &str) -> Option<&'a str> {
    let plain = |name: &str| -> String {
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(text);
    node.allowed
        .iter()
        .find(|allowed| plain(allowed) == wanted)
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{dataset::Dataset, schema::Schema};

    fn check(field: &str, cell: Cell<'_>, expect: Option<Hint>, repaired: Option<&str>) {
        let node = Schema::of(Dataset::Products).node(field);
        let node = node.or_else(|| Schema::of(Dataset::Interactions).node(field)).unwrap();
        assert_eq!(detect(node, cell), expect, "{cell:?}");
        let repair = expect
            .and_then(|hint| hint.repaired(Some(node), cell))
            .map(|cell| cell.as_cell().shown().into_owned());
        assert_eq!(repair.as_deref(), repaired, "{cell:?}");
    }

    #[test]
    fn mistakes_are_recognised_and_repaired() {
        use Hint as H;
        let text = Cell::Text;
        check("sale_price", text("12,50"), Some(H::DecimalComma), Some("12.50"));
        check("sale_price", text("1,299"), Some(H::Thousands), Some("1299"));
        check("sale_price", text("1.299,00"), Some(H::Thousands), Some("1299.00"));
        check("sale_price", text("1,299.00"), Some(H::Thousands), Some("1299.00"));
        check("sale_price", text("$12.50"), Some(H::Currency), Some("12.50"));
        check("sale_price", text("1 299,00 €"), Some(H::Currency), Some("1299.00"));
        check("sale_price", text("1.299 €"), None, None);
        check("sale_price", text("€0.299"), Some(H::Currency), Some("0.299"));
        check("sale_price", text("15%"), Some(H::Percent), None);
        check("sale_price", text("N/A"), Some(H::NoValue), Some(""));
        check("sale_price", text("cheap"), None, None);
        check(
            "sale_price",
            Cell::Json("\"19.90\""),
            Some(H::QuotedNumber),
            Some("19.90"),
        );
        check(
            "timestamp",
            text("2023-11-07"),
            Some(H::BareDate),
            Some("2023-11-07T00:00:00Z"),
        );
        check(
            "created_at",
            text("2023-11-07 05:31:56"),
            Some(H::SpaceForT),
            Some("2023-11-07T05:31:56"),
        );
        check(
            "created_at",
            text("2023-11-07T05:31Z"),
            Some(H::NoSeconds),
            Some("2023-11-07T05:31:00Z"),
        );
        check("created_at", text("07/11/2023"), Some(H::OtherDateOrder), None);
        for (written, repaired) in [
            ("2023-11-07 8:05 UTC", "2023-11-07T08:05:00Z"),
            ("2023-11-07T05:31:56+0200", "2023-11-07T05:31:56+02:00"),
            ("2023-11-07T05:31:56,123Z", "2023-11-07T05:31:56.123Z"),
            ("2023-11-07T05:31:56.029:Z", "2023-11-07T05:31:56.029Z"),
            ("2023-11-07 8:05", "2023-11-07T08:05:00"),
        ] {
            check("created_at", text(written), Some(H::OtherTimeForm), Some(repaired));
        }
        check("created_at", text("2023-13-07 8:05"), Some(H::ImpossibleDate), None);
        check("created_at", text("2023-11-07 25:05"), Some(H::ImpossibleDate), None);
        check("created_at", text("2023-11-07 or so"), None, None);
        let digits = Cell::Json("738529527931269425");
        check("product_id", digits, Some(H::BareNumber), Some("738529527931269425"));
        check("product_id", Cell::Json("7.3e17"), None, None);
        check(
            "tags",
            Cell::Json("[1,\"a\"]"),
            Some(H::BareNumber),
            Some("[\"1\",\"a\"]"),
        );
        check(
            "created_at",
            text("1699335116"),
            Some(H::EpochSeconds),
            Some("2023-11-07T05:31:56Z"),
        );
        check(
            "created_at",
            text("1699335116250"),
            Some(H::EpochMillis),
            Some("2023-11-07T05:31:56.250Z"),
        );
        check(
            "created_at",
            text("2023-02-30T00:00:00Z"),
            Some(H::ImpossibleDate),
            None,
        );
        check(
            "url",
            text("www.example.com/a"),
            Some(H::NoScheme),
            Some("https://www.example.com/a"),
        );
        check(
            "url",
            text("https://example.com/a b"),
            Some(H::Unescaped),
            Some("https://example.com/a%20b"),
        );
        check("url", text("photo.jpg or so"), None, None);
        check("availability", text("in stock"), Some(H::SimilarName), Some("IN_STOCK"));
        check("availability", text("sometimes"), None, None);
        check("tags", Cell::Json("\"cute\""), Some(H::SingleItem), Some("[\"cute\"]"));
    }
}
