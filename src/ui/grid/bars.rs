//! The scroll bars. The upright one maps its handle to rows and back, so it reaches every position.

use eframe::egui::{Align2, Color32, CornerRadius, Rect, Response, Sense, StrokeKind, pos2, vec2};

use super::Pass;
use crate::ui::{
    fonts,
    theme::{radius, size, space},
};

/// Height of a mark on the upright bar, in points.
const TICK: f32 = 2.0;
/// Shortest handle, in points.
const SHORTEST: f32 = 32.0;

impl Pass<'_> {
    pub(super) fn bars(&mut self) {
        self.upright_bar();
        if let Some(track) = self.layout.horizontal {
            self.level_bar(track);
        }
    }

    fn upright_bar(&mut self) {
        let track = self.layout.vertical;
        self.ui.painter().rect_filled(track, 0, self.tokens.surface);
        let view = self.layout.view;
        let Some((start, length)) = view.handle(self.layout.top, track.height(), SHORTEST) else {
            return;
        };
        let response = self
            .ui
            .interact(track, self.id.with("upright"), Sense::click_and_drag());
        let pointer = response.interact_pointer_pos().map(|pos| pos.y - track.top());
        let mut start = start;
        if let Some(dragged) = self.dragged_start(&response, pointer, start, length) {
            self.scroll_to(view.top_of_handle(dragged, track.height(), length), self.layout.x);
            start = dragged.clamp(0.0, track.height() - length);
            self.state.reveal = None;
        }
        let handle = Rect::from_min_size(track.min + vec2(0.0, start), vec2(track.width(), length));
        self.paint_handle(handle.shrink2(vec2(3.0, 2.0)), &response);
        self.paint_found(track);
        if response.dragged() {
            self.paint_bubble(handle);
        }
    }

    fn level_bar(&mut self, track: Rect) {
        self.ui.painter().rect_filled(track, 0, self.tokens.surface);
        let (room, total) = (self.layout.body.width(), self.layout.edges.total());
        let length = (track.width() * room / total.max(1.0)).clamp(SHORTEST.min(track.width()), track.width());
        let play = (track.width() - length).max(1.0);
        let max_x = self.layout.max_x().max(1.0);
        let start = self.layout.x / max_x * play;
        let response = self.ui.interact(track, self.id.with("level"), Sense::click_and_drag());
        let pointer = response.interact_pointer_pos().map(|pos| pos.x - track.left());
        let mut start = start;
        if let Some(dragged) = self.dragged_start(&response, pointer, start, length) {
            self.scroll_to(self.layout.top, dragged / play * max_x);
            start = dragged.clamp(0.0, play);
        }
        let handle = Rect::from_min_size(track.min + vec2(start, 0.0), vec2(length, track.height()));
        self.paint_handle(handle.shrink2(vec2(2.0, 3.0)), &response);
    }

    /// Where a drag moves the handle to: it keeps the point where it was taken; a press on the track centres it there.
    fn dragged_start(&mut self, response: &Response, pointer: Option<f32>, start: f32, length: f32) -> Option<f32> {
        let pointer = pointer?;
        let pressed = self.ui.input(|input| input.pointer.primary_pressed());
        if (pressed && response.is_pointer_button_down_on()) || response.clicked() {
            let inside = (start..=start + length).contains(&pointer);
            self.state.grip = if inside { pointer - start } else { length / 2.0 };
        }
        (response.dragged() || response.is_pointer_button_down_on() || response.clicked())
            .then_some(pointer - self.state.grip)
    }

    fn paint_handle(&self, handle: Rect, response: &Response) {
        let colour = if response.dragged() || response.is_pointer_button_down_on() {
            self.tokens.muted
        } else if response.hovered() {
            self.tokens.faint
        } else {
            self.tokens.outline
        };
        let rounding = handle.width().min(handle.height()) / 2.0;
        self.ui.painter().rect_filled(handle, rounding, colour);
    }

    /// Marks on the track where rows have what is looked for: as many marks as fit, however many rows there are.
    fn paint_found(&self, track: Rect) {
        let (Some(found), rows) = (self.source.found_rows(), self.source.row_count()) else {
            return;
        };
        let steps = (track.height() / TICK).floor().max(1.0) as u64;
        let row_at = |step: u64| u32::try_from(step * rows / steps).unwrap_or(u32::MAX);
        for step in 0..steps {
            let first = row_at(step);
            // Where there are fewer rows than marks, a row has its mark at its beginning.
            let end = row_at(step + 1);
            if found.at_or_after(first).is_some_and(|row| row < end) {
                let corner = pos2(track.right() - 5.0, track.top() + step as f32 * TICK);
                let tick = Rect::from_min_size(corner, vec2(4.0, TICK));
                self.ui.painter().rect_filled(tick, 0, self.tokens.accent);
            }
        }
    }

    /// Paints the number of the top row beside the handle.
    fn paint_bubble(&self, handle: Rect) {
        let row = self.layout.rows_in_sight().start;
        if self.source.row_count() == 0 {
            return;
        }
        let text = format!("line {}", crate::ui::widgets::grouped(self.source.line(row)));
        let painter = self.ui.painter();
        let galley = painter.layout_no_wrap(text, fonts::regular(size::BODY), self.tokens.text);
        let corner = pos2(handle.left() - space::S, handle.center().y);
        let bubble = Align2::RIGHT_CENTER.anchor_size(corner, galley.size() + vec2(2.0 * space::M, 2.0 * space::XS));
        let rounding = CornerRadius::same(radius::CONTROL);
        painter.rect_filled(bubble, rounding, self.tokens.raised);
        painter.rect_stroke(bubble, rounding, (1.0, self.tokens.outline), StrokeKind::Inside);
        let corner = Align2::CENTER_CENTER.anchor_size(bubble.center(), galley.size()).min;
        painter.galley(corner, galley, Color32::PLACEHOLDER);
    }
}
