//! What is stored in the chosen environment: ids page by page, the record whole, and deleting.

mod ids;
mod interactions;
mod record;
mod wipe;

use eframe::egui::{Align, CentralPanel, Color32, Frame, Layout, Margin, Panel, TextStyle, Ui};

use super::{
    parts,
    theme::{Tokens, space},
    widgets,
};
use crate::{
    domain::dataset::Dataset,
    session::{Action, Place, Remote, Session, SettingsAction, StoredAction},
    settings::{Environment, EnvironmentKind},
};

/// The panels' own state, beyond the session's.
#[derive(Debug, Default)]
pub struct StoredUi {
    /// The interaction shown, by its place in the list.
    line: Option<usize>,
    /// Ids of users whose interactions are to be deleted, as they were typed.
    users: String,
    /// The environment and data set that the above belongs to.
    of: Option<(String, Dataset)>,
}

/// Shows the records of [`Place::Stored`]; elsewhere nothing.
pub fn show(ui: &mut Ui, session: &Session, state: &mut StoredUi, actions: &mut Vec<Action>) {
    let Place::Stored(dataset) = session.place else {
        return;
    };
    let of = Some((session.environment.clone(), dataset));
    if state.of != of {
        *state = StoredUi {
            of,
            ..StoredUi::default()
        };
    }
    let environment = session.chosen();
    let tokens = Tokens::current(ui);
    let margin = Margin::symmetric(space::L as i8, space::M as i8);
    Panel::top("stored_top")
        .resizable(false)
        .frame(Frame::new().fill(tokens.background).inner_margin(margin))
        .show(ui, |ui| {
            header(ui, session, &environment, dataset, actions);
            if let Some(run) = &session.stored.wipe {
                ui.add_space(space::XS);
                wipe::show(ui, run, actions);
            }
            parts::locked(ui, session, &environment, actions);
        });
    Panel::bottom("stored_bottom")
        .resizable(false)
        .frame(Frame::new().fill(tokens.background).inner_margin(margin))
        .show(ui, |ui| deleting(ui, session, dataset, state, actions));
    CentralPanel::default()
        .frame(Frame::new().fill(tokens.surface))
        .show(ui, |ui| {
            if let Some(reason) = session.key_refusal().filter(|_| !session.is_counting(dataset)) {
                key_rejected(ui, session, &reason, actions);
            } else if dataset == Dataset::Interactions {
                interactions::show(ui, session, state, actions);
            } else {
                ids::show(ui, session, dataset, actions);
            }
        });
}

fn header(ui: &mut Ui, session: &Session, environment: &Environment, dataset: Dataset, actions: &mut Vec<Action>) {
    let tokens = Tokens::current(ui);
    let count = &session.stored.set(dataset).count;
    ui.horizontal(|ui| {
        widgets::title(ui, &format!("{} stored in {}", dataset.title(), environment.name));
        let said = match count {
            Remote::Pending(None) => Some("counting…".to_owned()),
            other => match other.value() {
                Some(Some(count)) => Some(widgets::grouped(*count)),
                Some(None) => Some("number unknown".to_owned()),
                None => None,
            },
        };
        if let Some(said) = said {
            let neutral = super::theme::Tone {
                text: tokens.muted,
                tint: tokens.hover,
                mark: tokens.outline,
            };
            widgets::pill(ui, &said, neutral);
        }
        if session.is_rehearsing() {
            widgets::pill(ui, "Fails on purpose", tokens.warning);
        }
        parts::environment_pill(ui, environment)
            .on_hover_text(format!("Server: {}", parts::address(session, environment)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(widgets::secondary("Refresh")).clicked() {
                actions.push(Action::Stored(StoredAction::Refresh));
            }
            if session.can_rehearse() {
                let rehearse = ui.add(widgets::quiet("Rehearse…"));
                let about = "Make the local server fail on purpose, to see what an upload does then";
                if rehearse.on_hover_text(about).clicked() {
                    actions.push(Action::Stored(StoredAction::AskRehearsal));
                }
            }
        });
    });
}

/// Why records of the environment may not be deleted at this moment; `None`: they may.
fn hindrance(session: &Session) -> Option<String> {
    session.hindrance_of_deletion().map(|refusal| refusal.to_string())
}

