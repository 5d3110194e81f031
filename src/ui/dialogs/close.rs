//! Whether to close a document although something would be lost.

use eframe::egui::Context;

use super::{Life, Look, Pressed, Verb, foot, frame};
use crate::{
    domain::ids::DocumentId,
    session::{Action, Document, Session, TableAction},
    ui::{
        UiRequests,
        files::{self, Purpose},
        parts,
        widgets::{self, Risk},
    },
};

/// What was decided.
enum CloseDecision {
    SaveCopy,
    CloseAnyway,
    KeepOpen,
}

pub(super) fn show(ctx: &Context, session: &Session, doc: DocumentId, life: Life, requests: &mut UiRequests) {
    let Some(document) = session.find(doc) else {
        requests.actions.push(Action::CloseDialog);
        return;
    };
    let look = Look {
        name: "close",
        title: &format!("Close {}?", document.name()),
        width: 460.0,
        is_form: false,
    };
    let mut decision = None;
    let leaves = frame(
        ctx,
        &look,
        &mut decision,
        |ui, _| {
            for text in at_stake(document) {
                parts::note(ui, &text);
            }
        },
        |ui, decision| *decision = buttons(ui, document, life),
    );
    match decision.or(leaves.then_some(CloseDecision::KeepOpen)) {
        Some(CloseDecision::SaveCopy) => {
            let name = files::copy_name(document);
            requests.files.push((Purpose::SaveCopyAndClose(doc), name));
            requests.actions.push(Action::CloseDialog);
        }
        Some(CloseDecision::CloseAnyway) => requests.actions.push(Action::Table(doc, TableAction::CloseAnyway)),
        Some(CloseDecision::KeepOpen) => requests.actions.push(Action::CloseDialog),
        None => {}
    }
}

/// What would be lost or stopped, in words.
fn at_stake(document: &Document) -> Vec<String> {
    let mut stake = Vec::new();
    let changed = document.changed_cells();
    if changed > 0 {
        let cells = if changed == 1 { "changed cell" } else { "changed cells" };
        stake.push(format!(
            "{} {cells} would be lost: changes are kept while the file is open, and the file itself is never written \
             to. Save a copy with them, or upload the records first.",
            widgets::grouped(changed)
        ));
    }
    if let Some(upload) = document.upload.as_ref().filter(|_| document.is_uploading()) {
        stake.push(format!(
            "An upload to {} is running and would be stopped. What was stored until then stays stored.",
            upload.environment
        ));
    }
    stake
}

fn buttons(ui: &mut eframe::egui::Ui, document: &Document, life: Life) -> Option<CloseDecision> {
    let (is_changed, is_uploading) = (document.is_changed(), document.is_uploading());
    let lossy = Verb {
        text: match (is_changed, is_uploading) {
            (true, _) => "Close without saving",
            (false, true) => "Stop the upload and close",
            (false, false) => "Close",
        },
        risk: Risk::Loss,
        hindrance: None,
    };
    let unsaved = document.open().err().map(|refusal| refusal.to_string());
    let first = if is_changed {
        Verb {
            text: "Save a copy…",
            // A copy is no reason to stop an upload.
            risk: if is_uploading { Risk::Loss } else { Risk::None },
            hindrance: unsaved.as_deref(),
        }
    } else {
        lossy
    };
    let mut closes = false;
    let pressed = foot(ui, life, Some(first), "Cancel", |ui| {
        closes = is_changed && lossy.show(ui).1;
    });
    match pressed {
        Some(Pressed::Verb) if is_changed => Some(CloseDecision::SaveCopy),
        Some(Pressed::Verb) => Some(CloseDecision::CloseAnyway),
        Some(Pressed::Cancel) => Some(CloseDecision::KeepOpen),
        None => closes.then_some(CloseDecision::CloseAnyway),
    }
}
