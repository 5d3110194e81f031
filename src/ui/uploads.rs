//! The uploads of this machine: what became of their rows, and going on with those that are unfinished.

use eframe::egui::{Align, CentralPanel, Frame, Label, Layout, Margin, Panel, RichText, ScrollArea, Sense, Ui};
use egui_extras::{Column, TableBuilder};

use super::{
    fonts, parts,
    theme::{Tokens, size, space},
    widgets::{self, Notice},
};
use crate::{
    domain::issue::Severity,
    session::{Action, Session},
    upload::{Tally, Upload, UploadId},
};

/// What this place remembers beyond the session.
#[derive(Debug, Default)]
pub struct UploadsUi {
    /// The upload whose details are shown.
    shown: Option<UploadId>,
}

/// Above whatever is shown: the offer to go on with an upload that was stopped or killed.
pub fn offer(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let Some(upload) = session.offer() else { return };
    let text = format!(
        "Upload {} of {} to {} is unfinished: {} of {} rows are open",
        upload.id,
        name(upload),
        upload.plan.environment,
        widgets::grouped(upload.tally.open()),
        widgets::grouped(upload.tally.all)
    );
    let margin = Frame::new().inner_margin(Margin::symmetric(space::S as i8, 3));
    let dismissed = margin.show(ui, |ui| {
        widgets::banner(ui, Notice::Problem(Severity::Warning), &text, |ui| {
            if ui.add(widgets::secondary("Resume")).clicked() {
                actions.push(Action::Resume(upload.id));
            }
        })
    });
    if dismissed.inner {
        actions.push(Action::DismissOffer);
    }
}

/// Shows all uploads, and the details of one.
pub fn show(ui: &mut Ui, session: &Session, state: &mut UploadsUi, actions: &mut Vec<Action>) {
    let tokens = Tokens::current(ui);
    let margin = Margin::symmetric(space::L as i8, space::M as i8);
    Panel::top("uploads_top")
        .resizable(false)
        .frame(Frame::new().fill(tokens.background).inner_margin(margin))
        .show(ui, |ui| {
            widgets::title(ui, "Uploads");
        });
    let uploads = match &session.uploads {
        Ok(uploads) => uploads,
        Err(reason) => {
            return widgets::empty_state(ui, "The uploads cannot be listed", reason, |_| ());
        }
    };
    if uploads.is_empty() {
        let text = "Open a file, check it, and upload it. What became of every row is then kept here.";
        return widgets::empty_state(ui, "No uploads yet", text, |_| ());
    }
    let shown = state
        .shown
        .and_then(|id| uploads.iter().find(|(_, upload)| upload.id == id));
    if let Some((running, upload)) = shown {
        Panel::bottom("upload_details")
            .resizable(false)
            .frame(Frame::new().fill(tokens.background).inner_margin(margin))
            .show(ui, |ui| details(ui, *running, upload, actions));
    }
    CentralPanel::default()
        .frame(
            Frame::new()
                .fill(tokens.surface)
                .inner_margin(Margin::symmetric(space::S as i8, 0)),
        )
        .show(ui, |ui| {
            ScrollArea::horizontal().show(ui, |ui| table(ui, uploads, &mut state.shown));
        });
}

fn table(ui: &mut Ui, uploads: &[(bool, Upload)], shown: &mut Option<UploadId>) {
    let tokens = Tokens::current(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let number = || Column::initial(82.0).at_least(56.0).clip(true).resizable(true);
    TableBuilder::new(ui)
        .id_salt("uploads")
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .column(Column::initial(36.0).at_least(28.0).clip(true))
        .column(Column::initial(128.0).at_least(80.0).clip(true).resizable(true))
        .column(Column::initial(150.0).at_least(80.0).clip(true).resizable(true))
        .column(Column::initial(96.0).at_least(60.0).clip(true).resizable(true))
        .columns(number(), 5)
        .column(Column::remainder().at_least(80.0).clip(true))
        .header(30.0, |mut header| {
            for name in [
                "", "Began", "File", "To", "Stored", "Rejected", "Left out", "Open", "Rows", "",
            ] {
                header.col(|ui| {
                    ui.label(RichText::new(name).font(fonts::strong(size::SMALL)).color(tokens.muted));
                });
            }
        })
        .body(|body| {
            body.rows(30.0, uploads.len(), |mut row| {
                let Some((running, upload)) = uploads.get(row.index()) else {
                    return;
                };
                row.set_selected(*shown == Some(upload.id));
                let Tally {
                    all, stored, rejected, ..
                } = upload.tally;
                row.col(|ui| {
                    ui.add_space(space::XS);
                    parts::caption(ui, &upload.id.to_string());
                });
                for text in [moment(&upload.started), name(upload), upload.plan.environment.clone()] {
                    row.col(|ui| {
                        ui.add(Label::new(text).truncate().selectable(false));
                    });
                }
                for (count, colour) in [
                    (stored, tokens.text),
                    (rejected, tokens.error.text),
                    (upload.tally.skipped(), tokens.text),
                    (upload.tally.open(), tokens.warning.text),
                    (all, tokens.text),
                ] {
                    let colour = if count == 0 { tokens.faint } else { colour };
                    row.col(|ui| {
                        let text = RichText::new(widgets::grouped(count)).color(colour);
                        ui.add(Label::new(text).selectable(false));
                    });
                }
                let (text, colour) = standing(*running, upload, tokens);
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

fn standing(running: bool, upload: &Upload, tokens: &Tokens) -> (&'static str, eframe::egui::Color32) {
    if running {
        ("running", tokens.accent_text)
    } else if upload.tally.open() == 0 {
        ("finished", tokens.muted)
    } else if upload.set_aside {
        ("set aside", tokens.muted)
    } else {
        ("unfinished", tokens.warning.text)
    }
}

fn details(ui: &mut Ui, running: bool, upload: &Upload, actions: &mut Vec<Action>) {
    let plan = &upload.plan;
    ui.horizontal(|ui| {
        let title = format!("Upload {} of {}", upload.id, name(upload));
        ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if upload.tally.open() == 0 || running {
                return;
            }
            if ui.add(widgets::primary("Resume")).clicked() {
                actions.push(Action::Resume(upload.id));
            }
            let aside = ui.add_enabled(!upload.set_aside, widgets::secondary("Set aside"));
            if aside
                .on_hover_text("Nobody is asked to go on with it any more")
                .clicked()
            {
                actions.push(Action::SetAside(upload.id));
            }
        });
    });
    ui.add_space(space::XS);
    widgets::key_value(ui, 90.0, "File", &plan.path.display().to_string());
    let place = format!("{} ({}), {}", plan.environment, plan.address, plan.dataset.name());
    widgets::key_value(ui, 90.0, "To", &place);
    widgets::key_value(ui, 90.0, "Rows", &upload.tally.to_string());
    let ended = match (&upload.ended, &upload.stopped) {
        _ if running => "It is running".to_owned(),
        (None, _) => "It was killed".to_owned(),
        (Some(ended), None) => moment(ended),
        (Some(ended), Some(why)) => format!("{}: {why}", moment(ended)),
    };
    widgets::key_value(ui, 90.0, "Ended", &ended);
}

fn name(upload: &Upload) -> String {
    let path = &upload.plan.path;
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// `2026-11-22 21:19`, from RFC 3339.
fn moment(time: &str) -> String {
    time.chars().take(16).collect::<String>().replace('T', " ")
}
