//! What is done to every value of a column before it becomes a field's value. A transform never guesses: a value that
//! is not written the way it expects stays as it was, and is then judged as it stands.

mod boolean;
mod count;
mod date;
mod duration;
mod epoch;
mod list;
mod literal;
mod months;
mod number;
mod text;
mod written;

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    cell::Cell,
    value::{CustomType, Form},
};

pub(in crate::domain) use boolean::truth;
pub(in crate::domain) use date::respelled;
pub(crate) use date::{DateOrder, Offset};
pub(crate) use epoch::Unit;
pub(in crate::domain) use list::parts;
pub(crate) use number::Decimal;
pub(in crate::domain) use number::bare_of_currency;
pub(in crate::domain) use text::{quoted, trim};
pub(crate) use written::{KINDS, TransformError};

/// One way to rewrite values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transform {
    /// Without spaces, also invisible ones, around it.
    Trim,
    /// Text also where the file has a number, with all its digits: `7` → `"7"`.
    Text,
    /// A number as people write it, with thousands separators and currency sign: `1.299,00 €` → `1299.00`.
    Number(Decimal),
    /// A percentage as its number: `12,5 %` → `12.5`.
    Percent(Decimal),
    /// A percentage as a fraction: `12,5 %` → `0.125`.
    Fraction(Decimal),
    /// A date, with or without time, as RFC 3339: `23/04/2024 14:05` → `2024-04-23T14:05:00Z`.
    Date {
        /// Which of the numbers is the day.
        order: DateOrder,
        /// The zone of times that name none.
        offset: Offset,
    },
    /// The time since 1970 as RFC 3339, in UTC: `1699334400` → `2023-11-07T05:20:00Z`.
    Epoch(Unit),
    /// Words as true or false: `ja` → `true`.
    Boolean,
    /// How many there are, as whether there are any: `12` → `IN_STOCK`.
    InStock,
    /// Hours, minutes and seconds as seconds: `1:42:30` → `6150`.
    Duration,
    /// The first of the items between separators, of a field that has room for one.
    First(char),
    /// A list, from the texts between separators.
    List(char),
    /// A list as programs write it: `{"a","b"}`, `['a', "b's"]`.
    Literal,
    /// Category paths: levels between texts such as `>`, paths between separators.
    Paths {
        /// What stands between the levels of a path.
        level: String,
        /// What stands between paths.
        between: char,
    },
    /// A text in front of it, when it is no whole URL yet.
    Prefix(String),
    /// The same value in every record, whatever the cell holds.
    Constant(String),
    /// Certain values for certain others, whatever their case; an empty one leaves the field out.
    Values(BTreeMap<String, String>),
}

/// A value is not written the way a transform expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not written the way the transform expects")]
pub struct Misfit;

impl Transform {
    /// The rewritten text; an empty one means no value. `form` is what the text is to become: lists of texts are
    /// written otherwise than lists of numbers. Nothing is allocated when nothing changes.
    ///
    /// # Errors
    /// When the text is not written the way the transform expects.
    pub fn apply<'a>(&'a self, text: &'a str, form: Form) -> Result<Cow<'a, str>, Misfit> {
        let applied = match self {
            Self::Trim => Some(Cow::Borrowed(text::trim(text))),
            Self::Text => Some(Cow::Borrowed(text)),
            Self::Number(decimal) => number::plain(text, *decimal),
            Self::Percent(decimal) => number::percent(text, *decimal),
            Self::Fraction(decimal) => number::fraction(text, *decimal),
            Self::Date { order, offset } => date::rfc3339(text, *order, *offset),
            Self::Epoch(unit) => unit.rfc3339(text).map(Cow::Owned),
            Self::Boolean => boolean::truth(text).map(|is_true| Cow::Borrowed(if is_true { "true" } else { "false" })),
            Self::InStock => count::availability(text).map(Cow::Borrowed),
            Self::Duration => duration::seconds(text),
            Self::First(separator) => list::first(text, *separator).map(Cow::Borrowed),
            Self::List(separator) => Some(list::items(text, *separator, form)),
            Self::Literal => literal::items(text, form),
            Self::Paths { level, between } => list::paths(text, level, *between, form),
            Self::Prefix(prefix) => text::prefixed(text, prefix),
            Self::Constant(value) => Some(Cow::Borrowed(value.as_str())),
            Self::Values(table) => text::looked_up(text, table).map(Cow::Borrowed),
        };
        applied.ok_or(Misfit)
    }

