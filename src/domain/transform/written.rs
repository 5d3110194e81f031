//! Transforms as they are written: on the command line and in recipes (`date:day-first:+02:00`); a table of values
//! stands in a recipe as an object.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
};

use super::{DateOrder, Decimal, Transform, Unit};

/// Every kind of transform as it is written, and what it does; as `explain` lists them.
pub(crate) const KINDS: [(&str, &str); 18] = [
    ("trim", "removes spaces around values, also invisible ones"),
    (
        "text",
        "738529527931269425 becomes \"738529527931269425\", with all its digits",
    ),
    ("decimal-comma", "1.299,00 € becomes 1299.00"),
    ("decimal-point", "$1,299.00 becomes 1299.00"),
    (
        "percent[:comma]",
        "12.5 % becomes 12.5; with a decimal comma, percent:comma",
    ),
    ("fraction[:comma]", "12.5 % becomes 0.125"),
    (
        "date:ORDER[:ZONE]",
        "dates become RFC 3339; ORDER is day-first, month-first or year-first, ZONE is Z or such as +02:00",
    ),
    (
        "epoch:UNIT",
        "a time since 1970 becomes RFC 3339; UNIT is seconds, milliseconds or microseconds",
    ),
    ("boolean", "words such as yes, ja, はい become true or false"),
    (
        "in-stock",
        "a count becomes IN_STOCK when it is more than 0, and OUT_OF_STOCK otherwise",
    ),
    ("duration", "1:42:30 and PT1H42M30S become 6150 seconds"),
    (
        "first:SEPARATOR",
        "the first item of several, for a field that has room for one; SEPARATOR as for list",
    ),
    (
        "list:SEPARATOR",
        "text becomes a list; SEPARATOR is one character, newline or tab",
    ),
    ("list-literal", "{\"a\",\"b\"} and ['a', 'b'] become lists"),
    (
        "paths:LEVEL[:BETWEEN]",
        "A > B | C becomes category paths; LEVEL is such as >, BETWEEN one character",
    ),
    ("prefix:TEXT", "puts TEXT in front of values that are no whole URL"),
    ("constant:TEXT", "the same value in every record"),
    (
        "values:OLD=NEW;OLD=NEW",
        "certain values for others; in a recipe an object",
    ),
];

/// Why words are no transform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// There is no transform of that name.
    #[error(
        "there is no transform \"{0}\"; there are trim, text, decimal-comma, decimal-point, percent, fraction, date, epoch, boolean, in-stock, duration, first, list, list-literal, paths, prefix, constant and values"
    )]
    Unknown(String),
    /// What follows the name is not what it needs.
    #[error("\"{written}\" is no transform: {expected}")]
    Argument {
        /// What was written.
        written: String,
        /// What belongs there.
        expected: &'static str,
    },
}

impl FromStr for Transform {
    type Err = TransformError;

