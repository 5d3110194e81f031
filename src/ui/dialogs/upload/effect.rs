//! What an upload does to what is stored: how much is new, replaced, the same, and what would be lost.

use eframe::egui::{Align, CornerRadius, CursorIcon, Frame, Grid, Label, Layout, Margin, RichText, Sense, Stroke, Ui};

use super::{UploadForm, facts};
use crate::{
    domain::rows::RowSet,
    session::{Action, Comparison, Document, OpenDocument, UploadAction},
    ui::{
        fonts, parts,
        theme::{Tokens, Tone, radius, size, space},
        widgets,
    },
    upload::{Preview, WriteOptions},
};

/// Fields that are listed; and where lost ones stand above kept ones.
const FIELDS: usize = 5;
const FIELDS_OF_BOTH: usize = 3;
/// Characters of a field's path that are shown.
const PATH: usize = 60;

pub(super) fn show(ui: &mut Ui, document: &Document, form: &mut UploadForm, actions: &mut Vec<Action>) {
    let Some(comparison) = document.comparison() else {
        return;
    };
    ui.separator();
    ui.add_space(space::XS);
    ui.label(RichText::new("What is stored there").font(fonts::strong(size::BODY)));
    match &comparison.outcome {
        None => {
            waiting(ui, comparison);
            choices(ui, document, None, form);
        }
        Some(Err(reason)) => {
            let told = format!("It cannot be said what this replaces. {reason}");
            parts::complaint(ui, &told);
            choices(ui, document, None, form);
        }
        Some(Ok(preview)) => {
            found(ui, document, preview, form, actions);
            choices(ui, document, Some(preview), form);
        }
    }
}

fn waiting(ui: &mut Ui, comparison: &Comparison) {
    let (done, all) = (comparison.progress.done(), comparison.progress.total());
    let text = format!(
        "Comparing with what is stored: {} of {} rows",
        widgets::grouped(done),
        widgets::grouped(all)
    );
    let share = (all > 0).then(|| done as f32 / all as f32);
    widgets::progress(ui, share, &text);
    parts::note(
        ui,
        "A stored record with the same id is replaced whole. You need not wait.",
    );
}

fn found(ui: &mut Ui, document: &Document, preview: &Preview, form: &mut UploadForm, actions: &mut Vec<Action>) {
    let tokens = Tokens::current(ui);
    let merge = form.write_options.merge;
    let effect = preview.effect(merge);
    let name = if merge { "merged" } else { "replaced" };
    let losing = effect.losing.len();
    let colour = if losing > 0 { tokens.error.text } else { tokens.muted };
    facts::figures(
        ui,
        &[
            (preview.created.len(), "new", tokens.text),
            (effect.changed.len(), name, tokens.text),
            (effect.same.len(), "the same already", tokens.text),
            (losing, "lose fields", colour),
        ],
    );
    if preview.unknown > 0 {
        let text = format!(
            "{} {} {}, because such an id cannot be asked for",
            widgets::grouped(preview.unknown),
            if preview.unknown == 1 { "row is" } else { "rows are" },
            if merge { "left out" } else { "sent unseen" },
        );
        parts::note(ui, &text);
    }
    if losing > 0 {
        let noun = document.dataset.noun(losing);
        let why = if merge {
            "which the file empties"
        } else {
            "because a record is replaced whole"
        };
        let text = format!("{} {noun} would lose fields, {why}:", widgets::grouped(losing));
        fields(
            ui,
            document,
            (&tokens.error, &text),
            &effect.losses(),
            preview,
            form,
            actions,
        );
    }
    if merge {
        let (rows, kept) = preview.kept_by_merging();
        if !kept.is_empty() {
            let count = widgets::grouped(rows.len());
            let noun = document.dataset.noun(rows.len());
            let keep = if rows.len() == 1 { "keeps" } else { "keep" };
            let text = format!("{count} {noun} {keep} what the file does not have:");
            fields(ui, document, (&tokens.success, &text), &kept, preview, form, actions);
        }
    }
}

