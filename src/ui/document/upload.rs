//! The upload of a document: how far it is, and how it ended, until that is put away.

use eframe::egui::{Align, Label, Layout, RichText, Ui, vec2};

use super::events::rows;
use crate::{
    domain::escapes::safe,
    session::{Action, Document, Filter, Place, Session, TableAction, UploadAction, UploadRun},
    ui::{
        UiRequests,
        files::{self, Purpose},
        fonts,
        running::{self, Words},
        theme::{Tokens, size},
        uploads, widgets,
    },
    upload::{self, ReadBack, Report, Stopped},
};

/// With less room than this, the buttons stand below the title, in points.
const NARROW: f32 = 920.0;

/// Shows the upload of a document, if there is one.
pub(super) fn show(ui: &mut Ui, session: &Session, document: &Document, requests: &mut UiRequests) {
    let Some(run) = &document.upload else { return };
    match &run.report {
        None => {
            let verb = if run.dry_run { "Checking" } else { "Uploading" };
            let preposition = if run.dry_run { "in" } else { "to" };
            let title = format!("{verb} {} {preposition} {}", run.dataset.name(), run.environment);
            let steer = |steer| Action::Upload(UploadAction::Steer(document.id, steer));
            running::show(ui, (&title, Words::of(run)), run, &steer, &mut requests.actions);
        }
        Some(report) => ended(ui, session, document, (run, report), requests),
    }
}

fn ended(
    ui: &mut Ui,
    session: &Session,
    document: &Document,
    (run, report): (&UploadRun, &Report),
    requests: &mut UiRequests,
) {
    let tokens = Tokens::current(ui);
    let tally = &report.tally;
    let is_whole = report.stopped.is_none();
    let is_there = report.read_back.as_ref().is_none_or(ReadBack::is_good);
    let is_good =
        is_whole && is_there && tally.rejected == 0 && tally.unknown == 0 && tally.stored + tally.unchanged > 0;
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        let (_, place) = ui.allocate_space(vec2(18.0, 22.0));
        if is_good {
            widgets::paint_tick(ui.painter(), place.center(), 8.0, tokens.success.mark, tokens.surface);
        } else {
            let severity = match &report.stopped {
                Some(stopped) if !stopped.is_wanted() => crate::domain::issue::Severity::Error,
                _ => crate::domain::issue::Severity::Warning,
            };
            widgets::paint_severity(ui.painter(), place.center(), 7.5, severity, tokens);
        }
        let records = report.records();
        let noun = run.dataset.noun(records);
        let stored = widgets::grouped(records);
        let title = match (run.dry_run, is_whole) {
            (true, true) => format!("Checked: {} would store {stored} {noun}", run.environment),
            (true, false) => format!("Check stopped: {} would store {stored} {noun} so far", run.environment),
            (false, true) => format!("Upload ended: {stored} {noun} stored in {}", run.environment),
            (false, false) => format!("Upload stopped: {stored} {noun} stored in {}", run.environment),
        };
        ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
        ui.label(RichText::new(format!("in {}", running::spell(report.duration))).color(tokens.muted));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, "Dismiss the upload's result").clicked() {
                requests
                    .actions
                    .push(Action::Upload(UploadAction::Dismiss(document.id)));
            }
            if !is_narrow {
                next_steps(ui, session, document, (run, report), requests);
            }
        });
    });
    if is_narrow {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                next_steps(ui, session, document, (run, report), requests);
            });
        });
    }
    running::outcome(ui, tally, Words::of(run));
    if let Some(fewer) = report.fewer_records(run.dataset) {
        ui.add(Label::new(RichText::new(fewer).color(tokens.muted)).wrap());
    }
    if let Some(read) = &report.read_back {
        let colour = if is_there { tokens.muted } else { tokens.warning.text };
        ui.add(Label::new(RichText::new(safe(&read.to_string())).color(colour)).wrap());
    }
    for kind in upload::unchecked_rules(&report.rejected).iter().take(3) {
        let field = if kind.path.is_empty() { "the record" } else { &kind.path };
        let said = format!(
            "The server is stricter than we are here: {field}: {} ({})",
            kind.message,
            rows(kind.rows)
        );
        ui.add(Label::new(RichText::new(said).color(tokens.muted)).truncate());
    }
    if let Some(stopped) = &report.stopped {
        let why = match stopped {
            Stopped::Cancelled if run.dry_run => "You stopped it; nothing was stored".to_owned(),
            Stopped::Cancelled => "You stopped it; what is stored stays stored".to_owned(),
            other if other.is_about_key() => format!("Why: {other}. It is the key of {}", run.environment),
            other => format!("Why: {other}"),
        };
        ui.label(RichText::new(why).color(tokens.text));
    }
}

/// What can be done after an upload.
fn next_steps(
    ui: &mut Ui,
    session: &Session,
    document: &Document,
    (run, report): (&UploadRun, &Report),
    requests: &mut UiRequests,
) {
    let tally = &report.tally;
    if let Some(id) = report.id.filter(|_| tally.open() > 0)
        && uploads::resume(ui, session, &run.environment, false).1
    {
        requests.actions.push(Action::Upload(UploadAction::Resume(id)));
    }
    report_menu(ui, document, requests);
    let is_stored = tally.stored > 0 && !run.dry_run;
    if is_stored && ui.add(widgets::quiet("Show what is stored")).clicked() {
        requests.actions.push(Action::Show(Place::Stored(run.dataset)));
    }
    if tally.rejected > 0 && ui.add(widgets::quiet("Show rejected rows")).clicked() {
        requests
            .actions
            .push(Action::Table(document.id, TableAction::Filter(Filter::Refused)));
    }
}

/// What remains of the upload, as files.
fn report_menu(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    ui.menu_button("Save…", |ui| {
        let stem = document
            .path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (text, what, name) in files::remains(&stem) {
            if ui.button(text).clicked() {
                requests.files.push((Purpose::Report(document.id, what), name));
                ui.close();
            }
        }
    });
}
