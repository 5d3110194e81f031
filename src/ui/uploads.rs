//! The uploads of this machine: what became of their rows, going on with those that are unfinished, and taking them
//! back.

use eframe::egui::{
    Align, Button, CentralPanel, Frame, Label, Layout, Margin, Panel, Response, RichText, Role, ScrollArea, Sense,
    StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::{
    UiRequests,
    dialogs::Verb,
    files::{self, Purpose},
    fonts, parts,
    running::{self, Words},
    theme::{Tokens, size, space},
    widgets::{self, Banner, Risk},
};
use crate::{
    domain::issue::Severity,
    session::{Action, Place, Session, Undoing, UploadAction},
    upload::{PastUpload, Report, Upload, UploadId, timestamp},
};

/// Height of an upload in the list, in points.
const HEIGHT: f32 = 50.0;

/// What this place remembers beyond the session.
#[derive(Debug, Default)]
pub(crate) struct UploadsUi {
    /// The upload whose details are shown.
    shown: Option<UploadId>,
    search: String,
    is_open_only: bool,
}

/// How many unfinished uploads are offered by name.
const OFFERED: usize = 3;

/// Above whatever is shown: the offer to go on with what was stopped or killed; all of it, until that is done or put away.
pub(crate) fn offer(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let offers: Vec<&Upload> = session.offers().collect();
    let unfinished = |upload: &Upload| {
        let place = session.proper_name(&upload.plan.environment);
        format!("{} of {} to {place}", what(upload), name(upload))
    };
    let text = match offers.as_slice() {
        [] => return,
        [upload] => format!(
            "{} is unfinished: {} of {} {} open",
            unfinished(upload),
            widgets::grouped(upload.tally.open()),
            widgets::grouped(upload.tally.all),
            match (upload.tally.open(), upload.tally.all) {
                (_, 1) => "row is",
                (1, _) => "rows is",
                _ => "rows are",
            }
        ),
        many => {
            let mut names: Vec<String> = many.iter().take(OFFERED).map(|upload| unfinished(upload)).collect();
            if many.len() > OFFERED {
                names.push(format!("{} more", many.len() - OFFERED));
            }
            format!("{} uploads are unfinished: {}", many.len(), names.join(", "))
        }
    };
    let margin = Frame::new().inner_margin(Margin::symmetric(space::S as i8, 3));
    let dismissed = margin.show(ui, |ui| {
        widgets::banner(ui, Banner::Problem(Severity::Warning), &text, |ui| {
            match offers.as_slice() {
                [upload] => {
                    if resume(ui, session, &upload.plan.environment, false).1 {
                        actions.push(Action::Upload(UploadAction::Resume(upload.id)));
                    }
                }
                _ => {
                    if session.place != Place::Uploads && ui.add(widgets::secondary("Show them")).clicked() {
                        actions.push(Action::Show(Place::Uploads));
                    }
                }
            }
        })
    });
    if dismissed.inner {
        actions.push(Action::Upload(UploadAction::DismissOffer));
    }
}

/// Shows all uploads, and the details of one.
pub(crate) fn show(ui: &mut Ui, session: &Session, state: &mut UploadsUi, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let margin = Margin::symmetric(space::L as i8, space::M as i8);
    Panel::top("uploads_top")
        .resizable(false)
        .frame(Frame::new().fill(tokens.background).inner_margin(margin))
        .show(ui, |ui| {
            widgets::title(ui, "Uploads");
            undo(ui, session, &mut requests.actions);
            if session.uploads.as_ref().is_ok_and(|uploads| !uploads.is_empty()) {
                filter(ui, session, state);
            }
        });
    let uploads = match &session.uploads {
        Ok(uploads) => uploads,
        Err(error) => {
            return widgets::empty_state(ui, "The uploads cannot be listed", &error.reason, |ui| {
                repair(ui, &mut requests.actions);
            });
        }
    };
    if !session.unreadable_uploads.is_empty() || session.ledger_damage.is_some() {
        let of_banner = Frame::new().inner_margin(margin);
        Panel::top("unreadable_uploads")
            .resizable(false)
            .frame(of_banner)
            .show(ui, |ui| unreadable(ui, session, &mut requests.actions));
    } else if uploads.is_empty() {
        let text = "Open a file, check it, and upload it. What became of every row is then kept here.";
        return widgets::empty_state(ui, "No uploads yet", text, |_| ());
    }
    let shown = state
        .shown
        .and_then(|id| uploads.iter().find(|past| past.upload.id == id));
    if let Some(past) = shown {
        Panel::bottom("upload_details")
            .resizable(false)
            .frame(Frame::new().fill(tokens.background).inner_margin(margin))
            .show(ui, |ui| details(ui, session, past, requests));
    }
    CentralPanel::default()
        .frame(
            Frame::new()
                .fill(tokens.surface)
                .inner_margin(Margin::symmetric(space::S as i8, 0)),
        )
        .show(ui, |ui| {
            list(ui, session, state, requests);
        });
}

/// What is wrong with the record of uploads, and the uploads of which only that is known that they were.
fn unreadable(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let tokens = Tokens::current(ui);
    let damage = session.ledger_damage.iter().map(ToString::to_string);
    for text in damage.chain(session.unreadable_uploads.iter().map(ToString::to_string)) {
        ui.label(RichText::new(text).color(tokens.warning.text));
    }
    repair(ui, actions);
}

/// The remedy for uploads that cannot be read.
fn repair(ui: &mut Ui, actions: &mut Vec<Action>) {
    let repair = ui.add(widgets::secondary("Repair"));
    let what = "Rebuild the record of uploads of what can be read; the damaged file is kept";
    if repair.on_hover_text(what).clicked() {
        actions.push(Action::Upload(UploadAction::Repair));
    }
}

/// The undo that runs, or how it ended.
fn undo(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let Some(undo) = &session.undo else { return };
    let Some(run) = &undo.run else { return };
    ui.add_space(space::S);
    match &run.report {
        None => {
            let title = format!("Undoing {}", subject(undo));
            running::show(
                ui,
                (&title, Words::UNDO),
                run,
                &|steer| Action::Upload(UploadAction::SteerUndo(steer)),
                actions,
            );
        }
        Some(report) => undone(ui, session, undo, report, actions),
    }
}

fn subject(undo: &Undoing) -> String {
    format!("upload {} of {} in {}", undo.upload, undo.name, undo.environment)
}

/// The button that goes on with an upload, and whether it was pressed. Where customers see what is stored it says where,
/// and Enter does not press it.
pub(super) fn resume(ui: &mut Ui, session: &Session, environment: &str, is_main: bool) -> (Response, bool) {
    let mut known = session.environments.iter();
    let guarded = known.find(|known| known.is_named(environment) && known.is_guarded());
    let (text, risk) = match guarded {
        Some(guarded) => (
            format!("Resume in {}", parts::careful_in_dialog(guarded)),
            Risk::Production,
        ),
        None if is_main => ("Resume".to_owned(), Risk::None),
        None => {
            let button = ui.add(widgets::secondary("Resume"));
            let is_pressed = button.clicked();
            return (button, is_pressed);
        }
    };
    let verb = Verb {
        text: &text,
        risk,
        hindrance: None,
    };
    verb.show(ui)
}

fn undone(ui: &mut Ui, session: &Session, undo: &Undoing, report: &Report, actions: &mut Vec<Action>) {
    let subject = subject(undo);
    let tally = &report.tally;
    let is_good = report.stopped.is_none() && tally.is_whole();
    let notice = match &report.stopped {
        _ if is_good => Banner::Success,
        Some(stopped) if !stopped.is_wanted() => Banner::Problem(Severity::Error),
        _ => Banner::Problem(Severity::Warning),
    };
    let why = report
        .stopped
        .as_ref()
        .map_or_else(String::new, |why| format!(" – {why}"));
    let text = format!("Undo of {subject}: {}{why}", tally.of_revert());
    let dismissed = widgets::banner(ui, notice, &text, |ui| {
        if let Some(id) = report.id.filter(|_| tally.open() > 0)
            && resume(ui, session, &undo.environment, false).1
        {
            actions.push(Action::Upload(UploadAction::Resume(id)));
        }
    });
    if dismissed {
        actions.push(Action::Upload(UploadAction::DismissUndo));
    }
}

/// The filter, and how many uploads it leaves.
fn filter(ui: &mut Ui, session: &Session, state: &mut UploadsUi) {
    let uploads = session.uploads.as_deref().unwrap_or_default();
    let unfinished = uploads.iter().filter(|past| past.upload.is_unfinished()).count();
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.search)
            .hint_text("File, environment or number")
            .desired_width(240.0);
        parts::named_field(ui, "Find an upload", field);
        let on = state.is_open_only;
        ui.add_enabled_ui(on || unfinished > 0, |ui| {
            let text = format!("Only unfinished ({unfinished})");
            if ui.add(Button::new(text).selected(on)).clicked() {
                state.is_open_only = !on;
            }
        });
    });
}

