//! The line above the table that says which rows are shown and in which order: a chip for every filter, to be changed or
//! taken away, and one for the order.

use std::collections::BTreeSet;

use eframe::egui::{
    CornerRadius, Frame, Label, Margin, Panel, Pos2, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    text::{LayoutJob, TextFormat, TextWrapping},
    vec2,
};

use super::{View, facts, filter_form::FilterForm};
use crate::{
    domain::{
        escapes::safe,
        filter::{ColumnFilter, FilterCondition, ValueTest},
    },
    frame::SortBy,
    session::{Action, Document, Filter, FilterAction, OpenDocument, TableAction},
    ui::{
        UiRequests, fonts, parts,
        theme::{Tokens, radius, size, space},
        widgets::{self, grouped},
    },
};

/// So few rows are looked through before anybody could read that they are being.
const AT_ONCE: u64 = 100_000;
/// How often progress is repainted, in seconds.
pub(super) const PACE: f32 = 0.1;
/// The longest that a chip is, in points.
const CHIP: f32 = 340.0;
/// The cross of a chip, in points.
const CROSS: f32 = 22.0;
/// What the cross of a filter does.
const FILTER: &str = "Remove this filter";
/// So many values of a choice are named on its chip.
const NAMED: usize = 2;

/// Shows the line, where rows are hidden or sorted.
pub(super) fn show(ui: &mut Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    let Ok(open) = document.open() else { return };
    let by_problem = by_problem(document);
    let is_filtered = !open.filters.is_empty() || by_problem.is_some();
    let is_sorted = !open.sorting.by().is_empty() || open.sorting.work().is_some();
    if !is_filtered && !is_sorted && open.filters.failure().is_none() {
        return;
    }
    let frame = Frame::new()
        .fill(Tokens::current(ui).background)
        .inner_margin(Margin::symmetric(space::S as i8, 4));
    Panel::top("filters").frame(frame).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            ui.spacing_mut().interact_size.y = 24.0;
            chips(ui, document, open, by_problem.as_deref(), &mut view.filter, requests);
            if is_filtered {
                standing(ui, document, open, requests);
            }
            order(ui, document, open, requests);
        });
        if let Some(failure) = open.filters.failure() {
            parts::complaint(ui, failure);
        }
    });
}

fn chips(
    ui: &mut Ui,
    document: &Document,
    open: &OpenDocument,
    by_problem: Option<&str>,
    form: &mut Option<FilterForm>,
    requests: &mut UiRequests,
) {
    let mut act = |action| requests.actions.push(Action::Table(document.id, action));
    if let Some(text) = by_problem
        && chip(ui, text, None, FILTER).is_removed
    {
        act(TableAction::Filter(Filter::All));
    }
    for filter in open.filters.all() {
        let text = said(document, filter);
        let answer = ui.push_id(filter.column, |ui| chip(ui, &text, Some("Change this filter"), FILTER));
        if answer.inner.is_removed {
            act(TableAction::FilterColumns(FilterAction::Remove(filter.column)));
        } else if let Some(at) = answer.inner.clicked_at {
            *form = Some(FilterForm::new(open, filter.column, at));
        }
    }
}

/// How many rows are left, or how far the search for them is, and what can be done about all filters.
fn standing(ui: &mut Ui, document: &Document, open: &OpenDocument, requests: &mut UiRequests) {
    let mut act = |action| requests.actions.push(Action::Table(document.id, action));
    let all = open.view.rows();
    if let Some(search) = open.filters.search() {
        ui.ctx().request_repaint_after_secs(PACE);
        if all > AT_ONCE {
            let share = search.progress.fraction().unwrap_or_default();
            small(ui, format!("Filtering… {:.0} %", share * 100.0));
            if ui.add(widgets::quiet("Stop")).clicked() {
                act(TableAction::FilterColumns(FilterAction::Stop));
            }
            return;
        }
    }
    let shown = grouped(open.view.shown_rows());
    small(ui, format!("{shown} of {} rows", grouped(all)));
    if open.filters.is_stale() {
        let button = ui.add(widgets::quiet("Filter again"));
        let told = "Rows have changed since they were filtered; they stay until you filter again";
        if button.on_hover_text(told).clicked() {
            act(TableAction::FilterColumns(FilterAction::Again));
        }
    }
    let button = ui.add(widgets::quiet("Clear all"));
    if button.on_hover_text("Show all rows again").clicked() {
        act(TableAction::FilterColumns(FilterAction::Clear));
    }
}

fn small(ui: &mut Ui, text: String) {
    let text = RichText::new(text).font(fonts::regular(size::SMALL));
    ui.add(Label::new(text.color(Tokens::current(ui).muted)).extend());
}

/// By what the rows are sorted, or how far they are being.
fn order(ui: &mut Ui, document: &Document, open: &OpenDocument, requests: &mut UiRequests) {
    let mut act = |action| requests.actions.push(Action::Table(document.id, action));
    let by = open.sorting.by();
    if !by.is_empty() {
        let text = format!("Sorted by {}", keys(document, by));
        if chip(ui, &text, None, "In the file's order").is_removed {
            act(TableAction::Sort(Vec::new()));
        }
    }
    let Some((by, search)) = open.sorting.work() else {
        return;
    };
    ui.ctx().request_repaint_after_secs(PACE);
    if open.view.rows() > AT_ONCE {
        let share = search.progress.fraction().unwrap_or_default();
        small(ui, format!("Sorting by {}… {:.0} %", keys(document, by), share * 100.0));
        if ui.add(widgets::quiet("Stop")).clicked() {
            act(TableAction::StopSort);
        }
    }
}

