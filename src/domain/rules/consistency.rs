//! Facts across rows about custom attributes: which type a column's values have, and which rows disagree.

use super::{Broken, Evidence, Explanation, Family, Rule, RuleDef, explain::shorten};
use crate::domain::{
    base_type::BaseType,
    cell::Cell,
    rows::RowSet,
    validate::Fault,
    value::{self, CustomType, Form},
};

/// The custom attribute has another type than in most records.
pub(super) const INCONSISTENT: RuleDef = RuleDef {
    name: "inconsistent",
    title: "Custom attribute of another type",
    says: "has another type than in the other records",
    text: "A custom attribute must have the same type in all records. A value and a list of such values count as one type, and \
     so do whole and decimal numbers; null and empty lists fit any. In a file, the type of most records is the expected \
     one.",
    advice: "write it as in the other records",
    evidence: Evidence::Sentence,
    explain,
    ..RuleDef::of(Family::Schema)
};

fn explain(broken: &Broken<'_>) -> Vec<Explanation> {
    let expected = broken.settled.class.map_or("another type", BaseType::plural);
    let (path, value) = (broken.path(), shorten(broken.value));
    let sentence = format!("{path} is “{value}”, but in the other records it holds {expected}; use one type for all");
    broken.refused(sentence, Fault::Inconsistent)
}

/// What the values of a custom column were found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettledTypes {
    /// The type that text in this column is sent as.
    pub(crate) text_type: Option<CustomType>,
    /// The type that all records must have.
    pub(crate) class: Option<BaseType>,
}

/// What has been seen of a custom column so far.
#[derive(Debug, Default)]
pub(crate) struct SeenTypes {
    /// How many texts fit which type best, in the order of [`CustomType::ALL`].
    texts: [u64; 4],
    /// The rows of JSON values, by base type.
    rows: [RowSet; 4],
    /// The rows of texts that are JSON lists, by the base type of their items.
    lists: [RowSet; 4],
}

impl SeenTypes {
    /// Notes a cell; rows come in ascending order.
    pub(crate) fn note(&mut self, row: u32, cell: Cell<'_>) {
        match cell {
            Cell::Missing => {}
            Cell::Text(text) => {
                let natural = value::natural_type(text);
                self.texts[natural as usize] += 1;
                if let Some(class) = BaseType::of_json(text).filter(|_| natural == CustomType::List) {
                    self.lists[class as usize].insert(row);
                }
            }
            Cell::Json(json) => {
                if let Some(class) = BaseType::of_json(json) {
                    self.rows[class as usize].insert(row);
                }
            }
        }
    }

    /// Adds what was seen in later rows.
    pub(crate) fn append(&mut self, later: Self) {
        for (sum, count) in self.texts.iter_mut().zip(later.texts) {
            *sum += count;
        }
        let rows = self.rows.iter_mut().chain(&mut self.lists);
        for (rows, more) in rows.zip(later.rows.into_iter().chain(later.lists)) {
            rows.append(more);
        }
    }

    /// Settles the column's type: for text the chosen one or else the one that every value fits, for JSON the one
    /// that most values have. Returns it with the JSON rows that disagree.
    pub(crate) fn settle(self, chosen: Option<CustomType>) -> (SettledTypes, RowSet) {
        let texts: u64 = self.texts.iter().sum();
        let fits_all = CustomType::ALL
            .into_iter()
            .find(|kind| texts > 0 && self.texts[*kind as usize] == texts);
        let text_type = chosen.or(fits_all).unwrap_or(CustomType::Text);
        let Self {
            texts: counts,
            mut rows,
            lists,
        } = self;
        let mut votes = rows.each_ref().map(RowSet::len);
        if text_type == CustomType::List {
            // What is no JSON list becomes a list of texts.
            votes[BaseType::Text as usize] += texts - counts[CustomType::List as usize];
            for ((rows, lists), votes) in rows.iter_mut().zip(&lists).zip(&mut votes) {
                *votes += lists.len();
                *rows = rows.union(lists);
            }
        }
        // On a tie the first class wins.
        let most = BaseType::ALL
            .into_iter()
            .rev()
            .max_by_key(|class| votes[*class as usize]);
        let most = most.filter(|class| votes[*class as usize] > 0);
        // Text cells in a JSON file are edits; the file's own values are the majority.
        let class = most.or_else(|| (texts > 0).then(|| class_of_type(text_type)));
        let others = BaseType::ALL.into_iter().filter(|other| Some(*other) != class);
        let disagree = others.fold(RowSet::default(), |wrong, other| wrong.union(&rows[other as usize]));
        let text_type = if chosen.is_some() || text_type == CustomType::List {
            text_type
        } else {
            most.map_or(text_type, type_of_class)
        };
        (
            SettledTypes {
                text_type: Some(text_type),
                class,
            },
            disagree,
        )
    }
}

impl SettledTypes {
    /// The rule that is about it.
    pub(crate) const RULE: Rule = Rule::Inconsistent;

    /// Whether a cell has another type than the other records.
    pub(crate) fn disagrees(self, cell: Cell<'_>) -> bool {
        let class = match cell {
            Cell::Missing => None,
            Cell::Json(json) => BaseType::of_json(json),
            Cell::Text(text) => text_class(text, self.text_type.unwrap_or(CustomType::Text)),
        };
        matches!((class, self.class), (Some(class), Some(expected)) if class != expected)
    }
}

/// The base type a text has once it is sent as the type, which it may not fit.
fn text_class(text: &str, text_type: CustomType) -> Option<BaseType> {
    BaseType::of(&value::to_json(Cell::Text(text), Form::of_custom(text_type))?)
}

const fn class_of_type(text_type: CustomType) -> BaseType {
    match text_type {
        CustomType::Text | CustomType::List => BaseType::Text,
        CustomType::Number => BaseType::Number,
        CustomType::Boolean => BaseType::Boolean,
    }
}

const fn type_of_class(class: BaseType) -> CustomType {
    match class {
        BaseType::Number => CustomType::Number,
        BaseType::Boolean => CustomType::Boolean,
        BaseType::Text | BaseType::Object => CustomType::Text,
    }
}