/// Whether an upload is one of those looked for.
fn is_wanted(session: &Session, past: &PastUpload, state: &UploadsUi) -> bool {
    let upload = &past.upload;
    let wanted = state.search.trim().to_lowercase();
    let place = session.proper_name(&upload.plan.environment);
    let of_text = || format!("{}\n{place}", listed(upload)).to_lowercase().contains(&wanted);
    (!state.is_open_only || upload.is_unfinished()) && (upload.id.to_string() == wanted || of_text())
}

/// The uploads, a row of two lines each: the file, where it went and what can be done; when, and what became of it.
fn list(ui: &mut Ui, session: &Session, state: &mut UploadsUi, requests: &mut UiRequests) {
    let uploads = session.uploads.as_deref().unwrap_or_default();
    let wanted: Vec<&PastUpload> = uploads.iter().filter(|past| is_wanted(session, past, state)).collect();
    if wanted.is_empty() && !uploads.is_empty() {
        return widgets::empty_state(
            ui,
            "No such upload",
            "No upload of this machine is meant by that",
            |ui| {
                if ui.add(widgets::secondary("Show all uploads")).clicked() {
                    (state.search, state.is_open_only) = (String::new(), false);
                }
            },
        );
    }
    ScrollArea::vertical()
        .id_salt("uploads")
        .auto_shrink([false, false])
        .show_rows(ui, HEIGHT, wanted.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for past in wanted.get(range).unwrap_or_default() {
                ui.push_id(past.upload.id, |ui| row(ui, session, past, &mut state.shown, requests));
            }
        });
}

