//! The form for an environment: name, kind, address, key.

use std::fmt;

use eframe::egui::{Align, ComboBox, Context, Layout, RichText, Sense, TextEdit, Ui, vec2};
use zeroize::Zeroizing;

use super::{Life, Look, Pressed, Verb, foot, modal, tell};
use crate::{
    domain::key::ApiKey,
    session::{Action, Session, SettingsAction},
    settings::{Environment, EnvironmentKind, check_address},
    ui::{
        fonts, parts,
        theme::{size, space},
        widgets::Risk,
    },
};

/// Where the service is, unless someone says otherwise.
const SERVICE: &str = "https://api.askmiso.com/v1";
/// The kinds to choose from: the local environment is there already.
const KINDS: [(EnvironmentKind, &str); 3] = [
    (EnvironmentKind::Playground, "sample data to look at; takes no uploads"),
    (EnvironmentKind::Development, "for tests"),
    (
        EnvironmentKind::Production,
        "what customers see; changes must be unlocked",
    ),
];

/// What was typed.
pub(super) struct EnvironmentForm {
    name: String,
    kind: EnvironmentKind,
    base_url: String,
    /// Key and records may cross a network unencrypted to that address.
    allows_http: bool,
    key: Zeroizing<String>,
    /// The environment's name, typed so that a new key is taken for its own.
    confirmed: String,
    /// Save was pressed: from now on, say what is wrong.
    tried: bool,
    /// Whether it is asked whether to remove it, and if so, whether for the first time.
    removing: Option<Life>,
}

impl Default for EnvironmentForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: EnvironmentKind::Development,
            base_url: SERVICE.to_owned(),
            allows_http: false,
            key: Zeroizing::default(),
            confirmed: String::new(),
            tried: false,
            removing: None,
        }
    }
}

impl fmt::Debug for EnvironmentForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key must not be seen, not even here.
        f.debug_struct("EnvironmentForm")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

pub(super) fn show(
    ctx: &Context,
    session: &Session,
    edited: Option<&str>,
    form: &mut EnvironmentForm,
    life: Life,
    actions: &mut Vec<Action>,
) {
    let known = edited.and_then(|name| session.environments.iter().find(|known| known.name == name));
    if let Some(local) = known.filter(|known| known.kind == EnvironmentKind::Local) {
        return show_local(ctx, session, local, life, actions);
    }
    if life.is_new
        && let Some(known) = known
    {
        form.name.clone_from(&known.name);
        form.kind = known.kind;
        form.base_url.clone_from(&known.base_url);
        form.allows_http = known.allows_http;
    }
    let title = known.map_or_else(
        || "Add an environment".to_owned(),
        |known| format!("Edit {}", known.name),
    );
    let is_new = known.is_none();
    modal(
        ctx,
        &Look {
            name: "environment",
            title: &title,
            width: 460.0,
            is_form: true,
        },
        form,
        |ui, form| fields(ui, session, form, is_new, life),
        |ui, form, actions| {
            if let Some(life) = form.removing {
                removal(ui, form, life, actions);
            } else {
                buttons(ui, session, form, (is_new, life), actions);
            }
        },
        actions,
    );
}

fn fields(ui: &mut Ui, session: &Session, form: &mut EnvironmentForm, is_new: bool, life: Life) {
    ui.spacing_mut().item_spacing.y = space::S;
    let width = ui.available_width();
    if is_new {
        let name = parts::labelled_field(
            ui,
            "Name",
            line(&mut form.name, width).hint_text("For example: Staging"),
        );
        if life.is_new {
            name.request_focus();
        }
        said(ui, form.tried, name_problem(form, session));
    }
    kind(ui, form);
    if let Some(hindrance) = session.hindrance_of_saving(&form.environment()).filter(|_| !is_new) {
        parts::complaint(ui, &hindrance);
    }
    let address = parts::labelled_field(ui, "Base URL", line(&mut form.base_url, width).hint_text(SERVICE));
    if life.is_new && !is_new {
        address.request_focus();
    }
    // It was said of the address that stood there.
    form.allows_http &= !address.changed();
    match check_address(&form.base_url) {
        Err(error) => said(
            ui,
            form.tried || !form.base_url.is_empty() && !address.has_focus(),
            Some(error.to_string()),
        ),
        Ok(true) => {
            parts::complaint(ui, "Without https the network between can read the key and all records");
            ui.checkbox(&mut form.allows_http, "Send them unencrypted all the same");
            said(ui, form.tried, http_problem(form));
        }
        Ok(false) => {}
    }
    key(ui, form, is_new);
    let standing = key_standing(form, session);
    match &standing {
        KeyStanding::OfAnother(owner) => {
            parts::complaint(
                ui,
                &format!("This key is {owner}'s; on one server, the key is the environment"),
            );
        }
        KeyStanding::New => {
            let label = format!(
                "This is another key than the one {0} is known by. Type {0} if it is its new one",
                form.name
            );
            let _field = parts::labelled_field(ui, &label, line(&mut form.confirmed, width));
        }
        KeyStanding::First if !is_new && form.kind != EnvironmentKind::Production => {
            parts::note(
                ui,
                "No key is known to be this environment's yet, so that it counts as Production. Enter its key to \
                 change that",
            );
        }
        KeyStanding::First | KeyStanding::Known => {}
    }
    said(ui, form.tried, key_problem(form, &standing, is_new));
    parts::caption(
        ui,
        "The key is kept in the system's keychain; where there is none, only until Tatami is closed.",
    );
}

