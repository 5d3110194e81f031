//! The record at the cursor: the whole cell, the JSON that would be sent, and what is wrong with it.

use eframe::egui::{Align, CornerRadius, Frame, Label, Layout, Margin, RichText, ScrollArea, Ui, vec2};

use super::{
    events::named,
    facts::{Facts, field},
    rows::Row,
    statistics,
};
use crate::{
    check::Problem,
    domain::{cell::Cell, escapes::safe_lines, issue::Severity, record::Plan, rules::Rule},
    session::{Action, Document, TableAction},
    ui::{
        UiRequests, fonts, json,
        keys::MenuCommand,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// Which side of the record is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    /// The JSON.
    #[default]
    Record,
    /// The problems.
    Problems,
    /// What the column at the cursor holds.
    Column,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Record, Self::Problems, Self::Column];
}

/// Shows the record at the cursor.
pub(super) fn show(
    ui: &mut Ui,
    document: &Document,
    row: Option<&Row>,
    facts: &Facts,
    tab: &mut Tab,
    requests: &mut UiRequests,
) {
    let Some(row) = row else {
        ui.label(RichText::new("Select a cell to see its record").color(Tokens::current(ui).muted));
        return;
    };
    heading(ui, document, row, facts, requests);
    ui.add_space(space::XS);
    let count = row.problems(document).len() as u64;
    let entries = Tab::ALL.map(|tab| match tab {
        Tab::Record => ("Record", None),
        Tab::Problems => ("Problems", (count > 0).then_some(count)),
        Tab::Column => ("Column", None),
    });
    let selected = Tab::ALL.iter().position(|other| other == tab).unwrap_or(0);
    if let Some(clicked) = widgets::tabs(ui, selected, &entries).and_then(|at| Tab::ALL.get(at)) {
        *tab = *clicked;
    }
    ui.add_space(space::XS);
    match tab {
        Tab::Record => {
            cell(ui, document, row, facts, requests);
            ui.add_space(space::XS);
            record(ui, document, row, facts);
        }
        Tab::Problems => {
            cell(ui, document, row, facts, requests);
            ui.add_space(space::XS);
            problems(ui, document, row, requests);
        }
        Tab::Column => statistics::show(ui, document, facts, requests),
    }
}

/// The field at the cursor, what it holds, and where that is.
fn heading(ui: &mut Ui, document: &Document, row: &Row, facts: &Facts, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let Some(view) = document.view() else { return };
    let column = view.cursor.1;
    let place = view.frame.location(row.file, Some(column)).to_string();
    ui.horizontal(|ui| {
        let title = field(document, Some(column));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, "Hide inspector").clicked() {
                requests.menu_commands.push(MenuCommand::Inspector);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(title).font(fonts::strong(size::BODY))).truncate());
            });
        });
    });
    let kind = facts
        .columns
        .get(column as usize)
        .map_or("", |column| column.kind.as_str());
    let sent = if kind.is_empty() { "not sent" } else { kind };
    let below = format!("{sent}, {place}");
    ui.label(
        RichText::new(below)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted),
    );
}

/// The whole cell, and what is wrong with it.
fn cell(ui: &mut Ui, document: &Document, row: &Row, facts: &Facts, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let Some(view) = document.view() else { return };
    let column = view.cursor.1;
    let (text, is_value) = match row.cell(column) {
        Cell::Missing => ("No value".to_owned(), false),
        Cell::Json("null") => ("null".to_owned(), false),
        cell => {
            let text = safe_lines(&cell.shown()).into_owned();
            if text.is_empty() {
                ("Empty text".to_owned(), false)
            } else {
                (text, true)
            }
        }
    };
    let colour = if is_value { tokens.text } else { tokens.muted };
    Frame::new()
        .fill(tokens.background)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::same(space::S as i8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::vertical()
                .id_salt("whole cell")
                .max_height(110.0)
                .show(ui, |ui| {
                    ui.add(Label::new(RichText::new(text).color(colour)).wrap().selectable(true));
                });
        });
    if let Some(sent) = facts.plan(document).and_then(|plan| row.sent(plan, column)) {
        let text = match sent {
            "" => "Sent without a value".to_owned(),
            sent => format!("Sent as {}", safe_lines(sent)),
        };
        let text = RichText::new(text).font(fonts::regular(size::SMALL)).color(tokens.text);
        ui.add(Label::new(text).wrap().selectable(true));
    }
    reasons(ui, document, row, column);
    if let Some((_, repaired)) = row.repair(document, column) {
        let text = format!("Repair: {}", named(&repaired));
        let shortcut = MenuCommand::Repair.shortcut_text(ui.ctx()).unwrap_or_default();
        if ui.add(widgets::secondary(&text)).on_hover_text(shortcut).clicked() {
            requests.menu_commands.push(MenuCommand::Repair);
        }
    }
}

