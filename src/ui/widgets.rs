//! Small pieces shared by all panels. Whatever has a colour for a meaning has a shape or a word for it as well.

use std::ops::Range;

use eframe::egui::{
    Align, Align2, Button, Color32, CornerRadius, FontId, Frame, Label, Layout, Margin, Painter, Pos2, Rect, Response,
    RichText, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, pos2, vec2,
};

use super::{
    fonts, panes,
    theme::{Tokens, Tone, radius, size, space},
};
use crate::domain::{escapes::safe_lines, issue::Severity};

pub(crate) use crate::domain::number::{bytes, grouped};

/// A number where room is scarce: `999`, `1.2k`, `85k`, `3.4M`. Rounded down, so that it never says too much.
pub(crate) fn compact(number: u64) -> String {
    let (unit, sign) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (1_000, 'k'),
        1_000_000..1_000_000_000 => (1_000_000, 'M'),
        _ => (1_000_000_000, 'G'),
    };
    let (whole, tenth) = (number / unit, number % unit * 10 / unit);
    if whole < 10 && tenth > 0 {
        format!("{whole}.{tenth}{sign}")
    } else {
        format!("{whole}{sign}")
    }
}

/// Paints a problem's icon: a disc with a cross, a triangle, or a ring with a dot.
pub(crate) fn paint_severity(painter: &Painter, centre: Pos2, radius: f32, severity: Severity, tokens: &Tokens) {
    let tone = tokens.severity(severity);
    match severity {
        Severity::Error => {
            painter.circle_filled(centre, radius, tone.mark);
            let (arm, stroke) = (radius * 0.38, Stroke::new(radius * 0.26, tokens.surface));
            painter.line_segment([centre - vec2(arm, arm), centre + vec2(arm, arm)], stroke);
            painter.line_segment([centre + vec2(-arm, arm), centre + vec2(arm, -arm)], stroke);
        }
        Severity::Warning => {
            let (wide, up, down) = (radius * 1.12, radius * 1.05, radius * 0.85);
            let points = vec![
                centre + vec2(0.0, -up),
                centre + vec2(wide, down),
                centre + vec2(-wide, down),
            ];
            painter.add(Shape::convex_polygon(points, tone.mark, Stroke::new(1.0, tone.mark)));
            let stroke = Stroke::new(radius * 0.28, tokens.surface);
            painter.line_segment(
                [centre + vec2(0.0, -radius * 0.35), centre + vec2(0.0, radius * 0.2)],
                stroke,
            );
            painter.circle_filled(centre + vec2(0.0, radius * 0.5), radius * 0.16, tokens.surface);
        }
        Severity::Info => {
            painter.circle_stroke(centre, radius - 0.75, Stroke::new(1.5, tone.mark));
            painter.circle_filled(centre, radius * 0.28, tone.mark);
        }
    }
}

/// Underlines text that has a problem: an error with a wave, a warning with dashes, information with dots.
pub(crate) fn severity_line(painter: &Painter, x: Range<f32>, y: f32, severity: Severity, tokens: &Tokens) {
    let colour = tokens.severity(severity).mark;
    match severity {
        Severity::Error => {
            let steps = ((x.end - x.start) / 2.5).ceil().max(1.0) as usize;
            let points = (0..=steps).map(|step| {
                let height = if step % 2 == 0 { 1.1 } else { -1.1 };
                pos2((x.start + step as f32 * 2.5).min(x.end), y + height)
            });
            painter.add(Shape::line(points.collect(), Stroke::new(1.2, colour)));
        }
        Severity::Warning => {
            let ends = [pos2(x.start, y), pos2(x.end, y)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.5, colour), 5.0, 3.0));
        }
        Severity::Info => {
            let ends = [pos2(x.start, y), pos2(x.end, y)];
            painter.extend(Shape::dotted_line(&ends, colour, 3.5, 0.8));
        }
    }
}