    fn from_str(written: &str) -> Result<Self, TransformError> {
        let (name, argument) = written
            .split_once(':')
            .map_or((written, None), |(name, argument)| (name, Some(argument)));
        let wrong = |expected| TransformError::Argument {
            written: written.to_owned(),
            expected,
        };
        let decimal = || match argument {
            None | Some("point") => Ok(Decimal::Point),
            Some("comma") => Ok(Decimal::Comma),
            Some(_) => Err(wrong("only comma or point may follow")),
        };
        let bare = |transform| match argument {
            None => Ok(transform),
            Some(_) => Err(wrong("nothing may follow its name")),
        };
        match name {
            "trim" => bare(Self::Trim),
            "text" => bare(Self::Text),
            "decimal-comma" => bare(Self::Number(Decimal::Comma)),
            "decimal-point" => bare(Self::Number(Decimal::Point)),
            "boolean" => bare(Self::Boolean),
            "in-stock" => bare(Self::InStock),
            "duration" => bare(Self::Duration),
            "list-literal" => bare(Self::Literal),
            "percent" => decimal().map(Self::Percent),
            "fraction" => decimal().map(Self::Fraction),
            "date" => {
                let expected = "write date:day-first, date:month-first or date:year-first, and a zone after that if needed: date:day-first:+02:00";
                date(argument.unwrap_or_default()).ok_or_else(|| wrong(expected))
            }
            "epoch" => {
                let unit = Unit::ALL.into_iter().find(|unit| Some(unit.name()) == argument);
                unit.map(Self::Epoch)
                    .ok_or_else(|| wrong("write epoch:seconds, epoch:milliseconds or epoch:microseconds"))
            }
            "first" => argument
                .and_then(separator)
                .map(Self::First)
                .ok_or_else(|| wrong("write the one character between items, such as first:; (or newline, tab)")),
            "list" => argument
                .and_then(separator)
                .map(Self::List)
                .ok_or_else(|| wrong("write the one character between items, such as list:; (or newline, tab)")),
            "paths" => argument
                .and_then(paths)
                .ok_or_else(|| wrong("write what stands between levels, such as paths:>")),
            "prefix" => match argument.filter(|text| !text.is_empty()) {
                Some(text) => Ok(Self::Prefix(text.to_owned())),
                None => Err(wrong(
                    "write the text to put in front, such as prefix:https://example.com/",
                )),
            },
            "constant" => match argument.filter(|text| !text.is_empty()) {
                Some(text) => Ok(Self::Constant(text.to_owned())),
                None => Err(wrong("write the value, such as constant:NEW")),
            },
            "values" => argument
                .and_then(values)
                .ok_or_else(|| wrong("write the values with = between old and new and ; between pairs")),
            _ => Err(TransformError::Unknown(name.to_owned())),
        }
    }
}

fn date(argument: &str) -> Option<Transform> {
    let (order, offset) = argument
        .split_once(':')
        .map_or((argument, "Z"), |(order, offset)| (order, offset));
    let order = DateOrder::ALL.into_iter().find(|known| known.name() == order)?;
    let offset = offset.parse().ok()?;
    Some(Transform::Date { order, offset })
}

fn separator(written: &str) -> Option<char> {
    match written {
        "newline" => Some('\n'),
        "tab" => Some('\t'),
        "space" => Some(' '),
        _ => {
            let mut characters = written.chars();
            characters.next().filter(|_| characters.next().is_none())
        }
    }
}

const fn separator_name(separator: char) -> Option<&'static str> {
    match separator {
        '\n' => Some("newline"),
        '\t' => Some("tab"),
        ' ' => Some("space"),
        _ => None,
    }
}

/// `>`, `>:;`, or `::`, which is a level of its own.
fn paths(argument: &str) -> Option<Transform> {
    let split = argument
        .rsplit_once(':')
        .filter(|(level, _)| !level.is_empty() && *level != ":")
        .and_then(|(level, between)| Some((level, separator(between)?)));
    let (level, between) = split.unwrap_or((argument, '|'));
    let level = level.trim();
    (!level.is_empty()).then(|| Transform::Paths {
        level: level.to_owned(),
        between,
    })
}

fn values(argument: &str) -> Option<Transform> {
    let pairs = argument.split(';').filter(|pair| !pair.trim().is_empty());
    let pair = |pair: &str| {
        let (old, new) = pair.split_once('=')?;
        Some((old.trim().to_owned(), new.trim().to_owned()))
    };
    let table: BTreeMap<String, String> = pairs.map(pair).collect::<Option<_>>()?;
    (!table.is_empty()).then_some(Transform::Values(table))
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |decimal: &Decimal| if *decimal == Decimal::Comma { ":comma" } else { "" };
        match self {
            Self::Trim => f.write_str("trim"),
            Self::Text => f.write_str("text"),
            Self::Number(decimal) => write!(f, "decimal-{}", decimal.name()),
            Self::Percent(decimal) => write!(f, "percent{}", comma(decimal)),
            Self::Fraction(decimal) => write!(f, "fraction{}", comma(decimal)),
            Self::Date { order, offset } if offset.0 == 0 => write!(f, "date:{}", order.name()),
            Self::Date { order, offset } => write!(f, "date:{}:{offset}", order.name()),
            Self::Epoch(unit) => write!(f, "epoch:{}", unit.name()),
            Self::Boolean => f.write_str("boolean"),
            Self::InStock => f.write_str("in-stock"),
            Self::Duration => f.write_str("duration"),
            Self::Literal => f.write_str("list-literal"),
            Self::First(separator) => {
                let name = separator_name(*separator).map_or_else(|| Cow::Owned(separator.to_string()), Cow::Borrowed);
                write!(f, "first:{name}")
            }
            Self::List(separator) => {
                let name = separator_name(*separator).map_or_else(|| Cow::Owned(separator.to_string()), Cow::Borrowed);
                write!(f, "list:{name}")
            }
            Self::Paths { level, between: '|' } => write!(f, "paths:{level}"),
            Self::Paths { level, between } => {
                let name = separator_name(*between).map_or_else(|| Cow::Owned(between.to_string()), Cow::Borrowed);
                write!(f, "paths:{level}:{name}")
            }
            Self::Prefix(text) => write!(f, "prefix:{text}"),
            Self::Constant(text) => write!(f, "constant:{text}"),
            Self::Values(table) => {
                let pairs: Vec<String> = table.iter().map(|(old, new)| format!("{old}={new}")).collect();
                write!(f, "values:{}", pairs.join(";"))
            }
        }
    }
}

