//! The bar at the top: menus, which environment it is, and the upload.

use eframe::egui::{Align, Button, Layout, MenuBar, Popup, PopupCloseBehavior, Ui, menu::MenuConfig, vec2};

use super::{
    Wishes,
    document::Panels,
    keys::Deed,
    theme::{Tokens, Tone},
    widgets,
};
use crate::{
    session::{Action, Document, Phase, Session, SettingsAction},
    settings::{EnvironmentKind, Theme},
};

/// What the menus need to know beside the session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    /// Which panels of a document are shown.
    pub panels: Panels,
    pub theme: Theme,
    /// Whether there is a repair for the cell at the cursor.
    pub(crate) repairable: bool,
}

pub(crate) fn show(ui: &mut Ui, session: &Session, view: View, wishes: &mut Wishes) {
    ui.set_min_height(34.0);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let hindrance = why_no_upload(session.document());
        ui.add_enabled_ui(hindrance.is_none(), |ui| {
            let upload = ui.add(widgets::primary(Deed::Upload.text()));
            let shortcut = Deed::Upload.shortcut_text(ui.ctx()).unwrap_or_default();
            let upload = upload.on_hover_text(format!("Upload the rows without errors ({shortcut})"));
            if upload.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
                wishes.deeds.push(Deed::Upload);
            }
        });
        environment(ui, session, wishes);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            MenuBar::new()
                .config(MenuConfig::default().close_behavior(PopupCloseBehavior::CloseOnClick))
                .ui(ui, |ui| menus(ui, session, view, wishes));
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

fn environment(ui: &mut Ui, session: &Session, wishes: &mut Wishes) {
    let chosen = session.chosen();
    let colours = tone(Tokens::current(ui), chosen.kind);
    let badge = widgets::environment(ui, &chosen.name, caption(chosen.kind), colours);
    let badge = badge.on_hover_text("Where uploads go and what Stored shows; click to change");
    Popup::menu(&badge).show(|ui| environments(ui, session, wishes));
}

fn environments(ui: &mut Ui, session: &Session, wishes: &mut Wishes) {
    roomy(ui);
    for environment in &session.environments {
        let chosen = environment.name == session.environment;
        let choice =
            ui.add(Button::selectable(chosen, environment.name.as_str()).shortcut_text(caption(environment.kind)));
        if choice.clicked() {
            wishes.actions.push(Action::Settings(SettingsAction::ChooseEnvironment(
                environment.name.clone(),
            )));
            ui.close();
        }
    }
    ui.separator();
    item(ui, Deed::AddEnvironment, true, wishes);
    let is_local = session.chosen().base_url.is_empty();
    item(ui, Deed::EditEnvironment, !is_local, wishes);
}

/// Gives a menu's entries room.
fn roomy(ui: &mut Ui) {
    ui.set_min_width(250.0);
    ui.spacing_mut().button_padding = vec2(10.0, 5.0);
    ui.spacing_mut().item_spacing.y = 2.0;
}

fn item(ui: &mut Ui, deed: Deed, enabled: bool, wishes: &mut Wishes) {
    let mut button = Button::new(deed.text());
    if let Some(shortcut) = deed.shortcut_text(ui.ctx()) {
        button = button.shortcut_text(shortcut);
    }
    if ui.add_enabled(enabled, button).clicked() {
        wishes.deeds.push(deed);
        ui.close();
    }
}

fn toggle(ui: &mut Ui, deed: Deed, on: bool, enabled: bool, wishes: &mut Wishes) {
    let mut button = Button::selectable(on, deed.text());
    if let Some(shortcut) = deed.shortcut_text(ui.ctx()) {
        button = button.shortcut_text(shortcut);
    }
    if ui.add_enabled(enabled, button).clicked() {
        wishes.deeds.push(deed);
        ui.close();
    }
}

