//! What a column holds: at a glance under its name, and at length in the inspector.

use eframe::egui::{Align2, Label, RichText, Role, ScrollArea, Sense, StrokeKind, Ui, Vec2b, WidgetInfo, pos2, vec2};
use egui_plot::{Bar, BarChart, GridMark, Plot};

use super::{
    facts::{Facts, field},
    selection::written,
};
use crate::{
    domain::{
        distribution::{Distribution, Scale},
        escapes::safe,
        filter::{ColumnFilter, FilterCondition, RangeOrder, ValueRange, ValueTest},
    },
    frame::{ColumnStatistics, ValueKind},
    session::{Action, ColumnState, Document, FilterAction, OpenDocument, TableAction},
    ui::{
        UiRequests, fonts,
        grid::{Strip, StripShape, percent},
        theme::{Tokens, size, space},
        widgets::{self, compact, grouped},
    },
};

/// How many frequent values a strip shows.
const SEGMENTS: usize = 6;
/// Where the most frequent value has a smaller share, shares are too small to be seen.
const FREQUENT: f32 = 0.02;
/// How many frequent values a sentence names.
const NAMED: usize = 3;
/// The most digits of a number after the point.
const DECIMALS: usize = 4;
/// Height of the histogram, in points.
const PLOT: f32 = 120.0;
/// A day in seconds.
const DAY: f64 = 86_400.0;

/// A part of a whole, from 0 to 1.
fn share(part: u64, whole: u64) -> f32 {
    (part as f64 / whole.max(1) as f64) as f32
}

/// What a sample tells of a column, at a glance.
pub(super) fn strip(open: &OpenDocument, facts: &Facts, column: u32) -> Option<Strip> {
    let statistics = open.sampled(column)?;
    let wrong = wrong(facts, column);
    Some(Strip {
        empty: share(statistics.missing, statistics.rows),
        wrong: share(wrong, open.view.rows()),
        shape: shape(statistics),
    })
}

/// How many errors a column has.
fn wrong(facts: &Facts, column: u32) -> u64 {
    facts.columns.get(column as usize).map_or(0, |column| column.errors)
}

fn shape(statistics: &ColumnStatistics) -> StripShape {
    let present = statistics.rows - statistics.missing;
    let frequent = statistics.top.first().map_or(0, |(_, count)| *count);
    match &statistics.distribution {
        _ if present == 0 => StripShape::Empty,
        Some(spread) if spread.least < spread.most => {
            let highest = spread.bins.iter().copied().max().unwrap_or(1);
            StripShape::Histogram(spread.bins.iter().map(|count| share(*count, highest)).collect())
        }
        _ if statistics.distinct == present && present > 1 => StripShape::Distinct("all different".to_owned()),
        _ if share(frequent, present) < FREQUENT => {
            StripShape::Distinct(format!("{} different", compact(statistics.distinct)))
        }
        Some(_) | None => {
            let frequent = statistics.top.iter().take(SEGMENTS);
            StripShape::Shares(frequent.map(|(_, count)| share(*count, present)).collect())
        }
    }
}

/// What a sample tells of a column, in words.
pub(super) fn sentence(open: &OpenDocument, facts: &Facts, column: u32) -> Option<String> {
    let statistics = open.sampled(column)?;
    let present = statistics.rows - statistics.missing;
    let different = match statistics.distinct {
        0 => "No values".to_owned(),
        1 => "One value".to_owned(),
        all if all == present => "All values different".to_owned(),
        some => format!("{} different values", grouped(some)),
    };
    let spread = statistics
        .distribution
        .as_ref()
        .filter(|spread| spread.least < spread.most)
        .map(|spread| format!("from {} to {}", said(spread, spread.least), said(spread, spread.most)));
    let frequent = (statistics.distinct < present && spread.is_none()).then(|| {
        let named = statistics.top.iter().take(NAMED);
        let named = named.map(|(text, count)| format!("{} ({})", short(text), percent(share(*count, present))));
        named.collect::<Vec<_>>().join(", ")
    });
    let empty =
        (statistics.missing > 0).then(|| format!("{} empty", percent(share(statistics.missing, statistics.rows))));
    let wrong = wrong(facts, column);
    let wrong = (wrong > 0).then(|| format!("{} wrong", grouped(wrong)));
    let parts = [Some(different), spread, frequent, empty, wrong];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if statistics.rows < open.view.rows() {
        return Some(format!("{text}\nFrom a sample of {} rows", grouped(statistics.rows)));
    }
    Some(text)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(24) {
        Some((at, _)) => format!("{}…", safe(&text[..at])),
        None => safe(text).into_owned(),
    }
}

