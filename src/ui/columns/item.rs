//! What can be chosen in the popups of a column: two lines, the whole of which is the button.

use eframe::egui::{
    Align2, CornerRadius, Response, RichText, Role, Sense, StrokeKind, TextStyle, TextWrapMode, Ui, WidgetInfo,
    WidgetText, pos2, vec2,
};

use crate::ui::{
    fonts,
    theme::{Tokens, radius, size, space},
};

/// A title with a line beneath it, and something short at its right.
pub(super) fn item(ui: &mut Ui, shown: bool, title: &str, beneath: &str, right: Option<&str>) -> Response {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 42.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, shown, title));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let (painter, rounding) = (ui.painter(), CornerRadius::same(radius::CONTROL));
    if shown {
        painter.rect_filled(rect, rounding, tokens.selection);
    } else if response.hovered() {
        painter.rect_filled(rect, rounding, tokens.hover);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, rounding, (2.0, tokens.accent), StrokeKind::Inside);
        response.scroll_to_me(None);
    }
    let (left, right_edge) = (rect.left() + space::S, rect.right() - space::S);
    let small = fonts::regular(size::SMALL);
    let place = pos2(right_edge, rect.top() + 13.0);
    let count = painter.text(
        place,
        Align2::RIGHT_CENTER,
        right.unwrap_or_default(),
        small.clone(),
        tokens.muted,
    );
    let colour = if shown { tokens.accent_text } else { tokens.text };
    let lines = [
        (
            title,
            fonts::strong(size::BODY),
            count.left() - space::S - left,
            13.0,
            colour,
        ),
        (beneath, small, right_edge - left, 29.0, tokens.muted),
    ];
    for (text, font, width, y, colour) in lines {
        let text = RichText::new(text.replace(['\n', '\r'], " ")).font(font);
        let galley = WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Truncate), width, TextStyle::Body);
        let at = pos2(left, rect.top() + y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, colour);
    }
    response
}
