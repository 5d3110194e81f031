//! What a wrong value seems to be, and how to put it right without guessing.
//!
//! - [`number`], [`date`], [`uri`]: what is recognised in a text, and how it is written right
//! - [`words`]: what people are told about a hint

mod date;
pub(super) mod number;
pub(super) mod uri;
mod words;

use super::{
    cell::{Cell, OwnedCell},
    format::Format,
    list_literal,
    record::Part,
    rules,
    schema::Node,
    transform,
    value::{self, Form},
};

/// What a wrong value seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// `12,50`
    DecimalComma,
    /// `1,299.00` or `1.299,00`
    Thousands,
    /// `$12.50`
    Currency,
    /// `15%`
    Percent,
    /// A number of JSON as a text: `738529527931269425`
    BareNumber,
    /// JSON text that holds a number: `"19.90"`
    QuotedNumber,
    /// `n/a`, `-`, `null`, `none`, `?`
    NoValue,
    /// `2023-11-07`
    BareDate,
    /// `2023-11-07 05:31:56`
    SpaceForT,
    /// `2023-11-07T05:31`
    NoSeconds,
    /// `07/11/2023`: which is the day cannot be told from one value
    OtherDateOrder,
    /// `1699334400`, seconds since 1970
    EpochSeconds,
    /// `1699334400000`, milliseconds since 1970
    EpochMillis,
    /// `2023-11-07 5:31 UTC`, `2023-11-07T05:31:56,123+0200`
    OtherTimeForm,
    /// `2023-02-30T00:00:00Z`
    ImpossibleDate,
    /// `www.example.com/a`
    NoScheme,
    /// `https://example.com/a b`, or other characters that URLs must escape
    Unescaped,
    /// `in stock` for `IN_STOCK`
    SimilarName,
    /// `"P1"` where `["P1"]` is meant
    SingleItem,
    /// ` P1 ` as an id
    OuterSpaces,
    /// `["A", "B"]` or `A / B` where `[["A", "B"]]` is meant
    FlatPath,
    /// `1970-01-01T00:00:00Z`: what an empty date becomes
    NoDate,
    /// `0212-01-01T00:00:00Z`, `1970-01-20T16:02:14Z`
    LongAgo,
    /// `2204-01-01T00:00:00Z`
    Future,
    /// `htp://example.com/a`
    OtherScheme,
    /// `<b>Lamp</b>`
    Markup,
    /// `9.78044E+12`
    Rounded,
    /// `Mar-24`
    MadeDate,
    /// `#REF!`
    SheetError,
    /// `=B2*1.19`
    Formula,
    /// `KÃ¤se`
    Garbled,
    /// `K„se`
    QuoteInWord,
    /// `joe@example.com`
    Email,
    /// `+49 170 1234567`
    Phone,
    /// `84.20.17.9`
    IpAddress,
    /// `Joe Bloggs`
    PersonName,
    /// A value of `revenue` in a click
    OfOtherType,
    /// `_P1`, `P1,P2` as an id
    IdForm,
    /// `40` as a rating
    OutOfRange,
    /// `english`
    NoLanguageCode,
    /// `""` as a `miso_id`
    EmptyText,
    /// `2023-11-07T05:31:56`
    NoZone,
    /// `null` where the published document has none
    Null,
    /// a value of `i18n_es`
    Translation,
    /// `{"a","b"}`, `['a', "b's"]`
    ListLiteral,
    /// `P1|P2` as an id
    SeveralIds,
    /// `product_id` as an id
    HeaderAsId,
    /// a sale price of 0
    ZeroPrice,
    /// a birthday
    Personal,
}

impl Hint {
    /// All hints, as `explain` lists them.
    pub const ALL: [Self; 49] = [
        Self::DecimalComma,
        Self::Thousands,
        Self::Currency,
        Self::Percent,
        Self::BareNumber,
        Self::QuotedNumber,
        Self::NoValue,
        Self::BareDate,
        Self::SpaceForT,
        Self::NoSeconds,
        Self::OtherDateOrder,
        Self::EpochSeconds,
        Self::EpochMillis,
        Self::OtherTimeForm,
        Self::ImpossibleDate,
        Self::NoScheme,
        Self::Unescaped,
        Self::SimilarName,
        Self::SingleItem,
        Self::OuterSpaces,
        Self::FlatPath,
        Self::NoDate,
        Self::LongAgo,
        Self::Future,
        Self::OtherScheme,
        Self::Markup,
        Self::Rounded,
        Self::MadeDate,
        Self::SheetError,
        Self::Formula,
        Self::Garbled,
        Self::QuoteInWord,
        Self::Email,
        Self::Phone,
        Self::IpAddress,
        Self::PersonName,
        Self::OfOtherType,
        Self::IdForm,
        Self::OutOfRange,
        Self::NoLanguageCode,
        Self::EmptyText,
        Self::NoZone,
        Self::Null,
        Self::Translation,
        Self::ListLiteral,
        Self::SeveralIds,
        Self::HeaderAsId,
        Self::ZeroPrice,
        Self::Personal,
    ];

