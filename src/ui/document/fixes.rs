//! What mends a cause, as buttons: the best fix, and the choices about its column that belong to a person.

use eframe::egui::{Button, Response, RichText, ScrollArea, Ui, vec2};

use super::{events::rows, facts::CauseGroup};
use crate::{
    domain::{
        escapes::safe,
        issue::Cause,
        mapping::{Offer, OfferKind},
        proposal::Proof,
        rules::Remedy,
        transform::{DateOrder, Offset, Transform},
    },
    session::{Action, Document, Fix, FixKind, MappingAction, TableAction, TableView},
    ui::{
        UiRequests, fonts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Hours that zones are ahead of UTC.
const HOURS: std::ops::RangeInclusive<i16> = -11..=13;
/// Characters shown of an example.
const EXAMPLE: usize = 60;
/// Pairs of a table of values that its name shows.
const PAIRS: usize = 2;

/// The buttons for a cause that something can be done about.
pub(super) fn show(ui: &mut Ui, document: &Document, group: &CauseGroup, fix: Option<&Fix>, requests: &mut UiRequests) {
    ui.add_enabled_ui(!document.is_uploading(), |ui| {
        choices(ui, document, &group.cause, requests);
        if let (Some(fix), Some(view)) = (fix, document.view()) {
            best(ui, document, view, group, fix, requests);
        }
    });
}

/// The best fix: done at once when it is safe, otherwise shown before.
fn best(ui: &mut Ui, document: &Document, view: &TableView, group: &CauseGroup, fix: &Fix, requests: &mut UiRequests) {
    let doc = document.id;
    let name = name(view, &fix.kind);
    let repair = || Action::Table(doc, TableAction::Repair(group.cause));
    match &fix.kind {
        FixKind::Column(_) | FixKind::Cells(_) if fix.is_safe() => {
            let button = ui.add(Button::new(&name)).on_hover_ui(|ui| {
                what(ui, group, fix);
                examples(ui, &fix.examples);
            });
            if button.clicked() {
                requests.actions.push(repair());
            }
        }
        FixKind::Column(_) | FixKind::Cells(_) => {
            ui.menu_button(format!("{name}…"), |ui| {
                what(ui, group, fix);
                examples(ui, &fix.examples);
                ui.horizontal(|ui| {
                    roomy(ui);
                    if ui.add(widgets::primary(&name)).clicked() {
                        requests.actions.push(repair());
                    }
                });
            });
        }
        FixKind::Readings(column, readings) => {
            ui.menu_button(format!("{name}…"), |ui| {
                for (transform, proof) in readings {
                    let reading = reading(ui, transform, proof);
                    if reading.clicked() {
                        let transform = Some(transform.clone());
                        let column = *column;
                        let action = MappingAction::Transform { column, transform };
                        requests.actions.push(Action::Mapping(doc, action));
                    }
                }
            });
        }
    }
}

/// One of two readings, with what it makes of the column's values.
fn reading(ui: &mut Ui, transform: &Transform, proof: &Proof) -> Response {
    let button = ui.horizontal(|ui| {
        roomy(ui);
        ui.add(widgets::secondary(&of_transform(transform)))
    });
    let all = format!(
        "{} of {} values fit",
        widgets::grouped(proof.fits),
        widgets::grouped(proof.all())
    );
    quiet(ui, &all);
    examples(ui, proof.examples.get(..3).unwrap_or(&proof.examples));
    ui.add_space(space::S);
    button.inner
}

/// Buttons in a menu as they are elsewhere.
fn roomy(ui: &mut Ui) {
    ui.spacing_mut().button_padding = vec2(space::M, 4.0);
}

/// What a fix changes.
fn what(ui: &mut Ui, group: &CauseGroup, fix: &Fix) {
    let text = match &fix.kind {
        FixKind::Column(_) | FixKind::Readings(..) => {
            format!(
                "Changes how the column is sent, for {} and for the next such file",
                rows(group.rows)
            )
        }
        FixKind::Cells(_) => format!("Changes the cells of {}", rows(group.rows)),
    };
    quiet(ui, &text);
}

fn examples(ui: &mut Ui, examples: &[(String, String)]) {
    for (before, after) in examples {
        let line = match before.as_str() {
            "" => shortened(after),
            before => format!("{}  →  {}", shortened(before), shortened(after)),
        };
        ui.label(RichText::new(line).font(fonts::mono(size::SMALL)));
    }
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).font(fonts::regular(size::SMALL));
    ui.label(text.color(Tokens::current(ui).muted));
}

fn shortened(text: &str) -> String {
    let text = safe(text).replace(['\n', '\r', '\t'], " ");
    if text.chars().count() <= EXAMPLE {
        return text;
    }
    text.chars().take(EXAMPLE).chain(['…']).collect()
}

/// A fix in a few words: `1 → IN_STOCK`, `Use book_id as product_id`, `Read as dates, day first`.
pub(super) fn name(view: &TableView, kind: &FixKind) -> String {
    match kind {
        FixKind::Column(offer) => of_offer(view, offer),
        FixKind::Readings(_, [(Transform::Date { .. }, _), _]) => "Read as dates".to_owned(),
        FixKind::Readings(..) => "Read as numbers".to_owned(),
        FixKind::Cells(hint) => hint.repair_name().unwrap_or("Repair").to_owned(),
    }
}

fn of_offer(view: &TableView, offer: &Offer) -> String {
    match &offer.kind {
        OfferKind::Field { path, .. } => {
            let column = view.frame.columns().get(offer.column).map_or("", String::as_str);
            format!("Use {} as {path}", shortened(column))
        }
        OfferKind::Transform(proposal) => of_transform(&proposal.transform),
        OfferKind::Constant { path, value } => format!("Send {path} as {value}"),
    }
}

fn of_transform(transform: &Transform) -> String {
    match transform {
        Transform::Values(table) if !transform.only_leaves_out() => {
            let pair = |(old, new): (&String, &String)| format!("{} → {}", shortened(old), said(new));
            let pairs: Vec<String> = table.iter().take(PAIRS).map(pair).collect();
            let more = match table.len() - pairs.len() {
                0 => String::new(),
                more => format!(", {more} more"),
            };
            format!("{}{more}", pairs.join(", "))
        }
        Transform::Date { order, .. } => format!("Read as dates, {} first", order.first()),
        Transform::Number(decimal) => format!("Read with decimal {}", decimal.name()),
        Transform::Trim
        | Transform::Text
        | Transform::Percent(_)
        | Transform::Fraction(_)
        | Transform::Epoch(_)
        | Transform::Boolean
        | Transform::InStock
        | Transform::Duration
        | Transform::First(_)
        | Transform::List(_)
        | Transform::Literal
        | Transform::Paths { .. }
        | Transform::Prefix(_)
        | Transform::Constant(_)
        | Transform::Values(_) => transform.title(),
    }
}

fn said(new: &str) -> String {
    if new.is_empty() {
        "no value".to_owned()
    } else {
        shortened(new)
    }
}

/// The button with the choices about a cause's column, where it has any.
fn choices(ui: &mut Ui, document: &Document, cause: &Cause, requests: &mut UiRequests) {
    let Some(column) = cause.column.map(|column| column as usize) else {
        return;
    };
    match cause.rule.about().remedy {
        Remedy::MoveColumn | Remedy::MoveColumnOfMany => elsewhere(ui, document, column, requests),
        Remedy::Zone => zone(ui, document, column, requests),
        Remedy::None
        | Remedy::ChooseColumn
        | Remedy::NameType
        | Remedy::ListNames
        | Remedy::Prefix
        | Remedy::LeaveRowsOut => {}
    }
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
