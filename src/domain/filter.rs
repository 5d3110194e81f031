//! What people narrow a table to: conditions on the values of its columns.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{number, text_query::TextQuery};

/// Rows are shown when their value in a column is as wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnFilter {
    /// The column of the table, counted from 0.
    pub column: u32,
    /// What is wanted.
    pub condition: FilterCondition,
}

/// What is wanted of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterCondition {
    /// Something of its value.
    Value(ValueTest),
    /// That there is a problem with it.
    Problem,
}

/// What a value is tested for. A value is a text as people see it; the empty one stands for no value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTest {
    /// It has this text, whatever the case.
    Contains(TextQuery),
    /// It is exactly this text.
    Equals(String),
    /// It lies between two others.
    Within(ValueRange),
    /// There is none.
    Empty,
    /// There is one.
    NotEmpty,
    /// It is one of these.
    OneOf(BTreeSet<String>),
}

impl ValueTest {
    /// Whether a value is as wanted.
    pub fn holds(&self, value: &str) -> bool {
        match self {
            Self::Contains(query) => query.is_in(value),
            Self::Equals(wanted) => value == wanted,
            Self::Within(range) => range.has(value),
            Self::Empty => value.is_empty(),
            Self::NotEmpty => !value.is_empty(),
            Self::OneOf(wanted) => wanted.contains(value),
        }
    }
}

/// How values of a range are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOrder {
    /// As numbers; what is none lies in no range.
    Numbers,
    /// As texts, whatever the case, so that dates as 2026-01-31 are in their order.
    Texts,
}

/// A range of values, both ends included.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRange {
    from: String,
    to: String,
    limits: RangeLimits,
}

#[derive(Clone, Debug, PartialEq)]
enum RangeLimits {
    Numbers(Option<f64>, Option<f64>),
    /// In lower case.
    Texts(Option<String>, Option<String>),
}

/// Why two texts are the ends of no range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RangeError {
    /// Both ends are open.
    #[error("Type where the range begins, where it ends, or both")]
    Open,
    /// Nothing lies in it.
    #[error("The range ends before it begins")]
    Reversed,
    /// An end is not what the values are.
    #[error("The values are numbers, and {0} is none; write it like 1234.5")]
    NoNumber(String),
}

impl ValueRange {
    /// The range between two values as they are typed; an end without a text is open.
    ///
    /// # Errors
    /// When that is no range.
    pub fn new(from: &str, to: &str, order: RangeOrder) -> Result<Self, RangeError> {
        let [from, to] = [from.trim(), to.trim()];
        if from.is_empty() && to.is_empty() {
            return Err(RangeError::Open);
        }
        let limits = match order {
            RangeOrder::Numbers => RangeLimits::Numbers(limit(from)?, limit(to)?),
            RangeOrder::Texts => {
                let folded = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
                RangeLimits::Texts(folded(from), folded(to))
            }
        };
        let is_reversed = match &limits {
            RangeLimits::Numbers(Some(from), Some(to)) => from > to,
            RangeLimits::Texts(Some(from), Some(to)) => from > to && !from.starts_with(to.as_str()),
            RangeLimits::Numbers(..) | RangeLimits::Texts(..) => false,
        };
        if is_reversed {
            return Err(RangeError::Reversed);
        }
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
            limits,
        })
    }

    /// Its ends as they were typed; an open one is empty.
    pub fn ends(&self) -> (&str, &str) {
        (&self.from, &self.to)
    }

    fn has(&self, value: &str) -> bool {
        match &self.limits {
            RangeLimits::Numbers(from, to) => number::parsed(value)
                .is_some_and(|value| from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)),
            RangeLimits::Texts(from, to) => {
                let value = value.trim().to_lowercase();
                // All of the last day, or letter, is in it.
                let is_before_end = |to: &String| value <= *to || value.starts_with(to.as_str());
                !value.is_empty()
                    && from.as_ref().is_none_or(|from| *from <= value)
                    && to.as_ref().is_none_or(is_before_end)
            }
        }
    }
}

fn limit(text: &str) -> Result<Option<f64>, RangeError> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = number::parsed(text).ok_or_else(|| RangeError::NoNumber(text.to_owned()))?;
    Ok(Some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_range(from: &str, to: &str, order: RangeOrder, values: &[&str]) -> Vec<String> {
        let range = ValueTest::Within(ValueRange::new(from, to, order).unwrap());
        let values = values.iter().filter(|value| range.holds(value));
        values.map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn numbers_lie_in_a_range_by_value_and_nothing_else_does() {
        let values = ["9", "10", "10.50", " 1e1", "100", "cheap", "", "-10", "20"];
        let numbers = |from, to| in_range(from, to, RangeOrder::Numbers, &values);
        assert_eq!(numbers("10", "20"), ["10", "10.50", " 1e1", "20"]);
        assert_eq!(numbers("10.5", ""), ["10.50", "100", "20"]);
        assert_eq!(numbers(" ", "9"), ["9", "-10"]);
    }

    #[test]
    fn texts_lie_in_a_range_to_the_end_of_what_its_end_begins() {
        let dates = ["2025-12-31", "2026-01-01", "2026-01-31T23:59:00Z", "2026-02-01", ""];
        let january = in_range("2026-01-01", "2026-01-31", RangeOrder::Texts, &dates);
        assert_eq!(january, ["2026-01-01", "2026-01-31T23:59:00Z"]);
        assert_eq!(in_range("2026", "2026", RangeOrder::Texts, &dates).len(), 3);
        assert_eq!(in_range("", "2025", RangeOrder::Texts, &dates), ["2025-12-31"]);
        let letters = ["Apple", "bowl", "Cup", "cups", "Dish"];
        assert_eq!(in_range("B", "c", RangeOrder::Texts, &letters), ["bowl", "Cup", "cups"]);
    }

    #[test]
    fn what_is_no_range_is_told_why() {
        let error = |from, to, order| ValueRange::new(from, to, order).unwrap_err();
        assert_eq!(error("", " ", RangeOrder::Numbers), RangeError::Open);
        assert_eq!(error("2", "1", RangeOrder::Numbers), RangeError::Reversed);
        assert_eq!(error("b", "a", RangeOrder::Texts), RangeError::Reversed);
        let comma = error("12,5", "", RangeOrder::Numbers).to_string();
        assert_eq!(comma, "The values are numbers, and 12,5 is none; write it like 1234.5");
    }

    #[test]
    fn the_other_tests_hold_as_their_names_say() {
        let query = TextQuery::new("LAMP").unwrap();
        assert!(ValueTest::Contains(query.clone()).holds("Desk lamp") && !ValueTest::Contains(query).holds(""));
        let equals = ValueTest::Equals("Lamp".to_owned());
        assert!(equals.holds("Lamp") && !equals.holds("lamp"));
        assert!(ValueTest::Empty.holds("") && !ValueTest::Empty.holds(" "));
        assert!(ValueTest::NotEmpty.holds(" ") && !ValueTest::NotEmpty.holds(""));
        let one_of = ValueTest::OneOf(["", "red"].map(str::to_owned).into());
        assert!(one_of.holds("") && one_of.holds("red") && !one_of.holds("Red"));
    }
}
