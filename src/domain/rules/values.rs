//! Values that the API takes, but does not mean.

use super::{
    CellTest, Evidence, Family, FieldContext, Hint, RecordContext, Remedy, RowTest, RuleDef,
    definition::{HintDef, Repair},
    row_test::is_missing,
};
use crate::domain::{cell::Cell, schema, value};

/// The number is not one that is meant.
pub(super) const RANGE: RuleDef = RuleDef {
    name: "range",
    title: "Number out of range",
    says: "is out of range",
    text: "The API's documentation says that ratings go from 0 to 5 and quantities are positive; latitudes lie between -90 \
           and 90, longitudes between -180 and 180. Other numbers are taken, and mislead the engine.",
    advice: "correct the number, or convert the scale",
    ..RuleDef::of(Family::Fields)
};

pub(super) const OUT_OF_RANGE: HintDef =
    HintDef::new("numbers out of range", "correct the number, or convert the scale");

/// Looks at fields whose numbers have limits.
#[derive(Debug)]
pub(super) struct OutOfRange(schema::Range);

impl CellTest for OutOfRange {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.part.range().map(Self)
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        out_of_range(cell, &self.0)
    }
}

/// Whether a number, or one in a list, is out of range. What is no number is another rule's.
fn out_of_range(cell: Cell<'_>, range: &schema::Range) -> Option<Hint> {
    let is_out = |text: &str| {
        let number = value::number(text).and_then(|number| number.parse().ok());
        number.is_some_and(|number: f64| !range.contains(number))
    };
    let found = match cell {
        Cell::Missing => false,
        Cell::Text(text) | Cell::Json(text) => match text.trim().strip_prefix('[') {
            Some(list) => list.trim_end_matches(']').split(',').any(is_out),
            None if matches!(cell, Cell::Text(_)) => value::items(text).any(is_out),
            None => is_out(text),
        },
    };
    found.then_some(Hint::OutOfRange)
}

/// The language is none that has a code.
pub(super) const LANGUAGE: RuleDef = RuleDef {
    name: "language",
    title: "Language without a code",
    says: "is not a two-letter code of ISO 639-1",
    text: "language takes the two letters of ISO 639-1, such as en or ja. Anything else is taken, but the texts are not \
           analysed in their language.",
    advice: "write the two letters, such as en for English",
    ..RuleDef::of(Family::Fields)
};

pub(super) const NO_LANGUAGE_CODE: HintDef = HintDef::new(
    "languages without a code",
    "write the two letters, such as en for English",
);

/// Looks at the language.
#[derive(Debug)]
pub(super) struct Language;

impl CellTest for Language {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        (field.path() == "language").then_some(Self)
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        unknown_language(text?)
    }
}

/// The two letters of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja \
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn \
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th \
    ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Whether a language has no code of two letters.
fn unknown_language(text: &str) -> Option<Hint> {
    let is_known = text.len() == 2 && LANGUAGES.split_ascii_whitespace().any(|code| code == text);
    (text.len() >= 2 && !is_known).then_some(Hint::NoLanguageCode)
}

/// A product without a title among others that have one.
pub(super) const UNTITLED: RuleDef = RuleDef {
    name: "untitled",
    title: "Record without a title, where most have one",
    says: "is missing",
    text: "In a file whose products have titles, a row without one is often of another kind: a variant, a further picture, \
           a field of the row above. The API takes it as a product that nobody can find.",
    advice: "fill the title in, or leave the row out",
    evidence: Evidence::Rows,
    remedy: Remedy::LeaveRowsOut,
    // Where most have none, a title is not what makes a record.
    holds: Some(|untitled, rows| untitled * 2 < rows),
    explain: |broken| broken.sentence("There is no title, and most records have one; fill it in, or leave the row out"),
    ..RuleDef::of(Family::Fields)
};

/// Looks at the titles of products.
#[derive(Debug)]
pub(super) struct Untitled(usize);

impl RowTest for Untitled {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        record.column_of_products("title").map(Self)
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        if is_missing(cells, Some(self.0)) {
            report(Some(self.0), None);
        }
    }
}

/// A sale price of 0 beside a price.
pub(super) const ZERO_PRICE: RuleDef = RuleDef {
    name: "zero-sale-price",
    title: "Sale price of 0 beside a price",
    says: "is 0, and the product has a price",
    text: "Shop systems write 0 where there is no sale. Sent, the product is free: it is sorted first by price, and \
           shown as on sale.",
    advice: "leave the cell empty when there is no sale",
    ..RuleDef::of(Family::Fields)
};

pub(super) const PRICE_OF_ZERO: HintDef =
    HintDef::new("sale prices of 0", "leave the cell empty when there is no sale").repaired(Repair::Empty);

/// Looks at the sale price of products that have another price.
#[derive(Debug)]
pub(super) struct ZeroPrice {
    sale: usize,
    original: usize,
}

impl RowTest for ZeroPrice {
    fn of(record: &RecordContext<'_>) -> Option<Self> {
        Some(Self {
            sale: record.column_of_products("sale_price")?,
            original: record.plan.column_of("original_price")?,
        })
    }

    fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Option<usize>, Option<Hint>)) {
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        let original = cell(self.original);
        if is_zero(cell(self.sale)) && !original.is_missing() && !is_zero(original) {
            report(Some(self.sale), Some(Hint::ZeroPrice));
        }
    }
}

/// Whether a cell says 0, however it is written.
fn is_zero(cell: Cell<'_>) -> bool {
    let (Cell::Text(text) | Cell::Json(text)) = cell else {
        return false;
    };
    let number = value::number(text).and_then(|number| number.parse().ok());
    text.contains('0') && number.is_some_and(|number: f64| number == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schema::Range;

    #[test]
    fn numbers_out_of_range_are_found() {
        let rating = Range {
            minimum: Some(0.0),
            maximum: Some(5.0),
            above: None,
        };
        let quantity = Range {
            above: Some(0.0),
            ..Range::default()
        };
        for (cell, range, expect) in [
            (Cell::Text("5"), rating, false),
            (Cell::Text("5.1"), rating, true),
            (Cell::Text("-1"), rating, true),
            (Cell::Text("good"), rating, false),
            (Cell::Json("4"), rating, false),
            (Cell::Json("40"), rating, true),
            (Cell::Json("null"), rating, false),
            (Cell::Json("[1, 2]"), quantity, false),
            (Cell::Json("[1, 0]"), quantity, true),
            (Cell::Text("1|-2"), quantity, true),
            (Cell::Text("1|2"), quantity, false),
        ] {
            assert_eq!(out_of_range(cell, &range).is_some(), expect, "{cell:?}");
        }
    }

    #[test]
    fn languages_without_a_code_are_found() {
        for (text, expect) in [
            ("en", false),
            ("ja", false),
            ("EN", true),
            ("xx", true),
            ("english", true),
            ("en-US", true),
            ("e", false),
        ] {
            assert_eq!(unknown_language(text).is_some(), expect, "{text}");
        }
    }
}
