//! The problems of a table, grouped by cause: worst and most frequent first.

use eframe::egui::{
    Align, Align2, Button, CornerRadius, FontId, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Ui,
    UiBuilder, WidgetInfo, pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use super::{
    events::rows,
    facts::{Facts, Group, Sample},
};
use crate::{
    domain::issue::{Cause, Severity},
    session::{Action, Document, Filter},
    ui::{
        Wishes, fonts,
        keys::Deed,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// Height of a group, in points.
const HEIGHT: f32 = 34.0;

/// Shows the problems.
pub(super) fn show(ui: &mut Ui, document: &Document, facts: &mut Facts, wishes: &mut Wishes) {
    let margin = Margin {
        left: space::M as i8,
        right: space::S as i8,
        top: 6,
        bottom: 4,
    };
    eframe::egui::Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| head(ui, document, facts, wishes));
    if document.checked.is_none() {
        note(ui, "The problems appear when the rows are checked");
        return;
    }
    if facts.groups.is_empty() {
        let all = document.frame.as_ref().map_or(0, |frame| u64::from(frame.len()));
        clean(ui, &format!("No problems found in {}", rows(all)));
        return;
    }
    let groups = std::mem::take(&mut facts.groups);
    ScrollArea::vertical()
        .id_salt("problem groups")
        .auto_shrink([false, false])
        .show_rows(ui, HEIGHT, groups.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for group in groups.get(range).unwrap_or_default() {
                let sample = facts.sample(document, group);
                ui.push_id(group.cause, |ui| line(ui, document, group, &sample, wishes));
            }
        });
    facts.groups = groups;
}

fn head(ui: &mut Ui, document: &Document, facts: &Facts, wishes: &mut Wishes) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Problems").font(fonts::strong(size::BODY)));
        for (severity, count) in [
            (Severity::Error, facts.errors),
            (Severity::Warning, facts.warnings),
            (Severity::Info, facts.infos),
        ] {
            if count > 0 && widgets::severity_badge(ui, severity, count).clicked() {
                wishes.actions.push(Action::Filter(document.id, Filter::Problems));
            }
        }
        if facts.error_rows > 0 {
            let text = format!("{} would be left out of an upload", rows(facts.error_rows));
            ui.label(RichText::new(text).color(Tokens::current(ui).muted));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, "Hide problems").clicked() {
                wishes.deeds.push(Deed::Problems);
            }
            let any = !facts.groups.is_empty();
            ui.add_enabled_ui(any, |ui| {
                for deed in [Deed::Export, Deed::NextProblem, Deed::PreviousProblem] {
                    let button = ui.add(widgets::quiet(deed.text()));
                    let shortcut = deed.shortcut_text(ui.ctx()).unwrap_or_default();
                    if button.on_hover_text(shortcut).clicked() {
                        wishes.deeds.push(deed);
                    }
                }
            });
        });
    });
}

fn note(ui: &mut Ui, text: &str) {
    ui.horizontal(|ui| {
        ui.add_space(space::M);
        ui.label(RichText::new(text).color(Tokens::current(ui).muted));
    });
}

fn clean(ui: &mut Ui, text: &str) {
    let tokens = Tokens::current(ui);
    ui.horizontal(|ui| {
        ui.add_space(space::M);
        let (_, place) = ui.allocate_space(vec2(20.0, 24.0));
        widgets::paint_tick(ui.painter(), place.center(), 8.0, tokens.success.mark, tokens.surface);
        ui.label(text);
    });
}

