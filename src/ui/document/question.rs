//! The bar above a table that asks what its records are, as long as that is not certain.

use eframe::egui::{Align, Label, Layout, RichText, Role, Ui, WidgetInfo, vec2};

use crate::{
    domain::issue::Severity,
    session::{Action, Choice, Document, MappingAction},
    ui::{
        UiRequests, fonts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Width of the buttons, so that the reasons stand below each other.
const BUTTON: f32 = 108.0;

/// Shows the bar.
pub(super) fn show(ui: &mut Ui, document: &Document, choices: &[Choice], requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    ui.horizontal(|ui| {
        let (_, place) = ui.allocate_space(vec2(16.0, 20.0));
        widgets::paint_severity(ui.painter(), place.center(), 7.0, Severity::Warning, tokens);
        ui.label(RichText::new("What are these records?").font(fonts::strong(size::BODY)));
        let told = "Columns and values do not tell for certain; nothing is uploaded before you say it";
        ui.add(Label::new(RichText::new(told).color(tokens.muted)).truncate());
    });
    ui.add_space(space::XS);
    for choice in choices {
        ui.horizontal(|ui| {
            let button = ui.add_sized(vec2(BUTTON, 26.0), widgets::secondary(choice.dataset.title()));
            let spoken = format!("They are {}", choice.dataset);
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken.as_str()));
            if button.clicked() {
                requests
                    .actions
                    .push(Action::Mapping(document.id, MappingAction::SetDataset(choice.dataset)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = said(choice);
                ui.add(Label::new(RichText::new(text.as_str()).color(tokens.text)).truncate())
                    .on_hover_text(text);
            });
        });
    }
}

fn said(choice: &Choice) -> String {
    if choice.reasons.is_empty() {
        choice.becomes.clone()
    } else {
        format!("{}  →  {}", choice.reasons, choice.becomes)
    }
}
