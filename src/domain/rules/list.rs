//! The list of all rules, and that of all hints. A new one is defined in a file of its family, and named here.

use super::{
    CellTest, FieldContext, Levels, RecordContext, RowTest, RuleDef, categories, cell_test::Concern, consistency,
    contract, definition::HintDef, formats, garbled, ids, interactions, other_type, placeholder, privacy,
    repeated_event, repeated_ids, schema, text, values,
};
use crate::domain::{cell::Cell, record::Plan};

/// `Name = definition, cells: its test of a cell, rows: its test of a row;`
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $def:path $(, cells: $cells:ty)? $(, rows: $rows:ty)?;)+) => {
        /// A rule that rows can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $rule,)+
        }

        impl Rule {
            /// All rules, by family, in the order they are shown.
            pub const ALL: [Self; [$(Self::$rule),+].len()] = [$(Self::$rule),+];

            /// What people are told about the rule, and what can be done about it.
            pub const fn about(self) -> &'static RuleDef {
                match self {
                    $(Self::$rule => &$def,)+
                }
            }
        }

        /// A rule's test of the cells of one column.
        #[derive(Debug)]
        pub(super) enum AnyCellTest {
            $($($rule($cells),)?)+
        }

        impl AnyCellTest {
            /// Those that look at a column, each with its rule.
            pub(super) fn of(field: &FieldContext<'_>) -> impl Iterator<Item = (Rule, Self)> {
                let tests = [$($(<$cells as CellTest>::of(field).map(|test| (Rule::$rule, Self::$rule(test))),)?)+];
                tests.into_iter().flatten()
            }

            /// What the test is about.
            pub(super) fn concern(&self) -> Concern {
                match self {
                    $($(Self::$rule(test) => <$cells as CellTest>::concern(test),)?)+
                }
            }

            /// Whether the column is one of ids.
            pub(super) fn is_about_ids(&self) -> bool {
                match self {
                    $($(Self::$rule(test) => <$cells as CellTest>::is_about_ids(test),)?)+
                }
            }

            /// What a cell that breaks the rule seems to be.
            #[inline]
            pub(super) fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint> {
                match self {
                    $($(Self::$rule(test) => <$cells as CellTest>::find(test, cell, text),)?)+
                }
            }
        }

        /// The rules' tests of whole rows of a table, as far as they look at them.
        #[derive(Debug)]
        #[expect(non_snake_case, reason = "each is called like its rule")]
        pub(crate) struct RowTests {
            $($($rule: Option<$rows>,)?)+
        }

        impl RowTests {
            /// For the rows of a table with so many columns.
            pub(crate) fn of(plan: &Plan, width: usize, levels: &Levels) -> Self {
                let record = RecordContext { plan, width };
                Self {
                    $($($rule: <$rows as RowTest>::of(&record).filter(|_| levels.is_on(Rule::$rule)),)?)+
                }
            }

            /// Takes a rule out that turned out not to hold for this table.
            pub(crate) fn forget(&mut self, rule: Rule) {
                $($(self.$rule = self.$rule.take().filter(|_: &$rows| rule != Rule::$rule);)?)+
            }

            /// Reports every rule that a row breaks: the rule, the column, and what the value seems to be.
            #[inline]
            pub(crate) fn find(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>)) {
                $($(if let Some(test) = &self.$rule {
                    <$rows as RowTest>::find(test, cells, &mut |column, hint| report(Rule::$rule, column, hint));
                })?)+
            }
        }
    };
}