fn menus(ui: &mut Ui, session: &Session, view: View, wishes: &mut Wishes) {
    let document = session.document();
    let is_ready = document.is_some_and(|document| document.phase() == Phase::Ready);
    let has_problems = document.is_some_and(|document| {
        let checked = document.checked();
        checked.is_some_and(|checked| !checked.issues.is_empty())
    });
    let (undo, redo) = document.map_or((false, false), Document::can_undo_redo);
    ui.menu_button("File", |ui| {
        roomy(ui);
        item(ui, Deed::Open, true, wishes);
        item(ui, Deed::OpenPath, true, wishes);
        item(ui, Deed::Samples, true, wishes);
        let is_whole = document.is_some_and(|document| document.open().is_ok());
        item(ui, Deed::SaveCopy, is_whole, wishes);
        ui.add_enabled_ui(!session.recent.is_empty(), |ui| {
            ui.menu_button("Recent files", |ui| {
                roomy(ui);
                for path in &session.recent {
                    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                    let entry = ui.button(name.as_ref());
                    if entry.on_hover_text(path.display().to_string()).clicked() {
                        wishes.actions.push(Action::Open(vec![path.clone()]));
                        ui.close();
                    }
                }
            });
        });
        ui.separator();
        let is_mapped = is_whole;
        item(ui, Deed::OpenRecipe, is_mapped, wishes);
        item(ui, Deed::SaveRecipe, is_mapped, wishes);
        ui.separator();
        item(ui, Deed::Close, document.is_some(), wishes);
        item(ui, Deed::Quit, true, wishes);
    });
    ui.menu_button("Edit", |ui| {
        roomy(ui);
        item(ui, Deed::Undo, undo, wishes);
        item(ui, Deed::Redo, redo, wishes);
        ui.separator();
        item(ui, Deed::Repair, view.repairable, wishes);
    });
    ui.menu_button("View", |ui| {
        roomy(ui);
        for deed in [Deed::Products, Deed::Interactions, Deed::Users, Deed::Stored] {
            item(ui, deed, true, wishes);
        }
        ui.separator();
        let shown = document.is_some();
        toggle(ui, Deed::Inspector, shown && view.panels.inspector, shown, wishes);
        toggle(ui, Deed::Problems, shown && view.panels.problems, shown, wishes);
        toggle(ui, Deed::Columns, shown && view.panels.columns, shown, wishes);
        ui.separator();
        for (theme, text) in [
            (Theme::System, "Light or dark as the system"),
            (Theme::Light, "Light"),
            (Theme::Dark, "Dark"),
        ] {
            if ui.add(Button::selectable(view.theme == theme, text)).clicked() {
                wishes.theme = Some(theme);
                ui.close();
            }
        }
    });
    ui.menu_button("Problems", |ui| {
        roomy(ui);
        item(ui, Deed::NextProblem, has_problems, wishes);
        item(ui, Deed::PreviousProblem, has_problems, wishes);
        item(ui, Deed::OnlyProblems, has_problems, wishes);
        ui.separator();
        item(ui, Deed::Export, has_problems, wishes);
        item(ui, Deed::Rules, true, wishes);
    });
    ui.menu_button("Upload", |ui| {
        roomy(ui);
        item(ui, Deed::Upload, why_no_upload(document).is_none(), wishes);
        let runs = document.is_some_and(|document| !is_ready || document.is_uploading());
        item(ui, Deed::Cancel, runs, wishes);
    });
    ui.menu_button("Environment", |ui| {
        environments(ui, session, wishes);
        ui.separator();
        item(ui, Deed::Refresh, true, wishes);
        let guarded = session.chosen().kind.is_guarded() && !session.may_delete();
        if guarded {
            item(ui, Deed::Unlock, true, wishes);
        }
        item(ui, Deed::Wipe, session.may_delete(), wishes);
    });
    ui.menu_button("Help", |ui| {
        roomy(ui);
        item(ui, Deed::Shortcuts, true, wishes);
        item(ui, Deed::Samples, true, wishes);
    });
}
