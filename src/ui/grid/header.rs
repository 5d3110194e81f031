//! The header: the field that every column feeds, and its count of problems.

use eframe::egui::{
    Align, Align2, Color32, CursorIcon, Galley, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Shape,
    WidgetInfo, accesskit, pos2,
    text::{LayoutJob, TextFormat, TextWrapping},
    vec2,
};

use super::{
    GridColumn, GridEvent, Pass, Sorted,
    body::{BREAK, PADDING, REST},
    layout::Rangex,
    state::MIN_WIDTH,
    strip,
};
use crate::{
    domain::{escapes::safe, issue::Severity},
    ui::{
        fonts,
        theme::size,
        widgets::{compact, paint_severity},
    },
};

/// Where the strip begins, below the upper edge, in points.
const NAME: f32 = 30.0;
/// How near to a column's edge a drag resizes it, in points.
const GRASP: f32 = 5.0;
/// Between a column's field and what stands behind it, in points.
const BESIDE: f32 = 6.0;

impl Pass<'_> {
    pub(super) fn header(&mut self) {
        let response = self
            .ui
            .interact(self.layout.header, self.id.with("header"), Sense::click_and_drag());
        self.resize(&response);
        self.paint_header(&response);
        self.move_column(&response);
        self.click_header(&response);
    }

    /// The column whose right edge is at a place.
    fn edge_at(&self, pos: Pos2) -> Option<usize> {
        let [frozen, moving] = self.layout.zones().map(|(_, columns)| columns);
        moving.chain(frozen).find(|&column| {
            let right = self.layout.column_left(column) + self.layout.edges.width(column);
            let hidden = column >= self.layout.frozen && right < self.layout.moving_left() - GRASP;
            !hidden && (right - pos.x).abs() <= GRASP
        })
    }

    fn resize(&mut self, response: &Response) {
        let pressed = self.ui.input(|input| input.pointer.press_origin());
        if response.drag_started() {
            self.state.resizing = pressed.and_then(|pos| self.edge_at(pos));
        }
        let edge = response.hover_pos().and_then(|pos| self.edge_at(pos));
        if edge.is_some() || self.state.resizing.is_some() {
            self.ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        if response.double_clicked()
            && let Some(column) = edge
            && let Some(width) = self.fitting_width(column)
        {
            self.set_width(column, width);
        }
        if let Some(column) = self.state.resizing {
            if let Some(pos) = response.interact_pointer_pos() {
                self.set_width(column, pos.x - self.layout.column_left(column));
            }
            if !response.dragged() {
                self.state.resizing = None;
            }
        }
    }

    /// Drags a column elsewhere; a line says where it would stand.
    fn move_column(&mut self, response: &Response) {
        let pressed = self.ui.input(|input| input.pointer.press_origin());
        if response.drag_started_by(PointerButton::Primary) && self.state.resizing.is_none() {
            self.state.moving = pressed.and_then(|pos| self.layout.column_at(pos.x));
        }
        let Some(column) = self.state.moving else { return };
        if self.ui.input(|input| input.key_pressed(Key::Escape)) {
            self.state.moving = None;
            return;
        }
        let Some(before) = response.interact_pointer_pos().and_then(|pos| self.gap_at(pos.x)) else {
            self.state.moving = None;
            return;
        };
        let is_move = before != column && before != column + 1;
        if response.drag_stopped() {
            self.state.moving = None;
            if is_move {
                self.events.push(GridEvent::ColumnMoved { column, before });
            }
        } else if is_move {
            self.ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            let x = self
                .gap(before)
                .clamp(self.layout.body.left() + 1.0, self.layout.body.right() - 1.0);
            let ends = self.layout.header.top()..=self.layout.body.bottom();
            self.ui.painter().vline(x, ends, (2.0, self.tokens.accent));
        }
    }

    /// The column in front of which something dropped at a place would stand.
    fn gap_at(&self, x: f32) -> Option<usize> {
        let column = self
            .layout
            .column_at(x.clamp(self.layout.body.left(), self.layout.body.right()));
        let Some(column) = column else {
            return self.layout.edges.count().checked_sub(1).map(|last| last + 1);
        };
        let middle = self.layout.column_left(column) + self.layout.edges.width(column) / 2.0;
        Some(if x < middle { column } else { column + 1 })
    }

    /// Where the left edge of a column is, or the right edge of the last one.
    fn gap(&self, before: usize) -> f32 {
        match before.checked_sub(1) {
            Some(last) if before >= self.layout.edges.count() => {
                self.layout.column_left(last) + self.layout.edges.width(last)
            }
            Some(_) | None => self.layout.column_left(before),
        }
    }

    fn set_width(&mut self, column: usize, width: f32) {
        let name = self.source.columns().get(column).map(|column| column.name.clone());
        let width = width.round().max(MIN_WIDTH);
        if let Some(name) = name.filter(|name| self.state.width(name) != Some(width)) {
            self.state.set_width(&name, width);
            self.events.push(GridEvent::ColumnResized { column, width });
            self.ui.ctx().request_repaint();
        }
    }

    fn click_header(&mut self, response: &Response) {
        let Some(pos) = response.interact_pointer_pos() else {
            return;
        };
        if !(response.clicked() || response.secondary_clicked()) || self.edge_at(pos).is_some() {
            return;
        }
        let Some(column) = self.layout.column_at(pos.x) else {
            return;
        };
        let is_on_strip = pos.y > self.layout.header.top() + NAME;
        if response.clicked() && is_on_strip && self.source.strip(column).is_some() {
            self.events.push(GridEvent::StripClicked { column });
        } else {
            self.open_menu(column);
        }
    }

    fn open_menu(&mut self, column: usize) {
        let at = pos2(
            self.layout.column_left(column).max(self.layout.body.left()),
            self.layout.header.bottom(),
        );
        self.events.push(GridEvent::HeaderClicked { column, at });
    }

    fn paint_header(&mut self, response: &Response) {
        let tokens = self.tokens;
        let all = self.layout.header.union(self.layout.corner);
        self.ui.painter().rect_filled(all, 0, tokens.background);
        let caption = pos2(self.layout.corner.right() - 8.0, self.layout.corner.top() + NAME / 2.0);
        self.ui.painter().text(
            caption,
            Align2::RIGHT_CENTER,
            "line",
            fonts::regular(size::SMALL),
            tokens.muted,
        );
        let hovered = response
            .hover_pos()
            .filter(|_| !response.dragged())
            .and_then(|pos| self.layout.column_at(pos.x));
        let mut asked = None;
        let zones = self.layout.zones();
        for (slot, (stretch, column)) in zones
            .into_iter()
            .rev()
            .flat_map(|(stretch, columns)| columns.map(move |column| (stretch, column)))
            .enumerate()
        {
            let Some(header) = self.source.columns().get(column).cloned() else {
                continue;
            };
            let left = self.layout.column_left(column);
            let rect = Rect::from_min_max(
                pos2(left, self.layout.header.top()),
                pos2(left + self.layout.edges.width(column), self.layout.header.bottom()),
            );
            self.paint_head(&header, column, rect, stretch, hovered == Some(column));
            if self.describe_head(&header, column, slot, stretch.of(rect)) {
                asked = Some(column);
            }
            if hovered == Some(column) {
                self.tell_head(&header, column, stretch.of(rect));
            }
        }
        self.ui
            .painter()
            .hline(all.x_range(), all.bottom() - 0.5, (1.0, tokens.outline));
        if let Some(column) = asked {
            self.open_menu(column);
        }
    }

    /// Tells assistive technology about a column; answers whether it asks for the menu.
    fn describe_head(&self, header: &GridColumn, column: usize, slot: usize, rect: Rect) -> bool {
        let id = self.id.with(("head", slot));
        let node = self.ui.interact(rect, id, Sense::hover());
        node.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, spoken(header)));
        if self.ui.ctx().has_accesskit_node(id)
            && let Some(text) = self.source.strip_text(column)
        {
            self.ui
                .ctx()
                .accesskit_node_builder(id, |node| node.set_description(text));
        }
        self.ui.ctx().accesskit_node_builder(id, |node| {
            node.add_action(accesskit::Action::Click);
        });
        self.ui
            .input(|input| input.has_accesskit_action_request(id, accesskit::Action::Click))
    }

    fn paint_head(&self, header: &GridColumn, column: usize, rect: Rect, stretch: Rangex, hovered: bool) {
        let tokens = self.tokens;
        let painter = self
            .ui
            .painter()
            .with_clip_rect(stretch.of(rect).intersect(self.ui.clip_rect()));
        let selected = self.state.selection.is_some_and(|all| all.columns().contains(&column));
        let ground = if selected {
            tokens.selection
        } else if hovered {
            tokens.hover
        } else {
            tokens.background
        };
        painter.rect_filled(rect, 0, ground);
        painter.vline(rect.right() - 0.5, rect.y_range(), (1.0, tokens.line));
        if selected {
            painter.hline(rect.x_range(), rect.bottom() - 1.0, (2.0, tokens.accent));
        }
        let inner = rect.shrink2(vec2(PADDING, 0.0));
        let right = self.paint_signs(&painter, header, inner);
        let galley = self.head_line(header, right - inner.left());
        let shift = if header.right {
            (right - inner.left() - galley.size().x).max(0.0)
        } else {
            0.0
        };
        let place = pos2(inner.left() + shift, inner.top() + NAME / 2.0 - galley.size().y / 2.0);
        painter.galley(place, galley, Color32::PLACEHOLDER);
        if let Some(strip) = self.source.strip(column) {
            let room = Rect::from_min_max(pos2(inner.left(), inner.top() + NAME), inner.max);
            strip::paint(&painter, room, &strip, tokens);
        }
    }

    /// The field and, behind it, what it is and where it comes from.
    fn head_line(&self, header: &GridColumn, width: f32) -> std::sync::Arc<Galley> {
        let tokens = self.tokens;
        let colour = if header.unused { tokens.muted } else { tokens.text };
        let mut job = LayoutJob {
            break_on_newline: false,
            wrap: TextWrapping::truncate_at_width(width.max(0.0)),
            ..LayoutJob::default()
        };
        let part = |font, colour| TextFormat {
            valign: Align::Center,
            ..TextFormat::simple(font, colour)
        };
        job.append(&safe(&header.title), 0.0, part(fonts::strong(size::BODY), colour));
        let second = second_line(header);
        if !second.is_empty() {
            job.append(&safe(&second), BESIDE, part(fonts::regular(size::SMALL), tokens.muted));
        }
        self.ui.painter().layout_job(job)
    }

    /// Tells all of a header whose text is cut, and what its column holds, when the pointer rests on it.
    fn tell_head(&self, header: &GridColumn, column: usize, rect: Rect) {
        let rests = self.ui.input(|input| input.pointer.time_since_last_movement());
        if rests < REST {
            self.ui.ctx().request_repaint_after_secs(REST - rests);
            return;
        }
        let second = second_line(header);
        let name = match second.as_str() {
            "" => header.title.clone(),
            second => format!("{} · {second}", header.title),
        };
        let told: Vec<String> = std::iter::once(name).chain(self.source.strip_text(column)).collect();
        self.tooltip(rect, "told of column", None, &told.join("\n"));
    }

    /// Paints the sort arrow and the count from the right; returns where the room for the title ends.
    fn paint_signs(&self, painter: &eframe::egui::Painter, header: &GridColumn, inner: Rect) -> f32 {
        let tokens = self.tokens;
        let mut right = inner.right();
        let middle = inner.top() + NAME / 2.0;
        let worst = match (header.errors, header.warnings) {
            (0, 0) => None,
            (0, warnings) => Some((Severity::Warning, warnings)),
            (errors, _) => Some((Severity::Error, errors)),
        };
        if let Some((severity, count)) = worst {
            let tone = tokens.severity(severity);
            let galley = painter.layout_no_wrap(compact(count), fonts::regular(size::SMALL), tone.text);
            right -= galley.size().x;
            painter.galley(pos2(right, middle - galley.size().y / 2.0), galley, tone.text);
            right -= 9.0;
            paint_severity(painter, pos2(right, middle), 5.0, severity, tokens);
            right -= 11.0;
        }
        if let Some((sorted, place)) = header.sorted {
            if let Some(place) = place {
                let colour = tokens.accent_text;
                let galley = painter.layout_no_wrap(place.to_string(), fonts::regular(size::SMALL), colour);
                right -= galley.size().x;
                painter.galley(pos2(right, middle - galley.size().y / 2.0), galley, colour);
                right -= 3.0;
            }
            let tip = if sorted == Sorted::Ascending { -3.0 } else { 3.0 };
            let at = pos2(right - 4.0, middle);
            let points = vec![at + vec2(-4.0, -tip), at + vec2(4.0, -tip), at + vec2(0.0, tip)];
            painter.add(Shape::convex_polygon(
                points,
                tokens.accent_text,
                (0.0, Color32::TRANSPARENT),
            ));
            right -= 13.0;
        }
        right
    }

    /// A line of text, cut with an ellipsis where the room ends.
    pub(super) fn line(
        &self,
        text: &str,
        font: &eframe::egui::FontId,
        colour: Color32,
        width: f32,
    ) -> std::sync::Arc<eframe::egui::Galley> {
        let mut job = LayoutJob {
            break_on_newline: false,
            wrap: TextWrapping::truncate_at_width(width.max(0.0)),
            ..LayoutJob::default()
        };
        for part in text.split_inclusive(BREAK) {
            let (words, sign) = part.strip_suffix(BREAK).map_or((part, ""), |words| (words, "⏎"));
            job.append(words, 0.0, TextFormat::simple(font.clone(), colour));
            if !sign.is_empty() {
                job.append(sign, 0.0, TextFormat::simple(font.clone(), self.tokens.muted));
            }
        }
        self.ui.painter().layout_job(job)
    }
}

/// `number`, or `number · Variant Price` when the column has another name in the file.
fn second_line(header: &GridColumn) -> String {
    match (&header.source, header.kind.is_empty()) {
        (None, _) => header.kind.clone(),
        (Some(source), true) => source.clone(),
        (Some(source), false) => format!("{} · {source}", header.kind),
    }
}

/// `column price, number, from Variant Price, 12 errors, sorted ascending`.
fn spoken(header: &GridColumn) -> String {
    let counted = |count: u64, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let parts = [
        Some(format!("column {}", header.title)),
        (!header.kind.is_empty()).then(|| header.kind.clone()),
        header.source.as_ref().map(|source| format!("from {source}")),
        counted(header.errors, "error"),
        counted(header.warnings, "warning"),
        header.sorted.map(|(sorted, _)| match sorted {
            Sorted::Ascending => "sorted ascending".to_owned(),
            Sorted::Descending => "sorted descending".to_owned(),
        }),
        header.sorted.and_then(|(_, place)| Some(format!("key {}", place?))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
