//! What stands below an opened line: why the column goes where it goes, of which type it is, and what becomes of its
//! values.

use eframe::egui::{Align, ComboBox, Label, Layout, RichText, Ui, vec2};

use super::{line::ColumnLine, map, offers, title, transforms};
use crate::{
    domain::{mapping::CustomType, schema::Schema},
    session::Action,
    ui::{
        UiRequests, fonts, parts,
        theme::{Tokens, size, space},
    },
};

/// How high it is, in points.
pub(super) const HEIGHT: f32 = 3.0 * ROW + space::S;
const ROW: f32 = 26.0;
const KEYS: f32 = 72.0;
/// How many values are shown.
const SAMPLES: usize = 20;

pub(super) fn show(ui: &mut Ui, line: &ColumnLine<'_>, requests: &mut UiRequests) {
    ui.spacing_mut().item_spacing.y = 0.0;
    row(ui, "In the file", |ui| text(ui, &line.samples(SAMPLES)));
    row(ui, "Field", |ui| {
        let path = line.target.path.as_deref();
        let why = line.why();
        let words = path.map_or_else(|| why.to_string(), |path| format!("{path}: {why}"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            kind(ui, line, &mut requests.actions);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| text(ui, &words));
        });
    });
    row(ui, "Values", |ui| values(ui, line, requests));
}

fn row(ui: &mut Ui, key: &str, content: impl FnOnce(&mut Ui)) {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), ROW), layout, |ui| {
        ui.set_min_height(ROW);
        ui.allocate_ui_with_layout(vec2(KEYS, ROW), layout, |ui| {
            ui.set_min_width(KEYS);
            parts::caption(ui, key);
        });
        content(ui);
    });
}

/// A line of text, cut at the end of the room, with all of it to be read under the pointer.
fn text(ui: &mut Ui, text: &str) {
    let shown = RichText::new(text.replace(['\n', '\r'], " ")).font(fonts::regular(size::BODY));
    ui.add(Label::new(shown).truncate().selectable(true));
}

fn values(ui: &mut Ui, line: &ColumnLine<'_>, requests: &mut UiRequests) {
    if line.target.path.is_none() {
        return text(ui, "are not sent");
    }
    if let Some(transform) = &line.target.transform {
        if transforms::proof_line(ui, line, transform) {
            line.show_misfits(requests);
        }
        return;
    }
    if line.transform_offers().next().is_some() {
        ui.spacing_mut().item_spacing.x = space::S;
        return offers::transform(ui, line, true, &mut requests.actions);
    }
    // The separator between a list's items, where texts are split.
    let part = line.mapping.part_with(line.at, None);
    let sample = line.view.samples.get(line.at);
    match part.zip(sample).and_then(|(part, sample)| part.cut(sample)) {
        Some((separator, before, after)) => text(ui, &format!("cut at {separator}: {before} → {after}")),
        None => text(ui, "are sent as they stand in the file"),
    }
}

/// The field's type; that of an own attribute can be chosen.
fn kind(ui: &mut Ui, line: &ColumnLine<'_>, actions: &mut Vec<Action>) {
    let Some(path) = &line.target.path else { return };
    let schema = Schema::of(line.mapping.dataset);
    if let Some(node) = schema.node(path).filter(|_| !schema.is_custom(path)) {
        let colour = Tokens::current(ui).muted;
        ui.label(RichText::new(node.type_name()).color(colour));
        return;
    }
    let settled = line.document.checked().and_then(|checked| checked.custom_type(line.at));
    let automatic = settled.map_or_else(|| "Automatic".to_owned(), |kind| format!("{} (auto)", title(kind)));
    let shown = line.target.custom_type.map_or(automatic.as_str(), |kind| title(kind));
    let mut chosen = line.target.custom_type;
    ui.spacing_mut().interact_size.y = 22.0;
    let choice = ComboBox::from_id_salt(("custom_type", line.at))
        .width(140.0)
        .icon(|ui, place, _, _| parts::chevron(ui, place.center()))
        .selected_text(shown)
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut chosen, None, "Automatic");
            for kind in CustomType::ALL {
                ui.selectable_value(&mut chosen, Some(kind), title(kind));
            }
        });
    let name = format!("Type of {}", line.name);
    ui.ctx()
        .accesskit_node_builder(choice.response.id, |node| node.set_label(name));
    if chosen != line.target.custom_type {
        actions.push(map(line.document.id, line.at, line.target.path.clone(), chosen));
    }
}
