//! The question before the window closes, when closing would lose something.

use eframe::egui::Context;

use super::{
    dialogs::{Life, Look, Pressed, Verb, foot, frame},
    parts,
    widgets::{self, Risk},
};
use crate::{
    domain::ids::DocumentId,
    session::{Document, Session},
};

/// What a person has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Saves a copy of a changed file first, and asks again about the others.
    SaveCopy(DocumentId),
    Quit,
    Stay,
}

const LOOK: Look<'static> = Look {
    name: "quit",
    title: "Quit Tatami?",
    width: 520.0,
    is_form: false,
};

/// Asks; `is_new`: for the first time.
pub(super) fn ask(ctx: &Context, session: &Session, is_new: bool) -> Option<Decision> {
    let stake = at_stake(session);
    // What is kept for the next start is not lost.
    let mut documents = session.documents.iter();
    let changed = documents.find(|document| document.is_changed() && !session.keeps_changes_of(document));
    let loses = session.is_busy() || changed.is_some();
    let mut decision = None;
    let leaves = frame(
        ctx,
        &LOOK,
        &mut decision,
        |ui, _| {
            for line in &stake {
                ui.label(line);
            }
        },
        |ui, decision| *decision = buttons(ui, changed, loses, is_new),
    );
    decision.or(leaves.then_some(Decision::Stay))
}

fn buttons(ui: &mut eframe::egui::Ui, changed: Option<&Document>, loses: bool, is_new: bool) -> Option<Decision> {
    let lossy = |text| Verb {
        text,
        risk: Risk::Loss,
        hindrance: None,
    };
    let life = Life::new(is_new);
    let Some(document) = changed else {
        let quit = if loses {
            lossy("Quit anyway")
        } else {
            Verb {
                text: "Quit",
                risk: Risk::None,
                hindrance: None,
            }
        };
        return match foot(ui, life, Some(quit), "Cancel", |_| ())? {
            Pressed::Verb => Some(Decision::Quit),
            Pressed::Cancel => Some(Decision::Stay),
        };
    };
    let save = Verb {
        text: &format!(
            "Save a copy of {}…",
            parts::shorten(&document.name(), parts::SHORT_IN_DIALOG)
        ),
        risk: Risk::None,
        hindrance: None,
    };
    let mut quits = false;
    let pressed = foot(ui, life, Some(save), "Cancel", |ui| {
        quits = lossy("Quit without saving").show(ui).1;
    });
    match pressed {
        Some(Pressed::Verb) => Some(Decision::SaveCopy(document.id)),
        Some(Pressed::Cancel) => Some(Decision::Stay),
        None => quits.then_some(Decision::Quit),
    }
}
/// What closing the window would lose, in words.
fn at_stake(session: &Session) -> Vec<String> {
    let mut stake = Vec::new();
    for document in &session.documents {
        let name = document.name();
        if document.is_uploading() {
            stake.push(format!(
                "{name} is being uploaded; Tatami offers to go on with it at its next start"
            ));
        }
        if document.is_changed() {
            let count = document.changed_cells();
            let cells = if count == 1 {
                "changed cell is"
            } else {
                "changed cells are"
            };
            let count = widgets::grouped(count);
            stake.push(if session.keeps_changes_of(document) {
                format!("{name}: {count} {cells} kept, and there again at the next start")
            } else {
                format!("{name}: {count} {cells} kept only in this window")
            });
        }
    }
    if session.is_undoing() {
        stake.push("An upload is being undone; Tatami offers to go on with it at its next start".to_owned());
    }
    if session.stored.wipe.as_ref().is_some_and(|wipe| wipe.outcome.is_none()) {
        stake.push("Records are being deleted; some will remain".to_owned());
    }
    stake
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Pos2, RawInput, Rect, vec2};

    use super::*;
    use crate::{session::Action, ui::theme};

    #[test]
    fn the_buttons_fit_however_long_the_files_name_is() {
        let mut session = Session::default();
        let name = format!("{}.csv", "w".repeat(40));
        session.act(Action::Open(vec![name.into()]));
        let ctx = Context::default();
        theme::install(&ctx);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0))),
            ..RawInput::default()
        };
        // From where the buttons may stand, and from where they do.
        let mut places = (0.0, 0.0);
        for pass in 0..4 {
            let footer = |ui: &mut eframe::egui::Ui, places: &mut (f32, f32)| {
                places.0 = ui.max_rect().left();
                buttons(ui, session.documents.first(), true, pass == 0);
                places.1 = ui.min_rect().left();
            };
            let _shown = ctx.run_ui(input.clone(), |ui| {
                frame(ui.ctx(), &LOOK, &mut places, |_, _| (), footer);
            });
        }
        let (room, stand) = places;
        assert!(room > 100.0 && stand >= room - 0.5, "{places:?}");
    }
}
