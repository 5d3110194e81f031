//! What a document's file is beside text, and which sheet or archived file of it is shown.

use eframe::egui::{Button, RichText, Ui, containers::menu::MenuButton};

use crate::{
    frame::{Frame, OpenOptions, SourceChoice},
    session::{Action, Document, TableAction},
    ui::{
        UiRequests, fonts,
        theme::{Tokens, size},
    },
};

/// Shows the chips: `ZIP · data/products.csv`, `gzip`, `Excel · Sheet1`. Nothing for plain text.
pub(super) fn show(ui: &mut Ui, document: &Document, frame: &Frame, requests: &mut UiRequests) {
    let origin = frame.origin();
    let layers: Vec<&str> = origin.layers().collect();
    if layers.is_empty() {
        return;
    }
    let name = layers.join(" → ");
    // The last stands right, as what is inside.
    if let Some(sheets) = origin.sheets() {
        let with = |sheet: &str| OpenOptions {
            sheet: Some(sheet.to_owned()),
            ..document.options.clone()
        };
        choice(ui, document, &name, "sheet", sheets, &with, requests);
        if let Some(members) = origin.members() {
            member(ui, document, "ZIP", members, requests);
        }
    } else if let Some(members) = origin.members() {
        member(ui, document, &name, members, requests);
    } else {
        ui.label(small(ui, name));
    }
}

fn member(ui: &mut Ui, document: &Document, name: &str, members: SourceChoice<'_>, requests: &mut UiRequests) {
    let with = |member: &str| OpenOptions {
        member: Some(member.to_owned()),
        // Another file has other sheets.
        sheet: None,
        ..document.options.clone()
    };
    choice(ui, document, name, "file", members, &with, requests);
}

fn choice(
    ui: &mut Ui,
    document: &Document,
    name: &str,
    noun: &str,
    choice: SourceChoice<'_>,
    with: &dyn Fn(&str) -> OpenOptions,
    requests: &mut UiRequests,
) {
    let text = small(ui, format!("{name} · {}", choice.chosen));
    if choice.all.len() < 2 {
        ui.label(text);
        return;
    }
    let button = Button::new(text).frame_when_inactive(false);
    let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(160.0);
        for name in choice.all {
            let entry = Button::selectable(name == choice.chosen, name);
            let entry = ui.add_enabled(!document.is_changed(), entry);
            let entry = entry.on_disabled_hover_text("Undo your changes first; reading the file anew would lose them");
            if entry.clicked() && name != choice.chosen {
                requests
                    .actions
                    .push(Action::Table(document.id, TableAction::SetOptions(with(name))));
            }
        }
    });
    response.on_hover_text(format!("Show another {noun} of this file"));
}

fn small(ui: &Ui, text: String) -> RichText {
    RichText::new(text)
        .font(fonts::regular(size::SMALL))
        .color(Tokens::current(ui).muted)
}
