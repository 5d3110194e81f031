//! The state of the grid between frames.

use std::{collections::HashMap, ops::Range};

use eframe::egui::{Event, Pos2};

use super::{scroll::RowView, source::CellAt};

/// The narrowest that a column gets, in points.
pub(super) const MIN_WIDTH: f32 = 48.0;
/// The widest that a column gets by fitting, in points.
pub(super) const MAX_FIT: f32 = 360.0;

/// The selected rectangle: it spans from the anchor to the cursor, where typing goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The corner that stays.
    pub anchor: CellAt,
    /// The corner that moves.
    pub cursor: CellAt,
}

impl Selection {
    /// The selection of a single cell.
    pub const fn cell(at: CellAt) -> Self {
        Self { anchor: at, cursor: at }
    }

    /// The rows it covers.
    pub fn rows(&self) -> Range<u64> {
        let (one, other) = (self.anchor.row, self.cursor.row);
        one.min(other)..one.max(other) + 1
    }

    /// The columns it covers.
    pub fn columns(&self) -> Range<usize> {
        let (one, other) = (self.anchor.column, self.cursor.column);
        one.min(other)..one.max(other) + 1
    }

    /// Whether a cell is in it.
    pub fn contains(&self, at: CellAt) -> bool {
        self.rows().contains(&at.row) && self.columns().contains(&at.column)
    }

    /// Whether it is a single cell.
    pub(crate) fn is_cell(&self) -> bool {
        self.anchor == self.cursor
    }

    /// The same, clamped to so many rows and columns; `None` when there are no cells.
    pub(super) fn within(self, rows: u64, columns: usize) -> Option<Self> {
        let (last_row, last_column) = (rows.checked_sub(1)?, columns.checked_sub(1)?);
        let inside = |at: CellAt| CellAt {
            row: at.row.min(last_row),
            column: at.column.min(last_column),
        };
        Some(Self {
            anchor: inside(self.anchor),
            cursor: inside(self.cursor),
        })
    }
}

/// A cell being typed over.
#[derive(Clone, Debug)]
pub(super) struct Editing {
    pub at: CellAt,
    pub text: String,
    pub(crate) original: String,
    /// Whether the field still has to take the focus.
    pub(crate) fresh: bool,
}

/// Position, selection, the cell being edited and the columns' widths. Keep one for every table.
#[derive(Debug, Default)]
pub struct GridState {
    pub(super) top: f64,
    pub(super) x: f32,
    pub(super) selection: Option<Selection>,
    pub(super) editing: Option<Editing>,
    pub(super) widths: HashMap<String, f32>,
    pub(super) frozen: usize,
    pub(super) reveal: Option<CellAt>,
    pub(super) focus: bool,
    /// Where the pointer rested when the table moved under it: what is there now is not told before it moves.
    pub(super) quiet: Option<Pos2>,
    /// The column whose edge is being dragged.
    pub(super) resizing: Option<usize>,
    /// The column whose header is being dragged.
    pub(super) moving: Option<usize>,
    /// Height of a row in points; `None`: as usual.
    pub(super) row_height: Option<f32>,
    /// Where on a scroll bar's handle the pointer took hold.
    pub(super) grip: f32,
    pub(super) view: Option<RowView>,
    /// The columns in sight when the grid was last shown.
    pub(super) columns: Range<usize>,
    /// Keys whose turn comes in the frame after this one.
    pub(super) deferred: Option<(u64, Vec<Event>)>,
}

impl GridState {
    /// The position: the row at the upper edge, fractions included.
    pub const fn top(&self) -> f64 {
        self.top
    }

    /// Goes to a position; what is too far is corrected when the grid is shown.
    pub const fn set_top(&mut self, top: f64) {
        self.top = top;
    }

    /// The rows in sight when the grid was last shown.
    pub fn visible(&self) -> Range<u64> {
        self.view.map_or(0..0, |view| view.visible(self.top))
    }

    /// The columns in sight when the grid was last shown; those between frozen and moving ones count too.
    pub(crate) fn columns_in_sight(&self) -> Range<usize> {
        self.columns.clone()
    }

    /// The selected rectangle, if any.
    pub const fn selection(&self) -> Option<Selection> {
        self.selection
    }

    /// The cell where typing goes.
    pub fn cursor(&self) -> Option<CellAt> {
        self.selection.map(|selection| selection.cursor)
    }

    /// Selects; what is outside is corrected when the grid is shown. An edit in progress is given up.
    pub fn select(&mut self, selection: Option<Selection>) {
        self.selection = selection;
        self.editing = None;
    }

    /// Selects one cell, scrolls it into sight and takes the keyboard: the way from a problem to its cell.
    pub fn go_to(&mut self, row: u64, column: usize) {
        self.select(Some(Selection::cell(CellAt { row, column })));
        self.reveal(row, column);
        self.take_focus();
    }

    /// Takes the keyboard.
    pub(crate) const fn take_focus(&mut self) {
        self.focus = true;
    }

    /// Scrolls, as little as needed, until the cell is in sight.
    pub const fn reveal(&mut self, row: u64, column: usize) {
        self.reveal = Some(CellAt { row, column });
    }

    /// Whether a cell is being typed over.
    pub const fn is_editing(&self) -> bool {
        self.editing.is_some()
    }

    /// Starts typing over a cell; `None` keeps its text.
    pub fn edit(&mut self, at: CellAt, original: String, typed: Option<String>) {
        self.selection = Some(Selection::cell(at));
        self.reveal = Some(at);
        self.editing = Some(Editing {
            at,
            text: typed.unwrap_or_else(|| original.clone()),
            original,
            fresh: true,
        });
    }

    /// Makes rows so high, in points; the row at the upper edge stays there.
    pub const fn set_row_height(&mut self, height: f32) {
        self.row_height = Some(height);
    }

    /// Keeps the first columns in sight.
    pub const fn freeze(&mut self, columns: usize) {
        self.frozen = columns;
    }

    /// A column's width in points, once it has been seen or set.
    pub fn width(&self, name: &str) -> Option<f32> {
        self.widths.get(name).copied()
    }

    /// Sets a column's width in points.
    pub(crate) fn set_width(&mut self, name: &str, width: f32) {
        self.widths.insert(name.to_owned(), width.max(MIN_WIDTH));
    }
}
