//! The bar at the top: menus, which environment it is, and the upload.

use eframe::egui::{Align, Button, Layout, MenuBar, Popup, PopupCloseBehavior, Response, Ui, menu::MenuConfig, vec2};

use super::{
    UiRequests,
    document::Panels,
    keys::MenuCommand,
    theme::{Tokens, Tone},
    widgets,
};
use crate::{
    session::{Action, Document, Phase, Session, SettingsAction},
    settings::{EnvironmentKind, Theme},
};

/// What the menus need to know beside the session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MenuView {
    /// Which panels of a document are shown.
    pub panels: Panels,
    pub theme: Theme,
    /// Whether there is a repair for the cell at the cursor, for what is wrong with it in all rows, and for anything.
    pub(crate) repairable: [bool; 3],
}

pub(crate) fn show(ui: &mut Ui, session: &Session, view: MenuView, requests: &mut UiRequests) {
    ui.set_min_height(34.0);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let hindrance = why_no_upload(session.document());
        ui.add_enabled_ui(hindrance.is_none(), |ui| {
            let upload = ui.add(widgets::primary(MenuCommand::Upload.text()));
            let shortcut = MenuCommand::Upload.shortcut_text(ui.ctx()).unwrap_or_default();
            let upload = upload.on_hover_text(format!("Upload the rows without errors ({shortcut})"));
            if upload.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
                requests.menu_commands.push(MenuCommand::Upload);
            }
        });
        environment(ui, session, requests);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            MenuBar::new()
                .config(MenuConfig::default().close_behavior(PopupCloseBehavior::CloseOnClick))
                .ui(ui, |ui| menus(ui, session, view, requests));
        });
    });
}

/// Why the shown file cannot be uploaded; `None`: it can.
fn why_no_upload(document: Option<&Document>) -> Option<String> {
    match document {
        None => Some("Open a file first".to_owned()),
        Some(document) => document.why_no_upload().map(|refusal| refusal.to_string()),
    }
}

/// The colours of a kind of environment.
pub(crate) const fn tone(tokens: &Tokens, kind: EnvironmentKind) -> Tone {
    match kind {
        EnvironmentKind::Local => tokens.local,
        EnvironmentKind::Playground => tokens.playground,
        EnvironmentKind::Development => tokens.development,
        EnvironmentKind::Production => tokens.production,
    }
}

/// What a kind means, beside the environment's name.
const fn caption(kind: EnvironmentKind) -> &'static str {
    match kind {
        EnvironmentKind::Local => "on this computer",
        EnvironmentKind::Playground => "playground",
        EnvironmentKind::Development => "development",
        EnvironmentKind::Production => "production",
    }
}

fn environment(ui: &mut Ui, session: &Session, requests: &mut UiRequests) {
    let chosen = session.chosen();
    let colours = tone(Tokens::current(ui), chosen.kind);
    let badge = widgets::environment(ui, &chosen.name, caption(chosen.kind), colours);
    let badge = badge.on_hover_text("Where uploads go and what Stored shows; click to change");
    Popup::menu(&badge).show(|ui| environments(ui, session, requests));
}

fn environments(ui: &mut Ui, session: &Session, requests: &mut UiRequests) {
    roomy(ui);
    for environment in &session.environments {
        let chosen = environment.name == session.environment;
        let choice =
            ui.add(Button::selectable(chosen, environment.name.as_str()).shortcut_text(caption(environment.kind)));
        if choice.clicked() {
            requests
                .actions
                .push(Action::Settings(SettingsAction::ChooseEnvironment(
                    environment.name.clone(),
                )));
            ui.close();
        }
    }
    ui.separator();
    item(ui, MenuCommand::AddEnvironment, true, requests);
    let is_local = session.chosen().base_url.is_empty();
    item(ui, MenuCommand::EditEnvironment, !is_local, requests);
}

/// Gives a menu's entries room.
fn roomy(ui: &mut Ui) {
    ui.set_min_width(250.0);
    ui.spacing_mut().button_padding = vec2(10.0, 5.0);
    ui.spacing_mut().item_spacing.y = 2.0;
}

fn item(ui: &mut Ui, command: MenuCommand, enabled: bool, requests: &mut UiRequests) -> Response {
    let mut button = Button::new(command.text());
    if let Some(shortcut) = command.shortcut_text(ui.ctx()) {
        button = button.shortcut_text(shortcut);
    }
    let item = ui.add_enabled(enabled, button);
    if item.clicked() {
        requests.menu_commands.push(command);
        ui.close();
    }
    item
}

fn toggle(ui: &mut Ui, command: MenuCommand, on: bool, enabled: bool, requests: &mut UiRequests) {
    let mut button = Button::selectable(on, command.text());
    if let Some(shortcut) = command.shortcut_text(ui.ctx()) {
        button = button.shortcut_text(shortcut);
    }
    if ui.add_enabled(enabled, button).clicked() {
        requests.menu_commands.push(command);
        ui.close();
    }
}

