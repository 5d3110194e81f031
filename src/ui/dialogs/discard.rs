//! Whether to forget what an upload replaced.

use eframe::egui::Context;

use super::{Life, Look, Verb, ask, modal};
use crate::{
    session::{Action, Session, UploadAction},
    ui::{
        parts,
        widgets::{self, Risk},
    },
    upload::UploadId,
};

pub(super) fn show(ctx: &Context, session: &Session, id: UploadId, life: Life, actions: &mut Vec<Action>) {
    let past = session.uploads.as_ref().ok();
    let past = past.and_then(|uploads| uploads.iter().find(|past| past.upload.id == id));
    let Some(kept) = past.and_then(|past| past.snapshot_bytes) else {
        actions.push(Action::CloseDialog);
        return;
    };
    let title = format!("Forget what upload {id} replaced?");
    modal(
        ctx,
        &Look {
            name: "discard",
            title: &title,
            width: 440.0,
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            let text = format!(
                "The records as they were before it are kept on this machine ({}). Without them the upload cannot be \
                 undone any more. Nothing that is stored changes.",
                widgets::bytes(kept)
            );
            parts::note(ui, &text);
        },
        |ui, (), actions| {
            let verb = Verb {
                text: "Forget it",
                risk: Risk::Loss,
                hindrance: None,
            };
            ask(ui, life, verb, actions, || Action::Upload(UploadAction::Discard(id)));
        },
        actions,
    );
}