/// Asks for what is to be shown under the names of the columns in sight, when nothing else is done with the file.
pub(super) fn ask_for_strips(document: &Document, columns: impl Iterator<Item = u32>, requests: &mut UiRequests) {
    let Ok(open) = document.open() else { return };
    if open.checked().is_err() || open.is_rechecking() || open.changed_on_disk {
        return;
    }
    let columns = open.unsampled(columns);
    if !columns.is_empty() {
        let wanted = TableAction::SampleStatistics(columns);
        requests.actions.push(Action::Table(document.id, wanted));
    }
}

/// The column at the cursor, at length.
pub(super) fn show(ui: &mut Ui, document: &Document, facts: &Facts, requests: &mut UiRequests) {
    let Ok(open) = document.open() else {
        super::super::parts::note(ui, "Known when the whole file is read");
        return;
    };
    if open.checked().is_err() {
        super::super::parts::note(ui, "Known when the whole file is checked");
        return;
    }
    let column = open.view.cursor.1;
    match open.column_state(column) {
        None => {
            let wanted = TableAction::ColumnStatistics(column);
            requests.actions.push(Action::Table(document.id, wanted));
        }
        Some(ColumnState::Running(search)) => {
            widgets::progress(ui, search.progress.fraction(), "Counting its values");
        }
        Some(ColumnState::Failed(reason)) => {
            super::super::parts::complaint(ui, reason);
        }
        Some(ColumnState::Known(statistics)) => {
            ScrollArea::vertical()
                .id_salt("column statistics")
                .auto_shrink([false, false])
                .min_scrolled_height(0.0)
                .show(ui, |ui| {
                    figures(ui, open, facts, column, statistics);
                    ui.add_space(space::S);
                    match &statistics.distribution {
                        Some(spread) if spread.least < spread.most => {
                            histogram(ui, document, column, spread, requests);
                        }
                        Some(_) | None => {}
                    }
                    if let Some(text) = frequent(ui, statistics) {
                        show_rows(document, column, ValueTest::Equals(text), requests);
                    }
                });
        }
    }
}

/// The figures, one a line.
fn figures(ui: &mut Ui, open: &OpenDocument, facts: &Facts, column: u32, statistics: &ColumnStatistics) {
    let present = statistics.rows - statistics.missing;
    let part = |count: u64, whole: u64| match count {
        0 => "none".to_owned(),
        count => format!("{} ({})", grouped(count), percent(share(count, whole))),
    };
    let mut line = |name: &str, value: &str| widgets::key_value(ui, 84.0, name, value);
    let all = open.view.rows();
    if statistics.rows < all {
        line(
            "Counted",
            &format!(
                "{} of {} rows, spread over the file",
                grouped(statistics.rows),
                grouped(all)
            ),
        );
    } else {
        line("Rows", &grouped(all));
    }
    line("Empty", &part(statistics.missing, statistics.rows));
    let wrong = wrong(facts, column);
    line("Wrong", &part(wrong, all));
    let different = if statistics.distinct == present && present > 0 {
        format!("{}, no value comes twice", grouped(present))
    } else {
        grouped(statistics.distinct)
    };
    line("Different", &different);
    if !statistics.kinds.is_empty() {
        let kinds: Vec<String> = statistics
            .kinds
            .iter()
            .map(|(kind, count)| match statistics.kinds.len() {
                1 => plural(*kind).to_owned(),
                _ => format!("{} {}", grouped(*count), plural(*kind)),
            })
            .collect();
        line("Looks like", &kinds.join(", "));
    }
    if let Some((shortest, longest)) = statistics.lengths {
        let text = if shortest == longest {
            format!("{} characters", grouped(shortest))
        } else {
            format!("{} to {} characters", grouped(shortest), grouped(longest))
        };
        line("Length", &text);
    }
    if let Some(spread) = &statistics.distribution {
        let said = |value| said(spread, value);
        line("Range", &format!("{} to {}", said(spread.least), said(spread.most)));
        line("Mean", &said(spread.mean));
        let [quarter, half, most] = spread.quartiles.map(said);
        line("Median", &format!("{half}; half of all from {quarter} to {most}"));
    }
}