/// The bar of deletions: the selected records at the left, and far from it everything.
fn deleting(ui: &mut Ui, session: &Session, dataset: Dataset, state: &mut StoredUi, actions: &mut Vec<Action>) {
    let text = format!("Delete everything in {}…", session.environment);
    let font = TextStyle::Button.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.clone(), font, Color32::PLACEHOLDER);
    let everything = galley.size().x + 2.0 * ui.spacing().button_padding.x + space::M;
    ui.horizontal(|ui| {
        if dataset == Dataset::Interactions {
            let room = ui.available_width() - everything;
            interactions::by_user(ui, session, state, room, actions);
        } else {
            ids::delete_button(ui, session, dataset, actions);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if parts::danger_quiet(ui, &text, hindrance(session).as_deref()).clicked() {
                actions.push(Action::Stored(StoredAction::AskWipe));
            }
        });
    });
}

/// Shows that the server does not know the key, which is not tried again by itself.
fn key_rejected(ui: &mut Ui, session: &Session, reason: &str, actions: &mut Vec<Action>) {
    let name = &session.environment;
    let title = format!("What {name} stores cannot be shown");
    widgets::empty_state(ui, &title, reason, |ui| {
        if ui.add(widgets::primary(&format!("Edit {name}…"))).clicked() {
            actions.push(Action::Settings(SettingsAction::AskEnvironment(Some(name.clone()))));
        }
        if ui.add(widgets::quiet("Try again")).clicked() {
            actions.push(Action::Stored(StoredAction::Refresh));
        }
    });
}

/// Shows what could not be loaded, why, and what to do.
fn failed(ui: &mut Ui, session: &Session, title: &str, reason: &str, actions: &mut Vec<Action>) {
    widgets::empty_state(ui, title, reason, |ui| {
        if ui.add(widgets::secondary("Try again")).clicked() {
            actions.push(Action::Stored(StoredAction::Refresh));
        }
        let environment = session.chosen();
        if environment.kind != EnvironmentKind::Local {
            let text = format!("Edit {}…", environment.name);
            if ui.add(widgets::quiet(&text)).clicked() {
                actions.push(Action::Settings(SettingsAction::AskEnvironment(Some(environment.name))));
            }
        }
    });
}

/// Shows that nothing is stored yet, and how to change that.
fn nothing(ui: &mut Ui, session: &Session, dataset: Dataset, actions: &mut Vec<Action>) {
    let (noun, environment) = (dataset.noun(0), session.chosen());
    let title = format!("No {noun} stored in {}", environment.name);
    if environment.kind == EnvironmentKind::Playground {
        return widgets::empty_state(ui, &title, "A playground takes no uploads.", |_| ());
    }
    let text = format!("Open a file with {noun}, check it, and upload it. What is stored then appears here.");
    widgets::empty_state(ui, &title, &text, |ui| {
        if ui
            .add(widgets::primary(&format!("Go to {} files", dataset.noun(1))))
            .clicked()
        {
            actions.push(Action::Show(Place::Empty(dataset)));
        }
    });
}

/// The wheel in the middle of a panel.
fn loading(ui: &mut Ui, session: &Session, dataset: Dataset) {
    let text = if session.local_address.is_none() && session.chosen().base_url.is_empty() {
        "The local server is starting…".to_owned()
    } else {
        format!("Reading the {} in {}…", dataset.noun(0), session.environment)
    };
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.35).max(space::XL));
        ui.scope(|ui| {
            // As wide as the words, so that wheel and words stand in the middle together.
            ui.set_max_width(16.0 + 7.0 * text.chars().count() as f32);
            parts::waiting(ui, &text);
        });
    });
}

/// A list at the left and the record at the right.
fn beside(ui: &mut Ui, record: impl FnOnce(&mut Ui), list: impl FnOnce(&mut Ui)) {
    let tokens = Tokens::current(ui);
    let room = ui.available_width();
    let frame = |fill| Frame::new().fill(fill).inner_margin(Margin::same(space::L as i8));
    Panel::right("stored_record")
        .resizable(true)
        .default_size((room * 0.5).max(280.0))
        .size_range(240.0..=(room - 300.0).max(240.0))
        .frame(frame(tokens.surface))
        .show(ui, record);
    CentralPanel::default().frame(frame(tokens.surface)).show(ui, list);
}

/// A bar at the bottom of a list.
fn foot(ui: &mut Ui, salt: &'static str, content: impl FnOnce(&mut Ui)) {
    Panel::bottom(salt)
        .resizable(false)
        .frame(Frame::new().inner_margin(Margin {
            top: space::M as i8,
            ..Margin::ZERO
        }))
        .show(ui, content);
}