/// The button for the likeliest action; at most one in sight.
pub(crate) fn primary(text: &str) -> impl Widget {
    move |ui: &mut Ui| {
        let tokens = Tokens::current(ui);
        filled(ui, text, [tokens.accent, tokens.accent_hover], tokens.on_accent)
    }
}

/// The button for an action that cannot be taken back; its text names the action.
pub(crate) fn danger(text: &str) -> impl Widget {
    move |ui: &mut Ui| {
        let (fill, on_fill) = Tokens::current(ui).danger;
        filled(ui, text, [fill, fill.gamma_multiply(0.9)], on_fill)
    }
}

/// What pressing a button risks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Risk {
    /// Nothing that cannot be had back.
    None,
    /// Something is lost.
    Loss,
    /// What customers see changes.
    Production,
}

/// The button that does what a dialog is about, in the colour of what it risks.
pub(crate) fn verb(text: &str, risk: Risk) -> impl Widget {
    move |ui: &mut Ui| match risk {
        Risk::None => ui.add(primary(text)),
        Risk::Loss => ui.add(danger(text)),
        Risk::Production => ui.add(production(text)),
    }
}

/// The button that changes what customers see; its text names where.
pub(crate) fn production(text: &str) -> impl Widget {
    move |ui: &mut Ui| {
        let (fill, on_fill) = Tokens::current(ui).of_production;
        filled(ui, text, [fill, fill.gamma_multiply(0.9)], on_fill)
    }
}

/// The button for everything else.
pub(crate) fn secondary(text: &str) -> impl Widget {
    move |ui: &mut Ui| ui.add(Button::new(RichText::new(text)))
}

/// A button without a frame, for actions beside text.
pub(crate) fn quiet(text: &str) -> impl Widget {
    move |ui: &mut Ui| {
        let colour = Tokens::current(ui).accent_text;
        ui.add(Button::new(RichText::new(text).color(colour)).frame_when_inactive(false))
    }
}

fn filled(ui: &mut Ui, text: &str, [fill, hover]: [Color32; 2], colour: Color32) -> Response {
    ui.scope(|ui| {
        let ring = Tokens::current(ui).text;
        let widgets = &mut ui.visuals_mut().widgets;
        for (visuals, fill, edge) in [
            (&mut widgets.inactive, fill, fill),
            (&mut widgets.hovered, hover, hover),
            (&mut widgets.active, hover, ring),
        ] {
            visuals.weak_bg_fill = fill;
            visuals.bg_stroke.color = edge;
            visuals.fg_stroke.color = colour;
        }
        ui.add(Button::new(RichText::new(text).font(fonts::strong(size::BODY))))
    })
    .inner
}

/// A word on a tint.
pub(crate) fn pill(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let font = fonts::regular(size::SMALL);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, tone.text);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(2.0 * space::S, 6.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, CornerRadius::same(radius::CARD), tone.tint);
    let corner = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley(corner, galley, tone.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// How many problems of a kind there are: icon and number on a tint; can be clicked.
pub(crate) fn severity_badge(ui: &mut Ui, severity: Severity, count: u64) -> Response {
    let tokens = Tokens::current(ui);
    let tone = tokens.severity(severity);
    let galley = ui
        .painter()
        .layout_no_wrap(grouped(count), fonts::strong(size::SMALL), tone.text);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(31.0, 8.0), Sense::click());
    let rounding = CornerRadius::same(radius::CARD);
    ui.painter().rect_filled(rect, rounding, tone.tint);
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_stroke(rect, rounding, (1.0, tone.mark), StrokeKind::Inside);
    }
    paint_severity(
        ui.painter(),
        pos2(rect.left() + 14.0, rect.center().y),
        5.5,
        severity,
        tokens,
    );
    let place = pos2(rect.left() + 23.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, tone.text);
    let plural = if count == 1 || severity == Severity::Info {
        ""
    } else {
        "s"
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{count} {}{plural}", severity.name())));
    response
}