/// `price ↓, title ↑`.
fn keys(document: &Document, by: &[SortBy]) -> String {
    let key = |by: &SortBy| {
        let way = if by.descending { '↓' } else { '↑' };
        format!("{} {way}", name(document, by.column))
    };
    by.iter().map(key).collect::<Vec<_>>().join(", ")
}

/// The filter by problem in words.
fn by_problem(document: &Document) -> Option<String> {
    match document.filter() {
        Filter::All => None,
        Filter::Problems => Some("Rows with problems".to_owned()),
        Filter::Refused => Some("Refused by the service".to_owned()),
        Filter::Cause(cause) => Some(format!(
            "{}: {}",
            facts::field(document, cause.column),
            facts::what(&cause)
        )),
    }
}

/// A column as its header calls it.
pub(super) fn name(document: &Document, column: u32) -> String {
    let Some(view) = document.view() else {
        return String::new();
    };
    let path = view.mapping.path(column as usize);
    let title = path.map(|path| path.rsplit('.').next().unwrap_or(path));
    let name = title.or_else(|| Some(view.frame.columns().get(column as usize)?.as_str()));
    safe(name.unwrap_or_default()).into_owned()
}

/// A filter in words: `price ≥ 10`.
fn said(document: &Document, filter: &ColumnFilter) -> String {
    let name = name(document, filter.column);
    let test = match &filter.condition {
        FilterCondition::Problem => return format!("{name} has a problem"),
        FilterCondition::Value(test) => test,
    };
    match test {
        ValueTest::Contains(query) => format!("{name} contains {}", safe(query.text())),
        ValueTest::Equals(wanted) => format!("{name} is {}", value(wanted)),
        ValueTest::Within(range) => match range.ends() {
            (from, "") => format!("{name} ≥ {}", safe(from)),
            ("", to) => format!("{name} ≤ {}", safe(to)),
            (from, to) => format!("{name} from {} to {}", safe(from), safe(to)),
        },
        ValueTest::Empty => format!("{name} is empty"),
        ValueTest::NotEmpty => format!("{name} is not empty"),
        ValueTest::OneOf(values) => format!("{name} is {}", choice(values)),
    }
}

/// A value in a list; there may be none.
pub(super) fn value(text: &str) -> String {
    if text.is_empty() {
        "empty".to_owned()
    } else {
        safe(text).into_owned()
    }
}

/// `red`, `red or blue`, `blue, red or 3 others`.
fn choice(values: &BTreeSet<String>) -> String {
    let named: Vec<String> = values.iter().take(NAMED).map(|text| value(text)).collect();
    match values.len().saturating_sub(NAMED) {
        0 => named.join(" or "),
        1 => format!("{} or 1 other", named.join(", ")),
        others => format!("{} or {} others", named.join(", "), grouped(others as u64)),
    }
}

/// What was done with a chip.
struct ChipAnswer {
    /// Where it ends below, when it was clicked.
    clicked_at: Option<Pos2>,
    /// Whether its cross was.
    is_removed: bool,
}

/// A chip with a cross, and what the cross does. With a hint it can be clicked, too.
fn chip(ui: &mut Ui, text: &str, hint: Option<&str>, cross_hint: &str) -> ChipAnswer {
    let tokens = Tokens::current(ui);
    let job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(CHIP - CROSS - 2.0 * space::S),
        ..LayoutJob::single_section(
            text.to_owned(),
            TextFormat::simple(fonts::regular(size::SMALL), tokens.accent_text),
        )
    };
    let galley = ui.painter().layout_job(job);
    let is_cut = galley.elided;
    let sense = if hint.is_some() { Sense::click() } else { Sense::hover() };
    let wanted = vec2(galley.size().x + space::S + CROSS, 24.0);
    let (rect, mut response) = ui.allocate_exact_size(wanted, sense);
    let (label, cross) = rect.split_left_right_at_x(rect.right() - CROSS);
    let close = ui.interact(cross, response.id.with("cross"), Sense::click());
    let rounding = CornerRadius::same(radius::CARD);
    ui.painter().rect_filled(rect, rounding, tokens.selection);
    if response.has_focus() || hint.is_some() && response.hovered() && !close.hovered() {
        let stroke = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(rect, rounding, stroke, StrokeKind::Inside);
    }
    let place = label.left_center() + vec2(space::S, -galley.size().y / 2.0);
    ui.painter().galley(place, galley, tokens.accent_text);
    let colour = if close.hovered() || close.has_focus() {
        tokens.text
    } else {
        tokens.muted
    };
    let (centre, arm, stroke) = (cross.center() - vec2(2.0, 0.0), 3.5, Stroke::new(1.5, colour));
    for arm in [vec2(arm, arm), vec2(arm, -arm)] {
        ui.painter().line_segment([centre - arm, centre + arm], stroke);
    }
    let role = if hint.is_some() { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, text));
    close.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Remove: {text}")));
    if is_cut {
        response = response.on_hover_text(text);
    } else if let Some(hint) = hint {
        response = response.on_hover_text(hint);
    }
    let close = close.on_hover_text(cross_hint);
    ChipAnswer {
        clicked_at: response.clicked().then_some(rect.left_bottom()),
        is_removed: close.clicked(),
    }
}
