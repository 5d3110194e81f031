//! The rules beyond the schema that look at one cell alone, picked for a field once and then asked about every cell.

use jiff::civil::Date;

use super::{Hint, Levels, Rule, list::AnyCellTest};
use crate::domain::{
    bytes::Kinds,
    cell::Cell,
    dataset::Dataset,
    format::StringFormat,
    json,
    record::{Part, SchemaPlace},
    value::Form,
};

/// A rule's test of the cells of one column.
pub(super) trait CellTest: Sized {
    /// The test of a column; `None` when the rule does not look at it.
    fn of(field: &FieldContext<'_>) -> Option<Self>;

    /// What a cell that breaks the rule seems to be; it is never missing. `text` is what [`plain`](super::plain) says
    /// of the cell: many rules ask for it.
    fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint>;

    /// What the rule is about.
    fn concern(&self) -> Concern {
        Concern::Text
    }

    /// Whether the column is one of ids.
    fn is_about_ids(&self) -> bool {
        false
    }
}

/// What a rule is about, from what is looked for most rarely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// Texts that are not plain.
    OddText,
    /// Any text.
    Text,
    /// JSON that is no text.
    Json,
}

/// A column, as rules choose what they look at.
#[derive(Debug)]
pub(super) struct FieldContext<'a> {
    pub(super) dataset: Dataset,
    pub(super) part: &'a Part,
    /// The day on which the cells are looked at.
    pub(super) today: Date,
}

impl<'a> FieldContext<'a> {
    /// The dotted path in the record.
    pub(super) fn path(&self) -> &'a str {
        &self.part.path
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &'a str {
        self.path().rsplit('.').next().unwrap_or(self.path())
    }

    /// Whether the schema has it.
    pub(super) fn is_field(&self) -> bool {
        self.part.place == SchemaPlace::Field
    }

    /// Whether it is an attribute of a person's own making.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.part.place, SchemaPlace::Custom | SchemaPlace::Free)
    }

    /// Whether it holds a list of texts.
    pub(super) fn is_list(&self) -> bool {
        self.part.form == Form::TextList
    }

    /// Whether it holds ids.
    pub(super) fn is_id(&self) -> bool {
        self.is_field()
            && matches!(
                self.path(),
                "product_id"
                    | "product_group_id"
                    | "parent_id"
                    | "related_ids"
                    | "product_ids"
                    | "product_group_ids"
                    | "user_id"
                    | "anonymous_id"
            )
    }

    /// Whether it holds any text, and no ids.
    pub(super) fn is_prose(&self) -> bool {
        self.takes_any_text() && !self.is_id()
    }

    /// Whether it holds texts without a format, or lists of them.
    pub(super) fn takes_any_text(&self) -> bool {
        let node = self.part.node;
        node.is_none_or(|node| node.formats.is_empty() && node.allowed.is_empty())
            && matches!(self.part.form, Form::Text | Form::TextList | Form::PathList)
    }

    /// Whether its texts follow a format.
    pub(super) fn has_format(&self, format: StringFormat) -> bool {
        self.part.node.is_some_and(|node| node.has_format(format))
    }
}

/// All rules that look at the cells of one column. A clean cell costs a glance and no memory.
#[derive(Debug)]
pub(crate) struct CellTests {
    /// Those that plain text cannot break come first, those that are about JSON alone last.
    tests: Vec<(Rule, AnyCellTest)>,
    /// What is plain in this column.
    plain: Plain,
    /// How many tests plain text needs no asking.
    odd: usize,
    /// How many tests are about text.
    text: usize,
}

impl CellTests {
    /// For a column's cells; `today` is the day on which they are looked at.
    pub(crate) fn of(dataset: Dataset, part: &Part, levels: &Levels, today: Date) -> Self {
        let field = FieldContext { dataset, part, today };
        let tests = AnyCellTest::of(&field).filter(|(rule, _)| levels.is_on(*rule));
        let mut tests: Vec<(Rule, AnyCellTest)> = tests.collect();
        let is_id = tests.iter().any(|(_, test)| test.is_about_ids());
        tests.sort_by_key(|(_, test)| test.concern());
        let up_to = |most| tests.partition_point(|(_, test)| test.concern() <= most);
        Self {
            plain: match (is_id, part.form) {
                (true, Form::TextList) => Plain::Ids,
                (true, _) => Plain::Id,
                (false, _) => Plain::Prose,
            },
            odd: up_to(Concern::OddText),
            text: up_to(Concern::Text),
            tests,
        }
    }

    /// Reports every rule that a cell breaks, with what the cell seems to be. `text` is what [`plain`](super::plain) says
    /// of the cell.
    #[inline]
    pub(crate) fn find(&self, cell: Cell<'_>, text: Option<&str>, mut report: impl FnMut(Rule, Hint)) {
        let from = if self.odd > 0 && self.plain.is_plain(cell, text) {
            self.odd
        } else {
            0
        };
        let to = match cell {
            Cell::Missing => 0,
            Cell::Text(_) => self.text,
            Cell::Json(_) => self.tests.len(),
        };
        for (rule, test) in self.tests.get(from..to).unwrap_or_default() {
            if let Some(hint) = test.find(cell, text) {
                report(*rule, hint);
            }
        }
    }
}

/// What nearly all texts of a column are like, so that one look at them is enough for several rules.
#[derive(Clone, Copy, Debug)]
enum Plain {
    /// Sentences and names in ASCII.
    Prose,
    /// Letters, digits, hyphens and underscores.
    Id,
    /// Several such, with separators between them or as JSON.
    Ids,
}

impl Plain {
    fn is_plain(self, cell: Cell<'_>, text: Option<&str>) -> bool {
        match (self, text, cell) {
            (Self::Prose, Some(text), _) => is_plain_prose(text),
            (Self::Id, Some(text), _) => is_plain_id(text, false),
            (Self::Ids, Some(text), _) => is_plain_id(text, true),
            (Self::Ids, None, Cell::Json(list)) => {
                list.starts_with('[') && json::texts(list).all(|text| is_plain_id(text, false))
            }
            (Self::Prose | Self::Id | Self::Ids, None, _) => false,
        }
    }
}

/// Whether a text is too long and too plain for a placeholder, a code, a formula, spaces and broken characters.
fn is_plain_prose(text: &str) -> bool {
    const LONGEST_CODE: usize = 24;
    let bytes = text.as_bytes();
    bytes.len() > LONGEST_CODE
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_graphic)
        && text.is_ascii()
}

/// Whether a text is an id, with a digit, which cannot be a word, a date, a number with an exponent, an address of any
/// kind or a name.
fn is_plain_id(text: &str, is_list: bool) -> bool {
    const LONGEST_DATE: usize = 6;
    let kinds = Kinds::of(text.as_bytes());
    kinds.has_digit
        && !kinds.has_other
        && (is_list || !kinds.has_separator)
        // `4-Mar` and `555-123-4567` may be a date and a telephone number.
        && (!kinds.has_hyphen || (kinds.has_letter && text.len() > LONGEST_DATE))
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
}