fn menus(ui: &mut Ui, session: &Session, view: MenuView, requests: &mut UiRequests) {
    let document = session.document();
    let is_ready = document.is_some_and(|document| document.phase() == Phase::Ready);
    let has_problems = document.is_some_and(|document| {
        let checked = document.checked();
        checked.is_some_and(|checked| !checked.issues.is_empty())
    });
    let (undo, redo) = document.map_or((false, false), Document::can_undo_redo);
    ui.menu_button("File", |ui| {
        roomy(ui);
        item(ui, MenuCommand::Open, true, requests);
        item(ui, MenuCommand::OpenPath, true, requests);
        item(ui, MenuCommand::Samples, true, requests);
        let is_whole = document.is_some_and(|document| document.open().is_ok());
        item(ui, MenuCommand::SaveCopy, is_whole, requests);
        ui.add_enabled_ui(!session.recent.is_empty(), |ui| {
            ui.menu_button("Recent files", |ui| {
                roomy(ui);
                for path in &session.recent {
                    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                    let entry = ui.button(name.as_ref());
                    if entry.on_hover_text(path.display().to_string()).clicked() {
                        requests.actions.push(Action::Open(vec![path.clone()]));
                        ui.close();
                    }
                }
            });
        });
        ui.separator();
        let is_mapped = is_whole;
        item(ui, MenuCommand::OpenRecipe, is_mapped, requests);
        item(ui, MenuCommand::SaveRecipe, is_mapped, requests);
        ui.separator();
        item(ui, MenuCommand::Close, document.is_some(), requests);
        item(ui, MenuCommand::Quit, true, requests);
    });
    ui.menu_button("Edit", |ui| {
        roomy(ui);
        item(ui, MenuCommand::Undo, undo, requests);
        item(ui, MenuCommand::Redo, redo, requests);
        ui.separator();
        let is_open = document.is_some_and(|document| document.open().is_ok());
        for command in [
            MenuCommand::Find,
            MenuCommand::FindNext,
            MenuCommand::FindPrevious,
            MenuCommand::GoTo,
        ] {
            item(ui, command, is_open, requests);
        }
        ui.separator();
        let [cell, cause, all] = view.repairable;
        item(ui, MenuCommand::Repair, cell, requests);
        item(ui, MenuCommand::RepairCause, cause, requests);
        item(ui, MenuCommand::RepairAll, all, requests);
    });
    ui.menu_button("View", |ui| {
        roomy(ui);
        for command in [
            MenuCommand::Products,
            MenuCommand::Interactions,
            MenuCommand::Users,
            MenuCommand::Stored,
        ] {
            item(ui, command, true, requests);
        }
        ui.separator();
        let shown = document.is_some();
        toggle(
            ui,
            MenuCommand::Inspector,
            shown && view.panels.inspector,
            shown,
            requests,
        );
        toggle(
            ui,
            MenuCommand::Problems,
            shown && view.panels.problems,
            shown,
            requests,
        );
        toggle(ui, MenuCommand::Columns, shown && view.panels.columns, shown, requests);
        ui.separator();
        for (theme, text) in [
            (Theme::System, "Light or dark as the system"),
            (Theme::Light, "Light"),
            (Theme::Dark, "Dark"),
        ] {
            if ui.add(Button::selectable(view.theme == theme, text)).clicked() {
                requests.theme = Some(theme);
                ui.close();
            }
        }
    });
    ui.menu_button("Problems", |ui| {
        roomy(ui);
        item(ui, MenuCommand::NextProblem, has_problems, requests);
        item(ui, MenuCommand::PreviousProblem, has_problems, requests);
        item(ui, MenuCommand::OnlyProblems, has_problems, requests);
        ui.separator();
        item(ui, MenuCommand::Export, has_problems, requests);
        item(ui, MenuCommand::Rules, true, requests);
    });
    ui.menu_button("Upload", |ui| {
        roomy(ui);
        let hindrance = why_no_upload(document);
        let upload = item(ui, MenuCommand::Upload, hindrance.is_none(), requests);
        upload.on_disabled_hover_text(hindrance.unwrap_or_default());
        let runs = document.is_some_and(|document| !is_ready || document.is_uploading());
        item(ui, MenuCommand::Cancel, runs, requests);
    });
    ui.menu_button("Environment", |ui| {
        environments(ui, session, requests);
        ui.separator();
        item(ui, MenuCommand::Refresh, true, requests);
        if session.is_locked() {
            item(ui, MenuCommand::Unlock, true, requests);
        }
        item(ui, MenuCommand::Wipe, session.may_delete(), requests);
    });
    ui.menu_button("Help", |ui| {
        roomy(ui);
        item(ui, MenuCommand::Shortcuts, true, requests);
        item(ui, MenuCommand::Samples, true, requests);
    });
}
