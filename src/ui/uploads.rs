//! The uploads of this machine: what became of their rows, going on with those that are unfinished, and taking them
//! back.

use eframe::egui::{Align, CentralPanel, Frame, Label, Layout, Margin, Panel, RichText, ScrollArea, Sense, Ui};
use egui_extras::{Column, TableBuilder};

use super::{
    UiRequests,
    files::{self, Purpose},
    fonts, parts,
    running::{self, Words},
    theme::{Tokens, size, space},
    widgets::{self, Banner},
};
use crate::{
    domain::issue::Severity,
    session::{Action, Session, UploadAction},
    upload::{PastUpload, Report, Upload, UploadId, timestamp},
};

const NUMBERS: [&str; 6] = ["Stored", "Same", "Rejected", "Left out", "Open", "Rows"];

/// What this place remembers beyond the session.
#[derive(Debug, Default)]
pub(crate) struct UploadsUi {
    /// The upload whose details are shown.
    shown: Option<UploadId>,
}

/// Above whatever is shown: the offer to go on with an upload that was stopped or killed.
pub(crate) fn offer(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let Some(upload) = session.offer() else { return };
    let text = format!(
        "{} of {} to {} is unfinished: {} of {} rows are open",
        what(upload),
        name(upload),
        session.proper_name(&upload.plan.environment),
        widgets::grouped(upload.tally.open()),
        widgets::grouped(upload.tally.all)
    );
    let margin = Frame::new().inner_margin(Margin::symmetric(space::S as i8, 3));
    let dismissed = margin.show(ui, |ui| {
        widgets::banner(ui, Banner::Problem(Severity::Warning), &text, |ui| {
            if ui.add(widgets::secondary("Resume")).clicked() {
                actions.push(Action::Upload(UploadAction::Resume(upload.id)));
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
            ScrollArea::horizontal().show(ui, |ui| table(ui, session, uploads, &mut state.shown));
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
    let subject = format!("upload {} of {} in {}", undo.upload, undo.name, undo.environment);
    match &run.report {
        None => {
            let title = format!("Undoing {subject}");
            running::show(
                ui,
                (&title, Words::UNDO),
                run,
                &|steer| Action::Upload(UploadAction::SteerUndo(steer)),
                actions,
            );
        }
        Some(report) => undone(ui, &subject, report, actions),
    }
}

fn undone(ui: &mut Ui, subject: &str, report: &Report, actions: &mut Vec<Action>) {
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
            && ui.add(widgets::secondary("Resume")).clicked()
        {
            actions.push(Action::Upload(UploadAction::Resume(id)));
        }
    });
    if dismissed {
        actions.push(Action::Upload(UploadAction::DismissUndo));
    }
}

fn table(ui: &mut Ui, session: &Session, uploads: &[PastUpload], shown: &mut Option<UploadId>) {
    let tokens = Tokens::current(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let number = || Column::initial(76.0).at_least(56.0).clip(true).resizable(true);
    TableBuilder::new(ui)
        .id_salt("uploads")
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .column(Column::initial(36.0).at_least(28.0).clip(true))
        .column(Column::initial(128.0).at_least(80.0).clip(true).resizable(true))
        .column(Column::initial(150.0).at_least(80.0).clip(true).resizable(true))
        .column(Column::initial(96.0).at_least(60.0).clip(true).resizable(true))
        .columns(number(), NUMBERS.len())
        .column(Column::remainder().at_least(80.0).clip(true))
        .header(30.0, |mut header| {
            let name = |name: &str| RichText::new(name).font(fonts::strong(size::SMALL)).color(tokens.muted);
            for text in ["", "Began", "File", "To"] {
                header.col(|ui| {
                    ui.label(name(text));
                });
            }
            for text in NUMBERS {
                header.col(|ui| at_right(ui, name(text)));
            }
            header.col(|_| {});
        })
        .body(|body| {
            body.rows(30.0, uploads.len(), |mut row| {
                let Some(past) = uploads.get(row.index()) else {
                    return;
                };
                let upload = &past.upload;
                let place = |upload: &Upload| session.proper_name(&upload.plan.environment).to_owned();
                row.set_selected(*shown == Some(upload.id));
                let tally = &upload.tally;
                row.col(|ui| {
                    ui.add_space(space::XS);
                    parts::caption(ui, &upload.id.to_string());
                });
                for text in [timestamp(&upload.started), listed(upload), place(upload)] {
                    row.col(|ui| {
                        ui.add(Label::new(text).truncate().selectable(false));
                    });
                }
                for (count, colour) in [
                    (tally.stored, tokens.text),
                    (tally.unchanged, tokens.text),
                    (tally.rejected, tokens.error.text),
                    (tally.skipped() - tally.unchanged, tokens.text),
                    (tally.open(), tokens.warning.text),
                    (tally.all, tokens.text),
                ] {
                    let colour = if count == 0 { tokens.faint } else { colour };
                    row.col(|ui| at_right(ui, RichText::new(widgets::grouped(count)).color(colour)));
                }
                let (text, colour) = standing(past, tokens);
                row.col(|ui| {
                    ui.add(
                        Label::new(RichText::new(text).color(colour))
                            .truncate()
                            .selectable(false),
                    );
                });
                if row.response().clicked() {
                    *shown = if *shown == Some(upload.id) {
                        None
                    } else {
                        Some(upload.id)
                    };
                }
            });
        });
}

/// A number, or the name of a column of numbers.
fn at_right(ui: &mut Ui, text: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(space::S);
        ui.add(Label::new(text).selectable(false));
    });
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
        if ui.add(widgets::primary("Resume")).clicked() {
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