impl Serialize for Transform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Values(table) => table.serialize(serializer),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Transform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenTransform)
    }
}

struct WrittenTransform;

impl<'de> Visitor<'de> for WrittenTransform {
    type Value = Transform;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a transform such as \"decimal-comma\", or an object of old and new values")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Transform, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Transform, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((old, new)) = map.next_entry()? {
            table.insert(old, new);
        }
        Ok(Transform::Values(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_read_as_they_are_written() {
        for written in [
            "trim",
            "text",
            "decimal-comma",
            "decimal-point",
            "percent",
            "percent:comma",
            "fraction",
            "date:day-first",
            "date:month-first:-05:30",
            "epoch:milliseconds",
            "boolean",
            "in-stock",
            "duration",
            "first:,",
            "first:newline",
            "list:;",
            "list::",
            "list:newline",
            "paths:>",
            "paths:/:;",
            "paths:::",
            "prefix:https://x.io/?a=b:c",
            "constant:a b",
            "values:in stock=IN_STOCK;n/a=",
        ] {
            let transform: Transform = written.parse().unwrap();
            assert_eq!(transform.to_string(), written);
            let json = serde_json::to_string(&transform).unwrap();
            assert_eq!(serde_json::from_str::<Transform>(&json).unwrap(), transform, "{json}");
        }
    }

    #[test]
    fn other_words_are_refused_with_a_reason() {
        let error = |written: &str| written.parse::<Transform>().unwrap_err().to_string();
        insta::assert_snapshot!(error("upper"), @r#"there is no transform "upper"; there are trim, text, decimal-comma, decimal-point, percent, fraction, date, epoch, boolean, in-stock, duration, first, list, list-literal, paths, prefix, constant and values"#);
        insta::assert_snapshot!(error("trim:x"), @r#""trim:x" is no transform: nothing may follow its name"#);
        insta::assert_snapshot!(error("date"), @r#""date" is no transform: write date:day-first, date:month-first or date:year-first, and a zone after that if needed: date:day-first:+02:00"#);
        insta::assert_snapshot!(error("date:day-first:Berlin"), @r#""date:day-first:Berlin" is no transform: write date:day-first, date:month-first or date:year-first, and a zone after that if needed: date:day-first:+02:00"#);
        insta::assert_snapshot!(error("epoch:days"), @r#""epoch:days" is no transform: write epoch:seconds, epoch:milliseconds or epoch:microseconds"#);
        insta::assert_snapshot!(error("list:ab"), @r#""list:ab" is no transform: write the one character between items, such as list:; (or newline, tab)"#);
        insta::assert_snapshot!(error("percent:dot"), @r#""percent:dot" is no transform: only comma or point may follow"#);
        insta::assert_snapshot!(error("values:a"), @r#""values:a" is no transform: write the values with = between old and new and ; between pairs"#);
        for written in [
            "list",
            "list:",
            "paths:",
            "prefix:",
            "constant",
            "values:",
            "epoch",
            "boolean:ja",
        ] {
            assert!(written.parse::<Transform>().is_err(), "{written}");
        }
    }
}
