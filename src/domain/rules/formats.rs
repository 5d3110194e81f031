//! Dates and URLs that follow their format and are still wrong.

use jiff::{ToSpan as _, civil::Date};

use super::{
    CellTest, Family, FieldContext, Hint, Remedy, RuleDef,
    definition::{HintDef, Repair},
    schema,
};
use crate::domain::{
    cell::Cell,
    format::{self, StringFormat},
};

/// The date exists, but can hardly be meant.
pub(super) const ABSURD_DATE: RuleDef = RuleDef {
    name: "absurd-date",
    title: "Date that can hardly be meant",
    says: "can hardly be meant",
    text: "The date exists, but it is what an empty or misread value becomes (January 1970, 1899-12-30, 0001-01-01), \
           or lies where nothing of the kind can: an interaction before 1995, a record made in the future, something \
           published before the year 1000 or more than ten years ahead. The engine weighs by time, so that such \
           records count for nothing or for everything.",
    advice: "correct the date, or leave the cell empty",
    ..RuleDef::of(Family::Formats)
};

pub(super) const NO_DATE: HintDef = HintDef::new(
    "dates that stand for no date",
    "leave the cell empty when there is no date",
)
.says("stands for no date")
.repaired(Repair::Empty);

pub(super) const LONG_AGO: HintDef = HintDef::new(
    "dates too long ago",
    "correct the date; one in January 1970 comes from seconds taken for milliseconds",
)
.says("is too long ago");

pub(super) const FUTURE: HintDef = HintDef::new("dates in the future", "correct the date").says("lies in the future");

/// What an empty date becomes in computers, spreadsheets and databases, in the west of Greenwich too.
const EMPTY: [&[u8; 10]; 6] = [
    b"1970-01-01",
    b"1969-12-31",
    b"1899-12-30",
    b"1899-12-31",
    b"1900-01-01",
    b"0001-01-01",
];

/// The dates of a field that can be meant, as their first ten bytes; they sort like text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AbsurdDate {
    earliest: [u8; 10],
    latest: [u8; 10],
    /// Whether the field takes dates without a time.
    takes_dates: bool,
}

impl CellTest for AbsurdDate {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        Self::at(field.path(), field.today)
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        self.judge(text?)
    }
}

impl AbsurdDate {
    /// The test of the field at a path; `today` is the day of the check.
    fn at(path: &str, today: Date) -> Option<Self> {
        // A day ahead is another time zone's today.
        let soon = today.saturating_add(1.day());
        let (earliest, latest) = match path {
            "timestamp" => ("1995-01-01", soon),
            "updated_at" => ("1990-01-01", soon),
            "created_at" => ("1000-01-01", soon),
            // Announced long before it appears, or appeared long ago.
            "published_at" => ("1000-01-01", today.saturating_add(10.years())),
            _ => return None,
        };
        let bytes = |text: &str| text.as_bytes().first_chunk().copied();
        Some(Self {
            earliest: bytes(earliest)?,
            latest: bytes(&latest.to_string())?,
            takes_dates: path != "timestamp",
        })
    }

    /// What a date outside seems to be. What is no date at all is another rule's.
    fn judge(&self, text: &str) -> Option<Hint> {
        let date: &[u8; 10] = text.as_bytes().first_chunk()?;
        let is_midnight = || text.len() == 10 || text.as_bytes().get(11..19) == Some(b"00:00:00");
        let hint = if date > &self.latest {
            Hint::Future
        } else if EMPTY.contains(&date) && (date == b"1969-12-31" || is_midnight()) {
            Hint::NoDate
        } else if date < &self.earliest || date.starts_with(b"1970-01") {
            Hint::LongAgo
        } else {
            return None;
        };
        (format::is_date_time(text) || (self.takes_dates && format::is_date(text.as_bytes()))).then_some(hint)
    }
}

/// The time has no zone.
pub(super) const ZONELESS_TIME: RuleDef = RuleDef {
    name: "zoneless-time",
    title: "Time without a zone",
    says: "has no zone and is read as UTC",
    text: "The published document asks for a zone (Z, +02:00); the service takes a time without one, and reads it as UTC. \
           A shop's export mostly means its own local time, so that everything happened some hours off.",
    advice: "add the zone: Z for UTC, or +02:00",
    remedy: Remedy::Zone,
    ..RuleDef::of(Family::Formats)
};

pub(super) const NO_ZONE: HintDef = HintDef::new("times without a zone", "add the zone: Z for UTC, or +02:00");

/// Looks at dates with a time.
#[derive(Debug)]
pub(super) struct ZonelessTime;

impl CellTest for ZonelessTime {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        field.has_format(StringFormat::DateTime).then_some(Self)
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        zoneless(text?)
    }
}

/// Whether a time has no zone. What is no time is another rule's.
fn zoneless(text: &str) -> Option<Hint> {
    // Nearly all end with it.
    if text.ends_with('Z') || text.len() < 19 {
        return None;
    }
    (format::is_date_time(text) && !format::is_zoned_date_time(text)).then_some(Hint::NoZone)
}