fn row(ui: &mut Ui, session: &Session, past: &PastUpload, shown: &mut Option<UploadId>, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let upload = &past.upload;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let is_shown = *shown == Some(upload.id);
    let fill = match (is_shown, response.contains_pointer() || response.has_focus()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        (false, false) => tokens.surface,
    };
    ui.painter().rect_filled(rect, 0, fill);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, (1.0, tokens.line));
    if response.has_focus() {
        let kind = StrokeKind::Inside;
        ui.painter().rect_stroke(rect, 0, (2.0, tokens.accent), kind);
    }
    let spoken = format!("{} of {}", what(upload), name(upload));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, &spoken));
    let inside = UiBuilder::new().max_rect(rect.shrink2(vec2(space::M, 5.0)));
    let mut ui = ui.new_child(inside.layout(Layout::right_to_left(Align::Center)));
    likeliest(&mut ui, session, past, requests);
    let (text, colour) = standing(past, tokens);
    ui.label(RichText::new(text).color(colour));
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().interact_size.y = 20.0;
        let environment = session
            .environments
            .iter()
            .find(|it| it.is_named(&upload.plan.environment));
        ui.horizontal(|ui| {
            parts::caption(ui, &upload.id.to_string());
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - 130.0).max(60.0));
                let title = RichText::new(listed(upload)).font(fonts::strong(size::BODY));
                ui.add(Label::new(title).truncate().selectable(false));
            });
            match environment {
                Some(environment) => parts::environment_pill(ui, environment),
                None => parts::caption(ui, &upload.plan.environment),
            };
        });
        let became = Words::of_past(upload).sum(&upload.tally);
        let text = format!("{} · {became}", timestamp(&upload.started));
        let text = RichText::new(text)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted);
        ui.add(Label::new(text).truncate().selectable(false));
    });
    if response.clicked() {
        *shown = (!is_shown).then_some(upload.id);
    }
}

/// What a person most likely wants with an upload.
fn likeliest(ui: &mut Ui, session: &Session, past: &PastUpload, requests: &mut UiRequests) {
    let id = past.upload.id;
    // The row says which upload; an assistive technology hears it here too.
    let (button, spoken) = if past.can_resume() {
        let (button, is_pressed) = resume(ui, session, &past.upload.plan.environment, false);
        if is_pressed {
            requests.actions.push(Action::Upload(UploadAction::Resume(id)));
        }
        (button, format!("Resume upload {id}"))
    } else if past.snapshot_bytes.is_some() {
        let hindrance = session.hindrance_of_undo(past);
        let button = parts::danger_quiet(ui, "Undo…", hindrance.as_deref());
        if button.clicked() {
            requests.actions.push(Action::Upload(UploadAction::AskUndo(id)));
        }
        (button, format!("Undo upload {id}"))
    } else {
        return;
    };
    ui.ctx()
        .accesskit_node_builder(button.id, |node| node.set_label(spoken));
}

