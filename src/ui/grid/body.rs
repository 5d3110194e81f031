//! The cells and the margin with the row numbers.

use eframe::egui::{
    Align2, Color32, Painter, Popup, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Tooltip, WidgetInfo,
    pos2, vec2,
};

use super::{CellAt, CellKind, GridCell, Pass, layout::MARK};
use crate::{
    domain::{
        escapes::{is_unsafe, safe, safe_lines},
        issue::Severity,
    },
    ui::{
        fonts,
        theme::{Tokens, size},
        widgets::{grouped, paint_severity, paint_tick, severity_line},
    },
};

/// How long the pointer rests before a long text is shown whole, in seconds.
pub(super) const REST: f32 = 0.5;
/// Padding left and right of a cell's text, in points.
pub(super) const PADDING: f32 = 10.0;
/// The sign for a line break within a cell.
pub(super) const BREAK: char = '⏎';
/// How wide the bar is that marks a cell as found, in points.
const FOUND: f32 = 3.0;
/// The most characters of a cell that a tooltip shows.
const TOLD: usize = 600;

impl Pass<'_> {
    pub(super) fn paint_body(&mut self, response: &Response) {
        let tokens = self.tokens;
        let body = self.layout.body;
        self.ui.painter().rect_filled(body, 0, tokens.surface);
        let spoken = self.ui.ctx().has_accesskit_node(response.id);
        let hovered = response.hover_pos().filter(|_| !response.dragged());
        let hovered = hovered.and_then(|pos| self.layout.cell_at(pos));
        let rows = self.layout.rows_in_sight();
        let zones = self.layout.zones();
        let mut slot = 0;
        for (stretch, columns) in zones.into_iter().rev() {
            let clip = stretch.of(body).intersect(self.ui.clip_rect());
            let painter = self.ui.painter().with_clip_rect(clip);
            painter.rect_filled(stretch.of(body), 0, tokens.surface);
            for row in rows.clone() {
                for column in columns.clone() {
                    let at = CellAt { row, column };
                    let rect = self.layout.cell(at);
                    let cell = self.source.cell(row, column);
                    self.paint_cell(&painter, rect, at, &cell);
                    if spoken {
                        self.describe_cell(slot, rect.intersect(clip), at, &cell);
                    }
                    slot += 1;
                }
            }
            self.paint_selection(&painter, response.has_focus());
        }
        let x = self.layout.moving_left();
        if self.layout.frozen > 0 {
            let edge = Stroke::new(1.0, tokens.line);
            self.ui.painter().vline(x - 0.5, body.y_range(), edge);
        }
        if self.layout.frozen > 0 && self.layout.x > 0.0 {
            let shade = Rect::from_min_max(pos2(x, body.top()), pos2(x + 6.0, body.bottom()));
            let dark = Color32::from_black_alpha(if tokens.scheme.is_dark() { 70 } else { 18 });
            let fading = Shape::gradient_rect(
                shade,
                eframe::egui::Direction::LeftToRight,
                [dark, Color32::TRANSPARENT],
            );
            self.ui.painter().add(fading);
        }
        if let Some(at) = hovered.filter(|_| self.state.editing.is_none()) {
            self.tell(at);
        }
    }

    fn paint_cell(&self, painter: &Painter, rect: Rect, at: CellAt, cell: &GridCell<'_>) {
        let tokens = self.tokens;
        let tint = match (cell.severity, cell.edited) {
            (Some(severity), _) => Some(tokens.severity(severity).tint),
            (None, true) => Some(tokens.edited.tint),
            (None, false) => None,
        };
        if let Some(tint) = tint {
            painter.rect_filled(rect, 0, tint);
        }
        if self.source.is_found(at.row, at.column) {
            if tint.is_none() {
                painter.rect_filled(rect, 0, tokens.selection);
            }
            let bar = Rect::from_min_size(rect.min, vec2(FOUND, rect.height()));
            painter.rect_filled(bar, 0, tokens.accent);
        }
        painter.hline(rect.x_range(), rect.bottom() - 0.5, (1.0, tokens.line));
        let inner = rect.shrink2(vec2(PADDING, 0.0));
        let column = self.source.columns().get(at.column);
        let right = column.is_some_and(|column| column.right) && cell.kind != CellKind::Pending;
        let unused = column.is_some_and(|column| column.unused);
        let (text, colour) = match cell.kind {
            CellKind::Value if unused => (None, tokens.muted),
            CellKind::Value => (None, tokens.text),
            CellKind::Missing => (Some(""), tokens.muted),
            CellKind::Null => (Some("null"), tokens.muted),
            CellKind::Empty => (Some("\"\""), tokens.muted),
            CellKind::Pending => (Some("–"), tokens.muted),
        };
        let shown = one_line(text.unwrap_or(&cell.text), (inner.width() / 2.0) as usize + 2);
        let mut text_x = inner.left()..inner.left();
        if !shown.is_empty() {
            let galley = self.line(&shown, &fonts::regular(size::BODY), colour, inner.width());
            let left = if right {
                (inner.right() - galley.size().x).max(inner.left())
            } else {
                inner.left()
            };
            text_x = left..left + galley.size().x;
            painter.galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, colour);
        }
        if let Some(severity) = cell.severity {
            let width = (text_x.end - text_x.start).max(22.0).min(inner.width());
            let left = if right { inner.right() - width } else { inner.left() };
            severity_line(painter, left..left + width, rect.bottom() - 3.5, severity, tokens);
        }
        if cell.edited {
            paint_corner(painter, rect, tokens);
        }
        if cell.original.is_some() {
            paint_fold(painter, rect, tokens);
        }
    }

    /// The selected rectangle: a wash over all of it, an edge around the cursor.
    fn paint_selection(&self, painter: &Painter, focused: bool) {
        let Some(selection) = self.state.selection else {
            return;
        };
        let (rows, columns) = (selection.rows(), selection.columns());
        let first = CellAt {
            row: rows.start,
            column: columns.start,
        };
        let last = CellAt {
            row: rows.end - 1,
            column: columns.end - 1,
        };
        let tokens = self.tokens;
        let edge = if focused { tokens.accent } else { tokens.muted };
        let mut all = self.layout.cell(first).union(self.layout.cell(last));
        if selection.anchor.column.min(selection.cursor.column) < self.layout.frozen {
            // The frozen part does not move with the rest.
            all.min.x = self.layout.column_left(columns.start);
        }
        if !selection.is_cell() {
            painter.rect_filled(all, 0, tokens.selection_wash);
            painter.rect_stroke(all, 0, (1.0, edge), StrokeKind::Inside);
        }
        let cursor = self.layout.cell(selection.cursor);
        let cursor = Rect::from_min_max(cursor.min - vec2(1.0, 1.0), cursor.max);
        painter.rect_stroke(cursor, 2, (2.0, edge), StrokeKind::Inside);
    }

    pub(super) fn paint_gutter(&mut self, response: &Response) {
        let tokens = self.tokens;
        let gutter = self.layout.gutter;
        let painter = self.ui.painter().with_clip_rect(gutter.intersect(self.ui.clip_rect()));
        painter.rect_filled(gutter, 0, tokens.background);
        for row in self.layout.rows_in_sight() {
            let (top, bottom) = (self.layout.row_top(row), self.layout.row_top(row + 1));
            let rect = Rect::from_min_max(pos2(gutter.left(), top), pos2(gutter.right(), bottom));
            let selected = self.state.selection.is_some_and(|all| all.rows().contains(&row));
            if selected {
                painter.rect_filled(rect, 0, tokens.selection);
            }
            painter.hline(rect.x_range(), rect.bottom() - 0.5, (1.0, tokens.line));
            let mark = pos2(rect.left() + MARK / 2.0 + 1.0, rect.center().y);
            if self.source.is_mended(row) {
                paint_tick(&painter, mark, 5.5, tokens.success.mark, tokens.surface);
            } else if let Some(severity) = self.source.row_mark(row) {
                paint_severity(&painter, mark, 5.5, severity, tokens);
            }
            let colour = if selected { tokens.accent_text } else { tokens.muted };
            let line = grouped(self.source.line(row));
            let place = pos2(rect.right() - 8.0, rect.center().y);
            painter.text(place, Align2::RIGHT_CENTER, line, fonts::regular(size::SMALL), colour);
        }
        let edge = Stroke::new(1.0, tokens.outline);
        self.ui
            .painter()
            .vline(gutter.right() - 0.5, self.layout.corner.top()..=gutter.bottom(), edge);
        let row = response
            .hover_pos()
            .and_then(|pos| self.layout.view.row_at(self.layout.top, pos.y - gutter.top()));
        if let Some((row, message)) = row.and_then(|row| Some((row, self.source.row_message(row)?))) {
            let top = self.layout.row_top(row);
            let rect = Rect::from_min_max(
                pos2(gutter.left(), top),
                pos2(gutter.right(), self.layout.row_top(row + 1)),
            );
            self.tooltip(rect, "row told", self.source.row_mark(row), &message);
        }
    }

    /// Shows the tooltip of the cell under the pointer: its problem, or the whole of a text that is cut, and what is in
    /// the file instead.
    fn tell(&self, at: CellAt) {
        let rect = self.layout.cell(at);
        let cell = self.source.cell(at.row, at.column);
        let is_cut = cell.kind == CellKind::Value && self.is_cut(&cell.text, rect);
        let original = cell.original.as_deref().map(|original| in_file(original, "In"));
        if cell.severity.is_some()
            && let Some(message) = self.source.cell_message(at.row, at.column)
        {
            let told: Vec<String> = std::iter::once(message).chain(original).collect();
            self.tooltip(rect, "told", cell.severity, &told.join("\n"));
        } else if is_cut || original.is_some() {
            // What is no problem waits until the pointer rests, so that it does not hide its neighbours at once.
            let rests = self.ui.input(|input| input.pointer.time_since_last_movement());
            if rests < REST {
                self.ui.ctx().request_repaint_after_secs(REST - rests);
                return;
            }
            let whole = is_cut.then(|| shortened(&cell.text));
            let told: Vec<String> = whole.into_iter().chain(original).collect();
            self.tooltip(rect, "told", None, &told.join("\n"));
        }
    }

    fn is_cut(&self, text: &str, rect: Rect) -> bool {
        let room = rect.width() - 2.0 * PADDING;
        text.len() > (room / 2.0) as usize
            || text.contains('\n')
            || self
                .line(&safe(text), &fonts::regular(size::BODY), Color32::PLACEHOLDER, room)
                .elided
    }

    pub(super) fn tooltip(&self, rect: Rect, salt: &str, severity: Option<Severity>, text: &str) {
        // An open menu needs no tooltip beside it.
        let quiet = self.state.quiet;
        let is_quiet = quiet.is_some() && quiet == self.ui.input(|input| input.pointer.latest_pos());
        if is_quiet || Popup::is_any_open(self.ui.ctx()) {
            return;
        }
        let area = self
            .ui
            .interact(rect.intersect(self.ui.clip_rect()), self.id.with(salt), Sense::hover());
        let tokens = self.tokens;
        Tooltip::for_widget(&area).gap(2.0).width(420.0).show(|ui| {
            ui.horizontal_top(|ui| {
                if let Some(severity) = severity {
                    let (_, place) = ui.allocate_space(vec2(14.0, 18.0));
                    paint_severity(ui.painter(), place.center(), 5.5, severity, tokens);
                }
                ui.add(eframe::egui::Label::new(text).wrap());
            });
        });
    }

    /// Gives assistive technology a cell. Nodes belong to places on screen, not to cells, so that scrolling reuses
    /// them.
    fn describe_cell(&self, slot: usize, rect: Rect, at: CellAt, cell: &GridCell<'_>) {
        let id = self.id.with(("cell", slot));
        let node = self.ui.interact(rect, id, Sense::hover());
        node.widget_info(|| WidgetInfo::labeled(Role::Cell, true, self.spoken(at, cell)));
        let selected = self.state.selection.is_some_and(|all| all.contains(at));
        let row = usize::try_from(at.row).unwrap_or(usize::MAX);
        self.ui.ctx().accesskit_node_builder(id, |node| {
            node.set_selected(selected);
            node.set_row_index(row);
            node.set_column_index(at.column);
        });
    }

    /// `row 12, price: 3.x – not a number`.
    fn spoken(&self, at: CellAt, cell: &GridCell<'_>) -> String {
        let value = match cell.kind {
            CellKind::Value => cell.text.as_ref(),
            CellKind::Missing => "no value",
            CellKind::Null => "null",
            CellKind::Empty => "empty text",
            CellKind::Pending => "loading",
        };
        let mut spoken = format!("{}: {value}", self.cell_place(at));
        if let Some(original) = &cell.original {
            spoken.push_str(", ");
            spoken.push_str(&in_file(original, "in"));
        }
        if let Some(severity) = cell.severity {
            let message = self.source.cell_message(at.row, at.column);
            spoken.push_str(" – ");
            spoken.push_str(message.as_deref().unwrap_or(severity.name()));
        }
        if cell.edited {
            spoken.push_str(", edited");
        }
        if self.source.is_found(at.row, at.column) {
            spoken.push_str(", found");
        }
        spoken
    }

    /// `row 12, price`: the number is the one in the margin.
    pub(super) fn cell_place(&self, at: CellAt) -> String {
        let title = self.source.columns().get(at.column).map_or("", |column| &column.title);
        format!("row {}, {title}", self.source.line(at.row))
    }
}

