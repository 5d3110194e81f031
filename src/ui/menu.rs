//! The bar at the top: menus, which environment it is, and the upload.

use eframe::egui::{
    Align, Button, Layout, MenuBar, Popup, PopupCloseBehavior, Response, RichText, Ui, menu::MenuConfig, vec2,
};

use super::{
    UiRequests,
    document::Panels,
    fonts,
    hindrance::why_not,
    keys::{MenuCommand, MenuName},
    mnemonics, parts,
    theme::{Tokens, size},
    widgets::{self, Risk},
};
use crate::{
    session::{Action, MappingAction, Session, SettingsAction},
    settings::{Density, EnvironmentKind, Theme},
};

/// With less room than this, names are cut and the badge says what the button does not, in points.
const NARROW: f32 = 1150.0;
/// What is shown of a name then, on the badge and on the button, in characters.
const NARROW_BADGE: usize = 14;
const NARROW_BUTTON: usize = 8;

/// What the menus need to know beside the session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MenuView {
    /// Which panels of a document are shown.
    pub panels: Panels,
    /// Whether the columns and their fields are shown in place of the table.
    pub(crate) columns: bool,
    pub theme: Theme,
    /// Whether it is shown in high contrast.
    pub high_contrast: bool,
    pub(crate) density: Density,
    /// Whether there is a repair for the cell at the cursor, for what is wrong with it in all rows, and for anything.
    pub(crate) repairable: [bool; 3],
    /// Whether the selected cells can be filled from others above.
    pub(crate) is_fillable: bool,
}

pub(crate) fn show(ui: &mut Ui, session: &Session, view: MenuView, requests: &mut UiRequests) {
    ui.set_min_height(32.0);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let is_narrow = ui.available_width() < NARROW;
        upload(ui, session, view, is_narrow, requests);
        environment(ui, session, is_narrow, requests);
        lock(ui, session);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            MenuBar::new()
                .config(MenuConfig::default().close_behavior(PopupCloseBehavior::CloseOnClick))
                .ui(ui, |ui| menus(ui, session, view, requests));
        });
    });
}

/// The button that asks for the upload; where customers see it, in the colour of that, and with the name.
fn upload(ui: &mut Ui, session: &Session, view: MenuView, is_narrow: bool, requests: &mut UiRequests) {
    let hindrance = why_not(MenuCommand::Upload, session, view).map(|hindrance| hindrance.to_string());
    let chosen = session.chosen();
    let place = parts::careful_name(&chosen);
    let is_short = chosen.kind == EnvironmentKind::Production && chosen.name.chars().count() <= NARROW_BUTTON;
    let (text, risk) = match (session.is_production(), is_narrow) {
        (false, _) => (MenuCommand::Upload.text().to_owned(), Risk::None),
        (true, false) => (format!("Upload to {place}…"), Risk::Production),
        (true, true) if is_short => (format!("Upload to {}…", chosen.name), Risk::Production),
        (true, true) => (MenuCommand::Upload.text().to_owned(), Risk::Production),
    };
    ui.add_enabled_ui(hindrance.is_none(), |ui| {
        let upload = ui.add(widgets::verb(&text, risk));
        let shortcut = MenuCommand::Upload.shortcut_text(ui.ctx()).unwrap_or_default();
        let upload = upload.on_hover_text(format!("Upload the rows without errors to {place} ({shortcut})"));
        if upload.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
            requests.menu_commands.push(MenuCommand::Upload);
        }
    });
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

fn environment(ui: &mut Ui, session: &Session, is_narrow: bool, requests: &mut UiRequests) {
    let chosen = session.chosen();
    let (kind, tokens) = (chosen.kind, Tokens::current(ui));
    let (caption, colours) = if session.is_production() && kind != EnvironmentKind::Production {
        ("counts as production", tokens.production)
    } else {
        (caption(kind), parts::tone(tokens, kind))
    };
    let most = if is_narrow { NARROW_BADGE } else { parts::SHORT_NAME };
    let badge = widgets::environment(ui, &parts::shorten(&chosen.name, most), caption, colours);
    let told = format!("Uploads go to {}, and Stored shows it; click to change", chosen.name);
    let badge = badge.on_hover_text(told);
    Popup::menu(&badge).show(|ui| environments(ui, session, requests));
}