/// Fields that are lost or kept; a click shows a record with it.
fn fields(
    ui: &mut Ui,
    document: &Document,
    (tone, text): (&Tone, &str),
    all: &[(&str, RowSet)],
    preview: &Preview,
    form: &mut UploadForm,
    actions: &mut Vec<Action>,
) {
    let changed = &preview.effect(form.write_options.merge).changed;
    let most = if form.write_options.merge {
        FIELDS_OF_BOTH
    } else {
        FIELDS
    };
    let frame = Frame::new()
        .fill(tone.tint)
        .stroke(Stroke::new(1.0, tone.mark))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::same(space::S as i8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add(Label::new(RichText::new(text).color(tone.text)).wrap());
        ui.add_space(space::XS);
        ui.spacing_mut().interact_size.y = 18.0;
        let small = |text: String| RichText::new(text).font(fonts::regular(size::SMALL)).color(tone.text);
        let fields = Grid::new(text).num_columns(2).spacing([space::L, 2.0]);
        let clicked = fields.show(ui, |ui| {
            let mut clicked = None;
            for (path, rows) in all.iter().take(most) {
                let name = RichText::new(shorten(path))
                    .font(fonts::mono(size::SMALL))
                    .color(tone.text);
                let field = ui.add(Label::new(name).sense(Sense::click()));
                let field = field.on_hover_cursor(CursorIcon::PointingHand);
                if field.on_hover_text("Show a record with it").clicked() {
                    clicked = rows.intersection(changed).at_or_after(0);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(small(widgets::grouped(rows.len())));
                });
                ui.end_row();
            }
            clicked
        });
        // A record that only keeps fields does not change.
        if let Some(row) = clicked.inner.filter(|row| changed.contains(*row)) {
            form.compare.look_at(changed, row);
            actions.push(Action::Upload(UploadAction::Compare(document.id, row)));
        }
        if let Some(more) = all.len().checked_sub(most).filter(|more| *more > 0) {
            let fields = if more == 1 { "field" } else { "fields" };
            ui.label(small(format!("and {more} more {fields}")));
        }
    });
}

/// A path that fits into a line.
fn shorten(path: &str) -> String {
    if path.chars().count() <= PATH {
        return path.to_owned();
    }
    path.chars().take(PATH).chain(['…']).collect()
}

/// What is to be done about what is stored.
fn choices(ui: &mut Ui, document: &Document, preview: Option<&Preview>, form: &mut UploadForm) {
    ui.add_space(space::XS);
    ui.horizontal(|ui| {
        replace_or_merge(ui, form);
        if preview.is_some_and(|preview| !preview.effect(form.write_options.merge).changed.is_empty())
            && ui.add(widgets::quiet("Show what changes…")).clicked()
        {
            form.compare.open();
        }
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let same = preview.map_or(0, |preview| preview.effect(form.write_options.merge).same.len());
    let text = match same {
        0 => "Leave out records that are the same already".to_owned(),
        1 => "Leave out the one that is the same already".to_owned(),
        same => format!(
            "Leave out the {} {} that are the same already",
            widgets::grouped(same),
            document.dataset.noun(same)
        ),
    };
    ui.checkbox(&mut form.write_options.skip_identical, text);
    ui.checkbox(
        &mut form.write_options.keep_replaced,
        "Keep a copy of what is replaced, so that the upload can be undone",
    );
}

/// The choice between the two.
pub(super) fn replace_or_merge(ui: &mut Ui, form: &mut UploadForm) {
    let entries = [("Replace whole records", None), ("Merge with what is stored", None)];
    let chosen = ui.scope(|ui| widgets::tabs(ui, usize::from(form.write_options.merge), &entries));
    let told = "Merging keeps the fields that the file does not have; custom attributes are merged by key";
    chosen.response.on_hover_text(told);
    if let Some(chosen) = chosen.inner {
        form.write_options.merge = chosen == 1;
    }
}

/// How many records would be sent, as far as it is known.
pub(super) fn sent(document: &Document, write_options: WriteOptions) -> u64 {
    let preview = document.comparison().and_then(Comparison::preview);
    let not_sent = preview.map_or(0, |preview| {
        let same = preview.effect(write_options.merge).same.len();
        let same = if write_options.skip_identical { same } else { 0 };
        let unknown = if write_options.merge { preview.unknown } else { 0 };
        same + unknown
    });
    let sendable = document.open().map_or(0, OpenDocument::sendable_rows);
    sendable.saturating_sub(not_sent)
}