/// `In the file: 12,50`.
fn in_file(original: &str, beginning: &str) -> String {
    let original = if original.is_empty() {
        "no value".to_owned()
    } else {
        shortened(original)
    };
    format!("{beginning} the file: {original}")
}

/// A text as far as a tooltip shows it.
fn shortened(text: &str) -> String {
    let mut start: String = text.chars().take(TOLD).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    safe_lines(&start).into_owned()
}

/// The mark of a changed cell: its upper right corner.
fn paint_corner(painter: &Painter, rect: Rect, tokens: &Tokens) {
    let tip = rect.right_top() + vec2(-1.0, 0.0);
    let corner: Vec<Pos2> = vec![tip + vec2(-7.0, 0.0), tip, tip + vec2(0.0, 7.0)];
    painter.add(Shape::convex_polygon(corner, tokens.edited.mark, Stroke::NONE));
}

/// The mark of a cell that is sent otherwise than it stands in the file: its lower right corner, small and quiet, as
/// mostly all cells of a column have it.
fn paint_fold(painter: &Painter, rect: Rect, tokens: &Tokens) {
    let tip = rect.right_bottom() + vec2(-1.0, -1.0);
    let corner: Vec<Pos2> = vec![tip + vec2(0.0, -5.0), tip, tip + vec2(-5.0, 0.0)];
    painter.add(Shape::convex_polygon(corner, tokens.faint, Stroke::NONE));
}

/// A text on one line: line breaks as signs, tabs as spaces, what is obeyed rather than shown as escapes, cut after `longest` characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let mut rest = text.chars().peekable();
    let mut line = String::with_capacity(text.len().min(longest));
    for _ in 0..longest {
        match rest.next() {
            Some('\r') if rest.peek() == Some(&'\n') => {}
            Some('\n' | '\r') => line.push(BREAK),
            Some('\t') => line.push(' '),
            Some(other) if is_unsafe(other) => line.extend(other.escape_default()),
            Some(other) => line.push(other),
            None => break,
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn breaks_become_signs() {
        assert_eq!(one_line("two\r\nlines\tand\n", 100), "two⏎lines and⏎");
        assert_eq!(one_line("\u{202e}gpj\u{9b}", 100), "\\u{202e}gpj\\u{9b}");
        assert_eq!(one_line("abcdef", 3), "abc");
        assert_eq!(one_line("", 3), "");
    }
}
