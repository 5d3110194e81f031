//! Column widths that fit their content.

use eframe::egui::{Rect, Ui};

use super::{
    CellAt, CellKind, Layout, Pass,
    body::PADDING,
    state::{MAX_FIT, MIN_WIDTH},
};
use crate::ui::{fonts, theme::size};

/// The widest that a column gets by itself when it is first seen, in points: several should fit beside each other.
const MAX_FIRST: f32 = 160.0;
/// How many characters of a cell are measured.
const MEASURED: usize = 80;

impl Pass<'_> {
    /// Fits every column that is seen for the first time to the cells in sight. A cell that was to be revealed is
    /// revealed again, as columns left of it may have moved it.
    pub(super) fn fit_columns(&mut self, outer: Rect, revealed: Option<CellAt>) {
        let [(_, frozen), (_, moving)] = self.layout.zones();
        let mut fitted = false;
        for column in frozen.chain(moving) {
            let name = self.source.columns().get(column).map(|column| column.name.clone());
            if let Some(name) = name.filter(|name| self.state.width(name).is_none())
                && let Some(width) = self.fitting_width(column)
            {
                self.state.set_width(&name, width.min(MAX_FIRST));
                fitted = true;
            }
        }
        if fitted {
            self.layout = Layout::new(self.ui, outer, self.state, self.source);
            self.state.reveal = revealed;
            self.reveal();
            self.prefetch();
        }
    }

    /// The width at which header and cells in sight are seen whole; `None` when cells are not there yet.
    pub(super) fn fitting_width(&self, column: usize) -> Option<f32> {
        let rows = self.layout.rows_in_sight();
        let header = self.source.columns().get(column)?;
        let title = text_width(self.ui, &header.title, true, size::BODY);
        let count = if header.errors + header.warnings > 0 {
            52.0
        } else {
            16.0
        };
        let mut widest = title + count;
        if rows.is_empty() {
            return None;
        }
        for row in rows {
            let cell = self.source.cell(row, column);
            if cell.kind == CellKind::Pending {
                return None;
            }
            let text: String = cell.text.chars().take(MEASURED).collect();
            widest = widest.max(text_width(self.ui, &text, false, size::BODY));
        }
        Some((widest + 2.0 * PADDING + 4.0).clamp(MIN_WIDTH, MAX_FIT).ceil())
    }
}

fn text_width(ui: &Ui, text: &str, strong: bool, size: f32) -> f32 {
    let font = if strong {
        fonts::strong(size)
    } else {
        fonts::regular(size)
    };
    let galley = ui.painter().layout_no_wrap(
        super::body::one_line(text, usize::MAX),
        font,
        eframe::egui::Color32::PLACEHOLDER,
    );
    galley.size().x
}
