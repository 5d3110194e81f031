//! The problems of a table, grouped by cause: worst and most frequent first.

use eframe::egui::{
    Align, Align2, Button, CornerRadius, FontId, Label, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Ui,
    UiBuilder, WidgetInfo, pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use super::{
    column_fixes,
    events::rows,
    facts::{CauseGroup, Facts, Sample},
};
use crate::{
    domain::{
        escapes::safe,
        issue::{Cause, Severity},
        rules::{Evidence, Hint},
    },
    session::{Action, Document, Filter, TableAction, TableView},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// Room for the buttons of a group, in points.
const BUTTONS: f32 = 296.0;
/// Height of a group, in points.
const HEIGHT: f32 = 34.0;

/// Shows the problems.
pub(super) fn show(ui: &mut Ui, document: &Document, facts: &mut Facts, requests: &mut UiRequests) {
    let margin = Margin {
        left: space::M as i8,
        right: space::S as i8,
        top: 6,
        bottom: 4,
    };
    eframe::egui::Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| head(ui, document, facts, requests));
    if document.checked().is_none() {
        note(ui, "The problems appear when the rows are checked");
        return;
    }
    if facts.groups.is_empty() {
        let all = document.view().map_or(0, TableView::rows);
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
                ui.push_id(group.cause, |ui| line(ui, document, group, &sample, requests));
            }
        });
    facts.groups = groups;
}

fn head(ui: &mut Ui, document: &Document, facts: &Facts, requests: &mut UiRequests) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Problems").font(fonts::strong(size::BODY)));
        for (severity, count) in [
            (Severity::Error, facts.errors),
            (Severity::Warning, facts.warnings),
            (Severity::Info, facts.infos),
        ] {
            if count > 0 && widgets::severity_badge(ui, severity, count).clicked() {
                requests
                    .actions
                    .push(Action::Table(document.id, TableAction::Filter(Filter::Problems)));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, "Hide problems").clicked() {
                requests.menu_commands.push(MenuCommand::Problems);
            }
            ui.add_enabled_ui(!facts.groups.is_empty(), |ui| {
                for (command, text) in [
                    (MenuCommand::Export, "Save rows…"),
                    (MenuCommand::NextProblem, "Next"),
                    (MenuCommand::PreviousProblem, "Previous"),
                ] {
                    let shortcut = command.shortcut_text(ui.ctx()).unwrap_or_default();
                    let told = format!("{} ({shortcut})", command.text());
                    if ui.add(widgets::quiet(text)).on_hover_text(told).clicked() {
                        requests.menu_commands.push(command);
                    }
                }
            });
            if facts.error_rows > 0 {
                let text = format!("{} would be left out of an upload", rows(facts.error_rows));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(text).color(Tokens::current(ui).muted)).truncate());
                });
            }
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

fn line(ui: &mut Ui, document: &Document, group: &CauseGroup, sample: &Sample, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let severity = group.severity;
    let doc = document.id;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let is_filter = document.filter() == Filter::Cause(group.cause);
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
    buttons(ui, document, group, sample, rect, requests);
    let left = rect.left() + 108.0;
    let room = (rect.right() - BUTTONS - left).max(0.0);
    let (field, what) = (room * 0.34, room * 0.66);
    let (field, what) = (field.min(190.0), what.min(300.0));
    let text = |from: f32, width: f32, text: &str, font: FontId, colour| {
        let mut job = LayoutJob::simple_singleline(safe(text).into_owned(), font, colour);
        job.wrap = TextWrapping::truncate_at_width((width - space::S).max(1.0));
        let galley = painter.layout_job(job);
        let place = pos2(from, middle - galley.size().y / 2.0);
        painter.galley(place, galley, colour);
    };
    text(left, field, &group.field, fonts::strong(size::BODY), tokens.text);
    text(left + field, what, &group.what, fonts::regular(size::BODY), tokens.text);
    let left_over = room - field - what;
    // What is missing is not what stands at its place.
    let is_missing = group.cause.rule.about().evidence == Evidence::MissingField;
    if left_over > 60.0 && !sample.value.is_empty() && !is_missing {
        let value: String = sample.value.chars().take(120).collect();
        let value = format!("such as {}", value.replace(['\n', '\r', '\t'], " "));
        text(
            left + field + what,
            left_over,
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
        requests
            .actions
            .push(Action::Table(doc, TableAction::JumpToCause(group.cause)));
    }
}

fn advice(cause: &Cause) -> String {
    let advice = cause.hint.map_or(cause.rule.about().advice, |hint| hint.advice());
    format!("What to do: {advice}")
}

/// The buttons at the right end.
fn buttons(
    ui: &mut Ui,
    document: &Document,
    group: &CauseGroup,
    sample: &Sample,
    rect: Rect,
    requests: &mut UiRequests,
) {
    let area = Rect::from_min_max(pos2(rect.center().x, rect.top()), rect.max - vec2(space::M, 0.0));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::right_to_left(Align::Center)),
    );
    ui.spacing_mut().interact_size.y = 24.0;
    ui.spacing_mut().button_padding = vec2(space::S, 3.0);
    let doc = document.id;
    let on = document.filter() == Filter::Cause(group.cause);
    let text = if on { "Show all rows" } else { "Show rows" };
    let show = ui.add(Button::new(text).selected(on));
    if show.clicked() {
        let filter = if on { Filter::All } else { Filter::Cause(group.cause) };
        requests.actions.push(Action::Table(doc, TableAction::Filter(filter)));
    }
    column_fixes::show(&mut ui, document, &group.cause, requests);
    let name = group.cause.hint.and_then(Hint::repair_name);
    if let (Some(name), Some(repaired)) = (name, &sample.repaired) {
        let button = ui.add_enabled(!document.is_uploading(), Button::new(name));
        let after = if repaired.is_empty() {
            "(empty)"
        } else {
            &safe(repaired)
        };
        let preview = format!(
            "In {}, as one step that can be undone:\n{}  →  {after}",
            rows(group.rows),
            safe(&sample.value)
        );
        if button.on_hover_text(preview).clicked() {
            requests
                .actions
                .push(Action::Table(doc, TableAction::Repair(group.cause)));
        }
    }
}
