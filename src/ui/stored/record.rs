//! One stored record, whole.

use eframe::egui::{Align, Layout, RichText, Ui};

use crate::{
    session::Remote,
    ui::{
        fonts, json, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Shows a record that is asked for over the network; answers whether to ask again.
pub(crate) fn remote(ui: &mut Ui, id: &str, record: &Remote<Option<String>>) -> bool {
    match record {
        Remote::Ready(Some(text)) | Remote::Pending(Some(Some(text))) => {
            whole(ui, id, text);
            false
        }
        Remote::Ready(None) => {
            heading(ui, id, None);
            parts::note(ui, "This record is no longer stored. Refresh the list to see what is.");
            false
        }
        Remote::Failed(error) => {
            heading(ui, id, None);
            parts::complaint(ui, &error.reason);
            ui.add(widgets::secondary("Read again")).clicked()
        }
        Remote::Idle | Remote::Pending(_) => {
            heading(ui, id, None);
            parts::waiting(ui, "Reading the record…");
            false
        }
    }
}

/// Shows a record that is there.
pub(crate) fn whole(ui: &mut Ui, id: &str, text: &str) {
    heading(ui, id, Some(text));
    json::show(ui, "stored_json", text);
}

/// What stands there before a record is chosen.
pub(crate) fn none(ui: &mut Ui, text: &str) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.35).max(space::XL));
        parts::note(ui, text);
    });
}

fn heading(ui: &mut Ui, id: &str, copy: Option<&str>) {
    let colour = Tokens::current(ui).text;
    ui.horizontal(|ui| {
        ui.set_min_height(30.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(text) = copy
                && ui
                    .add(widgets::quiet("Copy"))
                    .on_hover_text("Copies the record as JSON")
                    .clicked()
            {
                ui.ctx().copy_text(crate::domain::json::pretty(text));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let font = fonts::mono(size::BODY);
                let label = eframe::egui::Label::new(RichText::new(id).font(font).color(colour));
                ui.add(label.truncate().selectable(true));
            });
        });
    });
    ui.add_space(space::XS);
}
