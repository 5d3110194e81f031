//! The navigation: the three data sets, their open files, and what is stored of them.

mod file;

use eframe::egui::{Align2, Color32, CornerRadius, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{
    UiRequests, fonts,
    keys::MenuCommand,
    panes,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::{
    domain::{dataset::Dataset, escapes::safe},
    session::{Action, Place, Session},
};

/// Height of an entry, in points.
const HEIGHT: f32 = 30.0;

pub(crate) fn show(ui: &mut Ui, session: &Session, requests: &mut UiRequests) {
    ScrollArea::vertical().id_salt("navigation").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for dataset in Dataset::ALL {
            section(ui, session, dataset, requests);
            ui.add_space(space::M);
        }
        uploads(ui, session, requests);
        ui.add_space(space::M);
        let open = ui.add_sized([ui.available_width(), HEIGHT], eframe::egui::Button::new("Open files…"));
        if open.clicked() {
            requests.menu_commands.push(MenuCommand::Open);
        }
    });
}

fn section(ui: &mut Ui, session: &Session, dataset: Dataset, requests: &mut UiRequests) {
    let selected = session.place == Place::Empty(dataset);
    if widgets::nav_item(ui, selected, dataset.title(), None).clicked() {
        requests.actions.push(Action::Show(Place::Empty(dataset)));
    }
    let documents = session.documents.iter().filter(|document| document.dataset == dataset);
    for document in documents {
        file::show(ui, session, document, requests);
    }
    stored(ui, session, dataset, requests);
}

fn uploads(ui: &mut Ui, session: &Session, requests: &mut UiRequests) {
    let selected = session.place == Place::Uploads;
    let open = session.uploads.as_ref().map_or(0, |uploads| {
        let unfinished = uploads.iter().filter(|past| past.upload.is_unfinished());
        unfinished.count() as u64
    });
    let item = widgets::nav_item(ui, selected, "Uploads", (open > 0).then_some(open));
    if item
        .on_hover_text("The uploads of this machine; the number counts the unfinished ones")
        .clicked()
    {
        requests.actions.push(Action::Show(Place::Uploads));
    }
}

fn stored(ui: &mut Ui, session: &Session, dataset: Dataset, requests: &mut UiRequests) {
    let count = session.stored.set(dataset).count.value().copied().flatten();
    let selected = session.place == Place::Stored(dataset);
    let spoken = match count {
        Some(count) => format!("Stored {}, {count}", dataset.name()),
        None => format!("Stored {}", dataset.name()),
    };
    let paint_count = |ui: &Ui, rect: Rect| {
        let end = pos2(rect.right() - space::M, rect.center().y);
        let Some(count) = count else { return end.x };
        let text = widgets::compact(count);
        let font = fonts::regular(size::SMALL);
        let muted = Tokens::current(ui).muted;
        ui.painter().text(end, Align2::RIGHT_CENTER, text, font, muted).left()
    };
    let (response, _) = entry(ui, selected, "Stored", &spoken, paint_count);
    let text = format!("The {} in {}", dataset.name(), session.environment);
    if response.on_hover_text(text).clicked() {
        requests.actions.push(Action::Show(Place::Stored(dataset)));
    }
}

/// An indented entry; answers where it stands. What stands at its right end is painted by `marks`, which answers where
/// that begins: the text has the rest.
fn entry(
    ui: &mut Ui,
    selected: bool,
    text: &str,
    spoken: &str,
    marks: impl FnOnce(&Ui, Rect) -> f32,
) -> (eframe::egui::Response, Rect) {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let ground = match (selected, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    let rounding = CornerRadius::same(radius::CONTROL);
    ui.painter().rect_filled(rect, rounding, ground);
    if response.has_focus() {
        let kind = eframe::egui::StrokeKind::Inside;
        ui.painter().rect_stroke(rect, rounding, (2.0, tokens.accent), kind);
    }
    if selected {
        panes::note_chosen(ui, response.id);
        let mark = Rect::from_center_size(pos2(rect.left() + 1.5, rect.center().y), vec2(3.0, 16.0));
        ui.painter().rect_filled(mark, 1.5, tokens.accent);
    }
    let colour = if selected { tokens.accent_text } else { tokens.text };
    let left = rect.left() + space::XL;
    let room = (marks(ui, rect) - space::XS - left).max(10.0);
    let mut job =
        eframe::egui::text::LayoutJob::simple_singleline(safe(text).into_owned(), fonts::regular(size::BODY), colour);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.painter().layout_job(job);
    let place = pos2(left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, colour);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, spoken));
    (response, rect)
}