    /// The text that takes a cell's place; `None`: the cell stays as it is. Values of a JSON file that have a type of
    /// their own are only rewritten where the transform is about them: numbers as times, listed values.
    pub fn replacement<'a>(&'a self, cell: Cell<'a>, form: Form) -> Option<Cow<'a, str>> {
        match (self, cell) {
            (Self::Constant(value), _) => Some(Cow::Borrowed(value)),
            (Self::Text, Cell::Json(json)) if !json.starts_with('"') => text::quoted(json),
            (_, Cell::Text(text)) => self.changed(text, form),
            (_, Cell::Json(json)) if json.starts_with('"') => {
                let is_same = |new: &str, old: &str| form == Form::Text && new == old;
                match cell.shown() {
                    Cow::Borrowed(text) => self.apply(text, form).ok().filter(|new| !is_same(new, text)),
                    Cow::Owned(text) => {
                        let new = self.apply(&text, form).ok()?;
                        (!is_same(&new, &text)).then(|| Cow::Owned(new.into_owned()))
                    }
                }
            }
            (Self::Epoch(_) | Self::Values(_) | Self::Prefix(_) | Self::List(_) | Self::InStock, Cell::Json(json))
                if !json.starts_with(['[', '{', 'n']) =>
            {
                self.changed(json, form)
            }
            (_, Cell::Json(_) | Cell::Missing) => None,
        }
    }

    fn changed<'a>(&'a self, text: &'a str, form: Form) -> Option<Cow<'a, str>> {
        self.apply(text, form).ok().filter(|new| new != text)
    }

    /// The type of custom attribute that comes out; `None`: any.
    pub const fn custom_type(&self) -> Option<CustomType> {
        match self {
            Self::Number(_) | Self::Percent(_) | Self::Fraction(_) | Self::Duration => Some(CustomType::Number),
            Self::Boolean => Some(CustomType::Boolean),
            Self::List(_) | Self::Literal => Some(CustomType::List),
            Self::Date { .. } | Self::Epoch(_) | Self::Prefix(_) | Self::InStock | Self::First(_) | Self::Text => {
                Some(CustomType::Text)
            }
            Self::Trim | Self::Paths { .. } | Self::Constant(_) | Self::Values(_) => None,
        }
    }

    /// Whether it leaves certain values out, and does nothing to others.
    pub(crate) fn only_leaves_out(&self) -> bool {
        matches!(self, Self::Values(table) if table.values().all(String::is_empty))
    }

