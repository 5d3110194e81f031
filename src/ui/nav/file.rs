//! An open file in the navigation: its name, how it stands, and what can be done with it.

use eframe::egui::{Button, CornerRadius, Pos2, Rect, Response, Shape, Spinner, Stroke, Ui, UiBuilder, pos2, vec2};

use super::entry;
use crate::{
    domain::issue::Severity,
    session::{Action, Document, Phase, Place, Session, TableAction},
    ui::{
        UiRequests, fonts,
        hindrance::why_not_for,
        keys::MenuCommand,
        menu, parts,
        theme::{Tokens, Tone, radius, size},
        widgets,
    },
};

/// Where the marks end, from the right.
const MARKS: f32 = 30.0;

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum FileState {
    /// Something takes its time: what, and how far it is.
    Busy(&'static str, Option<f32>),
    Failed,
    /// It has so many problems, the worst of them such.
    Problems(Severity, u64),
    Ready,
}

impl FileState {
    fn of(document: &Document) -> Self {
        if let Some(run) = document.upload.as_ref().filter(|_| document.is_uploading()) {
            let tally = run.handles.watch.look().tally;
            let settled = tally.all - tally.waiting.min(tally.all);
            return Self::Busy("uploading", (tally.all > 0).then(|| settled as f32 / tally.all as f32));
        }
        let progress = document.progress.fraction();
        match document.phase() {
            Phase::Opening => Self::Busy("opening", progress),
            Phase::Checking => Self::Busy("checking", progress),
            Phase::Failed(_) => Self::Failed,
            Phase::Ready => {
                let worst = [Severity::Error, Severity::Warning].map(|severity| (severity, document.count(severity)));
                let worst = worst.into_iter().find(|(_, count)| *count > 0);
                worst.map_or(Self::Ready, |(severity, count)| Self::Problems(severity, count))
            }
        }
    }

    fn spoken(self) -> String {
        match self {
            Self::Busy(what, _) => what.to_owned(),
            Self::Failed => "failed".to_owned(),
            Self::Problems(severity, count) => {
                let plural = if count == 1 { "" } else { "s" };
                format!("{count} {}{plural}", severity.name())
            }
            Self::Ready => "no problems".to_owned(),
        }
    }
}

pub(super) fn show(ui: &mut Ui, session: &Session, document: &Document, requests: &mut UiRequests) {
    let name = document.name();
    let selected = session.place == Place::Document(document.id);
    let state = FileState::of(document);
    let mut spoken = format!("{name}, {}", state.spoken());
    let mut told = document.path.display().to_string();
    if document.is_changed() {
        spoken.push_str(", changed");
        told.push_str("\nHas changes that are not in the file");
    }
    if let Some((environment, _)) = &document.uploaded {
        let sentence = format!("uploaded to {environment}");
        spoken = format!("{spoken}, {sentence}");
        told = format!("{told}\nWas {sentence}");
    }
    let marks = |ui: &Ui, rect| marks(ui, session, document, state, rect);
    let (response, rect) = entry(ui, selected, &name, &spoken, marks);
    let close = Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2(24.0, 24.0));
    let mut corner = ui.new_child(UiBuilder::new().max_rect(close).id_salt(("close", document.id)));
    if widgets::close_button(&mut corner, &format!("Close {name}")).clicked() {
        requests.actions.push(Action::Table(document.id, TableAction::Close));
    }
    let response = response.on_hover_text(told);
    if response.clicked() {
        requests.actions.push(Action::Show(Place::Document(document.id)));
    }
    context_menu(&response, session, document, requests);
}

/// What can be done with the file, also while another one is shown.
fn context_menu(response: &Response, session: &Session, document: &Document, requests: &mut UiRequests) {
    response.context_menu(|ui| {
        menu::roomy(ui);
        for command in [MenuCommand::Upload, MenuCommand::SaveCopy] {
            let hindrance = why_not_for(command, session, document).map(|hindrance| hindrance.to_string());
            let entry = ui.add_enabled(hindrance.is_none(), Button::new(command.text()));
            if entry.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
                // Commands are of the file shown.
                requests.actions.push(Action::Show(Place::Document(document.id)));
                requests.menu_commands.push(command);
                ui.close();
            }
        }
        if ui.button("Copy path").clicked() {
            ui.ctx().copy_text(document.path.display().to_string());
            ui.close();
        }
        ui.separator();
        if ui.button(MenuCommand::Close.text()).clicked() {
            requests.actions.push(Action::Table(document.id, TableAction::Close));
            ui.close();
        }
    });
}

