//! Whether to delete everything in an environment: only who types its name may.

use std::time::Duration;

use eframe::egui::{Context, TextEdit, Ui, vec2};

use super::{Life, Look, Pressed, Verb, fact, foot, modal, risk_in, width_in};
use crate::{
    domain::dataset::Dataset,
    session::{Action, Remote, Session, StoredAction},
    settings::{Environment, EnvironmentKind},
    ui::{
        parts,
        theme::space,
        widgets::{self, Risk},
    },
};

/// How long the button stays inert after the name matches in a guarded environment, in seconds.
const PAUSE: f64 = 3.0;

/// What was typed, and since when it has been the environment's name.
#[derive(Debug, Default)]
pub(super) struct WipeForm {
    typed: String,
    matches_since: Option<f64>,
}

pub(super) fn show(ctx: &Context, session: &Session, form: &mut WipeForm, life: Life, actions: &mut Vec<Action>) {
    let environment = session.chosen();
    let title = format!("Delete everything in {}?", environment.name);
    modal(
        ctx,
        &Look {
            name: "wipe",
            title: &title,
            width: width_in(&environment, 480.0, 620.0),
            is_form: true,
        },
        form,
        |ui, form| {
            ui.horizontal(|ui| {
                parts::environment_pill(ui, &environment);
                parts::caption(ui, &parts::address(session, &environment));
            });
            ui.add_space(space::XS);
            counts(ui, session);
            ui.add_space(space::XS);
            parts::note(ui, consequence(&environment));
            if is_unlisted(session, Dataset::Products) || is_unlisted(session, Dataset::Users) {
                parts::note(
                    ui,
                    "Where the server has no list, those are deleted that this machine sent there; others stay.",
                );
            }
            ui.add_space(space::XS);
            let name = format!("Type {} to confirm", environment.name);
            let field = TextEdit::singleline(&mut form.typed)
                .margin(vec2(space::S, 6.0))
                .desired_width(ui.available_width());
            let field = parts::labelled_field(ui, &name, field);
            if life.is_new {
                field.request_focus();
            }
        },
        |ui, form, actions| {
            let rest = form.rest(&environment, ui.input(|input| input.time));
            let waits = rest
                .filter(|rest| *rest > 0.0)
                .map(|rest| format!("Ready in {} s", rest.ceil()));
            if waits.is_some() {
                ui.ctx().request_repaint_after(Duration::from_millis(200));
            }
            let hindrance = match (rest, session.hindrance_of_deletion()) {
                (_, Some(refusal)) => Some(refusal.to_string()),
                (None, None) => Some("Type the environment's name first".to_owned()),
                (Some(_), None) => waits.clone(),
            };
            let verb = Verb {
                text: &format!("Delete everything in {}", parts::careful_in_dialog(&environment)),
                risk: risk_in(&environment, Risk::Loss),
                hindrance: hindrance.as_deref(),
            };
            let pressed = foot(ui, life.over_a_field(), Some(verb), "Cancel", |ui| {
                if let Some(waits) = &waits {
                    parts::caption(ui, waits);
                }
            });
            match pressed {
                Some(Pressed::Verb) => actions.push(Action::Stored(StoredAction::Wipe {
                    typed: form.typed.trim().to_owned(),
                })),
                Some(Pressed::Cancel) => actions.push(Action::CloseDialog),
                None => {}
            }
        },
        actions,
    );
}

impl WipeForm {
    /// How many seconds are left until the button works; `None`: the name does not match.
    fn rest(&mut self, environment: &Environment, now: f64) -> Option<f64> {
        if self.typed.trim() != environment.name {
            self.matches_since = None;
            return None;
        }
        let since = *self.matches_since.get_or_insert(now);
        let pause = if environment.is_guarded() { PAUSE } else { 0.0 };
        Some((since + pause - now).max(0.0))
    }
}

/// Whether the server said that it has no list of these records; of interactions there never is one.
fn is_unlisted(session: &Session, dataset: Dataset) -> bool {
    dataset != Dataset::Interactions && session.stored.set(dataset).count.value() == Some(&None)
}

fn counts(ui: &mut Ui, session: &Session) {
    for dataset in Dataset::ALL {
        let text = match &session.stored.set(dataset).count {
            Remote::Failed(_) => "unknown, counting failed".to_owned(),
            Remote::Idle | Remote::Pending(None) => "counting…".to_owned(),
            other => match other.value() {
                Some(Some(count)) => widgets::grouped(*count),
                _ if is_unlisted(session, dataset) => "unknown, the server has no list of them".to_owned(),
                _ => "unknown, the API cannot count them".to_owned(),
            },
        };
        fact(ui, dataset.title(), &text);
    }
}

const fn consequence(environment: &Environment) -> &'static str {
    if matches!(environment.kind, EnvironmentKind::Local) {
        "All of these are deleted and no copy is kept: this cannot be undone. Files on this machine stay as they are."
    } else {
        "Products and users are deleted and no copy is kept: this cannot be undone. The API can neither list nor \
         delete all interactions: unless this server is a Tatami one, they stay."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_waits_after_the_name_matches() {
        let mut production = Environment::local();
        production.kind = EnvironmentKind::Production;
        production.name = "Shop".to_owned();
        let mut form = WipeForm::default();
        assert_eq!(form.rest(&production, 1.0), None);
        form.typed = " Shop ".to_owned();
        assert_eq!(form.rest(&production, 2.0), Some(3.0));
        assert_eq!(form.rest(&production, 4.0), Some(1.0));
        assert_eq!(form.rest(&production, 9.0), Some(0.0));
        form.typed = "shop".to_owned();
        assert_eq!(form.rest(&production, 9.5), None);
        form.typed = "Shop".to_owned();
        assert_eq!(form.rest(&production, 10.0), Some(3.0));
    }
}