    /// What it does, in a few words for people.
    pub fn title(&self) -> String {
        match self {
            Self::Trim => "Remove spaces around".to_owned(),
            Self::Text => "Numbers as text".to_owned(),
            Self::Number(decimal) => format!("Number with decimal {}", decimal.name()),
            Self::Percent(_) => "Percentage as a number".to_owned(),
            Self::Fraction(_) => "Percentage as a fraction".to_owned(),
            Self::Date { order, .. } => format!("Date, {} first", order.first()),
            Self::Epoch(unit) => format!("Time in {} since 1970", unit.name()),
            Self::Boolean => "Yes and no in words".to_owned(),
            Self::InStock => "In stock if more than 0".to_owned(),
            Self::Duration => "Duration in seconds".to_owned(),
            Self::First(separator) => format!("First item, separated by {}", list::separator_name(*separator)),
            Self::List(separator) => format!("List, separated by {}", list::separator_name(*separator)),
            Self::Literal => "List as programs write it".to_owned(),
            Self::Paths { level, .. } => format!("Category path, levels separated by {level}"),
            Self::Prefix(prefix) => format!("Put {prefix} in front"),
            Self::Constant(value) => format!("Always {value}"),
            Self::Values(table) if self.only_leaves_out() => {
                const MOST: usize = 3;
                let words: Vec<&str> = table.keys().map(String::as_str).take(MOST).collect();
                let more = match table.len() - words.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("Leave out {}{more}", words.join(", "))
            }
            Self::Values(table) if table.len() == 1 => "Value table, 1 value".to_owned(),
            Self::Values(table) => format!("Value table, {} values", table.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a transform, written as on the command line, makes of a text; `None`: the text does not fit.
    #[track_caller]
    fn check(written: &str, form: Form, text: &str, expect: Option<&str>) {
        let transform: Transform = written.parse().unwrap();
        let applied = transform.apply(text, form).ok();
        assert_eq!(applied.as_deref(), expect, "{written} of {text:?}");
    }

    #[track_caller]
    fn all(written: &str, form: Form, cases: &[(&str, &str)]) {
        for (text, expect) in cases {
            check(written, form, text, Some(expect));
        }
    }

    #[track_caller]
    fn none(written: &str, form: Form, texts: &[&str]) {
        for text in texts {
            check(written, form, text, None);
        }
    }

    #[test]
    fn numbers_of_both_worlds() {
        let comma = [
            ("12,50", "12.50"),
            ("1.299,00 €", "1299.00"),
            ("€ 1 299,5", "1299.5"),
            ("1\u{202f}234\u{202f}567,8", "1234567.8"),
            ("CHF 1'299,05", "1299.05"),
            ("-0,5", "-0.5"),
            ("\u{2212}3", "-3"),
            ("12,50-", "-12.50"),
            ("(12,50)", "-12.50"),
            ("1.299", "1299"),
            ("12,-", "12"),
            (" 7 ", "7"),
            ("1,5E+03", "1.5E+03"),
        ];
        all("decimal-comma", Form::Number, &comma);
        none(
            "decimal-comma",
            Form::Number,
            &[
                "12.50",
                "1.29,0",
                "1,2,3",
                "",
                "€",
                "abc",
                "12,",
                ",",
                "1..299",
                "12,50 per kg",
                "()",
            ],
        );
        let point = [
            ("$1,299.00", "1299.00"),
            ("USD 12.5", "12.5"),
            ("12.5 EUR", "12.5"),
            ("NT$1,299", "1299"),
            ("1 299 Kč", "1299"),
            ("1,23,456.00", "123456.00"),
            ("¥1,980", "1980"),
            (".5", ".5"),
        ];
        all("decimal-point", Form::Number, &point);
        none(
            "decimal-point",
            Form::Number,
            &["12,50", "1.299,00", "1.2.3", "12.50.1"],
        );
    }

    #[test]
    fn percentages() {
        all(
            "percent",
            Form::Number,
            &[("15%", "15"), ("12.5 %", "12.5"), ("7", "7"), ("%15", "15")],
        );
        all("percent:comma", Form::Number, &[("12,5 %", "12.5")]);
        let fractions = [
            ("15%", "0.15"),
            ("12.5 %", "0.125"),
            ("250%", "2.5"),
            ("-3%", "-0.03"),
            ("0%", "0"),
            ("100%", "1"),
        ];
        all("fraction", Form::Number, &fractions);
        none("fraction", Form::Number, &["15", "x%", "%"]);
    }

    #[test]
    fn dates_in_every_order() {
        let either = [
            ("23 Apr 2024", "2024-04-23T00:00:00Z"),
            ("April 23rd, 2024", "2024-04-23T00:00:00Z"),
            ("23. März 2024 14:05", "2024-03-23T14:05:00Z"),
            ("Tue, 07 Nov 2023 05:31:56 +0000", "2023-11-07T05:31:56Z"),
            ("Tue Nov 07 2023 05:31:56 GMT+0900 (JST)", "2023-11-07T05:31:56+09:00"),
            ("2024-04-23", "2024-04-23T00:00:00Z"),
            ("2024/4/3 9:05", "2024-04-03T09:05:00Z"),
            ("20240423", "2024-04-23T00:00:00Z"),
            ("2024年4月23日", "2024-04-23T00:00:00Z"),
            ("2024-04-23 14:05:06.250", "2024-04-23T14:05:06.250Z"),
            ("2024-04-23 14:05:06 UTC", "2024-04-23T14:05:06Z"),
            ("2024-04-23T14:05:06+02:00", "2024-04-23T14:05:06+02:00"),
            ("2024-04-23T14:05Z", "2024-04-23T14:05:00Z"),
        ];
        for order in ["date:day-first", "date:month-first", "date:year-first"] {
            all(order, Form::Text, &either);
            none(
                order,
                Form::Text,
                &[
                    "",
                    "soon",
                    "2024-02-30",
                    "Apr",
                    "32 Apr 2024",
                    "1699334400",
                    "2024-04-23 25:00",
                    "2024-04/23",
                    "12:30",
                ],
            );
        }
        let day = [
            ("03/04/2024", "2024-04-03T00:00:00Z"),
            ("3.4.24", "2024-04-03T00:00:00Z"),
            ("23-04-2024 2:05 PM", "2024-04-23T14:05:00Z"),
            ("03/04/1999 12:00 am", "1999-04-03T00:00:00Z"),
        ];
        all("date:day-first", Form::Text, &day);
        none(
            "date:day-first",
            Form::Text,
            &["04/23/2024", "31/04/2024", "1/2/3", "03/04.2024", "03/04/2024 13:00 PM"],
        );
        all(
            "date:month-first",
            Form::Text,
            &[
                ("03/04/2024", "2024-03-04T00:00:00Z"),
                ("11/7/2023 5:31 PM", "2023-11-07T17:31:00Z"),
            ],
        );
        none("date:month-first", Form::Text, &["23/04/2024"]);
        none("date:year-first", Form::Text, &["03/04/2024"]);
        all(
            "date:day-first:+09:00",
            Form::Text,
            &[
                ("03/04/2024", "2024-04-03T00:00:00+09:00"),
                ("2024-04-23 10:00Z", "2024-04-23T10:00:00Z"),
                ("23/04/2024 10:42:18 BST", "2024-04-23T10:42:18+01:00"),
                ("23.04.2024, 10:42 CEST", "2024-04-23T10:42:00+02:00"),
            ],
        );
    }

    #[test]
    fn times_since_1970() {
        all(
            "epoch:seconds",
            Form::Text,
            &[
                ("1699334400", "2023-11-07T05:20:00Z"),
                ("1699334400.25", "2023-11-07T05:20:00.250Z"),
            ],
        );
        all(
            "epoch:milliseconds",
            Form::Text,
            &[
                ("1699334400123", "2023-11-07T05:20:00.123Z"),
                (" 0 ", "1970-01-01T00:00:00Z"),
            ],
        );
        all(
            "epoch:microseconds",
            Form::Text,
            &[("1699334400123456", "2023-11-07T05:20:00.123456Z")],
        );
        none(
            "epoch:seconds",
            Form::Text,
            &["1699334400123", "soon", "", "1e9", "2023-11-07"],
        );
    }

    #[test]
    fn truths_in_words() {
        for (text, expect) in [
            ("ja", "true"),
            (" Nein ", "false"),
            ("はい", "true"),
            ("いいえ", "false"),
            ("YES", "true"),
            ("off", "false"),
            ("1", "true"),
        ] {
            check("boolean", Form::Boolean, text, Some(expect));
        }
        none("boolean", Form::Boolean, &["maybe", "", "2"]);
    }

    #[test]
    fn counts_and_durations() {
        all(
            "in-stock",
            Form::Text,
            &[
                ("12", "IN_STOCK"),
                (" 0 ", "OUT_OF_STOCK"),
                ("-3", "OUT_OF_STOCK"),
                ("4.0", "IN_STOCK"),
                ("IN_STOCK", "IN_STOCK"),
            ],
        );
        none("in-stock", Form::Text, &["many", "", "1-2 days"]);
        all(
            "duration",
            Form::Number,
            &[
                ("01:42:30", "6150"),
                ("2:05", "125"),
                ("PT1H30M", "5400"),
                ("PT2M5.5S", "125.5"),
                ("90", "90"),
                ("0:00:07.25", "7.25"),
            ],
        );
        none(
            "duration",
            Form::Number,
            &["1:75", "soon", "PT", "1:2:3:4", "", "1H", "PT5X"],
        );
    }

    #[test]
    fn lists_and_paths() {
        all(
            "list:;",
            Form::TextList,
            &[
                ("a, b; c", "a, b; c"),
                ("a|b; c", r#"["a|b","c"]"#),
                ("one", "one"),
                (r#"["a"]"#, r#"["a"]"#),
                ("x;y", "x;y"),
                (";", ""),
            ],
        );
        all("list:|", Form::TextList, &[("red, dark", r#"["red, dark"]"#)]);
        all("list:/", Form::NumberList, &[("1/2", "[1,2]"), ("01/x", r#"[1,"x"]"#)]);
        all("list:,", Form::PathList, &[("A, B", r#"[["A"],["B"]]"#)]);
        all("first:;", Form::Text, &[("a; b", "a"), (" a ", "a"), (";b", "b")]);
        none("first:;", Form::Text, &["", ";"]);
        all("list:,", Form::TextList, &[(r"a\, b,c", r#"["a, b","c"]"#)]);
        all("paths:/", Form::PathList, &[(r"A\/B/C", r#"[["A/B","C"]]"#)]);
        all(
            "paths:>:,",
            Form::PathList,
            &[("A > B, A > C", r#"[["A","B"],["A","C"]]"#)],
        );
        all(
            "list-literal",
            Form::TextList,
            &[
                ("{a,b}", r#"["a","b"]"#),
                ("['a']", r#"["a"]"#),
                (r#"["a"]"#, r#"["a"]"#),
            ],
        );
        all("list-literal", Form::NumberList, &[("{1,2.5}", "[1,2.5]")]);
        all(
            "list-literal",
            Form::PathList,
            &[("['A', 'B']", r#"[["A"],["B"]]"#), ("[['A','B']]", r#"[["A","B"]]"#)],
        );
        none("list-literal", Form::TextList, &["a, b", "[['A','B']]", "a"]);
        all("list:newline", Form::TextList, &[("a\nb", r#"["a","b"]"#)]);
        all(
            "paths:>",
            Form::PathList,
            &[("A > B | C", "A > B | C"), (r#"[["A"]]"#, r#"[["A"]]"#)],
        );
        all(
            "paths:/",
            Form::PathList,
            &[("A/B > C", r#"[["A","B > C"]]"#), ("A/B|C", r#"[["A","B"],["C"]]"#)],
        );
        all("paths:::", Form::PathList, &[("A::B", r#"[["A","B"]]"#)]);
        all("paths:>", Form::TextList, &[("A > B", r#"["A","B"]"#)]);
        none("paths:>", Form::TextList, &["A > B | C"]);
    }

    #[test]
    fn other_texts() {
        all("trim", Form::Text, &[("\u{feff} a b\u{a0}\u{200b}", "a b"), ("a", "a")]);
        let prefix = [
            ("/a", "https://x.io/a"),
            ("a", "https://x.io/a"),
            ("http://y.io/b", "http://y.io/b"),
            ("//cdn.io/c", "https://cdn.io/c"),
        ];
        all("prefix:https://x.io/", Form::Text, &prefix);
        all("prefix:https://x.io/?id=", Form::Text, &[("7", "https://x.io/?id=7")]);
        all("constant:NEW", Form::Text, &[("old", "NEW")]);
        let table = "values:in stock=IN_STOCK;sold out=OUT_OF_STOCK;n/a=";
        all(
            table,
            Form::Text,
            &[
                ("in stock", "IN_STOCK"),
                (" Sold OUT", "OUT_OF_STOCK"),
                ("n/a", ""),
                ("IN_STOCK", "IN_STOCK"),
            ],
        );
        none(table, Form::Text, &["soon"]);
    }

    #[test]
    fn nothing_is_copied_that_does_not_change() {
        for (written, text) in [
            ("decimal-comma", "12"),
            ("decimal-point", "12.5"),
            ("percent", "12.5"),
            ("date:day-first", "2024-04-23T14:05:06+02:00"),
            ("boolean", "true"),
            ("trim", "a"),
            ("prefix:https://x.io", "https://y.io"),
            ("list:|", "a|b"),
        ] {
            let transform: Transform = written.parse().unwrap();
            let form = if written == "list:|" {
                Form::TextList
            } else {
                Form::Text
            };
            assert!(
                matches!(transform.apply(text, form), Ok(Cow::Borrowed(_))),
                "{written} of {text}"
            );
        }
    }

    #[test]
    fn json_values_keep_their_type_unless_the_transform_is_about_them() {
        let check = |written: &str, form, json: &str, expect: Option<&str>| {
            let transform: Transform = written.parse().unwrap();
            assert_eq!(
                transform.replacement(Cell::Json(json), form).as_deref(),
                expect,
                "{written} of {json}"
            );
        };
        check("decimal-comma", Form::Number, "1.299", None);
        check("decimal-comma", Form::Number, r#""1.299""#, Some("1299"));
        check("decimal-point", Form::Number, r#""12.50""#, Some("12.50"));
        check(
            "epoch:milliseconds",
            Form::Text,
            "1699334400000",
            Some("2023-11-07T05:20:00Z"),
        );
        check("epoch:milliseconds", Form::Text, "null", None);
        check("trim", Form::Text, r#""a""#, None);
        check("trim", Form::Text, r#"" a\n""#, Some("a"));
        check("values:1=NEW", Form::Text, "1", Some("NEW"));
        check("constant:NEW", Form::Text, "{}", Some("NEW"));
        check("list:,", Form::TextList, r#"["a,b"]"#, None);
        check("text", Form::Text, "738529527931269425", Some("738529527931269425"));
        check("text", Form::Text, "7.3e17", None);
        check("text", Form::Text, r#""7""#, None);
        check("text", Form::TextList, r#"[1, "a"]"#, Some(r#"["1","a"]"#));
        check("text", Form::TextList, r"[1, null]", None);
    }
}
