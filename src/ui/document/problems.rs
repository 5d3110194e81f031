//! The problems of a table, grouped by cause: worst and most frequent first.

use eframe::egui::{
    Align, Align2, Button, CornerRadius, FontId, Label, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Ui,
    UiBuilder, WidgetInfo, pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use super::{
    View,
    events::rows,
    facts::{CauseGroup, Facts},
    fixes,
    problem_list::Listed,
};
use crate::{
    domain::{
        escapes::safe,
        issue::{Cause, Severity},
        rules::Evidence,
    },
    session::{Action, Document, Filter, Fix, Phase, TableAction, TableView},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// Height of a group, in points.
const HEIGHT: f32 = 26.0;
/// Where the count ends and the field begins, from the left, in points.
const COUNT: f32 = 92.0;
const FIELD: f32 = 108.0;
/// Height of a button in it, in points.
const BUTTON: f32 = 20.0;

/// With less room, in points, what stands in the menu of problems as well is left out above the list.
const NARROW_HEAD: f32 = 660.0;

/// Shows the problems.
pub(super) fn show(ui: &mut Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    let margin = Margin {
        left: space::M as i8,
        right: space::S as i8,
        top: 3,
        bottom: 3,
    };
    eframe::egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = HEIGHT;
        ui.spacing_mut().button_padding.y = 3.0;
        head(ui, document, &view.facts, requests);
    });
    follow(ui, document, view);
    let View { facts, problems, .. } = view;
    if problems.lines().is_empty() {
        // The panel keeps its height.
        ui.set_min_height(ui.available_height());
        if document.checked().is_none() {
            note(ui, "The problems appear when the rows are checked");
        } else {
            let all = document.view().map_or(0, TableView::rows);
            clean(ui, &format!("No problems found in {}", rows(all)));
        }
        return;
    }
    let is_marked = |line: &Listed| line.mended.is_none() && place_of_cursor(document, &line.group.cause).is_some();
    let marked = problems.lines().iter().position(is_marked);
    let mut area = ScrollArea::vertical()
        .id_salt("problem groups")
        .auto_shrink([false, false])
        .min_scrolled_height(0.0);
    // What is under the pointer stays there.
    if !ui.rect_contains_pointer(ui.max_rect())
        && let Some(top) = problems.scroll.bring(marked, HEIGHT)
    {
        area = area.vertical_scroll_offset(top);
    }
    let lines = problems.lines();
    let shown = area.show_rows(ui, HEIGHT, lines.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for Listed { group, mended } in lines.get(range).unwrap_or_default() {
            ui.push_id(group.cause, |ui| {
                if let Some(depth) = mended {
                    mended_line(ui, document, group, *depth, requests);
                } else {
                    let sample = facts.sample(document, group).to_owned();
                    line(ui, document, (group, &sample), facts.fix(&group.cause), requests);
                }
            });
        }
    });
    problems.scroll.top = shown.state.clamped_offset().y;
    problems.scroll.room = shown.inner_rect.height();
}

/// Brings the list up to date; while the rows are checked, it stays as it is.
fn follow(ui: &Ui, document: &Document, view: &mut View) {
    let now = ui.input(|input| input.time);
    let list = &mut view.problems;
    if ui.rect_contains_pointer(ui.max_rect()) {
        list.hold(now);
    }
    match document.phase() {
        Phase::Checking => {}
        Phase::Opening | Phase::Failed(_) => *list = super::problem_list::ProblemList::default(),
        Phase::Ready => list.follow(
            &view.facts.groups,
            document.view().map_or(0, TableView::undo_depth),
            now,
        ),
    }
    if let Some(seconds) = list.settles_in(now) {
        let wait = std::time::Duration::from_secs_f64(seconds + 0.05);
        ui.ctx().request_repaint_after(wait);
    }
}

fn head(ui: &mut Ui, document: &Document, facts: &Facts, requests: &mut UiRequests) {
    let is_narrow = ui.available_width() < NARROW_HEAD;
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
                let commands = [
                    (MenuCommand::Export, "Save rows…"),
                    (MenuCommand::NextProblem, "Next"),
                    (MenuCommand::PreviousProblem, "Previous"),
                ];
                for (command, text) in commands.into_iter().filter(|_| !is_narrow) {
                    let shortcut = command.shortcut_text(ui.ctx()).unwrap_or_default();
                    let told = format!("{} ({shortcut})", command.text());
                    if ui.add(widgets::quiet(text)).on_hover_text(told).clicked() {
                        requests.menu_commands.push(command);
                    }
                }
            });
            repair_all(ui, document, facts, requests);
            if facts.error_rows > 0 {
                let text = format!("{} would be left out of an upload", rows(facts.error_rows));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(text).color(Tokens::current(ui).muted)).truncate());
                });
            }
        });
    });
}

