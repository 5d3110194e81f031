//! The line below a document's table.

use eframe::egui::{Align, Label, Layout, RichText, Ui};

use super::{View, column_menu, dialect, events::rows, facts::Facts, format_chip};
use crate::{
    frame::{Location, RecordLocation},
    session::Document,
    ui::{
        UiRequests, fonts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Height of what stands in the line, in points.
const HEIGHT: f32 = 18.0;

/// Shows the line, with the selection in words and whether a further frame is needed to say all about it.
pub(super) fn show(
    ui: &mut Ui,
    document: &Document,
    view_state: &mut View,
    selection: Option<(String, bool)>,
    requests: &mut UiRequests,
) {
    let tokens = Tokens::current(ui);
    let small = |text: String| {
        RichText::new(text)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted)
    };
    ui.spacing_mut().interact_size.y = HEIGHT;
    ui.spacing_mut().button_padding.y = 1.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        let Some(view) = document.view() else {
            ui.label(small("Nothing read yet".to_owned()));
            dialect::show_way_back(ui, document, requests);
            return;
        };
        let frame = &view.frame;
        let (all, shown) = (view.rows(), view.shown_rows());
        let text = if shown == all {
            rows(all)
        } else {
            format!("{} of {}", widgets::grouped(shown), rows(all))
        };
        ui.label(small(text));
        if document.checked().is_some() {
            ui.label(small(problems(&view_state.facts)));
        }
        column_menu::hidden(ui, view_state);
        let count = document.changed_cells();
        if count > 0 {
            let cells = if count == 1 { "cell" } else { "cells" };
            ui.label(small(format!("{} changed {cells}", widgets::grouped(count))).color(tokens.edited.text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // Of records in columns there is no dialect.
            if !frame.origin().is_table() || frame.origin().sheets().is_some() {
                dialect::show(ui, document, frame, requests);
            }
            format_chip::show(ui, document, frame, requests);
            ui.add_space(space::M);
            let (row, column) = view.cursor;
            if row < frame.len() {
                let name = frame.columns().get(column as usize).map_or("", String::as_str);
                ui.label(small(place(&frame.location(row, Some(column)), name)));
            }
            if let Some((text, is_unfinished)) = selection {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(small(text)).truncate());
                });
                if is_unfinished {
                    ui.ctx().request_repaint();
                }
            }
        });
    });
}

fn place(location: &Location, column: &str) -> String {
    match (&location.place, &location.file) {
        (RecordLocation::Line, None) => format!("Line {}, {column}", widgets::grouped(location.line)),
        (RecordLocation::Record, None) => format!("Record {}, {column}", widgets::grouped(location.line)),
        (RecordLocation::Line | RecordLocation::Record, Some(_)) => format!("{location}, {column}"),
        (RecordLocation::Sheet(_) | RecordLocation::Pointer(_), _) => location.to_string(),
    }
}

fn problems(facts: &Facts) -> String {
    let part = |count: u64, one: &str, many: &str| {
        (count > 0).then(|| format!("{} {}", widgets::grouped(count), if count == 1 { one } else { many }))
    };
    let parts = [
        part(facts.errors, "error", "errors"),
        part(facts.warnings, "warning", "warnings"),
        part(facts.infos, "note", "notes"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "No problems".to_owned()
    } else {
        parts.join(", ")
    }
}
