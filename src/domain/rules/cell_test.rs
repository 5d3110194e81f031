//! The rules beyond the schema that look at one cell alone, picked for a field once and then asked about every cell.

use jiff::civil::Date;

use super::{
    Levels, Rule, categories, contract, formats, formats::Span, garbled, ids, interactions, privacy, text, values,
};
use crate::domain::{
    cell::Cell,
    format::Format,
    hint::Hint,
    record::{Part, Place},
    schema::{Node, Range, is_translation},
    value::Form,
};

/// A rule and how it looks at the cells of one column. A clean cell costs a glance and no memory.
#[derive(Debug)]
pub struct CellTest {
    /// The rule.
    pub rule: Rule,
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
    /// Whether the field holds codes.
    Mangled(bool),
    Garbled,
    Person(privacy::Place),
}

impl CellTest {
    /// The tests for a column's cells; `today` is the day on which they are looked at.
    pub fn of(part: &Part, levels: &Levels, today: Date) -> Vec<Self> {
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
                .then_some((Rule::Mangled, Look::Mangled(is_own || is_id || name == "size"))),
            (is_prose && !is_id).then_some((Rule::Garbled, Look::Garbled)),
            privacy::Place::of(path, is_own).map(|place| (Rule::PersonalData, Look::Person(place))),
        ];
        let tests = looks.into_iter().flatten().map(|(rule, look)| Self { rule, look });
        tests.filter(|test| levels.is_on(test.rule)).collect()
    }

    /// What a cell that breaks the rule seems to be.
    pub fn find(&self, cell: Cell<'_>) -> Option<Hint> {
        match &self.look {
            Look::Date(span) => span.judge(cell),
            Look::Url(is_checked) => formats::not_of_the_web(cell, *is_checked),
            Look::Spaces(is_list) => ids::spaces(cell, *is_list),
            Look::IdForm(is_product) => ids::form(cell, *is_product),
            Look::Range(range) => values::out_of_range(cell, range),
            Look::Language => values::unknown_language(cell),
            Look::EmptyText => interactions::is_empty_text(cell).then_some(Hint::EmptyText),
            Look::Zone => formats::zoneless(cell),
            Look::Null(node) => contract::has_null(cell, *node).then_some(Hint::Null),
            Look::Anything => (!cell.is_missing()).then_some(Hint::Translation),
            Look::Categories(is_paths) => categories::flat(cell, *is_paths),
            Look::Markup => text::markup(cell),
            Look::Mangled(is_code) => text::mangled(cell, *is_code),
            Look::Garbled => garbled::find(cell),
            Look::Person(place) => privacy::find(cell, *place),
        }
    }
}