fn line(text: &mut String, width: f32) -> TextEdit<'_> {
    TextEdit::singleline(text)
        .margin(vec2(space::S, 6.0))
        .desired_width(width)
}

/// What is wrong with a field, once it is time to say it.
fn said(ui: &mut Ui, is_time: bool, problem: Option<String>) {
    if let Some(problem) = problem.filter(|_| is_time) {
        parts::complaint(ui, &problem);
    }
}

fn kind(ui: &mut Ui, form: &mut EnvironmentForm) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let label = ui.label(RichText::new("Kind").font(fonts::strong(size::BODY)));
        ui.horizontal(|ui| {
            let choice = ComboBox::from_id_salt("environment_kind")
                .width(150.0)
                .icon(|ui, place, _, _| parts::chevron(ui, place.center()))
                .selected_text(form.kind.title())
                .show_ui(ui, |ui| {
                    for (kind, _) in KINDS {
                        ui.selectable_value(&mut form.kind, kind, kind.title());
                    }
                });
            choice.response.labelled_by(label.id);
            let meaning = KINDS.iter().find(|(kind, _)| *kind == form.kind);
            parts::note(ui, meaning.map_or("", |(_, meaning)| meaning));
        });
    });
}

fn key(ui: &mut Ui, form: &mut EnvironmentForm, is_new: bool) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let label = ui.label(RichText::new("Secret key").font(fonts::strong(size::BODY)));
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let held = ui
                    .add_enabled(
                        !form.key.is_empty(),
                        eframe::egui::Button::new("Show").sense(Sense::click_and_drag()),
                    )
                    .on_hover_text("Shows the key while it is held")
                    .is_pointer_button_down_on();
                let hint = if is_new { "" } else { "Leave empty to keep the key" };
                let field = TextEdit::singleline(&mut *form.key)
                    .password(!held)
                    .hint_text(hint)
                    .margin(vec2(space::S, 6.0))
                    .desired_width(ui.available_width());
                ui.add(field).labelled_by(label.id);
            });
        });
    });
}

fn buttons(
    ui: &mut Ui,
    session: &Session,
    form: &mut EnvironmentForm,
    (is_new, life): (bool, Life),
    actions: &mut Vec<Action>,
) {
    if !is_new && parts::danger_quiet(ui, "Remove…", None).clicked() {
        form.removing = Some(Life::new(true));
    }
    let saved = form.environment();
    let hindrance = session.hindrance_of_saving(&saved).filter(|_| !is_new);
    // What customers see would be guarded less, or be elsewhere.
    let is_careful = !is_new && session.weakens_guard(&saved);
    let verb = if is_careful {
        Verb {
            text: &format!("Save {}", parts::shorten(&saved.name, parts::SHORT_IN_DIALOG)),
            risk: Risk::Production,
            hindrance: hindrance.as_deref(),
        }
    } else {
        Verb {
            text: "Save",
            risk: Risk::None,
            hindrance: None,
        }
    };
    match foot(ui, life.over_a_field(), Some(verb), "Cancel", |_| ()) {
        Some(Pressed::Verb) => {
            form.tried = true;
            let is_wrong = (is_new && name_problem(form, session).is_some())
                || check_address(&form.base_url).is_err()
                || http_problem(form).is_some()
                || key_problem(form, &key_standing(form, session), is_new).is_some();
            if !is_wrong {
                actions.push(form.save());
            }
        }
        Some(Pressed::Cancel) => actions.push(Action::CloseDialog),
        None => {}
    }
}

