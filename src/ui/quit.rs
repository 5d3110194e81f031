//! The question before the window closes, when closing would lose something.

use eframe::egui::{Context, Id, Modal};

use super::{theme::space, widgets};
use crate::session::Session;

/// Asks; answers whether to quit, once a person has decided.
pub(super) fn ask(ctx: &Context, session: &Session) -> Option<bool> {
    let stake = at_stake(session);
    let (mut stay, mut quit) = (false, false);
    let modal = Modal::new(Id::unique("quit")).show(ctx, |ui| {
        ui.set_width(440.0);
        widgets::title(ui, "Quit Tatami?");
        ui.add_space(space::XS);
        for line in &stake {
            ui.label(line);
        }
        ui.add_space(space::M);
        ui.horizontal(|ui| {
            stay |= ui.add(widgets::secondary("Stay")).clicked();
            quit |= ui.add(widgets::danger("Quit anyway")).clicked();
        });
    });
    if quit {
        Some(true)
    } else if stay || modal.should_close() {
        Some(false)
    } else {
        None
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
            stake.push(if session.keeps() {
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
