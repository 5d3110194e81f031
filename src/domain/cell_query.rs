//! What people look for in the cells of a table, and what they put in its place.

use std::borrow::Cow;

use super::{cell::Cell, record::Plan, text_query::TextQuery};

/// A text that is looked for in cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellQuery {
    /// The text.
    pub text: TextQuery,
    /// The only column that is looked at; `None`: all.
    pub column: Option<u32>,
    /// Which text of a cell is looked at.
    pub within: CellText,
}

/// The texts of a cell: one where nothing rewrites it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellText {
    /// As it will be sent, which is what people see.
    #[default]
    Sent,
    /// As it stands in the file, with what was typed over it: what a change changes.
    Written,
}

impl CellQuery {
    /// Whether a cell has it.
    pub(crate) fn is_in(&self, plan: &Plan, column: u32, cell: Cell<'_>) -> bool {
        if !self.looks_at(column) {
            return false;
        }
        match self.within {
            CellText::Sent => self.text.is_in(&as_seen(plan, column, cell)),
            CellText::Written => self.text.is_in(&cell.shown()),
        }
    }

    /// Whether cells of a column are looked at.
    pub(crate) fn looks_at(&self, column: u32) -> bool {
        self.column.is_none_or(|only| only == column)
    }
}

/// The text of a cell in the table.
fn as_seen<'a>(plan: &Plan, column: u32, cell: Cell<'a>) -> Cow<'a, str> {
    let sent = plan.sent_instead(column as usize, cell);
    sent.map_or_else(|| cell.shown(), Cow::Owned)
}

/// A text that takes the place of another in cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// What it takes the place of, in the text of the file.
    pub query: CellQuery,
    /// The text.
    pub with: String,
}

/// What a cell has to do with a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CellReplacement {
    /// Its text in the file becomes another.
    Changes {
        /// The new text.
        text: String,
        /// Whether people see another text in the table, as its column is rewritten when it is sent.
        is_seen_otherwise: bool,
    },
    /// The text is in what will be sent, and not in the file: it stays.
    OnlyAsSent,
}

impl Replacement {
    /// What becomes of a cell; `None`: it has nothing to do with it.
    pub(crate) fn of(&self, plan: &Plan, column: u32, cell: Cell<'_>) -> Option<CellReplacement> {
        if !self.query.looks_at(column) {
            return None;
        }
        let written = cell.shown();
        let is_seen_otherwise = || as_seen(plan, column, cell) != written;
        match self.query.text.replaced(&written, &self.with) {
            Some(text) if text == written => None,
            Some(text) => Some(CellReplacement::Changes {
                text,
                is_seen_otherwise: is_seen_otherwise(),
            }),
            None => {
                let sent = plan.sent_instead(column as usize, cell)?;
                self.query.text.is_in(&sent).then_some(CellReplacement::OnlyAsSent)
            }
        }
    }
}
