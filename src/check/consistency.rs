//! Facts across rows about custom attributes: which type a column's values have, and which rows disagree.

use crate::domain::{
    cell::Cell,
    mapping::CustomType,
    rows::RowSet,
    value::{self, Form},
};

/// The kinds of types that count as different (design decision 12: integer and float are one, null and `[]` none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Boolean,
    Number,
    Text,
    List,
    Object,
}

const CLASSES: [Class; 5] = [Class::Boolean, Class::Number, Class::Text, Class::List, Class::Object];

/// What the values of a custom column were found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    /// The type that text in this column is sent as.
    pub(super) text_type: Option<CustomType>,
    /// The type that all records must have.
    pub(super) class: Option<Class>,
}

/// What has been seen of a custom column so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How many texts fit which type best, in the order of [`CustomType::ALL`].
    texts: [u64; 4],
    /// The rows of JSON values, by class.
    rows: [RowSet; 5],
}

impl Seen {
    /// Notes a cell; rows come in ascending order.
    pub(super) fn note(&mut self, row: u32, cell: Cell<'_>) {
        match cell {
            Cell::Missing => {}
            Cell::Text(text) => self.texts[value::natural_type(text) as usize] += 1,
            Cell::Json(json) => {
                if let Some(class) = json_class(json) {
                    self.rows[class as usize].insert(row);
                }
            }
        }
    }

    /// Adds what was seen in later rows.
    pub(super) fn append(&mut self, later: Self) {
        for (sum, count) in self.texts.iter_mut().zip(later.texts) {
            *sum += count;
        }
        for (rows, more) in self.rows.iter_mut().zip(later.rows) {
            rows.append(more);
        }
    }

    /// Settles the column's type: for text the chosen one or else the one that every value fits, for JSON the one
    /// that most values have. Returns it with the JSON rows that disagree.
    pub(super) fn settle(self, chosen: Option<CustomType>) -> (Settled, RowSet) {
        let texts: u64 = self.texts.iter().sum();
        let fits_all = CustomType::ALL
            .into_iter()
            .find(|kind| texts > 0 && self.texts[*kind as usize] == texts);
        let text_type = chosen.or(fits_all).unwrap_or(CustomType::Text);
        // On a tie the first class wins.
        let most = CLASSES
            .into_iter()
            .rev()
            .max_by_key(|class| self.rows[*class as usize].len());
        let most = most.filter(|class| !self.rows[*class as usize].is_empty());
        // Text cells in a JSON file are edits; the file's own values are the majority.
        let class = most.or_else(|| (texts > 0).then(|| class_of_type(text_type)));
        let others = CLASSES.into_iter().filter(|other| Some(*other) != class);
        let disagree = others.fold(RowSet::default(), |rows, other| rows.union(&self.rows[other as usize]));
        let text_type = if chosen.is_some() {
            text_type
        } else {
            most.map_or(text_type, type_of_class)
        };
        (
            Settled {
                text_type: Some(text_type),
                class,
            },
            disagree,
        )
    }
}

impl Settled {
    /// Whether a cell has another type than the other records.
    pub(super) fn disagrees(self, cell: Cell<'_>) -> bool {
        let class = match cell {
            Cell::Missing => None,
            Cell::Json(json) => json_class(json),
            Cell::Text(text) => Some(text_class(text, self.text_type.unwrap_or(CustomType::Text))),
        };
        matches!((class, self.class), (Some(class), Some(expected)) if class != expected)
    }
}

impl Class {
    /// The class in plain words, after "most are".
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Number => "numbers",
            Self::Text => "text",
            Self::List => "lists",
            Self::Object => "objects",
        }
    }
}

/// The class a text has once it is sent as the type, which it may not fit.
fn text_class(text: &str, text_type: CustomType) -> Class {
    match value::to_json(Cell::Text(text), Form::of_custom(text_type)) {
        Some(serde_json::Value::Number(_)) => Class::Number,
        Some(serde_json::Value::Bool(_)) => Class::Boolean,
        Some(serde_json::Value::Array(_)) => Class::List,
        _ => Class::Text,
    }
}

const fn class_of_type(text_type: CustomType) -> Class {
    match text_type {
        CustomType::Text => Class::Text,
        CustomType::Number => Class::Number,
        CustomType::Boolean => Class::Boolean,
        CustomType::List => Class::List,
    }
}

const fn type_of_class(class: Class) -> CustomType {
    match class {
        Class::Number => CustomType::Number,
        Class::Boolean => CustomType::Boolean,
        Class::List => CustomType::List,
        Class::Text | Class::Object => CustomType::Text,
    }
}

/// The class of a JSON value; null and empty lists have none.
fn json_class(json: &str) -> Option<Class> {
    let bytes = json.as_bytes();
    match bytes.first()? {
        b'"' => Some(Class::Text),
        b't' | b'f' => Some(Class::Boolean),
        b'n' => None,
        b'[' if bytes[1..].trim_ascii_start().first() == Some(&b']') => None,
        b'[' => Some(Class::List),
        b'{' => Some(Class::Object),
        _ => Some(Class::Number),
    }
}
