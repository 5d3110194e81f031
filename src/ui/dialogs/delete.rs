//! Whether to delete the selected records.

use eframe::egui::{Context, RichText, Ui};

use super::{Life, Look, Verb, ask, modal, risk_in, width_in};
use crate::{
    domain::{dataset::Dataset, escapes::safe},
    session::{Action, Session, StoredAction},
    ui::{
        fonts, parts,
        theme::{size, space},
        widgets::{self, Risk},
    },
};

/// Ids shown before the rest is only counted.
const SAMPLE: usize = 5;

pub(super) fn show(ctx: &Context, session: &Session, dataset: Dataset, life: Life, actions: &mut Vec<Action>) {
    let selected = &session.stored.set(dataset).selected;
    let count = selected.len() as u64;
    let number = widgets::grouped(count);
    let environment = session.chosen();
    // Of interactions the selected ids are users.
    let what = if dataset == Dataset::Interactions {
        format!("the interactions of {number} {}", Dataset::Users.noun(count))
    } else {
        format!("{number} {}", dataset.noun(count))
    };
    let title = format!("Delete {what} from {}?", environment.name);
    modal(
        ctx,
        &Look {
            name: "delete",
            title: &title,
            width: width_in(&environment, 460.0, 580.0),
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            ui.horizontal(|ui| {
                parts::environment_pill(ui, &environment);
                parts::caption(ui, &parts::address(session, &environment));
            });
            ui.add_space(space::XS);
            sample(ui, selected.iter().map(String::as_str), selected.len());
            ui.add_space(space::XS);
            let text = if dataset == Dataset::Interactions {
                "Every interaction of these users is deleted. The server keeps no copy: this cannot be undone."
            } else {
                "The server keeps no copy: this cannot be undone. To have the records back, upload them again."
            };
            parts::note(ui, text);
        },
        |ui, (), actions| {
            let hindrance = session.hindrance_of_deletion().map(|refusal| refusal.to_string());
            let named = if dataset == Dataset::Interactions {
                "these interactions"
            } else {
                &what
            };
            let verb = Verb {
                text: &format!("Delete {named} from {}", parts::careful_in_dialog(&environment)),
                risk: risk_in(&environment, Risk::Loss),
                hindrance: hindrance
                    .as_deref()
                    .or((count == 0).then_some("None is selected any more")),
            };
            ask(ui, life, verb, actions, || {
                Action::Stored(StoredAction::Delete(dataset))
            });
        },
        actions,
    );
}

fn sample<'a>(ui: &mut Ui, ids: impl Iterator<Item = &'a str>, all: usize) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for id in ids.take(SAMPLE) {
            let text = RichText::new(safe(id)).font(fonts::mono(size::BODY - 0.5));
            ui.add(eframe::egui::Label::new(text).truncate());
        }
        if all > SAMPLE {
            parts::caption(ui, &format!("and {} more", widgets::grouped((all - SAMPLE) as u64)));
        }
    });
}
