//! The bar that says that a document's file has changed on disk.

use eframe::egui::{Align, Label, Layout, RichText, Ui};

use crate::{
    frame::OpenOptions,
    session::{Action, Document, TableAction},
    ui::{UiRequests, theme::Tokens, widgets},
};

/// Shows the bar.
pub(super) fn show(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let name = document.path.file_name().map_or_else(
        || document.path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let changed = document.changed_cells();
    let (text, button) = if changed == 0 {
        (format!("{name} has changed on disk"), "Open again".to_owned())
    } else {
        let cells = if changed == 1 { "cell" } else { "cells" };
        let changed = widgets::grouped(changed);
        (
            format!("{name} has changed on disk; its rows can no longer be read as they were"),
            format!("Open again without {changed} changed {cells}"),
        )
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(widgets::secondary(&button)).clicked() {
                let options = OpenOptions {
                    // It was allowed to the file that is there no more.
                    allow_unpacked: None,
                    ..document.options.clone()
                };
                requests
                    .actions
                    .push(Action::Table(document.id, TableAction::SetOptions(options)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(text).color(tokens.warning.text)).truncate());
            });
        });
    });
}
