//! One record as it is stored beside what would take its place, field by field.

use eframe::egui::{Grid, Label, RichText, Ui};

use super::{UploadForm, effect};
use crate::{
    domain::{
        comparison::{self, Change},
        rows::RowSet,
    },
    message::Compared,
    session::{Action, Document, Remote, UploadAction},
    ui::{
        fonts, parts,
        theme::{Tokens, Tone, size, space},
        widgets,
    },
    upload::Preview,
};

/// Which of the records that change is looked at.
#[derive(Debug, Default)]
pub(super) struct Comparing {
    place: u64,
    /// Whether the records are shown.
    is_open: bool,
}

impl Comparing {
    /// Looks at the record of a row.
    pub(super) fn look_at(&mut self, rows: &RowSet, row: u32) {
        self.place = rows.iter().take_while(|other| *other < row).count() as u64;
        self.is_open = true;
    }

    /// Looks where one looked last.
    pub(super) const fn open(&mut self) {
        self.is_open = true;
    }

    /// Whether the records are shown.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }
}

/// Shows the records that change, in the place of everything else.
pub(super) fn show(
    ui: &mut Ui,
    document: &Document,
    preview: &Preview,
    form: &mut UploadForm,
    actions: &mut Vec<Action>,
) {
    let rows = &preview.effect(form.write_options.merge).changed;
    ui.horizontal(|ui| {
        if ui.add(widgets::secondary("Back")).clicked() {
            form.compare.is_open = false;
        }
        effect::replace_or_merge(ui, form);
    });
    ui.add_space(space::XS);
    form.compare.place = form.compare.place.min(rows.len().saturating_sub(1));
    turn(ui, &mut form.compare.place, rows.len());
    let Some(row) = rows.nth(form.compare.place) else {
        return;
    };
    let shown = document.comparison().and_then(|comparison| comparison.shown.as_ref());
    match shown.filter(|(shown, _)| *shown == row) {
        Some((_, Remote::Ready(compared))) => record(ui, compared, form.write_options.merge),
        Some((_, Remote::Failed(error))) => parts::complaint(ui, &error.reason),
        Some(_) => parts::waiting(ui, "Reading the record"),
        None => actions.push(Action::Upload(UploadAction::Compare(document.id, row))),
    }
}

/// Which record of how many, and buttons to the others.
fn turn(ui: &mut Ui, place: &mut u64, all: u64) {
    ui.horizontal(|ui| {
        if ui.add_enabled(*place > 0, widgets::secondary("Previous")).clicked() {
            *place -= 1;
        }
        if ui.add_enabled(*place + 1 < all, widgets::secondary("Next")).clicked() {
            *place += 1;
        }
        let text = format!("{} of {}", widgets::grouped(*place + 1), widgets::grouped(all));
        parts::caption(ui, &text);
    });
}

fn record(ui: &mut Ui, compared: &Compared, merge: bool) {
    let Some(stored) = &compared.stored else {
        parts::note(ui, "It is not stored any more; it would be new.");
        return;
    };
    let merged = merge.then(|| comparison::merged(stored, &compared.new));
    let new = match merged.transpose() {
        Ok(merged) => merged.unwrap_or_else(|| compared.new.clone()),
        Err(error) => return parts::complaint(ui, &format!("The record cannot be read: {error}")),
    };
    let changes = match comparison::changes(stored, &new) {
        Ok(changes) => changes,
        Err(error) => return parts::complaint(ui, &format!("The record cannot be read: {error}")),
    };
    ui.label(RichText::new(&compared.id).font(fonts::mono(size::BODY)));
    if changes.is_empty() {
        parts::note(ui, "Nothing of it changes.");
        return;
    }
    table(ui, &changes);
}

fn table(ui: &mut Ui, changes: &[Change<'_>]) {
    let tokens = Tokens::current(ui);
    let width = (ui.available_width() - 2.0 * space::S) / 3.0;
    let cell = |ui: &mut Ui, text: RichText| {
        ui.scope(|ui| {
            ui.set_width(width);
            ui.add(Label::new(text).truncate());
        });
    };
    ui.spacing_mut().interact_size.y = 20.0;
    Grid::new("changes")
        .num_columns(3)
        .spacing([space::S, 2.0])
        .striped(true)
        .show(ui, |ui| {
            for name in ["Field", "Stored now", "Afterwards"] {
                let text = RichText::new(name).font(fonts::strong(size::SMALL)).color(tokens.muted);
                cell(ui, text);
            }
            ui.end_row();
            // What is lost is seen first.
            let (lost, others): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.is_loss());
            for change in lost.into_iter().chain(others) {
                let (sign, tone) = sign(change, tokens);
                let mono = |text: &str| RichText::new(text).font(fonts::mono(size::SMALL));
                cell(ui, mono(&format!("{sign} {}", change.path)).color(tone.text));
                let value = |value: Option<&str>, none: &str| match value {
                    Some(value) => mono(value).color(tokens.text),
                    None => mono(none).color(tokens.muted),
                };
                cell(ui, value(change.before, "nothing"));
                cell(ui, value(change.after, "gone"));
                ui.end_row();
            }
        });
}

/// How a field changes, as a sign and a colour.
const fn sign<'a>(change: &Change<'_>, tokens: &'a Tokens) -> (&'static str, &'a Tone) {
    match (change.before, change.after) {
        (_, None) => ("−", &tokens.error),
        (None, _) => ("+", &tokens.success),
        _ => ("~", &tokens.edited),
    }
}
