//! Whether to close a document although something would be lost.

use eframe::egui::Context;

use super::{Life, Look, at_right, cancel, modal};
use crate::{
    domain::ids::DocumentId,
    session::{Action, Session, TableAction},
    ui::{parts, widgets},
};

pub(super) fn show(ctx: &Context, session: &Session, doc: DocumentId, life: Life, actions: &mut Vec<Action>) {
    let Some(document) = session.find(doc) else {
        actions.push(Action::CloseDialog);
        return;
    };
    let name = document.name();
    let changed = document.changed_cells();
    let uploading = document.is_uploading();
    let title = if changed > 0 {
        format!("Close {name} without its changes?")
    } else {
        format!("Close {name}?")
    };
    modal(
        ctx,
        &Look {
            name: "close",
            title: &title,
            width: 460.0,
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            if changed > 0 {
                let cells = if changed == 1 { "changed cell" } else { "changed cells" };
                let text = format!(
                    "{} {cells} would be lost: changes are kept while the file is open, and the file itself is never \
                     written to. Upload the records first to keep what was changed.",
                    widgets::grouped(changed)
                );
                parts::note(ui, &text);
            }
            if uploading {
                let environment = document
                    .upload
                    .as_ref()
                    .map_or("", |upload| upload.environment.as_str());
                let text = format!(
                    "An upload to {environment} is running and would be stopped. What was stored until then stays \
                     stored."
                );
                parts::note(ui, &text);
            }
        },
        |ui, (), actions| {
            at_right(ui, |ui| {
                let verb = match (changed > 0, uploading) {
                    (true, _) => "Close without saving",
                    (false, true) => "Stop the upload and close",
                    (false, false) => "Close",
                };
                if ui.add(widgets::danger(verb)).clicked() {
                    actions.push(Action::Table(doc, TableAction::CloseAnyway));
                }
                cancel(ui, "Keep open", life.is_new, actions);
            });
        },
        actions,
    );
}
