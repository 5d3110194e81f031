//! The table of old and new values of a column.

use std::collections::BTreeMap;

use eframe::egui::{Align, Button, Label, Layout, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};

use super::{line::ColumnLine, transforms::TransformChoice};
use crate::{
    domain::{proposal, sampled::Sampled, transform::Transform},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets::{self, grouped},
    },
};

/// A table that is being edited: every value that occurs, how often, and what it becomes; `None`: it stays.
#[derive(Debug)]
pub(super) struct Draft {
    rows: Vec<(String, u64, Option<String>)>,
    /// The names that the field allows; empty: any text.
    allowed: Vec<String>,
    /// The row whose choice is open. A list of its own in a popup would close the one around it.
    open: Option<usize>,
}

impl Draft {
    /// The values of a column with what they become now, or else probably mean.
    pub(super) fn new(line: &ColumnLine<'_>) -> Self {
        let part = line.mapping.part_with(line.at, None);
        let node = part.and_then(|part| part.node);
        let sample = line.view.samples.get(line.at);
        let known = match (&line.target.transform, node, sample) {
            (Some(Transform::Values(table)), ..) => table.clone(),
            (_, Some(node), Some(sample)) => proposal::values(node, sample),
            _ => BTreeMap::new(),
        };
        let find = |text: &str| {
            let same = |key: &&String| key.trim().to_lowercase() == text.trim().to_lowercase();
            known.keys().find(same).and_then(|key| known.get(key)).cloned()
        };
        let mut rows: Vec<(String, u64, Option<String>)> = Vec::new();
        for (cell, count) in sample.into_iter().flat_map(Sampled::values) {
            let text = cell.shown().trim().to_owned();
            let same = |row: &&mut (String, u64, Option<String>)| row.0.to_lowercase() == text.to_lowercase();
            if let Some(row) = rows.iter_mut().find(same) {
                row.1 += count;
            } else {
                let becomes = find(&text);
                rows.push((text, count, becomes));
            }
        }
        // Values of the table that the sample does not hold are kept.
        for (old, new) in &known {
            if !rows.iter().any(|row| row.0.to_lowercase() == old.trim().to_lowercase()) {
                rows.push((old.clone(), 0, Some(new.clone())));
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.1));
        let allowed = node.map(|node| node.allowed.clone()).unwrap_or_default();
        Self {
            rows,
            allowed,
            open: None,
        }
    }

    fn table(&self) -> BTreeMap<String, String> {
        let changed = self
            .rows
            .iter()
            .filter_map(|(old, _, new)| Some((old.clone(), new.clone()?)));
        changed.collect()
    }
}

/// Shows the table. Answers the transform when it is to be used.
pub(super) fn show(ui: &mut Ui, line: &ColumnLine<'_>, draft: &mut Option<Draft>) -> Option<TransformChoice> {
    let Some(table) = draft else { return None };
    let tokens = Tokens::current(ui);
    widgets::title(ui, &format!("Values of {}", line.name));
    parts::note(ui, "What each value becomes; the others are sent as they are");
    ui.add_space(space::S);
    let Draft { rows, allowed, open } = table;
    ScrollArea::vertical()
        .id_salt("values")
        .max_height(300.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for (at, (old, count, new)) in rows.iter_mut().enumerate() {
                ui.horizontal(|ui| {
                    ui.allocate_ui_with_layout(vec2(190.0, 28.0), Layout::left_to_right(Align::Center), |ui| {
                        ui.set_min_width(190.0);
                        ui.add(Label::new(RichText::new(old.as_str())).truncate());
                    });
                    ui.allocate_ui_with_layout(vec2(52.0, 28.0), Layout::right_to_left(Align::Center), |ui| {
                        ui.set_min_width(52.0);
                        let text = RichText::new(grouped(*count)).font(fonts::regular(size::SMALL));
                        ui.label(text.color(tokens.muted));
                    });
                    ui.label(RichText::new("→").color(tokens.muted));
                    becomes(ui, (at, old), allowed, new, open);
                });
                if *open == Some(at) && choices(ui, allowed, new) {
                    *open = None;
                }
            }
        });
    ui.add_space(space::S);
    let mut answer = None;
    let mut is_back = false;
    ui.horizontal(|ui| {
        let made = table.table();
        ui.add_enabled_ui(!made.is_empty(), |ui| {
            if ui.add(widgets::primary("Use these values")).clicked() {
                answer = Some(TransformChoice::Rewritten(Transform::Values(made)));
            }
        });
        is_back = ui.add(widgets::secondary("Back")).clicked();
    });
    if is_back || answer.is_some() {
        *draft = None;
    }
    answer
}

/// What a value becomes: one of the names that the field allows, behind a button, or any text.
fn becomes(
    ui: &mut Ui,
    (at, old): (usize, &str),
    allowed: &[String],
    new: &mut Option<String>,
    open: &mut Option<usize>,
) {
    let name = format!("What {old} becomes");
    if allowed.is_empty() {
        let mut text = new.clone().unwrap_or_default();
        let field = TextEdit::singleline(&mut text)
            .hint_text("stays")
            .margin(vec2(space::S, 6.0))
            .desired_width(150.0);
        if parts::named_field(ui, &name, field).changed() {
            *new = (!text.is_empty()).then_some(text);
        }
        return;
    }
    let shown = RichText::new(said(new.as_deref()));
    let shown = if new.is_none() {
        shown.color(Tokens::current(ui).muted)
    } else {
        shown
    };
    let button = Button::new(shown)
        .right_text(RichText::new("   "))
        .min_size(vec2(170.0, 24.0));
    let button = ui.add(button.selected(*open == Some(at)));
    parts::chevron(ui, button.rect.right_center() - vec2(space::M, 0.0));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if button.clicked() {
        *open = (*open != Some(at)).then_some(at);
    }
}

fn said(new: Option<&str>) -> &str {
    match new {
        None => "stays",
        Some("") => "no value",
        Some(name) => name,
    }
}

/// Everything a value can become; answers whether it was chosen.
fn choices(ui: &mut Ui, allowed: &[String], new: &mut Option<String>) -> bool {
    let mut is_chosen = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        ui.add_space(space::L);
        let fixed = [None, Some(String::new())];
        for choice in fixed.into_iter().chain(allowed.iter().cloned().map(Some)) {
            if ui
                .add(Button::selectable(choice == *new, said(choice.as_deref())))
                .clicked()
            {
                *new = choice;
                is_chosen = true;
            }
        }
    });
    is_chosen
}
