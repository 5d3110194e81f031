//! The data that the grid shows, and the events it reports.

use std::{borrow::Cow, ops::Range};

use eframe::egui::Pos2;

use crate::domain::{issue::Severity, rows::RowSet};

/// Rows and columns for the grid, in the order they are shown in.
pub trait GridSource {
    /// How many rows are shown; a filter may hide others.
    fn row_count(&self) -> u64;

    /// The columns, left to right.
    fn columns(&self) -> &[GridColumn];

    /// What a column holds, at a glance: shown under its name as soon as it is known.
    fn strip(&self, column: usize) -> Option<Strip> {
        let _ = column;
        None
    }

    /// The same in words.
    fn strip_text(&self, column: usize) -> Option<String> {
        let _ = column;
        None
    }

    /// Called before painting, with the rows and columns in sight: their cells are asked for next.
    fn prefetch(&mut self, rows: Range<u64>, columns: Range<usize>);

    /// The file line a row starts on, from 1: its number in the margin.
    fn line(&self, row: u64) -> u64;

    /// The worst problem in a row.
    fn row_mark(&self, row: u64) -> Option<Severity>;

    /// Whether a row had the problem that the rows are shown for, and has it no more.
    fn is_mended(&self, row: u64) -> bool {
        let _ = row;
        false
    }

    /// What is wrong with a row as a whole, for people.
    fn row_message(&self, row: u64) -> Option<String> {
        let _ = row;
        None
    }

    /// A cell, in rows and columns as shown.
    fn cell(&self, row: u64, column: usize) -> GridCell<'_>;

    /// What is wrong with a cell, for people; several problems on lines of their own.
    fn cell_message(&self, row: u64, column: usize) -> Option<String>;

    /// Whether a cell has what is looked for.
    fn is_found(&self, row: u64, column: usize) -> bool {
        let _ = (row, column);
        false
    }

    /// The rows, as shown, that have what is looked for; the scroll bar marks where they are.
    fn found_rows(&self) -> Option<&RowSet> {
        None
    }

    /// Whether people may change a cell.
    fn editable(&self, row: u64, column: usize) -> bool {
        let _ = (row, column);
        true
    }
}

/// A column as its header shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridColumn {
    /// What its width is remembered by; unique among the columns.
    pub name: String,
    /// The large text: the field it feeds.
    pub title: String,
    /// The column's name in the file, when that is another than the title.
    pub source: Option<String>,
    /// What its cells hold, in a word: `number`.
    pub kind: String,
    /// Whether its cells stand on the right.
    pub right: bool,
    /// Whether it feeds no field and is not uploaded.
    pub unused: bool,
    /// How many cells have an error.
    pub errors: u64,
    /// How many cells have a warning.
    pub warnings: u64,
    /// Whether, and which way, the rows are sorted by it; and which of several such columns it is, from 1.
    pub sorted: Option<(Sorted, Option<usize>)>,
}

/// What a column holds, at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The share of rows without a value, from 0 to 1.
    pub empty: f32,
    /// The share of rows with an error in it, from 0 to 1.
    pub wrong: f32,
    /// How its values are spread.
    pub shape: StripShape,
}

/// How the values of a column are spread.
#[derive(Clone, Debug, PartialEq)]
pub enum StripShape {
    /// Numbers or dates: how high every bar is, from 0 to 1.
    Histogram(Vec<f32>),
    /// Values that come again: the shares of the most frequent ones among all values, largest first.
    Shares(Vec<f32>),
    /// Hardly a value comes again: in words.
    Distinct(String),
    /// No value at all.
    Empty,
}

/// Which way rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How a cell is drawn, beyond its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellKind {
    /// It has the value its text says.
    #[default]
    Value,
    /// It has no value; nothing is drawn.
    Missing,
    /// It is JSON's `null`, which is drawn faintly.
    Null,
    /// It is a text without characters, drawn as faint quotes.
    Empty,
    /// It is not there yet; a faint dash is drawn.
    Pending,
}

/// A cell as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridCell<'a> {
    /// The text shown.
    pub text: Cow<'a, str>,
    /// The text in the file, where another is shown because it is sent instead. Editing starts from it, and it is what
    /// is copied: what is pasted back must be what was there.
    pub original: Option<Cow<'a, str>>,
    /// Whether it has a value, and which kind of none.
    pub kind: CellKind,
    /// Its worst problem.
    pub severity: Option<Severity>,
    /// Whether a person has changed it.
    pub edited: bool,
}

impl<'a> GridCell<'a> {
    /// The text in the file, without any where there is no value; `None` while it is not there yet.
    pub(super) fn written(self) -> Option<Cow<'a, str>> {
        match (self.original, self.kind) {
            (_, CellKind::Pending) => None,
            (Some(original), _) => Some(original),
            (None, CellKind::Value | CellKind::Null) => Some(self.text),
            (None, CellKind::Missing | CellKind::Empty) => Some(Cow::Borrowed("")),
        }
    }
}

/// A place in the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CellAt {
    /// The row, as shown, from 0.
    pub row: u64,
    /// The column, as shown, from 0.
    pub column: usize,
}

/// Something a person did in the grid. The grid itself changes no data.
#[derive(Clone, Debug, PartialEq)]
pub enum GridEvent {
    /// A cell was typed over; only when the text is another than before.
    Commit {
        /// The cell, in rows and columns as shown.
        at: CellAt,
        /// Its new text.
        text: String,
    },
    /// The cells of a rectangle are to be emptied.
    Clear {
        /// Rows as shown.
        rows: Range<u64>,
        /// Columns as shown.
        columns: Range<usize>,
    },
    /// Another cell or rectangle is selected.
    SelectionChanged,
    /// A header was clicked: time for its menu.
    HeaderClicked {
        /// The column as shown, from 0.
        column: usize,
        /// The header's lower left corner.
        at: Pos2,
    },
    /// A person has made a column so wide.
    ColumnResized {
        /// The column as shown, from 0.
        column: usize,
        /// In points.
        width: f32,
    },
    /// A column is to stand elsewhere.
    ColumnMoved {
        /// The column as shown, from 0.
        column: usize,
        /// In front of which column it was dropped; behind all, where there is none.
        before: usize,
    },
    /// The strip under a column's name was clicked.
    StripClicked {
        /// The column as shown, from 0.
        column: usize,
    },
    /// A cell was clicked with the other button: time for its menu.
    MenuRequested {
        /// The cell, in rows and columns as shown.
        cell: CellAt,
        /// Where the pointer is.
        at: Pos2,
    },
    /// The rectangle is to be copied; see [`super::tsv`].
    CopyRequested {
        /// Rows as shown.
        rows: Range<u64>,
        /// Columns as shown.
        columns: Range<usize>,
        /// Whether the columns' titles come first.
        headers: bool,
    },
    /// A text is to be pasted from the rectangle's first cell on or, when it is a single value, into all of the
    /// rectangle; see [`super::parse_tsv`].
    PasteRequested {
        /// Rows as shown.
        rows: Range<u64>,
        /// Columns as shown.
        columns: Range<usize>,
        /// The clipboard's text.
        text: String,
    },
}