/// The environment one works with: a band one cannot overlook, with a word beside the colour.
pub(crate) fn environment(ui: &mut Ui, name: &str, kind: &str, tone: Tone) -> Response {
    let title = ui
        .painter()
        .layout_no_wrap(name.to_owned(), fonts::strong(size::BODY), tone.text);
    let caption = ui
        .painter()
        .layout_no_wrap(kind.to_owned(), fonts::regular(size::SMALL), tone.text);
    let width = title.size().x + caption.size().x + space::S + 2.0 * space::M + 14.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::click());
    let rounding = CornerRadius::same(radius::CONTROL);
    ui.painter().rect_filled(rect, rounding, tone.tint);
    let edge = if response.hovered() || response.has_focus() {
        2.0
    } else {
        1.0
    };
    ui.painter()
        .rect_stroke(rect, rounding, (edge, tone.mark), StrokeKind::Inside);
    let middle = rect.center().y;
    ui.painter()
        .circle_filled(pos2(rect.left() + space::M + 3.0, middle), 4.0, tone.mark);
    let mut x = rect.left() + space::M + 14.0;
    for (galley, gap) in [(title, space::S), (caption, 0.0)] {
        let size = galley.size();
        ui.painter().galley(pos2(x, middle - size.y / 2.0), galley, tone.text);
        x += size.x + gap;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Environment {name}, {kind}")));
    response
}

/// An entry of the navigation, with a count when there is something to count.
pub(crate) fn nav_item(ui: &mut Ui, selected: bool, text: &str, count: Option<u64>) -> Response {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
    let ground = match (selected, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(radius::CONTROL), ground);
    if response.has_focus() {
        painter.rect_stroke(
            rect,
            CornerRadius::same(radius::CONTROL),
            (2.0, tokens.accent),
            StrokeKind::Inside,
        );
    }
    if selected {
        let mark = Rect::from_center_size(pos2(rect.left() + 1.5, rect.center().y), vec2(3.0, 16.0));
        painter.rect_filled(mark, 1.5, tokens.accent);
    }
    let (font, colour) = if selected {
        (fonts::strong(size::BODY), tokens.accent_text)
    } else {
        (fonts::regular(size::BODY), tokens.text)
    };
    let left = pos2(rect.left() + space::M, rect.center().y);
    painter.text(left, Align2::LEFT_CENTER, text, font, colour);
    if let Some(count) = count {
        let right = pos2(rect.right() - space::M, rect.center().y);
        let font = fonts::regular(size::SMALL);
        painter.text(right, Align2::RIGHT_CENTER, compact(count), font, tokens.muted);
    }
    if selected {
        panes::note_chosen(ui, response.id);
    }
    let spoken = count.map_or_else(|| text.to_owned(), |count| format!("{text}, {count}"));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &spoken));
    response
}

/// Tabs side by side; answers the one clicked. Entries are a text and, if there is something to count, a number.
pub(crate) fn tabs(ui: &mut Ui, selected: usize, entries: &[(&str, Option<u64>)]) -> Option<usize> {
    let tokens = Tokens::current(ui);
    let mut clicked = None;
    let track = Frame::new()
        .fill(tokens.hover)
        .corner_radius(CornerRadius::same(radius::CONTROL + 2))
        .inner_margin(Margin::same(2));
    track.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.spacing_mut().interact_size.y = 26.0;
            for (place, (text, count)) in entries.iter().enumerate() {
                if tab(ui, place == selected, text, *count).clicked() {
                    clicked = Some(place);
                }
            }
        });
    });
    clicked
}