/// From the right: how the file stands, where it was uploaded to, and whether it was changed. Answers where they begin.
fn marks(ui: &Ui, session: &Session, document: &Document, state: FileState, rect: Rect) -> f32 {
    let tokens = Tokens::current(ui);
    let end = pos2(rect.right() - MARKS, rect.center().y);
    let mut left = match state {
        FileState::Busy(_, share) => busy(ui, end, share, tokens),
        FileState::Failed => pill(ui, end, "!", None, tokens.error),
        FileState::Problems(severity, count) => {
            let icon = Some(severity);
            pill(ui, end, &widgets::compact(count), icon, tokens.severity(severity))
        }
        FileState::Ready => {
            let middle = pos2(end.x - 10.0, end.y);
            widgets::paint_tick(ui.painter(), middle, 7.0, tokens.success.mark, tokens.surface);
            middle.x - 7.0
        }
    };
    if let Some((name, _)) = &document.uploaded {
        let environment = session.environments.iter().find(|known| known.name == *name);
        let tone = environment.map_or(tokens.info, |known| parts::tone(tokens, known.kind));
        let middle = pos2(left - 11.0, end.y);
        arrow(ui, middle, tone, tokens);
        left = middle.x - 7.0;
    }
    if document.is_changed() {
        let middle = pos2(left - 7.0, end.y);
        ui.painter().circle_filled(middle, 3.0, tokens.edited.mark);
        left = middle.x - 3.0;
    }
    left
}

/// How far something is, or that it goes on; answers where that begins.
fn busy(ui: &Ui, end: Pos2, share: Option<f32>, tokens: &Tokens) -> f32 {
    let Some(share) = share else {
        let place = Rect::from_center_size(pos2(end.x - 10.0, end.y), vec2(14.0, 14.0));
        // Painted over the row: as a widget it would end the row above its own end.
        Spinner::new().paint_at(ui, place);
        return place.left();
    };
    let text = format!("{:.0} %", (share * 100.0).floor());
    let font = fonts::regular(size::SMALL);
    let galley = ui.painter().layout_no_wrap(text, font, tokens.muted);
    let place = pos2(end.x - galley.size().x, end.y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, tokens.muted);
    place.x
}

/// A word on a tint, with an icon before it; answers where it begins.
fn pill(ui: &Ui, end: Pos2, text: &str, icon: Option<Severity>, tone: Tone) -> f32 {
    let font = fonts::strong(size::SMALL);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, tone.text);
    let room = if icon.is_some() { 12.0 } else { 0.0 };
    let size = galley.size() + vec2(12.0 + room, 4.0);
    let pill = Rect::from_min_size(pos2(end.x - size.x, end.y - size.y / 2.0), size);
    ui.painter()
        .rect_filled(pill, CornerRadius::same(radius::CARD), tone.tint);
    if let Some(severity) = icon {
        let centre = pos2(pill.left() + 10.0, end.y);
        widgets::paint_severity(ui.painter(), centre, 4.5, severity, Tokens::current(ui));
    }
    let place = pill.min + vec2(6.0 + room, 2.0);
    ui.painter().galley(place, galley, tone.text);
    pill.left()
}

/// Paints a disc with an arrow that points up: uploaded.
fn arrow(ui: &Ui, centre: Pos2, tone: Tone, tokens: &Tokens) {
    ui.painter().circle_filled(centre, 7.0, tone.mark);
    let stroke = Stroke::new(1.5, tokens.surface);
    let at = |x: f32, y: f32| centre + vec2(x, y);
    ui.painter().line_segment([at(0.0, 3.5), at(0.0, -3.0)], stroke);
    let head = vec![at(-2.8, -0.4), at(0.0, -3.2), at(2.8, -0.4)];
    ui.painter().add(Shape::line(head, stroke));
}
