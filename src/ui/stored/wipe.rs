//! A wipe while it runs, and what it did: that stays until it is put away.

use eframe::egui::{Align, Grid, Layout, RichText, Ui, vec2};

use crate::{
    domain::dataset::Dataset,
    message::WorkError,
    session::{Action, StoredAction, Wipe},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

pub(super) fn show(ui: &mut Ui, wipe: &Wipe, actions: &mut Vec<Action>) {
    let tokens = Tokens::current(ui);
    widgets::card(tokens).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        match &wipe.outcome {
            None => running(ui, wipe, actions),
            Some(outcome) => ended(ui, wipe, outcome, actions),
        }
    });
}

fn running(ui: &mut Ui, wipe: &Wipe, actions: &mut Vec<Action>) {
    let stopping = wipe.progress.is_cancelled();
    ui.horizontal(|ui| {
        widgets::title(ui, &format!("Deleting everything in {}", wipe.environment));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = if stopping { "Stopping…" } else { "Stop" };
            if ui.add_enabled(!stopping, widgets::secondary(text)).clicked() {
                actions.push(Action::Stored(StoredAction::CancelWipe));
            }
        });
    });
    let done = wipe.progress.done();
    let text = format!("{} deleted so far", widgets::grouped(done));
    widgets::progress(ui, wipe.progress.fraction(), &text);
    ui.ctx().request_repaint_after_secs(0.1);
}

fn ended(ui: &mut Ui, wipe: &Wipe, outcome: &[(Dataset, Result<u64, WorkError>)], actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        widgets::title(ui, &verdict(wipe, outcome));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(widgets::secondary("Dismiss")).clicked() {
                actions.push(Action::Stored(StoredAction::DismissWipe));
            }
        });
    });
    ui.add_space(space::XS);
    table(ui, wipe, outcome);
    for (dataset, result) in outcome {
        if let Err(reason) = result {
            parts::complaint(ui, &format!("{}: {reason}", dataset.title()));
        }
    }
}

/// One sentence that never says more than was counted.
fn verdict(wipe: &Wipe, outcome: &[(Dataset, Result<u64, WorkError>)]) -> String {
    let name = &wipe.environment;
    if wipe.progress.is_cancelled() {
        return format!("Deleting in {name} was stopped part way");
    }
    let failed =
        |(_, result): &(Dataset, Result<u64, WorkError>)| result.as_ref().is_err_and(|error| !error.is_unsupported());
    if outcome.iter().any(failed) {
        return format!("Not everything in {name} could be deleted");
    }
    match &wipe.after {
        None => format!("Deleted; counting what is left in {name}…"),
        Some(after) if after.iter().all(|(_, count)| *count == Some(0)) => format!("{name} is empty"),
        Some(after) if after.iter().any(|(_, count)| count.is_some_and(|count| count > 0)) => {
            format!("Some records are left in {name}; the server may still be deleting")
        }
        Some(_) => format!("Deleted; not all that is left in {name} can be counted"),
    }
}

fn table(ui: &mut Ui, wipe: &Wipe, outcome: &[(Dataset, Result<u64, WorkError>)]) {
    let tokens = Tokens::current(ui);
    let of = |list: &[(Dataset, Option<u64>)], dataset: Dataset| -> Option<u64> {
        list.iter()
            .find(|(other, _)| *other == dataset)
            .and_then(|(_, count)| *count)
    };
    ui.spacing_mut().interact_size.y = 20.0;
    Grid::new("wipe_counts")
        .num_columns(4)
        .min_col_width(88.0)
        .spacing([space::L, space::XS])
        .show(ui, |ui| {
            for head in ["", "Before", "Deleted", "Now"] {
                right(
                    ui,
                    RichText::new(head).font(fonts::strong(size::SMALL)).color(tokens.muted),
                );
            }
            ui.end_row();
            for dataset in Dataset::ALL {
                ui.label(dataset.title());
                let known = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), widgets::grouped);
                right(ui, RichText::new(known(of(&wipe.before, dataset))));
                let deleted = outcome.iter().find(|(other, _)| *other == dataset);
                match deleted {
                    Some((_, Ok(count))) => right(ui, RichText::new(widgets::grouped(*count))),
                    Some((_, Err(error))) if error.is_unsupported() => right(ui, RichText::new("unknown")),
                    Some((_, Err(_))) => right(ui, RichText::new("failed").color(tokens.error.text)),
                    None => right(ui, RichText::new("—")),
                }
                let now = wipe.after.as_ref().map_or_else(
                    || RichText::new("counting…").color(tokens.muted),
                    |after| RichText::new(known(of(after, dataset))).font(fonts::strong(size::BODY)),
                );
                right(ui, now);
                ui.end_row();
            }
        });
}

fn right(ui: &mut Ui, text: RichText) {
    ui.allocate_ui_with_layout(vec2(88.0, 20.0), Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_width(88.0);
        ui.label(text);
    });
}