/// What is wrong with the cell, and how many rows have that.
fn reasons(ui: &mut Ui, document: &Document, row: &Row, column: u32) {
    let tokens = Tokens::current(ui);
    let of_cell = row
        .problems(document)
        .iter()
        .filter(|problem| problem.cause.column == Some(column));
    for problem in of_cell {
        ui.horizontal_top(|ui| {
            let (_, place) = ui.allocate_space(vec2(16.0, 17.0));
            widgets::paint_severity(ui.painter(), place.center(), 6.0, problem.severity, tokens);
            let rows = document
                .checked()
                .and_then(|checked| checked.issues.rows(&problem.cause));
            let rows = rows.filter(|rows| rows.len() > 1);
            let place = super::problems::place_of_cursor(document, &problem.cause).zip(rows);
            let count = place.map_or_else(String::new, |(place, rows)| {
                format!("  {} of {}", widgets::grouped(place), widgets::grouped(rows.len()))
            });
            let text = format!("{}{count}", safe_lines(&problem.sentence));
            let text = RichText::new(text).font(fonts::regular(size::SMALL)).color(tokens.text);
            ui.add(Label::new(text).wrap());
        });
    }
}

fn record(ui: &mut Ui, document: &Document, row: &Row, facts: &Facts) {
    let tokens = Tokens::current(ui);
    let Some(plan) = facts.plan(document) else { return };
    let json = written(plan, row);
    let left_out = row.mark == Some(Severity::Error);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(widgets::quiet("Copy"))
                .on_hover_text("Copy the record as JSON")
                .clicked()
            {
                ui.ctx().copy_text(crate::domain::json::pretty(&json));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = if left_out {
                    "Left out until its errors are repaired"
                } else {
                    "As it would be sent"
                };
                let colour = if left_out { tokens.error.text } else { tokens.muted };
                let text = RichText::new(text).font(fonts::regular(size::SMALL)).color(colour);
                ui.add(Label::new(text).truncate());
            });
        });
    });
    json::show(ui, "record at the cursor", &json);
}

fn written(plan: &Plan, row: &Row) -> String {
    let mut bytes = Vec::new();
    plan.write(&row.borrowed(), &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn problems(ui: &mut Ui, document: &Document, row: &Row, requests: &mut UiRequests) {
    let problems = row.problems(document);
    if problems.is_empty() {
        let tokens = Tokens::current(ui);
        ui.horizontal(|ui| {
            let (_, place) = ui.allocate_space(vec2(20.0, 24.0));
            widgets::paint_tick(ui.painter(), place.center(), 8.0, tokens.success.mark, tokens.surface);
            ui.label(if document.checked().is_some() {
                "No problems in this record"
            } else {
                "Not checked yet"
            });
        });
        return;
    }
    ScrollArea::vertical()
        .id_salt("record problems")
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .show(ui, |ui| {
            for (place, problem) in problems.iter().enumerate() {
                ui.push_id(place, |ui| one(ui, document, row, problem, requests));
                ui.add_space(space::S);
            }
        });
}

fn one(ui: &mut Ui, document: &Document, row: &Row, problem: &Problem, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let severity = problem.severity;
    let tone = tokens.severity(severity);
    Frame::new()
        .fill(tone.tint)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::same(10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                let (_, place) = ui.allocate_space(vec2(16.0, 17.0));
                widgets::paint_severity(ui.painter(), place.center(), 6.5, severity, tokens);
                ui.add(
                    Label::new(RichText::new(safe_lines(&problem.sentence)).color(tokens.text))
                        .wrap()
                        .selectable(true),
                );
            });
            if let Some(line) = &problem.api_line {
                ui.add_space(2.0);
                let who = if problem.cause.rule == Rule::Refused {
                    "The service said"
                } else {
                    "The API would say"
                };
                ui.label(RichText::new(who).font(fonts::regular(size::SMALL)).color(tokens.muted));
                let words = RichText::new(safe_lines(line))
                    .font(fonts::mono(size::SMALL))
                    .color(tokens.text);
                ui.add(Label::new(words).wrap().selectable(true));
            }
            ui.horizontal_wrapped(|ui| {
                if let Some(column) = problem.cause.column {
                    if ui.add(widgets::quiet("Go to the cell")).clicked() {
                        requests
                            .actions
                            .push(Action::Table(document.id, TableAction::JumpTo(row.file, column)));
                    }
                    let repair = row
                        .repair(document, column)
                        .filter(|(cause, _)| *cause == problem.cause);
                    if let Some((_, repaired)) = repair
                        && ui
                            .add(widgets::quiet(&format!("Repair: {}", named(&repaired))))
                            .clicked()
                    {
                        let cells = vec![(row.file, column, repaired)];
                        requests
                            .actions
                            .push(Action::Table(document.id, TableAction::Edit(cells)));
                    }
                }
                if let Some(line) = &problem.api_line
                    && ui
                        .add(widgets::quiet("Copy"))
                        .on_hover_text("Copy the API's words")
                        .clicked()
                {
                    ui.ctx().copy_text(line.clone());
                }
            });
        });
}