    /// What a value that does not fit `node` seems to be.
    pub fn detect(node: &Node, cell: Cell<'_>) -> Option<Self> {
        let shown = cell.shown();
        let text = shown.trim();
        let quoted = matches!(cell, Cell::Json(json) if json.starts_with('"'));
        if Form::of(node) == Form::PathList && is_list_of_texts(text) {
            return Some(Self::FlatPath);
        }
        if matches!(cell, Cell::Json(_)) && !quoted {
            let is_text = node.formats.is_empty() && node.allowed.is_empty();
            if is_text && matches!(Form::of(node), Form::Text | Form::TextList) && transform::quoted(text).is_some() {
                return Some(Self::BareNumber);
            }
            return node.has_format(Format::DateTime).then(|| date::epoch(text)).flatten();
        }
        if means_no_value(text) {
            return Some(Self::NoValue);
        }
        if rules::is_formula(text) {
            return Some(Self::Formula);
        }
        match Form::of(node) {
            Form::TextList | Form::NumberList | Form::PathList if list_literal::parse(text).is_some() => {
                Some(Self::ListLiteral)
            }
            Form::Number if quoted && value::is_json_number(text.as_bytes()) => Some(Self::QuotedNumber),
            Form::Number => number::hint(text),
            Form::TextList | Form::NumberList if quoted => Some(Self::SingleItem),
            Form::Text if node.has_format(Format::DateTime) => date::hint(text),
            Form::Text if node.has_format(Format::Uri) => uri::hint(text),
            Form::Text if !node.allowed.is_empty() => similar(node, text).map(|_| Self::SimilarName),
            _ => None,
        }
    }

    /// What a URL that is none seems to be.
    pub(super) fn of_url(text: &str) -> Option<Self> {
        uri::hint(text)
    }

    /// The repaired cell of a column, when this hint has a repair, the result fits, and it is not what the transform
    /// makes that is wrong.
    pub fn repair(self, part: &Part, cell: Cell<'_>) -> Option<OwnedCell> {
        if part.replacement(cell).is_some() {
            return None;
        }
        let repaired = self.repaired(part.node, cell)?;
        let stays = repaired.as_cell().is_missing() || part.replacement(repaired.as_cell()).is_none();
        stays.then_some(repaired)
    }

    /// The repaired cell, when this hint has a repair and the result fits. `node` is what the schema says about the
    /// field; `None` for a person's own.
    fn repaired(self, node: Option<&Node>, cell: Cell<'_>) -> Option<OwnedCell> {
        let shown = cell.shown();
        let text = shown.trim();
        let repaired = match self {
            Self::NoValue if text.starts_with('[') => return rules::without_placeholders(cell),
            Self::NoValue | Self::NoDate | Self::SheetError | Self::EmptyText | Self::OfOtherType | Self::ZeroPrice => {
                return Some(OwnedCell::Missing);
            }
            Self::ListLiteral => {
                let json = list_literal::parse(text)?.to_string().into();
                return Some(match cell {
                    Cell::Text(_) => OwnedCell::Text(json),
                    Cell::Json(_) | Cell::Missing => OwnedCell::Json(json),
                });
            }
            Self::Null => return (cell == Cell::Json("null")).then_some(OwnedCell::Missing),
            Self::OuterSpaces => return rules::without_outer_spaces(cell),
            Self::Garbled => return rules::ungarbled(cell),
            Self::FlatPath => return rules::to_paths(cell, node.is_some_and(|node| Form::of(node) == Form::PathList)),
            Self::Markup => rules::without_markup(text)?,
            Self::SingleItem => return Some(OwnedCell::Json(format!("[{}]", serde_json::Value::from(text)).into())),
            Self::DecimalComma => text.replace(',', "."),
            Self::Thousands => number::without_thousands(text)?,
            Self::Currency => number::without_currency(text)?,
            Self::QuotedNumber => return Some(OwnedCell::Json(text.into())),
            Self::BareDate => format!("{text}T00:00:00Z"),
            Self::SpaceForT => text.replacen(' ', "T", 1),
            Self::NoSeconds => format!("{}:00{}", text.get(..16)?, text.get(16..)?),
            Self::OtherTimeForm => transform::respelled(text)?,
            Self::BareNumber if text.starts_with('[') => {
                return Some(OwnedCell::Json(transform::quoted(text)?.into()));
            }
            Self::BareNumber => text.to_owned(),
            Self::EpochSeconds => date::of_epoch(text.parse().ok()?, 0)?,
            Self::EpochMillis => {
                let millis: i64 = text.parse().ok()?;
                date::of_epoch(millis.div_euclid(1000), millis.rem_euclid(1000))?
            }
            Self::NoScheme => format!("https://{}", text.trim_start_matches("//")),
            Self::Unescaped => uri::escape(text),
            Self::SimilarName => similar(node?, text)?.to_owned(),
            Self::Percent
            | Self::OtherDateOrder
            | Self::ImpossibleDate
            | Self::LongAgo
            | Self::Future
            | Self::OtherScheme
            | Self::Rounded
            | Self::MadeDate
            | Self::Formula
            | Self::QuoteInWord
            | Self::Email
            | Self::Phone
            | Self::IpAddress
            | Self::PersonName
            | Self::IdForm
            | Self::OutOfRange
            | Self::NoLanguageCode
            | Self::NoZone
            | Self::SeveralIds
            | Self::HeaderAsId
            | Self::Personal
            | Self::Translation => return None,
        };
        Some(OwnedCell::Text(repaired.into()))
    }
}

fn means_no_value(text: &str) -> bool {
    rules::is_placeholder(text) || matches!(text, "NA" | "na" | "?") || rules::is_sheet_error(text)
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
        assert_eq!(Hint::detect(node, cell), expect, "{cell:?}");
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