fn tab(ui: &mut Ui, selected: bool, text: &str, count: Option<u64>) -> Response {
    let tokens = Tokens::current(ui);
    let font = if selected {
        fonts::strong(size::BODY)
    } else {
        fonts::regular(size::BODY)
    };
    let colour = if selected { tokens.text } else { tokens.muted };
    let title = ui.painter().layout_no_wrap(text.to_owned(), font, colour);
    let number = count.map(compact).unwrap_or_default();
    let number = ui
        .painter()
        .layout_no_wrap(number, fonts::regular(size::SMALL), tokens.muted);
    let gap = if count.is_some() { 6.0 } else { 0.0 };
    let width = title.size().x + gap + number.size().x + 2.0 * space::M;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::click());
    let rounding = CornerRadius::same(radius::CONTROL);
    if selected {
        ui.painter()
            .rect(rect, rounding, tokens.raised, (1.0, tokens.outline), StrokeKind::Inside);
    }
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect, rounding, (2.0, tokens.accent), StrokeKind::Inside);
    }
    let (left, middle) = (rect.left() + space::M, rect.center().y);
    let second = left + title.size().x + gap;
    ui.painter()
        .galley(pos2(left, middle - title.size().y / 2.0), title, colour);
    ui.painter()
        .galley(pos2(second, middle - number.size().y / 2.0), number, tokens.muted);
    if selected {
        panes::note_chosen(ui, response.id);
    }
    let spoken = count.map_or_else(|| text.to_owned(), |count| format!("{text}, {count}"));
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, &spoken));
    response
}

/// What stands where nothing is yet: what belongs here, and the way to get it.
pub(crate) fn empty_state<R>(ui: &mut Ui, title: &str, text: &str, actions: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = Tokens::current(ui);
    let room = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((room * 0.3).max(space::XL));
        ui.label(
            RichText::new(title)
                .font(fonts::strong(size::DISPLAY))
                .color(tokens.text),
        );
        ui.add_space(space::XS);
        ui.scope(|ui| {
            ui.set_max_width(460.0);
            ui.add(Label::new(RichText::new(safe_lines(text)).color(tokens.muted)).wrap());
        });
        ui.add_space(space::L);
        actions(ui)
    })
    .inner
}

/// Pieces beside each other, in the middle of the room there is.
pub(crate) fn centred_row<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.next_auto_id();
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let rest = (ui.available_width() - known.unwrap_or(0.0)).max(0.0);
    ui.horizontal(|ui| {
        ui.add_space(rest / 2.0);
        let left = ui.cursor().left();
        let inner = add(ui);
        // How wide they are is known once they are there.
        let width = ui.min_rect().right() - left;
        if known != Some(width) {
            ui.data_mut(|data| data.insert_temp(id, width));
            ui.ctx().request_discard("a row is centred");
        }
        inner
    })
    .inner
}

/// A bar that fills up, with its text beneath. `None`: how far it is, is not known.
pub(crate) fn progress(ui: &mut Ui, share: Option<f32>, text: &str) -> Response {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    ui.painter().rect_filled(rect, 3, tokens.hover);
    let (from, to) = share.map_or_else(
        || {
            ui.ctx().request_repaint_after_secs(0.05);
            let turn = (ui.input(|input| input.time) * 0.6).fract() as f32;
            (1.3 * turn - 0.3, 1.3 * turn)
        },
        |share| (0.0, share),
    );
    let x = |part: f32| rect.left() + rect.width() * part.clamp(0.0, 1.0);
    let filled = Rect::from_x_y_ranges(x(from)..=x(to), rect.y_range());
    ui.painter().rect_filled(filled, 3, tokens.accent);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, text);
        info.value = share.map(|share| f64::from(share) * 100.0);
        info
    });
    if !text.is_empty() {
        ui.label(
            RichText::new(text)
                .font(fonts::regular(size::SMALL))
                .color(tokens.muted),
        );
    }
    response
}

/// A name and its value, the names in one column of `width` points.
pub(crate) fn key_value(ui: &mut Ui, width: f32, key: &str, value: &str) {
    let tokens = Tokens::current(ui);
    ui.horizontal_top(|ui| {
        let name = Label::new(RichText::new(key).color(tokens.muted)).truncate();
        ui.allocate_ui_with_layout(vec2(width, 18.0), Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_width(width);
            ui.add(name);
        });
        ui.add(
            Label::new(RichText::new(value).color(tokens.text))
                .wrap()
                .selectable(true),
        );
    });
}

/// What a banner is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Banner {
    /// Something is wrong, or worth knowing.
    Problem(Severity),
    /// Something was done.
    Success,
}

