//! The navigation: the three data sets, their open files, and what is stored of them.

use eframe::egui::{
    Align2, Color32, CornerRadius, Rect, Role, ScrollArea, Sense, Spinner, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{
    UiRequests, fonts,
    keys::MenuCommand,
    panes,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::{
    domain::{dataset::Dataset, escapes::safe, issue::Severity},
    session::{Action, Document, Phase, Place, Session, TableAction},
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
        file(ui, session, document, requests);
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
    let (response, rect) = entry(ui, selected, "Stored", &spoken, 30.0);
    let tokens = Tokens::current(ui);
    if let Some(count) = count {
        ui.painter().text(
            pos2(rect.right() - space::M, rect.center().y),
            Align2::RIGHT_CENTER,
            widgets::compact(count),
            fonts::regular(size::SMALL),
            tokens.muted,
        );
    }
    let text = format!("The {} in {}", dataset.name(), session.environment);
    if response.on_hover_text(text).clicked() {
        requests.actions.push(Action::Show(Place::Stored(dataset)));
    }
}

/// An indented entry; answers where it stands.
fn entry(ui: &mut Ui, selected: bool, text: &str, spoken: &str, reserve: f32) -> (eframe::egui::Response, Rect) {
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
    let room = (rect.right() - left - reserve).max(10.0);
    let mut job =
        eframe::egui::text::LayoutJob::simple_singleline(safe(text).into_owned(), fonts::regular(size::BODY), colour);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.painter().layout_job(job);
    let place = pos2(left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, colour);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, spoken));
    (response, rect)
}

fn file(ui: &mut Ui, session: &Session, document: &Document, requests: &mut UiRequests) {
    let name = document.name();
    let selected = session.place == Place::Document(document.id);
    let errors = document.count(Severity::Error);
    let state = match document.phase() {
        _ if document.is_uploading() => "uploading".to_owned(),
        Phase::Opening => "opening".to_owned(),
        Phase::Checking => "checking".to_owned(),
        Phase::Failed(_) => "failed".to_owned(),
        Phase::Ready => format!("{errors} errors"),
    };
    let changed = if document.is_changed() { ", changed" } else { "" };
    let (response, rect) = entry(ui, selected, &name, &format!("{name}, {state}{changed}"), 78.0);
    mark(ui, document, errors, rect);
    let close = Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2(24.0, 24.0));
    let mut corner = ui.new_child(UiBuilder::new().max_rect(close).id_salt(("close", document.id)));
    if widgets::close_button(&mut corner, &format!("Close {name}")).clicked() {
        requests.actions.push(Action::Table(document.id, TableAction::Close));
    }
    let mut told = document.path.display().to_string();
    if document.is_changed() {
        told.push_str("\nHas changes that are not in the file");
    }
    if response.on_hover_text(told).clicked() {
        requests.actions.push(Action::Show(Place::Document(document.id)));
    }
}

/// How the file stands: a spinner, a number of errors, or a tick; and a dot when it was changed.
fn mark(ui: &mut Ui, document: &Document, errors: u64, rect: Rect) {
    let tokens = Tokens::current(ui);
    let middle = pos2(rect.right() - 40.0, rect.center().y);
    let busy = document.phase().is_busy() || document.is_uploading();
    let failed = matches!(document.phase(), Phase::Failed(_));
    let mut left = middle.x - 8.0;
    if busy {
        let place = Rect::from_center_size(middle, vec2(14.0, 14.0));
        // Painted over the row: as a widget it would end the row above its own end.
        Spinner::new().paint_at(ui, place);
    } else if failed || errors > 0 {
        let text = if failed {
            "!".to_owned()
        } else {
            widgets::compact(errors)
        };
        let galley = ui
            .painter()
            .layout_no_wrap(text, fonts::strong(size::SMALL), tokens.error.text);
        let size = galley.size() + vec2(12.0, 4.0);
        let pill = Rect::from_min_size(pos2(rect.right() - 30.0 - size.x, middle.y - size.y / 2.0), size);
        ui.painter()
            .rect_filled(pill, CornerRadius::same(radius::CARD), tokens.error.tint);
        ui.painter()
            .galley(pill.min + vec2(6.0, 2.0), galley, tokens.error.text);
        left = pill.left();
    } else {
        widgets::paint_tick(ui.painter(), middle, 7.0, tokens.success.mark, tokens.surface);
    }
    if document.is_changed() {
        ui.painter()
            .circle_filled(pos2(left - 7.0, middle.y), 3.0, tokens.edited.mark);
    }
}