/// `Name = definition;`
macro_rules! hints {
    ($($(#[$doc:meta])* $hint:ident = $def:path;)+) => {
        /// What a wrong value seems to be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Hint {
            $($(#[$doc])* $hint,)+
        }

        impl Hint {
            pub(super) const fn def(self) -> &'static HintDef {
                match self {
                    $(Self::$hint => &$def,)+
                }
            }
        }
    };
}

rules! {
    /// The record could not be read from the file.
    Unreadable = schema::UNREADABLE;
    /// A field that every record needs is not there.
    Required = schema::REQUIRED;
    /// An interaction of the type custom has no name.
    ActionName = interactions::ACTION_NAME, rows: interactions::ActionName;
    /// The value has the wrong type.
    Type = schema::TYPE;
    /// The text is no date and time.
    DateTime = schema::DATE_TIME;
    /// The text is no URL.
    Url = schema::URL;
    /// The text has another form than the field takes.
    Format = schema::FORMAT;
    /// The text is none of the names that are allowed.
    Enum = schema::ENUM;
    /// The text is empty where it must not be.
    Empty = schema::EMPTY;
    /// The text has too many or too few characters.
    Length = schema::LENGTH;
    /// The items of a list do not go together.
    Items = schema::ITEMS;
    /// The API knows no such field.
    UnknownField = schema::UNKNOWN_FIELD, rows: schema::UnknownField;
    /// The interaction has a field of another type of interaction.
    OtherType = other_type::OTHER_TYPE, rows: other_type::OtherType;
    /// The custom attribute has another type than in most records.
    Inconsistent = consistency::INCONSISTENT;
    /// The service refused the record.
    Refused = schema::REFUSED;
    /// Several records have the same id.
    RepeatedId = repeated_ids::REPEATED_ID;
    /// The id differs from another one only in capital and small letters, or in leading zeros.
    AlikeIds = repeated_ids::ALIKE_IDS;
    /// There are spaces around an id.
    IdSpaces = ids::ID_SPACES, cells: ids::IdSpaces;
    /// The id has a form that ids should not have.
    IdForm = ids::ID_FORM, cells: ids::IdForm;
    /// There is a control character within an id.
    IdControls = ids::ID_CONTROLS, cells: ids::IdControls;
    /// A field for one id holds several.
    SeveralIds = ids::SEVERAL_IDS, cells: ids::SeveralIds;
    /// The id is a word for "no value".
    PlaceholderId = placeholder::PLACEHOLDER_ID, cells: placeholder::PlaceholderId;
    /// The id is a column's name.
    HeaderAsId = ids::HEADER_AS_ID, cells: ids::HeaderAsId;
    /// The parents are no records of the file.
    UnknownParent = repeated_ids::UNKNOWN_PARENT;
    /// The API does not name the field.
    IgnoredField = categories::IGNORED_FIELD, rows: categories::IgnoredField;
    /// Categories are given as texts where paths are expected.
    FlatCategories = categories::FLAT_CATEGORIES, cells: categories::FlatCategories;
    /// The number is not one that is meant.
    Range = values::RANGE, cells: values::OutOfRange;
    /// The language has no code.
    Language = values::LANGUAGE, cells: values::Language;
    /// The record has no title, and most have one.
    Untitled = values::UNTITLED, rows: values::Untitled;
    /// The sale price is 0, and another price is not.
    ZeroPrice = values::ZERO_PRICE, rows: values::ZeroPrice;
    /// An interaction of nobody.
    Nobody = interactions::NOBODY, rows: interactions::Nobody;
    /// An interaction without a time.
    NoTimestamp = interactions::NO_TIMESTAMP, rows: interactions::NoTimestamp;
    /// The `miso_id` is an empty text, and left out.
    EmptyMisoId = interactions::EMPTY_MISO_ID, cells: interactions::EmptyMisoId;
    /// There are not as many quantities as products.
    Quantities = interactions::QUANTITIES, rows: interactions::Quantities;
    /// The same interaction stands further up.
    RepeatedEvent = repeated_event::REPEATED_EVENT;
    /// The date exists, but can hardly be meant.
    AbsurdDate = formats::ABSURD_DATE, cells: formats::AbsurdDate;
    /// The time has no zone.
    ZonelessTime = formats::ZONELESS_TIME, cells: formats::ZonelessTime;
    /// The URL is not one of the web.
    UrlScheme = formats::URL_SCHEME, cells: formats::UrlScheme;
    /// The title holds HTML.
    Markup = text::MARKUP, cells: text::Markup;
    /// A spreadsheet has changed the value.
    Mangled = text::MANGLED, cells: text::Mangled;
    /// The text was read in another encoding than it was written in.
    Garbled = garbled::GARBLED, cells: garbled::Garbled;
    /// The text is a word for "no value".
    Placeholder = placeholder::PLACEHOLDER, cells: placeholder::Placeholder;
    /// There are spaces around a text.
    OuterSpaces = ids::OUTER_SPACES, cells: ids::OuterSpaces;
    /// The value says who somebody is.
    PersonalData = privacy::PERSONAL_DATA, cells: privacy::PersonalData;
    /// A null where the published document has none.
    Null = contract::NULL, cells: contract::Null;
    /// Texts in another language, which the published document forgets.
    Translation = contract::TRANSLATION, cells: contract::Translation;
}

hints! {
    /// `12,50`
    DecimalComma = schema::number::DECIMAL_COMMA;
    /// `1,299.00` or `1.299,00`
    Thousands = schema::number::THOUSANDS;
    /// `$12.50`
    Currency = schema::number::CURRENCY;
    /// `15%`
    Percent = schema::number::PERCENT;
    /// A number of JSON as a text: `738529527931269425`
    BareNumber = schema::shape::BARE_NUMBER;
    /// JSON text that holds a number: `"19.90"`
    QuotedNumber = schema::shape::QUOTED_NUMBER;
    /// `n/a`, `-`, `null`, `none`, `?`
    NoValue = placeholder::NO_VALUE;
    /// `2023-11-07`
    BareDate = schema::date::BARE_DATE;
    /// `2023-11-07 05:31:56`
    SpaceForT = schema::date::SPACE_FOR_T;
    /// `2023-11-07T05:31`
    NoSeconds = schema::date::NO_SECONDS;
    /// `07/11/2023`: which is the day cannot be told from one value
    OtherDateOrder = schema::date::OTHER_DATE_ORDER;
    /// `1699334400`, seconds since 1970
    EpochSeconds = schema::date::EPOCH_SECONDS;
    /// `1699334400000`, milliseconds since 1970
    EpochMillis = schema::date::EPOCH_MILLIS;
    /// `2023-11-07 5:31 UTC`, `2023-11-07T05:31:56,123+0200`
    OtherTimeForm = schema::date::OTHER_TIME_FORM;
    /// `2023-02-30T00:00:00Z`
    ImpossibleDate = schema::date::IMPOSSIBLE_DATE;
    /// `www.example.com/a`
    NoScheme = schema::uri::NO_SCHEME;
    /// `https://example.com/a b`, or other characters that URLs must escape
    Unescaped = schema::uri::UNESCAPED;
    /// `in stock` for `IN_STOCK`
    SimilarName = schema::shape::SIMILAR_NAME;
    /// `"P1"` where `["P1"]` is meant
    SingleItem = schema::shape::SINGLE_ITEM;
    /// ` P1 ` as an id
    OuterSpaces = ids::SPACES_AROUND;
    /// `["A", "B"]` or `A / B` where `[["A", "B"]]` is meant
    FlatPath = categories::FLAT_PATH;
    /// `1970-01-01T00:00:00Z`: what an empty date becomes
    NoDate = formats::NO_DATE;
    /// `0212-01-01T00:00:00Z`, `1970-01-20T16:02:14Z`
    LongAgo = formats::LONG_AGO;
    /// `2204-01-01T00:00:00Z`
    Future = formats::FUTURE;
    /// `htp://example.com/a`
    OtherScheme = formats::OTHER_SCHEME;
    /// `<b>Lamp</b>`
    Markup = text::TITLE_WITH_MARKUP;
    /// `9.78044E+12`
    Rounded = text::ROUNDED;
    /// `Mar-24`
    MadeDate = text::MADE_DATE;
    /// `#REF!`
    SheetError = text::SHEET_ERROR;
    /// `=B2*1.19`
    Formula = text::FORMULA;
    /// `KÃ¤se`
    Garbled = garbled::GARBLED_TEXT;
    /// `K„se`
    QuoteInWord = garbled::QUOTE_IN_WORD;
    /// `joe@example.com`
    Email = privacy::EMAIL;
    /// `+49 170 1234567`
    Phone = privacy::PHONE;
    /// `84.20.17.9`
    IpAddress = privacy::IP_ADDRESS;
    /// `Joe Bloggs`
    PersonName = privacy::PERSON_NAME;
    /// A value of `revenue` in a click
    OfOtherType = other_type::OF_OTHER_TYPE;
    /// `_P1`, `P1,P2` as an id
    IdForm = ids::ODD_FORM;
    /// `A<tab>1` as an id
    IdControls = ids::CONTROLS_WITHIN;
    /// `40` as a rating
    OutOfRange = values::OUT_OF_RANGE;
    /// `english`
    NoLanguageCode = values::NO_LANGUAGE_CODE;
    /// `""` as a `miso_id`
    EmptyText = interactions::EMPTY_TEXT;
    /// `2023-11-07T05:31:56`
    NoZone = formats::NO_ZONE;
    /// `null` where the published document has none
    Null = contract::NULL_VALUE;
    /// a value of `i18n_es`
    Translation = contract::TRANSLATED_TEXT;
    /// `{"a","b"}`, `['a', "b's"]`
    ListLiteral = schema::shape::LIST_LITERAL;
    /// `P1|P2` as an id
    SeveralIds = ids::LIST_OF_IDS;
    /// `product_id` as an id
    HeaderAsId = ids::NAME_OF_COLUMN;
    /// a sale price of 0
    ZeroPrice = values::PRICE_OF_ZERO;
    /// a birthday
    Personal = privacy::PERSONAL;
}