/// A banner with less room has its buttons below its text, in points.
const NARROW_BANNER: f32 = 440.0;

/// A message that stays until it is dismissed; answers whether it was.
pub(crate) fn banner(ui: &mut Ui, notice: Banner, text: &str, actions: impl FnOnce(&mut Ui)) -> bool {
    let tokens = Tokens::current(ui);
    let tone = match notice {
        Banner::Problem(severity) => tokens.severity(severity),
        Banner::Success => tokens.success,
    };
    let frame = Frame::new()
        .fill(tone.tint)
        .stroke(Stroke::new(1.0, tone.mark))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8));
    frame
        .show(ui, |ui| {
            // Beside buttons the text would stand a word a line.
            let is_narrow = ui.available_width() < NARROW_BANNER;
            let mut actions = Some(actions);
            let dismissed = ui.horizontal(|ui| {
                let (_, place) = ui.allocate_space(vec2(16.0, 20.0));
                match notice {
                    Banner::Problem(severity) => paint_severity(ui.painter(), place.center(), 7.0, severity, tokens),
                    Banner::Success => paint_tick(ui.painter(), place.center(), 7.0, tone.mark, tokens.surface),
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let dismissed = close_button(ui, "Dismiss").clicked();
                    if let Some(actions) = actions.take_if(|_| !is_narrow) {
                        actions(ui);
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(RichText::new(safe_lines(text)).color(tokens.text)).wrap());
                    });
                    dismissed
                })
                .inner
            });
            if let Some(actions) = actions {
                ui.horizontal(|ui| ui.with_layout(Layout::right_to_left(Align::Center), actions));
            }
            dismissed.inner
        })
        .inner
}

/// A cross that closes something; `name` says what, for assistive technology.
pub(crate) fn close_button(ui: &mut Ui, name: &str) -> Response {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, CornerRadius::same(radius::SMALL), tokens.hover);
    }
    if response.has_focus() {
        let rounding = CornerRadius::same(radius::SMALL);
        ui.painter()
            .rect_stroke(rect, rounding, (2.0, tokens.accent), StrokeKind::Inside);
    }
    let (centre, arm, stroke) = (rect.center(), 4.0, Stroke::new(1.5, tokens.muted));
    ui.painter()
        .line_segment([centre - vec2(arm, arm), centre + vec2(arm, arm)], stroke);
    ui.painter()
        .line_segment([centre + vec2(-arm, arm), centre + vec2(arm, -arm)], stroke);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response
}

/// Paints a disc with a tick: done.
pub(crate) fn paint_tick(painter: &Painter, centre: Pos2, radius: f32, disc: Color32, tick: Color32) {
    painter.circle_filled(centre, radius, disc);
    let at = |x: f32, y: f32| centre + vec2(x, y) * radius;
    let points = vec![at(-0.42, 0.02), at(-0.1, 0.34), at(0.45, -0.3)];
    painter.add(Shape::line(points, Stroke::new(radius * 0.24, tick)));
}

/// The frame of a card: content on the surface, with a hairline around.
pub(crate) fn card(tokens: &Tokens) -> Frame {
    Frame::new()
        .fill(tokens.surface)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(space::L as i8))
}

/// A card's or section's title.
pub(crate) fn title(ui: &mut Ui, text: &str) -> Response {
    let font: FontId = fonts::strong(size::TITLE);
    ui.label(RichText::new(text).font(font))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let said = [0, 999, 1_000, 80_000, 1_234_567].map(grouped);
        assert_eq!(said, ["0", "999", "1,000", "80,000", "1,234,567"]);
    }

    #[test]
    fn compact_numbers_never_say_too_much() {
        let said = [0, 999, 1_000, 1_290, 9_999, 85_999, 999_999, 3_450_000, 2_000_000_000].map(compact);
        assert_eq!(said, ["0", "999", "1k", "1.2k", "9.9k", "85k", "999k", "3.4M", "2G"]);
    }
}
