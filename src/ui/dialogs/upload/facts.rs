//! What of the file is sent, and what is left out.

use eframe::egui::{RichText, Ui};

use super::super::fact;
use crate::{
    domain::issue::Severity,
    session::Document,
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// Numbers that walk over the problems: taken once, when the dialog opens.
#[derive(Debug, Default)]
pub(super) struct Summary {
    warned: u64,
    repeated: u64,
    unreadable: u64,
}

impl Summary {
    pub(super) fn of(document: &Document) -> Self {
        let Ok(open) = document.open() else {
            return Self::default();
        };
        let Ok(checked) = open.checked() else {
            return Self::default();
        };
        let refused = checked.rows_with_errors();
        let warned = checked.issues.rows_with(Severity::Warning);
        Self {
            warned: warned.len() - warned.intersection(&refused).len(),
            repeated: checked.superseded().len(),
            unreadable: open.view.frame.defects().len() as u64,
        }
    }
}

pub(super) fn show(ui: &mut Ui, document: &Document, summary: &Summary, merge: bool) {
    let tokens = Tokens::current(ui);
    let (rows, sent) = document
        .open()
        .map_or((0, 0), |open| (open.view.rows(), open.sendable_rows()));
    let left_out = rows - sent;
    let colour = if left_out > 0 { tokens.error.text } else { tokens.muted };
    figures(
        ui,
        &[
            (rows, "rows in the file", tokens.text),
            (sent, "without errors", tokens.text),
            (left_out, "left out, with errors", colour),
        ],
    );
    ui.add_space(space::XS);
    let hidden = document.view().map_or(0, |view| view.rows() - view.shown_rows());
    if hidden > 0 {
        let text = format!("{}, sent all the same", widgets::grouped(hidden));
        fact(ui, "Hidden by filters", &text);
    }
    if summary.unreadable > 0 {
        let text = format!("{} of the rows left out", widgets::grouped(summary.unreadable));
        fact(ui, "Unreadable", &text);
    }
    if summary.warned > 0 {
        let text = format!("{}, sent all the same", widgets::grouped(summary.warned));
        fact(ui, "With warnings", &text);
    }
    if summary.repeated > 0 {
        let what = if merge {
            "merged into the last one of each"
        } else {
            "the last one of each stays"
        };
        let text = format!("{}, {what}", widgets::grouped(summary.repeated));
        fact(ui, "Rows with repeated ids", &text);
    }
}

/// Large numbers side by side, each with its name below.
pub(super) fn figures(ui: &mut Ui, all: &[(u64, &str, eframe::egui::Color32)]) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XL;
        for (number, name, colour) in all {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let text = RichText::new(widgets::grouped(*number)).font(fonts::strong(size::DISPLAY));
                ui.label(text.color(*colour));
                parts::caption(ui, name);
            });
        }
    });
}
