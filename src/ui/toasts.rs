//! Messages at the bottom right, over everything else, so that nothing moves for them. News goes by itself; what went
//! wrong stays until it is dismissed, and can be copied.

use std::collections::BTreeMap;

use eframe::egui::{
    Align, Align2, Area, Color32, Context, CornerRadius, Frame, Id, Label, Layout, Margin, Order, Rect, RichText,
    ScrollArea, Stroke, Ui, accesskit::Live, vec2,
};

use super::{
    UiRequests,
    theme::{Tokens, radius, space},
    widgets,
};
use crate::{
    domain::{escapes::safe_lines, issue::Severity},
    session::{Action, Notice, Session, TableAction},
};

/// How long news stays, in seconds; long texts take a second more for every so many letters beyond so many.
const STAY: f64 = 4.0;
const SHORT: usize = 120;
const A_SECOND: usize = 40;
/// How many are shown at once.
const STACKED: usize = 3;
const WIDTH: f32 = 380.0;
/// What a text is high before it scrolls.
const HEIGHT: f32 = 170.0;
/// What is left below them: the line below the table stays in sight.
const ABOVE: f32 = 40.0;

/// How long messages have still to stay.
#[derive(Debug, Default)]
pub(super) struct Toasts {
    /// The seconds left, by the messages' numbers.
    left: BTreeMap<u64, f64>,
    /// When that was worked out.
    at: f64,
    /// Where they were shown.
    place: Option<Rect>,
    /// Whether one of their buttons has the keyboard.
    has_focus: bool,
}

impl Toasts {
    /// Shows the latest messages. While the pointer is over one of them, all stay.
    pub(super) fn show(&mut self, ctx: &Context, session: &Session, requests: &mut UiRequests) {
        let notices = &session.notices;
        let hidden = notices.len().saturating_sub(STACKED);
        let shown = &notices[hidden..];
        self.let_go(ctx, shown, requests);
        if shown.is_empty() {
            *self = Self::default();
            return;
        }
        self.has_focus = false;
        let area = Area::new(Id::unique("toasts"))
            .order(Order::Middle)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-space::L, -ABOVE));
        let response = area.show(ctx, |ui| {
            ui.set_width(WIDTH.min(ctx.content_rect().width() - 2.0 * space::L));
            ui.spacing_mut().item_spacing.y = space::S;
            if hidden > 0 {
                Self::rest(ui, shown, hidden, requests);
            }
            for notice in shown {
                ui.push_id(("notice", notice.id), |ui| self.toast(ui, session, notice, requests));
            }
        });
        self.place = Some(response.response.rect);
    }

    /// Counts down, and lets go what has been there long enough.
    fn let_go(&mut self, ctx: &Context, shown: &[Notice], requests: &mut UiRequests) {
        let (now, pointer) = ctx.input(|input| (input.time, input.pointer.hover_pos()));
        let is_held = self.has_focus || self.place.zip(pointer).is_some_and(|(place, at)| place.contains(at));
        let passed = if is_held { 0.0 } else { (now - self.at).max(0.0) };
        self.at = now;
        self.left.retain(|id, _| shown.iter().any(|notice| notice.id == *id));
        for notice in shown.iter().filter(|notice| !notice.is_problem) {
            match self.left.get_mut(&notice.id) {
                None => {
                    self.left.insert(notice.id, stay(&notice.text));
                }
                Some(left) => {
                    *left -= passed;
                    if *left <= 0.0 {
                        requests.actions.push(Action::DismissNotice(notice.id));
                    }
                }
            }
        }
        if let Some(next) = self.left.values().copied().reduce(f64::min).filter(|_| !is_held) {
            ctx.request_repaint_after_secs(next.max(0.0) as f32);
        }
    }

    /// Says how many are not shown; these come up once the others are put away, so that none goes unread.
    fn rest(ui: &mut Ui, shown: &[Notice], hidden: usize, requests: &mut UiRequests) {
        let tokens = Tokens::current(ui);
        frame(ui, tokens.raised, tokens.outline).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(format!("and {hidden} more"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.add(widgets::quiet("Dismiss these")).clicked() {
                        let all = shown.iter().map(|notice| Action::DismissNotice(notice.id));
                        requests.actions.extend(all);
                    }
                });
            });
        });
    }

    fn toast(&mut self, ui: &mut Ui, session: &Session, notice: &Notice, requests: &mut UiRequests) {
        let tokens = Tokens::current(ui);
        let (severity, live) = if notice.is_problem {
            (Severity::Error, Live::Assertive)
        } else {
            (Severity::Info, Live::Polite)
        };
        let tone = tokens.severity(severity);
        let fill = if notice.is_problem { tone.tint } else { tokens.raised };
        frame(ui, fill, tone.mark).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let (_, place) = ui.allocate_space(vec2(16.0, 20.0));
                widgets::paint_severity(ui.painter(), place.center(), 7.0, severity, tokens);
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    let dismiss = widgets::close_button(ui, "Dismiss");
                    self.has_focus |= dismiss.has_focus();
                    if dismiss.clicked() {
                        requests.actions.push(Action::DismissNotice(notice.id));
                    }
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        ui.add_space(1.0);
                        let text = ScrollArea::vertical().max_height(HEIGHT).show(ui, |ui| {
                            ui.add(Label::new(RichText::new(safe_lines(&notice.text)).color(tokens.text)).wrap())
                        });
                        let id = text.inner.id;
                        ui.ctx().accesskit_node_builder(id, |node| node.set_live(live));
                    });
                });
            });
            self.deeds(ui, session, notice, requests);
        });
    }

    /// What can be done about a message, below it.
    fn deeds(&mut self, ui: &mut Ui, session: &Session, notice: &Notice, requests: &mut UiRequests) {
        let undoes = session.takes_back(notice);
        if undoes.is_none() && !notice.is_problem {
            return;
        }
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(doc) = undoes {
                    let undo = ui.add(widgets::quiet("Undo"));
                    // There are other buttons of that name.
                    let name = format!("Undo: {}", safe_lines(&notice.text));
                    ui.ctx().accesskit_node_builder(undo.id, |node| node.set_label(name));
                    self.has_focus |= undo.has_focus();
                    if undo.clicked() {
                        requests.actions.push(Action::Table(doc, TableAction::Undo));
                        requests.actions.push(Action::DismissNotice(notice.id));
                    }
                }
                if notice.is_problem {
                    let copy = ui.add(widgets::quiet("Copy"));
                    ui.ctx()
                        .accesskit_node_builder(copy.id, |node| node.set_label("Copy the message"));
                    self.has_focus |= copy.has_focus();
                    if copy.clicked() {
                        ui.ctx().copy_text(notice.text.clone());
                    }
                }
            });
        });
    }
}

fn frame(ui: &Ui, fill: Color32, edge: Color32) -> Frame {
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, edge))
        .shadow(ui.visuals().popup_shadow)
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
}

fn stay(text: &str) -> f64 {
    let beyond = text.chars().count().saturating_sub(SHORT);
    STAY + beyond.div_ceil(A_SECOND) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_news_stays_longer() {
        assert_eq!(stay("The copy is written to a.csv").to_bits(), STAY.to_bits());
        assert!(stay(&"a".repeat(400)) >= 10.0);
    }
}