/// Whether changes of what customers see are locked, or for how long they are not.
fn lock(ui: &mut Ui, session: &Session) {
    let (text, told) = match session.unlocked_for() {
        _ if session.is_locked() => (
            "locked".to_owned(),
            "Nothing is stored or deleted before it is unlocked, in the menu Environment",
        ),
        Some(left) => {
            let minutes = left.as_secs_f32() / 60.0;
            (
                format!("unlocked, {:.0} min left", minutes.ceil()),
                "Then it is locked again; what runs goes on. Lock it now in the menu Environment",
            )
        }
        None => return,
    };
    let colour = Tokens::current(ui).production.text;
    let text = RichText::new(text).font(fonts::strong(size::SMALL)).color(colour);
    ui.label(text).on_hover_text(told);
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
    if session.is_locked() {
        item(ui, MenuCommand::Unlock, true, requests);
    } else if session.unlocked_for().is_some() {
        item(ui, MenuCommand::Lock, true, requests);
    }
    item(ui, MenuCommand::AddEnvironment, true, requests);
    let is_local = session.chosen().base_url.is_empty();
    item(ui, MenuCommand::EditEnvironment, !is_local, requests);
}

/// Gives a menu's entries room.
pub(super) fn roomy(ui: &mut Ui) {
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

/// The menus' entries, greyed with the reason where a command cannot be carried out now.
struct Entries<'a> {
    session: &'a Session,
    view: MenuView,
    requests: &'a mut UiRequests,
}

impl Entries<'_> {
    fn add(&mut self, ui: &mut Ui, commands: &[MenuCommand]) {
        for command in commands {
            self.put(ui, *command, Button::new(command.text()));
        }
    }

    fn toggle(&mut self, ui: &mut Ui, command: MenuCommand, on: bool) {
        let on = on && self.session.document().is_some();
        self.put(ui, command, Button::selectable(on, command.text()));
    }

    fn put(&mut self, ui: &mut Ui, command: MenuCommand, mut button: Button<'_>) {
        if let Some(shortcut) = command.shortcut_text(ui.ctx()) {
            button = button.shortcut_text(shortcut);
        }
        let hindrance = why_not(command, self.session, self.view);
        let entry = ui.add_enabled(hindrance.is_none(), button);
        let reason = hindrance.map(|hindrance| hindrance.to_string());
        if entry.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            self.requests.menu_commands.push(command);
            ui.close();
        }
    }
}

fn menus(ui: &mut Ui, session: &Session, view: MenuView, requests: &mut UiRequests) {
    mnemonics::take_keys(ui.ctx());
    for name in MenuName::ALL {
        let mut entries = Entries {
            session,
            view,
            requests: &mut *requests,
        };
        let words = mnemonics::text(ui, name);
        let menu = ui.menu_button(words, |ui| {
            roomy(ui);
            match name {
                MenuName::File => file(ui, &mut entries),
                MenuName::Edit => edit(ui, &mut entries),
                MenuName::View => panels(ui, &mut entries),
                MenuName::Problems => problems(ui, &mut entries),
                MenuName::Upload => {
                    entries.add(ui, &[MenuCommand::Upload, MenuCommand::Cancel]);
                    ui.separator();
                    entries.add(ui, &[MenuCommand::Uploads, MenuCommand::UndoUpload]);
                }
                MenuName::Environment => changes(ui, &mut entries),
                MenuName::Help => {
                    entries.add(
                        ui,
                        &[MenuCommand::Palette, MenuCommand::Shortcuts, MenuCommand::Samples],
                    );
                }
            }
        });
        mnemonics::note(ui.ctx(), name, menu.response.id);
    }
}

fn file(ui: &mut Ui, entries: &mut Entries<'_>) {
    let opening = [
        MenuCommand::Open,
        MenuCommand::OpenPath,
        MenuCommand::Samples,
        MenuCommand::ImportOptions,
        MenuCommand::SaveCopy,
    ];
    entries.add(ui, &opening);
    let recent = &entries.session.recent;
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        let menu = ui.menu_button("Recent files", |ui| {
            roomy(ui);
            for path in recent {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let entry = ui.button(name.as_ref());
                if entry.on_hover_text(path.display().to_string()).clicked() {
                    entries.requests.actions.push(Action::Open(vec![path.clone()]));
                    ui.close();
                }
            }
        });
        mnemonics::note_inner(ui.ctx(), menu.response.id);
    });
    ui.separator();
    entries.add(ui, &[MenuCommand::OpenRecipe]);
    recent_recipes(ui, entries);
    entries.add(ui, &[MenuCommand::SaveRecipe]);
    ui.separator();
    entries.add(ui, &[MenuCommand::Close, MenuCommand::Quit]);
}