const fn plural(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Number => "numbers",
        ValueKind::Boolean => "yes or no",
        ValueKind::Date => "dates",
        ValueKind::Json => "lists or objects",
        ValueKind::Text => "text",
    }
}

/// A value of a distribution, for people.
fn said(spread: &Distribution, value: f64) -> String {
    match spread.scale {
        Scale::Number => written(value, 0, decimals(spread)),
        Scale::Time => {
            let format = if spread.most - spread.least < 3.0 * DAY {
                "%Y-%m-%d %H:%M"
            } else {
                "%Y-%m-%d"
            };
            let moment = jiff::Timestamp::from_second(value as i64);
            moment.map_or_else(|_| value.to_string(), |moment| moment.strftime(format).to_string())
        }
    }
}

/// So many digits after the point that values differ.
fn decimals(spread: &Distribution) -> usize {
    match spread.most - spread.least {
        wide if wide >= 1000.0 => 1,
        wide if wide >= 10.0 => 2,
        _ => DECIMALS,
    }
}

fn histogram(ui: &mut Ui, document: &Document, column: u32, spread: &Distribution, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let width = if spread.has_whole_bins() {
        1.0
    } else {
        (spread.most - spread.least) / spread.bins.len() as f64
    };
    let middle = |at: usize| {
        let (from, to) = spread.bin(at);
        f64::midpoint(from, to)
    };
    let bars = (0..).zip(&spread.bins).map(|(at, count)| {
        let (from, to) = spread.bin(at);
        let range = if from.total_cmp(&to).is_eq() {
            said(spread, from)
        } else {
            format!("{} to {}", said(spread, from), said(spread, to))
        };
        Bar::new(middle(at), *count as f64)
            .width(width * 0.92)
            .fill(tokens.accent.gamma_multiply(0.55))
            .stroke((0.5, tokens.accent))
            .name(format!("{range}\n{} rows", grouped(*count)))
    });
    let name = format!("How {} is spread", field(document, Some(column)));
    let chart = BarChart::new(&name, bars.collect()).element_formatter(Box::new(|bar, _| bar.name.clone()));
    let axis = spread.clone();
    let mut plot_bar = None;
    let shown = Plot::new(("histogram", column))
        .height(PLOT)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_grid(Vec2b::new(false, true))
        .show_x(false)
        .show_y(false)
        .set_margin_fraction(vec2(0.02, 0.08))
        .x_axis_formatter(move |mark: GridMark, _| said(&axis, mark.value))
        .y_axis_formatter(|mark, _| {
            if mark.value < 0.0 {
                String::new()
            } else {
                compact(mark.value as u64)
            }
        })
        .show(ui, |plot| {
            plot.bar_chart(chart);
            plot_bar = plot.pointer_coordinate().and_then(|at| bar_at(spread, at.x));
        });
    let response = shown.response.interact(Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    if response.clicked()
        && let Some((from, to)) = plot_bar
        && let Ok(range) = ValueRange::new(&typed(spread, from), &typed(spread, to), order(spread.scale))
    {
        show_rows(document, column, ValueTest::Within(range), requests);
    }
}

/// The bar at a value.
fn bar_at(spread: &Distribution, value: f64) -> Option<(f64, f64)> {
    let slack = if spread.has_whole_bins() { 0.5 } else { 0.0 };
    (0..spread.bins.len())
        .map(|at| spread.bin(at))
        .find(|(from, to)| (from - slack..=to + slack).contains(&value))
}

const fn order(scale: Scale) -> RangeOrder {
    match scale {
        Scale::Number => RangeOrder::Numbers,
        Scale::Time => RangeOrder::Texts,
    }
}

/// A value as a person would type it to find it.
fn typed(spread: &Distribution, value: f64) -> String {
    match spread.scale {
        Scale::Number => value.to_string(),
        Scale::Time => said(spread, value).replace(' ', "T"),
    }
}

/// Shows the rows behind a bar.
fn show_rows(document: &Document, column: u32, test: ValueTest, requests: &mut UiRequests) {
    let filter = ColumnFilter {
        column,
        condition: FilterCondition::Value(test),
    };
    let set = TableAction::FilterColumns(FilterAction::Set(filter));
    requests.actions.push(Action::Table(document.id, set));
}

/// The most frequent values, each with a bar; answers the one clicked.
fn frequent(ui: &mut Ui, statistics: &ColumnStatistics) -> Option<String> {
    let present = statistics.rows - statistics.missing;
    if present == 0 || statistics.distinct == present && present > 1 {
        return None;
    }
    let tokens = Tokens::current(ui);
    let is_rare = statistics.distinct > statistics.top.len() as u64;
    let title = if is_rare { "Most frequent values" } else { "Values" };
    ui.add_space(space::XS);
    ui.add(Label::new(
        RichText::new(title)
            .font(fonts::strong(size::SMALL))
            .color(tokens.muted),
    ));
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut clicked = None;
    for (text, count) in statistics.top.iter().filter(|(_, count)| !is_rare || *count > 1) {
        // What was cut is not the value.
        let is_whole = statistics.lengths.is_some() || !text.ends_with('…');
        if value(ui, text, *count, present, is_whole) {
            clicked = Some(text.clone());
        }
    }
    clicked
}

/// A value with its bar; answers whether it is clicked.
fn value(ui: &mut Ui, text: &str, count: u64, present: u64, is_whole: bool) -> bool {
    let tokens = Tokens::current(ui);
    let sense = if is_whole { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), sense);
    let counted = format!("{}  {}", grouped(count), percent(share(count, present)));
    let bar = rect.with_max_x(rect.left() + rect.width() * share(count, present));
    let painter = ui.painter().with_clip_rect(rect);
    if is_whole && response.hovered() {
        painter.rect_filled(rect, 3, tokens.hover);
    }
    painter.rect_filled(bar, 3, tokens.accent.gamma_multiply(0.16));
    if response.has_focus() {
        painter.rect_stroke(rect, 3, (1.5, tokens.accent), StrokeKind::Inside);
    }
    let counts = painter.layout_no_wrap(counted.clone(), fonts::regular(size::SMALL), tokens.muted);
    let right = rect.right() - space::XS - counts.size().x;
    painter.galley(
        pos2(right, rect.center().y - counts.size().y / 2.0),
        counts,
        tokens.muted,
    );
    let names = ui.painter().with_clip_rect(rect.with_max_x(right - space::S));
    let place = pos2(rect.left() + space::XS, rect.center().y);
    let shown = safe(text).into_owned();
    names.text(
        place,
        Align2::LEFT_CENTER,
        &shown,
        fonts::regular(size::BODY),
        tokens.text,
    );
    let role = if is_whole { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, format!("{shown}, {counted}")));
    let told = if is_whole {
        format!("{shown}\nShow only these rows")
    } else {
        shown
    };
    response.on_hover_text(told).clicked()
}
