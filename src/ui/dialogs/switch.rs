//! Whether to work with an environment that customers see.

use eframe::egui::Context;

use super::{Life, Look, Verb, ask, modal};
use crate::{
    session::{Action, Session, SettingsAction},
    settings::EnvironmentKind,
    ui::{parts, theme::space, widgets::Risk},
};

pub(super) fn show(ctx: &Context, session: &Session, name: &str, life: Life, actions: &mut Vec<Action>) {
    let Some(environment) = session.environments.iter().find(|known| known.name == name) else {
        actions.push(Action::CloseDialog);
        return;
    };
    let look = Look {
        name: "switch",
        title: &format!("Switch to {name}?"),
        width: 440.0,
        is_form: false,
    };
    modal(
        ctx,
        &look,
        &mut (),
        |ui, ()| {
            ui.horizontal(|ui| {
                parts::environment_pill(ui, environment);
                parts::caption(ui, &parts::address(session, environment));
            });
            ui.add_space(space::XS);
            let text = if environment.kind == EnvironmentKind::Production {
                "It is production: uploads change what customers see."
            } else {
                "No key is known to be its own yet, so that it counts as production: uploads may change what customers \
                 see."
            };
            parts::note(ui, text);
        },
        |ui, (), actions| {
            let verb = Verb {
                text: "Switch",
                risk: Risk::Production,
                hindrance: None,
            };
            ask(ui, life, verb, actions, || {
                Action::Settings(SettingsAction::SwitchEnvironment(name.to_owned()))
            });
        },
        actions,
    );
}
