//! The strip under a column's name: how its values are spread, how many are missing, and how many are wrong.

use eframe::egui::{Align2, Color32, Painter, Rect, pos2, vec2};

use super::{Strip, StripShape};
use crate::ui::{
    fonts,
    theme::{Tokens, size},
};

/// Room for the share of rows without a value, in points.
const SHARE: f32 = 44.0;
/// Where there is less room than this for both, the share is left out.
const LEAST: f32 = 48.0;
/// Height of the line that says how many values are there and right.
const LINE: f32 = 2.0;
/// Height of the bars.
const BARS: f32 = 11.0;

pub(super) fn paint(painter: &Painter, room: Rect, strip: &Strip, tokens: &Tokens) {
    let line = Rect::from_min_size(pos2(room.left(), room.bottom() - 4.0), vec2(room.width(), LINE));
    paint_line(painter, line, strip, tokens);
    let has_share = strip.empty > 0.0 && room.width() - SHARE >= LEAST;
    let right = room.right() - if has_share { SHARE } else { 0.0 };
    let bars = Rect::from_min_max(
        pos2(room.left(), line.top() - 1.0 - BARS),
        pos2(right, line.top() - 1.0),
    );
    match &strip.shape {
        StripShape::Histogram(heights) => histogram(painter, bars, heights, tokens),
        StripShape::Shares(shares) => segments(painter, bars, shares, tokens),
        StripShape::Distinct(text) => {
            // The number alone says enough where there is no room for more.
            let number = text.split(' ').next().unwrap_or_default();
            let font = fonts::regular(size::SMALL);
            let width = painter.layout_no_wrap(text.clone(), font, tokens.muted).size().x;
            let text = if width <= bars.width() { text } else { number };
            caption(painter, bars.left_center(), Align2::LEFT_CENTER, text, tokens);
        }
        StripShape::Empty => {}
    }
    if has_share {
        let place = pos2(room.right(), bars.center().y);
        caption(painter, place, Align2::RIGHT_CENTER, &percent(strip.empty), tokens);
    }
}

/// A share in per cent, of which a small one is not nothing.
pub(crate) fn percent(share: f32) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        small if small < 0.5 => "<1 %".to_owned(),
        large if large > 99.5 && large < 100.0 => ">99 %".to_owned(),
        share => format!("{share:.0} %"),
    }
}

fn caption(painter: &Painter, at: eframe::egui::Pos2, align: Align2, text: &str, tokens: &Tokens) {
    painter.text(at, align, text, fonts::regular(size::SMALL), tokens.muted);
}

/// As long as there are values, and red as far as they are wrong.
fn paint_line(painter: &Painter, line: Rect, strip: &Strip, tokens: &Tokens) {
    painter.rect_filled(line, 1, tokens.line);
    let filled = line.width() * (1.0 - strip.empty).clamp(0.0, 1.0);
    painter.rect_filled(Rect::from_min_size(line.min, vec2(filled, LINE)), 1, tokens.outline);
    if strip.wrong > 0.0 {
        // One in a million is seen as well.
        let wrong = (line.width() * strip.wrong.min(1.0)).max(3.0);
        painter.rect_filled(Rect::from_min_size(line.min, vec2(wrong, LINE)), 1, tokens.error.mark);
    }
}

fn histogram(painter: &Painter, room: Rect, heights: &[f32], tokens: &Tokens) {
    let width = room.width() / heights.len().max(1) as f32;
    let gap = if width > 3.0 { 1.0 } else { 0.0 };
    for (at, height) in heights.iter().enumerate().filter(|(_, height)| **height > 0.0) {
        let height = (room.height() * height).max(1.0);
        let left = room.left() + width * at as f32;
        let bar = Rect::from_min_max(
            pos2(left, room.bottom() - height),
            pos2(left + width - gap, room.bottom()),
        );
        painter.rect_filled(bar, 0, fill(tokens, 0));
    }
}

fn segments(painter: &Painter, room: Rect, shares: &[f32], tokens: &Tokens) {
    let mut left = room.left();
    let (top, bottom) = (room.top() + 2.0, room.bottom() - 1.0);
    for (at, share) in shares.iter().enumerate() {
        let width = room.width() * share;
        if width < 1.0 {
            break;
        }
        let right = left + (width - 1.0).max(1.0);
        let segment = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        painter.rect_filled(segment, 1, fill(tokens, at));
        left += width;
    }
    if room.right() - left > 1.0 {
        let rest = Rect::from_min_max(pos2(left, top), pos2(room.right(), bottom));
        painter.rect_filled(rest, 1, tokens.line);
    }
}

/// The accent, paler for what is less frequent.
fn fill(tokens: &Tokens, at: usize) -> Color32 {
    let strength = [0.55, 0.42, 0.32, 0.24, 0.18].get(at).copied().unwrap_or(0.14);
    tokens.accent.gamma_multiply(strength)
}
