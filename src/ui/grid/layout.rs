//! Where everything of the grid stands on screen.

use std::ops::Range;

use eframe::egui::{Color32, Pos2, Rect, Ui, emath::GuiRounding as _, pos2};

use super::{
    ROW_HEIGHT,
    scroll::{ColumnEdges, RowView},
    source::{CellAt, GridSource},
    state::GridState,
};
use crate::ui::{
    fonts,
    theme::{size, space},
    widgets::grouped,
};

/// Height of the header, in points.
const HEADER: f32 = 48.0;
/// Thickness of a scroll bar's track, in points.
const BAR: f32 = 13.0;
/// Width of a column that has not been measured, in points.
const UNSEEN: f32 = 140.0;
/// Room for the mark beside a row number, in points.
pub(super) const MARK: f32 = 26.0;

/// The grid's parts for one frame.
pub(super) struct Layout {
    pub(crate) corner: Rect,
    pub header: Rect,
    pub(crate) gutter: Rect,
    pub body: Rect,
    pub(crate) vertical: Rect,
    pub(crate) horizontal: Option<Rect>,
    pub view: RowView,
    pub(crate) edges: ColumnEdges,
    /// How many of the first columns stay in sight.
    pub(crate) frozen: usize,
    pub top: f64,
    pub x: f32,
    pixels_per_point: f32,
}

impl Layout {
    pub(crate) fn new(ui: &Ui, outer: Rect, state: &GridState, source: &dyn GridSource) -> Self {
        let rows = source.row_count();
        let widths = source
            .columns()
            .iter()
            .map(|column| state.width(&column.name).unwrap_or(UNSEEN).round());
        let edges = ColumnEdges::new(widths);
        let left = outer.left() + gutter_width(ui, rows, source);
        let top = outer.top() + HEADER;
        let right = outer.right() - BAR;
        let needs_bar = edges.total() > right - left;
        let bottom = outer.bottom() - if needs_bar { BAR } else { 0.0 };
        let body = Rect::from_min_max(pos2(left, top), pos2(right.max(left), bottom.max(top)));
        let frozen = state.frozen.min(edges.count());
        let mut layout = Self {
            corner: Rect::from_min_max(outer.min, body.min),
            header: Rect::from_min_max(pos2(left, outer.top()), pos2(outer.right(), top)),
            gutter: Rect::from_min_max(pos2(outer.left(), top), pos2(left, body.bottom())),
            vertical: Rect::from_min_max(pos2(body.right(), top), pos2(outer.right(), body.bottom())),
            horizontal: needs_bar
                .then(|| Rect::from_min_max(pos2(outer.left(), body.bottom()), pos2(body.right(), outer.bottom()))),
            body,
            view: RowView {
                rows,
                row_height: state.row_height.unwrap_or(ROW_HEIGHT),
                height: body.height(),
            },
            // Frozen columns must leave room for the others.
            frozen: if edges.left(frozen) < body.width() * 0.6 {
                frozen
            } else {
                0
            },
            edges,
            top: 0.0,
            x: 0.0,
            pixels_per_point: ui.pixels_per_point(),
        };
        layout.place(state.top, state.x);
        layout
    }

    /// Moves to a position, clamped to the table.
    pub(crate) fn place(&mut self, top: f64, x: f32) {
        self.top = self.view.clamp(top);
        self.x = x.clamp(0.0, self.max_x());
    }

    /// The furthest position to the right.
    pub(crate) fn max_x(&self) -> f32 {
        (self.edges.total() - self.body.width()).max(0.0)
    }

    /// Where the columns that move begin.
    pub(crate) fn moving_left(&self) -> f32 {
        self.body.left() + self.edges.left(self.frozen)
    }

    /// The columns in sight that do not move, and those that do.
    pub(crate) fn zones(&self) -> [(Rangex, Range<usize>); 2] {
        let split = self.moving_left();
        let from = self.edges.left(self.frozen) + self.x;
        let moving = self
            .edges
            .within(from, self.edges.total().min(from + self.body.right() - split));
        [
            (Rangex(self.body.left(), split), 0..self.frozen),
            (
                Rangex(split, self.body.right()),
                moving.start.max(self.frozen)..moving.end,
            ),
        ]
    }

    /// All columns in sight; between frozen and moving ones there may be some that are not.
    pub(crate) fn columns_in_sight(&self) -> Range<usize> {
        let [_, (_, moving)] = self.zones();
        if self.frozen > 0 { 0..moving.end } else { moving }
    }

    pub(crate) fn rows_in_sight(&self) -> Range<u64> {
        self.view.visible(self.top)
    }

    /// A column's left edge on screen.
    pub(crate) fn column_left(&self, column: usize) -> f32 {
        let left = self.body.left() + self.edges.left(column);
        let left = if column < self.frozen { left } else { left - self.x };
        left.round_to_pixels(self.pixels_per_point)
    }

    /// A row's upper edge on screen.
    pub(crate) fn row_top(&self, row: u64) -> f32 {
        (self.body.top() + self.view.y_of(self.top, row)).round_to_pixels(self.pixels_per_point)
    }

    pub(crate) fn cell(&self, at: CellAt) -> Rect {
        let left = self.column_left(at.column);
        let right = left + self.edges.width(at.column);
        Rect::from_min_max(pos2(left, self.row_top(at.row)), pos2(right, self.row_top(at.row + 1)))
    }

    /// The column at a place on screen.
    pub(crate) fn column_at(&self, x: f32) -> Option<usize> {
        let x = x - self.body.left();
        let frozen = self.edges.left(self.frozen);
        self.edges.at(if x < frozen { x } else { x + self.x })
    }

    /// The cell at a place on screen.
    pub(crate) fn cell_at(&self, pos: Pos2) -> Option<CellAt> {
        Some(CellAt {
            row: self.view.row_at(self.top, pos.y - self.body.top())?,
            column: self.column_at(pos.x)?,
        })
    }

    /// The cell at a place on screen, or the nearest one.
    pub(crate) fn nearest_cell(&self, pos: Pos2) -> Option<CellAt> {
        let last = self.edges.count().checked_sub(1)?;
        let left_of_all = pos.x < self.body.left();
        let beside = if left_of_all {
            self.columns_in_sight().start.saturating_sub(1)
        } else {
            last
        };
        Some(CellAt {
            row: self.view.nearest_row(self.top, pos.y - self.body.top())?,
            column: self.column_at(pos.x).filter(|_| !left_of_all).unwrap_or(beside),
        })
    }
}

/// A horizontal range of the screen: left and right edge.
#[derive(Clone, Copy)]
pub(super) struct Rangex(pub f32, pub f32);

impl Rangex {
    /// The part of `rect` within it.
    pub(crate) fn of(self, rect: Rect) -> Rect {
        Rect::from_min_max(
            pos2(rect.left().max(self.0), rect.top()),
            pos2(rect.right().min(self.1), rect.bottom()),
        )
    }
}

/// As wide as the largest number needs; all digits are equally wide.
fn gutter_width(ui: &Ui, rows: u64, source: &dyn GridSource) -> f32 {
    let last = rows.checked_sub(1).map_or(0, |row| source.line(row).max(rows));
    let font = fonts::regular(size::SMALL);
    let number = ui
        .painter()
        .layout_no_wrap(grouped(last.max(100)), font, Color32::PLACEHOLDER);
    (MARK + number.size().x + space::M).ceil()
}