fn standing(past: &PastUpload, tokens: &Tokens) -> (String, eframe::egui::Color32) {
    let upload = &past.upload;
    if past.is_running {
        ("running".to_owned(), tokens.accent_text)
    } else if let Some(undo) = past.reverted_by {
        (format!("undone by {undo}"), tokens.muted)
    } else if upload.tally.open() == 0 {
        ("finished".to_owned(), tokens.muted)
    } else if upload.set_aside {
        ("set aside".to_owned(), tokens.muted)
    } else {
        ("unfinished".to_owned(), tokens.warning.text)
    }
}

fn details(ui: &mut Ui, session: &Session, past: &PastUpload, requests: &mut UiRequests) {
    let upload = &past.upload;
    let plan = &upload.plan;
    ui.horizontal(|ui| {
        let title = format!("{} of {}", what(upload), name(upload));
        ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            menu_commands(ui, session, past, requests);
        });
    });
    ui.add_space(space::XS);
    let place = session.proper_name(&plan.environment);
    let mut fact = |name: &str, value: &str| widgets::key_value(ui, 90.0, name, value);
    fact("File", &plan.path.display().to_string());
    fact("To", &format!("{place} ({}), {}", plan.address, plan.dataset.name()));
    fact("Rows", &upload.sum());
    let ended = match (&upload.ended, &upload.stopped) {
        _ if past.is_running => "It is running".to_owned(),
        (None, _) => "It was killed".to_owned(),
        (Some(ended), None) => timestamp(ended),
        (Some(ended), Some(why)) => format!("{}: {why}", timestamp(ended)),
    };
    fact("Ended", &ended);
    let kept = match past.snapshot_bytes {
        Some(bytes) => {
            let until = past.kept_until().map(|until| format!(" until {until}"));
            let size = widgets::bytes(bytes);
            format!("What was there before ({size}){}", until.unwrap_or_default())
        }
        None if plan.dataset.id_field().is_none() => "Nothing: interactions are added and never replaced".to_owned(),
        None => match &upload.aged_out {
            Some(at) => format!("Nothing since {}: it cannot be undone any more", timestamp(at)),
            None => "Nothing: it cannot be undone".to_owned(),
        },
    };
    fact("Kept", &kept);
}

/// The buttons of an upload, the likeliest outermost.
fn menu_commands(ui: &mut Ui, session: &Session, past: &PastUpload, requests: &mut UiRequests) {
    let upload = &past.upload;
    let id = upload.id;
    if past.can_resume() {
        if resume(ui, session, &upload.plan.environment, true).1 {
            requests.actions.push(Action::Upload(UploadAction::Resume(id)));
        }
        let aside = ui.add_enabled(!upload.set_aside, widgets::secondary("Set aside"));
        if aside
            .on_hover_text("Nobody is asked to go on with it any more")
            .clicked()
        {
            requests.actions.push(Action::Upload(UploadAction::SetAside(id)));
        }
    }
    if past.snapshot_bytes.is_some() {
        let hindrance = session.hindrance_of_undo(past);
        if parts::danger_quiet(ui, "Undo…", hindrance.as_deref()).clicked() {
            requests.actions.push(Action::Upload(UploadAction::AskUndo(id)));
        }
        let forget = ui.add_enabled(!past.is_running, widgets::secondary("Forget the copy…"));
        if forget
            .on_hover_text("Forget what it replaced, to free the disk")
            .clicked()
        {
            requests.actions.push(Action::Upload(UploadAction::AskDiscard(id)));
        }
    }
    if upload.plan.reverts.is_none() && !past.is_running {
        ui.menu_button("Save…", |ui| {
            let path = &upload.plan.path;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            for (text, what, name) in files::remains(&stem) {
                if ui.button(text).clicked() {
                    requests.files.push((Purpose::PastReport(id, what), name));
                    ui.close();
                }
            }
        });
    }
}

/// `Upload 3`, `Undo 4 of upload 3`.
fn what(upload: &Upload) -> String {
    match upload.plan.reverts {
        Some(undone) => format!("Undo {} of upload {undone}", upload.id),
        None => format!("Upload {}", upload.id),
    }
}

/// A file's name, and whether its upload was undone by this.
fn listed(upload: &Upload) -> String {
    match upload.plan.reverts {
        Some(undone) => format!("Undo of {undone}: {}", name(upload)),
        None => name(upload),
    }
}

fn name(upload: &Upload) -> String {
    let path = &upload.plan.path;
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