/// The recipes read or written lately, to map the shown file by.
fn recent_recipes(ui: &mut Ui, entries: &mut Entries<'_>) {
    let recent = &entries.session.recent_recipes;
    let is_open = why_not(MenuCommand::OpenRecipe, entries.session, entries.view).is_none();
    let document = entries.session.document().filter(|_| is_open && !recent.is_empty());
    ui.add_enabled_ui(document.is_some(), |ui| {
        let menu = ui.menu_button("Recent recipes", |ui| {
            roomy(ui);
            for path in recent {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let entry = ui.button(name.as_ref()).on_hover_text(path.display().to_string());
                if let Some(document) = document.filter(|_| entry.clicked()) {
                    let action = MappingAction::ImportRecipe(path.clone());
                    entries.requests.actions.push(Action::Mapping(document.id, action));
                    ui.close();
                }
            }
        });
        mnemonics::note_inner(ui.ctx(), menu.response.id);
    });
}

fn edit(ui: &mut Ui, entries: &mut Entries<'_>) {
    entries.add(ui, &[MenuCommand::Undo, MenuCommand::Redo]);
    ui.separator();
    let finding = [
        MenuCommand::Find,
        MenuCommand::FindNext,
        MenuCommand::FindPrevious,
        MenuCommand::Replace,
        MenuCommand::GoTo,
    ];
    entries.add(ui, &finding);
    ui.separator();
    entries.add(ui, &[MenuCommand::FillDown]);
    ui.separator();
    let repairs = [MenuCommand::Repair, MenuCommand::RepairCause, MenuCommand::RepairAll];
    entries.add(ui, &repairs);
}

fn panels(ui: &mut Ui, entries: &mut Entries<'_>) {
    let places = [
        MenuCommand::Products,
        MenuCommand::Interactions,
        MenuCommand::Users,
        MenuCommand::Stored,
        MenuCommand::GoToFile,
    ];
    entries.add(ui, &places);
    ui.separator();
    let panels = entries.view.panels;
    entries.toggle(ui, MenuCommand::Inspector, panels.inspector);
    entries.toggle(ui, MenuCommand::Problems, panels.problems);
    entries.toggle(ui, MenuCommand::Columns, entries.view.columns);
    entries.add(ui, &[MenuCommand::ColumnStatistics]);
    ui.separator();
    entries.add(ui, &[MenuCommand::NextPane, MenuCommand::PreviousPane]);
    ui.separator();
    for (theme, text) in [
        (Theme::System, "Light or dark as the system"),
        (Theme::Light, "Light"),
        (Theme::Dark, "Dark"),
    ] {
        if ui.add(Button::selectable(entries.view.theme == theme, text)).clicked() {
            entries.requests.theme = Some(theme);
            ui.close();
        }
    }
    entries.toggle(ui, MenuCommand::HighContrast, entries.view.high_contrast);
    ui.separator();
    for (density, text) in [
        (Density::Compact, "Low rows"),
        (Density::Normal, "Usual rows"),
        (Density::Roomy, "High rows"),
    ] {
        if ui
            .add(Button::selectable(entries.view.density == density, text))
            .clicked()
        {
            entries.requests.density = Some(density);
            ui.close();
        }
    }
}

fn problems(ui: &mut Ui, entries: &mut Entries<'_>) {
    let walking = [
        MenuCommand::NextProblem,
        MenuCommand::PreviousProblem,
        MenuCommand::OnlyProblems,
    ];
    entries.add(ui, &walking);
    ui.separator();
    entries.add(ui, &[MenuCommand::Export, MenuCommand::Rules]);
}

fn changes(ui: &mut Ui, entries: &mut Entries<'_>) {
    environments(ui, entries.session, entries.requests);
    ui.separator();
    entries.add(ui, &[MenuCommand::Refresh, MenuCommand::Wipe]);
}
