//! What mends a cause in a whole column by changing where it goes, or how it is read: choices that belong to a person.

use eframe::egui::{ScrollArea, Ui};

use crate::{
    domain::{
        issue::Cause,
        rules::Remedy,
        transform::{DateOrder, Offset, Transform},
    },
    session::{Action, Document, MappingAction},
    ui::UiRequests,
};

/// Hours that zones are ahead of UTC.
const HOURS: std::ops::RangeInclusive<i16> = -11..=13;

/// The button with the choices for a cause that has any.
pub(super) fn show(ui: &mut Ui, document: &Document, cause: &Cause, requests: &mut UiRequests) {
    let Some(column) = cause.column.map(|column| column as usize) else {
        return;
    };
    ui.add_enabled_ui(!document.is_uploading(), |ui| match cause.rule.about().remedy {
        Remedy::MoveColumn | Remedy::MoveColumnOfMany => elsewhere(ui, document, column, requests),
        Remedy::Zone => zone(ui, document, column, requests),
        Remedy::None
        | Remedy::ChooseColumn
        | Remedy::NameType
        | Remedy::ListNames
        | Remedy::Prefix
        | Remedy::LeaveRowsOut => {}
    });
}

/// Where the column could go instead, or whether it is to be left out.
fn elsewhere(ui: &mut Ui, document: &Document, column: usize, requests: &mut UiRequests) {
    let Some(view) = document.view() else { return };
    let menu = ui.menu_button("Column…", |ui| {
        let taken = view.mapping.taken();
        let places = view.mapping.alternatives(view.frame.columns(), column, &taken);
        let places = places
            .into_iter()
            .map(|path| (format!("Send it as {path}"), Some(path)));
        for (name, path) in places.chain([("Leave it out".to_owned(), None)]) {
            if ui.button(name).clicked() {
                requests.actions.push(Action::Mapping(
                    document.id,
                    MappingAction::Map {
                        column,
                        path,
                        custom_type: None,
                    },
                ));
            }
        }
    });
    menu.response
        .on_hover_text("Where the column goes instead, in all rows");
}

/// In which zone the column's times are.
fn zone(ui: &mut Ui, document: &Document, column: usize, requests: &mut UiRequests) {
    let menu = ui.menu_button("Zone…", |ui| {
        ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
            for hours in [0].into_iter().chain(HOURS.filter(|hours| *hours != 0)) {
                let offset = Offset(hours * 60);
                let name = if hours == 0 {
                    "UTC (Z)".to_owned()
                } else {
                    format!("UTC{offset}")
                };
                if ui.button(name).clicked() {
                    let order = DateOrder::Year;
                    requests.actions.push(Action::Mapping(
                        document.id,
                        MappingAction::Transform {
                            column,
                            transform: Some(Transform::Date { order, offset }),
                        },
                    ));
                }
            }
        });
    });
    menu.response
        .on_hover_text("The zone that the times without one are in, added to all of them");
}