fn line(ui: &mut Ui, document: &Document, group: &Group, sample: &Sample, wishes: &mut Wishes) {
    let tokens = Tokens::current(ui);
    let severity = group.cause.rule.severity();
    let doc = document.id;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let is_filter = document.filter == Filter::Cause(group.cause);
    let fill = if is_filter {
        tokens.selection
    } else if response.contains_pointer() || response.has_focus() {
        tokens.hover
    } else {
        tokens.surface
    };
    let painter = ui.painter().clone();
    painter.rect_filled(rect.shrink2(vec2(4.0, 1.0)), CornerRadius::same(radius::SMALL), fill);
    if response.has_focus() {
        let kind = eframe::egui::StrokeKind::Inside;
        painter.rect_stroke(rect.shrink2(vec2(4.0, 1.0)), radius::SMALL, (2.0, tokens.accent), kind);
    }
    let middle = rect.center().y;
    widgets::paint_severity(&painter, pos2(rect.left() + 22.0, middle), 6.5, severity, tokens);
    painter.text(
        pos2(rect.left() + 92.0, middle),
        Align2::RIGHT_CENTER,
        widgets::grouped(group.rows),
        fonts::strong(size::BODY),
        tokens.text,
    );
    let buttons = buttons(ui, document, group, sample, rect, wishes);
    let right = buttons - space::M;
    let left = rect.left() + 108.0;
    let room = (right - left).max(0.0);
    let (field, what) = ((room * 0.27).min(190.0), (room * 0.40).min(330.0));
    let text = |from: f32, width: f32, text: &str, font: FontId, colour| {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
        job.wrap = TextWrapping::truncate_at_width((width - space::S).max(1.0));
        let galley = painter.layout_job(job);
        let place = pos2(from, middle - galley.size().y / 2.0);
        painter.galley(place, galley, colour);
    };
    text(left, field, &group.field, fonts::strong(size::BODY), tokens.text);
    text(left + field, what, &group.what, fonts::regular(size::BODY), tokens.text);
    let rest = room - field - what;
    if rest > 60.0 && !sample.value.is_empty() {
        let value: String = sample.value.chars().take(120).collect();
        let value = format!("such as {}", value.replace(['\n', '\r', '\t'], " "));
        text(
            left + field + what,
            rest,
            &value,
            fonts::regular(size::SMALL),
            tokens.muted,
        );
    }
    response.widget_info(|| {
        let count = widgets::grouped(group.rows);
        let name = format!("{}: {count} × {} in {}", severity.name(), group.what, group.field);
        WidgetInfo::labeled(Role::Button, true, name)
    });
    let about = group.cause.rule.about();
    let told = format!("{}\n\n{}", about.text, advice(&group.cause));
    if response.on_hover_text(told).clicked() {
        wishes.actions.push(Action::JumpToCause(doc, group.cause));
    }
}

fn advice(cause: &Cause) -> String {
    let advice = cause.hint.map_or(cause.rule.about().advice, |hint| hint.advice());
    format!("What to do: {advice}")
}

/// The buttons at the right end; answers where they begin.
fn buttons(ui: &mut Ui, document: &Document, group: &Group, sample: &Sample, rect: Rect, wishes: &mut Wishes) -> f32 {
    let area = Rect::from_min_max(pos2(rect.center().x, rect.top()), rect.max - vec2(space::M, 0.0));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::right_to_left(Align::Center)),
    );
    ui.spacing_mut().interact_size.y = 24.0;
    ui.spacing_mut().button_padding = vec2(space::S, 3.0);
    let doc = document.id;
    let on = document.filter == Filter::Cause(group.cause);
    let text = if on { "Show all rows" } else { "Show rows" };
    let mut left = area.right();
    let show = ui.add(Button::new(text).selected(on));
    left = left.min(show.rect.left());
    if show.clicked() {
        let filter = if on { Filter::All } else { Filter::Cause(group.cause) };
        wishes.actions.push(Action::Filter(doc, filter));
    }
    let name = group.cause.hint.and_then(|hint| hint.repair_name());
    if let (Some(name), Some(repaired)) = (name, &sample.repaired) {
        let button = ui.add_enabled(!document.is_uploading(), Button::new(name));
        left = left.min(button.rect.left());
        let after = if repaired.is_empty() { "(empty)" } else { repaired };
        let preview = format!(
            "In {}, as one step that can be undone:\n{}  →  {after}",
            rows(group.rows),
            sample.value
        );
        if button.on_hover_text(preview).clicked() {
            wishes.actions.push(Action::Repair(doc, group.cause));
        }
    }
    left
}