fn repair_all(ui: &mut Ui, document: &Document, facts: &Facts, requests: &mut UiRequests) {
    let text = match facts.safe_fixes() {
        0 => return,
        1 => "Repair the safe one".to_owned(),
        many => format!("Repair all {many} safe ones"),
    };
    let command = MenuCommand::RepairAll;
    let shortcut = command.shortcut_text(ui.ctx()).unwrap_or_default();
    let told =
        format!("Everything that leaves no choice and loses no value, as one step that can be undone ({shortcut})");
    ui.add_enabled_ui(!document.is_uploading() && document.checked().is_some(), |ui| {
        if ui.add(widgets::primary(&text)).on_hover_text(told).clicked() {
            requests.menu_commands.push(command);
        }
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

/// A cause that has been mended, in the place where it stood.
fn mended_line(ui: &mut Ui, document: &Document, group: &CauseGroup, depth: usize, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let middle = rect.center().y;
    let tick = pos2(rect.left() + 22.0, middle);
    widgets::paint_tick(ui.painter(), tick, 7.0, tokens.success.mark, tokens.surface);
    ui.painter().text(
        pos2(rect.left() + COUNT, middle),
        Align2::RIGHT_CENTER,
        widgets::grouped(group.rows),
        fonts::strong(size::BODY),
        tokens.muted,
    );
    let area = Rect::from_min_max(pos2(rect.left() + FIELD, rect.top()), rect.max - vec2(space::M, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(area).layout(layout));
    ui.spacing_mut().interact_size.y = BUTTON;
    ui.spacing_mut().button_padding = vec2(space::XS, 1.0);
    let text = format!("repaired: {}, {}", group.field, group.what);
    ui.add(Label::new(RichText::new(safe(&text)).color(tokens.muted)).truncate());
    // A later change would have to be taken back first.
    let is_last = document.view().is_some_and(|view| view.undo_depth() == depth);
    if is_last && ui.add(widgets::quiet("Undo")).clicked() {
        requests.menu_commands.push(MenuCommand::Undo);
    }
}

/// Which of the rows with a cause the cursor is in, from 1, when it is on its cell.
pub(super) fn place_of_cursor(document: &Document, cause: &Cause) -> Option<u64> {
    let (row, column) = document.view()?.cursor;
    let rows = document.checked()?.issues.rows(cause)?;
    let is_there = cause.column.is_none_or(|of| of == column) && rows.contains(row);
    is_there.then(|| rows.rank(row) + 1)
}

fn line(
    ui: &mut Ui,
    document: &Document,
    (group, sample): (&CauseGroup, &str),
    fix: Option<&Fix>,
    requests: &mut UiRequests,
) {
    let tokens = Tokens::current(ui);
    let severity = group.severity;
    let doc = document.id;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let is_filter = document.filter() == Filter::Cause(group.cause);
    let cursor = place_of_cursor(document, &group.cause);
    let fill = if is_filter {
        tokens.selection
    } else if response.contains_pointer() || response.has_focus() || cursor.is_some() {
        tokens.hover
    } else {
        tokens.surface
    };
    let painter = ui.painter().clone();
    let body = rect.shrink2(vec2(4.0, 1.0));
    painter.rect_filled(body, CornerRadius::same(radius::SMALL), fill);
    if cursor.is_some() {
        let bar = Rect::from_min_size(body.min, vec2(3.0, body.height()));
        painter.rect_filled(bar, CornerRadius::same(1), tokens.accent);
    }
    if response.has_focus() {
        let kind = eframe::egui::StrokeKind::Inside;
        painter.rect_stroke(body, radius::SMALL, (2.0, tokens.accent), kind);
    }
    let middle = rect.center().y;
    widgets::paint_severity(&painter, pos2(rect.left() + 22.0, middle), 6.5, severity, tokens);
    painter.text(
        pos2(rect.left() + COUNT, middle),
        Align2::RIGHT_CENTER,
        widgets::grouped(group.rows),
        fonts::strong(size::BODY),
        tokens.text,
    );
    let right = buttons(ui, document, group, fix, rect, requests);
    let left = rect.left() + FIELD;
    let room = (right - space::S - left).max(0.0);
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
    let told = match cursor {
        Some(place) => Some(format!(
            "{} of {}",
            widgets::grouped(place),
            widgets::grouped(group.rows)
        )),
        None if sample.is_empty() || is_missing => None,
        None => {
            let value: String = sample.chars().take(120).collect();
            Some(format!("such as {}", value.replace(['\n', '\r', '\t'], " ")))
        }
    };
    if let Some(told) = told.filter(|_| left_over > 60.0) {
        text(
            left + field + what,
            left_over,
            &told,
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

/// The buttons at the right end, and where they begin.
fn buttons(
    ui: &mut Ui,
    document: &Document,
    group: &CauseGroup,
    fix: Option<&Fix>,
    rect: Rect,
    requests: &mut UiRequests,
) -> f32 {
    let area = Rect::from_min_max(pos2(rect.center().x, rect.top()), rect.max - vec2(space::M, 0.0));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::right_to_left(Align::Center)),
    );
    ui.spacing_mut().interact_size.y = BUTTON;
    ui.spacing_mut().button_padding = vec2(space::S, 1.0);
    let doc = document.id;
    let on = document.filter() == Filter::Cause(group.cause);
    let text = if on { "Show all rows" } else { "Show rows" };
    let show = ui.add(Button::new(text).selected(on));
    if show.clicked() {
        let filter = if on { Filter::All } else { Filter::Cause(group.cause) };
        requests.actions.push(Action::Table(doc, TableAction::Filter(filter)));
    }
    fixes::show(&mut ui, document, group, fix, requests);
    ui.min_rect().left()
}
