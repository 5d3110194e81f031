//! Whether to undo an upload: what would be put back and deleted, and what somebody has changed since.

use eframe::egui::{Context, Label, RichText, Ui};

use super::{Life, Look, Verb, ask, fact, modal, risk_in, width_in};
use crate::{
    session::{Action, Session, Undoing, UploadAction},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets::{self, Risk},
    },
    upload::{UploadId, revert::RevertPreview},
};

/// Ids shown before the rest is only counted.
const SAMPLE: usize = 5;

/// What was chosen.
#[derive(Debug, Default)]
pub(super) struct RevertForm {
    over_changes: bool,
}

pub(super) fn show(
    ctx: &Context,
    session: &Session,
    id: UploadId,
    form: &mut RevertForm,
    life: Life,
    actions: &mut Vec<Action>,
) {
    let Some(undo) = session.undo.as_ref().filter(|undo| undo.upload == id) else {
        actions.push(Action::CloseDialog);
        return;
    };
    let environment = session.chosen();
    let title = format!("Undo upload {id} of {} in {}?", undo.name, undo.environment);
    modal(
        ctx,
        &Look {
            name: "undo",
            title: &title,
            width: width_in(&environment, 500.0, 560.0),
            is_form: false,
        },
        form,
        |ui, form| {
            ui.horizontal(|ui| {
                parts::environment_pill(ui, &environment);
                parts::caption(ui, &parts::address(session, &environment));
            });
            ui.add_space(space::XS);
            match &undo.preview {
                None => looking(ui, undo),
                Some(Err(error)) => parts::complaint(ui, &error.reason),
                Some(Ok(preview)) => found(ui, preview, form),
            }
        },
        |ui, form, actions| {
            let preview = undo.preview.as_ref().and_then(|preview| preview.as_ref().ok());
            let count = preview.map_or(0, |preview| count_of(preview, form));
            let hindrance = match preview {
                None if undo.preview.is_none() => Some("It is still being looked up what this would change".to_owned()),
                None => Some("It is not known what this would change".to_owned()),
                Some(_) if count == 0 => Some("There is nothing to change".to_owned()),
                Some(_) => session.hindrance_of_undoing(id),
            };
            let changes = if count == 1 { "change" } else { "changes" };
            let place = parts::careful_in_dialog(&environment);
            let verb = Verb {
                text: &format!("Undo {} {changes} in {place}", widgets::grouped(count)),
                risk: risk_in(&environment, Risk::Loss),
                hindrance: hindrance.as_deref(),
            };
            ask(ui, life, verb, actions, || {
                Action::Upload(UploadAction::Undo {
                    over_changes: form.over_changes,
                })
            });
        },
        actions,
    );
}

fn count_of(preview: &RevertPreview, form: &RevertForm) -> u64 {
    let (put_back, deleted) = preview.changes(form.over_changes);
    put_back + deleted
}

fn looking(ui: &mut Ui, undo: &Undoing) {
    let (done, all) = (undo.looking.done(), undo.looking.total());
    let text = format!(
        "Comparing with what is stored: {} of {} records",
        widgets::grouped(done),
        widgets::grouped(all)
    );
    widgets::progress(ui, (all > 0).then(|| done as f32 / all as f32), &text);
}

fn found(ui: &mut Ui, preview: &RevertPreview, form: &mut RevertForm) {
    let tokens = Tokens::current(ui);
    let (put_back, deleted) = preview.changes(form.over_changes);
    if put_back > 0 {
        let text = format!("{}, as they were before", widgets::grouped(put_back));
        fact(ui, "Put back", &text);
    }
    if deleted > 0 {
        let text = format!("{}, because nothing was there before", widgets::grouped(deleted));
        fact(ui, "Deleted", &text);
    }
    if preview.as_before > 0 {
        fact(ui, "As before already", &widgets::grouped(preview.as_before));
    }
    let changed = preview.changed_since.len() as u64;
    if changed > 0 {
        let text = format!("{}, left as they are", widgets::grouped(changed));
        let text = if form.over_changes {
            format!("{}, among these", widgets::grouped(changed))
        } else {
            text
        };
        fact(ui, "Changed since", &text);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for id in preview.changed_since.iter().take(SAMPLE) {
                let text = RichText::new(id).font(fonts::mono(size::SMALL)).color(tokens.muted);
                ui.add(Label::new(text).truncate());
            }
            if let Some(more) = changed.checked_sub(SAMPLE as u64).filter(|more| *more > 0) {
                parts::caption(ui, &format!("and {} more", widgets::grouped(more)));
            }
        });
        ui.add_space(space::XS);
        ui.checkbox(&mut form.over_changes, "Undo these as well, over what was changed");
    }
    left(ui, preview);
    ui.add_space(space::XS);
    parts::note(
        ui,
        "An undo is an upload itself: it is listed, goes on when it was stopped, and can be undone.",
    );
}

/// What no undo can promise.
fn left(ui: &mut Ui, preview: &RevertPreview) {
    if preview.unaddressable > 0 {
        let text = format!(
            "{}, because no address can carry such an id",
            widgets::grouped(preview.unaddressable)
        );
        fact(ui, "Cannot be put back", &text);
    }
    if preview.unconfirmed > 0 {
        let text = format!(
            "{}. Should the server still be at work on that, it may be stored after this; look again later",
            if preview.unconfirmed == 1 {
                "1 row was never confirmed".to_owned()
            } else {
                format!("{} rows were never confirmed", widgets::grouped(preview.unconfirmed))
            }
        );
        parts::note(ui, &text);
    }
}