fn removal(ui: &mut Ui, form: &mut EnvironmentForm, life: Life, actions: &mut Vec<Action>) {
    form.removing = Some(Life::new(false));
    ui.vertical(|ui| {
        let text = format!(
            "Remove {}? Tatami forgets its address and key. What is stored on its server stays.",
            form.name
        );
        parts::note(ui, &text);
        let verb = Verb {
            text: &format!("Remove {}", parts::shorten(&form.name, parts::SHORT_NAME)),
            risk: Risk::Loss,
            hindrance: None,
        };
        match ui.horizontal(|ui| foot(ui, life, Some(verb), "Keep", |_| ())).inner {
            Some(Pressed::Verb) => {
                actions.push(Action::Settings(SettingsAction::RemoveEnvironment(form.name.clone())));
            }
            Some(Pressed::Cancel) => form.removing = None,
            None => {}
        }
    });
}

impl EnvironmentForm {
    /// What was typed, as it would be kept.
    fn environment(&self) -> Environment {
        Environment {
            name: self.name.trim().to_owned(),
            kind: self.kind,
            base_url: self.base_url.trim().to_owned(),
            // Those that it is known by stay.
            keys: Vec::new(),
            allows_http: self.allows_http,
        }
    }

    fn save(&mut self) -> Action {
        let environment = self.environment();
        let key = std::mem::take(&mut *self.key);
        let key = ApiKey::new(key);
        let confirmed = self.confirmed.trim();
        Action::Settings(SettingsAction::SaveEnvironment {
            environment,
            key: (!key.is_empty()).then_some(key),
            confirmed: (!confirmed.is_empty()).then(|| confirmed.to_owned()),
        })
    }
}

fn name_problem(form: &EnvironmentForm, session: &Session) -> Option<String> {
    let name = form.name.trim();
    if name.is_empty() {
        return Some("An environment needs a name".to_owned());
    }
    let taken = session.environments.iter().find(|known| known.is_named(name))?;
    Some(format!(
        "There is an environment {} already; choose another name",
        taken.name
    ))
}

fn http_problem(form: &EnvironmentForm) -> Option<String> {
    let is_refused = !form.allows_http && check_address(&form.base_url).is_ok_and(|is_cleartext| is_cleartext);
    is_refused.then(|| "Use https://, or tick this if it is meant".to_owned())
}

/// Whose the key is that was typed.
enum KeyStanding {
    /// None was typed, or the environment is known by it.
    Known,
    /// No key is known to be the environment's.
    First,
    /// The environment is known by others.
    New,
    /// It is the key of the environment of that name.
    OfAnother(String),
}

fn key_standing(form: &EnvironmentForm, session: &Session) -> KeyStanding {
    let name = form.name.trim();
    let known = session.environments.iter().find(|known| known.is_named(name));
    let has_keys = known.is_some_and(|known| !known.keys.is_empty());
    let key = ApiKey::new(form.key.as_str());
    let owner = session.environments.iter().find(|known| known.has_key(&key));
    match owner {
        Some(owner) if owner.is_named(name) => KeyStanding::Known,
        Some(owner) => KeyStanding::OfAnother(owner.name.clone()),
        None if !has_keys => KeyStanding::First,
        None if key.is_empty() => KeyStanding::Known,
        None => KeyStanding::New,
    }
}

fn key_problem(form: &EnvironmentForm, standing: &KeyStanding, is_new: bool) -> Option<String> {
    if is_new && form.key.trim().is_empty() {
        return Some("Paste the secret key, which is found in the service's dashboard".to_owned());
    }
    match standing {
        KeyStanding::Known | KeyStanding::First => None,
        KeyStanding::OfAnother(_) => Some("Enter this environment's own key".to_owned()),
        KeyStanding::New => {
            let is_confirmed = form.confirmed.trim() == form.name.trim();
            (!is_confirmed).then(|| format!("Nothing is changed before {} is typed as it is written", form.name))
        }
    }
}

/// The local environment has nothing to fill in.
fn show_local(ctx: &Context, session: &Session, local: &Environment, life: Life, actions: &mut Vec<Action>) {
    modal(
        ctx,
        &Look {
            name: "environment",
            title: &local.name,
            width: 460.0,
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            super::fact(ui, "Server", &parts::address(session, local));
            let text = "This server runs inside Tatami and stores everything on this machine. There is nothing to set.";
            parts::note(ui, text);
        },
        |ui, (), actions| tell(ui, life, actions),
        actions,
    );
}
