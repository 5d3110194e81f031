//! The rules beyond the schema that look at one cell alone, picked for a field once and then asked about every cell.

use jiff::civil::Date;

use super::{
    Levels, Rule, categories, contract, formats, formats::Span, garbled, ids, placeholder, privacy, text, texts, values,
};
use crate::domain::{
    bytes::Kinds,
    cell::Cell,
    dataset::Dataset,
    format::Format,
    hint::Hint,
    record::{Part, Place},
    schema::{Node, Range, is_translation},
    value::Form,
};

/// All rules that look at the cells of one column. A clean cell costs a glance and no memory.
#[derive(Debug)]
pub struct CellTests {
    /// Those that plain text cannot break come first, those that are about JSON alone last.
    tests: Vec<CellTest>,
    /// What is plain in this column.
    plain: Plain,
    /// How many tests plain text needs no asking.
    odd: usize,
    /// How many tests are about text.
    text: usize,
}

impl CellTests {
    /// For a column's cells; `today` is the day on which they are looked at.
    pub fn of(dataset: Dataset, part: &Part, levels: &Levels, today: Date) -> Self {
        let mut tests = CellTest::of(dataset, part, levels, today);
        let is_id = tests.iter().any(|test| test.look.is_about_ids());
        tests.sort_by_key(|test| test.look.concerns());
        let up_to = |most| tests.partition_point(|test| test.look.concerns() <= most);
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
    /// of the cell: many rules ask for it.
    #[inline]
    pub fn find(&self, cell: Cell<'_>, text: Option<&str>, mut report: impl FnMut(Rule, Hint)) {
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
        for test in self.tests.get(from..to).unwrap_or_default() {
            if let Some(hint) = test.find(cell, text) {
                report(test.rule, hint);
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
                list.starts_with('[') && texts(list).all(|text| is_plain_id(text, false))
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

/// What a rule is about, from what is looked for most rarely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Concern {
    /// Texts that are not plain.
    OddText,
    /// Any text.
    Text,
    /// JSON that is no text.
    Json,
}

/// A rule and how it looks at the cells of one column.
#[derive(Debug)]
struct CellTest {
    rule: Rule,
    look: Look,
}

#[derive(Debug)]
enum Look {
    Date(Span),
    /// Whether another rule sees to it that it is a URL at all.
    Url(bool),
    /// Whether the field is a list.
    Spaces(bool),
    /// Whether it is a product's.
    IdForm(bool),
    /// Whether commas are looked at by another rule.
    SeveralIds(bool),
    Header,
    /// Whether the field holds ids.
    Placeholder(bool),
    Range(Range),
    Language,
    EmptyText,
    Zone,
    /// What the values must be.
    Null(Option<&'static Node>),
    Anything,
    /// Whether the field is a list of paths.
    Categories(bool),
    Markup,
    /// Whether the field holds codes, and whether it holds ids.
    Mangled(bool, bool),
    Garbled,
    /// And whether the column's name says that it says who somebody is.
    Person(privacy::Place, bool),
}

impl Look {
    /// Whether the column is one of ids.
    const fn is_about_ids(&self) -> bool {
        matches!(
            self,
            Self::IdForm(_)
                | Self::SeveralIds(_)
                | Self::Header
                | Self::Placeholder(true)
                | Self::Mangled(_, true)
                | Self::Person(privacy::Place::Person, _)
        )
    }

    const fn concerns(&self) -> Concern {
        match self {
            Self::Spaces(_)
            | Self::IdForm(_)
            | Self::SeveralIds(_)
            | Self::Header
            | Self::Placeholder(_)
            | Self::Mangled(..)
            | Self::Garbled
            | Self::Person(privacy::Place::Person, _) => Concern::OddText,
            Self::Null(_) => Concern::Json,
            Self::Date(_)
            | Self::Url(_)
            | Self::Range(_)
            | Self::Language
            | Self::EmptyText
            | Self::Zone
            | Self::Anything
            | Self::Categories(_)
            | Self::Markup
            | Self::Person(..) => Concern::Text,
        }
    }
}

impl CellTest {
    /// The tests for a column's cells; `today` is the day on which they are looked at.
    fn of(dataset: Dataset, part: &Part, levels: &Levels, today: Date) -> Vec<Self> {
        let path = part.path.as_str();
        let name = path.rsplit('.').next().unwrap_or(path);
        let is_field = part.place == Place::Field;
        let is_own = matches!(part.place, Place::Custom | Place::Free);
        let is_list = part.form == Form::TextList;
        let is_id = is_field
            && matches!(
                path,
                "product_id"
                    | "product_group_id"
                    | "parent_id"
                    | "related_ids"
                    | "product_ids"
                    | "product_group_ids"
                    | "user_id"
                    | "anonymous_id"
            );
        let is_text = matches!(name, "title" | "size" | "color" | "material" | "brand" | "name");
        let has_format = |format| part.node.is_some_and(|node| node.has_format(format));
        let has_url_format = has_format(Format::Uri);
        let is_prose = part
            .node
            .is_none_or(|node| node.formats.is_empty() && node.allowed.is_empty())
            && matches!(part.form, Form::Text | Form::TextList | Form::PathList);
        let looks = [
            Span::of(path, today).map(|span| (Rule::AbsurdDate, Look::Date(span))),
            (has_url_format || path == "context.page.url").then_some((Rule::UrlScheme, Look::Url(has_url_format))),
            has_format(Format::DateTime).then_some((Rule::ZonelessTime, Look::Zone)),
            is_id.then_some((Rule::IdSpaces, Look::Spaces(is_list))),
            matches!(path, "product_id" | "user_id").then_some((Rule::IdForm, Look::IdForm(path == "product_id"))),
            // A comma in a product_id is against its form already.
            matches!(path, "product_id" | "product_group_id" | "parent_id")
                .then_some((Rule::SeveralIds, Look::SeveralIds(path == "product_id"))),
            is_id.then_some((Rule::PlaceholderId, Look::Placeholder(true))),
            matches!(path, "product_id" | "user_id").then_some((Rule::HeaderAsId, Look::Header)),
            part.range().map(|range| (Rule::Range, Look::Range(range))),
            (path == "language").then_some((Rule::Language, Look::Language)),
            part.omits_empty.then_some((Rule::EmptyMisoId, Look::EmptyText)),
            Some((Rule::Null, Look::Null(part.value))),
            path.split('.')
                .next()
                .is_some_and(is_translation)
                .then_some((Rule::Translation, Look::Anything)),
            matches!(path, "categories" | "category")
                .then_some((Rule::FlatCategories, Look::Categories(part.form == Form::PathList))),
            (is_field && name == "title").then_some((Rule::Markup, Look::Markup)),
            (is_own || is_id || (is_field && (is_text || is_prose)))
                .then_some((Rule::Mangled, Look::Mangled(is_own || is_id || name == "size", is_id))),
            (is_prose && !is_id).then_some((Rule::Garbled, Look::Garbled)),
            (is_prose && !is_id).then_some((Rule::Placeholder, Look::Placeholder(false))),
            // Around markup spaces are nothing.
            (is_prose && !is_id && path != "html").then_some((Rule::OuterSpaces, Look::Spaces(is_list))),
            privacy::Place::of(path, is_own).map(|place| {
                let is_named = is_own && dataset != Dataset::Products && privacy::is_named(name);
                (Rule::PersonalData, Look::Person(place, is_named))
            }),
        ];
        let tests = looks.into_iter().flatten().map(|(rule, look)| Self { rule, look });
        tests.filter(|test| levels.is_on(test.rule)).collect()
    }

    /// What a cell that breaks the rule seems to be. `text` is what [`plain`](super::plain) says of the cell: many rules
    /// ask for it.
    fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        match &self.look {
            Look::Date(span) => span.judge(text?),
            Look::Url(is_checked) => formats::not_of_the_web(text?, *is_checked),
            Look::Spaces(is_list) => ids::spaces(cell, *is_list),
            Look::IdForm(is_product) => ids::form(text?, *is_product),
            Look::Range(range) => values::out_of_range(cell, range),
            Look::Language => values::unknown_language(text?),
            Look::EmptyText => text?.is_empty().then_some(Hint::EmptyText),
            Look::Zone => formats::zoneless(text?),
            Look::Null(node) => contract::has_null(cell, *node).then_some(Hint::Null),
            Look::Anything => (!cell.is_missing()).then_some(Hint::Translation),
            Look::Categories(is_paths) => categories::flat(cell, *is_paths),
            Look::Markup => text::markup(cell),
            Look::SeveralIds(without_commas) => ids::several(text?, *without_commas),
            Look::Header => ids::header(text?),
            Look::Placeholder(is_id) => placeholder::find(cell, text, *is_id),
            // An error in the place of an id is another rule's.
            Look::Mangled(is_code, is_id) => {
                text::mangled(text?, *is_code).filter(|hint| !is_id || *hint != Hint::SheetError)
            }
            Look::Garbled => garbled::find(cell),
            Look::Person(place, is_named) => privacy::find(cell, text, *place)
                .or_else(|| (*is_named && !cell.is_missing()).then_some(Hint::Personal)),
        }
    }
}
