//! The line below a document's table.

use eframe::egui::{Align, Button, Layout, RichText, Ui};

use super::{events::rows, facts::Facts};
use crate::{
    frame::{Format, Location, OpenOptions, Place},
    session::{Action, Document},
    ui::{
        Wishes, fonts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// The bytes that can stand between cells, named.
const DELIMITERS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "pipe")];

/// Shows the line.
pub(super) fn show(ui: &mut Ui, document: &Document, facts: &Facts, wishes: &mut Wishes) {
    let tokens = Tokens::current(ui);
    let small = |text: String| {
        RichText::new(text)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted)
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        ui.spacing_mut().interact_size.y = 20.0;
        let Some(frame) = &document.frame else {
            ui.label(small("Nothing read yet".to_owned()));
            return;
        };
        let (all, shown) = (u64::from(frame.len()), document.shown_rows());
        let text = if shown == all {
            rows(all)
        } else {
            format!("{} of {}", widgets::grouped(shown), rows(all))
        };
        ui.label(small(text));
        if document.checked.is_some() {
            ui.label(small(problems(facts)));
        }
        if document.is_changed() {
            let count = document.edits.len() as u64;
            let cells = if count == 1 { "cell" } else { "cells" };
            ui.label(small(format!("{} changed {cells}", widgets::grouped(count))).color(tokens.edited.text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(small("UTF-8".to_owned()));
            format(ui, document, frame.format(), wishes);
            let (row, column) = document.cursor;
            if row < frame.len() {
                let name = frame.columns().get(column as usize).map_or("", String::as_str);
                ui.label(small(place(&frame.location(row, Some(column)), name)));
            }
        });
    });
}

fn place(location: &Location, column: &str) -> String {
    match (&location.place, &location.file) {
        (Place::Line, None) => format!("Line {}, {column}", widgets::grouped(location.line)),
        (Place::Record, None) => format!("Record {}, {column}", widgets::grouped(location.line)),
        (Place::Line | Place::Record, Some(_)) => format!("{location}, {column}"),
        (Place::Sheet(_) | Place::Pointer(_), _) => location.to_string(),
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

fn format(ui: &mut Ui, document: &Document, format: Format, wishes: &mut Wishes) {
    let tokens = Tokens::current(ui);
    let small = |text: String| {
        RichText::new(text)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted)
    };
    let delimiter = match format {
        Format::Csv(csv) => csv.delimiter,
        Format::JsonLines => return drop(ui.label(small("JSON lines".to_owned()))),
        Format::JsonArray => return drop(ui.label(small("JSON array".to_owned()))),
        Format::JsonData => return drop(ui.label(small("JSON request body".to_owned()))),
    };
    let name = DELIMITERS
        .iter()
        .find(|(byte, _)| *byte == delimiter)
        .map_or("other", |(_, name)| name);
    let button = Button::new(small(format!("CSV, {name} between cells"))).frame_when_inactive(false);
    let (response, _) = eframe::egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(160.0);
        for (byte, name) in DELIMITERS {
            let choice = Button::selectable(byte == delimiter, format!("Separated by {name}"));
            let choice = ui.add_enabled(!document.is_changed(), choice);
            let choice =
                choice.on_disabled_hover_text("Undo your changes first; reading the file anew would lose them");
            if choice.clicked() && byte != delimiter {
                let options = OpenOptions {
                    delimiter: Some(byte),
                    ..document.options.clone()
                };
                wishes.actions.push(Action::SetOptions(document.id, options));
            }
        }
    });
    response.on_hover_text("Read the file with another delimiter");
}