/// The URL is not one of the web.
pub(super) const URL_SCHEME: RuleDef = RuleDef {
    name: "url-scheme",
    title: "URL that no browser opens as a page",
    says: "does not begin with https:// or http://",
    text: "The API's format takes any scheme, so that a port (shop.example:8080/a), a slip (htp://…), a file on \
           somebody's disk or a picture written out as data: passes, although no visitor's browser can show it.",
    advice: "write the address as it stands in a browser, from https:// on",
    ..RuleDef::of(Family::Formats)
};

pub(super) const OTHER_SCHEME: HintDef = HintDef::new(
    "URLs that are not of the web",
    "write the address as it stands in a browser, from https:// on",
);

/// Looks at URLs.
#[derive(Debug)]
pub(super) struct UrlScheme {
    /// Whether another rule sees to it that it is a URL at all.
    is_checked: bool,
}

impl CellTest for UrlScheme {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_checked = field.has_format(StringFormat::Uri);
        (is_checked || field.path() == "context.page.url").then_some(Self { is_checked })
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        not_of_the_web(text?, self.is_checked)
    }
}

/// What a URL that no browser opens as a page seems to be. What is no URL at all is another rule's, unless the field
/// takes any text (`is_checked` is false).
fn not_of_the_web(text: &str, is_checked: bool) -> Option<Hint> {
    let has = |scheme: &str| {
        let start = text.as_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    if has("https://") || has("http://") || text.is_empty() {
        return None;
    }
    if !format::is_uri(text) {
        return (!is_checked && schema::uri::hint(text) == Some(Hint::NoScheme)).then_some(Hint::NoScheme);
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_host = scheme.contains('.') || (scheme == "localhost" && rest.starts_with(|c: char| c.is_ascii_digit()));
    Some(if is_host { Hint::NoScheme } else { Hint::OtherScheme })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check_date(path: &str, text: &str, expect: Option<Hint>) {
        let span = AbsurdDate::at(path, date(2024, 6, 1)).unwrap();
        assert_eq!(span.judge(text), expect, "{path} {text}");
    }

    #[test]
    fn dates_that_cannot_be_meant_are_found() {
        check_date("timestamp", "1970-01-01T00:00:00Z", Some(Hint::NoDate));
        check_date("timestamp", "1969-12-31T19:00:00-05:00", Some(Hint::NoDate));
        check_date("timestamp", "1970-01-20T16:02:14Z", Some(Hint::LongAgo));
        check_date("published_at", "1970-01-01T08:00:00Z", Some(Hint::LongAgo));
        check_date("timestamp", "1899-12-30T00:00:00Z", Some(Hint::NoDate));
        check_date("timestamp", "1994-12-31T23:59:59Z", Some(Hint::LongAgo));
        check_date("timestamp", "1995-01-01T00:00:00Z", None);
        check_date("timestamp", "2024-06-02T10:00:00+14:00", None);
        check_date("timestamp", "2024-06-03T00:00:00Z", Some(Hint::Future));
        check_date("created_at", "9999-12-31T00:00:00Z", Some(Hint::Future));
        check_date("created_at", "1650-05-01T00:00:00Z", None);
        check_date("updated_at", "1650-05-01T00:00:00Z", Some(Hint::LongAgo));
        check_date("published_at", "1813-01-28T00:00:00Z", None);
        check_date("published_at", "1970-02-01T00:00:00Z", None);
        check_date("published_at", "0001-01-01T00:00:00Z", Some(Hint::NoDate));
        check_date("published_at", "0212-01-01T00:00:00Z", Some(Hint::LongAgo));
        check_date("published_at", "2030-01-01T00:00:00Z", None);
        check_date("published_at", "2034-06-02T00:00:00Z", Some(Hint::Future));
        check_date("created_at", "1970-01-01", Some(Hint::NoDate));
        check_date("published_at", "0212-01-01", Some(Hint::LongAgo));
        check_date("updated_at", "2024-05-31", None);
        // What is no date and time is an error already.
        for text in ["1970-01-01", "9999", "n/a", "2024-13-01T00:00:00Z", ""] {
            check_date("timestamp", text, None);
        }
        assert_eq!(AbsurdDate::at("title", date(2024, 6, 1)), None);
    }

    #[test]
    fn urls_that_are_not_of_the_web_are_found() {
        for (text, checked, open) in [
            ("https://shop.example/a", None, None),
            ("HTTP://shop.example", None, None),
            ("shop.example:8080/a", Some(Hint::NoScheme), Some(Hint::NoScheme)),
            ("localhost:3000/a", Some(Hint::NoScheme), Some(Hint::NoScheme)),
            ("htp://shop.example/a", Some(Hint::OtherScheme), Some(Hint::OtherScheme)),
            ("file:///C:/a.png", Some(Hint::OtherScheme), Some(Hint::OtherScheme)),
            (
                "data:image/png;base64,AAAA",
                Some(Hint::OtherScheme),
                Some(Hint::OtherScheme),
            ),
            // An error already where the field must be a URL.
            ("www.shop.example/a", None, Some(Hint::NoScheme)),
            ("//cdn.shop.example/a.jpg", None, Some(Hint::NoScheme)),
            ("/p/1", None, None),
            ("none", None, None),
            ("", None, None),
        ] {
            assert_eq!(not_of_the_web(text, true), checked, "{text}");
            assert_eq!(not_of_the_web(text, false), open, "{text}");
        }
    }
}
